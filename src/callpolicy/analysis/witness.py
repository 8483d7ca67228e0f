"""A call that shows what was found: the facts of one snapshot, and what the engine decides on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callpolicy.analysis.formulas import Formula, can_hold, negated
from callpolicy.analysis.space import Space, Term, holds
from callpolicy.condition import facts_read
from callpolicy.decision import StageResult
from callpolicy.facts import Value
from callpolicy.points import DecisionPoint, Stage

_FEW: Final = 2


class SolverDisagreesError(Exception):
    """The solver says of a snapshot what the engine does not; a bug of this package, never of the norm."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One snapshot that shows what was found.

    Args:
        point: the decision point, or `None` if no decision is meant.
        values: the known facts; all others are unknown. Durations and instants in microseconds.
        stages: what the engine decides on it, stage by stage.
        confirmed: the engine was asked and says the same. `False` only where a pilot takes a share of callers and none
            was found whom the hash chooses as it must.
    """

    point: DecisionPoint | None
    # WHY no repr: it may name a caller that a rule names.
    values: Mapping[str, Value] = field(repr=False)
    stages: tuple[StageResult, ...] = ()
    confirmed: bool = True

    def stage(self, stage: Stage) -> StageResult:
        """What one stage comes to.

        Raises:
            KeyError: the decision point has no such stage.
        """
        for each in self.stages:
            if each.stage is stage:
                return each
        raise KeyError(stage)


def smallest(solver: Formula, formula: Formula, space: Space) -> Formula | None:
    """A model with few known facts and small sets: none can be left out alone, in the order of their names.

    Args:
        solver: a solver of the space; nothing is added to it.
        formula: what must hold.
        space: the snapshots.

    Raises:
        UnsettledError: it would be too much work; only where the base answers.
    """
    # WHY added and not asked with: the solver would take the whole formula in anew for every fact.
    solver.push()
    try:
        solver.add(formula)
        if not can_hold(solver):
            return None
        model = solver.model()
        related = {name for relation in space.relations for name in facts_read(relation.holds)}
        named = {name for condition in space.conditions for name in facts_read(condition)}
        # WHY in this order: a fact that only a relation names is the first that nobody misses.
        order = sorted(space.facts, key=lambda each: (each.name in named, each.name not in related, each.name))
        terms = [space.terms[fact.name] for fact in order]
        free = [term.known for term in terms] + [each for term in terms for each in (term.elements or {}).values()]
        for without in [negated(each) for each in free if not isinstance(each, bool)]:
            if not holds(model, without):
                if str(solver.check(without)) != "sat":
                    continue
                model = solver.model()
            solver.add(without)
        return _ordinary(solver, model, terms)
    finally:
        solver.pop()


def _ordinary(solver: Formula, model: Formula, terms: list[Term]) -> Formula:
    """The same without the smallest and largest numbers that there are, where others do as well."""
    for term in terms:
        is_number = len(term.reach) > _FEW and isinstance(term.values[0], int | float)
        if not is_number or not holds(model, term.known):
            continue
        for inside in (negated(term.reach[-1]), term.reach[1]):
            if not holds(model, inside):
                if str(solver.check(inside)) != "sat":
                    continue
                model = solver.model()
            solver.add(inside)
    return model
