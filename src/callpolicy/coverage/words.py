"""What is told of coverage, in English and Chinese: how a point is to be seen, and why it was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.reports.relation_words import relation_words

CHINESE: Final = "zh-CN"
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "never_unknown": ("`known` is never unknown", "`known` 只有真和假，没有未知"),
    "always_known": (
        "`{fact}` is always known when this stage decides",
        "该阶段作决定时，`{fact}` 总是已知",
    ),
    "no_such_truth": ("no value of `{fact}` makes it {wanted}", "`{fact}` 的任何取值都不会使它为{wanted}"),
    "no_such_value": ("`{fact}` has no value {wanted} {mark}", "`{fact}` 没有{wanted} {mark} 的值"),
    "masked": (
        "what else the rule asks decides there, whatever this leaf is",
        "此处的结果由规则的其他条件决定，与这一项无关",
    ),
    "relation": ("the relation `{relation}` stands against it", "不符合事实之间的关系：{relation}"),
    "not_found": ("no example was found", "没有找到示例"),
    "in_the_way": ("no example was found; in the way: {relations}", "没有找到示例；受阻于：{relations}"),
    "only_blocked": (
        "only a scenario with a caller on the blocklist shows it",
        "只有来电人在黑名单上的场景才会出现",
    ),
    "nobody_says_it": ("no rule says it", "没有规则使用它"),
}  # fmt: skip
_WANTED: Final[Mapping[str, str]] = {
    "matched": "匹配",
    "true": "真",
    "false": "假",
    "unknown": "未知",
    "below": "低于",
    "at": "等于",
    "above": "高于",
    "rendered": "已呈现",
}
_TEXTS: Final[Mapping[str, str]] = {"because": "理由", "caller": "对客户的话术", "agent": "对坐席的提示"}
_SHOWN: Final[Mapping[str, str]] = {"example": "示例", "scenario": "场景"}


def reason_words(key: str, values: Mapping[str, str], language: str) -> str:
    """Why a point was not seen, or cannot be.

    Args:
        key: which of the reasons.
        values: what is filled in, as names.
        language: `zh-CN` for Chinese, else English.

    >>> reason_words("always_known", {"fact": "caller.class"}, "en")
    '`caller.class` is always known when this stage decides'
    """
    if language != CHINESE:
        return _REASONS[key][0].format_map(values)
    told = dict(values)
    if "wanted" in told:
        told["wanted"] = _WANTED[told["wanted"]]
    for name in ("relation", "relations"):
        if name in told:
            told[name] = "；".join(relation_words(each, language) for each in told[name].split(", "))
    return _REASONS[key][1].format_map(told)


def wanted_words(wanted: str, language: str) -> str:
    """How a point is to be seen.

    >>> wanted_words("below", "en"), wanted_words("below", "zh-CN")
    ('below', '低于')
    """
    return _WANTED[wanted] if language == CHINESE else wanted


def text_words(part: str, language: str) -> str:
    """Which text of a rule or script it is, and in which language.

    >>> text_words("because (en)", "zh-CN")
    '理由（en）'
    """
    name, _, of = part.partition(" ")
    return f"{_TEXTS[name]}（{of.strip('()')}）" if language == CHINESE and name in _TEXTS else part


def shown_words(shown_by: str, language: str) -> str:
    """The example or scenario that shows a point.

    >>> shown_words("example `warned`", "zh-CN")
    '示例 `warned`'
    """
    kind, _, name = shown_by.partition(" ")
    return f"{_SHOWN[kind]} {name}" if language == CHINESE and kind in _SHOWN else shown_by
