"""What a store holds, counted: rows, bytes, writers, entries by state; and how much a retention would take away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from sqlalchemy import ColumnElement, FromClause, Table, Text, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from callpolicy.errors import StoreError
from callpolicy.stores.base import Activation, Erased
from callpolicy.stores.sql.database import Database
from callpolicy.stores.sql.schema import AUDIT, CASE_EVENTS, ENTRIES, HISTORY, METADATA, PARTS, REVISIONS
from callpolicy.stores.sql.store import SqlStore, _database

_PREFIX: Final = "callpolicy_"
_SQLITE_FILES: Final = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Measures:
    """What a store holds.

    Args:
        name: of the store; no password.
        schema: version of its tables.
        bytes_on_disk: of the tables and what lies beside them; `None` if the server does not say.
        rows: per table, without the prefix.
        writers: how many have written records.
        oldest: earliest instant that a record is about; `None` if there is none.
        newest: latest instant.
        entries: list and state to how many entries are in it.
        index_entries: keys in the index of the lists that each process holds.
        index_bytes: how much memory it takes.
        spool_files: files of things that the store did not take yet.
        spool_things: things in them.
        secret: where the secret lies; never the secret.
        activations: which revision was live when.
    """

    name: str
    schema: str
    bytes_on_disk: int | None
    rows: Mapping[str, int]
    writers: int
    oldest: int | None
    newest: int | None
    entries: Mapping[tuple[str, str], int]
    index_entries: int
    index_bytes: int
    spool_files: int
    spool_things: int
    secret: Path
    activations: tuple[Activation, ...]

    @property
    def records(self) -> int:
        """How many audit records there are."""
        return self.rows["audit"]


class _Asking:
    def __init__(self, store: SqlStore) -> None:
        self._database = store.database
        self._dialect = postgresql.dialect() if store.tables.served else sqlite.dialect()  # type: ignore[no-untyped-call]  # of SQLAlchemy

    def rows(self, statement: ClauseElement) -> list[Any]:
        # WHY literals: they are our own numbers, and each dialect writes parameters in its own way.
        text = statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True})
        return list(self._database.read(str(text), {}))

    def one(self, column: ColumnElement[Any], table: FromClause | None = None, *where: ColumnElement[bool]) -> Any:
        asked = select(column).where(*where)
        return self.rows(asked if table is None else asked.select_from(table))[0][0]

    def count(self, table: FromClause, *where: ColumnElement[bool]) -> int:
        return int(self.one(func.count(), table, *where))


def measure(store: SqlStore) -> Measures:
    """Count what a store holds; takes the lists into memory.

    Raises:
        StoreError: the database failed.
    """
    ask = _Asking(store)
    store.lookup.load(store.database)
    state = ENTRIES.c
    by_state = ask.rows(select(state.on_list, state.state, func.count()).group_by(state.on_list, state.state))
    files = _spool_files(store.spool_folder)
    return Measures(
        name=store.database.name,
        schema=REVISIONS[-1],
        bytes_on_disk=_bytes_on_disk(store, ask),
        rows={_named(table): ask.count(table) for table in METADATA.sorted_tables},
        writers=int(ask.one(func.count(AUDIT.c.writer.distinct()), AUDIT)),
        oldest=ask.one(func.min(AUDIT.c.at), AUDIT),
        newest=ask.one(func.max(AUDIT.c.at), AUDIT),
        entries={(on, name): number for on, name, number in sorted(tuple(row) for row in by_state)},
        index_entries=len(store.lookup),
        index_bytes=store.lookup.held_bytes,
        spool_files=len(files),
        spool_things=sum(files),
        secret=store.database.secret_file.absolute(),
        activations=store.activations(),
    )


def would_erase(
    store: SqlStore, *, history: int | None = None, cases: int | None = None, entries: int | None = None,
    parts: int | None = None,
) -> Erased:  # fmt: skip
    """How much `Store.prune` and `Store.erase` would take away; nothing changes. Each is an instant; `None` is nothing.

    Args:
        store: the store.
        history: items of history that are older.
        cases: cases of which nothing was heard since.
        entries: list entries and blocks that were over before.
        parts: personal parts of audit records that are about an earlier instant.

    Raises:
        StoreError: the database failed.
    """
    ask = _Asking(store)
    event = CASE_EVENTS.c
    old = select(event.case_key).group_by(event.case_key).having(func.max(event.at) < (cases or 0)).subquery("old")
    return Erased(
        items=0 if history is None else ask.count(HISTORY, HISTORY.c.at < history),
        cases=0 if cases is None else ask.count(old),
        entries=0 if entries is None else ask.count(ENTRIES, ENTRIES.c.until < entries),
        parts=0 if parts is None else ask.count(PARTS, PARTS.c.at < parts),
    )


def schema_of(url: str, patience: float) -> str:
    """Which version the tables of a store have; nothing changes.

    Args:
        url: see `callpolicy.stores.open_store`.
        patience: how long the database is waited for, in seconds.

    Raises:
        StoreError: there is no store, or it was written by a newer version.
    """
    database: Database = _database(url, patience)
    try:
        # WHY beneath what is public: whatever opens a store refuses one of an older version.
        database._find(create=False)
        found = database.migrate(_no_keys, only_new=True, create=False)
    finally:
        database.close()
    # INVARIANT: where nothing may be made, there is a version or an error was raised.
    assert found is not None
    return found


def _no_keys(_known: int | None) -> NoReturn:
    raise StoreError("nothing is written where a schema is looked up")


def _named(table: Table) -> str:
    return table.name.removeprefix(_PREFIX)


def _bytes_on_disk(store: SqlStore, ask: _Asking) -> int | None:
    if not store.tables.served:
        path = store.database.name.removeprefix("sqlite:///")
        return sum(
            Path(f"{path}{ending}").stat().st_size for ending in _SQLITE_FILES if Path(f"{path}{ending}").exists()
        )
    sizes = [ask.one(func.pg_total_relation_size(literal(table.name, Text))) for table in METADATA.sorted_tables]
    return sum(int(size) for size in sizes)


def _spool_files(folder: Path) -> list[int]:
    """How many things each file holds."""
    found = []
    for path in folder.glob("*.waiting"):
        # WHY suppressed: a file that goes meanwhile was delivered.
        with suppress(OSError), path.open("rb") as file:
            found.append(sum(line.endswith(b"\n") for line in file))
    return found


def count_records(store: SqlStore) -> int:
    """How many audit records a store holds.

    Raises:
        StoreError: the database failed.
    """
    return _Asking(store).count(AUDIT)
