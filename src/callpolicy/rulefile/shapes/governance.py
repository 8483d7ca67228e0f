"""`governance.yaml`: who judges, who operates, and how often a block is looked at again (NORM 3.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from callpolicy.policy import Overdue, Term
from callpolicy.rulefile.shapes.base import Duration, Line, Lines, Name, Shape, TermName, shown, wrong

Roles = Annotated[list[Name], Field(min_length=1, max_length=20)]
PrefixRegion = Annotated[str, StringConstraints(pattern="^([A-Z]{2}|other)$")]
_Overdue = Annotated[Overdue, Field(strict=False)]


def read_person(value: str) -> str:
    """The id of a person as written.

    Raises:
        PydanticCustomError: nobody could act under it, because it has characters that cannot be seen.
    """
    if not value.isprintable() or value != value.strip():
        raise wrong("bad-line", f"{shown(value)} has characters that cannot be seen", "write the id with visible ones")
    return value


Person = Annotated[Line, AfterValidator(read_person)]
"""The id of a person, as whoever acts gives it."""


class TermShape(Shape):
    """How blocks of one term are handled."""

    judge: Roles = Field(description="Roles that may judge (判定) that a caller is to be blocked for this term.")
    operate: Roles = Field(description="Roles that may enter and lift the block (操作).")
    maintain: Roles = Field(description="Roles that look at standing blocks again (维护).")
    review_every: Duration = Field(description="How often a standing block is looked at again (维护周期).")
    four_eyes: bool = Field(
        default=False,
        description="Whether two persons must stand behind the block (双人复核); the system counts as none. "
        "Nobody confirms what they proposed themselves, and a permanent block always needs two.",
    )


class LadderShape(Shape):
    """Terms that escalate with the blocks that a caller has had (逐级延长)."""

    steps: list[TermName] = Field(
        min_length=1, max_length=20, description="The terms, from the first block on; the last one is the cap."
    )
    look_back: Duration = Field(description="Blocks that ended longer ago than this do not count.")
    decay: Duration | None = Field(
        default=None, description="One step less for each time as long as this since the last block ended."
    )


class AllowlistShape(Shape):
    """Who keeps the allowlist (白名单)."""

    maintain: Roles = Field(
        description="Roles that may add and end entries (维护); each entry needs an owner and a reason."
    )
    longest: Duration | None = Field(
        default=None, description="How long an entry may last at most; left out, it may have no end."
    )


class GovernanceFile(Shape):
    """Rules about blocks that people follow."""

    roles: dict[Name, Lines] = Field(min_length=1, description="The roles, with a title per language.")
    terms: dict[Annotated[Term, Field(strict=False)], TermShape] = Field(
        min_length=1, description="Per named term: who judges, operates and maintains."
    )
    longest_automatic_term: TermName | None = Field(
        default=None, description="The longest term that the system may set by itself; left out, it may set none."
    )
    confirm_within: Duration = Field(
        default="1d",
        validate_default=True,
        description="How long a block that the system made holds without a person who confirms it; then it is lifted.",
    )
    automatic_hang_up: bool = Field(default=False, description="Whether the system may hang up by itself.")
    four_eyes_over: Duration | None = Field(
        default=None, description="Blocks for longer than this need two persons, whatever their term says."
    )
    review_within: Duration = Field(
        default="0s",
        validate_default=True,
        description="How long after it is due a review may be done before it is overdue.",
    )
    overdue_reviews: _Overdue = Field(
        default=Overdue.LIFT, description="What becomes of a block whose review is overdue: it is lifted, or stays."
    )
    appeal_within: Duration | None = Field(
        default=None, description="How long after a caller's objection a person must have answered it."
    )
    overdue_appeals: _Overdue = Field(
        default=Overdue.LIFT, description="What becomes of a block whose appeal is overdue: it is lifted, or stays."
    )
    longest_reason: Annotated[int, Field(ge=20, le=2_000)] = Field(
        default=500, description="Characters that the reason of an act may have."
    )
    shortest_prefix: dict[PrefixRegion, Annotated[int, Field(ge=1, le=15)]] = Field(
        default={},
        description="Digits after the country code that a blocked prefix must have, per region (ISO 3166) or for "
        "`other`; no range may be wider. A region that is neither named nor covered by `other` has no such blocks.",
    )
    ladder: LadderShape | None = Field(default=None, description="Terms that escalate; left out, none do.")
    allowlist: AllowlistShape | None = Field(
        default=None, description="Who keeps the allowlist; left out, nobody may add or end an entry."
    )
    staff: Annotated[dict[Person, Roles], Field(min_length=1, max_length=5_000)] | None = Field(
        default=None,
        description="The persons that may act, by id, and the roles that each has. Where it is declared, nobody else "
        "may act, and nobody in another role; left out, whoever asks says which roles a person has.",
    )
