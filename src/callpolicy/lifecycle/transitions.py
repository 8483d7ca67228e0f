"""The life of a block as data: which move is possible in which state, and where it leads.

Whether a move is possible at all stands here; whether this person may make it now stands in `guards`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where a block is in its life."""

    PROPOSED = "proposed"
    """Somebody is to be blocked; nobody is."""
    CONFIRMED = "confirmed"
    """Judged, and not yet entered."""
    ACTIVE = "active"
    """It holds."""
    UNDER_REVIEW = "under_review"
    """It holds, and a person must look at it: a review is due, an appeal or an extension waits."""
    LIFTED = "lifted"
    """Over before its end, or a proposal that was rejected."""
    EXPIRED = "expired"
    """Over because its term is."""


HOLDING: Final = frozenset({State.ACTIVE, State.UNDER_REVIEW})
"""The states in which callers are kept out."""

OVER: Final = frozenset({State.LIFTED, State.EXPIRED})
"""The states that nothing leads out of."""


class Move(StrEnum):
    """An act as it counts in the table: what it does depends also on what came before it."""

    PROPOSE = "propose"
    CONFIRM_FIRST = "confirm_first"
    """A confirmation that needs another one, by somebody else."""
    CONFIRM = "confirm"
    CONFIRM_EXTENSION = "confirm_extension"
    ACTIVATE = "activate"
    ACTIVATE_AUTOMATICALLY = "activate_automatically"
    """The system enters what it proposed, before a person has confirmed it."""
    REVIEW_KEEP = "review_keep"
    REVIEW_LIFT = "review_lift"
    REVIEW_SHORTEN = "review_shorten"
    REVIEW_EXTEND = "review_extend"
    APPEAL = "appeal"
    APPEAL_KEEP = "appeal_keep"
    APPEAL_LIFT = "appeal_lift"
    APPEAL_SHORTEN = "appeal_shorten"
    LIFT = "lift"


TRANSITIONS: Final[Mapping[State | None, Mapping[Move, State]]] = MappingProxyType(
    {
        None: MappingProxyType({Move.PROPOSE: State.PROPOSED}),
        State.PROPOSED: MappingProxyType(
            {
                Move.CONFIRM_FIRST: State.PROPOSED,
                Move.CONFIRM: State.CONFIRMED,
                Move.ACTIVATE_AUTOMATICALLY: State.ACTIVE,
                Move.LIFT: State.LIFTED,
            }
        ),
        State.CONFIRMED: MappingProxyType({Move.ACTIVATE: State.ACTIVE, Move.LIFT: State.LIFTED}),
        State.ACTIVE: MappingProxyType(
            {
                Move.CONFIRM_FIRST: State.ACTIVE,
                Move.CONFIRM: State.ACTIVE,
                Move.REVIEW_KEEP: State.ACTIVE,
                Move.REVIEW_LIFT: State.LIFTED,
                Move.REVIEW_SHORTEN: State.ACTIVE,
                Move.REVIEW_EXTEND: State.UNDER_REVIEW,
                Move.APPEAL: State.UNDER_REVIEW,
                Move.LIFT: State.LIFTED,
            }
        ),
        State.UNDER_REVIEW: MappingProxyType(
            {
                Move.CONFIRM_FIRST: State.UNDER_REVIEW,
                Move.CONFIRM: State.UNDER_REVIEW,
                Move.CONFIRM_EXTENSION: State.ACTIVE,
                Move.REVIEW_KEEP: State.ACTIVE,
                Move.REVIEW_LIFT: State.LIFTED,
                Move.REVIEW_SHORTEN: State.ACTIVE,
                Move.REVIEW_EXTEND: State.UNDER_REVIEW,
                Move.APPEAL: State.UNDER_REVIEW,
                Move.APPEAL_KEEP: State.ACTIVE,
                Move.APPEAL_LIFT: State.LIFTED,
                Move.APPEAL_SHORTEN: State.ACTIVE,
                Move.LIFT: State.LIFTED,
            }
        ),
        State.LIFTED: MappingProxyType({}),
        State.EXPIRED: MappingProxyType({}),
    }
)
"""State, `None` before the block is there, to what can happen in it, to the state it leads to."""
