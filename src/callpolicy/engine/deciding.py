"""`decide`: the straight line for one decision point, pure.

`snapshot ─match→ matches ─resolve→ outcome ─protect→ ─guard→ stage result`, stage by stage, in the fixed order. A live
call, replay, shadow, tests, the command line and HTTP all come through `decide`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from callpolicy.decision import Decision, StageResult
from callpolicy.engine.plan import Plan, StagePlan
from callpolicy.facts import Snapshot, Value
from callpolicy.matches import bits
from callpolicy.points import STAGES_AT, DecisionPoint, Effect, Stage, default_effect
from callpolicy.policy import By, Outcome, Pilot
from callpolicy.resolve import Ranking, Resolved, guard, protect, resolve

_ALL_TURNS: Final = 10_000
_WHOLE: Final = 100


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
    values = given(snapshot)
    results = []
    for stage in plan.points[point]:
        result = _stage(stage, values, shadow=shadow)
        results.append(result)
        carry(values, result)
    return tuple(results)


def given(snapshot: Snapshot) -> dict[str, Value]:
    """The facts that the first stage sees: the class is made anew at every point, never taken over."""
    values = dict(snapshot.values)
    values.pop("caller.class", None)
    values.pop("caller.kind", None)
    return values


def carry(values: dict[str, Value], result: StageResult) -> None:
    """What a stage says becomes a fact of the later stages of the same decision."""
    outcome = result.outcome
    if result.stage is Stage.CLASSIFY:
        values["caller.class"] = str(outcome.effect)
        if outcome.kind is not None:
            values["caller.kind"] = str(outcome.kind)
    elif outcome.effect is Effect.BLOCK and outcome.by is By.SYSTEM:
        values["block.covered"] = True


def _stage(plan: StagePlan, values: dict[str, Value], *, shadow: bool) -> StageResult:
    enabled = plan.shadow if shadow else enabled_rules(plan, values)
    matches = plan.matcher.match(values)
    if not matches.true & enabled:
        # WHY: the default is the most lenient effect; nothing can hold, protect or guard it.
        return plan.idle
    resolved = resolve(plan.ranking, matches, enabled)
    protected = values.get("caller.protected") is True or values.get("caller.allowlisted") is True
    outcome, hidden = protect(resolved.outcome, plan.ranking.stage, protected)
    acted: tuple[str, ...] = ()
    if outcome.effect in plan.guarded:
        kept = plan.guards.match(values)
        outcome, acted = guard(outcome, plan.invariants, kept.true | kept.may)
    return _result(plan, resolved, outcome, acted, hidden)


def enabled_rules(plan: StagePlan, values: Mapping[str, Value]) -> int:
    """The bits of the rules that are enforced for this call."""
    if not plan.pilots:
        return plan.enforced
    scopes = ((position, pilot) for position, pilot in plan.pilots if in_pilot(plan, position, pilot, values))
    return plan.enforced | sum(1 << position for position, _ in scopes)


def _result(
    plan: StagePlan, resolved: Resolved, outcome: Outcome, acted: tuple[str, ...], hidden: Outcome | None
) -> StageResult:
    ranking = plan.ranking
    return StageResult(
        ranking.stage,
        outcome,
        False,
        _ids(ranking, resolved.winners),
        _ids(ranking, resolved.holders) if resolved.holders else (),
        acted,
        hidden,
        resolved.obligations,
    )


def _ids(ranking: Ranking, mask: int) -> tuple[str, ...]:
    if not mask & (mask - 1):
        return (ranking.rules[mask.bit_length() - 1].id,)
    # WHY sorted: rules of one group stand in the order of their ids already, but holders may differ in priority.
    return tuple(sorted(ranking.rules[position].id for position in bits(mask)))


def in_pilot(plan: StagePlan, position: int, pilot: Pilot, values: Mapping[str, Value]) -> bool:
    """Whether a pilot rule is enforced for this call."""
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
