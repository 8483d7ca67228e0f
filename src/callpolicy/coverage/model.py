"""What a bundle's examples and scenarios are to show, and what of it they do: the points of coverage, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callpolicy.coverage.words import reason_words
from callpolicy.errors import SourceSpan
from callpolicy.policy import Example


class PointKind(StrEnum):
    """What a point is about."""

    RULE = "rule"
    LEAF = "leaf"
    BOUNDARY = "boundary"
    TEXT = "text"


class State(StrEnum):
    """What is known of a point: it was seen, nobody has shown it yet, or no call can show it."""

    SEEN = "seen"
    GAP = "gap"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a point was not seen, or cannot be.

    Args:
        key: which reason; see `callpolicy.coverage.words`.
        values: the names that belong to it: a fact, a relation.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    def told(self, language: str = "en") -> str:
        """The reason in a language: `zh-CN` for Chinese, else English."""
        return reason_words(self.key, self.values, language)


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """One thing that an example or a scenario is to show.

    Args:
        kind: what it is about.
        owner: id of the rule, or of the script.
        part: the leaf as it is written, or the text and its language; empty for a whole rule.
        wanted: `matched`; for a leaf `true`, `false` or `unknown`; for a boundary `below`, `at` or `above`; for a text
            `rendered`.
        state: whether it was seen.
        shown_by: an example or a scenario that shows it; empty if none does.
        reason: for what is impossible, why; for a gap without example, what stands against one.
        closing: for a gap, the rule to which an example is added, and the example; `None` if none was found.
        span: where it stands.
    """

    kind: PointKind
    owner: str
    part: str
    wanted: str
    state: State
    shown_by: str = ""
    reason: Reason | None = None
    closing: tuple[str, Example] | None = None
    span: SourceSpan | None = field(default=None, compare=False, repr=False)

    @property
    def why(self) -> str:
        """The reason in English; empty if there is none."""
        return self.told()

    def told(self, language: str = "en") -> str:
        """The reason in a language, empty if there is none: `zh-CN` for Chinese, else English."""
        return "" if self.reason is None else self.reason.told(language)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one kind was seen.

    Args:
        seen: points that were seen.
        gaps: points that were not.
        impossible: points that no call can show; they count for nothing.
    """

    seen: int
    gaps: int
    impossible: int

    @property
    def percent(self) -> float:
        """Share of what can be seen that was seen; 100 if there is nothing to see."""
        whole = self.seen + self.gaps
        return 100.0 * self.seen / whole if whole else 100.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the examples and scenarios of a bundle show of it.

    Args:
        points: every point, by rule in the order of their ids, then the scripts.
        closing: per rule, the examples that close its gaps; none of them twice.
    """

    points: tuple[CoveragePoint, ...]
    closing: Mapping[str, tuple[Example, ...]]

    def share(self, kind: PointKind | None = None, owner: str | None = None) -> Share:
        """How much was seen, of everything or of one kind or of one rule."""
        states = [
            point.state
            for point in self.points
            if (kind is None or point.kind is kind) and (owner is None or point.owner == owner)
        ]
        return Share(*(states.count(state) for state in (State.SEEN, State.GAP, State.IMPOSSIBLE)))

    @property
    def gaps(self) -> tuple[CoveragePoint, ...]:
        """What nobody has shown yet."""
        return tuple(point for point in self.points if point.state is State.GAP)

    @property
    def percent(self) -> float:
        """Share of everything that can be seen that was seen."""
        return self.share().percent
