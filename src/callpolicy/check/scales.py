"""The values that stand for all values of a fact: between two operands no comparison changes.

Facts that are compared with each other share one scale, and between two operands it has as many values as there are
such facts (or all, if there are fewer), so that every order of them can be had. So the finite search is exact.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Final

from callpolicy.condition import FactRef, Leaf, Op, Scalar
from callpolicy.facts import Fact, FactType, accept
from callpolicy.instants import LATEST

_INT64: Final = 1 << 63
_LARGEST: Final = math.nextafter(math.inf, 0)
_SECOND: Final = 1_000_000
_STEPS: Final[Mapping[FactType, tuple[int | float, ...]]] = {
    FactType.INT: (1,),
    FactType.DURATION: (_SECOND, 1_000, 1),
    FactType.TIMESTAMP: (_SECOND, 1_000, 1),
    FactType.FLOAT: (1.0, 0.1, 0.001),
}
_NUMBERS: Final = frozenset(_STEPS)
_TEXTS: Final = frozenset({FactType.STR, FactType.ENUM})
# WHY the last: a letter of no language, so no operand has it.
_ENDINGS: Final = ("other", "x", "~", "\U0010ffff")
_TRIES: Final = 64


@dataclass(frozen=True, slots=True)
class Scale:
    """Values in their order, and which of them one fact can have.

    Args:
        values: the values that stand for all, in order; facts that are compared share them.
        allowed: positions of those that this fact can have.
        group: name of the scale; facts that share it have the same.
    """

    values: tuple[Scalar, ...]
    allowed: frozenset[int]
    group: str


def scales(facts: Sequence[Fact], leaves: Iterable[Leaf]) -> tuple[dict[str, Scale], tuple[str, ...]]:
    """The scales of facts, and which of them cannot be had.

    Args:
        facts: declarations of all facts that the leaves name; sets of texts have no scale.
        leaves: every comparison that is to be told apart.

    Returns:
        fact name to scale; and the names of facts that are compared with a fact of another type.
    """
    by_name = {fact.name: fact for fact in facts if fact.type is not FactType.STR_SET}
    of_fact: defaultdict[str, list[Leaf]] = defaultdict(list)
    groups = {name: {name} for name in by_name}
    for leaf in dict.fromkeys(leaves):
        of_fact[leaf.fact].append(leaf)
        if isinstance(leaf.operand, FactRef) and leaf.fact in by_name and leaf.operand.name in by_name:
            merged = groups[leaf.fact] | groups[leaf.operand.name]
            groups.update(dict.fromkeys(merged, merged))
    made: dict[str, Scale] = {}
    mixed: list[str] = []
    for members in {frozenset(group) for group in groups.values()}:
        names = sorted(members)
        own = [by_name[name] for name in names]
        if len({_sort(fact.type) for fact in own}) > 1:
            mixed += names
            continue
        values = tuple(_values(own, [leaf for name in names for leaf in of_fact[name]]))
        for fact in own:
            allowed = frozenset(position for position, value in enumerate(values) if can_be(fact, value))
            made[fact.name] = Scale(values, allowed, names[0])
    return made, tuple(sorted(mixed))


def can_be(fact: Fact, value: Scalar) -> bool:
    """Whether a fact can have a value at all."""
    return accept(fact, value)[0] is not None


def _sort(kind: FactType) -> str:
    return "text" if kind in _TEXTS else str(kind)


def _values(facts: Sequence[Fact], leaves: Sequence[Leaf]) -> Iterator[Scalar]:
    kind = facts[0].type
    if kind is FactType.BOOL:
        yield from (False, True)
    elif kind in _NUMBERS:
        yield from _numbers(facts, leaves)
    else:
        yield from _texts(facts, leaves)


def _constants(leaf: Leaf) -> tuple[Scalar, ...]:
    if leaf.op is Op.KNOWN or isinstance(leaf.operand, FactRef):
        return ()
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)


def _texts(facts: Sequence[Fact], leaves: Sequence[Leaf]) -> list[str]:
    whole = {text for fact in facts for text in fact.values}
    starts = {""}
    for leaf in leaves:
        (starts if leaf.op is Op.STARTS_WITH else whole).update(
            each for each in _constants(leaf) if isinstance(each, str)
        )
    found = set(whole)
    if any(fact.type is FactType.STR for fact in facts):
        for start in starts:
            found.update(_others(start, whole, starts, len(facts)))
    return sorted(found)


def _others(start: str, whole: set[str], starts: set[str], number: int) -> Iterator[str]:
    """So many texts that begin so, are none of those written, and begin with nothing longer that is."""
    longer = tuple(each for each in starts if each != start and each.startswith(start))
    for ending in _ENDINGS:
        tries = (f"{start}{ending}{place or ''}" for place in range(_TRIES * number + len(whole)))
        fit = [text for text in tries if text not in whole and not text.startswith(longer)][:number]
        if len(fit) == number:
            yield from fit
            return


def _numbers(facts: Sequence[Fact], leaves: Sequence[Leaf]) -> Iterator[int | float]:
    bounds = {bound for fact in facts for bound in _bounds(fact)}
    written = {each for leaf in leaves for each in _constants(leaf) if isinstance(each, int | float)}
    low, high = min(bounds), max(bounds)
    marks = sorted(mark for mark in bounds | written if low <= mark <= high)
    kind = facts[0].type
    for mark, after in pairwise([*marks, marks[-1]]):
        point = float(mark) if kind is FactType.FLOAT else math.floor(mark)
        if point == mark:
            yield point
        if mark < after:
            yield from _between(mark, after, len(facts), kind)


def _bounds(fact: Fact) -> tuple[int | float, int | float]:
    match fact.type:
        case FactType.FLOAT:
            low, high = -_LARGEST, _LARGEST
        case FactType.TIMESTAMP:
            low, high = 0, LATEST
        case _:
            low, high = -_INT64, _INT64 - 1
    return (
        low if fact.minimum is None else max(low, fact.minimum),
        high if fact.maximum is None else min(high, fact.maximum),
    )


def _between(low: int | float, high: int | float, number: int, kind: FactType) -> list[int | float]:
    """So many values strictly between two, or all of them if there are fewer."""
    base = low if kind is FactType.FLOAT else math.floor(low)
    for step in _STEPS[kind]:
        steps = [base + step * place for place in range(1, number + 1)]
        if all(left < right for left, right in pairwise([low, *steps, high])):
            return steps
    following: Iterator[int | float] = _floats_after(low) if kind is FactType.FLOAT else count(math.floor(low) + 1)
    found: list[int | float] = []
    for value in following:
        if value >= high or len(found) == number:
            return found
        found.append(value)
    return found


def _floats_after(low: int | float) -> Iterator[float]:
    value = float(low)
    while True:
        if value > low:
            yield value
        value = math.nextafter(value, math.inf)
