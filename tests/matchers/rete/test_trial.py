"""A set of rulesets that hangs, crashes or misleads durable_rules is found in a child process and refused."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import orjson
import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.errors import UnsupportedConditionError
from callpolicy.facts import Catalogue
from callpolicy.matchers import rete
from callpolicy.matchers.rete import compile_rete
from callpolicy.matchers.rete.probe import fault_of, serve
from callpolicy.matchers.rete.ruleset import Rule, Ruleset
from callpolicy.matchers.rete.trial import Trial
from tests.matchers.machines import needs_rete

pytestmark = needs_rete

HANGS: list[Rule] = [((number % 250, True, number),) for number in range(600)]
FAILS: list[Rule] = [((number, True, 1),) for number in range(100)]
FINE: list[Rule] = [((0, True, 1), (1, False, 0))]
OTHER: list[Rule] = [((0, False, 1),)]


@pytest.fixture
def trial() -> Iterator[Trial]:
    trial = Trial(seconds=2)
    yield trial
    trial.close()


def test_a_set_that_hangs_is_killed_by_the_time_out_and_the_next_one_is_tried(trial: Trial) -> None:
    begun = time.monotonic()

    assert trial.run([HANGS]) == "the trial did not end within 2 seconds"
    assert time.monotonic() - begun < 20
    assert trial.run([FINE]) == ""


def signalled(process: int, *signals: signal.Signals) -> None:
    for number in signals:
        os.kill(process, number)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system has no such signals")
def test_a_set_that_crashes_is_refused_and_the_next_one_is_tried(trial: Trial) -> None:
    # WHY not one that does crash the engine: it reads beyond its memory, and what it finds there is chance.
    assert trial.run([FINE]) == ""
    assert trial._child is not None
    child = trial._child.pid
    os.kill(child, signal.SIGSTOP)
    crash = threading.Timer(0.2, signalled, (child, signal.SIGSEGV, signal.SIGCONT))
    crash.start()

    assert trial.run([OTHER]) == f"the trial ended with exit status {-signal.SIGSEGV}"
    crash.join()
    assert trial.run([OTHER]) == ""


def test_a_child_that_was_killed_before_is_no_fault_of_the_set(trial: Trial) -> None:
    assert trial.run([FINE]) == ""
    assert trial._child is not None
    trial._child.kill()
    trial._child.wait()

    assert trial.run([OTHER]) == ""


def test_a_set_that_the_engine_refuses_is_refused_with_its_code(trial: Trial) -> None:
    # 303 is ERR_MAX_STACK_SIZE: more than 64 true at once
    assert trial.run([FINE, FAILS]) == "error: Could not assert fact, error code: 303"
    assert trial.run([FINE]) == ""


def test_what_passed_is_not_tried_again_and_what_failed_is(trial: Trial) -> None:
    assert trial.run([FINE]) == ""
    trial.close()

    assert trial.run([FINE]) == ""
    assert trial._child is None
    assert trial.run([FAILS]) != ""
    assert trial.run([FAILS]) != ""
    assert trial._child is not None


def test_no_rules_need_no_child(trial: Trial) -> None:
    assert trial.run([]) == ""
    assert trial._child is None


def test_a_child_goes_for_want_of_work_and_comes_back_with_it() -> None:
    trial = Trial(idle_seconds=0.3)
    assert trial.run([FINE]) == ""
    child = trial._child
    assert child is not None

    assert child.wait(10) == 0

    assert trial.run([OTHER]) == ""
    assert trial._child is not child
    trial.close()


def test_a_child_that_goes_just_when_it_is_asked_is_no_fault_of_the_set(trial: Trial) -> None:
    leaving = [sys.executable, "-c", "input()"]
    trial._child = subprocess.Popen(leaving, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    assert trial.run([FINE]) == ""


def test_a_machine_that_cannot_start_the_child_is_told(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert trial.run([FINE]).startswith("no child process can be started to try them: ")

    monkeypatch.setattr(sys, "executable", None)
    assert trial.run([FINE]) == "no child process can be started to try them: the interpreter is not known"


def test_a_failed_trial_refuses_the_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rete, "self_test", lambda _rulesets: "the trial did not end within 10 seconds")

    with pytest.raises(UnsupportedConditionError, match="does not hold these conditions: the trial did not end"):
        compile_rete([Leaf("n", Op.IS, 1)], Catalogue([]))


def test_the_trial_sees_rules_that_fire_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ruleset, "fire", lambda _self, states: [0] if states[0] == 2 else [])

    assert fault_of([[((0, True, 1),)]]) == "ruleset 0: rule 0 fires wrongly"


def test_the_child_answers_line_by_line_until_its_input_ends() -> None:
    answers = io.BytesIO()

    serve(io.BytesIO(orjson.dumps([FINE]) + b"\n" + orjson.dumps([[((0, True, "x"),)], FAILS]) + b"\n"), answers, 60)

    first, second = answers.getvalue().splitlines()
    assert orjson.loads(first) == ""
    assert orjson.loads(second) != ""
