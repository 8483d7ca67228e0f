"""The file beside: what a process that died had not delivered, who starts next delivers once, and it shows nobody."""

from __future__ import annotations

import os
import resource
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callpolicy.events import CaseLinked, Event
from callpolicy.points import Effect
from callpolicy.runtime import Engine
from callpolicy.runtime import spool as spool_module
from callpolicy.runtime.keeping import KeepEvent, KeepItem
from callpolicy.runtime.spool import UNREADABLE, Spool
from callpolicy.stores import open_store
from callpolicy.stores.base import Query
from callpolicy.windows import CALLS, Item
from tests.runtime.failing import Down, DownFile, decisions_in, failures_in, fed, restricts, trail
from tests.runtime.norms import ANN, START, norm, offered

SECRET = b"a secret of thirty-two bytes ..."
OUTAGE: list[Event] = [
    offered("c1", START),
    CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"),
    offered("c2", START + 2),
]


def in_a_child(work: Callable[[], None]) -> None:
    """Run work in a process that then dies as it stands."""
    child = os.fork()
    if child == 0:
        # WHY: one that hangs is not to outlive the tests.
        signal.alarm(60)
        try:
            work()
        except BaseException:  # the test sees it by its status, and people by what it prints
            os.write(2, traceback.format_exc().encode())
            os._exit(1)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def leave_behind(url: str, *, writer: str | None = None, durability: str = "sync") -> None:
    def work() -> None:
        store = DownFile(url)
        engine = Engine(norm(), store=store, writer=writer, durability=durability, within=30.0)
        fed(engine, offered("c0", START - 1))
        engine.flush()
        store.down.add("turn")
        assert all(not restricts(each) for each in fed(engine, *OUTAGE))
        engine.flush()

    in_a_child(work)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/calls.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calls.db-spool"


def calls_of(store: object) -> object:
    assert isinstance(store, Down | DownFile)
    return store.background(Query("probe", (ANN,), {}, None, START + 60)).readings["history.calls_10m"].value


@pytest.mark.parametrize("durability", ["sync", "batched"])
def test_what_a_dead_process_left_is_delivered_by_the_next_engine_and_its_file_goes(
    url: str, folder: Path, durability: str
) -> None:
    leave_behind(url, durability=durability)
    (left,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, left.stat().st_mode & 0o777) == (0o700, 0o600)
    assert b"2125550142" not in left.read_bytes()

    store = DownFile(url)
    with Engine(norm(), store=store) as engine:
        assert list(folder.iterdir()) == []
        assert calls_of(store) == 3
        assert store.case("k1") is not None
        assert engine.observe(offered("c3", START + 3)).effect is Effect.REJECT
    records = decisions_in(trail(store))
    assert len(records) == 5
    assert [decision_id for decision_id, failed in records if failed] in (
        ["c1#0~", "c1#1", "c2#0"], ["c1#0", "c1#1~", "c2#0"], ["c1#1", "c2#0"],
    )  # fmt: skip


@pytest.mark.parametrize("durability", ["sync", "batched"])
def test_a_writer_that_is_taken_up_again_goes_on_after_what_its_dead_process_left(url: str, durability: str) -> None:
    leave_behind(url, writer="node", durability=durability)

    store = DownFile(url)
    with Engine(norm(), store=store, writer="node") as engine:
        engine.observe(offered("c3", START + 3))

    assert len(decisions_in(trail(store))) == 5


def test_a_writer_whose_last_records_cannot_be_delivered_yet_is_not_gone_on_with(url: str, folder: Path) -> None:
    class Late(DownFile):
        """Takes nothing when an engine begins, but for the record that it begins with."""

        def turn(self, *args: Any, **more: Any) -> Any:
            self.down = {"turn"} if self.turns < 2 else set()
            return super().turn(*args, **more)

    leave_behind(url, writer="node", durability="batched")

    store = Late(url)
    with Engine(norm(), store=store, writer="node") as engine:
        assert len(list(folder.iterdir())) == 1
        engine.observe(offered("c3", START + 3))

    records = trail(store)
    assert len(decisions_in(records)) == 5
    began = [each.writer for each in records if each.kind == "activation"]
    assert [writer == "node" for writer in sorted(began)] == [True, False]
    assert {each.writer for each in store.activations()} == set(began)


