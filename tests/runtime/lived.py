"""A store after a small simulated day under the starter norm, with an act of a person beside it.

The day lies some years back, so that whatever the clock says it may be pruned.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from callpolicy.audit import Chain, act_draft
from callpolicy.runtime import Engine
from callpolicy.runtime.recorder import Pen
from callpolicy.simulator import Plan, simulate
from callpolicy.stores import open_store
from callpolicy.stores.base import Store
from callpolicy.stores.sql.schema import METADATA
from callpolicy.wire import event_from_dict

DAY: Final = 86_400_000_000
LIVE: Final = 1_709_510_400_000_000
"""When the norm went live: 2024-03-04T00:00:00Z."""

BLOCKED: Final = "+8613800138007"
"""A made-up number that stands in the personal part of an act, and in its reason."""

PLAN: Final = Plan(
    7, date(2024, 3, 4), normal_callers=6, switchboards=0, dropped_redials=1, impatient=1, silent=1, reopened=1,
    repeat_open=1, protected=1, internal_tests=0, bursts=1, persistent_abuse=1, anonymous_abuse=1, repeat_final=1,
    repeat_rule=1,
)  # fmt: skip
EVENTS: Final = simulate(PLAN).events
CALLERS: Final = frozenset(
    "".join(char for char in event["number"] if char.isdigit())[-8:]
    for event in EVENTS
    if event.get("number") and len(event["number"]) > 10
) | {BLOCKED[-8:]}
"""The ends of the numbers of all callers: none of them may stand in any output."""


def live(
    store: Store | str, rules: Path | None = None, *, writer: str = "ivr-1", at: int = LIVE, events: int | None = None
) -> list[str]:
    """Put the day, or its first events, through an engine; gives the ids of its decisions."""
    with Engine(rules, store=store, writer=writer, durability="batched", clock=lambda: at) as engine:
        made = [event_from_dict(event, engine.bundle.catalogue) for event in EVENTS[:events]]
        ids = [engine.observe(event).decision_id for event in made]
        engine.flush()
    if not isinstance(store, str) and events is None:
        lift(store)
    return ids


def lift(store: Store, at: int = LIVE + DAY) -> None:
    """A person lifts a block, and writes the caller's number into the reason."""
    draft = act_draft(
        "lift", "li", "block-1", at,
        details={"state": "lifted", "roles": ["quality_desk"]},
        personal={"value": BLOCKED},
        words={"reason": f"the caller explained it, call back at {BLOCKED}"},
    )  # fmt: skip
    pen = Pen(Chain(store.head("desk")), store.keys)
    pen.write(draft, "block-1")
    store.append(pen.kept)


def lived_in(folder: Path) -> Path:
    """A folder with the store of such a day in it, `day.db`, for `copied`."""
    store = open_store(f"sqlite:///{folder}/day.db")
    live(store)
    store.close()
    return folder


def rows_in(file: Path, table: str) -> int:
    """How many rows a table of a store in a file has, whoever else uses it."""
    question = str(select(func.count()).select_from(METADATA.tables[f"callpolicy_{table}"]))
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute(question).fetchone()[0])


def copied(template: Path, folder: Path) -> Path:
    """The store of a day once more, to be changed, with its secret."""
    for path in template.iterdir():
        shutil.copy(path, folder / path.name)
    return folder / "day.db"
