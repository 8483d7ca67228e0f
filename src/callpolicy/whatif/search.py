"""The search for the smallest changes of facts that reach a goal: exact, from what stands in the way.

As long as a goal is not reached, something stands in its way, and whatever else is changed, one of a few moves is
needed: so only those are tried, and after each of them the same is asked again.

INVARIANT: of every node that does not reach the goal, `Obstacles` gives moves of which every answer beyond it holds at
least one. So no answer is missed, although hardly anything is tried.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from itertools import count
from typing import Final

from callpolicy.condition import Leaf, Op, facts_read, leaves
from callpolicy.engine import Plan
from callpolicy.engine.deciding import given
from callpolicy.engine.plan import StagePlan
from callpolicy.errors import UsageError
from callpolicy.facts import FactType, Snapshot, Value
from callpolicy.matchers.reference import truth
from callpolicy.points import STAGE_OF, DecisionPoint, Stage
from callpolicy.policy import Rule
from callpolicy.whatif.goals import Change, ChangeSet, Determines, Goal, LeadsTo, Matches
from callpolicy.whatif.moves import NOT_FALSE, TRUE, Moves, Node, Obstacles, changed
from callpolicy.whatif.values import Values
from callpolicy.whatif.ways import WaysOf, determining

MOST: Final = 3
"""Of how many facts a set of changes may be."""

_PATIENCE: Final = 500_000


def change_sets(
    plan: Plan, snapshot: Snapshot, point: DecisionPoint, goal: Goal, most: int = MOST, keep: Collection[str] = ()
) -> tuple[ChangeSet, ...]:
    """Every smallest set of facts whose change reaches a goal, each with the nearest values that do.

    A fact that the engine makes (`caller.class`, `caller.kind`) is never changed itself, but what it is made from. No
    change breaks a relation of the catalogue that holds, or leaves the range of a fact. A fact becomes unknown only
    where a condition asks whether it is known, and none becomes known that cannot be at the decision point.

    Args:
        plan: the compiled bundle.
        snapshot: what is known.
        point: the decision point.
        goal: what is to be reached.
        most: how many facts may change, 1 to 3.
        keep: names of facts that are to stay as they are.

    Returns:
        the sets, the smallest first. None if no set of so many facts does it; one without changes if the goal is
        reached already. The fact names of no set hold those of another. Among values that do it, those are taken that
        are the nearest to the known ones: nobody comes nearer in one fact without going farther in another.

    Raises:
        UsageError: there is no such rule, its stage is not part of the decision point, or it is not enforced and
            cannot determine anything; or `most` is not 1 to 3.
    """
    return Searching(plan).change_sets(snapshot, point, goal, most, keep)


class Searching:
    """The search over one norm; what is worked out of the norm itself is kept for the next question.

    Args:
        plan: the compiled bundle.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._values: dict[object, Values] = {}
        self._ways = WaysOf()

    def change_sets(
        self, snapshot: Snapshot, point: DecisionPoint, goal: Goal, most: int = MOST, keep: Collection[str] = ()
    ) -> tuple[ChangeSet, ...]:
        """As the function `change_sets`."""
        if most not in range(1, MOST + 1):
            raise UsageError(f"a set of changes is of 1 to {MOST} facts")
        number = _number_of(self._plan, point, goal)
        rule = None if isinstance(goal, LeadsTo) else find_rule(self._plan, goal.rule)
        key = (point, number, rule and rule.id, frozenset(keep))
        if key not in self._values:
            found = _leaves(self._plan, self._plan.points[point][: number + 1], rule)
            self._values[key] = Values(found, self._plan.bundle.catalogue, point, keep)
        return _Search(self._plan, snapshot, point, goal, most, self._values[key], self._ways).sets()


def find_rule(plan: Plan, rule_id: str) -> Rule:
    """The rule of that id, whatever its status, or what stands for a standing block.

    Raises:
        UsageError: there is none.
    """
    ranked = (rule for stage in plan.stages.values() for rule in stage.ranking.rules)
    for rule in (*ranked, *plan.bundle.rules):
        if rule.id == rule_id:
            return rule
    raise UsageError(f"there is no rule `{rule_id}`")


def _stage_of(plan: Plan, goal: Goal) -> Stage:
    return STAGE_OF[goal.effect] if isinstance(goal, LeadsTo) else find_rule(plan, goal.rule).stage


def _number_of(plan: Plan, point: DecisionPoint, goal: Goal) -> int:
    stage = _stage_of(plan, goal)
    for number, each in enumerate(plan.points[point]):
        if each.ranking.stage is stage:
            return number
    what = f"effect `{goal.effect}`" if isinstance(goal, LeadsTo) else f"rule `{goal.rule}`"
    raise UsageError(f"{what} is of stage `{stage}`, which `{point}` does not have")


def _position_of(stage: StagePlan, rule_id: str) -> int:
    pilots = {place for place, _ in stage.pilots}
    for position, rule in enumerate(stage.ranking.rules):
        if rule.id == rule_id and (stage.enforced >> position & 1 or position in pilots):
            return position
    raise UsageError(f"rule `{rule_id}` is not enforced, and cannot determine the effect")


def _leaves(plan: Plan, stages: tuple[StagePlan, ...], rule: Rule | None) -> Iterator[Leaf]:
    """Every leaf that an answer may hang on."""
    catalogue = plan.bundle.catalogue
    for name in ("caller.protected", "caller.allowlisted"):
        if name in catalogue:
            yield Leaf(name, Op.IS, True)
    for relation in catalogue.relations:
        yield from leaves(relation.holds)
    if rule is not None:
        yield from leaves(rule.when)
    for stage in stages:
        for each in stage.ranking.rules:
            yield from leaves(each.when)
        for invariant in stage.invariants:
            yield from leaves(invariant.when)
        for _, pilot in stage.pilots:
            for name, names in (("call.team", pilot.teams), ("call.queue", pilot.queues)):
                if names and name in catalogue:
                    yield Leaf(name, Op.IN, names)


