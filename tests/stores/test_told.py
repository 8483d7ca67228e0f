"""What the host learns of a store that fails, provoked for real: one line when it begins, one when all is delivered."""

from __future__ import annotations

import logging
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callpolicy.runtime import Engine, Health
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from tests.runtime.norms import NUMBER, START, norm, offered

PATIENCE = 0.3
LOGGER = "callpolicy.stores"
NOW = START + 7
GOES_ON = "callers go through to a person, and what it does not take waits for it"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{file}", patience=PATIENCE)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def all_levels(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What was logged since the last time, with its level."""
    assert {name for name, _, _ in caplog.record_tuples} <= {LOGGER}
    found = [(logging.getLevelName(level), message) for _, level, message in caplog.record_tuples]
    caplog.clear()
    return found


def calls(engine: Engine, *numbers: int) -> list[tuple[str, ...]]:
    return [engine.observe(offered(f"c{number}", START + number)).failed for number in numbers]


def opened(store: SqlStore) -> Engine:
    return Engine(norm(), store=store, clock=lambda: NOW)


def test_a_lock_is_told_once_with_its_reason_and_once_when_it_is_over(
    file: Path, store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    engine = opened(store)
    calls(engine, 0)
    well, quiet = engine.health(), lines(caplog)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    failed = calls(engine, 1, 2, 3)
    locked, began = engine.health(), lines(caplog)
    other.close()
    time.sleep(PATIENCE + 0.05)
    after = calls(engine, 4)
    back, ended = engine.health(), lines(caplog)

    reason = f"the store `sqlite:///{file}` is locked by another process"
    assert (well, quiet) == (Health(), [])
    assert (failed, after) == ([("store",)] * 3, [()])
    # An item of history and a record each.
    assert locked == Health(answers=False, failure=reason, since=NOW, waiting=6, spooled=6)
    assert began == [("WARNING", f"{reason}; {GOES_ON}")]
    assert back == Health(failure=reason, since=NOW, until=NOW)
    assert ended == [("INFO", "the store answers again after 0.0 s; what waited for it is delivered: 6")]


def test_a_file_that_is_moved_away_is_told_and_what_it_took_when_it_came_back(
    file: Path, store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    engine = opened(store)
    aside = file.with_name("aside.db")
    file.rename(aside)
    calls(engine, 1, 2)
    gone, began = engine.health(), lines(caplog)
    aside.rename(file)
    calls(engine, 3)
    ended = lines(caplog)

    assert (gone.answers, gone.waiting, gone.spooled, engine.health().answers) == (False, 4, 4, True)
    # What was said last; what was logged is what was said first.
    assert gone.failure is not None
    assert gone.failure.endswith(
        "cannot be opened: it is not there, not for this user, or on a disk that may only be read"
    )
    assert len(began) == 1
    assert began[0][0] == "WARNING"
    assert began[0][1].startswith(f"the store `sqlite:///{file}` ")
    assert [level for level, _ in ended] == ["INFO"]
    assert ended[0][1].endswith("what waited for it is delivered: 4")


def test_a_file_that_is_damaged_is_told(file: Path, store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    engine = opened(store)
    calls(engine, *range(20))
    store.close()
    file.write_bytes(file.read_bytes()[:100] + os.urandom(8192))
    calls(engine, 50, 51)

    assert "is damaged" in (engine.health().failure or "")
    assert [(level, "is damaged" in text) for level, text in lines(caplog)] == [("WARNING", True)]


def in_a_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_is_told_and_whether_the_file_beside_has_room(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    def work() -> None:
        url = f"sqlite:///{file}"
        engine = Engine(norm(), store=url, clock=lambda: NOW)
        calls(engine, 0)
        limited(Path(f"{file}-wal").stat().st_size)
        calls(engine, 1)
        store_full, began = engine.health(), lines(caplog)
        limited(100)
        calls(engine, 2)
        both_full, worse = engine.health(), lines(caplog)
        limited(resource.RLIM_INFINITY)
        calls(engine, 3)
        ended = lines(caplog)

        assert (store_full.answers, store_full.waiting, store_full.spooled) == (False, 2, 2)
        assert (both_full.waiting, both_full.spooled) == (4, 2)
        assert [level for level, _ in began] == ["WARNING"]
        assert began[0][1].startswith(f"the store `{url}` ")
        assert worse == [
            (
                "WARNING",
                "the file beside does not take what waits (file too large): it waits in memory, and a crash would "
                "lose it",
            )
        ]
        assert [level for level, _ in ended] == ["INFO"]
        assert ended[0][1].endswith("what waited for it is delivered: 4")

    in_a_child(work)


def test_an_engine_that_is_closed_too_early_says_what_waits_and_the_next_one_what_it_delivered(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{file}"
    aside = file.with_name("aside.db")
    engine = Engine(norm(), store=url)
    file.rename(aside)
    calls(engine, 1)
    lines(caplog)
    engine.close()
    closed = lines(caplog)
    aside.rename(file)
    Engine(norm(), store=url).close()
    opened_next = lines(caplog)

    assert closed == [
        (
            "WARNING",
            "the engine is closed before the store took what waits: 2 in the file beside, for whoever opens the store "
            "next",
        )
    ]
    assert opened_next == [("INFO", "what an earlier process left for the store is delivered: 2")]


def test_no_number_is_logged_or_shown(file: Path, store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    engine = opened(store)
    file.rename(file.with_name("aside.db"))
    calls(engine, 1, 2)
    shown = f"{lines(caplog)} {engine.health()}"

    assert "aside" not in shown
    assert all(each not in shown for each in (NUMBER, "12125550142", "5550142"))
