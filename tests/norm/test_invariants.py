"""The promises of the norm, on any facts at all, also when somebody adds a rule that breaks them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import Any, Leaf, Op, leaves
from callpolicy.decision import Decision, StageResult
from callpolicy.engine import STANDING_BLOCK, Plan, compile_plan, decide
from callpolicy.facts import Fact, FactType, Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.points import RESTRICTIVE, STAGE_OF, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Outcome, Rule, Status, Term
from callpolicy.rulefile import load_bundle, starter_folder

NORM = load_bundle(starter_folder())
SECOND = 1_000_000
HANG_UPS = {Effect.HANG_UP_POLITELY, Effect.HANG_UP}

_ALWAYS = Any((Leaf("caller.protected", Op.KNOWN, True), Leaf("caller.protected", Op.KNOWN, False)))


def hostile_rule(number: int, then: Outcome) -> Rule:
    """A rule that always matches and wins over all of the norm's own."""
    return Rule(
        id=f"hostile_{number}",
        stage=STAGE_OF[then.effect],
        title={},
        status=Status.ENFORCED,
        owner="nobody",
        review_by=date(2027, 1, 1),
        priority=10_000,
        when=_ALWAYS,
        then=then,
        obligations=(),
        because={},
    )


HARSH = (
    Outcome(Effect.REJECT, by=By.SYSTEM),
    Outcome(Effect.BLOCK, by=By.SYSTEM, term=Term.PERMANENT),
)
CLASSES = (
    Outcome(Effect.NORMAL),
    Outcome(Effect.NUISANCE, kind=Kind.ABUSE),
    Outcome(Effect.REPEAT_COMPLAINT, kind=Kind.AFTER_FINAL_RESULT),
    Outcome(Effect.REPEAT_COMPLAINT, kind=Kind.BEYOND_BUSINESS_RULE),
)
HOSTILE = tuple(
    (*HARSH, Outcome(hang_up, by=By.SYSTEM), *others)
    for hang_up in sorted(HANG_UPS)
    for others in ((), *((each,) for each in CLASSES))
)


def named(outcomes: tuple[Outcome, ...]) -> str:
    return "-".join(str(outcome.kind or outcome.effect) for outcome in outcomes) or "as shipped"


@lru_cache(maxsize=64)
def plan_with(*outcomes: Outcome) -> Plan:
    added = tuple(hostile_rule(number, then) for number, then in enumerate(outcomes))
    bundle: Bundle = replace(NORM, rules=(*NORM.rules, *added))
    return compile_plan(bundle, compile_indexed)


def operands(name: str) -> list[Leaf]:
    conditions = [rule.when for rule in NORM.rules] + [invariant.when for invariant in NORM.invariants]
    return [leaf for condition in conditions for leaf in leaves(condition) if leaf.fact == name]


def values_of(fact: Fact) -> list[Value]:
    """Values below, at and above what the norm compares the fact with."""
    match fact.type:
        case FactType.BOOL:
            return [True, False]
        case FactType.ENUM:
            return list(fact.values)
        case FactType.STR:
            return ["some"]
        case FactType.STR_SET:
            compared = [str(leaf.operand) for leaf in operands(fact.name) if isinstance(leaf.operand, str)]
            return [frozenset[str](), frozenset(compared), *(frozenset({each}) for each in compared)]
        case _:
            numbers = [leaf.operand for leaf in operands(fact.name) if type(leaf.operand) is int and leaf.operand > 1]
            return sorted({0, 1, *(each + step for each in numbers for step in (-1, 0, 1))})


