"""What closes a call, and what takes that back: a caller with a second need is not hung up on (NORM 2.1)."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.events import (
    CaseLinked,
    Ended,
    Escalated,
    Explained,
    ExplanationRejected,
    Feed,
    Held,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Party,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Tick,
    Transferred,
    Warned,
)
from tests.session.making import Story, talking

SINCE_REFUSAL = "talk.rejections_since_refusal"


def counted(*kinds: type[Any]) -> list[object]:
    """What `talk.rejections_since_refusal` is after each of these events."""
    story = talking(feeds=frozenset({Feed.AGENT_MARKS}))
    seen = []
    for second, kind in enumerate(kinds, 11):
        story.tell(kind, second)
        seen.append(story.facts(second)[SINCE_REFUSAL])
    return seen


def test_what_was_rejected_before_the_refusal_is_no_rejection_of_it() -> None:
    fees = (Explained, ExplanationRejected, Explained, ExplanationRejected)

    assert counted(*fees, RefusedByRule) == [0] * 5
    assert counted(*fees, RefusedByRule, Explained, ExplanationRejected, Explained, ExplanationRejected)[5:] == [
        0,
        1,
        1,
        2,
    ]


def test_an_explanation_before_the_refusal_is_none_of_it_even_if_it_is_rejected_later() -> None:
    assert counted(Explained, Explained, RefusedByRule, ExplanationRejected, ExplanationRejected) == [0] * 5
    assert counted(Explained, RefusedByRule, Explained, ExplanationRejected, ExplanationRejected)[2:] == [0, 1, 1]


def test_a_new_refusal_starts_again() -> None:
    insists = (Explained, ExplanationRejected)

    assert counted(RefusedByRule, *insists, RefusedByRule, *insists) == [0, 0, 1, 0, 0, 1]


def test_a_completed_service_settles_the_refusal() -> None:
    insists = (Explained, ExplanationRejected)

    assert counted(RefusedByRule, *insists, ServiceCompleted, *insists, RefusedByRule, *insists) == [
        0, 0, 1, 0, 0, 0, 0, 0, 1,
    ]  # fmt: skip


def test_a_service_that_is_taken_back_settles_nothing() -> None:
    story = talking()
    for second, kind in enumerate((RefusedByRule, Explained, ExplanationRejected), 11):
        story.tell(kind, second)

    story.tell(ServiceCompleted, 20, on=False)

    assert story.facts(20)[SINCE_REFUSAL] == 1


def test_rejections_since_a_refusal_are_unknown_without_marks() -> None:
    story = talking(feeds=frozenset({Feed.TRANSCRIPT}))

    story.tell(RefusedByRule, 20)

    assert SINCE_REFUSAL not in story.facts(20)


ENDING = ("talk.service_complete", "talk.no_further_needs")


def served(**offered: Any) -> Story:
    """A call of a linked case in which the service is complete and nothing else is needed, from second 30 on."""
    story = talking(**offered)
    story.tell(CaseLinked, 11, case_id="k1")
    story.tell(Explained, 12)
    story.tell(ServiceCompleted, 20)
    story.tell(NoFurtherNeeds, 30)
    assert [story.facts(30)[name] for name in ENDING] == [True, True]
    return story


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Explained, {}), (ExplanationRejected, {}), (RefusedByRule, {}), (CaseLinked, {"case_id": "k2"}), (NewFact, {}),
        (Transferred, {"agent": "wang"}), (Held, {"on": True}),
    ],
)  # fmt: skip
def test_a_call_that_goes_on_is_neither_complete_nor_without_needs(kind: type[Any], fields: dict[str, Any]) -> None:
    story = served()

    story.tell(kind, 40, **fields)

    assert [story.facts(40)[name] for name in ENDING] == [False, False]


def test_a_second_service_is_completed_by_its_own_marks() -> None:
    story = served()
    story.tell(Explained, 40)

    story.tell(ServiceCompleted, 50)
    complete = story.facts(50)
    story.tell(NoFurtherNeeds, 60)

    assert [complete[name] for name in ENDING] == [True, False]
    assert [story.facts(60)[name] for name in ENDING] == [True, True]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Silence, {}),
        (Soothed, {}),
        (Escalated, {}),
        (Offence, {}),
        (Warned, {}),
        (Tick, {}),
        (Said, {"by": Party.AGENT}),
    ],
)
def test_what_asks_for_nothing_new_leaves_the_marks(kind: type[Any], fields: dict[str, Any]) -> None:
    story = served()

    story.tell(kind, 40, **fields)

    assert [story.facts(40)[name] for name in ENDING] == [True, True]


def test_a_case_that_is_linked_after_the_end_is_no_second_need() -> None:
    story = served()
    story.tell(Ended, 40)

    story.tell(CaseLinked, 50, case_id="k2")

    assert [story.facts(50)[name] for name in ENDING] == [True, True]


@pytest.mark.parametrize(("kind", "left"), [(ServiceCompleted, [False, True]), (NoFurtherNeeds, [True, False])])
def test_an_agent_can_take_a_mark_back_and_set_it_again(kind: type[Any], left: list[bool]) -> None:
    story = served()

    story.tell(kind, 40, on=False)
    taken_back = story.facts(40)
    story.tell(kind, 50)

    assert [taken_back[name] for name in ENDING] == left
    assert [story.facts(50)[name] for name in ENDING] == [True, True]


@pytest.mark.parametrize("text", ["my lawyer will call", "you rascal", "谢谢, but my lawyer"])
def test_a_caller_who_says_more_than_goodbye_still_needs_something(text: str) -> None:
    story = served()

    story.tell(Said, 40, text=text)

    assert [story.facts(40)[name] for name in ENDING] == [True, False]


@pytest.mark.parametrize(
    ("by", "text"), [(Party.CALLER, "谢谢, that is all"), (Party.CALLER, "good day"), (Party.AGENT, "my lawyer")]
)
def test_a_goodbye_leaves_the_marks(by: Party, text: str) -> None:
    story = served()

    story.tell(Said, 40, by=by, text=text)

    assert [story.facts(40)[name] for name in ENDING] == [True, True]


def test_a_text_without_a_transcript_takes_no_mark_back() -> None:
    story = served(feeds=frozenset({Feed.AGENT_MARKS, Feed.VOICE}))

    story.tell(Said, 40, text="my lawyer")

    assert [story.facts(40)[name] for name in ENDING] == [True, True]


def test_without_marks_a_call_that_goes_on_makes_nothing_known() -> None:
    story = talking(feeds=frozenset({Feed.TRANSCRIPT}))

    story.tell(CaseLinked, 20, case_id="k1")
    story.tell(Said, 21, text="my lawyer")

    assert not set(ENDING) & story.facts(30).keys()
