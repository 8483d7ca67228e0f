"""How it stands with the store, for the host: a line in the log when it begins to fail, one when that is over."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from callpolicy.errors import StoreError
from callpolicy.stores.base import RestingError

LOGGER: Final = "callpolicy.stores"
"""The logger of the standard library that is told."""

QUIET: Final = 60_000_000
"""How long nothing more of one kind is logged: a store that comes and goes fills no disk. Units: microseconds."""

_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Health:
    """How it stands with the store of an engine, as of what was last asked of it.

    Instants are by the clock of the engine, in microseconds since 1970-01-01T00:00:00Z.

    Args:
        answers: whether it does: `False` from a failure on, until a decision is kept at once again and nothing waits.
        failure: what it said when it failed last, no personal value in it; `None` if it never did.
        since: when the failing began, or began last; `None` if it never did.
        until: when that was over; `None` if it never failed, or still does.
        waiting: how many things (items of history, events of cases, audit records) wait for it.
        spooled: how many of them are in the file beside too, so that a crash does not lose them.
        unwritten: how many wait for the next write of `batched`, as they always do.
        given_up: how many were given up since the engine began.
    """

    answers: bool = True
    failure: str | None = None
    since: int | None = None
    until: int | None = None
    waiting: int = 0
    spooled: int = 0
    unwritten: int = 0
    given_up: int = 0


def _now() -> int:
    return time.time_ns() // 1_000


class Watch:
    """Sees how a store does, and tells the log. Any thread may use it; nothing that it does costs a caller.

    Args:
        clock: tells the time, in microseconds since 1970-01-01T00:00:00Z.
    """

    def __init__(self, clock: Callable[[], int] = _now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._process = os.getpid()
        # INVARIANT: replaced as a whole, so that who asks for it needs no lock, and waits for nobody.
        self._seen = Health()
        self._told: dict[str, int] = {}
        self._begin()
        self.failing = False
        """Whether the store failed, and nothing went well since."""

    def _begin(self) -> None:
        self.delivered = 0
        """How many things that had waited the store took, since it began to fail."""
        self._spoken: set[str] = set()
        self._given_up = 0

    def failed(self, error: BaseException) -> None:
        """The store failed.

        Args:
            error: what it raised.
        """
        self._leave_to_parent()
        reason = _reason(error)
        now = self._now()
        with self._lock:
            if not self.failing:
                self._begin()
                self._seen = replace(self._seen, answers=False, failure=reason, since=now, until=None)
            elif not isinstance(error, RestingError):
                # WHY not of a rest: it says only that the store failed before.
                self._seen = replace(self._seen, failure=reason)
            self.failing = True
            reason = self._seen.failure or reason
        self._warn("failing", now, f"{reason}; callers go through to a person, and what it does not take waits for it")

    def unspooled(self, reason: str) -> None:
        """What waits could not be written into the file beside.

        Args:
            reason: why.
        """
        self._leave_to_parent()
        self._warn(
            "unspooled", self._now(),
            f"the file beside does not take what waits ({reason}): it waits in memory, and a crash would lose it",
        )  # fmt: skip

    def unpruned(self, error: BaseException) -> None:
        """Old history could not be dropped; no call is touched by it.

        Args:
            error: what the store raised.
        """
        self._leave_to_parent()
        self._warn("unpruned", self._now(), f"{_reason(error)}; old history is not dropped, and is tried again")

    def gave_up(self, number: int, reason: str) -> None:
        """Things that waited were given up.

        Args:
            number: how many.
            reason: why.
        """
        if not number:
            return
        self._leave_to_parent()
        with self._lock:
            self._given_up += number
            self._seen = replace(self._seen, given_up=self._seen.given_up + number)
        self._warn("given-up", self._now(), f"things that waited for the store are given up: {reason}")

    def took(self, number: int) -> None:
        """The store took things that had waited.

        Args:
            number: how many.
        """
        self._leave_to_parent()
        with self._lock:
            self.delivered += number

    def over(self) -> None:
        """The store answers, and nothing waits for it any more."""
        self._leave_to_parent()
        if not (self.failing or self.delivered or self._given_up):
            return
        now = self._now()
        with self._lock:
            delivered, lost, told = self.delivered, self._given_up, "failing" in self._spoken
            lasted = (now - self._seen.since) / _SECOND if self.failing and self._seen.since is not None else None
            if self.failing:
                self._seen = replace(self._seen, answers=True, until=now)
            self.failing = False
            self._begin()
        ending = f", {lost} given up" if lost else ""
        if lasted is None:
            if delivered:
                self._say(logging.INFO, f"what an earlier process left for the store is delivered: {delivered}{ending}")
        elif told:
            level = logging.WARNING if lost else logging.INFO
            self._say(
                level,
                f"the store answers again after {lasted:.1f} s; what waited for it is delivered: {delivered}{ending}",
            )

    def left(self, waiting: int, spooled: int) -> None:
        """The engine is closed while things still wait.

        Args:
            waiting: how many.
            spooled: how many of them are in the file beside.
        """
        if not waiting:
            return
        kept = f"{spooled} in the file beside, for whoever opens the store next" if spooled else ""
        lost = f"{waiting - spooled} in memory only, which are lost" if waiting > spooled else ""
        what = "; ".join(each for each in (kept, lost) if each)
        self._say(logging.WARNING, f"the engine is closed before the store took what waits: {what}")

    def health(self, *, waiting: int, spooled: int, unwritten: int) -> Health:
        """How it stands; waits for nobody."""
        return replace(self._seen, waiting=waiting, spooled=spooled, unwritten=unwritten)

    def _warn(self, kind: str, now: int, message: str) -> None:
        """Say something once while the store fails, and not again soon afterwards."""
        with self._lock:
            before = self._told.get(kind)
            # WHY abs: a clock that was put back must not make this silent for as long.
            if kind in self._spoken or (before is not None and abs(now - before) < QUIET):
                return
            self._spoken.add(kind)
            self._told[kind] = now
        self._say(logging.WARNING, message)

    def _say(self, level: int, message: str) -> None:
        try:
            # WHY as an argument: a `%` in the name of a file is none of a format.
            logging.getLogger(LOGGER).log(level, "%s", message)
        except Exception:  # WHY: a filter of the host that fails costs no caller anything
            return

    def _now(self) -> int:
        try:
            return self._clock()
        except Exception:  # WHY: as above, a clock of the host
            return _now()

    def _leave_to_parent(self) -> None:
        # WHY: after a fork the lock may be held for ever, and what waited is the parent's.
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = threading.Lock()
            self.delivered = self._given_up = 0


def _reason(error: BaseException) -> str:
    # WHY not the text of others: only an error of a store is known to hold no value, which may be a telephone number.
    return str(error) if isinstance(error, StoreError) else f"the store failed with `{type(error).__name__}`"
