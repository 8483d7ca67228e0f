"""The rete matcher while it runs: failures, interrupts, threads, forks and memory."""

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import orjson
import pytest

from callpolicy.condition import Condition, Leaf, Not, Op
from callpolicy.errors import MatcherError
from callpolicy.facts import Catalogue, Fact, FactType
from callpolicy.matchers.base import Matches
from callpolicy.matchers.reference import compile_reference
from callpolicy.matchers.rete import ReteMatcher, compile_rete
from callpolicy.matchers.rete.ruleset import Rule, Ruleset, definition
from tests.matchers.generate import Bundle, bundle
from tests.matchers.machines import needs_rete

pytestmark = needs_rete

CATALOGUE = Catalogue([Fact(f"n.{number}", FactType.INT, {}) for number in range(20)])
FINE: list[Rule] = [((0, True, 1), (1, False, 0))]


def leaf(number: int, operand: int = 1) -> Leaf:
    return Leaf(f"n.{number}", Op.IS, operand)


def handles_of(matcher: ReteMatcher) -> list[int]:
    return [ruleset._handle for ruleset in matcher._rulesets or ()]


def spoiled(matcher: ReteMatcher) -> None:
    """Leave a fact in every ruleset, as a cycle would that was broken off: the engine refuses the next one."""
    import durable_rules_engine

    for handle in handles_of(matcher):
        durable_rules_engine.assert_fact(handle, '{"id":"f","sid":"s","f0":1}')


def test_after_a_failure_the_handles_are_new_and_the_answer_right() -> None:
    matcher = compile_rete([leaf(0), Not((leaf(1),))], CATALOGUE)
    assert matcher.match({"n.0": 1, "n.1": 1}) == Matches(0b01, 0)
    before = handles_of(matcher)

    spoiled(matcher)

    assert matcher.match({"n.0": 1, "n.1": 2}) == Matches(0b11, 0)
    assert handles_of(matcher)
    assert not set(before) & set(handles_of(matcher))
    assert matcher.match({"n.0": 2}) == Matches(0, 0b10)


def test_a_second_failure_is_the_callers_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = compile_rete([leaf(0)], CATALOGUE)
    monkeypatch.setattr(Ruleset, "fire", lambda _self, _states: 1 / 0)

    with pytest.raises(MatcherError, match="durable_rules failed twice"):
        matcher.match({"n.0": 1})

    monkeypatch.undo()
    assert matcher.match({"n.0": 1}) == Matches(1, 0)


def test_an_interrupt_in_the_middle_of_a_cycle_leaves_no_half_state(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = compile_rete([leaf(0)], CATALOGUE)
    assert matcher.match({"n.0": 1}) == Matches(1, 0)

    def interrupted(_self: Ruleset, _states: object) -> list[int]:
        spoiled(matcher)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ruleset, "fire", interrupted)
        with pytest.raises(KeyboardInterrupt):
            matcher.match({"n.0": 1})

    assert matcher._rulesets is None
    assert matcher.match({"n.0": 2}) == Matches(0, 0)


def test_a_matcher_that_goes_gives_its_handles_back() -> None:
    import durable_rules_engine

    matcher = compile_rete([leaf(0)], CATALOGUE)
    matcher.match({})
    (handle,) = handles_of(matcher)

    del matcher

    with pytest.raises(durable_rules_engine.error):
        durable_rules_engine.assert_fact(handle, '{"id":"f","sid":"s","f0":1}')


def test_a_closed_ruleset_has_given_its_handle_back() -> None:
    ruleset = Ruleset(FINE)
    assert ruleset.fire([1, 2]) == [0]

    ruleset.close()

    with pytest.raises(Exception, match="error code"):
        ruleset.fire([1, 2])


def test_a_ruleset_reads_as_plain_json() -> None:
    assert orjson.loads(definition(FINE)) == {
        "w": {"all": [{"m": {"$and": [{"w": 1}]}}]},
        "r0": {"all": [{"m": {"$and": [{"f0": 1}, {"$neq": {"f1": 0}}]}}]},
    }


