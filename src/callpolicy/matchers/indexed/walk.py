"""A plain walk over one condition, for what the vectors do not hold: operands that are facts, large conditions, faults.

WHY a second walk beside the reference: the matchers are independent, so that a mistake in one shows as a difference.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any as Anything
from typing import Final, assert_never

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Truth
from callpolicy.facts import Value


def walk(condition: Condition, values: Mapping[str, Value]) -> Truth:
    """The truth of a condition on the known facts.

    Raises:
        Exception: a value does not have the type of its fact, so that it cannot be compared.

    >>> walk(Any((Leaf("talk.warnings", Op.AT_LEAST, 1), Leaf("talk.holds", Op.AT_LEAST, 1))), {"talk.holds": 1})
    True
    """
    match condition:
        case Leaf():
            return walk_leaf(condition, values)
        case All(items):
            return _least({walk(item, values) for item in items})
        case Any(items):
            return _opposite(_least({_opposite(walk(item, values)) for item in items}))
        case Not(items):
            return _least({_opposite(walk(item, values)) for item in items})
        case _:
            assert_never(condition)


def walk_leaf(leaf: Leaf, values: Mapping[str, Value]) -> Truth:
    """The truth of one leaf on the known facts.

    Raises:
        Exception: a value does not have the type of its fact, so that it cannot be compared.
    """
    left = values.get(leaf.fact)
    right: Anything = leaf.operand
    if leaf.op is Op.KNOWN:
        return right is (left is not None)
    if right.__class__ is FactRef:
        right = values.get(right.name)
    return None if left is None or right is None else _HOLDS[leaf.op](left, right)


def _least(truths: set[Truth]) -> Truth:
    if False in truths:
        return False
    return None if None in truths else True


def _opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _between(value: Anything, ends: tuple[Anything, Anything]) -> bool:
    low, high = ends
    return bool(low <= value <= high)


def _in(value: Anything, options: Anything) -> bool:
    return value in options


def _has_any(value: Anything, elements: Iterable[Anything]) -> bool:
    return any(element in value for element in elements)


_HOLDS: Final[Mapping[Op, Callable[[Anything, Anything], bool]]] = MappingProxyType(
    {
        Op.IS: operator.eq,
        Op.IS_NOT: operator.ne,
        Op.AT_LEAST: operator.ge,
        Op.AT_MOST: operator.le,
        Op.MORE_THAN: operator.gt,
        Op.LESS_THAN: operator.lt,
        Op.BETWEEN: _between,
        Op.IN: _in,
        Op.NOT_IN: lambda value, options: not _in(value, options),
        Op.STARTS_WITH: lambda value, start: value.startswith(start),
        Op.HAS: operator.contains,
        Op.HAS_ANY: _has_any,
    }
)
