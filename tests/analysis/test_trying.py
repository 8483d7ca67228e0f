"""The search of the base finds what can hold, rules out what cannot, and says where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.analysis.circuit import Circuit
from callpolicy.analysis.formulas import Base, Formula, all_of, any_of, differ, equal, implies, negated
from callpolicy.analysis.space import holds
from callpolicy.analysis.trying import Search

NAMES = "abcdef"

Tree = tuple[str, tuple["Tree", ...]]
"""A formula as it is written: a name or a connective, and what it joins."""

TREES = st.recursive(
    st.sampled_from([(name, ()) for name in NAMES]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, max_size=4).map(tuple)),
        st.tuples(st.just("not"), st.tuples(inner)),
        st.tuples(st.sampled_from(["implies", "equal", "differ"]), st.tuples(inner, inner)),
    ),
    max_leaves=25,
)
ASSIGNMENTS = [dict(zip(NAMES, values, strict=True)) for values in product((False, True), repeat=len(NAMES))]
MANY = 10**9


def made(tree: Tree, base: Base) -> Formula:
    name, inner = tree
    parts = [made(each, base) for each in inner]
    match name:
        case "all":
            return all_of(parts)
        case "any":
            return any_of(parts)
        case "not":
            return negated(parts[0])
        case "implies":
            return implies(*parts)
        case "equal":
            return equal(*parts)
        case "differ":
            return differ(*parts)
        case _:
            return base.variable(name)


def said(tree: Tree, values: Mapping[str, bool]) -> bool:
    name, inner = tree
    parts = [said(each, values) for each in inner]
    match name:
        case "all":
            return all(parts)
        case "any":
            return any(parts)
        case "not":
            return not parts[0]
        case "implies":
            return not parts[0] or parts[1]
        case "equal":
            return parts[0] is parts[1]
        case "differ":
            return parts[0] is not parts[1]
        case _:
            return values[name]


def possible(*trees: Tree) -> str:
    return "sat" if any(all(said(tree, values) for tree in trees) for values in ASSIGNMENTS) else "unsat"


@given(TREES, TREES, TREES, TREES)
def test_what_can_hold_is_found_and_nothing_else(always: Tree, inside: Tree, more: Tree, asked: Tree) -> None:
    base = Base(MANY)
    solver = base.solver()
    solver.add(made(always, base))
    formulas = [made(each, base) for each in (always, inside, more, asked)]

    assert solver.check(formulas[3]) == possible(always, asked)
    solver.push()
    solver.add(formulas[1])
    assert solver.check() == possible(always, inside)
    solver.add(formulas[2])
    assert solver.check(formulas[3]) == possible(always, inside, more, asked)
    assert solver.check(negated(formulas[3])) == possible(always, inside, more, ("not", (asked,)))
    came = solver.check()
    assert came == possible(always, inside, more)
    if came == "sat":
        model = solver.model()
        assert all(holds(model, each) for each in formulas[:3])
    solver.pop()
    assert solver.check() == possible(always)


@given(TREES, st.integers(0, 40))
def test_a_bound_makes_answers_fewer_and_never_wrong(tree: Tree, most: int) -> None:
    base = Base(most)
    solver = base.solver()

    assert solver.check(made(tree, base)) in {possible(tree), "unknown"}


def pigeons(number: int, holes: int, most: int) -> Search:
    """So many pigeons, each in a hole, no two in one; Source: Haken, The Intractability of Resolution (1985)."""
    circuit = Circuit()
    search = Search(circuit, most)
    sits = [[circuit.variable(f"{each} in {hole}") for hole in range(holes)] for each in range(number)]
    search.add(*(any_of(row) for row in sits))
    for hole in range(holes):
        search.add(*(negated(all_of((one[hole], other[hole]))) for one, other in combinations(sits, 2)))
    return search


@pytest.mark.parametrize(("number", "holes", "answer"), [(5, 5, "sat"), (6, 5, "unsat"), (7, 6, "unsat")])
def test_what_needs_many_dead_ends_is_settled_exactly(number: int, holes: int, answer: str) -> None:
    assert pigeons(number, holes, MANY).check() == answer


def test_what_is_too_much_work_is_neither_found_nor_ruled_out() -> None:
    assert pigeons(11, 10, 20_000).check() == "unknown"


def test_nothing_was_found_before_anything_was_asked() -> None:
    with pytest.raises(LookupError):
        Search(Circuit(), MANY).model()
