"""`python -m benchmarks.lists`: the index of list entries, how fast it is read and asked, and what it takes.

The entries are made up: numbers, one in ten a prefix of four lengths, one in a thousand a range of 250 numbers. A hit
is asked for an entry drawn by lot, so for each kind of entry as often as there are entries of it.

Everybody is asked for three times, far apart: all times together say what a caller waits, with the breaks in which the
machine does something else; the quickest of the three says what the look-up itself takes.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, perf_counter_ns
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.rounds import REPO
from callpolicy.audit.keys import Keys
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import ListIndex, Shapes, Subject, covers_of
from callpolicy.lists.covers import cover_hash
from callpolicy.stores import open_store
from callpolicy.stores.sql.names import signed
from callpolicy.stores.sql.schema import SHAPES

# Source: ITU-T E.164 assigned country codes; 999 is none, so nobody has these numbers.
_NOWHERE: Final = "+999"
_DIGITS: Final = 9
_PREFIX_SHARES: Final = {5: 0.001, 6: 0.009, 7: 0.03, 8: 0.06}
_RANGE_SHARE: Final = 0.001
_RANGE_WIDTH: Final = 250
# INVARIANT: shares no factor with nine times a power of ten, so that its multiples are all different and lie anywhere.
_STRIDE: Final = 7**9
_ASKED: Final = 20_000
_SEED: Final = 5
_PASSES: Final = 3
_WATCHED_NS: Final = 1_000_000_000
_BREAK_NS: Final = 3_000
_PUT: Final = 10_000
_KEYS: Final = Keys.of(b"a key for benchmarks only")
_MIB: Final = 2**20
_STATM: Final = Path("/proc/self/statm")

SAID: Final = {
    "entries": "entries",
    "keys": "keys of them",
    "load_s": "loading, in the order of the hashes, s",
    "load_unsorted_s": "loading, in no order, s",
    "load_sqlite_s": "loading from SQLite, s",
    "load_postgres_s": "loading from PostgreSQL, s",
    "hit_p50_us": "a hit, p50, µs",
    "hit_p99_us": "a hit, p99, µs",
    "hit_own_us": "a hit, p99 without breaks, µs",
    "miss_p50_us": "a miss, p50, µs",
    "miss_p99_us": "a miss, p99, µs",
    "miss_own_us": "a miss, p99 without breaks, µs",
    "breaks_hz": "breaks of the machine, a second",
    "break_us": "a break, median, µs",
    "keys_asked": "keys of a look-up",
    "hash_us": "hashing a key, mean, µs",
    "put_us": "putting an entry, mean, µs",
    "put_max_us": "putting an entry, longest, µs",
    "held_mib": "what the index counts, MiB",
    "resident_mib": "resident memory more, MiB",
    "peak_mib": "resident memory more while loading, MiB",
}
"""What is measured, in words."""


def measure_lists(entries: int = 1_000_000, postgres: str | None = None) -> dict[str, float]:
    """Measure the index in a process of its own.

    Args:
        entries: how many there are.
        postgres: URL of an empty database of which to load them too.

    Returns:
        a figure for each name in `SAID`; not a number for memory where the system does not say, and for what was not
        asked for.

    Raises:
        RuntimeError: an answer was wrong, or the process failed.
    """
    asked = [] if postgres is None else ["--postgres", postgres]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.lists", "--here", "--json", "--entries", str(entries), *asked],
        cwd=REPO,
        # WHY: the child must find the same modules, wherever this process found them.
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr.strip() or f"the process ended with {ended.returncode}")
    figures: dict[str, float] = json.loads(ended.stdout)
    return figures


def subjects(entries: int) -> Iterator[Subject]:
    """Whom the entries cover; nobody whose number begins with `+9999`."""
    ranges = math.ceil(entries * _RANGE_SHARE)
    prefixes = {digits: math.ceil(entries * share) for digits, share in _PREFIX_SHARES.items()}
    for value in islice(_values(_DIGITS), max(entries - ranges - sum(prefixes.values()), 0)):
        yield Subject(_number(value))
    for digits, count in prefixes.items():
        for value in islice(_values(digits), count):
            yield Subject(_number(value), prefix=True)
    for value in islice(_values(_DIGITS - 3), ranges):
        # WHY 37: a range with round ends would be one key.
        first = int(value) * 1_000 + 37
        last = f"{first + _RANGE_WIDTH - 1:0{_DIGITS}}"
        yield Subject(_number(f"{first:0{_DIGITS}}"), last=_NOWHERE + last)


def _values(digits: int) -> Iterator[str]:
    among = 9 * 10 ** (digits - 1)
    return (f"{place * _STRIDE % among:0{digits}}" for place in range(among))


def _number(digits: str) -> Identity:
    return Identity(IdentityKind.NUMBER, _NOWHERE + digits)


def _measure(entries: int, postgres: str | None) -> dict[str, float]:
    hashes, numbers, shapes = _pairs(entries)
    index = ListIndex(_KEYS.key_hash, beginnings=_KEYS.beginnings)
    gc.collect()
    before = _resident()
    load_unsorted_s = _load(index, zip(hashes, numbers, strict=True), shapes)
    gc.collect()
    figures = {
        "entries": entries,
        "keys": len(index),
        "held_mib": index.held_bytes / _MIB,
        "resident_mib": _resident() - before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before,
        "load_unsorted_s": load_unsorted_s,
    }
    again = ListIndex(_KEYS.key_hash, beginnings=_KEYS.beginnings)
    for place, (key_bits, number) in enumerate(index.pairs()):
        hashes[place], numbers[place] = key_bits, number
    figures["load_s"] = _load(again, zip(hashes, numbers, strict=True), shapes)
    del again
    with tempfile.TemporaryDirectory() as folder:
        figures["load_sqlite_s"] = _load_from(f"sqlite:///{folder}/lists.db", hashes, numbers, shapes)
    figures["load_postgres_s"] = math.nan if postgres is None else _load_from(postgres, hashes, numbers, shapes)
    del hashes, numbers
    # WHY by lot: the numbers lie so regularly that of every fiftieth one most have a prefix among the entries.
    drawn = frozenset(Random(_SEED).sample(range(entries), min(_ASKED, entries)))
    hits = [(number, _somebody(each)) for number, each in enumerate(subjects(entries)) if number in drawn]
    misses = [_number(f"9{value[1:]}") for value in islice(_values(_DIGITS), _ASKED)]
    figures |= _ask(index, "hit", [somebody for _, somebody in hits], [number for number, _ in hits])
    figures |= _ask(index, "miss", misses, [None] * len(misses))
    figures |= _hash_alone(misses, shapes)
    return figures | _breaks() | _put(index, entries)


def _pairs(entries: int) -> tuple[array[int], array[int], Shapes]:
    # WHY arrays: the memory of a list of tuples would hide what the index takes.
    hashes, numbers, shapes = array("Q"), array("q"), Shapes()
    for number, subject in enumerate(subjects(entries)):
        keys = list(covers_of(subject))
        shapes |= Shapes.of(keys)
        hashes.extend(cover_hash(key, _KEYS.key_hash) for key in keys)
        numbers.extend([number] * len(keys))
    return hashes, numbers, shapes


def _load(index: ListIndex, pairs: Iterator[tuple[int, int]], shapes: Shapes) -> float:
    began = perf_counter()
    index.load(pairs, shapes)
    return perf_counter() - began


def _load_from(url: str, hashes: array[int], numbers: array[int], shapes: Shapes) -> float:
    """Put the pairs into a store, past its lists, and let it load them."""
    store = open_store(url)
    # WHY in order: a million keys in no order are put into a tree for minutes.
    pairs = sorted(zip(map(signed, hashes), numbers, strict=True))
    with store.database.engine.begin() as connection:
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            # WHY said: the store begins its transactions itself, and a million of them take minutes.
            driver.execute("BEGIN")
            driver.executemany("INSERT INTO callpolicy_covers (key_hash, number) VALUES (?, ?)", pairs)
            driver.execute("COMMIT")
        else:
            # WHY not row by row: each would go to the server and back. A store lets no statement take so long.
            assert driver is not None
            driver.execute("SET statement_timeout = 0")
            with driver.cursor() as cursor, cursor.copy("COPY callpolicy_covers (key_hash, number) FROM STDIN") as copy:
                for pair in pairs:
                    copy.write_row(pair)
        connection.execute(SHAPES.insert(), [{"length": length, "cut": cut} for length, cut in shapes.every])
    store.close()
    store = open_store(url)
    began = perf_counter()
    store.lookup.load(store.database)
    took = perf_counter() - began
    if len(store.lookup) != len(hashes):
        raise SystemExit("a store gives other keys than were put into it")
    store.close()
    return took


def _somebody(subject: Subject) -> Identity:
    """Somebody who is covered."""
    return Identity(IdentityKind.NUMBER, subject.last or subject.identity.value.ljust(len(_NOWHERE) + _DIGITS, "5"))


def _ask(index: ListIndex, name: str, asked: Sequence[Identity], expected: Sequence[int | None]) -> dict[str, float]:
    passes: list[list[int]] = []
    gc.disable()
    try:
        for _ in range(_PASSES):
            times: list[int] = []
            for somebody, number in zip(asked, expected, strict=True):
                began = perf_counter_ns()
                found = index.find((somebody,))
                times.append(perf_counter_ns() - began)
                if number not in found if number is not None else found:
                    raise SystemExit(f"a {name} has a wrong answer")
            passes.append(times)
    finally:
        gc.enable()
    cuts = quantiles(chain.from_iterable(passes), n=100, method="inclusive")
    # WHY the quickest: what a machine puts in between hits one pass; a caller that is slow to find is so in every pass.
    own = quantiles(map(min, *passes), n=100, method="inclusive")
    return {f"{name}_p50_us": cuts[49] / 1000, f"{name}_p99_us": cuts[98] / 1000, f"{name}_own_us": own[98] / 1000}


def _breaks() -> dict[str, float]:
    """How often, and for how long, the machine takes the processor away from a program that only reads the clock."""
    gaps: list[int] = []
    began = last = perf_counter_ns()
    while last - began < _WATCHED_NS:
        now = perf_counter_ns()
        if now - last > _BREAK_NS:
            gaps.append(now - last)
        last = now
    return {"breaks_hz": len(gaps) / (_WATCHED_NS / 1e9), "break_us": median(gaps) / 1000 if gaps else 0.0}


def _hash_alone(asked: Sequence[Identity], shapes: Shapes) -> dict[str, float]:
    """What of a look-up is the caller's hash function, the yardstick of this machine."""
    keys = [key for somebody in asked for key in shapes.keys(somebody)]
    began = perf_counter_ns()
    for key in keys:
        _KEYS.key_hash(key)
    each = (perf_counter_ns() - began) / len(keys) / 1000
    return {"hash_us": each, "keys_asked": len(keys) / len(asked)}


