"""The case as a story: who said what, when, and how it stands; and that it counts as the facts do."""

from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.events import (
    Answered,
    CaseLinked,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    NewFact,
    Transferred,
)
from callpolicy.session import (
    CaseContact,
    CaseExplanation,
    CaseNewFact,
    CaseRecord,
    CaseResult,
    CaseStatus,
    CaseStory,
)
from tests.session.test_case import Case, case_events


def story_of(case: Case) -> CaseStory:
    return case.record.story(case.now)


def test_a_case_of_which_nothing_is_known_is_open_and_empty() -> None:
    assert CaseRecord("k1").story(5) == CaseStory("k1", 5, CaseStatus.OPEN, None, None, (), (), None, ())


def test_a_story_tells_who_explained_what_and_what_the_caller_said() -> None:
    case = Case()
    case.tell("a", Answered, agent="li")
    case.link("a")
    case.tell("a", Explained, topic="fees", text="第 7 条写明不退费")
    case.tell("a", ExplanationRejected, text="没人告诉过我")
    case.tell("a", Explained)

    story = story_of(case)

    assert story.explanations == (
        CaseExplanation("a", 3, "li", "fees", "第 7 条写明不退费", 4, "没人告诉过我"),
        CaseExplanation("a", 5, "li", None, None, None, None),
    )
    assert [each.rejected for each in story.explanations] == [True, False]
    assert story.contacts == (CaseContact("a", 2, "li", 2, 1, after_final=False),)
    assert (story.opened_at, story.first_handler, story.status) == (2, "li", CaseStatus.OPEN)


def test_a_rejection_is_of_the_latest_explanation_that_is_not_rejected_yet() -> None:
    case = Case()
    case.link("a")
    case.tell("a", Explained, text="one")
    case.tell("a", Explained, text="two")
    case.tell("a", ExplanationRejected, text="not two")
    case.tell("a", ExplanationRejected, text="not one")

    assert [(each.text, each.objection) for each in story_of(case).explanations] == [
        ("one", "not one"),
        ("two", "not two"),
    ]


def test_what_was_explained_before_the_link_stands_at_its_time() -> None:
    case = Case()
    case.tell("a", Answered, agent="li")
    case.tell("a", Explained, text="before")
    case.link("b")
    case.tell("b", Explained, text="elsewhere")
    case.link("a")

    assert [(each.at, each.text) for each in story_of(case).explanations] == [(2, "before"), (4, "elsewhere")]


def test_whoever_has_the_contact_then_is_named() -> None:
    case = Case()
    case.tell("a", Answered, agent="li")
    case.link("a")
    case.tell("a", Transferred, agent="wang")
    case.tell("a", Explained, "li")
    case.tell("a", Transferred, agent=None)
    case.tell("a", FinalResult, "li")

    story = story_of(case)

    assert [each.handler for each in story.explanations] == ["wang"]
    assert story.final_result == CaseResult("a", 6, None, None)
    assert (story.contacts[0].handler, story.first_handler) == ("li", "li")


def test_the_host_names_who_had_the_contact_where_no_event_does() -> None:
    case = Case()
    case.tell("a", CaseLinked, "li", case_id="k1")
    case.tell("a", Explained, "li")
    case.tell("desk:7", FinalResult, "zhao", case_id="k1", text="no refund")

    story = story_of(case)

    assert story.explanations[0].handler == "li"
    assert story.final_result == CaseResult("desk:7", 3, "zhao", "no refund")
    assert [contact.call_id for contact in story.contacts] == ["a"]


def test_new_facts_say_whether_they_came_after_the_result_that_stands() -> None:
    case = Case()
    case.link("a")
    case.tell("a", NewFact, text="before")
    case.tell("a", FinalResult)
    case.tell("a", NewFact, text="between")
    case.tell("a", FinalResult, text="second")
    case.tell("desk:1", NewFact, "zhao", case_id="k1", text="after")

    story = story_of(case)

    assert story.new_facts == (
        CaseNewFact("a", 2, None, "before", since_final=False),
        CaseNewFact("a", 4, None, "between", since_final=False),
        CaseNewFact("desk:1", 6, "zhao", "after", since_final=True),
    )
    assert story.status is CaseStatus.REOPENED
    assert story.final_result == CaseResult("a", 5, None, "second")


