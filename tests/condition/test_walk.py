"""The walk over a condition, and what equality of conditions means."""

from __future__ import annotations

from callpolicy.condition import All, Any, FactRef, Leaf, Not, Op, depth, facts_read, leaves
from callpolicy.errors import SourceSpan

A, B, C = (Leaf(f"host.{name}", Op.IS, True) for name in "abc")


def test_leaves_come_in_the_order_in_which_they_are_written_repeated_ones_too() -> None:
    assert list(leaves(Any((All((B, A)), Not((C, A)), B)))) == [B, A, C, A, B]


def test_the_facts_read_are_those_on_both_sides_of_a_comparison() -> None:
    compared = Leaf("talk.offences_since_warning", Op.AT_MOST, FactRef("talk.offences"))

    assert facts_read(Not((compared, A))) == {"talk.offences_since_warning", "talk.offences", "host.a"}
    assert facts_read(All(())) == frozenset()


def test_depth_counts_the_levels() -> None:
    assert [depth(each) for each in (A, All(()), All((A,)), Not((Any((A, All((B,)))), C)))] == [1, 1, 2, 4]


def test_the_place_in_a_file_is_no_part_of_the_meaning() -> None:
    placed = Leaf("host.a", Op.IS, True, SourceSpan("a.yaml", 3, 5))

    assert placed == A
    assert hash(placed) == hash(A)
    assert "a.yaml" not in repr(placed)


def test_all_any_and_not_are_different_conditions() -> None:
    assert len({All((A,)), Any((A,)), Not((A,)), A}) == 4
