"""What the engine writes to a store: history and cases; what the store did not take waits and is offered again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping
from typing import Final, TypeAlias

from callpolicy.events import (
    CaseLinked,
    Event,
    Judged,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    Said,
    ServiceCompleted,
)
from callpolicy.session import CallSession
from callpolicy.stores.base import Store
from callpolicy.windows import CALLS, JUDGED, Item

WAITING_KEPT: Final = 10_000
"""How many writes wait for a store that is down; beyond that the oldest are given up."""

_Write: TypeAlias = Callable[[], object]


class Writes:
    """The writes of one engine to its store. Used under the engine's lock.

    Args:
        store: the store.
        kinds: the kinds of items that windows look at; others are not written.
    """

    def __init__(self, store: Store, kinds: frozenset[str]) -> None:
        self._store = store
        self._kinds = kinds
        self._waiting: deque[tuple[frozenset[Hashable], _Write]] = deque()
        self._about: Counter[Hashable] = Counter()

    def keep(self, event: Event, session: CallSession, attributes: Mapping[str, str]) -> None:
        """Leave behind what other calls will ask for; whatever the store does, nothing is raised.

        Args:
            event: what was taken in.
            session: its call.
            attributes: what is known of the call.
        """
        if self._waiting:
            self._offer_again()
        item = self._item(event, session, attributes) if session.identities else None
        if item is not None:
            identities = session.identities
            self._write(frozenset(identities), lambda: self._store.add(identities, item))
        if session.case_id is not None:
            self._keep_cases(event, session)

    def _item(self, event: Event, session: CallSession, attributes: Mapping[str, str]) -> Item | None:
        """What an event leaves behind, if any window looks at such things."""
        kind = _kind(event)
        # WHY nothing: taking a mark back is no second service. What the mark left stays; it speaks for the caller.
        if isinstance(event, ServiceCompleted | NoFurtherNeeds) and not event.on:
            return None
        if kind in self._kinds:
            return _item(event, kind, attributes, _own(event))
        if Offence.name not in self._kinds or not isinstance(event, Said):
            return None
        # WHY one item: an event is named by its number, and what is said at once is one breach of conduct.
        kinds = session.offences_in(event)
        own = {"kind": min(kinds), "by": str(Party.SYSTEM)} if kinds else None
        return None if own is None else _item(event, Offence.name, attributes, own)

    def is_missing(self, session: CallSession) -> bool:
        """Whether the store lacks something that this call's decision may depend on."""
        if not self._waiting:
            return False
        return any(self._about[each] for each in (*session.identities, *_cases(session), session.case_id))

    def _keep_cases(self, event: Event, session: CallSession) -> None:
        """A case hears of a call from the call's beginning on, also when the call turns to another case."""
        # WHY the first: when a call is linked, its events from the beginning on are handed over.
        agent = session.first_agent
        for case_id in sorted(_cases(session)):
            for each in session.events if isinstance(event, CaseLinked) else (event,):
                self._write(frozenset({case_id}), _case_write(self._store, case_id, each, agent))

    def _write(self, about: frozenset[Hashable], write: _Write) -> None:
        try:
            write()
        except Exception:  # WHY: whatever a store does, the call goes on; what it did not take waits
            self._waiting.append((about, write))
            self._about.update(about)
            if len(self._waiting) > WAITING_KEPT:
                self._forget_first()

    def _offer_again(self) -> None:
        # WHY up to the first refusal only: a store that is down must not be asked ten thousand times for one event.
        while self._waiting:
            try:
                self._waiting[0][1]()
            except Exception:  # WHY: as above; the next in line gets its turn before this one is offered again
                self._waiting.rotate(-1)
                return
            self._forget_first()

    def _forget_first(self) -> None:
        about, _ = self._waiting.popleft()
        self._about.subtract(about)
        for each in about:
            if not self._about[each]:
                del self._about[each]


def _case_write(store: Store, case_id: str, event: Event, agent: str | None) -> _Write:
    return lambda: store.receive_case(case_id, event, agent)


def _cases(session: CallSession) -> set[str]:
    return {each.case_id for each in session.events if isinstance(each, CaseLinked)}


def _kind(event: Event) -> str:
    """The kind of history item that an event leaves behind."""
    if isinstance(event, Offered):
        return CALLS
    return JUDGED if isinstance(event, Judged) else event.name


def _item(event: Event, kind: str, known: Mapping[str, str], own: Mapping[str, str]) -> Item:
    attributes = {**known, "call_id": event.call_id, **own}
    return Item(event.at, event.call_id, event.seq, kind, tuple(sorted(attributes.items())))


def _own(event: Event) -> dict[str, str]:
    """What the event itself says."""
    own = {"class": event.class_} if isinstance(event, Judged) else {}
    for name in ("kind", "topic", "by", "cause"):
        value = getattr(event, name, None)
        if value is not None:
            own[name] = str(value)
    return own
