"""The tables of a store as they are: emptied between tests, and looked at."""

from __future__ import annotations

from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.database import Driver
from callpolicy.stores.sql.schema import METADATA


def emptied(store: SqlStore) -> SqlStore:
    """A store without anything in it, but for what tells its secret from another one.

    WHY not a new one: making the tables takes longer than most tests.
    """

    def work(driver: Driver) -> None:
        for table in METADATA.sorted_tables:
            but = " WHERE name <> 'secret'" if table.name == "callpolicy_state" else ""
            driver.execute(f"DELETE FROM {table.name}{but}")  # noqa: S608  # the names are constants

    store.database.write(work)
    store.lookup.load(store.database)
    return store


def kept(store: SqlStore) -> list[str]:
    """The calls of which a store has items, each once for every item."""
    return sorted(row[0] for row in store.database.read("SELECT call_id FROM callpolicy_history", {}))


def blocks(store: SqlStore) -> list[str]:
    """The ids of all blocks that have a life."""
    rows = store.database.read("SELECT entry_id FROM callpolicy_entries WHERE life IS NOT NULL", {})
    return sorted(row[0] for row in rows)
