"""What a session refuses, and that a refusal costs nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Ended,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    Held,
    NewFact,
    NoFurtherNeeds,
    Offered,
    Said,
    ServiceCompleted,
    Silence,
    Tick,
    Warned,
)
from callpolicy.instants import LATEST, LATEST_EVENT
from callpolicy.session import CallSession
from tests.session.making import CATALOGUE, FINDER, SECOND, START, Story, norm, talking


def refused(session: CallSession, event: Any) -> str:
    """Send an event that must be refused; give the code, and check that nothing changed."""
    at = START + 3_600 * SECOND
    before = (session.snapshot(at), session.events, session.state, session.next_seq)
    with pytest.raises(CallEventError) as error:
        session.receive(event)
    assert (session.snapshot(at), session.events, session.state, session.next_seq) == before
    return error.value.code


@pytest.mark.parametrize("at", [-1, LATEST + 1, LATEST_EVENT + 1, True, 1.0, "2026-03-02T01:00:00Z", None])
def test_an_instant_that_is_none_is_refused(at: Any) -> None:
    story = talking()

    assert refused(story.session, Warned(call_id="c1", seq=2, at=at)) == "bad-instant"
    if at is not None:
        silence = Silence(call_id="c1", seq=2, at=START + 20 * SECOND, began_at=at)
        assert refused(story.session, silence) == "bad-instant"
    with pytest.raises(CallEventError, match="bad-instant"):
        story.session.snapshot(at)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"call_id": "c2"}, "wrong-call"),
        ({"call_id": ""}, "bad-call-id"),
        ({"call_id": 7}, "bad-call-id"),
        ({"seq": -1}, "bad-seq"),
        ({"seq": True}, "bad-seq"),
        ({"seq": 2.0}, "bad-seq"),
        ({"seq": 2**63}, "bad-seq"),
    ],
)
def test_an_event_that_is_not_well_formed_is_refused(fields: dict[str, Any], code: str) -> None:
    given_fields: dict[str, Any] = {"call_id": "c1", "seq": 2, "at": START + 20 * SECOND} | fields

    assert refused(talking().session, Warned(**given_fields)) == code


@pytest.mark.parametrize(
    "event",
    [
        "warned",
        None,
        CallEvent(call_id="c1", seq=2, at=START + 20 * SECOND),
        Said(call_id="c1", seq=2, at=START + 20 * SECOND, text=b"x"),  # type: ignore[arg-type]  # as from an adapter
        Held(call_id="c1", seq=2, at=START + 20 * SECOND, on="yes"),  # type: ignore[arg-type]  # as from an adapter
        ServiceCompleted(call_id="c1", seq=2, at=START + 20 * SECOND, on=0),  # type: ignore[arg-type]  # as from an adapter
        NoFurtherNeeds(call_id="c1", seq=2, at=START + 20 * SECOND, on="no"),  # type: ignore[arg-type]  # as from an adapter
        Tick(call_id="c1", seq=2, at=START + 20 * SECOND, facts=[1]),  # type: ignore[arg-type]  # as from an adapter
        CaseLinked(call_id="c1", seq=2, at=START + 20 * SECOND, case_id=7),  # type: ignore[arg-type]  # as above
        CaseLinked(call_id="c1", seq=2, at=START + 20 * SECOND, case_id=""),
        CaseLinked(call_id="c1", seq=2, at=START + 20 * SECOND, case_id="k\ud800"),
        Explained(call_id="c1", seq=2, at=START + 20 * SECOND, text=b"x"),  # type: ignore[arg-type]  # as from an adapter
        Explained(call_id="c1", seq=2, at=START + 20 * SECOND, case_id=7),  # type: ignore[arg-type]  # as from an adapter
        ExplanationRejected(call_id="c1", seq=2, at=START + 20 * SECOND, text="half a \ud800"),
        FinalResult(call_id="c1", seq=2, at=START + 20 * SECOND, case_id=""),
        NewFact(call_id="c1", seq=2, at=START + 20 * SECOND, case_id="k\ud800"),
    ],
)
def test_what_is_of_the_wrong_type_is_refused(event: Any) -> None:
    assert refused(talking().session, event) == "wrong-type"


def test_feeds_that_are_no_set_are_refused() -> None:
    session = CallSession(norm(), CATALOGUE, FINDER)

    assert refused(session, Offered(call_id="c1", seq=0, at=START, feeds="voice")) == "wrong-type"  # type: ignore[arg-type]  # as from an adapter


def test_a_refused_first_event_leaves_the_session_free_for_the_call() -> None:
    story = Story()
    with pytest.raises(CallEventError, match="not-offered"):
        story.tell(Warned, 3)

    assert story.tell(Offered, 0) is True
    assert story.session.call_id == "c1"


def test_a_session_of_a_norm_without_a_known_region_refuses_the_call_and_keeps_nothing() -> None:
    story = Story(norm(region="XX"))

    with pytest.raises(UsageError):
        story.tell(Offered, 0, number="13800138000")

    assert story.session.events == ()


def test_an_event_that_would_make_the_past_impossible_is_refused() -> None:
    story = talking()
    story.tell(Explained, 20, seq=2)
    story.tell(ExplanationRejected, 22, seq=3)

    early_end = Ended(call_id="c1", seq=8, at=START + 21 * SECOND)
    before_offer = Warned(call_id="c1", seq=8, at=START - 1)
    second_offer = Offered(call_id="c1", seq=8, at=START - 1)

    assert refused(story.session, early_end) == "event-after-end"
    assert refused(story.session, before_offer) == "not-offered"
    assert refused(story.session, second_offer) == "already-offered"
    assert refused(story.session, ExplanationRejected(call_id="c1", seq=8, at=START + 21 * SECOND)) == "no-explanation"


def test_an_event_is_told_by_its_number_even_if_it_comes_again_otherwise() -> None:
    story = talking()

    assert story.session.receive(Warned(call_id="c1", seq=1, at=START + 15 * SECOND)) is False
    assert story.facts(20)["talk.warnings"] == 0


def test_numbers_may_have_gaps_and_go_against_time() -> None:
    story = Story()
    story.tell(Offered, 0, seq=40)
    story.tell(Answered, 5, seq=7)
    story.tell(Warned, 6, seq=19)

    assert [event.seq for event in story.session.events] == [40, 7, 19]


HOSTILE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([fact.name for fact in CATALOGUE]) | st.text(max_size=8)


@given(st.dictionaries(NAMES, HOSTILE, max_size=8), st.text(), st.text(), HOSTILE)
def test_no_value_of_a_host_makes_a_session_fail(
    facts: dict[str, Any], number: str, customer: str, attestation: Any
) -> None:
    session = CallSession(norm(), CATALOGUE, FINDER)
    events: list[Event] = [
        Offered(call_id="c1", seq=0, at=START, number=number, customer=customer, attestation=attestation, facts=facts),
        Tick(call_id="c1", seq=1, at=START + 1, facts=facts),
    ]

    for event in events:
        assert session.receive(event) is True

    snapshot = session.snapshot(START + 2)
    # What the fold itself knows stays known.
    unusable = {
        fault.fact for fault in snapshot.input_faults if fault.code in ("wrong-type", "out-of-range", "not-a-number")
    }
    assert unusable & snapshot.values.keys() <= {"caller.protected"}
