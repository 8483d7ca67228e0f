"""What a match looks up, for each set of facts that are unknown together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from callpolicy.facts import Value
from callpolicy.matchers.indexed.vectors import Memo, Scale, Unknown

_MOST_PLANS: Final = 4096
_LEAST_OF_ITEMGETTER: Final = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One fact and what its values leave.

    Args:
        known: the vectors of its known values.
        unknown: the rows that it leaves when it is unknown.
    """

    known: Memo | Scale
    unknown: Unknown


class Plan(NamedTuple):
    """How to match while exactly these facts are known.

    Args:
        take: the values of the known facts that have a table.
        tables: value to vector, in the order of those facts.
        scales: (fact, type of its values, starts, vectors) of the known facts that have a scale.
        true: the rows that no unknown fact keeps from being true.
        may: the rows that no unknown fact makes false.
    """

    take: Callable[[Mapping[str, Value]], tuple[Value, ...]]
    tables: tuple[Memo, ...]
    scales: tuple[tuple[str, type, tuple[int | float, ...], tuple[int, ...]], ...]
    true: int
    may: int


class Plans(dict[frozenset[str], Plan]):
    """The unknown facts to the plan, made when first met; emptied when it is full. Threads need no lock (see `Memo`).

    Args:
        fields: fact to field.
        rows: all rows.
    """

    __slots__ = ("_rows", "_scales", "_tables", "_unknown")

    def __init__(self, fields: Mapping[str, Field], rows: int) -> None:
        super().__init__()
        self._rows = rows
        self._unknown = {name: field.unknown for name, field in fields.items()}
        self._tables = {name: field.known for name, field in fields.items() if isinstance(field.known, Memo)}
        self._scales = tuple(
            (name, field.known.kind, field.known.starts, field.known.vectors)
            for name, field in fields.items()
            if isinstance(field.known, Scale)
        )

    def __missing__(self, unknown: frozenset[str]) -> Plan:
        plan = self._plan(unknown)
        if len(self) >= _MOST_PLANS:
            self.clear()
        self[unknown] = plan
        return plan

    def _plan(self, unknown: frozenset[str]) -> Plan:
        true = may = self._rows
        for name in unknown:
            left = self._unknown[name]
            true &= left.true
            may &= left.may
        tables = [name for name in self._tables if name not in unknown]
        return Plan(
            _take(tables),
            tuple(map(self._tables.__getitem__, tables)),
            tuple([scale for scale in self._scales if scale[0] not in unknown]),
            true,
            may,
        )


def _take(names: list[str]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    if not names:
        return lambda values: ()
    if len(names) < _LEAST_OF_ITEMGETTER:
        # WHY: with one name an itemgetter gives no tuple.
        (name,) = names
        return lambda values: (values[name],)
    return itemgetter(*names)
