"""The stores in SQL keep the contract of every store, and do on random streams what the store in memory does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callpolicy.events import CaseLinked, Event, Explained, ExplanationRejected, FinalResult, NewFact, Said
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName, Standing
from callpolicy.stores import open_store
from callpolicy.stores.base import Background, Query, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.rows import range_parts
from callpolicy.windows import CALLS, JUDGED, Measure, Window
from tests.stores.contract import StoreContract
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    DAY,
    LI,
    MINUTE,
    NOW,
    REACH,
    SHANGHAI,
    WINDOWS,
    entry,
    item,
    query,
)
from tests.stores.server import PostgresServer

CAP = 3


class TestSqlite(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> Iterator[None]:
        self.opened = open_store(f"sqlite:///{tmp_path}/calls.db")
        yield
        self.opened.close()

    def make(self) -> Store:
        return self.opened


class TestPostgres(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self, postgres: PostgresServer) -> Iterator[None]:
        self.opened = open_store(postgres.new_url())
        yield
        self.opened.close()

    def make(self) -> Store:
        return self.opened


# ---- the same as in memory

ODD = Identity(IdentityKind.CUSTOMER, "a\0b\\0\ud800客")
WHO = st.sampled_from([ANN, BOB, LI, ODD])
# Minutes; a month or so back lies what the longest window just reaches, and what nothing does.
NEAR = st.integers(-30, 30)
FAR = st.sampled_from([-20_000, -43_200, -44_640, -44_641, -50_000])
STEP = st.one_of(*[NEAR] * 7, FAR)
SINCE_EVER = Window("history.since_ever", Measure.SECONDS_SINCE, JUDGED)
KINDS = st.sampled_from([CALLS, JUDGED])
ADDED = st.tuples(
    st.just("add"), st.lists(WHO, max_size=2, unique=True), st.integers(0, 9), st.integers(0, 1), STEP, KINDS,
    st.sampled_from(["cards", "loans", "\0"]),
)  # fmt: skip
BURST = st.tuples(st.just("burst"), WHO, st.integers(0, 9), STEP, st.sampled_from([-9, -1, 0, 1, 9]), KINDS)
ASKED = st.tuples(
    st.just("ask"), st.sampled_from(["c1", "c2", "now"]), st.sampled_from([(ANN, LI), (BOB,), (ODD,), ()]), STEP,
    st.sampled_from([None, "k1", "k2"]),
)  # fmt: skip
CASED = st.tuples(
    st.just("case"), st.sampled_from(["k1", "k2"]), st.integers(0, 3), st.integers(0, 6), STEP,
    st.sampled_from([CaseLinked, Explained, ExplanationRejected, FinalResult, NewFact, Said]),
    st.sampled_from([None, "li", "王\0"]),
)  # fmt: skip
COVERED = st.sampled_from(["one", "prefix", "range"])
LISTED = st.tuples(st.just("put"), st.sampled_from(["b1", "b2", "a1"]), WHO, COVERED, STEP, st.none() | STEP)
BLOCKED = st.tuples(st.just("block"), st.sampled_from(["b3", "b4"]), WHO, STEP)
PRUNED = st.tuples(st.just("prune"), NEAR | FAR)
OPERATIONS = st.lists(st.one_of(*[ADDED] * 4, BURST, BURST, ASKED, ASKED, CASED, LISTED, BLOCKED, PRUNED), max_size=40)


def made_event(kind: type[Any], case_id: str, call: int, seq: int, step: int) -> Event:
    more = {"case_id": case_id} if kind is CaseLinked else {}
    event: Event = kind(call_id=f"c{call}", seq=seq, at=NOW + step * MINUTE, **more)
    return event


def made_entry(entry_id: str, who: Identity, covers: str, since: int, until: int | None) -> Entry:
    number = who.kind is IdentityKind.NUMBER
    if covers == "prefix" and number:
        who = Identity(who.kind, who.value[:10])
    return entry(
        entry_id, NOW + since * MINUTE, None if until is None else NOW + until * MINUTE, who,
        prefix=covers == "prefix" and number, last=f"{who.value[:-3]}250" if covers == "range" and number else None,
        on=ListName.ALLOWLIST if entry_id == "a1" else ListName.BLOCKLIST, reason="为什么\0",
    )  # fmt: skip


def seen(background: Background) -> object:
    """Everything that an answer says, the courses included."""
    readings = {name: (reading.value, reading.exact, reading.course) for name, reading in background.readings.items()}
    return readings, background.case, background.case_courses, background.standing


def blocked_now(standing: Standing) -> bool:
    return standing.block is not None


def done(store: Store, operation: tuple[Any, ...]) -> object:
    match operation:
        case ("add", who, number, seq, step, kind, topic):
            return store.add(who, item(f"c{number}", NOW + step * MINUTE, seq, kind, topic=topic))
        case ("burst", who, number, step, apart, kind):
            places = [(number + each, NOW + (step + apart * each) * MINUTE) for each in range(CAP + 1)]
            return [store.add([who], item(f"c{name}", at, 2, kind)) for name, at in places]
        case ("ask", call_id, who, step, case_id):
            attributes = {"topic": "cards"}
            return seen(store.background(Query(call_id, who, attributes, case_id, NOW + step * MINUTE)))
        case ("case", case_id, call, seq, step, kind, agent):
            store.receive_case(case_id, made_event(kind, case_id, call, seq, step), agent)
            return None
        case ("put", entry_id, who, covers, since, until):
            store.put_entry(made_entry(entry_id, who, covers, since, until))
            return store.entry(entry_id)
        case ("block", entry_id, who, since):
            made = made_entry(entry_id, who, "one", since, since + 5)
            return store.put_block(made, (who, LI), blocked_now)
        case ("prune", step):
            return store.prune(NOW + step * MINUTE)
    raise AssertionError(operation)


TABLES = ("history", "tallies", "case_events", "entries", "covers", "state")


def emptied(store: SqlStore) -> None:
    def work(driver: Any) -> None:
        for table in TABLES:
            driver.execute(f"DELETE FROM callpolicy_{table}")  # noqa: S608  # the names are constants

    store.database.write(work)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def capped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('capped')}/calls.db"
    else:
        url = request.getfixturevalue("postgres").new_url()
    store = SqlStore(url, patience=5, cap=CAP)
    yield store
    store.close()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=100)
@given(operations=OPERATIONS)
def test_whatever_happens_in_whatever_order_it_answers_as_the_store_in_memory_does(
    capped: SqlStore, operations: list[tuple[Any, ...]]
) -> None:
    emptied(capped)
    memory = MemoryStore(cap=CAP)
    for each in (memory, capped):
        each.declare([*WINDOWS, SINCE_EVER], SHANGHAI, REACH)

    for operation in [*operations, ("ask", "now", (ANN, LI), 30, "k1"), ("ask", "now", (ODD,), 30, "k2")]:
        assert done(capped, operation) == done(memory, operation), operation


def test_what_a_capped_history_may_have_lost_is_unknown_or_a_lower_bound(capped: SqlStore) -> None:
    emptied(capped)
    capped.declare([COUNT], SHANGHAI, REACH)
    counted = []
    for number in range(9):
        capped.add([ANN], item(f"c{number}", NOW - number))
        counted.append(capped.background(query()).readings[COUNT.fact])

    assert [(each.value, each.exact) for each in counted[-4:]] == [(3, False)] * 4
    rows = capped.database.read("SELECT count(*) FROM callpolicy_history", {})
    assert rows[0][0] == CAP


def test_a_prune_in_many_parts_drops_what_one_in_memory_drops(
    capped: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpolicy.stores.sql.store._PRUNED_AT_ONCE", 3)
    emptied(capped)
    memory = MemoryStore(cap=CAP)
    for each in (memory, capped):
        each.declare(WINDOWS, SHANGHAI, REACH)
        for number in range(3 * CAP):
            each.add([(ANN, BOB, LI)[number % 3]], item(f"c{number}", NOW + number // 4))

    # Four items an instant, the ninth alone: those of the first two instants go.
    assert (capped.prune(NOW + 2), memory.prune(NOW + 2)) == (8, 8)
    for who in (ANN, BOB, LI):
        assert seen(capped.background(query(NOW + 9, [who]))) == seen(memory.background(query(NOW + 9, [who])))


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_the_parts_of_a_range_are_exactly_its_numbers(one: int, other: int, probe: int) -> None:
    first, last = sorted((one, other))
    parts = list(range_parts(f"+44{first:05}", f"+44{last:05}"))

    assert sum(f"+44{probe:05}".startswith(part) for part in parts) == (first <= probe <= last)
    # Nine to each side of every digit.
    assert len(parts) <= 2 * 9 * 5


# ---- round trips


def statements(url: str, store: SqlStore, asked: Query, trace: Path) -> int:
    """How many statements the driver sent for one question: by SQLite's own trace, or by that of libpq."""
    connection = store.database.engine.raw_connection()
    driver: Any = connection.driver_connection
    if url.startswith("sqlite"):
        sent: list[str] = []
        driver.set_trace_callback(sent.append)
        connection.close()
        store.background(asked)
        driver.set_trace_callback(None)
        return len(sent)
    with trace.open("wb") as file:
        driver.pgconn.trace(file.fileno())
        connection.close()
        store.background(asked)
        driver.pgconn.untrace()
    # Front end messages that the server answers: a simple query, or the end of an extended one.
    lines = [line.split("\t") for line in trace.read_text().splitlines()]
    return sum(parts[1] == "F" and parts[3] in {"Query", "Sync"} for parts in lines if len(parts) > 3)


