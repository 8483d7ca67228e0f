"""The indexed matcher: one AND for each fact, however many conditions there are.

Every condition is written as a disjunction of rows, and every row is one bit. For each fact it is worked out beforehand
which rows each of its values leaves; a match looks up one such vector for each fact and ANDs them. A known fact makes
every literal on it true or false; an unknown one leaves rows that are true and rows that only may be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import getitem
from typing import Final

from callpolicy.condition import Condition, FactRef, Leaf, Literal, Truth
from callpolicy.facts import Catalogue, FactType, Value
from callpolicy.matchers.base import Matches
from callpolicy.matchers.indexed.layout import NUMBERS, Layout, lay_out
from callpolicy.matchers.indexed.plans import Field, Plans
from callpolicy.matchers.indexed.vectors import Cells, Elements, Memo, OnFact, when_unknown
from callpolicy.matchers.indexed.walk import walk, walk_leaf

# WHY not remembered: measured amounts hardly ever come twice.
_MEASURED: Final = frozenset({FactType.FLOAT, FactType.DURATION, FactType.TIMESTAMP})


class IndexedMatcher:
    """Bit vectors over the conditions; made by `compile_indexed`.

    Args:
        conditions: in the order of the bits.
        catalogue: the types of their facts.
    """

    __slots__ = ("_all", "_conditions", "_facts", "_layers", "_pairs", "_plans", "_rows", "_walked")

    def __init__(self, conditions: Sequence[Condition], catalogue: Catalogue) -> None:
        self._conditions = tuple(conditions)
        layout = lay_out(self._conditions, catalogue)
        rows = sum(1 << bit for bit, _ in layout.rows)
        fields = {name: _field(on_fact, rows, catalogue[name].type) for name, on_fact in _by_fact(layout).items()}
        self._facts = frozenset(fields)
        self._plans = Plans(fields, rows)
        self._pairs = _pairs(layout, rows)
        self._layers = layout.layers
        self._rows = rows
        self._all = (1 << len(self._conditions)) - 1
        self._walked = tuple((position, self._conditions[position]) for position in layout.walked)

    def match(self, values: Mapping[str, Value]) -> Matches:
        """Evaluate every condition on the known facts; a fact that is not in `values` is unknown.

        A value that does not have the type of its fact costs only the conditions that compare it: they may match,
        and are named as erring.
        """
        try:
            true, may = self._rows_left(values)
        except Exception:  # WHY: one ill-typed value must not cost the caller the other rules
            return _walked(enumerate(self._conditions), values)
        if self._layers:
            same = true is may
            may = self._folded(may)
            true = may if same else self._folded(true)
        if self._walked:
            walked = _walked(self._walked, values)
            return Matches(true | walked.true, may ^ true | walked.may, walked.erring)
        return Matches(true, 0 if true is may else may ^ true)

    def _rows_left(self, values: Mapping[str, Value]) -> tuple[int, int]:
        """The rows that are true, and those that are true or unknown."""
        # INVARIANT: `may` loses the rows that a fact makes false, `true` those that an unknown fact keeps from being
        # true. WHY a loop over `map`: measured, `reduce` is slower.
        take, tables, scales, true, may = self._plans[self._facts.difference(values)]
        for vector in map(getitem, tables, take(values)):
            may &= vector
        for name, kind, starts, vectors in scales:
            value = values[name]
            if value.__class__ is not kind:
                raise TypeError
            may &= vectors[bisect_right(starts, value)]
        for leaf, left_by in self._pairs:
            truth = walk_leaf(leaf, values)
            if truth is None:
                true &= left_by[truth]
            else:
                may &= left_by[truth]
        # WHY told apart: when nothing is unknown both are one, and all that follows is done once.
        return (may, may) if true is self._rows else (true & may, may)

    def _folded(self, rows: int) -> int:
        """From bits of rows to bits of conditions."""
        conditions = rows & self._all
        for shift, owners in self._layers:
            conditions |= (rows >> shift) & owners
        return conditions


def compile_indexed(conditions: Sequence[Condition], catalogue: Catalogue) -> IndexedMatcher:
    """Compile for the indexed matcher; it holds every condition.

    Args:
        conditions: bit i of a match is the condition at position i.
        catalogue: the facts that they name.

    >>> from callpolicy.condition import Op
    >>> from callpolicy.facts.builtin import BUILTIN
    >>> warned = compile_indexed([Leaf("talk.warnings", Op.AT_LEAST, 1), Leaf("talk.holds", Op.AT_LEAST, 1)], BUILTIN)
    >>> warned.match({"talk.warnings": 1})
    Matches(true=1, may=2, erring=0)
    """
    return IndexedMatcher(conditions, catalogue)


def _field(on_fact: OnFact, rows: int, kind: FactType) -> Field:
    unknown = when_unknown(on_fact, rows)
    if kind is FactType.STR_SET:
        return Field(Memo(Elements(on_fact, rows).vector), unknown)
    cells = Cells(on_fact, rows, numeric=kind in NUMBERS)
    if kind in _MEASURED:
        return Field(cells.scale(float if kind is FactType.FLOAT else int), unknown)
    return Field(Memo(cells.vector), unknown)


def _by_fact(layout: Layout) -> dict[str, list[tuple[int, list[Literal]]]]:
    facts: defaultdict[str, list[tuple[int, list[Literal]]]] = defaultdict(list)
    for bit, row in layout.rows:
        for literal in row:
            if isinstance(literal.leaf.operand, FactRef):
                continue
            on_fact = facts[literal.leaf.fact]
            if on_fact and on_fact[-1][0] == bit:
                on_fact[-1][1].append(literal)
            else:
                on_fact.append((bit, [literal]))
    return facts


def _pairs(layout: Layout, rows: int) -> tuple[tuple[Leaf, Mapping[Truth, int]], ...]:
    """Each leaf that compares two facts, with the rows that its truth leaves."""
    asking: defaultdict[Leaf, list[int]] = defaultdict(lambda: [0, 0])
    for bit, row in layout.rows:
        for literal in row:
            if isinstance(literal.leaf.operand, FactRef):
                asking[literal.leaf][literal.holds] |= 1 << bit
    return tuple(
        (leaf, {True: rows & ~refused, False: rows & ~wanted, None: rows & ~(wanted | refused)})
        for leaf, (refused, wanted) in asking.items()
    )


def _walked(conditions: Iterable[tuple[int, Condition]], values: Mapping[str, Value]) -> Matches:
    true = may = erring = 0
    for position, condition in conditions:
        try:
            truth = walk(condition, values)
        except Exception:  # WHY: one broken rule must not cost the caller the others
            truth = None
            erring |= 1 << position
        if truth:
            true |= 1 << position
        elif truth is None:
            may |= 1 << position
    return Matches(true, may, erring)
