"""Callers of whom nothing is to be found: those with an ordinary need, and those who only look otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from callpolicy.simulator import talk
from callpolicy.simulator.call import MINUTE, Call
from callpolicy.simulator.callers import EXTENSIONS, PROTECTED_NUMBERS, Person
from callpolicy.simulator.plan import Persona
from callpolicy.simulator.story import ALL_FEEDS, ORDINARY_TOPICS, Story

_ABANDONED: Final = 0.04
_SHOUTS: Final = (1, 2, 2, 3)
_WITHHELD: Final = 0.02
_MISSING: Final = 0.01
_REGULAR: Final = 0.6


def normal(story: Story) -> None:
    """Somebody with an ordinary need, of one of the traits that the plan gives shares of."""
    story.persona = _trait(story)
    person = _somebody(story)
    topic = story.rng.choice(ORDINARY_TOPICS)
    match story.persona:
        case Persona.ASKS_AGAIN:
            _asks_again(story, person, topic)
        case Persona.ANGRY:
            _angry(story.call(person, story.arrival(), topic, channel=story.channel()), story)
        case Persona.SWEARS_ONCE:
            _swears_once(story.call(person, story.arrival(), topic, channel=story.live_channel()))
        case Persona.ACCEPTS_REFUSAL:
            _accepts_refusal(story.call(person, story.arrival(), "branch_only", channel=story.channel()))
        case Persona.LONG_CALL:
            _takes_long(story.call(person, story.arrival(), topic))
        case _:
            call = story.call(person, story.arrival(), topic, channel=story.channel())
            if call.channel == "phone" and call.chance(_ABANDONED):
                talk.abandon(call, 20, 400)
            else:
                _ordinary(call)


def switchboard(story: Story) -> None:
    """A company number: many people, each with an own need, over the working day."""
    line = story.callers.company()
    for _ in range(story.rng.randint(10, 40)):
        person = story.callers.colleague(line)
        call = story.call(person, story.arrival(8, 18), story.rng.choice(ORDINARY_TOPICS))
        if call.chance(_ABANDONED):
            talk.abandon(call, 20, 200)
        else:
            _ordinary(call)


def dropped_redial(story: Story) -> None:
    """Somebody whose line fails again and again, until the last call goes through."""
    person = story.callers.person()
    topic = story.rng.choice(ORDINARY_TOPICS)
    at = story.arrival(7, 21)
    for _ in range(story.rng.randint(2, 5)):
        call = story.call(person, at, topic)
        if call.chance(0.7):
            talk.answer(call)
            if call.chance(0.5):
                call.say_need()
            call.wait(0.5, 8)
        else:
            call.wait(1, 10)
        talk.fail(call)
        at = call.at + story.seconds(4, 70)
    call = story.call(person, at, topic)
    talk.answer(call)
    call.say("caller", "cut_off")
    _serve(call)


def impatient(story: Story) -> None:
    """Somebody who gives up in the queue a few times before being answered."""
    person = story.callers.person()
    topic = story.rng.choice(ORDINARY_TOPICS)
    at = story.arrival(8, 20)
    for _ in range(story.rng.randint(2, 4)):
        call = story.call(person, at, topic)
        talk.abandon(call, 5, 120)
        at = call.at + story.seconds(20, 400)
    call = story.call(person, at, topic)
    talk.answer(call)
    if call.chance(0.5):
        call.say("caller", "angry")
        talk.soothe(call)
    _serve(call)


def silent(story: Story) -> None:
    """Somebody whom nobody hears: a pocket, a broken microphone, somebody who cannot speak."""
    person = story.callers.person()
    at = story.arrival(7, 21)
    for _ in range(story.rng.choice((1, 1, 2))):
        call = story.call(person, at, story.rng.choice(ORDINARY_TOPICS), feeds=ALL_FEEDS)
        talk.answer(call)
        for _ in range(story.rng.randint(1, 3)):
            call.quiet(4, 12)
            call.say("agent", "hello")
        call.quiet(2.5, 10)
        talk.end(call, "agent" if call.chance(0.6) else "caller")
        at = call.at + story.seconds(30, 3600)


def protected(story: Story) -> None:
    """An emergency or supervisory line that calls often, at times several times in a row."""
    number = PROTECTED_NUMBERS[story.index % len(PROTECTED_NUMBERS)]
    at = story.arrival(8, 11)
    for _ in range(story.rng.randint(6, 14)):
        call = story.call(story.callers.on_short_number(number), at, "official")
        talk.answer(call)
        _serve(call)
        at = call.at + (story.seconds(10, 60) if call.chance(0.4) else story.seconds(600, 3600))


def internal_test(story: Story) -> None:
    """A round of test calls from an extension of the centre itself."""
    person = story.callers.on_short_number(EXTENSIONS[story.index % len(EXTENSIONS)])
    at = story.arrival(7, 20)
    for _ in range(story.rng.randint(3, 6)):
        call = story.call(person, at, "line_test", feeds=ALL_FEEDS)
        talk.answer(call)
        call.say_need()
        call.wait(0.5, 4)
        if call.chance(0.2):
            talk.fail(call)
        else:
            talk.end(call, "caller")
        at = call.at + story.seconds(5, 40)


def _trait(story: Story) -> Persona:
    drawn = story.rng.random()
    for persona, share in story.plan.traits():
        if drawn < share:
            return persona
        drawn -= share
    return Persona.NORMAL


def _somebody(story: Story) -> Person:
    regulars = story.world.regulars
    if story.world.day > story.plan.day and regulars and story.chance(_REGULAR):
        return story.rng.choice(regulars)
    drawn = story.rng.random()
    if drawn < _WITHHELD:
        return story.callers.withheld()
    person = story.callers.person()
    if drawn < _WITHHELD + _MISSING:
        return replace(person, number=None)
    regulars.append(person)
    return person


def _ordinary(call: Call) -> None:
    talk.answer(call)
    _serve(call)


def _serve(call: Call) -> None:
    talk.ask(call)
    talk.work(call, call.rng.choice((0, 1, 1, 2, 2, 3)))
    talk.complete(call)


def _asks_again(story: Story, person: Person, topic: str) -> None:
    # INVARIANT: every further call comes within 24 hours of the first (NORM 2.5).
    if story.chance(0.3):
        first = story.call(person, story.arrival_yesterday(15, 20), topic, channel=story.live_channel())
        at = story.arrival(8, 12)
    else:
        first = story.call(person, story.arrival(7, 12), topic, channel=story.live_channel())
        at = 0
    _ordinary(first)
    for _ in range(story.rng.choice((1, 1, 1, 2))):
        at = at or story.calls[-1].at + story.seconds(20 * 60, 4 * 3600)
        call = story.call(person, at, topic, channel=story.live_channel())
        talk.answer(call)
        call.say("caller", "again")
        _serve(call)
        at = 0


def _angry(call: Call, story: Story) -> None:
    talk.answer(call)
    call.say_need()
    for _ in range(story.rng.choice(_SHOUTS)):
        call.say("caller", "angry")
        talk.soothe(call)
    if call.chance(0.3):
        call.record("case_linked", case_id=story.callers.case())
        talk.explain(call)
        if call.chance(0.5):
            talk.insist(call)
            talk.explain(call)
        if call.chance(0.5):
            call.say("agent", "final")
            call.record("final_result")
    if call.chance(0.2):
        talk.escalate(call, "team_leader")
    call.say("caller", "calmer")
    talk.work(call, 1)
    talk.complete(call)


def _swears_once(call: Call) -> None:
    talk.answer(call)
    talk.ask(call)
    call.say("caller", "swear")
    if call.chance(0.5):
        call.mark("offence", kind="abuse", by="agent")
    talk.soothe(call)
    if call.chance(0.6):
        talk.warn(call)
    call.say("caller", "correct")
    talk.work(call, 1)
    talk.complete(call)


def _accepts_refusal(call: Call) -> None:
    talk.answer(call)
    call.say_need()
    call.say("agent", "rule")
    call.mark("refused_by_rule", topic=call.topic)
    talk.explain(call)
    if call.chance(0.3):
        talk.insist(call)
        talk.explain(call)
    call.say("caller", "accept")
    talk.complete(call)


def _takes_long(call: Call) -> None:
    talk.answer(call)
    talk.ask(call)
    until = call.at + call.rng.randint(30, 70) * MINUTE
    tick_at = call.at + 10 * MINUTE
    escalated = False
    while call.at < until:
        talk.hold(call, 120, 540)
        call.say("agent", "check")
        call.say("caller", "go_ahead")
        call.wait(30, 120)
        if call.at >= tick_at:
            call.record("tick", facts={})
            tick_at = call.at + 10 * MINUTE
        if not escalated and until - call.at < 10 * MINUTE:
            talk.escalate(call, "team_leader")
            escalated = True
    talk.work(call, 2)
    talk.complete(call)
