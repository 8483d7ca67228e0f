"""Snapshots on, below and above every boundary of every leaf of a bundle, and with the fact unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callpolicy.check.scales import Scale, scales
from callpolicy.condition import Any, Condition, Leaf, Op, facts_read, leaves
from callpolicy.facts import Fact, FactType, Value, snapshot_of
from callpolicy.policy import Bundle, Rule, Status


def conditions_of(bundle: Bundle) -> dict[str, Condition]:
    """Every condition of a rule that is not retired, and of every invariant, by their ids."""
    rules = {rule.id: rule.when for rule in bundle.rules if rule.status is not Status.RETIRED}
    # WHY the rules last: an invariant may have the name of one, and both are looked at.
    return {f"invariant {each.id}" if each.id in rules else each.id: each.when for each in bundle.invariants} | rules


def boundary_snapshots(bundle: Bundle) -> Iterator[Mapping[str, Value]]:
    """The snapshots on which the matchers are held against each other.

    One that knows nothing; those of all examples; and, for every leaf, the snapshot of an example that matches with the
    fact just below, on and just above each boundary of that fact, and unknown.

    Args:
        bundle: a bundle without errors.

    Returns:
        facts by name, each snapshot once.
    """
    seen: set[frozenset[tuple[str, Value]]] = set()
    for values in _every(bundle):
        key = frozenset(values.items())
        if key not in seen:
            seen.add(key)
            yield values


def _every(bundle: Bundle) -> Iterator[Mapping[str, Value]]:
    conditions = conditions_of(bundle)
    every_leaf = [leaf for condition in conditions.values() for leaf in leaves(condition)]
    names = sorted(facts_read(Any(tuple(conditions.values()))))
    facts = {name: bundle.catalogue[name] for name in names if name in bundle.catalogue}
    made, _ = scales(tuple(facts.values()), every_leaf)
    yield {}
    examples: list[Mapping[str, Value]] = []
    for rule in bundle.rules:
        examples += [snapshot_of(bundle.catalogue, each.given, at=0).values for each in rule.examples]
    yield from examples
    for name, condition in conditions.items():
        base = _matching(bundle, name)
        for leaf in leaves(condition):
            fact = facts.get(leaf.fact)
            if fact is not None:
                yield from ({**base, fact.name: value} for value in _values(fact, leaf, made, every_leaf))
                yield {known: value for known, value in base.items() if known != fact.name}


def _matching(bundle: Bundle, name: str) -> Mapping[str, Value]:
    """The snapshot of an example in which a rule matches, so that a single fact can decide; empty if there is none."""
    rule: Rule | None = next((each for each in bundle.rules if each.id == name), None)
    given = next((each.given for each in rule.examples if each.expect == "match"), {}) if rule else {}
    return snapshot_of(bundle.catalogue, given, at=0).values


def _values(fact: Fact, leaf: Leaf, made: Mapping[str, Scale], every_leaf: list[Leaf]) -> Iterator[Value]:
    if fact.type is not FactType.STR_SET:
        scale = made.get(fact.name)
        if scale is not None:
            # WHY the one above and below: a value on the scale stands for all up to the next.
            yield from (scale.values[place] for place in sorted(scale.allowed))
        return
    named = {
        str(element)
        for each in every_leaf
        if each.fact == fact.name and each.op is not Op.KNOWN
        for element in (each.operand if isinstance(each.operand, tuple) else (each.operand,))
    }
    own = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    yield frozenset()
    yield frozenset(named)
    yield from (frozenset({str(each)}) for each in own)
    yield frozenset(named - {str(each) for each in own})
