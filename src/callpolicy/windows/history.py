"""The items of one identity, in event time whatever the order of their arrival, bounded.

Units: instants and durations are microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callpolicy.instants import LATEST_EVENT
from callpolicy.windows.days import check_instant

DEFAULT_CAP: Final = 4096
"""Items of one kind that a history holds unless told otherwise."""

_SMALLEST_CAP: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing that an identity did, in the order (at, call_id, seq).

    Args:
        at: Instant of the event.
        call_id: The call it belongs to.
        seq: Number of the event within its call; (call_id, seq) names the item.
        kind: `CALLS`, `JUDGED` or the kind of the event.
        attributes: Known attributes, as pairs of name and value; an unknown one is left out.
    """

    at: int
    call_id: str
    seq: int
    kind: str
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str | None:
        """Return the value of attribute ``name``, None if it is unknown."""
        for known, value in self.attributes:
            if known == name:
                return value
        return None


class Column:
    """The items of one kind, sorted; `lost` is the latest instant of any that were dropped.

    INVARIANT: the list of items only ever grows at its end; every other change makes a new list. So a reading
    may keep the list and the length it saw, without a copy.
    INVARIANT: nothing that is held is older than what was lost, for only the oldest are dropped, and what comes
    later and is older than that is lost too.
    """

    __slots__ = ("ats", "items", "lost", "own")

    def __init__(self) -> None:
        self.ats: list[int] = []
        self.items: list[Item] = []
        self.own: dict[str, list[int]] = {}
        self.lost: int | None = None

    def insert(self, item: Item) -> None:
        """Put an item at its place."""
        own = self.own.setdefault(item.call_id, [])
        own.insert(bisect_right(own, item.at), item.at)
        if not self.ats or item > self.items[-1]:
            self.ats.append(item.at)
            self.items.append(item)
            return
        place = bisect_right(self.items, item)
        self.ats.insert(place, item.at)
        self.items = [*self.items[:place], item, *self.items[place:]]

    def drop_first(self, number: int) -> list[Item]:
        """Drop the oldest items and return them."""
        dropped = self.items[:number]
        del self.ats[:number]
        self.items = self.items[number:]
        for item in dropped:
            own = self.own[item.call_id]
            del own[0]
            if not own:
                del self.own[item.call_id]
            self.lose(item.at)
        return dropped

    def lose(self, at: int) -> None:
        """Remember that an item of this instant is not here."""
        self.lost = at if self.lost is None else max(self.lost, at)


class History:
    """The items of one identity, sorted by (at, call_id, seq) whatever the order of their arrival.

    It is not locked: whoever shares one between threads lets one of them in at a time. A `Reading` needs no
    lock.

    Args:
        retention: How far back a window without length reaches; None for as far as there are items.
        cap: How many items of one kind are held; beyond that the oldest are dropped.

    Attributes:
        version: Another number after anything that may change a reading.

    Raises:
        ValueError: If ``cap`` is below 2.

    Examples:
        >>> history = History()
        >>> history.add(Item(at=10, call_id="a", seq=0, kind="calls"))
        True
        >>> history.add(Item(at=10, call_id="a", seq=0, kind="calls"))
        False
        >>> len(history)
        1
    """

    __slots__ = ("_cap", "_columns", "_keep_from", "_seen", "retention", "version")

    def __init__(self, *, retention: int | None = None, cap: int = DEFAULT_CAP) -> None:
        if cap < _SMALLEST_CAP:
            raise ValueError(f"a history holds at least {_SMALLEST_CAP} items, not {cap}")
        self.retention = retention
        self._cap = cap
        self._columns: dict[str, Column] = {}
        self._seen: set[tuple[str, int]] = set()
        self._keep_from: int | None = None
        self.version = 0

    @property
    def saturation(self) -> int:
        """The value from which a lower bound is given as value; compare windows only with less than this."""
        return self._cap // 2

    def add(self, item: Item) -> bool:
        """Take an item in at its place.

        Args:
            item: What happened. It may be older than what is here already.

        Returns:
            False if it changes no window: one with its (call_id, seq) is here already (the first to arrive is
            believed), or it is older than everything that is kept. The name of what was dropped is forgotten.

        Raises:
            ValueError: If its instant is outside the years that a calendar can hold.
        """
        check_instant(item.at)
        name = (item.call_id, item.seq)
        if name in self._seen:
            return False
        self.version += 1
        column = self._columns.get(item.kind)
        if column is None:
            column = self._columns[item.kind] = Column()
        full = len(column.items) >= self._cap
        if (self._keep_from is not None and item.at < self._keep_from) or (full and item < column.items[0]):
            column.lose(item.at)
            return False
        self._seen.add(name)
        column.insert(item)
        if full:
            self._forget(column.drop_first(1))
        return True

    def lose(self, kind: str, at: int) -> None:
        """Remember that an item of this kind and instant is not here: whoever keeps items elsewhere dropped it.

        Args:
            kind: Kind of the item.
            at: Its instant; nothing that is held of this kind is older.
        """
        self.version += 1
        column = self._columns.get(kind)
        if column is None:
            column = self._columns[kind] = Column()
        column.lose(at)

    def prune(self, before: int) -> int:
        """Drop what is older than ``before``, now and whenever it arrives.

        Readings at ``before + retention(windows)`` or later do not change by it. A window that begins before
        ``before`` may lack items from now on, of whatever kind and also where nothing is held.

        Args:
            before: The earliest instant to keep: a watermark less the `retention` of the declared windows.

        Returns:
            How many items were dropped.
        """
        if self._keep_from is None or before > self._keep_from:
            self._keep_from = before
        self.version += 1
        number = 0
        for column in self._columns.values():
            if column.ats and column.ats[0] < before:
                dropped = column.drop_first(bisect_left(column.ats, before))
                self._forget(dropped)
                number += len(dropped)
        return number

    def items(self, kind: str | None = None) -> tuple[Item, ...]:
        """Return the items of one kind, or all, in the order (at, call_id, seq)."""
        if kind is None:
            return tuple(sorted(item for column in self._columns.values() for item in column.items))
        column = self._columns.get(kind)
        return () if column is None else tuple(column.items)

    def __len__(self) -> int:
        """Return how many items are held."""
        return len(self._seen)

    def column(self, kind: str) -> Column | None:
        """Return the items of one kind as they are held, None if there never was one; for `read`."""
        return self._columns.get(kind)

    def lost(self, kind: str) -> int | None:
        """Return the latest instant of which an item of this kind may be missing, None if none is; for `read`.

        WHY not only what was seen to go: whoever keeps histories forgets one that is empty, and what it had lost.
        """
        column = self._columns.get(kind)
        lost = None if column is None else column.lost
        if self._keep_from is None:
            return lost
        # WHY no later: from there on there are no items, and no local day.
        erased = min(self._keep_from - 1, LATEST_EVENT)
        return erased if lost is None else max(lost, erased)

    def _forget(self, dropped: Iterable[Item]) -> None:
        self._seen.difference_update((item.call_id, item.seq) for item in dropped)
