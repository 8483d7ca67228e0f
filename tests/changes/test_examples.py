"""The calls that a page for team leaders tells: at the boundary and well inside, as they happen, and as both decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.changes import brief, compare_meaning
from callpolicy.changes.examples import Shown, Where, calls_of
from callpolicy.changes.narrating import call_story, outcomes
from callpolicy.condition import All, Leaf, Op
from callpolicy.engine import compile_plan, decide
from callpolicy.facts import Fact, FactType, Origin
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle, Obligation, Pilot, Rule, Script, Status, Term
from callpolicy.windows import CALLS, Measure, Window
from tests.engine.bundles import block_rule, bundle, rule

HOUR = 3_600_000_000
MINUTE = 60_000_000
WARNED = Leaf("talk.warnings", Op.AT_LEAST, 1)
OFTEN = Window("history.calls_24h", Measure.COUNT, CALLS, 24 * HOUR)
_TITLE = {"en": "calls within 24 hours", "zh-CN": "24 小时内来电次数"}
WITH_WINDOW = BUILTIN.extended([Fact(OFTEN.fact, FactType.INT, _TITLE, minimum=0, origin=Origin.HISTORY)])


def told(old: Bundle, new: Bundle) -> list[Shown]:
    return [shown for _, calls in calls_of(old, new, compare_meaning(old, new)) for shown in calls]


def hang_up(least: int) -> Rule:
    return rule("r", Effect.WARN, Leaf("talk.offences", Op.AT_LEAST, least))


def test_a_threshold_gives_a_call_at_the_boundary_and_one_well_inside() -> None:
    old, new = bundle(), bundle(hang_up(3))

    calls = told(old, new)

    assert [each.where for each in calls] == [Where.BOUNDARY, Where.INSIDE]
    assert [sum(event.name == "offence" for event in each.events) for each in calls] == [3, 5]
    assert call_story(calls[0], new, "en") == (
        "A call comes in; an agent takes it; the caller insults the agent, 3 times over."
    )
    assert call_story(calls[1], new, "zh-CN") == "来电进线；坐席接听；来电人辱骂坐席，共 5 次。"
    assert outcomes(calls[0], old, new, "en") == (
        "Until now: the agent goes on as usual. From now on: the agent warns the caller."
    )
    assert outcomes(calls[0], old, new, "zh-CN") == "原来：坐席照常服务。今后：坐席提醒来电人。"


def test_the_caller_calls_for_the_third_time_within_the_window_and_what_follows_is_told_in_its_order() -> None:
    when = All((Leaf(OFTEN.fact, Op.AT_LEAST, 2), WARNED, Leaf("talk.offences_since_warning", Op.AT_LEAST, 1)))
    old = bundle(windows=[OFTEN], catalogue=WITH_WINDOW)
    new = bundle(block_rule("b", when), windows=[OFTEN], catalogue=WITH_WINDOW)

    first = told(old, new)[0]

    assert call_story(first, new, "en") == (
        "The caller calls for the third time within 24 hours; an agent takes it; the agent warns; "
        "the caller insults the agent; the call is over."
    )
    assert call_story(first, new, "zh-CN") == (
        "来电人 24 小时内第 3 次来电；坐席接听；坐席提醒；来电人辱骂坐席；通话结束。"
    )
    assert outcomes(first, old, new, "en") == (
        "Until now: no block. From now on: the caller is blocked for a day, by the system itself."
    )


def test_another_term_is_told_as_the_two_terms() -> None:
    old, new = (bundle(block_rule("b", WARNED, term)) for term in (Term.DAY, 36 * HOUR))

    first = told(old, new)[0]

    assert outcomes(first, old, new, "en") == (
        "Until now: the caller is blocked for a day, by the system itself. "
        "From now on: the caller is blocked for 36 hours, by the system itself."
    )
    assert outcomes(first, old, new, "zh-CN") == (
        "原来：屏蔽来电人一天，由系统自动执行。今后：屏蔽来电人36 小时，由系统自动执行。"
    )


def test_what_is_noted_besides_is_told_where_nothing_else_changes() -> None:
    old, new = (bundle(rule("r", Effect.WARN, WARNED, do=do)) for do in ((), (Obligation.RECORD_CALL,)))

    first = told(old, new)[0]

    assert outcomes(first, old, new, "en") == (
        "Until now: the agent warns the caller. From now on: the agent warns the caller (record_call)."
    )
    assert "（保存录音 record_call）" in outcomes(first, old, new, "zh-CN")


@pytest.mark.parametrize(
    ("fact", "low", "boundary", "inside"),
    [("talk.handling_time", 20 * MINUTE, "20 minutes", "30 minutes"), ("talk.quiet_for", 2_000_000, "2", "4")],
)
def test_lengths_are_told_in_whole_units(fact: str, low: int, boundary: str, inside: str) -> None:
    old, new = bundle(), bundle(rule("r", Effect.ESCALATE, Leaf(fact, Op.AT_LEAST, low)))

    stories = [call_story(each, new, "en") for each in told(old, new)]

    assert len(stories) == 2
    assert boundary in stories[0]
    assert inside in stories[1]


def test_more_than_a_length_is_told_with_a_whole_second() -> None:
    old, new = bundle(), bundle(rule("r", Effect.ESCALATE, Leaf("talk.handling_time", Op.MORE_THAN, 5 * MINUTE)))

    first = told(old, new)[0]

    assert "301 seconds go by" in call_story(first, new, "en")


def test_what_no_events_make_is_told_by_its_facts_and_says_so() -> None:
    # Nothing happens on a call from which its attestation, its region and a withheld number follow together.
    when = All((Leaf("caller.withheld", Op.IS, True), Leaf("caller.region", Op.IS, "GB")))
    old, new = bundle(), bundle(rule("r", Effect.REJECT, when))
    meaning = compare_meaning(old, new)

    page = brief(old, new, meaning, "en")
    chinese = brief(old, new, meaning, "zh-CN")

    assert "No sequence of events was found that leads there" in page
    assert "region of the number, ISO 3166 alpha-2: GB, whether the number is withheld: yes" in page
    assert "未找到能走到这一步的事件序列" in chinese
    assert "号码是否隐藏：是" in chinese


def test_every_call_is_decided_as_it_is_told_by_both_norms() -> None:
    old = bundle(hang_up(2), rule("s", Effect.SOOTHE, Leaf("talk.warnings", Op.AT_LEAST, 2)))
    new = bundle(hang_up(4), rule("s", Effect.SOOTHE, Leaf("talk.warnings", Op.AT_LEAST, 2)))

    calls = told(old, new)

    assert calls
    for shown in calls:
        assert shown.old is not None
        assert shown.new is not None
        for norm, decision, result in ((old, shown.old, shown.before), (new, shown.new, shown.after)):
            assert decision.snapshot is not None
            plan = compile_plan(norm, compile_reference)
            again = decide(plan, decision.snapshot, point=DecisionPoint.IN_CALL, call_id="c", decision_id="d")
            assert again.stage(Stage.HANGUP) == result
        assert shown.before.outcome != shown.after.outcome


def test_what_to_say_is_told_with_the_values_of_that_call_in_that_language() -> None:
    script = Script("s", {"en": "warned {talk.warnings} times", "zh-CN": "提醒了 {talk.warnings} 次"}, {})
    old = bundle()
    new = replace(bundle(rule("r", Effect.WARN, Leaf("talk.warnings", Op.IS, 2), script="s")), scripts={"s": script})
    meaning = compare_meaning(old, new)

    assert "To say: “warned 2 times”" in brief(old, new, meaning, "en")
    assert "对来电人说：“提醒了 2 次”" in brief(old, new, meaning, "zh-CN")


def test_no_number_of_a_rule_is_told() -> None:
    old, new = bundle(), bundle(rule("r", Effect.REJECT, Leaf("caller.number", Op.IS, "+447700900123")))
    meaning = compare_meaning(old, new)

    pages = brief(old, new, meaning, "en") + brief(old, new, meaning, "zh-CN") + repr(told(old, new))

    assert "not put through" in pages
    assert "900123" not in pages


def test_a_change_of_what_makes_the_facts_is_not_called_none() -> None:
    when = Leaf(OFTEN.fact, Op.AT_LEAST, 2)
    old = bundle(rule("r", Effect.REJECT, when), windows=[OFTEN], catalogue=WITH_WINDOW)
    new = replace(old, windows=(replace(OFTEN, length=12 * HOUR),))

    page = brief(old, new, compare_meaning(old, new), "en")

    assert "no single call shows it; look at what recorded calls say" in page
    assert "There is no call that shows a difference." not in page


def test_a_pilot_of_a_team_is_told_too() -> None:
    pilot = rule("r", Effect.WARN, WARNED, status=Status.PILOT, pilot=Pilot(teams=("north",)))
    old, new = bundle(), bundle(pilot)

    first = told(old, new)[0]

    assert "Team: north" in call_story(first, new, "en")
