"""`governance.yaml` in memory: who judges, operates and maintains blocks, and how far the system may go (NORM 3.2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callpolicy.policy.terms import DAY, Term, Texts, term_length

ANY_OTHER_REGION: Final = "other"
"""Key of `shortest_prefix` for every region that is not named."""


class Overdue(StrEnum):
    """What becomes of a block whose review or appeal nobody has seen to in time."""

    LIFT = "lift"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class TermRules:
    """How blocks of one term are handled.

    Args:
        judge: roles that may judge that a caller is to be blocked for this term.
        operate: roles that may enter and lift the block.
        maintain: roles that look at standing blocks again.
        review_every: how often a standing block is looked at again, in microseconds.
        four_eyes: whether two persons must stand behind a block.
    """

    judge: tuple[str, ...]
    operate: tuple[str, ...]
    maintain: tuple[str, ...]
    review_every: int
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """Terms that escalate with the blocks that a caller has had.

    Args:
        steps: the terms, none shorter than the one before it; the last one is the cap.
        look_back: blocks that ended longer ago do not count, in microseconds.
        decay: one step less for each time as long as this since the last block ended; `None` for no decay.
    """

    steps: tuple[Term | int, ...]
    look_back: int
    decay: int | None = None


@dataclass(frozen=True, slots=True)
class Allowlisting:
    """Who keeps the allowlist, and how long an entry may last.

    Args:
        maintain: roles that may add and end entries.
        longest: how long an entry may last at most, in microseconds; `None` for no limit.
    """

    maintain: tuple[str, ...]
    longest: int | None = None


def person_key(person: str) -> str:
    """The id by which two persons are told apart.

    WHY folded: whoever is `Li` in one system and `li` in another is one person, not two pairs of eyes.

    Source: Unicode Standard Annex 15 (NFKC); The Unicode Standard, section 3.13 (case folding).

    >>> person_key("Li") == person_key("ｌｉ")
    True
    """
    return unicodedata.normalize("NFKC", person).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """Rules about blocks that people and the system follow.

    Args:
        roles: the roles, with a title per language.
        terms: per named term who judges, operates and maintains; the shortest first.
        longest_automatic_term: the longest term that the system may set by itself; `None` if it may set none.
        confirm_within: how long a block that the system made holds without a person who confirms it.
        automatic_hang_up: whether the system may hang up by itself.
        four_eyes_over: blocks for longer than this need two persons; `None` leaves it to the terms.
        review_within: how long after it is due a review may be done before it is overdue.
        overdue_reviews: what becomes of a block whose review is overdue.
        appeal_within: how long after a caller's objection a person must have answered it; `None` for no limit.
        overdue_appeals: what becomes of a block whose appeal is overdue.
        longest_reason: characters that a reason may have.
        shortest_prefix: digits after the country code that a prefix must have, per region and for `other`.
        ladder: terms that escalate, or `None`.
        allowlist: who keeps the allowlist; `None` if nobody may.
        staff: the persons that may act, with the roles that each has; empty if they are not declared.
        time_zone: IANA name of the centre's zone, in which terms end.

    Units: durations are microseconds.
    """

    roles: Mapping[str, Texts] = field(default_factory=dict, hash=False)
    terms: Mapping[Term, TermRules] = field(default_factory=dict, hash=False)
    longest_automatic_term: Term | int | None = None
    confirm_within: int = DAY
    automatic_hang_up: bool = False
    four_eyes_over: int | None = None
    review_within: int = 0
    overdue_reviews: Overdue = Overdue.LIFT
    appeal_within: int | None = None
    overdue_appeals: Overdue = Overdue.LIFT
    longest_reason: int = 500
    shortest_prefix: Mapping[str, int] = field(default_factory=dict, hash=False)
    ladder: Ladder | None = None
    allowlist: Allowlisting | None = None
    staff: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    time_zone: str = "UTC"

    def named_term(self, term: Term | int) -> Term | None:
        """The declared term whose rules hold for a term: itself, for a duration the shortest that is as long.

        Returns:
            `None` if nobody is named who judges, operates and maintains blocks of that term.
        """
        if isinstance(term, Term):
            return term if term in self.terms else None
        enough = [each for each in self.terms if term_length(each) >= term_length(term)]
        return min(enough, key=term_length, default=None)

    def needs_four_eyes(self, term: Term | int) -> bool:
        """Whether two persons must stand behind a block of that term; behind a permanent one always."""
        named = self.named_term(term)
        if term is Term.PERMANENT or (named is not None and self.terms[named].four_eyes):
            return True
        return self.four_eyes_over is not None and term_length(term) > self.four_eyes_over

    def fewest_digits(self, region: str | None) -> int | None:
        """Digits after the country code that a prefix must have; `None` if prefixes of that region are not allowed."""
        return self.shortest_prefix.get(region or "", self.shortest_prefix.get(ANY_OTHER_REGION))

    def roles_of(self, person: str) -> frozenset[str] | None:
        """The roles that a person has where the staff is declared.

        WHY not `None` for a stranger: `None` says that the roles come from elsewhere, and a stranger is to have none.

        Args:
            person: the person's id; ids that `person_key` makes equal are one person.

        Returns:
            `None` if no staff is declared; no roles for a person who is not in it.
        """
        if not self.staff:
            return None
        key = person_key(person)
        return next((frozenset(roles) for each, roles in self.staff.items() if person_key(each) == key), frozenset())
