"""Complaints that come back: with and without a final result, with a new fact, and against a business rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from callpolicy.simulator import talk
from callpolicy.simulator.call import MARKS, TRANSCRIPT, VOICE, Call
from callpolicy.simulator.callers import Person
from callpolicy.simulator.plan import Evidence, Planted
from callpolicy.simulator.story import Story

_FEEDS: Final = ((MARKS, TRANSCRIPT, VOICE), (MARKS, TRANSCRIPT), (MARKS,))
# See `Truth.end_seq`.
_ENOUGH: Final = 3


def repeat_final(story: Story) -> None:
    """A complaint gets its final result; the caller keeps coming back to it all the same."""
    person, case_id = _complains(story, final=True)
    for place, at in enumerate(_returns(story)):
        call = _comes_back(story, _phone_of_today(story, person), at, "complaint")
        call.say("caller", "again")
        call.say_need()
        linked = call.record("case_linked", case_id=case_id)
        rejected = _insists(call, "explain", call.rng.randint(_ENOUGH, 5))
        _ends_unhappy(call)
        story.plant(
            call,
            planted=Planted.REPEAT_AFTER_FINAL,
            class_="repeat_complaint",
            kind="after_final_result",
            evidence=Evidence.CASE,
            # WHY not at once on the first: who asks about a result once does not keep coming back yet.
            recognise_seq=linked if place else rejected[0],
            end_seq=rejected[_ENOUGH - 1],
        )


def repeat_open(story: Story) -> None:
    """The same without a final result on record, even if an agent calls an answer final."""
    person, case_id = _complains(story, final=False)
    for at in _returns(story):
        call = _comes_back(story, person, at, "complaint")
        call.say_need()
        call.record("case_linked", case_id=case_id)
        call.say("agent", "still_open")
        _insists(call, "explain", call.rng.randint(2, 4))
        if call.chance(0.5):
            call.say("agent", "final_in_words_only")
        _ends_unhappy(call)


def reopened(story: Story) -> None:
    """A complaint has its final result; then something new comes up, and the caller is a normal one again."""
    person, case_id = _complains(story, final=True)
    for place, at in enumerate(_returns(story)):
        call = _comes_back(story, person, at, "complaint")
        if place:
            call.say_need()
            call.record("case_linked", case_id=case_id)
            call.say("agent", "still_open")
        else:
            call.record("case_linked", case_id=case_id)
            call.say("caller", "new_fact")
            call.record("new_fact")
            call.say("agent", "new_fact_taken")
        _insists(call, "explain", call.rng.randint(0, 3))
        _ends_unhappy(call)


def repeat_rule(story: Story) -> None:
    """Somebody wants what a business rule does not allow on this line, and does not take no for an answer."""
    person = story.callers.person()
    for at in _returns(story):
        call = _comes_back(story, person, at, "branch_only")
        call.say_need()
        call.say("agent", "rule")
        call.mark("refused_by_rule", topic=call.topic)
        rejected = _insists(call, "explain", call.rng.randint(_ENOUGH, 5))
        _ends_unhappy(call)
        story.plant(
            call,
            planted=Planted.REPEAT_BEYOND_RULE,
            class_="repeat_complaint",
            kind="beyond_business_rule",
            evidence=Evidence.MARKS,
            recognise_seq=rejected[0],
            end_seq=rejected[_ENOUGH - 1],
        )


def _complains(story: Story, final: bool) -> tuple[Person, str]:
    """Tell how the complaint began, and perhaps got its result: the day before or this morning."""
    person = story.callers.person().identified(story.callers)
    case_id = story.callers.case()
    at = story.arrival_yesterday(9, 17) if story.chance(0.7) else story.arrival(6, 8)
    in_two_contacts = story.chance(0.3)
    for last in (False, True) if in_two_contacts else (True,):
        call = _comes_back(story, person, at, "complaint")
        call.say_need()
        call.record("case_linked", case_id=case_id)
        if call.chance(0.4):
            call.say("caller", "angry")
            talk.soothe(call)
        talk.explain(call)
        if last and final:
            call.say("agent", "final")
            call.record("final_result")
        else:
            call.say("agent", "still_open")
        call.say("caller", "noted")
        call.wait(1, 5)
        talk.part(call)
        at = call.at + story.seconds(600, 3000)
    return person, case_id


def _returns(story: Story) -> list[int]:
    """Draw when the caller comes back: two to four times, an hour and more apart."""
    at = story.arrival(10, 13)
    times = []
    for _ in range(story.rng.randint(2, 4)):
        times.append(at)
        at += story.seconds(3600, 3 * 3600)
    return times


def _phone_of_today(story: Story, person: Person) -> Person:
    """Let the same customer use another telephone now and then."""
    return replace(person, number=story.callers.person().number) if story.chance(0.15) else person


def _comes_back(story: Story, person: Person, at: int, topic: str) -> Call:
    feeds = story.rng.choices(_FEEDS, (7, 2, 1))[0]
    call = story.call(person, at, topic, channel=story.live_channel(), feeds=feeds)
    talk.answer(call)
    return call


def _insists(call: Call, reason: str, times: int) -> list[int | None]:
    """Let the agent explain and the caller reject it, again and again; give where the rejections are marked."""
    rejected = []
    for _ in range(times):
        talk.explain(call, reason)
        rejected.append(talk.insist(call))
        if call.chance(0.2):
            call.say("caller", "angry")
            talk.soothe(call)
    return rejected


def _ends_unhappy(call: Call) -> None:
    call.wait(0.5, 5)
    talk.end(call, "agent" if call.chance(0.3) else "caller")
