"""The secret of a store: made once, found where it should be, refused in words where it is not the one."""

from __future__ import annotations

import os
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callpolicy.audit import Keys
from callpolicy.errors import StoreError
from callpolicy.stores import open_store
from callpolicy.stores.secret import NAMED_BY, SHORTEST
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.migrating import upgrade
from callpolicy.stores.sql.names import Names
from callpolicy.stores.sql.rows import entry_text
from callpolicy.stores.sql.store import _database
from tests.stores.making import ANN, COUNT, NOW, REACH, SHANGHAI, WINDOWS, entry, item, query
from tests.stores.processes import Child
from tests.stores.server import PostgresServer

NOBODY = 65_534
GIVEN = b"a secret of the centre, given"


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


def secret_of(url: str, state: Path) -> Path:
    """Where the secret of a store lies."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///") + "-secret")
    (found,) = state.glob("callpolicy/*-secret")
    return found


def refusal(url: str, **more: object) -> str:
    """What is said when a store is refused; it holds no secret, nor does what is shown of it to a developer."""
    with pytest.raises(StoreError) as caught:
        open_store(url, **more)  # type: ignore[arg-type]  # arguments by name
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (GIVEN.decode(), "too short"):
        assert secret not in shown
    return str(caught.value)


def test_a_new_store_makes_a_secret_that_its_owner_alone_can_read(url: str, state: Path) -> None:
    store = open_store(url)
    store.close()
    file = secret_of(url, state)

    assert file.stat().st_mode & 0o777 == 0o600
    if url.startswith("postgres"):
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert len(bytes.fromhex(file.read_text())) == 32


def test_of_a_file_it_lies_beside_it_and_of_a_server_in_the_folder_for_state(
    tmp_path: Path, state: Path, postgres: PostgresServer
) -> None:
    open_store(f"sqlite:///{tmp_path}/calls.db").close()
    file = (tmp_path / "calls.db-secret").exists(), state.exists()
    open_store(postgres.new_url()).close()

    assert file == (True, False)
    assert [each.name for each in (state / "callpolicy").iterdir()] == [f"127.0.0.1-{postgres.port}-postgres-secret"]


def test_without_a_folder_for_state_it_lies_at_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres: PostgresServer
) -> None:
    # Source: XDG Base Directory Specification 0.8: one that is not absolute is to be ignored.
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    open_store(postgres.new_url()).close()

    assert len(list((tmp_path / ".local" / "state" / "callpolicy").glob("*-secret"))) == 1


def test_the_file_that_the_environment_names_wins(
    url: str, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "secrets" / "centre"
    monkeypatch.setenv(NAMED_BY, str(named))
    open_store(url).close()
    made = named.read_bytes()
    open_store(url).close()

    assert named.stat().st_mode & 0o777 == 0o600
    assert named.read_bytes() == made
    assert not state.exists()
    assert not Path(url.removeprefix("sqlite:///") + "-secret").exists()


def test_every_process_knows_everybody_by_the_same_name(url: str) -> None:
    one, other = open_store(url), open_store(url)
    one.declare(WINDOWS, SHANGHAI, REACH)
    other.declare(WINDOWS, SHANGHAI, REACH)
    one.add([ANN], item("c1", NOW))
    one.put_entry(entry("b1", NOW, None))
    background = other.background(query())
    one.close()
    other.close()

    assert background.readings[COUNT.fact].value == 1
    assert background.standing is not None
    assert background.standing.block == entry("b1", NOW, None)


def test_of_many_that_make_a_store_at_once_all_have_one_secret(url: str, state: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url, patience=10), range(4)))
    names = {each.keys.token("a caller") for each in stores}
    for each in stores:
        each.close()

    assert len(names) == 1
    # Nothing that was half made is left beside it.
    beside = [each.name for each in secret_of(url, state).parent.iterdir() if each.name.startswith(".")]
    assert beside == []


def test_of_processes_that_make_a_store_at_once_all_have_one_secret(url: str) -> None:
    children = [Child(url, wait=False) for _ in range(3)]
    said = [each.hear() for each in children]
    names = [each.ask({"name": "a caller"}) for each in children]
    for each in children:
        each.kill()

    assert said == ["ready"] * 3
    assert len(set(names)) == 1


def test_a_store_whose_secret_is_gone_is_refused_and_none_is_made_in_its_place(url: str, state: Path) -> None:
    open_store(url).close()
    file = secret_of(url, state)
    aside = file.rename(file.with_name("aside"))
    said = refusal(url)

    assert f"was written with a secret that is not in `{file.name}`" in said
    assert f"name its file by `{NAMED_BY}`" in said
    assert not file.exists()
    aside.rename(file)
    open_store(url).close()


def test_another_secret_is_refused(url: str, state: Path) -> None:
    open_store(url).close()
    said = refusal(url, secret=GIVEN)
    secret_of(url, state).write_bytes(b"ab" * 32)

    assert "was written with another secret; give the one it was made with" in said
    assert "was written with another secret" in refusal(url)


@pytest.mark.parametrize("content", [b"", b"too short", b" " * 100, b"x" * (SHORTEST - 1) + b"\n"])
def test_a_short_secret_is_refused_before_anything_is_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    named = tmp_path / "centre"
    named.write_bytes(content)
    monkeypatch.setenv(NAMED_BY, str(named))

    assert refusal(url) == f"the secret of the store, `centre`, is shorter than {SHORTEST} bytes"
    assert f"is given a secret that is shorter than {SHORTEST} bytes" in refusal(url, secret=content.strip())
    monkeypatch.delenv(NAMED_BY)
    open_store(url).close()


@pytest.mark.parametrize("kind", ["a folder", "below a file"])
def test_a_secret_that_cannot_be_read_is_refused_in_words(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    named = tmp_path / "centre"
    if kind == "a folder":
        named.mkdir()
    else:
        named.write_bytes(GIVEN)
        named = named / "secret"
    monkeypatch.setenv(NAMED_BY, str(named))

    said = refusal(url)

    assert said.startswith(f"the secret of the store, `{named.name}`, cannot be read or written: ")
    assert said.endswith(f"; name another file by `{NAMED_BY}`")


def test_a_secret_of_another_user_is_refused_in_words() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = Path(folder) / "calls.db"
        open_store(f"sqlite:///{file}").close()
        secret = Path(f"{file}-secret")
        if os.geteuid() == 0:
            os.chown(file, NOBODY, NOBODY)
            child = Child(f"sqlite:///{file}", user=NOBODY)
            said = child.said
            child.kill()
        else:
            secret.chmod(0)
            said = refusal(f"sqlite:///{file}")

    assert str(said).startswith(
        "the secret of the store, `calls.db-secret`, cannot be read or written: permission denied; "
    )


def test_a_secret_that_is_given_is_written_nowhere(url: str, tmp_path: Path, state: Path) -> None:
    store = open_store(url, secret=GIVEN)
    store.put_entry(entry("b1", NOW, None))
    store.close()
    again = open_store(url, secret=GIVEN)
    found = again.entry("b1")
    again.close()

    assert found == entry("b1", NOW, None)
    assert not state.exists()
    assert not list(tmp_path.glob("*secret*"))
    assert not any(GIVEN in each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())


def test_the_space_around_a_secret_in_a_file_does_not_matter(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "centre"
    named.write_bytes(GIVEN)
    monkeypatch.setenv(NAMED_BY, str(named))
    open_store(url).close()
    named.write_bytes(GIVEN + b"\r\n")

    open_store(url).close()
    open_store(url, secret=GIVEN).close()


def test_a_store_that_forgot_its_secret_is_refused(url: str, store: SqlStore) -> None:
    store.database.write(lambda driver: driver.execute("DELETE FROM callpolicy_state WHERE name = 'secret'"))

    assert "does not say which secret it was written with" in refusal(url)


def test_a_file_that_is_replaced_by_one_of_another_secret_is_refused(tmp_path: Path) -> None:
    file, other = tmp_path / "calls.db", tmp_path / "other.db"
    store = open_store(f"sqlite:///{file}")
    store.declare(WINDOWS, SHANGHAI, REACH)
    open_store(f"sqlite:///{other}", secret=GIVEN).close()
    other.replace(file)
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="was replaced while it was in use"):
        store.background(query())

    for _ in range(2):
        with pytest.raises(StoreError, match="was replaced by one that was written with another secret"):
            store.background(query())
        with pytest.raises(StoreError, match="was replaced by one that was written with another secret"):
            store.add([ANN], item("c1", NOW))
    store.close()


def test_a_store_of_an_older_version_that_lost_its_secret_is_given_no_new_one(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/calls.db", tmp_path / "calls.db"
    file.touch()
    database = _database(url, 5)
    # WHY beneath what is public: whatever opens a store would make the tables of this version.
    database._checks = False
    with database.engine.connect() as connection:
        connection.exec_driver_sql(database.begin)
        upgrade(connection, "0002", keys=lambda: Keys.of(GIVEN))
        sealed = Names(Keys.of(GIVEN)).seal(entry_text(entry("b1", NOW, None)), "entry")
        connection.exec_driver_sql(
            "INSERT INTO callpolicy_entries (number, entry_id, on_list, state, head, since, changed, entry)"
            " VALUES (1, 'b1', 'blocklist', 'plain', '', ?, 1, ?)",
            (NOW, sealed),
        )
        connection.exec_driver_sql("COMMIT")
    database.close()

    with pytest.raises(StoreError, match=r"a secret that is not in `calls\.db-secret`; put it back"):
        open_store(url, migrate=True)
    with pytest.raises(StoreError, match="was written with another secret; give the one it was made with"):
        open_store(url, migrate=True, secret=GIVEN[::-1])

    assert not (tmp_path / "calls.db-secret").exists()
    open_store(url, migrate=True, secret=GIVEN).close()
