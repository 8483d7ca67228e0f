"""Events: every one that the design names is there, frozen, and named by one word."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from callpolicy.events import (
    EVENT_TYPES,
    CallEvent,
    Channel,
    Ended,
    Event,
    Feed,
    FinalResult,
    Judged,
    Offered,
    Party,
    Warned,
)

# DESIGN 2.1, word by word, with the fields it gives each, and what a case needs for its story.
DESIGNED = {
    "offered": set(), "answered": set(), "said": {"by", "text"}, "silence": set(), "offence": {"kind", "by"},
    "warned": set(), "soothed": set(), "explained": {"topic", "text", "case_id"}, "explanation_rejected": {"text"},
    "refused_by_rule": set(), "service_completed": {"on"}, "no_further_needs": {"on"}, "case_linked": {"case_id"},
    "final_result": {"text", "case_id"}, "new_fact": {"text", "case_id"}, "judged": {"class_", "by"}, "held": set(),
    "transferred": set(), "escalated": set(), "tick": set(), "ended": {"by", "cause"},
}  # fmt: skip


def test_exactly_the_events_of_the_design_are_there() -> None:
    assert set(EVENT_TYPES) == set(DESIGNED)


def test_the_union_and_the_table_hold_the_same_types() -> None:
    assert set(get_args(Event)) == set(EVENT_TYPES.values())
    assert set(CallEvent.__subclasses__()) >= set(EVENT_TYPES.values())


@pytest.mark.parametrize("name", DESIGNED)
def test_every_event_has_call_seq_and_instant_and_the_fields_of_the_design(name: str) -> None:
    kind = EVENT_TYPES[name]
    own = {each.name for each in fields(kind)}

    assert kind.name == name
    assert {"call_id", "seq", "at"} | DESIGNED[name] <= own
    assert kind.__doc__


def test_events_are_frozen_values_that_hold_nothing_else() -> None:
    warned = Warned(call_id="c1", seq=1, at=5)

    assert warned == Warned(call_id="c1", seq=1, at=5)
    assert warned != Warned(call_id="c1", seq=2, at=5)
    with pytest.raises(FrozenInstanceError):
        warned.seq = 2  # type: ignore[misc]  # that is the point
    with pytest.raises((AttributeError, TypeError)):
        warned.note = "x"  # type: ignore[attr-defined]  # that is the point


def test_fields_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        Warned("c1", 1, 5)  # type: ignore[call-arg]  # that is the point


def test_what_need_not_be_known_may_be_left_out() -> None:
    offered = Offered(call_id="c1", seq=0, at=0)

    assert (offered.number, offered.customer, offered.channel, offered.feeds) == (None, None, Channel.PHONE, None)
    assert Ended(call_id="c1", seq=1, at=1).by is None
    result = FinalResult(call_id="c1", seq=1, at=1)
    assert (result.text, result.case_id) == (None, None)
    with pytest.raises(TypeError, match="class_"):
        Judged(call_id="c1", seq=1, at=1)  # type: ignore[call-arg]  # that is the point


def test_parties_channels_and_feeds_are_those_of_the_design() -> None:
    assert [str(each) for each in Party] == ["caller", "agent", "system"]
    assert [str(each) for each in Channel] == ["phone", "chat", "mail"]
    assert [str(each) for each in Feed] == ["agent_marks", "transcript", "voice"]
