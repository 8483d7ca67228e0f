"""What the store did not take: it waits, in memory and in a file beside, and is offered again in its order."""

from __future__ import annotations

import os
import threading
from collections import Counter, deque
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Final

from callpolicy.runtime.health import Watch
from callpolicy.runtime.keeping import UNFIT, Keep, KeepRecord, keep_all
from callpolicy.runtime.spool import Spool
from callpolicy.stores.base import Store

WAITING_KEPT: Final = 100_000
"""How many things wait for a store that is down; beyond that new ones are given up, and counted."""

STRIKES: Final = 3
"""How often one thing is refused alone, while the store takes others, before it is given up."""

_AT_ONCE: Final = 500
_REFUSED_AT_ONCE: Final = 3


class Waiting:
    """The line of what the store is still to take. Any thread may use it.

    Args:
        store: the store.
        spool: the file beside; `None` for none, as with a store in memory.
        watch: is told how the store does; `None` for one of its own.
    """

    def __init__(self, store: Store, spool: Spool | None, watch: Watch | None = None) -> None:
        self.watch = watch or Watch()
        """Is told how the store does."""
        self._store = store
        self._spool = spool
        self._line: deque[Keep] = deque()
        self._about: Counter[Hashable] = Counter()
        self._strikes: Counter[int] = Counter()
        self._loose: set[int] = set()
        self._adopted: list[Spool] = []
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._failed = 0
        self.busy = False
        """Whether something waits, or the files of dead processes do."""
        self.given_up = 0
        """How many things were given up and nobody was told yet: for want of room, because nobody could read them, or
        because the store takes others and not them."""

    def __len__(self) -> int:
        return len(self._line)

    @property
    def spooled(self) -> int:
        """How many of them are in a file beside too."""
        return max(0, len(self._line) - len(self._loose))

    def adopt(self) -> None:
        """Take over what dead processes left."""
        if self._spool is None:
            return
        with self._lock:
            for left, spool in self._spool.adopt():
                # WHY without the bound: it is on disk already, and would be gone with its file.
                self._take(left.keeps)
                self._count_given_up(left.unreadable, "nobody can read what an earlier process left")
                self._adopted.append(spool)
                self.busy = True

    def put(self, keeps: Sequence[Keep]) -> bool:
        """Let things wait, all of them or none.

        Returns:
            whether there was room; otherwise they are given up.
        """
        self._leave_to_parent()
        with self._lock:
            # WHY the new ones: without one in its middle a chain of records would look as if somebody had cut it.
            if len(self._line) + len(keeps) > WAITING_KEPT:
                self._count_given_up(len(keeps), f"no more than {WAITING_KEPT:,} may wait")
                return False
            self._take(keeps)
            if self._spool is None or not self._spool.write(keeps):
                self._loose.update(map(id, keeps))
                if self._spool is not None:
                    self.watch.unspooled(self._spool.fault)
            return True

    def _take(self, keeps: Iterable[Keep]) -> None:
        self.busy = True
        for keep in keeps:
            self._line.append(keep)
            self._about.update(keep.about)

    def give_up(self, number: int, why: str) -> None:
        """Count things that were given up elsewhere."""
        self._leave_to_parent()
        with self._lock:
            self._count_given_up(number, why)

    def _count_given_up(self, number: int, why: str) -> None:
        self.given_up += number
        self.watch.gave_up(number, why)

    def told(self, number: int) -> None:
        """Somebody was told that so many were given up."""
        self._leave_to_parent()
        with self._lock:
            self.given_up -= number

    def deliver(self) -> bool:
        """Offer the store some of what waits, in order.

        Returns:
            whether the store took any of it, or nothing waits.
        """
        self._leave_to_parent()
        if not self.busy:
            return True
        with self._lock:
            some = [self._line[place] for place in range(min(_AT_ONCE, len(self._line)))]
            if not self._offer(some) and not self._sift(some):
                return False
            if not self._line:
                self._clear()
            return True

    def deliver_all(self) -> bool:
        """Offer the store everything that waits; whether nothing waits any more."""
        self._leave_to_parent()
        while self.busy:
            if not self.deliver():
                return False
        return True

    def close(self) -> None:
        """Let go of the files beside: what still waits is delivered by who starts next."""
        self._leave_to_parent()
        with self._lock:
            for spool in self._spools():
                spool.release()
            self._adopted.clear()
            self.busy = bool(self._line)

    def _offer(self, some: Sequence[Keep]) -> bool:
        unfit = 0
        try:
            if some:
                unfit = keep_all(self._store, some)
        except Exception as error:  # WHY: whatever a store does, calls go on; what it did not take waits on
            self.watch.failed(error)
            return False
        for keep in some:
            self._drop(keep)
        self._count_given_up(unfit, UNFIT)
        self.watch.took(len(some) - unfit)
        return True

    def _drop(self, keep: Keep) -> None:
        if self._line[0] is keep:
            self._line.popleft()
        else:
            place = next(place for place, each in enumerate(self._line) if each is keep)
            del self._line[place]
        self._about.subtract(keep.about)
        self._strikes.pop(id(keep), None)
        self._loose.discard(id(keep))

    def _sift(self, some: Sequence[Keep]) -> bool:
        """Offer them one by one: what no store will ever take must not hold up all the others.

        A store that takes nothing is down, and is not asked for every one of them.
        """
        # WHY only the first record: those after it must not come before it.
        first = next((keep for keep in some if isinstance(keep, KeepRecord)), None)
        probes = [keep for keep in some if keep is first or not isinstance(keep, KeepRecord)]
        probes = [keep for keep in probes if id(keep) not in self._strikes] or probes
        self._failed += 1
        probe = probes[self._failed % len(probes)]
        if len(some) == 1 or not self._offer([probe]):
            return False
        refused = 0
        for keep in some:
            if keep is probe or self._offer([keep]):
                continue
            refused += 1
            if isinstance(keep, KeepRecord) or refused > _REFUSED_AT_ONCE:
                break
            self._strike(keep)
        return True

    def _strike(self, keep: Keep) -> None:
        self._strikes[id(keep)] += 1
        if self._strikes[id(keep)] >= STRIKES:
            self._drop(keep)
            self._count_given_up(1, "the store takes others and not them")

    def _clear(self) -> None:
        self._about.clear()
        for spool in self._spools():
            spool.clear()
        self._adopted.clear()
        self.busy = False

    def _spools(self) -> list[Spool]:
        return [*self._adopted, *([self._spool] if self._spool else [])]

    def is_about(self, whom: Iterable[Hashable]) -> bool:
        """Whether something waits that decisions about one of these need."""
        return bool(self._line) and any(self._about[each] > 0 for each in whom)

    def writers(self) -> Collection[str]:
        """Whose records wait."""
        return {keep.kept.record.writer for keep in self._line if isinstance(keep, KeepRecord)}

    def _leave_to_parent(self) -> None:
        if self._process == os.getpid():
            return
        # WHY: after a fork all that waits is the parent's to deliver, and so may be the lock.
        self._process = os.getpid()
        self._lock = threading.RLock()
        for spool in self._spools():
            spool.release()
        self._line.clear()
        self._about.clear()
        self._strikes.clear()
        self._loose.clear()
        self._adopted.clear()
        self.given_up = 0
        self.busy = False
