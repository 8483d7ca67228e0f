"""What a call leaves behind for later calls: items of history, and events of its complaint cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.events import (
    CaseLinked,
    Event,
    Explained,
    FinalResult,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    Said,
    ServiceCompleted,
)
from callpolicy.runtime.keeping import Keep, KeepEvent, KeepItem
from callpolicy.session import CallSession
from callpolicy.windows import CALLS, JUDGED, Item


def left_behind(
    event: Event, session: CallSession, attributes: Mapping[str, str], kinds: frozenset[str]
) -> tuple[Keep, ...]:
    """What an event leaves behind.

    Args:
        event: what was taken in.
        session: its call.
        attributes: what is known of the call.
        kinds: the kinds of items that windows look at; others are not kept.
    """
    item = _item_of(event, session, attributes, kinds) if session.identities else None
    kept: tuple[Keep, ...] = () if item is None else (KeepItem(session.identities, item),)
    cases = cases_of(session)
    return (*kept, *_case_events(event, session, cases)) if cases else kept


def cases_of(session: CallSession) -> frozenset[str]:
    """Every case that a call was linked to, or that an event of it names."""
    if session.case_id is None and not any(isinstance(each, _NAMING) for each in session.events):
        return _NO_CASES
    return frozenset(case_id for each in session.events if (case_id := _named(each)) is not None)


_NAMING: Final = (CaseLinked, Explained, FinalResult, NewFact)
_NO_CASES: Final[frozenset[str]] = frozenset()


def _named(event: Event) -> str | None:
    """The case that an event links its call to, or is itself about."""
    return event.case_id if isinstance(event, CaseLinked | Explained | FinalResult | NewFact) else None


def _case_events(event: Event, session: CallSession, cases: frozenset[str]) -> Iterator[Keep]:
    """A case hears of a call from the call's beginning on, also when the call turns to another case."""
    # WHY the first: when a call is linked, its events from the beginning on are handed over.
    agent = session.first_agent
    named = _named(event)
    for case_id in sorted(cases):
        for each in session.events if case_id == named else (event,):
            yield KeepEvent(case_id, each, agent)


def _item_of(event: Event, session: CallSession, attributes: Mapping[str, str], kinds: frozenset[str]) -> Item | None:
    kind = _kind(event)
    # WHY nothing: taking a mark back is no second service. What the mark left stays; it speaks for the caller.
    if isinstance(event, ServiceCompleted | NoFurtherNeeds) and not event.on:
        return None
    if kind in kinds:
        return _item(event, kind, attributes, _own(event))
    if Offence.name not in kinds or not isinstance(event, Said):
        return None
    # WHY one item: an event is named by its number, and what is said at once is one breach of conduct.
    offences = session.offences_in(event)
    own = {"kind": min(offences), "by": str(Party.SYSTEM)} if offences else None
    return None if own is None else _item(event, Offence.name, attributes, own)


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
