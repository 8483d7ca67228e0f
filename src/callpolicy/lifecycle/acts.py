"""What persons and the system do with a block, as frozen records."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from callpolicy.instants import LATEST
from callpolicy.lists import Subject
from callpolicy.policy import Term

LONGEST_TERM: Final = 100 * 366 * 86_400_000_000
"""A hundred years, in microseconds: a longer duration is a typing error."""

LONGEST_NAME: Final = 200
"""Characters of an id: of a block, a decision or a person."""


# WHY: U+0000 and half a surrogate pair cannot be written to every store.
_NOT_WRITTEN: Final = frozenset({"Cc", "Cs"})
_BREAKS: Final = "\n\r\t"


def _look_at_name(what: str, name: str) -> None:
    if not name or name != name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise ValueError(f"{what} needs one line of 1 to {LONGEST_NAME} characters without spaces around it")


def look_at_instant(what: str, at: int) -> None:
    """Refuse what is no instant that can be shown.

    Raises:
        ValueError: it lies outside the years 1970 to 9999.
    """
    if isinstance(at, bool) or not 0 <= at <= LATEST:
        raise ValueError(f"{what} lies outside the years 1970 to 9999")


def look_at_term(term: Term | int) -> None:
    """Refuse a duration that no block can have.

    Raises:
        ValueError: it is not above zero, or longer than a hundred years.
    """
    if not isinstance(term, Term) and not 0 < term <= LONGEST_TERM:
        raise ValueError("a term lasts longer than nothing and at most a hundred years")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with roles, or the system.

    Args:
        person: the person's id; `None` for the system.
        roles: the person's roles at that moment.

    Raises:
        ValueError: the id is empty or no line of text, or the system was given roles.
    """

    person: str | None
    roles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse an id that could pass for another one."""
        if self.person is not None:
            _look_at_name("the id of a person", self.person)
        elif self.roles:
            raise ValueError("the system has no roles")
        for role in self.roles:
            _look_at_name("the name of a role", role)

    @property
    def key(self) -> str | None:
        """The id by which two persons are told apart; `None` for the system.

        WHY folded: whoever is `Li` in one system and `li` in another is one person, not two pairs of eyes.
        """
        return None if self.person is None else unicodedata.normalize("NFKC", self.person).casefold()

    @property
    def is_system(self) -> bool:
        """Whether no person acts."""
        return self.person is None


SYSTEM: Final = Actor(None)
"""The system itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A decision on which an act rests.

    Args:
        decision_id: its id, or where an imported entry stood.
        at: when it was made.
    """

    decision_id: str
    at: int

    def __post_init__(self) -> None:
        """Refuse what cannot be looked up."""
        _look_at_name("the id of a decision", self.decision_id)
        look_at_instant("the instant of a decision", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that is done with a block.

    Args:
        by: who does it.
        at: when.
        reason: why, for people.
        evidence: the decisions it rests on.

    Raises:
        ValueError: a field is not what it must be, whoever acts.
    """

    name: ClassVar[str]

    by: Actor
    at: int
    reason: str
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an instant that cannot be shown and a reason that cannot be kept."""
        look_at_instant("the instant of an act", self.at)
        if any(unicodedata.category(each) in _NOT_WRITTEN and each not in _BREAKS for each in self.reason):
            raise ValueError("a reason is text without control characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(Act):
    """Somebody is to be blocked; the block begins its life.

    Args:
        block_id: id of the block, unique.
        subject: whom it is to cover.
        term: how long it is to last from when it becomes active: a named term or microseconds.
    """

    name: ClassVar[str] = "propose"

    block_id: str
    subject: Subject
    term: Term | int

    def __post_init__(self) -> None:
        """Refuse an id or a term that no block can have."""
        Act.__post_init__(self)
        _look_at_name("the id of a block", self.block_id)
        look_at_term(self.term)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Act):
    """A person who may judge confirms a proposal, a block that the system made, or an extension."""

    name: ClassVar[str] = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate(Act):
    """The block is entered: from now on it holds."""

    name: ClassVar[str] = "activate"


class ReviewOutcome(StrEnum):
    """What a person who looked at a block again says."""

    KEEP = "keep"
    LIFT = "lift"
    SHORTEN = "shorten"
    EXTEND = "extend"


class AppealOutcome(StrEnum):
    """What a person who decides an appeal says."""

    KEEP = "keep"
    LIFT = "lift"
    SHORTEN = "shorten"


def _look_at_new_term(outcome: StrEnum, term: Term | int | None, needed: bool) -> None:
    if needed != (term is not None):
        raise ValueError(f"`{outcome}` {'needs the new' if needed else 'takes no'} term")
    if term is not None:
        look_at_term(term)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Act):
    """A standing block is looked at again.

    Args:
        outcome: what becomes of it.
        term: the new term, counted from when the block became active; for `shorten` and `extend` only.
    """

    name: ClassVar[str] = "review"

    outcome: ReviewOutcome
    term: Term | int | None = None

    def __post_init__(self) -> None:
        """Refuse a term where none is asked for, and the lack of one where it is."""
        Act.__post_init__(self)
        needed = self.outcome in (ReviewOutcome.SHORTEN, ReviewOutcome.EXTEND)
        _look_at_new_term(self.outcome, self.term, needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal(Act):
    """The caller objects; somebody takes the objection down, or the system does."""

    name: ClassVar[str] = "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAppeal(Act):
    """A person who did not decide about the block decides the appeal.

    Args:
        outcome: what becomes of the block.
        term: the new term, counted from when the block became active; for `shorten` only.
    """

    name: ClassVar[str] = "decide_appeal"

    outcome: AppealOutcome
    term: Term | int | None = None

    def __post_init__(self) -> None:
        """Refuse a term where none is asked for, and the lack of one where it is."""
        Act.__post_init__(self)
        _look_at_new_term(self.outcome, self.term, self.outcome is AppealOutcome.SHORTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift(Act):
    """A proposal is rejected, or a block lifted."""

    name: ClassVar[str] = "lift"
