"""The explanation of a decision: alone it gives the outcome again, and it shows nobody's number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Truth
from callpolicy.decision import Decision
from callpolicy.engine import STANDING_BLOCK, Plan, compile_plan, decide, explain, failing, let_through, why_not
from callpolicy.engine.explaining import Clause, rule_dict
from callpolicy.errors import UsageError
from callpolicy.facts import Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference, truth
from callpolicy.points import DecisionPoint, Effect, Kind
from callpolicy.policy import Bundle, By, Obligation, Pilot, Status, Term
from tests.engine.bundles import ALWAYS, block_rule, bundle, never, rule
from tests.engine.second_resolver import truth_of, worked_out

IN_CALL = DecisionPoint.IN_CALL
OFFERED = DecisionPoint.OFFERED
PHONE: dict[str, Value] = {"call.channel": "phone", "caller.protected": False, "caller.allowlisted": False}
OFFENDED = Leaf("talk.offences", Op.AT_LEAST, 1)
WARNED = Leaf("talk.warnings", Op.AT_LEAST, 1)
NUISANCE = Leaf("caller.class", Op.IS, "nuisance")


def plan(made: Bundle) -> Plan:
    return compile_plan(made, compile_indexed)


def decided(own: Plan, values: Mapping[str, Value], point: DecisionPoint = IN_CALL) -> Decision:
    return decide(own, Snapshot(1_795_000_000_000_000, values), point=point, call_id="c1", decision_id="c1#0")


VALUES = st.fixed_dictionaries(
    {"call.channel": st.just("phone")},
    optional={
        "talk.warnings": st.integers(0, 2),
        "talk.offences": st.integers(0, 2),
        "case.status": st.sampled_from(["open", "final"]),
        "caller.protected": st.booleans(),
        "caller.allowlisted": st.booleans(),
        "block.covered": st.booleans(),
        "call.team": st.sampled_from(["a", "b"]),
    },
)
LEAVES = st.sampled_from(
    [ALWAYS, WARNED, OFFENDED, Leaf("case.status", Op.IS, "final"), Leaf("talk.offences", Op.KNOWN, False)]
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda node, items: node(tuple(items)),
        st.sampled_from([All, Any, Not]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
CLASSES = {Effect.NUISANCE: Kind.ABUSE, Effect.REPEAT_COMPLAINT: Kind.AFTER_FINAL_RESULT, Effect.NORMAL: None}


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    rules = []
    for number in range(draw(st.integers(0, 9))):
        effect = draw(st.sampled_from(Effect))
        when = draw(CONDITIONS)
        if effect not in CLASSES and draw(st.booleans()):
            when = All((NUISANCE, when))
        rules.append(
            rule(
                f"r{number}",
                effect,
                when,
                priority=draw(st.sampled_from([10, 50, 90])),
                status=draw(st.sampled_from([Status.ENFORCED, Status.ENFORCED, Status.PILOT, Status.SHADOW])),
                pilot=Pilot(teams=("a",)),
                do=draw(st.lists(st.sampled_from(Obligation), max_size=2, unique=True)),
                kind=CLASSES.get(effect),
                by=draw(st.sampled_from(By)),
                term=draw(st.sampled_from([43_200_000_000, *Term])) if "block" in effect else None,
                wait=draw(st.sampled_from([2_000_000, 10_000_000])) if effect is Effect.OFFER_CLOSE else None,
                script=draw(st.sampled_from([None, f"script.{number}"])),
            )
        )
    invariants = [
        never("hang_up_needs_warning", [Effect.HANG_UP], Not((WARNED,)), Effect.HANG_UP_POLITELY),
        never("politely_needs_offence", [Effect.HANG_UP_POLITELY], Not((OFFENDED,)), Effect.EXPLAIN),
        never("block_needs_offence", [Effect.BLOCK], Not((OFFENDED,)), Effect.PROPOSE_BLOCK),
        never("reject_needs_offence", [Effect.REJECT], Not((OFFENDED,)), Effect.ACCEPT),
    ]
    return bundle(*rules, invariants=invariants)


@pytest.mark.untraced
@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_the_explanation_alone_reproduces_the_outcome(
    norm: Bundle, values: dict[str, Value], point: DecisionPoint
) -> None:
    own = plan(norm)
    tree = json.loads(json.dumps(explain(own, decided(own, values, point)).to_dict()))

    assert [worked_out(stage) for stage in tree["stages"]] == tree["decision"]["stages"]


@pytest.mark.untraced
@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_every_truth_in_an_explanation_follows_from_its_leaves(
    norm: Bundle, values: dict[str, Value], point: DecisionPoint
) -> None:
    own = plan(norm)
    tree = explain(own, decided(own, values, point)).to_dict()

    for stage in tree["stages"]:
        for each in (*stage["rules"], *stage["invariants"]):
            assert truth_of(each["when"]) is each["truth"]


def leaf_clauses(clause: Clause, wanted: bool = True) -> Iterator[tuple[Clause, bool]]:
    if not clause.items:
        yield clause, wanted
    for item in clause.items:
        yield from leaf_clauses(item, wanted is not (clause.text == "not"))


def forced(condition: Condition, truths: Iterator[Truth]) -> Truth:
    """The truth of a condition whose leaves, in order, have these truths."""
    if isinstance(condition, Leaf):
        return next(truths)
    parts = [forced(item, truths) for item in condition.items]
    if isinstance(condition, Any):
        return True if True in parts else None if None in parts else False
    stops = isinstance(condition, Not)
    return False if stops in parts else None if None in parts else True


@given(CONDITIONS, VALUES)
def test_turning_the_failing_leaves_round_makes_the_rule_match(when: Condition, values: dict[str, Value]) -> None:
    own = plan(bundle(rule("warn", Effect.WARN, when)))
    explained = why_not(own, decided(own, values), "warn")
    fails = {id(each) for each in failing(explained.clause)}

    turned = [wanted if id(clause) in fails else clause.truth for clause, wanted in leaf_clauses(explained.clause)]

    assert explained.truth is truth(when, values)
    assert bool(fails) is (explained.truth is not True)
    assert forced(when, iter(turned)) is True
    assert not [
        clause for clause, wanted in leaf_clauses(explained.clause) if id(clause) in fails and clause.truth is wanted
    ]


def test_failing_leaves_are_those_that_stand_in_the_way() -> None:
    when = All((ALWAYS, OFFENDED, Not((WARNED, Leaf("talk.escalations", Op.AT_LEAST, 1)))))
    own = plan(bundle(rule("soothe", Effect.SOOTHE, when)))

    explained = why_not(own, decided(own, {**PHONE, "talk.warnings": 2, "talk.escalations": 0}), "soothe")

    assert [(each.text, each.truth, each.value) for each in failing(explained.clause)] == [
        ("talk.offences at_least 1", None, "unknown"),
        ("talk.warnings at_least 1", True, "2"),
    ]


PERSONAL: dict[str, Value] = {
    **PHONE,
    "caller.number": "+12125550142",
    "caller.customer": "c-70001",
    "case.id": "case-9009",
}
SECRETS = ("5550142", "2125550", "70001", "9009")


def test_personal_values_are_masked_wherever_they_could_show() -> None:
    personal = All(
        (
            Leaf("caller.number", Op.IS, "+12125550142"),
            Leaf("caller.number", Op.STARTS_WITH, "+12125550"),
            Leaf("caller.customer", Op.IN, ("c-70001", "c-70002")),
            Not((Leaf("case.id", Op.IS_NOT, FactRef("case.id")),)),
            Leaf("caller.number", Op.KNOWN, True),
        )
    )
    made = rule("warn", Effect.WARN, personal)
    object.__setattr__(made, "because", {"zh-CN": "号码 {caller.number}", "en": "{caller.customer} of {case.id}"})
    own = plan(bundle(made, invariants=[never("no", [Effect.HANG_UP], personal, Effect.WARN)]))
    decision = decided(own, PERSONAL)

    shown = [
        json.dumps(explain(own, decision).to_dict(), ensure_ascii=False),
        json.dumps(rule_dict(why_not(own, decision, "warn")), ensure_ascii=False),
        decision.to_json().decode(),
    ]

    assert decision.effect is Effect.WARN
    for text in shown:
        assert not [secret for secret in SECRETS if secret in text]
    assert "号码 ***" in shown[0]
    assert "*** of ***" in shown[1]
    assert "caller.number known true" in shown[0]


def test_values_are_shown_as_rules_write_them() -> None:
    when = All(
        (
            Leaf("talk.quiet_for", Op.AT_LEAST, 2_000_000),
            Leaf("case.final_result_at", Op.LESS_THAN, 1_795_000_000_000_000),
            Leaf("talk.signals", Op.HAS_ANY, ("anger", "threat")),
            Leaf("talk.offences_since_warning", Op.AT_MOST, FactRef("talk.offences")),
            Leaf("talk.answered", Op.IS, True),
            Leaf("call.hour", Op.BETWEEN, (9, 17)),
            Leaf("call.queue", Op.KNOWN, False),
        )
    )
    own = plan(bundle(rule("warn", Effect.WARN, when)))
    values: dict[str, Value] = {
        "talk.quiet_for": 90_000_000,
        "case.final_result_at": 0,
        "talk.signals": frozenset({"threat", "anger"}),
        "talk.offences_since_warning": 1,
        "talk.offences": 3,
        "talk.answered": True,
        "call.hour": 9,
    }

    clause = explain(own, decided(own, values)).stages[1].rules[0].clause

    assert [(each.text, each.value, each.operand) for each in clause.items] == [
        ("talk.quiet_for at_least 2s", "1m30s", ""),
        ("case.final_result_at less_than 2026-11-18T11:06:40.000000Z", "1970-01-01T00:00:00.000000Z", ""),
        ("talk.signals has_any [anger, threat]", "anger, threat", ""),
        ("talk.offences_since_warning at_most talk.offences", "1", "3"),
        ("talk.answered is true", "true", ""),
        ("call.hour between [9, 17]", "9", ""),
        ("call.queue known false", "unknown", ""),
    ]


def test_reasons_say_what_is_not_known_in_their_language() -> None:
    own = plan(bundle(rule("warn", Effect.WARN)))

    reasons = explain(own, decided(own, PHONE)).stages[1].rules[0].because

    assert reasons == {"zh-CN": "提醒 未知 次", "en": "warned unknown times"}


def test_roles_say_what_each_rule_did() -> None:
    norm = bundle(
        rule("a_hang_up", Effect.HANG_UP),
        rule("b_explain_open", Effect.EXPLAIN, Leaf("case.status", Op.IS, "open")),
        rule("c_escalate_open", Effect.ESCALATE, Leaf("case.status", Op.IS, "open")),
        rule("d_warn", Effect.WARN, priority=10),
        rule("e_soothe", Effect.SOOTHE, OFFENDED),
        rule("f_shadow", Effect.WARN, status=Status.SHADOW),
        invariants=[never("g_warn_first", [Effect.EXPLAIN], Not((WARNED,)), Effect.CONTINUE)],
    )
    own = plan(norm)
    decision = decided(own, {**PHONE, "talk.offences": 0, "talk.warnings": 0})
    stage = explain(own, decision).stages[1]

    assert [(each.id, each.role) for each in stage.rules] == [
        ("b_explain_open", "holding"),
        ("c_escalate_open", "undetermined"),
        ("a_hang_up", "determining"),
        ("d_warn", "matched"),
    ]
    assert [(each.id, each.role) for each in stage.invariants] == [("g_warn_first", "acted")]
    assert why_not(own, decision, "e_soothe").role == "not_matched"
    assert why_not(own, decision, "f_shadow").role == "not_enforced"


def test_a_standing_block_is_explained_like_a_rule() -> None:
    own = plan(bundle(block_rule("burst", OFFENDED)))
    blocked = decided(own, {**PHONE, "block.covered": True}, OFFERED)
    free = decided(own, {**PHONE, "block.covered": False}, OFFERED)

    explained = explain(own, blocked).stages[2].rules

    assert [(each.id, each.role) for each in explained] == [(STANDING_BLOCK, "determining")]
    assert why_not(own, free, STANDING_BLOCK).truth is False
    with pytest.raises(UsageError, match="stage `screen`, which `in_call` does not have"):
        why_not(own, decided(own, PHONE), STANDING_BLOCK)


def test_a_rule_that_cannot_be_evaluated_is_named_as_erring() -> None:
    # No loader lets this through: the operand is not of the fact's type.
    broken = Leaf("call.queue", Op.AT_LEAST, 3)
    own = compile_plan(
        bundle(rule("broken", Effect.EXPLAIN, All((broken,))), rule("warn", Effect.WARN)), compile_reference
    )
    decision = decided(own, {**PHONE, "call.queue": "cards"})

    explained = {each.id: each for each in explain(own, decision).stages[1].rules}

    assert (decision.effect, decision.held_by) == (Effect.EXPLAIN, ("broken",))
    assert (explained["broken"].erring, explained["broken"].role, explained["broken"].truth) == (True, "holding", None)
    assert (explained["warn"].erring, explained["warn"].role) == (False, "determining")


def test_what_failed_can_be_explained_as_far_as_it_is_known() -> None:
    own = plan(bundle(rule("hang_up", Effect.HANG_UP)))
    decision = let_through(own, Snapshot(0, PHONE), point=IN_CALL, call_id="c1", decision_id="c1#0", failed=("store",))

    tree = explain(own, decision).to_dict()

    assert tree["decision"]["failed"] == ["store"]
    assert [each["role"] for each in tree["stages"][1]["rules"]] == ["matched"]


def test_only_the_bundle_that_decided_can_explain_and_only_with_the_snapshot() -> None:
    own = plan(bundle(rule("warn", Effect.WARN)))
    decision = decided(own, PHONE)
    other = bundle(rule("warn", Effect.WARN))
    object.__setattr__(other, "revision", "sha256:other")

    with pytest.raises(UsageError, match="another revision"):
        explain(plan(other), decision)
    with pytest.raises(UsageError, match="no snapshot"):
        explain(own, Decision.from_json(decision.to_json()))
    with pytest.raises(UsageError, match="no rule `nothing`"):
        why_not(own, decision, "nothing")
    with pytest.raises(UsageError, match="of stage `hangup`, which `offered` does not have"):
        why_not(own, decided(own, PHONE, OFFERED), "warn")
