"""The findings of a small bundle by trying every snapshot on the engine: what the solver is compared with."""

from __future__ import annotations

from itertools import combinations

from callpolicy.analysis.norms import WARNED
from callpolicy.condition import facts_read
from callpolicy.decision import StageResult
from callpolicy.engine import compile_plan, decide
from callpolicy.engine.deciding import enabled_rules
from callpolicy.engine.plan import Plan, StagePlan
from callpolicy.facts import Snapshot, Value
from callpolicy.matchers.reference import compile_reference, truth
from callpolicy.points import EFFECTS_OF, RESTRICTIVE, STAGES_AT, DecisionPoint, Effect, Stage
from callpolicy.policy import STANDING_BLOCK, UNION_OBLIGATIONS, Bundle, By, Outcome, Rule, Status
from tests.analysis.making import every_snapshot

_IN_FORCE = frozenset({Status.ENFORCED, Status.PILOT})

Named = tuple[str, tuple[str, ...], str]
"""Code, rules and subject of a finding."""

Seen = tuple[DecisionPoint, dict[str, Value], dict[Stage, dict[str, Value]], dict[Stage, StageResult], bool]
"""A decision point, a snapshot, the facts as each stage sees them, what each stage comes to, and whether it can be fed
event by event: all is known that always is then, the rules that give the class may ask for it too."""

_KNOWN = frozenset({"call.channel", "caller.protected", "caller.allowlisted"})


def every_call(bundle: Bundle, plan: Plan) -> list[Seen]:
    """Every snapshot at every decision point, decided."""
    calls: list[Seen] = []
    for point in DecisionPoint:
        read = _read_at(bundle, point)
        for values in every_snapshot(read):
            decision = decide(plan, Snapshot(0, values), point=point, call_id="c", decision_id="d", with_recheck=False)
            results = {each.stage: each for each in decision.stages}
            fed = _KNOWN & read <= values.keys()
            calls.append((point, values, _facts(values, decision.stages), results, fed))
    return calls


def _read_at(bundle: Bundle, point: DecisionPoint) -> set[str]:
    rules = [rule for rule in bundle.rules if rule.stage in STAGES_AT[point] and rule.status in _IN_FORCE]
    names = {name for rule in rules for name in facts_read(rule.when)}
    names |= {name for each in bundle.invariants if each.stage in STAGES_AT[point] for name in facts_read(each.when)}
    if any(rule.then.effect in RESTRICTIVE for rule in rules) or point is DecisionPoint.OFFERED:
        names.add("caller.protected")
    if point is DecisionPoint.OFFERED:
        names.add("block.covered")
    if any(rule.status is Status.PILOT for rule in rules):
        names.add("call.team")
    if any(rule.then.effect in {Effect.HANG_UP, Effect.HANG_UP_POLITELY} for rule in rules):
        names |= {"talk.warnings", "talk.offences_since_warning"}
    return names - {"caller.class", "caller.kind"}


def _facts(values: dict[str, Value], stages: tuple[StageResult, ...]) -> dict[Stage, dict[str, Value]]:
    found: dict[Stage, dict[str, Value]] = {}
    facts = dict(values)
    for each in stages:
        found[each.stage] = dict(facts)
        if each.stage is Stage.CLASSIFY:
            facts["caller.class"] = str(each.outcome.effect)
            if each.outcome.kind is not None:
                facts["caller.kind"] = str(each.outcome.kind)
        elif each.outcome.effect is Effect.BLOCK and each.outcome.by is By.SYSTEM:
            facts["block.covered"] = True
    return found


def naive_findings(bundle: Bundle) -> set[Named]:
    """What is wrong with a bundle, found by trying everything; without dependences."""
    plan = compile_plan(bundle, compile_reference)
    calls = every_call(bundle, plan)
    rules = [rule for rule in bundle.rules if rule.status in _IN_FORCE]
    true = {rule.id: [_true(rule, call) for call in calls] for rule in rules}
    matching = {rule.id: _matching(rule, plan.stages[rule.stage], calls, true[rule.id]) for rule in rules}
    found: set[Named] = set()
    for rule in rules:
        found |= _alone(rule, matching[rule.id], true[rule.id], calls, rules)
    for one, other in combinations(sorted(rules, key=lambda rule: rule.id), 2):
        if one.stage is other.stage and any(matching[one.id]) and any(matching[other.id]):
            found |= _both(one, other, matching, true)
    return found | _effects(rules, calls) | _gaps(calls) | _unwarned(calls)


