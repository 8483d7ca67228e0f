"""The tables: for people at a terminal, for the docs, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table

from benchmarks.measure import SAID, Measured, Ratio, ratios
from benchmarks.rounds import Result
from benchmarks.workload import REGIMES

NONE: Final = "—"
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Grid:
    """One table, however it is shown.

    Args:
        title: one line.
        head: the columns; the first one is text, the others are numbers.
        rows: as many cells as there are columns.
        notes: lines below.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def rich(self) -> Table:
        """For a terminal."""
        table = Table(title=self.title, title_justify="left", caption="\n".join(self.notes), caption_justify="left")
        for number, name in enumerate(self.head):
            table.add_column(name, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """For the docs."""
        lines = [
            f"**{self.title}**",
            "",
            f"| {' | '.join(self.head)} |",
            f"|---|{'---:|' * (len(self.head) - 1)}",
            *(f"| {' | '.join(row)} |" for row in self.rows),
        ]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines) + "\n"


def grids(measured: Measured) -> Iterator[Grid]:
    """All tables of a run."""
    yield _machine(measured)
    for regime in REGIMES:
        yield _match(measured, regime)
    yield _loading(measured)
    yield _observing(measured)
    yield _ratios(ratios(measured))


def _machine(measured: Measured) -> Grid:
    rows = [*measured.machine.items(), ("seed", str(measured.seed)), ("duration", f"{measured.seconds:.0f} s")]
    return Grid("Where, when, with what", ("", ""), tuple(rows))


def _match(measured: Measured, regime: str) -> Grid:
    def cell(result: Result) -> str:
        p50, p90 = result.percentile(regime, 50), result.percentile(regime, 90)
        return NONE if p50 is None or p90 is None else f"{_number(p50)} / {_number(p90)}"

    return Grid(
        f"Bare match, {SAID[regime]}: p50 / p90 in µs",
        ("", *(f"{rules:,} rules" for rules in measured.matching)),
        (*_by_contestant(measured, cell), ("rules that are true, mean", *map(_number, measured.true.values()))),
        tuple(_faults(measured)),
    )


def _loading(measured: Measured) -> Grid:
    def cell(result: Result) -> str:
        if result.load_s is None:
            return NONE
        memory = NONE if result.memory_mib is None else f"{result.memory_mib:.1f}"
        return f"{_number(result.load_s * 1000)} / {memory}"

    return Grid(
        "Loading, until the first answer: ms / MiB of resident memory more",
        ("", *(f"{rules:,} rules" for rules in measured.matching)),
        tuple(_by_contestant(measured, cell)),
    )


def _by_contestant(measured: Measured, cell: Any) -> Iterator[tuple[str, ...]]:
    names = dict.fromkeys(result.name for results in measured.matching.values() for result in results)
    for name in names:
        of_name = ({result.name: result for result in results}.get(name) for results in measured.matching.values())
        yield name, *(NONE if result is None else cell(result) for result in of_name)


def _faults(measured: Measured) -> Iterator[str]:
    for rules, results in measured.matching.items():
        for result in results:
            if result.failed:
                yield f"{result.name} at {rules:,} rules: {result.failed}"


def _observing(measured: Measured) -> Grid:
    rows = []
    for result in measured.observing:
        percentiles = (result.percentile("known", percent) for percent in (50, 90))
        times = (NONE if each is None else _number(each) for each in percentiles)
        rows.append((result.name, *times, f"{len(result.times.get('known', ())):,}"))
    faults = tuple(f"{result.name}: {result.failed}" for result in measured.observing if result.failed)
    note = f"A rule won in {measured.decided:.0%} of the decisions."
    return Grid("Full decision, 200 rules, in µs", ("", "p50", "p90", "times"), tuple(rows), (note, *faults))


def _ratios(found: Iterable[Ratio]) -> Grid:
    words = {True: "yes", False: "no", None: NONE}
    rows = tuple(
        (
            ratio.name,
            NONE if ratio.value is None else _number(ratio.value),
            f"{'≥' if ratio.at_least else '≤'} {ratio.target:g}",
            words[ratio.met],
        )
        for ratio in found
    )
    return Grid("Ratios of p50", ("", "measured", "aimed at", "met"), rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= _MANY else f"{value:.1f}"


def tree(measured: Measured) -> dict[str, Any]:
    """The same as plain values, for `--json`."""

    def plain(result: Result) -> dict[str, Any]:
        return {
            "name": result.name,
            "load_s": result.load_s,
            "memory_mib": result.memory_mib,
            "failed": result.failed,
            "us": {
                regime: {
                    "p50": result.percentile(regime, 50),
                    "p90": result.percentile(regime, 90),
                    "times": len(times),
                }
                for regime, times in result.times.items()
            },
        }

    return {
        "seed": measured.seed,
        "seconds": measured.seconds,
        "machine": measured.machine,
        "compared": measured.compared,
        "matching": {str(rules): [plain(each) for each in results] for rules, results in measured.matching.items()},
        "true_rules": {str(rules): mean for rules, mean in measured.true.items()},
        "observing": [plain(each) for each in measured.observing],
        "decided": measured.decided,
        "ratios": [dataclasses.asdict(ratio) | {"met": ratio.met} for ratio in ratios(measured)],
    }
