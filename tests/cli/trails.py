"""The store of a day that commands are asked about, looked into and changed behind their back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callpolicy.stores import open_store
from tests.runtime.lived import CALLERS, live

HANG_UP = '%"effect":"hang_up","failed"%"facts/caller.number"%'


def made_day(folder: Path) -> Path:
    """A folder with the store of a day, to be copied."""
    store = open_store(f"sqlite:///{folder}/day.db")
    live(store)
    store.close()
    return folder


def asking(run: Any, day: Path) -> Callable[..., Any]:
    """Run a command on the store of the day; nothing that it says may show a caller."""

    def asked(*words: object, **more: Any) -> Any:
        result = run(*words, "--store", f"sqlite:///{day}", **more)
        shown = "".join(char for char in result.output if char.isdigit())
        assert not [number for number in CALLERS if number in result.output or number in shown]
        return result

    return asked


def changed(day: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    database = sqlite3.connect(day)
    with database:
        for each in statements:
            statement, values = (each, ()) if isinstance(each, str) else each
            assert database.execute(statement, values).rowcount >= 0
    database.close()


def one(day: Path, question: str, *values: object) -> Any:
    database = sqlite3.connect(day)
    row = database.execute(question, values).fetchone()
    database.close()
    return row


def hang_up(day: Path) -> tuple[str, int]:
    """The id and number of the first decision that an agent might hang up."""
    ref, number = one(day, "SELECT ref, number FROM callpolicy_audit WHERE line LIKE ? ORDER BY number", HANG_UP)
    return ref, number


def flip(day: Path) -> None:
    changed(
        day,
        "UPDATE callpolicy_audit SET line = replace(line, 'effect', 'effecT') WHERE number = 40 AND writer = 'ivr-1'",
    )
