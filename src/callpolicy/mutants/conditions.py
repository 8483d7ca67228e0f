"""Small changes of a condition: each gives the changed condition and says in a few words what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from callpolicy.condition import ORDERING, All, Any, Condition, FactRef, Leaf, Not, Op, Operand, facts_read
from callpolicy.engine.explaining import leaf_text
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType, accept
from callpolicy.points import STAGES_AT, DecisionPoint, Stage

Path = tuple[int, ...]
Change = tuple[Condition, str]

_SECOND: Final = 1_000_000
_PAIR: Final = 2
_FLIPPED: Final[Mapping[Op, tuple[Op, ...]]] = MappingProxyType(
    {
        Op.AT_LEAST: (Op.MORE_THAN, Op.LESS_THAN),
        Op.MORE_THAN: (Op.AT_LEAST, Op.AT_MOST),
        Op.AT_MOST: (Op.LESS_THAN, Op.MORE_THAN),
        Op.LESS_THAN: (Op.AT_MOST, Op.AT_LEAST),
        Op.IS: (Op.IS_NOT,),
        Op.IS_NOT: (Op.IS,),
        Op.IN: (Op.NOT_IN,),
        Op.NOT_IN: (Op.IN,),
    }
)
_NUMBERS: Final = frozenset({FactType.INT, FactType.FLOAT, FactType.DURATION, FactType.TIMESTAMP})
_LISTS: Final = frozenset({Op.IN, Op.NOT_IN, Op.HAS_ANY})


def leaf_paths(condition: Condition, path: Path = ()) -> Iterator[tuple[Leaf, Path]]:
    """Every leaf, with the positions that lead to it."""
    if isinstance(condition, Leaf):
        yield condition, path
        return
    for position, item in enumerate(condition.items):
        yield from leaf_paths(item, (*path, position))


def branch_paths(condition: Condition, path: Path = ()) -> Iterator[tuple[All | Any | Not, Path]]:
    """Every node with items, with the positions that lead to it."""
    if isinstance(condition, Leaf):
        return
    yield condition, path
    for position, item in enumerate(condition.items):
        yield from branch_paths(item, (*path, position))


def changed(condition: Condition, path: Path, new: Condition | None) -> Condition:
    """The condition with the node at a path replaced, or left out."""
    if not path:
        assert new is not None
        return new
    assert not isinstance(condition, Leaf)
    items = list(condition.items)
    if new is None and len(path) == 1:
        del items[path[0]]
    else:
        items[path[0]] = changed(items[path[0]], path[1:], new)
    return replace(condition, items=tuple(items))


def thresholds(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every number one more and one less, in the unit of its fact."""
    del stage
    for leaf, path in leaf_paths(condition):
        fact = catalogue[leaf.fact]
        if fact.type not in _NUMBERS:
            continue
        for operand, word in _moved(fact, leaf):
            moved = replace(leaf, operand=operand)
            yield changed(condition, path, moved), f"{leaf_text(leaf, catalogue)}: {word}"


def _moved(fact: Fact, leaf: Leaf) -> Iterator[tuple[Operand, str]]:
    operand = leaf.operand
    if leaf.op is Op.BETWEEN and isinstance(operand, tuple):
        low, high = operand
        assert not isinstance(low, str)
        assert not isinstance(high, str)
        for step in (-_step(fact, low), _step(fact, low)):
            if low + step <= high and not accept(fact, low + step)[1]:
                yield (low + step, high), f"low end {'+' if step > 0 else '-'}1"
        for step in (-_step(fact, high), _step(fact, high)):
            if low <= high + step and not accept(fact, high + step)[1]:
                yield (low, high + step), f"high end {'+' if step > 0 else '-'}1"
    elif leaf.op in ORDERING | {Op.IS, Op.IS_NOT} and isinstance(operand, int | float):
        for step in (-_step(fact, operand), _step(fact, operand)):
            if not accept(fact, operand + step)[1]:
                yield operand + step, "+1" if step > 0 else "-1"


def _step(fact: Fact, mark: int | float) -> int | float:
    if fact.type is FactType.FLOAT:
        written = repr(float(mark))
        return float(10.0 ** -(len(written.partition(".")[2]) if "e" not in written else 1))
    if fact.type in {FactType.DURATION, FactType.TIMESTAMP}:
        return 1 if mark % 1_000 else 1_000 if mark % _SECOND else _SECOND
    return 1


