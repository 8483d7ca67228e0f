"""Every way in which a store fails, provoked for real: the caller comes through, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from callpolicy.decision import Decision
from callpolicy.errors import StoreError
from callpolicy.points import RESTRICTIVE
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from tests.runtime.norms import ANN, NUMBER, START, norm, offered
from tests.stores.making import item
from tests.stores.processes import Child
from tests.stores.server import PostgresServer
from tests.stores.tables import kept

PATIENCE = 0.3
NOBODY = 65_534
OTHER = "+1 212 555 0199"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.db"


@pytest.fixture
def impatient(file: Path) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{file}", patience=PATIENCE)
    yield store
    store.close()


@pytest.fixture
def impatient_postgres(own_postgres: PostgresServer) -> Iterator[SqlStore]:
    store = open_store(own_postgres.new_url(), patience=PATIENCE)
    yield store
    store.close()


def call(engine: Engine, number: int, who: str = NUMBER) -> Decision:
    return engine.observe(offered(f"c{number}", START + number, who))


def let_through(decision: Decision) -> bool:
    """The caller comes through, and the record says that the store failed."""
    restricted = any(result.outcome.effect in RESTRICTIVE for result in decision.stages)
    return decision.failed == ("store",) and not restricted


def told(store: SqlStore) -> str:
    """What the operator is told when the store is asked now."""
    with pytest.raises(StoreError) as caught:
        store.add([ANN], item("probe", START))
    return str(caught.value)


def rested(store: SqlStore) -> None:
    """Wait until a store that was slow is asked again."""
    time.sleep(store.database.patience + 0.05)


# ---- locked


def test_a_file_that_another_process_locks_is_waited_for_a_moment_and_then_let_go(
    file: Path, impatient: SqlStore
) -> None:
    engine = Engine(norm(), store=impatient)
    call(engine, 0)
    with Child(f"sqlite:///{file}") as child:
        child.tell({"lock": 2.0})
        assert child.hear() == "locked"
        began = time.monotonic()
        locked = [call(engine, number) for number in (1, 2, 3)]
        waited = time.monotonic() - began
        # WHY not once for each call: a store that was waited for in vain rests.
        assert waited < 5 * PATIENCE
        assert child.hear() == "free"
    rested(impatient)
    after = call(engine, 4)

    assert all(let_through(each) for each in locked)
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert kept(impatient) == ["c0", "c1", "c2", "c3", "c4"]


def test_an_operator_is_told_of_a_lock(file: Path, impatient: SqlStore) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    first, second = told(impatient), told(impatient)
    other.close()

    assert first == f"the store `sqlite:///{file}` is locked by another process"
    assert second == f"the store `sqlite:///{file}` did not answer a moment ago, and is not asked again yet"


def test_a_table_that_another_session_locks_is_waited_for_a_moment(
    own_postgres: PostgresServer, impatient_postgres: SqlStore
) -> None:
    engine = Engine(norm(), store=impatient_postgres)
    call(engine, 0)
    schema = impatient_postgres.database.read("SELECT current_schema()", {})[0][0]
    with own_postgres.connect() as other, other.transaction():
        other.execute(f"LOCK TABLE {schema}.callpolicy_history IN ACCESS EXCLUSIVE MODE")
        locked = call(engine, 1)
    rested(impatient_postgres)
    after = call(engine, 2)

    assert let_through(locked)
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert kept(impatient_postgres) == ["c0", "c1", "c2"]


# ---- no room


def test_a_process_that_may_write_no_more_lets_callers_through_and_delivers_later(file: Path) -> None:
    with Child(f"sqlite:///{file}") as child:
        first = child.ask({"observe": ["c0", START, NUMBER]})
        child.ask({"file_size": Path(f"{file}-wal").stat().st_size})
        full = [child.ask({"observe": [f"c{number}", START + number, NUMBER]}) for number in (1, 2)]
        child.ask({"file_size": None})
        after = child.ask({"observe": ["c3", START + 3, NUMBER]})
    store = open_store(f"sqlite:///{file}")
    found = kept(store)
    store.close()

    assert [each["failed"] for each in (first, *full, after)] == [[], ["store"], ["store"], []]
    assert [each["effect"] for each in full] == ["accept", "accept"]
    assert after["effect"] == "reject"
    assert found == ["c0", "c1", "c2", "c3"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes; where the tests may mount none, that of one process is tested above."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("not allowed to mount a small disk here")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as hog, suppress(OSError):
        while hog.write(bytes(4096)):
            pass


def test_a_full_disk_lets_callers_through_and_takes_what_waits_when_there_is_room(small_disk: Path) -> None:
    store = open_store(f"sqlite:///{small_disk}/calls.db")
    engine = Engine(norm(), store=store)
    call(engine, 0)
    filler = small_disk / "filler"
    full = []
    for number in range(1, 20):
        # WHY each time: whatever SQLite gives back is taken too.
        fill(filler)
        full.append(call(engine, number))
    fill(filler)
    message = told(store)
    filler.unlink()
    after = call(engine, 20)
    found = kept(store)
    store.close()

    assert any(each.failed for each in full)
    assert all(let_through(each) for each in full if each.failed)
    assert message.endswith("is full")
    assert after.failed == ()
    assert set(found) == {f"c{number}" for number in range(21)}


# ---- gone


def test_a_file_that_is_moved_away_is_missed_and_not_made_anew_and_what_waits_goes_into_it_when_it_is_back(
    file: Path, impatient: SqlStore
) -> None:
    engine = Engine(norm(), store=impatient)
    call(engine, 0)
    aside = file.with_name("aside.db")
    file.rename(aside)
    gone = [call(engine, number) for number in (1, 2)]
    made_anew = file.exists()
    message = told(impatient)
    aside.rename(file)
    after = call(engine, 3)

    assert all(let_through(each) for each in gone)
    assert not made_anew
    assert message.endswith("cannot be opened: it is not there, not for this user, or on a disk that may only be read")
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert {"c0", "c1", "c2", "c3"} <= set(kept(impatient))


def test_what_is_written_into_a_file_that_was_deleted_is_not_acknowledged(file: Path, impatient: SqlStore) -> None:
    impatient.add([ANN], item("c0", START))
    file.unlink()

    assert told(impatient).endswith("was moved or deleted; put it back, or start anew")
    assert not file.exists()


def other_file(file: Path) -> Path:
    """A file of a store beside it, complete in itself, of the same secret: as a backup is."""
    other = file.with_name("other.db")
    open_store(f"sqlite:///{other}", secret=Path(f"{file}-secret").read_bytes().strip()).close()
    return other


def test_a_file_that_was_restored_is_opened_again_and_takes_what_waits(file: Path, impatient: SqlStore) -> None:
    engine = Engine(norm(), store=impatient)
    call(engine, 0)
    other_file(file).replace(file)
    Path(f"{file}-wal").unlink()
    noticed, after = call(engine, 1), call(engine, 2)

    assert let_through(noticed)
    assert after.failed == ()
    assert kept(impatient) == ["c1", "c2"]


def test_a_file_that_was_replaced_beside_the_log_of_the_old_one_is_not_touched(file: Path, impatient: SqlStore) -> None:
    impatient.add([ANN], item("c0", START))
    other_file(file).replace(file)

    assert "remove `calls.db-wal`" in told(impatient)
    assert "remove `calls.db-wal`" in told(impatient)


def test_a_server_that_stops_in_the_middle_of_a_day_costs_no_caller_anything(
    own_postgres: PostgresServer, impatient_postgres: SqlStore
) -> None:
    engine = Engine(norm(), store=impatient_postgres)
    call(engine, 0)
    own_postgres.stop()
    try:
        gone = [call(engine, number) for number in (1, 2)]
        message = told(impatient_postgres)
    finally:
        own_postgres.start()
    after = call(engine, 3)

    assert all(let_through(each) for each in gone)
    assert message.endswith("is gone: no connection, or no answer")
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert kept(impatient_postgres) == ["c0", "c1", "c2", "c3"]


def test_connections_that_died_between_two_calls_are_made_anew_without_a_failure(
    own_postgres: PostgresServer, impatient_postgres: SqlStore
) -> None:
    engine = Engine(norm(), store=impatient_postgres)
    call(engine, 0)
    own_postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callpolicy'")

    assert [call(engine, number).failed for number in (1, 2)] == [(), ()]


# ---- slow


def test_a_server_that_hangs_is_not_waited_for_by_every_call(impatient_postgres: SqlStore) -> None:
    engine = Engine(norm(), store=impatient_postgres)
    call(engine, 0)
    hung = int(impatient_postgres.database.read("SELECT pg_backend_pid()", {})[0][0])
    os.kill(hung, signal.SIGSTOP)
    try:
        began = time.monotonic()
        first = call(engine, 1)
        waited = time.monotonic() - began
        began = time.monotonic()
        second = call(engine, 2)
        waited_again = time.monotonic() - began
    finally:
        os.kill(hung, signal.SIGCONT)
    rested(impatient_postgres)
    after = call(engine, 3)

    assert let_through(first)
    assert let_through(second)
    # The server's own limit, half a second more for its word of it, and room for a busy machine.
    assert PATIENCE < waited < 3
    assert waited_again < PATIENCE
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert kept(impatient_postgres) == ["c0", "c1", "c2", "c3"]


# ---- damaged


def test_a_file_of_junk_is_refused_in_words(file: Path) -> None:
    file.write_bytes(os.urandom(8192))

    with pytest.raises(StoreError, match="is damaged, or no database of SQLite"):
        open_store(f"sqlite:///{file}")


def test_a_file_that_is_damaged_while_it_is_used_lets_callers_through(file: Path, impatient: SqlStore) -> None:
    engine = Engine(norm(), store=impatient)
    for number in range(50):
        call(engine, number, OTHER)
    impatient.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + os.urandom(len(whole) - 100))
    damaged = [call(engine, number) for number in range(50, 53)]
    message = told(impatient)
    # Written in place: the same file, repaired.
    file.write_bytes(whole)
    after = call(engine, 53)

    assert all(let_through(each) for each in damaged)
    assert "is damaged" in message
    assert (after.failed, str(after.effect)) == ((), "reject")
    assert set(kept(impatient)) == {f"c{number}" for number in range(54)}


# ---- not allowed


def test_a_file_of_another_user_is_refused_in_words() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "calls.db"
        open_store(f"sqlite:///{file}").close()
        if os.geteuid() == 0:
            child = Child(f"sqlite:///{file}", user=NOBODY)
            said = child.said
            child.kill()
        else:
            file.chmod(0)
            with pytest.raises(StoreError) as caught:
                open_store(f"sqlite:///{file}")
            said = str(caught.value)

    assert said == f"the store `sqlite:///{file}` cannot be opened: permission denied"


def test_a_server_that_does_not_know_the_database_is_told_in_words(postgres: PostgresServer) -> None:
    with pytest.raises(StoreError, match=r"is gone|has no such database"):
        open_store(f"postgresql+psycopg://callpolicy@127.0.0.1:{postgres.port}/elsewhere", patience=PATIENCE)
