"""The solver's conditions mean what the reference says, and its decisions are those of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
import z3

from callpolicy.analysis import Encoded, Space, find
from callpolicy.analysis.formulas import negated, plain
from callpolicy.analysis.space import holds
from callpolicy.condition import FactRef, Leaf, Truth, leaves
from callpolicy.facts import FactType, Value, snapshot_of
from callpolicy.matchers.reference import leaf_truth, truth
from callpolicy.points import DecisionPoint
from tests.analysis.making import Maker, every_snapshot
from tests.matchers.generate import Bundle
from tests.matchers.generate import bundle as conditions_of

CONDITIONS = 10_000
IN_EACH = 100


def assumed(space: Space, values: Mapping[str, Value], asked: list[Leaf]) -> list[z3.BoolRef]:
    """What the solver must assume to look at this snapshot, or at one that no comparison can tell from it."""
    found = []
    related = [leaf for relation in space.relations for leaf in leaves(relation.holds)]
    stand_ins = stood_for(space, values, [*asked, *related])
    for fact in space.facts:
        term = space.terms[fact.name]
        value = stand_ins.get(fact.name)
        found.append(term.known if value is not None else negated(term.known))
        if value is None:
            continue
        if isinstance(value, frozenset):
            found += [each if name in value else negated(each) for name, each in (term.elements or {}).items()]
        else:
            place = term.values.index(value)
            found += [each if number <= place else negated(each) for number, each in enumerate(term.reach) if number]
    return [plain(each) for each in found]


def stood_for(space: Space, values: Mapping[str, Value], asked: list[Leaf]) -> dict[str, Value]:
    """The values of the scales that stand for those of a snapshot: every comparison comes to the same."""
    found = dict(values)
    groups: dict[str, list[str]] = {}
    for fact in space.facts:
        if fact.name in values and fact.type is not FactType.STR_SET:
            groups.setdefault(space.scales[fact.name].group, []).append(fact.name)
    for names in groups.values():
        own = [leaf for leaf in asked if leaf.fact in names]
        wanted = [leaf_truth(leaf, values) for leaf in own]
        choices = []
        for name in names:
            alone = [leaf for leaf in own if leaf.fact == name and not isinstance(leaf.operand, FactRef)]
            truths = [leaf_truth(leaf, values) for leaf in alone]
            scale = space.scales[name]
            choices.append(
                [
                    scale.values[place]
                    for place in sorted(scale.allowed)
                    if [leaf_truth(leaf, {name: scale.values[place]}) for leaf in alone] == truths
                ]
            )
        for chosen in product(*choices):
            found.update(zip(names, chosen, strict=True))
            if [leaf_truth(leaf, found) for leaf in own] == wanted:
                break
        else:
            raise AssertionError(f"nothing stands for the values of {names}")
    return found


def said(model: z3.ModelRef, space: Space, made: Bundle, number: int) -> Truth:
    kleene = space.truth(made.conditions[number])
    return True if holds(model, kleene.true) else False if holds(model, kleene.false) else None


def compare_conditions(first: int, number: int) -> set[Truth]:
    """Compare so many random conditions with the reference, each on a snapshot; gives the truths that occurred."""
    seen: set[Truth] = set()
    for seed in range(first, first + number):
        made = conditions_of(seed, fewest=IN_EACH, most=IN_EACH, snapshots=1)
        space = Space(made.catalogue, *made.conditions)
        asked = [leaf for condition in made.conditions for leaf in leaves(condition)]
        solver = space.solver()
        for snapshot in made.snapshots:
            values = snapshot_of(made.catalogue, snapshot, at=0).values
            assert str(solver.check(*assumed(space, values, asked))) == "sat", f"seed {seed}"
            model = solver.model()
            for place, condition in enumerate(made.conditions):
                expected = truth(condition, values)
                assert said(model, space, made, place) is expected, f"seed {seed}, condition {place}"
                seen.add(expected)
        # What is true somewhere, unknown somewhere or false somewhere: the solver's snapshot is confirmed by `find`.
        kleene = space.truth(made.conditions[seed % IN_EACH])
        find(space, (kleene.true, kleene.false, kleene.unknown)[seed % 3], solver=solver)
    return seen


@pytest.mark.parametrize("lane", range(4))
def test_the_solver_means_what_the_reference_says_on_random_conditions(lane: int) -> None:
    bundles = CONDITIONS // IN_EACH // 4

    assert compare_conditions(lane * bundles, bundles) == {True, False, None}


@pytest.mark.fuzz
@pytest.mark.parametrize("lane", range(20))
def test_the_solver_means_what_the_reference_says_on_many_more_conditions(lane: int) -> None:
    assert compare_conditions(1_000 + lane * 100, 100) == {True, False, None}


def compare_decisions(first: int, number: int) -> None:
    """Compare the decisions of random bundles with the engine's, over every snapshot."""
    for seed in range(first, first + number):
        made = Maker(seed).bundle()
        point = tuple(DecisionPoint)[seed % 3]
        encoded = Encoded(made, point)
        solver = encoded.solver()
        names = {fact.name for fact in encoded.space.facts} - {"caller.class", "caller.kind"}
        came: set[tuple[object, ...]] = set()
        for number_of, values in enumerate(every_snapshot(names)):
            stages = encoded.decide(values).stages
            came |= {(each.stage, each.outcome) for each in stages}
            came |= {(each.stage, rule_id) for each in stages for rule_id in each.determining}
            came |= {(each.stage, "held", rule_id) for each in stages for rule_id in each.held_by}
            came |= {(each.stage, "acted", name) for each in stages for name in each.invariants}
            if number_of % 40 == seed % 40:
                everything = (*encoded.asked.conditions, *encoded.asked.besides)
                asked = [leaf for condition in everything for leaf in leaves(condition)]
                assert str(solver.check(*assumed(encoded.space, values, asked))) == "sat"
                encoded.confirm(values, solver.model())
        for stage in encoded.stages:
            said_of: dict[tuple[object, ...], z3.BoolRef] = {
                **{(stage.stage, each): formula for each, formula in stage.outcomes.items()},
                **{(stage.stage, each): formula for each, formula in stage.winners.items()},
                **{(stage.stage, "held", each): formula for each, formula in stage.holders.items()},
                **{(stage.stage, "acted", each): formula for each, formula in stage.acted.items()},
            }
            for what, formula in said_of.items():
                possible = str(solver.check(plain(formula))) == "sat"
                assert possible is (what in came), f"seed {seed}: {what}"
            assert {what for what in came if what[0] is stage.stage} <= set(said_of)


@pytest.mark.parametrize("lane", range(2))
def test_what_the_solver_finds_possible_is_what_the_engine_decides_somewhere(lane: int) -> None:
    compare_decisions(lane * 15, 15)


@pytest.mark.fuzz
def test_what_the_solver_finds_possible_is_what_the_engine_decides_in_many_more_bundles() -> None:
    compare_decisions(1_000, 2_000)
