"""The protocol of a store: what other calls left behind, asked for one caller at one instant.

Everything a decision needs comes in one `background` call, so that a store over a network needs one round trip.
A store that fails raises `StoreError`; the runtime then lets the caller through and says so in the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from callpolicy.audit import AuditRecord, Head, Keys, PersonalPart
from callpolicy.errors import StoreError
from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block, ending
from callpolicy.lists import Entry, ListName, Standing, Subject
from callpolicy.session.case import CaseRecord
from callpolicy.windows import Item, Reading, Window

_T = TypeVar("_T")

AGAIN: Final = "~"
"""Ends the id of a decision that was given after the store had failed in the middle of one; see `Store.find`."""


class RestingError(StoreError):
    """The store is not asked at all, for it did not answer a moment ago."""


class Query(NamedTuple):
    """What a decision wants to know of the other calls.

    WHY a tuple: one is made for every event, and a tuple is made faster than a frozen dataclass.

    Args:
        call_id: the call that is being decided; its own items do not count.
        identities: who the caller is; empty if that is not known.
        attributes: known attributes of the call (`topic`, `queue`, `dialled`, `channel`).
        case_id: the complaint case that the call is about, if any; the call is a contact of it.
        at: the instant of the decision.
        listed: the identities that blocklist and allowlist look at; `None` for all.
    """

    call_id: str
    identities: tuple[Identity, ...]
    attributes: Mapping[str, str]
    case_id: str | None
    at: int
    listed: tuple[Identity, ...] | None = None


class Readings(dict[str, Reading]):
    """Window fact to its reading, with what the readings make known and how they go on, each worked out once.

    Args:
        fresh: readings of this query.
        steady: readings of an earlier query that still hold, with what was worked out from them.
    """

    __slots__ = ("_courses", "_fresh", "_known", "_steady")

    def __init__(self, fresh: Mapping[str, Reading], steady: Readings | None = None) -> None:
        super().__init__(fresh if steady is None else {**steady, **fresh})
        self._fresh = fresh
        self._steady = steady
        self._known: dict[str, Value] | None = None
        self._courses: dict[str, Course] | None = None

    def known(self) -> Mapping[str, Value]:
        """The windows whose values are known."""
        if self._known is None:
            known = {} if self._steady is None else dict(self._steady.known())
            known.update({name: reading.value for name, reading in self._fresh.items() if reading.value is not None})
            self._known = known
        return self._known

    def courses(self) -> Mapping[str, Course]:
        """How the windows go on that time moves."""
        if self._courses is None:
            own = {name: course for name, reading in self._fresh.items() if (course := reading.course) is not None}
            self._courses = own if self._steady is None else {**self._steady.courses(), **own}
        return self._courses


@dataclass(frozen=True, slots=True)
class Background:
    """The answer to a `Query`.

    Args:
        readings: window fact to its reading; a window over an identity that the caller does not have is left out.
        case: `case.*` facts of the linked case; empty if there is none.
        case_courses: how time moves them.
        standing: how the caller stands on the lists, or `None` if there is no identity that they look at.
    """

    readings: Readings = field(default_factory=lambda: Readings({}))
    case: Mapping[str, Value] = field(default_factory=dict)
    case_courses: Mapping[str, Course] = field(default_factory=dict)
    standing: Standing | None = None


class Kept(NamedTuple):
    """A record of the audit trail as a store keeps it.

    Args:
        record: the record.
        part: its personal part; `None` if it has none, or it was erased.
        ref: what people ask for it by: the id of the decision, or of the block or case that an act was done to.
    """

    record: AuditRecord
    part: PersonalPart | None
    ref: str


def is_named(kept: Kept, ref: str) -> bool:
    """Whether a record is one of those that a ref names; see `Store.find`."""
    if ref in (kept.ref, kept.record.subject):
        return True
    return kept.ref == f"{ref}{AGAIN}" and kept.record.kind == "decision"


class Activation(NamedTuple):
    """A revision of the norm that began to decide.

    Args:
        at: since when, by the clock of the process that began.
        revision: the bundle.
        writer: who decides by it: the writer of its records.
    """

    at: int
    revision: str
    writer: str


class Listed(NamedTuple):
    """A list entry with its life.

    Args:
        entry: who is covered, and when it holds; `None` for a block that never became active.
        block: the life of a block; `None` for an entry that was put without one, as those of the allowlist are.
    """

    entry: Entry | None
    block: Block | None


def over_at(listed: Listed) -> int | None:
    """When a list entry or block is over for good, as far as it is known by now; `None` if it has no end."""
    if listed.block is not None:
        end = ending(listed.block.steps[-1].footing)
        return None if end is None else end.at
    return None if listed.entry is None else listed.entry.until


class Erased(NamedTuple):
    """How much a retention took away.

    Args:
        items: items of history.
        cases: complaint cases.
        entries: list entries and blocks that were over.
        parts: personal parts of audit records.
    """

    items: int = 0
    cases: int = 0
    entries: int = 0
    parts: int = 0


class Turn(Protocol):
    """What can be read and written in one transaction of a store; see `Store.turn`."""

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity.

        Returns:
            whether it is new for any of them; the same (call_id, seq) counts once.
        """
        ...

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Fold one event of a linked call into its case; the same (call_id, seq) counts once."""
        ...

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id."""
        ...

    def put_block(self, block: Block) -> None:
        """Add a block with its life, or replace what there is of it; its entry goes along."""
        ...

    def append(self, kept: Sequence[Kept]) -> None:
        """Keep audit records; one of the same writer and number that is there stays as it is."""
        ...

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls."""
        ...

    def listed(self, entry_id: str) -> Listed | None:
        """A list entry or block by its id, or `None`."""
        ...

    def overlapping(self, subject: Subject) -> tuple[Listed, ...]:
        """Every entry of either list, past ones too, that may cover somebody whom the subject covers."""
        ...

    def case(self, case_id: str) -> CaseRecord | None:
        """A complaint case, or `None`."""
        ...

    def head(self, writer: str) -> Head:
        """Where the chain of a writer ends."""
        ...


class Store(Turn, Protocol):
    """What every store does. Instances may be used from several threads.

    What a `Turn` can do can be asked of the store itself; then it is a transaction of its own.
    """

    @property
    def keys(self) -> Keys:
        """The keys of the centre, made from the store's secret."""
        ...

    @property
    def spool_folder(self) -> Path | None:
        """Where an engine keeps what the store does not take; `None` for nowhere."""
        ...

    def turn(self, work: Callable[[Turn], _T], about: Sequence[Identity] = (), writer: str | None = None) -> _T:
        """Run work in one transaction: when this returns all of it is kept; when it raises, nothing of it counts.

        While it runs nobody else, in any process, runs one about the same identities or as the same writer: so the
        call that crosses a threshold knows that it does.

        Args:
            work: what to do; it may be run again after another process was in the way. The store in memory takes back
                nothing of what was done before it raised.
            about: whom it is about.
            writer: whose audit records it writes, if several processes write as this one.

        Raises:
            StoreError: the store failed.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read; called once, and again when a bundle is replaced.

        Args:
            windows: the windows.
            zone: the centre's zone, for windows over a local day.
            reach: how far back items are kept, in microseconds: the longest window, and how far back a window without
                length looks.
        """
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        ...

    def entries(self, on: ListName) -> Iterator[Listed]:
        """Every entry of a list, in the order in which they were put."""
        ...

    def cases(self) -> Iterator[CaseRecord]:
        """Every complaint case."""
        ...

    def records(self, writer: str | None = None, first: int = 0) -> Iterator[Kept]:
        """The audit trail: writer by writer, each from its first record on.

        Args:
            writer: only of this one.
            first: only from this number on.
        """
        ...

    def find(self, ref: str) -> tuple[Kept, ...]:
        """The audit records that a ref names: the id of a decision, a call, a block or a case.

        The id of a decision names two, if the store failed in the middle of it: one may have been kept that nobody was
        given, and the one that was given has the same id and `~`.
        """
        ...

    def heads(self) -> tuple[Head, ...]:
        """Where the chain of each writer ends, sorted by writer."""
        ...

    def keep_revision(self, revision: str, files: Mapping[str, bytes], activation: Activation) -> None:
        """Keep the files of a bundle, once for each revision, and when it began to decide."""
        ...

    def revision(self, revision: str) -> Mapping[str, bytes] | None:
        """The files of a bundle that was kept, or `None`."""
        ...

    def activations(self) -> tuple[Activation, ...]:
        """Which revision was live when, in order."""
        ...

    def prune(self, before: int) -> int:
        """Drop history older than an instant; returns how many items went."""
        ...

    def prune_some(self, before: int) -> None:
        """Drop some of the history older than an instant: so little that no call waits long for it."""
        ...

    def erase(self, *, cases: int | None = None, entries: int | None = None, parts: int | None = None) -> Erased:
        """Drop what a retention no longer covers. Each is an instant; what is `None` stays.

        Args:
            cases: cases of which nothing was heard since.
            entries: list entries and blocks that were over before.
            parts: personal parts of audit records that are about an earlier instant; the chain still verifies.
        """
        ...
