"""What a change of the norm does, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from callpolicy.changes.beside import Beside
from callpolicy.condition import Leaf, Scalar, Truth
from callpolicy.decision import StageResult
from callpolicy.facts import Value
from callpolicy.points import DecisionPoint, Stage

Range: TypeAlias = tuple[Scalar | None, Scalar | None]
"""The least and the greatest value, both in; `None` for no bound."""


_DONE_ALIKE: Final = frozenset({"scripts", "reasons", "facts", "privacy"})
"""Parts that change no decision: what is said or shown, and facts that no rule asks for or that are compared anyway."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a region says of the value of one fact.

    Args:
        fact: name of the fact.
        ranges: where its value lies, in order; a text lies in a range of one.
        other_texts: it may also be any text that no rule names.
        unknown: it may be unknown.
    """

    fact: str
    # WHY no repr: it may be the number of a caller whom a rule names.
    ranges: tuple[Range, ...] = field(default=(), repr=False)
    other_texts: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a region says of one comparison that is no bound on a single value: of a set, or of two facts.

    Args:
        leaf: the comparison.
        truths: what it may come to.
    """

    # WHY no repr: as above.
    leaf: Leaf = field(repr=False)
    truths: frozenset[Truth]


@dataclass(frozen=True, slots=True)
class Move:
    """What one stage comes to instead, for some calls of a region.

    Args:
        stage: the stage.
        old: what the old norm comes to, on the call that is shown.
        new: what the new one comes to.
        values: such a call: the facts that are known of it.
        confirmed: the engine was asked about that call, with both norms. `False` only where a pilot takes a share of
            callers and none was found whom the hash chooses as it must.
    """

    stage: Stage
    old: StageResult
    new: StageResult
    # WHY no repr: it may name a caller whom a rule names.
    values: Mapping[str, Value] = field(repr=False, hash=False)
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """Calls that change, as far as the rules that were changed can tell them from others.

    Every call that changes is in a region, and in every region some calls change: those that its moves show. Which
    others of it do depends on the rules that were not changed.

    Args:
        points: the decision points at which they change.
        parts: what is so of the facts that the changed rules look at, by the name of the fact; all of it together.
        said: the same, for comparisons of sets and of two facts.
        moves: what becomes of what, every pair of effects once; what is stricter than before comes first.
    """

    points: tuple[DecisionPoint, ...]
    parts: tuple[Part, ...]
    said: tuple[Said, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change of the norm does to the decisions on every possible call.

    Args:
        regions: every region of calls whose decision changes; empty if it is proved that there is none.
        beyond: parts that differ and that no snapshot of facts shows: see `callpolicy.analysis.beyond_snapshots`.
        unsupported: what could not be looked at, by decision point, one line each; there nothing is proved.
        unfinished: decision points at which there are more regions than were asked for.
        beside: every piece of those parts that differs.
    """

    regions: tuple[Region, ...]
    beyond: tuple[str, ...] = ()
    unsupported: Mapping[DecisionPoint, tuple[str, ...]] = field(default_factory=dict, hash=False)
    unfinished: tuple[DecisionPoint, ...] = ()
    beside: tuple[Beside, ...] = ()

    @property
    def same_on_facts(self) -> bool:
        """Whether it is proved that no decision on any snapshot changes."""
        return not self.regions and not self.unsupported and not self.unfinished

    @property
    def proved_same(self) -> bool:
        """Whether it is proved that no decision changes: on no snapshot, and what makes the facts is the same too."""
        return self.same_on_facts and not set(self.beyond) - _DONE_ALIKE
