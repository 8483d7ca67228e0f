"""`python -m benchmarks.stores`: full decisions with a store behind them, beside a bare commit in the same run.

Everything is timed in one process, in turn, round by round, so that what disturbs one disturbs all: a bare commit of
SQLite, and the decision before answer of the starter norm with the store in memory, in SQLite (before it is returned,
and within a bound), and in PostgreSQL. Behind SQLite lies a history of as many rows as are asked for.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter, perf_counter_ns
from typing import Any, Final

from rich.console import Console

from benchmarks.report import Grid
from callpolicy.events import Offered
from callpolicy.identity import Identity, IdentityKind
from callpolicy.numbering import parse_number
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.windows import CALLS

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
START: Final = 1_795_000_000 * SECOND
EACH: Final = 10
"""Rows of history of one number."""

_SHOWN_ROW: Final = 200
_FICTIONAL: Final = 100
_LAP: Final = 20
_BATCH: Final = 50_000
_PERCENT: Final = 100
_MIB: Final = 2**20
_KIB: Final = 2**10
_WITHIN: Final = 0.05
SYNC_TARGET: Final = 3.0
BATCHED_MORE_US: Final = 100.0


@dataclass(slots=True)
class Timed:
    """One thing that is timed.

    Args:
        name: what it is called in the tables.
        ask: does it once, the how manieth time it is.
        ns: how long each took.
    """

    name: str
    ask: Callable[[int], object]
    ns: list[int] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """In microseconds."""
        return quantiles(self.ns, n=_PERCENT, method="inclusive")[percent - 1] / 1_000


def number_of(place: int) -> str:
    """A made-up number that is read as a number: `callers()` of a plan that is in use, the others of no area.

    Source: NANPA, 555-0100 to 555-0199 are for fiction in every area; no area has the code 555.
    """
    if place < callers():
        return f"+1{areas()[place // _FICTIONAL]}55501{place % _FICTIONAL:02}"
    return f"+1555{place:07}"


def callers() -> int:
    """How many made-up numbers lie in a plan that is in use, as those of nearly all callers do."""
    return _FICTIONAL * len(areas())


@cache
def areas() -> tuple[int, ...]:
    """The areas of the United States."""
    return tuple(area for area in range(200, 1_000) if parse_number(f"+1{area}5550100", region="US").region == "US")


def in_a_child(work: Callable[..., float], *arguments: object) -> float:
    """Do something in a process of its own, so that its memory is not counted as that of the engines."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def fill(url: str, rows: int) -> float:
    """Put a history into a store in SQLite, as calls of the last thirty days; gives the seconds that it took.

    WHY past the store: ten million calls one by one would take an hour; the rows are those that it would write.
    """
    store = open_store(url)
    connection = store.database.engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    began = perf_counter()
    for pragma in ("synchronous=OFF", "cache_size=-2000000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("DROP INDEX callpolicy_history_age")
    named = sorted(
        (store.tables.names.who(Identity(IdentityKind.NUMBER, number_of(each))), each) for each in range(rows // EACH)
    )
    lines = _rows(named)
    while True:
        some = [line for line, _ in zip(lines, range(_BATCH), strict=False)]
        if not some:
            break
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO callpolicy_history (who, at, call_id, seq, kind, attributes) VALUES (?, ?, ?, 0, ?, ?)", some
        )
        connection.execute("COMMIT")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO callpolicy_tallies (who, kind, held) VALUES (?, ?, ?)", ((who, CALLS, EACH) for who, _ in named)
    )
    connection.execute("CREATE INDEX callpolicy_history_age ON callpolicy_history (at)")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return perf_counter() - began


def _rows(named: list[tuple[str, int]]) -> Iterator[tuple[str, int, str, str, str]]:
    dice = Random(1)
    attributes = json.dumps([["call_id", ""], ["channel", "phone"], ["queue", "general"]], separators=(",", ":"))
    for who, place in named:
        begin = START - 30 * DAY + dice.randrange(DAY)
        for each in range(EACH):
            yield who, begin + each * 3 * DAY, f"h{place}-{each}", CALLS, attributes


