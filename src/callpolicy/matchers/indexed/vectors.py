"""From the value of one fact to the rows that it leaves possible, as one integer with a bit per row.

Source: T. V. Lakshman and D. Stiliadis, "High-speed policy-based packet forwarding using efficient
multi-dimensional range matching", SIGCOMM 1998.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeAlias, assert_never

from callpolicy.condition import Leaf, Literal, Op
from callpolicy.facts import Value

OnFact: TypeAlias = Sequence[tuple[int, Sequence[Literal]]]
"""(bit of a row, its literals on one fact)."""

Flips: TypeAlias = tuple[int, ...]
"""The cells at which a truth changes, rising; before the first it is false."""

_MOST_ENTRIES: Final = 4096
_LONGEST_TEXT: Final = 64
_LARGEST_SET: Final = 32
_LONGEST_NUMBER: Final = 64
_INFINITIES: Final = (-math.inf, math.inf)
# On known values that compare with the operand.
_OPPOSITE: Final = {
    Op.LESS_THAN: Op.AT_LEAST,
    Op.AT_MOST: Op.MORE_THAN,
    Op.IS_NOT: Op.IS,
    Op.NOT_IN: Op.IN,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """The rows that an unknown fact leaves.

    Args:
        true: rows all of whose literals on the fact are true.
        may: rows none of whose literals on the fact is false.
    """

    true: int
    may: int


def when_unknown(on_fact: OnFact, rows: int) -> Unknown:
    """The rows that are left when the fact is unknown: only `known` has a truth then."""
    undetermined = refused = 0
    for bit, literals in on_fact:
        for literal in literals:
            if literal.leaf.op is not Op.KNOWN:
                undetermined |= 1 << bit
            elif literal.leaf.operand is literal.holds:
                refused |= 1 << bit
    may = rows & ~refused
    return Unknown(may & ~undetermined, may)


@dataclass(frozen=True, slots=True)
class Scale:
    """Vectors of a fact whose values are all of one type of number.

    Args:
        kind: the type.
        starts: rising; the value from which on the next vector holds. For floats the last one is infinity.
        vectors: one for each value, found by `bisect_right` of the starts. WHY none from infinity on: NaN is found
            there too, and must be refused.
    """

    kind: type[int] | type[float]
    starts: tuple[int | float, ...]
    vectors: tuple[int, ...]


class Cells:
    """Vectors of a fact whose values are ordered, numbers or texts: one for each edge and each gap between edges.

    INVARIANT: within a gap no literal on the fact changes its truth, whatever the type of the value; so integers
    and floats are exact together.

    Args:
        on_fact: the literals on the fact.
        rows: all rows.
        numeric: whether the values are numbers.
    """

    __slots__ = ("_cells", "_edges", "_gaps", "_points")

    def __init__(self, on_fact: OnFact, rows: int, *, numeric: bool) -> None:
        named = {edge for _, literals in on_fact for literal in literals for edge in _edges(literal.leaf)}
        self._edges: list[Any] = sorted(named.union(_INFINITIES) if numeric else named)
        self._cells = self._swept(on_fact, rows)
        self._points: dict[Any, int] = dict(zip(self._edges, self._cells[1::2], strict=True))
        # WHY the last one is dropped: nothing is above infinity, but NaN is found there, and must be refused.
        self._gaps: list[int] = self._cells[:-1:2] if numeric else self._cells[::2]

    def _swept(self, on_fact: OnFact, rows: int) -> list[int]:
        places = {edge: 2 * index + 1 for index, edge in enumerate(self._edges)}
        flipping: defaultdict[int, int] = defaultdict(int)
        vector = rows
        for bit, literals in on_fact:
            row = 1 << bit
            vector ^= row
            for cell in reduce(_both, [_flips_of(literal, places) for literal in literals]):
                flipping[cell] ^= row
        # WHY kept: equal vectors are one object, which halves the memory.
        kept: dict[int, int] = {}
        cells = []
        for cell in range(2 * len(self._edges) + 1):
            if cell in flipping:
                vector ^= flipping[cell]
                vector = kept.setdefault(vector, vector)
            cells.append(vector)
        return cells

    def vector(self, value: Value) -> int:
        """The rows that a known value leaves.

        Raises:
            Exception: the value does not compare with the edges, or is not a number.
        """
        point = self._points.get(value)
        return self._gaps[bisect_right(self._edges, value)] if point is None else point

    def scale(self, kind: type[int] | type[float]) -> Scale:
        """The same vectors for finite numbers of one type only, found by one bisection."""
        # The cells between the infinities; for floats the lower one too, and the upper one as a start without vector.
        first = 2 if kind is int else 1
        starts: dict[int | float, int] = {}
        for cell in range(first + 1, len(self._cells) - 2):
            starts[_first(kind, self._edges[(cell - 1) // 2], above=cell % 2 == 0)] = self._cells[cell]
        vectors = [self._cells[first]]
        kept = []
        for start, vector in starts.items():
            if vector is not vectors[-1]:
                kept.append(start)
                vectors.append(vector)
        return Scale(kind, (*kept, *_INFINITIES[1:]) if kind is float else tuple(kept), tuple(vectors))


class Elements:
    """Vectors of a fact whose values are sets of texts.

    Args:
        on_fact: the literals on the fact.
        rows: all rows.
    """

    __slots__ = ("_base", "_shunned", "_wanted")

    def __init__(self, on_fact: OnFact, rows: int) -> None:
        self._base = rows
        shunned: defaultdict[object, int] = defaultdict(int)
        wanted: defaultdict[frozenset[object], int] = defaultdict(int)
        for bit, literals in on_fact:
            row = 1 << bit
            for literal in literals:
                operand = literal.leaf.operand
                elements = frozenset(operand if isinstance(operand, tuple) else (operand,))
                if literal.leaf.op is Op.KNOWN:
                    self._base &= rows if operand is literal.holds else ~row
                elif literal.holds:
                    wanted[elements] |= row
                else:
                    for element in elements:
                        shunned[element] |= row
        self._shunned: Mapping[object, int] = dict(shunned)
        self._wanted = tuple(wanted.items())

    def vector(self, value: Value) -> int:
        """The rows that a known value leaves.

        Raises:
            TypeError: the value is not a set.
        """
        if not isinstance(value, frozenset):
            raise TypeError
        lost = 0
        for elements, rows in self._wanted:
            if elements.isdisjoint(value):
                lost |= rows
        for element in self._shunned.keys() & value:
            lost |= self._shunned[element]
        return self._base & ~lost


class Memo(dict[Any, int]):
    """Value to vector, filled as values are met.

    It is emptied when it is full, and takes no value that is large: callers choose texts and sets. Each step on it is
    one dictionary operation, so threads need no lock: at worst they work out the same vector.
    """

    __slots__ = ("_vector",)

    def __init__(self, vector: Callable[[Value], int]) -> None:
        super().__init__()
        self._vector = vector

    def __missing__(self, value: Value | None) -> int:
        if value is None:
            raise TypeError
        vector = self._vector(value)
        if _is_small(value):
            if len(self) >= _MOST_ENTRIES:
                self.clear()
            self[value] = vector
        return vector


def _is_small(value: object) -> bool:
    match value:
        case str():
            return len(value) <= _LONGEST_TEXT
        case frozenset():
            return len(value) <= _LARGEST_SET and all(len(element) <= _LONGEST_TEXT for element in value)
        case int():
            return value.bit_length() <= _LONGEST_NUMBER
        case _:
            return True


def _edges(leaf: Leaf) -> Iterable[object]:
    match leaf.op, leaf.operand:
        case Op.KNOWN, _:
            return ()
        case Op.STARTS_WITH, str(start):
            after = _after_all_with(start)
            return (start,) if after is None else (start, after)
        case _, tuple(operands):
            return operands
        case _, operand:
            return (operand,)


def _after_all_with(start: str) -> str | None:
    """The least text that is greater than every text with this start; `None` if there is none."""
    stem = start.rstrip(chr(sys.maxunicode))
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else None


def _first(kind: type[int] | type[float], edge: int | float, *, above: bool) -> int | float:
    """The least number of a type that is at least the edge, or above it."""
    if kind is int:
        return math.floor(edge) + 1 if above else math.ceil(edge)
    try:
        nearest = float(edge)
    except OverflowError:
        nearest = math.inf if edge > 0 else -math.inf
    return math.nextafter(nearest, math.inf) if nearest < edge or (above and nearest == edge) else nearest


def _flips_of(literal: Literal, places: Mapping[Any, int]) -> Flips:
    flips = _flips(literal.leaf, places)
    return flips if literal.holds else _complement(flips)


def _complement(flips: Flips) -> Flips:
    return flips[1:] if flips[:1] == (0,) else (0, *flips)


def _flips(leaf: Leaf, places: Mapping[Any, int]) -> Flips:
    operand: Any = leaf.operand
    match leaf.op:
        case Op.KNOWN:
            return (0,) if operand else ()
        case Op.AT_LEAST:
            return (places[operand],)
        case Op.MORE_THAN:
            return (places[operand] + 1,)
        case Op.BETWEEN:
            low, high = operand
            return (places[low], places[high] + 1) if low <= high else ()
        case Op.STARTS_WITH:
            after = _after_all_with(operand)
            return (places[operand],) if after is None else (places[operand], places[after])
        case Op.IS:
            return _at_points((operand,), places)
        case Op.IN:
            return _at_points(operand, places)
        case Op.HAS | Op.HAS_ANY:
            raise AssertionError("sets have no order")
        case Op.LESS_THAN | Op.AT_MOST | Op.IS_NOT | Op.NOT_IN:
            return _complement(_flips(Leaf(leaf.fact, _OPPOSITE[leaf.op], operand), places))
        case _:
            assert_never(leaf.op)


def _at_points(operands: Iterable[Any], places: Mapping[Any, int]) -> Flips:
    points = sorted({places[operand] for operand in operands})
    return tuple(cell for point in points for cell in (point, point + 1))


def _both(left: Flips, right: Flips) -> Flips:
    flips = []
    inside = False
    for cell in sorted({*left, *right}):
        both = bisect_right(left, cell) % 2 == 1 and bisect_right(right, cell) % 2 == 1
        if both is not inside:
            flips.append(cell)
            inside = both
    return tuple(flips)
