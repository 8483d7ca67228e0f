"""Small random norms with facts of few values, and a search for changes that tries simply everything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, leaves
from callpolicy.engine import Plan, compile_plan, decide
from callpolicy.engine.deciding import carry, given
from callpolicy.facts import Catalogue, Fact, FactType, Origin, Relation, Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import truth
from callpolicy.points import KINDS_OF_CLASS, STAGE_OF, DecisionPoint, Effect, Kind
from callpolicy.policy import By, Pilot, Rule, Status, Term
from callpolicy.whatif import Determines, Goal, LeadsTo, Matches
from tests.engine.bundles import bundle, never, rule

CLASSES: Final = tuple(str(each) for each in KINDS_OF_CLASS)
FACTS: Final = (
    Fact("caller.class", FactType.ENUM, {}, values=CLASSES, origin=Origin.ENGINE),
    Fact("caller.kind", FactType.ENUM, {}, values=tuple(Kind), origin=Origin.ENGINE),
    Fact("caller.protected", FactType.BOOL, {}),
    Fact("caller.allowlisted", FactType.BOOL, {}),
    Fact("block.covered", FactType.BOOL, {}),
    Fact("call.team", FactType.STR, {}),
    Fact("talk.offences", FactType.INT, {}, minimum=0, maximum=3),
    Fact("talk.warnings", FactType.INT, {}, minimum=0, maximum=3),
    Fact("talk.signals", FactType.STR_SET, {}, values=("anger", "threat")),
    Fact("case.status", FactType.ENUM, {}, values=("open", "final", "reopened")),
    Fact("talk.late", FactType.BOOL, {}, known_from=DecisionPoint.IN_CALL),
)
RELATIONS: Final = (
    Relation("warnings-within-offences", Leaf("talk.warnings", Op.AT_MOST, FactRef("talk.offences"))),
    Relation(
        "open-is-not-covered",
        Any((Not((Leaf("case.status", Op.IS, "open"),)), Leaf("block.covered", Op.KNOWN, False))),
    ),
)
DOMAINS: Final[Mapping[str, tuple[Value, ...]]] = {
    "caller.protected": (False, True),
    "caller.allowlisted": (False, True),
    "block.covered": (False, True),
    "call.team": ("a", "b", "other"),
    "talk.offences": (0, 1, 2, 3),
    "talk.warnings": (0, 1, 2, 3),
    "talk.signals": (frozenset[str](), frozenset({"anger"}), frozenset({"threat"}), frozenset({"anger", "threat"})),
    "case.status": ("open", "final", "reopened"),
    "talk.late": (False, True),
}
LEAVES: Final = (
    *(Leaf("talk.offences", op, number) for op in (Op.AT_LEAST, Op.AT_MOST, Op.IS) for number in (0, 1, 2)),
    *(Leaf("talk.warnings", op, number) for op in (Op.MORE_THAN, Op.LESS_THAN, Op.IS_NOT) for number in (1, 2)),
    Leaf("talk.warnings", Op.BETWEEN, (1, 2)),
    Leaf("talk.warnings", Op.LESS_THAN, FactRef("talk.offences")),
    Leaf("talk.warnings", Op.IS, FactRef("talk.offences")),
    Leaf("talk.offences", Op.KNOWN, False),
    Leaf("talk.signals", Op.HAS, "anger"),
    Leaf("talk.signals", Op.HAS_ANY, ("anger", "threat")),
    Leaf("talk.signals", Op.KNOWN, True),
    Leaf("case.status", Op.IS, "final"),
    Leaf("case.status", Op.IN, ("open", "reopened")),
    Leaf("call.team", Op.IS, "a"),
    Leaf("call.team", Op.STARTS_WITH, "b"),
    Leaf("caller.class", Op.IS, "nuisance"),
    Leaf("caller.class", Op.IS_NOT, "normal"),
    Leaf("caller.kind", Op.IS, "abuse"),
    Leaf("caller.kind", Op.KNOWN, False),
    Leaf("block.covered", Op.IS, True),
    Leaf("caller.protected", Op.IS, False),
    Leaf("talk.late", Op.IS, True),
)
KINDS: Final = {Effect.NUISANCE: Kind.ABUSE, Effect.REPEAT_COMPLAINT: Kind.AFTER_FINAL_RESULT}


@dataclass(frozen=True, slots=True)
class Case:
    """A norm, what is known, and what is asked for."""

    plan: Plan
    snapshot: Snapshot
    point: DecisionPoint
    goal: Goal


def case(seed: int) -> Case:
    """The case of a seed."""
    chance = random.Random(seed)
    point = chance.choice(list(DecisionPoint))
    rules = [_rule(chance, number) for number in range(chance.randint(2, 9))]
    invariants = [
        never("i1", [Effect.HANG_UP], _condition(chance, 1), Effect.HANG_UP_POLITELY),
        never("i2", [Effect.HANG_UP_POLITELY, Effect.HANG_UP], _condition(chance, 1), Effect.EXPLAIN),
        never("i3", [Effect.BLOCK], _condition(chance, 1), Effect.PROPOSE_BLOCK),
        never("i4", [Effect.REJECT], _condition(chance, 0), Effect.DIVERT),
        never("i5", [Effect.NUISANCE], _condition(chance, 0), Effect.REPEAT_COMPLAINT),
    ]
    catalogue = Catalogue(FACTS, RELATIONS if chance.random() < 0.8 else ())
    made = bundle(*rules, invariants=chance.sample(invariants, chance.randint(0, 5)), catalogue=catalogue)
    plan = compile_plan(made, compile_indexed)
    known = snapshot(chance)
    return Case(plan, known, point, goal(chance, plan, point))


def snapshot(chance: random.Random) -> Snapshot:
    """Any facts; a class that the host gives counts for nothing."""
    unknown = chance.choice((0.1, 0.5))
    values = {name: chance.choice(domain) for name, domain in DOMAINS.items() if chance.random() > unknown}
    values["caller.class"] = "nuisance"
    return Snapshot(0, values)


def goal(chance: random.Random, plan: Plan, point: DecisionPoint) -> Goal:
    """Any goal that can be asked for at the point."""
    stages = [each.ranking.stage for each in plan.points[point]]
    ids = [each.id for stage in plan.points[point] for each in stage.ranking.rules if each.status is not Status.SHADOW]
    effects = [effect for effect in Effect if STAGE_OF[effect] in stages]
    goals: list[Goal] = [LeadsTo(chance.choice(effects))]
    if ids:
        goals += [Matches(chance.choice(ids)), Determines(chance.choice(ids))]
    return chance.choice(goals)


def _rule(chance: random.Random, number: int) -> Rule:
    effect = chance.choice(list(Effect))
    status = chance.choice((Status.ENFORCED, Status.ENFORCED, Status.ENFORCED, Status.PILOT, Status.SHADOW))
    return rule(
        f"r{number}",
        effect,
        _condition(chance, 2),
        priority=chance.choice((10, 50, 90)),
        status=status,
        pilot=Pilot(teams=("a",)) if status is Status.PILOT else None,
        kind=KINDS.get(effect),
        by=chance.choice(list(By)),
        term=chance.choice(list(Term)) if "block" in effect else None,
        script=chance.choice((None, "one", "two")),
    )


def _condition(chance: random.Random, depth: int) -> Condition:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(LEAVES)
    node = chance.choice((All, Any, Not))
    return node(tuple(_condition(chance, depth - 1) for _ in range(chance.randint(1, 3))))


# ---- everything is tried

Found = dict[str, Value | None]


def everything(own: Case, most: int = 3) -> dict[frozenset[str], list[Found]]:
    """Every smallest set of facts, with all values of them that do it."""
    allowed = {name: list(_allowed(own, name)) for name in DOMAINS if _is_open(own, name)}
    found: dict[frozenset[str], list[Found]] = {}
    for size in range(most + 1):
        for names in combinations(sorted(allowed), size):
            if any(smaller < frozenset(names) for smaller in found):
                continue
            for values in product(*(allowed[name] for name in names)):
                changes = dict(zip(names, values, strict=True))
                if does_it(own, changes):
                    found.setdefault(frozenset(names), []).append(changes)
    return found


def _is_open(own: Case, name: str) -> bool:
    order = list(DecisionPoint)
    return order.index(own.plan.bundle.catalogue[name].known_from) <= order.index(own.point)


def _allowed(own: Case, name: str) -> Iterator[Value | None]:
    now = own.snapshot.values.get(name)
    yield from (each for each in DOMAINS[name] if each != now or now is None)
    if now is not None and name in _asked_whether_known(own):
        yield None


def _asked_whether_known(own: Case) -> set[str]:
    wanted = own.goal
    rules = own.plan.bundle.rules
    last = (
        STAGE_OF[wanted.effect]
        if isinstance(wanted, LeadsTo)
        else next(
            stage
            for stage in own.plan.stages
            for each in own.plan.stages[stage].ranking.rules
            if each.id == wanted.rule
        )
    )
    stages = [each.ranking.stage for each in own.plan.points[own.point]]
    upto = stages[: stages.index(last) + 1]
    conditions = [each.when for each in rules if each.stage in upto]
    conditions += [each.when for each in own.plan.bundle.invariants if each.stage in upto]
    conditions += [each.holds for each in own.plan.bundle.catalogue.relations]
    return {leaf.fact for condition in conditions for leaf in leaves(condition) if leaf.op is Op.KNOWN}


def changed(snapshot: Snapshot, changes: Mapping[str, Value | None]) -> Snapshot:
    values = {name: value for name, value in snapshot.values.items() if name not in changes}
    values.update({name: value for name, value in changes.items() if value is not None})
    return Snapshot(snapshot.at, values)


def does_it(own: Case, changes: Mapping[str, Value | None]) -> bool:
    """Whether the changes reach the goal and break no relation, asked of the engine itself."""
    after = changed(own.snapshot, changes)
    before_values, values = given(own.snapshot), given(after)
    for relation in own.plan.bundle.catalogue.relations:
        if truth(relation.holds, values) is False and truth(relation.holds, before_values) is not False:
            return False
    decision = decide(own.plan, after, point=own.point, call_id="c", decision_id="d", with_recheck=False)
    for stage, result in zip(own.plan.points[own.point], decision.stages, strict=True):
        match own.goal:
            case LeadsTo(effect):
                if result.stage is STAGE_OF[effect]:
                    return result.outcome.effect is effect
            case Matches(name):
                for each in stage.ranking.rules:
                    if each.id == name:
                        return truth(each.when, values) is True
            case Determines(name):
                if any(each.id == name for each in stage.ranking.rules):
                    bare = not (result.held_by or result.invariants or result.hidden)
                    return bare and name in result.determining
        carry(values, result)
    raise AssertionError("the goal is of no stage of the point")


def nearer(own: Case, one: Found, other: Found) -> bool:
    """Whether one is at least as near in every fact, and nearer in some."""
    pairs = [(_distance(own, name, one[name]), _distance(own, name, other[name])) for name in one]
    return all(left <= right for left, right in pairs) and any(left < right for left, right in pairs)


def _distance(own: Case, name: str, value: Value | None) -> int:
    now = own.snapshot.values.get(name)
    if value is None:
        return 100
    if isinstance(value, frozenset):
        return len(value ^ (now if isinstance(now, frozenset) else frozenset()))
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value - (now if isinstance(now, int) else 0))
    return 1
