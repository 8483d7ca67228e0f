"""What the system does about blocks by itself: it blocks where the norm lets it, and proposes where people judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.decision import Decision
from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity
from callpolicy.instants import LATEST
from callpolicy.lifecycle import (
    OVER,
    SYSTEM,
    Activate,
    Block,
    Evidence,
    Propose,
    State,
    apply,
    next_term,
    shield_of,
    state_at,
)
from callpolicy.lists import Entry, ListName, Standing, Subject, end_of_term
from callpolicy.points import Effect, Stage
from callpolicy.policy import Bundle, By, Governance, Outcome, Settings, Term, term_length
from callpolicy.runtime.lifeless import look_at_lifted, look_at_what_persons_lifted
from callpolicy.stores.base import Listed

_SYSTEM: Final = "system"
_BLOCKING: Final = frozenset({Effect.BLOCK, Effect.PROPOSE_BLOCK})


def listed_identities(identities: tuple[Identity, ...], settings: Settings) -> tuple[Identity, ...]:
    """The identities of a caller that blocklist and allowlist look at, in the order of the norm."""
    return tuple(each for kind in settings.list_identities for each in identities if each.kind is kind)


def block_wanted(decision: Decision) -> Outcome | None:
    """What a decision wants to be done about a block, if anything."""
    for result in decision.stages:
        if result.stage is Stage.BLOCKLIST:
            return result.outcome if result.outcome.effect in _BLOCKING else None
    return None


def is_enough(decision: Decision, standing: Standing | None, settings: Settings) -> bool:
    """Whether, by how a caller stands on the lists, a block stands already for as long as a decision wants.

    Whoever goes on calling is not blocked anew by every attempt.

    Args:
        decision: what was decided.
        standing: how the caller stands on the lists.
        settings: the norm's.
    """
    wanted = block_wanted(decision)
    if wanted is None:
        return True
    if standing is None or wanted.term is None:
        return False
    later = [each.block for _, each in standing.changes]
    return _is_there((standing.block, *later), decision.at, wanted.term, settings)


def system_block(decision: Decision, identity: Identity, covering: Sequence[Listed], bundle: Bundle) -> Block | None:
    """The block that the system makes or proposes after a decision, not yet put.

    One that stands, or waits for people, for as long a term is enough.

    Args:
        decision: what was decided.
        identity: who would be blocked.
        covering: every entry of either list that may cover them, while nobody else makes a block of them.
        bundle: the norm.

    Returns:
        `None` if nothing is to be done.

    Raises:
        GovernanceError: the norm does not let the system do it; nobody may be turned away by it.
    """
    wanted = block_wanted(decision)
    if wanted is None:
        return None
    automatic = wanted.effect is Effect.BLOCK and wanted.by is By.SYSTEM
    others = [each.block for each in covering if each.block is not None]
    governance = bundle.governance or Governance()
    term = wanted.term
    if term is None:
        term = next_term(others, decision.at, governance) or Term.DAY
    listed = [each.entry for each in covering if each.entry is not None and each.entry.on is ListName.BLOCKLIST]
    if _is_there(listed, decision.at, term, bundle.settings) or (not automatic and _waits(others, decision.at, term)):
        return None
    _look_at_later_lifts(others, decision.at)
    subject = Subject(identity)
    shield = shield_of(subject, bundle.settings, _allowing(covering), decision.at)
    propose = Propose(
        by=SYSTEM, at=decision.at, reason=_reason(decision, governance), subject=subject, term=term,
        block_id=f"block:{decision.decision_id}", evidence=(Evidence(decision.decision_id, decision.at),),
    )  # fmt: skip
    block = apply(None, propose, governance, shield=shield, others=others)
    # WHY the latest instant: as above, no block rests on a call before a lift that was reported after it.
    look_at_lifted(covering, subject, propose.evidence, LATEST)
    if not automatic:
        return block
    look_at_what_persons_lifted(covering, subject, decision.at)
    activate = Activate(by=SYSTEM, at=decision.at, reason=propose.reason)
    return apply(block, activate, governance, shield=shield, others=others)


def _look_at_later_lifts(others: Iterable[Block], at: int) -> None:
    # WHY here too: to a decision on a call that was reported late, a lift lies in the future, and does not count yet.
    for block in others:
        last = block.steps[-1]
        if last.footing.state is State.LIFTED and last.act.at > at:
            message = "a block of the same caller was lifted after the call that this would rest on"
            raise GovernanceError("no-new-evidence", "always.lifting_sticks", message)


def _reason(decision: Decision, governance: Governance) -> str:
    result = decision.stage(Stage.BLOCKLIST)
    rules = ", ".join(result.determining) if result is not None else ""
    return rules[: governance.longest_reason] or "blocklist"


def _allowing(covering: Iterable[Listed]) -> list[Entry]:
    return [each.entry for each in covering if each.entry is not None and each.entry.on is ListName.ALLOWLIST]


def _waits(blocks: Iterable[Block], at: int, term: Term | int) -> bool:
    """Whether a block is proposed, or stands, that is as long."""
    for block in blocks:
        state = state_at(block, at)
        footing = block.steps[-1].footing
        # WHY one of later too: see `_is_there`.
        if state not in OVER and term_length(footing.term) >= term_length(term):
            return True
    return False


def _is_there(entries: Iterable[Entry | None], at: int, term: Term | int, settings: Settings) -> bool:
    """Whether one of these stands as long as a block that began now."""
    end = _end(at, term, settings)
    for entry in entries:
        if entry is None or not _stands_as_long(entry, term, settings):
            continue
        # WHY later too: of two calls that cross a threshold at once in two processes the earlier may be decided last;
        # the block that the system made for the later one is theirs both. What a person plans for later is another
        # matter.
        soon = entry.owner == _SYSTEM and entry.since > at and (end is None or entry.since < end)
        if entry.holds(at) or soon:
            return True
    return False


def _stands_as_long(block: Entry, term: Term | int, settings: Settings) -> bool:
    # WHY the term's: that nobody has confirmed a block yet, and it would end early, is no reason for another one.
    until = block.term_until or block.until
    if until is None:
        return True
    # WHY from its own beginning: months differ in length, and a term counts from when it was given.
    end = _end(block.since, term, settings)
    return end is not None and until >= end


def _end(since: int, term: Term | int, settings: Settings) -> int | None:
    if isinstance(term, Term):
        return end_of_term(since, str(term), ZoneInfo(settings.time_zone))
    return min(since + term, LATEST)