def test_a_contact_after_the_result_is_marked_until_the_next_result() -> None:
    case = Case()
    case.link("a")
    case.tell("a", FinalResult)
    case.link("b")
    marked = [(each.call_id, each.after_final) for each in story_of(case).contacts]
    case.tell("b", FinalResult)

    assert marked == [("a", False), ("b", True)]
    assert [each.after_final for each in story_of(case).contacts] == [False, False]


def test_a_case_that_begins_at_the_desk_was_opened_then() -> None:
    case = Case()
    case.tell("desk:7", FinalResult, "zhao", case_id="k1")
    case.link("a")

    assert story_of(case).opened_at == 1


def test_a_story_of_an_earlier_instant_does_not_know_what_came_later() -> None:
    case = Case()
    case.link("a")
    case.tell("a", Explained)
    case.tell("a", ExplanationRejected)
    case.tell("a", FinalResult)

    assert [case.record.story(at).explanations_rejected for at in (2, 3)] == [0, 1]
    assert [case.record.story(at).status for at in (3, 4)] == [CaseStatus.OPEN, CaseStatus.FINAL]
    assert case.record.story(0).contacts == ()


def test_a_story_does_not_change_by_what_is_received_later() -> None:
    case = Case()
    case.link("a")
    case.tell("a", Explained)
    story = story_of(case)
    case.tell("a", ExplanationRejected)

    assert story.explanations_rejected == 0
    with pytest.raises(FrozenInstanceError):
        story.status = CaseStatus.FINAL  # type: ignore[misc]  # that is the point


def told(story: CaseStory) -> dict[str, Any]:
    """The numbers of a story, counted from its lists, by the names of the facts."""
    return {
        "case.id": story.case_id,
        "case.linked": True,
        "case.status": str(story.status),
        "case.contacts": len(story.contacts),
        "case.contacts_since_final": story.contacts_since_final,
        "case.new_facts_since_final": story.new_facts_since_final,
        "case.explanations": len(story.explanations),
        "case.explanations_rejected": story.explanations_rejected,
        "case.first_handler": story.first_handler,
        "case.final_result_at": None if story.final_result is None else story.final_result.at,
        "case.since_final": None if story.final_result is None else story.at - story.final_result.at,
    }


@given(case_events, st.integers(0, 14), st.randoms(use_true_random=False))
def test_a_story_says_what_the_facts_say_in_whatever_order_the_events_come(
    events: list[Event], at: int, random: Any
) -> None:
    record = CaseRecord("k1")
    late = [*events, *events]
    random.shuffle(late)

    for event in late:
        record.receive(event)

    values, _ = record.facts(at)
    story = record.story(at)
    assert {name: value for name, value in told(story).items() if value is not None} == values
    in_order = CaseRecord("k1")
    for event in sorted(events, key=lambda each: (each.at, each.call_id, each.seq)):
        in_order.receive(event)
    assert in_order.story(at) == story


@given(case_events, st.integers(0, 14))
def test_a_story_is_told_in_order_and_its_contacts_add_up(events: list[Event], at: int) -> None:
    record = CaseRecord("k1")
    for event in events:
        record.receive(event)

    story = record.story(at)

    instants = [each.at for each in story.explanations]
    assert instants == sorted(instants)
    assert [each.at for each in story.contacts] == sorted(each.at for each in story.contacts)
    linked = {contact.call_id for contact in story.contacts}
    given_in = Counter(each.call_id for each in story.explanations if each.call_id in linked)
    assert {each.call_id: each.explanations for each in story.contacts if each.explanations} == dict(given_in)
    assert sum(each.rejections for each in story.contacts) <= story.explanations_rejected
    assert all(each.after_final <= (story.final_result is not None) for each in story.contacts)
    assert (story.opened_at is None) == (not story.contacts and not story.explanations and not story.new_facts
                                         and story.final_result is None)  # fmt: skip
