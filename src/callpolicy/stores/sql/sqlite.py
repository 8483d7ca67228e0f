"""A file of SQLite as the database of a store."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, PoolProxiedConnection, create_engine
from sqlalchemy.pool import QueuePool

from callpolicy.stores.secret import secret_file
from callpolicy.stores.sql.database import NO_STORE, PAUSE, REPLACED, Database, Driver
from callpolicy.stores.sql.faults import may_be_tried_again
from callpolicy.stores.sql.schema import VERSION_TABLE

_OLDEST: Final = (3, 38, 0)


class SqliteFile(Database):
    """A file of SQLite, shared by processes of one machine.

    Every commit is on disk before it returns (`synchronous=FULL`); readers do not wait for writers (WAL).
    """

    begin = "BEGIN IMMEDIATE"

    def __init__(self, url: URL, patience: float) -> None:
        self._path = Path(url.database or "")
        # WHY kept: it is looked at before every decision, and a path keeps its text once it was asked for it.
        self._log_path = Path(f"{self._path}-wal")
        self._place: tuple[int, int] | None = None
        self._log: tuple[int, int] | None = None
        engine = create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=QueuePool,
            max_overflow=-1,
            paramstyle="named",
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_reset_on_return=None,
        )
        super().__init__(engine, f"sqlite:///{self._path}", patience)
        self._idle: list[tuple[int, PoolProxiedConnection]] = []
        if sqlite3.sqlite_version_info < _OLDEST:
            raise self.failure(f"needs SQLite 3.38 or newer, not {sqlite3.sqlite_version}")

    @property
    def secret_file(self) -> Path:
        """Beside the file: whoever copies the tables alone cannot read them."""
        return secret_file(self._path.with_name(f"{self._path.name}-secret"))

    @property
    def spool_folder(self) -> Path:
        """Beside the file."""
        return self._path.absolute().with_name(f"{self._path.name}-spool")

    def _find(self, create: bool) -> None:
        try:
            if create:
                # WHY only the owner: who calls when is nobody else's business, even if nobody sees who it is.
                os.close(os.open(self._path, os.O_RDONLY | os.O_CREAT, 0o600))
            elif not self._path.exists():
                raise self.failure(f"is not there, or {NO_STORE}")
        except OSError as error:
            raise self.failure(f"cannot be opened: {(error.strerror or 'no reason given').lower()}") from None
        self._place = _place(self._path)

    def _connect(self) -> sqlite3.Connection:
        # WHY rw: a file that went away is not made anew in the middle of a day, forgetting who is protected.
        place = f"file:{quote(str(self._path.absolute()))}?mode=rw"
        connection = sqlite3.connect(
            place, uri=True, timeout=self.patience, isolation_level=None, check_same_thread=False
        )
        try:
            # WHY first: what is not ours is not written to, and WAL is written into the file.
            self._check_version(connection)
            # WHY secure_delete: what a retention erases shall not lie about in free pages.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            # WHY 0: SQLite's own waiting sleeps up to 100 ms between two tries, and starves beside a busy process;
            # see `_begin`.
            connection.execute("PRAGMA busy_timeout=0").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _version(self, connection: Any) -> str | None:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if VERSION_TABLE in tables:
            row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608  # the name is a constant
            return None if row is None else str(row[0])
        if tables:
            raise self.failure("is a database of something else")
        return None

    def _begin(self, driver: Driver) -> None:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                driver.execute(self.begin)
            except sqlite3.Error as error:
                if not may_be_tried_again(error) or time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0, PAUSE))
            else:
                return

    def _forget(self, driver: Any) -> None:
        # WHY: pages that are free still hold what stood in them, and so does the log.
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            driver.execute(statement).fetchall()

    def _take(self) -> PoolProxiedConnection:
        # WHY one beside the pool: to take a connection out of it and put it back is a tenth of what a decision costs.
        while True:
            try:
                replaced, connection = self._idle.pop()
            except IndexError:
                return super()._take()
            if replaced == self.replaced:
                return connection
            connection.invalidate()

    def _give_back(self, connection: PoolProxiedConnection, replaced: int) -> None:
        if self._idle:
            connection.close()
        else:
            self._idle.append((replaced, connection))

    def _dispose(self, *, close: bool = True) -> None:
        idle, self._idle = self._idle, []
        for _, connection in idle if close else ():
            connection.invalidate()
        super()._dispose(close=close)

    def _check_place(self) -> None:
        log = _place(self._log_path)
        place = _place(self._path)
        if place == self._place:
            self._log = log
            return
        if place is None:
            raise self.failure("was moved or deleted; put it back, or start anew")
        if log is not None and log == self._log:
            # WHY refused: SQLite would read the pages of the file that was into the one that is.
            raise self.failure(
                f"was replaced while it was in use; stop what uses it and remove `{self._path.name}-wal`"
            )
        self._place, self._log = place, log
        self.replaced += 1
        self._dispose()
        raise self.failure(REPLACED)


def _place(path: Path) -> tuple[int, int] | None:
    """What tells one file from another that has its name, or `None` if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
