"""What is timed in a child process: matching snapshots, and observing calls.

A job is prepared, loaded (timed), and then asked lap by lap. Each answer gives a key, made after the clock has stopped,
by which the answers of all jobs are compared.
"""

from __future__ import annotations

import gc
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from time import perf_counter, perf_counter_ns
from typing import Any, Final, Protocol

from benchmarks.calls import LENGTH, bundle, calls
from benchmarks.contestants import Contestant, translator
from benchmarks.workload import REGIMES, workload
from callpolicy.decision import Decision
from callpolicy.events import Event
from callpolicy.runtime import Engine

_DIGEST_KEY: Final = b"a key for benchmarks only"
_WARM: Final = 200
_WARM_SECONDS: Final = 0.005


class Lap(dict[str, Any]):
    """What one lap gives: `ns`, the time of each question; `keys`, the answers; `first`, the number of the first."""


class Job(Protocol):
    """Something that can be asked lap by lap."""

    def load(self) -> float:
        """Load the policies, and answer a first question; gives the seconds that both took."""
        ...

    def lap(self, regime: str, start: int, count: int, seconds: float) -> Lap:
        """Ask some questions, each timed by itself, without garbage collection.

        Args:
            regime: which questions.
            start: the first of them.
            count: how many.
            seconds: after so many no further question is begun.
        """
        ...


class Matching:
    """Matching snapshots against the policies of one contestant.

    Args:
        name: the contestant.
        seed: of the workload.
        rules: how many rules.
        snapshots: how many snapshots of each kind.
    """

    def __init__(self, name: str, seed: int, rules: int, snapshots: int) -> None:
        made = workload(seed, rules, snapshots)
        self._snapshots = {regime: getattr(made, regime) for regime in REGIMES}
        self._load = translator(name)(made.conditions)
        self._contestant: Contestant | None = None

    def load(self) -> float:
        began = perf_counter()
        self._contestant = contestant = self._load()
        # WHY asked: an engine may put off work until then.
        contestant.ask(contestant.prepare(self._snapshots["known"][0]))
        return perf_counter() - began

    def lap(self, regime: str, start: int, count: int, seconds: float) -> Lap:
        contestant = self._contestant
        assert contestant is not None
        own = self._snapshots[regime]
        # WHY: another process has had the caches in between. Snapshots of before, so that none is asked in advance.
        _timed(
            contestant.ask, [contestant.prepare(values) for values in own[max(start - _WARM, 0) : start]], _WARM_SECONDS
        )
        questions = [contestant.prepare(values) for values in own[start : start + count]]
        times, answers = _timed(contestant.ask, questions, seconds)
        return Lap(ns=times, keys=[_key(contestant, answer) for answer in answers], first=start)


def _timed(ask: Callable[[Any], Any], questions: Sequence[Any], seconds: float) -> tuple[list[int], list[Any]]:
    times: list[int] = []
    answers: list[Any] = []
    end = perf_counter() + seconds
    gc.disable()
    try:
        for question in questions:
            began = perf_counter_ns()
            answer = ask(question)
            times.append(perf_counter_ns() - began)
            answers.append(answer)
            if perf_counter() > end:
                break
    finally:
        gc.enable()
    return times, answers


def _key(contestant: Contestant, answer: Any) -> tuple[str, str]:
    """What is true, and what may be; the second is empty from an engine with two truth values."""
    may = contestant.may(answer)
    return _said(contestant.true(answer)), "" if may is None else _said(may)


def _said(positions: set[int]) -> str:
    text = ",".join(map(str, sorted(map(int, positions))))
    return f"{len(positions)}:{zlib.crc32(text.encode()):08x}"


OBSERVING: Final = ("observe", "observe + JSON", "observe + digest", "offer", "reference")
"""What is timed: the decisions in the conversation; those with their JSON; with a keyed digest; the decision before
answer. The first once more on the reference matcher is not timed: by it the others are checked."""


class Observing:
    """Observing whole calls with one engine of callpolicy.

    Args:
        what: one of `OBSERVING`.
        seed: of the rules and of the calls.
        rules: how many rules.
    """

    def __init__(self, what: str, seed: int, rules: int) -> None:
        self._what = what
        self._bundle = bundle(seed, rules)
        self._calls = calls(seed)
        self._engine: Engine | None = None
        self._answered = 0

    def load(self) -> float:
        began = perf_counter()
        self._engine = Engine(
            self._bundle,
            matcher="reference" if self._what == "reference" else "indexed",
            digest_key=_DIGEST_KEY if self._what == "observe + digest" else None,
        )
        return perf_counter() - began

    def lap(self, regime: str, start: int, count: int, seconds: float) -> Lap:
        """Observe the next calls, until there are that many decisions.

        The other arguments do not matter: what an engine decides depends on all that it has seen.
        """
        del regime, start, seconds
        told = [event for call in islice(self._calls, max(count // LENGTH, 1)) for event in call]
        times, decisions = _timed(self._ask(), told, math.inf)
        timed = _TIMED.get(self._what, _IN_CALL)
        first, self._answered = self._answered, self._answered + len(told)
        return Lap(
            ns=[took for event, took in zip(told, times, strict=True) if event.name in timed],
            keys=[_decided(decision) for decision in decisions],
            first=first,
        )

    def _ask(self) -> Callable[[Event], Decision]:
        assert self._engine is not None
        observe = self._engine.observe
        if self._what != "observe + JSON":
            return observe

        def observe_and_say(event: Event) -> Decision:
            decision = observe(event)
            decision.to_json()
            return decision

        return observe_and_say


_IN_CALL: Final = frozenset(
    {"said", "silence", "offence", "warned", "soothed", "explained", "explanation_rejected", "refused_by_rule",
     "service_completed", "no_further_needs", "case_linked", "held", "transferred"}
)  # fmt: skip
_TIMED: Final = {"offer": frozenset({"offered"})}


def _decided(decision: Decision) -> tuple[str, str]:
    """The decision's bytes, but for the digest, which only one engine makes; and what it came to, for the share."""
    if decision.failed:
        raise AssertionError(f"a decision failed: {decision.failed}")
    text = replace(decision, digest=None).to_json()
    return (
        f"{decision.effect}:{int(not decision.default)}:{int(decision.recheck_at is not None)}",
        f"{zlib.crc32(text):08x}",
    )
