"""Regions of calls, in the terms of the rules that were changed: a threshold moved by one gives just that one value.

Each leaf of a changed rule is true, false or unknown; every combination of those in which some call changes is found,
and neighbours are put together, fact by fact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from callpolicy.analysis import Kleene, Pair, Space
from callpolicy.analysis.formulas import Formula, all_of, any_of
from callpolicy.analysis.space import MADE_BY_DECIDE, holds
from callpolicy.changes.model import Part, Range, Said
from callpolicy.condition import FactRef, Leaf, Op, Scalar, Truth, leaves
from callpolicy.facts import Fact, FactType
from callpolicy.matchers.reference import leaf_truth
from callpolicy.points import STAGES_AT, DecisionPoint
from callpolicy.policy import Bundle, Invariant, Rule, Status

_UNKNOWN: Final = -1
_TEXTS: Final = frozenset({FactType.STR, FactType.ENUM})
_DECIDING: Final = frozenset({Status.ENFORCED, Status.PILOT})

Key: TypeAlias = str | Leaf
"""A fact whose value is bounded, or a comparison that is no bound."""

Box: TypeAlias = Mapping[Key, frozenset[object]]
"""For every key its states: positions on the scale of the fact and `_UNKNOWN`, or truth values. All else is free."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A leaf of a changed rule, as the solver sees it.

    Args:
        leaf: the leaf.
        truth: what it comes to.
    """

    leaf: Leaf
    truth: Kleene

    def of(self, model: Formula) -> Truth:
        """What it comes to in a model."""
        return True if holds(model, self.truth.true) else False if holds(model, self.truth.false) else None

    def formula(self, truth: Truth) -> Formula:
        """It comes to that."""
        return self.truth.unknown if truth is None else self.truth.true if truth else self.truth.false


def atoms_of(pair: Pair, old: Bundle, new: Bundle) -> list[Atom]:
    """The leaves of every rule and invariant that is not the same in both bundles, each once."""
    found: dict[object, Atom] = {}
    for bundle, other, encoded in ((new, old, pair.new), (old, new, pair.old)):
        unchanged = {_content(each) for each in _deciding(other, pair.point)}
        for each in _deciding(bundle, pair.point):
            if _content(each) in unchanged:
                continue
            for leaf in leaves(each.when):
                # WHY by side: what a decision makes, such as the class, may be another in either of them.
                made = bundle.revision if leaf.fact in MADE_BY_DECIDE else None
                found.setdefault((leaf, made), Atom(leaf, encoded.truth(leaf, each.stage)))
    by_leaf: dict[Leaf, Atom] = {}
    for atom in found.values():
        by_leaf.setdefault(atom.leaf, atom)
    return list(by_leaf.values())


def _deciding(bundle: Bundle, point: DecisionPoint) -> Iterable[Rule | Invariant]:
    stages = STAGES_AT[point]
    yield from (rule for rule in bundle.rules if rule.stage in stages and rule.status in _DECIDING)
    yield from (each for each in bundle.invariants if each.stage in stages)


def _content(each: Rule | Invariant) -> object:
    """What is decided by it, without its name."""
    if isinstance(each, Rule):
        return each.stage, each.status, each.priority, each.when, each.then, frozenset(each.obligations), each.pilot
    return each.stage, each.effects, each.when, each.instead


def box_of(truths: Sequence[tuple[Atom, Truth]], space: Space) -> Box:
    """The calls in which the leaves come to these truth values."""
    box: dict[Key, frozenset[object]] = {}
    for atom, truth in truths:
        leaf = atom.leaf
        if not _is_bound(leaf, space):
            box[leaf] = frozenset({truth})
            continue
        scale = space.scales[leaf.fact]
        states = {
            position for position in scale.allowed if leaf_truth(leaf, {leaf.fact: scale.values[position]}) is truth
        }
        if leaf_truth(leaf, {}) is truth:
            states.add(_UNKNOWN)
        box[leaf.fact] = box.get(leaf.fact, frozenset(states)) & states
    return box


def _is_bound(leaf: Leaf, space: Space) -> bool:
    return leaf.fact in space.scales and not isinstance(leaf.operand, FactRef)


def merged(boxes: Iterable[Box], space: Space) -> list[Box]:
    """The same calls in fewer boxes: two that differ in one thing only become one; what says nothing is left out."""
    found = [dict(box) for box in boxes]
    changed = True
    while changed:
        changed = False
        for place, one in enumerate(found):
            for other in found[place + 1 :]:
                key = _only_difference(one, other)
                if key is not None:
                    one[key] = one[key] | other[key]
                    found.remove(other)
                    changed = True
                    break
            if changed:
                break
    return [{key: states for key, states in box.items() if states != _all_states(key, space)} for box in found]


def _only_difference(one: Box, other: Box) -> Key | None:
    different = [key for key, states in one.items() if other[key] != states]
    return different[0] if len(different) == 1 else None


def _all_states(key: Key, space: Space) -> frozenset[object]:
    if isinstance(key, Leaf):
        return frozenset({True, False, None})
    return frozenset({*space.scales[key].allowed, _UNKNOWN})


def formula_of(box: Box, atoms: Sequence[Atom], space: Space) -> Formula:
    """The box as a formula, over the atoms."""
    parts: list[Formula] = []
    for atom in atoms:
        key: Key = atom.leaf.fact if _is_bound(atom.leaf, space) else atom.leaf
        if key not in box:
            continue
        possible = [truth for truth in (True, False, None) if _can(atom.leaf, truth, key, box[key], space)]
        parts.append(any_truth(atom, possible))
    return all_of(parts)


def any_truth(atom: Atom, truths: Iterable[Truth]) -> Formula:
    """It comes to one of these."""
    return any_of(atom.formula(truth) for truth in truths)


def _can(leaf: Leaf, truth: Truth, key: Key, states: frozenset[object], space: Space) -> bool:
    if isinstance(key, Leaf):
        return truth in states
    values = space.scales[key].values
    positions = (state for state in states if isinstance(state, int))
    return any(leaf_truth(leaf, {} if each == _UNKNOWN else {key: values[each]}) is truth for each in positions)


def parts_of(box: Box, space: Space) -> tuple[tuple[Part, ...], tuple[Said, ...]]:
    """The box as people read it."""
    facts = {fact.name: fact for fact in space.facts}
    parts = [_part(facts[key], states, space) for key, states in box.items() if isinstance(key, str)]
    truths = (True, False, None)
    said = [
        Said(key, frozenset(each for each in truths if each in states))
        for key, states in box.items()
        if isinstance(key, Leaf)
    ]
    return tuple(sorted(parts, key=lambda each: each.fact)), tuple(sorted(said, key=lambda each: str(each.leaf)))


def _part(fact: Fact, states: frozenset[object], space: Space) -> Part:
    scale = space.scales[fact.name]
    places = sorted(each for each in states if isinstance(each, int) and each != _UNKNOWN)
    unknown = _UNKNOWN in states
    if fact.type in _TEXTS:
        named = _named(fact, space)
        texts = [str(scale.values[each]) for each in places]
        own = tuple((text, text) for text in texts if text in named)
        return Part(fact.name, own, any(text not in named for text in texts), unknown)
    allowed = sorted(scale.allowed)
    ranges: list[Range] = []
    start = 0
    for end in range(1, len(places) + 1):
        if end == len(places) or allowed.index(places[end]) != allowed.index(places[end - 1]) + 1:
            ranges.append(_range(fact, space, allowed, places[start], places[end - 1]))
            start = end
    return Part(fact.name, tuple(ranges), unknown=unknown)


def _range(fact: Fact, space: Space, allowed: list[int], first: int, last: int) -> Range:
    values = space.scales[fact.name].values
    low, high = values[first], values[last]
    if fact.type is FactType.BOOL:
        return low, high
    marks = _marks(fact, space)
    # WHY not the value itself: one that is no mark stands for all between the marks beside it.
    if low not in marks and first and values[first - 1] in marks:
        low = _beside(fact, values[first - 1], 1)
    if high not in marks and last + 1 < len(values) and values[last + 1] in marks:
        high = _beside(fact, values[last + 1], -1)
    return None if first == allowed[0] else low, None if last == allowed[-1] else high


def _beside(fact: Fact, mark: Scalar, step: int) -> Scalar:
    """The next number that a fact of this type can have."""
    return math.nextafter(float(mark), math.inf * step) if fact.type is FactType.FLOAT else int(mark) + step


def _marks(fact: Fact, space: Space) -> set[Scalar]:
    """The numbers that a fact, or one that is compared with it, is compared with, and the ends of its domain."""
    group = space.scales[fact.name].group
    same = {name for name, scale in space.scales.items() if scale.group == group}
    marks: set[Scalar] = {each for each in (fact.minimum, fact.maximum) if each is not None}
    for condition in space.conditions:
        for leaf in leaves(condition):
            if leaf.fact in same and leaf.op is not Op.KNOWN and not isinstance(leaf.operand, FactRef):
                marks.update(leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,))
    return marks


def _named(fact: Fact, space: Space) -> set[str]:
    named = set(fact.values)
    for condition in space.conditions:
        for leaf in leaves(condition):
            if leaf.fact == fact.name and leaf.op not in {Op.KNOWN, Op.STARTS_WITH}:
                operand = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
                named |= {each for each in operand if isinstance(each, str)}
    return named
