"""zen-engine (GoRules): one decision table, hit policy collect, one column for each fact.

Asked through an engine with a static loader: of the ways from Python, the fastest that we found. A cell that compares
with "not" says itself that an absent fact does not count.

Source: https://docs.gorules.io/reference/python
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import zen

from benchmarks.contestants import Contestant, Load, plain
from benchmarks.workload import CATALOGUE, FACTS, Snapshot
from callpolicy.condition import Condition, Leaf, Op, normal_form

_MOST_ROWS: Final = 8
_COLUMNS: Final = {
    name: f"c{place}" for place, name in enumerate(fact.name for fact in CATALOGUE if fact.name in FACTS)
}
"""In the order of the catalogue."""


def _cell(leaf: Leaf) -> str:
    operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    # Source: unary tests of the ZEN expression language.
    said = [json.dumps(operand, ensure_ascii=False) for operand in operands]
    match leaf.op:
        case Op.IS | Op.IN:
            return ", ".join(said)
        case Op.IS_NOT | Op.NOT_IN:
            return " and ".join(("$ != null", *(f"$ != {each}" for each in said)))
        case Op.AT_LEAST:
            return f">= {said[0]}"
        case Op.AT_MOST:
            return f"<= {said[0]}"
        case Op.MORE_THAN:
            return f"> {said[0]}"
        case Op.LESS_THAN:
            return f"< {said[0]}"
        case Op.BETWEEN:
            return f"[{said[0]}..{said[1]}]"
        case _:
            raise AssertionError(f"the generator makes no `{leaf.op}`")


def _table(conditions: Sequence[Condition]) -> dict[str, Any]:
    rows = [
        {"_id": f"{position}-{number}", "rule": str(position)}
        | {_COLUMNS[literal.leaf.fact]: _cell(literal.leaf) for literal in row}
        for position, condition in enumerate(conditions)
        for number, row in enumerate(normal_form(condition, limit=_MOST_ROWS))
    ]
    return {
        "hitPolicy": "collect",
        "inputs": [{"id": column, "name": name, "field": plain(name)} for name, column in _COLUMNS.items()],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }


def _graph(table: dict[str, Any]) -> dict[str, Any]:
    place = {"x": 0, "y": 0}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": table},
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


class _Zen:
    def __init__(self, graph: dict[str, Any]) -> None:
        self._evaluate = zen.ZenEngine({"loader": {"type": "static", "content": {"norm": graph}}}).evaluate

    def prepare(self, values: Snapshot) -> dict[str, Any]:
        return {plain(name): value for name, value in values.items()}

    def ask(self, facts: dict[str, Any]) -> Any:
        return self._evaluate("norm", facts)

    def true(self, answer: Any) -> set[int]:
        return {row["rule"] for row in answer["result"]}

    def may(self, answer: Any) -> set[int] | None:
        del answer
        return None


def _translate(conditions: Sequence[Condition]) -> Load:
    graph = _graph(_table(conditions))

    def load() -> Contestant:
        return _Zen(graph)

    return load


TRANSLATORS: Final = {"zen-engine": _translate}
