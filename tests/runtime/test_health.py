"""The host learns that a store fails, in few lines, with no personal value, and at no caller's cost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.errors import StoreError
from callpolicy.runtime import Engine, Health
from callpolicy.runtime import engine as engine_module
from callpolicy.runtime import waiting as waiting_module
from callpolicy.runtime.health import QUIET, Watch
from callpolicy.stores.base import RestingError
from tests.runtime.failing import AMBIGUOUS, Down, DownFile, fed
from tests.runtime.norms import SECOND, START, norm, offered
from tests.runtime.test_spool import leave_behind

LOGGER = "callpolicy.stores"


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def all_levels(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged since the last time."""
    found = [f"{logging.getLevelName(level)} {message}" for _, level, message in caplog.record_tuples]
    caplog.clear()
    return found


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.partition(" ")[0] for line in lines(caplog)]


def calls(engine: Engine, first: int, last: int) -> list[tuple[str, ...]]:
    return [each.failed for each in fed(engine, *(offered(f"c{n}", START + n) for n in range(first, last)))]


def test_an_outage_of_many_calls_is_two_lines_with_how_long_and_how_many(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Down()
    engine = Engine(norm(), store=store, clock=clock)
    store.down.add("turn")
    calls(engine, 0, 50)
    during = engine.health()
    clock.now += 90 * SECOND
    calls(engine, 50, 51)

    store.down.clear()
    calls(engine, 51, 55)

    # Without an audit trail each call leaves an item of history.
    assert during == Health(answers=False, failure="turn is down", since=START, waiting=50)
    assert engine.health() == Health(failure="turn is down", since=START, until=START + 90 * SECOND)
    assert lines(caplog) == [
        "WARNING turn is down; callers go through to a person, and what it does not take waits for it",
        "INFO the store answers again after 90.0 s; what waited for it is delivered: 51",
    ]


@pytest.mark.parametrize("part", ["background", "put_block", AMBIGUOUS])
def test_a_store_that_takes_what_waits_and_fails_for_every_call_writes_no_line_for_each(
    part: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Down(part)
    engine = Engine(norm(), store=store, clock=clock)

    # One second after the other.
    for number in range(0, 50):
        clock.now += SECOND
        calls(engine, number, number + 1)

    assert len(lines(caplog)) <= 2


def test_a_store_that_comes_and_goes_with_every_call_is_told_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Down()
    engine = Engine(norm(), store=store, clock=clock)

    for number in range(130):
        clock.now += SECOND
        store.down = {"turn"} if number % 2 else set()
        calls(engine, number, number + 1)

    # In the seconds 2, 62 and 122, and a second later each time.
    assert levels(caplog) == ["WARNING", "INFO"] * 3


def test_an_outage_that_begins_soon_after_another_is_told_if_it_lasts(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Down()
    engine = Engine(norm(), store=store, clock=clock)
    store.down.add("turn")
    calls(engine, 0, 1)
    store.down.clear()
    calls(engine, 1, 2)
    first = levels(caplog)
    store.down.add("turn")
    calls(engine, 2, 3)
    soon, seen = levels(caplog), engine.health().answers
    clock.now += QUIET
    calls(engine, 3, 4)

    assert (first, soon, seen) == (["WARNING", "INFO"], [], False)
    assert levels(caplog) == ["WARNING"]


def test_a_clock_that_was_put_back_silences_nothing_for_long(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(clock)
    watch.failed(StoreError("it is down"))
    watch.over()
    clock.now -= 3600 * SECOND
    watch.failed(StoreError("it is down"))

    assert levels(caplog) == ["WARNING", "INFO", "WARNING"]


def test_that_a_store_rests_does_not_hide_why(clock: Clock) -> None:
    watch = Watch(clock)
    watch.failed(RestingError("it is not asked yet"))
    unknown = watch.health(waiting=0, spooled=0, unwritten=0).failure
    watch.failed(StoreError("it is locked"))
    watch.failed(RestingError("it is not asked yet"))

    assert unknown == "it is not asked yet"
    assert watch.health(waiting=0, spooled=0, unwritten=0).failure == "it is locked"


def test_the_text_of_an_error_that_is_none_of_a_store_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    class Talking(Down):
        def _check(self, name: str) -> None:
            if name in self.down:
                raise ValueError("+12125550142")

    engine = Engine(norm(), store=Talking("turn"))

    calls(engine, 0, 1)

    assert engine.health().failure == "the store failed with `ValueError`"
    assert "2125550142" not in caplog.text
    assert "%" not in caplog.text


def test_a_name_with_a_percent_sign_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    Watch().failed(StoreError("the store `a%sb` is gone"))

    assert lines(caplog)[0].startswith("WARNING the store `a%sb` is gone; ")


@pytest.fixture
def hostile() -> Iterator[None]:
    def refuse(record: logging.LogRecord) -> bool:
        raise RuntimeError("a filter of the host")

    logger = logging.getLogger(LOGGER)
    logger.addFilter(refuse)
    yield
    logger.removeFilter(refuse)


@pytest.mark.usefixtures("hostile")
def test_a_filter_or_a_clock_that_fails_costs_no_caller_anything() -> None:
    times = iter([START])
    store = Down()
    # It tells the time once.
    engine = Engine(norm(), store=store, audit=True, clock=lambda: next(times))
    store.down.add("turn")

    down = calls(engine, 0, 2)
    store.down.clear()

    assert (down, calls(engine, 2, 3)) == ([("store",)] * 2, [()])
    assert engine.health().answers


def test_health_is_told_while_a_call_waits_for_the_store() -> None:
    class Slow(Down):
        def __init__(self) -> None:
            super().__init__()
            self.asking, self.answer = threading.Event(), threading.Event()

        def _check(self, name: str) -> None:
            if name == "turn" and "turn" in self.down:
                self.asking.set()
                assert self.answer.wait(30)
                super()._check(name)

    store = Slow()
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    thread = threading.Thread(target=calls, args=(engine, 0, 1))
    thread.start()
    assert store.asking.wait(30)

    meanwhile = engine.health()

    assert thread.is_alive()
    store.answer.set()
    thread.join(30)
    assert (meanwhile.answers, engine.health().answers) == (True, False)


def test_what_is_in_memory_only_is_told_from_what_is_in_the_file_beside_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, beside = DownFile(f"sqlite:///{tmp_path}/calls.db"), tmp_path / "beside"
    # No folder can be made where a file lies.
    beside.write_text("")
    engine = Engine(norm(), store=store, spool=beside)
    store.down.add("turn")
    calls(engine, 0, 2)
    loose = engine.health()
    store.down.clear()
    calls(engine, 2, 3)
    beside.unlink()
    store.down.add("turn")
    calls(engine, 3, 4)
    safe = engine.health()

    # An item of history and a record each.
    assert (loose.waiting, loose.spooled) == (4, 0)
    assert (safe.waiting, safe.spooled) == (2, 2)
    assert lines(caplog)[1] == (
        "WARNING the file beside does not take what waits (file exists): it waits in memory, and a crash would lose it"
    )
    engine.close()
    store.close()


def test_what_waits_for_the_next_write_of_a_busy_node_is_counted_apart(tmp_path: Path) -> None:
    store = DownFile(f"sqlite:///{tmp_path}/calls.db")
    engine = Engine(norm(), store=store, durability="batched", within=30.0)
    calls(engine, 0, 1)
    usual = engine.health()
    store.down.add("turn")
    engine.flush()
    down = engine.health()
    store.down.clear()
    calls(engine, 1, 2)
    engine.flush()

    # An item of history and a record each.
    assert usual == Health(unwritten=2)
    assert (down.answers, down.waiting, down.spooled, down.unwritten) == (False, 2, 2, 0)
    assert (engine.health().answers, engine.health().waiting) == (True, 0)
    engine.close()
    store.close()


def test_what_is_given_up_is_told_when_it_begins_and_counted(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_KEPT", 2)
    store = Down()
    engine = Engine(norm(), store=store, clock=clock)
    store.down.add("turn")
    calls(engine, 0, 5)
    down = engine.health()
    store.down.clear()
    calls(engine, 5, 6)

    assert (down.waiting, down.given_up, engine.health().given_up) == (2, 3, 3)
    assert lines(caplog) == [
        "WARNING turn is down; callers go through to a person, and what it does not take waits for it",
        "WARNING things that waited for the store are given up: no more than 2 may wait",
        "WARNING the store answers again after 0.0 s; what waited for it is delivered: 2, 3 given up",
    ]


def test_history_that_cannot_be_dropped_is_told_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 2)
    engine = Engine(norm(), store=Down("prune"))

    calls(engine, 0, 8)

    assert engine.health() == Health()
    assert lines(caplog) == ["WARNING prune is down; old history is not dropped, and is tried again"]


def test_lines_that_nobody_can_read_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    leave_behind(url)
    (left,) = (tmp_path / "calls.db-spool").iterdir()
    left.write_bytes(left.read_bytes() + b"half a line")
    lines(caplog)

    Engine(norm(), store=url).close()

    first, second = lines(caplog)
    assert first == (
        "WARNING things that waited for the store are given up: nobody can read what an earlier process left"
    )
    assert second.startswith("INFO what an earlier process left for the store is delivered: ")
    assert second.endswith(", 1 given up")


def test_what_waits_in_memory_only_is_told_as_lost_when_the_engine_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    store = Down()
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    calls(engine, 0, 2)
    lines(caplog)

    engine.close()

    assert lines(caplog) == [
        "WARNING the engine is closed before the store took what waits: 2 in memory only, which are lost"
    ]
