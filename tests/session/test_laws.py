"""The call machine against its meaning told a second time, event by event, in every order of arrival."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callpolicy.errors import CallEventError
from callpolicy.events import Answered, Event, Feed, Held, Offered
from callpolicy.facts import Snapshot
from callpolicy.matchers.reference import truth
from callpolicy.session import CallSession, CaseRecord, State
from callpolicy.windows import Elapsed, Steps
from tests.session.making import ALL_FEEDS, CATALOGUE, FINDER, SECOND, START, later_events, norm, offers, talk_events
from tests.session.naive import in_order, possible, talk_facts

pytestmark = pytest.mark.untraced

SETTINGS = norm()


def new_session() -> CallSession:
    return CallSession(SETTINGS, CATALOGUE, FINDER)


def feeds_of(events: list[Event]) -> frozenset[str]:
    offered = events[0]
    assert isinstance(offered, Offered)
    return frozenset(str(feed) for feed in (ALL_FEEDS if offered.feeds is None else offered.feeds))


def talk_of(snapshot: Snapshot) -> dict[str, Any]:
    return {name: value for name, value in snapshot.values.items() if name.startswith("talk.")}


def false_relations(snapshot: Snapshot) -> list[str]:
    return [each.name for each in CATALOGUE.relations if truth(each.holds, snapshot.values) is False]


class CallMachine(RuleBasedStateMachine):
    """Sends whatever comes, possible or not, early or late, once or twice."""

    def __init__(self) -> None:
        super().__init__()
        self.session = new_session()
        self.taken: list[Event] = []

    @initialize(event=offers(at=st.just(START + 2 * SECOND), seq=st.just(3)), answered=st.sampled_from([0, 1, 1]))
    def offer(self, event: Offered, answered: int) -> None:
        self._send(event)
        if answered:
            self._send(Answered(call_id="c1", seq=5, at=START + 4 * SECOND, agent="li"))

    @rule(event=st.one_of(later_events, later_events, later_events, offers()))
    def send(self, event: Event) -> None:
        self._send(event)

    def _send(self, event: Event) -> None:
        candidate = in_order([*self.taken, event])
        if any(event.seq == each.seq for each in self.taken):
            assert self.session.receive(event) is False
        elif possible(candidate):
            assert self.session.receive(event) is True
            self.taken = candidate
        else:
            with pytest.raises(CallEventError):
                self.session.receive(event)

    @precondition(lambda self: self.taken)
    @rule(event=later_events, after=st.integers(0, 3))
    def send_in_order(self, event: Event, after: int) -> None:
        self._send_next(event, after)

    def _send_next(self, event: Event, after: int) -> None:
        next_seq = max(each.seq for each in self.taken) + 1
        self._send(replace(event, at=self.taken[-1].at + after * SECOND, seq=next_seq))

    @precondition(lambda self: self.session.state in (State.TALKING, State.HELD))
    @rule(events=st.lists(talk_events, min_size=1, max_size=4), after=st.integers(0, 2))
    def talk(self, events: list[Event], after: int) -> None:
        """Go on with the conversation; chance alone would seldom find a possible hold."""
        for event in events:
            turned = replace(event, on=self.session.state is State.TALKING) if isinstance(event, Held) else event
            self._send_next(turned, after)

    @invariant()
    def the_log_is_what_was_taken_in_order(self) -> None:
        assert list(self.session.events) == self.taken

    @invariant()
    def the_facts_are_what_the_events_mean(self) -> None:
        if not self.taken:
            return
        last = self.taken[-1].at
        for at in (last, last + 7 * SECOND, last - 3 * SECOND):
            snapshot = self.session.snapshot(at)
            assert talk_of(snapshot) == talk_facts(self.taken, at, feeds_of(self.taken))

    @invariant()
    def no_relation_is_false_whatever_host_and_case_say(self) -> None:
        if not self.taken:
            return
        at = self.taken[-1].at + SECOND
        record = CaseRecord("k1")
        for event in self.taken:
            record.receive(event)
        values, courses = record.facts(at)
        assert false_relations(self.session.snapshot(at)) == []
        assert false_relations(self.session.snapshot(at, values, courses)) == []

    @invariant()
    def every_value_is_one_that_its_fact_can_have(self) -> None:
        if not self.taken:
            return
        for name, value in self.session.snapshot(self.taken[-1].at).values.items():
            fact = CATALOGUE[name]
            assert value is not None
            assert fact.minimum is None or value >= fact.minimum  # type: ignore[operator]  # only numbers have bounds
            assert not fact.values or not isinstance(value, str) or value in fact.values

    @invariant()
    def time_alone_moves_the_facts_along_their_courses(self) -> None:
        if not self.taken:
            return
        at = self.taken[-1].at
        now, later = self.session.snapshot(at), self.session.snapshot(at + 5 * SECOND)
        for name in now.values.keys() | later.values.keys():
            course = now.courses.get(name)
            match course:
                case None:
                    assert now.get(name) == later.get(name), name
                case Elapsed(anchor=anchor, until=None):
                    assert (now.get(name), later.get(name)) == (at - anchor, at + 5 * SECOND - anchor)
                case Steps(steps=steps):
                    assert steps[0][0] > at
                case _:
                    raise AssertionError(f"{name} has the course {course}")


CallMachine.TestCase.settings = settings(stateful_step_count=30)
TestCallMachine = CallMachine.TestCase


@st.composite
def possible_calls(draw: st.DrawFn) -> list[Event]:
    """A possible sequence in order, longer than chance would make it: what cannot be is left out."""
    taken: list[Event] = [draw(offers(at=st.just(START), seq=st.just(0)))]
    for event in draw(st.lists(later_events, min_size=5, max_size=40)):
        candidate = in_order([*taken, event])
        if all(event.seq != each.seq for each in taken) and possible(candidate):
            taken = candidate
    return taken


@given(possible_calls(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[Event], random: Any) -> None:
    in_turn, shuffled = new_session(), new_session()
    for event in events:
        in_turn.receive(event)
    waiting = events[1:]
    random.shuffle(waiting)
    shuffled.receive(events[0])

    # An event that is not possible yet is refused and sent again, as an adapter would.
    while waiting:
        event = waiting.pop(0)
        try:
            shuffled.receive(event)
        except CallEventError:
            waiting.append(event)

    at = events[-1].at + SECOND
    assert shuffled.events == in_turn.events
    assert shuffled.snapshot(at) == in_turn.snapshot(at)
    assert (shuffled.state, shuffled.identities, shuffled.agent) == (in_turn.state, in_turn.identities, in_turn.agent)


@given(possible_calls(), st.data())
def test_a_decision_at_an_instant_sees_what_had_happened_by_then(events: list[Event], data: st.DataObject) -> None:
    whole, early = new_session(), new_session()
    at = data.draw(st.sampled_from([event.at for event in events]))
    for event in events:
        whole.receive(event)
        if event.at <= at:
            early.receive(event)

    assert whole.snapshot(at) == early.snapshot(at)


# What two feeds fill may grow, or be taken back, when the second is declared.
FILLED_TWICE = {
    "talk.no_further_needs",
    "talk.offences",
    "talk.offence_kinds",
    "talk.offences_since_warning",
    "talk.since_offence",
    "talk.quiet_for",
}


@given(possible_calls(), st.frozensets(st.sampled_from(Feed)), st.sampled_from(Feed))
def test_declaring_a_feed_fills_unknowns_and_changes_nothing_that_was_known(
    events: list[Event], feeds: frozenset[Feed], more: Feed
) -> None:
    few, many = new_session(), new_session()
    offered = events[0]
    assert isinstance(offered, Offered)
    for session, declared in ((few, feeds), (many, feeds | {more})):
        for event in [replace(offered, feeds=declared), *events[1:]]:
            session.receive(event)

    at = events[-1].at + SECOND
    before, after = few.snapshot(at).values, many.snapshot(at).values
    kept = {name: value for name, value in before.items() if name not in FILLED_TWICE}
    assert {name: after.get(name) for name in kept} == kept


@given(possible_calls(), st.lists(later_events, max_size=10))
def test_what_was_received_before_is_ignored_whatever_it_says(events: list[Event], again: list[Event]) -> None:
    session = new_session()
    for event in events:
        session.receive(event)
    seqs = {event.seq for event in events}
    before = session.snapshot(events[-1].at)

    assert [session.receive(event) for event in [*events, *again] if event.seq in seqs] == [False] * (
        len(events) + sum(event.seq in seqs for event in again)
    )

    assert session.snapshot(events[-1].at) == before
    assert list(session.events) == events
