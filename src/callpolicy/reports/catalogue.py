"""The catalogue of facts as people read it: tables, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not
from callpolicy.facts import Catalogue, Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.instants import duration_text

NAMESPACES: Final = {
    "caller": ("Who is calling", "谁在来电"),
    "call": ("This call", "本次来电"),
    "talk": ("What has happened in this conversation", "本次通话中发生的事"),
    "case": ("The complaint case", "投诉个案"),
    "block": ("The list entry that covers this caller", "覆盖该来电人的名单条目"),
    "history": ("Windows over other calls of the same caller", "同一来电人其他来电的窗口"),
    "host": ("What the host (the IVR) gives", "由宿主系统（IVR）给出"),
}
"""What the namespaces are for, in English and Chinese."""

_ALL: Final = 1_000


def allowed(fact: Fact, most: int = 8) -> str:
    """What values a fact can have, in short.

    Args:
        fact: the fact.
        most: how many words are listed at most.
    """
    if fact.values:
        shown = ", ".join(fact.values[:most])
        return shown + (", …" if len(fact.values) > most else "")
    low, high = (_bound(fact, each) for each in (fact.minimum, fact.maximum))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"up to {high}" if high else ""


def _bound(fact: Fact, bound: float | None) -> str:
    if bound is None:
        return ""
    return duration_text(int(bound)) if fact.type is FactType.DURATION else str(bound)


def condition_text(condition: Condition) -> str:
    """A condition over facts in one line.

    >>> from callpolicy.condition import Op
    >>> condition_text(Any((Not((Leaf("caller.withheld", Op.IS, True),)), Leaf("caller.number", Op.KNOWN, False))))
    'not (caller.withheld is true) or caller.number known false'
    """
    match condition:
        case Leaf(fact, op, operand):
            if isinstance(operand, FactRef):
                shown = operand.name
            else:
                shown = str(operand).lower() if isinstance(operand, bool) else str(operand)
            return f"{fact} {op} {shown}"
        case All(items):
            return " and ".join(condition_text(item) for item in items)
        case Any(items):
            return " or ".join(condition_text(item) for item in items)
        case Not(items):
            return "not (" + " and ".join(condition_text(item) for item in items) + ")"


def catalogue_page(catalogue: Catalogue) -> str:
    """The page about every fact, in Markdown, English and Chinese side by side."""
    own = [fact for fact in catalogue if fact.name not in BUILTIN]
    lines = [
        "# The catalogue of facts · 事实目录",
        "",
        "This page is made by `callpolicy facts --markdown`; do not edit it.",
        "本页由 `callpolicy facts --markdown` 生成，请勿手工修改。",
        "",
        f"{len(BUILTIN)} facts are built in; {len(own)} more are declared by the starter norm. What is not known has",
        "no value, and a leaf on it is neither true nor false. Durations are written `2s`, `30m`, `24h`, `30d`;",
        "instants in RFC 3339. A personal fact is shown masked.",
        "",
        f"内置事实 {len(BUILTIN)} 个，入门规范另外声明 {len(own)} 个。未知的事实没有值，对它的条件既不为真也不为假。",
        "时长写作 `2s`、`30m`、`24h`、`30d`，时刻按 RFC 3339 书写。涉及个人的事实只以掩码显示。",
    ]
    lines += ["", "## Built-in facts · 内置事实", *_sections(BUILTIN)]
    if own:
        lines += ["", "## Facts that the norm declares · 规范声明的事实", *_sections(own)]
    lines += [
        "",
        "## Relations that always hold · 恒成立的关系",
        "",
        "No call can make one of them false; each may be unknown.",
        "任何来电都不会使其中之一为假，但可能未知。",
        "",
        "| name | holds |",
        "|---|---|",
        *(f"| `{relation.name}` | `{condition_text(relation.holds)}` |" for relation in catalogue.relations),
    ]
    return "\n".join(lines) + "\n"


def _sections(facts: Iterable[Fact]) -> Iterator[str]:
    by_namespace: dict[str, list[Fact]] = {}
    for fact in facts:
        by_namespace.setdefault(fact.name.partition(".")[0], []).append(fact)
    for namespace, group in by_namespace.items():
        english, chinese = NAMESPACES.get(namespace, ("Host facts", "宿主系统的事实"))
        yield from ("", f"### `{namespace}.*` {english} · {chinese}", "")
        yield "| fact | type | values | what it says | 含义 | known from | privacy |"
        yield "|---|---|---|---|---|---|---|"
        for fact in group:
            moves = f"; time moves it: {fact.anchor}" if fact.anchor else ""
            yield (
                f"| `{fact.name}` | {fact.type} | {allowed(fact, _ALL)} | {fact.title.get('en', '')}{moves} "
                f"| {fact.title.get('zh-CN', '')} | {fact.known_from} | {fact.privacy} |"
            )
