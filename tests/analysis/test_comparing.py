"""Two bundles decide the same on every snapshot, or a call tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from callpolicy.analysis import Encoded, UnsupportedBundleError, beyond_snapshots, same_decisions
from callpolicy.condition import All, FactRef, Leaf, Op
from callpolicy.facts import FactType, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle, Pilot, Status
from callpolicy.rulefile import starter_norm
from callpolicy.windows import Window
from tests.analysis.making import Maker, every_snapshot
from tests.engine.bundles import bundle, rule

IN_CALL = DecisionPoint.IN_CALL
TWICE = Leaf("talk.offences", Op.AT_LEAST, 2)
THREE_TIMES = Leaf("talk.offences", Op.AT_LEAST, 3)


def changed(norm: Bundle, rule_id: str, **fields: object) -> Bundle:
    return replace(
        norm,
        rules=tuple(replace(each, **fields) if each.id == rule_id else each for each in norm.rules),  # type: ignore[arg-type]  # fields of a rule
    )


def test_a_threshold_that_is_moved_by_one_gives_exactly_that_boundary() -> None:
    old, new = bundle(rule("often", Effect.WARN, TWICE)), bundle(rule("often", Effect.WARN, THREE_TIMES))

    found = same_decisions(old, new, IN_CALL)

    assert found is not None
    assert (found.stage, dict(found.old.values)) == (Stage.HANGUP, {"talk.offences": 2})
    assert found.old.stage(Stage.HANGUP).outcome.effect is Effect.WARN
    assert found.new.stage(Stage.HANGUP).outcome.effect is Effect.CONTINUE


def test_another_way_to_say_the_same_is_proved_equal() -> None:
    old = bundle(rule("often", Effect.WARN, TWICE))
    new = bundle(rule("often", Effect.WARN, Leaf("talk.offences", Op.MORE_THAN, 1)))

    assert same_decisions(old, new, IN_CALL) is None


def test_what_is_unknown_counts_as_a_difference() -> None:
    sure = All((Leaf("talk.offences", Op.KNOWN, True), TWICE))
    kinder = rule("calm", Effect.CONTINUE, TWICE, priority=60)
    sterner = rule("warn", Effect.WARN, Leaf("talk.answered", Op.IS, True))
    old, new = bundle(kinder, sterner), bundle(replace(kinder, when=sure), sterner)

    found = same_decisions(old, new, IN_CALL)

    assert found is not None
    assert dict(found.old.values) == {"talk.answered": True}


def test_a_relation_between_facts_is_respected() -> None:
    more_since = Leaf("talk.offences_since_warning", Op.MORE_THAN, FactRef("talk.offences"))

    assert same_decisions(bundle(), bundle(rule("never", Effect.WARN, more_since)), IN_CALL) is None


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SHADOW, Status.RETIRED])
def test_a_rule_that_is_not_in_force_decides_nothing(status: Status) -> None:
    assert same_decisions(bundle(), bundle(rule("often", Effect.WARN, TWICE, status=status)), IN_CALL) is None


def test_a_renamed_and_reordered_norm_is_the_same_but_for_the_names() -> None:
    norm = starter_norm()
    renamed = replace(norm, rules=tuple(replace(each, id=f"x_{each.id}") for each in reversed(norm.rules)))

    for point in DecisionPoint:
        assert same_decisions(norm, renamed, point, determining=False) is None
        found = same_decisions(norm, renamed, point)
        assert found is not None
        assert found.old.stage(found.stage).outcome == found.new.stage(found.stage).outcome


def test_another_obligation_and_another_script_are_differences() -> None:
    norm = starter_norm()
    warned = norm.rule("warn_nuisance")

    no_record = changed(norm, "nuisance_persists_after_warning", obligations=())
    other_text = changed(norm, "warn_nuisance", then=replace(warned.then, script="warning.out_of_scope"))

    assert same_decisions(norm, no_record, IN_CALL) is not None
    assert same_decisions(norm, other_text, IN_CALL) is not None
    assert same_decisions(norm, other_text, DecisionPoint.OFFERED) is None


def test_shares_of_a_pilot_differ_by_a_caller_whom_the_hash_chooses() -> None:
    def norm(percent: int) -> Bundle:
        own = rule("half", Effect.WARN, TWICE, status=Status.PILOT, pilot=Pilot(percent=percent))
        return bundle(own)

    found = same_decisions(norm(20), norm(60), IN_CALL)

    assert found is not None
    assert found.old.confirmed
    assert found.old.values["talk.offences"] == 2
    assert found.new.stage(Stage.HANGUP).outcome.effect is Effect.WARN
    assert same_decisions(norm(20), norm(20), IN_CALL) is None


def test_a_caller_whom_a_rule_names_is_chosen_as_his_hash_says() -> None:
    named = All((TWICE, Leaf("caller.customer", Op.IS, "C-7")))
    norm = bundle(rule("half", Effect.WARN, named, status=Status.PILOT, pilot=Pilot(percent=50)))
    encoded = Encoded(norm, IN_CALL)

    possible = encoded.find(encoded.stage(Stage.HANGUP).effect_is(Effect.WARN)) is not None

    decided = encoded.decide({"talk.offences": 2, "caller.customer": "C-7"})
    assert possible is (decided.main.outcome.effect is Effect.WARN)


def test_what_cannot_be_held_is_said() -> None:
    wrong = Leaf("talk.offences", Op.AT_LEAST, FactRef("call.queue"))

    with pytest.raises(UnsupportedBundleError, match="different types"):
        same_decisions(bundle(), bundle(rule("odd", Effect.WARN, wrong)), IN_CALL)


def test_a_fact_that_is_declared_in_two_ways_is_said() -> None:
    other = BUILTIN["call.hour"]
    catalogue = type(BUILTIN)(
        [replace(each, maximum=30) if each.name == other.name else each for each in BUILTIN], BUILTIN.relations
    )
    late = rule("late", Effect.WARN, Leaf("call.hour", Op.AT_LEAST, 22))
    later = rule("late", Effect.WARN, Leaf("call.hour", Op.AT_LEAST, 23))

    with pytest.raises(UnsupportedBundleError, match=r"call\.hour"):
        same_decisions(bundle(late), bundle(later, catalogue=catalogue), IN_CALL)


def test_what_makes_the_facts_is_named_apart() -> None:
    norm = starter_norm()
    first, *others = norm.windows
    longer = replace(norm, windows=(replace(first, length=(first.length or 0) + 1), *others))

    assert beyond_snapshots(norm, norm) == ()
    assert beyond_snapshots(norm, longer) == ("windows",)
    assert isinstance(first, Window)
    assert BUILTIN["talk.warnings"].type is FactType.INT


def test_the_solver_and_every_snapshot_agree_on_random_pairs() -> None:
    same = 0
    for seed in range(25):
        maker = Maker(seed)
        old = maker.bundle()
        new = changed(old, old.rules[0].id, when=maker.condition(old.rules[0].stage))
        found = same_decisions(old, new, IN_CALL)
        one, other = Encoded(old, IN_CALL), Encoded(new, IN_CALL)
        names = {fact.name for each in (one, other) for fact in each.space.facts}
        expected = any(
            _shown(one, values) != _shown(other, values)
            for values in every_snapshot(names - {"caller.class", "caller.kind"})
        )
        assert (found is not None) is expected, f"seed {seed}"
        same += found is None
    assert 3 < same < 22


def _shown(encoded: Encoded, values: Mapping[str, Value]) -> list[tuple[object, ...]]:
    stages = encoded.decide(values).stages
    return [(each.outcome, each.obligations, each.determining) for each in stages]
