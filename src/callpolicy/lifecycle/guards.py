"""Who may make a move, and on what: every rule of governance that can refuse an act, one function each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from callpolicy.errors import GovernanceError
from callpolicy.lifecycle.acts import Act, Actor, Evidence
from callpolicy.lifecycle.block import Block, Ending, Why, ended_at, state_at
from callpolicy.lifecycle.subjects import Shield
from callpolicy.lifecycle.transitions import Move, State
from callpolicy.lists import Subject
from callpolicy.policy import Governance, Term, TermRules, term_length

_CONFIRMING: Final = frozenset({Move.CONFIRM_FIRST, Move.CONFIRM, Move.CONFIRM_EXTENSION})
_EXTENDING: Final = frozenset({Move.REVIEW_EXTEND, Move.CONFIRM_EXTENSION})

DECIDING: Final = frozenset(
    {Move.PROPOSE, Move.REVIEW_KEEP, Move.REVIEW_SHORTEN, Move.REVIEW_EXTEND, Move.APPEAL_KEEP, Move.APPEAL_SHORTEN}
    | _CONFIRMING
)
"""The moves whose makers decided about a block, and so decide no appeal against it."""

AGAINST_THE_CALLER: Final = frozenset(
    {
        Move.PROPOSE,
        Move.ACTIVATE,
        Move.ACTIVATE_AUTOMATICALLY,
        Move.REVIEW_KEEP,
        Move.REVIEW_EXTEND,
        Move.APPEAL_KEEP,
    }
    | _CONFIRMING
)
"""The moves that lead to keeping a caller out, or go on with it: never for whom nobody may block."""

TOWARDS_A_BLOCK: Final = AGAINST_THE_CALLER - {Move.REVIEW_KEEP, Move.APPEAL_KEEP}
"""The moves that need new evidence if an earlier block of the same callers was lifted."""

_REFUSED_SHIELD: Final = {
    Shield.PROTECTED: ("protected-caller", "always.protected", "a protected caller is never blocked"),
    Shield.ALLOWLISTED: ("allowlisted-caller", "always.allowlist", "a caller on the allowlist is never blocked"),
}


def look_at_texts(act: Act, governance: Governance) -> None:
    """Refuse a reason that says nothing or too much, and evidence from the future."""
    if not act.reason.strip():
        raise GovernanceError("reason-missing", "always.reason", f"`{act.name}` needs a reason")
    if len(act.reason) > governance.longest_reason:
        message = f"a reason has at most {governance.longest_reason} characters"
        raise GovernanceError("reason-too-long", "longest_reason", message)
    if any(each.at > act.at for each in act.evidence):
        message = "a decision that is made later is no evidence"
        raise GovernanceError("evidence-from-future", "always.evidence", message)


def look_at_shield(move: Move, shield: Shield | None) -> None:
    """Refuse to keep out whom nobody may block."""
    if shield is not None and move in AGAINST_THE_CALLER:
        raise GovernanceError(*_REFUSED_SHIELD[shield])


def look_at_lifted(
    move: Move, block_id: str, subject: Subject, evidence: tuple[Evidence, ...], others: Iterable[Block], at: int
) -> None:
    """Refuse what would bring a lifted block back: lifting sticks until there is new evidence.

    New is a decision made after the lift that the lifted block did not rest on.
    """
    if move not in TOWARDS_A_BLOCK:
        return
    for other in others:
        if other.block_id == block_id and move is not Move.PROPOSE:
            continue
        if other.block_id == block_id:
            raise GovernanceError("duplicate-block", "always.one_life", "a block of this id is there already")
        end = _lifted(other, subject, at)
        if end is not None and not _made_since(end, other, evidence):
            why = "" if end.why is Why.LIFTED else f" ({end.why})"
            message = f"a block of the same callers was lifted{why}, and no decision made since is named"
            raise GovernanceError("no-new-evidence", "always.lifting_sticks", message)


def look_at_record(
    subject: Subject, evidence: tuple[Evidence, ...], recorded: Collection[str], others: Iterable[Block], at: int
) -> None:
    """Refuse to bring a lifted block back on decisions that nobody here can look up.

    Args:
        subject: whom the block covers.
        evidence: all that it rests on.
        recorded: ids of the decisions among them that are on record.
        others: all other blocks, past ones too, that may cover the same callers.
        at: when this is asked.

    Raises:
        GovernanceError: an earlier block was lifted, and of the decisions made since none is on record.
    """
    for other in others:
        end = _lifted(other, subject, at)
        since = () if end is None else _made_since(end, other, evidence)
        if since and not any(each.decision_id in recorded for each in since):
            raise not_on_record()


def not_on_record() -> GovernanceError:
    """The refusal of evidence that is on no record here, where lifting sticks."""
    message = "a block of the same callers was lifted, and no decision made since is on record here"
    return GovernanceError("evidence-not-on-record", "always.lifting_sticks", message)


def _lifted(other: Block, subject: Subject, at: int) -> Ending | None:
    """How another block of the same callers was lifted; `None` if it was not."""
    end = ended_at(other, at)
    return end if end is not None and end.state is State.LIFTED and other.subject.overlaps(subject) else None


def _made_since(end: Ending, lifted: Block, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The decisions made after a lift that the lifted block did not rest on."""
    old = {each.decision_id for each in lifted.evidence}
    return tuple(each for each in evidence if each.at > end.at and each.decision_id not in old)


