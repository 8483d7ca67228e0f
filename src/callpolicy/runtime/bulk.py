"""Many entries at once, as a file names them: each is looked at like a single one, all are kept in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from callpolicy.errors import CallpolicyError, GovernanceError, UsageError
from callpolicy.identity import Identity
from callpolicy.lifecycle import OVER, Actor, Block, State, state_at
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.runtime.desk import Desk
from callpolicy.runtime.lifeless import lifts
from callpolicy.runtime.wishes import Allowing, Proposal
from callpolicy.stores.base import Listed, Turn


@dataclass(frozen=True, slots=True)
class There:
    """What was asked for is there already.

    Args:
        entry_id: the block or entry that covers all of it.
        same: whether it is this very one, from an earlier import.
    """

    entry_id: str
    same: bool


Proposed: TypeAlias = Block | There | CallpolicyError
Allowed: TypeAlias = Entry | There | CallpolicyError


def propose_all(
    desk: Desk, by: Actor, asked: Sequence[Proposal], *, at: int, write: bool = True, beside: Sequence[Block] = ()
) -> tuple[Proposed, ...]:
    """Propose many blocks in one transaction.

    Args:
        desk: the desk.
        by: who proposes.
        asked: what is proposed, each with an id.
        at: when.
        write: whether to keep them; otherwise this says what would come of it.
        beside: prefixes and ranges that would be blocked, if what was asked before had been kept.

    Returns:
        for each the block, what is there already, or why it was refused; those that were refused keep no other back.

    Raises:
        StoreError: the store failed; nothing of it counts.
        AuditError: the record of one cannot be written; nothing of it counts.
    """

    def work(turn: Turn) -> tuple[Proposed, ...]:
        made: list[Proposed] = []
        besides = [Listed(None, block) for block in beside]
        for each in asked:
            found = _proposed(desk, turn, by, each, at, besides)
            made.append(found)
            if isinstance(found, Block) and write:
                desk.put(turn, found)
            elif isinstance(found, Block) and found.subject.width != 1:
                besides.append(Listed(None, found))
        return tuple(made)

    return desk.store.turn(work, (), desk.writer)


def _proposed(desk: Desk, turn: Turn, by: Actor, asked: Proposal, at: int, beside: Iterable[Listed]) -> Proposed:
    same = _same(turn, ListName.BLOCKLIST, asked.block_id, asked.former_id)
    if same is not None:
        return same
    covering = (*turn.overlapping(asked.subject), *(each for each in beside if _overlaps(each, asked.subject)))
    blocks = [each.block for each in covering if each.block is not None]
    for block in blocks:
        if state_at(block, at) not in OVER and _within(asked.subject, block.subject):
            return There(block.block_id, same=False)
    try:
        lifted = any(state_at(block, at) is State.LIFTED for block in blocks) or any(lifts(covering, asked.subject, at))
        if not asked.dated and lifted:
            message = "a block of the same callers was lifted, and nothing says that this row came after it"
            raise GovernanceError("no-new-evidence", "always.lifting_sticks", message)
        return desk.consider(turn, by, asked, at, covering)
    except (GovernanceError, UsageError) as refused:
        return refused


def allow_all(
    desk: Desk, by: Actor, asked: Sequence[Allowing], *, at: int, write: bool = True, beside: Sequence[Entry] = ()
) -> tuple[Allowed, ...]:
    """Put many on the allowlist in one transaction; see `propose_all`."""

    def work(turn: Turn) -> tuple[Allowed, ...]:
        made: list[Allowed] = []
        besides = [Listed(entry, None) for entry in beside]
        for each in asked:
            found = _allowed(desk, turn, by, each, at, besides)
            made.append(found)
            if isinstance(found, Entry) and write:
                desk.put_allowed(turn, by, found, at)
            elif isinstance(found, Entry) and found.subject.width != 1:
                besides.append(Listed(found, None))
        return tuple(made)

    return desk.store.turn(work, (), desk.writer)


def _allowed(desk: Desk, turn: Turn, by: Actor, asked: Allowing, at: int, beside: Iterable[Listed]) -> Allowed:
    same = _same(turn, ListName.ALLOWLIST, asked.entry_id, asked.former_id)
    if same is not None:
        return same
    for each in (*turn.overlapping(asked.subject), *beside):
        entry = each.entry
        if entry is None or entry.on is not ListName.ALLOWLIST:
            continue
        if entry.holds(at) and _ends_no_earlier(entry, asked) and _within(asked.subject, entry.subject):
            return There(entry.entry_id, same=False)
    try:
        return desk.consider_allowing(by, asked, at)
    except (GovernanceError, UsageError) as refused:
        return refused


def _same(turn: Turn, on: ListName, *names: str | None) -> There | None:
    """What is on this list under one of these ids.

    WHY the list is looked at: of one file, an earlier version gave the same ids on both lists.
    """
    for name in names:
        listed = None if name is None else turn.listed(name)
        if listed is None or name is None:
            continue
        there = ListName.BLOCKLIST if listed.entry is None else listed.entry.on
        if there is on:
            return There(name, same=True)
    return None


def _ends_no_earlier(entry: Entry, asked: Allowing) -> bool:
    return entry.until is None or (asked.until is not None and asked.until <= entry.until)


def _overlaps(listed: Listed, subject: Subject) -> bool:
    return listed.block is not None and listed.block.subject.overlaps(subject)


def _within(inner: Subject, outer: Subject) -> bool:
    """Whether everybody whom the one covers is covered by the other."""
    if not outer.covers(inner.identity) or (inner.prefix and not outer.prefix):
        return False
    return inner.last is None or outer.covers(Identity(inner.identity.kind, inner.last))
