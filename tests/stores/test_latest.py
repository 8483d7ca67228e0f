"""No instant that the layer of events takes is refused by a store, in whatever zone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.errors import CallEventError
from callpolicy.events import Event, NewFact, Offered
from callpolicy.instants import LATEST, LATEST_EVENT
from callpolicy.stores import open_store
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from tests.session.making import Story
from tests.stores.making import ANN, DAY, REACH, WINDOWS, item, query

ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Shanghai", "Africa/Cairo")
instants = st.integers(-2, 2) | st.integers(LATEST_EVENT - 3 * DAY, LATEST + 2) | st.integers(0, LATEST)


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    folder: Path = tmp_path_factory.mktemp("latest")
    opened = open_store(f"sqlite:///{folder}/calls.db")
    yield opened
    opened.close()


def is_taken(at: int) -> bool:
    """Whether a call may be offered at this instant."""
    session = Story().session
    try:
        session.receive(Offered(call_id="c1", seq=0, at=at))
    except CallEventError:
        return False
    return True


@given(at=instants, zone=st.sampled_from(ZONES))
@settings(max_examples=60, deadline=None)
def test_every_instant_that_an_event_may_have_can_be_kept_and_asked_about(store: Store, at: int, zone: str) -> None:
    if not is_taken(at):
        assert not 0 <= at <= LATEST_EVENT
        return
    store.declare(WINDOWS, ZoneInfo(zone), REACH)
    told: Event = NewFact(call_id=f"c{at}", seq=1, at=at)

    added = store.turn(lambda turn: turn.add([ANN], item(f"c{at}", at, topic="t")), (ANN,))
    store.turn(lambda turn: turn.receive_case("k1", told, None))
    readings = store.background(query(at, case_id="k1", topic="t")).readings
    courses = [reading.course for reading in readings.values()]

    assert added or readings["history.calls_10m"].value
    assert len(courses) == len(WINDOWS) - 1


@pytest.mark.parametrize("at", [LATEST_EVENT + 1, LATEST])
def test_beyond_the_last_instant_a_store_says_that_it_is_the_item(store: Store, at: int) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        store.turn(lambda turn: turn.add([ANN], item("odd", at)), (ANN,))
