"""Stores on a server: known by what they are and not by their address, as they are encoded, restored and locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from callpolicy.errors import StoreError
from callpolicy.events import Offered
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.schema import METADATA
from tests.stores.making import ANN, BOB, NOW, REACH, SHANGHAI, WINDOWS, entry, item, query
from tests.stores.server import PostgresServer

GIVEN = b"a secret of thirty-two characters"
OTHER = b"another secret, as long as that one"
LISTED = {name: METADATA.tables[f"callpolicy_{name}"] for name in ("entries", "covers", "shapes", "state")}
PATIENCE = 0.4


def schema_of(url: str) -> str:
    return url.rpartition("%3D")[2]


def cut_off(server: PostgresServer) -> None:
    server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callpolicy'")


def offered(call_id: str, at: int = NOW) -> Offered:
    return Offered(call_id=call_id, seq=0, at=at, number=ANN.value, queue="cards")


@pytest.fixture
def made(postgres: PostgresServer) -> Iterator[str]:
    """A database of its own for what a schema cannot show."""
    postgres.run("CREATE DATABASE odd ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    yield postgres.address("postgresql+psycopg").replace("/postgres", "/odd")
    cut_off(postgres)
    postgres.run("DROP DATABASE odd")


# ---- which store it is


def test_a_store_is_the_same_under_another_name_of_its_server(postgres: PostgresServer) -> None:
    url = postgres.new_url()
    elsewhere = url.replace("127.0.0.1", "localhost")

    with closing(open_store(url, secret=GIVEN)) as one, closing(open_store(elsewhere, secret=GIVEN)) as other:
        assert one.spool_folder == other.spool_folder


def test_what_waits_for_one_store_of_a_database_is_not_given_to_another_one(postgres: PostgresServer) -> None:
    first, second = postgres.new_url(), postgres.new_url()
    open_store(second, secret=GIVEN).close()
    engine = Engine(store=open_store(first, secret=GIVEN, patience=PATIENCE))
    postgres.run(f"ALTER SCHEMA {schema_of(first)} RENAME TO away")
    decision = engine.observe(offered("c1"))
    engine.close()
    postgres.run(f"ALTER SCHEMA away RENAME TO {schema_of(first)}")

    with closing(open_store(second, secret=GIVEN)) as store:
        Engine(store=store).close()
        found_in_second = store.find("c1#0")
    with closing(open_store(first.replace("127.0.0.1", "localhost"), secret=GIVEN)) as store:
        Engine(store=store).close()
        found_in_first = store.find("c1#0")

    assert decision.failed == ("store",)
    assert found_in_second == ()
    assert len(found_in_first) == 1


# ---- another one in its place


def test_a_store_of_another_secret_that_takes_its_place_is_written_nothing(postgres: PostgresServer) -> None:
    first, second = postgres.new_url(), postgres.new_url()
    engine = Engine(store=open_store(first, secret=GIVEN, patience=PATIENCE))
    open_store(second, secret=OTHER).close()
    engine.observe(offered("c1"))
    postgres.run(f"ALTER SCHEMA {schema_of(first)} RENAME TO renamed")
    postgres.run(f"ALTER SCHEMA {schema_of(second)} RENAME TO {schema_of(first)}")
    cut_off(postgres)

    decision = engine.observe(offered("c2", NOW + 1))

    failure = engine.health().failure
    engine.close()
    assert decision.failed == ("store",)
    assert failure is not None
    assert "was replaced by one that was written with another secret" in failure
    with closing(open_store(first, secret=OTHER)) as store:
        assert store.heads() == ()


Rows = dict[str, list[dict[str, object]]]


def listed(store: SqlStore) -> Rows:
    """What stands in the tables of the lists, as a backup has it."""
    with store.database.engine.connect() as connection:
        return {name: [dict(row) for row in connection.execute(select(LISTED[name])).mappings()] for name in LISTED}


def restore(store: SqlStore, rows: Rows) -> None:
    """Put it back in place of what stands there now."""
    with store.database.engine.connect() as connection:
        for name, table in LISTED.items():
            connection.execute(delete(table))
            if rows[name]:
                connection.execute(insert(table), rows[name])


@pytest.mark.parametrize("later", [1, 2, 3])
def test_what_is_put_after_a_backup_was_restored_counts_in_every_process(url: str, store: SqlStore, later: int) -> None:
    other = open_store(url)
    store.declare(WINDOWS, SHANGHAI, REACH)
    other.put_entry(entry("b1", NOW, None, BOB))
    backup = listed(other)
    other.put_entry(entry("b2", NOW, None, BOB))
    other.put_entry(entry("b3", NOW, None, BOB))
    store.background(query(identities=[BOB]))
    restore(other, backup)
    other.put_entry(entry("b4", NOW, None, ANN))
    for place in range(later - 1):
        other.put_entry(entry(f"b{5 + place}", NOW, None, BOB))

    standing = store.background(query()).standing

    other.close()
    assert standing is not None
    assert standing.block == entry("b4", NOW, None, ANN)


# ---- how it is set up


@pytest.mark.parametrize("asked", ["LATIN1", "GBK", "SQL_ASCII"])
def test_texts_are_kept_whatever_encoding_the_environment_asks_for(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", asked)

    with closing(open_store(postgres.new_url())) as store:
        assert store.add([ANN], item("c1", NOW, queue="贵宾"))


def test_a_database_that_cannot_hold_every_text_is_refused(made: str) -> None:
    with pytest.raises(
        StoreError, match="is not encoded in UTF8; create it with ENCODING 'UTF8' and TEMPLATE template0"
    ):
        open_store(made)


def test_a_transaction_sees_what_was_there_when_its_lock_was_given(postgres: PostgresServer) -> None:
    url = f"{postgres.new_url()}%20-cdefault_transaction_isolation%3Dserializable"

    with closing(open_store(url)) as store:
        found = store.database.write(lambda driver: driver.execute("SHOW transaction_isolation").fetchone())

    assert found == ("read committed",)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ivr@127.0.0.1:1/calls?password=hunter2",
        "postgresql+psycopg://ivr:hunter2@127.0.0.1:1/calls?sslpassword=hunter2",
    ],
)
def test_a_password_among_the_settings_is_told_to_nobody(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url, patience=PATIENCE)

    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1:1/calls" in str(caught.value)


def test_who_waits_for_a_lock_is_told_so(postgres: PostgresServer) -> None:
    url = postgres.new_url()
    with closing(open_store(url, patience=PATIENCE)) as store, postgres.connect() as holder:
        holder.execute("BEGIN")
        holder.execute(f"LOCK TABLE {schema_of(url)}.callpolicy_history IN ACCESS EXCLUSIVE MODE".encode())

        with pytest.raises(StoreError, match="is locked by another process"):
            store.background(query())


def test_a_table_that_is_missing_is_not_for_a_migration(postgres: PostgresServer) -> None:
    url = postgres.new_url()
    with closing(open_store(url)) as store:
        postgres.run(f"DROP TABLE {schema_of(url)}.callpolicy_history")

        with pytest.raises(StoreError, match="lacks a table; restore it from a backup"):
            store.background(query())


def test_who_may_only_read_opens_a_store_that_does_not_say_which_it_is(postgres: PostgresServer) -> None:
    url = postgres.new_url()
    with closing(open_store(url, secret=GIVEN)) as store:
        store.database.write(lambda driver: driver.execute("DELETE FROM callpolicy_state WHERE name = 'store'"))
    schema = schema_of(url)
    postgres.run("CREATE ROLE reader LOGIN")
    postgres.run(f"GRANT USAGE ON SCHEMA {schema} TO reader")
    postgres.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader")

    with closing(open_store(url.replace("callpolicy@", "reader@"), secret=GIVEN, create=False)) as store:
        assert store.database.store_id is None
        assert isinstance(store.spool_folder, Path)
