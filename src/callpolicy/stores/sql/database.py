"""Connections of a store to its database: opened, checked, bounded in time, and thrown away after any error."""

from __future__ import annotations

import os
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeVar

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from callpolicy.audit import Keys
from callpolicy.errors import StoreError
from callpolicy.stores.base import RestingError
from callpolicy.stores.sql.faults import may_be_tried_again, told
from callpolicy.stores.sql.schema import REVISIONS

_T = TypeVar("_T")
PAUSE: Final = 0.002
"""Longest pause before trying again what another process was in the way of. Units: seconds."""

_NOTHING: Final[Mapping[str, object]] = {}
REPLACED: Final = "was replaced while it was in use; it is opened again"
OTHER_SECRET: Final = "was replaced by one that was written with another secret"
SECRET: Final = "SELECT value FROM callpolicy_state WHERE name = 'secret'"
"""What tells the secret of a store from another one."""

_TO_FORGET: Final = "INSERT INTO callpolicy_state (name, value) VALUES ('forget', 1) ON CONFLICT DO NOTHING"
_NOT_FORGOTTEN: Final = "SELECT value FROM callpolicy_state WHERE name = 'forget'"
_FORGOTTEN: Final = "DELETE FROM callpolicy_state WHERE name = 'forget'"
NO_STORE: Final = "holds no store; run `callpolicy store init`"


class Driver(Protocol):
    """A connection of the driver: what `sqlite3` and `psycopg` have in common."""

    def execute(self, statement: str, values: Mapping[str, object] = ..., /) -> Any:
        """Run one statement; the cursor has its rows."""


class _LostError(Exception):
    """A connection was dead when it was used.

    Args:
        origin: what the driver said.
    """

    def __init__(self, origin: BaseException) -> None:
        self.origin = origin
        super().__init__()


class _RefusedError(StoreError):
    """A statement in the middle of some work failed.

    WHY a `StoreError`: whoever has work done in a transaction must know a failure of the store from one of their own.

    Args:
        message: what happened.
        origin: what the driver said.
    """

    def __init__(self, message: str, origin: Exception) -> None:
        self.origin = origin
        super().__init__(message)


class _Bound:
    """A driver while some work has it; it raises errors of the store."""

    __slots__ = ("_database", "_driver", "refused")

    def __init__(self, database: Database, driver: Driver) -> None:
        self._database = database
        self._driver = driver
        self.refused: _RefusedError | None = None

    def execute(self, statement: str, values: Mapping[str, object] = _NOTHING, /) -> Any:
        try:
            return self._driver.execute(statement, values)
        except self._database.errors as error:
            self.refused = _RefusedError(str(self._database.failure(told(error))), error)
            # WHY from None: what the driver says may hold a telephone number.
            raise self.refused from None


