"""What a matcher tells: which conditions are true and which may be, as bits.

Bit i stands for condition i of the list that the matcher was compiled from, so that resolving needs no lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Matches(NamedTuple):
    """Which conditions are true, and which may be.

    WHY a tuple: one is made at every match, and a tuple is made faster than a frozen dataclass.

    Args:
        true: bit i is set if condition i is true.
        may: bit i is set if condition i is unknown, or could not be evaluated. No bit is in both.
        erring: the bits of `may` whose evaluation failed.
    """

    true: int
    may: int
    erring: int = 0


def bits(mask: int) -> Iterator[int]:
    """The positions of the set bits, lowest first.

    >>> list(bits(0b1010))
    [1, 3]
    """
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
