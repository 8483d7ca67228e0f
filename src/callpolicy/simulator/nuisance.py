"""Nuisance that was planted: bursts from one number, and abuse that goes on after a warning."""

from __future__ import annotations

from typing import Final

from callpolicy.simulator import talk
from callpolicy.simulator.call import MARKS, TRANSCRIPT, Call
from callpolicy.simulator.plan import Evidence, Planted
from callpolicy.simulator.story import ALL_FEEDS, ORDINARY_TOPICS, Story

# What counts as a burst that people judged too; see `Truth.recognise_seq`.
_CALLS_BEFORE: Final = 9
_JUDGED_BEFORE: Final = 2
_JUDGED_SHARE: Final = 0.35
# What is said, by kind, and how often each kind is planted.
_OFFENDING: Final = {"abuse": "abuse", "harassment": "harass", "out_of_scope": "off_topic"}
_KIND_WEIGHTS: Final = (7, 2, 1)


def burst(story: Story) -> None:
    """One number that calls 15 to 60 times in minutes for nothing; agents judge some of the calls."""
    line = story.callers.person()
    at = story.arrival(8, 20)
    judged_at: list[int] = []
    for place in range(story.rng.randint(15, 60)):
        call = story.call(line, at, story.rng.choice(ORDINARY_TOPICS), feeds=ALL_FEEDS)
        known = place >= _CALLS_BEFORE and sum(when < at for when in judged_at) >= _JUDGED_BEFORE
        story.plant(
            call,
            planted=Planted.BURST,
            class_="nuisance",
            kind="harassment",
            evidence=Evidence.CALLS,
            recognise_seq=0 if known else None,
        )
        # INVARIANT: agents have judged two of the first six calls, so that people and system judge together.
        early = place in {1, 4}
        if early or call.chance(0.65):
            _worthless(call)
            if early or call.chance(_JUDGED_SHARE):
                talk.judge(call, "nuisance", "harassment")
                judged_at.append(call.at)
        else:
            talk.abandon(call, 1, 6)
        at += story.seconds(3, 18)


def persistent_abuse(story: Story) -> None:
    """Somebody who offends, is warned and offends again, on several contacts of the day."""
    person = story.callers.person()
    in_words_only = story.is_one_of(story.plan.transcript_only_share)
    kind = "abuse" if in_words_only else story.rng.choices(tuple(_OFFENDING), _KIND_WEIGHTS)[0]
    feeds = (MARKS, TRANSCRIPT) if in_words_only or story.chance(0.3) else ALL_FEEDS
    at = story.arrival(7, 13)
    for _ in range(story.rng.randint(3, 5)):
        call = story.call(person, at, story.rng.choice(ORDINARY_TOPICS), channel=story.live_channel(), feeds=feeds)
        _offend(story, call, kind, in_words_only)
        at = call.at + story.seconds(15 * 60, 80 * 60)


def anonymous_abuse(story: Story) -> None:
    """The same from a withheld number, with nothing but the agent's marks to tell it."""
    person = story.callers.withheld()
    at = story.arrival(8, 17)
    for _ in range(story.rng.randint(1, 3)):
        call = story.call(person, at, story.rng.choice(ORDINARY_TOPICS), feeds=(MARKS,))
        _offend(story, call, "abuse", in_words_only=False)
        at = call.at + story.seconds(10 * 60, 3600)


def _worthless(call: Call) -> None:
    call.wait(2, 12)
    call.record("answered", agent=None)
    if call.chance(0.5):
        call.say("agent", "greeting")
    if call.chance(0.2):
        call.say("caller", "robocall")
        if call.chance(0.4):
            call.mark("offence", kind="harassment", by="agent")
    elif call.chance(0.5):
        call.quiet(1, 6)
    else:
        call.wait(0.5, 5)
    talk.end(call, "agent" if call.chance(0.15) else "caller")


def _offend(story: Story, call: Call, kind: str, in_words_only: bool) -> None:
    """Tell a contact on which the caller goes on after a warning, at least once."""
    talk.answer(call)
    talk.ask(call)
    first = _offence(call, kind, in_words_only)
    if call.chance(0.5):
        _offence(call, kind, in_words_only)
    if kind == "out_of_scope":
        call.say("agent", "back_to_topic")
    elif call.chance(0.5):
        talk.soothe(call)
    talk.warn(call)
    again = _offence(call, kind, in_words_only)
    for _ in range(call.rng.randint(0, 2)):
        if call.chance(0.5):
            talk.warn(call)
        else:
            call.say("agent", "back_to_topic")
        _offence(call, kind, in_words_only)
    call.wait(0.5, 6)
    talk.end(call, "agent" if call.chance(0.4) else "caller")
    if not in_words_only and call.chance(0.4):
        talk.judge(call, "nuisance", kind)
    story.plant(
        call,
        planted=Planted.PERSISTENT_ABUSE,
        class_="nuisance",
        kind=kind,
        evidence=Evidence.TRANSCRIPT if in_words_only else Evidence.MARKS,
        recognise_seq=first,
        end_seq=again,
    )


def _offence(call: Call, kind: str, in_words_only: bool) -> int | None:
    """Let the caller offend; give the place where the record shows it."""
    said = call.say("caller", _OFFENDING[kind])
    if in_words_only:
        return said
    call.wait(0.3, 3)
    return call.mark("offence", kind=kind, by="agent")
