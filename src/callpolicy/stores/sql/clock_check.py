"""What a store tells of the clock that it is pruned by: its newest record, and since when it keeps history."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.sql import ClauseElement

from callpolicy.stores.sql.schema import AUDIT, STATE
from callpolicy.stores.sql.store import SqlStore

_IS_KEPT_FROM: Final = STATE.c.name == "keep_from"


def newest_record(store: SqlStore, until: int) -> int | None:
    """The latest instant that an audit record is about, of those that are not about a later one than `until`.

    WHY not later: one event with a date far ahead would vouch for every clock.

    Args:
        store: the store.
        until: an instant. Units: microseconds.

    Returns:
        The instant; `None` if there is no such record.

    Raises:
        StoreError: the database failed.
    """
    newest = select(func.max(AUDIT.c.at)).where(AUDIT.c.at <= until)
    found: int | None = store.database.read(_text(store, newest), {})[0][0]
    return found


def kept_from(store: SqlStore) -> int | None:
    """The instant before which no item of history is kept any more.

    Args:
        store: the store.

    Returns:
        The instant, in microseconds; `None` if the store was never pruned.

    Raises:
        StoreError: the database failed.
    """
    rows = store.database.read(_text(store, select(STATE.c.value).where(_IS_KEPT_FROM)), {})
    return int(rows[0][0]) if rows else None


def keep_from_again(store: SqlStore, found: int, again: int) -> bool:
    """Set back since when history is kept; nothing is erased by it, and nothing that was erased comes back.

    Args:
        store: the store.
        found: what `kept_from` gave; if another process has changed it since, it stays.
        again: since when history is kept from now on. Units: microseconds.

    Returns:
        Whether it was set back.

    Raises:
        StoreError: the database failed.
    """
    changed = update(STATE).where(_IS_KEPT_FROM, STATE.c.value == found).values(value=again)
    text = _text(store, changed)
    number: int = store.database.write(lambda driver: driver.execute(text).rowcount)
    return number == 1


def _text(store: SqlStore, statement: ClauseElement) -> str:
    # WHY literals: they are our own numbers and names, and each dialect writes parameters in its own way.
    return str(statement.compile(dialect=store.database.engine.dialect, compile_kwargs={"literal_binds": True}))
