"""The engine as a host uses it: events in, decisions out; nothing is counted twice, nothing is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.engine import STANDING_BLOCK
from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import Answered, Ended, Event, FinalResult, Judged, Offence, Tick, Warned
from callpolicy.facts import Fact, FactType, InputFault
from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import moment
from callpolicy.lists import ListName
from callpolicy.points import DecisionPoint, Effect, Stage
from callpolicy.policy import By, Term
from callpolicy.runtime import Engine
from callpolicy.runtime import engine as engine_module
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import block_rule, bundle, rule
from tests.runtime.norms import (
    ANN,
    BURST,
    CATALOGUE,
    DAY,
    HOUR,
    MINUTE,
    NUMBER,
    SECOND,
    START,
    WINDOWS,
    entry,
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


def test_the_call_that_crosses_a_burst_is_rejected_and_one_block_is_written() -> None:
    store = MemoryStore()
    engine = Engine(norm(), store=store)

    effects = [engine.observe(offered(f"c{number}", START + number * MINUTE)).effect for number in range(3)]

    assert effects == [Effect.ACCEPT, Effect.ACCEPT, Effect.REJECT]
    block = store.entry("block:c2#0")
    assert block is not None
    assert (block.identity, block.since, block.until) == (ANN, START + 2 * MINUTE, START + 2 * MINUTE + DAY)
    assert (block.owner, block.evidence, block.reason) == ("system", ("c2#0",), "burst")


def count_of_blocks(engine: Engine, at: int) -> object:
    decision = engine.observe(offered(f"probe-{at}", at))
    assert decision.snapshot is not None
    return decision.snapshot.get("block.count")


def test_a_block_is_written_exactly_once_however_often_the_blocked_caller_tries() -> None:
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number * MINUTE) for number in range(3)))
    # The switch reports the rejected call's end, and the caller goes on trying.
    fed(engine, Ended(call_id="c2", seq=1, at=START + 2 * MINUTE + SECOND, cause="rejected"))
    tries = fed(engine, *(offered(f"d{number}", START + (3 + number) * MINUTE) for number in range(5)))

    assert {each.effect for each in tries} == {Effect.REJECT}
    assert count_of_blocks(engine, START + 9 * MINUTE) == 1


def test_a_longer_term_is_written_over_a_shorter_block_and_not_the_other_way_round() -> None:
    made = norm(
        block_rule("burst", BURST, Term.DAY),
        block_rule("flood", Leaf("history.calls_10m", Op.AT_LEAST, 4), Term.WEEK, priority=90),
    )
    engine = Engine(made)

    decisions = fed(engine, *(offered(f"c{number}", START + number * SECOND) for number in range(9)))

    untils = [each.snapshot.get("block.until") for each in decisions if each.snapshot]
    begin = START + 2 * SECOND
    assert untils[3:] == [begin + DAY, begin + DAY, *[START + 4 * SECOND + 7 * DAY] * 4]
    assert count_of_blocks(engine, START + MINUTE) == 2


def test_a_month_block_that_a_longer_month_would_outlast_is_not_written_again() -> None:
    engine = Engine(norm(block_rule("burst", BURST, Term.MONTH)))
    # 2026-02-20 to 2026-03-20 are 28 days; from March on a month has 31.
    february = START - 10 * DAY
    fed(engine, *(offered(f"c{number}", february + number * SECOND) for number in range(3)))
    fed(engine, *(offered(f"d{number}", START + number * SECOND) for number in range(3)))

    assert count_of_blocks(engine, START + MINUTE) == 1


def test_a_block_expires_without_a_sweeper_and_the_next_call_comes_through() -> None:
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))
    end = START + 2 + DAY

    last_blocked, first_free = fed(engine, offered("d1", end - 1), offered("d2", end))

    assert (last_blocked.effect, last_blocked.determining) == (Effect.REJECT, (STANDING_BLOCK,))
    assert first_free.determining == ("divert_soon_again",)


def test_a_standing_block_and_an_allowlist_entry_are_read_at_each_decision() -> None:
    engine = Engine(norm())
    engine.store.put_entry(entry("b1", START, None))
    blocked = engine.observe(offered("c1", START))
    engine.store.put_entry(entry("a1", START, START + MINUTE, ListName.ALLOWLIST))
    allowed, blocked_again = fed(engine, offered("c2", START + 1), offered("c3", START + MINUTE))

    assert [each.effect for each in (blocked, allowed, blocked_again)] == [Effect.REJECT, Effect.ACCEPT, Effect.REJECT]
    assert allowed.main.hidden is not None
    assert allowed.main.hidden.effect is Effect.REJECT


def test_lists_look_only_at_the_identities_that_the_norm_names() -> None:
    made = norm(list_identities=(IdentityKind.NUMBER,))
    engine = Engine(made)
    engine.store.put_entry(entry("b1", 0, None, identity=Identity(IdentityKind.CUSTOMER, "70001")))

    decision = engine.observe(offered("c1", START, customer="70001"))

    assert decision.effect is Effect.ACCEPT
    assert Engine(norm()).store.entry("b1") is None


def test_nobody_without_an_identity_is_put_on_a_list() -> None:
    made = norm(block_rule("all", Leaf("call.channel", Op.IS, "phone")))
    engine = Engine(made)

    decision = engine.observe(offered("c1", START, None))

    assert decision.stage(Stage.BLOCKLIST) is not None
    assert engine.store.entry("block:c1#0") is None


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


def test_calls_that_never_end_are_kept_up_to_a_bound_oldest_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "LIVE_KEPT", 3)
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number, None) for number in range(5)))

    assert [engine.next_seq(f"c{number}") for number in range(5)] == [0, 0, 1, 1, 1]
    # What cannot be taken in pushes nothing out.
    with pytest.raises(CallEventError):
        engine.observe(offered("c9", -1))
    assert engine.next_seq("c2") == 1


def test_ended_calls_are_kept_up_to_a_bound_for_what_is_said_about_them_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "ENDED_KEPT", 2)
    engine = Engine(norm())
    for number in range(4):
        call = engine.call(f"c{number}")
        call.offer(at=START + number, number=None)
        call.end(at=START + number)

    assert [engine.next_seq(f"c{number}") for number in range(4)] == [0, 0, 2, 2]
    with pytest.raises(CallEventError, match="ended long ago"):
        engine.observe(Judged(call_id="c0", seq=2, at=START + 9, class_="normal"))


def test_one_event_from_the_future_makes_nobody_s_history_disappear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 4)
    engine = Engine(norm())
    fed(engine, offered("c1", START), offered("x", START + 20_000 * DAY, None))
    fed(engine, *(offered(f"y{number}", START + number, None) for number in range(6)))

    decision = engine.observe(offered("c2", START + MINUTE))

    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 1


def test_what_no_window_reaches_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 4)
    pruned: list[int] = []

    class Watched(MemoryStore):
        def prune(self, before: int) -> int:
            pruned.append(super().prune(before))
            return pruned[-1]

    engine = Engine(norm(), store=Watched())
    fed(engine, offered("c1", START), *(offered(f"c{number}", START + 90 * DAY + number) for number in range(2, 9)))

    assert sum(pruned) == 1


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


def test_all_conditions_of_the_windows_are_facts_of_the_norm() -> None:
    made = norm()

    assert {window.fact for window in WINDOWS} <= {fact.name for fact in made.catalogue}
    assert Engine(made).bundle is made
    assert datetime.fromtimestamp(START / SECOND, UTC).isoformat() == "2026-03-02T01:00:00+00:00"