def test_eight_threads_may_share_one_matcher() -> None:
    made = bundle(7, fewest=12, most=12)
    reference = compile_reference(made.conditions, made.catalogue)
    matcher = compile_rete(made.conditions, made.catalogue)
    expected = [reference.match(values) for values in made.snapshots]
    assert matcher.match(made.snapshots[0]) == expected[0]
    handles = handles_of(matcher)
    wrong: list[object] = []
    begin = threading.Barrier(8)

    threads = [threading.Thread(target=partial(_match_all, matcher, made, expected, begin, wrong)) for _ in range(8)]
    # WHY: as a rule a thread keeps the interpreter for longer than a cycle takes.
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)

    assert wrong == []
    # None got into the cycle of another: that would have been a failure, mended by new handles.
    assert handles_of(matcher) == handles


def _match_all(
    matcher: ReteMatcher, made: Bundle, expected: list[Matches], begin: threading.Barrier, wrong: list[object]
) -> None:
    begin.wait()
    for _ in range(10):
        try:
            wrong += [
                values
                for values, wanted in zip(made.snapshots, expected, strict=True)
                if matcher.match(values) != wanted
            ]
        except Exception as error:
            wrong.append(error)


def run_python(source: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", source]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


FORKING = """
import os
from callpolicy.condition import Leaf, Op
from callpolicy.facts import Catalogue
from callpolicy.matchers.base import Matches
from callpolicy.matchers.rete import compile_rete
from callpolicy.matchers.rete.trial import _TRIAL

matcher = compile_rete([Leaf("a", Op.IS, 1)], Catalogue([]))
assert matcher.match({"a": 1}) == Matches(1, 0)
trying = _TRIAL._child
matched, tell = os.pipe()
wait, done = os.pipe()

matcher._lock.acquire()  # as if another thread were in the middle of a cycle, and another of a trial
_TRIAL._lock.acquire()
child = os.fork()
if child == 0:
    os.close(done)
    right = matcher.match({"a": 1}) == Matches(1, 0) and matcher.match({"a": 2}) == Matches(0, 0)
    other = compile_rete([Leaf("a", Op.IS, 1), Leaf("b", Op.IS, 1)], Catalogue([]))
    right = right and other.match({"b": 1}) == Matches(2, 1)
    _TRIAL.close()
    os.write(tell, b"1" if right else b"0")
    os.read(wait, 1)
    os._exit(0)
matcher._lock.release()
_TRIAL._lock.release()

assert os.read(matched, 1) == b"1"
assert matcher.match({"a": 1}) == Matches(1, 0)
compile_rete([Leaf(name, Op.IS, 1) for name in "abc"], Catalogue([]))
assert _TRIAL._child is trying
_TRIAL.close()  # its child ends by itself: the forked process does not hold the pipe
assert trying.returncode == 0
os.close(done)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_handles_and_a_child_of_its_own() -> None:
    done = run_python(FORKING)

    assert (done.returncode, done.stderr) == (0, "")


RESIDENT = Path("/proc/self/statm")
needs_proc = pytest.mark.skipif(not RESIDENT.exists(), reason="this system does not tell its memory")


def resident_megabytes() -> float:
    # WHY not the peak that getrusage tells: an earlier test may have set it.
    pages = int(RESIDENT.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@needs_proc
def test_memory_stays_flat_over_100_000_matches() -> None:
    made = bundle(5, fewest=3, most=3)
    matcher = compile_rete(made.conditions, made.catalogue)
    _match_often(matcher, made, 10_000)
    before = resident_megabytes()

    _match_often(matcher, made, 100_000)

    # A leak of each fact would be some 20 MB.
    assert resident_megabytes() - before < 2


@needs_proc
def test_memory_stays_flat_over_300_sets() -> None:
    for number in range(30):
        _compiled_and_matched(number)
    before = resident_megabytes()

    for number in range(300):
        _compiled_and_matched(number)

    # One set is about 1 MB.
    assert resident_megabytes() - before < 20


def _compiled_and_matched(number: int) -> None:
    conditions: list[Condition] = [leaf(place, number) for place in range(20)]
    assert compile_rete(conditions, CATALOGUE).match({"n.0": number}).true == 1


def _match_often(matcher: ReteMatcher, made: Bundle, times: int) -> None:
    for _ in range(times // len(made.snapshots)):
        for values in made.snapshots:
            matcher.match(values)