def look_at_what_persons_lifted(subject: Subject, others: Iterable[Block], at: int) -> None:
    """Refuse that the system blocks by itself whom a person let in again, for as long as that block was to last.

    WHY beside new evidence: the next call of the same burst is new evidence, and would bring the block back at once.
    """
    for other in others:
        end = ended_at(other, at)
        last = other.steps[-1]
        # A proposal that was rejected kept nobody out; it says nothing of a burst that comes later.
        held = last.footing.since is not None
        if end is None or end.why is not Why.LIFTED or not held or last.act.by.is_system:
            continue
        if other.subject.overlaps(subject) and at < end.at + term_length(last.footing.term):
            message = "a person lifted a block of the same caller; for as long as it was to last, persons decide"
            raise GovernanceError("no-new-evidence", "always.lifting_sticks", message)


def look_at_actor(move: Move, act: Act, block: Block | None, term: Term | int, governance: Governance) -> None:
    """Refuse who may not make this move."""
    if move in (Move.PROPOSE, Move.APPEAL):
        _need_some_role(act, governance)
    elif move in _CONFIRMING:
        _need(act, "judge", term, governance)
    elif move is Move.ACTIVATE:
        if not act.by.is_system:
            _need(act, "operate", term, governance)
    elif move in (Move.REVIEW_KEEP, Move.REVIEW_LIFT, Move.REVIEW_SHORTEN, Move.REVIEW_EXTEND):
        _need(act, "maintain", term, governance)
    elif move in (Move.APPEAL_KEEP, Move.APPEAL_LIFT, Move.APPEAL_SHORTEN):
        _need(act, "judge", term, governance)
    if block is None:
        return
    if move in _CONFIRMING:
        _look_at_eyes(move, act, block)
    elif move in (Move.APPEAL_KEEP, Move.APPEAL_LIFT, Move.APPEAL_SHORTEN):
        _look_at_judge_of_appeal(act, block)
    elif move is Move.LIFT:
        _look_at_lifter(act, block, term, governance)


def rules_of(term: Term | int, governance: Governance) -> tuple[Term, TermRules]:
    """The named term whose rules hold for a term, and these rules.

    Raises:
        GovernanceError: nobody is named who judges, operates and maintains blocks of that term.
    """
    named = governance.named_term(term)
    if named is None:
        message = "nobody is named who judges, operates and maintains blocks of this term"
        raise GovernanceError("term-without-governance", "terms", message)
    return named, governance.terms[named]


def look_at_automatic(act: Act, block: Block, governance: Governance) -> None:
    """Refuse what the system may not do by itself."""
    longest = governance.longest_automatic_term
    if not block.proposal.by.is_system:
        message = "the system may enter only what it proposed itself; a person must confirm this block"
        raise GovernanceError("not-confirmed", "always.confirmed", message)
    if longest is None:
        message = "the system may not block by itself"
        raise GovernanceError("automatic-not-allowed", "longest_automatic_term", message)
    if block.proposal.term is Term.PERMANENT or term_length(block.proposal.term) > term_length(longest):
        message = "the system may not block for as long as this by itself; a person must confirm it"
        raise GovernanceError("automatic-term-too-long", "longest_automatic_term", message)
    if block.subject.prefix or block.subject.last is not None:
        message = "the system may block one caller by itself, no prefix and no range; a person must confirm it"
        raise GovernanceError("automatic-too-wide", "always.one_caller", message)


