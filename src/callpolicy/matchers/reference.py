"""The reference matcher: a plain walk over the tree. It defines what a condition means.

Three truth values, strong Kleene: `None` is unknown. A leaf on an unknown fact is unknown, but for `known`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

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
    operand: Operand | None = None
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
            against = values.get(operand.name) if isinstance(operand, FactRef) else operand
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
    return _compare(leaf.op, value, operand)


def _compare(op: Op, value: Value, operand: object) -> bool:
    # WHY the ignores: the operand's type was checked against the catalogue when the bundle was loaded.
    match op:
        case Op.IS:
            return value == operand
        case Op.IS_NOT:
            return value != operand
        case Op.AT_LEAST:
            return value >= operand  # type: ignore[operator,no-any-return]  # types checked at load
        case Op.AT_MOST:
            return value <= operand  # type: ignore[operator,no-any-return]  # types checked at load
        case Op.MORE_THAN:
            return value > operand  # type: ignore[operator,no-any-return]  # types checked at load
        case Op.LESS_THAN:
            return value < operand  # type: ignore[operator,no-any-return]  # types checked at load
        case Op.BETWEEN:
            low, high = operand  # type: ignore[misc]  # types checked at load
            return low <= value <= high  # type: ignore[has-type,no-any-return]  # types checked at load
        case Op.IN:
            return value in operand  # type: ignore[operator]  # types checked at load
        case Op.NOT_IN:
            return value not in operand  # type: ignore[operator]  # types checked at load
        case Op.STARTS_WITH:
            return value.startswith(operand)  # type: ignore[union-attr,arg-type]  # types checked at load
        case Op.HAS:
            return operand in value  # type: ignore[operator]  # types checked at load
        case Op.HAS_ANY:
            return any(element in value for element in operand)  # type: ignore[operator,attr-defined]  # types checked at load
        case Op.KNOWN:
            raise AssertionError("`known` is answered before values are compared")
        case _:
            assert_never(op)


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
            except Exception:  # noqa: BLE001  # WHY: one broken rule must not cost the caller the others (law of errors)
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
