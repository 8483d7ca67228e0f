"""What can be wrong with a condition as such: it never holds, says something twice, or asks what nothing answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callpolicy.check.placing import Reader, readers
from callpolicy.check.rows import Rows
from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, leaves
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.policy import Bundle
from callpolicy.windows import History, Measure

SIGNALS_FACT: Final = "talk.signals"

_SATURATION: Final = History().saturation


def look_at_conditions(bundle: Bundle, rows: Rows) -> Iterator[Finding]:
    """Every finding about the conditions of rules and invariants.

    Args:
        bundle: the bundle.
        rows: takes the conditions apart.
    """
    counts = frozenset(window.fact for window in bundle.windows if window.measure is not Measure.SECONDS_SINCE)
    signals = frozenset(lexicon.signal for lexicon in bundle.lexicons)
    for reader in readers(bundle):
        yield from _never(reader, rows)
        yield from _twice(reader, reader.condition)
        for leaf in leaves(reader.condition):
            yield from _beyond_window(reader, leaf, counts)
            yield from _not_a_signal(reader, leaf, signals)
            if leaf.fact == "call.business_hours" and not bundle.settings.hours:
                message = f"{reader.name} reads `call.business_hours`, but no business hours are declared"
                hint = "write `business_hours:` into `policy.yaml`; without them the fact is never known"
                yield Finding("no-business-hours", message, leaf.span or reader.span, hint, severity=reader.fault)


def _never(reader: Reader, rows: Rows) -> Iterator[Finding]:
    if _is_dead(reader.condition, rows):
        what = "matches" if reader.name.startswith("rule") else "forbids anything that is known"
        yield _dead(reader, reader.condition, rows, "never-matches", f"{reader.name} never {what}", reader.fault)
        return
    for part in _dead_parts(reader.condition, rows):
        message = f"a part of {reader.name} is never true"
        yield _dead(reader, part, rows, "part-never-matches", message, Severity.WARNING)


def _is_dead(condition: Condition, rows: Rows) -> bool:
    """Whether a condition is never true, as far as literals on single facts tell."""
    possible = rows.true_rows(condition)
    if not possible or possible[0].exact:
        return not possible
    # WHY: a condition that is too large to be taken apart has parts that are not.
    match condition:
        case All(items):
            return any(_is_dead(item, rows) for item in items)
        case Any(items):
            return all(_is_dead(item, rows) for item in items)
        case _:
            return False


def _dead_parts(condition: Condition, rows: Rows) -> Iterator[Condition]:
    if isinstance(condition, Leaf):
        return
    for item in condition.items:
        if _is_dead(item, rows):
            yield item
        else:
            yield from _dead_parts(item, rows)


def _dead(reader: Reader, condition: Condition, rows: Rows, code: str, message: str, severity: Severity) -> Finding:
    clash = next((found for row in rows.of(condition) if (found := rows.clash(row)) is not None), None)
    if clash is None:
        return Finding(code, message, _span(condition) or reader.span, "correct the condition", severity=severity)
    leaf = clash[-1].leaf
    if len(clash) == 1:
        message += f": `{leaf.fact}` can have no value that makes `{leaf.op}` {'true' if clash[0].holds else 'false'}"
        hint = "look at which values the fact can have, or delete this item"
    else:
        message += f": what it asks of `{leaf.fact}` excludes itself"
        hint = "correct a value, or put the alternatives below `any:` instead of `all:`"
    return Finding(code, message, leaf.span or reader.span, hint, severity=severity)


def _span(condition: Condition) -> SourceSpan | None:
    return next((leaf.span for leaf in leaves(condition)), None)


def _twice(reader: Reader, condition: Condition) -> Iterator[Finding]:
    if isinstance(condition, Leaf):
        return
    seen: set[Condition] = set()
    for item in _flat(condition):
        if item in seen:
            what = f"the item on `{item.fact}`" if isinstance(item, Leaf) else "the same group of items"
            message = f"{reader.name} says {what} twice"
            place = _span(item) or reader.span
            yield Finding(
                "duplicate-condition", message, place, "delete one of the two; nothing changes", severity=Severity.NOTE
            )
        seen.add(item)
        yield from _twice(reader, item)


def _flat(condition: All | Any | Not) -> Iterator[Condition]:
    """The items of a group, with those of groups in it that mean the same."""
    for item in condition.items:
        # INVARIANT: `not` means none of: an `any` in it adds nothing.
        inside = Any if isinstance(condition, Not) else type(condition)
        if isinstance(item, inside):
            yield from _flat(item)
        else:
            yield item


def _beyond_window(reader: Reader, leaf: Leaf, counts: frozenset[str]) -> Iterator[Finding]:
    operand = leaf.operand
    if isinstance(operand, FactRef):
        if leaf.fact in counts and operand.name in counts:
            message = f"{reader.name} compares the windows `{leaf.fact}` and `{operand.name}` with each other"
            hint = "compare each with a number: of a caller who calls very often not all calls are kept"
            yield Finding("windows-compared", message, leaf.span or reader.span, hint, severity=reader.fault)
        return
    if leaf.fact not in counts or leaf.op is Op.KNOWN:
        return
    values = operand if isinstance(operand, tuple) else (operand,)
    if any(not isinstance(value, str) and value >= _SATURATION for value in values):
        message = f"{reader.name} compares `{leaf.fact}` with {_SATURATION} or more, which is not counted exactly"
        hint = f"write a number below {_SATURATION}; so many calls of one caller are beyond any threshold"
        yield Finding("operand-beyond-window", message, leaf.span or reader.span, hint, severity=reader.fault)


def _not_a_signal(reader: Reader, leaf: Leaf, signals: frozenset[str]) -> Iterator[Finding]:
    if leaf.fact != SIGNALS_FACT or leaf.op not in {Op.HAS, Op.HAS_ANY}:
        return
    operand = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    for signal in operand:
        if signal not in signals:
            # WHY not an error without any: a host may give the signals with the facts it wants decided.
            severity = reader.fault if signals else Severity.WARNING
            message = f"{reader.name} waits for the signal `{signal}`, which no lexicon raises"
            hint = "write a word list for it into `lexicons/`, or correct the name"
            yield Finding("unknown-signal", message, leaf.span or reader.span, hint, severity=severity)
