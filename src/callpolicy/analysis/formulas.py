"""Formulas, made with as little as possible: what is plain already never reaches what answers them.

A formula is a `z3.BoolRef`, or a wire of a circuit where the base answers without the solver, or a plain `bool` where
it is one whatever the facts are. Formulas of two that answer cannot be joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol, TypeAlias

from callpolicy.analysis.circuit import Circuit, Wire
from callpolicy.analysis.trying import Search
from callpolicy.errors import MissingExtraError

Formula: TypeAlias = Any
"""A formula, or a plain `bool`. WHY Any: z3 carries no type information."""

MOST_STEPS: Final = 2_000_000
"""How many steps the base takes before it leaves a question to the solver; a step is one look at what may follow."""

_MODULE: Final = "z3"
_NEGATES: Final = "negates"
"""The name under which a negation holds what it negates."""


class UnsettledError(Exception):
    """A question would take more work than its bound allows; nothing is known of the answer."""


class Answering(Protocol):
    """What makes formulas, and answers whether they can hold."""

    def variable(self, name: str) -> Formula:
        """A free truth value; the same name is the same one."""

    def solver(self) -> Formula:
        """Something to ask, as one asks `z3.Solver`: `add`, `push`, `pop`, `check`, `model`."""


class Solver:
    """The solver answers: the extra `prove`."""

    def variable(self, name: str) -> Formula:
        """A free truth value.

        Raises:
            MissingExtraError: the solver is not installed.
        """
        return solver_module().Bool(name)

    def solver(self) -> Formula:
        """A solver that knows nothing yet."""
        return solver_module().SolverFor("QF_FD")


class Base:
    """The base answers, by trying values; what is too much work for it, it says.

    Args:
        most: how many steps it takes for one question.
    """

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._circuit = Circuit()
        self._most = most

    def variable(self, name: str) -> Formula:
        """A free truth value; the same name is the same one."""
        return self._circuit.variable(name)

    def solver(self) -> Formula:
        """A search that knows nothing yet."""
        return Search(self._circuit, self._most)


def can_prove() -> bool:
    """Whether the solver is installed."""
    return find_spec(_MODULE) is not None


@cache
def solver_module() -> Any:
    """The solver's module.

    Raises:
        MissingExtraError: the extra `prove` is not installed.
    """
    need_solver()
    return import_module(_MODULE)


def need_solver() -> None:
    """See that the solver is installed, before anything else is done that would be for nothing.

    Raises:
        MissingExtraError: the extra `prove` is not installed.
    """
    if not can_prove():
        raise MissingExtraError("prove", "a proof over every possible call")


def can_hold(solver: Formula, *formulas: Formula) -> bool:
    """Whether formulas can hold, with all that a solver knows.

    Raises:
        UnsettledError: that would be too much work.
    """
    answer = str(solver.check(*formulas))
    if answer == "unknown":
        raise UnsettledError
    return answer == "sat"


def plain(formula: Formula) -> Formula:
    """A formula as the solver's own type, also if it is a plain `bool`."""
    return solver_module().BoolVal(formula) if isinstance(formula, bool) else formula


def negated(formula: Formula) -> Formula:
    """The formula holds not."""
    if isinstance(formula, bool):
        return not formula
    if isinstance(formula, Wire):
        return formula.negated()
    # WHY remembered: to ask the solver whether a formula is a negation costs more than to make one.
    inside = getattr(formula, _NEGATES, None)
    if inside is not None:
        return inside
    z3 = solver_module()
    made = z3.BoolRef(z3.Z3_mk_not(formula.ctx.ref(), formula.as_ast()), formula.ctx)
    setattr(made, _NEGATES, formula)
    return made


def all_of(formulas: Iterable[Formula]) -> Formula:
    """All of them hold; of none it is true."""
    parts = []
    for each in formulas:
        if isinstance(each, bool):
            if not each:
                return False
        else:
            parts.append(each)
    return _joined("Z3_mk_and", parts, empty=True)


def any_of(formulas: Iterable[Formula]) -> Formula:
    """One of them holds; of none it is false."""
    parts = []
    for each in formulas:
        if isinstance(each, bool):
            if each:
                return True
        else:
            parts.append(each)
    return _joined("Z3_mk_or", parts, empty=False)


def implies(premise: Formula, conclusion: Formula) -> Formula:
    """The one holds only with the other."""
    return any_of((negated(premise), conclusion))


def equal(left: Formula, right: Formula) -> Formula:
    """Both hold, or neither."""
    if isinstance(left, bool):
        return right if left else negated(right)
    if isinstance(right, bool):
        return left if right else negated(left)
    if isinstance(left, Wire):
        return left.equal(right)
    return True if left.eq(right) else left == right


def differ(left: Formula, right: Formula) -> Formula:
    """One of them holds and the other does not."""
    return negated(equal(left, right))


def _joined(maker: str, parts: list[Formula], *, empty: bool) -> Formula:
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], Wire):
        circuit, literals = parts[0].circuit, [part.literal for part in parts]
        return circuit.any_of(literals) if empty is False else circuit.all_of(literals)
    # WHY below z3py: its own `And` looks at every argument again, and costs as much as all the rest.
    z3 = solver_module()
    home = parts[0].ctx
    array = (z3.Ast * len(parts))(*[part.as_ast() for part in parts])
    return z3.BoolRef(getattr(z3, maker)(home.ref(), len(parts), array), home)