class _Search:
    def __init__(
        self,
        plan: Plan,
        snapshot: Snapshot,
        point: DecisionPoint,
        goal: Goal,
        most: int,
        values: Values,
        ways: WaysOf,
    ) -> None:
        self._goal = goal
        self._number = _number_of(plan, point, goal)
        self._plans = plan.points[point][: self._number + 1]
        self._catalogue = plan.bundle.catalogue
        self._start = given(snapshot)
        self._rule = None if isinstance(goal, LeadsTo) else find_rule(plan, goal.rule)
        self._position = _position_of(self._plans[-1], goal.rule) if isinstance(goal, Determines) else 0
        relations = self._catalogue.relations
        # WHY only these: what could not be before the change need not become possible by it.
        self._relations = [
            (each, facts_read(each.holds)) for each in relations if truth(each.holds, self._start) is not False
        ]
        sets = [name for name in values.facts if self._catalogue[name].type is FactType.STR_SET]
        self._ranks = {name: values.ranks(name, self._start, snapshot.at) for name in values.facts if name not in sets}
        elements = {name: values.elements(name) for name in sets}
        vanishing = frozenset(name for name in values.facts if values.may_be_unknown(name))
        self._obstacles = Obstacles(self._plans, ways, self._ranks, elements, vanishing, most)

    def sets(self) -> tuple[ChangeSet, ...]:
        """Search; the nodes of the fewest facts first."""
        order = count()
        start = Node(self._plans, self._start, frozenset())
        queue = [(0, 0, next(order), start)]
        seen: set[Moves] = {start.moves}
        found: dict[frozenset[str], list[Moves]] = {}
        while queue:
            *_, node = heapq.heappop(queue)
            if any(facts < node.facts for facts in found):
                continue
            need = self._need(node)
            if need is None:
                found.setdefault(node.facts, []).append(node.moves)
                continue
            for move in need:
                moves = node.moves | {move}
                if moves in seen:
                    continue
                seen.add(moves)
                if len(seen) > _PATIENCE:
                    raise UsageError("there is too much to try; keep some facts as they are")
                after = Node(self._plans, changed(self._start, moves, self._catalogue), moves)
                heapq.heappush(queue, (len(after.facts), len(moves), next(order), after))
        return tuple(sorted((self._nearest(each) for each in found.values()), key=self._order))

    def _need(self, node: Node) -> Moves | None:
        """The moves of which at least one is needed; `None` if the goal is reached."""
        broken = [
            each
            for each, names in self._relations
            if not node.facts.isdisjoint(names) and truth(each.holds, node.values) is False
        ]
        if broken and self._obstacles.is_spent(node):
            return frozenset()
        if broken:
            needs = [self._obstacles.to_be(each.holds, NOT_FALSE, node, 0) or frozenset() for each in broken]
            return min(needs, key=len)
        if self._obstacles.is_spent(node):
            return None if self._is_reached(node) else frozenset()
        return self._obstructed(node)

    def _is_reached(self, node: Node) -> bool:
        number, goal = self._number, self._goal
        if isinstance(goal, Matches):
            assert self._rule is not None
            return truth(self._rule.when, node.seen_by(number)) is True
        at = node.stage(number)
        if isinstance(goal, LeadsTo):
            return at.outcome.effect is goal.effect
        return at.bare and bool(at.winners >> self._position & 1)

    def _obstructed(self, node: Node) -> Moves | None:
        if self._is_reached(node):
            return None
        number, goal = self._number, self._goal
        if isinstance(goal, Matches):
            assert self._rule is not None
            return self._obstacles.to_be(self._rule.when, TRUE, node, number)
        if isinstance(goal, LeadsTo):
            effect = goal.effect
            return self._obstacles.to_come(number, node, lambda outcome: outcome.effect is effect)
        need = self._obstacles.to_go(determining(self._plans[-1], self._position), number, node)
        return self._obstacles.everything(node) if need is None else need

    # ---- the nearest of several

    def _nearest(self, several: list[Moves]) -> ChangeSet:
        return min((self._change_set(moves) for moves in several), key=self._order)

    def _change_set(self, moves: Moves) -> ChangeSet:
        after = changed(self._start, moves, self._catalogue)
        names = sorted({move.fact for move in moves})
        return ChangeSet(tuple(Change(name, self._start.get(name), after.get(name)) for name in names))

    def _order(self, found: ChangeSet) -> tuple[int, int, tuple[tuple[str, int, int, str], ...]]:
        # WHY the place too: of what is equally near, that comes first which is declared or written first.
        far = [(each.fact, self._distance(each), self._place(each), str(_listed(each.after))) for each in found.changes]
        return len(far), sum(distance for _, distance, _, _ in far), tuple(far)

    def _place(self, change: Change) -> int:
        return list(self._ranks.get(change.fact, {change.after: 0})).index(change.after)

    def _distance(self, change: Change) -> int:
        ranks = self._ranks.get(change.fact)
        if ranks is not None:
            return ranks[change.after]
        before, after = (each if isinstance(each, frozenset) else None for each in (change.before, change.after))
        return len((before or frozenset()) ^ (after or frozenset())) + ((before is None) is not (after is None))


def _listed(value: Value | None) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
