"""The lists in the memory of a process: never behind what stands in the tables, and at most one statement dearer."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.events import CaseLinked
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Lift
from callpolicy.lists import ListName, Standing
from callpolicy.policy import Term
from callpolicy.stores import open_store
from callpolicy.stores.base import Query, Turn
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.database import Driver
from tests.lifecycle.making import DESK, LASTING, START, active
from tests.stores.making import (
    ANN,
    BOB,
    DAY,
    HOUR,
    LI,
    NOW,
    REACH,
    SHANGHAI,
    WINDOWS,
    block,
    entry,
    item,
    query,
)
from tests.stores.tables import emptied
from tests.stores.tracing import statements


@pytest.fixture
def pair(url: str) -> Iterator[tuple[SqlStore, SqlStore]]:
    """Two processes, as far as stores can tell, with the lists in memory."""
    one, other = open_store(url), open_store(url)
    for each in (one, other):
        each.declare(WINDOWS, SHANGHAI, REACH)
    yield one, other
    one.close()
    other.close()


def standing(store: Turn, who: Identity = ANN, at: int = NOW) -> Standing:
    found = store.background(query(at, identities=[who])).standing
    assert found is not None
    return found


def number(place: int) -> Identity:
    return Identity(IdentityKind.NUMBER, f"+447700{900_000 + place}")


def put_many(store: SqlStore, many: int, first: int = 0) -> None:
    def put(turn: Turn) -> None:
        for each in range(first, first + many):
            turn.put_entry(entry(f"e{each}", NOW, None, number(each)))

    store.turn(put)


# ---- what another process did


def test_a_change_by_another_process_counts_from_the_next_decision_on(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    before = standing(one).block
    other.put_entry(entry("b1", NOW, None))
    put = standing(one).block
    other.put_entry(entry("b1", NOW, None, BOB))
    moved = standing(one).block, standing(one, BOB).block
    other.put_entry(entry("p1", NOW, None, Identity(IdentityKind.NUMBER, "+1212555014"), prefix=True))
    covered = standing(one).block
    other.put_entry(entry("r1", NOW, NOW + DAY, number(0), last=number(99).value, on=ListName.ALLOWLIST))
    allowed = standing(one, number(50)).allow

    assert before is None
    assert put == entry("b1", NOW, None)
    assert moved == (None, entry("b1", NOW, None, BOB))
    assert covered is not None
    assert allowed is not None


def test_a_block_that_another_process_lifts_keeps_nobody_out_from_then_on(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    life = active(LASTING, Term.WEEK)
    one.put_block(life.made)
    stands = standing(one, at=START + HOUR).block
    life.tell(Lift, DESK, HOUR)
    other.put_block(life.made)

    assert stands is not None
    assert (standing(one, at=START + HOUR).block, standing(one, at=START + HOUR).blocks) == (None, 0)


def test_a_turn_sees_what_another_process_put_and_what_it_put_itself(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    other.put_entry(entry("b1", NOW, None))

    def work(turn: Turn) -> list[int]:
        first = standing(turn).blocks
        turn.put_entry(entry("b2", NOW, None))
        return [first, standing(turn).blocks]

    assert one.turn(work) == [1, 2]
    assert standing(other).blocks == 2


def test_what_was_taken_back_is_in_no_index_even_if_its_number_is_given_again(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair

    def work(turn: Turn) -> None:
        turn.put_entry(entry("b1", NOW, None))
        assert standing(turn).blocks == 1
        raise KeyError

    with pytest.raises(KeyError):
        one.turn(work)
    # It gets the number of the one that was taken back.
    other.put_entry(entry("b2", NOW, None, BOB))

    for _ in range(3):
        assert [standing(one, each).blocks for each in (ANN, BOB)] == [0, 1]


def test_an_answer_is_held_against_what_the_index_had_seen_when_it_was_asked(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    glance = one.lookup.glance([ANN])
    other.put_entry(entry("b1", NOW, None))
    # Another thread takes it in, between the look at the index and the answer of the database.
    standing(one)

    later = one.lookup.glance([ANN]).seen
    assert later is not None
    assert later > 0

    def ask(driver: Driver) -> object:
        return one.lookup.holding(driver, [ANN], glance.seen, later, alone=True)

    assert (glance.numbers, glance.seen) == ((), 0)
    assert one.database.read_with(ask) == [entry("b1", NOW, None)]


# ---- round trips


def test_one_decision_asks_the_database_once(url: str, store: SqlStore, tmp_path: Path) -> None:
    store.put_entry(entry("b1", NOW - DAY, None))
    store.put_block(block("b2", LI))
    store.declare(WINDOWS, SHANGHAI, REACH)
    for place in range(20):
        store.add([ANN, LI], item(f"c{place}", NOW - place))
    store.receive_case("k1", CaseLinked(call_id="c1", seq=1, at=NOW, case_id="k1"), "li")
    asked = Query("now", (LI, ANN), {"topic": "cards"}, "k1", NOW)

    found = store.background(asked).standing
    assert found is not None
    assert found.blocks == 2
    assert statements(store, lambda: store.background(asked), tmp_path / "trace") == 1


def test_a_question_about_nobody_asks_the_database_nothing(store: SqlStore, tmp_path: Path) -> None:
    assert statements(store, lambda: store.background(query(identities=[])), tmp_path / "trace") == 0


def test_after_a_change_by_another_process_one_answer_takes_a_second_statement(
    pair: tuple[SqlStore, SqlStore], tmp_path: Path
) -> None:
    one, other = pair
    sent = []
    for each in ("b1", "b2"):
        other.put_entry(entry(each, NOW, None))
        sent += [statements(one, lambda: standing(one), tmp_path / "trace") for _ in range(3)]

    assert sent == [2, 1, 1, 2, 1, 1]


def test_an_index_catches_up_five_hundred_at_a_time_and_no_answer_takes_more_than_two_statements(
    pair: tuple[SqlStore, SqlStore], tmp_path: Path
) -> None:
    one, other = pair
    put_many(other, 1_700)
    sent: list[int] = []
    for place in (0, 1_699, 850, 3, 4, 1_699):
        assert standing_is(one, place, sent, tmp_path)

    # 500 + 500 + 500 + 200, and then the index knows them all.
    assert sent == [2, 2, 2, 2, 1, 1]
    assert len(one.lookup) == 1_700


def standing_is(store: SqlStore, place: int, sent: list[int], folder: Path) -> bool:
    """Whether a number is blocked; how many statements that took goes on the list."""
    found: list[int] = []
    sent.append(statements(store, lambda: found.append(standing(store, number(place)).blocks), folder / "trace"))
    return found == [1]


def test_what_was_erased_after_it_was_put_does_not_make_every_answer_dearer(
    pair: tuple[SqlStore, SqlStore], tmp_path: Path
) -> None:
    one, other = pair
    other.put_entry(entry("b1", NOW, None))
    other.put_entry(entry("b2", NOW, NOW + 1))
    # The last change of the lists is nowhere to be found any more.
    other.erase(entries=NOW + 2)
    sent = [statements(one, lambda: standing(one), tmp_path / "trace") for _ in range(3)]

    assert sent == [2, 1, 1]
    assert standing(one).blocks == 1


def test_the_change_of_the_process_itself_is_taken_in_too(pair: tuple[SqlStore, SqlStore], tmp_path: Path) -> None:
    one, _ = pair

    def work(turn: Turn) -> None:
        turn.put_block(block("b1"))
        assert standing(turn).blocks == 1

    one.turn(work)
    sent = [statements(one, lambda: standing(one), tmp_path / "trace") for _ in range(2)]

    assert sent == [1, 1]


# ---- other tables than before


def test_tables_of_an_older_backup_are_read_anew(pair: tuple[SqlStore, SqlStore], tmp_path: Path) -> None:
    one, other = pair
    put_many(other, 20)
    assert standing(one, number(7)).blocks == 1
    emptied(other)
    other.put_entry(entry("b1", NOW, None))

    # WHY asked before there are as many changes again: from then on nothing tells the one from the other.
    assert [standing(one, each).blocks for each in (ANN, number(7), ANN)] == [1, 0, 1]
    put_many(other, 40, first=100)
    assert [standing(one, number(each)).blocks for each in (100, 139, 7)] == [1, 1, 0]
    assert [statements(one, lambda: standing(one), tmp_path / "trace") for _ in range(2)] == [1, 1]


def test_a_file_that_was_restored_in_the_middle_of_a_day_is_looked_up_anew(tmp_path: Path) -> None:
    file, backup = tmp_path / "calls.db", tmp_path / "backup.db"
    store = open_store(f"sqlite:///{file}")
    store.declare(WINDOWS, SHANGHAI, REACH)
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)", {})
    store.put_entry(entry("b1", NOW, None))
    assert standing(store).blocks == 1
    other = open_store(f"sqlite:///{backup}", secret=Path(f"{file}-secret").read_bytes().strip())
    # As many changes of the lists as the index has seen, but other ones.
    other.put_entry(entry("b2", NOW, None, BOB))
    other.close()
    backup.replace(file)
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink()
    with pytest.raises(Exception, match="was replaced while it was in use; it is opened again"):
        standing(store)

    assert [standing(store, each).blocks for each in (BOB, ANN)] == [1, 0]
    store.close()


# ---- threads


def test_threads_that_ask_while_others_put_never_miss_what_was_acknowledged(url: str) -> None:
    """Four threads of one process ask while another process blocks: whoever is blocked is found from then on."""
    one, other = open_store(url, patience=10), open_store(url, patience=10)
    for each in (one, other):
        each.declare(WINDOWS, SHANGHAI, REACH)
    blocked: list[int] = []
    missed: list[int] = []
    done = threading.Event()

    def ask(seed: int) -> None:
        dice = random.Random(seed)
        while not done.is_set():
            known = len(blocked)
            if known:
                place = blocked[dice.choice([known - 1, dice.randrange(known)])]
                if standing(one, number(place)).blocks != 1:
                    missed.append(place)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for place in range(150):
        (other if place % 3 else one).put_block(block(f"b{place}", number(place)))
        blocked.append(place)
    done.set()
    for thread in threads:
        thread.join()
    one.close()
    other.close()

    assert missed == []
