"""What a scenario expects of one stage kills mutants that leave the decision as it is and change its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.mutants import Fate, Proving, run_mutants
from callpolicy.mutants.deciding import expected_of
from callpolicy.points import Effect, Kind, Stage
from callpolicy.policy import Bundle, Example, Obligation, Scenario, ScenarioStep
from callpolicy.rulefile import starter_norm
from tests.check.making import a_bundle, a_rule
from tests.runtime.norms import NUMBER, SECOND, START

DOCS = Path(__file__).parents[2] / "docs"
OFFENDED = Leaf("talk.offences", Op.AT_LEAST, 1)
SHOWN = (Example("one", {"talk.offences": 1}, "match"), Example("none", {"talk.offences": 0}, "no_match"))


def norm(expect: Mapping[str, object]) -> Bundle:
    """An offence is a nuisance and is warned; the class and the warning both ask for a record of the call."""
    record = [Obligation.RECORD_CALL]
    rules = (
        a_rule("marked", Effect.NUISANCE, OFFENDED, kind=Kind.ABUSE, do=record, priority=60, examples=SHOWN),
        a_rule("marked_too", Effect.NUISANCE, OFFENDED, kind=Kind.ABUSE, priority=50, examples=SHOWN),
        a_rule("warn", Effect.WARN, OFFENDED, do=record, examples=SHOWN),
    )
    steps = (
        ScenarioStep(0, "c1", "offered", {}, {}),
        ScenarioStep(SECOND, "c1", "answered", {"agent": "li"}, {}),
        ScenarioStep(2 * SECOND, "c1", "offence", {"kind": "abuse"}, expect),
    )
    calls = {"c1": {"number": NUMBER, "feeds": frozenset({"agent_marks"})}}
    scenario = Scenario("a_call", {"zh-CN": "通话", "en": "a call"}, START, calls, steps)
    return replace(a_bundle(*rules), scenarios=(scenario,))


WHOLE: Mapping[str, object] = {
    "effect": "warn", "class": "nuisance", "kind": "abuse", "determining": ("warn",), "obligations": ("record_call",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "owner", "stages"),
    [
        ("obligation_dropped", "warn", {Stage.HANGUP: {"obligations": ("record_call",)}}),
        ("obligation_dropped", "marked", {Stage.CLASSIFY: {"obligations": ("record_call",)}}),
        ("priority", "marked", {Stage.CLASSIFY: {"determining": ("marked",)}}),
    ],
)
def test_what_is_expected_of_a_stage_kills_what_the_whole_decision_does_not_show(
    operator: str, owner: str, stages: Mapping[Stage, Mapping[str, object]]
) -> None:
    unnoticed = run_mutants(norm(WHOLE), operators=[operator], owners=[owner])
    noticed = run_mutants(norm({**WHOLE, "stages": stages}), operators=[operator], owners=[owner])

    assert {each.fate for each in unnoticed.results} == {Fate.SURVIVED}
    assert {(each.fate, each.by) for each in noticed.results} == {(Fate.KILLED, "scenario `a_call`")}


def test_what_is_expected_of_another_stage_kills_nothing() -> None:
    stages = {Stage.CLASSIFY: {"obligations": ("record_call",)}}

    report = run_mutants(norm({**WHOLE, "stages": stages}), operators=["obligation_dropped"], owners=["warn"])

    assert [each.fate for each in report.results] == [Fate.SURVIVED]


def test_what_a_step_expects_of_stages_is_told_by_stage_and_key() -> None:
    stages = {Stage.CLASSIFY: {"class": "normal"}, Stage.HANGUP: {"effect": "warn", "held_by": ()}}

    assert expected_of({"effect": "warn", "stages": stages}) == (
        "effect", "stages", "classify.class", "hangup.effect", "hangup.held_by",
    )  # fmt: skip
    assert expected_of({}) == ()


def test_each_stage_that_records_a_repeated_topic_is_watched() -> None:
    # NORM 2.5: the same caller about the same thing within 24 hours is counted.
    report = run_mutants(starter_norm(), operators=["obligation_dropped"], owners=["same_topic_again"])

    assert {each.fate for each in report.results} == {Fate.KILLED}


@pytest.mark.fuzz
@pytest.mark.parametrize("page", ["mutation.md", "mutation.zh-CN.md"])
def test_the_page_tells_what_becomes_of_the_mutants_of_the_starter_norm(page: str) -> None:
    report = run_mutants(starter_norm(), equivalent=Proving)

    counts = [report.count(fate) for fate in (Fate.KILLED, Fate.EQUIVALENT, Fate.SURVIVED, Fate.NOT_ASKED)]
    row = " | ".join(map(str, (len(report.results), *counts)))
    text = (DOCS / page).read_text("utf-8")
    assert f"| {row} | {int(report.killed_percent * 10) / 10} % |" in text
    assert [
        each.owner for each in report.survivors if each.operator == "priority" and f"`{each.owner}`" not in text
    ] == []