def bare_commit(path: Path) -> Callable[[int], object]:
    """One row in one transaction of SQLite, as durable as the store's."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, line TEXT NOT NULL)")
    line = "x" * _SHOWN_ROW

    def commit(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?, ?)", (number, line))
        connection.execute("COMMIT")

    return commit


def deciding(engine: Engine, name: str, numbers: int) -> Callable[[int], object]:
    """The decision before answer, of a caller who has called before."""
    # WHY by name: what one engine has read of a number, another one in the same process knows.
    dice = Random(name)
    offered = [
        Offered(
            call_id=f"{name}{each}",
            seq=0,
            at=START + each * SECOND,
            number=number_of(dice.randrange(min(numbers, callers()))),
            queue="general",
        )
        for each in range(100_000)
    ]

    def decide(number: int) -> None:
        decision = engine.observe(offered[number])
        # INVARIANT: the number is read as one, or nobody's history would be asked for.
        if decision.failed or decision.input_faults:
            raise RuntimeError(f"{name}: a decision failed: {decision.failed or decision.input_faults}")

    return decide


def measure(
    history: int, decisions: int, folder: Path, postgres: str | None, *, lap: int = _LAP, batched: bool = True
) -> dict[str, Any]:
    """Time everything; the figures by name, in microseconds unless they say otherwise.

    Args:
        history: rows behind SQLite.
        decisions: how often each is asked.
        folder: where the files go.
        postgres: URL of an empty database.
        lap: how often each is asked before the next one is.
        batched: whether the batched engines, which write beside the others, are asked too.
    """
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/filled.db"
        filled_s = in_a_child(fill, url, history)
        numbers = max(history // EACH, 1)
        engines = {
            "memory": Engine(audit=True),
            "sqlite": Engine(store=url),
            "sqlite-batched": Engine(store=url, durability="batched", within=_WITHIN),
        }
        if postgres is not None:
            engines["postgres"] = Engine(store=postgres)
            engines["postgres-batched"] = Engine(store=f"{postgres}", durability="batched", within=_WITHIN)
        if not batched:
            for name in [name for name in engines if name.endswith("-batched")]:
                engines.pop(name).close()
        for engine in engines.values():
            stack.callback(engine.close)
        timed = [Timed("bare commit of SQLite", bare_commit(folder / "bare.db"))]
        timed += [Timed(name, deciding(engine, name, numbers)) for name, engine in engines.items()]
        in_turn(timed, decisions, lap)
        pruned_s, pruned = prune(open_store(url), START - 30 * DAY + DAY // 40)
    found = {f"{each.name} p{percent}": each.percentile(percent) for each in timed for percent in (50, 90, 99)}
    return {
        **found,
        "history rows": history,
        "filling, s": filled_s,
        "pruned rows": pruned,
        "pruning, s": pruned_s,
        "resident, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB / _MIB,
        "file, MiB": (folder / "filled.db").stat().st_size / _MIB,
    }


def in_turn(timed: list[Timed], times: int, lap: int = _LAP) -> None:
    """Ask each some times, then the next, until each was asked as often as it is to be; the first ones are not timed.

    WHY laps: a commit right after another one is quicker than one after other work, for many a disk.
    """
    collected = 0
    gc.disable()
    try:
        for first in range(0, times + _LAP, lap):
            for each in timed:
                for number in range(first, first + lap):
                    began = perf_counter_ns()
                    each.ask(number)
                    took = perf_counter_ns() - began
                    if first >= _LAP:
                        each.ns.append(took)
            if first >= collected:
                gc.collect()
                collected = first + _LAP
    finally:
        gc.enable()


def prune(store: SqlStore, before: int) -> tuple[float, int]:
    """Drop a part of the history, as a retention would; the seconds, and how many rows."""
    began = perf_counter()
    dropped = store.prune(before)
    store.close()
    return perf_counter() - began, dropped


def ratios(found: dict[str, Any]) -> list[tuple[str, float, str, bool]]:
    """What is aimed at: name, measured, target, met."""
    sync = found["sqlite p50"] / found["bare commit of SQLite p50"]
    bound = 3 * found["memory p50"] + BATCHED_MORE_US
    rows = [("decision with SQLite : bare commit of SQLite, p50", sync, f"≤ {SYNC_TARGET:g}", sync <= SYNC_TARGET)]
    if "sqlite-batched p50" not in found:
        return rows
    batched = found["sqlite-batched p50"]
    return [
        *rows,
        (
            "batched decision, p50 in µs : three with the store in memory + 100 µs",
            batched / bound,
            "≤ 1",
            batched <= bound,
        ),
    ]


def grids(found: dict[str, Any]) -> Iterator[Grid]:
    """The tables."""
    names = dict.fromkeys(name.rpartition(" p")[0] for name in found if name.endswith("p50"))
    rows = tuple((name, *(f"{found[f'{name} p{each}']:,.0f}" for each in (50, 90, 99))) for name in names)
    yield Grid(
        f"Full decision before answer, {found['history rows']:,} rows of history, in µs",
        ("", "p50", "p90", "p99"),
        rows,
    )
    yield Grid(
        "Ratios in this run",
        ("", "measured", "aimed at", "met"),
        tuple((name, f"{value:.2f}", target, "yes" if met else "no") for name, value, target, met in ratios(found)),
    )
    other = ("filling, s", "file, MiB", "pruned rows", "pruning, s", "resident, MiB")
    yield Grid("Beside", ("", "measured"), tuple((name, f"{found[name]:,.1f}") for name in other))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores", description=__doc__)
    parser.add_argument("--history", type=int, default=10_000_000, help="rows of history behind SQLite")
    parser.add_argument("--decisions", type=int, default=2_000, help="how often each is asked")
    parser.add_argument("--lap", type=int, default=_LAP, help="how often each is asked before the next one is")
    parser.add_argument("--alone", action="store_true", help="leave the batched engines out, which write beside all")
    parser.add_argument("--postgres", metavar="URL", help="of an empty database to measure as well")
    parser.add_argument("--folder", type=Path, help="where the files go; a temporary folder if left out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, Console(stderr=True).status("filling and measuring"):
        found = measure(
            given.history, given.decisions, Path(folder), given.postgres, lap=given.lap, batched=not given.alone
        )
    if given.json:
        json.dump(
            {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()},
            sys.stdout,
            indent=2,
        )
        sys.stdout.write("\n")
    else:
        for grid in grids(found):
            Console().print(grid.rich())
    return 0


if __name__ == "__main__":
    sys.exit(main())
