"""The reference matcher: a plain walk over the tree. It defines what a condition means.

Three truth values, strong Kleene: `None` is unknown. A leaf on an unknown fact is unknown, but for `known`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any as AnyValue
from typing import Final, assert_never

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Operand, Truth
from callpolicy.facts import Catalogue, Value
from callpolicy.matchers.base import Matches


@dataclass(frozen=True, slots=True)
class Seen:
    """One node of a condition as it was evaluated: what an explanation is made of.

    Args:
        condition: the node.
        truth: its truth value.
        value: for a leaf, the value of its fact; `None` if unknown.
        operand: for a leaf, the value that it was compared with; `None` if that is an unknown fact.
        items: the nodes below.
    """

    condition: Condition
    truth: Truth
    value: Value | None = None
    operand: Operand | Value | None = None
    items: tuple[Seen, ...] = ()


def truth(condition: Condition, values: Mapping[str, Value]) -> Truth:
    """The truth of a condition on the known facts.

    >>> truth(Leaf("talk.warnings", Op.AT_LEAST, 1), {"talk.warnings": 1})
    True
    >>> truth(Not((Leaf("talk.warnings", Op.AT_LEAST, 1),)), {}) is None
    True
    """
    match condition:
        case Leaf():
            return leaf_truth(condition, values)
        case All(items):
            return _every([truth(item, values) for item in items])
        case Any(items):
            return _negated(_every([_negated(truth(item, values)) for item in items]))
        case Not(items):
            return _every([_negated(truth(item, values)) for item in items])
        case _:
            assert_never(condition)


def seen(condition: Condition, values: Mapping[str, Value]) -> Seen:
    """The same walk, keeping what every node was evaluated from."""
    match condition:
        case Leaf(fact, _, operand):
            against: Operand | Value | None = values.get(operand.name) if isinstance(operand, FactRef) else operand
            return Seen(condition, leaf_truth(condition, values), values.get(fact), against)
        case All(items) | Any(items) | Not(items):
            return Seen(condition, truth(condition, values), items=tuple(seen(item, values) for item in items))
        case _:
            assert_never(condition)


def leaf_truth(leaf: Leaf, values: Mapping[str, Value]) -> Truth:
    """The truth of one leaf."""
    value = values.get(leaf.fact)
    if leaf.op is Op.KNOWN:
        return (value is not None) is leaf.operand
    operand: object = leaf.operand
    if isinstance(operand, FactRef):
        operand = values.get(operand.name)
    if value is None or operand is None:
        return None
    return _COMPARE[leaf.op](value, operand)


def _between(value: AnyValue, operand: AnyValue) -> bool:
    low, high = operand
    return bool(low <= value <= high)


def _member(value: AnyValue, operand: AnyValue) -> bool:
    return value in operand


def _has_any(value: AnyValue, operand: AnyValue) -> bool:
    return any(element in value for element in operand)


# WHY untyped: the operand's type was checked against the catalogue when the bundle was loaded.
_COMPARE: Final[Mapping[Op, Callable[[AnyValue, AnyValue], bool]]] = MappingProxyType(
    {
        Op.IS: operator.eq,
        Op.IS_NOT: operator.ne,
        Op.AT_LEAST: operator.ge,
        Op.AT_MOST: operator.le,
        Op.MORE_THAN: operator.gt,
        Op.LESS_THAN: operator.lt,
        Op.BETWEEN: _between,
        Op.IN: _member,
        Op.NOT_IN: lambda value, operand: not _member(value, operand),
        Op.STARTS_WITH: str.startswith,
        Op.HAS: operator.contains,
        Op.HAS_ANY: _has_any,
    }
)


def _every(truths: list[Truth]) -> Truth:
    if any(each is False for each in truths):
        return False
    return None if any(each is None for each in truths) else True


def _negated(value: Truth) -> Truth:
    return None if value is None else not value


class ReferenceMatcher:
    """Evaluates every condition by itself."""

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)

    def match(self, values: Mapping[str, Value]) -> Matches:
        """Evaluate every condition; one that fails may match, and is named as erring."""
        true = may = erring = 0
        for position, condition in enumerate(self._conditions):
            bit = 1 << position
            try:
                result = truth(condition, values)
            except Exception:  # WHY: one broken rule must not cost the caller the others (law of errors)
                erring |= bit
                result = None
            if result:
                true |= bit
            elif result is None:
                may |= bit
        return Matches(true, may, erring)


def compile_reference(conditions: Sequence[Condition], catalogue: Catalogue) -> ReferenceMatcher:
    """Compile for the reference matcher; it holds every condition."""
    del catalogue
    return ReferenceMatcher(conditions)
