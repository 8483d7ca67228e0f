"""Deciding as a mutant does, with as little made anew as can be: only the stage that it changes is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from callpolicy.condition import Condition, Truth
from callpolicy.decision import Decision, StageResult
from callpolicy.engine import Plan, compile_plan, decide
from callpolicy.engine.plan import StagePlan, compile_stage
from callpolicy.facts import Catalogue, Snapshot, Value
from callpolicy.matchers.base import Compile, Matches
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference
from callpolicy.mutants.model import Mutant, applied
from callpolicy.points import STAGES_AT, DecisionPoint, Stage
from callpolicy.policy import Bundle, Invariant, Rule

_NOBODY: Final = "mutant"


def stage_of(mutant: Mutant, bundle: Bundle) -> Stage | None:
    """The stage whose rules or invariants a mutant changes; `None` if it changes what comes before."""
    if isinstance(mutant.new, Rule | Invariant):
        return mutant.new.stage
    if mutant.new is None:
        return next(each.stage for each in bundle.invariants if each.id == mutant.owner)
    return None


class Rows:
    """A matcher that knows the truth of its conditions already: a column of truths per condition, one row at a time.

    Args:
        columns: per condition, its truth on each row.
    """

    __slots__ = ("_columns", "row")

    def __init__(self, columns: Sequence[Sequence[Truth]]) -> None:
        self._columns = columns
        self.row = 0

    def match(self, values: Mapping[str, Value]) -> Matches:
        """The truths of the row that was set."""
        del values
        true = may = 0
        for position, column in enumerate(self._columns):
            came = column[self.row]
            if came:
                true |= 1 << position
            elif came is None:
                may |= 1 << position
        return Matches(true, may)


class Deciding:
    """Makes the plan of a mutant from that of its bundle.

    Args:
        bundle: the bundle.
    """

    __slots__ = ("bundle", "plan")

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.plan = compile_plan(bundle, compile_indexed)

    def plan_of(self, mutant: Mutant) -> Plan:
        """The plan of a mutant, for any facts: only the stage that it changes is compiled anew."""
        return self._plan(mutant, compile_indexed)

    def plan_on_rows(self, mutant: Mutant, column: Callable[[Rule], Sequence[Truth]]) -> tuple[Plan, Rows]:
        """The plan of a mutant for facts whose truths are known, and the matcher to set the row of.

        INVARIANT: it is right only for facts on which the stages before the changed one come to what they came to.

        Args:
            mutant: a mutant of a rule or an invariant.
                column: the truths of a rule's condition.
        """
        plan = self._plan(mutant, _uncompiled)
        stage = stage_of(mutant, self.bundle)
        assert stage is not None
        own = plan.stages[stage]
        rows = Rows([column(rule) for rule in own.ranking.rules])
        guards = own.guards
        if isinstance(mutant.new, Rule):
            guards = self.plan.stages[stage].guards
        else:
            guards = compile_reference([each.when for each in own.invariants], self.bundle.catalogue)
        return self._with(plan.bundle, stage, replace(own, matcher=rows, guards=guards)), rows

    def _plan(self, mutant: Mutant, compiled: Compile) -> Plan:
        stage = stage_of(mutant, self.bundle)
        if stage is None:
            return self.plan
        changed = applied(mutant, self.bundle)
        return self._with(changed, stage, compile_stage(changed, stage, compiled))

    def _with(self, changed: Bundle, stage: Stage, own: StagePlan) -> Plan:
        stages = {**self.plan.stages, stage: own}
        points = {point: tuple(stages[each] for each in order) for point, order in STAGES_AT.items()}
        return replace(self.plan, bundle=changed, stages=stages, points=points, has_shadow=False)


def _uncompiled(conditions: Sequence[Condition], catalogue: Catalogue) -> Rows:
    del conditions, catalogue
    return Rows([])


def decided(plan: Plan, snapshot: Snapshot, point: DecisionPoint) -> Decision:
    """What a plan comes to on a snapshot."""
    return decide(plan, snapshot, point=point, call_id=_NOBODY, decision_id=_NOBODY, with_recheck=False)


def expected_of(expect: Mapping[str, object]) -> tuple[str, ...]:
    """What a step of a scenario expects something of, as `differs` takes it: `effect`, of a stage `hangup.effect`."""
    stages = expect.get("stages")
    of_stages = stages.items() if isinstance(stages, Mapping) else ()
    return (*expect, *(f"{stage}.{key}" for stage, wanted in of_stages for key in wanted))


def differs(key: str, one: Decision, other: Decision) -> bool:
    """Whether what a step of a scenario may expect of a decision is another of another decision."""
    name, dot, of_stage = key.partition(".")
    if name in set(Stage):
        left, right = one.stage(Stage(name)), other.stage(Stage(name))
        if left is None or right is None:
            return left is not right
        read = _OF_STAGE[of_stage if dot else "effect"]
        return read(left) != read(right)
    if key in _OF_DECISION:
        return _OF_DECISION[key](one) != _OF_DECISION[key](other)
    return key in _OF_STAGE and _OF_STAGE[key](one.main) != _OF_STAGE[key](other.main)


def _term(decision: Decision) -> object:
    block = decision.stage(Stage.BLOCKLIST)
    return block.outcome.term if block else None


_OF_DECISION: Final[Mapping[str, Callable[[Decision], object]]] = MappingProxyType(
    {
        "class": lambda decision: decision.caller_class,
        "kind": lambda decision: decision.caller_kind,
        "term": _term,
        "obligations": lambda decision: decision.obligations,
    }
)
_OF_STAGE: Final[Mapping[str, Callable[[StageResult], object]]] = MappingProxyType(
    {
        "effect": lambda result: result.outcome.effect,
        "class": lambda result: result.outcome.effect,
        "kind": lambda result: result.outcome.kind,
        "by": lambda result: result.outcome.by,
        "term": lambda result: result.outcome.term,
        "to": lambda result: result.outcome.to,
        "say": lambda result: result.outcome.script,
        "default": lambda result: result.default,
        "determining": lambda result: result.determining,
        "held_by": lambda result: result.held_by,
        "invariants": lambda result: sorted(result.invariants),
        "hidden": lambda result: result.hidden and result.hidden.effect,
        "obligations": lambda result: result.obligations,
    }
)


def same(one: tuple[StageResult, ...], other: tuple[StageResult, ...]) -> bool:
    """Whether two decisions come to the same: effect, class, term, who does it, obligations and determining rules."""
    return all(_told(left) == _told(right) for left, right in zip(one, other, strict=True))


def _told(result: StageResult) -> tuple[object, ...]:
    then = result.outcome
    return (then.effect, then.kind, then.by, then.term, then.wait, then.to, result.default, result.determining,
            result.obligations)  # fmt: skip


def words(stages: tuple[StageResult, ...]) -> str:
    """A decision in one line: per stage the effect, and which rules determined it."""
    parts = []
    for result in stages:
        then = result.outcome
        kind = f"/{then.kind}" if then.kind else ""
        term = f" {then.term}" if then.term else ""
        by = f" by {then.by}" if then.by != "agent" else ""
        rules = f" ({', '.join(result.determining)})" if result.determining else ""
        must = f" do {', '.join(result.obligations)}" if result.obligations else ""
        parts.append(f"{result.stage}: {then.effect}{kind}{term}{by}{must}{rules}")
    return "; ".join(parts)
