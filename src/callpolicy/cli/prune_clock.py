"""Whether the clock that `callpolicy store prune` goes by can be believed, and since when a store keeps history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.stores.sql import SqlStore

_DAY: Final = 86_400_000_000
CLOCK_AHEAD: Final = 7 * _DAY
"""How much later than the newest audit record the instant may be that a store is pruned by. Units: microseconds.

WHY a week: a centre that takes calls records every day, and pruning every night is on record itself, so that a longer
silence is rare; and a clock that is wrong by less makes a store forget a week too much at most.
"""


class Doubt(NamedTuple):
    """Why a clock is not believed: the instant that it gives, and the newest audit record before it."""

    at: int
    newest: int


class SetBack(NamedTuple):
    """A store that keeps no history before an instant of the future, and from when it is to keep it again."""

    found: int
    again: int


def doubt_of(store: SqlStore, at: int) -> Doubt | None:
    """Why an instant is not believed to have come; `None` if it is, and where nothing is on record.

    Args:
        store: the store.
        at: what it is to be pruned by.
    """
    from callpolicy.stores.sql.clock_check import newest_record

    newest = newest_record(store, at)
    return None if newest is None or at - newest <= CLOCK_AHEAD else Doubt(at, newest)


def refuse(doubt: Doubt, zone: str) -> None:
    """Erase nothing by a clock that is not believed.

    Raises:
        UsageError: always.
    """
    from callpolicy.cli.trail import local
    from callpolicy.rulefile.sources import quoted

    at, newest, days = quoted(local(doubt.at, zone)), quoted(local(doubt.newest, zone)), CLOCK_AHEAD // _DAY
    raise UsageError(
        f"nothing is erased: {at} lies more than {days} days after the newest audit record, {newest}; "
        "set the clock right, or go on with `--force` if it is right"
    )


def set_back_of(store: SqlStore, now: int) -> SetBack | None:
    """What is to be set back, if the store keeps history only from an instant that lies in the future.

    WHY to now and no further: what lay before is erased, and windows that reach there must be unknown, not empty.

    Args:
        store: the store.
        now: the instant that the clock gives.
    """
    from callpolicy.stores.sql.clock_check import kept_from

    found = kept_from(store)
    return None if found is None or found <= now else SetBack(found, now)


def in_years(at: int) -> int:
    """An instant within those that can be written: 1970 to the end of 9999."""
    from callpolicy.instants import LATEST

    return min(max(0, at), LATEST)
