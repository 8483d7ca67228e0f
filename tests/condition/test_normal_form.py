"""The normal form says the same as the condition, in three truth values, for every assignment of truths to leaves."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import (
    All,
    Any,
    Condition,
    Leaf,
    Literal,
    NormalFormTooLargeError,
    Not,
    Op,
    Row,
    Truth,
    leaves,
    normal_form,
)

LEAVES = [Leaf(f"host.{name}", Op.IS, True) for name in "abcd"]
A, B, C, D = LEAVES

conditions: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        lambda node, items: node(tuple(items)), st.sampled_from([All, Any, Not]), st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)

# Strong Kleene by numbers: false 0, unknown 1, true 2; and = min, or = max, not x = 2 - x (Kleene 1952, § 64).
NUMBER: dict[Truth, int] = {False: 0, None: 1, True: 2}


def number_of(condition: Condition, truths: dict[Leaf, int]) -> int:
    match condition:
        case Leaf():
            return truths[condition]
        case All(items):
            return min((number_of(item, truths) for item in items), default=2)
        case Any(items):
            return max((number_of(item, truths) for item in items), default=0)
        case Not(items):
            return min((2 - number_of(item, truths) for item in items), default=2)


def number_of_rows(rows: tuple[Row, ...], truths: dict[Leaf, int]) -> int:
    return max((min((literal_number(each, truths) for each in row), default=2) for row in rows), default=0)


def literal_number(literal: Literal, truths: dict[Leaf, int]) -> int:
    return truths[literal.leaf] if literal.holds else 2 - truths[literal.leaf]


@given(conditions)
def test_it_is_exact_in_three_values_for_every_assignment(condition: Condition) -> None:
    rows = normal_form(condition, limit=10_000)
    own = sorted(set(leaves(condition)), key=str)

    for assigned in product((0, 1, 2), repeat=len(own)):
        truths = dict(zip(own, assigned, strict=True))
        assert number_of_rows(rows, truths) == number_of(condition, truths)


@given(conditions)
def test_no_row_repeats_a_literal_and_none_covers_another(condition: Condition) -> None:
    rows = normal_form(condition, limit=10_000)

    sets = [frozenset(row) for row in rows]
    assert [len(row) for row in rows] == [len(row) for row in sets]
    assert not [
        (one, other) for place, one in enumerate(sets) for other in sets[:place] if one <= other or other <= one
    ]


@given(conditions, st.integers(1, 6))
def test_a_limit_is_kept_or_told(condition: Condition, limit: int) -> None:
    try:
        rows = normal_form(condition, limit=limit)
    except NormalFormTooLargeError:
        # Only where a step really makes more rows than that: with a large limit it works.
        assert normal_form(condition, limit=10_000) is not None
        return
    assert len(rows) <= limit
    assert rows == normal_form(condition, limit=10_000)


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (All(()), ((),)),
        (Any(()), ()),
        (Not(()), ((),)),
        (Not((All(()),)), ()),
        (Any((A, Not((A,)))), ((Literal(A, True),), (Literal(A, False),))),
        (All((A, Not((A,)))), ((Literal(A, True), Literal(A, False)),)),
        (Not((A, B)), ((Literal(A, False), Literal(B, False)),)),
        (Not((All((A, B)),)), ((Literal(A, False),), (Literal(B, False),))),
        (Any((All((A, B)), A)), ((Literal(A, True),),)),
        (All((A, A)), ((Literal(A, True),),)),
    ],
)
def test_small_conditions_have_the_form_worked_out_by_hand(condition: Condition, rows: tuple[Row, ...]) -> None:
    assert normal_form(condition, limit=4) == rows


def test_too_many_rows_are_refused_before_they_are_made() -> None:
    # 2 to the 60th rows: without the limit this would never end.
    pairs = [Any((Leaf(f"host.l{each}", Op.IS, True), Leaf(f"host.r{each}", Op.IS, True))) for each in range(60)]

    with pytest.raises(NormalFormTooLargeError):
        normal_form(All(tuple(pairs)), limit=1_000)
