"""The statements about list entries and blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    cast,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement

from callpolicy.stores.sql.schema import COVERS, ENTRIES, SHAPES, STATE
from callpolicy.stores.sql.statements import NO_OFFSET as _NONE
from callpolicy.stores.sql.statements import Builder, number_of, text_of

COUNT: Final = -1
"""The number of no entry."""

_WHOLE: Final = (
    ENTRIES.c.number,
    ENTRIES.c.entry_id,
    ENTRIES.c.on_list,
    ENTRIES.c.since,
    ENTRIES.c.entry,
    ENTRIES.c.life,
)


@dataclass(frozen=True, slots=True)
class ListStatements:
    """The statements of one dialect, as text with named parameters.

    Args:
        changed: the lists change once more; gives the count of changes, which is the time of the change, in
            microseconds, or one more than it was.
        next_number: a number that no entry has.
        put: an entry, or what replaces it; gives its number.
        uncover: an entry covers nobody.
        cover: an entry covers this.
        shape: there is a key of this shape.
        shapes: the shapes of all keys.
        entry: the whole of one entry.
        holding: the entries that may cover a caller and were ever active.
        catching_up: the same, with no number, and in the same breath what `later` gives, and with the number of none
            the count of changes.
        overlapping: the whole of the entries that cover one of these keys, stand under one of these heads or, if asked
            for, under any.
        of_list: the whole of the entries of a list after that number.
        pairs: hashes and numbers after a pair, in order.
        later: entries that were put after that count of changes, in the order in which they were.
        over: entries that were over before an instant.
        drop: an entry goes.
    """

    changed: str
    next_number: str
    put: str
    uncover: str
    cover: str
    shape: str
    shapes: str
    entry: str
    holding: str
    catching_up: str
    overlapping: str
    of_list: str
    pairs: str
    later: str
    over: str
    drop: str


def _changed(build: Builder) -> ClauseElement:
    new = build.insert(STATE).values(name=literal_column("'lists'"), value=number_of("now"))
    # INVARIANT: it never goes back, and what is put after a backup was restored comes after all that was put before.
    later = build.greatest(STATE.c.value + literal_column("1"), new.excluded.value)
    return new.on_conflict_do_update(  # type: ignore[no-any-return]  # of one of two dialects
        index_elements=["name"], set_={"value": later}
    ).returning(STATE.c.value)


def _next_number() -> ClauseElement:
    return select(func.coalesce(func.max(ENTRIES.c.number), literal_column("0")) + literal_column("1"))


def _put(build: Builder) -> ClauseElement:
    texts = ("entry_id", "on_list", "state", "head", "entry", "life")
    numbers = ("number", "since", "until", "changed")
    columns: dict[str, ColumnElement[Any]] = {name: text_of(name) for name in texts}
    columns |= {name: number_of(name) for name in numbers}
    new = build.insert(ENTRIES).values(columns)
    return new.on_conflict_do_update(  # type: ignore[no-any-return]  # of one of two dialects
        index_elements=["entry_id"],
        set_={name: new.excluded[name] for name in columns if name not in ("number", "entry_id")},
    ).returning(ENTRIES.c.number)


def _cover(build: Builder) -> ClauseElement:
    new = build.insert(COVERS).values(key_hash=number_of("key_hash"), number=number_of("number"))
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _shape(build: Builder) -> ClauseElement:
    new = build.insert(SHAPES).values(length=number_of("length"), cut=number_of("cut"))
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _covering(build: Builder) -> ColumnElement[bool]:
    covered = select(COVERS.c.number).where(build.among_numbers(COVERS.c.key_hash, "hashes"))
    return ENTRIES.c.number.in_(covered)


def _overlapping(build: Builder) -> ClauseElement:
    under = build.among(ENTRIES.c.head, "heads")
    return select(*_WHOLE).where(or_(_covering(build), under)).order_by(ENTRIES.c.number)


def _pairs() -> ClauseElement:
    pair = COVERS.c
    after = or_(
        pair.key_hash > number_of("hash"),
        (pair.key_hash == number_of("hash")) & (pair.number > number_of("number")),
    )
    some = select(pair.key_hash, pair.number).where(pair.key_hash >= number_of("hash"), after)
    return some.order_by(pair.key_hash, pair.number).limit(number_of("most")).offset(_NONE)


def _of_list() -> ClauseElement:
    some = select(*_WHOLE).where(ENTRIES.c.on_list == text_of("on_list"), ENTRIES.c.number > number_of("after"))
    return some.order_by(ENTRIES.c.number).limit(number_of("most")).offset(_NONE)


def _later() -> Select[Any]:
    some = select(ENTRIES.c.number, ENTRIES.c.entry, ENTRIES.c.changed).where(ENTRIES.c.changed > number_of("after"))
    return some.order_by(ENTRIES.c.changed).limit(number_of("most")).offset(_NONE)


def _holding(build: Builder) -> Select[Any]:
    return select(ENTRIES.c.entry).where(_covering(build), ENTRIES.c.since.is_not(None))


def _catching_up(build: Builder) -> ClauseElement:
    nothing = cast(null(), BigInteger)
    covering = _holding(build).with_only_columns(nothing.label("number"), ENTRIES.c.entry, nothing.label("changed"))
    later = _later().subquery("later")
    count = select(literal_column(str(COUNT)), cast(null(), Text), STATE.c.value)
    return union_all(
        covering,
        select(later.c.number, later.c.entry, later.c.changed),
        count.where(STATE.c.name == literal_column("'lists'")),
    )


def _over() -> ClauseElement:
    return select(ENTRIES.c.number).where(ENTRIES.c.until < number_of("before")).limit(number_of("most")).offset(_NONE)


def build_list_statements(dialect: Dialect) -> ListStatements:
    """The statements about lists for one dialect."""
    build = Builder(dialect)
    text = build.text
    own = ENTRIES.c.number == number_of("number")
    return ListStatements(
        changed=text(_changed(build)),
        next_number=text(_next_number()),
        put=text(_put(build)),
        uncover=text(delete(COVERS).where(COVERS.c.number == number_of("number"))),
        cover=text(_cover(build)),
        shape=text(_shape(build)),
        shapes=text(select(SHAPES.c.length, SHAPES.c.cut)),
        entry=text(select(*_WHOLE).where(ENTRIES.c.entry_id == text_of("entry_id"))),
        holding=text(_holding(build)),
        catching_up=text(_catching_up(build)),
        overlapping=text(_overlapping(build)),
        of_list=text(_of_list()),
        pairs=text(_pairs()),
        later=text(_later()),
        over=text(_over()),
        drop=text(delete(ENTRIES).where(own)),
    )
