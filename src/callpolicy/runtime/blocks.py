"""The block that the system makes by itself, and whether one that stands is enough."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.decision import Decision
from callpolicy.identity import Identity
from callpolicy.instants import LATEST
from callpolicy.lists import Entry, ListName, Standing, end_of_term
from callpolicy.points import Effect, Stage
from callpolicy.policy import By, Settings, Term

_SYSTEM: Final = "system"


def listed_identities(identities: tuple[Identity, ...], settings: Settings) -> tuple[Identity, ...]:
    """The identities of a caller that blocklist and allowlist look at, in the order of the norm."""
    return tuple(each for kind in settings.list_identities for each in identities if each.kind is kind)


def block_to_write(
    decision: Decision, listed: tuple[Identity, ...], standing: Standing | None, settings: Settings
) -> Entry | None:
    """The blocklist entry that the system is to write after a decision, if it is to write one.

    A block that was made for as long a term is enough: whoever goes on calling is not blocked anew by every attempt.

    Args:
        decision: what was decided.
        listed: see `listed_identities`; the first is blocked.
        standing: how the caller stood on the lists when it was decided.
        settings: the norm's, for its time zone.
    """
    result = decision.stage(Stage.BLOCKLIST)
    if result is None or result.outcome.effect is not Effect.BLOCK or result.outcome.by is not By.SYSTEM:
        return None
    term = result.outcome.term
    if not listed or term is None or _is_enough(standing, term, settings):
        return None
    return Entry(
        entry_id=f"block:{decision.decision_id}",
        on=ListName.BLOCKLIST,
        identity=listed[0],
        since=decision.at,
        until=_end(decision.at, term, settings),
        reason=", ".join(result.determining),
        owner=_SYSTEM,
        evidence=(decision.decision_id,),
    )


def is_enough(standing: Standing, entry: Entry, decision: Decision, settings: Settings) -> bool:
    """Whether somebody who stands like this needs no further block; a store asks when it is about to write one.

    Args:
        standing: how the caller stands at the block's beginning.
        entry: the block, see `block_to_write`.
        decision: what was decided.
        settings: the norm's.
    """
    result = decision.stage(Stage.BLOCKLIST)
    term = None if result is None else result.outcome.term
    if term is None:
        return False
    later = [each for at, each in standing.changes if entry.until is None or at < entry.until]
    # WHY later too: of two calls that cross a threshold at once in two processes the earlier may be decided last; the
    # block that the system made for the later one is theirs both. What a person plans for later is another matter.
    made = [each for each in later if each.block is not None and each.block.owner == _SYSTEM]
    return any(_is_enough(each, term, settings) for each in (standing, *made))


def _is_enough(standing: Standing | None, term: Term | int, settings: Settings) -> bool:
    block = standing.block if standing is not None else None
    if block is None or block.until is None:
        return block is not None
    # WHY from its own beginning: months differ in length, and a term counts from when it was given.
    end = _end(block.since, term, settings)
    return end is not None and block.until >= end


def _end(since: int, term: Term | int, settings: Settings) -> int | None:
    if isinstance(term, Term):
        return end_of_term(since, str(term), ZoneInfo(settings.time_zone))
    return min(since + term, LATEST)
