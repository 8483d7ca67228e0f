"""The tables of a store in SQL, the same in SQLite and PostgreSQL.

INVARIANT: every migration together makes exactly these tables; a test compares.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

REVISIONS: Final = ("0001",)
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
    Column("case_id", KEY, nullable=False),
    Column("call_id", KEY, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "call_id", "seq", name="callpolicy_case_events_key"),
)
"""The events of a case with the agent of each, as JSON; a case is their fold."""

ENTRIES: Final = _table(
    "entries",
    Column("entry_id", KEY, nullable=False),
    Column("on_list", KEY, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("entry", Text, nullable=False),
    PrimaryKeyConstraint("entry_id", name="callpolicy_entries_key"),
)
"""List entries as they stand; `entry` is the whole of it as JSON."""

COVERS: Final = _table(
    "covers",
    Column("covers", KEY, nullable=False),
    Column("entry_id", KEY, nullable=False),
    PrimaryKeyConstraint("covers", "entry_id", name="callpolicy_covers_key"),
)
"""Whom an entry covers, so that equality alone finds it: an identity, a prefix, or the parts of a range."""
Index("callpolicy_covers_entry", COVERS.c.entry_id)

STATE: Final = _table(
    "state",
    Column("name", KEY, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", name="callpolicy_state_key"),
)
"""Single values: `keep_from`, the instant before which no item is kept."""
