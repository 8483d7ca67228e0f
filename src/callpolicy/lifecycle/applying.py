"""`apply`: the one way in which a block begins and goes on. What it is given stays; it makes the block anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from callpolicy.errors import GovernanceError
from callpolicy.instants import LATEST
from callpolicy.lifecycle import guards
from callpolicy.lifecycle.acts import Act, Activate, Appeal, Confirm, DecideAppeal, Lift, Propose, Review
from callpolicy.lifecycle.block import Block, Deadline, Footing, Step, footing_at, state_at
from callpolicy.lifecycle.subjects import Shield, look_at_width
from callpolicy.lifecycle.transitions import OVER, TRANSITIONS, Move, State
from callpolicy.lists import end_of_term
from callpolicy.policy import Governance, Overdue, Term

_TABLE: Final = "always.transitions"


def apply(
    block: Block | None, act: Act, governance: Governance, *, shield: Shield | None, others: Iterable[Block]
) -> Block:
    """A block after an act, if governance lets it happen.

    Args:
        block: the block as it is; `None` for an act that proposes a new one.
        act: what is to be done.
        governance: what the norm declares.
        shield: why the callers it covers may not be blocked (see `shield_of`), or `None` if they may.
        others: all other blocks, past ones too, that may cover the same callers.

    Returns:
        the block with one more step. Deadlines are set by the governance given, and stay as they are if it changes.

    Raises:
        GovernanceError: a rule of governance refused; it says which. The block given is as it was.
    """
    if block is not None and act.at < block.steps[-1].act.at:
        message = f"`{act.name}` comes before the last act; acts are taken in order of time"
        raise GovernanceError("act-out-of-order", "always.in_order", message)
    others = tuple(others)
    guards.look_at_texts(act, governance)
    state = None if block is None else state_at(block, act.at)
    move = _move(block, act, governance)
    _look_at_table(state, move, act)
    footing = _footing_before(block, act)
    _look_at_what_waits(move, footing)
    if isinstance(act, Propose):
        # WHY before the shield: whoever asks for a whole country is told so, not that somebody in it is protected.
        look_at_width(act.subject, governance)
    guards.look_at_shield(move, shield)
    if move is Move.ACTIVATE_AUTOMATICALLY and block is not None:
        guards.look_at_automatic(act, block, governance)
        guards.look_at_what_persons_lifted(block.subject, others, act.at)
    judged = footing.extension if move is Move.CONFIRM_EXTENSION and footing.extension is not None else footing.term
    guards.look_at_actor(move, act, block, judged, governance)
    if isinstance(act, Propose):
        guards.look_at_proposal(act.evidence)
        guards.rules_of(act.term, governance)
        begun = Block(act.block_id, act.subject, ())
    else:
        # INVARIANT: the table lets nothing but a proposal happen before there is a block.
        assert block is not None
        begun = block
    guards.look_at_lifted(move, begun.block_id, begun.subject, begun.evidence + act.evidence, others, act.at)
    after = replace(_footing_after(move, act, footing, governance), state=TRANSITIONS[state][move])
    return replace(begun, steps=(*begun.steps, Step(act, move, after)))


def _move(block: Block | None, act: Act, governance: Governance) -> Move:
    match act:
        case Propose():
            return Move.PROPOSE
        case Confirm():
            return _confirmation(block, act, governance)
        case Activate():
            proposed = block is not None and state_at(block, act.at) is State.PROPOSED
            return Move.ACTIVATE_AUTOMATICALLY if proposed and act.by.is_system else Move.ACTIVATE
        case Review():
            return Move(f"review_{act.outcome}")
        case Appeal():
            return Move.APPEAL
        case DecideAppeal():
            return Move(f"appeal_{act.outcome}")
        case Lift():
            return Move.LIFT
        case _:
            raise TypeError(f"`{type(act).__name__}` is no act")


def _confirmation(block: Block | None, act: Confirm, governance: Governance) -> Move:
    footing = None if block is None else footing_at(block, act.at)
    if block is None or footing is None:
        return Move.CONFIRM
    if footing.extension is not None:
        return Move.CONFIRM_EXTENSION
    enough = footing.confirmed or guards.enough_eyes(block, act.by, footing.term, governance)
    return Move.CONFIRM if enough else Move.CONFIRM_FIRST


def _look_at_table(state: State | None, move: Move, act: Act) -> None:
    if move in TRANSITIONS[state]:
        return
    if state in OVER:
        raise GovernanceError("block-is-over", _TABLE, f"a block that is `{state}` stays so; propose a new one")
    if state is None:
        raise GovernanceError("no-block", _TABLE, f"there is no block for `{act.name}`; propose one first")
    raise GovernanceError("not-in-this-state", _TABLE, f"`{act.name}` is not possible while a block is `{state}`")


def _footing_before(block: Block | None, act: Act) -> Footing:
    if block is not None:
        return block.steps[-1].footing
    # INVARIANT: the table lets nothing but a proposal happen before there is a block.
    assert isinstance(act, Propose)
    return Footing(state=State.PROPOSED, term=act.term)


def _look_at_what_waits(move: Move, footing: Footing) -> None:
    waits = footing.appeal is not None
    if move in (Move.APPEAL_KEEP, Move.APPEAL_LIFT, Move.APPEAL_SHORTEN) and not waits:
        raise GovernanceError("no-appeal", _TABLE, "no appeal waits for a decision")
    if move is Move.APPEAL and waits:
        raise GovernanceError("appeal-waits", _TABLE, "an appeal waits for a decision already")
    if move in (Move.REVIEW_KEEP, Move.REVIEW_SHORTEN, Move.REVIEW_EXTEND) and waits:
        message = "an appeal waits; decide it first, or lift the block"
        raise GovernanceError("appeal-waits", _TABLE, message)
    if move in (Move.CONFIRM, Move.CONFIRM_FIRST) and footing.confirmed:
        raise GovernanceError("nothing-to-confirm", _TABLE, "this block is confirmed, and no extension waits")


def _footing_after(move: Move, act: Act, before: Footing, governance: Governance) -> Footing:
    term = act.term if isinstance(act, Review | DecideAppeal) else None
    match move:
        case Move.PROPOSE | Move.CONFIRM_FIRST:
            return before
        case Move.CONFIRM:
            return replace(before, confirmed=True, confirm_by=None)
        case Move.CONFIRM_EXTENSION:
            extended = _with_term(before, before.extension, act.at, governance)
            return replace(extended, confirmed=True, confirm_by=None)
        case Move.ACTIVATE:
            return _begun(before, act.at, governance)
        case Move.ACTIVATE_AUTOMATICALLY:
            confirm_by = min(act.at + governance.confirm_within, LATEST)
            return replace(_begun(before, act.at, governance), confirm_by=confirm_by)
        case Move.REVIEW_KEEP | Move.APPEAL_KEEP:
            return _with_term(before, before.term, act.at, governance)
        case Move.REVIEW_SHORTEN | Move.APPEAL_SHORTEN:
            return _shortened(before, term, act.at, governance)
        case Move.REVIEW_EXTEND:
            return _extension_asked(before, term, act.at, governance)
        case Move.APPEAL:
            return replace(before, extension=None, appeal=_appeal(act.at, governance))
        case Move.LIFT | Move.REVIEW_LIFT | Move.APPEAL_LIFT:
            return Footing(
                state=State.LIFTED,
                term=before.term,
                confirmed=before.confirmed,
                since=before.since,
                until=act.at,
            )
        case _:
            assert_never(move)


def _begun(before: Footing, at: int, governance: Governance) -> Footing:
    until = _end(at, before.term, governance)
    return replace(before, since=at, until=until, review=_review(at, before.term, governance))


def _with_term(before: Footing, term: Term | int | None, at: int, governance: Governance) -> Footing:
    """Looked at again, with that term; what waited is done with."""
    kept = before.term if term is None else term
    until = before.until if kept == before.term else _end(before.since or at, kept, governance)
    review = _review(at, kept, governance)
    return replace(before, term=kept, until=until, review=review, appeal=None, extension=None)


def _shortened(before: Footing, term: Term | int | None, at: int, governance: Governance) -> Footing:
    changed = _with_term(before, term, at, governance)
    if changed.until is None or (before.until is not None and changed.until >= before.until):
        message = "this term does not end earlier than the one that the block has"
        raise GovernanceError("not-shorter", "always.shorter_is_shorter", message)
    # WHY: what was over before anybody said so would change the past, and with it decisions that were right.
    return replace(changed, until=max(changed.until, at))


def _extension_asked(before: Footing, term: Term | int | None, at: int, governance: Governance) -> Footing:
    changed = _with_term(before, term, at, governance)
    if before.until is None or (changed.until is not None and changed.until <= before.until):
        message = "this term does not end later than the one that the block has"
        raise GovernanceError("not-longer", "always.longer_is_longer", message)
    return replace(before, review=_review(at, before.term, governance), extension=term)


def _review(at: int, term: Term | int, governance: Governance) -> Deadline:
    _, rules = guards.rules_of(term, governance)
    due = min(at + rules.review_every, LATEST)
    by = min(due + governance.review_within, LATEST)
    return Deadline(due, by, governance.overdue_reviews is Overdue.LIFT)


def _appeal(at: int, governance: Governance) -> Deadline:
    by = None if governance.appeal_within is None else min(at + governance.appeal_within, LATEST)
    return Deadline(at, by, governance.overdue_appeals is Overdue.LIFT)


def _end(since: int, term: Term | int, governance: Governance) -> int | None:
    if isinstance(term, Term):
        return end_of_term(since, str(term), ZoneInfo(governance.time_zone))
    return min(since + term, LATEST)
