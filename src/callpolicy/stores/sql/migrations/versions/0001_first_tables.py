"""The first tables: history, cases, list entries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "callpolicy_history",
        sa.Column("who", KEY, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("who", "at", "call_id", "seq", name="callpolicy_history_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("callpolicy_history_once", "callpolicy_history", ["who", "call_id", "seq"], unique=True)
    op.create_index("callpolicy_history_age", "callpolicy_history", ["at"])
    op.create_table(
        "callpolicy_tallies",
        sa.Column("who", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("lost", sa.BigInteger),
        sa.PrimaryKeyConstraint("who", "kind", name="callpolicy_tallies_key"),
        sqlite_with_rowid=False,
    )
    empty = sa.column("held") == 0
    op.create_index(
        "callpolicy_tallies_empty", "callpolicy_tallies", ["who"], sqlite_where=empty, postgresql_where=empty
    )
    op.create_table(
        "callpolicy_case_events",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "call_id", "seq", name="callpolicy_case_events_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "callpolicy_entries",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("on_list", KEY, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("entry", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="callpolicy_entries_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "callpolicy_covers",
        sa.Column("covers", KEY, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("covers", "entry_id", name="callpolicy_covers_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("callpolicy_covers_entry", "callpolicy_covers", ["entry_id"])
    op.create_table(
        "callpolicy_state",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="callpolicy_state_key"),
        sqlite_with_rowid=False,
    )
