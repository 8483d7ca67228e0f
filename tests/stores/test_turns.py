"""A transaction of a store in SQL: all of it counts, or nothing does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from callpolicy.errors import StoreError
from callpolicy.events import CaseLinked
from callpolicy.lists import Subject
from callpolicy.stores import open_store
from callpolicy.stores.base import Turn
from callpolicy.stores.sql import SqlStore
from tests.stores.making import ANN, BOB, NOW, REACH, SHANGHAI, WINDOWS, block, entry, item, query, trail
from tests.stores.server import PostgresServer
from tests.stores.tables import kept

LINKED = CaseLinked(call_id="c1", seq=1, at=NOW, case_id="k1")


class BoomError(Exception):
    """An error of whoever does the work."""


def everything(turn: Turn, store: SqlStore) -> None:
    turn.add([ANN, BOB], item("c1", NOW))
    turn.receive_case("k1", LINKED, "li")
    turn.put_entry(entry("e1", NOW, None))
    turn.put_block(block("b1"))
    turn.append(trail(store.keys))


def left(store: SqlStore) -> tuple[Any, ...]:
    """What a store holds."""
    standing = store.background(query()).standing
    assert standing is not None
    return kept(store), list(store.cases()), standing.blocks, store.overlapping(Subject(ANN)), list(store.records())


@pytest.mark.parametrize("error", [BoomError, KeyboardInterrupt, StoreError])
def test_a_turn_whose_work_raises_leaves_nothing_behind(store: SqlStore, error: type[BaseException]) -> None:
    store.declare(WINDOWS, SHANGHAI, REACH)

    def work(turn: Turn) -> None:
        everything(turn, store)
        raise error("no")

    with pytest.raises(error):
        store.turn(work, about=[ANN, BOB], writer="w1")

    assert left(store) == ([], [], 0, (), [])
    assert store.turn(lambda turn: turn.add([ANN], item("c1", NOW)), about=[ANN]) is True


def test_a_turn_that_returns_is_there_for_every_other_connection(url: str, store: SqlStore) -> None:
    store.turn(lambda turn: everything(turn, store), about=[ANN, BOB])
    other = open_store(url)
    found = left(other)
    other.close()

    assert found[0] == ["c1", "c1"]
    assert found[2] == 2
    assert [each.record.number for each in found[4]] == [0, 1, 2]


def test_nobody_sees_half_of_a_turn(url: str, store: SqlStore) -> None:
    other = open_store(url)
    seen: list[Any] = []

    def work(turn: Turn) -> None:
        everything(turn, store)
        seen.append(left(other))

    store.turn(work, about=[ANN])
    other.close()

    assert seen == [([], [], 0, (), [])]


def test_a_failure_of_the_store_is_one_of_its_own_errors_inside_a_turn(store: SqlStore) -> None:
    store.database.write(lambda driver: driver.execute("DROP TABLE callpolicy_tallies"))
    told: list[str] = []

    def work(turn: Turn) -> None:
        try:
            turn.add([ANN], item("c1", NOW))
        except StoreError as error:
            told.append(str(error))
            raise

    with pytest.raises(StoreError) as caught:
        store.turn(work)

    assert len(told) == 1
    assert "2125550142" not in told[0] + str(caught.value)


def test_a_turn_whose_work_hides_a_failure_of_the_store_does_not_count(store: SqlStore) -> None:
    store.database.write(lambda driver: driver.execute("DROP TABLE callpolicy_tallies"))

    def work(turn: Turn) -> str:
        turn.receive_case("k1", LINKED, "li")
        with suppress(Exception):
            turn.add([ANN], item("c1", NOW))
        return "done"

    # PostgreSQL would take the whole transaction back and say nothing; SQLite would keep half of it.
    with pytest.raises(StoreError):
        store.turn(work)

    assert list(store.cases()) == []


# ---- a server


@pytest.fixture
def served(postgres: PostgresServer) -> Any:
    opened = open_store(postgres.new_url())
    yield opened
    opened.close()


def test_turns_that_wait_for_each_other_are_run_again_and_lose_nothing(served: SqlStore) -> None:
    gate = threading.Barrier(2)
    attempts: list[int] = []

    def both(order: int) -> None:
        first, second = ((ANN, BOB), (BOB, ANN))[order]

        def work(turn: Turn) -> None:
            attempts.append(order)
            turn.add([first], item(f"c{order}", NOW))
            if len(attempts) <= 2:
                gate.wait()
            turn.add([second], item(f"c{order}", NOW))

        # About nobody, so that nothing keeps them apart.
        served.turn(work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(both, range(2)))

    assert len(attempts) == 3
    assert kept(served) == ["c0", "c0", "c1", "c1"]


def end_session(server: PostgresServer, pid: int) -> None:
    server.run(f"SELECT pg_terminate_backend({pid}, 5000)")


def dying(server: PostgresServer, store: SqlStore, then: Callable[[Turn], object]) -> tuple[int, StoreError | None]:
    """A turn whose session dies once in its middle; how often it was run, and what came out."""
    runs = 0
    database: Any = store.database

    def work(turn: Any) -> None:
        nonlocal runs
        runs += 1
        turn.add([ANN], item("c1", NOW))
        if runs == 1:
            end_session(server, turn._driver.execute("SELECT pg_backend_pid()").fetchone()[0])
        then(turn)

    assert database is store.database
    try:
        store.turn(work)
    except StoreError as error:
        return runs, error
    return runs, None


def test_a_turn_whose_session_dies_before_its_end_is_run_again(postgres: PostgresServer, served: SqlStore) -> None:
    assert dying(postgres, served, lambda turn: turn.add([BOB], item("c2", NOW))) == (2, None)
    assert kept(served) == ["c1", "c2"]


def test_a_turn_whose_session_dies_at_its_end_is_not_run_again_for_it_may_count(
    postgres: PostgresServer, served: SqlStore
) -> None:
    runs, error = dying(postgres, served, lambda _: None)

    assert runs == 1
    assert error is not None
    assert str(error).endswith("is being stopped") or "is gone" in str(error)
