"""Leaf evaluation for the rete matcher: one leaf on one snapshot becomes one small integer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from callpolicy.condition import FactRef, Leaf, Op
from callpolicy.facts import Value

FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = 2

Evaluate: TypeAlias = Callable[[Mapping[str, Value]], int]
"""A leaf, compiled: known facts to `FALSE`, `TRUE` or `UNKNOWN`."""

_Test: TypeAlias = Callable[[Any, Any], bool]


def _within(value: Any, ends: Any) -> bool:
    low, high = ends
    return bool(low <= value <= high)


def _is_one_of(value: Any, operand: Any) -> bool:
    return any(value == each for each in operand)


def _is_none_of(value: Any, operand: Any) -> bool:
    return all(value != each for each in operand)


def _begins(value: Any, prefix: Any) -> bool:
    return bool(value[: len(prefix)] == prefix)


def _overlaps(value: Any, elements: Any) -> bool:
    return not value.isdisjoint(elements)


# WHY Any: the operand's type was checked against the catalogue when the bundle was loaded.
_TESTS: Final[Mapping[Op, _Test]] = MappingProxyType(
    {
        Op.IS: operator.eq,
        Op.IS_NOT: operator.ne,
        Op.AT_LEAST: operator.ge,
        Op.AT_MOST: operator.le,
        Op.MORE_THAN: operator.gt,
        Op.LESS_THAN: operator.lt,
        Op.BETWEEN: _within,
        Op.IN: _is_one_of,
        Op.NOT_IN: _is_none_of,
        Op.STARTS_WITH: _begins,
        Op.HAS: operator.contains,
        Op.HAS_ANY: _overlaps,
    }
)


def can_be_unknown(leaf: Leaf) -> bool:
    """Whether a leaf has the third truth value: every one but a question for knowledge."""
    return leaf.op is not Op.KNOWN


def compiled(leaf: Leaf) -> Evaluate:
    """Compile one leaf.

    >>> at_least_two = compiled(Leaf("talk.warnings", Op.AT_LEAST, 2))
    >>> at_least_two({"talk.warnings": 1}), at_least_two({"talk.warnings": 2}), at_least_two({})
    (0, 1, 2)
    """
    name, operand = leaf.fact, leaf.operand
    if leaf.op is Op.KNOWN:
        if_known, if_unknown = (TRUE, FALSE) if operand else (FALSE, TRUE)
        return lambda values: if_unknown if values.get(name) is None else if_known
    test = _TESTS[leaf.op]
    if isinstance(operand, FactRef):
        return _of_two_facts(test, name, operand.name)

    def of_one_fact(values: Mapping[str, Value]) -> int:
        value = values.get(name)
        if value is None:
            return UNKNOWN
        return TRUE if test(value, operand) else FALSE

    return of_one_fact


def _of_two_facts(test: _Test, name: str, other: str) -> Evaluate:
    def evaluate(values: Mapping[str, Value]) -> int:
        left, right = values.get(name), values.get(other)
        if left is None or right is None:
            return UNKNOWN
        return TRUE if test(left, right) else FALSE

    return evaluate
