"""The boundaries of leaves, and values that make a leaf one way or the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callpolicy.condition import ORDERING, FactRef, Leaf, Op, Scalar, Truth
from callpolicy.facts import Fact, FactType, Value, accept
from callpolicy.matchers.reference import leaf_truth

_SECOND: Final = 1_000_000
_OTHER: Final = "other"

Number = int | float


def step_of(fact: Fact, mark: Number) -> Number:
    """What counts as one more or one less of a fact beside a boundary.

    Units: 1 for a count; one second for a duration or an instant, one millisecond beside a boundary that is not a
    whole second; one in the last written place for a fraction.
    """
    if fact.type is FactType.FLOAT:
        places = len(repr(float(mark)).partition(".")[2]) if "e" not in repr(float(mark)) else 1
        return float(10.0**-places)
    if fact.type in {FactType.DURATION, FactType.TIMESTAMP}:
        return 1 if mark % 1_000 else 1_000 if mark % _SECOND else _SECOND
    return 1


def boundaries(leaf: Leaf) -> tuple[Number | FactRef, ...]:
    """The operands of a leaf that a value can lie below, at or above."""
    if leaf.op in ORDERING and not isinstance(leaf.operand, str | tuple):
        return (leaf.operand,)
    if leaf.op is Op.BETWEEN and isinstance(leaf.operand, tuple):
        return tuple(each for each in dict.fromkeys(leaf.operand) if not isinstance(each, str))
    return ()


def side(value: Number, mark: Number, step: Number) -> str:
    """Where a value lies beside a boundary: `below`, `at` or `above` within one step, else empty.

    >>> side(2, 3, 1), side(3, 3, 1), side(5, 3, 1)
    ('below', 'at', '')
    """
    if value == mark:
        return "at"
    if mark - step <= value < mark:
        return "below"
    return "above" if mark < value <= mark + step else ""


def values_for(fact: Fact, leaf: Leaf, wanted: Truth) -> Iterator[Value]:
    """Values of a fact that make a leaf with a constant operand true or false, the plainest first."""
    for value in candidates(fact, leaf):
        if accept(fact, value)[1] == "" and leaf_truth(leaf, {fact.name: value}) is wanted:
            yield value


def candidates(fact: Fact, leaf: Leaf) -> Iterator[Value]:
    """Values about the operands of a leaf: they stand for all others, as in `callpolicy.check.domains`."""
    operands = () if isinstance(leaf.operand, FactRef) or leaf.op is Op.KNOWN else _tuple(leaf.operand)
    match fact.type:
        case FactType.BOOL:
            yield from (True, False)
        case FactType.ENUM:
            yield from (*(str(each) for each in operands), *fact.values)
        case FactType.STR:
            yield from (*(str(each) for each in operands), _OTHER, f"{_OTHER} {_OTHER}")
        case FactType.STR_SET:
            yield from (*(frozenset({str(each)}) for each in operands), frozenset[str](), frozenset(map(str, operands)))
            yield from (frozenset({each}) for each in fact.values)
        case FactType.INT | FactType.FLOAT | FactType.DURATION | FactType.TIMESTAMP:
            yield from _numbers(fact, [each for each in operands if not isinstance(each, str)])


def _tuple(operand: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _numbers(fact: Fact, marks: list[Number]) -> Iterator[Number]:
    for mark in marks:
        step = step_of(fact, mark)
        yield from (mark, mark + step, mark - step)
    yield from (bound for bound in (fact.minimum, fact.maximum) if bound is not None)
    yield from (1, 0, _SECOND)
