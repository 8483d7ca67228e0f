"""When to look again: the first instant at which time alone changes the truth of a leaf.

Between events only those facts change that time moves, and their courses say how. So what holds now holds until one
instant that can be known now, and one timer is enough.

Units: instants and durations are integers, microseconds.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from callpolicy.condition import FactRef, Leaf, Op, Truth
from callpolicy.facts import Catalogue, Course, Snapshot, Value
from callpolicy.windows import Elapsed, Steps

# WHY a number: beside instants it compares without a case of its own.
_NEVER: Final = 1 << 200


class Recheck:
    """The leaves that a decision depends on, ready to say when the first of them changes.

    Instances are immutable as far as a caller can see, and may be used from several threads.

    Args:
        leaves: every leaf that matters; their operands have been checked against the catalogue.
        catalogue: the facts that they name.

    Raises:
        ValueError: a leaf names a fact that is not in the catalogue.

    >>> from callpolicy.facts.builtin import BUILTIN
    >>> quiet = Recheck([Leaf("talk.quiet_for", Op.AT_LEAST, 2_000_000)], BUILTIN)
    >>> quiet.first(Snapshot(9_000_000, {"talk.quiet_for": 500_000}, {"talk.quiet_for": Elapsed(8_500_000, None)}))
    10500000
    """

    __slots__ = ("_pairs", "_scales")

    def __init__(self, leaves: Iterable[Leaf], catalogue: Catalogue) -> None:
        own: defaultdict[str, list[Leaf]] = defaultdict(list)
        pairs: list[tuple[Leaf, str]] = []
        # WHY a dict: an ordered set; many rules share a leaf.
        for leaf in dict.fromkeys(leaves):
            if leaf.fact not in catalogue:
                raise ValueError(f"leaf names no fact of the catalogue: `{leaf.fact}`")
            if isinstance(leaf.operand, FactRef):
                pairs.append((leaf, leaf.operand.name))
            else:
                own[leaf.fact].append(leaf)
        self._pairs = tuple(pairs)
        self._scales: Mapping[str, _Scale] = {name: _Scale(tuple(on_fact)) for name, on_fact in own.items()}

    @property
    def facts(self) -> frozenset[str]:
        """The facts of the leaves: how others go on is of no account."""
        paired = {name for leaf, other in self._pairs for name in (leaf.fact, other)}
        return frozenset(self._scales) | paired

    def first(self, snapshot: Snapshot, courses: Mapping[str, Course] | None = None) -> int | None:
        """The first instant after the snapshot's at which a leaf changes its truth if no event comes.

        Args:
            snapshot: the facts now.
            courses: how facts go on; by default those of the snapshot.

        Returns:
            an instant: every leaf keeps its truth before it, and one has another truth at it. `None` if none changes.
        """
        if courses is None:
            courses = snapshot.courses
        first = _NEVER
        for name, course in courses.items():
            scale = self._scales.get(name)
            if scale is None:
                continue
            if isinstance(course, Elapsed):
                first = scale.first_of_elapsed(course, snapshot.at, first)
            # WHY looked at here: most steps begin after what is known already, and a call costs more than a look.
            elif course.steps and course.steps[0][0] < first:
                first = scale.first_of_steps(course, snapshot.at, snapshot.values.get(name), first)
        for leaf, other in self._pairs:
            if leaf.fact in courses or other in courses:
                pair = _Pair(leaf.op, _Going(leaf.fact, snapshot, courses), _Going(other, snapshot, courses))
                first = pair.first(snapshot.at, first)
        return None if first == _NEVER else first


class _Scale:
    """The leaves of one fact, and the integers at which one of them changes its truth."""

    __slots__ = ("_changes", "_leaves", "_numbers")

    def __init__(self, leaves: tuple[Leaf, ...]) -> None:
        self._leaves = leaves
        flipping: defaultdict[int, int] = defaultdict(int)
        for position, leaf in enumerate(leaves):
            for number in _where_it_changes(leaf):
                flipping[number] ^= 1 << position
        # INVARIANT: the gaps on both sides of a change say something different; two that are further apart may say
        # the same, and then have the same number.
        self._changes = sorted(flipping)
        truths = 0
        seen = {truths: 0}
        self._numbers = [0]
        for number in self._changes:
            truths ^= flipping[number]
            self._numbers.append(seen.setdefault(truths, len(seen)))

    def first_of_elapsed(self, course: Elapsed, at: int, first: int) -> int:
        """The earlier one of `first` and the first change of a leaf while time runs."""
        anchor, until = course.anchor, course.until
        if anchor <= at and (until is None or at < until):
            index = bisect_right(self._changes, at - anchor)
            if index < len(self._changes):
                change = anchor + self._changes[index]
                if until is None or change < until:
                    return min(change, first)
            if until is None:
                return first
        return min(self._first_of_pieces(course, at), first)

    def _first_of_pieces(self, course: Elapsed, at: int) -> int:
        now: int | None = None
        end = at
        for anchor, until in course.pieces:
            if until is not None and until <= max(anchor, at):
                continue
            if anchor <= at:
                now = self._number(at - anchor)
            elif now is None:
                return anchor
            elif end < anchor:
                return end
            elif self._number(0) != now:
                return anchor
            index = bisect_right(self._changes, max(at - anchor, 0))
            change = anchor + self._changes[index] if index < len(self._changes) else _NEVER
            if until is None or change < until:
                return change
            end = until
        return _NEVER if now is None else end

    def first_of_steps(self, course: Steps, at: int, value: Value | None, first: int) -> int:
        """The earlier one of `first` and the first step at which a leaf changes."""
        low, high = self._around(value)
        for instant, after in course.steps:
            if instant <= at:
                continue
            if instant >= first:
                break
            if after is None:
                if value is not None:
                    return instant
            elif not low <= after < high and self._differ(value, after):
                return instant
        return first

    def _around(self, value: Value | None) -> tuple[int, int]:
        """A value's surroundings, end excluded, in which no leaf changes: they spare most comparisons."""
        if not isinstance(value, int):
            return 0, 0
        index = bisect_right(self._changes, value)
        low = self._changes[index - 1] if index else -_NEVER
        return low, self._changes[index] if index < len(self._changes) else _NEVER

    def _differ(self, value: Value | None, after: Value) -> bool:
        if value is None:
            return True
        if isinstance(value, int) and isinstance(after, int):
            return self._number(value) != self._number(after)
        return any(
            _truth(leaf.op, value, leaf.operand) is not _truth(leaf.op, after, leaf.operand)
            for leaf in self._leaves
            if leaf.op is not Op.KNOWN
        )

    def _number(self, value: int) -> int:
        """The number of a value's gap: equal numbers, equal truths of all leaves."""
        return self._numbers[bisect_right(self._changes, value)]


