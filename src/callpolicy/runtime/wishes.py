"""What persons ask of the desk: that somebody is blocked, or let through."""

from __future__ import annotations

from dataclasses import dataclass

from callpolicy.lifecycle import Evidence
from callpolicy.lists import Subject
from callpolicy.policy import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Whom somebody wants to be blocked, and why.

    Args:
        subject: whom it would cover.
        reason: why, for people.
        evidence: the decisions it rests on.
        term: how long; `None` for what the ladder gives, after the blocks that there were.
        block_id: id of the block; a new one if none is given.
        dated: whether it is known when the evidence came to be; what is not dated is no new evidence after a lift.
        former_id: id under which an earlier version would have kept the same block.
    """

    subject: Subject
    reason: str
    evidence: tuple[Evidence, ...]
    term: Term | int | None = None
    block_id: str | None = None
    dated: bool = True
    former_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowing:
    """Whom somebody wants on the allowlist, and why.

    Args:
        subject: whom it covers.
        reason: why, for people.
        owner: who answers for the entry.
        until: first instant at which it no longer holds; `None` for no end, if the norm sets no limit.
        entry_id: id of the entry; a new one if none is given.
        former_id: id under which an earlier version would have kept the same entry.
    """

    subject: Subject
    reason: str
    owner: str
    until: int | None = None
    entry_id: str | None = None
    former_id: str | None = None
