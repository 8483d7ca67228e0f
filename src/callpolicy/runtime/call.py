"""A handle on one call of an engine."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from callpolicy.decision import Decision
from callpolicy.errors import CallEventError
from callpolicy.events import Offered, Tick
from callpolicy.instants import instant

if TYPE_CHECKING:
    from callpolicy.runtime.engine import Engine


class Call:
    """One call of an engine: numbers its events by itself.

    Args:
        engine: the engine.
        call_id: the call, unique within the centre.
    """

    def __init__(self, engine: Engine, call_id: str) -> None:
        self._engine = engine
        self.call_id = call_id

    def offer(self, *, at: int | datetime, **fields: object) -> Decision:
        """The call is offered; decide before it is answered. Fields as in `callpolicy.events.Offered`."""
        return self.observe("offered", at=at, **fields)

    def observe(self, name: str, *, at: int | datetime, **fields: object) -> Decision:
        """Something happened on the call; decide.

        Args:
            name: name of the event, e.g. `warned`; see `callpolicy.events`.
            at: when: microseconds since 1970-01-01T00:00:00Z, or an aware `datetime`.
            fields: the event's fields.

        Raises:
            CallEventError: there is no such event or field, or it cannot follow what happened before.
        """
        odd = fields.keys() & _NUMBERED
        if odd:
            raise CallEventError("unknown-key", f"`{name}`: `{min(odd)}` is given by the call itself")
        if name in _WITH_FACTS and fields.get("facts", _GIVEN) is None:
            # WHY: to whoever has no facts to give, None says so, as it does of every other field.
            del fields["facts"]
        return self._engine._observe_next(self.call_id, {"event": name, "at": _instant(at), **fields})

    def end(self, *, at: int | datetime, by: str | None = None, cause: str | None = None) -> Decision:
        """The call is over; decide what follows."""
        return self.observe("ended", at=at, by=by, cause=cause)


_GIVEN: Final = object()
_WITH_FACTS: Final = frozenset({Offered.name, Tick.name})
_NUMBERED: Final = frozenset({"event", "call_id", "seq"})


def _instant(at: int | datetime) -> int:
    if not isinstance(at, datetime):
        return at
    try:
        return instant(at)
    except ValueError as error:
        raise CallEventError("bad-instant", str(error)) from None
