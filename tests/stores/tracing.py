"""What a store says to its database, counted by the driver itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from callpolicy.stores.sql import SqlStore


def statements(store: SqlStore, work: Callable[[], object], trace: Path) -> int:
    """How many exchanges with the database some work takes: by SQLite's own trace, or by that of libpq.

    Args:
        store: the store; nobody else uses it meanwhile, so that there is one connection.
        work: what is done.
        trace: a file that may be written to.
    """
    # WHY as the store does it: one that lies beside the pool is the next to be used.
    connection = store.database._take()
    driver: Any = connection.driver_connection
    if not store.tables.served:
        traced: list[str] = []
        driver.set_trace_callback(traced.append)
        store.database._give_back(connection, store.database.replaced)
        work()
        driver.set_trace_callback(None)
        return len(traced)
    with trace.open("wb") as file:
        driver.pgconn.trace(file.fileno())
        store.database._give_back(connection, store.database.replaced)
        work()
        driver.pgconn.untrace()
    # Front end messages that the server answers: a simple query, or the end of an extended one.
    lines = [line.split("\t") for line in trace.read_text().splitlines()]
    sent = [parts for parts in lines if len(parts) > 3 and parts[1] == "F"]
    # WHY without: psycopg has a statement prepared once in each session, when it is run for the sixth time.
    prepared = sum(parts[3] == "Parse" and "_pg3_" in parts[-1] for parts in sent)
    return sum(parts[3] in {"Query", "Sync"} for parts in sent) - prepared
