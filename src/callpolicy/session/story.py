"""A complaint case as a story: what was said, by whom, and how it stands (NORM 2.3, 2.4, 5.3).

The texts are the handlers' words and may be personal. They stand here for whoever takes the case next; no fact,
decision or audit record has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CaseStatus(StrEnum):
    """How a case stands; the words of the fact `case.status`."""

    OPEN = "open"
    """There is no final result."""
    FINAL = "final"
    """There is a final result, and nothing new since."""
    REOPENED = "reopened"
    """Something new came up since the final result."""


@dataclass(frozen=True, slots=True)
class CaseContact:
    """One contact about the case.

    Args:
        call_id: the call.
        at: when it was linked to the case.
        handler: who took it first, if that is known.
        explanations: how many explanations of the case were given in it.
        rejections: how many of those were not accepted.
        after_final: whether it came after the final result that stands.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    call_id: str
    at: int
    handler: str | None
    explanations: int
    rejections: int
    after_final: bool


@dataclass(frozen=True, slots=True)
class CaseExplanation:
    """One explanation of the case.

    Args:
        call_id: the call in which it was given; one that is no contact if it was given outside any call.
        at: when.
        handler: who gave it, if that is known.
        topic: what it was about.
        text: what was explained.
        rejected_at: when the caller said no to it; `None` if that did not happen.
        objection: what the caller objected.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    call_id: str
    at: int
    handler: str | None
    topic: str | None
    text: str | None
    rejected_at: int | None
    objection: str | None

    @property
    def rejected(self) -> bool:
        """Whether the caller did not accept it."""
        return self.rejected_at is not None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The final result that stands.

    Args:
        call_id: the call in which it was recorded, or a name for where that was done outside any call.
        at: when.
        by: who recorded it, if that is known.
        text: what it is.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    call_id: str
    at: int
    by: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class CaseNewFact:
    """Something new that came up in the case.

    Args:
        call_id: the call in which it was recorded, or a name for where that was done outside any call.
        at: when.
        by: who recorded it, if that is known.
        text: what is new.
        since_final: whether it came after the final result that stands, so that it re-opens the case.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    call_id: str
    at: int
    by: str | None
    text: str | None
    since_final: bool


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A case as it is known at an instant.

    Args:
        case_id: the case.
        at: the instant; what happened later is not in it.
        status: how it stands.
        opened_at: the first instant on record; `None` if nothing is.
        first_handler: who took the first contact and stays responsible, if that is known.
        contacts: in the order in which they were linked to it.
        explanations: in order of time.
        final_result: the one that stands, or `None`.
        new_facts: in order of time, also those that the final result has taken in.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    case_id: str
    at: int
    status: CaseStatus
    opened_at: int | None
    first_handler: str | None
    contacts: tuple[CaseContact, ...]
    explanations: tuple[CaseExplanation, ...]
    final_result: CaseResult | None
    new_facts: tuple[CaseNewFact, ...]

    @property
    def contacts_since_final(self) -> int:
        """How many contacts came after the final result; 0 without one."""
        return sum(contact.after_final for contact in self.contacts)

    @property
    def explanations_rejected(self) -> int:
        """How many of the explanations were not accepted."""
        return sum(each.rejected for each in self.explanations)

    @property
    def new_facts_since_final(self) -> int:
        """How many new facts came after the final result; 0 without one."""
        return sum(each.since_final for each in self.new_facts)