FACTS = {
    fact.name: values_of(fact) for fact in NORM.catalogue if operands(fact.name) and fact.name != "caller.class"
} | {"host.handling_limit": [60 * SECOND]}
# Facts that no promise stands against.
RESTRICTABLE: dict[str, Value] = {
    "caller.protected": False,
    "caller.allowlisted": False,
    "talk.warnings": 1,
    "talk.offences_since_warning": 1,
    "talk.explanations_rejected": 2,
    "talk.rejections_since_refusal": 2,
    "talk.service_complete": True,
    "talk.no_further_needs": True,
    "talk.quiet_for": 2 * SECOND,
    "case.status": "final",
    "case.final_result_at": 0,
}
EXAMPLES = [example.given for rule in NORM.rules for example in rule.examples]


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any facts, known or not, beside those of some examples, so that rules match."""
    values: dict[str, Value] = {}
    for name, known in FACTS.items():
        value = draw(st.sampled_from([None, *known]))
        if value is not None:
            values[name] = value
    for example in draw(st.lists(st.sampled_from(EXAMPLES), max_size=3)):
        values.update({name: value for name, value in example.items() if name in FACTS})  # type: ignore[misc]  # WHY: examples were read by the catalogue
    # WHY seldom protected: half of all snapshots would say nothing about the other promises.
    for name in ("caller.protected", "caller.allowlisted"):
        values.pop(name, None)
        protected = draw(st.sampled_from([False, False, False, False, True, None]))
        if protected is not None:
            values[name] = protected
    return Snapshot(0, values)


def made(plan: Plan, snapshot: Snapshot, point: DecisionPoint) -> Decision:
    return decide(plan, snapshot, point=point, call_id="c", decision_id="d", with_recheck=False)


def at_least(values: Mapping[str, Value], name: str, least: int) -> bool:
    value = values.get(name)
    return isinstance(value, int) and value >= least


def is_in_danger(values: Mapping[str, Value]) -> bool:
    """Whether it is known, by words or by the host, that the caller may harm themselves."""
    signals = values.get("talk.signals")
    heard = isinstance(signals, frozenset) and "self_harm" in signals
    return heard or values.get("host.danger_to_self") is True


def may_hang_up(decision: Decision, values: Mapping[str, Value]) -> bool:
    """NORM 2.1 to 2.4, written once more in Python: what must be known before anybody hangs up."""
    if is_in_danger(values):
        return False
    match decision.caller_class:
        case Effect.NUISANCE:
            return at_least(values, "talk.warnings", 1) and at_least(values, "talk.offences_since_warning", 1)
        case Effect.REPEAT_COMPLAINT:
            of_the_refusal = at_least(values, "talk.rejections_since_refusal", 2)
            of_the_result = decision.caller_kind is Kind.AFTER_FINAL_RESULT
            return at_least(values, "talk.explanations_rejected", 2) and (of_the_result or of_the_refusal)
        case _:
            served = values.get("talk.service_complete") is True and values.get("talk.no_further_needs") is True
            return served and at_least(values, "talk.quiet_for", 2 * SECOND)


def final_is_on_record(values: Mapping[str, Value]) -> bool:
    return "case.final_result_at" in values and values.get("case.status") == "final"


def rejects_a_blocked_caller(result: StageResult, decision: Decision, snapshot: Snapshot) -> bool:
    made_now = decision.stage(Stage.BLOCKLIST)
    blocked = snapshot.get("block.covered") is True or (
        made_now is not None and made_now.outcome.effect is Effect.BLOCK
    )
    return result.stage is Stage.SCREEN and blocked


def restricting(decision: Decision) -> list[StageResult]:
    return [result for result in decision.stages if result.outcome.effect in RESTRICTIVE]


@pytest.mark.parametrize("hostile", [(), *HOSTILE], ids=named)
@given(snapshot=snapshots(), point=st.sampled_from(DecisionPoint))
def test_the_invariants_hold_on_any_facts_whatever_the_rules_say(
    hostile: tuple[Outcome, ...], snapshot: Snapshot, point: DecisionPoint
) -> None:
    decision = made(plan_with(*hostile), snapshot, point)

    for result in restricting(decision):
        assert snapshot.get("caller.protected") is False
        assert snapshot.get("caller.allowlisted") is False
        if result.outcome.effect in HANG_UPS:
            assert may_hang_up(decision, snapshot.values)
        if decision.caller_kind is Kind.AFTER_FINAL_RESULT and not rejects_a_blocked_caller(result, decision, snapshot):
            assert final_is_on_record(snapshot.values)


@given(snapshot=snapshots(), point=st.sampled_from(DecisionPoint))
def test_the_system_restricts_only_bursts_and_who_is_blocked(snapshot: Snapshot, point: DecisionPoint) -> None:
    decision = made(plan_with(), snapshot, point)

    automatic = {
        name for result in restricting(decision) if result.outcome.by is By.SYSTEM for name in result.determining
    }
    assert automatic <= {"burst_is_blocked_for_a_day", STANDING_BLOCK}
    if "burst_is_blocked_for_a_day" in automatic:
        assert at_least(snapshot.values, "history.calls_10m", 9)
        assert at_least(snapshot.values, "history.judged_nuisance_1h", 2)
        assert snapshot.get("caller.customer") is None


@given(
    snapshot=snapshots(),
    calls=st.integers(min_value=0, max_value=10_000),
    same_topic=st.integers(min_value=0, max_value=10_000),
    point=st.sampled_from(DecisionPoint),
)
def test_calling_often_alone_is_never_nuisance(
    snapshot: Snapshot, calls: int, same_topic: int, point: DecisionPoint
) -> None:
    values = dict(snapshot.values)
    for name in ("talk.judged_class", "talk.judged_kind", "talk.signals"):
        values.pop(name, None)
    counted = {"history.calls_10m": calls, "history.same_topic_24h": same_topic}
    nobody_judged = dict.fromkeys((name for name in values if name.startswith("history.judged_")), 0)
    values |= {**counted, **nobody_judged, "talk.offence_kinds": frozenset[str](), "block.covered": False}

    decision = made(plan_with(), Snapshot(0, values), point)

    assert decision.caller_class is not Effect.NUISANCE
    assert [result for result in restricting(decision) if result.stage is not Stage.HANGUP] == []


@given(snapshot=snapshots(), point=st.sampled_from(DecisionPoint))
def test_a_protected_caller_is_normal_and_never_restricted(snapshot: Snapshot, point: DecisionPoint) -> None:
    decision = made(plan_with(), Snapshot(0, {**snapshot.values, "caller.protected": True}), point)

    assert decision.caller_class is Effect.NORMAL
    assert restricting(decision) == []


@pytest.mark.parametrize(
    "danger", [{"talk.signals": frozenset({"self_harm"})}, {"host.danger_to_self": True}], ids=["heard", "told"]
)
@pytest.mark.parametrize("hostile", HOSTILE, ids=named)
def test_nobody_in_danger_is_hung_up_on_whatever_the_rules_say(
    hostile: tuple[Outcome, ...], danger: dict[str, Value]
) -> None:
    decision = made(plan_with(*hostile), Snapshot(0, RESTRICTABLE | danger), DecisionPoint.IN_CALL)

    assert decision.effect not in HANG_UPS


@pytest.mark.parametrize("hostile", HOSTILE, ids=named)
def test_the_hostile_rules_do_restrict_where_no_promise_stands_against_it(hostile: tuple[Outcome, ...]) -> None:
    # WHY: a property over decisions that never restrict would hold of anything.
    effects = {made(plan_with(*hostile), Snapshot(0, RESTRICTABLE), point).effect for point in DecisionPoint}

    assert effects <= RESTRICTIVE
    assert len(effects) == len(DecisionPoint)
