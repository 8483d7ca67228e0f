"""Which rules can hold a restrictive rule: nothing that can happen is missing, and what is discharged is not listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any as AnyValue
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.check import Holding, holders
from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op
from callpolicy.engine import STANDING_BLOCK, compile_plan, decide
from callpolicy.facts import Fact, FactType, Snapshot, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import compile_reference, truth
from callpolicy.points import RESTRICTIVE, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import Bundle, Pilot, StandingBlock, Status, Term
from tests.check.making import WARNED, a_bundle, a_rule, all_of, any_of, none_of
from tests.engine.bundles import never

AGITATED = Leaf("talk.signals", Op.HAS, "agitation")
NUISANCE = Leaf("caller.class", Op.IS, "nuisance")
KNOWN_SIGNALS = Leaf("talk.signals", Op.KNOWN, True)


def held(when: Condition, by: Condition, *more: AnyValue, **of_holder: AnyValue) -> dict[str, tuple[str, ...]]:
    """The holders of a hang-up at priority 50, with the facts, if another rule would soothe."""
    made = a_bundle(
        a_rule("h", Effect.HANG_UP, when), a_rule("s", Effect.SOOTHE, by, **({"priority": 50} | of_holder)), *more
    )
    return {holding.holder: holding.facts for holding in holders(made) if holding.rule == "h"}


def test_a_missing_transcript_can_hold_a_hang_up() -> None:
    made = a_bundle(a_rule("h", Effect.HANG_UP), a_rule("s", Effect.SOOTHE, AGITATED, priority=60))

    assert holders(made) == (Holding(Stage.HANGUP, "h", "s", ("talk.signals",)),)


def test_asking_that_it_is_known_discharges_it() -> None:
    assert held(WARNED, all_of(KNOWN_SIGNALS, AGITATED)) == {}
    assert held(WARNED, all_of(AGITATED, none_of(Leaf("talk.signals", Op.KNOWN, False)))) == {}
    assert held(WARNED, any_of(all_of(KNOWN_SIGNALS, AGITATED), AGITATED)) == {"s": ("talk.signals",)}


def test_a_higher_priority_discharges_it() -> None:
    assert held(WARNED, AGITATED, priority=49) == {}
    assert held(WARNED, AGITATED, priority=50) == {"s": ("talk.signals",)}


def test_a_rule_that_is_not_kinder_holds_nothing() -> None:
    made = a_bundle(a_rule("h", Effect.HANG_UP_POLITELY), a_rule("s", Effect.HANG_UP, AGITATED, priority=60))

    assert holders(made) == ()


def test_a_shorter_block_can_hold_a_longer_one() -> None:
    made = a_bundle(
        a_rule("month", Effect.BLOCK, term=Term.MONTH),
        a_rule("day", Effect.BLOCK, AGITATED, term=Term.DAY),
    )

    assert holders(made) == (Holding(Stage.BLOCKLIST, "month", "day", ("talk.signals",)),)


def test_a_fact_that_the_restrictive_rule_needs_is_known_when_it_matches() -> None:
    assert held(AGITATED, AGITATED) == {}
    assert held(AGITATED, Leaf("talk.signals", Op.HAS, "tears")) == {}
    assert held(any_of(AGITATED, WARNED), AGITATED) == {"s": ("talk.signals",)}
    assert held(none_of(AGITATED), all_of(AGITATED, Leaf("call.topic", Op.IS, "loss"))) == {}


def test_what_agents_mark_is_known_together() -> None:
    soothed = Leaf("talk.soothings", Op.LESS_THAN, 1)

    assert held(WARNED, soothed) == {}
    assert held(AGITATED, soothed) == {"s": ("talk.soothings",)}


def test_facts_that_are_always_known_hold_nothing() -> None:
    assert held(WARNED, Leaf("call.hour", Op.AT_LEAST, 20)) == {}
    assert held(WARNED, all_of(NUISANCE, Leaf("talk.handling_time", Op.AT_LEAST, 1))) == {}


def test_only_the_facts_that_may_be_unknown_are_named() -> None:
    topic = Leaf("call.topic", Op.IS, "loss")

    assert held(WARNED, all_of(AGITATED, NUISANCE, topic)) == {"s": ("call.topic", "talk.signals")}
    assert held(WARNED, all_of(AGITATED, KNOWN_SIGNALS, topic)) == {"s": ("call.topic",)}


def test_rules_for_different_classes_do_not_hold_each_other() -> None:
    normal = Leaf("caller.class", Op.IS, "normal")

    assert held(all_of(NUISANCE, WARNED), all_of(normal, AGITATED)) == {}
    assert held(all_of(NUISANCE, WARNED), all_of(NUISANCE, AGITATED)) == {"s": ("talk.signals",)}


def test_the_kind_is_unknown_only_for_a_class_without_kind() -> None:
    abuse = Leaf("caller.kind", Op.IS, "abuse")
    softened = never("kinder", {Effect.NUISANCE}, WARNED, Effect.REPEAT_COMPLAINT)
    repeat = Leaf("caller.class", Op.IS, "repeat_complaint")

    assert held(NUISANCE, abuse) == {}
    assert held(NUISANCE, all_of(abuse, AGITATED)) == {"s": ("talk.signals",)}
    assert held(WARNED, abuse) == {"s": ("caller.kind",)}
    rules = a_rule("h", Effect.HANG_UP, repeat), a_rule("s", Effect.SOOTHE, abuse)
    assert holders(a_bundle(*rules)) == ()
    assert holders(a_bundle(*rules, invariants=[softened])) == (Holding(Stage.HANGUP, "h", "s", ("caller.kind",)),)


def test_an_operand_can_be_the_unknown_fact() -> None:
    more = Leaf("talk.handling_time", Op.MORE_THAN, FactRef("case.since_final"))

    assert held(WARNED, more) == {"s": ("case.since_final",)}


def test_rules_that_are_not_in_force_hold_nothing_and_need_no_list() -> None:
    assert held(WARNED, AGITATED, status=Status.SHADOW) == {}
    assert held(WARNED, AGITATED, status=Status.PILOT, pilot=Pilot(percent=10)) == {"s": ("talk.signals",)}
    draft = a_bundle(a_rule("h", Effect.HANG_UP, status=Status.DRAFT), a_rule("s", Effect.SOOTHE, AGITATED))
    assert holders(draft) == ()


def test_a_condition_too_large_to_take_apart_is_listed_rather_than_missed() -> None:
    pairs = [any_of(Leaf("call.topic", Op.IS, f"t{each}"), Leaf("call.queue", Op.IS, f"q{each}")) for each in range(9)]

    assert held(WARNED, all_of(*pairs)) == {"s": ("call.queue", "call.topic")}
    assert held(all_of(*pairs), all_of(AGITATED, KNOWN_SIGNALS, Leaf("call.topic", Op.IS, "t"))) == {
        "s": ("call.topic",)
    }


def test_a_rule_can_hold_the_standing_block() -> None:
    rule = a_rule("vip", Effect.ACCEPT, Leaf("call.topic", Op.IS, "loss"), priority=1000)

    assert holders(a_bundle(rule)) == (Holding(Stage.SCREEN, STANDING_BLOCK, "vip", ("call.topic",)),)


def test_a_standing_block_that_diverts_can_hold_a_rejection_of_who_is_nobody() -> None:
    rule = a_rule("night", Effect.REJECT, Leaf("call.hour", Op.AT_LEAST, 22))

    assert holders(a_bundle(rule)) == ()
    diverts = {"standing_block": StandingBlock(Effect.DIVERT)}
    assert holders(a_bundle(rule, settings=diverts)) == (
        Holding(Stage.SCREEN, "night", STANDING_BLOCK, ("block.covered",)),
    )


# A small world, tried out whole: host facts that anything may leave unknown, a class and a kind as `classify` makes
# them, and two counts that agents mark, known both or neither.
CATALOGUE: Final = BUILTIN.extended(
    (
        Fact("host.flag", FactType.BOOL, {}),
        Fact("host.count", FactType.INT, {}, minimum=0, maximum=3),
        Fact("host.limit", FactType.INT, {}, minimum=0, maximum=3),
    )
)
CLASSES: Final[tuple[dict[str, Value], ...]] = (
    {"caller.class": "normal"},
    {"caller.class": "repeat_complaint", "caller.kind": "after_final_result"},
    {"caller.class": "nuisance", "caller.kind": "abuse"},
)
MARKS: Final[tuple[dict[str, Value], ...]] = (
    {},
    {"talk.warnings": 0, "talk.soothings": 0},
    {"talk.warnings": 1, "talk.soothings": 0},
    {"talk.warnings": 0, "talk.soothings": 1},
    {"talk.warnings": 1, "talk.soothings": 1},
)
VALUES: Final[Mapping[str, tuple[Value, ...]]] = {
    "host.flag": (True, False),
    "host.count": (0, 1, 2, 3),
    "host.limit": (1, 2),
    "caller.kind": tuple(str(kind) for kind in Kind),
    "talk.warnings": (0, 1),
    "talk.soothings": (0, 1),
}

_marks = st.integers(0, 2)
leaves_drawn: Final[st.SearchStrategy[Condition]] = st.one_of(
    st.builds(Leaf, st.just("host.flag"), st.sampled_from([Op.IS, Op.IS_NOT, Op.KNOWN]), st.booleans()),
    st.builds(Leaf, st.just("host.count"), st.sampled_from([Op.AT_LEAST, Op.AT_MOST, Op.IS]), _marks),
    st.just(Leaf("host.count", Op.LESS_THAN, FactRef("host.limit"))),
    st.builds(Leaf, st.sampled_from(["host.count", "host.limit", "caller.kind"]), st.just(Op.KNOWN), st.booleans()),
    st.builds(Leaf, st.just("caller.class"), st.just(Op.IS), st.sampled_from(["normal", "nuisance"])),
    st.builds(Leaf, st.just("caller.kind"), st.just(Op.IS), st.sampled_from(["abuse", "after_final_result"])),
    st.builds(Leaf, st.sampled_from(["talk.warnings", "talk.soothings"]), st.just(Op.AT_LEAST), st.just(1)),
)
conditions: Final[st.SearchStrategy[Condition]] = st.recursive(
    leaves_drawn,
    lambda inner: st.builds(
        lambda node, items: node(tuple(items)),
        st.sampled_from([All, All, Any, Not]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)


def situations() -> Iterator[dict[str, Value]]:
    """Everything that can be known in the small world."""
    free = ("host.flag", "host.count", "host.limit")
    choices = [(None, *VALUES[name]) for name in free]
    for made, marks in product(CLASSES, MARKS):
        for chosen in product(*choices):
            host = {name: value for name, value in zip(free, chosen, strict=True) if value is not None}
            yield {**made, **marks, **host}


SITUATIONS: Final = tuple(situations())


def _settles(condition: Condition, values: Mapping[str, Value], fact: str) -> bool:
    """Whether the condition would be known if this fact could be compared."""
    compared = _without_known(condition, values)
    return any(truth(compared, {**values, fact: value}) is not None for value in VALUES[fact])


def _without_known(condition: Condition, values: Mapping[str, Value]) -> Condition:
    """The condition with its `known` leaves decided: what they ask is never open."""
    match condition:
        case Leaf(op=Op.KNOWN):
            return All(()) if truth(condition, values) else Any(())
        case Leaf():
            return condition
        case _:
            return type(condition)(tuple(_without_known(item, values) for item in condition.items))


@given(conditions, conditions)
def test_no_holding_is_missing_and_no_fact_of_it(restrictive: Condition, kinder: Condition) -> None:
    made = a_bundle(a_rule("h", Effect.HANG_UP, restrictive), a_rule("s", Effect.SOOTHE, kinder), catalogue=CATALOGUE)
    listed = {fact for holding in holders(made) for fact in holding.facts}

    for values in SITUATIONS:
        if truth(restrictive, values) is True and truth(kinder, values) is None:
            assert listed, values
            missing = {fact for fact in VALUES.keys() - values.keys() - listed if _settles(kinder, values, fact)}
            assert not missing, values


@given(st.lists(conditions, min_size=3, max_size=5), st.randoms(use_true_random=False))
def test_every_rule_that_holds_in_a_decision_is_listed(drawn: list[Condition], chance: AnyValue) -> None:
    effects = (Effect.HANG_UP, Effect.HANG_UP_POLITELY, Effect.WARN, Effect.SOOTHE, Effect.ESCALATE)
    made: Bundle = a_bundle(
        *(a_rule(f"r{place}", effects[place], when, priority=50 + place % 2) for place, when in enumerate(drawn)),
        catalogue=CATALOGUE,
        invariants=(),
    )
    listed = {(holding.rule, holding.holder) for holding in holders(made)}
    plan = compile_plan(made, compile_reference)

    for values in chance.sample([each for each in SITUATIONS if each["caller.class"] == "normal"], 20):
        decision = decide(plan, Snapshot(0, values), point=DecisionPoint.IN_CALL, call_id="c", decision_id="d")
        result = decision.stage(Stage.HANGUP)
        assert result is not None
        for rule in result.determining:
            if made.rule(rule).then.effect in RESTRICTIVE:
                assert {(rule, holder) for holder in result.held_by} <= listed


def test_the_small_world_has_holdings_and_discharged_ones() -> None:
    flag = Leaf("host.flag", Op.IS, True)
    count = Leaf("host.count", Op.AT_LEAST, 1)
    known = Leaf("host.count", Op.KNOWN, True)

    def listed(kinder: Condition) -> set[str]:
        made = a_bundle(a_rule("h", Effect.HANG_UP, flag), a_rule("s", Effect.SOOTHE, kinder), catalogue=CATALOGUE)
        return {fact for holding in holders(made) for fact in holding.facts}

    assert listed(count) == {"host.count"}
    assert listed(all_of(known, count)) == set()


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_rules_does_not_matter(order: int) -> None:
    rules = [a_rule(f"s{each}", Effect.SOOTHE, AGITATED) for each in range(3)][::order]
    made = a_bundle(a_rule("h", Effect.HANG_UP), *rules)

    assert [holding.holder for holding in holders(made)] == ["s0", "s1", "s2"]
