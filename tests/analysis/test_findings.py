"""What is found is what there is: compared with trying every call, and shown on faults that people make."""

from __future__ import annotations

from typing import Any as AnyValue

import pytest

from callpolicy.analysis.findings import Found, analyse
from callpolicy.condition import All, FactRef, Leaf, Op
from callpolicy.points import Effect, Kind, Stage
from callpolicy.policy import Pilot, Rule, Status, Term
from callpolicy.rulefile import starter_norm
from tests.analysis.making import Maker
from tests.analysis.naive import Named, naive_findings
from tests.engine.bundles import bundle, rule

BUNDLES = 500
LANES = 10
OFTEN = Leaf("talk.offences", Op.AT_LEAST, 2)


def named(found: Found) -> Named:
    # WHY without rules: which rules a witness shows is for the witness to say.
    rules = () if found.code == "hang-up-without-warning" else found.rules
    return found.code, rules, found.subject


def compare(first: int, number: int) -> set[str]:
    codes: set[str] = set()
    for seed in range(first, first + number):
        made = Maker(seed).bundle()
        came = analyse(made)
        found = {named(each) for each in came.findings if each.code not in {"depends-on", "term-without-end"}}
        assert came.unsupported == ()
        assert found == naive_findings(made), f"seed {seed}"
        codes |= {each.code for each in came.findings}
    return codes


@pytest.mark.parametrize("lane", range(LANES))
def test_nothing_is_missed_and_nothing_is_a_false_alarm_on_random_bundles(lane: int) -> None:
    codes = compare(lane * BUNDLES // LANES, BUNDLES // LANES)

    assert codes >= {"never-matches", "shadowed", "conflict", "unreachable-effect", "class-never-given", "gap"}


@pytest.mark.fuzz
@pytest.mark.parametrize("lane", range(10))
def test_nothing_is_missed_and_nothing_is_a_false_alarm_on_many_more_bundles(lane: int) -> None:
    assert compare(10_000 + lane * 1_000, 1_000)


def test_the_starter_norm_has_no_finding() -> None:
    came = analyse(starter_norm())

    assert came.findings == ()
    assert came.unsupported == ()


def codes(*rules: Rule, **more: AnyValue) -> set[tuple[str, tuple[str, ...], str]]:
    return {
        (each.code, each.rules, each.subject)
        for each in analyse(bundle(*rules, **more)).findings
        if each.code not in {"class-never-given"}
    }


def test_a_rule_whose_condition_excludes_itself_never_matches() -> None:
    never = All((OFTEN, Leaf("talk.offences", Op.AT_MOST, 1)))

    assert ("never-matches", ("soft",), "") in codes(rule("soft", Effect.WARN, never))


def test_a_relation_between_facts_makes_a_rule_impossible() -> None:
    more = Leaf("talk.offences_since_warning", Op.MORE_THAN, FactRef("talk.offences"))

    assert ("never-matches", ("soft",), "") in codes(rule("soft", Effect.WARN, more))


def test_a_rule_below_one_that_matches_whenever_it_does_is_shadowed() -> None:
    above = rule("above", Effect.SOOTHE, OFTEN, priority=60)
    below = rule("below", Effect.WARN, Leaf("talk.offences", Op.AT_LEAST, 3), priority=50)

    assert codes(above, below) == {("shadowed", ("below", "above"), ""), ("unreachable-effect", ("below",), "warn")}


def test_two_rules_that_say_the_same_in_other_words_are_duplicates() -> None:
    again = Leaf("talk.offences", Op.MORE_THAN, 1)

    assert codes(rule("a", Effect.WARN, OFTEN), rule("b", Effect.WARN, again)) == {("duplicate", ("a", "b"), "")}


def test_a_class_for_which_no_rule_says_what_to_do_is_a_gap() -> None:
    abusive = rule("abusive", Effect.NUISANCE, OFTEN, kind=Kind.ABUSE)

    assert ("gap", (), "abuse") in codes(abusive)
    assert ("gap", (), "abuse") not in codes(abusive, rule("warn", Effect.WARN, OFTEN))


def test_a_block_without_an_end_is_shown() -> None:
    barred = rule("barred", Effect.PROPOSE_BLOCK, OFTEN, term=Term.PERMANENT)

    assert codes(barred) == {("term-without-end", ("barred",), "")}


def test_a_fact_that_cannot_be_known_yet_is_named() -> None:
    early = rule("early", Effect.REJECT, OFTEN)

    assert ("asked-too-early", ("early",), "talk.offences") in codes(early)


@pytest.mark.parametrize("fact", ["talk.agent", "call.language"])
def test_an_effect_that_depends_on_who_the_agent_is_or_how_the_caller_speaks_is_shown(fact: str) -> None:
    (found,) = [
        each
        for each in analyse(bundle(rule("biased", Effect.WARN, All((OFTEN, Leaf(fact, Op.IS, "x")))))).findings
        if each.code == "depends-on"
    ]

    assert (found.subject, found.rules) == (fact, ("biased",))
    assert found.witness is not None
    assert found.other is not None
    same = {name: value for name, value in found.witness.values.items() if name != fact}
    assert same == {name: value for name, value in found.other.values.items() if name != fact}
    effects = {each.stage(Stage.HANGUP).outcome.effect for each in (found.witness, found.other)}
    assert effects == {Effect.WARN, Effect.CONTINUE}


def test_where_a_pilot_runs_is_declared_and_no_dependence() -> None:
    own = rule("piloted", Effect.WARN, OFTEN, status=Status.PILOT, pilot=Pilot(teams=("north",)))

    assert {code for code, _, _ in codes(own)} == set()


def test_every_finding_is_a_sentence_in_both_languages() -> None:
    never = All((OFTEN, Leaf("talk.offences", Op.AT_MOST, 1)))

    (found,) = [each for each in analyse(bundle(rule("soft", Effect.WARN, never))).findings if each.rules == ("soft",)][
        :1
    ]

    assert found.sentence["en"] == "rule `soft` can never match: no possible call fulfils its condition"
    assert found.sentence["zh-CN"] == "规则 `soft` 永远不会命中：没有任何来电能满足它的条件"
