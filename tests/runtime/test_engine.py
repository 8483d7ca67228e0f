"""The engine as a host uses it: events in, decisions out; nothing is counted twice, nothing is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import Answered, Ended, Event, FinalResult, Judged, Offence, Tick, Warned
from callpolicy.facts import Fact, FactType, InputFault
from callpolicy.instants import moment
from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import By
from callpolicy.runtime import Engine
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import bundle, rule
from tests.runtime.norms import (
    CATALOGUE,
    HOUR,
    MINUTE,
    NUMBER,
    SECOND,
    START,
    WINDOWS,
    norm,
    offered,
    stories,
)


def fed(engine: Engine, *events: Event) -> list[Decision]:
    return [engine.observe(event) for event in events]


def test_a_call_is_decided_at_every_event_at_its_decision_point() -> None:
    call = Engine(norm()).call("c1")

    decisions = [
        call.offer(at=START, number=NUMBER),
        call.observe("answered", at=START + SECOND, agent="li"),
        call.observe("offence", at=START + 2 * SECOND, kind="abuse"),
        call.observe("warned", at=START + 3 * SECOND),
        call.observe("offence", at=START + 4 * SECOND, kind="abuse"),
        call.end(at=START + 5 * SECOND, by="agent", cause="hang_up"),
    ]

    assert [(str(each.point), str(each.effect)) for each in decisions] == [
        ("offered", "accept"),
        ("in_call", "continue"),
        ("in_call", "warn"),
        ("in_call", "continue"),
        ("in_call", "hang_up"),
        ("ended", "none"),
    ]
    assert [each.decision_id for each in decisions] == [f"c1#{number}" for number in range(6)]
    assert decisions[4].by is By.SYSTEM


def test_a_call_takes_instants_and_datetimes_with_a_zone() -> None:
    engine = Engine(norm())

    by_number = engine.call("a").offer(at=START, number=NUMBER)
    by_datetime = engine.call("b").offer(at=moment(START), number="+1 212 555 0199")

    assert by_number.at == by_datetime.at == START
    with pytest.raises(CallEventError, match="zone"):
        engine.call("c").offer(at=datetime(2026, 3, 2, 9, 0))


@pytest.mark.parametrize("fields", [{"call_id": "c2"}, {"seq": 7}, {"event": "warned"}, {"no_such": 1}])
def test_a_call_refuses_fields_that_are_not_the_event_s_own(fields: dict[str, object]) -> None:
    engine = Engine(norm())
    call = engine.call("c1")
    call.offer(at=START, number=NUMBER)

    with pytest.raises(CallEventError) as refused:
        call.observe("answered", at=START + 1, **fields)

    assert refused.value.code == "unknown-key"
    assert engine.next_seq("c1") == 1


def test_a_call_takes_durations_of_host_facts_as_they_are_written() -> None:
    waited = Fact("host.waited", FactType.DURATION, {"zh-CN": "等待", "en": "waited"}, minimum=0)
    made = bundle(
        rule("divert", Effect.DIVERT, Leaf("host.waited", Op.AT_LEAST, 30 * SECOND)),
        catalogue=CATALOGUE.extended([waited]),
    )

    decision = Engine(made).call("c1").offer(at=START, number=NUMBER, facts={"host.waited": "30s"})

    assert (decision.effect, decision.input_faults) == (Effect.DIVERT, ())


@pytest.mark.parametrize("name", ["offered", "tick"])
def test_a_host_that_has_no_facts_may_say_none(name: str) -> None:
    call = Engine(norm()).call("c1")
    if name != "offered":
        call.offer(at=START, number=NUMBER)

    decision = call.observe(name, at=START, facts=None)

    assert (decision.failed, decision.input_faults) == ((), ())


def test_no_event_that_takes_no_facts_takes_none_instead() -> None:
    call = Engine(norm()).call("c1")
    call.offer(at=START, number=NUMBER)

    with pytest.raises(CallEventError, match="`facts` is no key of it"):
        call.observe("warned", at=START, facts=None)


def test_an_event_that_came_before_changes_nothing_and_gives_the_last_decision_again() -> None:
    engine = Engine(norm())
    first, answered, offence = fed(
        engine,
        offered("c1", START),
        Answered(call_id="c1", seq=1, at=START + 1),
        Offence(call_id="c1", seq=2, at=START + 2),
    )

    again = fed(engine, offered("c1", START), Offence(call_id="c1", seq=2, at=START + 2))
    after = engine.observe(Tick(call_id="c1", seq=3, at=START + 3))

    assert again == [offence, offence]
    assert after.decision_id == "c1#3"
    assert after.snapshot is not None
    assert after.snapshot.get("talk.offences") == 1
    assert (first.effect, answered.effect) == (Effect.ACCEPT, Effect.CONTINUE)


def test_a_call_that_was_offered_twice_counts_once_in_the_caller_s_history() -> None:
    engine = Engine(norm())
    fed(engine, offered("c1", START), offered("c1", START), offered("c1", START))

    decision = engine.observe(offered("c2", START + SECOND))

    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 1


def test_an_event_of_an_unknown_call_is_refused_and_leaves_no_trace() -> None:
    engine = Engine(norm())

    with pytest.raises(CallEventError) as refused:
        engine.observe(Warned(call_id="c1", seq=0, at=START))

    assert refused.value.code == "unknown-call"
    assert engine.next_seq("c1") == 0
    assert engine.observe(offered("c1", START)).effect is Effect.ACCEPT


@pytest.mark.parametrize("thing", [None, "warned", {"event": "warned"}])
def test_what_is_no_event_is_refused(thing: object) -> None:
    with pytest.raises(CallEventError) as refused:
        Engine(norm()).observe(thing)  # type: ignore[arg-type]  # that is the point

    assert refused.value.code == "wrong-type"


def test_an_impossible_event_is_refused_and_the_call_goes_on_as_it_was() -> None:
    engine = Engine(norm())
    fed(engine, offered("c1", START), Ended(call_id="c1", seq=1, at=START + 5))

    with pytest.raises(CallEventError, match="after the call has ended"):
        engine.observe(Warned(call_id="c1", seq=2, at=START + 6))
    with pytest.raises(CallEventError, match="second time"):
        engine.observe(offered("c1", START).__class__(call_id="c1", seq=3, at=START + 7))

    assert engine.observe(Judged(call_id="c1", seq=2, at=START + 8, class_="nuisance")).point is DecisionPoint.ENDED


def test_a_first_event_that_cannot_be_taken_makes_no_call() -> None:
    engine = Engine(norm())

    with pytest.raises(CallEventError, match="microseconds"):
        engine.observe(offered("c1", -1))
    with pytest.raises(CallEventError, match="not offered"):
        engine.observe(Tick(call_id="c1", seq=1, at=START))


def test_a_late_event_is_folded_in_and_decided_on_at_the_latest_instant_of_the_call() -> None:
    engine = Engine(norm())
    fed(
        engine,
        offered("c1", START),
        Answered(call_id="c1", seq=1, at=START + SECOND),
        Offence(call_id="c1", seq=3, at=START + 9 * SECOND),
    )

    decision = engine.observe(Warned(call_id="c1", seq=2, at=START + 2 * SECOND))

    assert decision.at == START + 9 * SECOND
    assert decision.effect is Effect.HANG_UP


def test_a_call_that_came_in_late_counts_for_later_decisions_only() -> None:
    engine = Engine(norm())
    second = engine.observe(offered("c2", START + MINUTE))
    engine.observe(offered("c1", START))
    third = engine.observe(offered("c3", START + 2 * MINUTE))

    assert second.snapshot is not None
    assert third.snapshot is not None
    assert (second.snapshot.get("history.calls_10m"), third.snapshot.get("history.calls_10m")) == (0, 2)


def test_a_call_whose_case_the_host_names_is_itself_a_contact_of_that_case() -> None:
    engine = Engine(norm())
    fed(engine, offered("c1", START, facts={}), Answered(call_id="c1", seq=1, at=START + 1))
    call = engine.call("c1")
    call.observe("case_linked", at=START + 2, case_id="k1")
    engine.observe(FinalResult(call_id="c1", seq=3, at=START + 3))

    decision = engine.observe(offered("c2", START + HOUR, facts={"case.id": "k1"}))

    assert decision.snapshot is not None
    assert decision.snapshot.get("case.contacts") == 2
    assert decision.snapshot.get("case.contacts_since_final") == 1


def test_given_facts_are_decided_on_alone() -> None:
    engine = Engine(norm())

    decision = engine.decide(
        {"talk.offences": 1, "talk.offences_since_warning": 1, "talk.warnings": 1, "talk.quiet_for": "2s"},
        point="in_call",
        at=START,
        call_id="c1",
        decision_id="d1",
    )

    assert (decision.effect, decision.decision_id, decision.call_id, decision.at) == (Effect.HANG_UP, "d1", "c1", START)
    assert decision.snapshot is not None
    assert decision.snapshot.get("talk.quiet_for") == 2 * SECOND
    assert engine.next_seq("c1") == 0


def test_what_cannot_be_is_unknown_and_listed_and_the_class_is_never_taken_over() -> None:
    decision = Engine(norm()).decide(
        {"talk.offences": "many", "caller.class": "nuisance", "a.b": 1, "talk.quiet_for": 10**400},
        point="in_call",
        at=0,
    )

    assert decision.input_faults == (
        InputFault("a.b", "unknown-fact"),
        InputFault("caller.class", "not-allowed"),
        InputFault("talk.offences", "wrong-type"),
        InputFault("talk.quiet_for", "out-of-range"),
    )
    assert decision.caller_class is Effect.NORMAL


@pytest.mark.parametrize(("point", "at"), [("answered", 0), ("in_call", -1), ("in_call", 1 << 62), ("in_call", True)])
def test_a_decision_at_no_point_or_instant_is_refused(point: str, at: int) -> None:
    with pytest.raises(UsageError, match=r"decision point|microseconds"):
        Engine(norm()).decide({}, point=point, at=at)


def test_there_are_three_matchers_and_no_other() -> None:
    assert Engine(norm(), matcher="reference").observe(offered("c1", START)).effect is Effect.ACCEPT
    with pytest.raises(UsageError, match="there is no matcher `fast`; there are indexed, reference, rete"):
        Engine(norm(), matcher="fast")


def test_a_digest_needs_a_key_and_an_empty_one_is_refused() -> None:
    without = Engine(norm()).observe(offered("c1", START))
    first = Engine(norm(), digest_key=b"one").observe(offered("c1", START))
    second = Engine(norm(), digest_key=b"two").observe(offered("c1", START))

    assert without.digest is None
    assert first.digest is not None
    assert first.digest != second.digest
    with pytest.raises(UsageError, match="digest key"):
        Engine(norm(), digest_key=b"")


@pytest.mark.parametrize("durability", ["", "Sync", "async", "batch", None, 1])
def test_a_durability_that_is_none_is_refused_in_words(durability: Any) -> None:
    with pytest.raises(UsageError, match=rf"there is no durability `{durability}`; there are sync, batched"):
        Engine(norm(), durability=durability)


@pytest.mark.parametrize("within", [0, -1, 60.1, float("nan"), float("inf"), "0.05", None, True])
@pytest.mark.parametrize("durability", ["sync", "batched"])
def test_a_bound_that_is_none_is_refused_in_words(durability: str, within: Any) -> None:
    with pytest.raises(UsageError, match="`within` is a number of seconds above 0 and at most 60"):
        Engine(norm(), durability=durability, within=within)


def test_a_writer_that_is_the_desk_s_is_refused_and_nothing_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the writer `desk` is that of the desk"):
        Engine(norm(), store=f"sqlite:///{tmp_path}/calls.db", writer="desk")

    assert list(tmp_path.iterdir()) == []


def test_an_engine_closes_the_store_that_it_opened_and_no_other(tmp_path: Path) -> None:
    closed: list[int] = []

    class Watched(MemoryStore):
        def close(self) -> None:
            closed.append(1)

    with Engine(norm(), store=Watched()) as engine:
        engine.observe(offered("c1", START))
    with Engine(norm(), store=f"sqlite:///{tmp_path}/calls.db") as own:
        own.observe(offered("c1", START))

    assert closed == []
    # It is opened again by whoever goes on with it.
    assert own.observe(offered("c2", START + 1)).failed == ()
    own.close()


def test_the_same_events_give_the_same_bytes_on_every_matcher() -> None:
    events: list[Event] = [
        offered("c1", START),
        Answered(call_id="c1", seq=1, at=START + 1),
        Offence(call_id="c1", seq=2, at=START + 2),
        Warned(call_id="c1", seq=3, at=START + 3),
        Offence(call_id="c1", seq=4, at=START + 4),
    ]

    texts = {
        matcher: [each.to_json() for each in fed(Engine(norm(), matcher=matcher), *events)]
        for matcher in ("indexed", "reference")
    }

    assert texts["indexed"] == texts["reference"]


def test_what_was_decided_can_be_explained_and_what_was_not_too() -> None:
    engine = Engine(norm())
    call = engine.call("c1")
    call.offer(at=START, number=NUMBER)
    decision = call.observe("answered", at=START + 1)

    assert engine.explain(decision).decision is decision
    assert engine.why_not(decision, "hang_up_after_warning").truth is False
    with pytest.raises(UsageError, match="no rule `no_such`"):
        engine.why_not(decision, "no_such")
    with pytest.raises(UsageError, match="carries no snapshot"):
        engine.explain(Decision.from_json(decision.to_json()))


def test_all_conditions_of_the_windows_are_facts_of_the_norm() -> None:
    made = norm()

    assert {window.fact for window in WINDOWS} <= {fact.name for fact in made.catalogue}
    assert Engine(made).bundle is made
    assert datetime.fromtimestamp(START / SECOND, UTC).isoformat() == "2026-03-02T01:00:00+00:00"


@settings(max_examples=60)
@given(stories(), st.data())
def test_events_that_arrive_twice_change_no_decision(events: list[Event], data: st.DataObject) -> None:
    engine, other = Engine(norm()), Engine(norm())

    for event in events:
        decision = engine.observe(event)
        assert other.observe(event).to_json() == decision.to_json()
        own = [each for each in events if each.call_id == event.call_id and each.seq <= event.seq]
        again = other.observe(data.draw(st.sampled_from(own)))
        assert again.to_json() == decision.to_json()
