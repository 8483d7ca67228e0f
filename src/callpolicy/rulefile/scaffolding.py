"""Examples made from a condition: for each leaf one that matches and one that does not, in which it alone decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from callpolicy.condition import (
    All,
    Any,
    Condition,
    FactRef,
    Leaf,
    Literal,
    NormalFormTooLargeError,
    Not,
    Op,
    Row,
    Scalar,
    Truth,
    normal_form,
)
from callpolicy.facts import Catalogue, Fact, FactType, Value, accept
from callpolicy.instants import SECOND
from callpolicy.policy import Example

Evaluate: TypeAlias = Callable[[Condition, Mapping[str, Value]], Truth]
"""What a condition comes to on known facts: `callpolicy.matchers.reference.truth`."""

_MOST_ROWS: Final = 64
_MOST_TRIES: Final = 5_000
_NEW_YEAR: Final = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
# Of a range that is kept for fiction: an example must not name anybody.
_NUMBERS: Final = ("+12125550142", "+447700900123")
_TEXTS: Final = ("other", "another")
_STEPS: Final[Mapping[FactType, int | float]] = {
    FactType.INT: 1,
    FactType.FLOAT: 1.0,
    # WHY a second: an author reads `9m59s` as the boundary, and it can be written.
    FactType.DURATION: SECOND,
    FactType.TIMESTAMP: SECOND,
}
_Path: TypeAlias = tuple[int, ...]
_Found: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was made from a condition.

    Args:
        examples: the examples, those that match first; each was evaluated.
        missing: leaves with the outcome for which none was found: there they do not decide alone, whatever is known.
    """

    examples: tuple[Example, ...]
    missing: tuple[tuple[Leaf, bool], ...]


def examples_of(condition: Condition, catalogue: Catalogue, evaluate: Evaluate) -> Scaffold:
    """Make the examples that `check` asks for: for each leaf two in which it alone decides.

    Values sit on the boundaries of the operands, and facts stay in the relations that always hold between them wherever
    that is possible. Nothing is known but what is needed.

    Args:
        condition: the condition of a rule.
        catalogue: the facts of its bundle.
        evaluate: what a condition means.
    """
    made: dict[bool, list[tuple[str, _Found]]] = {True: [], False: []}
    missing: list[tuple[Leaf, bool]] = []
    maker = _Maker(condition, catalogue, evaluate)
    for leaf, path in _leaf_paths(condition, ()):
        for wanted in (True, False):
            if any(maker.decides(path, values, wanted) for _, values in made[wanted]):
                continue
            values = maker.make(path, wanted)
            if values is None:
                missing.append((leaf, wanted))
            else:
                made[wanted].append((leaf.fact, values))
    return Scaffold(tuple(_named(made)), tuple(missing))


def _named(made: Mapping[bool, list[tuple[str, _Found]]]) -> Iterator[Example]:
    names: set[str] = set()
    for wanted, expect in ((True, "match"), (False, "no_match")):
        for place, (fact, values) in enumerate(made[wanted]):
            first = f"applies because of {fact}" if place else "applies"
            name = stem = first if wanted else f"but for {fact}"
            number = 2
            while name in names:
                name, number = f"{stem} ({number})", number + 1
            names.add(name)
            yield Example(name, dict(values), expect)


def _leaf_paths(condition: Condition, path: _Path) -> Iterator[tuple[Leaf, _Path]]:
    if isinstance(condition, Leaf):
        yield condition, path
        return
    for position, item in enumerate(condition.items):
        yield from _leaf_paths(item, (*path, position))


class _Maker:
    """Makes one example after the other for one condition."""

    def __init__(self, condition: Condition, catalogue: Catalogue, evaluate: Evaluate) -> None:
        self._condition = condition
        self._catalogue = catalogue
        self._evaluate = evaluate

    def decides(self, path: _Path, values: Mapping[str, Value], wanted: bool) -> bool:
        """Whether the outcome is as wanted, and would be the other one if this leaf were the other way round."""
        if self._evaluate(self._condition, values) is not wanted:
            return False
        leaf = _at(self._condition, path)
        own = self._evaluate(leaf, values)
        if own is None:
            return False
        without = self._evaluate(_with(self._condition, path, Any(()) if own else All(())), values)
        # WHY less of `known`: where it fails, the leaves beside it on the same fact are unknown.
        return without is (not wanted) or (leaf.op is Op.KNOWN and not wanted and without is None)

    def make(self, path: _Path, wanted: bool) -> _Found | None:
        """Values of facts with which a leaf alone makes the outcome; `None` if none were found."""
        leaf = _at(self._condition, path)
        asked = All(tuple(_asked(self._condition, path, wanted)))
        try:
            rows = normal_form(asked, limit=_MOST_ROWS)
        except NormalFormTooLargeError:
            return None
        if leaf.op is Op.KNOWN:
            own = [tuple(each for each in row if each.leaf == leaf or leaf.fact not in _facts(each)) for row in rows]
            rows = (*rows, *own)
        # WHY at last without: a condition may ask for what never happens, and its example must say so.
        for related in (True, False):
            for row in rows:
                for values in self._solutions(row, related):
                    if self.decides(path, values, wanted):
                        return values
        return None

    def _solutions(self, row: Row, related: bool) -> Iterator[_Found]:
        """Values that make every literal of a row true."""
        columns = _columns(row, self._catalogue)
        names = sorted(columns)
        tries = 0
        open_nodes: list[_Found] = [{}]
        depths = [0]
        while open_nodes and tries < _MOST_TRIES:
            values, depth = open_nodes.pop(), depths.pop()
            tries += 1
            if depth == len(names):
                if not related or self._is_related(values):
                    yield values
                continue
            known = {*names[: depth + 1]}
            ripe = [each for each in row if names[depth] in _facts(each) and _facts(each) <= known]
            # WHY from behind: the first candidate is to be tried first.
            for value in reversed(columns[names[depth]]):
                tried = values if value is None else {**values, names[depth]: value}
                if all(self._evaluate(each.leaf, tried) is each.holds for each in ripe):
                    open_nodes.append(tried)
                    depths.append(depth + 1)

    def _is_related(self, values: Mapping[str, Value]) -> bool:
        return all(self._evaluate(relation.holds, values) is not False for relation in self._catalogue.relations)


