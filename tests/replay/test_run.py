"""Recorded events through the norm: the same decisions as live, what would not have happened left out, all added up."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Event,
    Judged,
    Offence,
    Offered,
    Party,
    Tick,
    Warned,
)
from callpolicy.points import Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Status, Term
from callpolicy.replay import EventFault, Replay
from callpolicy.runtime import Engine
from tests.engine.bundles import block_rule, never, rule
from tests.runtime.norms import MINUTE, NUMBER, SECOND, START, norm, offered, stories

OFFENDED = Leaf("talk.offences", Op.AT_LEAST, 1)
WARNED = Leaf("talk.warnings", Op.AT_LEAST, 1)


def replayed(events: list[Event], made: Bundle | None = None) -> tuple[list[Decision], Replay]:
    replay = Replay(Engine(made or norm()))
    return list(replay.run(events)), replay


def live(events: list[Event], made: Bundle | None = None) -> list[Decision]:
    engine = Engine(made or norm())
    return [engine.observe(event) for event in events]


@settings(max_examples=60)
@given(stories())
def test_replay_decides_as_live_does(events: list[Event]) -> None:
    decisions, replay = replayed(events)
    rejected: set[str] = set()
    fed = []
    for event in events:
        if event.call_id in rejected:
            continue
        fed.append(event)
        # Who was rejected does not go on; what a switch would have told after that is not in the record.
        if live(fed)[-1].effect is Effect.REJECT:
            rejected.add(event.call_id)

    as_live = live(fed)

    assert [each.stages for each in decisions] == [each.stages for each in as_live]
    assert [each.to_json() for each in decisions if not each.after_divergence] == [
        each.to_json() for each, own in zip(as_live, decisions, strict=True) if not own.after_divergence
    ]
    assert replay.summary.dropped == len(events) - len(fed)
    assert (replay.summary.events, replay.summary.decisions) == (len(events), len(fed))


def burst() -> list[Event]:
    events: list[Event] = []
    for number in range(4):
        at = START + number * MINUTE
        events += [
            offered(f"c{number}", at),
            Answered(call_id=f"c{number}", seq=1, at=at + SECOND),
            Ended(call_id=f"c{number}", seq=2, at=at + 2 * SECOND, by=Party.CALLER),
        ]
    return events


def test_after_a_reject_the_recorded_rest_of_the_call_is_dropped_and_the_attempt_counts() -> None:
    made = norm(rule("reject_third", Effect.REJECT, Leaf("history.calls_10m", Op.AT_LEAST, 2), by=By.SYSTEM))

    decisions, replay = replayed(burst(), made)

    by_call = Counter(each.call_id for each in decisions)
    assert by_call == {"c0": 3, "c1": 3, "c2": 1, "c3": 1}
    assert [str(each.effect) for each in decisions if each.call_id in {"c2", "c3"}] == ["reject", "reject"]
    last = decisions[-1].snapshot
    assert last is not None
    assert last.get("history.calls_10m") == 3
    assert replay.summary.dropped == 4


def test_a_divert_drops_nothing() -> None:
    made = norm(rule("divert_all", Effect.DIVERT, to="senior"))

    decisions, replay = replayed(burst(), made)

    assert (len(decisions), replay.summary.dropped) == (12, 0)


def abuse(*after: Event) -> list[Event]:
    return [
        offered("c1", START),
        Answered(call_id="c1", seq=1, at=START + 1),
        Offence(call_id="c1", seq=2, at=START + 2),
        Warned(call_id="c1", seq=3, at=START + 3),
        Offence(call_id="c1", seq=4, at=START + 4),
        *after,
    ]


def test_what_comes_after_a_hang_up_of_the_system_still_counts_and_is_marked() -> None:
    decisions, replay = replayed(
        abuse(
            Offence(call_id="c1", seq=5, at=START + 5),
            Ended(call_id="c1", seq=6, at=START + 6, by=Party.CALLER),
        )
    )

    assert [each.after_divergence for each in decisions] == [False] * 5 + [True, True]
    assert decisions[4].effect is Effect.HANG_UP
    assert decisions[5].snapshot is not None
    assert decisions[5].snapshot.get("talk.offences") == 3
    assert replay.summary.diverged == 1


def test_a_call_that_the_centre_ended_where_the_system_would_have_does_not_diverge() -> None:
    for by in (Party.AGENT, Party.SYSTEM):
        ended = Ended(call_id="c1", seq=5, at=START + 5, by=by, cause="hang_up")
        judged = Judged(call_id="c1", seq=6, at=START + 60, class_="nuisance")

        decisions, replay = replayed(abuse(ended, judged))

        assert not any(each.after_divergence for each in decisions)
        assert replay.summary.diverged == 0


def test_a_call_whose_record_stops_there_does_not_diverge() -> None:
    assert replayed(abuse())[1].summary.diverged == 0


def test_what_the_agent_was_only_permitted_does_not_diverge() -> None:
    made = norm(rule("hang_up", Effect.HANG_UP, Leaf("talk.warnings", Op.AT_LEAST, 1), by=By.AGENT))

    decisions, replay = replayed(abuse(Ended(call_id="c1", seq=5, at=START + 9, by=Party.CALLER)), made)

    assert (replay.summary.diverged, any(each.after_divergence for each in decisions)) == (0, False)
    assert replay.summary.permitted == {("hang_up", "hang_up"): 1}


def test_an_event_that_cannot_be_taken_is_told_and_the_call_goes_on() -> None:
    decisions, replay = replayed(
        [
            Warned(call_id="c0", seq=0, at=START),
            offered("c1", START),
            Warned(call_id="c1", seq=1, at=START + 1),
            Answered(call_id="c1", seq=2, at=START + 2),
        ]
    )

    assert replay.summary.event_faults == [
        EventFault("c0", 0, "unknown-call"),
        EventFault("c1", 1, "not-answered"),
    ]
    assert [each.call_id for each in decisions] == ["c1", "c1"]
    assert replay.summary.to_dict()["event_faults"] == {"not-answered": 1, "unknown-call": 1}
    assert (replay.summary.calls, replay.summary.decisions) == (1, 2)


def test_a_call_that_could_not_even_be_offered_has_no_class() -> None:
    replay = replayed([offered("c1", -5)])[1]

    assert replay.summary.to_dict()["classes"] == {}
    assert replay.summary.to_dict()["event_faults"] == {"bad-instant": 1}


def test_the_summary_counts_calls_by_what_occurred_in_them() -> None:
    made = norm(
        rule("abuse", Effect.NUISANCE, OFFENDED, priority=90, kind=Kind.ABUSE),
        rule("warn", Effect.WARN, OFFENDED),
        rule("system_politely", Effect.HANG_UP_POLITELY, WARNED, by=By.SYSTEM, priority=60),
        rule("explain_open", Effect.EXPLAIN, Leaf("case.status", Op.IS, "open"), priority=70),
        rule("shadow_divert", Effect.DIVERT, status=Status.SHADOW),
        rule("propose", Effect.PROPOSE_BLOCK, Leaf("talk.offences", Op.AT_LEAST, 2), term=Term.WEEK),
    )
    events = [
        *abuse(Ended(call_id="c1", seq=5, at=START + 5, by=Party.CALLER)),
        offered("c2", START + 10, None, customer="6.02701E+11"),
        Tick(call_id="c2", seq=1, at=START + 11, facts={"host.none": 1}),
    ]

    summary = replayed(events, made)[1].summary.to_dict()

    # In the call that was answered the case is unknown, so the explanation holds what the system would have done.
    assert summary == {
        "events": 8,
        "decisions": 8,
        "calls": 2,
        "classes": {"normal": 1, "nuisance: abuse": 1},
        "effects": {
            "blocklist": {"none": 2, "propose_block": 1},
            "hangup": {"continue": 1, "explain": 1},
            "screen": {"accept": 2},
        },
        "rules": {"abuse": 1, "propose": 1, "system_politely": 1, "warn": 1},
        "held": {"explain_open": 1},
        "invariants": {},
        "shadow": {"shadow_divert": {"divert": 2}},
        "input_faults": {"caller.customer": {"unparsable": 2}, "host.none": {"unknown-fact": 1}},
        "automatic": {},
        "permitted": {"propose": {"propose_block": 1}},
        "dropped": 0,
        "diverged": 0,
        "failed": 0,
        "event_faults": {},
    }


def test_automatic_restrictions_are_told_with_the_rule_that_gave_them() -> None:
    made = norm(
        block_rule("burst", Leaf("history.calls_10m", Op.AT_LEAST, 2)),
        rule("hang_up", Effect.HANG_UP, Leaf("talk.answered", Op.IS, True), by=By.SYSTEM),
    )

    summary = replayed(burst(), made)[1].summary

    assert summary.automatic == {
        ("burst", "block"): 2,
        ("standing_block", "reject"): 2,
        ("hang_up", "hang_up"): 2,
    }
    assert summary.effects[str(Stage.SCREEN), "reject"] == 2


def test_a_restriction_that_was_softened_to_another_one_is_told_too() -> None:
    made = norm(
        rule("hang_up", Effect.HANG_UP, Leaf("talk.answered", Op.IS, True), by=By.SYSTEM),
        rule("politely", Effect.HANG_UP_POLITELY, Leaf("case.status", Op.IS, "open"), by=By.SYSTEM),
    )
    politely = never("politely", [Effect.HANG_UP], Leaf("talk.answered", Op.IS, True), Effect.HANG_UP_POLITELY)
    events: list[Event] = [offered("c1", START, feeds=frozenset()), Answered(call_id="c1", seq=1, at=START + 1)]

    held = replayed(events, made)[1].summary
    kept = replayed(events, Bundle("sha256:t", made.settings, made.catalogue, made.rules[:1], (politely,)))[1].summary

    assert held.automatic == {("hang_up", "hang_up_politely"): 1}
    assert held.held == {"politely": 1}
    assert kept.permitted == {("hang_up", "hang_up_politely"): 1}
    assert kept.invariants == {"politely": 1}


def test_progress_is_told_every_thousand_events_and_at_the_end() -> None:
    told: list[int] = []
    events: list[Event] = [offered(f"c{number:05}", START + number, None) for number in range(2_500)]

    list(Replay(Engine(norm()), told.append).run(events))

    assert told == [1_000, 2_000, 2_500]


def test_nothing_fed_is_a_summary_of_nothing() -> None:
    decisions, replay = replayed([])

    assert decisions == []
    assert all(not value for value in replay.summary.to_dict().values())


@settings(max_examples=40)
@given(stories(), st.booleans())
def test_the_summary_adds_up(events: list[Event], answered_only: bool) -> None:
    kept = [event for event in events if not answered_only or not isinstance(event, CaseLinked)]
    decisions, replay = replayed(kept)
    summary = replay.summary

    assert summary.events == len(kept)
    assert summary.events == summary.decisions + summary.dropped + len(summary.event_faults)
    assert summary.decisions == len(decisions)
    assert summary.calls == len({event.call_id for event in kept if isinstance(event, Offered)})
    assert sum(summary.classes.values()) == len({each.call_id for each in decisions})
    results = [(each.call_id, result) for each in decisions for result in each.stages]
    for (stage, effect), count in summary.effects.items():
        assert count == len({call for call, each in results if (each.stage, each.outcome.effect) == (stage, effect)})
    for name, count in summary.rules.items():
        assert count == len({call for call, each in results if name in each.determining})
    assert summary.diverged == len({each.call_id for each in decisions if each.after_divergence})
    assert NUMBER not in str(summary.to_dict())
