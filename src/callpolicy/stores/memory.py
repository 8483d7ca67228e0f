"""The store in memory: for tests, replay, simulation, and one process that may forget."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from callpolicy.audit import Chain, Head, Keys
from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block, whole_entry
from callpolicy.lists import Entries, Entry, ListName, Subject
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import (
    Activation,
    Background,
    Erased,
    Kept,
    Listed,
    Query,
    Readings,
    Turn,
    is_named,
    over_at,
)
from callpolicy.windows import History, Item, Measure, Reading, Window, read

_T = TypeVar("_T")
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
    """History, cases, list entries and audit records in dictionaries, under one lock.

    Nothing here can fail but for want of memory; what a process held is gone when it ends.

    Args:
        cap: how many items of one kind are kept for one identity; see `callpolicy.windows`.
        secret: of the centre, under which personal parts of audit records are sealed; a new one if none is given.
    """

    def __init__(self, *, cap: int = 4096, secret: bytes | None = None) -> None:
        self._keys = Keys.of(secrets.token_bytes(32) if secret is None else secret)
        self._listed: dict[str, Listed] = {}
        self._trail: dict[str, list[Kept]] = {}
        self._revisions: dict[str, Mapping[str, bytes]] = {}
        self._activations: set[Activation] = set()
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

    @property
    def keys(self) -> Keys:
        """The keys of the centre."""
        return self._keys

    @property
    def spool_folder(self) -> None:
        """Nowhere: what is in memory can take whatever it is given."""
        return

    def turn(self, work: Callable[[Turn], _T], about: Sequence[Identity] = (), writer: str | None = None) -> _T:
        """Run work while nobody else reads or writes; what it did before it raised is not taken back."""
        with self._lock:
            return work(self)

    def close(self) -> None:
        """Nothing is open; what is kept stays."""

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
        self._put(entry.entry_id, Listed(entry, None))

    def put_block(self, block: Block) -> None:
        """Add a block with its life, or replace what there is of it."""
        self._put(block.block_id, Listed(whole_entry(block), block))

    def _put(self, entry_id: str, listed: Listed) -> None:
        with self._lock:
            self._listed[entry_id] = listed
            if listed.entry is None:
                self._entries.drop(entry_id)
            else:
                self._entries.put(listed.entry)

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        found = self.listed(entry_id)
        return None if found is None else found.entry

    def listed(self, entry_id: str) -> Listed | None:
        """A list entry or block by its id, or `None`."""
        with self._lock:
            return self._listed.get(entry_id)

    def entries(self, on: ListName) -> Iterator[Listed]:
        """Every entry of a list, in the order in which they were put."""
        with self._lock:
            return iter([each for each in self._listed.values() if _list_of(each) is on])

    def overlapping(self, subject: Subject) -> tuple[Listed, ...]:
        """Every entry of either list that may cover somebody whom the subject covers."""
        with self._lock:
            return tuple(each for each in self._listed.values() if _subject_of(each).overlaps(subject))

    # ---- cases

    def case(self, case_id: str) -> CaseRecord | None:
        """A complaint case, or `None`."""
        with self._lock:
            return self._cases.get(case_id)

    def cases(self) -> Iterator[CaseRecord]:
        """Every complaint case."""
        with self._lock:
            return iter(list(self._cases.values()))

    # ---- the audit trail

    def append(self, kept: Sequence[Kept]) -> None:
        """Keep audit records; one of the same writer and number that is there stays as it is."""
        with self._lock:
            for each in kept:
                trail = self._trail.setdefault(each.record.writer, [])
                if not trail or each.record.number > trail[-1].record.number:
                    trail.append(each)
                elif all(other.record.number != each.record.number for other in trail):
                    trail.append(each)
                    trail.sort(key=lambda other: other.record.number)

    def head(self, writer: str) -> Head:
        """Where the chain of a writer ends."""
        with self._lock:
            trail = self._trail.get(writer)
            return _head(trail[-1]) if trail else Chain.begin(writer).head

    def heads(self) -> tuple[Head, ...]:
        """Where the chain of each writer ends, sorted by writer."""
        with self._lock:
            return tuple(self.head(writer) for writer in sorted(self._trail))

    def records(self, writer: str | None = None, first: int = 0) -> Iterator[Kept]:
        """The audit trail: writer by writer, each from its first record on."""
        with self._lock:
            names = sorted(self._trail) if writer is None else [writer] if writer in self._trail else []
            return iter([each for name in names for each in self._trail[name] if each.record.number >= first])

    def find(self, ref: str) -> tuple[Kept, ...]:
        """The audit records that a ref names."""
        found = [each for each in self.records() if is_named(each, ref)]
        return tuple(sorted(found, key=lambda each: (each.record.at, each.record.writer, each.record.number)))

    def keep_revision(self, revision: str, files: Mapping[str, bytes], activation: Activation) -> None:
        """Keep the files of a bundle, and when it began to decide."""
        with self._lock:
            self._revisions.setdefault(revision, dict(files))
            self._activations.add(activation)

    def revision(self, revision: str) -> Mapping[str, bytes] | None:
        """The files of a bundle that was kept, or `None`."""
        with self._lock:
            return self._revisions.get(revision)

    def activations(self) -> tuple[Activation, ...]:
        """Which revision was live when, in order."""
        with self._lock:
            return tuple(sorted(self._activations))

    # ---- what a decision asks

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
            # WHY: what it lost lies before what is kept, and of that nobody's windows are told a number: whose history
            # went is not told from one of whom nothing was ever kept.
            self._histories = {identity: history for identity, history in self._histories.items() if len(history)}
            # WHY: a history that goes takes its version along, and one that comes after it counts from the beginning.
            self._steady.clear()
            return dropped

    def prune_some(self, before: int) -> None:
        """Drop all of the history older than an instant: in memory that takes no time."""
        self.prune(before)

    def erase(self, *, cases: int | None = None, entries: int | None = None, parts: int | None = None) -> Erased:
        """Drop what a retention no longer covers."""
        with self._lock:
            return Erased(
                cases=0 if cases is None else self._erase_cases(cases),
                entries=0 if entries is None else self._erase_entries(entries),
                parts=0 if parts is None else self._erase_parts(parts),
            )

    def _erase_cases(self, before: int) -> int:
        old = [case_id for case_id, record in self._cases.items() if record.last_at < before]
        for case_id in old:
            del self._cases[case_id]
        return len(old)

    def _erase_entries(self, before: int) -> int:
        old = [
            entry_id for entry_id, each in self._listed.items() if (end := over_at(each)) is not None and end < before
        ]
        for entry_id in old:
            self._entries.drop(entry_id)
            del self._listed[entry_id]
        return len(old)

    def _erase_parts(self, before: int) -> int:
        erased = 0
        for trail in self._trail.values():
            for place, each in enumerate(trail):
                if each.part is not None and each.record.at < before:
                    trail[place] = each._replace(part=None)
                    erased += 1
        return erased


def _list_of(listed: Listed) -> ListName:
    return listed.entry.on if listed.entry is not None else ListName.BLOCKLIST


def _subject_of(listed: Listed) -> Subject:
    if listed.block is not None:
        return listed.block.subject
    # INVARIANT: an entry without a life stands on its own.
    assert listed.entry is not None
    return listed.entry.subject


def _head(kept: Kept) -> Head:
    return Head(kept.record.writer, kept.record.number, kept.record.digest)