class Database(ABC):
    """The database of one store. Any thread may use it; none holds a connection between two calls.

    Args:
        engine: makes connections in autocommit, each checked when it is made.
        name: what messages call it; no password.
        patience: how long it is waited for, in seconds.
    """

    begin: str
    lock_all: tuple[str, ...] = ()

    def __init__(self, engine: Engine, name: str, patience: float) -> None:
        self.engine = engine
        self.name = name
        self.patience = patience
        self.replaced = 0
        """How often it turned out to be another one than before."""
        self.errors: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.secret_check: int | None = None
        """What the secret that is in use must be known by, once that is sure; see `callpolicy.stores.secret`."""
        self.store_id: int | None = None
        """Which store it is, whatever address it has; `None` if it does not say."""
        self._process = os.getpid()
        self._rests_until = 0.0
        self._checks = True

    def read(self, statement: str, values: Mapping[str, object]) -> Sequence[Any]:
        """The rows of one statement; one exchange with the database.

        Raises:
            StoreError: the database failed.
        """

        def rows(driver: Driver) -> Sequence[Any]:
            found: Sequence[Any] = driver.execute(statement, values).fetchall()
            return found

        return self._attempt(rows)

    def read_with(self, work: Callable[[Driver], _T]) -> _T:
        """Run work that only reads; each of its statements sees an instant of its own.

        Raises:
            StoreError: the database failed.
        """
        return self._attempt(lambda driver: work(_Bound(self, driver)))

    def write(self, work: Callable[[Driver], _T]) -> _T:
        """Run work in one transaction: when this returns, it is on disk; when it raises, nothing of it counts.

        Args:
            work: what to do; it may be run again after another process was in the way.

        Raises:
            StoreError: the database failed.
        """

        def whole(driver: Driver) -> _T:
            self._begin(driver)
            bound = _Bound(self, driver)
            result = work(bound)
            if bound.refused is not None:
                # WHY: PostgreSQL would take the end of such a transaction for its being taken back, and say nothing.
                raise bound.refused
            self._commit(driver)
            return result

        return self._attempt(whole)

    def _commit(self, driver: Driver) -> None:
        try:
            driver.execute("COMMIT")
        except self.errors as error:
            if self._is_lost(driver):
                # WHY not once more: nobody knows whether it counts, and the work might not come to the same again.
                raise self.failure(told(error)) from None
            raise

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._dispose()

    def open(self, keys: Callable[[int | None], Keys], *, create: bool, migrate: bool = False) -> None:
        """Make sure that there is a store of this version.

        Args:
            keys: what persons are named by in tables that are made or changed, by what these remember of the secret.
            create: whether to make the tables where there are none.
            migrate: whether to bring the tables of an older version to this one.

        Raises:
            StoreError: there is none and none is to be made, or it was written by another version.
        """
        self._find(create)
        self.migrate(keys, only_new=not migrate, create=create)
        self.read("SELECT 1", {})

    def migrate(self, keys: Callable[[int | None], Keys], *, only_new: bool = False, create: bool = True) -> str | None:
        """Bring the tables to this version; several processes may try at once.

        Args:
            keys: what persons are named by in tables that are made or changed, by what these remember of the secret.
            only_new: only where there are no tables yet.
            create: whether to make tables where there are none.

        Returns:
            the schema that was there before, or `None`.

        Raises:
            StoreError: it was written by a newer version, or the database failed.
        """
        self._checks = False
        try:
            found = self._attempt(self._version)
            if found is None and not create:
                raise self.failure(NO_STORE)
            if found is not None and found not in REVISIONS:
                self._refuse(found)
            if found is None or not only_new:
                known = None if found is None else self._attempt(_known_secret)
                old = found not in {None, REVISIONS[-1]}
                if old and known is not None:
                    # WHY now: who has not the secret is told so before anything is changed.
                    keys(known)
                self._patiently(lambda: self._upgrade(lambda: keys(known), old=old))
        finally:
            self._checks = True
            self._dispose()
        return found

    def _upgrade(self, keys: Callable[[], Keys], *, old: bool) -> None:
        from callpolicy.stores.sql.migrating import upgrade  # noqa: PLC0415  # WHY: alembic takes its time to load

        with self.engine.connect() as connection:
            try:
                # WHY locked first: of two processes that start at once the second finds the tables made.
                self._take_time(connection.connection.driver_connection)
                for statement in (self.begin, *self.lock_all):
                    connection.exec_driver_sql(statement)
                upgrade(connection, keys=keys)
                if old:
                    # WHY noted: who is killed before the next lines are through has to begin them again.
                    connection.exec_driver_sql(_TO_FORGET)
                connection.exec_driver_sql("COMMIT")
                if connection.exec_driver_sql(_NOT_FORGOTTEN).fetchone() is not None:
                    self._forget(connection.connection.driver_connection)
                    connection.exec_driver_sql(_FORGOTTEN)
            except BaseException as error:
                connection.invalidate()
                if isinstance(error, DBAPIError) and error.orig is not None:
                    raise error.orig from None
                raise

    @property
    @abstractmethod
    def secret_file(self) -> Path:
        """Where the secret of the store lies if nobody names another place."""

    @property
    @abstractmethod
    def spool_folder(self) -> Path:
        """Where an engine keeps what the database does not take."""

    @abstractmethod
    def _find(self, create: bool) -> None:
        """Find the place of the database; `create` says whether it may be made."""

    @abstractmethod
    def _version(self, connection: Any) -> str | None:
        """The schema that a connection of the driver finds, or `None` for none."""

    @abstractmethod
    def _check_place(self) -> None:
        """Refuse a database that is no longer where it was."""

    def _begin(self, driver: Driver) -> None:
        driver.execute(self.begin)

    def _take_time(self, driver: Any) -> None:  # noqa: B027  # a file has no limit to lift
        """Let a connection of the driver wait as long as a change of the tables takes."""

    def _forget(self, driver: Any) -> None:  # noqa: B027  # a server has its own ways and times
        """Let nothing of what tables held before they were changed lie about on the disk."""

    def _is_lost(self, _driver: Any) -> bool:
        """Whether a connection of the driver turned out to be dead."""
        return False

    def failure(self, what: str) -> StoreError:
        """An error that names the store."""
        return StoreError(f"the store `{self.name}` {what}")

    def _attempt(self, work: Callable[[Driver], _T]) -> _T:
        return self._patiently(lambda: self._once(work))

    def _patiently(self, task: Callable[[], _T]) -> _T:
        self._leave_to_parent()
        began = time.monotonic()
        if began < self._rests_until:
            raise RestingError(str(self.failure("did not answer a moment ago, and is not asked again yet")))
        lost = 0
        while True:
            try:
                return task()
            except NoConnectionError:
                fault = "has no connection to spare"
            except _LostError as error:
                # WHY once more: after a restart of the server every connection of the pool is dead, the store is not.
                lost += 1
                if lost == 1 and time.monotonic() < began + self.patience / 2:
                    self._dispose()
                    continue
                fault = told(error.origin)
            except self.errors as error:
                if may_be_tried_again(error) and time.monotonic() < began + self.patience:
                    time.sleep(random.uniform(0, PAUSE))
                    continue
                fault = told(error)
            ended = time.monotonic()
            if ended - began > self.patience / 2:
                # WHY a rest: a centre must not wait this long again for each of its calls.
                self._rests_until = ended + self.patience
            # WHY from None: what the driver says may hold a telephone number.
            raise self.failure(fault) from None

    def _once(self, work: Callable[[Driver], _T]) -> _T:
        replaced = self.replaced
        connection = self._take()
        driver: Any = connection.driver_connection
        try:
            result = work(driver)
            # WHY afterwards: what went into a file that nobody will find again is not kept.
            self._check_place()
            if self.replaced != replaced:
                raise self.failure(REPLACED)
        except BaseException as error:
            origin = error.origin if isinstance(error, _RefusedError) else error
            lost = isinstance(origin, self.errors) and self._is_lost(driver)
            # INVARIANT: no connection is used again that may be in the middle of something.
            connection.invalidate()
            if lost:
                raise _LostError(origin) from None
            if origin is not error:
                raise origin from None
            raise
        self._give_back(connection, replaced)
        return result

    def _take(self) -> PoolProxiedConnection:
        return self.engine.raw_connection()

    def _give_back(self, connection: PoolProxiedConnection, _replaced: int) -> None:
        connection.close()

    def _dispose(self, *, close: bool = True) -> None:
        """Let go of all connections that nobody uses now; those that are used are let go of afterwards."""
        self.engine.dispose(close=close)

    def _leave_to_parent(self) -> None:
        if os.getpid() != self._process:
            # WHY not closed: after a fork the connections are the parent's.
            self._dispose(close=False)
            self._process = os.getpid()

    def _check_version(self, connection: Any) -> None:
        found = self._version(connection)
        if not self._checks:
            return
        if found is None:
            raise self.failure(NO_STORE)
        if found != REVISIONS[-1]:
            self._refuse(found)
        if self.secret_check is not None:
            row = connection.execute(SECRET).fetchone()
            if row is None or row[0] != self.secret_check:
                # WHY at every connection: a database may be renamed away, and another one take its name.
                raise self.failure(OTHER_SECRET)

    def _refuse(self, found: str) -> NoReturn:
        if found in REVISIONS:
            needed = f"this version needs `{REVISIONS[-1]}`; run `callpolicy store migrate`"
        else:
            needed = "which this version does not know; install a newer callpolicy"
        raise self.failure(f"is of schema `{found}`, {needed}")


def _known_secret(driver: Driver) -> int | None:
    row = driver.execute(SECRET).fetchone()
    return None if row is None else int(row[0])
