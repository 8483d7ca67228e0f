"""The tables of a store in SQL, the same in SQLite and PostgreSQL.

INVARIANT: no column shows who a person is: `who`, `case_key`, `head` and `key_hash` hold keyed hashes, and what must
come back as it was is sealed under the secret of the store (`callpolicy.audit.Keys`).

INVARIANT: every migration together makes exactly these tables; a test compares.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

REVISIONS: Final = ("0001", "0002", "0003")
"""Every schema there ever was, oldest first; the last is this version's."""

VERSION_TABLE: Final = "callpolicy_version"
METADATA: Final = MetaData()

# WHY C: the order of bytes in UTF-8 is the order in which Python compares texts, and SQLite's.
KEY: Final = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _table(name: str, *parts: SchemaItem) -> Table:
    # WHY without a row id: the rows themselves lie in the order of the key, one tree less to write.
    return Table(f"callpolicy_{name}", METADATA, *parts, sqlite_with_rowid=False)


HISTORY: Final = _table(
    "history",
    Column("who", KEY, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("call_id", KEY, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("attributes", Text, nullable=False),
    PrimaryKeyConstraint("who", "at", "call_id", "seq", name="callpolicy_history_key"),
)
"""One item of one identity. WHY the instant in the key: a decision reads a run of neighbours."""
Index("callpolicy_history_once", HISTORY.c.who, HISTORY.c.call_id, HISTORY.c.seq, unique=True)
Index("callpolicy_history_age", HISTORY.c.at)

TALLIES: Final = _table(
    "tallies",
    Column("who", KEY, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("lost", BigInteger),
    PrimaryKeyConstraint("who", "kind", name="callpolicy_tallies_key"),
)
"""How many items of a kind an identity has, and the latest instant of any that were dropped."""
Index("callpolicy_tallies_empty", TALLIES.c.who, sqlite_where=TALLIES.c.held == 0, postgresql_where=TALLIES.c.held == 0)

CASE_EVENTS: Final = _table(
    "case_events",
    Column("case_key", KEY, nullable=False),
    Column("call_id", KEY, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    PrimaryKeyConstraint("case_key", "call_id", "seq", name="callpolicy_case_events_key"),
)
"""The events of a case, sealed, each with the agent and the case; a case is their fold."""

ENTRIES: Final = _table(
    "entries",
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("entry_id", KEY, nullable=False),
    Column("on_list", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("head", KEY, nullable=False),
    Column("since", BigInteger),
    Column("until", BigInteger),
    Column("changed", BigInteger, nullable=False),
    Column("entry", Text, nullable=False),
    Column("life", Text),
    PrimaryKeyConstraint("number", name="callpolicy_entries_key"),
)
"""List entries and blocks: `entry` as callers are looked up in it, `life` all acts of a block, both sealed.

`number` names it in the index, `changed` is the count of changes of the lists when it was last put, `head` the
beginning of the number that it covers, `since` is null for a block that never became active.
"""
Index("callpolicy_entries_id", ENTRIES.c.entry_id, unique=True)
Index("callpolicy_entries_head", ENTRIES.c.head)
Index("callpolicy_entries_changed", ENTRIES.c.changed)
Index("callpolicy_entries_until", ENTRIES.c.until)

COVERS: Final = _table(
    "covers",
    Column("key_hash", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("key_hash", "number", name="callpolicy_covers_key"),
)
"""Whom an entry covers, so that equality alone finds it: keyed hashes of `callpolicy.lists.covers_of`, signed."""
Index("callpolicy_covers_number", COVERS.c.number)

SHAPES: Final = _table(
    "shapes",
    Column("length", BigInteger, nullable=False),
    Column("cut", BigInteger, nullable=False),
    PrimaryKeyConstraint("length", "cut", name="callpolicy_shapes_key"),
)
"""The shapes of all keys in `covers`; see `callpolicy.lists.covers.Shapes`."""

AUDIT: Final = Table(
    "callpolicy_audit",
    METADATA,
    Column("writer", KEY, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("ref", KEY, nullable=False),
    Column("line", Text, nullable=False),
    PrimaryKeyConstraint("writer", "number", name="callpolicy_audit_key"),
)
"""The audit trail; `line` is the record in its canonical bytes. WHY with a row id: its rows are long."""
Index("callpolicy_audit_ref", AUDIT.c.ref)
Index("callpolicy_audit_subject", AUDIT.c.subject)

PARTS: Final = _table(
    "parts",
    Column("writer", KEY, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("salt", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    PrimaryKeyConstraint("writer", "number", name="callpolicy_parts_key"),
)
"""The personal parts of audit records, which can be erased."""
Index("callpolicy_parts_age", PARTS.c.at)

REVISIONS_KEPT: Final = _table(
    "revisions",
    Column("revision", KEY, nullable=False),
    Column("files", LargeBinary, nullable=False),
    PrimaryKeyConstraint("revision", name="callpolicy_revisions_key"),
)
"""The files of every bundle that decided, as compressed JSON."""

ACTIVATIONS: Final = _table(
    "activations",
    Column("at", BigInteger, nullable=False),
    Column("writer", KEY, nullable=False),
    Column("revision", KEY, nullable=False),
    PrimaryKeyConstraint("at", "writer", "revision", name="callpolicy_activations_key"),
)
"""Which revision began to decide when."""

STATE: Final = _table(
    "state",
    Column("name", KEY, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", name="callpolicy_state_key"),
)
"""Single values: `keep_from`, the instant before which no item is kept; `lists`, the count of changes of the lists;
`secret`, what tells the secret that the store was written with from another one; `store`, which store of a server it
is, whatever its address; `forget`, that what tables held before they were changed may still lie about in the file."""
