"""The store in SQL."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from callpolicy.audit import Head, Keys
from callpolicy.errors import StoreError, UsageError
from callpolicy.events import Event
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Activation, Background, Erased, Kept, Listed, Query, Turn
from callpolicy.stores.secret import NAMED_BY, SHORTEST, check_of, find_secret
from callpolicy.stores.sql import listing, trail
from callpolicy.stores.sql.database import OTHER_SECRET, SECRET, Database, Driver
from callpolicy.stores.sql.names import Names
from callpolicy.stores.sql.sqlite import SqliteFile
from callpolicy.stores.sql.tables import Tables
from callpolicy.stores.sql.turn import Declared, SqlTurn, case_of
from callpolicy.windows import DEFAULT_CAP, Item, Window

_T = TypeVar("_T")
_PRUNED_AT_ONCE: Final = 500
"""Items that one transaction drops, so that no call waits long: in a large file each lies on pages of its own."""

_CASES_AT_ONCE: Final = 500
_ALL_TALLIES: Final = "LOCK TABLE callpolicy_tallies IN EXCLUSIVE MODE"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(name, 7231940551)) FROM unnest(%(names)s::TEXT[]) AS name"
_STORE_ID: Final = "SELECT value FROM callpolicy_state WHERE name = 'store'"
_NAME_STORE: Final = "INSERT INTO callpolicy_state (name, value) VALUES ('store', %(id)s) ON CONFLICT DO NOTHING"
_STORE_IDS: Final = 1 << 62


class SqlStore:
    """History, cases, lists, blocks and audit records in SQLite or PostgreSQL, shared by all that open the same.

    What a decision asks is read in one statement, so from one instant of the store; windows and cases are then worked
    out here, by the code that the store in memory uses. Whatever a method wrote is on disk when it returns.

    No telephone number and no customer stands in the tables: calls are matched by keyed hashes, and what must come back
    as it was is sealed. Whoever has the store's secret beside the tables can read them.

    Args:
        url: see `callpolicy.stores.open_store`.
        patience: how long the database is waited for, in seconds.
        create: whether to make the tables where there are none.
        migrate: whether to bring the tables of an older version to this one.
        cap: how many items of one kind are kept for one identity; see `callpolicy.windows`.
        secret: of the centre; `None` for the one in its file, see `callpolicy.stores.secret`.

    Raises:
        UsageError: the URL cannot be read.
        StoreError: the store cannot be opened, was written by another version, or with another secret.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float,
        create: bool = True,
        migrate: bool = False,
        cap: int = DEFAULT_CAP,
        secret: bytes | None = None,
    ) -> None:
        self._database = _database(url, patience)
        self._given = secret
        try:
            self._database.open(self._first_keys, create=create, migrate=migrate)
            self._tables = Tables.of(self._database.engine.dialect, Names(self._checked_keys()))
            self._find_id()
        except BaseException:
            self._database.close()
            raise
        self._lookup = listing.Lookup(self._tables)
        self._cap = cap
        self._prunes = threading.Lock()
        self._known = self._database.replaced
        self._declared = Declared((), ZoneInfo("UTC"), None)

    # ---- the secret

    def _first_keys(self, known: int | None) -> Keys:
        """The keys of a store whose tables are made or changed.

        Args:
            known: what it remembers of its secret; `None` if it is new, or of a version that remembered none.
        """
        if known is not None:
            return self._keys_known_by(known)
        secret = self._secret(make=True)
        # INVARIANT: a secret that is to be made is there or an error was raised.
        assert secret is not None
        return Keys.of(secret)

    def _checked_keys(self) -> Keys:
        known = self._database.read(SECRET, {})
        if not known:
            raise self._database.failure("does not say which secret it was written with; restore it from a backup")
        keys = self._keys_known_by(known[0][0])
        self._database.secret_check = known[0][0]
        return keys

    def _keys_known_by(self, check: int) -> Keys:
        secret = self._secret(make=False)
        if secret is None:
            hint = f"put it back, or name its file by `{NAMED_BY}`"
            raise self._database.failure(
                f"was written with a secret that is not in `{self._database.secret_file.name}`; {hint}"
            )
        keys = Keys.of(secret)
        if check != check_of(keys):
            hint = f"give the one it was made with, or name its file by `{NAMED_BY}`"
            raise self._database.failure(f"was written with another secret; {hint}")
        return keys

    def _find_id(self) -> None:
        """Learn which store it is; a server has them in many places, and one place under many names."""
        if not self._tables.served:
            return
        database, made = self._database, {"id": secrets.randbelow(_STORE_IDS)}
        if not database.read(_STORE_ID, {}):
            # WHY suppressed: who may only read keeps nothing that could wait.
            with suppress(StoreError):
                database.write(lambda driver: driver.execute(_NAME_STORE, made))
        found = database.read(_STORE_ID, {})
        database.store_id = found[0][0] if found else None

    def _secret(self, *, make: bool) -> bytes | None:
        given = self._given
        if given is None:
            return find_secret(self._database.secret_file, make=make)
        if len(given) < SHORTEST:
            raise self._database.failure(f"is given a secret that is shorter than {SHORTEST} bytes")
        return given

    @property
    def keys(self) -> Keys:
        """The keys of the centre, made from the store's secret."""
        return self._tables.names.keys

    # ---- life of the store

    @property
    def spool_folder(self) -> Path:
        """Where an engine keeps what the store does not take."""
        return self._database.spool_folder

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    @property
    def tables(self) -> Tables:
        """The statements that it runs, for what looks at the tables as they are."""
        return self._tables

    @property
    def lookup(self) -> listing.Lookup:
        """Which list entries may cover a caller, as far as this process has taken them in."""
        return self._lookup

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._database.close()

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read, and how far back items are kept; takes the lists into memory."""
        self._declared = Declared(tuple(windows), zone, reach)
        self._lookup.load(self._database)

    def turn(self, work: Callable[[Turn], _T], about: Sequence[Identity] = (), writer: str | None = None) -> _T:
        """Run work in one transaction: when this returns it is on disk; when it raises, nothing of it counts."""
        # WHY only there: PostgreSQL lets two look at once. SQLite lets one write at a time.
        locks = self._locks(about, writer) if self._tables.served else []

        def whole(driver: Driver) -> _T:
            if locks:
                driver.execute(_LOCK, {"names": locks})
            return work(self._with(driver, alone=False))

        self._look_again()
        result = self._database.write(whole)
        self._catch_up()
        return result

    def _locks(self, about: Sequence[Identity], writer: str | None) -> list[str]:
        names = sorted({self._tables.names.who(each) for each in about})
        return names if writer is None else [*names, f"writer {writer}"]

    def _with(self, driver: Driver, *, alone: bool) -> SqlTurn:
        return SqlTurn(self._tables, driver, self._lookup, self._declared, self._cap, alone)

    def _read(self, work: Callable[[SqlTurn], _T]) -> _T:
        self._look_again()
        return self._database.read_with(lambda driver: work(self._with(driver, alone=True)))

    def _look_again(self) -> None:
        """Look whether a database that was replaced is one of the same secret; the index knows nothing of it."""
        replaced = self._database.replaced
        if replaced == self._known:
            return
        if self._database.read(SECRET, {}) != [(check_of(self.keys),)]:
            raise self._database.failure(OTHER_SECRET)
        self._lookup.begin_anew()
        self._known = replaced

    def _catch_up(self) -> None:
        # WHY suppressed: until it works the tables are asked, which is as right and only slower.
        with suppress(StoreError):
            self._lookup.catch_up(self._database)

    # ---- each a transaction of its own

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity; on disk when this returns."""
        return bool(identities) and self.turn(lambda turn: turn.add(identities, item))

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Keep one event of a linked call for its case; on disk when this returns."""
        self.turn(lambda turn: turn.receive_case(case_id, event, agent))

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id; on disk when this returns."""
        self.turn(lambda turn: turn.put_entry(entry))

    def put_block(self, block: Block) -> None:
        """Add a block with its life, or replace what there is of it; on disk when this returns."""
        self.turn(lambda turn: turn.put_block(block))

    def append(self, kept: Sequence[Kept]) -> None:
        """Keep audit records; on disk when this returns."""
        self.turn(lambda turn: turn.append(kept))

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls."""
        return self._read(lambda turn: turn.background(query))

    def listed(self, entry_id: str) -> Listed | None:
        """A list entry or block by its id, or `None`."""
        return self._read(lambda turn: turn.listed(entry_id))

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        found = self.listed(entry_id)
        return None if found is None else found.entry

    def overlapping(self, subject: Subject) -> tuple[Listed, ...]:
        """Every entry of either list that may cover somebody whom the subject covers."""
        return self._read(lambda turn: turn.overlapping(subject))

    def entries(self, on: ListName) -> Iterator[Listed]:
        """Every entry of a list, in the order in which they were put."""
        return listing.every_entry(self._tables, self._database, on)

    def case(self, case_id: str) -> CaseRecord | None:
        """A complaint case, or `None`."""
        return self._read(lambda turn: turn.case(case_id))

    def cases(self) -> Iterator[CaseRecord]:
        """Every complaint case, some hundred at a time."""
        after = ""
        while True:
            rows = self._database.read(self._tables.sql.cases, {"after": after, "most": _CASES_AT_ONCE})
            if not rows:
                return
            sealed: dict[str, list[str]] = {}
            for key, text in rows:
                sealed.setdefault(key, []).append(text)
            yield from (case_of(self._tables, texts) for texts in sealed.values())
            after = rows[-1][0]

    def head(self, writer: str) -> Head:
        """Where the chain of a writer ends."""
        return self._read(lambda turn: turn.head(writer))

    def heads(self) -> tuple[Head, ...]:
        """Where the chain of each writer ends, sorted by writer."""
        return trail.heads(self._tables, self._database)

    def records(self, writer: str | None = None, first: int = 0) -> Iterator[Kept]:
        """The audit trail: writer by writer, each from its first record on."""
        return trail.records(self._tables, self._database, writer, first)

    def find(self, ref: str) -> tuple[Kept, ...]:
        """The audit records that a ref names."""
        return trail.find(self._tables, self._database, ref)

    def keep_revision(self, revision: str, files: Mapping[str, bytes], activation: Activation) -> None:
        """Keep the files of a bundle, once for each revision, and when it began to decide."""
        tables = self._tables
        self._database.write(lambda driver: trail.keep_revision(tables, driver, revision, files, activation))

    def revision(self, revision: str) -> Mapping[str, bytes] | None:
        """The files of a bundle that was kept, or `None`."""
        return trail.revision(self._tables, self._database, revision)

    def activations(self) -> tuple[Activation, ...]:
        """Which revision was live when, in order."""
        return trail.activations(self._tables, self._database)

    # ---- what goes

    def prune(self, before: int) -> int:
        """Drop history older than an instant, some hundred items at a time; returns how many items went."""
        return self._all_of(lambda driver: self._prune(driver, before))

    def prune_some(self, before: int) -> None:
        """Drop some hundred items older than an instant."""
        self._database.write(lambda driver: self._prune(driver, before))

    def erase(self, *, cases: int | None = None, entries: int | None = None, parts: int | None = None) -> Erased:
        """Drop what a retention no longer covers."""
        tables = self._tables
        return Erased(
            cases=0 if cases is None else self._erase_cases(cases),
            entries=0 if entries is None else self._all_of(lambda driver: listing.erase(tables, driver, entries)),
            parts=0 if parts is None else self._all_of(lambda driver: trail.erase(tables, driver, parts)),
        )

    def _erase_cases(self, before: int) -> int:
        after = ""

        def some(driver: Driver) -> tuple[int, bool]:
            nonlocal after
            rows = driver.execute(tables.sql.heard_of, {"after": after, "most": _CASES_AT_ONCE}).fetchall()
            old = [key for key, last_at in rows if last_at < before]
            if old:
                driver.execute(tables.sql.drop_cases, {"keys": tables.several(old)})
            # INVARIANT: what is done again after another process was in the way is passed over only if it was done.
            after = rows[-1][0] if rows else after
            return len(old), len(rows) == _CASES_AT_ONCE

        tables = self._tables
        return self._all_of(some)

    def _all_of(self, some: Callable[[Driver], tuple[int, bool]]) -> int:
        with self._prunes:
            dropped = 0
            while True:
                number, more = self._database.write(some)
                dropped += number
                if not more:
                    return dropped

    def _prune(self, driver: Driver, before: int) -> tuple[int, bool]:
        run, sql = driver.execute, self._tables.sql
        if self._tables.served:
            # INVARIANT: between counting what goes and dropping it nothing is added.
            run(_ALL_TALLIES)
        run(sql.keep_from, {"before": before})
        cut = run(sql.cut, {"before": before, "number": _PRUNED_AT_ONCE - 1}).fetchone()
        until = {"before": before if cut is None else cut[0] + 1}
        latest: dict[tuple[str, str], int] = {}
        counted: Counter[tuple[str, str]] = Counter()
        for who, kind, at in run(sql.old, until).fetchall():
            latest[who, kind] = at
            counted[who, kind] += 1
        # WHY sorted: another process that takes the same two in another order would wait for us, and we for it.
        for (who, kind), times in sorted(counted.items()):
            run(sql.uncount, {"who": who, "kind": kind, "number": times, "at": latest[who, kind]})
        number = run(sql.drop_old, until).rowcount
        if cut is None:
            run(sql.drop_empty)
        return number, cut is not None


def _database(url: str, patience: float) -> Database:
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError("this is no URL of a store") from None
    if made.get_backend_name() != "sqlite":
        from callpolicy.stores.sql.postgres import PostgresDatabase  # noqa: PLC0415  # WHY: needs an extra of its own

        return PostgresDatabase(made, patience)
    if made.host or made.query:
        raise UsageError("a store in a file has three slashes, four for an absolute path, and no settings behind a `?`")
    return SqliteFile(made, patience)
