"""What may happen on calls: events in an order in which the engine takes every one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from hypothesis import strategies as st

from callpolicy.errors import CallEventError
from callpolicy.events import (
    EVENT_TYPES,
    Answered,
    CallEvent,
    CaseLinked,
    Channel,
    Ended,
    Escalated,
    Event,
    Explained,
    Feed,
    FinalResult,
    Held,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Tick,
    Transferred,
)
from callpolicy.facts import Origin
from callpolicy.instants import SECOND
from callpolicy.points import KINDS_OF_CLASS, Effect
from callpolicy.policy import Bundle
from callpolicy.session.transitions import TRANSITIONS
from callpolicy.session.transitions import Sequence as CallSequence
from callpolicy.testing.numbers import numbers
from callpolicy.testing.snapshots import conditions_of, instants, marks_of, values

# Beside the boundaries of what norms count: seconds of silence, minutes between calls, a day.
_GAPS: Final = (*(each * SECOND for each in (1, 2, 0, 10, 60, 600, 3_600, 86_400)), 2 * SECOND - 1, 1)
_LENGTHS: Final = st.sampled_from(_GAPS)
_OF_CALL: Final = frozenset({Offered, Answered, Transferred, Escalated, Ended})
_NAMES: Final = ("a", "b")
_TEXTS: Final = ("hello", "", "你好")


class _World:
    """What the fields of events are drawn from."""

    def __init__(self, bundle: Bundle | None) -> None:
        marks = marks_of(conditions_of(bundle)) if bundle is not None else {}
        self.queues = self._words(marks.get("call.queue", ()))
        self.teams = self._words(marks.get("call.team", ()))
        self.topics = self._words(marks.get("call.topic", ()))
        self.texts = (*_TEXTS, *_spoken(bundle))
        host = [fact for fact in bundle.catalogue if fact.origin is Origin.HOST] if bundle is not None else []
        optional = {fact.name: values(fact, marks.get(fact.name, ())) for fact in host}
        self.facts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=optional)
        # WHY made once: to make a strategy costs more than to draw from it.
        self.kinds = {
            state: st.sampled_from(list(dict.fromkeys(each[0] if isinstance(each, tuple) else each for each in steps)))
            for state, steps in TRANSITIONS.items()
        }
        self.fields = {
            kind: st.fixed_dictionaries(self._of_call(kind) if kind in _OF_CALL else self._of_talk(kind))
            for kind in EVENT_TYPES.values()
        }

    @staticmethod
    def _words(marks: Sequence[object]) -> st.SearchStrategy[str | None]:
        return st.none() | st.sampled_from(tuple(dict.fromkeys((*(str(each) for each in marks), *_NAMES))))

    def _of_call(self, kind: type[CallEvent]) -> dict[str, st.SearchStrategy[Any]]:
        agents = st.none() | st.sampled_from(_NAMES)
        if kind is Offered:
            return {
                "number": numbers() | st.none(),
                "customer": st.none() | st.sampled_from(("70001", "70002")),
                "channel": st.sampled_from(Channel),
                "queue": self.queues,
                "team": self.teams,
                "topic": self.topics,
                "feeds": st.none() | st.frozensets(st.sampled_from(sorted(Feed))),
                "facts": self.facts,
            }
        if kind is Transferred:
            return {"queue": self.queues, "team": self.teams, "agent": agents}
        if kind is Ended:
            causes = st.none() | st.sampled_from(("hang_up", "abandoned", "completed"))
            return {"by": st.none() | st.sampled_from(Party), "cause": causes}
        return {"agent": agents} if kind is Answered else {"to": st.none() | st.just("team_leader")}

    def _of_talk(self, kind: type[CallEvent]) -> dict[str, st.SearchStrategy[Any]]:
        cases = st.sampled_from(("K-1", "K-2"))
        flags: dict[str, st.SearchStrategy[Any]] = {"on": st.booleans()}
        table: dict[type[CallEvent], dict[str, st.SearchStrategy[Any]]] = {
            Said: {"by": st.sampled_from(Party), "text": st.none() | st.sampled_from(self.texts)},
            Offence: {"kind": st.sampled_from([str(each) for each in KINDS_OF_CLASS[Effect.NUISANCE]])},
            Explained: {"topic": self.topics, "case_id": st.none() | cases},
            RefusedByRule: {"topic": self.topics},
            ServiceCompleted: flags,
            NoFurtherNeeds: flags,
            Held: flags,
            CaseLinked: {"case_id": cases},
            FinalResult: {"case_id": st.none() | cases},
            NewFact: {"case_id": st.none() | cases},
            Judged: {"class_": st.sampled_from([str(each) for each in KINDS_OF_CLASS])},
            Tick: {"facts": self.facts},
        }
        return table.get(kind, {})


def _spoken(bundle: Bundle | None) -> Iterator[str]:
    """One sentence for each signal of a bundle, in which it is heard."""
    signals: dict[str, str] = {}
    for lexicon in bundle.lexicons if bundle is not None else ():
        for term in lexicon.terms[:1]:
            signals.setdefault(lexicon.signal, term.removesuffix("*"))
    yield from signals.values()


@st.composite
def _stream(draw: st.DrawFn, world: _World, calls: int, most_events: int) -> tuple[Event, ...]:
    events: list[Event] = []
    for number in range(draw(st.integers(1, calls))):
        events += _one_call(draw, world, f"c{number + 1}", most_events)
    return tuple(sorted(events, key=lambda event: (event.at, event.call_id, event.seq)))


def _one_call(draw: st.DrawFn, world: _World, call_id: str, most_events: int) -> list[Event]:
    at = draw(instants())
    sequence = CallSequence()
    made: list[Event] = []
    for _ in range(draw(st.integers(1, most_events))):
        kind = draw(world.kinds[sequence.state])
        fields = draw(world.fields[kind])
        event = cast(Event, kind(call_id=call_id, seq=len(made), at=at, **fields))
        try:
            sequence.take(event)
        except CallEventError:
            # WHY dropped and not refused: what cannot happen now may happen later, and nothing is drawn again.
            continue
        made.append(event)
        at += draw(_LENGTHS)
    return made


def event_streams(
    bundle: Bundle | None = None, *, calls: int = 1, most_events: int = 12
) -> st.SearchStrategy[tuple[Event, ...]]:
    """What happens on calls: events that an engine takes in this order, none of them refused.

    Args:
        bundle: if given, queues, teams, host facts and what is said come from what its rules look at.
        calls: at most so many calls, under way at the same time or one after the other.
        most_events: at most so many events for each call.

    Returns:
        a strategy of events, ordered by `at`, `call_id` and `seq`; each call begins with `Offered`, and `seq` counts
        from 0. Units: `at` in microseconds since 1970-01-01T00:00:00Z. It shrinks to one call that is offered.
    """
    return _stream(_World(bundle), calls, most_events)
