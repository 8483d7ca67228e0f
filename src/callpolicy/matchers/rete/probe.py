"""What the child process of a trial does: build every ruleset, and compare what fires with what must."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Final

import orjson

from callpolicy.matchers.rete.leaves import FALSE, TRUE, UNKNOWN
from callpolicy.matchers.rete.ruleset import Rule, Ruleset

_RANDOM_FACTS: Final = 16
_STATES: Final = (FALSE, TRUE, UNKNOWN)


def main(idle_seconds: float) -> None:
    """Serve the pipes that this process was started with, until they close or no work comes for so long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # WHY: nothing but answers may reach the pipe, whoever prints.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, idle_seconds)


def serve(requests: IO[bytes], answers: IO[bytes], idle_seconds: float) -> None:
    """Answer until the requests end.

    Args:
        requests: one set of rulesets a line, as JSON.
        answers: one string a line, as JSON; empty if nothing is wrong.
        idle_seconds: when no request comes for so long, the process ends.
    """
    idle = _leave_after(idle_seconds)
    for line in requests:
        idle.cancel()
        answers.write(orjson.dumps(fault_of(orjson.loads(line))) + b"\n")
        answers.flush()
        idle = _leave_after(idle_seconds)
    idle.cancel()


def _leave_after(idle_seconds: float) -> threading.Timer:
    timer = threading.Timer(idle_seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
    return timer


def fault_of(rulesets: Sequence[Sequence[Rule]]) -> str:
    """Try one set.

    Returns:
        the first fault, one line; empty if there is none.
    """
    try:
        for number, rules in enumerate(rulesets):
            if fault := _fault_of_one(rules):
                return f"ruleset {number}: {fault}"
    except Exception as error:  # WHY: whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    return ""


def _fault_of_one(rules: Sequence[Rule]) -> str:
    ruleset = Ruleset(rules)
    for states in _facts(rules):
        fired = Counter(ruleset.fire(states))
        must = Counter(number for number, rule in enumerate(rules) if _holds(rule, states))
        if fired != must:
            return f"rule {min((fired - must) + (must - fired))} fires wrongly"
    ruleset.close()
    return ""


def _holds(rule: Rule, states: Sequence[int]) -> bool:
    return all((states[field] == value) is equal for field, equal, value in rule)


def _facts(rules: Sequence[Rule]) -> Iterator[list[int]]:
    """All fields alike; for each rule a fact on which it holds and one on which one test of it fails; random ones."""
    count = 1 + max(field for rule in rules for field, _, _ in rule)
    yield from ([state] * count for state in _STATES)
    for number, rule in enumerate(rules):
        states = [number % len(_STATES)] * count
        for field, equal, value in rule:
            states[field] = value if equal else (value + 1) % len(_STATES)
        yield states
        field, equal, value = rule[number % len(rule)]
        yield [*states[:field], (value + 1) % len(_STATES) if equal else value, *states[field + 1 :]]
    chance = random.Random(count)
    yield from (chance.choices(_STATES, k=count) for _ in range(_RANDOM_FACTS))
