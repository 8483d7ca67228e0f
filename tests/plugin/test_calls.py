"""The clock and the call of the fixtures, as the tests of others use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callpolicy.errors import CallEventError, UsageError
from callpolicy.pytest_plugin.calls import Clock, TriedCall, monday
from callpolicy.runtime import Engine

SECOND = 1_000_000
# 2026-03-02T02:00:00Z, 10:00 in Shanghai.
TEN = 1_772_416_800 * SECOND


@pytest.fixture
def tried() -> TriedCall:
    return TriedCall(Engine(), Clock(TEN))


def test_the_clock_begins_on_a_monday_at_ten_where_the_centre_is() -> None:
    assert monday("Asia/Shanghai") == TEN
    assert monday("UTC") == TEN + 8 * 3600 * SECOND


@pytest.mark.parametrize("by", ["1m30s", 90 * SECOND, timedelta(seconds=90)])
def test_the_clock_goes_on_by_a_duration_in_any_spelling(by: str | int | timedelta) -> None:
    clock = Clock(TEN)

    assert clock.advance(by) == clock.now == clock() == TEN + 90 * SECOND


@pytest.mark.parametrize("to", ["1970-01-01T00:00:01Z", SECOND, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)])
def test_the_clock_can_be_set(to: str | int | datetime) -> None:
    assert Clock(TEN).set(to) == SECOND


def test_a_clock_refuses_what_is_no_time_and_never_goes_back() -> None:
    clock = Clock(TEN)

    with pytest.raises(UsageError, match="not a duration"):
        clock.advance("soon")
    with pytest.raises(UsageError, match="does not go back"):
        clock.advance(-1)
    with pytest.raises(UsageError, match="no instant"):
        clock.set("yesterday")
    assert repr(clock) == "Clock(2026-03-02T02:00:00.000000Z)"


def test_the_first_thing_that_happens_offers_and_answers_the_call(tried: TriedCall) -> None:
    decision = tried.happens("warned", after="5s")

    assert decision.point == "in_call"
    assert decision.at == TEN + 5 * SECOND
    assert decision.snapshot is not None
    assert decision.snapshot.get("talk.warnings") == 1


def test_a_call_can_be_offered_otherwise(tried: TriedCall) -> None:
    offered = tried.offer(number=None, queue="cards")

    assert offered.point == "offered"
    assert offered.snapshot is not None
    assert offered.snapshot.get("call.queue") == "cards"
    assert offered.snapshot.get("caller.identified") is False
    assert tried.answer().point == "in_call"


def test_what_cannot_happen_is_refused(tried: TriedCall) -> None:
    with pytest.raises(CallEventError, match="no-explanation"):
        tried.happens("explanation_rejected")
    with pytest.raises(CallEventError):
        tried.happens("no_such_event")
