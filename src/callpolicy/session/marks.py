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

GOES_ON: Final[frozenset[type[CallEvent]]] = frozenset(
    {Explained, ExplanationRejected, RefusedByRule, CaseLinked, NewFact, Transferred, Held}
)
"""What shows that a call goes on to something else, so that nobody is hung up on with a second need (NORM 2.1)."""

FAREWELL: Final = frozenset({"no_further_needs", "satisfied"})
"""The signals of a goodbye; a caller in whose words any other is heard still needs something."""