def _at(condition: Condition, path: _Path) -> Leaf:
    for position in path:
        assert not isinstance(condition, Leaf)
        condition = condition.items[position]
    assert isinstance(condition, Leaf)
    return condition


def _with(condition: Condition, path: _Path, instead: Condition) -> Condition:
    """The condition with something else in the place of a leaf."""
    if isinstance(condition, Leaf) or not path:
        return instead
    items = list(condition.items)
    items[path[0]] = _with(items[path[0]], path[1:], instead)
    return type(condition)(tuple(items))


def _asked(condition: Condition, path: _Path, wanted: bool) -> Iterator[Condition]:
    """What must be true so that the leaf at a path alone makes the outcome."""
    match condition:
        case Leaf():
            yield condition if wanted else Not((condition,))
        case All(items):
            yield from _asked(items[path[0]], path[1:], wanted)
            yield from (item for place, item in enumerate(items) if place != path[0])
        case Any(items) | Not(items):
            below = not wanted if isinstance(condition, Not) else wanted
            yield from _asked(items[path[0]], path[1:], below)
            yield from (Not((item,)) for place, item in enumerate(items) if place != path[0])
        case _:
            assert_never(condition)


def _facts(literal: Literal) -> frozenset[str]:
    operand = literal.leaf.operand
    return frozenset({literal.leaf.fact, operand.name} if isinstance(operand, FactRef) else {literal.leaf.fact})


def _columns(row: Row, catalogue: Catalogue) -> dict[str, list[Value | None]]:
    """Per fact of a row the values that are worth trying, the likeliest first; `None` is unknown."""
    of_fact: dict[str, list[Literal]] = {}
    for literal in row:
        for name in _facts(literal):
            of_fact.setdefault(name, []).append(literal)
    marks = {name: list(dict.fromkeys(_marks(catalogue[name], literals))) for name, literals in of_fact.items()}
    columns: dict[str, list[Value | None]] = {}
    for name, literals in of_fact.items():
        beside = [each for literal in literals for other in _facts(literal) - {name} for each in marks[other]]
        fact = catalogue[name]
        found = [
            value for each in dict.fromkeys((*marks[name], *beside)) if (value := accept(fact, each)[0]) is not None
        ]
        tried = dict.fromkeys((*found, *(each for value in found for each in _beside(fact, value))))
        columns[name] = [*tried, None]
        if any(each.leaf.op is Op.KNOWN and each.leaf.operand is not each.holds for each in literals):
            columns[name] = [None]
    return columns


def _beside(fact: Fact, value: Value) -> Iterator[Value]:
    step = _STEPS.get(fact.type)
    if step is None or isinstance(value, str | frozenset):
        return
    for each in (value - step, value + step):
        taken, code = accept(fact, each)
        if taken is not None and not code:
            yield taken


def _marks(fact: Fact, literals: Iterable[Literal]) -> Iterator[Value]:
    operands = [each for literal in literals if literal.leaf.fact == fact.name for each in _constants(literal)]
    match fact.type:
        case FactType.BOOL:
            yield from (True, False)
        case FactType.ENUM:
            yield from (str(each) for each in operands)
            yield from fact.values
        case FactType.STR:
            yield from (str(each) for each in operands)
            yield from _NUMBERS if fact.name == "caller.number" else _TEXTS
        case FactType.STR_SET:
            yield from _sets(fact, literals, [str(each) for each in operands])
        case FactType.INT | FactType.DURATION | FactType.TIMESTAMP | FactType.FLOAT:
            numbers = [each for each in operands if not isinstance(each, str)]
            yield from numbers
            # WHY before any other: an example on the boundary says more.
            yield from (beside for each in numbers for beside in _beside(fact, each))
            yield from _default(fact)
        case _:
            assert_never(fact.type)


def _default(fact: Fact) -> Iterator[int | float]:
    if fact.type is FactType.TIMESTAMP:
        yield _NEW_YEAR
        return
    step = _STEPS[fact.type]
    yield from (each for each in (fact.minimum, fact.maximum) if each is not None)
    yield from (step, 2 * step, 0 * step)


def _sets(fact: Fact, literals: Iterable[Literal], operands: list[str]) -> Iterator[frozenset[str]]:
    wanted: set[str] = set()
    refused: set[str] = set()
    for literal in literals:
        if literal.leaf.fact == fact.name:
            (wanted if literal.holds else refused).update(str(each) for each in _constants(literal))
    yield from (frozenset({each}) for each in operands)
    yield frozenset(wanted - refused)
    yield frozenset()


def _constants(literal: Literal) -> tuple[Scalar, ...]:
    operand = literal.leaf.operand
    if isinstance(operand, FactRef) or literal.leaf.op is Op.KNOWN:
        return ()
    return operand if isinstance(operand, tuple) else (operand,)
