"""The protocol of a store: what other calls left behind, asked for one caller at one instant.

Everything a decision needs comes in one `background` call, so that a store over a network needs one round trip.
A store that fails raises `StoreError`; the runtime then lets the caller through and says so in the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from callpolicy.events import Event
from callpolicy.facts import Course, Value
from callpolicy.identity import Identity
from callpolicy.lists import Entry, Standing
from callpolicy.windows import Item, Reading, Window


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


class Store(Protocol):
    """What every store does. Instances may be used from several threads."""

    def declare(self, windows: Sequence[Window], zone: ZoneInfo, reach: int) -> None:
        """Say which windows will be read; called once, and again when a bundle is replaced.

        Args:
            windows: the windows.
            zone: the centre's zone, for windows over a local day.
            reach: how far back items are kept, in microseconds: the longest window, and how far back a window without
                length looks.
        """
        ...

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        """Keep one item of history for each identity.

        Returns:
            whether it is new for any of them; the same (call_id, seq) counts once.
        """
        ...

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        """Fold one event of a linked call into its case."""
        ...

    def put_entry(self, entry: Entry) -> None:
        """Add a list entry, or replace the one of the same id."""
        ...

    def put_block(self, entry: Entry, listed: Sequence[Identity], is_enough: Callable[[Standing], bool]) -> bool:
        """Add a block unless one stands that is enough; of all who try at once, in any process, one does.

        Args:
            entry: the block.
            listed: the identities of the caller that the lists look at.
            is_enough: whether a caller who stands like this, at the instant from which the block would hold, needs no
                further block. It is asked while nobody else can write a block of this identity.

        Returns:
            whether it was added.
        """
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """One list entry, or `None`."""
        ...

    def background(self, query: Query) -> Background:
        """Everything a decision needs of the other calls."""
        ...

    def prune(self, before: int) -> int:
        """Drop history older than an instant; returns how many items went."""
        ...
