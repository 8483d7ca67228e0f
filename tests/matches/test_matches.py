"""What a matcher tells, as bits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.matches import Matches, bits


@given(st.sets(st.integers(0, 500)))
def test_bits_are_the_positions_lowest_first(positions: set[int]) -> None:
    mask = sum(1 << position for position in positions)

    assert list(bits(mask)) == sorted(positions)


def test_nothing_errs_unless_it_is_said() -> None:
    assert Matches(0b101, 0b010) == Matches(0b101, 0b010, 0)
    assert list(bits(0)) == []
