"""What a block waits for: who may do it, since when, by when, and what a lift has overtaken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from callpolicy.cli.governed import Sitting
from callpolicy.errors import GovernanceError
from callpolicy.lifecycle import OVER, Block, Footing, Move, State, ended_at, footing_at, state_at
from callpolicy.lifecycle.guards import look_at_lifted, persons, rules_of
from callpolicy.policy import Governance, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a block waits for.

    Args:
        what: `confirm`, `confirm_two`, `activate`, `review`, `appeal` or `extension`.
        roles: who may do it.
        barred: persons who may not, whatever their roles.
        due: since when, or from when on.
        by: first instant at which it is overdue; `None` if it never is, or not before the block ends.
        lifts: whether the block is lifted then.
        term: the longer term that waits for a confirmation.
        ends: when the block ends, whether or not the longer term is confirmed by then; of an extension only.
    """

    what: str
    roles: tuple[str, ...]
    barred: tuple[str, ...] = ()
    due: int
    by: int | None = None
    lifts: bool = False
    term: Term | int | None = None
    ends: int | None = None


def waits_of(block: Block, at: int, governance: Governance) -> tuple[Wait, ...]:
    """What a block waits for at an instant, the reviews to come too; what is due first."""
    footing, state = footing_at(block, at), state_at(block, at)
    if footing is None or state is None or state in OVER:
        return ()
    if state is State.PROPOSED:
        return (_confirmation(block, footing, governance),)
    if state is State.CONFIRMED:
        since = _last(block, at, Move.CONFIRM)
        return (Wait(what="activate", roles=_roles(footing.term, "operate", governance), due=since),)
    found = (_before_its_end(each, footing.until) for each in _while_it_holds(block, footing, at, governance))
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.due))


def _before_its_end(wait: Wait, until: int | None) -> Wait | None:
    """What is waited for as far as it comes before the block's term is over; `None` for what does not."""
    if until is None:
        return wait
    if wait.due >= until:
        return None
    return replace(wait, by=None, lifts=False) if wait.by is not None and wait.by >= until else wait


def _confirmation(block: Block, footing: Footing, governance: Governance) -> Wait:
    behind = persons(block, frozenset({Move.PROPOSE, Move.CONFIRM_FIRST, Move.CONFIRM}))
    two = governance.needs_four_eyes(footing.term) and not behind
    judges = _roles(footing.term, "judge", governance)
    what = "confirm_two" if two else "confirm"
    since = block.proposal.at if footing.since is None else footing.since
    return Wait(what=what, roles=judges, barred=who_made(block, Move.PROPOSE, Move.CONFIRM_FIRST), due=since)


def _while_it_holds(block: Block, footing: Footing, at: int, governance: Governance) -> Iterator[Wait]:
    if not footing.confirmed:
        yield replace(_confirmation(block, footing, governance), by=footing.confirm_by, lifts=True)
    if footing.appeal is not None:
        yield Wait(
            what="appeal", roles=_roles(footing.term, "judge", governance), barred=_deciders(block),
            due=footing.appeal.due, by=footing.appeal.by, lifts=footing.appeal.lifts,
        )  # fmt: skip
    if footing.extension is not None:
        yield Wait(
            what="extension", roles=_roles(footing.extension, "judge", governance),
            barred=who_made(block, Move.REVIEW_EXTEND)[-1:], due=_last(block, at, Move.REVIEW_EXTEND),
            term=footing.extension, ends=footing.until,
        )  # fmt: skip
    if footing.review is not None:
        due, by, lifts = footing.review.due, footing.review.by, footing.review.lifts
        roles = _roles(footing.term, "maintain", governance)
        yield Wait(what="review", roles=roles, due=due, by=by, lifts=lifts)


def _last(block: Block, at: int, move: Move) -> int:
    """When a move was made last; of what never was, the proposal."""
    made = (step.act.at for step in reversed(block.steps) if step.move is move and step.act.at <= at)
    return next(made, block.proposal.at)


def _roles(term: Term | int, duty: str, governance: Governance) -> tuple[str, ...]:
    try:
        rules = rules_of(term, governance)[1]
    except GovernanceError:
        return ()
    every = {"judge": rules.judge, "operate": rules.operate, "maintain": rules.maintain}
    return every[duty]


def who_made(block: Block, *moves: Move) -> tuple[str, ...]:
    """The persons who made one of these moves, each once, in order."""
    made = (step.act.by.person for step in block.steps if step.move in moves)
    return tuple(dict.fromkeys(each for each in made if each is not None))


def _deciders(block: Block) -> tuple[str, ...]:
    from callpolicy.lifecycle.guards import DECIDING

    return tuple(dict.fromkeys((*who_made(block, *sorted(DECIDING)), *who_made(block, Move.APPEAL)[-1:])))


def waits_now(block: Block, sitting: Sitting) -> tuple[Wait, ...]:
    """What it waits for at this instant."""
    return tuple(each for each in waits_of(block, sitting.at, sitting.governance) if each.due <= sitting.at)


# ---- what a lift has overtaken


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The lift that keeps a block from being confirmed or entered as it is.

    Args:
        block_id: the block that was lifted.
        at: when.
    """

    block_id: str
    at: int


NEEDS_EVIDENCE: Final = frozenset({"confirm", "confirm_two", "extension", "activate"})
"""What is refused after a lift while no decision made since speaks for the block."""


def overtaken_by(block: Block, sitting: Sitting) -> Overtaken | None:
    """The last lift since which no decision speaks for the block, if it waits for what such a lift refuses.

    The guard of the lifecycle itself is asked, so that what is said here is what the next command meets.
    """
    if not any(each.what in NEEDS_EVIDENCE for each in waits_now(block, sitting)):
        return None
    found = []
    for listed in sitting.store.overlapping(block.subject):
        other = listed.block
        end = None if other is None else ended_at(other, sitting.at)
        if other is None or end is None or other.block_id == block.block_id:
            continue
        try:
            look_at_lifted(Move.CONFIRM, block.block_id, block.subject, block.evidence, (other,), sitting.at)
        except GovernanceError:
            found.append(Overtaken(other.block_id, end.at))
    return max(found, key=lambda each: each.at, default=None)
