"""Formulas of the solver, made with as little as possible: what is plain already never reaches it.

A formula is a `z3.BoolRef`, or a plain `bool` where it is one whatever the facts are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

from callpolicy.errors import MissingExtraError

Formula: TypeAlias = Any
"""A formula of the solver, or a plain `bool`. WHY Any: z3 carries no type information."""

_MODULE: Final = "z3"


@cache
def solver_module() -> Any:
    """The solver's module.

    Raises:
        MissingExtraError: the extra `prove` is not installed.
    """
    if find_spec(_MODULE) is None:
        raise MissingExtraError("prove", "a proof over every possible call")
    return import_module(_MODULE)


def variable(name: str) -> Formula:
    """A free truth value; the same name is the same one."""
    return solver_module().Bool(name)


def plain(formula: Formula) -> Formula:
    """A formula as the solver's own type, also if it is a plain `bool`."""
    return solver_module().BoolVal(formula) if isinstance(formula, bool) else formula


def negated(formula: Formula) -> Formula:
    """The formula holds not."""
    if isinstance(formula, bool):
        return not formula
    z3 = solver_module()
    if z3.is_not(formula):
        return formula.arg(0)
    return z3.BoolRef(z3.Z3_mk_not(formula.ctx.ref(), formula.as_ast()), formula.ctx)


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
    return True if left.eq(right) else left == right


def differ(left: Formula, right: Formula) -> Formula:
    """One of them holds and the other does not."""
    return negated(equal(left, right))


def _joined(maker: str, parts: list[Formula], *, empty: bool) -> Formula:
    if not parts:
        return empty
    if len(parts) == 1:
        return parts[0]
    # WHY below z3py: its own `And` looks at every argument again, and costs as much as all the rest.
    z3 = solver_module()
    home = parts[0].ctx
    array = (z3.Ast * len(parts))(*[part.as_ast() for part in parts])
    return z3.BoolRef(getattr(z3, maker)(home.ref(), len(parts), array), home)
