"""A bundle compiled for one matcher: what `decide` runs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from callpolicy.condition import Leaf, Op, leaves
from callpolicy.decision import StageResult
from callpolicy.matchers.base import Compile, Matcher
from callpolicy.points import STAGES_AT, DecisionPoint, Effect, Stage
from callpolicy.policy import STANDING_BLOCK, Bundle, By, Invariant, Outcome, Pilot, Rule, Status
from callpolicy.recheck import Recheck
from callpolicy.resolve import Ranking, rank

_LIVE: Final = frozenset({Status.ENFORCED, Status.PILOT, Status.SHADOW})
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
        guarded: the effects that any of the invariants forbids.
        idle: what the stage comes to when nothing matches.
    """

    ranking: Ranking
    matcher: Matcher
    invariants: tuple[Invariant, ...]
    guards: Matcher
    enforced: int
    shadow: int
    pilots: tuple[tuple[int, Pilot], ...]
    guarded: frozenset[Effect]
    idle: StageResult


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
    stages = {stage: compile_stage(bundle, stage, compile_conditions) for stage in Stage}
    return Plan(
        bundle,
        stages,
        {point: tuple(stages[stage] for stage in order) for point, order in STAGES_AT.items()},
        {point: Recheck(_leaves_at(stages, order), bundle.catalogue) for point, order in STAGES_AT.items()},
        any(plan.enforced != plan.shadow for plan in stages.values()),
    )


def compile_stage(bundle: Bundle, stage: Stage, compile_conditions: Compile) -> StagePlan:
    """Compile one stage of a bundle for one matcher.

    Args:
        bundle: a checked bundle.
        stage: the stage.
        compile_conditions: the matcher.

    Raises:
        UnsupportedConditionError: this matcher cannot hold the rules.
    """
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
        frozenset(effect for invariant in invariants for effect in invariant.effects),
        StageResult(stage, ranking.nothing, True),
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
    # WHY: no rule need name it, but when an allowlist entry begins or ends, what it hides does too.
    yield Leaf("caller.allowlisted", Op.IS, True)
    for stage in order:
        for rule in stages[stage].ranking.rules:
            if rule.status is not Status.SHADOW:
                yield from leaves(rule.when)
        for invariant in stages[stage].invariants:
            yield from leaves(invariant.when)
