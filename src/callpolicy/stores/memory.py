"""The store in memory: for tests, replay, simulation, and one process that may forget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lists import Entries, Entry, Standing
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Background, Query, Readings
from callpolicy.windows import History, Item, Measure, Reading, Window, read

_MOST_STEADY: Final = 10_000
_FOR_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class _Steady:
    """Readings of one call that hold until an instant, unless a history changes.

    WHY: most events of a call come seconds apart, and the caller's other calls do not change in between.
    """

    query: Query
    versions: tuple[int, ...]
    until: int
    readings: Readings

    def holds(self, query: Query, versions: tuple[int, ...]) -> bool:
        own = self.query
        return (
            own.at <= query.at < self.until
            and versions == self.versions
            and query.attributes == own.attributes
            and query.identities == own.identities
        )


class MemoryStore:
    """History, cases and list entries in dictionaries, under one lock.

    Nothing here can fail but for want of memory; what a process held is gone when it ends.

    Args:
        cap: how many items of one kind are kept for one identity; see `callpolicy.windows`.
    """

    def __init__(self, *, cap: int = 4096) -> None:
        self._lock = threading.RLock()
        self._cap = cap
        self._histories: dict[Identity, History] = {}
        self._cases: dict[str, CaseRecord] = {}
        self._entries = Entries()
        self._counting: tuple[Window, ...] = ()
        self._elapsing: tuple[Window, ...] = ()
        self._steady: dict[str, _Steady] = {}
        self._zone = ZoneInfo("UTC")
        self._reach: int | None = None
        self._keep_from: int | None = None

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read, and how far back items are kept."""
        with self._lock:
            self._counting = tuple(window for window in windows if window.measure is not Measure.SECONDS_SINCE)
            self._elapsing = tuple(window for window in windows if window.measure is Measure.SECONDS_SINCE)
            self._zone = zone
            self._reach = reach
            self._steady.clear()
            for history in self._histories.values():
                history.retention = reach

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity."""
        with self._lock:
            added = [self._history(identity).add(item) for identity in identities]
            return any(added)

    def _history(self, identity: Identity) -> History:
        history = self._histories.get(identity)
        if history is None:
            history = self._histories[identity] = self._empty()
        return history

    def _empty(self) -> History:
        history = History(retention=self._reach, cap=self._cap)
        if self._keep_from is not None:
            history.prune(self._keep_from)
        return history

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Fold one event of a linked call into its case."""
        with self._lock:
            record = self._cases.get(case_id) or CaseRecord(case_id)
            if record.receive(event, agent):
                self._cases[case_id] = record

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id."""
        with self._lock:
            self._entries.put(entry)

    def put_block(self, entry: Entry, listed: Sequence[Identity], is_enough: Callable[[Standing], bool]) -> bool:
        """Add a block unless one stands that is enough."""
        with self._lock:
            if is_enough(self._entries.standing(listed, entry.since)):
                return False
            self.put_entry(entry)
            return True

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        with self._lock:
            return self._entries.get(entry_id)

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls."""
        with self._lock:
            case: dict[str, Value] = {}
            courses: dict[str, Course] = {}
            record = self._cases.get(query.case_id) if query.case_id is not None else None
            if record is not None:
                case, courses = record.facts(query.at, query.call_id)
            listed = query.identities if query.listed is None else query.listed
            standing = self._entries.standing(listed, query.at) if listed else None
            return Background(self._readings(query), case, courses, standing)

    def _readings(self, query: Query) -> Readings:
        """All windows; those that count are read again only when something may have changed them."""
        versions = tuple([self._version(identity) for identity in query.identities])
        steady = self._steady.get(query.call_id)
        if steady is None or not steady.holds(query, versions):
            if len(self._steady) >= _MOST_STEADY:
                self._steady.clear()
            readings = Readings(self._read(query, self._counting))
            until = min((reading.steady_until for reading in readings.values()), default=_FOR_EVER)
            steady = self._steady[query.call_id] = _Steady(query, versions, until, readings)
        if not self._elapsing:
            return steady.readings
        return Readings(self._read(query, self._elapsing), steady.readings)

    def _version(self, identity: Identity) -> int:
        history = self._histories.get(identity)
        return -1 if history is None else history.version

    def _read(self, query: Query, windows: tuple[Window, ...]) -> dict[str, Reading]:
        own = {str(identity.kind): identity for identity in query.identities}
        readings: dict[str, Reading] = {}
        nothing = self._empty()
        for window in windows:
            identity = own.get(window.identity)
            if identity is not None:
                readings[window.fact] = read(
                    self._histories.get(identity, nothing),
                    window,
                    at=query.at,
                    current_call=query.call_id,
                    current=query.attributes,
                    zone=self._zone,
                )
        return readings

    def prune(self, before: int) -> int:
        """Drop history older than an instant; returns how many items went."""
        with self._lock:
            self._keep_from = before if self._keep_from is None else max(before, self._keep_from)
            dropped = sum(history.prune(before) for history in self._histories.values())
            # WHY: a history that lost items still knows that it did; one whose items all lie before what is kept, and
            # which no window reaches any more, answers as an empty one does.
            self._histories = {identity: history for identity, history in self._histories.items() if len(history)}
            # WHY: a history that goes takes its version along, and one that comes after it counts from the beginning.
            self._steady.clear()
            return dropped