def test_two_engines_never_take_the_same_file(url: str, folder: Path) -> None:
    leave_behind(url)
    first, second = (Spool(folder, open_store(url).keys) for _ in range(2))

    taken = [list(each.adopt()) for each in (first, second)]

    assert [len(each) for each in taken] == [1, 0]
    taken[0][0][1].release()
    assert len(list(second.adopt())) == 1


def test_the_file_of_an_engine_that_lives_is_nobody_else_s(url: str, folder: Path) -> None:
    store = DownFile(url)
    living = Engine(norm(), store=store)
    store.down.add("turn")
    fed(living, *OUTAGE)

    with Engine(norm(), store=url):
        assert len(list(folder.iterdir())) == 1

    store.down.clear()
    living.close()
    assert (list(folder.iterdir()), calls_of(store)) == ([], 2)


def test_an_engine_that_closes_with_its_store_down_leaves_its_file_to_the_next_one(url: str, folder: Path) -> None:
    store = DownFile(url)
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    fed(engine, *OUTAGE)
    engine.close()
    assert len(list(folder.iterdir())) == 1

    other = DownFile(url)
    Engine(norm(), store=other).close()

    assert (list(folder.iterdir()), calls_of(other)) == ([], 2)
    assert len(decisions_in(trail(other))) == 3


def torn(data: bytes) -> bytes:
    return data[:-7]


def changed(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    middle = lines[1]
    return lines[0] + middle[:60] + (b"A" if middle[60:61] != b"A" else b"B") + middle[61:] + b"".join(lines[2:])


def odd(data: bytes) -> bytes:
    return data + "ü\n".encode() + b"\x00\xff\n" + b"not sealed at all\n"


@pytest.mark.parametrize(("spoil", "lost"), [(torn, 1), (changed, 1), (odd, 3)])
def test_a_line_that_nobody_can_read_is_passed_over_counted_and_set_aside(
    url: str, folder: Path, spoil: Callable[[bytes], bytes], lost: int
) -> None:
    leave_behind(url)
    (left,) = folder.iterdir()
    left.write_bytes(spoiled := spoil(left.read_bytes()))

    store = DownFile(url)
    with Engine(norm(), store=store) as engine:
        engine.observe(offered("c9", START + 9, None))

    (aside,) = folder.iterdir()
    assert (aside.suffix, aside.read_bytes()) == (UNREADABLE, spoiled)
    assert [
        each.record.body["failure"] for each in store.records() if each.record.kind == "failure"
    ] == [{"code": "given-up", "number": lost}]  # fmt: skip


def test_lines_of_another_secret_are_passed_over_counted_and_set_aside(tmp_path: Path) -> None:
    other = Down("turn", secret=b"another secret of thirty-two ...")
    dead = Engine(norm(), store=other, spool=tmp_path)
    fed(dead, *OUTAGE)
    dead.close()

    store = Down(secret=SECRET)
    engine = Engine(norm(), store=store, spool=tmp_path, audit=True)
    engine.observe(offered("c9", START + 9, None))

    # Two calls and the two events that the case hears of.
    assert failures_in(trail(store)) == [{"code": "given-up", "number": 4}]
    assert [each.suffix for each in tmp_path.iterdir()] == [UNREADABLE]


def test_more_than_the_bound_of_what_waits_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = Down("turn", secret=SECRET)
    left = Engine(norm(), store=dead, spool=tmp_path)
    fed(left, *(offered(f"c{number}", START + number) for number in range(9)))
    left.close()
    monkeypatch.setattr("callpolicy.runtime.waiting.WAITING_KEPT", 3)

    store = Down(secret=SECRET)
    Engine(norm(), store=store, spool=tmp_path)

    assert calls_of(store) == 9


@pytest.mark.parametrize("limit", [0, 4096, 40_000])
def test_a_disk_that_is_full_for_the_file_too_costs_no_caller_anything(
    url: str, folder: Path, tmp_path: Path, limit: int
) -> None:
    def work() -> None:
        # WHY patient: a disk that stalls for half a second would have the store rest, when it has room again too.
        store = DownFile(url, patience=20.0)
        engine = Engine(norm(), store=store)
        fed(engine, offered("c0", START))
        size = max(each.stat().st_size for each in tmp_path.iterdir() if each.is_file())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size if limit > size else limit, resource.RLIM_INFINITY))
        full = fed(engine, *(offered(f"c{number}", START + number) for number in range(1, 40)))
        assert any(each.failed == ("store",) for each in full)
        assert not any(restricts(each) for each in full if each.failed)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        after = engine.observe(offered("c40", START + 40))
        assert (after.failed, after.effect) == ((), Effect.REJECT)
        engine.close()

    in_a_child(work)

    store = DownFile(url)
    Engine(norm(), store=store)
    assert calls_of(store) == 41
    assert list(folder.glob("*")) == []
    trail(store)


