"""Whether one fact can have a value that makes several literals on it true together.

It is exact for literals that compare with constants. WHY trying a few values is enough: between two neighbouring
operands no literal changes its truth, so the operands, their neighbours and the bounds of the fact stand for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any as AnyValue
from typing import Final, assert_never

from callpolicy.condition import FactRef, Literal, Op, Scalar
from callpolicy.facts import Fact, FactType, Value

_Test = Callable[[AnyValue], bool]

# WHY: a letter of no language, so no operand has it; a text that ends in it is one that nobody wrote.
_FRESH: Final = "\U0010ffff"


def can_hold(fact: Fact, literals: Iterable[Literal]) -> bool:
    """Whether all literals on a fact can be true together.

    A literal that compares with another fact only asks that this one is known.

    Args:
        fact: its declaration.
        literals: literals whose leaf is on this fact.

    >>> from callpolicy.condition import Leaf
    >>> hour = Fact("call.hour", FactType.INT, {}, minimum=0, maximum=23)
    >>> late = Literal(Leaf("call.hour", Op.AT_LEAST, 23), True)
    >>> can_hold(hour, [late]), can_hold(hour, [late, Literal(Leaf("call.hour", Op.IS, 23), False)])
    (True, False)
    """
    compared: list[Literal] = []
    wanted: set[bool] = set()
    for literal in literals:
        if literal.leaf.op is Op.KNOWN:
            wanted.add(literal.leaf.operand is literal.holds)
        else:
            compared.append(literal)
            wanted.add(True)
    if wanted == {False}:
        return True
    if False in wanted:
        return False
    constant = [literal for literal in compared if not isinstance(literal.leaf.operand, FactRef)]
    tests = [_test(literal) for literal in constant]
    return not tests or any(all(test(value) for test in tests) for value in _candidates(fact, constant))


def _test(literal: Literal) -> _Test:
    compare = _comparison(literal.leaf.op, literal.leaf.operand)
    return compare if literal.holds else lambda value: not compare(value)


def _comparison(op: Op, operand: AnyValue) -> _Test:  # noqa: C901 - one return per operator
    match op:
        case Op.IS:
            return lambda value: bool(value == operand)
        case Op.IS_NOT:
            return lambda value: bool(value != operand)
        case Op.AT_LEAST:
            return lambda value: bool(value >= operand)
        case Op.AT_MOST:
            return lambda value: bool(value <= operand)
        case Op.MORE_THAN:
            return lambda value: bool(value > operand)
        case Op.LESS_THAN:
            return lambda value: bool(value < operand)
        case Op.BETWEEN:
            low, high = operand
            return lambda value: bool(low <= value <= high)
        case Op.IN:
            allowed = frozenset(operand)
            return lambda value: value in allowed
        case Op.NOT_IN:
            refused = frozenset(operand)
            return lambda value: value not in refused
        case Op.STARTS_WITH:
            return lambda value: bool(value.startswith(operand))
        case Op.HAS:
            return lambda value: operand in value
        case Op.HAS_ANY:
            return lambda value: not value.isdisjoint(operand)
        case Op.KNOWN:
            raise AssertionError("`known` compares with nothing")
        case _:
            assert_never(op)


def _candidates(fact: Fact, literals: Sequence[Literal]) -> Iterator[Value]:
    match fact.type:
        case FactType.BOOL:
            yield from (True, False)
        case FactType.ENUM:
            yield from fact.values
        case FactType.STR:
            yield _FRESH
            for literal in literals:
                for text in _operands(literal):
                    yield from (str(text), f"{text}{_FRESH}")
        case FactType.STR_SET:
            yield _largest_set(literals)
        case FactType.INT | FactType.DURATION | FactType.TIMESTAMP:
            yield from _within(fact, (value + step for value in _marks(fact, literals) for step in (-1, 0, 1)))
        case FactType.FLOAT:
            yield from _within(fact, (each for value in _marks(fact, literals) for each in _beside(float(value))))
        case _:
            assert_never(fact.type)


def _operands(literal: Literal) -> tuple[Scalar, ...]:
    operand = literal.leaf.operand
    assert not isinstance(operand, FactRef)
    return operand if isinstance(operand, tuple) else (operand,)


def _marks(fact: Fact, literals: Sequence[Literal]) -> Iterator[int | float]:
    yield from (bound for bound in (fact.minimum, fact.maximum) if bound is not None)
    for literal in literals:
        yield from (operand for operand in _operands(literal) if not isinstance(operand, str))


def _beside(value: float) -> tuple[float, ...]:
    return math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf)


def _within(fact: Fact, values: Iterable[int | float]) -> Iterator[int | float]:
    low = -math.inf if fact.minimum is None else fact.minimum
    high = math.inf if fact.maximum is None else fact.maximum
    return (value for value in values if low <= value <= high and -math.inf < value < math.inf)


def _largest_set(literals: Sequence[Literal]) -> frozenset[str]:
    """The largest set that no literal forbids: what asks for an element is true of it if of any."""
    wanted: set[str] = set()
    refused: set[str] = set()
    for literal in literals:
        (wanted if literal.holds else refused).update(str(element) for element in _operands(literal))
    return frozenset(wanted - refused)
