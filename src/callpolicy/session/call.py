"""The call machine: events of one call in, fact snapshots out. Sans-IO: it waits for nothing and reads no clock."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Set
from types import MappingProxyType
from typing import Any, Final

from callpolicy.errors import CallEventError
from callpolicy.events import (
    EVENT_TYPES,
    CallEvent,
    CaseLinked,
    Event,
    Explained,
    ExplanationRejected,
    Feed,
    FinalResult,
    Held,
    NewFact,
    NoFurtherNeeds,
    Offered,
    Said,
    ServiceCompleted,
    Silence,
    Tick,
)
from callpolicy.facts import Catalogue, Course, InputFault, Snapshot, Value
from callpolicy.identity import Identity
from callpolicy.instants import LATEST_EVENT
from callpolicy.lexicon import SignalFinder
from callpolicy.points import DecisionPoint
from callpolicy.policy import Settings
from callpolicy.session.clock import NO_READING, ClockReading, clock_of
from callpolicy.session.fold import Fold
from callpolicy.session.host import CONTRADICTION, contradicts
from callpolicy.session.transitions import State

_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})
_NO_COURSES: Final[Mapping[str, Course]] = MappingProxyType({})
_KINDS: Final = frozenset(EVENT_TYPES.values())
# WHY: no database takes a larger one, and an event that cannot be kept would make every later decision say so.
_LARGEST_SEQ: Final = (1 << 63) - 1
_POINTS: Final = MappingProxyType({State.OFFERED: DecisionPoint.OFFERED, State.ENDED: DecisionPoint.ENDED})
_ATTRIBUTES: Final = tuple(
    (name, f"call.{name}") for name in ("channel", "queue", "team", "dialled", "language", "topic")
)


class CallSession:
    """One call: takes what happens on it, and tells what is known about it at an instant.

    The facts are a function of the set of events that were received: their order of arrival does not matter, as long as
    each event is possible when it arrives. An event that comes late is folded in at its place (at, seq).

    It is not locked: whoever shares one between threads lets one of them in at a time.

    Args:
        settings: what holds for the whole bundle.
        catalogue: the declared facts.
        finder: finds signals in what the caller says.

    Raises:
        KeyError: the time zone of the settings is not known.

    >>> from callpolicy.events import Answered, Offered, Warned
    >>> from callpolicy.facts.builtin import BUILTIN
    >>> settings = Settings("norm", "CN", "Asia/Shanghai", ("zh-CN", "en"), feeds=frozenset({"agent_marks"}))
    >>> session = CallSession(settings, BUILTIN, SignalFinder([]))
    >>> session.receive(Offered(call_id="c1", seq=0, at=1_000_000, number="+86 138 0013 8000"))
    True
    >>> session.receive(Answered(call_id="c1", seq=1, at=3_000_000))
    True
    >>> session.receive(Warned(call_id="c1", seq=2, at=9_000_000))
    True
    >>> snapshot = session.snapshot(10_000_000)
    >>> snapshot.get("talk.warnings"), snapshot.get("talk.handling_time"), snapshot.get("talk.signals")
    (1, 7000000, None)
    """

    __slots__ = (
        "_call_id",
        "_catalogue",
        "_clock",
        "_finder",
        "_fold",
        "_log",
        "_next_seq",
        "_reading",
        "_seqs",
        "_settings",
    )

    def __init__(self, settings: Settings, catalogue: Catalogue, finder: SignalFinder) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._finder = finder
        self._clock = clock_of(settings)
        self._reading: ClockReading = NO_READING
        self._fold = self._new_fold()
        self._log: list[Event] = []
        self._seqs: set[int] = set()
        self._call_id = ""
        self._next_seq = 0

    def receive(self, event: Event) -> bool:
        """Take one event in, at its place (at, seq).

        Args:
            event: what happened on this call. It may be older than what has been received.

        Returns:
            False if an event of this (call_id, seq) was received before; then nothing changes.

        Raises:
            CallEventError: the event is not well formed, is of another call, or makes the sequence impossible
                (see `TRANSITIONS`). The session is unchanged, nothing that was received is lost.
        """
        _check(event)
        if event.call_id != self._call_id and self._call_id:
            raise CallEventError("wrong-call", f"`{event.name}` belongs to another call than this session")
        if event.seq in self._seqs:
            return False
        log = self._log
        if not log:
            self._fold.take(event)
            self._call_id = event.call_id
            log.append(event)
        elif event.at > log[-1].at or (event.at == log[-1].at and event.seq > log[-1].seq):
            self._fold.take(event)
            log.append(event)
        else:
            self._take_late(event)
        self._seqs.add(event.seq)
        self._next_seq = max(self._next_seq, event.seq + 1)
        return True

    def _take_late(self, event: Event) -> None:
        log = [*self._log]
        insort(log, event, key=_order)
        self._fold = self._folded(log)
        self._log = log

    def _new_fold(self) -> Fold:
        return Fold(self._settings, self._catalogue, self._finder)

    def _folded(self, log: list[Event]) -> Fold:
        fold = self._new_fold()
        for event in log:
            fold.take(event)
        return fold

    def snapshot(
        self, at: int, surroundings: Mapping[str, Value] = _NOTHING, courses: Mapping[str, Course] = _NO_COURSES
    ) -> Snapshot:
        """Everything that is known at an instant.

        Args:
            at: the instant; events later than it do not count.
            surroundings: facts that come from elsewhere: `history.*`, `case.*`, `block.*`, lists. A value that the
                host gave with an event goes over them, and nothing takes a protection away.
            courses: how time moves them.

        Returns:
            A snapshot of its own; what is received later does not change it.

        Raises:
            CallEventError: `at` is no instant.
        """
        _check_instant(at, "at")
        fold, log = self._fold, self._log
        if log and at < log[-1].at:
            fold = self._folded([event for event in log if event.at <= at])
        clock = self._reading
        if not clock.begins <= at < clock.until:
            clock = self._reading = self._clock.read(at)
        values = fold.values.copy()
        values.update(clock.values)
        if surroundings:
            values.update(surroundings)
        values.update(fold.over)
        for name, anchor in fold.anchors.items():
            values[name] = at - anchor
        # WHY the fold first: its courses change soonest, and whoever looks for the next change can stop early.
        moving: dict[str, Course] = {**fold.courses, **clock.courses, **courses, **fold.courses}
        for name in fold.withdrawn:
            values.pop(name, None)
            moving.pop(name, None)
        faults = fold.faults
        if fold.case_given and contradicts(values):
            faults = _take_surroundings_only(fold, values, moving, surroundings, courses)
        return Snapshot(at, values, moving, faults)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who calls: the customer, then the number, as far as they are certain."""
        return self._fold.identities

    @property
    def state(self) -> State:
        """Where the call is after the last of its events."""
        return self._fold.sequence.state

    @property
    def point(self) -> DecisionPoint:
        """The decision point that belongs to the state."""
        return _POINTS.get(self._fold.sequence.state, DecisionPoint.IN_CALL)

    @property
    def call_id(self) -> str:
        """The call; empty before it is offered."""
        return self._call_id

    @property
    def at(self) -> int:
        """The instant of the last of its events; 0 before it is offered."""
        return self._log[-1].at if self._log else 0

    @property
    def next_seq(self) -> int:
        """A number for the next event: one more than the highest received."""
        return self._next_seq

    @property
    def attributes(self) -> dict[str, str]:
        """What is known of the call as such: channel, queue, team, dialled, language, topic."""
        values = self._fold.values
        return {name: str(values[fact]) for name, fact in _ATTRIBUTES if fact in values}

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that was received, in the order (at, seq)."""
        return tuple(self._log)

    @property
    def offered(self) -> Offered | None:
        """How the call came in, or `None` before it did."""
        first = self._log[0] if self._log else None
        return first if isinstance(first, Offered) else None

    @property
    def feeds(self) -> frozenset[Feed]:
        """The feeds that report on this call."""
        return self._fold.feeds

    @property
    def agent(self) -> str | None:
        """The agent who has the contact, if that is known."""
        return self._fold.sequence.agent

    @property
    def first_agent(self) -> str | None:
        """The first agent who had the contact, if that is known (NORM 5.3)."""
        return self._fold.first_agent

    @property
    def case_id(self) -> str | None:
        """The complaint case that the contact is about, by an event or by what the host said, if it is."""
        case_id = self._fold.over.get("case.id")
        return None if case_id is None else str(case_id)

    def offences_in(self, event: Said) -> frozenset[str]:
        """The kinds of the offences that are counted in what the caller said; empty if none is."""
        return self._fold.offences_in(event)

    @property
    def answered_at(self) -> int | None:
        """When somebody or something first took the contact."""
        return self._fold.answered_at

    @property
    def ended_at(self) -> int | None:
        """When the call ended."""
        return self._fold.ended_at


def _take_surroundings_only(
    fold: Fold,
    values: dict[str, Value],
    moving: dict[str, Course],
    surroundings: Mapping[str, Value],
    courses: Mapping[str, Course],
) -> tuple[InputFault, ...]:
    """Take back the case facts that the host gave, because together they cannot be."""
    taken_back = fold.case_given - {"case.linked", "case.id"}
    for name in taken_back:
        values.pop(name, None)
        moving.pop(name, None)
        if name in surroundings:
            values[name] = surroundings[name]
        if name in courses:
            moving[name] = courses[name]
    found = {(fault.fact, fault.code) for fault in fold.faults} | {(name, CONTRADICTION) for name in taken_back}
    return tuple(InputFault(name, code) for name, code in sorted(found))


def _order(event: Event) -> tuple[int, int]:
    return event.at, event.seq


def _check(event: Event) -> None:
    kind = type(event)
    if kind not in _KINDS:
        raise CallEventError("wrong-type", "this is no event of `callpolicy.events`")
    if not _is_text(event.call_id):
        raise CallEventError("bad-call-id", f"`{event.name}` needs a `call_id`, a text that is not empty")
    # WHY type(): True is an int too.
    if type(event.seq) is not int or not 0 <= event.seq <= _LARGEST_SEQ:
        raise CallEventError("bad-seq", f"`{event.name}` needs a `seq`, a whole number from 0 and below 2^63")
    _check_instant(event.at, "at")
    check = _CHECKED.get(kind)
    if check is not None:
        check(event)


def _is_text(value: object) -> bool:
    """Whether it is a text that is not empty and that files, digests and JSON can hold."""
    if not isinstance(value, str):
        return False
    try:
        return value.encode() != b""
    except UnicodeEncodeError:
        return False


def _check_instant(at: int, field: str) -> None:
    if type(at) is not int or not 0 <= at <= LATEST_EVENT:
        raise CallEventError("bad-instant", f"`{field}` must be whole microseconds from 1970 to 9999-12-29")


def _check_silence(event: Silence) -> None:
    if event.began_at is not None:
        _check_instant(event.began_at, "began_at")


def _check_said(event: Said) -> None:
    if event.text is not None and not isinstance(event.text, str):
        raise CallEventError("wrong-type", "`text` of `said` must be a text")


def _check_case_linked(event: CaseLinked) -> None:
    if not _is_text(event.case_id):
        raise CallEventError("wrong-type", "`case_id` of `case_linked` must be a text that is not empty")


def _check_told(event: Explained | ExplanationRejected | FinalResult | NewFact) -> None:
    # WHY not of any text: half a character that a store cannot read back would make every later decision say so.
    if event.text is not None and event.text != "" and not _is_text(event.text):
        raise CallEventError("wrong-type", f"`text` of `{event.name}` must be a text")
    case_id = None if isinstance(event, ExplanationRejected) else event.case_id
    if case_id is not None and not _is_text(case_id):
        raise CallEventError("wrong-type", f"`case_id` of `{event.name}` must be a text that is not empty")


def _check_on(event: Held | ServiceCompleted | NoFurtherNeeds) -> None:
    if not isinstance(event.on, bool):
        raise CallEventError("wrong-type", f"`on` of `{event.name}` must be true or false")


def _check_facts(event: Offered | Tick) -> None:
    if not isinstance(event.facts, Mapping):
        raise CallEventError("wrong-type", f"`facts` of `{event.name}` must be a mapping of names to values")
    if isinstance(event, Offered) and event.feeds is not None and not isinstance(event.feeds, Set):
        raise CallEventError("wrong-type", "`feeds` of `offered` must be a set")


# WHY Any: the table pairs each event type with the check of its own fields.
_CHECKED: Final[Mapping[type[CallEvent], Callable[[Any], None]]] = {
    Silence: _check_silence,
    Said: _check_said,
    CaseLinked: _check_case_linked,
    Explained: _check_told,
    ExplanationRejected: _check_told,
    FinalResult: _check_told,
    NewFact: _check_told,
    Held: _check_on,
    ServiceCompleted: _check_on,
    NoFurtherNeeds: _check_on,
    Offered: _check_facts,
    Tick: _check_facts,
}