def test_one_decision_asks_the_database_once(url: str, store: SqlStore, tmp_path: Path) -> None:
    store.declare(WINDOWS, SHANGHAI, REACH)
    for number in range(20):
        store.add([ANN, LI], item(f"c{number}", NOW - number))
    store.receive_case("k1", CaseLinked(call_id="c1", seq=1, at=NOW, case_id="k1"), "li")
    store.put_entry(entry("b1", NOW - DAY, None))
    asked = Query("now", (LI, ANN), {"topic": "cards"}, "k1", NOW)

    assert store.background(asked).standing is not None
    assert statements(url, store, asked, tmp_path / "trace") == 1


def test_a_question_about_nobody_asks_the_database_nothing(url: str, store: SqlStore, tmp_path: Path) -> None:
    assert statements(url, store, query(identities=[]), tmp_path / "trace") == 0


# ---- a file


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    store = open_store(f"sqlite:///{file}")
    store.add([ANN], item("c1", NOW))

    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    store.close()

    assert modes == {"calls.db": 0o600, "calls.db-wal": 0o600, "calls.db-shm": 0o600}


def test_every_connection_to_a_file_writes_through_to_the_disk(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/calls.db")
    answers = [store.database.read(f"PRAGMA {name}", {})[0][0] for name in ("journal_mode", "synchronous")]
    store.close()

    # Source: https://www.sqlite.org/pragma.html#pragma_synchronous, 2 is FULL.
    assert answers == ["wal", 2]


def test_a_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/calls.db")
    store.put_entry(entry("b1", NOW, None))
    writer = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    found = store.entry("b1")

    writer.close()
    store.close()
    assert found == entry("b1", NOW, None)
