"""Random facts of the starter norm, near what its rules compare them with."""

from __future__ import annotations

import random
from functools import cache

from callpolicy.condition import Leaf, Op, leaves
from callpolicy.engine import Plan, compile_plan
from callpolicy.facts import Fact, FactType, Origin, Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import truth
from callpolicy.points import DecisionPoint
from callpolicy.rulefile import starter_norm

AT = 1_772_413_200_000_000


@cache
def starter_plan() -> Plan:
    return compile_plan(starter_norm(), compile_indexed)


@cache
def _compared() -> dict[str, list[Leaf]]:
    bundle = starter_plan().bundle
    found: dict[str, list[Leaf]] = {}
    for condition in [*(each.when for each in bundle.rules), *(each.when for each in bundle.invariants)]:
        for leaf in leaves(condition):
            found.setdefault(leaf.fact, []).append(leaf)
    return found


def _values(fact: Fact) -> list[Value]:
    constants = [leaf.operand for leaf in _compared()[fact.name] if leaf.op is not Op.KNOWN]
    match fact.type:
        case FactType.BOOL:
            return [True, False]
        case FactType.ENUM:
            return list(fact.values)
        case FactType.STR:
            return ["some"]
        case FactType.STR_SET:
            asked = [each for each in constants if isinstance(each, str)]
            return [frozenset[str](), *(frozenset({each}) for each in asked)]
        case _:
            numbers = [each for each in constants if isinstance(each, int)]
            least = int(fact.minimum or 0)
            return [each for number in numbers or [least] for each in (number - 1, number, number + 1) if each >= least]


@cache
def domains() -> dict[str, list[Value]]:
    catalogue = starter_plan().bundle.catalogue
    return {name: _values(catalogue[name]) for name in _compared() if catalogue[name].origin is not Origin.ENGINE}


def snapshot(chance: random.Random, point: DecisionPoint) -> Snapshot:
    """Facts that can be together at that point; some are unknown."""
    catalogue = starter_plan().bundle.catalogue
    unknown = chance.choice((0.1, 0.4, 0.7))
    values = {
        name: chance.choice(several)
        for name, several in domains().items()
        if chance.random() > unknown
        and (point is not DecisionPoint.OFFERED or catalogue[name].known_from is DecisionPoint.OFFERED)
    }
    while any(truth(each.holds, values) is False for each in catalogue.relations):
        values.pop(chance.choice(sorted(values)))
    return Snapshot(AT, values)
