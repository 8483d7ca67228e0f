"""The last days of the year 9999: what an engine takes, its store takes; what is refused touches nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import CaseLinked, Event, Silence
from callpolicy.identity import Identity
from callpolicy.instants import LATEST, LATEST_EVENT, parse_instant
from callpolicy.points import DecisionPoint, Effect
from callpolicy.runtime import Engine
from callpolicy.runtime.engine import DURABILITIES
from callpolicy.runtime.keeping import KeepItem, KeepRecord
from callpolicy.runtime.waiting import Waiting
from callpolicy.stores import open_store
from callpolicy.stores.base import Kept, Query, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.windows import CALLS, Item
from tests.runtime.failing import Down, failures_in, fed, trail
from tests.runtime.norms import ANN, BOB, DAY, START, norm, offered
from tests.stores.making import trail as records_of

OTHER = "+1 212 555 0199"
LAST_SECOND = parse_instant("9999-12-31T23:59:59Z")
# In any zone, and with a window of any length: round the ends, and anywhere between.
instants = st.integers(-5, 5) | st.integers(LATEST_EVENT - 3 * DAY, LATEST + 5) | st.integers(0, LATEST)


def in_memory(_: Path) -> Store:
    return MemoryStore()


def in_a_file(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder}/calls.db")


stores = pytest.mark.parametrize("opened", [in_memory, in_a_file])


def counted(store: Store, who: Identity = ANN, at: int = START + 60) -> object:
    return store.background(Query("probe", (who,), {}, None, at)).readings["history.calls_10m"].value


def test_the_last_instant_of_an_event_is_two_days_and_a_day_before_the_end_of_the_calendar() -> None:
    assert parse_instant("9999-12-29T00:00:00Z") == LATEST_EVENT


@stores
def test_an_event_in_the_last_second_of_all_is_refused_and_costs_nobody_anything(
    opened: Callable[[Path], Store], tmp_path: Path
) -> None:
    with Engine(norm(), store=opened(tmp_path), audit=True) as engine:
        fed(engine, offered("c0", START), offered("c1", START + 1))
        with pytest.raises(CallEventError, match="from 1970 to 9999-12-29") as refused:
            engine.observe(offered("bad", LAST_SECOND))
        after = fed(engine, offered("c2", START + 2), offered("d0", START + 3, OTHER))

        assert refused.value.code == "bad-instant"
        assert [(each.effect, each.failed) for each in after] == [(Effect.REJECT, ()), (Effect.ACCEPT, ())]
        assert (engine.health().failure, engine.health().waiting, engine.health().given_up) == (None, 0, 0)
        assert engine.store.find("bad#0") == ()


@pytest.mark.parametrize("at", [LATEST_EVENT + 1, LAST_SECOND, LATEST])
def test_a_silence_that_began_and_a_question_beyond_the_last_instant_are_refused(at: int) -> None:
    engine = Engine(norm())
    engine.observe(offered("c1", START))

    with pytest.raises(CallEventError, match="bad-instant"):
        engine.observe(Silence(call_id="c1", seq=1, at=START + 1, began_at=at))
    with pytest.raises(UsageError, match="from 1970 to 9999-12-29"):
        engine.decide({}, point=DecisionPoint.OFFERED, at=at)


@stores
def test_a_call_at_the_last_instant_is_decided_on_as_any_other(opened: Callable[[Path], Store], tmp_path: Path) -> None:
    with Engine(norm(), store=opened(tmp_path)) as engine:
        decisions = fed(engine, *(offered(f"c{number}", LATEST_EVENT) for number in range(3)))
        decided = engine.decide({}, point=DecisionPoint.OFFERED, at=LATEST_EVENT)

    # Two calls within ten minutes before it block the third.
    assert ([each.failed for each in decisions], decisions[-1].effect) == ([()] * 3, Effect.REJECT)
    assert decided.failed == ()


@stores
@given(ats=st.lists(instants, min_size=1, max_size=4), began=instants)
@settings(max_examples=25, deadline=None)
def test_no_instant_that_an_event_may_have_is_refused_by_the_store(
    opened: Callable[[Path], Store], tmp_path_factory: pytest.TempPathFactory, ats: list[int], began: int
) -> None:
    with Engine(norm(), store=opened(tmp_path_factory.mktemp("latest")), audit=True) as engine:
        for number, at in enumerate(ats):
            events: list[Event] = [
                offered(f"c{number}", at),
                CaseLinked(call_id=f"c{number}", seq=1, at=at, case_id="k1"),
                Silence(call_id=f"c{number}", seq=2, at=at, began_at=began),
            ]
            for event in events:
                try:
                    decision = engine.observe(event)
                except CallEventError:
                    continue
                assert decision.failed == ()
        assert (engine.health().failure, engine.health().waiting, engine.health().given_up) == (None, 0, 0)


# ---- what a store refuses for what it is


class Fussy(Down):
    """A store that says of the items of one call that it cannot hold them, as of an instant beyond the calendar."""

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        if item.call_id == "odd":
            raise ValueError("it is outside the years 1 to 9999")
        return super().add(identities, item)


@pytest.mark.parametrize("durability", DURABILITIES)
def test_one_item_that_no_store_can_hold_is_given_up_and_the_store_is_not_taken_for_one_that_is_down(
    durability: str,
) -> None:
    store = Fussy()
    engine = Engine(norm(), store=store, audit=True, durability=durability)
    fed(engine, offered("c0", START), offered("c1", START + 1))

    odd, other, own = fed(engine, offered("odd", START + 2, OTHER), offered("d0", START + 3), offered("d1", START + 4))
    engine.close()

    assert [each.failed for each in (odd, other, own)] == [(), (), ()]
    assert (other.effect, own.effect) == (Effect.REJECT, Effect.REJECT)
    assert (engine.health().failure, engine.health().waiting, engine.health().given_up) == (None, 0, 1)
    assert (counted(store, BOB), counted(store)) == (0, 4)


def test_what_no_store_can_hold_is_on_record_as_given_up() -> None:
    store = Fussy()
    engine = Engine(norm(), store=store, audit=True)

    fed(engine, offered("odd", START), offered("c1", START + 1))

    assert failures_in(trail(store)) == [{"code": "given-up", "number": 1}]


def test_what_no_store_can_hold_does_not_wait_though_nothing_else_does() -> None:
    store = Fussy()
    Engine(norm(), store=store)
    waiting = Waiting(store, None)
    waiting.put([KeepItem((ANN,), Item(START, "odd", 0, CALLS, ()))])

    delivered = waiting.deliver()

    assert (delivered, waiting.busy, len(waiting), waiting.given_up) == (True, False, 0, 1)


def test_what_waits_beside_it_is_delivered_in_the_same_transaction() -> None:
    store = Fussy()
    Engine(norm(), store=store)
    waiting = Waiting(store, None)
    waiting.put([KeepItem((ANN,), Item(START, name, 0, CALLS, ())) for name in ("a", "odd", "b", "odd", "c")])

    assert waiting.deliver()

    assert (counted(store), len(waiting), waiting.given_up, waiting.watch.failing) == (3, 0, 2, False)


def test_a_record_that_is_refused_waits_for_a_chain_has_no_gaps() -> None:
    class Strict(Down):
        def append(self, kept: Sequence[Kept]) -> None:
            raise ValueError("not this one")

    store = Strict()
    waiting = Waiting(store, None)
    waiting.put([KeepRecord(each) for each in records_of(store.keys, number=1)])

    assert not waiting.deliver()

    assert (len(waiting), waiting.given_up, waiting.watch.failing) == (1, 0, True)
