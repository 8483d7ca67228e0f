"""The stores in SQL keep the contract of every store; what is particular to a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.stores import open_store
from callpolicy.stores.base import Store
from callpolicy.stores.sql import SqlStore
from tests.stores.contract import StoreContract
from tests.stores.making import ANN, NOW, entry, item, trail
from tests.stores.server import PostgresServer
from tests.stores.tables import emptied


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('contract')}/calls.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def served(postgres: PostgresServer) -> Iterator[SqlStore]:
    opened = open_store(postgres.new_url())
    yield opened
    opened.close()


class TestSqlite(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self, file: SqlStore) -> None:
        self.opened = emptied(file)

    def make(self) -> Store:
        return self.opened


class TestPostgres(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self, served: SqlStore) -> None:
        self.opened = emptied(served)

    def make(self) -> Store:
        return self.opened


# ---- a file


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    store = open_store(f"sqlite:///{file}")
    store.add([ANN], item("c1", NOW))

    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    store.close()

    assert modes == dict.fromkeys(("calls.db", "calls.db-wal", "calls.db-shm", "calls.db-secret"), 0o600)


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


def test_what_was_erased_is_in_no_byte_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    store = open_store(f"sqlite:///{file}")
    kept = trail(store.keys, "w1", 200)
    store.append(kept)
    parts = [each.part.sealed.encode() for each in kept if each.part is not None]
    before = _bytes_of(tmp_path)
    store.erase(parts=NOW * 2)
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)", {})
    after = _bytes_of(tmp_path)
    store.close()

    assert len(parts) == 100
    assert all(each in before for each in parts)
    assert not any(each in after for each in parts)


def _bytes_of(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.glob("calls.db*"))


@pytest.mark.parametrize("name", ["cut", "old", "drop_old", "drop_empty", "background"])
def test_no_statement_of_a_call_reads_a_whole_history(tmp_path: Path, name: str) -> None:
    store = open_store(f"sqlite:///{tmp_path}/calls.db")
    values = {"before": NOW, "number": 499, "whos": "[]", "numbers": "[]", "since": 0, "sinces": "{}", "case_key": None}

    plan = store.database.read(f"EXPLAIN QUERY PLAN {getattr(store.tables.sql, name)}", values)

    store.close()
    steps = [str(row[3]) for row in plan]
    assert steps
    assert not [step for step in steps if step.startswith("SCAN callpolicy_history")]
