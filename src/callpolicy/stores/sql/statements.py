"""Every statement of a store, built once by SQLAlchemy Core for one dialect, then run as text by the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement

from callpolicy.stores.sql.schema import CASE_EVENTS, ENTRIES, HISTORY, STATE, TALLIES

ITEM: Final = 1
LOST: Final = 2
ENTRY: Final = 3
EVENT: Final = 4
STATED: Final = 5

LISTS: Final = "lists"
KEEP_FROM: Final = "keep_from"
"""Names of single values: the count of changes of the lists, and the instant before which no item is kept."""

_EVER: Final = -(1 << 62)
NO_OFFSET: Final[ColumnElement[int]] = literal_column("0")
"""WHY: without one SQLAlchemy adds a parameter for SQLite, which only it would fill in."""
_SQLITE: Final = "sqlite"


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one dialect, as text with named parameters.

    Args:
        background: everything a decision asks, in one statement and so from one instant of the store: rows of
            (part, who, kind, at, call_id, seq, text), where part says what the row is.
        add_item: an item, unless it is there or older than what is kept.
        has_item: whether an item of that name is there.
        count_item: one item more; gives how many there are.
        lose: an item of that instant is not there.
        oldest: the oldest items of one kind, so that there are no more than the cap.
        drop_item: the item of that name goes.
        uncount: as many items fewer, of which this is the latest instant.
        add_event: an event of a case, unless it is there.
        case: the events of a case.
        cases: the events of the cases after one of that name, case by case.
        heard_of: the cases after one of that name, and when each was last heard of.
        drop_cases: the cases of these names go.
        keep_from: from now on nothing older is kept.
        cut: the instant of the item that is this many after the oldest.
        old: whose items of what kind are older than an instant, the oldest first.
        drop_old: what is older than an instant.
        drop_empty: tallies of identities that have nothing.
    """

    background: str
    add_item: str
    has_item: str
    count_item: str
    lose: str
    oldest: str
    drop_item: str
    uncount: str
    add_event: str
    case: str
    cases: str
    heard_of: str
    drop_cases: str
    keep_from: str
    cut: str
    old: str
    drop_old: str
    drop_empty: str


def text_of(name: str) -> ColumnElement[str]:
    """A parameter that is a text."""
    return bindparam(name, type_=Text)


def number_of(name: str) -> ColumnElement[int]:
    """A parameter that is a whole number."""
    return bindparam(name, type_=BigInteger)


