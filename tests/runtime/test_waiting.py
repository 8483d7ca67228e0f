"""What the store did not take waits in order, within a bound, and nobody is decided on without it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from callpolicy.errors import StoreError
from callpolicy.events import CaseLinked, Event, Tick
from callpolicy.identity import Identity
from callpolicy.points import Effect
from callpolicy.runtime import Engine
from callpolicy.runtime import waiting as waiting_module
from callpolicy.runtime.keeping import KeepEvent, KeepItem
from callpolicy.runtime.waiting import STRIKES, Waiting
from callpolicy.stores.base import Query
from callpolicy.windows import CALLS, Item
from tests.runtime.failing import AMBIGUOUS, COMMIT, Down, decisions_in, failures_in, fed, trail
from tests.runtime.norms import ANN, BOB, DAY, START, norm, offered

OTHER = "+1 212 555 0199"


def item(call_id: str, who: Identity = ANN, at: int = START) -> KeepItem:
    return KeepItem((who,), Item(at, call_id, 0, CALLS, ()))


def counted(store: Down, who: Identity = ANN) -> object:
    return store.background(Query("probe", (who,), {}, None, START + 60)).readings["history.calls_10m"].value


@pytest.fixture
def store() -> Down:
    made = Down()
    Engine(norm(), store=made)
    return made


def test_what_waits_is_known_by_whom_it_is_about_until_it_is_delivered(store: Down) -> None:
    waiting = Waiting(store, None)
    waiting.put([item("c1"), KeepEvent("k1", CaseLinked(call_id="c1", seq=1, at=START, case_id="k1"), None)])

    before = [waiting.is_about([each]) for each in (ANN, "k1", BOB, "k2")]
    delivered = waiting.deliver()

    assert (before, delivered) == ([True, True, False, False], True)
    assert [waiting.is_about([each]) for each in (ANN, "k1")] == [False, False]
    assert (len(waiting), counted(store)) == (0, 1)


def test_what_is_about_one_twice_is_about_them_until_both_are_delivered(
    store: Down, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_module, "_AT_ONCE", 1)
    waiting = Waiting(store, None)
    waiting.put([item("c1"), item("c2")])

    waiting.deliver()

    assert (len(waiting), waiting.is_about([ANN]), counted(store)) == (1, True, 1)


def test_nothing_is_asked_of_the_store_while_nothing_waits(store: Down) -> None:
    waiting = Waiting(store, None)
    store.down.add("turn")

    assert waiting.deliver()
    assert waiting.deliver_all()


def test_beyond_the_bound_new_things_are_given_up_all_or_none_and_counted(
    store: Down, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_KEPT", 3)
    waiting = Waiting(store, None)

    taken = [waiting.put([item("c1"), item("c2")]), waiting.put([item("c3"), item("c4")]), waiting.put([item("c5")])]

    assert (taken, len(waiting), waiting.given_up) == ([True, False, True], 3, 2)
    assert waiting.deliver_all()
    assert counted(store) == 3


def test_how_many_were_given_up_is_on_record_once_when_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_KEPT", 5)
    store = Down()
    engine = Engine(norm(), store=store, audit=True)
    store.down.add("turn")
    # An item and a record each: two calls fit, and one place is left.
    down = fed(engine, *(offered(f"c{number}", START + number) for number in range(5)))

    store.down.clear()
    back = fed(engine, *(offered(f"d{number}", START + 9 + number, OTHER) for number in range(2)))

    assert [each.failed for each in (*down, *back)] == [("store",)] * 5 + [()] * 2
    # Each call that was given up left an item and a record.
    assert failures_in(trail(store)) == [{"code": "given-up", "number": 6}]
    assert decisions_in(trail(store)) == [("c0#0~", ("store",)), ("c1#0", ("store",)), ("d0#0", ()), ("d1#0", ())]
    assert counted(store) == 2


def test_a_chain_has_no_gap_where_things_were_given_up_and_room_came_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_KEPT", 4)
    monkeypatch.setattr(waiting_module, "_AT_ONCE", 2)
    store = Down()
    engine = Engine(norm(), store=store, audit=True)
    store.down.add("turn")
    fed(engine, *(offered(f"c{number}", START + number) for number in range(4)))

    store.down.clear()
    # Half of what waits is delivered before each of these; the same caller waits on, so that it goes the same way.
    fed(engine, *(offered(f"d{number}", START + 9 + number) for number in range(4)))

    trail(store)
    engine.close()
    assert {each["code"] for each in failures_in(trail(store))} <= {"given-up"}


@pytest.mark.parametrize("part", [COMMIT, AMBIGUOUS])
def test_that_it_cannot_be_said_what_was_given_up_breaks_no_chain(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_KEPT", 1)

    class Mute(Down):
        mute = False

        def append(self, kept: Sequence[object]) -> None:
            if self.mute and part == COMMIT:
                raise StoreError("not now")
            super().append(kept)  # type: ignore[arg-type]  # passed on as it came
            if self.mute:
                raise StoreError("nobody knows")

    store = Mute()
    engine = Engine(norm(), store=store, audit=True)
    store.down.add("turn")
    fed(engine, offered("c0", START))
    store.down.clear()
    store.mute = True
    fed(engine, offered("c1", START + 1))
    store.mute = False
    fed(engine, offered("c2", START + 2), offered("c3", START + 3))

    records = trail(store)
    assert failures_in(records)[-1]["code"] == "given-up"
    assert ("c3#0", ()) in decisions_in(records)


def test_while_much_waits_others_are_decided_on_and_every_chain_holds_at_every_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting_module, "_AT_ONCE", 2)
    store = Down()
    engine = Engine(norm(), store=store, audit=True, writer="node")
    store.down.add("turn")
    fed(engine, *(offered(f"c{number}", START + number) for number in range(6)))

    store.down.clear()
    told = []
    for number in range(5):
        told.append(engine.observe(offered(f"d{number}", START + 9 + number, OTHER)).failed)
        told.append(engine.observe(Tick(call_id="c1", seq=1 + number, at=START + 20 + number)).failed)
        trail(store)

    # The other caller is nobody whom it concerns; whom it concerns is told until all of it is delivered.
    assert told[0::2] == [()] * 5
    assert (told[1], told[-1]) == (("store",), ())
    assert len(decisions_in(trail(store))) == 6 + 10


def test_one_thing_that_no_store_takes_is_given_up_in_the_end_and_then_holds_up_nobody() -> None:
    class Picky(Down):
        def add(self, identities: Sequence[Identity], item: Item) -> bool:
            if item.call_id == "c0":
                raise StoreError("this one never")
            return super().add(identities, item)

    store = Picky()
    engine = Engine(norm(), store=store, audit=True)
    fed(engine, offered("c0", START))
    fed(engine, *(offered(f"d{number}", START + 1 + number, OTHER) for number in range(2 * STRIKES)))
    other, own = fed(engine, offered("d9", START + 30, OTHER), offered("c1", START + 60))

    assert (other.effect, other.failed, own.failed) == (Effect.REJECT, (), ())
    assert failures_in(trail(store)) == [{"code": "given-up", "number": 1}]
    assert counted(store) == 1


def test_a_store_that_is_down_for_long_loses_nothing_however_it_says_so() -> None:
    store = Down(error=RuntimeError)
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    fed(engine, *(offered(f"c{number}", START + number) for number in range(4 * STRIKES)))

    store.down.clear()
    engine.close()

    assert counted(store) == 4 * STRIKES


def test_more_than_one_transaction_takes_is_delivered_when_the_engine_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "_AT_ONCE", 3)
    store = Down()
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    fed(engine, *(offered(f"c{number}", START + number) for number in range(10)))

    store.down.clear()
    engine.close()

    assert counted(store) == 10


def test_threads_that_put_and_deliver_at_once_lose_nothing(store: Down) -> None:
    waiting = Waiting(store, None)

    def work(thread: int) -> None:
        for number in range(50):
            waiting.put([item(f"t{thread}-{number}")])
            waiting.deliver()

    threads = [threading.Thread(target=work, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert waiting.deliver_all()
    assert counted(store) == 200


def test_facts_of_a_host_that_no_file_can_hold_cost_no_caller_anything(tmp_path: Path) -> None:
    store = Down()
    engine = Engine(norm(), store=store, spool=tmp_path)
    odd: list[Event] = [
        offered("c1", START, facts={"host.odd": object(), "host.set": {1, 2}}),
        CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"),
    ]
    store.down.add("turn")

    decisions = fed(engine, *odd, offered("c2", START + 2))

    store.down.clear()
    after = engine.observe(offered("c3", START + DAY))
    assert [each.failed for each in decisions] == [("store",)] * 3
    assert after.failed == ()
    assert counted(store) == 2
    assert store.case("k1") is not None
    assert list(tmp_path.iterdir()) == []
