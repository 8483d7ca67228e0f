"""One decision: stages in order, protection, invariants, shadow, pilot, and the laws that hold for every bundle."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import All, Condition, Leaf, Not, Op
from callpolicy.decision import Decision
from callpolicy.engine import STANDING_BLOCK, Plan, compile_plan, decide, let_through
from callpolicy.facts import InputFault, Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import RESTRICTIVE, STAGES_AT, DecisionPoint, Effect, Kind, Stage, default_effect
from callpolicy.policy import Bundle, By, Obligation, Outcome, Pilot, Status, Term
from tests.engine.bundles import ALWAYS, block_rule, bundle, never, rule

IN_CALL = DecisionPoint.IN_CALL
OFFERED = DecisionPoint.OFFERED
WARNED = Leaf("talk.warnings", Op.AT_LEAST, 1)
NUISANCE = Leaf("caller.class", Op.IS, "nuisance")
OFFENDED = Leaf("talk.offences", Op.AT_LEAST, 1)
PHONE: dict[str, Value] = {"call.channel": "phone", "caller.protected": False, "caller.allowlisted": False}


def plan(made: Bundle) -> Plan:
    return compile_plan(made, compile_indexed)


def made(made_of: Bundle, values: dict[str, Value], point: DecisionPoint = IN_CALL, at: int = 0) -> Decision:
    return decide(plan(made_of), Snapshot(at, values), point=point, call_id="c1", decision_id="c1#0")


def test_nothing_matched_is_an_outcome_of_its_own() -> None:
    decision = made(bundle(), PHONE)

    assert (decision.effect, decision.caller_class, decision.default, decision.determining) == (
        Effect.CONTINUE,
        Effect.NORMAL,
        True,
        (),
    )


def test_the_class_of_this_point_is_a_fact_of_the_later_stages() -> None:
    norm = bundle(
        rule("abuse", Effect.NUISANCE, OFFENDED, kind=Kind.ABUSE),
        rule("warn_nuisance", Effect.WARN, All((NUISANCE, Leaf("caller.kind", Op.IS, "abuse")))),
    )

    decision = made(norm, {**PHONE, "talk.offences": 1})

    assert (decision.caller_class, decision.caller_kind, decision.effect) == (Effect.NUISANCE, Kind.ABUSE, Effect.WARN)


def test_a_class_from_outside_is_not_taken_over() -> None:
    norm = bundle(rule("warn_nuisance", Effect.WARN, NUISANCE))

    decision = made(norm, {**PHONE, "caller.class": "nuisance", "caller.kind": "abuse"})

    assert decision.effect is Effect.CONTINUE


def test_the_call_that_crosses_the_threshold_of_a_burst_is_itself_rejected() -> None:
    norm = bundle(block_rule("burst", ALWAYS))

    decision = made(norm, {**PHONE, "block.covered": False}, OFFERED)

    assert decision.stage(Stage.BLOCKLIST) is not None
    assert (decision.effect, decision.by, decision.determining) == (Effect.REJECT, By.SYSTEM, (STANDING_BLOCK,))


def test_a_block_that_a_person_must_make_does_not_reject_the_call() -> None:
    norm = bundle(rule("burst", Effect.BLOCK, by=By.AGENT, term=Term.DAY))

    decision = made(norm, {**PHONE, "block.covered": False}, OFFERED)

    assert decision.effect is Effect.ACCEPT


@pytest.mark.parametrize("shield", ["caller.protected", "caller.allowlisted"])
def test_protection_beats_rules_and_standing_blocks_and_what_it_hid_is_recorded(shield: str) -> None:
    norm = bundle(
        rule("hang_up_all", Effect.HANG_UP, priority=10_000),
        block_rule("block_all", ALWAYS, Term.PERMANENT, priority=9_000),
    )
    values: dict[str, Value] = {**PHONE, shield: True, "block.covered": True}

    in_call = made(norm, values)
    offered = made(norm, values, OFFERED)

    assert (in_call.effect, in_call.main.hidden) == (Effect.CONTINUE, Outcome(Effect.HANG_UP))
    block = offered.stage(Stage.BLOCKLIST)
    assert block is not None
    assert (block.outcome.effect, block.hidden) == (
        Effect.NONE,
        Outcome(Effect.BLOCK, by=By.SYSTEM, term=Term.PERMANENT),
    )
    assert (offered.effect, offered.main.hidden) == (Effect.ACCEPT, Outcome(Effect.REJECT, by=By.SYSTEM))


def test_an_invariant_with_an_unknown_condition_counts_as_violated() -> None:
    norm = bundle(
        rule("hang_up", Effect.HANG_UP),
        invariants=[never("warn_first", [Effect.HANG_UP], Not((WARNED,)), Effect.WARN)],
    )

    unknown = made(norm, PHONE)
    warned = made(norm, {**PHONE, "talk.warnings": 1})

    assert (unknown.effect, unknown.main.invariants) == (Effect.WARN, ("warn_first",))
    assert (warned.effect, warned.main.invariants) == (Effect.HANG_UP, ())


def test_a_rule_that_may_match_holds_and_is_named() -> None:
    norm = bundle(
        rule("hang_up", Effect.HANG_UP),
        rule("explain_open_cases", Effect.EXPLAIN, Leaf("case.status", Op.IS, "open")),
    )

    decision = made(norm, PHONE)

    assert (decision.effect, decision.held_by, decision.determining) == (
        Effect.EXPLAIN,
        ("explain_open_cases",),
        ("hang_up",),
    )


def test_shadow_rules_change_nothing_and_what_they_would_have_done_is_told() -> None:
    enforced = bundle(rule("warn", Effect.WARN))
    shadowed = bundle(
        rule("warn", Effect.WARN),
        rule("classify_all", Effect.NUISANCE, status=Status.SHADOW, kind=Kind.ABUSE),
        rule("hang_up_nuisance", Effect.HANG_UP, NUISANCE, priority=90, status=Status.SHADOW),
    )

    without, with_shadow = made(enforced, PHONE), made(shadowed, PHONE)

    assert with_shadow.stages == without.stages
    assert [(each.stage, each.outcome.effect) for each in with_shadow.shadow] == [
        (Stage.CLASSIFY, Effect.NUISANCE),
        (Stage.HANGUP, Effect.HANG_UP),
    ]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_drafts_and_retired_rules_do_not_run_at_all(status: Status) -> None:
    decision = made(bundle(rule("hang_up", Effect.HANG_UP, status=status)), PHONE)

    assert (decision.effect, decision.shadow) == (Effect.CONTINUE, ())


@pytest.mark.parametrize(
    ("values", "effect"),
    [
        ({"call.team": "team_a", "call.queue": "cards"}, Effect.WARN),
        ({"call.team": "team_b", "call.queue": "cards"}, Effect.CONTINUE),
        ({"call.queue": "cards"}, Effect.CONTINUE),
        ({"call.team": "team_a", "call.queue": "loans"}, Effect.CONTINUE),
    ],
)
def test_a_pilot_rule_is_enforced_in_its_teams_and_queues_and_shadow_elsewhere(
    values: dict[str, Value], effect: Effect
) -> None:
    norm = bundle(rule("warn", Effect.WARN, status=Status.PILOT, pilot=Pilot(("team_a",), ("cards",))))

    decision = made(norm, {**PHONE, **values})

    assert decision.effect is effect
    assert bool(decision.shadow) is (effect is Effect.CONTINUE)


def test_a_pilot_by_percent_takes_about_that_share_and_always_the_same_callers() -> None:
    norm = plan(bundle(rule("warn", Effect.WARN, status=Status.PILOT, pilot=Pilot(percent=30))))

    def in_pilot(number: int) -> bool:
        values: dict[str, Value] = {**PHONE, "caller.customer": f"customer-{number}"}
        return decide(norm, Snapshot(0, values), point=IN_CALL, call_id="c", decision_id="d").effect is Effect.WARN

    chosen = [number for number in range(2_000) if in_pilot(number)]

    # Of 2,000 draws at 30 % the count lies within 600 ± 5 standard deviations (20.5).
    assert 498 <= len(chosen) <= 702
    assert chosen == [number for number in range(2_000) if in_pilot(number)]


def test_a_caller_without_identity_is_not_in_a_pilot_by_percent_unless_it_takes_all() -> None:
    part = bundle(rule("warn", Effect.WARN, status=Status.PILOT, pilot=Pilot(percent=99)))
    whole = bundle(rule("warn", Effect.WARN, status=Status.PILOT, pilot=Pilot(percent=100)))

    assert made(part, PHONE).effect is Effect.CONTINUE
    assert made(whole, PHONE).effect is Effect.WARN


def test_what_failed_lets_the_caller_through_at_every_stage() -> None:
    for point, stages in STAGES_AT.items():
        decision = let_through(
            plan(bundle(rule("hang_up", Effect.HANG_UP))),
            Snapshot(5, {}, input_faults=(InputFault("call.hour", "wrong-type"),)),
            point=point,
            call_id="c1",
            decision_id="c1#0",
            failed=("store",),
        )
        assert [each.outcome.effect for each in decision.stages] == [default_effect(stage) for stage in stages]
        assert decision.failed == ("store",)
        assert decision.input_faults


VALUES = st.fixed_dictionaries(
    {"call.channel": st.just("phone")},
    optional={
        "talk.warnings": st.integers(0, 2),
        "talk.offences": st.integers(0, 2),
        "case.status": st.sampled_from(["open", "final"]),
        "caller.protected": st.booleans(),
        "caller.allowlisted": st.booleans(),
        "block.covered": st.booleans(),
    },
)
CONDITIONS: st.SearchStrategy[Condition] = st.sampled_from(
    [
        ALWAYS,
        WARNED,
        OFFENDED,
        NUISANCE,
        Not((WARNED,)),
        All((OFFENDED, WARNED)),
        Leaf("case.status", Op.IS, "final"),
        Leaf("talk.offences", Op.KNOWN, False),
    ]
)
LATER = [each for each in Effect if each not in {Effect.NORMAL, Effect.REPEAT_COMPLAINT, Effect.NUISANCE}]


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    rules = [
        rule("nuisance", Effect.NUISANCE, draw(CONDITIONS.filter(lambda each: each is not NUISANCE)), kind=Kind.ABUSE)
    ]
    for number in range(draw(st.integers(0, 6))):
        effect = draw(st.sampled_from(LATER))
        term = Term.DAY if effect in {Effect.BLOCK, Effect.PROPOSE_BLOCK} else None
        by = draw(st.sampled_from(list(By)))
        priority = draw(st.sampled_from([10, 50, 90]))
        status = draw(st.sampled_from([Status.ENFORCED, Status.ENFORCED, Status.SHADOW]))
        rules.append(rule(f"r{number}", effect, draw(CONDITIONS), priority=priority, term=term, by=by, status=status))
    invariants = [
        never("hang_up_needs_warning", [Effect.HANG_UP], Not((WARNED,)), Effect.WARN),
        never("block_needs_offence", [Effect.BLOCK], Not((OFFENDED,)), Effect.NONE),
    ]
    return bundle(*rules, invariants=invariants)


@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_reference_and_indexed_give_the_same_decision(
    norm: Bundle, values: dict[str, Value], point: DecisionPoint
) -> None:
    snapshot = Snapshot(0, values)
    plans = [compile_plan(norm, compiled) for compiled in (compile_reference, compile_indexed)]

    first, second = (decide(each, snapshot, point=point, call_id="c", decision_id="d") for each in plans)

    assert first.to_json() == second.to_json()


@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_a_protected_or_allowlisted_caller_is_never_restricted(
    norm: Bundle, values: dict[str, Value], point: DecisionPoint
) -> None:
    for shield in ("caller.protected", "caller.allowlisted"):
        decision = made(norm, {**values, shield: True}, point)
        assert not [each for each in decision.stages if each.outcome.effect in RESTRICTIVE]


@given(bundles(), VALUES)
def test_no_hang_up_without_a_warning_whatever_the_rules_say(norm: Bundle, values: dict[str, Value]) -> None:
    decision = made(norm, values)

    if decision.effect is Effect.HANG_UP:
        assert values.get("talk.warnings", 0) >= 1  # type: ignore[operator]  # an int by the strategy


@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_shadow_rules_change_no_stage(norm: Bundle, values: dict[str, Value], point: DecisionPoint) -> None:
    only_enforced = replace(norm, rules=tuple(each for each in norm.rules if each.status is Status.ENFORCED))

    assert made(norm, values, point).stages == made(only_enforced, values, point).stages


@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_a_decision_comes_back_from_its_json_and_the_json_is_canonical(
    norm: Bundle, values: dict[str, Value], point: DecisionPoint
) -> None:
    decision = made(norm, values, point, at=1_795_000_000_123_456)

    assert Decision.from_json(decision.to_json()) == decision
    assert decision.to_json() == rfc8785.dumps(decision.to_dict())


SCRIPT = """
from tests.engine.test_decide import *
norm = bundle(
    rule("hang_up", Effect.HANG_UP, OFFENDED, do=[Obligation.RECORD_CALL, Obligation.SHOW_CARD]),
    rule("explain", Effect.EXPLAIN, Leaf("case.status", Op.IS, "open")),
    rule("escalate", Effect.ESCALATE, Leaf("case.id", Op.KNOWN, False), to="班长", priority=90),
)
sets = frozenset({"agitation", "threat", "sensitive", "abuse"})
print(made(norm, {**PHONE, "talk.offences": 1, "talk.signals": sets}, at=1_795_000_000_000_001).to_json().decode())
"""


def test_the_same_inputs_give_the_same_bytes_in_every_process_and_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }

    assert len(printed) == 1
    assert "班长".encode() in printed.pop()


def test_obligations_of_all_stages_are_told_together() -> None:
    norm = bundle(
        rule("abuse", Effect.NUISANCE, OFFENDED, do=[Obligation.NOTIFY_BACK_OFFICE], kind=Kind.ABUSE),
        rule("warn", Effect.WARN, NUISANCE, do=[Obligation.RECORD_CALL]),
    )

    assert made(norm, {**PHONE, "talk.offences": 1}).obligations == (
        Obligation.NOTIFY_BACK_OFFICE,
        Obligation.RECORD_CALL,
    )
