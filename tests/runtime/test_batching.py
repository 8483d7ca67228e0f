"""A busy node writes together, within a bound: nothing waits longer, nothing is decided without what waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from callpolicy.events import CaseLinked, Event, FinalResult, Tick
from callpolicy.identity import Identity
from callpolicy.points import Effect
from callpolicy.policy import Term
from callpolicy.runtime import Engine
from callpolicy.runtime import batching as batching_module
from callpolicy.runtime.batching import Batch
from callpolicy.runtime.keeping import Keep, KeepItem
from callpolicy.stores.base import Query, Store
from callpolicy.windows import CALLS, Item
from tests.engine.bundles import rule
from tests.runtime.failing import AMBIGUOUS, DownFile, decisions_in, failures_in, fed, restricts, trail
from tests.runtime.norms import ANN, BOB, BURST, DAY, SECOND, START, norm, offered, stories
from tests.runtime.test_spool import in_a_child

LONG = 30.0
"""A bound that no test reaches. Units: seconds."""

OTHER = "+1 212 555 0199"


@pytest.fixture
def store(tmp_path: Path) -> DownFile:
    return DownFile(f"sqlite:///{tmp_path}/calls.db")


def engine_on(store: Store, within: float = LONG) -> Engine:
    return Engine(norm(), store=store, durability="batched", within=within)


def calls_in(store: DownFile, who: Identity = ANN) -> object:
    return store.background(Query("probe", (who,), {}, None, START + 60)).readings["history.calls_10m"].value


def item(call_id: str) -> KeepItem:
    return KeepItem((ANN,), Item(START, call_id, 0, CALLS, ()))


def test_within_the_bound_everything_is_in_the_store(store: DownFile) -> None:
    engine = engine_on(store, within=0.05)
    engine.observe(offered("c1", START))

    deadline = time.monotonic() + 20
    while not decisions_in(trail(store)) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert (calls_in(store), decisions_in(trail(store))) == (1, [("c1#0", ())])


def test_before_it_nothing_is_and_many_events_are_one_transaction(store: DownFile) -> None:
    engine = engine_on(store)
    before = store.turns
    fed(engine, *(offered(f"c{number}", START + number, None) for number in range(20)))

    turns = store.turns - before
    engine.flush()

    assert (turns, store.turns - before) == (0, 1)
    written = [each.body["decision"]["decision_id"] for each in trail(store) if each.kind == "decision"]
    assert written == [f"c{number}#0" for number in range(20)]


@pytest.mark.parametrize("how", ["close", "with"])
def test_whoever_closes_an_engine_finds_everything_in_the_store(store: DownFile, how: str) -> None:
    engine = engine_on(store)
    if how == "close":
        engine.observe(offered("c1", START))
        engine.close()
    else:
        with engine:
            engine.observe(offered("c1", START))

    assert (calls_in(store), len(decisions_in(trail(store)))) == (1, 1)


def test_after_it_was_closed_everything_is_written_at_once(store: DownFile) -> None:
    engine = engine_on(store)
    engine.close()
    engine.close()

    engine.observe(offered("c1", START))

    assert (calls_in(store), len(decisions_in(trail(store)))) == (1, 1)


def test_a_decision_that_needs_what_is_not_written_yet_sees_it(store: DownFile) -> None:
    engine = engine_on(store)

    decisions = fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))

    assert [each.snapshot.get("history.calls_10m") for each in decisions if each.snapshot] == [0, 1, 2]
    assert decisions[-1].effect is Effect.REJECT


def test_the_events_of_a_case_are_written_at_once_and_its_own_decision_sees_them(store: DownFile) -> None:
    engine = engine_on(store)
    decisions = fed(
        engine,
        offered("c1", START),
        CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"),
        FinalResult(call_id="c1", seq=2, at=START + 2),
    )

    assert decisions[-1].snapshot is not None
    assert decisions[-1].snapshot.get("case.status") == "final"
    record = store.case("k1")
    assert record is not None
    assert record.facts(START + 3)[0]["case.status"] == "final"


def test_a_decision_waits_for_what_is_being_written_at_that_moment(store: DownFile) -> None:
    class Slow(DownFile):
        gate = threading.Event()
        begun = threading.Event()

        def turn(self, *args: Any, **more: Any) -> Any:
            if threading.current_thread().name == "callpolicy-batch":
                self.begun.set()
                assert self.gate.wait(20)
            return super().turn(*args, **more)

    slow = Slow(f"sqlite:///{store.database.spool_folder.parent}/slow.db")
    engine = engine_on(slow, within=0.01)
    engine.observe(offered("c1", START))
    assert slow.begun.wait(20)
    threading.Timer(0.2, slow.gate.set).start()

    decision = engine.observe(offered("c2", START + 1))

    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 1


def test_a_block_and_a_proposal_are_in_the_store_before_the_decision_is_given(store: DownFile) -> None:
    propose = norm(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK))
    engine = engine_on(store)
    other = Engine(propose, store=store, durability="batched", within=LONG)

    blocked = fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))[-1]
    proposed = fed(other, *(offered(f"d{number}", START + 9 + number, OTHER) for number in range(3)))[-1]

    assert (blocked.effect, store.entry("block:c2#0") is not None) == (Effect.REJECT, True)
    listed = store.listed("block:d2#0")
    assert listed is not None
    assert listed.block is not None
    assert listed.entry is None
    assert (proposed.failed, len(decisions_in(trail(store)))) == ((), 6)


@pytest.mark.parametrize("how", ["turn", AMBIGUOUS])
def test_a_store_that_fails_in_the_background_loses_and_doubles_nothing(store: DownFile, how: str) -> None:
    engine = engine_on(store, within=0.01)
    turns = store.turns
    store.down.add(how)
    given = fed(engine, *(offered(f"c{number}", START + number, None) for number in range(5)))
    deadline = time.monotonic() + 20
    while store.turns == turns and time.monotonic() < deadline:
        time.sleep(0.01)
    given += fed(engine, offered("d0", START + 9), offered("d1", START + 10))
    down = fed(engine, *(offered(f"e{number}", START + 20 + number) for number in range(3)))

    store.down.clear()
    back = engine.observe(offered("f1", START + 30))
    engine.close()

    assert {each.failed for each in down} == {("store",)}
    assert not any(restricts(each) for each in down)
    assert back.effect is Effect.REJECT
    assert calls_in(store) == 6
    recorded = decisions_in(trail(store))
    assert set(recorded) >= {(each.decision_id, each.failed) for each in (*given, *down, back)}
    assert len({decision_id for decision_id, _ in recorded}) == len(recorded)


def test_what_is_decided_after_a_failing_write_never_comes_before_it(store: DownFile) -> None:
    # The batch fails, and the next one would work: the records of the first are still to come.
    engine = engine_on(store)
    fed(engine, offered("c1", START, None))
    store.down.add("turn")
    batch = engine._deciding._batch
    assert batch is not None
    batch.flush()
    store.down.clear()
    fed(engine, offered("c2", START + 1, None))
    batch.put([item("c9")])
    batch.flush()

    trail(store)
    engine.close()
    assert len(decisions_in(trail(store))) == 2


def test_a_chain_that_lost_records_ends_there(store: DownFile, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_on(store)
    fed(engine, *(offered(f"c{number}", START + number, None) for number in range(4)))
    monkeypatch.setattr("callpolicy.runtime.waiting.WAITING_KEPT", 2)
    store.down.add("turn")
    engine.flush()
    store.down.clear()

    fed(engine, *(offered(f"d{number}", START + 9 + number, None) for number in range(3)))
    engine.close()

    records = trail(store)
    assert failures_in(records) == [{"code": "given-up", "number": 4}]
    assert [decision_id for decision_id, _ in decisions_in(records)] == ["d0#0", "d1#0", "d2#0"]


def test_reading_may_fail_alone(store: DownFile) -> None:
    engine = engine_on(store)
    fed(engine, offered("c0", START), offered("c1", START + 1))
    store.down.add("background")

    down = engine.observe(offered("c2", START + 2))

    store.down.clear()
    back = engine.observe(offered("c3", START + 3))
    engine.close()
    assert (down.failed, down.effect, back.effect) == (("store",), Effect.ACCEPT, Effect.REJECT)
    assert calls_in(store) == 4
    assert len(decisions_in(trail(store))) == 4


def test_a_fork_leaves_what_is_not_written_to_the_parent_and_goes_on_by_itself(store: DownFile) -> None:
    engine = engine_on(store)
    fed(engine, offered("c1", START), offered("x1", START, None))

    def work() -> None:
        assert engine.observe(offered("d1", START + 1, OTHER)).failed == ()
        engine.close()

    in_a_child(work)
    between = (calls_in(store), calls_in(store, BOB))
    fed(engine, offered("c2", START + 2))
    engine.close()

    assert between == (0, 1)
    assert (calls_in(store), calls_in(store, BOB)) == (2, 1)
    assert [decision_id for decision_id, _ in decisions_in(trail(store))] == ["c1#0", "c2#0", "d1#0", "x1#0"]


def test_a_fork_while_the_thread_holds_the_locks_hangs_nobody(store: DownFile) -> None:
    engine = engine_on(store)
    engine.observe(offered("c1", START, None))
    batch = engine._deciding._batch
    assert batch is not None

    def work() -> None:
        assert engine.observe(offered("d1", START + 1, None)).failed == ()
        engine.close()

    with batch._changed, batch._writing, engine._deciding._waiting._lock:
        child = threading.Thread(target=in_a_child, args=(work,), daemon=True)
        child.start()
        child.join(20)

    assert not child.is_alive()


def test_a_fork_in_sync_mode_writes_a_chain_of_its_own(store: DownFile) -> None:
    engine = Engine(norm(), store=store, writer="node")
    engine.observe(offered("c1", START, None))

    def work() -> None:
        fed(engine, offered("d1", START + 1, None), offered("d2", START + 2, None))

    in_a_child(work)
    fed(engine, offered("c2", START + 3, None), offered("c3", START + 4, None))

    assert len(decisions_in(trail(store))) == 5


def test_calls_in_threads_are_all_kept_and_the_chain_holds(store: DownFile) -> None:
    engine = engine_on(store, within=0.005)

    def calls(thread: int) -> None:
        for number in range(15):
            engine.observe(offered(f"t{thread}-{number}", START + number, None if thread else OTHER))

    threads = [threading.Thread(target=calls, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    engine.close()

    assert len(decisions_in(trail(store))) == 60
    assert calls_in(store, BOB) == 15


def test_who_adds_one_too_many_waits_for_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching_module, "MOST", 3)
    written: list[list[Keep]] = []
    batch = Batch(lambda keeps: written.append(list(keeps)), LONG)

    batch.put([item("c1"), item("c2")])
    few = len(written)
    batch.put([item("c3")])

    assert (few, [len(each) for each in written], len(batch)) == (0, [3], 0)


def test_only_a_decision_on_another_call_needs_what_a_call_left() -> None:
    batch = Batch(lambda keeps: None, LONG)
    batch.put([item("c1")])

    one = [batch.is_about([ANN], "c1"), batch.is_about([ANN], "c2"), batch.is_about([BOB, "k1"], "c2")]
    batch.put([item("c2")])
    two = [batch.is_about([ANN], "c1"), batch.is_about([ANN], "c2")]
    batch.flush()

    assert (one, two, batch.is_about([ANN], "c3")) == ([False, True, False], [True, True], False)


def test_a_bound_is_kept_by_what_comes_later_too() -> None:
    written: list[tuple[float, int]] = []
    batch = Batch(lambda keeps: written.append((time.monotonic(), len(keeps))), 0.05)

    began = time.monotonic()
    for number in range(4):
        batch.put([item(f"c{number}")])
        time.sleep(0.03)
    deadline = began + 20
    while sum(number for _, number in written) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    batch.close()

    assert sum(number for _, number in written) == 4
    assert len(written) >= 2


SYNC_AND_BATCHED: Sequence[str] = ("sync", "batched")


@pytest.mark.untraced
@settings(max_examples=12)
@given(stories())
def test_what_is_decided_within_a_bound_is_byte_for_byte_what_is_decided_at_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event]
) -> None:
    folder = tmp_path_factory.mktemp("stores")
    told = {}
    kept = {}
    for durability in SYNC_AND_BATCHED:
        store = DownFile(f"sqlite:///{folder}/{durability}.db")
        with Engine(norm(), store=store, durability=durability, within=LONG) as engine:
            told[durability] = [each.to_json() for each in fed(engine, *events)]
            last = max(event.at for event in events)
            told[durability] += [each.to_json() for each in fed(engine, *_probes(last))]
        kept[durability] = (decisions_in(trail(store)), store.case("k1") is None)
        store.close()

    assert told["batched"] == told["sync"]
    assert kept["batched"] == kept["sync"]
    assert len(kept["sync"][0]) == len(events) + 3


def _probes(last: int) -> list[Event]:
    return [
        offered("p1", last + 1, facts={"case.id": "k1"}),
        Tick(call_id="p1", seq=1, at=last + 31 * SECOND),
        offered("p2", last + DAY, OTHER),
    ]


def test_a_store_in_memory_is_never_behind() -> None:
    engine = Engine(norm(), durability="batched", within=LONG, audit=True)

    engine.observe(offered("c1", START))

    assert len(decisions_in(trail(engine.store))) == 1
