"""What stands in the way of a goal, as the changes of which at least one is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias, assert_never

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Truth
from callpolicy.decision import StageResult
from callpolicy.engine.deciding import carry
from callpolicy.engine.plan import StagePlan
from callpolicy.facts import Catalogue, FactType, Value
from callpolicy.matchers.reference import leaf_truth, truth
from callpolicy.matches import bits
from callpolicy.points import Stage
from callpolicy.policy import Outcome
from callpolicy.whatif.ways import Came, Way, WaysOf, came

TRUE: Final = frozenset({True})
FALSE: Final = frozenset({False})
UNKNOWN: Final = frozenset({None})
NOT_TRUE: Final = frozenset({False, None})
NOT_FALSE: Final = frozenset({True, None})

_PROTECTED: Final = Any((Leaf("caller.protected", Op.IS, True), Leaf("caller.allowlisted", Op.IS, True)))
_MADE: Final = frozenset({"caller.class", "caller.kind"})
_COVERS: Final = frozenset({"block.covered"})


class Move(NamedTuple):
    """One step: a fact gets another value, or a set gets or loses an element.

    Args:
        fact: the fact.
        element: the element of a set that changes; `None` if the fact as a whole does.
        value: the new value, `None` for unknown; for an element whether it is in.
    """

    fact: str
    element: str | None
    value: Value | None


Moves: TypeAlias = frozenset[Move]
Wanted: TypeAlias = frozenset[Truth]
_NONE: Final[Moves] = frozenset()


class Node:
    """Facts after some moves, and what the stages come to on them; worked out when asked for."""

    __slots__ = ("_came", "_plans", "_seen", "cache", "facts", "moves", "values")

    def __init__(self, plans: tuple[StagePlan, ...], values: dict[str, Value], moves: Moves) -> None:
        self._plans = plans
        self._came: list[Came] = []
        self._seen = [values]
        self.values = values
        self.moves = moves
        self.facts = frozenset(move.fact for move in moves)
        self.cache: dict[object, Moves | None] = {}

    def stage(self, number: int) -> Came:
        """What the stage of that number comes to."""
        while len(self._came) <= number:
            place = len(self._came)
            self._came.append(came(self._plans[place], self.seen_by(place)))
        return self._came[number]

    def seen_by(self, number: int) -> dict[str, Value]:
        """The facts that the stage of that number sees."""
        while len(self._seen) <= number:
            place = len(self._seen) - 1
            before = self.stage(place)
            self._seen.append(carried(before.values, self._plans[place].ranking.stage, before.outcome))
        return self._seen[number]


def carried(values: Mapping[str, Value], stage: Stage, outcome: Outcome) -> dict[str, Value]:
    """The facts of the next stage."""
    after = dict(values)
    carry(after, StageResult(stage, outcome, False))
    return after


class Obstacles:
    """Says of a node what is needed.

    Args:
        plans: the stages of the decision point, in order.
        ways: the ways of the stages.
        others: per open fact that is no set the values worth a try, the nearest first.
        elements: per open fact that is a set the elements that conditions ask for.
        vanishing: the open facts of which becoming unknown is worth a try.
        most: how many facts may change.
    """

    def __init__(
        self,
        plans: tuple[StagePlan, ...],
        ways: WaysOf,
        others: Mapping[str, Collection[Value | None]],
        elements: Mapping[str, frozenset[str]],
        vanishing: frozenset[str],
        most: int,
    ) -> None:
        self._plans = plans
        self._ways = ways
        self._others = others
        self._elements = elements
        self._vanishing = vanishing
        self._most = most

    # ---- conditions

    def to_be(self, condition: Condition, wanted: Wanted, node: Node, number: int) -> Moves | None:
        """What is needed for a condition to have one of those truths; `None` if it has.

        Args:
            condition: the condition.
            wanted: the truths: one of the constants of this module.
            node: where the search stands.
            number: the stage that evaluates it.
        """
        key = (id(condition), wanted, number)
        if key not in node.cache:
            node.cache[key] = self._to_be(condition, wanted, node, number)
        return node.cache[key]

    def _to_be(self, condition: Condition, wanted: Wanted, node: Node, number: int) -> Moves | None:
        match condition:
            case Leaf():
                if leaf_truth(condition, node.seen_by(number)) in wanted:
                    return None
                return self._of_leaf(condition, wanted, node, number)
            case All(items):
                return self._all_of(items, True, wanted, node, number)
            case Not(items):
                return self._all_of(items, False, wanted, node, number)
            case Any(items):
                turned = frozenset(None if each is None else not each for each in wanted)
                return self._all_of(items, False, turned, node, number)
            case _:
                assert_never(condition)

    def _all_of(self, items: tuple[Condition, ...], own: bool, wanted: Wanted, node: Node, number: int) -> Moves | None:
        """As `to_be`, for: every item is `own`."""
        values = node.seen_by(number)
        truths = [truth(item, values) for item in items]
        now: Truth = False if (not own) in truths else None if None in truths else True
        if now in wanted:
            return None
        if wanted in (TRUE, NOT_FALSE) or (wanted == UNKNOWN and now is False):
            aim = frozenset({own}) if wanted == TRUE else frozenset({own, None})
            stuck = [item for item, each in zip(items, truths, strict=True) if each not in aim]
            return self._fewest(self.to_be(item, aim, node, number) for item in stuck)
        aim = frozenset(each if each is None else each is own for each in wanted)
        return self._union(self.to_be(item, aim, node, number) for item in items)

    @staticmethod
    def _fewest(needs: Iterable[Moves | None]) -> Moves | None:
        best: Moves | None = None
        for need in needs:
            if need is not None and (best is None or len(need) < len(best)):
                best = need
                if len(best) <= 1:
                    break
        return best

    @staticmethod
    def _union(needs: Iterable[Moves | None]) -> Moves:
        return _NONE.union(*(need for need in needs if need is not None))

    # ---- leaves

    def _of_leaf(self, leaf: Leaf, wanted: Wanted, node: Node, number: int) -> Moves:
        names = [leaf.fact, *([leaf.operand.name] if isinstance(leaf.operand, FactRef) else [])]
        found: set[Move] = set()
        for name in names:
            if name in _MADE or (name == "block.covered" and number > 0):
                found |= self._of_made(leaf, wanted, node, number)
            if name in self._elements:
                found.update(self._of_set(name, leaf, wanted, node))
            elif name in self._others:
                found.update(self._of_fact(name, leaf, wanted, node, number))
        return frozenset(found)

    def _may_touch(self, name: str, node: Node) -> bool:
        return name not in node.facts and len(node.facts) < self._most

    def _of_fact(self, name: str, leaf: Leaf, wanted: Wanted, node: Node, number: int) -> Iterable[Move]:
        if not self._may_touch(name, node):
            return ()
        values = node.seen_by(number)
        if isinstance(leaf.operand, FactRef):
            other = leaf.operand.name if name == leaf.fact else leaf.fact
            if other in _MADE or (other in self._others and self._may_touch(other, node)):
                return (Move(name, None, each) for each in self._others[name])
        return (
            Move(name, None, each) for each in self._others[name] if self._truth(leaf, values, name, each) in wanted
        )

    @staticmethod
    def _truth(leaf: Leaf, values: Mapping[str, Value], name: str, value: Value | None) -> Truth:
        own = {each: values[each] for each in _names(leaf) if each in values and each != name}
        if value is not None:
            own[name] = value
        return leaf_truth(leaf, own)

    def _of_set(self, name: str, leaf: Leaf, wanted: Wanted, node: Node) -> Iterable[Move]:
        now = node.values.get(name)
        fresh = self._may_touch(name, node)
        if not fresh and (name not in node.facts or now is None):
            return
        if leaf.op is Op.KNOWN:
            if fresh and (now is None or name in self._vanishing):
                yield Move(name, None, frozenset() if now is None else None)
            return
        asked = [str(each) for each in (leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,))]
        decided = {move.element for move in node.moves if move.fact == name}
        if True in wanted:
            yield from (Move(name, each, True) for each in asked if each not in decided)
        if False in wanted and now is None:
            yield Move(name, None, frozenset())
        elif False in wanted and isinstance(now, frozenset):
            present = [each for each in asked if each in now]
            if not decided.intersection(present):
                yield from (Move(name, each, False) for each in present[:1])
        if None in wanted and fresh and name in self._vanishing and now is not None:
            yield Move(name, None, None)

    # ---- what earlier stages make

    def _of_made(self, leaf: Leaf, wanted: Wanted, node: Node, number: int) -> Moves:
        """What is needed for an earlier stage to make the fact of a leaf so that the leaf has one of those truths."""
        found = _NONE
        for place in range(number):
            stage = self._plans[place].ranking.stage
            makes = _MADE if stage is Stage.CLASSIFY else _COVERS
            if makes.intersection(_names(leaf)):
                found |= self._of_stage(leaf, wanted, node, place)
        return found

    def _of_stage(self, leaf: Leaf, wanted: Wanted, node: Node, place: int) -> Moves:
        seen = {name: value for name, value in node.stage(place).values.items() if name not in _MADE}
        stage = self._plans[place].ranking.stage
        if stage is not Stage.CLASSIFY:
            seen = dict(node.stage(place).values)
        paired = isinstance(leaf.operand, FactRef)
        key = (leaf, wanted, place)
        if key not in node.cache:
            node.cache[key] = self.to_come(
                place,
                node,
                lambda outcome: paired or leaf_truth(leaf, carried(seen, stage, outcome)) in wanted,
                other_than=node.stage(place).outcome,
            )
        return node.cache[key] or _NONE

    # ---- outcomes

    def to_come(
        self, number: int, node: Node, fits: Callable[[Outcome], bool], other_than: Outcome | None = None
    ) -> Moves | None:
        """What is needed for a stage to come to an outcome that fits; `None` if it does.

        Args:
            number: of the stage.
            node: where the search stands.
            fits: whether an outcome will do.
            other_than: an outcome that will not do, whatever `fits` says.
        """
        now = node.stage(number).outcome
        if fits(now) and now != other_than:
            return None
        found = _NONE
        for outcome, several in self._ways.of(self._plans[number]).items():
            if outcome == other_than or not fits(outcome):
                continue
            for way in several:
                need = self.to_go(way, number, node)
                found |= self.everything(node) if need is None else need
        return found

    def is_spent(self, node: Node) -> bool:
        """Whether nothing is left to move."""
        return len(node.facts) >= self._most and node.facts.isdisjoint(self._elements)

    def everything(self, node: Node) -> Moves:
        """Every move that is left. WHY: the safe answer where nobody can say what stands in the way."""
        return frozenset(
            Move(name, None, value)
            for name, others in self._others.items()
            if self._may_touch(name, node)
            for value in others
        ) | frozenset(move for name in self._elements for move in self._any_of_set(name, node))

    def _any_of_set(self, name: str, node: Node) -> Iterable[Move]:
        now = node.values.get(name)
        decided = {move.element for move in node.moves if move.fact == name}
        known = now if isinstance(now, frozenset) else frozenset()
        if name in node.facts and now is None:
            return
        if name in node.facts or self._may_touch(name, node):
            yield from (Move(name, each, each not in known) for each in self._elements[name] if each not in decided)
        if self._may_touch(name, node) and (now is None or name in self._vanishing):
            yield Move(name, None, frozenset() if now is None else None)

    def to_go(self, way: Way, number: int, node: Node) -> Moves | None:
        """What is needed to go a way; `None` if nothing is in its way."""
        plan, at = self._plans[number], node.stage(number)
        true, may, enabled = at.matches.true, at.matches.may, at.enabled
        doubted = at.guards.true | at.guards.may
        stuck: list[tuple[Condition, Wanted, int]] = [
            # WHY first: hardly a rule can be made unknown, and then nothing else need be looked at.
            *((plan.ranking.rules[each].when, UNKNOWN, each) for each in bits(way.unknown & ~may)),
            *((plan.ranking.rules[each].when, TRUE, each) for each in bits(way.true & ~true)),
            *((plan.ranking.rules[each].when, NOT_TRUE, each) for each in bits(way.not_true & enabled & true)),
            *((plan.ranking.rules[each].when, FALSE, each) for each in bits(way.false & enabled & (true | may))),
            *((plan.invariants[each].when, NOT_FALSE, -1) for each in bits(way.acting & ~doubted)),
            *((plan.invariants[each].when, FALSE, -1) for each in bits(way.kept & doubted)),
        ]  # fmt: skip
        if way.protected is not None:
            stuck.append((_PROTECTED, TRUE if way.protected else NOT_TRUE, -1))
        best: Moves | None = None
        for each in bits((way.true | way.unknown) & ~enabled):
            best = self._pilot(number, each, node)
        for condition, wanted, rule in stuck:
            need = self.to_be(condition, wanted, node, number)
            if need is not None and wanted in (NOT_TRUE, FALSE) and rule >= 0:
                need |= self._pilot(number, rule, node)
            best = self._fewest((best, need))
            if best is not None and not best:
                break
        return best

    def _pilot(self, number: int, position: int, node: Node) -> Moves:
        """What may bring a call into a pilot or out of it; nothing for a rule that is no pilot."""
        if all(place != position for place, _ in self._plans[number].pilots):
            return _NONE
        names = ("call.team", "call.queue", "caller.customer", "caller.number")
        return frozenset(
            Move(name, None, value)
            for name in names
            if name in self._others and self._may_touch(name, node)
            for value in self._others[name]
        )


def _names(leaf: Leaf) -> tuple[str, ...]:
    return (leaf.fact, leaf.operand.name) if isinstance(leaf.operand, FactRef) else (leaf.fact,)


def changed(values: Mapping[str, Value], moves: Moves, catalogue: Catalogue) -> dict[str, Value]:
    """The facts after some moves."""
    after = dict(values)
    flips: dict[str, set[str]] = {}
    for fact, element, value in moves:
        if element is not None:
            flips.setdefault(fact, set()).add(element)
        elif value is None:
            after.pop(fact, None)
        else:
            after[fact] = value
    for fact, elements in flips.items():
        assert catalogue[fact].type is FactType.STR_SET
        now = after.get(fact, frozenset[str]())
        assert isinstance(now, frozenset)
        after[fact] = now ^ elements
    return after
