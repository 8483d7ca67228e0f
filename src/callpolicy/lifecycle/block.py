"""One block with its whole life, and how it stands at an instant: time is judged when it is read, nobody sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callpolicy.instants import LATEST
from callpolicy.lifecycle.acts import Act, Evidence, Propose
from callpolicy.lifecycle.transitions import HOLDING, Move, State
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Term


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a person must have seen to something.

    Args:
        due: when it became due.
        by: first instant at which it is overdue; `None` if it never is.
        lifts: whether the block is lifted then.
    """

    due: int
    by: int | None
    lifts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """How a block stands from one act to the next. Whatever time does until then stands in it as an instant.

    WHY the instants are kept, and not worked out from governance when they are needed: a norm that is changed later
    must not bring back a block that was lifted, nor lengthen one.

    Args:
        state: the state the act led to.
        term: its term.
        confirmed: whether enough persons stand behind it.
        since: when it became active, or `None`.
        until: first instant at which its term is over, or at which it was lifted; `None` for no end.
        confirm_by: when it is lifted unless it has been confirmed; for unconfirmed blocks of the system.
        review: the next review.
        appeal: the appeal that waits for a decision, or `None`.
        extension: the longer term that waits for a confirmation, or `None`.
    """

    state: State
    term: Term | int
    confirmed: bool = False
    since: int | None = None
    until: int | None = None
    confirm_by: int | None = None
    review: Deadline | None = None
    appeal: Deadline | None = None
    extension: Term | int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a block's life and how the block stands after it.

    Args:
        act: what was done.
        move: as what it counted.
        footing: how the block stands from then on.
    """

    act: Act
    move: Move
    footing: Footing


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its whole life, first act first. It is made and changed by `apply` alone.

    Args:
        block_id: unique.
        subject: whom it covers.
        steps: what was done with it; never empty, the first is its proposal.
    """

    block_id: str
    subject: Subject
    steps: tuple[Step, ...]

    @property
    def proposal(self) -> Propose:
        """The act that it began with."""
        act = self.steps[0].act
        # INVARIANT: `apply` and `block_from_dict` make no block that begins otherwise.
        assert isinstance(act, Propose)
        return act

    @property
    def acts(self) -> tuple[Act, ...]:
        """What was done with it, in order."""
        return tuple(step.act for step in self.steps)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every decision that its acts rest on, each once."""
        return tuple(dict.fromkeys(each for step in self.steps for each in step.act.evidence))


class Why(StrEnum):
    """Why a block is over."""

    TERM = "term"
    UNCONFIRMED = "unconfirmed"
    REVIEW_OVERDUE = "review_overdue"
    APPEAL_OVERDUE = "appeal_overdue"
    LIFTED = "lifted"
    """A person lifted it, or the system took its own block back."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a block ends if nothing more is done with it.

    Args:
        at: first instant at which it is over.
        state: `lifted` or `expired`.
        why: why.
    """

    at: int
    state: State
    why: Why


def footing_at(block: Block, at: int) -> Footing | None:
    """How it stands after all that was done up to an instant; `None` before it was proposed."""
    return next((step.footing for step in reversed(block.steps) if step.act.at <= at), None)


def ending(footing: Footing) -> Ending | None:
    """How a block that stands like this ends if nothing more is done; `None` if it does not.

    Of several ends the first counts; of two at the same instant, that of the term.
    """
    if footing.state is State.LIFTED:
        return None if footing.until is None else Ending(footing.until, State.LIFTED, Why.LIFTED)
    ends = [] if footing.until is None else [Ending(footing.until, State.EXPIRED, Why.TERM)]
    if footing.confirm_by is not None:
        ends.append(Ending(footing.confirm_by, State.LIFTED, Why.UNCONFIRMED))
    for deadline, why in ((footing.review, Why.REVIEW_OVERDUE), (footing.appeal, Why.APPEAL_OVERDUE)):
        if deadline is not None and deadline.lifts and deadline.by is not None:
            ends.append(Ending(deadline.by, State.LIFTED, why))
    return min(ends, key=lambda each: each.at, default=None)


def state_of(footing: Footing, at: int) -> State:
    """The state of a block that stands like this, at an instant not before the act that led to it."""
    end = ending(footing)
    if end is not None and end.at <= at:
        return end.state
    if footing.state is State.ACTIVE and footing.review is not None and footing.review.due <= at:
        return State.UNDER_REVIEW
    return footing.state


def state_at(block: Block, at: int) -> State | None:
    """The state of a block at an instant, also a past one; `None` before it was proposed."""
    footing = footing_at(block, at)
    return None if footing is None else state_of(footing, at)


def ended_at(block: Block, at: int) -> Ending | None:
    """How it ended, seen at an instant; `None` if it is not over then."""
    footing = footing_at(block, at)
    end = None if footing is None else ending(footing)
    return end if end is not None and end.at <= at else None


@dataclass(frozen=True, slots=True)
class Missed:
    """What no person has seen to in time.

    Args:
        block_id: the block.
        what: `unconfirmed`, `review_overdue` or `appeal_overdue`.
        since: since when it is overdue.
        lifted: whether that lifted the block; otherwise it still stands, as the norm declares.
    """

    block_id: str
    what: Why
    since: int
    lifted: bool


def missed(block: Block, at: int) -> tuple[Missed, ...]:
    """What is overdue about a block at an instant, the oldest first; for the report of the desk."""
    footing = footing_at(block, at)
    if footing is None or footing.state is State.LIFTED:
        return ()
    end = ending(footing)
    overdue = [
        (Why.UNCONFIRMED, footing.confirm_by),
        (Why.REVIEW_OVERDUE, footing.review.by if footing.review else None),
        (Why.APPEAL_OVERDUE, footing.appeal.by if footing.appeal else None),
    ]
    found = [
        Missed(block.block_id, why, by, lifted=end is not None and end.why is why)
        for why, by in overdue
        if by is not None and by <= at and (end is None or by < end.at or end.why is why)
    ]
    return tuple(sorted(found, key=lambda each: each.since))


def entry_of(block: Block, at: int) -> Entry | None:
    """The blocklist entry that `screen` sees of a block at an instant; `None` if it keeps nobody out then.

    The entry ends when the block does if nothing more is done with it: with its term, or when it is lifted because
    nobody confirmed it or saw to its review or appeal in time.
    """
    footing = footing_at(block, at)
    if footing is None or footing.since is None or state_of(footing, at) not in HOLDING:
        return None
    return _entry(block, footing, footing.since, at)


def whole_entry(block: Block) -> Entry | None:
    """The blocklist entry of a block over all its time, as far as it is known by now: what a store looks callers up in.

    It begins when the block became active and ends when it was lifted, or when the block does if nothing more is done
    with it. At every instant it holds just when `entry_of` gives an entry.

    Returns:
        `None` if it never became active.
    """
    last = block.steps[-1]
    return None if last.footing.since is None else _entry(block, last.footing, last.footing.since, last.act.at)


def _entry(block: Block, footing: Footing, since: int, at: int) -> Entry:
    end = ending(footing)
    known = [step for step in block.steps if step.act.at <= at]
    judges = [step.act.by.person for step in known if step.move in (Move.CONFIRM, Move.CONFIRM_EXTENSION)]
    evidence = dict.fromkeys(each.decision_id for step in known for each in step.act.evidence)
    until = None if end is None else end.at
    term_until = LATEST if footing.until is None else footing.until
    return Entry(
        entry_id=block.block_id,
        on=ListName.BLOCKLIST,
        identity=block.subject.identity,
        prefix=block.subject.prefix,
        last=block.subject.last,
        since=since,
        until=until,
        reason=block.proposal.reason,
        owner=(judges[-1] if judges else block.proposal.by.person) or "system",
        evidence=tuple(evidence),
        term_until=None if until is None or term_until == until else term_until,
        taken_back=end is not None and end.state is State.LIFTED,
    )
