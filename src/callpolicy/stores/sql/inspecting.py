"""The audit trail as it lies in the tables, whatever was done to it: every row is given, and held against its chain.

`Store.records` reads a trail that is sound. Here a row that is no record is no reason to stop, and what stands beside a
record, and its personal part, are looked at too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, LargeBinary, select
from sqlalchemy import cast as cast_to
from sqlalchemy.sql import ClauseElement

from callpolicy.audit import (
    Anchor,
    AuditRecord,
    Break,
    BreakKind,
    Keys,
    PersonalPart,
    Unreadable,
    from_line,
    whole_body,
)
from callpolicy.audit.streaming import verify_long
from callpolicy.errors import AuditError
from callpolicy.lists.covers import key_text
from callpolicy.stores.sql.schema import AUDIT, PARTS
from callpolicy.stores.sql.statements import NO_OFFSET, Builder, number_of, text_of
from callpolicy.stores.sql.store import SqlStore

_AT_ONCE: Final = 2_000
_LEAST: Final = -(1 << 62)
_MOST_FOUND: Final = 10_000
BESIDE: Final = "what stands beside it, by which it is found and its personal part erased, was changed"


class Row(NamedTuple):
    """A row of the audit trail, and of its personal part.

    Args:
        writer: by the column.
        number: by the column.
        at: by the column.
        subject: by the column.
        ref: what people ask for it by.
        line: the record.
        salt: of its personal part; `None` if there is none.
        sealed: its personal part.
        part_at: the instant by which the part is erased.
    """

    writer: str
    number: int
    at: int
    subject: str
    ref: str
    line: bytes
    salt: str | None
    sealed: str | None
    part_at: int | None

    def read(self) -> AuditRecord | Unreadable:
        """The record, or why it is none."""
        try:
            return from_line(self.line, f"record {self.number} of its writer")
        except AuditError as error:
            return Unreadable(str(error))

    @property
    def part(self) -> PersonalPart | None:
        """The personal part, if there is one."""
        if self.salt is None and self.sealed is None:
            return None
        return PersonalPart(writer=self.writer, number=self.number, salt=self.salt or "", sealed=self.sealed or "")

    def agrees(self, record: AuditRecord) -> bool:
        """Whether the columns say what the record says."""
        own = (key_text(record.writer), record.number, record.at, key_text(record.subject))
        decision = record.body.get("decision", {}).get("decision_id")
        found = decision is None or key_text(cast(str, decision)) == self.ref
        return own == self[:4] and found and self.part_at in (None, record.at)


class PartFault(StrEnum):
    """What was done to a personal part."""

    CHANGED = "part-changed"
    STRAY = "part-without-record"


class PartBreak(NamedTuple):
    """A personal part that is not what was written.

    Args:
        kind: what was done.
        writer: of its record.
        number: of its record.
    """

    kind: PartFault
    writer: str
    number: int


@dataclass(slots=True)
class Inspection:
    """What an inspection of a trail came to.

    Args:
        records: rows of the trail.
        writers: how many have written.
        breaks: where the trail is not what was written, in order.
        parts: personal parts that are there and open.
        erased: records whose personal part is gone, as a retention takes it.
        never: records whose personal values were never kept.
        part_breaks: personal parts that are not what was written; at most some thousand.
    """

    records: int = 0
    writers: int = 0
    breaks: tuple[Break, ...] = ()
    parts: int = 0
    erased: int = 0
    never: int = 0
    part_breaks: list[PartBreak] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether the trail and its personal parts are what was written."""
        return not self.breaks and not self.part_breaks


def rows(store: SqlStore) -> Iterator[Row]:
    """Every row of the trail, writer by writer, each in the order of its numbers.

    Raises:
        StoreError: the database failed.
    """
    asked = _Statements(store)
    for writer in writers(store):
        first = _LEAST
        while True:
            values = {"writer": writer, "first": first, "most": _AT_ONCE}
            some = [_row(writer, row) for row in store.database.read(asked.after, values)]
            yield from some
            if len(some) < _AT_ONCE:
                break
            first = some[-1].number


def writers(store: SqlStore) -> Iterator[str]:
    """Every writer of the trail, by the column.

    WHY one by one: a trail of millions of records has a handful of writers, and the index leads from one to the next.
    """
    asked = _Statements(store)
    found = store.database.read(asked.first_writer, {"writer": "", "most": 1})
    while found:
        last = found[0][0]
        yield last
        found = store.database.read(asked.next_writer, {"writer": last, "most": 1})


