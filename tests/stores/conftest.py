"""Stores for the tests: files of SQLite, and a server of PostgreSQL that each test process starts for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from tests.stores.server import PostgresServer, programs


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Secrets and spools of stores on a server go into a folder of these tests, not into one of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(folder))
        patch.delenv("CALLPOLICY_SECRET_FILE", raising=False)
        yield folder


def _programs() -> Path:
    folder = programs()
    if folder is not None:
        return folder
    absent = "no PostgreSQL 15 or newer here; scripts/postgres.sh installs it"
    if os.environ.get("CI"):
        pytest.fail(absent)
    pytest.skip(absent)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server that all tests share and none disturbs."""
    with PostgresServer(_programs()) as server:
        yield server


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that writes through to the disk, and that a test may stop, if it starts it again."""
    with PostgresServer(_programs(), fsync=True) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/calls.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_url()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A new store of either kind."""
    opened = open_store(url)
    yield opened
    opened.close()
