"""The statements about the audit trail and the revisions that were live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Select, bindparam, delete, func, or_, select, tuple_
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement

from callpolicy.stores.sql.schema import ACTIVATIONS, AUDIT, PARTS, REVISIONS_KEPT
from callpolicy.stores.sql.statements import NO_OFFSET as _NONE
from callpolicy.stores.sql.statements import Builder, number_of, text_of

_RECORD: Final = (AUDIT.c.line, AUDIT.c.ref, PARTS.c.salt, PARTS.c.sealed)


@dataclass(frozen=True, slots=True)
class TrailStatements:
    """The statements of one dialect, as text with named parameters.

    Args:
        append: a record, unless one of that writer and number is there.
        append_part: its personal part, as above.
        last: the last record of a writer.
        lasts: the last record of every writer.
        after: records after one of a writer and number, with their parts.
        find: the records that a ref names, and those of another ref, with their parts.
        drop_parts: some personal parts that are about an instant before.
        put_revision: the files of a bundle, unless they are there.
        revision: the files of a bundle.
        activate: a revision began to decide.
        activations: all of them, in order.
    """

    append: str
    append_part: str
    last: str
    lasts: str
    after: str
    find: str
    drop_parts: str
    put_revision: str
    revision: str
    activate: str
    activations: str


def _append(build: Builder, table: Any, texts: tuple[str, ...], numbers: tuple[str, ...]) -> ClauseElement:
    columns: dict[str, ColumnElement[Any]] = {name: text_of(name) for name in texts}
    columns |= {name: number_of(name) for name in numbers}
    new = build.insert(table).values(columns)
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _with_parts() -> Select[Any]:
    own = (PARTS.c.writer == AUDIT.c.writer) & (PARTS.c.number == AUDIT.c.number)
    return select(*_RECORD, AUDIT.c.writer, AUDIT.c.number).select_from(AUDIT.outerjoin(PARTS, own))


def _after() -> ClauseElement:
    record = AUDIT.c
    own = (record.writer == text_of("writer")) & (record.number >= number_of("first"))
    return _with_parts().where(own).order_by(record.number).limit(number_of("most")).offset(_NONE)


def _find() -> ClauseElement:
    found = or_(AUDIT.c.ref == text_of("ref"), AUDIT.c.ref == text_of("again"), AUDIT.c.subject == text_of("ref"))
    return _with_parts().where(found).order_by(AUDIT.c.at, AUDIT.c.writer, AUDIT.c.number)


def _lasts() -> ClauseElement:
    ends = select(AUDIT.c.writer, func.max(AUDIT.c.number).label("number")).group_by(AUDIT.c.writer).subquery("ends")
    own = (AUDIT.c.writer == ends.c.writer) & (AUDIT.c.number == ends.c.number)
    return select(AUDIT.c.line).select_from(AUDIT.join(ends, own)).order_by(AUDIT.c.writer)


def _last() -> ClauseElement:
    own = select(AUDIT.c.line).where(AUDIT.c.writer == text_of("writer"))
    return own.order_by(AUDIT.c.number.desc()).limit(number_of("most")).offset(_NONE)


def _drop_parts() -> ClauseElement:
    part = PARTS.c
    old = select(part.writer, part.number).where(part.at < number_of("before"))
    return delete(PARTS).where(tuple_(part.writer, part.number).in_(old.limit(number_of("most")).offset(_NONE)))


def _put_revision(build: Builder) -> ClauseElement:
    files = bindparam("files", type_=LargeBinary)
    new = build.insert(REVISIONS_KEPT).values(revision=text_of("revision"), files=files)
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _activations() -> ClauseElement:
    each = ACTIVATIONS.c
    return select(each.at, each.revision, each.writer).order_by(each.at, each.revision, each.writer)


def build_trail_statements(dialect: Dialect) -> TrailStatements:
    """The statements about the trail for one dialect."""
    build = Builder(dialect)
    text = build.text
    return TrailStatements(
        append=text(_append(build, AUDIT, ("writer", "subject", "ref", "line"), ("number", "at"))),
        append_part=text(_append(build, PARTS, ("writer", "salt", "sealed"), ("number", "at"))),
        last=text(_last()),
        lasts=text(_lasts()),
        after=text(_after()),
        find=text(_find()),
        drop_parts=text(_drop_parts()),
        put_revision=text(_put_revision(build)),
        revision=text(select(REVISIONS_KEPT.c.files).where(REVISIONS_KEPT.c.revision == text_of("revision"))),
        activate=text(_append(build, ACTIVATIONS, ("writer", "revision"), ("at",))),
        activations=text(_activations()),
    )
