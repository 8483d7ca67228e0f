"""The store in SQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from callpolicy.errors import UsageError
from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lists import Entries, Entry, Standing
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Background, Query, Readings
from callpolicy.stores.sql.database import Database, Driver
from callpolicy.stores.sql.rows import (
    attributes_from,
    attributes_text,
    covering,
    covers_of,
    entry_from,
    entry_text,
    event_from,
    event_text,
    key_text,
    who_of,
)
from callpolicy.stores.sql.sqlite import SqliteFile
from callpolicy.stores.sql.statements import ENTRY, EVENT, ITEM, LOST, build_statements
from callpolicy.windows import DEFAULT_CAP, History, Item, Reading, Window, check_instant, read, retention

_PRUNED_AT_ONCE: Final = 5_000
"""Items that one transaction drops, so that no call waits long for it."""

_ALL_TALLIES: Final = "LOCK TABLE callpolicy_tallies IN EXCLUSIVE MODE"
_ONE_IDENTITY: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(who)s, 7231940551))"


@dataclass(frozen=True, slots=True)
class _Declared:
    windows: tuple[Window, ...]
    zone: ZoneInfo
    reach: int | None


class SqlStore:
    """History, cases and list entries in SQLite or PostgreSQL, shared by all processes that open the same.

    What a decision asks is read in one statement, so from one instant of the store; windows and cases are then worked
    out here, by the code that the store in memory uses. Whatever a method wrote is on disk when it returns.

    Telephone numbers and customers stand in the tables as they are: calls are matched by them. Whoever can read the
    file or the database can read them, so a new file can be read by its owner only.

    Args:
        url: see `callpolicy.stores.open_store`.
        patience: how long the database is waited for, in seconds.
        create: whether to make the tables where there are none.
        cap: how many items of one kind are kept for one identity; see `callpolicy.windows`.

    Raises:
        UsageError: the URL cannot be read.
        StoreError: the store cannot be opened, or was written by another version.
    """

    def __init__(self, url: str, *, patience: float, create: bool = True, cap: int = DEFAULT_CAP) -> None:
        self._database = _database(url, patience)
        self._database.open(create=create)
        self._sql = build_statements(self._database.engine.dialect)
        self._shared = self._database.engine.dialect.name != "sqlite"
        self._cap = cap
        self._prunes = threading.Lock()
        self._declared = _Declared((), ZoneInfo("UTC"), None)

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._database.close()

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read, and how far back items are kept."""
        self._declared = _Declared(tuple(windows), zone, reach)

    # ---- history

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity; on disk when this returns."""
        if not identities:
            return False
        check_instant(item.at)
        values = {
            "at": item.at,
            "call_id": key_text(item.call_id),
            "seq": item.seq,
            "kind": key_text(item.kind),
            "attributes": attributes_text(item.attributes),
        }
        # WHY sorted: two processes that lock the same two identities in two orders would wait for each other.
        whos = sorted({who_of(identity) for identity in identities})

        def add(driver: Driver) -> bool:
            added = [self._add(driver, {**values, "who": who}) for who in whos]
            return any(added)

        return self._database.write(add)

    def _add(self, driver: Driver, values: dict[str, Any]) -> bool:
        run = driver.execute
        if run(self._sql.add_item, _those(values, "who", "at", "call_id", "seq", "kind", "attributes")).rowcount:
            held = run(self._sql.count_item, _those(values, "who", "kind")).fetchall()[0][0]
            return held <= self._cap or self._trim(driver, values, held - self._cap)
        if run(self._sql.has_item, _those(values, "who", "call_id", "seq")).fetchone() is None:
            run(self._sql.lose, _those(values, "who", "kind", "at"))
        return False

    def _trim(self, driver: Driver, values: dict[str, Any], number: int) -> bool:
        """Drop the oldest items beyond the cap; whether the item itself stayed."""
        run = driver.execute
        own = _those(values, "who", "kind")
        dropped = run(self._sql.oldest, {**own, "number": number}).fetchall()
        for _, call_id, seq in dropped:
            run(self._sql.drop_item, {"who": values["who"], "call_id": call_id, "seq": seq})
        run(self._sql.uncount, {**own, "number": len(dropped), "at": max(at for at, _, _ in dropped)})
        return (values["call_id"], values["seq"]) not in {(call_id, seq) for _, call_id, seq in dropped}

    def prune(self, before: int) -> int:
        """Drop history older than an instant, some thousand items at a time; returns how many items went."""
        with self._prunes:
            pruned = 0
            while True:
                number, more = self._database.write(lambda driver: self._prune(driver, before))
                pruned += number
                if not more:
                    return pruned

    def _prune(self, driver: Driver, before: int) -> tuple[int, bool]:
        run = driver.execute
        if self._shared:
            # INVARIANT: between counting what goes and dropping it nothing is added.
            run(_ALL_TALLIES)
        run(self._sql.keep_from, {"before": before})
        cut = run(self._sql.cut, {"before": before, "number": _PRUNED_AT_ONCE - 1}).fetchone()
        until = {"before": before if cut is None else cut[0] + 1}
        run(self._sql.uncount_old, until)
        number = run(self._sql.drop_old, until).rowcount
        if cut is None:
            run(self._sql.drop_empty)
        return number, cut is not None

    # ---- cases

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Keep one event of a linked call for its case; on disk when this returns."""
        if not CaseRecord(case_id).receive(event, agent):
            return
        values = {
            "case_id": key_text(case_id),
            "call_id": key_text(event.call_id),
            "seq": event.seq,
            "event": event_text(event, agent),
        }
        self._database.write(lambda driver: driver.execute(self._sql.add_event, values))

    # ---- lists

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id; on disk when this returns."""
        self._database.write(lambda driver: self._put(driver, entry))

    def put_block(self, entry: Entry, listed: Sequence[Identity], is_enough: Callable[[Standing], bool]) -> bool:
        """Add a block unless one stands that is enough."""

        def put(driver: Driver) -> bool:
            run = driver.execute
            if self._shared:
                # WHY: PostgreSQL lets two look at once, and both would find nothing. SQLite lets one write at a time.
                run(_ONE_IDENTITY, {"who": who_of(entry.identity)})
            rows = run(self._sql.covering, {"covers": self._texts(covering(listed))})
            if is_enough(Entries(entry_from(text) for (text,) in rows).standing(listed, entry.since)):
                return False
            self._put(driver, entry)
            return True

        return self._database.write(put)

    def _put(self, driver: Driver, entry: Entry) -> None:
        run = driver.execute
        entry_id = key_text(entry.entry_id)
        values = {
            "entry_id": entry_id,
            "on_list": str(entry.on),
            "since": entry.since,
            "until": entry.until,
            "entry": entry_text(entry),
        }
        run(self._sql.put_entry, values)
        run(self._sql.uncover, {"entry_id": entry_id})
        for covers in covers_of(entry):
            run(self._sql.cover, {"covers": covers, "entry_id": entry_id})

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        rows = self._database.read(self._sql.entry, {"entry_id": key_text(entry_id)})
        return entry_from(rows[0][0]) if rows else None

    # ---- what a decision asks

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls, in one exchange with the database."""
        declared = self._declared
        listed = query.identities if query.listed is None else query.listed
        rows = self._rows(query, listed, declared)
        case: dict[str, Value] = {}
        courses: dict[str, Course] = {}
        events = [event_from(row[6]) for row in rows if row[0] == EVENT]
        if query.case_id is not None and events:
            record = CaseRecord(query.case_id)
            for event, agent in sorted(events, key=lambda each: (each[0].at, each[0].call_id, each[0].seq)):
                record.receive(event, agent)
            case, courses = record.facts(query.at, query.call_id)
        entries = Entries(entry_from(row[6]) for row in rows if row[0] == ENTRY)
        standing = entries.standing(listed, query.at) if listed else None
        return Background(Readings(self._read(query, rows, declared)), case, courses, standing)

    def _rows(self, query: Query, listed: tuple[Identity, ...], declared: _Declared) -> Sequence[Any]:
        if not query.identities and not listed and query.case_id is None:
            return ()
        reach = declared.reach
        values = {
            "whos": self._texts(who_of(identity) for identity in query.identities),
            "covers": self._texts(covering(listed)),
            "since": _EVER if reach is None else query.at - retention(declared.windows, at_least=reach),
            "case_id": None if query.case_id is None else key_text(query.case_id),
        }
        return self._database.read(self._sql.background, values)

    def _read(self, query: Query, rows: Sequence[Any], declared: _Declared) -> dict[str, Reading]:
        histories = self._histories(query.identities, rows, declared)
        own = {str(identity.kind): histories[who_of(identity)] for identity in query.identities}
        return {
            window.fact: read(
                own[window.identity],
                window,
                at=query.at,
                current_call=query.call_id,
                current=query.attributes,
                zone=declared.zone,
            )
            for window in declared.windows
            if window.identity in own
        }

    def _histories(
        self, identities: Iterable[Identity], rows: Sequence[Any], declared: _Declared
    ) -> dict[str, History]:
        histories = {who_of(each): History(retention=declared.reach, cap=self._cap) for each in identities}
        items = [row for row in rows if row[0] == ITEM]
        for _, who, kind, at, call_id, seq, text in sorted(items, key=lambda row: (row[3], row[4], row[5])):
            histories[who].add(Item(at, call_id, seq, kind, attributes_from(text)))
        for row in rows:
            if row[0] == LOST:
                histories[row[1]].lose(row[2], row[3])
        return histories

    def _texts(self, texts: Iterable[str]) -> str | list[str]:
        """A list of texts as a parameter."""
        return list(texts) if self._shared else json.dumps(list(texts))


_EVER: Final = -(1 << 62)


def _those(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}


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
