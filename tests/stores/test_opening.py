"""Opening a store: by its URL, made where there is none, refused where it is another's or of another version."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from callpolicy.audit import Keys
from callpolicy.errors import MissingExtraError, StoreError, UsageError
from callpolicy.runtime import Engine as Runtime
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.migrating import FOLDER
from callpolicy.stores.sql.schema import METADATA, REVISIONS, VERSION_TABLE
from tests.runtime.norms import START, norm, offered
from tests.stores.making import ANN, NOW, entry, item
from tests.stores.server import PostgresServer


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("callpolicy.db", "no URL of a store; write `sqlite:///file.db`"),
        ("mysql://localhost/calls", "no URL of a store"),
        ("postgresql://localhost/calls", r"write .*`postgresql\+psycopg://"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://calls.db", "three slashes"),
        ("sqlite:///calls.db?mode=ro", "no settings"),
        ("postgresql+psycopg://host:port/calls", "no URL of a store"),
    ],
)
def test_what_is_no_url_of_a_store_is_refused_with_a_hint(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_store(url)


def test_a_store_must_be_waited_for_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        open_store(f"sqlite:///{tmp_path}/calls.db", patience=0)


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("sqlalchemy", "sqlite:///calls.db", "store"),
        ("alembic", "sqlite:///calls.db", "store"),
        ("psycopg", "postgresql+psycopg://localhost/calls", "postgres"),
    ],
)
def test_what_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, url: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtraError, match=rf"callpolicy\[{extra}\]"):
        open_store(url)


def test_an_engine_takes_the_url_of_a_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    effects = []
    for number in range(3):
        # Each time a new process, as far as the engine can tell.
        engine = Runtime(norm(), store=url)
        effects.append(str(engine.observe(offered(f"c{number}", START + number)).effect))
        assert isinstance(engine.store, SqlStore)
        engine.store.close()

    assert effects == ["accept", "divert", "reject"]


def test_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: no such file or directory"):
        open_store(f"sqlite:///{tmp_path}/nowhere/calls.db")


def test_a_store_that_is_not_there_is_not_made_where_none_is_to_be_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no store; run `callpolicy store init`"):
        open_store(url, create=False)

    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.commit()
    other.close()
    before = file.read_bytes()

    with pytest.raises(StoreError, match="is a database of something else"):
        open_store(f"sqlite:///{file}")

    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0001", r"is of schema `0001`, this version needs `0003`; run `callpolicy store migrate`"),
        ("9999", r"is of schema `9999`, which this version does not know; install a newer callpolicy"),
    ],
)
def test_a_store_of_another_version_is_refused_with_what_to_do(
    url: str, store: SqlStore, version: str, said: str
) -> None:
    store.add([ANN], item("c1", NOW))
    store.database.write(
        lambda driver: driver.execute(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'")  # noqa: S608  # a test's own
    )

    with pytest.raises(StoreError, match=said):
        open_store(url)
    store.close()
    with pytest.raises(StoreError, match=said):
        store.add([ANN], item("c2", NOW))


def test_many_that_open_a_new_store_at_once_make_it_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url, patience=10), range(4)))
    for number, each in enumerate(stores):
        each.add([ANN], item(f"c{number}", NOW))

    rows = stores[0].database.read("SELECT count(*) FROM callpolicy_history", {})
    versions = stores[0].database.read(f"SELECT version_num FROM {VERSION_TABLE}", {})  # noqa: S608  # a test's own
    for each in stores:
        each.close()

    assert (rows[0][0], [tuple(row) for row in versions]) == (4, [(REVISIONS[-1],)])


def test_stores_in_several_files_are_made_at_once(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{number}.db" for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(open_store, urls))
    for each in stores:
        each.add([ANN], item("c", NOW))
        each.close()

    assert len(list(tmp_path.glob("*.db"))) == 8


def test_migrating_a_store_that_is_of_this_version_changes_nothing(store: SqlStore) -> None:
    def asked(_known: int | None) -> Keys:
        raise AssertionError

    store.put_entry(entry("b1", NOW, None))

    assert store.database.migrate(asked) == REVISIONS[-1]
    assert store.entry("b1") == entry("b1", NOW, None)


def on_connection(engine: Engine, work: Callable[[Connection], Any]) -> Any:
    with engine.connect() as connection:
        return work(connection)


def test_the_migrations_make_exactly_the_tables_that_the_store_works_with(store: SqlStore) -> None:
    def differences(connection: Connection) -> list[Any]:
        made = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        found: list[Any] = compare_metadata(made, METADATA)
        return found

    assert on_connection(store.database.engine, differences) == []


def test_every_schema_that_the_store_knows_has_a_migration_in_this_order() -> None:
    files = sorted(path.name.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))

    assert tuple(files) == REVISIONS


def test_no_failure_tells_a_telephone_number_or_a_password(url: str, store: SqlStore) -> None:
    store.database.write(lambda driver: driver.execute("DROP TABLE callpolicy_tallies"))

    with pytest.raises(StoreError) as caught:
        store.add([ANN], item("c1", NOW))

    shown = "".join(traceback.format_exception(caught.value))
    assert "2125550142" not in shown
    assert shown.isascii()


def test_a_password_is_told_to_nobody(postgres: PostgresServer) -> None:
    secret = f"postgresql+psycopg://callpolicy:hunter2@127.0.0.1:{postgres.port}/elsewhere"

    with pytest.raises(StoreError) as caught:
        open_store(secret, patience=0.3)

    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_no_connection_to_a_file_that_was_replaced_is_used_again(tmp_path: Path) -> None:
    # WHY beneath what is public: only two threads at once come to this, and which is first is chance.
    store = open_store(f"sqlite:///{tmp_path}/calls.db")
    database = store.database
    first = database._take()
    database._give_back(first, database.replaced)
    kept = database._take()
    database._give_back(kept, database.replaced)
    database._dispose()
    after_all_were_let_go = database._take()
    database._give_back(after_all_were_let_go, database.replaced)
    database.replaced += 1
    after_it_was_replaced = database._take()

    used = [id(each.driver_connection) for each in (after_all_were_let_go, after_it_was_replaced) if each.is_valid]
    database._give_back(after_it_was_replaced, database.replaced)
    store.close()

    assert kept is first
    assert after_all_were_let_go is not first
    assert after_it_was_replaced is not after_all_were_let_go
    assert not after_all_were_let_go.is_valid
    assert len(used) == 1
