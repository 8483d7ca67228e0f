"""Persons stand under keyed hashes; lives of blocks, the audit trail and revisions.

What an older store holds is taken along: histories and cases under their new names, list entries sealed.
"""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from callpolicy.audit import Keys
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Shapes, covers_of
from callpolicy.lists.covers import key_text
from callpolicy.stores.secret import check_of
from callpolicy.stores.sql.listing import ENTRY, PLAIN
from callpolicy.stores.sql.names import Names, signed
from callpolicy.stores.sql.rows import attributes_from, attributes_text, entry_from, entry_text, text_from
from callpolicy.stores.sql.turn import CASE
from callpolicy.wire import event_from_dict

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOST = 1_000


def table(name: str, *parts: Any, rows: bool = False) -> None:
    """Make a table."""
    op.create_table(f"callpolicy_{name}", *parts, **({} if rows else {"sqlite_with_rowid": False}))


def key(name: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The key of a table."""
    return sa.PrimaryKeyConstraint(*columns, name=f"callpolicy_{name}_key")


def column(name: str, kind: Any, null: bool = False) -> sa.Column[Any]:
    """A column."""
    return sa.Column(name, kind, nullable=null)


def index(name: str, of: str, *columns: str, unique: bool = False) -> None:
    """Make an index."""
    op.create_index(f"callpolicy_{name}", f"callpolicy_{of}", list(columns), unique=unique)


def upgrade() -> None:
    """Make the new tables and take along what the old ones held."""
    bind = op.get_bind()
    keys: Keys = context.config.attributes["keys"]()
    names = Names(keys)
    entries = bind.execute(sa.text("SELECT entry FROM callpolicy_entries ORDER BY entry_id")).scalars().all()
    events = bind.execute(sa.text("SELECT case_id, call_id, seq, event FROM callpolicy_case_events")).all()
    for old in ("covers", "entries", "case_events"):
        op.drop_table(f"callpolicy_{old}")
    _make()
    _veil(bind, names)
    _rename(bind, names)
    _put_events(bind, names, events)
    _put_entries(bind, names, entries)
    # WHY here: tables that were made with a secret and do not say which would be taken for those of another.
    remember = sa.text("INSERT INTO callpolicy_state (name, value) VALUES ('secret', :check)")
    bind.execute(remember, {"check": check_of(keys)})


def _make() -> None:
    number = sa.BigInteger
    table(
        "case_events", column("case_key", KEY), column("call_id", KEY), column("seq", number), column("at", number),
        column("event", sa.Text), key("case_events", "case_key", "call_id", "seq"),
    )  # fmt: skip
    table(
        "entries", sa.Column("number", number, nullable=False, autoincrement=False), column("entry_id", KEY),
        column("on_list", KEY), column("state", KEY), column("head", KEY), column("since", number, True),
        column("until", number, True), column("changed", number), column("entry", sa.Text),
        column("life", sa.Text, True), key("entries", "number"),
    )  # fmt: skip
    index("entries_id", "entries", "entry_id", unique=True)
    for name in ("head", "changed", "until"):
        index(f"entries_{name}", "entries", name)
    table("covers", column("key_hash", number), column("number", number), key("covers", "key_hash", "number"))
    index("covers_number", "covers", "number")
    table("shapes", column("length", number), column("cut", number), key("shapes", "length", "cut"))
    table(
        "audit", column("writer", KEY), column("number", number), column("at", number), column("subject", KEY),
        column("ref", KEY), column("line", sa.Text), key("audit", "writer", "number"), rows=True,
    )  # fmt: skip
    index("audit_ref", "audit", "ref")
    index("audit_subject", "audit", "subject")
    table(
        "parts", column("writer", KEY), column("number", number), column("at", number), column("salt", sa.Text),
        column("sealed", sa.Text), key("parts", "writer", "number"),
    )  # fmt: skip
    index("parts_age", "parts", "at")
    table("revisions", column("revision", KEY), column("files", sa.LargeBinary), key("revisions", "revision"))
    table(
        "activations", column("at", number), column("writer", KEY), column("revision", KEY),
        key("activations", "at", "writer", "revision"),
    )  # fmt: skip


def _veil(bind: sa.Connection, names: Names) -> None:
    """Put a name in place of what shows who calls in the attributes of an item."""
    found = bind.execute(
        sa.text("SELECT call_id, seq, who, at, attributes FROM callpolicy_history ORDER BY call_id, seq")
    )
    change = sa.text(
        "UPDATE callpolicy_history SET attributes = :new"
        " WHERE who = :who AND at = :at AND call_id = :call_id AND seq = :seq"
    )
    values: list[dict[str, Any]] = []
    for (call_id, seq), rows in groupby(found, key=lambda row: (row.call_id, row.seq)):
        # WHY together: an item of a number and of a customer shows neither of them.
        own = list(rows)
        identities = [_identity(row.who) for row in own]
        for row in own:
            new = attributes_text(tuple(names.veiled(attributes_from(row.attributes), identities)))
            if new != row.attributes:
                values.append({"new": new, "who": row.who, "at": row.at, "call_id": call_id, "seq": seq})
    for start in range(0, len(values), MOST):
        bind.execute(change, values[start : start + MOST])


def _identity(who: str) -> Identity:
    kind, _, value = who.partition(":")
    return Identity(IdentityKind(kind), text_from(value))


def _rename(bind: sa.Connection, names: Names) -> None:
    """Give everybody in history and tallies the new name."""
    for each in ("history", "tallies"):
        found = bind.execute(sa.text(f"SELECT DISTINCT who FROM callpolicy_{each}")).scalars().all()  # noqa: S608  # the name is one of two constants
        change = sa.text(f"UPDATE callpolicy_{each} SET who = :new WHERE who = :old")  # noqa: S608  # as above
        values = [{"old": who, "new": names.keys.token(who)} for who in found]
        for start in range(0, len(values), MOST):
            bind.execute(change, values[start : start + MOST])


def _put_events(bind: sa.Connection, names: Names, events: Iterable[Any]) -> None:
    put = sa.text(
        "INSERT INTO callpolicy_case_events (case_key, call_id, seq, at, event)"
        " VALUES (:case_key, :call_id, :seq, :at, :event)"
    )

    for key, call_id, seq, text in events:
        case_id = text_from(key)
        event, agent = json.loads(text)
        at = event_from_dict(event).at
        sealed = names.seal(json.dumps([event, agent, case_id], separators=(",", ":")), CASE)
        case_key = names.case(case_id)
        bind.execute(put, {"case_key": case_key, "call_id": call_id, "seq": seq, "at": at, "event": sealed})


def _put_entries(bind: sa.Connection, names: Names, entries: Iterable[str]) -> None:
    put = sa.text(
        "INSERT INTO callpolicy_entries"
        " (number, entry_id, on_list, state, head, since, until, changed, entry, life)"
        " VALUES (:number, :entry_id, :on_list, :state, :head, :since, :until, :number, :entry, NULL)"
    )
    cover = sa.text("INSERT INTO callpolicy_covers (key_hash, number) VALUES (:key_hash, :number)")
    shapes = Shapes()
    number = 0
    for number, text in enumerate(entries, start=1):
        entry = entry_from(text)
        values = {
            "number": number, "entry_id": key_text(entry.entry_id), "on_list": str(entry.on), "state": PLAIN,
            "head": names.head_of(entry.subject), "since": entry.since, "until": entry.until,
            "entry": names.seal(entry_text(entry), ENTRY),
        }  # fmt: skip
        bind.execute(put, values)
        covers = list(covers_of(entry))
        hashes = {signed(names.keys.key_hash(each)) for each in covers}
        bind.execute(cover, [{"key_hash": each, "number": number} for each in hashes])
        shapes |= Shapes.of(covers)
    for length, cut in sorted(shapes.every):
        put_shape = sa.text("INSERT INTO callpolicy_shapes (length, cut) VALUES (:length, :cut)")
        bind.execute(put_shape, {"length": length, "cut": cut})
    bind.execute(sa.text("INSERT INTO callpolicy_state (name, value) VALUES ('lists', :number)"), {"number": number})
