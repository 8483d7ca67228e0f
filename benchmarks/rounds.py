"""Side by side: every job in its own child process, asked in turn, round by round, and its answers compared.

INVARIANT: no time is reported of a job that gave another answer than the reference.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

REPO: Final = Path(__file__).parents[1]


class FailedError(Exception):
    """A job cannot go on: it was late, ended, or named a fault."""


class WrongAnswerError(Exception):
    """Two engines do not agree; then there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one child does.

    Args:
        name: what it is called in the tables.
        kind: `matching` or `observing`.
        arguments: of the job.
        timed: false for a job that only takes part in the comparison before.
    """

    name: str
    kind: str
    arguments: tuple[str | int, ...]
    timed: bool = True


class Child:
    """One job in a process of its own."""

    def __init__(self, task: Task) -> None:
        command = [sys.executable, "-m", "benchmarks.child", task.kind, json.dumps(task.arguments)]
        self._process = subprocess.Popen(
            command,
            cwd=REPO,
            # WHY: the child must find the same modules, wherever this process found them.
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, request: dict[str, object], seconds: float) -> dict[str, Any]:
        """One request, one answer.

        Raises:
            FailedError: no answer came within so many seconds, or none that can be used; the process is gone then.
        """
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        line = ""
        with suppress(OSError):
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        timer.cancel()
        if late.is_set():
            self.close()
            raise FailedError(f"no answer within {seconds:g} s")
        if not line:
            raise FailedError(f"its process ended by itself, status {self.close()}")
        answer: dict[str, Any] = json.loads(line)
        if "fault" in answer:
            self.close()
            raise FailedError(answer["fault"])
        return answer

    def close(self) -> int:
        """End the process; gives its exit status."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        try:
            return self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@dataclass(slots=True)
class Result:
    """What one job came to.

    Args:
        name: the job.
        load_s: seconds from the engine's own text of the policies to its first answer.
        memory_mib: resident memory that loading took.
        times: per kind of question, all times in nanoseconds.
        failed: why it could not go on; empty if it could.
    """

    name: str
    load_s: float | None = None
    memory_mib: float | None = None
    times: dict[str, list[int]] = field(default_factory=dict)
    failed: str = ""

    def percentile(self, regime: str, percent: int) -> float | None:
        """A percentile in microseconds; `None` if the job did not get there."""
        times = sorted(self.times.get(regime, ()))
        if self.failed or not times:
            return None
        return times[min(len(times) * percent // 100, len(times) - 1)] / 1000


@dataclass(frozen=True, slots=True)
class Rounds:
    """How much is asked.

    Args:
        checked: questions of each kind that are answered before any is timed.
        rounds: how often each job has its turn.
        length: questions of a turn.
        seconds: what one turn may take; a slow job asks fewer questions then.
        patience: after how many seconds without answer a job hangs.
    """

    checked: int
    rounds: int
    length: int
    seconds: float
    patience: float

    @property
    def questions(self) -> int:
        """How many questions of each kind there must be."""
        return self.checked + self.rounds * self.length


class Agreement:
    """What has been answered so far, by question; every further answer must be the same."""

    def __init__(self) -> None:
        self._true: dict[tuple[str, int], str] = {}
        self._may: dict[tuple[str, int], str] = {}

    @property
    def compared(self) -> int:
        """How many different questions were answered."""
        return len(self._true)

    def take(self, name: str, regime: str, start: int, keys: Iterable[tuple[str, str]]) -> None:
        """Compare a job's answers.

        Raises:
            WrongAnswerError: one differs.
        """
        for number, (true, may) in enumerate(keys, start):
            question = regime, number
            if self._true.setdefault(question, true) != true:
                raise WrongAnswerError(
                    f"{name} gives another answer to question {number} of `{regime}`: "
                    f"{true}, not {self._true[question]}"
                )
            if may and self._may.setdefault(question, may) != may:
                raise WrongAnswerError(f"{name} leaves other rules undetermined in question {number} of `{regime}`")

    def mean(self, regime: str, part: Callable[[str], float]) -> float:
        """The mean of something that the answers to one kind of questions say."""
        parts = [part(true) for (of, _), true in self._true.items() if of == regime]
        return sum(parts) / max(len(parts), 1)


@dataclass(slots=True)
class Race:
    """All jobs that are timed side by side.

    Args:
        tasks: the first one of each kind is the measure of the others' answers.
        regimes: the kinds of questions.
        rounds: how much is asked.
        told: is told what happens.
    """

    tasks: list[Task]
    regimes: tuple[str, ...]
    rounds: Rounds
    told: Callable[[str], None]
    agreements: dict[str, Agreement] = field(default_factory=dict)
    _children: dict[str, Child] = field(default_factory=dict)
    _results: dict[str, Result] = field(default_factory=dict)

    def run(self) -> list[Result]:
        """Load all jobs, check that they agree, then time them in turn.

        Raises:
            WrongAnswerError: two jobs do not agree.
        """
        self._results = {task.name: Result(task.name) for task in self.tasks}
        try:
            for task in self.tasks:
                self._load(task)
            for regime in self.regimes:
                self._compare(regime)
            for regime in self.regimes:
                for number in range(self.rounds.rounds):
                    self._round(regime, number)
        finally:
            for child in self._children.values():
                child.close()
        return list(self._results.values())

    def _load(self, task: Task) -> None:
        self.told(f"loading {task.name}")
        self._children[task.name] = Child(task)
        answer = self._ask(task, {"do": "load"})
        if answer is not None:
            result = self._results[task.name]
            result.load_s = answer["seconds"]
            result.memory_mib = None if answer["bytes"] is None else answer["bytes"] / 2**20

    def _compare(self, regime: str) -> None:
        self.told(f"comparing answers, {regime}")
        for task in self.tasks:
            self._lap(task, regime, 0, self.rounds.checked, self.rounds.patience / 2)

    def _round(self, regime: str, number: int) -> None:
        self.told(f"{regime}, round {number + 1} of {self.rounds.rounds}")
        start = self.rounds.checked + number * self.rounds.length
        for task in self.tasks:
            if task.timed:
                times = self._lap(task, regime, start, self.rounds.length, self.rounds.seconds)
                self._results[task.name].times.setdefault(regime, []).extend(times)

    def _lap(self, task: Task, regime: str, start: int, count: int, seconds: float) -> list[int]:
        answer = self._ask(task, {"do": "lap", "regime": regime, "start": start, "count": count, "seconds": seconds})
        if answer is None:
            return []
        agreement = self.agreements.setdefault(task.kind, Agreement())
        agreement.take(task.name, regime, answer["first"], map(tuple, answer["keys"]))
        times: list[int] = answer["ns"]
        return times

    def _ask(self, task: Task, request: dict[str, object]) -> dict[str, Any] | None:
        child = self._children.get(task.name)
        if child is None:
            return None
        try:
            return child.ask(request, self.rounds.patience)
        except FailedError as failed:
            self._results[task.name].failed = str(failed)
            del self._children[task.name]
            return None
