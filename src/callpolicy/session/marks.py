"""What the marks of an agent fill, and what takes the marks of a finished service back, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.events import (
    CallEvent,
    CaseLinked,
    Escalated,
    Explained,
    ExplanationRejected,
    Held,
    NewFact,
    NoFurtherNeeds,
    RefusedByRule,
    ServiceCompleted,
    Soothed,
    Transferred,
)

MARKED_COUNTS: Final[Mapping[type[CallEvent], str]] = {
    Soothed: "talk.soothings",
    Explained: "talk.explanations",
    ExplanationRejected: "talk.explanations_rejected",
    RefusedByRule: "talk.refusals_by_rule",
    Escalated: "talk.escalations",
}
"""What each event adds one to."""

MARKED_FLAGS: Final[Mapping[type[CallEvent], str]] = {
    ServiceCompleted: "talk.service_complete",
    NoFurtherNeeds: "talk.no_further_needs",
}
"""What each event says is so, or with `on=False` is not so."""

SINCE_REFUSAL: Final = "talk.rejections_since_refusal"
"""How often the explanations of the last refusal were rejected; a completed service settles the refusal."""

GOES_ON: Final[frozenset[type[CallEvent]]] = frozenset(
    {Explained, ExplanationRejected, RefusedByRule, CaseLinked, NewFact, Transferred, Held}
)
"""What shows that a call goes on to something else, so that nobody is hung up on with a second need (NORM 2.1)."""

FAREWELL: Final = frozenset({"no_further_needs", "satisfied"})
"""The signals of a goodbye; a caller in whose words any other is heard still needs something."""


class Refusal:
    """Counts how often the caller rejected the explanations of the last refusal by a rule.

    What was explained before the refusal is about something else, and a completed service settles the refusal: neither
    counts against a caller.
    """

    __slots__ = ("_rejected", "_standing", "_unrejected")

    def __init__(self) -> None:
        self._standing = False
        self._unrejected = self._rejected = 0

    def follow(self, kind: type[CallEvent]) -> int:
        """Take one mark in; give the rejections since the refusal."""
        if kind in (RefusedByRule, ServiceCompleted):
            self._standing = kind is RefusedByRule
            self._unrejected = self._rejected = 0
        elif kind is Explained and self._standing:
            self._unrejected += 1
        elif kind is ExplanationRejected and self._unrejected:
            self._unrejected -= 1
            self._rejected += 1
        return self._rejected


class OwnExplanations:
    """Which marks of an explanation count for the call: not those that name another case than the call is about then.

    WHY: not accepting what was explained of one case is no reason to end a call about another. A rejection is of the
    latest explanation that is not rejected yet, as everywhere.
    """

    __slots__ = ("_unrejected",)

    def __init__(self) -> None:
        self._unrejected: list[bool] = []

    def has(self, event: CallEvent, case_id: object) -> bool:
        """Take one mark in; whether it counts.

        Args:
            event: the mark.
            case_id: the case that the call is about now, if any.
        """
        match event:
            case Explained(case_id=named):
                own = named is None or named == case_id
                self._unrejected.append(own)
                return own
            case ExplanationRejected():
                return self._unrejected.pop()
            case _:
                return True