def _put(index: ListIndex, entries: int) -> dict[str, float]:
    times: list[int] = []
    for place in range(_PUT):
        keys = list(covers_of(Subject(_number(f"9{place:0{_DIGITS - 1}}"))))
        began = perf_counter_ns()
        index.put(entries + place, keys)
        times.append(perf_counter_ns() - began)
    return {"put_us": sum(times) / len(times) / 1000, "put_max_us": max(times) / 1000}


def _resident() -> float:
    """Resident memory of this process in MiB."""
    if not _STATM.exists():
        return math.nan
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="how many entries there are")
    parser.add_argument("--postgres", metavar="URL", help="of an empty database to load them from too")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--here", action="store_true", help="measure in this process")
    given = parser.parse_args()
    postgres = given.postgres
    figures = _measure(given.entries, postgres) if given.here else measure_lists(given.entries, postgres)
    if given.json:
        # WHY not in between: the process that asked reads what is none as a number.
        missing = math.nan if given.here else None
        json.dump({name: missing if math.isnan(figure) else figure for name, figure in figures.items()}, sys.stdout)
        return
    table = Table("", "measured", title="The index of list entries", title_justify="left")
    table.columns[1].justify = "right"
    for name, said in SAID.items():
        figure = figures[name]
        shown = "" if math.isnan(figure) else f"{figure:,.0f}" if float(figure).is_integer() else f"{figure:,.2f}"
        table.add_row(said, shown)
    Console().print(table)


if __name__ == "__main__":
    main()
