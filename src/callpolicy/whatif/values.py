"""Which other values of a fact are worth a try: one for each way in which the conditions can tell them apart.

WHY that is all: between two neighbouring operands no leaf changes its truth, so the ends of each stretch stand for it,
and the end that is nearest to the value of now is the nearest of all. Facts that are compared with each other share
their ends.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any as AnyValue
from typing import Final

from callpolicy.condition import FactRef, Leaf, Op
from callpolicy.facts import Catalogue, Fact, FactType, Origin, Value, accept
from callpolicy.matchers.reference import leaf_truth
from callpolicy.points import DecisionPoint

_POINTS: Final = tuple(DecisionPoint)
_OTHER: Final = "other"
_APART: Final = frozenset({Op.MORE_THAN, Op.LESS_THAN, Op.IS_NOT})
_NUMBERS: Final = frozenset({FactType.INT, FactType.DURATION, FactType.TIMESTAMP, FactType.FLOAT})
_MOST_APART: Final = 3


class Values:
    """The values worth a try, for the leaves of some conditions. Immutable as far as a caller can see.

    Args:
        leaves: every leaf that matters, those of relations too.
        catalogue: the facts that they name.
        point: the decision point; what cannot be known there is left alone.
        keep: names of facts that are to stay as they are.
    """

    def __init__(
        self, leaves: Iterable[Leaf], catalogue: Catalogue, point: DecisionPoint, keep: Iterable[str] = ()
    ) -> None:
        self._catalogue = catalogue
        self._keep = frozenset(keep)
        self._point = _POINTS.index(point)
        own: defaultdict[str, dict[Leaf, None]] = defaultdict(dict)
        self._groups: dict[str, set[str]] = {}
        for leaf in leaves:
            own[leaf.fact][leaf] = None
            self._groups.setdefault(leaf.fact, {leaf.fact})
            if isinstance(leaf.operand, FactRef):
                own[leaf.operand.name][leaf] = None
                self._join(leaf.fact, leaf.operand.name)
        self._leaves: Mapping[str, tuple[Leaf, ...]] = {name: tuple(each) for name, each in own.items()}
        self.facts = tuple(sorted(name for name in self._leaves if self._is_open(name)))

    def _join(self, one: str, other: str) -> None:
        joined = self._groups.get(one, {one}) | self._groups.get(other, {other})
        for name in joined:
            self._groups[name] = joined

    def _is_open(self, name: str) -> bool:
        fact = self._catalogue.get(name)
        if fact is None or fact.origin is Origin.ENGINE or name in self._keep:
            return False
        return _POINTS.index(fact.known_from) <= self._point

    def may_be_unknown(self, name: str) -> bool:
        """Whether becoming unknown is worth a try: a condition asks whether the fact is known."""
        return any(leaf.op is Op.KNOWN for leaf in self._leaves[name])

    def elements(self, name: str) -> frozenset[str]:
        """The elements of a set that a condition asks for."""
        return frozenset(
            str(each) for leaf in self._leaves[name] for each in _constants(leaf) if leaf.op is not Op.KNOWN
        )

    def others(self, name: str, values: Mapping[str, Value], at: int) -> tuple[Value | None, ...]:
        """The values of a fact that are worth a try, the nearest first; not for sets.

        Args:
            name: the fact; one of `facts`.
            values: what is known now.
            at: the instant; what a time that is unknown is counted from.
        """
        fact = self._catalogue[name]
        now = values.get(name)
        tried: list[Value | None] = list(self._ordered(fact, values, now, at))
        if now is not None and self.may_be_unknown(name):
            tried.append(None)
        if len(self._groups[name]) > 1:
            return tuple(tried)
        return tuple(self._told_apart(name, tried, now))

    def ranks(self, name: str, values: Mapping[str, Value], at: int) -> dict[Value | None, int]:
        """The same values, each with how near it is among them: 0 is the nearest, and equally near ones are equal."""
        fact, others = self._catalogue[name], self.others(name, values, at)
        now = values.get(name)
        start = _start(fact, at) if not isinstance(now, int | float) else now
        # WHY by the type: True is an int too, and is as far from False as any text from another.
        counted = fact.type in _NUMBERS
        far = {
            each: math.inf if each is None else abs(each - start) if counted and isinstance(each, int | float) else 0.0
            for each in others
        }
        steps = {distance: place for place, distance in enumerate(sorted(set(far.values())))}
        return {each: steps[distance] for each, distance in far.items()}

    def _told_apart(self, name: str, tried: Iterable[Value | None], now: Value | None) -> Iterator[Value | None]:
        leaves = self._leaves[name]
        seen = {_truths(leaves, name, now)}
        for value in tried:
            truths = _truths(leaves, name, value)
            if truths not in seen:
                seen.add(truths)
                yield value

    def _ordered(self, fact: Fact, values: Mapping[str, Value], now: Value | None, at: int) -> Iterator[Value]:
        # WHY by kind too: True == 1, and a fact holds one kind only.
        taken = {} if now is None else {now: None}
        for raw in self._raw(fact, values, now, at):
            value, code = accept(fact, raw)
            if not code and value is not None and value not in taken:
                taken[value] = None
                yield value

    def _raw(self, fact: Fact, values: Mapping[str, Value], now: Value | None, at: int) -> Iterator[AnyValue]:
        match fact.type:
            case FactType.BOOL:
                yield from (True, False)
            case FactType.ENUM:
                yield from fact.values
            case FactType.STR:
                yield from self._texts(fact.name, values)
            case FactType.STR_SET:
                raise AssertionError("a set is changed element by element")
            case _:
                start = _start(fact, at) if not isinstance(now, int | float) else now
                marks = {start, *self._marks(fact, values, at)}
                yield from sorted(marks, key=lambda each: (abs(each - start), each))

    def _marks(self, fact: Fact, values: Mapping[str, Value], at: int) -> Iterator[AnyValue]:
        group = sorted(self._groups[fact.name])
        leaves = [leaf for name in group for leaf in self._leaves[name]]
        paired = len(group) > 1
        strict = paired and any(leaf.op in _APART and isinstance(leaf.operand, FactRef) for leaf in leaves)
        marks = [each for leaf in leaves if leaf.op is not Op.KNOWN for each in _constants(leaf)]
        # WHY the ends of the others too: a fact that changes with them may have to be beside where they go.
        for each in (self._catalogue[name] for name in group):
            marks += [bound for bound in (each.minimum, each.maximum) if bound is not None]
            marks += [values[each.name]] if paired and each.name in values else [_start(each, at)]
        for mark in marks:
            if isinstance(mark, int | float):
                yield from _around(fact, mark, _MOST_APART if strict else 1)

    def _texts(self, name: str, values: Mapping[str, Value]) -> Iterator[str]:
        group = self._groups[name]
        leaves = [leaf for each in sorted(group) for leaf in self._leaves[each]]
        known = [str(each) for leaf in leaves if leaf.op is not Op.KNOWN for each in _constants(leaf)]
        yield from known
        yield from (str(values[each]) for each in sorted(group) if each in values)
        starts = [str(leaf.operand) for leaf in leaves if leaf.op is Op.STARTS_WITH]
        for number in range(1 if len(group) == 1 else _MOST_APART):
            for start in ("", *starts):
                yield _unlike(start, known, number)


def _unlike(start: str, known: list[str], number: int) -> str:
    """A text with that beginning that nobody wrote."""
    text = f"{start}{_OTHER}{number + 1 if number else ''}"
    while any(each and each != start and not start.startswith(each) and text.startswith(each) for each in known):
        text = f"{start}-{text.removeprefix(start)}"
    while text in known:
        text += "-"
    return text


def _truths(leaves: tuple[Leaf, ...], name: str, value: Value | None) -> tuple[object, ...]:
    given: dict[str, Value] = {} if value is None else {name: value}
    return tuple(leaf_truth(leaf, given) for leaf in leaves)


def _constants(leaf: Leaf) -> tuple[AnyValue, ...]:
    if isinstance(leaf.operand, FactRef):
        return ()
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)


def _around(fact: Fact, mark: int | float, apart: int) -> Iterator[AnyValue]:
    if fact.type is not FactType.FLOAT:
        whole = math.floor(mark)
        yield from range(whole - apart, whole + apart + 1)
        return
    low = high = float(mark)
    yield low
    for _ in range(apart):
        low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
        yield from (low, high)


def _start(fact: Fact, at: int) -> AnyValue:
    """What the values of a fact that is unknown are counted from."""
    if fact.type is FactType.TIMESTAMP:
        return at
    low = 0 if fact.minimum is None else max(fact.minimum, 0)
    start = low if fact.maximum is None else min(low, fact.maximum)
    return float(start) if fact.type is FactType.FLOAT else start
