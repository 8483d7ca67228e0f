"""What a matcher is: a list of conditions, compiled once, against one snapshot at a time.

A match is told in bits, bit i for condition i, so that resolving needs no lists (see `callpolicy.resolve`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callpolicy.condition import Condition
from callpolicy.facts import Catalogue, Value


@dataclass(frozen=True, slots=True)
class Matches:
    """Which conditions are true, and which may be.

    Args:
        true: bit i is set if condition i is true.
        may: bit i is set if condition i is unknown, or could not be evaluated. No bit is in both.
        erring: the bits of `may` whose evaluation failed.
    """

    true: int
    may: int
    erring: int = 0


class Matcher(Protocol):
    """One compiled list of conditions.

    Instances are immutable as far as a caller can see, and may be used from several threads.
    """

    def match(self, values: Mapping[str, Value]) -> Matches:
        """Evaluate every condition on the known facts; a fact that is not in `values` is unknown."""
        ...


class Compile(Protocol):
    """Makes a matcher from conditions. The operand types have been checked against the catalogue."""

    def __call__(self, conditions: Sequence[Condition], catalogue: Catalogue) -> Matcher:
        """Compile.

        Raises:
            UnsupportedConditionError: this matcher cannot hold the conditions.
        """
        ...


def bits(mask: int) -> Iterator[int]:
    """The positions of the set bits, lowest first.

    >>> list(bits(0b1010))
    [1, 3]
    """
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