def operators(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every operator for the next one, and for the opposite one."""
    del stage
    for leaf, path in leaf_paths(condition):
        fact = catalogue[leaf.fact]
        if fact.type is FactType.BOOL:
            continue
        for op in _FLIPPED.get(leaf.op, ()):
            if op in OPERATORS[fact.type]:
                yield changed(condition, path, replace(leaf, op=op)), f"{leaf_text(leaf, catalogue)}: {op}"


def flags(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every `true` for a `false`, and the other way round, of `known` too."""
    del stage
    for leaf, path in leaf_paths(condition):
        if isinstance(leaf.operand, bool):
            flipped = replace(leaf, operand=not leaf.operand)
            yield changed(condition, path, flipped), f"{leaf_text(leaf, catalogue)}: flipped"


def leaves_dropped(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every leaf that has others beside it, left out."""
    del stage
    for branch, path in branch_paths(condition):
        if len(branch.items) < _PAIR:
            continue
        for position, item in enumerate(branch.items):
            text = leaf_text(item, catalogue) if isinstance(item, Leaf) else f"{type(item).__name__.lower()}: …"
            yield changed(condition, (*path, position), None), f"{text} {_place((*path, position))}"


def all_any(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every `all` for `any`, and the other way round."""
    del catalogue, stage
    for branch, path in branch_paths(condition):
        if isinstance(branch, Not) or len(branch.items) < _PAIR:
            continue
        new: Condition = Any(branch.items) if isinstance(branch, All) else All(branch.items)
        yield changed(condition, path, new), f"{type(branch).__name__.lower()} {_place(path)}"


def negations(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every leaf under a `not`, and every `not` taken away."""
    del stage
    for leaf, path in leaf_paths(condition):
        yield changed(condition, path, Not((leaf,))), f"not {leaf_text(leaf, catalogue)} {_place(path)}"
    for branch, path in branch_paths(condition):
        if isinstance(branch, Not):
            yield changed(condition, path, Any(branch.items)), f"without not {_place(path)}"


def facts_swapped(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every fact for the next of its namespace, type and values that the stage may read."""
    for leaf, path in leaf_paths(condition):
        other = _next_fact(leaf, catalogue, stage)
        if other is not None:
            yield changed(condition, path, replace(leaf, fact=other)), f"{leaf_text(leaf, catalogue)}: {other}"


def _next_fact(leaf: Leaf, catalogue: Catalogue, stage: Stage) -> str | None:
    own = catalogue[leaf.fact]
    alike = [
        fact.name
        for fact in catalogue
        if fact.name.partition(".")[0] == own.name.partition(".")[0]
        and (fact.type, fact.values) == (own.type, own.values)
        and _readable(fact, stage)
        and _takes(fact, leaf.operand)
    ]
    if leaf.fact not in alike or len(alike) < _PAIR:
        return None
    other = alike[(alike.index(leaf.fact) + 1) % len(alike)]
    return None if other in facts_read(leaf) else other


def _readable(fact: Fact, stage: Stage) -> bool:
    if fact.name in {"caller.class", "caller.kind"} and stage is Stage.CLASSIFY:
        return False
    points = [point for point, stages in STAGES_AT.items() if stage in stages]
    order = list(DecisionPoint)
    return any(order.index(fact.known_from) <= order.index(point) for point in points)


def _takes(fact: Fact, operand: Operand) -> bool:
    if isinstance(operand, FactRef) or fact.type is FactType.STR_SET:
        return True
    operands = operand if isinstance(operand, tuple) else (operand,)
    return fact.type is FactType.BOOL or all(isinstance(each, bool) or not accept(fact, each)[1] for each in operands)


def elements_dropped(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every element of a list that has others beside it, left out."""
    del stage
    for leaf, path in leaf_paths(condition):
        if leaf.op not in _LISTS or not isinstance(leaf.operand, tuple) or len(leaf.operand) < _PAIR:
            continue
        for position in range(len(leaf.operand)):
            kept = leaf.operand[:position] + leaf.operand[position + 1 :]
            yield (
                changed(condition, path, replace(leaf, operand=kept)),
                f"{leaf_text(leaf, catalogue)}: no. {position + 1}",
            )


def values_swapped(condition: Condition, catalogue: Catalogue, stage: Stage) -> Iterator[Change]:
    """Every value of an enum for the next."""
    del stage
    for leaf, path in leaf_paths(condition):
        values = catalogue[leaf.fact].values
        if leaf.op in {Op.IS, Op.IS_NOT, Op.HAS} and isinstance(leaf.operand, str) and leaf.operand in values:
            other = values[(values.index(leaf.operand) + 1) % len(values)]
            if other != leaf.operand:
                yield changed(condition, path, replace(leaf, operand=other)), f"{leaf_text(leaf, catalogue)}: {other}"


def _place(path: Path) -> str:
    return f"at {'.'.join(str(position + 1) for position in path)}" if path else "at the top"
