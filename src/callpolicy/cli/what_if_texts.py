"""What `what-if` and `explain --why-not` say, in their two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.cli.options import Language

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "what_if": ("What if: `{point}`", "如果：{point}"),
    "to": ("What leads to `{effect}`", "怎样会得到 {effect}"),
    "what": ("what", "内容"),
    "before": ("before", "改前"),
    "after": ("after", "改后"),
    "rules": ("rules", "规则"),
    "held_by": ("held by", "从宽依据"),
    "acted": ("invariants that acted", "起作用的底线规则"),
    "hidden": ("hidden by protection", "因受保护而未采取"),
    "obligations": ("obligations", "须做"),
    "say": ("say", "话术"),
    "tell_agent": ("to the agent", "提示坐席"),
    "default": ("default", "默认"),
    "same": ("the decision stays the same", "决定不变"),
    "differs": ("≠ marks what differs", "≠ 表示有变化"),
    "broken": (
        "such facts cannot be together: {names}",
        "这样的事实不可能同时出现：{names}",
    ),
    "matches": ("it would match after", "改变以下事实后匹配"),
    "determines": ("it would determine the effect after", "改变以下事实后决定结果"),
    "leads": ("it would come to that after:", "改变以下事实后即可："),
    "already": ("nothing needs to change", "无需改变"),
    "none": ("no change of up to {most} facts does it", "改变不超过 {most} 个事实都做不到"),
    "not_enforced": (
        "the rule is not enforced, so that it determines nothing",
        "该规则未执行，不会决定任何结果",
    ),
    "or": ("or", "或"),
}  # fmt: skip


def said(key: str, language: Language, **values: object) -> str:
    """One of the texts, with its values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)
