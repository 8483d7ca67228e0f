"""A database of PostgreSQL as that of a store, and connections to it that do not wait for ever for an answer."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg import OperationalError
from psycopg.abc import PQGen
from sqlalchemy import URL, create_engine, event

from callpolicy.stores.secret import secret_file, state_folder
from callpolicy.stores.sql.database import Database
from callpolicy.stores.sql.schema import VERSION_TABLE

_Result = TypeVar("_Result")
_OLDEST: Final = 15_00_00
_ODD: Final = re.compile(r"[^\w.-]", re.ASCII)
# WHY longer: the server's own limit should speak first, for it says what happened.
_CLIENT_WAITS: Final = 0.5
_ENCODING: Final = "UTF8"
_OTHER_ENCODING: Final = "is not encoded in UTF8; create it with ENCODING 'UTF8' and TEMPLATE template0"
_WRITTEN: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)


class PostgresDatabase(Database):
    """A database of PostgreSQL 15 or newer."""

    # WHY said: a database may have another level by default, which sees what was there before it waited for a lock.
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    # The number is any that no other program is likely to take.
    lock_all = ("SET LOCAL statement_timeout = 0", "SELECT pg_advisory_xact_lock(7231940551)")

    def __init__(self, url: URL, patience: float) -> None:
        engine = create_engine(
            url,
            max_overflow=20,
            pool_timeout=patience,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_reset_on_return=None,
            connect_args={
                "connect_timeout": max(2, round(patience)),
                "application_name": "callpolicy",
                # WHY said: whatever the environment asks for, a queue may be called 贵宾.
                "client_encoding": "utf8",
            },
        )
        super().__init__(engine, _shown(url), patience)
        event.listen(engine, "do_connect", self._connect)

    def _connect(self, _dialect: object, _record: object, _args: object, named: dict[str, Any]) -> object:
        limit = round(self.patience * 1000)
        connection = PatientConnection.connect(**{**named, "autocommit": True})
        try:
            connection.patience = self.patience + _CLIENT_WAITS
            connection.execute(f"SET statement_timeout = {limit}")
            # WHY a little sooner: who waits for a lock is to be told so, and not that the server is slow.
            connection.execute(f"SET lock_timeout = {max(limit * 9 // 10, 1)}")
            # WHY: a server that acknowledges before it has written would make us say what is not so.
            connection.execute(_WRITTEN)
            if connection.info.server_version < _OLDEST:
                raise self.failure("is older than PostgreSQL 15")
            if connection.info.parameter_status("server_encoding") != _ENCODING:
                raise self.failure(_OTHER_ENCODING)
            self._check_version(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _version(self, connection: Any) -> str | None:
        row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (VERSION_TABLE,)).fetchone()
        if row is None or not row[0]:
            return None
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608  # the name is a constant
        return None if row is None else str(row[0])

    @property
    def secret_file(self) -> Path:
        """Where programs of this user keep their state: the server has the tables and not what opens them."""
        return secret_file(self._beside("secret"))

    @property
    def spool_folder(self) -> Path:
        """Where programs of this user keep their state."""
        if self.store_id is None:
            return self._beside("spool")
        # WHY not by its address: a server has many names, and a database many stores, one in each schema.
        return state_folder() / f"{self.store_id:016x}-spool"

    def _beside(self, what: str) -> Path:
        url = self.engine.url
        place = f"{url.host or 'local'}-{url.port or 5432}-{url.database or 'default'}-{what}"
        return state_folder() / _ODD.sub("_", place)

    def _find(self, create: bool) -> None:
        """A database of a server is made by its operator."""

    def _take_time(self, driver: Any) -> None:
        driver.patience = 0.0

    def _is_lost(self, driver: Any) -> bool:
        return bool(driver.closed)

    def _check_place(self) -> None:
        """A server is where its address says."""


def _shown(url: URL) -> str:
    """What messages call a database: without password, and without settings, among which one may stand too."""
    return url.set(query={}).render_as_string(hide_password=True)


class PatientConnection(psycopg.Connection[Any]):
    """A connection on which every exchange with the server has a time limit.

    WHY here: `statement_timeout` is kept by the server, and one that hangs keeps nothing.
    """

    patience: float = 0.0
    """Longest wait for one answer, in seconds; 0 for as long as it takes."""

    def wait(self, gen: PQGen[_Result], *more: Any, **named: Any) -> _Result:
        """Run one exchange, as `psycopg.Connection.wait` does."""
        if not self.patience:
            return super().wait(gen, *more, **named)
        return super().wait(_bounded(gen, self.patience), *more, **named)


def _bounded(exchange: PQGen[_Result], patience: float) -> Generator[Any, Any, _Result]:
    # INVARIANT: psycopg comes back at least every tenth of a second, whether the server answered or not.
    deadline = monotonic() + patience
    try:
        wanted = next(exchange)
        while True:
            ready = yield wanted
            if not ready and monotonic() > deadline:
                raise OperationalError("no answer in time")
            wanted = exchange.send(ready)
    except StopIteration as end:
        result: _Result = end.value
        return result
