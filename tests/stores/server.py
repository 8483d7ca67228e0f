"""A real server of PostgreSQL for the tests: on loopback, a free port, a data folder of its own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final

import psycopg

OLDEST: Final = 15
# WHY through a shell that reads: when the tests die, however they die, the server goes with them.
_WITH_US: Final = '"$@" & server=$!; read -r how; kill -"${how:-QUIT}" $server; wait $server'


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, version 15 or newer."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parent.name, reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _version(folder) >= OLDEST:
            return folder
    return None


def _version(folder: Path) -> int:
    # `postgres (PostgreSQL) 15.14 (Debian …)`
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.split()[2].split(".")[0])


def _account() -> str | None:
    """Whom the server runs as; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class PostgresServer:
    """A server that runs while this is entered.

    Args:
        folder: where the programs are.
        fsync: whether it writes through to the disk.
    """

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._folder = folder
        self._fsync = "on" if fsync else "off"
        self._account = _account()
        self._home = Path(tempfile.mkdtemp(prefix="callpolicy-postgres-"))
        self._data = self._home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._schemas = itertools.count()
        self.port = _free_port()

    def __enter__(self) -> PostgresServer:
        if self._account is not None:
            shutil.chown(self._home, self._account)
        made: list[str | Path] = [
            self._folder / "initdb",
            "-D",
            self._data,
            "-U",
            "callpolicy",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*made, "--locale=C", "--no-sync"], check=True, capture_output=True, user=self._account, cwd=self._home
        )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(b"QUIT")
        shutil.rmtree(self._home)

    def start(self) -> None:
        """Start, or start again, and wait until it answers."""
        told = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": self._fsync}
        settings = [f"-c{name}={value}" for name, value in told.items()]
        command: list[str | Path] = [
            "sh",
            "-c",
            _WITH_US,
            "sh",
            self._folder / "postgres",
            "-D",
            self._data,
            f"-p{self.port}",
            *settings,
        ]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, user=self._account, cwd=self._home
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise AssertionError((self._home / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return

    def stop(self, how: bytes = b"INT") -> None:
        """Stop as an operator does, cutting off whoever is connected; with `QUIT` without tidying up."""
        if self._process is not None and self._process.stdin is not None:
            self._process.communicate(how + b"\n", timeout=60)
            self._process = None

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A session of its superuser."""
        return psycopg.connect(self.address(), autocommit=True, connect_timeout=5)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as its superuser."""
        with self.connect() as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def address(self, scheme: str = "postgresql") -> str:
        """Its URL."""
        return f"{scheme}://callpolicy@127.0.0.1:{self.port}/postgres"

    def new_url(self) -> str:
        """The URL of a store that nothing else uses."""
        schema = f"store{next(self._schemas)}"
        self.run(f"CREATE SCHEMA {schema}")
        return f"{self.address('postgresql+psycopg')}?options=-csearch_path%3D{schema}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