def _true(rule: Rule, call: Seen) -> bool:
    return rule.stage in call[2] and truth(rule.when, call[2][rule.stage]) is True


def _matching(rule: Rule, plan: StagePlan, calls: list[Seen], true: list[bool]) -> list[bool]:
    place = next(place for place, each in enumerate(plan.ranking.rules) if each.id == rule.id)
    return [
        is_true and bool(enabled_rules(plan, call[2][rule.stage]) >> place & 1)
        for call, is_true in zip(calls, true, strict=True)
    ]


def _alone(rule: Rule, own: list[bool], true: list[bool], calls: list[Seen], rules: list[Rule]) -> set[Named]:
    if not any(own):
        return {("never-matches", (rule.id,), "")}
    found: set[Named] = set()
    if all(is_true for call, is_true in zip(calls, true, strict=True) if rule.stage in call[2] and call[4]):
        found.add(("always-matches", (rule.id,), ""))
    results = [call[3][rule.stage] for call in calls if rule.stage in call[3]]
    counts = any(rule.id in each.determining or rule.id in each.held_by for each in results)
    if not counts and not set(rule.obligations) & UNION_OBLIGATIONS:
        by = {
            name
            for call, matches in zip(calls, own, strict=True)
            if matches
            for name in call[3][rule.stage].determining
            if name != STANDING_BLOCK
        }
        found.add(("shadowed", (rule.id, *(each.id for each in rules if each.id in by)), ""))
    return found


def _both(one: Rule, other: Rule, matching: dict[str, list[bool]], true: dict[str, list[bool]]) -> set[Named]:
    names = (one.id, other.id)
    same = one.then == other.then and one.pilot == other.pilot and one.obligations == other.obligations
    if same and true[one.id] == true[other.id]:
        return {("duplicate", names, "")}
    together = any(left and right for left, right in zip(matching[one.id], matching[other.id], strict=True))
    if together and one.priority == other.priority and one.then.effect is not other.then.effect:
        return {("conflict", names, "")}
    return set()


def _effects(rules: list[Rule], calls: list[Seen]) -> set[Named]:
    found: set[Named] = set()
    for stage in Stage:
        reached = {call[3][stage].outcome.effect for call in calls if stage in call[3]}
        for effect in set(EFFECTS_OF[stage][1:]) - reached:
            own = tuple(rule.id for rule in rules if rule.stage is stage and rule.then.effect is effect)
            if own:
                found.add(("unreachable-effect", own, str(effect)))
            elif stage is Stage.CLASSIFY:
                found.add(("class-never-given", (), str(effect)))
    return found


def _gaps(calls: list[Seen]) -> set[Named]:
    decided: dict[Outcome, bool] = {}
    for point, _, _, results, _ in calls:
        outcome = results[Stage.CLASSIFY].outcome
        if point is DecisionPoint.IN_CALL and outcome.effect is not Effect.NORMAL:
            decided[outcome] = decided.get(outcome, False) or not results[Stage.HANGUP].default
    return {("gap", (), str(outcome.kind or outcome.effect)) for outcome, done in decided.items() if not done}


def _unwarned(calls: list[Seen]) -> set[Named]:
    found: set[Named] = set()
    for point, _, facts, results, _ in calls:
        if point is DecisionPoint.IN_CALL and results[Stage.CLASSIFY].outcome.effect is Effect.NUISANCE:
            effect = results[Stage.HANGUP].outcome.effect
            hangs_up = effect in {Effect.HANG_UP, Effect.HANG_UP_POLITELY}
            if hangs_up and truth(WARNED, facts[Stage.HANGUP]) is not True:
                found.add(("hang-up-without-warning", (), str(effect)))
    return found