def _where_it_changes(leaf: Leaf) -> Iterator[int]:
    """The integers at which the truth of a leaf is not that of the integer before."""
    if leaf.op is Op.KNOWN:
        return
    operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    for number in sorted({number for operand in operands for number in _neighbours(operand)}):
        if _truth(leaf.op, number - 1, leaf.operand) is not _truth(leaf.op, number, leaf.operand):
            yield number


def _neighbours(operand: object) -> tuple[int, ...]:
    """The only integers at which a comparison with a number can change."""
    if not isinstance(operand, int | float) or (isinstance(operand, float) and not math.isfinite(operand)):
        return ()
    return math.ceil(operand), math.floor(operand) + 1


class _Going:
    """One fact as it goes on in time."""

    __slots__ = ("_at", "_course", "_value")

    def __init__(self, name: str, snapshot: Snapshot, courses: Mapping[str, Course]) -> None:
        self._at = snapshot.at
        self._course = courses.get(name)
        self._value = snapshot.values.get(name)

    def jumps(self) -> Iterator[int]:
        """The instants at which it may do anything but stay or run on."""
        match self._course:
            case Steps(steps):
                yield from (instant for instant, _ in steps)
            case Elapsed():
                for anchor, until in self._course.pieces:
                    yield anchor
                    if until is not None:
                        yield until

    def runs_from(self, instant: int) -> int | None:
        """The anchor that it runs from at an instant; `None` if it does not run."""
        if isinstance(self._course, Elapsed):
            for anchor, until in self._course.pieces:
                if anchor <= instant and (until is None or instant < until):
                    return anchor
        return None

    def value(self, instant: int) -> Value | None:
        """Its value at an instant, not before the snapshot's."""
        match self._course:
            case Steps(steps):
                index = bisect_right(steps, instant, key=operator.itemgetter(0))
                began = index > 0 and steps[index - 1][0] > self._at
                return steps[index - 1][1] if began else self._value
            case Elapsed():
                anchor = self.runs_from(instant)
                return None if anchor is None else instant - anchor
            case _:
                return self._value


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two facts that one leaf compares."""

    op: Op
    left: _Going
    right: _Going

    def first(self, at: int, first: int) -> int:
        """The earlier one of `first` and the first change of the leaf."""
        now = self._truth(at)
        jumps = {instant for going in (self.left, self.right) for instant in going.jumps() if at < instant < first}
        for start, end in pairwise([at, *sorted(jumps), first]):
            for instant in (start, *self._crossings(start, end)):
                if self._truth(instant) is not now:
                    return instant
        return first

    def _crossings(self, start: int, end: int) -> list[int]:
        # WHY none where both run: then their difference stays.
        runs, stays = self.left.runs_from(start), self.right
        if runs is None:
            runs, stays = self.right.runs_from(start), self.left
        if runs is None or stays.runs_from(start) is not None:
            return []
        neighbours = sorted({runs + number for number in _neighbours(stays.value(start))})
        return [instant for instant in neighbours if start < instant < end]

    def _truth(self, instant: int) -> Truth:
        return _truth(self.op, self.left.value(instant), self.right.value(instant))


def _truth(op: Op, value: Any, operand: Any) -> Truth:
    if value is None or operand is None:
        return None
    try:
        return _HOLDS[op](value, operand)
    except Exception:  # WHY: what cannot be compared is unknown, and stays so
        return None


def _between(value: Any, ends: Any) -> bool:
    low, high = ends
    return bool(low <= value <= high)


_HOLDS: Final[Mapping[Op, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        Op.IS: operator.eq,
        Op.IS_NOT: operator.ne,
        Op.AT_LEAST: operator.ge,
        Op.AT_MOST: operator.le,
        Op.MORE_THAN: operator.gt,
        Op.LESS_THAN: operator.lt,
        Op.BETWEEN: _between,
        Op.IN: lambda value, options: value in options,
        Op.NOT_IN: lambda value, options: value not in options,
        Op.STARTS_WITH: lambda value, start: value.startswith(start),
        Op.HAS: operator.contains,
        Op.HAS_ANY: lambda value, elements: any(element in value for element in elements),
    }
)