def _row(writer: str, row: Sequence[Any]) -> Row:
    number, at, subject, ref, line, salt, sealed, part_at = row
    texts = [None if each is None else _text(each) for each in (subject, ref, salt, sealed)]
    return Row(writer, number, at, texts[0] or "", texts[1] or "", _bytes(line), texts[2], texts[3], part_at)


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def inspect(
    store: SqlStore,
    anchor: Anchor | None = None,
    *,
    closed: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Inspection:
    """Verify the whole trail of a store with its personal parts; memory does not grow with its length.

    Args:
        store: the store; what is written to it meanwhile may or may not be looked at.
        anchor: exported earlier, see `callpolicy.audit.verify`.
        closed: whether nothing was written after the anchor was taken.
        on_progress: told how many records were looked at.

    Raises:
        StoreError: the database failed.
    """
    seen = Inspection()
    besides: list[Break] = []
    first = True

    def trail() -> Iterator[AuditRecord | Unreadable]:
        nonlocal first
        looks, first = first, False
        for position, row in enumerate(rows(store)):
            each = row.read()
            if looks:
                _look_at(seen, besides, store.keys, position, row, each)
                if on_progress is not None and seen.records % _AT_ONCE == 0:
                    on_progress(seen.records)
            yield each

    found = verify_long(trail, anchor, closed=closed)
    seen.writers = sum(1 for _ in writers(store))
    known = {each.position for each in found}
    besides = [each for each in besides if each.position not in known]
    seen.breaks = tuple(sorted((*found, *besides), key=lambda each: each.position))
    _look_for_strays(store, seen)
    return seen


def _look_at(
    seen: Inspection, besides: list[Break], keys: Keys, position: int, row: Row, each: AuditRecord | Unreadable
) -> None:
    seen.records += 1
    if isinstance(each, Unreadable):
        return
    if not row.agrees(each) and len(besides) < _MOST_FOUND:
        besides.append(Break(BreakKind.EDITED, position, row.writer, row.number, BESIDE))
    part = row.part
    if part is None:
        seen.erased += bool(each.names) and each.commitment is not None
        seen.never += bool(each.names) and each.commitment is None
    elif _opens(each, part, keys):
        seen.parts += 1
    elif len(seen.part_breaks) < _MOST_FOUND:
        seen.part_breaks.append(PartBreak(PartFault.CHANGED, row.writer, row.number))


def _opens(record: AuditRecord, part: PersonalPart, keys: Keys) -> bool:
    try:
        return bool(record.names) and whole_body(record, part, keys) is not None
    except AuditError:
        return False


def _look_for_strays(store: SqlStore, seen: Inspection) -> None:
    strays = store.database.read(_Statements(store).strays, {"most": _MOST_FOUND})
    seen.part_breaks += [PartBreak(PartFault.STRAY, *row) for row in strays]


class _Statements:
    """What is asked, in one dialect."""

    def __init__(self, store: SqlStore) -> None:
        build = Builder(store.database.engine.dialect)
        self.after = build.text(_after(served=store.tables.served))
        self.first_writer = build.text(_writer(AUDIT.c.writer >= text_of("writer")))
        self.next_writer = build.text(_writer(AUDIT.c.writer > text_of("writer")))
        self.strays = build.text(_strays())


def _joined() -> Any:
    own = (PARTS.c.writer == AUDIT.c.writer) & (PARTS.c.number == AUDIT.c.number)
    return AUDIT.outerjoin(PARTS, own)


def _after(*, served: bool) -> ClauseElement:
    each = AUDIT.c

    def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
        # WHY: SQLite gives back whatever bytes somebody wrote, and what is no text must be found, not stop the search.
        return column if served else cast_to(column, LargeBinary)

    texts = [raw(column) for column in (each.subject, each.ref, each.line, PARTS.c.salt, PARTS.c.sealed)]
    own = (each.writer == text_of("writer")) & (each.number > number_of("first"))
    wanted = select(each.number, each.at, *texts, PARTS.c.at).select_from(_joined()).where(own)
    return wanted.order_by(each.number).limit(number_of("most")).offset(NO_OFFSET)


def _writer(which: ColumnElement[bool]) -> ClauseElement:
    own = select(AUDIT.c.writer).where(which).order_by(AUDIT.c.writer)
    return own.limit(number_of("most")).offset(NO_OFFSET)


def _strays() -> ClauseElement:
    own = (PARTS.c.writer == AUDIT.c.writer) & (PARTS.c.number == AUDIT.c.number)
    lost = select(PARTS.c.writer, PARTS.c.number).select_from(PARTS.outerjoin(AUDIT, own))
    some = lost.where(AUDIT.c.writer.is_(None)).order_by(PARTS.c.writer, PARTS.c.number)
    return some.limit(number_of("most")).offset(NO_OFFSET)
