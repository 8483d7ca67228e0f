"""The indexed matcher says what the reference says, whatever is asked."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import MappingProxyType
from typing import Any as Anything

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Operand
from callpolicy.facts import Catalogue, Fact, FactType, Value
from callpolicy.matchers.base import Matches
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.indexed.layout import lay_out
from callpolicy.matchers.reference import compile_reference
from tests.matchers.indexed.drawn import CATALOGUE, FACTS, NAMES_OF, conditions, leaves, snapshots, values_of

ILL_TYPED: tuple[Anything, ...] = (
    None, True, 2, 2.0, 2.5, math.nan, math.inf, -math.inf, 10**400, Decimal("2.5"), "投诉", "", "open",
    frozenset(), frozenset({"threat"}), frozenset({1}), ["threat"], {"threat"}, ("threat",), b"a",
)  # fmt: skip


def assert_agree(asked: Sequence[Condition], *given_values: Mapping[str, Value]) -> None:
    indexed, reference = compile_indexed(asked, CATALOGUE), compile_reference(asked, CATALOGUE)
    for values in given_values:
        assert indexed.match(values) == reference.match(values)


@given(st.lists(conditions, max_size=12), st.lists(snapshots, min_size=1, max_size=8))
def test_agrees_with_the_reference_on_any_conditions(
    asked: list[Condition], given_values: list[Mapping[str, Value]]
) -> None:
    assert_agree(asked, *given_values)


@given(st.lists(leaves(), min_size=1, max_size=12), st.lists(snapshots, min_size=1, max_size=8))
def test_agrees_on_rules_of_one_leaf_and_its_negation(
    asked: list[Leaf], given_values: list[Mapping[str, Value]]
) -> None:
    assert_agree([*asked, *(Not((leaf,)) for leaf in asked)], *given_values)


@given(st.sampled_from(FACTS), st.data())
def test_agrees_where_several_literals_look_at_one_fact(fact: Fact, data: st.DataObject) -> None:
    on_fact = leaves((fact,))
    positive = data.draw(st.lists(on_fact, min_size=2, max_size=4))
    negative = data.draw(st.lists(on_fact, max_size=3))
    value = data.draw(values_of(fact.type))
    asked = All((*positive, *(Not((leaf,)) for leaf in negative)))
    assert_agree([asked, Not((asked,))], {fact.name: value}, {})


@pytest.mark.parametrize("kind", FactType)
@pytest.mark.parametrize("value", ILL_TYPED, ids=lambda value: repr(value)[:20])
def test_an_ill_typed_value_costs_the_same_conditions_as_in_the_reference(kind: FactType, value: Anything) -> None:
    # Arrange: every operator on the fact whose value is wrong, beside a condition that does not look at it.
    fact, other = NAMES_OF[kind]
    scalar: Anything = "a" if kind in {FactType.STR, FactType.ENUM, FactType.STR_SET} else 2
    operands: dict[Op, Operand] = dict.fromkeys(Op, scalar)
    operands |= {Op.BETWEEN: (scalar, scalar), Op.KNOWN: True}
    operands |= dict.fromkeys((Op.IN, Op.NOT_IN, Op.HAS_ANY), (scalar,))
    asked = [Leaf(fact, op, operand) for op, operand in operands.items()]
    asked += [Leaf(fact, op, FactRef(other)) for op in (Op.IS, Op.AT_MOST, Op.IN)]
    beside = Leaf(NAMES_OF[FactType.BOOL][1], Op.IS, True)

    # Act and assert, alone and together: alone, the condition is one that vectors may hold.
    for leaf in asked:
        assert_agree([leaf, beside], {fact: value, other: value}, {fact: value}, {other: value})
    assert_agree([*asked, beside], {fact: value, other: value})


@pytest.mark.parametrize(
    ("op", "operand", "value", "expected"),
    [
        (Op.AT_LEAST, 2**53 + 1, 2.0**53, False),
        (Op.LESS_THAN, 2**53 + 1, 2.0**53, True),
        (Op.AT_MOST, 2**53 + 1, 2.0**53 + 2, False),
        (Op.MORE_THAN, 0, 5e-324, True),
        (Op.MORE_THAN, -0.0, 0.0, False),
        (Op.AT_MOST, 10**400, 1.7976931348623157e308, True),
        (Op.AT_LEAST, -(10**400), -1.7976931348623157e308, True),
        (Op.BETWEEN, (0.1, 0.3), 0.1 + 0.2, False),
        (Op.BETWEEN, (math.inf, -math.inf), 1.0, False),
        (Op.MORE_THAN, -math.inf, -math.inf, False),
        (Op.MORE_THAN, -math.inf, -1.7976931348623157e308, True),
        (Op.LESS_THAN, math.inf, math.inf, False),
    ],
    ids=lambda part: str(part)[:20],
)
def test_floats_are_compared_exactly(op: Op, operand: Operand, value: float, expected: bool) -> None:
    fact = NAMES_OF[FactType.FLOAT][0]
    matcher = compile_indexed([Leaf(fact, op, operand)], CATALOGUE)
    assert matcher.match({fact: value}) == Matches(int(expected), 0)


@pytest.mark.parametrize("kind", [FactType.INT, FactType.DURATION, FactType.TIMESTAMP])
@pytest.mark.parametrize(
    ("op", "operand", "value", "expected"),
    [
        (Op.AT_LEAST, 2.5, 2, False),
        (Op.AT_LEAST, 2.5, 3, True),
        (Op.MORE_THAN, 2.0, 2, False),
        (Op.AT_MOST, 2.5, 2, True),
        (Op.AT_MOST, 2.5, 3, False),
        (Op.LESS_THAN, 2.5, 3, False),
        (Op.AT_LEAST, 2.0**63, 2**63 - 1, False),
        (Op.AT_LEAST, 2.0**63, 2**63, True),
        (Op.BETWEEN, (2.25, 2.75), 2, False),
        (Op.BETWEEN, (2.25, 2.75), 3, False),
        (Op.AT_MOST, math.inf, 10**400, True),
        (Op.MORE_THAN, -math.inf, -(10**400), True),
    ],
    ids=lambda part: str(part)[:20],
)
def test_integers_are_compared_with_floats_exactly(
    kind: FactType, op: Op, operand: Operand, value: int, expected: bool
) -> None:
    fact = NAMES_OF[kind][0]
    matcher = compile_indexed([Leaf(fact, op, operand)], CATALOGUE)
    assert matcher.match({fact: value}) == Matches(int(expected), 0)


@pytest.mark.parametrize(
    ("start", "value", "expected"),
    [
        ("投诉", "投诉升级", True),
        ("投诉", "投诉", True),
        ("投诉", "投", False),
        ("投诉", "投诊", False),
        ("", "", True),
        ("\U0010ffff", "\U0010ffff\U0010ffffz", True),
        ("a\U0010ffff", "b", False),
        ("a\U0010ffff", "a\U0010ffff", True),
        ("\ud7ff", "\ud7ffx", True),
        ("\ud7ff", "\ue000", False),
    ],
)
def test_a_start_is_found_in_code_point_order(start: str, value: str, expected: bool) -> None:
    fact = NAMES_OF[FactType.STR][0]
    matcher = compile_indexed([Leaf(fact, Op.STARTS_WITH, start)], CATALOGUE)
    assert matcher.match({fact: value}) == Matches(int(expected), 0)


def test_nothing_asked_matches_nothing() -> None:
    assert compile_indexed([], CATALOGUE).match({"x.int": 1}) == Matches(0, 0)


def test_empty_conditions_are_what_their_words_say() -> None:
    matcher = compile_indexed([All(()), Any(()), Not(())], CATALOGUE)
    assert matcher.match({}) == Matches(0b101, 0)


def test_knowledge_is_true_or_false_but_never_unknown() -> None:
    asked = [Leaf("x.str", Op.KNOWN, True), Leaf("x.str", Op.KNOWN, False), Leaf("x.str", Op.IS, "a")]
    matcher = compile_indexed(asked, CATALOGUE)
    assert matcher.match({}) == Matches(0b010, 0b100)
    assert matcher.match({"x.str": "a"}) == Matches(0b101, 0)


def test_a_fact_outside_the_catalogue_is_still_compared() -> None:
    asked = [Leaf("host.new", Op.AT_LEAST, 2), Leaf("x.int", Op.IS, 1)]
    matcher = compile_indexed(asked, CATALOGUE)
    assert matcher.match({"host.new": 2, "x.int": 1}) == Matches(0b11, 0)
    assert matcher.match({"x.int": 1}) == Matches(0b10, 0b01)


@pytest.mark.parametrize(
    "operand", [1, "x", (1,), (1, 2, 3), (1, "a"), math.nan, (0, math.nan), FactRef("x.int")], ids=repr
)
@pytest.mark.parametrize("op", Op)
def test_an_operand_that_the_loader_would_refuse_is_judged_as_by_the_reference(op: Op, operand: Operand) -> None:
    for kind, (fact, _) in NAMES_OF.items():
        value: Anything = "a" if kind in {FactType.STR, FactType.ENUM} else 1
        if kind is FactType.STR_SET:
            value = frozenset({"a"})
        assert_agree([Leaf(fact, op, operand)], {fact: value, "x.int": 1}, {fact: value}, {})


def choices(count: int) -> Condition:
    """Two to the power of `count` rows."""
    return All(tuple(Any((Leaf("x.int", Op.IS, place), Leaf("y.str", Op.IS, f"{place}"))) for place in range(count)))


def test_a_condition_with_too_many_rows_is_walked_and_agrees() -> None:
    large = choices(9)
    asked = [Leaf("x.int", Op.IS, 3), large, Not((large,)), Leaf("y.str", Op.IS, "3")]
    assert lay_out(asked, CATALOGUE).walked == (1,)
    assert_agree(asked, {}, {"x.int": 3}, {"x.int": 3, "y.str": "3"}, {"x.int": 3, "y.str": "4"}, {"y.str": "4"})


@pytest.mark.parametrize(("share", "most"), [(1.0, 4), (0.3, 6), (0.02, 12)])
def test_rows_of_many_conditions_fold_into_the_bits_of_their_own_condition(share: float, most: int) -> None:
    # Arrange: of 300 conditions a share has several rows.
    chance = random.Random(7)
    asked: list[Condition] = []
    for _ in range(300):
        count = chance.randint(2, most) if chance.random() < share else 1
        asked.append(Any(tuple(Leaf("x.int", Op.IS, chance.randrange(400)) for _ in range(count))))
    layout = lay_out(asked, CATALOGUE)

    # Assert: no bit is given twice, and every value finds its conditions.
    bits = [bit for bit, _ in layout.rows]
    assert len(set(bits)) == len(bits)
    assert not layout.walked
    assert_agree(asked, {}, *({"x.int": value} for value in range(400)))


@pytest.mark.untraced
def test_conditions_too_wide_together_are_walked_instead_of_making_long_vectors() -> None:
    # 3,000 conditions, every other one of 3 rows, the rest of 60: 94,500 rows.
    asked = [
        Any(tuple(Leaf("x.int", Op.IS, 100 * place + row) for row in range(60 if place % 2 else 3)))
        for place in range(3000)
    ]
    layout = lay_out(asked, CATALOGUE)
    assert set(layout.walked) == set(range(1, 3000, 2))
    assert max(bit for bit, _ in layout.rows) < 3 * 3000
    assert_agree(asked, {"x.int": 4217}, {"x.int": 4302})


def test_ten_thousand_thresholds_are_told_apart() -> None:
    fact = NAMES_OF[FactType.DURATION][0]
    matcher = compile_indexed([Leaf(fact, Op.AT_LEAST, 1000 * place) for place in range(10_000)], CATALOGUE)
    assert matcher.match({fact: 4_999_999}).true == 2**5000 - 1
    assert matcher.match({fact: 5_000_000}).true == 2**5001 - 1


def test_more_values_than_are_remembered_are_answered_alike() -> None:
    asked = [Leaf("x.str", Op.STARTS_WITH, "客户4"), Leaf("x.int", Op.AT_LEAST, 7000), Leaf("x.str_set", Op.HAS, "7")]
    matcher, reference = compile_indexed(asked, CATALOGUE), compile_reference(asked, CATALOGUE)
    for _ in range(2):
        for number in range(0, 10_000):
            values: dict[str, Value] = {"x.str": f"客户{number}", "x.int": number, "x.str_set": frozenset(str(number))}
            assert matcher.match(values) == reference.match(values)


def test_more_sets_of_unknown_facts_than_are_remembered_are_answered_alike() -> None:
    names = [f"h.{place}" for place in range(13)]
    catalogue = Catalogue(Fact(name, FactType.INT, {}) for name in names)
    asked = [Leaf(name, Op.IS, 1) for name in names]
    matcher = compile_indexed(asked, catalogue)
    for known in range(2**13):
        values = {name: 1 for place, name in enumerate(names) if known >> place & 1}
        assert matcher.match(values) == Matches(known, 2**13 - 1 - known)


def test_any_mapping_will_do() -> None:
    asked = [Leaf("x.int", Op.IS, 1), Leaf("x.float", Op.AT_LEAST, 1), Leaf("y.int", Op.IS, 1)]
    values = MappingProxyType({"x.int": 1, "x.float": 1.5})
    assert compile_indexed(asked, CATALOGUE).match(values) == Matches(0b011, 0b100)


def test_threads_share_a_matcher() -> None:
    # Arrange: more texts than are remembered, so that threads fill and empty the same table.
    asked: list[Condition] = [Leaf("x.str", Op.IS, str(number)) for number in range(100)]
    asked += [All((Leaf("x.str", Op.STARTS_WITH, "7"), Leaf("x.int", Op.AT_LEAST, 50)))]
    matcher = compile_indexed(asked, CATALOGUE)

    def wrong(seed: int) -> list[int]:
        chance = random.Random(seed)
        found = []
        for _ in range(4000):
            number = chance.randrange(9000)
            true = (1 << number if number < 100 else 0) | (1 << 100 if str(number)[0] == "7" else 0)
            if matcher.match({"x.str": str(number), "x.int": 50}) != Matches(true, 0):
                found.append(number)
        return found

    # Act
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(wrong, range(4)))

    # Assert
    assert answers == [[], [], [], []]
