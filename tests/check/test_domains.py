"""`can_hold` says exactly whether one value makes several literals true: it is compared with trying every value."""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.check.domains import can_hold
from callpolicy.condition import ORDERING, FactRef, Leaf, Literal, Op, Operand
from callpolicy.facts import OPERATORS, Fact, FactType, Value
from callpolicy.matchers.reference import leaf_truth

_FLOATS: Final = (0.0, 0.1, 0.5, 1.0)
_BESIDE: Final = tuple(math.nextafter(each, end) for each in _FLOATS for end in (-math.inf, math.inf))

# Per type: its bounds, the operands, and every value that can tell literals with those operands apart.
WORLDS: Final[dict[FactType, tuple[dict[str, Any], tuple[Any, ...], tuple[Value, ...]]]] = {
    FactType.BOOL: ({}, (True, False), (True, False)),
    FactType.ENUM: ({"values": ("a", "b", "c")}, ("a", "b", "c"), ("a", "b", "c")),
    FactType.INT: ({"minimum": 0, "maximum": 5}, (0, 1, 2, 4, 5), tuple(range(6))),
    FactType.DURATION: ({}, (0, 1, 3, 4), tuple(range(-3, 8))),
    FactType.TIMESTAMP: ({"minimum": 2}, (2, 3, 5), tuple(range(2, 8))),
    FactType.FLOAT: (
        {"minimum": 0.0, "maximum": 1.0},
        _FLOATS,
        tuple(each for each in (*_FLOATS, *_BESIDE, 0.05, 0.3, 0.7) if 0 <= each <= 1),
    ),
    FactType.STR: (
        {},
        ("a", "ab", "abc", "b"),
        tuple("".join(letters) for length in range(5) for letters in product("abcz", repeat=length)),
    ),
    FactType.STR_SET: (
        {},
        ("a", "b", "c"),
        tuple(frozenset(chosen) for size in range(5) for chosen in combinations("abcz", size)),
    ),
}


def _operand(op: Op, marks: tuple[Any, ...]) -> st.SearchStrategy[Operand]:
    one = st.sampled_from(marks)
    match op:
        case Op.KNOWN:
            return st.booleans()
        case Op.BETWEEN:
            return st.tuples(one, one).map(lambda pair: tuple(sorted(pair)))
        case Op.IN | Op.NOT_IN | Op.HAS_ANY:
            return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
        case _:
            return one


@st.composite
def literals(draw: st.DrawFn) -> tuple[Fact, list[Literal]]:
    kind = draw(st.sampled_from(sorted(WORLDS)))
    bounds, marks, _ = WORLDS[kind]
    fact = Fact("host.fact", kind, {}, **bounds)
    made = []
    for _ in range(draw(st.integers(1, 4))):
        op = draw(st.sampled_from(sorted(OPERATORS[kind])))
        made.append(Literal(Leaf(fact.name, op, draw(_operand(op, marks))), draw(st.booleans())))
    return fact, made


@given(literals())
def test_literals_can_hold_together_exactly_if_some_value_makes_them_true(drawn: tuple[Fact, list[Literal]]) -> None:
    fact, asked = drawn
    values: list[dict[str, Value]] = [{}, *({fact.name: value} for value in WORLDS[fact.type][2])]

    one_does = any(all(leaf_truth(literal.leaf, each) is literal.holds for literal in asked) for each in values)
    assert can_hold(fact, asked) is one_does


@pytest.mark.parametrize("op", [*sorted(ORDERING), Op.IS, Op.IS_NOT])
def test_a_comparison_with_another_fact_only_asks_that_this_one_is_known(op: Op) -> None:
    fact = Fact("host.fact", FactType.INT, {})
    other = Literal(Leaf(fact.name, op, FactRef("host.other")), True)

    assert can_hold(fact, [other])
    assert can_hold(fact, [other, Literal(Leaf(fact.name, Op.IS, 3), True)])
    assert not can_hold(fact, [other, Literal(Leaf(fact.name, Op.KNOWN, False), True)])


def test_between_neighbouring_floats_there_is_nothing() -> None:
    fact = Fact("host.fact", FactType.FLOAT, {})
    above = Literal(Leaf(fact.name, Op.MORE_THAN, 1.0), True)

    assert can_hold(fact, [above, Literal(Leaf(fact.name, Op.LESS_THAN, 1.0000000000000004), True)])
    assert not can_hold(fact, [above, Literal(Leaf(fact.name, Op.LESS_THAN, 1.0000000000000002), True)])


def test_no_float_lies_beyond_the_largest() -> None:
    fact = Fact("host.fact", FactType.FLOAT, {})
    largest = 1.7976931348623157e308

    assert not can_hold(fact, [Literal(Leaf(fact.name, Op.MORE_THAN, largest), True)])
    assert can_hold(fact, [Literal(Leaf(fact.name, Op.AT_LEAST, largest), True)])


def test_long_lists_are_looked_at_in_little_time() -> None:
    fact = Fact("host.fact", FactType.INT, {})
    many = tuple(range(0, 20_000, 2))

    assert can_hold(
        fact, [Literal(Leaf(fact.name, Op.NOT_IN, many), True), Literal(Leaf(fact.name, Op.IN, (1,)), True)]
    )
    assert not can_hold(
        fact, [Literal(Leaf(fact.name, Op.IN, many), True), Literal(Leaf(fact.name, Op.IN, (1,)), True)]
    )
