"""Tables of the desk that fit the terminal: what is named whole is broken only where nothing else helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from callpolicy.cli.terminal import column_widths, screen
from callpolicy.reports import Column, Table

_BETWEEN: Final = 2


def fitted(table: Table) -> Table:
    """A table as wide as the terminal at most: its widest whole columns are broken over lines until it is.

    WHY: an id is copied as it stands, so it is whole wherever there is room; but one long id must not push a table
    over the edge, where every row of it would be broken somewhere.
    """
    columns = list(table.columns)
    if not table.rows:
        return table
    while True:
        made = replace(table, columns=tuple(columns))
        widths = column_widths(made, screen().width)
        wide = [place for place, column in enumerate(columns) if column.whole]
        if not wide or sum(widths) + _BETWEEN * (len(widths) - 1) <= screen().width:
            return made
        place = max(wide, key=lambda each: widths[each])
        columns[place] = replace(columns[place], whole=False)


def stacked(columns: Sequence[Column], rows: Sequence[tuple[str, ...]], pairs: Sequence[tuple[int, ...]]) -> Table:
    """A table whose columns stand one below the other, for a narrow terminal; it fits, as `fitted` makes it.

    Args:
        columns: as they stand side by side.
        rows: their cells.
        pairs: which of them share a column, by their places.
    """

    def one(cells: Sequence[str], places: tuple[int, ...]) -> str:
        return "\n".join(cells[place] for place in places)

    names = [column.name for column in columns]
    made = tuple(
        Column(
            one(names, places),
            number=all(columns[place].number for place in places),
            whole=all(columns[place].whole for place in places),
        )
        for places in pairs
    )
    return fitted(Table("", made, tuple(tuple(one(row, places).rstrip() for places in pairs) for row in rows)))
