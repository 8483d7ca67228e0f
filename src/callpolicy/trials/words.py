"""What is told of examples and scenarios that are not as expected, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # examples
    "example_value": (
        "example `{name}` gives `{fact}` a value that it cannot have: {code}",
        "示例 `{name}` 给 `{fact}` 的值不可用：{code}",
    ),
    "example_fails": (
        "example `{name}` expects {expected}, but the rule comes to {came}",
        "示例 `{name}` 期望{expected}，规则得出的却是{came}",
    ),
    "leaf_came": ("`{leaf}` comes to {came}", "`{leaf}` 为{came}"),
    "undecided": ("undecided, because {leaves}", "无法判定，因为 {leaves}"),
    "leaf_alone": (
        "rule `{rule}`: no example shows the leaf on `{fact}` deciding alone ({missing})",
        "规则 `{rule}`：没有示例表明关于 `{fact}` 的条件项单独起决定作用（{missing}）",
    ),
    "leaf_alone_hint": (
        "add an example in which only this leaf keeps the rule from the other outcome",
        "请加一个示例：只有这一个条件项使规则不得出相反的结果",
    ),
    "and": (" and ", "、"),
    "apart": ("; ", "；"),
    "match": ("match", "匹配 match"),
    "no_match": ("no_match", "不匹配 no_match"),
    "undetermined": ("undetermined", "无法判定 undetermined"),
    "true": ("true", "真"),
    "false": ("false", "假"),
    "unknown": ("unknown", "未知"),
    # scenarios
    "scenario": ("scenario `{id}`: {what}", "场景 `{id}`：{what}"),
    "expects_nothing": ("scenario `{id}` expects nothing", "场景 `{id}` 没有写任何期望"),
    "placed": ("at {at}, call `{call}`: {what}", "{at} 时，通话 `{call}`：{what}"),
    "of_stage": ("stage `{stage}`: {what}", "阶段 `{stage}`：{what}"),
    "no_say": (
        "stage `{stage}` decides nothing at this point, only {stages} do",
        "阶段 `{stage}` 此时不作决定，只有{stages} 作决定",
    ),
    "no_decision": ("something is expected, but no decision was made yet", "写了期望，但此时还没有作出决定"),
    "not_taken": ("`{event}` cannot be taken in: {why}", "不能接收事件 `{event}`（代码 {code}）"),
    "decision_failed": ("the decision failed: {parts}", "作决定时出错：{parts}"),
    "differs": ("{key} is {came}, expected {wanted}", "{key}实际为{came}，期望为{wanted}"),
    "fact_differs": ("fact `{key}` is {came}, expected {wanted}", "事实 `{key}` 实际为{came}，期望为{wanted}"),
    "nothing": ("nothing", "无"),
}  # fmt: skip

_KEYS: Final[Mapping[str, str]] = {
    "effect": "处理",
    "class": "客户类别",
    "kind": "类型",
    "by": "执行者",
    "term": "期限",
    "to": "转给",
    "say": "话术",
    "default": "默认结果",
    "determining": "决定性规则",
    "held_by": "从宽依据",
    "invariants": "起作用的底线规则",
    "hidden": "因受保护而未采取的处理",
    "obligations": "须做事项",
    "recheck_at": "复核时刻",
    "screen": "接入阶段的处理",
    "hangup": "挂机阶段的处理",
    "blocklist": "黑名单阶段的处理",
}
CHINESE: Final = "zh-CN"


def say(key: str, language: str, /, **values: object) -> str:
    """One of the texts, with its values filled in.

    Args:
        key: which.
        language: `zh-CN` for Chinese, else English.
        values: what stands between its braces.

    >>> say("example_fails", "en", name="a", expected="match", came="no_match")
    'example `a` expects match, but the rule comes to no_match'
    """
    return _TEXTS[key][language == CHINESE].format_map(values)


def key_words(key: str, language: str) -> str:
    """A key of an expectation; for a Chinese reader with what it means.

    >>> key_words("effect", "en"), key_words("effect", "zh-CN")
    ('effect', '处理（effect）')
    """
    return f"{_KEYS[key]}（{key}）" if language == CHINESE and key in _KEYS else key
