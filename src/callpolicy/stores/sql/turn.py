"""One transaction of a store in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from callpolicy.audit import Head
from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block
from callpolicy.lists import Entries, Entry, Subject
from callpolicy.lists.covers import key_text
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Background, Kept, Listed, Query, Readings
from callpolicy.stores.sql import listing, trail
from callpolicy.stores.sql.database import Driver
from callpolicy.stores.sql.rows import attributes_from, attributes_text, entry_from, event_from, event_text
from callpolicy.stores.sql.statements import ENTRY, EVENT, ITEM, KEEP_FROM, LISTS, LOST, STATED
from callpolicy.stores.sql.tables import Tables
from callpolicy.windows import History, Item, Reading, Window, check_instant, read, retention

CASE: Final = "case"
_EVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a norm asks of a store: its windows, the centre's zone, and how far back items are kept."""

    windows: tuple[Window, ...]
    zone: ZoneInfo
    reach: int | None
    _lengths: tuple[tuple[str, int | None], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_kind: dict[str, list[Window]] = {}
        for window in self.windows:
            by_kind.setdefault(window.over, []).append(window)
        lengths = tuple((kind, self._length(windows)) for kind, windows in by_kind.items())
        object.__setattr__(self, "_lengths", lengths)

    def _length(self, windows: list[Window]) -> int | None:
        if all(window.length is not None or window.calendar is not None for window in windows):
            return retention(windows)
        return None if self.reach is None else retention(windows, at_least=self.reach)

    def sinces(self, at: int) -> dict[str, int]:
        """For each kind of item the instant from which on some window counts it; other kinds count for none.

        WHY by kind: of a caller who has called a thousand times in a month a decision needs the calls of a day.
        """
        return {kind: _EVER if length is None else at - length for kind, length in self._lengths}


class SqlTurn:
    """Reads and writes with one connection of the driver. What it wrote counts when whoever made it commits.

    Args:
        tables: the statements.
        driver: the connection.
        lookup: which entries may cover a caller.
        declared: what the norm asks.
        cap: how many items of one kind are kept for one identity.
        alone: whether this is no transaction, and each statement counts by itself.
    """

    def __init__(  # what a store is made of
        self, tables: Tables, driver: Driver, lookup: listing.Lookup, declared: Declared, cap: int, alone: bool
    ) -> None:
        self._alone = alone
        self._tables = tables
        self._driver = driver
        self._lookup = lookup
        self._declared = declared
        self._cap = cap

    # ---- history and cases

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity."""
        if not identities:
            return False
        check_instant(item.at)
        names = self._tables.names
        values = {
            "at": item.at,
            "call_id": key_text(item.call_id),
            "seq": item.seq,
            "kind": key_text(item.kind),
            "attributes": attributes_text(tuple(names.veiled(item.attributes, identities))),
        }
        # WHY sorted: two processes that lock the same two identities in two orders would wait for each other.
        added = [self._add({**values, "who": who}) for who in sorted({names.who(each) for each in identities})]
        return any(added)

    def _add(self, values: dict[str, Any]) -> bool:
        run, sql = self._driver.execute, self._tables.sql
        if run(sql.add_item, _those(values, "who", "at", "call_id", "seq", "kind", "attributes")).rowcount:
            held = run(sql.count_item, _those(values, "who", "kind")).fetchall()[0][0]
            return held <= self._cap or self._trim(values, held - self._cap)
        if run(sql.has_item, _those(values, "who", "call_id", "seq")).fetchone() is None:
            run(sql.lose, _those(values, "who", "kind", "at"))
        return False

    def _trim(self, values: dict[str, Any], number: int) -> bool:
        """Drop the oldest items beyond the cap; whether the item itself stayed."""
        run, sql = self._driver.execute, self._tables.sql
        own = _those(values, "who", "kind")
        dropped = run(sql.oldest, {**own, "number": number}).fetchall()
        for _, call_id, seq in dropped:
            run(sql.drop_item, {"who": values["who"], "call_id": call_id, "seq": seq})
        run(sql.uncount, {**own, "number": len(dropped), "at": max(at for at, _, _ in dropped)})
        return (values["call_id"], values["seq"]) not in {(call_id, seq) for _, call_id, seq in dropped}

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Keep one event of a linked call for its case."""
        if not CaseRecord(case_id).receive(event, agent):
            return
        names = self._tables.names
        values = {
            "case_key": names.case(case_id),
            "call_id": key_text(event.call_id),
            "seq": event.seq,
            "at": event.at,
            "event": names.seal(event_text(event, agent, case_id), CASE),
        }
        self._driver.execute(self._tables.sql.add_event, values)

    def case(self, case_id: str) -> CaseRecord | None:
        """A complaint case, or `None`."""
        tables = self._tables
        rows = self._driver.execute(tables.sql.case, {"case_key": tables.names.case(case_id)}).fetchall()
        return case_of(tables, [text for (text,) in rows]) if rows else None

    # ---- lists

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id."""
        listing.put_entry(self._tables, self._driver, entry)

    def put_block(self, block: Block) -> None:
        """Add a block with its life, or replace what there is of it."""
        listing.put_block(self._tables, self._driver, block)

    def listed(self, entry_id: str) -> Listed | None:
        """A list entry or block by its id, or `None`."""
        return listing.find(self._tables, self._driver, entry_id)

    def overlapping(self, subject: Subject) -> tuple[Listed, ...]:
        """Every entry of either list that may cover somebody whom the subject covers."""
        return listing.overlapping(self._tables, self._driver, subject)

    # ---- the audit trail

    def append(self, kept: Sequence[Kept]) -> None:
        """Keep audit records."""
        trail.append(self._tables, self._driver, kept)

    def head(self, writer: str) -> Head:
        """Where the chain of a writer ends."""
        return trail.head(self._tables, self._driver, writer)

    # ---- what a decision asks

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls, in one exchange with the database.

        A second one is needed when the lists have changed and this process has not taken that in yet.
        """
        declared = self._declared
        listed = query.identities if query.listed is None else query.listed
        if not query.identities and not listed and query.case_id is None:
            return Background(Readings({}), standing=None)
        glance = self._lookup.glance(listed)
        # WHY once: a name is asked for in every step from here on.
        whos = tuple(map(self._tables.names.who, query.identities))
        rows = self._rows(query, whos, glance.numbers, declared)
        case: dict[str, Value] = {}
        courses: dict[str, Course] = {}
        events = [row[6] for row in rows if row[0] == EVENT]
        if events:
            case, courses = case_of(self._tables, events).facts(query.at, query.call_id)
        standing = Entries(self._entries(listed, glance.seen, rows)).standing(listed, query.at) if listed else None
        return Background(Readings(self._read(query, whos, rows, declared)), case, courses, standing)

    def _rows(self, query: Query, whos: tuple[str, ...], numbers: tuple[int, ...], declared: Declared) -> Sequence[Any]:
        tables, names = self._tables, self._tables.names
        sinces = declared.sinces(query.at)
        values = {
            "whos": tables.several(whos),
            "numbers": tables.several(numbers),
            "since": min(sinces.values(), default=query.at),
            "sinces": orjson.dumps(sinces).decode(),
            "case_key": None if query.case_id is None else names.case(query.case_id),
        }
        rows: Sequence[Any] = self._driver.execute(tables.sql.background, values).fetchall()
        return rows

    def _entries(self, listed: tuple[Identity, ...], seen: int | None, rows: Sequence[Any]) -> list[Entry]:
        changes = _stated(rows, LISTS) or 0
        found = self._lookup.holding(self._driver, listed, seen, changes, alone=self._alone)
        if found is not None:
            return found
        unseal = self._tables.names.unseal
        return [entry_from(unseal(row[6], listing.ENTRY)) for row in rows if row[0] == ENTRY]

    def _read(self, query: Query, whos: tuple[str, ...], rows: Sequence[Any], declared: Declared) -> dict[str, Reading]:
        histories = self._histories(whos, rows, declared)
        own = {str(identity.kind): histories[who] for identity, who in zip(query.identities, whos, strict=True)}
        current = dict(self._tables.names.veiled(query.attributes.items(), query.identities))
        return {
            window.fact: read(
                own[window.identity],
                window,
                at=query.at,
                current_call=key_text(query.call_id),
                current=current,
                zone=declared.zone,
            )
            for window in declared.windows
            if window.identity in own
        }

    def _histories(self, whos: tuple[str, ...], rows: Sequence[Any], declared: Declared) -> dict[str, History]:
        histories = {who: History(retention=declared.reach, cap=self._cap) for who in whos}
        keep_from = _stated(rows, KEEP_FROM)
        if keep_from is not None:
            for history in histories.values():
                history.prune(keep_from)
        items = [row for row in rows if row[0] == ITEM]
        for _, who, kind, at, call_id, seq, text in sorted(items, key=lambda row: (row[3], row[4], row[5])):
            histories[who].add(Item(at, call_id, seq, kind, attributes_from(text)))
        for row in rows:
            if row[0] == LOST:
                histories[row[1]].lose(row[2], row[3])
        return histories


def case_of(tables: Tables, sealed: Iterable[str]) -> CaseRecord:
    """A case from its events as they stand in the tables; there is at least one."""
    told = [event_from(tables.names.unseal(text, CASE)) for text in sealed]
    record = CaseRecord(told[0][2])
    for event, agent, _ in sorted(told, key=lambda each: (each[0].at, each[0].call_id, each[0].seq)):
        record.receive(event, agent)
    return record


def _stated(rows: Iterable[Any], name: str) -> int | None:
    """A single value of the store, as it came with the rows."""
    return next((row[3] for row in rows if row[0] == STATED and row[2] == name), None)


def _those(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}
