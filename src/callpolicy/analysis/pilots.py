"""Who is in a pilot, as formulas: teams, queues, and the share of callers that a hash chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from callpolicy.analysis.formulas import Formula, all_of, any_of, implies, negated
from callpolicy.analysis.space import Space, Terms, Unsupported, holds
from callpolicy.condition import Any, FactRef, Leaf, Op, leaves
from callpolicy.engine.deciding import in_pilot
from callpolicy.engine.plan import StagePlan
from callpolicy.facts import Value
from callpolicy.matchers.reference import leaf_truth
from callpolicy.policy import Pilot

IDENTITY: Final = ("caller.customer", "caller.number")
"""The facts whose hash chooses the share; the first that is known counts."""

_WHOLE: Final = 100
_TRIES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Piloted:
    """A rule in pilot, as the engine holds it.

    Args:
        plan: its stage.
        position: its place in the ranking of the stage.
        pilot: its scope.
    """

    plan: StagePlan
    position: int
    pilot: Pilot

    @property
    def rule_id(self) -> str:
        """Id of the rule."""
        return self.plan.ranking.rules[self.position].id

    @property
    def shared(self) -> bool:
        """Whether a hash chooses who is in it."""
        return 0 < self.pilot.percent < _WHOLE

    def turn(self, space: Space) -> Formula:
        """The hash chooses the caller; without an identity nobody is chosen."""
        return space.variable(f"turn of {self.rule_id} below {self.pilot.percent}")

    def chosen(self, values: dict[str, Value]) -> bool:
        """Whether the hash chooses the caller of a snapshot."""
        return in_pilot(self.plan, self.position, Pilot((), (), self.pilot.percent), values)

    def leaves(self) -> Iterator[Leaf]:
        """What is compared to find out who is in it."""
        if self.pilot.teams:
            yield Leaf("call.team", Op.IN, self.pilot.teams)
        if self.pilot.queues:
            yield Leaf("call.queue", Op.IN, self.pilot.queues)

    def formula(self, space: Space, terms: Terms) -> Formula:
        """The rule is enforced for this call."""
        scope = [space.truth(leaf, terms).true for leaf in self.leaves()]
        if self.pilot.percent >= _WHOLE:
            return all_of(scope)
        if self.pilot.percent <= 0:
            return False
        return all_of([*scope, self.turn(space), any_of(space.terms[name].known for name in IDENTITY)])


class Turns:
    """The hashes that choose callers: which answers there are, and a caller for each.

    Args:
        space: the snapshots; it has the facts of `IDENTITY` if any pilot is shared.
        piloted: rules in pilot, of one bundle or of several that are compared.
    """

    def __init__(self, space: Space, piloted: list[Piloted]) -> None:
        self._space = space
        self._shared = [each for each in piloted if each.shared]
        relations = tuple(relation.holds for relation in space.relations)
        everything = leaves(Any((*space.conditions, *relations))) if self._shared else ()
        self._own = [leaf for leaf in everything if leaf.fact in IDENTITY or _names_identity(leaf)]

    def unsupported(self) -> Iterator[Unsupported]:
        """Shares that cannot be held."""
        for leaf in self._own:
            if isinstance(leaf.operand, FactRef):
                yield Unsupported("who calls is compared with another fact, and a pilot takes a share", leaf.fact)

    def constraints(self) -> Iterator[Formula]:
        """What the hashes are of callers that conditions name, and that a larger share takes in a smaller one."""
        by_rule: dict[str, list[Piloted]] = {}
        for each in self._shared:
            by_rule.setdefault(each.rule_id, []).append(each)
        for same in by_rule.values():
            for less, more in pairwise(sorted(same, key=lambda each: each.pilot.percent)):
                yield implies(less.turn(self._space), more.turn(self._space))
        for each in self._shared:
            earlier: Formula = True
            for name in IDENTITY:
                term = self._space.terms[name]
                for position, text in enumerate(term.values):
                    if self._written(name, text):
                        here = all_of((earlier, term.known, term.at(position)))
                        chosen = each.chosen({name: text})
                        turn = each.turn(self._space)
                        yield implies(here, turn if chosen else negated(turn))
                earlier = all_of((earlier, negated(term.known)))

    def _written(self, name: str, text: Value) -> bool:
        return any(
            leaf.fact == name and leaf.op not in {Op.STARTS_WITH, Op.KNOWN} and text in _texts(leaf)
            for leaf in self._own
        )

    def settle(self, values: dict[str, Value], model: Formula) -> bool:
        """Give the caller of a model a name that the hashes choose as the model says; whether there is one."""
        name = next((name for name in IDENTITY if name in values), None)
        if not self._shared or name is None:
            return True
        wanted = [holds(model, each.turn(self._space)) for each in self._shared]
        first = str(values[name])
        own = [leaf for leaf in self._own if leaf.fact == name]
        truths = [leaf_truth(leaf, values) for leaf in own]
        for number in range(_TRIES):
            values[name] = f"{first}{number or ''}"
            same_cell = [leaf_truth(leaf, values) for leaf in own] == truths
            if same_cell and [each.chosen(values) for each in self._shared] == wanted:
                return True
        return False


def _names_identity(leaf: Leaf) -> bool:
    return isinstance(leaf.operand, FactRef) and leaf.operand.name in IDENTITY


def _texts(leaf: Leaf) -> tuple[object, ...]:
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
