"""A store of an older version: refused as it is, taken along whole when it is asked for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from callpolicy.audit import Keys
from callpolicy.errors import StoreError
from callpolicy.events import CaseLinked, Event, Explained, FinalResult
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName, Subject, covers_of
from callpolicy.lists.covers import cover_hash, key_text, who_of
from callpolicy.stores import open_store
from callpolicy.stores.base import Background, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql.database import Driver
from callpolicy.stores.sql.migrating import upgrade
from callpolicy.stores.sql.names import signed
from callpolicy.stores.sql.schema import VERSION_TABLE
from callpolicy.stores.sql.sqlite import SqliteFile
from callpolicy.stores.sql.store import _database
from callpolicy.windows import CALLS, JUDGED, Item
from callpolicy.wire import event_to_dict
from tests.stores.making import (
    ANN,
    BOB,
    DAY,
    HALF,
    HOUR,
    LI,
    MINUTE,
    NOW,
    REACH,
    SHANGHAI,
    WINDOWS,
    entry,
    item,
    proposed,
    query,
)
from tests.stores.tables import kept

ODD = Identity(IdentityKind.CUSTOMER, f"a\0b\\{HALF}")
RANGE = Identity(IdentityKind.NUMBER, "+12125550190")
KIM = Identity(IdentityKind.CUSTOMER, "8800421")
CALLED = (
    ([ANN, LI], item("c1", NOW - MINUTE, topic="cards")),
    ([ANN, LI], item("c1", NOW - MINUTE + 1, 1, JUDGED, **{"class": "nuisance", "topic": "cards"})),
    ([ANN], item("c2", NOW - 2 * MINUTE, topic="call back on 2125550142 or 25550142")),
    ([ANN, KIM], item("c3", NOW - 3 * MINUTE, topic="8800421x", note=ANN.value)),
    ([BOB], item("c4", NOW - HOUR, topic="loans", customer_id="12125550199")),
    ([ODD], item("c\0\\5", NOW - 4 * MINUTE, topic="\\")),
)
ENTRIES = (
    entry("b1", NOW - DAY, NOW + DAY, reason="吵闹\0"),
    entry("odd\0\\", NOW - DAY, None, ODD),
    entry("p1", NOW, None, Identity(IdentityKind.NUMBER, "+1212555014"), prefix=True, on=ListName.ALLOWLIST),
    entry("r1", NOW, None, RANGE, last="+12125550209"),
    entry("over", NOW - 2 * DAY, NOW - DAY, LI),
)
CASES: tuple[tuple[str, Event, str | None], ...] = (
    ("k1", CaseLinked(call_id="c1", seq=3, at=NOW - HOUR, case_id="k1"), "li"),
    ("k1", Explained(call_id="c1", seq=4, at=NOW - HOUR + 1, text="退款不行"), "li"),
    ("k1", FinalResult(call_id="c1", seq=5, at=NOW - HOUR + 2, text="final for +12125550142"), None),
    ("k\0\\2", CaseLinked(call_id="c\0\\5", seq=1, at=NOW - HOUR, case_id="k\0\\2"), "王"),
)


# ---- as the old version wrote


def old_entry_text(each: Entry) -> str:
    fields = {
        "entry_id": each.entry_id, "on": str(each.on), "kind": str(each.identity.kind), "value": each.identity.value,
        "prefix": each.prefix, "last": each.last, "since": each.since, "until": each.until, "reason": each.reason,
        "owner": each.owner, "evidence": list(each.evidence),
    }  # fmt: skip
    return json.dumps(fields, separators=(",", ":"))


def old_rows() -> list[tuple[str, dict[str, object]]]:
    """Every row of an old store, with the statement that puts it in."""
    rows: list[tuple[str, dict[str, object]]] = []
    held: dict[tuple[str, str], int] = {}

    def put(table: str, **values: object) -> None:
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO callpolicy_{table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608  # a test's own
        rows.append((statement, values))

    for who, each in CALLED:
        for identity in who:
            own = {"who": who_of(identity), "at": each.at, "call_id": key_text(each.call_id), "seq": each.seq}
            attributes = json.dumps(each.attributes, separators=(",", ":"))
            put("history", **own, kind=each.kind, attributes=attributes)
            name = who_of(identity), each.kind
            held[name] = held.get(name, 0) + 1
    for (who_held, kind), number in held.items():
        # An old one of BOB was dropped.
        put("tallies", who=who_held, kind=kind, held=number, lost=NOW - DAY if who_held == who_of(BOB) else None)
    for case_id, event, agent in CASES:
        written = json.dumps([event_to_dict(event), agent], separators=(",", ":"))
        own = {"case_id": key_text(case_id), "call_id": key_text(event.call_id), "seq": event.seq}
        put("case_events", **own, event=written)
    for each_entry in ENTRIES:
        own = {"entry_id": key_text(each_entry.entry_id), "on_list": str(each_entry.on)}
        put("entries", **own, since=each_entry.since, until=each_entry.until, entry=old_entry_text(each_entry))
        put("covers", covers=who_of(each_entry.identity), entry_id=key_text(each_entry.entry_id))
    put("state", name="keep_from", value=NOW - 90 * DAY)
    return rows


def no_keys() -> Keys:
    raise AssertionError


@pytest.fixture
def old(url: str, tmp_path: Path) -> str:
    """The URL of a store that the version before wrote."""
    database = _database(url, 5)
    if url.startswith("sqlite"):
        (tmp_path / "calls.db").touch()
    # WHY beneath what is public: whatever opens a store would make the tables of this version.
    database._checks = False
    with database.engine.connect() as connection:
        connection.exec_driver_sql(database.begin)
        upgrade(connection, "0001", keys=no_keys)
        for statement, values in old_rows():
            connection.execute(text(statement), values)
        connection.exec_driver_sql("COMMIT")
    database.close()
    return url


def fed() -> MemoryStore:
    """A store that was told the same."""
    store = MemoryStore()
    store.prune(NOW - 90 * DAY)
    for who, each in CALLED:
        store.add(who, each)
    for case_id, event, agent in CASES:
        store.receive_case(case_id, event, agent)
    for each_entry in ENTRIES:
        store.put_entry(each_entry)
    return store


def seen(background: Background) -> object:
    readings = {name: (each.value, each.exact, each.course) for name, each in background.readings.items()}
    return readings, background.case, background.case_courses, background.standing


def answers(store: Store) -> list[object]:
    store.declare(WINDOWS, SHANGHAI, REACH)
    asked = [
        query(at, who, case_id=case_id, topic=topic, call_id=call_id)
        for at in (NOW, NOW + HOUR)
        for who in ([ANN], [ANN, LI], [LI], [ODD], [RANGE])
        for case_id in (None, "k1", "k\0\\2")
        for topic in ("cards", "\\")
        for call_id in ("now", "c1", "c\0\\5")
    ]
    # What shows a customer is known again where that customer is known.
    asked += [query(identities=[ANN, KIM], topic="8800421x"), query(identities=[KIM], topic="8800421x")]
    return [seen(store.background(each)) for each in asked]


def test_a_store_of_the_version_before_is_refused_and_left_as_it_is(old: str) -> None:
    said = "is of schema `0001`, this version needs `0003`; run `callpolicy store migrate`"
    for create in (True, False):
        with pytest.raises(StoreError, match=said):
            open_store(old, create=create)


def test_a_store_that_was_migrated_answers_as_one_that_was_told_the_same(old: str) -> None:
    store = open_store(old, migrate=True)
    migrated = answers(store)
    again = open_store(old)
    opened = answers(again)
    told = fed()

    assert migrated == answers(told)
    assert opened == migrated
    for name in ("b1", "odd\0\\", "p1", "r1", "over"):
        assert again.listed(name) == told.listed(name)
    assert sorted(each.case_id for each in again.cases()) == ["k\0\\2", "k1"]
    assert {each.entry and each.entry.entry_id for each in again.overlapping(Subject(ANN))} == {"b1", "p1"}
    store.close()
    again.close()


def test_what_was_lost_before_is_known_to_be_lost_after(old: str) -> None:
    store = open_store(old, migrate=True)
    store.declare(WINDOWS, SHANGHAI, REACH)
    reading = store.background(query(identities=[BOB])).readings["history.topics_24h"]
    store.close()

    assert reading.exact is False


def test_a_migrated_store_goes_on_as_any_other(old: str) -> None:
    store = open_store(old, migrate=True)
    store.declare(WINDOWS, SHANGHAI, REACH)
    again = [store.add(who, each) for who, each in CALLED]
    new = store.add([ANN], Item(NOW, "c9", 0, CALLS, ()))
    store.receive_case(*CASES[0])
    store.put_entry(entry("new", NOW, None, BOB))
    counted = store.background(query())
    store.close()

    # What it was told before it does not count twice.
    assert again == [False] * len(CALLED)
    assert new is True
    assert counted.readings["history.calls_10m"].value == 4


def test_migrating_twice_changes_nothing(old: str) -> None:
    open_store(old, migrate=True).close()
    store = open_store(old, migrate=True)
    found = kept(store), store.listed("b1")
    store.close()

    assert len(found[0]) == 9
    assert found[1] is not None


def test_no_migrated_table_shows_who_anybody_is(old: str, tmp_path: Path) -> None:
    store = open_store(old, migrate=True)
    told = everything(store)
    store.close()
    # Not in a page that is free either.
    told += b"".join(each.read_bytes() for each in tmp_path.glob("calls.db*") if not each.name.endswith("secret"))

    for clear in (b"2125550142", b"25550142", b"25550199", b"8800421", b"1212555014", b"25550190"):
        assert clear not in told


def as_before_0003(url: str, entries: Sequence[Entry], hashed: Callable[[str, Callable[[str], int]], int]) -> None:
    """Make a store as version 0002 wrote it: all but the hashes of whom an entry covers is the same."""
    store = open_store(url)
    for each in entries:
        store.put_entry(each)
    store.put_block(proposed("waits", BOB))
    names = store.tables.names
    rows = [(each.entry_id, key) for each in entries for key in covers_of(each)] + [("waits", who_of(BOB))]
    numbers = dict(store.database.read("SELECT entry_id, number FROM callpolicy_entries", {}))

    def work(driver: Driver) -> None:
        driver.execute("DELETE FROM callpolicy_covers")
        for entry_id, key in rows:
            pair = signed(hashed(key, names.keys.key_hash)), numbers[key_text(entry_id)]
            driver.execute(f"INSERT INTO callpolicy_covers (key_hash, number) VALUES ({pair[0]}, {pair[1]})")  # noqa: S608  # two numbers
        driver.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0002'")  # noqa: S608  # a constant

    store.database.write(work)
    store.close()


def whole_key(key: str, key_hash: Callable[[str], int]) -> int:
    """The hash that stood in the first stores of schema 0002."""
    return key_hash(key)


@pytest.mark.parametrize("hashed", [whole_key, cover_hash])
def test_entries_of_schema_0002_are_found_whichever_hash_it_wrote(
    url: str, hashed: Callable[[str, Callable[[str], int]], int]
) -> None:
    # More than are taken along at once.
    many = tuple(
        entry(f"m{number}", NOW, None, Identity(IdentityKind.NUMBER, f"+4477009{number:05}")) for number in range(1_100)
    )
    as_before_0003(url, [*ENTRIES, *many], hashed)

    with pytest.raises(StoreError, match="is of schema `0002`"):
        open_store(url)
    store = open_store(url, migrate=True)
    told = fed()
    for each in many:
        told.put_entry(each)
    for each_store in (store, told):
        each_store.declare(WINDOWS, SHANGHAI, REACH)
    whom = [ANN, LI, ODD, RANGE, many[0].identity, many[999].identity, many[-1].identity, BOB]
    found = [store.background(query(identities=[each])).standing for each in whom]
    in_memory = [told.background(query(identities=[each])).standing for each in whom]
    waiting = store.overlapping(Subject(BOB))
    store.close()

    assert found == in_memory
    # The last is in the range; the block that waits keeps nobody out.
    assert [each is not None and each.block is not None for each in found] == [
        True,
        False,
        True,
        True,
        True,
        True,
        True,
        True,
    ]
    assert sorted(each.block is not None for each in waiting) == [False, True]


def test_a_store_without_entries_needs_no_secret_for_other_hashes(url: str) -> None:
    store = open_store(url)
    store.database.write(lambda driver: driver.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0002'"))  # noqa: S608  # a constant
    # WHY beneath what is public: whatever opens a store of an older version refuses it.
    store.database._checks = False
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql(store.database.begin)
        upgrade(connection, keys=no_keys)
        connection.exec_driver_sql("COMMIT")
    store.close()
    open_store(url).close()


def everything(store: Any) -> bytes:
    """Every text in every table."""
    from callpolicy.stores.sql.schema import METADATA  # as below

    found = [store.database.read(f"SELECT * FROM {table.name}", {}) for table in METADATA.sorted_tables]  # noqa: S608  # the names are constants
    return "\n".join(str(value) for rows in found for row in rows for value in row).encode()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_migration_that_was_killed_before_it_had_forgotten_forgets_the_next_time(
    tmp_path: Path, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "calls.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE gone (line TEXT)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO gone VALUES (?)", [(f"number:{ANN.value}",)] * 50_000)
        connection.execute("COMMIT")
        connection.execute("DELETE FROM gone")
        connection.execute("DROP TABLE gone")

    def killed(_file: object, _driver: object) -> None:
        raise sqlite3.OperationalError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteFile, "_forget", killed)
        with pytest.raises(StoreError):
            open_store(old, migrate=True)
    before = ANN.value.encode() in file.read_bytes()

    open_store(old, migrate=True).close()

    assert before
    assert ANN.value.encode() not in file.read_bytes()
