"""The store in memory: for tests, replay, simulation, and one process that may forget."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lists import Entries, Entry
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Background, Query
from callpolicy.windows import History, Item, Reading, Window, read


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
        self._windows: tuple[Window, ...] = ()
        self._zone = ZoneInfo("UTC")
        self._reach: int | None = None
        self._keep_from: int | None = None

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read, and how far back items are kept."""
        with self._lock:
            self._windows = tuple(windows)
            self._zone = zone
            self._reach = reach
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
            record = self._cases.get(case_id)
            if record is None:
                record = self._cases[case_id] = CaseRecord(case_id)
            record.receive(event, agent)

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id."""
        with self._lock:
            self._entries.put(entry)

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
                case, courses = record.facts(query.at)
            standing = self._entries.standing(query.identities, query.at) if query.identities else None
            return Background(self._readings(query), case, courses, standing)

    def _readings(self, query: Query) -> dict[str, Reading]:
        own = {str(identity.kind): identity for identity in query.identities}
        readings: dict[str, Reading] = {}
        nothing = self._empty()
        for window in self._windows:
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
            return dropped
