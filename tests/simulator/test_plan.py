"""What is asked for is what comes."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from callpolicy.simulator import Day, Evidence, Persona, Plan, Planted, simulate
from callpolicy.simulator.callers import Callers
from tests.simulator.days import MONDAY, NO_TRAITS, NOBODY, Calls, calls_of

HOUR = 3_600_000_000
# 2026-03-02T00:00:00+08:00
MIDNIGHT = 1_772_380_800_000_000


def plan(**asked: Any) -> Plan:
    return Plan(11, MONDAY, **{**NOBODY, **asked})


def test_nothing_planned_is_nothing_made() -> None:
    assert simulate(plan()) == Day((), {})


@pytest.mark.parametrize(
    ("count", "persona"),
    [
        ("switchboards", Persona.SWITCHBOARD),
        ("dropped_redials", Persona.DROPPED_REDIAL),
        ("impatient", Persona.IMPATIENT),
        ("silent", Persona.SILENT),
        ("reopened", Persona.REOPENED),
        ("repeat_open", Persona.RETURNS_WITHOUT_FINAL),
        ("protected", Persona.PROTECTED),
        ("internal_tests", Persona.INTERNAL_TEST),
        ("bursts", Persona.BURST),
        ("persistent_abuse", Persona.PERSISTENT_ABUSER),
        ("anonymous_abuse", Persona.ANONYMOUS_ABUSER),
        ("repeat_final", Persona.RETURNS_AFTER_FINAL),
        ("repeat_rule", Persona.WANTS_BEYOND_RULE),
    ],
)
def test_a_count_is_so_many_stories_of_that_persona_and_no_other(count: str, persona: Persona) -> None:
    made = simulate(plan(**{count: 3}))

    assert {truth.persona for truth in made.truth.values()} == {persona}
    assert len({truth.story for truth in made.truth.values()}) == 3


def test_the_default_plan_plants_twenty_of_each_kind(day: Day) -> None:
    planted = Counter(kind for kind, _ in {(truth.planted, truth.story) for truth in day.truth.values()})

    assert all(planted[kind] >= 20 for kind in Planted)


def test_shares_of_normal_callers_are_honoured(day: Day) -> None:
    stories = {truth.story: truth.persona for truth in day.truth.values()}
    share = Counter(stories.values())

    # Of 1,500 with shares 0.08, 0.08, 0.03, 0.03, 0.02, each within four standard deviations.
    assert abs(share[Persona.ASKS_AGAIN] - 120) < 42
    assert abs(share[Persona.ANGRY] - 120) < 42
    assert abs(share[Persona.SWEARS_ONCE] - 45) < 27
    assert abs(share[Persona.ACCEPTS_REFUSAL] - 45) < 27
    assert abs(share[Persona.LONG_CALL] - 30) < 22


def test_shares_of_channels_and_languages_are_honoured() -> None:
    made = calls_of(simulate(plan(normal_callers=1000, chat_share=0.3, mail_share=0.2, english_share=0.4, **NO_TRAITS)))

    channels = Counter(events[0]["channel"] for events in made.values())
    languages = Counter(events[0]["language"] for events in made.values())

    # Four standard deviations of 1,000 draws are at most 63.
    assert abs(channels["chat"] - 300) < 63
    assert abs(channels["mail"] - 200) < 63
    assert abs(languages["en"] - 400) < 63


def test_the_share_of_offences_that_nobody_marks_is_exact(day: Day) -> None:
    evidence = {
        truth.story: truth.evidence for truth in day.truth.values() if truth.persona == Persona.PERSISTENT_ABUSER
    }

    assert Counter(evidence.values()) == {Evidence.MARKS: 15, Evidence.TRANSCRIPT: 5}


def test_a_share_of_the_numbers_is_written_in_another_form() -> None:
    made = calls_of(
        simulate(plan(normal_callers=300, english_share=0, other_form_share=0.5, chat_share=0, mail_share=0))
    )

    numbers = [number for events in made.values() if (number := events[0]["number"]) not in {None, "anonymous"}]
    other = [number for number in numbers if not number.startswith("+") or " " in number]

    assert 0.35 < len(other) / len(numbers) < 0.65


def test_a_plan_of_one_day_begins_the_day_before_and_ends_early_the_day_after(calls: Calls) -> None:
    offers = [events[0]["at"] for events in calls.values()]
    main = [at for at in offers if MIDNIGHT <= at < MIDNIGHT + 24 * HOUR]

    assert all(MIDNIGHT - 24 * HOUR <= at < MIDNIGHT + 28 * HOUR for at in offers)
    assert len(main) > 0.9 * len(offers)


def test_several_days_have_their_stories_each_and_people_call_again() -> None:
    made = simulate(plan(normal_callers=100, bursts=2, days=3))

    per_day = Counter(
        (events[0]["at"] - MIDNIGHT) // (24 * HOUR)
        for call_id, events in calls_of(made).items()
        if made.truth[call_id].persona == Persona.BURST
    )
    callers: dict[str, set[str]] = {}
    for truth in made.truth.values():
        if truth.planted == Planted.NONE:
            callers.setdefault(truth.caller_key, set()).add(truth.story.split("/")[1])

    assert sorted(per_day) == [0, 1, 2]
    assert sum(len(days) > 1 for days in callers.values()) > 20


def test_the_day_begins_at_local_midnight_of_the_zone() -> None:
    shanghai, berlin = (simulate(plan(normal_callers=50, zone=zone)) for zone in ("Asia/Shanghai", "Europe/Berlin"))

    # +08:00 and, in March before the change, +01:00: the same day, seven hours later.
    assert [e["at"] + 7 * HOUR for e in shanghai.events] == [e["at"] for e in berlin.events]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"bursts": -1}, "`bursts` is -1, less than 0"),
        ({"chat_share": 1.5}, "`chat_share` is 1.5, not in [0, 1]"),
        ({"mail_share": float("nan")}, "`mail_share` is nan, not in [0, 1]"),
        ({"days": 0}, "`days` is 0, less than 1"),
        ({"chat_share": 0.6, "mail_share": 0.6}, "`chat_share` and `mail_share` add up to more than 1"),
        ({"angry_share": 0.6, "long_call_share": 0.6}, "the shares of the normal callers add up to more than 1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        plan(**asked)

    assert str(refused.value) == message


def test_more_callers_than_there_are_numbers_are_refused_with_a_hint() -> None:
    callers = Callers(Random(1), english_share=0)

    # 40,000 synthetic numbers of the mainland, 5,000 others.
    given = {callers.person().number for _ in range(40_000)}

    assert len(given) == 40_000
    with pytest.raises(ValueError, match="plan fewer days or callers"):
        _ = [callers.person() for _ in range(5_001)]
