"""Changed copies of one bundle, compared in its own space, come to what a comparison of two bundles comes to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.analysis import Variants, same_decisions
from callpolicy.condition import All, Leaf, Op
from callpolicy.mutants import Fate, applied, mutants_of, run_mutants
from callpolicy.mutants.proving import Proving
from callpolicy.points import DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle, Pilot, Status
from callpolicy.testing import bundles
from tests.engine.bundles import bundle, rule

TWICE = Leaf("talk.offences", Op.AT_LEAST, 2)
ANSWERED = Leaf("talk.answered", Op.IS, True)


def with_priority(norm: Bundle, rule_id: str, priority: int) -> Bundle:
    return replace(
        norm, rules=tuple(replace(each, priority=priority) if each.id == rule_id else each for each in norm.rules)
    )


def differs(old: Bundle, new: Bundle) -> DecisionPoint | None:
    return next((point for point in DecisionPoint if same_decisions(old, new, point) is not None), None)


@settings(max_examples=40, deadline=None)
@given(bundles(), st.data())
def test_copies_are_told_apart_as_two_bundles_are(norm: Bundle, data: st.DataObject) -> None:
    mutants = mutants_of(norm)
    variants = Variants(norm)

    for mutant in data.draw(st.lists(st.sampled_from(mutants), min_size=1, max_size=4, unique=True)):
        new = applied(mutant, norm)
        found = variants.difference(new)

        assert (found.point if found else None) == differs(norm, new)


def test_one_is_asked_about_after_another_without_a_trace() -> None:
    norm = bundle(rule("often", Effect.WARN, TWICE, priority=60), rule("talk", Effect.SOOTHE, ANSWERED))
    apart = with_priority(norm, "often", 70)
    turned = with_priority(norm, "often", 10)
    variants = Variants(norm)

    assert variants.difference(apart) is None
    found = variants.difference(turned)
    assert found is not None
    assert {found.old.stage(Stage.HANGUP).outcome.effect, found.new.stage(Stage.HANGUP).outcome.effect} == {
        Effect.WARN, Effect.SOOTHE,
    }  # fmt: skip
    assert variants.difference(apart) is None


def test_a_copy_that_compares_something_else_is_compared_all_the_same() -> None:
    norm = bundle(rule("often", Effect.WARN, TWICE))
    sure = replace(norm, rules=(replace(norm.rules[0], when=All((TWICE, Leaf("talk.offences", Op.AT_LEAST, 1)))),))
    later = replace(norm, rules=(replace(norm.rules[0], when=Leaf("talk.offences", Op.AT_LEAST, 3)),))
    variants = Variants(norm)

    assert variants.difference(sure) is None
    found = variants.difference(later)
    assert found is not None
    assert dict(found.old.values) == {"talk.offences": 2}


def test_a_pilot_is_compared_all_the_same() -> None:
    norm = bundle(rule("often", Effect.WARN, TWICE))
    piloted = replace(norm, rules=(replace(norm.rules[0], status=Status.PILOT, pilot=Pilot((), ("night",), 100)),))

    assert Variants(norm).difference(piloted) is not None
    assert Variants(piloted).difference(norm) is not None
    assert Variants(piloted).difference(piloted) is None


def test_a_shadow_rule_is_none_of_what_is_decided() -> None:
    shadow = replace(rule("night", Effect.SOOTHE, Leaf("call.hour", Op.AT_LEAST, 22)), status=Status.SHADOW)
    norm = bundle(rule("often", Effect.WARN, TWICE), shadow)
    enforced = replace(norm, rules=tuple(replace(each, status=Status.ENFORCED) for each in norm.rules))

    assert Variants(norm).difference(with_priority(norm, "night", 99)) is None
    assert Variants(norm).difference(enforced) is not None


def test_each_process_has_its_own_prover_and_all_say_the_same() -> None:
    calm = rule("calm", Effect.CONTINUE, Leaf("talk.offences", Op.AT_MOST, 1))
    norm = bundle(rule("often", Effect.WARN, TWICE, priority=60), calm)

    alone, in_two = (run_mutants(norm, equivalent=Proving, jobs=jobs) for jobs in (1, 2))

    # WHY not the calls that tell survivors: the solver may find one as well as another.
    assert [(each.mutant_id, each.fate) for each in alone.results] == [
        (each.mutant_id, each.fate) for each in in_two.results
    ]
    swapped = next(each for each in alone.results if each.mutant_id == "priority:calm:above the next")
    assert swapped.fate is Fate.EQUIVALENT
    assert alone.count(Fate.NOT_ASKED) == 0
