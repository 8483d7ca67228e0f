"""`decide`: the straight line for one decision point, pure.

`snapshot ─match→ matches ─resolve→ outcome ─protect→ ─guard→ stage result`, stage by stage, in the fixed order. A live
call, replay, shadow, tests, the command line and HTTP all come through `decide`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from callpolicy.condition import Leaf, Op, leaves
from callpolicy.decision import Decision, StageResult
from callpolicy.facts import Snapshot, Value
from callpolicy.matchers.base import Compile, Matcher, bits
from callpolicy.points import STAGES_AT, DecisionPoint, Effect, Stage, default_effect
from callpolicy.policy import Bundle, By, Invariant, Outcome, Pilot, Rule, Status
from callpolicy.recheck import Recheck
from callpolicy.resolve import Ranking, Resolved, guard, protect, rank, resolve

STANDING_BLOCK: Final = "standing_block"
"""Id under which a standing block takes part in `screen`; no rule may have it."""

_LIVE: Final = frozenset({Status.ENFORCED, Status.PILOT, Status.SHADOW})
_ALL_TURNS: Final = 10_000
_WHOLE: Final = 100
_FAR: Final = date.max


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage, compiled.

    Args:
        ranking: its rules in the order in which they win.
        matcher: their conditions.
        invariants: its invariants, in order.
        guards: the conditions of the invariants.
        enforced: bits of the enforced rules.
        shadow: bits of all rules that a shadow pass runs: enforced, pilot and shadow.
        pilots: position and scope of the pilot rules.
    """

    ranking: Ranking
    matcher: Matcher
    invariants: tuple[Invariant, ...]
    guards: Matcher
    enforced: int
    shadow: int
    pilots: tuple[tuple[int, Pilot], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A bundle, compiled for one matcher.

    Args:
        bundle: what it was made from.
        stages: every stage.
        points: the stages of every decision point, in order.
        rechecks: per decision point, the leaves that time alone can change.
        has_shadow: whether any rule is not enforced everywhere, so that a second pass is needed.
    """

    bundle: Bundle
    stages: Mapping[Stage, StagePlan]
    points: Mapping[DecisionPoint, tuple[StagePlan, ...]]
    rechecks: Mapping[DecisionPoint, Recheck]
    has_shadow: bool


def compile_plan(bundle: Bundle, compile_conditions: Compile) -> Plan:
    """Compile a bundle for one matcher.

    Args:
        bundle: a checked bundle.
        compile_conditions: the matcher, e.g. `compile_indexed`.

    Raises:
        UnsupportedConditionError: this matcher cannot hold the rules.
    """
    stages = {stage: _stage_plan(bundle, stage, compile_conditions) for stage in Stage}
    return Plan(
        bundle,
        stages,
        {point: tuple(stages[stage] for stage in order) for point, order in STAGES_AT.items()},
        {point: Recheck(_leaves_at(stages, order), bundle.catalogue) for point, order in STAGES_AT.items()},
        any(plan.enforced != plan.shadow for plan in stages.values()),
    )


def _stage_plan(bundle: Bundle, stage: Stage, compile_conditions: Compile) -> StagePlan:
    rules = [rule for rule in bundle.rules if rule.stage is stage and rule.status in _LIVE]
    if stage is Stage.SCREEN:
        rules.append(_standing_block(bundle))
    ranking = rank(stage, rules)
    invariants = tuple(invariant for invariant in bundle.invariants if invariant.stage is stage)
    return StagePlan(
        ranking,
        compile_conditions([rule.when for rule in ranking.rules], bundle.catalogue),
        invariants,
        compile_conditions([invariant.when for invariant in invariants], bundle.catalogue),
        _mask(ranking, Status.ENFORCED),
        (1 << len(ranking.rules)) - 1,
        tuple((position, rule.pilot or Pilot()) for position, rule in enumerate(ranking.rules) if _piloted(rule)),
    )


def _standing_block(bundle: Bundle) -> Rule:
    """The engine's own part in `screen`: it is no rule of the bundle, but it is ranked and resolved like one."""
    block = bundle.settings.standing_block
    return Rule(
        id=STANDING_BLOCK,
        stage=Stage.SCREEN,
        title={"zh-CN": "来电人在黑名单有效期内", "en": "the caller is on the blocklist"},
        status=Status.ENFORCED,
        owner="callpolicy",
        review_by=_FAR,
        priority=block.priority,
        when=Leaf("block.covered", Op.IS, True),
        then=Outcome(block.effect, by=By.SYSTEM, script=block.script),
        obligations=(),
        because={"zh-CN": "来电人在黑名单有效期内。", "en": "the caller is on the blocklist."},
    )


def _piloted(rule: Rule) -> bool:
    return rule.status is Status.PILOT


def _mask(ranking: Ranking, status: Status) -> int:
    return sum(1 << position for position, rule in enumerate(ranking.rules) if rule.status is status)


def _leaves_at(stages: Mapping[Stage, StagePlan], order: tuple[Stage, ...]) -> Iterator[Leaf]:
    for stage in order:
        for rule in stages[stage].ranking.rules:
            if rule.status is not Status.SHADOW:
                yield from leaves(rule.when)
        for invariant in stages[stage].invariants:
            yield from leaves(invariant.when)


def decide(
    plan: Plan,
    snapshot: Snapshot,
    *,
    point: DecisionPoint,
    call_id: str,
    decision_id: str,
    digest: str | None = None,
    with_recheck: bool = True,
) -> Decision:
    """Make the decision of one decision point. Pure: the same arguments give the same decision.

    Args:
        plan: the compiled bundle.
        snapshot: what is known.
        point: the decision point.
        call_id: the call.
        decision_id: given to the decision.
        digest: keyed digest of the snapshot, if there is one.
        with_recheck: whether `recheck_at` is worked out; bulk replay has no use for it.
    """
    stages = _run(plan, snapshot, point, shadow=False)
    shadow: tuple[StageResult, ...] = ()
    if plan.has_shadow:
        would = _run(plan, snapshot, point, shadow=True)
        shadow = tuple(other for own, other in zip(stages, would, strict=True) if own != other)
    return Decision(
        decision_id,
        call_id,
        point,
        snapshot.at,
        plan.bundle.revision,
        stages,
        shadow,
        snapshot.input_faults,
        plan.rechecks[point].first(snapshot) if with_recheck else None,
        digest,
        snapshot=snapshot,
    )


def let_through(
    plan: Plan, snapshot: Snapshot, *, point: DecisionPoint, call_id: str, decision_id: str, failed: tuple[str, ...]
) -> Decision:
    """The decision when something failed: the most lenient effect of every stage, and a record that says so."""
    stages = tuple(StageResult(stage, Outcome(default_effect(stage)), True) for stage in STAGES_AT[point])
    return Decision(
        decision_id,
        call_id,
        point,
        snapshot.at,
        plan.bundle.revision,
        stages,
        input_faults=snapshot.input_faults,
        failed=failed,
        snapshot=snapshot,
    )


def _run(plan: Plan, snapshot: Snapshot, point: DecisionPoint, *, shadow: bool) -> tuple[StageResult, ...]:
    values = dict(snapshot.values)
    # INVARIANT: the class is made anew at every point; what a host says about it is not taken over.
    values.pop("caller.class", None)
    values.pop("caller.kind", None)
    results = []
    for stage in plan.points[point]:
        result = _stage(stage, values, shadow=shadow)
        results.append(result)
        _carry(values, result)
    return tuple(results)


def _carry(values: dict[str, Value], result: StageResult) -> None:
    """What a stage says becomes a fact of the later stages of the same decision."""
    outcome = result.outcome
    if result.stage is Stage.CLASSIFY:
        values["caller.class"] = str(outcome.effect)
        if outcome.kind is not None:
            values["caller.kind"] = str(outcome.kind)
    elif outcome.effect is Effect.BLOCK:
        values["block.covered"] = True


def _stage(plan: StagePlan, values: dict[str, Value], *, shadow: bool) -> StageResult:
    stage = plan.ranking.stage
    enabled = plan.shadow if shadow else plan.enforced
    if plan.pilots and not shadow:
        enabled |= sum(1 << position for position, pilot in plan.pilots if _in_pilot(plan, position, pilot, values))
    resolved = resolve(plan.ranking, plan.matcher.match(values), enabled)
    outcome, hidden = resolved.outcome, None
    acted: tuple[str, ...] = ()
    if resolved.winners:
        protected = values.get("caller.protected") is True or values.get("caller.allowlisted") is True
        outcome, hidden = protect(outcome, stage, protected)
        if plan.invariants:
            matches = plan.guards.match(values)
            outcome, acted = guard(outcome, plan.invariants, matches.true | matches.may)
    return _result(plan, resolved, outcome, acted, hidden)


def _result(
    plan: StagePlan, resolved: Resolved, outcome: Outcome, acted: tuple[str, ...], hidden: Outcome | None
) -> StageResult:
    ranking = plan.ranking
    return StageResult(
        ranking.stage,
        outcome,
        not resolved.winners,
        _ids(ranking, resolved.winners),
        _ids(ranking, resolved.holders) if resolved.holders else (),
        acted,
        hidden,
        resolved.obligations,
    )


def _ids(ranking: Ranking, mask: int) -> tuple[str, ...]:
    # WHY sorted: rules of one group stand in the order of their ids already, but holders may differ in priority.
    return tuple(sorted(ranking.rules[position].id for position in bits(mask)))


def _in_pilot(plan: StagePlan, position: int, pilot: Pilot, values: Mapping[str, Value]) -> bool:
    if pilot.teams and values.get("call.team") not in pilot.teams:
        return False
    if pilot.queues and values.get("call.queue") not in pilot.queues:
        return False
    return (
        pilot.percent >= _WHOLE or _turn(plan.ranking.rules[position].id, values) < pilot.percent * _ALL_TURNS // _WHOLE
    )


def _turn(rule_id: str, values: Mapping[str, Value]) -> int:
    """The turn of a caller in a pilot, 0 to 9,999, the same in every process; a caller without identity comes last."""
    for kind in ("customer", "number"):
        value = values.get(f"caller.{kind}")
        if value is not None:
            digest = hashlib.sha256(f"{rule_id}\0{kind}\0{value}".encode()).digest()
            return int.from_bytes(digest[:8]) % _ALL_TURNS
    return _ALL_TURNS