def persons(block: Block, moves: frozenset[Move]) -> frozenset[str]:
    """The persons who made one of these moves, as they are told apart."""
    made = (step.act.by.key for step in block.steps if step.move in moves)
    return frozenset(key for key in made if key is not None)


def enough_eyes(block: Block, by: Actor, term: Term | int, governance: Governance) -> bool:
    """Whether with this confirmation enough persons stand behind a block; the system counts as none."""
    behind = persons(block, frozenset({Move.PROPOSE, Move.CONFIRM_FIRST, Move.CONFIRM}))
    behind |= {by.key} if by.key is not None else set()
    return len(behind) >= (2 if governance.needs_four_eyes(term) else 1)


def _need(act: Act, duty: str, term: Term | int, governance: Governance) -> None:
    named, rules = rules_of(term, governance)
    roles: tuple[str, ...] = getattr(rules, duty)
    rule = f"terms.{named}.{duty}"
    if act.by.is_system:
        raise GovernanceError("system-may-not", rule, f"`{act.name}` needs a person")
    if not act.by.roles & set(roles):
        raise GovernanceError("role-missing", rule, f"`{act.name}` needs one of the roles {_listed(roles)}")


def _need_some_role(act: Act, governance: Governance) -> None:
    if not act.by.is_system and not act.by.roles & set(governance.roles):
        message = f"`{act.name}` needs a role that the norm names"
        raise GovernanceError("role-missing", "roles", message)


def _look_at_eyes(move: Move, act: Act, block: Block) -> None:
    if move is Move.CONFIRM_EXTENSION:
        asked = [step.act.by.key for step in block.steps if step.move is Move.REVIEW_EXTEND]
        if act.by.key == asked[-1]:
            message = "who asked for the extension does not confirm it"
            raise GovernanceError("self-approval", "always.no_self_approval", message)
        return
    if act.by.key == block.proposal.by.key:
        raise GovernanceError("self-approval", "always.no_self_approval", "who proposed a block does not confirm it")
    if act.by.key in persons(block, frozenset({Move.CONFIRM_FIRST})):
        message = "who confirmed this block does not confirm it again; another person must"
        raise GovernanceError("same-person-twice", "always.two_persons", message)


def _look_at_judge_of_appeal(act: Act, block: Block) -> None:
    if act.by.key in persons(block, DECIDING):
        message = "who decided about a block does not decide the appeal against it"
        raise GovernanceError("decided-before", "always.appeal_to_another", message)
    lodged = [step.act.by.key for step in block.steps if step.move is Move.APPEAL]
    if act.by.key == lodged[-1]:
        message = "who took the appeal down does not decide it"
        raise GovernanceError("own-appeal", "always.appeal_to_another", message)


def _look_at_lifter(act: Act, block: Block, term: Term | int, governance: Governance) -> None:
    if act.by.is_system:
        if block.proposal.by.is_system and not persons(block, _CONFIRMING):
            return
        message = "the system lifts only what it blocked itself and no person has confirmed"
        raise GovernanceError("system-may-not", "always.persons_decide", message)
    if act.by.key == block.proposal.by.key and state_at(block, act.at) is State.PROPOSED:
        return
    # WHY the longest: a norm that no longer declares the term must not keep a block from being lifted.
    named = governance.named_term(term) or max(governance.terms, key=term_length, default=None)
    rules = governance.terms[named] if named is not None else TermRules((), (), (), 1)
    roles = (*rules.judge, *rules.operate, *rules.maintain)
    if not act.by.roles & set(roles):
        message = f"`lift` needs one of the roles {_listed(roles)}"
        raise GovernanceError("role-missing", f"terms.{named}" if named else "terms", message)


def _listed(roles: Iterable[str]) -> str:
    return ", ".join(f"`{role}`" for role in dict.fromkeys(roles)) or "none"


def look_at_proposal(evidence: tuple[Evidence, ...]) -> None:
    """Refuse a proposal that rests on nothing."""
    if not evidence:
        message = "a proposal names at least one decision on which it rests"
        raise GovernanceError("evidence-missing", "always.evidence", message)
