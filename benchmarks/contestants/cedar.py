"""cedarpy (Cedar, Rust): one `permit` for each rule; the reasons of the answer are the true rules.

Policies and entities are parsed once. Every clause asks first whether its fact is there, as Cedar's validator wants for
optional attributes; without that a policy on an absent fact is an error, also where an alternative would make it true.

Source: https://docs.cedarpolicy.com/policies/syntax-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import cedarpy

from benchmarks.contestants import Contestant, Load, plain
from benchmarks.workload import Snapshot
from callpolicy.condition import All, Condition, Leaf, Op
from callpolicy.condition import Any as AnyOf

_ORDER: Final = {
    Op.AT_LEAST: ">=",
    Op.AT_MOST: "<=",
    Op.MORE_THAN: ">",
    Op.LESS_THAN: "<",
    Op.IS: "==",
    Op.IS_NOT: "!=",
}
_NAMED: Final = len("policy")


def _text(condition: Condition) -> str:
    match condition:
        case All(items):
            return " && ".join(_text(item) for item in items)
        case AnyOf(items):
            return f"({' || '.join(_text(item) for item in items)})"
        case Leaf():
            fact = plain(condition.fact)
            return f"(context has {fact} && {_comparison(condition, f'context.{fact}')})"
        case _:
            raise AssertionError("the generator makes no other node")


def _comparison(leaf: Leaf, value: str) -> str:
    operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    said = [json.dumps(operand, ensure_ascii=False) for operand in operands]
    match leaf.op:
        case Op.IN:
            return f"[{', '.join(said)}].contains({value})"
        case Op.NOT_IN:
            return f"!([{', '.join(said)}].contains({value}))"
        case Op.BETWEEN:
            return f"{value} >= {said[0]} && {value} <= {said[1]}"
        case _:
            return f"{value} {_ORDER[leaf.op]} {said[0]}"


class _Cedar:
    def __init__(self, text: str) -> None:
        self._policies = cedarpy.PolicySet.from_str(text)
        self._entities = cedarpy.Entities.from_json_str("[]")

    def prepare(self, values: Snapshot) -> dict[str, Any]:
        return {
            "principal": {"type": "Caller", "id": "c"},
            "action": {"type": "Action", "id": "decide"},
            "resource": {"type": "Line", "id": "l"},
            "context": {plain(name): value for name, value in values.items()},
        }

    def ask(self, facts: dict[str, Any]) -> Any:
        return cedarpy.is_authorized(facts, self._policies, self._entities)

    def true(self, answer: Any) -> set[int]:
        return {int(reason[_NAMED:]) for reason in answer.diagnostics.reasons}

    def may(self, answer: Any) -> set[int] | None:
        del answer
        return None


def _translate(conditions: Sequence[Condition]) -> Load:
    text = "\n".join(f"permit(principal, action, resource) when {{ {_text(each)} }};" for each in conditions)

    def load() -> Contestant:
        return _Cedar(text)

    return load


TRANSLATORS: Final = {"cedarpy": _translate}
