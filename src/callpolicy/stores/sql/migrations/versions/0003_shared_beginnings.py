"""The keys of one beginning of a number share the greater part of their hash: each cover is hashed anew.

A version in between put the new hashes into tables of schema 0002: all are made from the entries, whichever they are.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import context, op

from callpolicy.audit import Keys
from callpolicy.lists import covers_of
from callpolicy.lists.covers import cover_hash
from callpolicy.stores.sql.listing import ENTRY
from callpolicy.stores.sql.names import Names, signed
from callpolicy.stores.sql.rows import entry_from

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOST = 1_000


def upgrade() -> None:
    """Hash anew whom each entry covers."""
    bind = op.get_bind()
    bind.execute(sa.text("DELETE FROM callpolicy_covers"))
    names: Names | None = None
    cover = sa.text("INSERT INTO callpolicy_covers (key_hash, number) VALUES (:key_hash, :number)")
    for rows in _pages(bind):
        # WHY late: a store without entries needs no secret for this.
        names = names or _names()
        bind.execute(cover, [{"key_hash": each, "number": row.number} for row in rows for each in _hashes(names, row)])


def _names() -> Names:
    keys: Keys = context.config.attributes["keys"]()
    return Names(keys)


def _pages(bind: sa.Connection) -> Iterator[Sequence[sa.Row[tuple[int, str]]]]:
    page = sa.text("SELECT number, entry FROM callpolicy_entries WHERE number > :after ORDER BY number LIMIT :most")
    after = -1
    while rows := bind.execute(page, {"after": after, "most": MOST}).all():
        yield rows
        after = rows[-1].number


def _hashes(names: Names, row: sa.Row[tuple[int, str]]) -> set[int]:
    entry = entry_from(names.unseal(row.entry, ENTRY))
    return {signed(cover_hash(each, names.keys.key_hash)) for each in covers_of(entry)}
