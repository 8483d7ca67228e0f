"""How long nobody has spoken: where a silence begins, and when that is unknown."""

from __future__ import annotations

import pytest

from callpolicy.events import Channel, Held, Party, Said, Silence
from tests.session.making import SECOND, START, Story, seconds, talking


def quiet_at(story: Story, second: float) -> float | None:
    value = story.facts(second).get("talk.quiet_for")
    return None if value is None else seconds(value)


def test_quiet_is_unknown_until_something_was_said_or_silence_reported() -> None:
    story = talking()
    assert quiet_at(story, 15) is None

    story.tell(Said, 20)

    assert (quiet_at(story, 20), quiet_at(story, 23.5)) == (0, 3.5)


def test_the_latest_utterance_by_anybody_ends_the_silence() -> None:
    story = talking()
    for second, party in ((20, Party.CALLER), (22, Party.AGENT), (25, Party.SYSTEM)):
        story.tell(Said, second, by=party)
        assert quiet_at(story, second + 1) == 1


@pytest.mark.parametrize(
    ("began_at", "quiet"),
    [(None, 5), (24, 6), (20, 10), (12, 10), (3, 10), (29, 5)],
    ids=["unknown beginning", "in the silence", "at the utterance", "before it", "before the answer", "in the future"],
)
def test_a_silence_begins_when_it_is_said_to_but_never_before_the_last_utterance(
    began_at: int | None, quiet: float
) -> None:
    story = talking()
    story.tell(Said, 20)

    story.tell(Silence, 25, began_at=None if began_at is None else START + began_at * SECOND)

    assert quiet_at(story, 30) == quiet


def test_a_silence_never_begins_before_the_answer() -> None:
    story = talking()

    story.tell(Silence, 15, began_at=START + 2 * SECOND)

    assert quiet_at(story, 15) == 5


def test_a_further_silence_keeps_the_earlier_beginning() -> None:
    story = talking()
    story.tell(Silence, 15)
    story.tell(Silence, 18)
    kept = quiet_at(story, 20)

    story.tell(Silence, 21, began_at=START + 13 * SECOND)

    assert kept == 5
    assert quiet_at(story, 23) == 10


def test_a_silence_after_an_utterance_is_a_new_one() -> None:
    story = talking()
    story.tell(Silence, 15)
    story.tell(Said, 20)
    story.tell(Silence, 25)

    assert quiet_at(story, 27) == 2


def test_a_silence_after_a_hold_is_a_new_one() -> None:
    story = talking()
    story.tell(Silence, 15)
    story.tell(Held, 20)
    story.tell(Held, 25, on=False)
    story.tell(Silence, 28)

    assert quiet_at(story, 30) == 2


def test_on_hold_and_after_it_silence_is_unknown_until_the_next_report() -> None:
    story = talking()
    story.tell(Said, 20)
    story.tell(Held, 22)
    story.tell(Said, 24, by=Party.SYSTEM)
    on_hold = quiet_at(story, 25)
    story.tell(Held, 30, on=False)
    after = quiet_at(story, 31)

    story.tell(Silence, 33, began_at=START + 21 * SECOND)

    assert (on_hold, after) == (None, None)
    # The hold ended at 30: it was no silence of the caller's.
    assert quiet_at(story, 35) == 5


def test_in_writing_what_is_said_tells_how_long_it_has_been_quiet() -> None:
    story = talking(channel=Channel.CHAT, feeds=frozenset())

    story.tell(Said, 20)

    assert quiet_at(story, 24) == 4
    assert story.fault_codes(24) == {}
