"""The trial: every new set of rulesets runs in a child process, within a time-out, before this process trusts it.

WHY a process: where durable_rules hangs it holds the interpreter lock, and where it crashes it takes the process along.
One child serves all trials, since a start of Python costs a hundred times what a trial does. It is killed when it does
not answer in time, and goes by itself when there is no more work.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final

import orjson

from callpolicy.matchers.rete.ruleset import Rule

SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60.0
_SECONDS_TO_START: Final = 60.0
_MOST_REMEMBERED: Final = 4_096

_CHILD: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from callpolicy.matchers.rete.probe import main
main(float(sys.argv[2]))
"""


class Trial:
    """The child process and the pipes to it. Threads may share one.

    Args:
        seconds: how long one set may take.
        idle_seconds: how long the child stays without work.
    """

    def __init__(self, seconds: float = SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        # WHY a dict: it keeps the order, so that the oldest can be forgotten.
        self._passed: dict[bytes, None] = {}

    def run(self, rulesets: Sequence[Sequence[Rule]]) -> str:
        """Try one set; one that has passed before is not tried again.

        Returns:
            what is wrong with it, one line; empty if nothing is.
        """
        request = orjson.dumps(rulesets) + b"\n"
        digest = hashlib.sha256(request).digest()
        with self._lock:
            if not rulesets or digest in self._passed:
                return ""
            fault = self._fault(request)
            if not fault:
                self._passed[digest] = None
                if len(self._passed) > _MOST_REMEMBERED:
                    del self._passed[next(iter(self._passed))]
            return fault

    def close(self) -> None:
        """End the child process, if there is one; the next set starts another."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """After a fork: the child belongs to the parent, and another thread may have held the lock."""
        self._lock = threading.Lock()
        child, self._child = self._child, None
        if child:
            _close(child.stdin)
            _close(child.stdout)
            child.returncode = 0  # WHY: it is not this process that has to wait for it

    def _fault(self, request: bytes) -> str:
        try:
            answer, ended = self._asked(request)
            if not answer and ended == 0:
                # WHY: it went for want of work just when it was asked.
                answer, ended = self._asked(request)
        except OSError as error:
            return f"no child process can be started to try them: {error}"
        if answer:
            return str(orjson.loads(answer))
        if ended is None:
            return f"the trial did not end within {self._seconds:g} seconds"
        return f"the trial ended with exit status {ended}"

    def _asked(self, request: bytes) -> tuple[bytes, int | None]:
        """The answer; if there is none, the exit status of the child, `None` when it was killed for being late."""
        if self._child and self._child.poll() is not None:
            self._end()
        answer, late = _exchange(self._child or self._started(), request, self._seconds)
        if answer:
            return answer, None
        ended = self._end()
        return b"", None if late else ended

    def _started(self) -> subprocess.Popen[bytes]:
        if not sys.executable:
            raise FileNotFoundError("the interpreter is not known")
        # WHY the path: the child must find the same modules, wherever this process found them.
        command = [sys.executable, "-c", _CHILD, orjson.dumps(sys.path).decode(), str(self._idle_seconds)]
        # WHY unbuffered: what stands in a buffer at a fork would be sent twice.
        child = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._child = child
        _exchange(child, b"[]\n", _SECONDS_TO_START)
        return child

    def _end(self) -> int:
        child, self._child = self._child, None
        if not child:
            return 0
        _close(child.stdin)
        try:
            ended = child.wait(1)
        except subprocess.TimeoutExpired:
            child.kill()
            ended = child.wait()
        _close(child.stdout)
        return ended


def _close(pipe: IO[bytes] | None) -> None:
    if pipe:
        with suppress(OSError):
            pipe.close()


def _exchange(child: subprocess.Popen[bytes], request: bytes, seconds: float) -> tuple[bytes, bool]:
    """One line out, one line in; the second value says that the child was killed for being late."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    answer = b""
    with suppress(OSError):
        left = memoryview(request)
        while left:
            left = left[child.stdin.write(left) :]  # type: ignore[union-attr]  # both are pipes, see _started
        answer = child.stdout.readline()  # type: ignore[union-attr]  # as above
    timer.cancel()
    return (answer if answer.endswith(b"\n") else b""), late.is_set()


_TRIAL: Final = Trial()

atexit.register(_TRIAL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_TRIAL.forget)


def self_test(rulesets: Sequence[Sequence[Rule]]) -> str:
    """Try one set in the child process that all share.

    Returns:
        what is wrong with it, one line; empty if nothing is.
    """
    return _TRIAL.run(rulesets)
