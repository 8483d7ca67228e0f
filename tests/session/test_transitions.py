"""Which events are possible in which state, event by event."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.errors import CallEventError
from callpolicy.events import (
    EVENT_TYPES,
    Answered,
    CaseLinked,
    Ended,
    Escalated,
    Explained,
    ExplanationRejected,
    FinalResult,
    Held,
    Judged,
    NewFact,
    Offered,
    Party,
    Said,
    Tick,
    Transferred,
    Warned,
)
from callpolicy.points import DecisionPoint
from callpolicy.session import TRANSITIONS, State
from tests.session.making import Story, talking

# One row per event type; x: possible. Written from the meaning of the events, not from the table under test.
POSSIBLE = """
                       offered  talking  held  ended
answered               x        .        .     .
said                   .        x        x     .
silence                .        x        x     .
offence                .        x        x     .
warned                 .        x        x     .
soothed                .        x        x     .
explained              .        x        x     .
explanation_rejected   .        x        x     .
refused_by_rule        .        x        x     .
service_completed      .        x        x     .
no_further_needs       .        x        x     .
case_linked            x        x        x     x
final_result           x        x        x     x
new_fact               x        x        x     x
judged                 x        x        x     x
escalated              x        x        x     x
tick                   x        x        x     x
transferred            x        x        x     .
held_on                .        x        .     .
held_off               .        .        x     .
ended                  x        x        x     .
offered                .        .        .     .
"""
ROWS = [line.split() for line in POSSIBLE.strip().splitlines()]
CASES = [(row[0], state, mark == "x") for row in ROWS[1:] for state, mark in zip(ROWS[0], row[1:], strict=True)]


FIELDS: dict[str, dict[str, Any]] = {
    "held_on": {"on": True},
    "held_off": {"on": False},
    "case_linked": {"case_id": "k1"},
    "judged": {"class_": "normal"},
}


def story_in(state: str) -> Story:
    """A call in a state, with a linked case and an explanation that can be rejected."""
    story = Story()
    story.tell(Offered, 0)
    story.tell(CaseLinked, 1, case_id="k1")
    if state != "offered":
        story.tell(Answered, 2, agent="li")
        story.tell(Explained, 3)
    if state == "held":
        story.tell(Held, 4)
    if state == "ended":
        story.tell(Ended, 5)
    assert story.session.state == state
    return story


@pytest.mark.parametrize(("event", "state", "possible"), CASES)
def test_an_event_is_taken_only_where_it_can_happen(event: str, state: str, possible: bool) -> None:
    story = story_in(state)
    fields = FIELDS.get(event, {})
    kind = EVENT_TYPES["held" if event.startswith("held") else event]
    before = story.session.snapshot(100_000_000_000_000)

    if possible:
        assert story.tell(kind, 10, **fields) is True
    else:
        with pytest.raises(CallEventError):
            story.tell(kind, 10, **fields)
        assert story.session.state == state
        assert story.session.snapshot(100_000_000_000_000) == before


def test_every_event_type_stands_in_the_list_above() -> None:
    assert {row[0].removesuffix("_on").removesuffix("_off") for row in ROWS[1:]} == set(EVENT_TYPES)
    assert len(CASES) == (len(EVENT_TYPES) + 1) * 4


def test_a_call_goes_from_offered_over_hold_to_its_end() -> None:
    story = Story()
    seen = [story.session.state]
    steps: list[tuple[type[Any], dict[str, Any]]] = [
        (Offered, {}),
        (Answered, {}),
        (Held, {"on": True}),
        (Held, {"on": False}),
        (Transferred, {}),
        (Ended, {"by": Party.CALLER}),
        (Judged, {"class_": "normal"}),
    ]
    for kind, fields in steps:
        story.tell(kind, len(seen), **fields)
        seen.append(story.session.state)

    assert [str(state) for state in seen] == [
        "new", "offered", "talking", "held", "talking", "talking", "ended", "ended",
    ]  # fmt: skip


def test_the_decision_point_follows_the_state() -> None:
    story = Story()
    story.tell(Offered, 0)
    at_first = story.session.point
    story.tell(Answered, 1)
    in_talk = story.session.point
    story.tell(Held, 2)
    on_hold = story.session.point
    story.tell(Ended, 3)

    assert (at_first, in_talk, on_hold) == (DecisionPoint.OFFERED, DecisionPoint.IN_CALL, DecisionPoint.IN_CALL)
    assert story.session.point is DecisionPoint.ENDED


@pytest.mark.parametrize("cause", ["rejected", "abandoned"])
def test_a_call_can_end_before_it_is_answered(cause: str) -> None:
    story = Story()
    story.tell(Offered, 0)

    story.tell(Ended, 4, cause=cause)

    assert story.session.state is State.ENDED
    assert story.facts(9)["talk.answered"] is False
    assert "talk.handling_time" not in story.facts(9)


def refusal(story: Story, kind: type[Any], second: float = 50, **fields: Any) -> str:
    with pytest.raises(CallEventError) as refused:
        story.tell(kind, second, **fields)
    return refused.value.code


def test_the_code_says_what_is_impossible() -> None:
    held, ended = talking(), talking()
    held.tell(Held, 20)
    ended.tell(Ended, 20)

    assert refusal(Story(), Answered) == "not-offered"
    assert refusal(talking(), Offered) == "already-offered"
    assert refusal(talking(), Answered, agent="wang") == "already-answered"
    assert refusal(talking(), Held, on=False) == "not-held"
    assert refusal(held, Held) == "already-held"
    assert refusal(ended, Said) == "event-after-end"
    assert refusal(ended, Ended) == "already-ended"
    assert refusal(talking(), ExplanationRejected) == "no-explanation"
    assert refusal(talking(), FinalResult) == "no-case"
    assert refusal(talking(), NewFact) == "no-case"
    offered = Story()
    offered.tell(Offered, 0)
    assert refusal(offered, Warned) == "not-answered"
    assert refusal(offered, Held) == "not-answered"
    assert refusal(offered, Held, on=False) == "not-answered"


def test_an_explanation_can_be_rejected_only_once() -> None:
    story = talking()
    story.tell(Explained, 11)
    story.tell(ExplanationRejected, 12)

    assert refusal(story, ExplanationRejected) == "no-explanation"

    story.tell(Explained, 60)
    assert story.tell(ExplanationRejected, 61) is True


def test_an_agent_takes_over_from_an_ivr_that_answered() -> None:
    story = Story()
    story.tell(Offered, 0)
    story.tell(Answered, 5)

    story.tell(Answered, 30, agent="li")

    facts = story.facts(40)
    assert facts["talk.agent"] == "li"
    assert facts["talk.handling_time"] == 35_000_000
    assert facts["talk.transfers"] == 0


def test_after_a_transfer_to_a_queue_the_next_agent_takes_the_contact() -> None:
    story = talking()
    story.tell(Transferred, 20, queue="cards")
    waiting = story.facts(21)

    story.tell(Answered, 30, agent="wang")

    assert "talk.agent" not in waiting
    assert story.facts(31)["talk.agent"] == "wang"
    assert story.session.agent == "wang"
    assert story.session.first_agent == "li"
    assert refusal(story, Answered, agent="zhao") == "already-answered"


def test_an_answer_without_a_name_takes_nothing_over() -> None:
    story = Story()
    story.tell(Offered, 0)
    story.tell(Answered, 5)

    assert refusal(story, Answered) == "already-answered"


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[State.ENDED][Warned] = State.TALKING  # type: ignore[index]  # that it cannot be is what is shown
    with pytest.raises(TypeError):
        TRANSITIONS[State.NEW] = {}  # type: ignore[index]  # that it cannot be is what is shown


def test_nothing_is_possible_before_the_call_is_offered() -> None:
    assert list(TRANSITIONS[State.NEW]) == [Offered]


def test_what_comes_beside_the_call_moves_no_state() -> None:
    for state in (State.OFFERED, State.TALKING, State.HELD, State.ENDED):
        assert {TRANSITIONS[state][kind] for kind in (Tick, Escalated, Judged, CaseLinked)} == {state}


@pytest.mark.parametrize("kind", [FinalResult, NewFact])
def test_a_result_or_a_new_fact_that_names_its_case_needs_no_linked_case(kind: type[Any]) -> None:
    story = talking()

    assert story.tell(kind, 20, case_id="k2") is True
    assert refusal(story, kind) == "no-case"
    assert story.session.case_id is None


def test_an_event_of_no_call_is_taken_by_no_session() -> None:
    assert refusal(Story(call_id="desk:7"), FinalResult, case_id="k1") == "not-offered"
