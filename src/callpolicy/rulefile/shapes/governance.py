"""`governance.yaml`: who judges, who operates, and how often a block is looked at again (NORM 3.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callpolicy.policy import Term
from callpolicy.rulefile.shapes.base import Duration, Lines, Name, Shape, TermName

Roles = Annotated[list[Name], Field(min_length=1, max_length=20)]


class TermShape(Shape):
    """How blocks of one term are handled."""

    judge: Roles = Field(description="Roles that may judge (判定) that a caller is to be blocked for this term.")
    operate: Roles = Field(description="Roles that may enter and lift the block (操作).")
    maintain: Roles = Field(description="Roles that look at standing blocks again (维护).")
    review_every: Duration = Field(description="How often a standing block is looked at again (维护周期).")
    four_eyes: bool = Field(default=False, description="Whether who confirms must be another person than who proposed.")


class GovernanceFile(Shape):
    """Rules about blocks that people follow."""

    roles: dict[Name, Lines] = Field(min_length=1, description="The roles, with a title per language.")
    terms: dict[Annotated[Term, Field(strict=False)], TermShape] = Field(
        min_length=1, description="Per named term: who judges, operates and maintains."
    )
    longest_automatic_term: TermName | None = Field(
        default=None, description="The longest term that the system may set by itself; left out, it may set none."
    )
    automatic_hang_up: bool = Field(default=False, description="Whether the system may hang up by itself.")
    appeal_within: Duration | None = Field(
        default=None, description="How long after a caller's objection a person must have answered it."
    )
