"""What a match looks up, for each set of facts that are unknown together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, itemgetter
from typing import Final, NamedTuple

from callpolicy.facts import Value
from callpolicy.matchers.indexed.vectors import Memo, Scale, Unknown

_MOST_PLANS: Final = 1024
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

    __slots__ = ("_fields", "_rows")

    def __init__(self, fields: Mapping[str, Field], rows: int) -> None:
        super().__init__()
        self._fields = fields
        self._rows = rows

    def __missing__(self, unknown: frozenset[str]) -> Plan:
        plan = self._plan(unknown)
        if len(self) >= _MOST_PLANS:
            self.clear()
        self[unknown] = plan
        return plan

    def _plan(self, unknown: frozenset[str]) -> Plan:
        tables: dict[str, Memo] = {}
        scales = []
        for name, field in self._fields.items():
            if name in unknown:
                continue
            if isinstance(field.known, Memo):
                tables[name] = field.known
            else:
                scales.append((name, field.known.kind, field.known.starts, field.known.vectors))
        absent = [self._fields[name].unknown for name in unknown]
        return Plan(
            take=_take(tuple(tables)),
            tables=tuple(tables.values()),
            scales=tuple(scales),
            true=reduce(and_, (left.true for left in absent), self._rows),
            may=reduce(and_, (left.may for left in absent), self._rows),
        )


def _take(names: tuple[str, ...]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    # WHY: with one name an itemgetter gives no tuple.
    if len(names) < _LEAST_OF_ITEMGETTER:
        return lambda values: tuple(values[name] for name in names)
    return itemgetter(*names)
