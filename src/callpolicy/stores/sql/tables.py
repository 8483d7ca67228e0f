"""What everything that reads or writes the tables needs: statements of one dialect, and names of persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy.engine.interfaces import Dialect

from callpolicy.stores.sql.list_statements import ListStatements, build_list_statements
from callpolicy.stores.sql.names import Names
from callpolicy.stores.sql.statements import Statements, build_statements
from callpolicy.stores.sql.trail_statements import TrailStatements, build_trail_statements

# By dialect, driver and style of parameters.
_BUILT: Final[dict[tuple[str, str, str], tuple[Statements, ListStatements, TrailStatements]]] = {}


@dataclass(frozen=True, slots=True)
class Tables:
    """The statements of a store.

    Args:
        sql: about history and cases, and what a decision asks.
        lists: about list entries and blocks.
        trail: about audit records and revisions.
        names: what stands in place of a person.
        served: whether a server holds the tables, which lets several write at once.
    """

    sql: Statements
    lists: ListStatements
    trail: TrailStatements
    names: Names
    served: bool

    @classmethod
    def of(cls, dialect: Dialect, names: Names) -> Tables:
        """The statements of one dialect."""
        kind = dialect.name, dialect.driver, dialect.paramstyle
        # WHY kept: SQLAlchemy takes as long to build them as SQLite takes for twenty decisions.
        built = _BUILT.get(kind)
        if built is None:
            made = build_statements(dialect), build_list_statements(dialect), build_trail_statements(dialect)
            built = _BUILT.setdefault(kind, made)
        return cls(*built, names, dialect.name != "sqlite")

    def several(self, values: Iterable[str] | Iterable[int]) -> object:
        """Several texts or numbers as one parameter."""
        return list(values) if self.served else orjson.dumps(list(values)).decode()
