"""What the starter norm promises to the desk, the agents and the callers."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from callpolicy.check import check_bundle, holders
from callpolicy.condition import leaves
from callpolicy.errors import Severity
from callpolicy.points import RESTRICTIVE, Stage
from callpolicy.policy import By, Scenario, Status, Term
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.trials import run_scenario, try_examples

NORM = load_bundle(starter_folder())

# CJK ideographs, and the punctuation that is typed with them.
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")

# The points of NORM.md that rules can carry out; the others are for people and reports.
POINTS = {"2.1", "2.2", "2.3", "2.4", "2.5", "3.3", "3.4", "5.1", "5.2", "5.3", "5.4"}

MOST_LEAVES = 6


def every_text() -> Iterator[tuple[str, Mapping[str, str]]]:
    for rule in NORM.rules:
        yield f"title of {rule.id}", rule.title
        yield f"reason of {rule.id}", rule.because
    for invariant in NORM.invariants:
        yield f"title of {invariant.id}", invariant.title
    for script in NORM.scripts.values():
        yield f"{script.id}, caller", script.caller
        yield f"{script.id}, agent", script.agent
    for scenario in NORM.scenarios:
        yield f"title of scenario {scenario.id}", scenario.title
    for fact in NORM.catalogue:
        if fact.name.startswith(("history.", "host.")):
            yield fact.name, fact.title


def test_the_norm_is_whole() -> None:
    assert len(NORM.rules) >= 24
    assert len(NORM.scenarios) >= 20
    assert {rule.stage for rule in NORM.rules} == set(Stage)
    assert {rule.status for rule in NORM.rules} == {Status.ENFORCED}


def test_every_example_holds_and_every_leaf_has_two_in_which_it_alone_decides() -> None:
    assert [(each.code, each.message) for each in try_examples(NORM)] == []


@pytest.mark.parametrize("scenario", NORM.scenarios, ids=lambda scenario: scenario.id)
def test_every_scenario_comes_out_as_told(scenario: Scenario) -> None:
    outcome = run_scenario(NORM, scenario)

    assert [failure for step in outcome.steps for failure in step.failures] == []
    assert outcome.passed


def test_every_point_of_the_norm_that_a_rule_can_carry_out_is_carried_out() -> None:
    cited = {point for rule in NORM.rules for point in rule.norm}

    assert cited >= POINTS


def test_every_rule_can_be_read_aloud() -> None:
    lengths = {rule.id: sum(1 for _ in leaves(rule.when)) for rule in NORM.rules}

    assert {name: length for name, length in lengths.items() if length > MOST_LEAVES} == {}
    # What the system does by itself may take one more safeguard; nothing else needs more than five.
    assert [name for name, length in lengths.items() if length > MOST_LEAVES - 1] == ["burst_is_blocked_for_a_day"]


def test_every_text_is_there_in_both_languages() -> None:
    texts = dict(every_text())

    assert len(texts) > 150
    assert [where for where, text in texts.items() if set(text) != {"zh-CN", "en"}] == []


def test_every_chinese_text_is_chinese_and_no_english_one_is() -> None:
    texts = dict(every_text())

    assert [where for where, text in texts.items() if not IDEOGRAPH.search(text["zh-CN"])] == []
    assert [where for where, text in texts.items() if CHINESE.search(text["en"])] == []


def test_the_system_restricts_nobody_by_itself_but_a_burst_for_a_day() -> None:
    automatic = [rule for rule in NORM.rules if rule.then.by is By.SYSTEM and rule.then.effect in RESTRICTIVE]

    assert [(rule.id, rule.then.term) for rule in automatic] == [("burst_is_blocked_for_a_day", Term.DAY)]


def test_nothing_unknown_holds_a_hang_up() -> None:
    held = [holding for holding in holders(NORM) if holding.stage in {Stage.HANGUP, Stage.SCREEN}]

    assert held == []


def test_only_an_unknown_case_holds_the_block_of_a_burst() -> None:
    held = [holding for holding in holders(NORM) if holding.rule == "burst_is_blocked_for_a_day"]

    # Whoever may have an open case is not blocked by the system (NORM 2.4, 5.3).
    assert [(each.holder, each.facts) for each in held] == [
        ("open_case_is_not_blocked", ("case.linked", "case.status"))
    ]


def test_only_what_people_judged_counts_as_judged() -> None:
    judged = [window for window in NORM.windows if window.over == "judged"]

    assert len(judged) == 3
    for window in judged:
        allowed = dict(window.where)
        assert allowed["class"] == ("nuisance",)
        assert set(allowed["by"]) <= {"agent", "team_leader", "quality_desk"}


def test_every_rule_is_looked_at_again_in_2027() -> None:
    assert {rule.review_by.year for rule in NORM.rules} == {2027}


def test_the_norm_is_free_of_findings() -> None:
    findings = check_bundle(NORM, today=date(2026, 3, 2))

    assert [each.message for each in findings if each.severity in {Severity.ERROR, Severity.WARNING}] == []


@pytest.mark.parametrize("number", ["CN:110", "CN:119", "CN:120", "CN:122", "CN:112"])
def test_emergency_services_are_protected(number: str) -> None:
    assert number in NORM.settings.protected_numbers["emergency"]


@pytest.mark.parametrize("number", ["CN:12378", "CN:12363", "CN:12345", "CN:12315", "CN:12381", "CN:12300"])
def test_regulators_are_protected(number: str) -> None:
    assert number in NORM.settings.protected_numbers["regulator"]
