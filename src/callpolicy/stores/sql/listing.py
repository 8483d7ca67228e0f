"""List entries and blocks in the tables."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from callpolicy.identity import Identity
from callpolicy.lifecycle import Block, whole_entry
from callpolicy.lists import Entry, ListIndex, ListName, Shape, Shapes, Subject, covering, covers_of, shape_of
from callpolicy.lists.covers import cover_hash, key_text
from callpolicy.stores.base import Listed, over_at
from callpolicy.stores.sql.database import Database, Driver
from callpolicy.stores.sql.list_statements import COUNT
from callpolicy.stores.sql.names import signed
from callpolicy.stores.sql.rows import block_from, block_text, entry_from, entry_text
from callpolicy.stores.sql.tables import Tables

ENTRY: Final = "entry"
BLOCK: Final = "block"
PLAIN: Final = "plain"
"""State of an entry that has no life."""

_AT_ONCE: Final = 20_000
_ERASED_AT_ONCE: Final = 500
"""Entries that one transaction erases, so that no call waits long for it."""

_CAUGHT_UP: Final = 500
"""Entries that one decision looks at when another process has changed the lists, so that no caller waits for many."""

_HASH: Final = itemgetter(0)
_NUMBER: Final = itemgetter(1)
_SIGNED: Final = "q"
_UNSIGNED: Final = "Q"
_NOBODY: Final[tuple[int, ...]] = ()
Row = Sequence[Any]


def put_entry(tables: Tables, driver: Driver, entry: Entry) -> None:
    """Add a list entry, or replace the one of the same id."""
    _put(tables, driver, Listed(entry, None), entry, PLAIN)


def put_block(tables: Tables, driver: Driver, block: Block) -> None:
    """Add a block with its life, or replace what there is of it."""
    entry = whole_entry(block)
    _put(tables, driver, Listed(entry, block), entry or _not_begun(block), str(block.steps[-1].footing.state))


def _not_begun(block: Block) -> Entry:
    """What stands for a block that never became active: whom it is about, so that it is found by that."""
    subject = block.subject
    return Entry(
        entry_id=block.block_id, on=ListName.BLOCKLIST, identity=subject.identity, prefix=subject.prefix,
        last=subject.last, since=0, until=0, reason="", owner="",
    )  # fmt: skip


def _put(tables: Tables, driver: Driver, listed: Listed, entry: Entry, state: str) -> None:
    run, lists, names = driver.execute, tables.lists, tables.names
    # WHY the time: a count from one would come to what a process has seen once more, after a backup was restored.
    changed = run(lists.changed, {"now": time.time_ns() // 1_000}).fetchall()[0][0]
    new = run(lists.next_number, {}).fetchall()[0][0]
    values = {
        "number": new,
        "entry_id": key_text(entry.entry_id),
        "on_list": str(entry.on),
        "state": state,
        "head": names.head_of(entry.subject),
        "since": None if listed.entry is None else entry.since,
        "until": over_at(listed),
        "changed": changed,
        "entry": names.seal(entry_text(entry), ENTRY),
        "life": None if listed.block is None else names.seal(block_text(listed.block), BLOCK),
    }
    number = run(lists.put, values).fetchall()[0][0]
    if number != new:
        run(lists.uncover, {"number": number})
    for key in covers_of(entry):
        run(lists.cover, {"key_hash": signed(cover_hash(key, names.keys.key_hash)), "number": number})
        shape = shape_of(key)
        if shape is not None:
            run(lists.shape, {"length": shape[0], "cut": shape[1]})


def listed_of(tables: Tables, row: Row) -> Listed:
    """A row of an entry as what was put."""
    _, _, _, since, entry, life = row
    names = tables.names
    return Listed(
        None if since is None else entry_from(names.unseal(entry, ENTRY)),
        None if life is None else block_from(names.unseal(life, BLOCK)),
    )


def find(tables: Tables, driver: Driver, entry_id: str) -> Listed | None:
    """An entry or block by its id."""
    row = driver.execute(tables.lists.entry, {"entry_id": key_text(entry_id)}).fetchone()
    return None if row is None else listed_of(tables, row)


def overlapping(tables: Tables, driver: Driver, subject: Subject) -> tuple[Listed, ...]:
    """Every entry that may cover somebody whom the subject covers."""
    head = tables.names.head_of(subject)
    one = not subject.prefix and subject.last is None
    if not one and not head:
        # WHY all: what is as wide as this may have anything in it. Only a norm that lets such prefixes be blocked
        # ever comes here.
        every = (each for on in ListName for each in _pages(tables, driver, on))
        return tuple(each for each in every if _subject_of(each).overlaps(subject))
    # WHY the empty head too: prefixes and ranges that are wider than a head stand under it.
    heads = [] if one else [head, ""]
    values = {"hashes": _hashes(tables, [subject.identity]), "heads": tables.several(heads)}
    rows = driver.execute(tables.lists.overlapping, values).fetchall()
    found = (listed_of(tables, row) for row in rows)
    return tuple(each for each in found if _subject_of(each).overlaps(subject))


def _subject_of(listed: Listed) -> Subject:
    if listed.block is not None:
        return listed.block.subject
    # INVARIANT: an entry without a life is there whole.
    assert listed.entry is not None
    return listed.entry.subject


def _hashes(tables: Tables, identities: Iterable[Identity]) -> object:
    key_hash = tables.names.keys.key_hash
    return tables.several([signed(cover_hash(key, key_hash)) for key in covering(identities)])


def _pages(tables: Tables, driver: Driver, on: ListName) -> Iterator[Listed]:
    after = -1
    while True:
        values = {"on_list": str(on), "after": after, "most": _AT_ONCE}
        rows = driver.execute(tables.lists.of_list, values).fetchall()
        yield from (listed_of(tables, row) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def every_entry(tables: Tables, database: Database, on: ListName) -> Iterator[Listed]:
    """Every entry of a list, some thousand at a time."""
    after = -1
    while True:
        rows = database.read(tables.lists.of_list, {"on_list": str(on), "after": after, "most": _AT_ONCE})
        yield from (listed_of(tables, row) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def erase(tables: Tables, driver: Driver, before: int) -> tuple[int, bool]:
    """Drop entries that were over before an instant; how many, and whether there may be more."""
    rows = driver.execute(tables.lists.over, {"before": before, "most": _ERASED_AT_ONCE}).fetchall()
    for (number,) in rows:
        driver.execute(tables.lists.uncover, {"number": number})
        driver.execute(tables.lists.drop, {"number": number})
    return len(rows), len(rows) == _ERASED_AT_ONCE


class Glance(NamedTuple):
    """What an index knows.

    Args:
        numbers: of the entries that may cover somebody, as far as it has seen.
        seen: the count of changes that it has seen; `None` if it was never read.
    """

    numbers: tuple[int, ...]
    seen: int | None


class Lookup:
    """Which entries may cover a caller: an index in this process, and what the tables say that it does not know yet.

    Every answer of the store says when the lists last changed. Where that is not what the index has seen, the
    tables are asked instead, and the index catches up a little. So a change by another process counts from the next
    decision on.

    Args:
        tables: the statements.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        keys = tables.names.keys
        self._index = ListIndex(keys.key_hash, beginnings=keys.beginnings)
        self._seen: int | None = None
        self._behind = False
        self._changing = threading.Lock()

    def __len__(self) -> int:
        return len(self._index)

    @property
    def held_bytes(self) -> int:
        """How much memory the index takes. Units: bytes."""
        return self._index.held_bytes

    def load(self, database: Database) -> None:
        """Read all keys into the index."""
        with self._changing:
            changes = database.read(_CHANGES, {})
            shapes = Shapes(frozenset(_shape(row) for row in database.read(self._tables.lists.shapes, {})))
            self._index.load_columns(*self._columns(database), shapes)
            # WHY the count from before: what was put meanwhile is read once more, and putting it again changes nothing.
            self._seen = changes[0][0] if changes else 0

    def begin_anew(self) -> None:
        """The tables are other ones than before: the index knows nothing of them, and catches up from the first."""
        with self._changing:
            # WHY it keeps what it has: an entry is looked at before it counts, so what is too much does no harm.
            self._seen = None if self._seen is None else 0

    def _columns(self, database: Database) -> tuple[array[int], array[int]]:
        hashes, numbers = array(_SIGNED), array(_SIGNED)
        last = (-(1 << 63), -1)
        while True:
            values = {"hash": last[0], "number": last[1], "most": _AT_ONCE}
            rows = database.read(self._tables.lists.pairs, values)
            # WHY by columns: to go through a million rows one by one takes as long as to read them.
            hashes.extend(map(_HASH, rows))
            numbers.extend(map(_NUMBER, rows))
            if len(rows) < _AT_ONCE:
                return array(_UNSIGNED, hashes.tobytes()), numbers
            last = rows[-1][0], rows[-1][1]

    def glance(self, listed: Iterable[Identity]) -> Glance:
        """What the index has of these identities."""
        # INVARIANT: the count is read first. What is put into the index meanwhile may be found and is not counted on.
        seen = self._seen
        return Glance(() if seen is None else self._index.find(listed), seen)

    def holding(
        self, driver: Driver, listed: Iterable[Identity], seen: int | None, changes: int, *, alone: bool
    ) -> list[Entry] | None:
        """The entries that may cover these identities, if the index does not know.

        Args:
            driver: what the answer was read with.
            listed: the identities.
            seen: what the index had seen when it was asked.
            changes: the count of changes, by that answer.
            alone: whether this is asked outside any transaction.

        Returns:
            `None` if what the index found is all there is.
        """
        if seen == changes:
            return None
        hashes = _hashes(self._tables, listed)
        # WHY outside every transaction: what is not committed may be taken back, and its number given to another entry.
        if alone and seen is not None and self._changing.acquire(blocking=False):
            try:
                texts = self._take(driver, hashes)
            finally:
                self._changing.release()
        else:
            self._behind = seen is not None
            rows = driver.execute(self._tables.lists.holding, {"hashes": hashes}).fetchall()
            texts = [text for (text,) in rows]
        return [entry_from(self._tables.names.unseal(text, ENTRY)) for text in texts]

    def catch_up(self, database: Database) -> None:
        """Take in some of what was put since the index was read, if an answer in a transaction showed that there is."""
        if not self._behind or not self._changing.acquire(blocking=False):
            return
        try:
            if self._seen is not None:
                database.read_with(lambda driver: self._take(driver, self._tables.several(_NOBODY)))
        finally:
            self._changing.release()

    def _take(self, driver: Driver, hashes: object) -> list[str]:
        """Take in what was put next, and give the entries that cover one of these keys; all in one statement."""
        seen = self._seen or 0
        values = {"hashes": hashes, "after": seen, "most": _CAUGHT_UP}
        rows = driver.execute(self._tables.lists.catching_up, values).fetchall()
        later = sorted((changed, number, text) for number, text, changed in rows if number is not None and text)
        changes: int = next((changed for number, _, changed in rows if number == COUNT), 0)
        for _, number, text in later:
            self._index.put(number, covers_of(entry_from(self._tables.names.unseal(text, ENTRY))))
        if changes < seen:
            # WHY: a count goes back only where the tables are those of an older backup.
            self._seen = 0
        else:
            # WHY not the last one's: an entry that was put last may have been erased since.
            self._seen = later[-1][0] if len(later) == _CAUGHT_UP else changes
        self._behind = self._seen != changes
        return [text for number, text, _ in rows if number is None]


_CHANGES: Final = "SELECT value FROM callpolicy_state WHERE name = 'lists'"


def _shape(row: Row) -> Shape:
    length, cut = row
    return length, cut
