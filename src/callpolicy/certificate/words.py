"""Why a norm must not go live, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"

STEP_WORDS: Final[Mapping[str, str]] = {
    "check": "检查",
    "examples": "示例",
    "scenarios": "场景",
    "matchers": "匹配器",
    "coverage": "覆盖",
    "proofs": "证明",
    "analysis": "分析",
}
"""The steps of a certificate in Chinese."""

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "not_proved": ("the invariant `{id}` is not proved", "底线规则 `{id}` 未得到证明"),
    "no_warning": (
        "a sequence of events leads to a hang-up without a warning",
        "存在没有提醒就挂机的事件序列",
    ),
    "cannot_hold": ("the solver cannot hold: {what}: `{fact}`", "求解器无法处理：{what}：`{fact}`"),
    "missing": ("{why}", "证明需要扩展 `{extra}`：pip install 'callpolicy[{extra}]'"),
}  # fmt: skip
_UNSUPPORTED: Final[Mapping[str, str]] = {
    "the fact is declared in two ways": "同一事实有两种声明",
    "who calls is compared with another fact, and a pilot takes a share": (
        "来电人与另一个事实比较，而试点只覆盖一部分来电人"
    ),
    "facts of different types are compared": "比较了不同类型的事实",
    "a condition names no fact of the catalogue": "条件中写的不是目录中的事实",
}
_WITH_OPERATOR: Final = " with an operand of another type"


def both(key: str, **values: str) -> dict[str, str]:
    """One of the texts in both languages, with its values filled in."""
    english, chinese = _TEXTS[key]
    told = dict(values)
    if "what" in told:
        told["what"] = _unsupported(told["what"])
    return {ENGLISH: english.format_map(values), CHINESE: chinese.format_map(told)}


def _unsupported(what: str) -> str:
    if what.endswith(_WITH_OPERATOR):
        return f"{what.removesuffix(_WITH_OPERATOR)} 的操作数类型不符"
    return _UNSUPPORTED.get(what, what)
