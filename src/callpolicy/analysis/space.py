"""All snapshots that there can be, as far as some conditions can tell them apart, as formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from callpolicy.analysis.circuit import Assignment
from callpolicy.analysis.formulas import (
    Answering,
    Formula,
    Solver,
    all_of,
    any_of,
    equal,
    implies,
    negated,
    solver_module,
)
from callpolicy.check.scales import Scale, scales
from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Scalar, facts_read, leaves
from callpolicy.facts import Catalogue, Fact, FactType, Relation, Value
from callpolicy.matchers.reference import leaf_truth

MADE_BY_DECIDE = frozenset({"caller.class", "caller.kind"})
"""Facts that a decision makes anew: what a snapshot says of them is never looked at."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that the solver cannot hold, and that is therefore not proved.

    Args:
        what: the construct, one lower-case line.
        fact: the fact it is about.
    """

    what: str
    fact: str


class Kleene(NamedTuple):
    """A truth value of three: two formulas of which at most one holds.

    Args:
        true: it is true.
        false: it is false; where neither holds it is unknown.
    """

    true: Formula
    false: Formula

    @property
    def unknown(self) -> Formula:
        """It is neither."""
        return all_of((negated(self.true), negated(self.false)))


_OPEN = Kleene(False, False)


@dataclass(frozen=True, slots=True)
class Term:
    """One fact as the solver sees it.

    Args:
        known: it is known.
        values: the values that stand for all, in order.
        reach: for each position, that its value is that one or a later one; the first is `True`.
        elements: for a set: element to that it is in it.
    """

    known: Formula
    values: tuple[Scalar, ...] = ()
    reach: tuple[Formula, ...] = ()
    elements: Mapping[str, Formula] | None = None

    def at(self, position: int) -> Formula:
        """Its value, if it is known, is the one of that position."""
        last = position + 1 == len(self.reach)
        return all_of((self.reach[position], True if last else negated(self.reach[position + 1])))

    def among(self, positions: Iterable[int]) -> Formula:
        """Its value, if it is known, is one of those."""
        wanted = set(positions)
        runs = []
        for start in sorted(each for each in wanted if each - 1 not in wanted):
            end = start
            while end + 1 in wanted:
                end += 1
            last = end + 1 == len(self.reach)
            runs.append(all_of((self.reach[start], True if last else negated(self.reach[end + 1]))))
        return any_of(runs)

    def is_value(self, value: Scalar) -> Formula:
        """It is known, and is that value; a value that no condition names is none of its own."""
        found = [position for position, each in enumerate(self.values) if each == value and type(each) is type(value)]
        return all_of((self.known, self.among(found)))


Terms = Mapping[str, Term]


class Space:
    """The snapshots that conditions can tell apart; the relations of the catalogue hold in all of them.

    Args:
        catalogue: the declared facts.
        conditions: what is to be told apart.
        more: names of facts that are looked at besides.
        leaves_besides: comparisons that are to be told apart besides, with which no condition is asked.
        known: facts that are always known; left out, every fact may be unknown.
        together: facts that are known whenever another one is.
        by: what answers the questions; left out, the solver.

    Raises:
        MissingExtraError: the solver is not installed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *conditions: Condition,
        more: Iterable[str] = (),
        leaves_besides: Iterable[Leaf] = (),
        known: frozenset[str] = frozenset(),
        together: Mapping[str, frozenset[str]] | None = None,
        by: Answering | None = None,
    ) -> None:
        self.variable = (by or Solver()).variable
        self._ask = (by or Solver()).solver
        self.catalogue = catalogue
        self.conditions = conditions
        besides = tuple(leaves_besides)
        names = {name for each in (*conditions, *besides) for name in facts_read(each)} | set(more)
        self.relations = _relations(catalogue, names)
        names |= {name for relation in self.relations for name in facts_read(relation.holds)}
        self.facts: tuple[Fact, ...] = tuple(catalogue[name] for name in sorted(names) if name in catalogue)
        asked = [*conditions, *besides, *(relation.holds for relation in self.relations)]
        compared = [leaf for condition in asked for leaf in leaves(condition)]
        self.scales, mixed = scales(self.facts, compared)
        self._unsupported: dict[Unsupported, None] = {
            Unsupported("facts of different types are compared", name): None for name in mixed
        }
        written = {name for each in conditions for name in facts_read(each)}
        for name in sorted(written - {fact.name for fact in self.facts}):
            self._unsupported[Unsupported("a condition names no fact of the catalogue", name)] = None
        self._elements = _elements(compared)
        self.terms: Terms = {fact.name: self._term(fact) for fact in self.facts}
        # WHY the terms beside it: as long as they are kept, no others have their identity.
        self._leaves: dict[tuple[Leaf, int, int], tuple[tuple[Term | None, ...], Kleene]] = {}
        self.constraints: tuple[Formula, ...] = tuple(self._constraints(known, together or {}))

    @property
    def unsupported(self) -> tuple[Unsupported, ...]:
        """What cannot be held; what is said of anything that touches it is not proved."""
        return tuple(self._unsupported)

    def _term(self, fact: Fact) -> Term:
        known = self.variable(f"{fact.name}?")
        if fact.type is FactType.STR_SET:
            named = sorted(self._elements.get(fact.name, ()))
            elements = {
                each: self.variable(f"{fact.name}#{each}") if not fact.values or each in fact.values else False
                for each in named
            }
            return Term(known, elements=elements)
        scale = self.scales.get(fact.name)
        if scale is None:
            return Term(False)
        return Term(known, scale.values, (True, *self._marks(fact.name, scale)))

    def _marks(self, name: str, scale: Scale) -> Iterator[Formula]:
        return (self.variable(f"{name}>={value!r}") for value in scale.values[1:])

    def _constraints(self, known: frozenset[str], together: Mapping[str, frozenset[str]]) -> Iterator[Formula]:
        for fact in self.facts:
            term = self.terms[fact.name]
            scale = self.scales.get(fact.name)
            if scale is not None:
                for position in range(1, len(term.reach) - 1):
                    yield implies(term.reach[position + 1], term.reach[position])
                yield implies(term.known, term.among(scale.allowed))
            if fact.name in known:
                yield term.known
            for other in sorted(together.get(fact.name, ())):
                if other in self.terms and other != fact.name:
                    yield implies(term.known, self.terms[other].known)
        # WHY of the snapshot as it is given: in it, what a decision makes is unknown.
        given = {**self.terms, **dict.fromkeys(MADE_BY_DECIDE, Term(False))}
        for relation in self.relations:
            yield negated(self.truth(relation.holds, given).false)

    def twin(self, name: str) -> tuple[Term, tuple[Formula, ...]]:
        """Another value of one fact, with all others as they are.

        Returns:
            the fact, and what must hold of it: it can be, and the relations hold with it.
        """
        own = self.terms[name]
        scale = self.scales.get(name)
        if scale is None:
            raise KeyError(name)
        # WHY one more mark: no name of a fact begins with it.
        reach = (True, *self._marks(f"'{name}", scale))
        term = Term(self.variable(f"'{name}?"), own.values, reach)
        asked = [implies(reach[place + 1], reach[place]) for place in range(1, len(reach) - 1)]
        asked.append(implies(term.known, term.among(scale.allowed)))
        given = {**self.terms, **dict.fromkeys(MADE_BY_DECIDE, Term(False)), name: term}
        asked += [negated(self.truth(relation.holds, given).false) for relation in self.relations]
        return term, tuple(asked)

    def truth(self, condition: Condition, terms: Terms | None = None) -> Kleene:
        """A condition as formulas, strong Kleene.

        Args:
            condition: one that reads only facts of this space, and compares as one of its conditions does.
            terms: the facts it reads, if not those of the snapshot.
        """
        terms = self.terms if terms is None else terms
        match condition:
            case Leaf():
                return self._leaf(condition, terms)
            case All(items):
                parts = [self.truth(item, terms) for item in items]
                return Kleene(all_of(each.true for each in parts), any_of(each.false for each in parts))
            case Any(items):
                parts = [self.truth(item, terms) for item in items]
                return Kleene(any_of(each.true for each in parts), all_of(each.false for each in parts))
            case Not(items):
                parts = [self.truth(item, terms) for item in items]
                return Kleene(all_of(each.false for each in parts), any_of(each.true for each in parts))
            case _:
                assert_never(condition)

    def _leaf(self, leaf: Leaf, terms: Terms) -> Kleene:
        read = (terms.get(leaf.fact), terms.get(leaf.operand.name) if isinstance(leaf.operand, FactRef) else None)
        key = (leaf, id(read[0]), id(read[1]))
        if key not in self._leaves:
            self._leaves[key] = (read, self._made(leaf, terms))
        return self._leaves[key][1]

    def _made(self, leaf: Leaf, terms: Terms) -> Kleene:
        term = terms.get(leaf.fact)
        if term is None:
            return _OPEN
        if leaf.op is Op.KNOWN:
            return (
                Kleene(term.known, negated(term.known))
                if leaf.operand is True
                else Kleene(negated(term.known), term.known)
            )
        known, holds = term.known, self._compared(leaf, term, terms)
        if isinstance(leaf.operand, FactRef):
            other = terms.get(leaf.operand.name)
            known = all_of((known, other.known)) if other is not None else False
        return Kleene(all_of((known, holds)), all_of((known, negated(holds))))

    def _compared(self, leaf: Leaf, term: Term, terms: Terms) -> Formula:
        try:
            if isinstance(leaf.operand, FactRef):
                return self._pair(leaf, term, terms.get(leaf.operand.name))
            if term.elements is not None:
                wanted = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
                if leaf.op not in {Op.HAS, Op.HAS_ANY}:
                    raise TypeError(leaf.op)
                return any_of(term.elements[str(each)] for each in wanted)
            return term.among(
                position for position, value in enumerate(term.values) if leaf_truth(leaf, {leaf.fact: value})
            )
        except TypeError:
            self._unsupported[Unsupported(f"`{leaf.op}` with an operand of another type", leaf.fact)] = None
            return False

    def _pair(self, leaf: Leaf, left: Term, right: Term | None) -> Formula:
        if right is None:
            return False
        if left.values != right.values or not left.values:
            raise TypeError(leaf.op)
        places = range(1, len(left.values))
        at_least = all_of(implies(right.reach[each], left.reach[each]) for each in places)
        at_most = all_of(implies(left.reach[each], right.reach[each]) for each in places)
        match leaf.op:
            case Op.IS:
                return all_of(equal(left.reach[each], right.reach[each]) for each in places)
            case Op.IS_NOT:
                return negated(all_of(equal(left.reach[each], right.reach[each]) for each in places))
            case Op.AT_LEAST:
                return at_least
            case Op.AT_MOST:
                return at_most
            case Op.MORE_THAN:
                return negated(at_most)
            case Op.LESS_THAN:
                return negated(at_least)
            case _:
                raise TypeError(leaf.op)

    def solver(self) -> Formula:
        """A solver that knows of this space: every model is a snapshot that can be."""
        solver = self._ask()
        solver.add(*self.constraints)
        return solver

    def values(self, model: Formula) -> dict[str, Value]:
        """The facts of a model of a solver of this space: the known ones, without what a decision makes anew."""
        found: dict[str, Value] = {}
        for fact in self.facts:
            term = self.terms[fact.name]
            if fact.name in MADE_BY_DECIDE or not holds(model, term.known):
                continue
            if term.elements is not None:
                found[fact.name] = frozenset(each for each, inside in term.elements.items() if holds(model, inside))
            else:
                found[fact.name] = term.values[sum(holds(model, each) for each in term.reach) - 1]
        return found


def holds(model: Formula, formula: Formula) -> bool:
    """Whether a formula holds in a model; what the model leaves open does not."""
    if isinstance(formula, bool):
        return formula
    if isinstance(model, Assignment):
        return model.holds(formula)
    return bool(solver_module().is_true(model.eval(formula, model_completion=True)))


def _relations(catalogue: Catalogue, names: set[str]) -> tuple[Relation, ...]:
    """The relations that say something of facts, and those that say something of what those name, and so on."""
    reached = set(names)
    found: dict[str, Relation] = {}
    changed = True
    while changed:
        changed = False
        for relation in catalogue.relations:
            read = facts_read(relation.holds)
            if relation.name not in found and read & reached:
                found[relation.name] = relation
                reached |= read
                changed = True
    return tuple(found.values())


def _elements(compared: Iterable[Leaf]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for leaf in compared:
        if leaf.op in {Op.HAS, Op.HAS_ANY}:
            operand = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            found.setdefault(leaf.fact, set()).update(str(each) for each in operand if not isinstance(each, FactRef))
    return found
