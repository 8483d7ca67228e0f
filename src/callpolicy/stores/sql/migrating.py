"""Migrations forward, by Alembic; loaded only when tables are made or changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from callpolicy.audit import Keys

FOLDER: Final = Path(__file__).parent / "migrations"
# WHY one at a time: Alembic keeps what it runs in a variable of the process, and two would share a connection.
_RUNNING: Final = threading.Lock()


def upgrade(connection: Connection, to: str = "head", *, keys: Callable[[], Keys]) -> None:
    """Bring the tables of a database to a schema.

    Args:
        connection: in a transaction, which whoever opened it ends.
        to: the schema; the newest if none is named.
        keys: what persons are named by; asked for by a migration that needs it.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    with _RUNNING:
        command.upgrade(config, to)