class Builder:
    """Builds for one dialect.

    WHY two forms: what a list of texts is, and an insert that may find its row there, differ between dialects.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._sqlite = dialect.name == _SQLITE

    def text(self, statement: ClauseElement) -> str:
        """A statement as text."""
        return str(statement.compile(dialect=self._dialect))

    def among(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Whether a column is one of a list of texts; the list comes as JSON, or as an array."""
        if self._sqlite:
            return column.in_(select(func.json_each(text_of(name)).table_valued("value").c.value))
        return column == any_(bindparam(name, type_=ARRAY(Text)))

    def among_numbers(self, column: ColumnElement[int], name: str) -> ColumnElement[bool]:
        """Whether a column is one of a list of numbers."""
        if self._sqlite:
            return column.in_(select(func.json_each(text_of(name)).table_valued("value").c.value))
        return column == any_(bindparam(name, type_=ARRAY(BigInteger)))

    def number_under(self, name: str, key: ColumnElement[str]) -> ColumnElement[int]:
        """The number that stands under a key in an object of JSON, or null."""
        if self._sqlite:
            pairs = func.json_each(text_of(name)).table_valued("key", "value")
            return select(pairs.c.value).where(pairs.c.key == key).scalar_subquery()
        return cast(cast(text_of(name), postgresql.JSONB)[key].astext, BigInteger)

    def insert(self, table: Any) -> Any:
        """The beginning of an insert that may find its row there."""
        return sqlite.insert(table) if self._sqlite else postgresql.insert(table)

    def greatest(self, one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
        """The greater of two numbers."""
        return func.max(one, other) if self._sqlite else func.greatest(one, other)


def _row(part: int, *columns: ColumnElement[Any] | None) -> list[ColumnElement[Any]]:
    types = (Text, Text, BigInteger, Text, BigInteger, Text)
    row: list[ColumnElement[Any]] = [literal_column(str(part)).label("part")]
    names = ("who", "kind", "at", "call_id", "seq", "body")
    for name, kind, column in zip(names, types, columns, strict=True):
        row.append((cast(null(), kind) if column is None else column).label(name))
    return row


def _background(build: Builder) -> ClauseElement:
    history, tallies, events, entries = HISTORY.c, TALLIES.c, CASE_EVENTS.c, ENTRIES.c
    since = number_of("since")
    parts: list[Select[Any]] = [
        select(
            *_row(ITEM, history.who, history.kind, history.at, history.call_id, history.seq, history.attributes)
        ).where(
            build.among(history.who, "whos"),
            # WHY both: by the first the index leaves out what no window reaches, of whatever kind.
            history.at >= since,
            history.at >= build.number_under("sinces", history.kind),
        ),
        select(*_row(LOST, tallies.who, tallies.kind, tallies.lost, None, None, None)).where(
            build.among(tallies.who, "whos"), tallies.lost >= since
        ),
        select(*_row(ENTRY, None, None, None, None, None, entries.entry)).where(
            build.among_numbers(entries.number, "numbers"), entries.since.is_not(None)
        ),
        select(*_row(EVENT, None, None, None, None, None, events.event)).where(events.case_key == text_of("case_key")),
        select(*_row(STATED, None, STATE.c.name, STATE.c.value, None, None, None)).where(
            STATE.c.name.in_([literal_column(f"'{LISTS}'"), literal_column(f"'{KEEP_FROM}'")])
        ),
    ]
    return union_all(*parts)


def _add_item(build: Builder) -> ClauseElement:
    keep_from = select(STATE.c.value).where(STATE.c.name == literal_column(f"'{KEEP_FROM}'")).scalar_subquery()
    values = select(
        text_of("who"), number_of("at"), text_of("call_id"), number_of("seq"), text_of("kind"), text_of("attributes")
    ).where(number_of("at") >= func.coalesce(keep_from, literal_column(str(_EVER))))
    names = ["who", "at", "call_id", "seq", "kind", "attributes"]
    new = build.insert(HISTORY).from_select(names, values)
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _count_item(build: Builder) -> ClauseElement:
    new = build.insert(TALLIES).values(who=text_of("who"), kind=text_of("kind"), held=literal_column("1"))
    return new.on_conflict_do_update(  # type: ignore[no-any-return]  # of one of two dialects
        index_elements=["who", "kind"], set_={"held": TALLIES.c.held + literal_column("1")}
    ).returning(TALLIES.c.held)


def _lose(build: Builder) -> ClauseElement:
    new = build.insert(TALLIES).values(
        who=text_of("who"), kind=text_of("kind"), held=literal_column("0"), lost=number_of("at")
    )
    later = build.greatest(func.coalesce(TALLIES.c.lost, new.excluded.lost), new.excluded.lost)
    found = {"index_elements": ["who", "kind"], "set_": {"lost": later}}
    return new.on_conflict_do_update(**found)  # type: ignore[no-any-return]  # of one of two dialects


def _keep_from(build: Builder) -> ClauseElement:
    new = build.insert(STATE).values(name=literal_column(f"'{KEEP_FROM}'"), value=number_of("before"))
    return new.on_conflict_do_update(  # type: ignore[no-any-return]  # of one of two dialects
        index_elements=["name"], set_={"value": build.greatest(STATE.c.value, new.excluded.value)}
    )


def _is_item() -> ColumnElement[bool]:
    return (
        (HISTORY.c.who == text_of("who"))
        & (HISTORY.c.call_id == text_of("call_id"))
        & (HISTORY.c.seq == number_of("seq"))
    )


def _of_kind(table: Any) -> Any:
    return (table.c.who == text_of("who")) & (table.c.kind == text_of("kind"))


def _oldest() -> ClauseElement:
    item = HISTORY.c
    columns = select(item.at, item.call_id, item.seq).where(_of_kind(HISTORY))
    return columns.order_by(item.at, item.call_id, item.seq).limit(number_of("number")).offset(NO_OFFSET)


def _uncount(build: Builder) -> ClauseElement:
    at = number_of("at")
    later = build.greatest(func.coalesce(TALLIES.c.lost, at), at)
    return update(TALLIES).values(held=TALLIES.c.held - number_of("number"), lost=later).where(_of_kind(TALLIES))


def _old() -> ClauseElement:
    item = HISTORY.c
    # WHY added up by who asks: grouped here, SQLite reads the whole history to have it in the order of the groups.
    return select(item.who, item.kind, item.at).where(item.at < number_of("before")).order_by(item.at)


def _cut() -> ClauseElement:
    oldest = select(HISTORY.c.at).where(HISTORY.c.at < number_of("before")).order_by(HISTORY.c.at)
    return oldest.limit(literal_column("1")).offset(number_of("number"))


def _drop_empty() -> ClauseElement:
    has_any = exists(select(literal_column("1")).where(HISTORY.c.who == TALLIES.c.who))
    return delete(TALLIES).where(TALLIES.c.held == literal_column("0"), ~has_any)


def _add_event(build: Builder) -> ClauseElement:
    names = ("case_key", "call_id", "event")
    columns = {**{name: text_of(name) for name in names}, "seq": number_of("seq"), "at": number_of("at")}
    new = build.insert(CASE_EVENTS).values(columns)
    return new.on_conflict_do_nothing()  # type: ignore[no-any-return]  # of one of two dialects


def _case() -> ClauseElement:
    return select(CASE_EVENTS.c.event).where(CASE_EVENTS.c.case_key == text_of("case_key"))


def _cases() -> ClauseElement:
    event = CASE_EVENTS.c
    some = select(event.case_key).distinct().where(event.case_key > text_of("after"))
    keys = some.order_by(event.case_key).limit(number_of("most")).offset(NO_OFFSET)
    return select(event.case_key, event.event).where(event.case_key.in_(keys)).order_by(event.case_key)


def _heard_of() -> ClauseElement:
    event = CASE_EVENTS.c
    some = select(event.case_key, func.max(event.at)).where(event.case_key > text_of("after")).group_by(event.case_key)
    return some.order_by(event.case_key).limit(number_of("most")).offset(NO_OFFSET)


def _drop_cases(build: Builder) -> ClauseElement:
    return delete(CASE_EVENTS).where(build.among(CASE_EVENTS.c.case_key, "keys"))


def build_statements(dialect: Dialect) -> Statements:
    """Every statement for one dialect."""
    build = Builder(dialect)
    text = build.text
    return Statements(
        background=text(_background(build)),
        add_item=text(_add_item(build)),
        has_item=text(select(literal_column("1")).where(_is_item())),
        count_item=text(_count_item(build)),
        lose=text(_lose(build)),
        oldest=text(_oldest()),
        drop_item=text(delete(HISTORY).where(_is_item())),
        uncount=text(_uncount(build)),
        add_event=text(_add_event(build)),
        case=text(_case()),
        cases=text(_cases()),
        heard_of=text(_heard_of()),
        drop_cases=text(_drop_cases(build)),
        keep_from=text(_keep_from(build)),
        cut=text(_cut()),
        old=text(_old()),
        drop_old=text(delete(HISTORY).where(HISTORY.c.at < number_of("before"))),
        drop_empty=text(_drop_empty()),
    )
