"""What a change of facts is to bring about, and what a change is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from callpolicy.facts import Value
from callpolicy.points import Effect


@dataclass(frozen=True, slots=True)
class Matches:
    """The rule matches: its condition is true.

    Args:
        rule: id of the rule, or `standing_block`.
    """

    rule: str


@dataclass(frozen=True, slots=True)
class Determines:
    """The rule determines the effect of its stage, and nothing holds it, hides it or forbids it.

    Args:
        rule: id of the rule, or `standing_block`.
    """

    rule: str


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """The stage of the effect comes to it, by whatever rule.

    Args:
        effect: the effect.
    """

    effect: Effect


Goal: TypeAlias = Matches | Determines | LeadsTo


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that has another value.

    Args:
        fact: its name.
        before: the value that it has; `None` is unknown.
        after: the value that it is to have; `None` is unknown.
    """

    fact: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes that together reach a goal, while no fewer facts of theirs do.

    Args:
        changes: by the name of the fact; none if the goal is reached already.
    """

    changes: tuple[Change, ...]

    @property
    def values(self) -> Mapping[str, Value | None]:
        """Fact name to new value, as `callpolicy.whatif.again` takes them."""
        return {each.fact: each.after for each in self.changes}
