"""In which ways a stage can come to an outcome: what each of its rules and invariants must be for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from callpolicy.engine.deciding import enabled_rules
from callpolicy.engine.plan import StagePlan
from callpolicy.facts import Value
from callpolicy.matches import Matches, bits
from callpolicy.points import RESTRICTIVE, Effect, Stage, default_effect
from callpolicy.policy import Outcome
from callpolicy.resolve import Ranking, guard, protect, resolve


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an outcome: all of it together, and nothing less, gives the outcome.

    Args:
        outcome: what the stage comes to.
        true: bits of the rules that must match.
        unknown: bits of the rules that may match, without it being known.
        not_true: bits of the rules that must not match.
        false: bits of the rules that must be known not to match.
        protected: whether a protected class or the allowlist must cover the caller; `None` if that is of no account.
        acting: invariants whose condition must be true or unknown.
        kept: invariants whose condition must be false.
    """

    outcome: Outcome
    true: int = 0
    unknown: int = 0
    not_true: int = 0
    false: int = 0
    protected: bool | None = None
    acting: int = 0
    kept: int = 0


class Came(NamedTuple):
    """What a stage came to.

    Args:
        values: the facts that it saw.
        matches: its rules.
        enabled: bits of the rules that count.
        guards: its invariants.
        outcome: what is to be done.
        winners: bits of the rules that won.
        bare: whether nothing held, hid or replaced what they say.
    """

    values: dict[str, Value]
    matches: Matches
    enabled: int
    guards: Matches
    outcome: Outcome
    winners: int
    bare: bool


def came(plan: StagePlan, values: dict[str, Value]) -> Came:
    """What a stage comes to on the facts that it sees."""
    matches = plan.matcher.match(values)
    guards = plan.guards.match(values)
    enabled = enabled_rules(plan, values)
    resolved = resolve(plan.ranking, matches, enabled)
    if not resolved.winners:
        return Came(values, matches, enabled, guards, resolved.outcome, 0, True)
    protected = values.get("caller.protected") is True or values.get("caller.allowlisted") is True
    outcome, hidden = protect(resolved.outcome, plan.ranking.stage, protected)
    outcome, acted = guard(outcome, plan.invariants, guards.true | guards.may)
    bare = not (resolved.holders or hidden or acted)
    return Came(values, matches, enabled, guards, outcome, resolved.winners, bare)


def determining(plan: StagePlan, position: int) -> Way:
    """The one way in which a rule determines the effect, and nothing holds, hides or replaces it."""
    won = _winning(plan.ranking, position, alone=False)
    restrictive = won.outcome.effect in RESTRICTIVE
    return replace(won, protected=False if restrictive else None, kept=_against(plan, won.outcome.effect))


def ways(plan: StagePlan) -> dict[Outcome, tuple[Way, ...]]:
    """Every way to every outcome of a stage."""
    ranking = plan.ranking
    made = {Way(ranking.nothing, not_true=(1 << len(ranking.rules)) - 1): None}
    for way in _resolved(ranking):
        for shown in _protected(way, ranking):
            made.update(dict.fromkeys(_guarded(plan, shown, 0)))
    to: dict[Outcome, list[Way]] = {}
    for way in made:
        to.setdefault(way.outcome, []).append(way)
    return {outcome: tuple(several) for outcome, several in to.items()}


class WaysOf:
    """The ways of the stages of one norm, each worked out once."""

    def __init__(self) -> None:
        self._made: dict[Stage, dict[Outcome, tuple[Way, ...]]] = {}

    def of(self, plan: StagePlan) -> dict[Outcome, tuple[Way, ...]]:
        """The ways of a stage."""
        stage = plan.ranking.stage
        if stage not in self._made:
            self._made[stage] = ways(plan)
        return self._made[stage]


def _resolved(ranking: Ranking) -> Iterator[Way]:
    for position in range(len(ranking.rules)):
        yield _winning(ranking, position, alone=True)
        yield from _holding(ranking, position)


def _winning(ranking: Ranking, position: int, *, alone: bool) -> Way:
    own = ranking.rules[position]
    not_true = false = 0
    for place, rule in enumerate(ranking.rules):
        kinder = rule.then.severity < own.then.severity
        if rule.priority >= own.priority and kinder:
            false |= 1 << place
        elif rule.priority > own.priority:
            not_true |= 1 << place
        elif alone and place < position and ranking.groups[place] == ranking.groups[position]:
            not_true |= (rule.then != own.then) << place
    return Way(own.then, true=1 << position, not_true=not_true, false=false)


def _holding(ranking: Ranking, position: int) -> Iterator[Way]:
    own = ranking.rules[position]
    for place, winner in enumerate(ranking.rules):
        if winner.priority > own.priority or winner.then.severity <= own.then.severity:
            continue
        not_true = false = 0
        for third, rule in enumerate(ranking.rules):
            if rule.priority < winner.priority:
                continue
            if (rule.then.severity, rule.id) < (own.then.severity, own.id):
                false |= 1 << third
            elif rule.priority > winner.priority or rule.then.severity < winner.then.severity:
                not_true |= 1 << third
        yield Way(own.then, true=1 << place, unknown=1 << position, not_true=not_true & ~(1 << position), false=false)


def _protected(way: Way, ranking: Ranking) -> Iterator[Way]:
    if way.outcome.effect in RESTRICTIVE:
        yield replace(way, protected=False)
        yield replace(way, protected=True, outcome=Outcome(default_effect(ranking.stage)))
    else:
        yield way


def _against(plan: StagePlan, effect: Effect) -> int:
    return sum(1 << place for place, invariant in enumerate(plan.invariants) if effect in invariant.effects)


def _guarded(plan: StagePlan, way: Way, seen: int) -> Iterator[Way]:
    """The ways on from an outcome: no invariant forbids it, or the first that does puts another in its place."""
    against = _against(plan, way.outcome.effect)
    if not against & way.acting:
        yield replace(way, kept=way.kept | against)
    for place in bits(against & ~way.kept & ~seen):
        before = against & ((1 << place) - 1)
        if before & way.acting:
            break
        acting = replace(
            way,
            outcome=Outcome(plan.invariants[place].instead),
            acting=way.acting | 1 << place,
            kept=way.kept | before,
        )
        yield from _guarded(plan, acting, seen | 1 << place)
