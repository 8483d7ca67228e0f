"""What the fixtures give: a clock that is told to go on, and a call that tells what happens on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.decision import Decision
from callpolicy.errors import UsageError
from callpolicy.instants import instant, instant_text, parse_duration, parse_instant
from callpolicy.runtime import Engine

NUMBER: Final = "+1 212 555 0142"
"""The number that calls, unless a test says another: of a range kept for fiction."""

_FEEDS: Final = ("agent_marks", "transcript")
_MICROSECOND: Final = timedelta(microseconds=1)


def monday(zone: str) -> int:
    """Monday, 2 March 2026, 10:00 in a zone, in microseconds since 1970-01-01T00:00:00Z."""
    return instant(datetime(2026, 3, 2, 10, tzinfo=ZoneInfo(zone)))


class Clock:
    """A clock that stands still until it is told to go on.

    Args:
        now: the instant it shows, in microseconds since 1970-01-01T00:00:00Z.
    """

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """The instant it shows, in microseconds since 1970-01-01T00:00:00Z."""
        return self.now

    def __repr__(self) -> str:
        return f"Clock({instant_text(self.now)})"

    def advance(self, by: str | int | timedelta) -> int:
        """Go on.

        Args:
            by: how long: as in rules (`30s`, `1h30m`), a `timedelta`, or whole microseconds.

        Returns:
            the instant it shows then.

        Raises:
            UsageError: it is no duration, or would turn the clock back.
        """
        length = _length(by)
        if length < 0:
            raise UsageError("a clock does not go back; use `set` on a new one")
        self.now += length
        return self.now

    def set(self, to: str | int | datetime) -> int:
        """Show another instant.

        Args:
            to: RFC 3339 text with a zone, an aware `datetime`, or microseconds since 1970-01-01T00:00:00Z.

        Returns:
            the instant it shows then.

        Raises:
            UsageError: it is no instant.
        """
        try:
            self.now = parse_instant(to) if isinstance(to, str) else instant(to) if isinstance(to, datetime) else to
        except ValueError:
            raise UsageError("this is no instant; write it as `2026-03-02T09:00:00+08:00`, with a zone") from None
        return self.now


def _length(by: str | int | timedelta) -> int:
    if isinstance(by, timedelta):
        return by // _MICROSECOND
    if isinstance(by, int):
        return by
    try:
        return parse_duration(by)
    except ValueError as error:
        raise UsageError(str(error)) from None


class TriedCall:
    """A call in a test. Every method lets something happen at the instant of the clock, and gives the decision.

    The first thing that happens offers and answers the call, with what agents mark and a transcript as feeds, unless
    it is `offer`. Every method takes `after`: how long the clock goes on before it.

    Args:
        engine: decides.
        clock: tells the time.
        call_id: the call.
    """

    def __init__(self, engine: Engine, clock: Clock, call_id: str = "c1") -> None:
        self._call = engine.call(call_id)
        self._engine = engine
        self._others = 0
        self.clock = clock
        self.call_id = call_id
        self.decision: Decision | None = None

    def offer(self, *, after: str | int | timedelta = 0, **fields: object) -> Decision:
        """The call is offered. Fields as in `callpolicy.events.Offered`; a number and feeds are there unless given."""
        self.clock.advance(after)
        return self._decide("offered", {"number": NUMBER, "feeds": list(_FEEDS), **fields})

    def answer(self, agent: str = "agent-1", *, after: str | int | timedelta = 0) -> Decision:
        """An agent takes the call; it is offered first if it was not."""
        self.clock.advance(after)
        if self.decision is None:
            self.offer()
        return self._decide("answered", {"agent": agent})

    def happens(self, name: str, *, after: str | int | timedelta = 0, **fields: object) -> Decision:
        """Something happens.

        Args:
            name: name of the event, e.g. `warned`; see `callpolicy.events`.
            after: how long the clock goes on before.
            fields: the event's fields.

        Raises:
            CallEventError: there is no such event or field, or it cannot follow what happened before.
        """
        if name == "offered":
            return self.offer(after=after, **fields)
        self.clock.advance(after)
        if self.decision is None:
            self.answer()
        return self._decide(name, fields)

    def says(self, text: str, *, by: str = "caller", after: str | int | timedelta = 0) -> Decision:
        """The caller, or whoever is named, says something."""
        return self.happens("said", text=text, by=by, after=after)

    def end(self, *, after: str | int | timedelta = 0, **fields: object) -> Decision:
        """The call is over. Fields as in `callpolicy.events.Ended`."""
        return self.happens("ended", after=after, **fields)

    def wait(self, length: str | int | timedelta) -> Decision:
        """Time goes on and nothing happens; decide again."""
        return self.happens("tick", after=length)

    def another(self) -> TriedCall:
        """Another call of the same engine on the same clock: the same caller again, unless it is offered otherwise."""
        self._others += 1
        return TriedCall(self._engine, self.clock, f"{self.call_id}.{self._others}")

    def _decide(self, name: str, fields: dict[str, object]) -> Decision:
        self.decision = self._call.observe(name, at=self.clock.now, **fields)
        return self.decision
