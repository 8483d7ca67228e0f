"""A snapshot of which a formula holds, confirmed by the reference."""

from __future__ import annotations

from callpolicy.analysis.formulas import Formula
from callpolicy.analysis.space import Space, holds
from callpolicy.analysis.witness import SolverDisagreesError, Witness, smallest
from callpolicy.condition import facts_read
from callpolicy.matchers.reference import truth


def find(space: Space, formula: Formula, *, solver: Formula | None = None) -> Witness | None:
    """A snapshot of a space of which a formula holds; `None` if there is none.

    Args:
        space: the snapshots.
        formula: over the formulas of the space, e.g. `space.truth(condition).true`.
        solver: a solver of the space, if there is one already; nothing is added to it.

    Raises:
        SolverDisagreesError: the reference says something else of a condition of the space; a bug of this package.

    >>> from callpolicy.condition import Leaf, Op
    >>> from callpolicy.facts.builtin import BUILTIN
    >>> warned = Leaf("talk.warnings", Op.AT_LEAST, 1)
    >>> space = Space(BUILTIN, warned)
    >>> dict(find(space, space.truth(warned).true).values)
    {'talk.warnings': 1}
    """
    model = smallest(space.solver() if solver is None else solver, formula, space)
    if model is None:
        return None
    values = space.values(model)
    for condition in space.conditions:
        # WHY not all: what a decision makes anew, a snapshot does not tell.
        if facts_read(condition) & {"caller.class", "caller.kind"}:
            continue
        kleene = space.truth(condition)
        said = True if holds(model, kleene.true) else False if holds(model, kleene.false) else None
        if truth(condition, values) is not said:
            raise SolverDisagreesError("solver and reference differ in a condition")
    return Witness(None, values)
