"""Whether an effect depends on what it must not: same situation, same decision, whoever the agent is (NORM 1.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import Formula, UnsettledError, any_of, differ, equal
from callpolicy.analysis.space import holds
from callpolicy.analysis.witness import SolverDisagreesError, Witness, smallest
from callpolicy.condition import Condition, facts_read
from callpolicy.facts import FactType, Value
from callpolicy.points import DecisionPoint, Effect, Stage

MUST_NOT_MATTER: Final = frozenset({"talk.agent", "call.team", "call.language"})
"""Built-in facts on which no effect may depend."""

_NAMES: Final = frozenset({"agent", "team", "site", "language", "accent", "gender", "sex"})


@dataclass(frozen=True, slots=True)
class Dependence:
    """An effect that depends on a fact.

    Args:
        fact: the fact.
        stage: the stage whose effect it is.
        rules: ids of the rules that determine the effects of the two calls, sorted.
        one: a call.
        other: the same call, but for that fact, with another effect.
    """

    fact: str
    stage: Stage
    rules: tuple[str, ...]
    one: Witness
    other: Witness


@dataclass(frozen=True, slots=True)
class Undecided:
    """Whether an effect depends on a fact would have been too much work to find out.

    Args:
        fact: the fact.
        stage: the stage whose effect it is.
    """

    fact: str
    stage: Stage


def must_not_matter(name: str) -> bool:
    """Whether no effect may depend on a fact, by what it is called.

    >>> must_not_matter("host.gender"), must_not_matter("call.topic")
    (True, False)
    """
    return name in MUST_NOT_MATTER or name.rpartition(".")[2] in _NAMES


def depends(encoded: Mapping[DecisionPoint, Encoded]) -> Iterator[Dependence | Undecided]:
    """Every dependence of an effect on what must not matter, the first for each fact and stage.

    What was undecided at one decision point and found at another is given as found.

    In which teams a pilot runs is declared, and counts as none.

    Args:
        encoded: the decision points of one bundle.
    """
    done: set[tuple[str, Stage]] = set()
    undecided: list[Undecided] = []
    for each in encoded.values():
        for name in sorted(_asked(each.asked.conditions)):
            if not must_not_matter(name) or name not in each.space.terms:
                continue
            if each.space.catalogue[name].type is FactType.STR_SET:
                continue
            for found in _on(each, name):
                if isinstance(found, Undecided):
                    undecided.append(found)
                elif (found.fact, found.stage) not in done:
                    done.add((found.fact, found.stage))
                    yield found
    yield from (each for each in dict.fromkeys(undecided) if (each.fact, each.stage) not in done)


def _asked(conditions: tuple[Condition, ...]) -> set[str]:
    return {name for condition in conditions for name in facts_read(condition)}


def _on(encoded: Encoded, name: str) -> Iterator[Dependence | Undecided]:
    term, asked = encoded.space.twin(name)
    twin = Encoded(encoded.bundle, encoded.point, space=encoded.space, instead={name: term})
    solver = encoded.solver()
    solver.add(*asked)
    for rule_id, enabled in encoded.enabled.items():
        solver.add(equal(enabled, twin.enabled[rule_id]))
    for model_of, twin_of in zip(encoded.stages, twin.stages, strict=True):
        effects = [(model_of.comes_to(effect), twin_of.comes_to(effect)) for effect in Effect]
        try:
            model = smallest(solver, any_of(differ(one, other) for one, other in effects), encoded.space)
        except UnsettledError:
            yield Undecided(name, model_of.stage)
            continue
        if model is None:
            continue
        values = encoded.space.values(model)
        changed = dict(values)
        changed.pop(name, None)
        if holds(model, term.known):
            changed[name] = _value(term.values, term.reach, model)
        one, other = _call(encoded, values), _call(encoded, changed)
        came = one.stage(model_of.stage), other.stage(model_of.stage)
        if came[0].outcome.effect is came[1].outcome.effect:
            raise SolverDisagreesError(f"the solver finds a dependence on `{name}` that the engine does not")
        rules = tuple(sorted({*came[0].determining, *came[1].determining}))
        yield Dependence(name, model_of.stage, rules, one, other)


def _value(values: tuple[Value, ...], reach: tuple[Formula, ...], model: Formula) -> Value:
    return values[sum(holds(model, each) for each in reach) - 1]


def _call(encoded: Encoded, values: Mapping[str, Value]) -> Witness:
    return Witness(encoded.point, values, encoded.decide(values).stages)
