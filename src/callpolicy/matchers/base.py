"""What a matcher is: a list of conditions, compiled once, against one snapshot at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from callpolicy.condition import Condition
from callpolicy.facts import Catalogue, Value
from callpolicy.matches import Matches, bits

__all__ = ["Compile", "Matcher", "Matches", "bits"]


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