def test_a_folder_that_cannot_be_made_or_written_costs_no_caller_anything(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("no folder")
    store = Down("turn")
    engine = Engine(norm(), store=store, spool=place / "spool")

    down = fed(engine, *OUTAGE)

    store.down.clear()
    assert {each.failed for each in down} == {("store",)}
    assert engine.observe(offered("c3", START + 3)).effect is Effect.REJECT


def test_a_file_grows_to_its_limit_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, Down(secret=SECRET).keys)
    one = [KeepItem((ANN,), Item(START, "c1", 0, CALLS, ()))]
    assert spool.write(one)
    (left,) = tmp_path.iterdir()
    size = left.stat().st_size
    monkeypatch.setattr(spool_module, "LARGEST", 2 * size)

    written = [spool.write(one) for _ in range(3)]

    assert written == [True, False, False]
    assert left.stat().st_size == 2 * size
    spool.release()


def test_a_line_that_was_cut_off_by_a_full_disk_takes_no_other_with_it(tmp_path: Path) -> None:
    keys = Down(secret=SECRET).keys

    def some(call_id: str) -> list[KeepItem]:
        return [KeepItem((ANN,), Item(START, call_id, 0, CALLS, ()))]

    def work() -> None:
        spool = Spool(tmp_path, keys)
        assert spool.write(some("c1"))
        (left,) = tmp_path.iterdir()
        resource.setrlimit(resource.RLIMIT_FSIZE, (left.stat().st_size + 10, resource.RLIM_INFINITY))
        assert not spool.write(some("c2"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert spool.write(some("c3"))

    in_a_child(work)

    ((found, spool),) = Spool(tmp_path, keys).adopt()
    assert [each.item.call_id for each in found.keeps if isinstance(each, KeepItem)] == ["c1", "c3"]
    assert found.unreadable == 0
    spool.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_fork_leaves_what_waits_and_its_file_to_the_parent(url: str, folder: Path) -> None:
    store = DownFile(url)
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    fed(engine, *OUTAGE)

    def work() -> None:
        store.down.clear()
        assert engine.observe(offered("d1", START + 5, None)).failed == ()
        assert len(list(folder.iterdir())) == 1
        store.down.add("turn")
        assert engine.observe(offered("d2", START + 6, None)).failed == ("store",)
        assert len(list(folder.iterdir())) == 2

    in_a_child(work)

    store.down.clear()
    assert engine.observe(offered("c3", START + 7)).effect is Effect.REJECT
    with Engine(norm(), store=url):
        assert list(folder.iterdir()) == []
    # c1, its case, c2, c3; and of the child two.
    assert len(decisions_in(trail(store))) == 6
    assert calls_of(store) == 3


def test_an_event_of_a_case_survives_its_way_through_the_file(tmp_path: Path) -> None:
    keys = Down(secret=SECRET).keys
    keep = KeepEvent("k1", CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"), "li")
    spool = Spool(tmp_path, keys)
    spool.write([keep])
    spool.release()

    ((found, _),) = Spool(tmp_path, keys).adopt()

    assert (found.keeps, found.unreadable) == ((keep,), 0)
