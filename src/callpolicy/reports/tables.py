"""A table as plain data: what stands in it, not how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        name: its heading.
        number: whether it holds numbers, which stand at the right.
        whole: whether its cells must not be broken over lines, as ids must not.
    """

    name: str
    number: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        title: what it shows; empty for none.
        columns: its columns.
        rows: its rows, each with one text per column.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
