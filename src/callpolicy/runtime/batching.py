"""What a busy node has decided and not written yet: it is written together, within a bound of time and number."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final

from callpolicy.runtime.keeping import Keep

MOST: Final = 512
"""How many things are written together at most; who adds one more waits for the store."""

_SEVERAL: Final = ""


class Batch:
    """Things to be kept, in their order, and a thread that sees to it that none of them waits too long.

    Args:
        write: puts them into the store; whatever it cannot put, it must see to by itself.
        within: how long a thing waits at most before it is offered to the store. Units: seconds.
    """

    def __init__(self, write: Callable[[Sequence[Keep]], None], within: float) -> None:
        self._write = write
        self._within = within
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._line: list[Keep] = []
        self._about: dict[Hashable, str] = {}
        # What is being written at the moment is about these.
        self._going: dict[Hashable, str] = {}
        self._changed = threading.Condition()
        # INVARIANT: whoever holds it is the only one that writes, so that things are written in their order.
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._line)

    def put(self, keeps: Sequence[Keep]) -> None:
        """Let things wait for the next write."""
        self._leave_to_parent()
        with self._changed:
            if not self._line:
                self._changed.notify()
            self._line += keeps
            for keep in keeps:
                for each in keep.about:
                    call_id = keep.call_id or _SEVERAL
                    self._about[each] = call_id if self._about.get(each, call_id) == call_id else _SEVERAL
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="callpolicy-batch", daemon=True)
                self._thread.start()
            full = len(self._line) >= MOST
        if full or self._closed:
            self.flush()

    def is_about(self, whom: Iterable[Hashable], call_id: str) -> bool:
        """Whether something is not written yet that a decision on a call needs: about one of these, of another call."""
        self._leave_to_parent()
        # WHY in this order: what goes from the one to the other meanwhile is then seen in the other.
        for about in (self._about, self._going):
            if about and any(about.get(each, call_id) != call_id for each in whom):
                return True
        return False

    def flush(self) -> None:
        """Write everything that waits; when this returns, the store has it or it waits elsewhere."""
        self._leave_to_parent()
        with self._writing:
            with self._changed:
                line, self._line = self._line, []
                self._going, self._about = self._about, {}
            try:
                if line:
                    self._write(line)
            finally:
                self._going = {}

    def close(self) -> None:
        """Write what waits, and from now on everything at once."""
        self._leave_to_parent()
        with self._changed:
            self._closed = True
            self._changed.notify()
        self.flush()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._line and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
            # WHY asleep: what comes meanwhile is written together with the first.
            time.sleep(self._within)
            self.flush()

    def _leave_to_parent(self) -> None:
        # WHY: after a fork the thread is the parent's, with the locks that it holds and what it is about to write.
        if self._process != os.getpid():
            self._begin()
