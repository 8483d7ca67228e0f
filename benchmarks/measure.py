"""What is measured, and what is worked out of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.contestants import NAMES
from benchmarks.jobs import OBSERVING
from benchmarks.rounds import Agreement, Race, Result, Rounds, Task
from benchmarks.workload import REGIMES

OBSERVED_RULES: Final = 200
_PACKAGES: Final = ("callpolicy", "zen-engine", "cedarpy", "durable_rules")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Args:
        sizes: numbers of rules.
        match: the rounds of the bare match.
        observe: the rounds of the full decision.
    """

    sizes: tuple[int, ...]
    match: Rounds
    observe: Rounds


FULL: Final = Extent(
    (10, 100, 1_000, 10_000),
    Rounds(checked=50, rounds=10, length=200, seconds=0.2, patience=20),
    Rounds(checked=400, rounds=20, length=400, seconds=0.2, patience=20),
)
QUICK: Final = Extent(
    (10, 100),
    Rounds(checked=10, rounds=3, length=30, seconds=0.05, patience=20),
    Rounds(checked=60, rounds=3, length=100, seconds=0.05, patience=20),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Something that is worked out, beside what is aimed at.

    Args:
        name: what it is.
        value: what it came to; `None` if something is missing.
        target: what is aimed at.
        at_least: whether more is better.
    """

    name: str
    value: float | None
    target: float
    at_least: bool

    @property
    def met(self) -> bool | None:
        """Whether the target is met; `None` if there is no value."""
        if self.value is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


@dataclass(slots=True)
class Measured:
    """Everything that one run gave.

    Args:
        matching: number of rules to the results of the bare match.
        true: number of rules to how many of them are true, on average over the snapshots.
        observing: the results of the full decision, and of a bare match at as many rules beside it.
        decided: share of these decisions in which some rule won.
        compared: how many questions were answered alike.
    """

    seed: int
    matching: dict[int, list[Result]] = field(default_factory=dict)
    true: dict[int, float] = field(default_factory=dict)
    observing: list[Result] = field(default_factory=list)
    decided: float = 0.0
    compared: int = 0
    seconds: float = 0.0
    machine: dict[str, str] = field(default_factory=dict)

    def p50(self, rules: int, name: str, regime: str) -> float | None:
        """Median microseconds of a bare match."""
        return next((each.percentile(regime, 50) for each in self.matching.get(rules, ()) if each.name == name), None)

    def observed(self, name: str) -> float | None:
        """Median microseconds of a row of the full decision."""
        return next((each.percentile("known", 50) for each in self.observing if each.name == name), None)


def measure(extent: Extent, seed: int, told: Callable[[str], None], names: Iterable[str] = NAMES) -> Measured:
    """Run everything.

    Args:
        extent: how much.
        seed: of all that is drawn by chance.
        told: is told what happens.
        names: the contestants.

    Raises:
        WrongAnswerError: two engines gave different answers.
    """
    began = perf_counter()
    measured = Measured(seed, machine=machine())
    # WHY first: it defines the meaning.
    ordered = sorted(names, key=lambda name: name != "reference")
    for rules in extent.sizes:
        tasks = [Task(name, "matching", (name, seed, rules, extent.match.questions)) for name in ordered]
        race = Race(tasks, REGIMES, extent.match, lambda text, rules=rules: told(f"{rules:,} rules: {text}"))  # type: ignore[misc]  # mypy takes no default of a lambda
        results = race.run()
        measured.matching[rules] = sorted(results, key=lambda each: NAMES.index(each.name))
        agreement = race.agreements.get("matching", Agreement())
        measured.true[rules] = agreement.mean("known", _count_of_true)
        measured.compared += agreement.compared
    _observe(extent.observe, seed, told, measured)
    measured.seconds = perf_counter() - began
    measured.machine["load average after"] = _load_average()
    return measured


BESIDE: Final = {f"{name}, bare match": name for name in ("zen-engine", "indexed")}
"""The rows of a bare match beside the full decision."""


def _observe(rounds: Rounds, seed: int, told: Callable[[str], None], measured: Measured) -> None:
    tasks = [
        Task(what, "observing", (what, seed, OBSERVED_RULES), timed=what != "reference") for what in reversed(OBSERVING)
    ]
    tasks += [Task(row, "matching", (name, seed, OBSERVED_RULES, rounds.questions)) for row, name in BESIDE.items()]
    race = Race(tasks, ("known",), rounds, lambda text: told(f"full decision: {text}"))
    order = [*OBSERVING, *BESIDE]
    measured.observing = sorted(
        (each for each in race.run() if each.name != "reference"), key=lambda each: order.index(each.name)
    )
    agreement = race.agreements.get("observing", Agreement())
    measured.decided = agreement.mean("known", lambda key: float(key.split(":")[1]))
    measured.compared += sum(each.compared for each in race.agreements.values())


def _count_of_true(key: str) -> float:
    return float(key.partition(":")[0])


_TIMES_FASTER: Final = {100: 5.0, 1_000: 15.0, 10_000: 60.0}
_FLAT: Final = (10_000, 100)


def ratios(measured: Measured) -> list[Ratio]:
    """What is aimed at, and what it came to."""
    found = [
        Ratio(
            f"indexed, {_FLAT[0]:,} : {_FLAT[1]:,} rules, {SAID[regime]}",
            _quotient(*(measured.p50(rules, "indexed", regime) for rules in _FLAT)),
            3.0,
            at_least=False,
        )
        for regime in REGIMES
    ]
    found += [
        Ratio(
            f"zen-engine : indexed, {rules:,} rules, {SAID[regime]}",
            _quotient(measured.p50(rules, "zen-engine", regime), measured.p50(rules, "indexed", regime)),
            target,
            at_least=True,
        )
        for (rules, target), regime in product(_TIMES_FASTER.items(), REGIMES)
    ]
    observe = measured.observed("observe")
    beside = measured.observed("zen-engine, bare match")
    return [
        *found,
        Ratio(f"observe, {OBSERVED_RULES} rules, µs", observe, 40.0, at_least=False),
        Ratio(
            f"observe : zen-engine's bare match, {OBSERVED_RULES} rules",
            _quotient(observe, beside),
            2.0,
            at_least=False,
        ),
    ]


SAID: Final = {
    "known": "all 25 facts known",
    "recurring": "5 unknown, the same fives recur",
    "scattered": "5 unknown, other ones each time",
}
"""The regimes in words."""


def _quotient(over: float | None, under: float | None) -> float | None:
    return over / under if over and under else None


def machine() -> dict[str, str]:
    """Where, when and with what: for the head of the tables."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: _version(name) for name in _PACKAGES},
        "load average before": _load_average(),
    }


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
