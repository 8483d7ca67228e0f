"""The explanation of a decision, made on demand by the reference matcher: why, and why not.

An explanation holds every enforced rule that matched or may have matched, and every invariant, each with its clauses as
they were seen: enough to work the outcome out again without the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any as AnyValue
from typing import Final, assert_never

from callpolicy.audit import MASKED, may_show
from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Truth
from callpolicy.decision import Decision, StageResult, outcome_dict
from callpolicy.engine.deciding import carry, enabled_rules, given
from callpolicy.engine.plan import Plan, StagePlan
from callpolicy.errors import UsageError
from callpolicy.facts import Catalogue, FactType, Value
from callpolicy.instants import duration_text, instant_text
from callpolicy.matchers.reference import Seen, seen
from callpolicy.points import Effect
from callpolicy.policy import Invariant, Obligation, Outcome, Rule

UNKNOWN_WORD: Final = {"zh-CN": "未知", "en": "unknown"}
"""How an unknown value is written in a text."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One node of a condition as it was seen.

    Args:
        text: the leaf as it is written in a rule, or `all`, `any`, `not`.
        truth: its truth value; `None` is unknown.
        value: for a leaf, the value of its fact as text, masked if it is personal; empty for other nodes.
        operand: for a leaf that compares two facts, the value of the other fact as text; else empty.
        items: the nodes below.
    """

    text: str
    truth: Truth
    value: str = ""
    operand: str = ""
    items: tuple[Clause, ...] = ()

    def to_dict(self) -> dict[str, AnyValue]:
        """The clause as plain values for JSON."""
        tree: dict[str, AnyValue] = {"text": self.text, "truth": self.truth}
        if self.items:
            tree["items"] = [item.to_dict() for item in self.items]
        else:
            tree["value"] = self.value
            if self.operand:
                tree["operand"] = self.operand
        return tree


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """One rule, or invariant, as it took part.

    Args:
        id: the rule.
        truth: whether it matched; `None` if it may have matched.
        erring: whether its evaluation failed.
        role: `determining`, `holding`, `matched`, `undetermined`, `not_matched`, `not_enforced`, or for an invariant
            `acted`, `kept`.
        priority: the rule's priority; 0 for an invariant.
        outcome: what the rule says; for an invariant, what it puts in place.
        obligations: what the rule says must also be done.
        forbids: for an invariant, the effects it forbids.
        because: the reason, per language, with the facts filled in.
        clause: its condition as it was seen.
    """

    id: str
    truth: Truth
    erring: bool
    role: str
    priority: int
    outcome: Outcome
    obligations: tuple[Obligation, ...]
    forbids: tuple[Effect, ...]
    because: Mapping[str, str]
    clause: Clause


@dataclass(frozen=True, slots=True)
class StageExplanation:
    """One stage of an explanation.

    Args:
        result: what it came to.
        rules: every rule that matched or may have matched, in the order in which they win.
        invariants: every invariant of the stage, in order.
        protected: whether a protected class or the allowlist covers the caller.
    """

    result: StageResult
    rules: tuple[RuleExplanation, ...]
    invariants: tuple[RuleExplanation, ...]
    protected: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a decision is what it is.

    Args:
        decision: the decision.
        stages: every stage, in order.
    """

    decision: Decision
    stages: tuple[StageExplanation, ...]

    def to_dict(self) -> dict[str, AnyValue]:
        """The explanation as plain values for JSON."""
        return {
            "decision": self.decision.to_dict(),
            "stages": [
                {
                    "stage": str(stage.result.stage),
                    "protected": stage.protected,
                    "rules": [rule_dict(rule) for rule in stage.rules],
                    "invariants": [rule_dict(invariant) for invariant in stage.invariants],
                }
                for stage in self.stages
            ],
        }


def rule_dict(rule: RuleExplanation) -> dict[str, AnyValue]:
    """One rule of an explanation as plain values for JSON."""
    return {
        "id": rule.id,
        "truth": rule.truth,
        "erring": rule.erring,
        "role": rule.role,
        "priority": rule.priority,
        "effect": str(rule.outcome.effect),
        "outcome": outcome_dict(rule.outcome),
        "obligations": [str(obligation) for obligation in rule.obligations],
        "forbids": [str(effect) for effect in rule.forbids],
        "because": dict(rule.because),
        "when": rule.clause.to_dict(),
    }


def explain(plan: Plan, decision: Decision) -> Explanation:
    """Explain a decision from the snapshot that it was made from.

    Raises:
        UsageError: the decision carries no snapshot (it was read from JSON), or another bundle made it.
    """
    stages = []
    for stage, values, result in _walk(plan, decision):
        stages.append(_stage(stage, values, result, plan.bundle.catalogue))
    return Explanation(decision, tuple(stages))


def why_not(plan: Plan, decision: Decision, rule_id: str) -> RuleExplanation:
    """Why a rule did not match, or did not win: its condition as it was seen.

    Raises:
        UsageError: there is no such rule, or its stage is not part of the decision, or see `explain`.
    """
    rule = _find(plan, rule_id)
    for stage, values, result in _walk(plan, decision):
        if stage.ranking.stage is rule.stage:
            return _rule(rule, values, result, plan.bundle.catalogue, enforced=_is_enforced(stage, rule, values))
    raise UsageError(f"rule `{rule_id}` is of stage `{rule.stage}`, which `{decision.point}` does not have")


def _find(plan: Plan, rule_id: str) -> Rule:
    # WHY both: what stands for a standing block is ranked and is no rule of the bundle; a draft is the other way round.
    ranked = (rule for stage in plan.stages.values() for rule in stage.ranking.rules)
    rule = next((rule for rule in (*ranked, *plan.bundle.rules) if rule.id == rule_id), None)
    if rule is None:
        raise UsageError(f"there is no rule `{rule_id}`")
    return rule


def failing(clause: Clause) -> tuple[Clause, ...]:
    """The leaves that keep a condition from being true, in the order in which they are written."""
    return tuple(_failing(clause, True))


def _failing(clause: Clause, wanted: bool) -> Iterator[Clause]:
    if clause.truth is wanted:
        return
    if not clause.items:
        yield clause
        return
    for item in clause.items:
        yield from _failing(item, wanted != (clause.text == "not"))


def _walk(plan: Plan, decision: Decision) -> Iterator[tuple[StagePlan, dict[str, Value], StageResult]]:
    if decision.snapshot is None:
        raise UsageError(
            "the decision carries no snapshot, so that it cannot be explained; explain it where it was made"
        )
    if decision.revision != plan.bundle.revision:
        raise UsageError("the decision was made by another revision of the bundle")
    values = given(decision.snapshot)
    for stage, result in zip(plan.points[decision.point], decision.stages, strict=True):
        yield stage, values, result
        carry(values, result)


def _is_enforced(stage: StagePlan, rule: Rule, values: Mapping[str, Value]) -> bool:
    enabled = enabled_rules(stage, values)
    return any(enabled >> position & 1 for position, own in enumerate(stage.ranking.rules) if own.id == rule.id)


def _stage(plan: StagePlan, values: dict[str, Value], result: StageResult, catalogue: Catalogue) -> StageExplanation:
    enabled = enabled_rules(plan, values)
    rules = [rule for position, rule in enumerate(plan.ranking.rules) if enabled >> position & 1]
    explained = [_rule(rule, values, result, catalogue, enforced=True) for rule in rules]
    protected = values.get("caller.protected") is True or values.get("caller.allowlisted") is True
    return StageExplanation(
        result,
        tuple(each for each in explained if each.truth is not False),
        tuple(_invariant(invariant, values, result, catalogue) for invariant in plan.invariants),
        protected,
    )


def _rule(
    rule: Rule, values: Mapping[str, Value], result: StageResult, catalogue: Catalogue, *, enforced: bool
) -> RuleExplanation:
    node, erring = _seen(rule.when, values)
    role = _role(rule, node.truth, result) if enforced else "not_enforced"
    because = {language: fill(text, values, catalogue, language) for language, text in rule.because.items()}
    return RuleExplanation(
        rule.id,
        node.truth,
        erring,
        role,
        rule.priority,
        rule.then,
        rule.obligations,
        (),
        because,
        clause_of(node, catalogue),
    )


def _role(rule: Rule, truth: Truth, result: StageResult) -> str:
    if rule.id in result.determining:
        return "determining"
    if rule.id in result.held_by:
        return "holding"
    return "matched" if truth else "undetermined" if truth is None else "not_matched"


def _invariant(
    invariant: Invariant, values: Mapping[str, Value], result: StageResult, catalogue: Catalogue
) -> RuleExplanation:
    node, erring = _seen(invariant.when, values)
    return RuleExplanation(
        invariant.id,
        node.truth,
        erring,
        "acted" if invariant.id in result.invariants else "kept",
        0,
        Outcome(invariant.instead),
        (),
        tuple(sorted(invariant.effects)),
        {},
        clause_of(node, catalogue),
    )


def _seen(condition: Condition, values: Mapping[str, Value]) -> tuple[Seen, bool]:
    try:
        return seen(condition, values), False
    except Exception:  # WHY: an explanation must also be had for what could not be evaluated
        return Seen(condition, None), True


def clause_of(node: Seen, catalogue: Catalogue) -> Clause:
    """A node as it was seen, in the words of the rule file; personal values are masked."""
    condition = node.condition
    match condition:
        case Leaf():
            own = show(condition.fact, node.value, catalogue, "en")
            other = ""
            if isinstance(condition.operand, FactRef):
                shown = node.operand if not isinstance(node.operand, FactRef | tuple) else None
                other = show(condition.operand.name, shown, catalogue, "en")
            return Clause(leaf_text(condition, catalogue), node.truth, own, other)
        case All() | Any() | Not():
            word = {All: "all", Any: "any", Not: "not"}[type(condition)]
            return Clause(word, node.truth, items=tuple(clause_of(item, catalogue) for item in node.items))
        case _:
            assert_never(condition)


def leaf_text(leaf: Leaf, catalogue: Catalogue) -> str:
    """A leaf in one line, as it is written in a rule file; an operand that is personal is masked."""
    if isinstance(leaf.operand, FactRef):
        return f"{leaf.fact} {leaf.op} {leaf.operand.name}"
    if leaf.op is Op.KNOWN:
        return f"{leaf.fact} known {str(leaf.operand).lower()}"
    if isinstance(leaf.operand, tuple):
        return f"{leaf.fact} {leaf.op} [{', '.join(show(leaf.fact, each, catalogue, 'en') for each in leaf.operand)}]"
    return f"{leaf.fact} {leaf.op} {show(leaf.fact, leaf.operand, catalogue, 'en')}"


def show(name: str, value: Value | None, catalogue: Catalogue, language: str) -> str:
    """The value of a fact as text; a personal one is masked, an unknown one says so."""
    if value is None:
        return UNKNOWN_WORD.get(language, UNKNOWN_WORD["en"])
    fact = catalogue.get(name)
    if fact is None or not may_show(name, catalogue):
        return MASKED
    if isinstance(value, bool):
        return str(value).lower()
    if fact.type is FactType.DURATION and isinstance(value, int):
        return duration_text(value)
    if fact.type is FactType.TIMESTAMP and isinstance(value, int):
        return instant_text(value)
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def fill(text: str, values: Mapping[str, Value], catalogue: Catalogue, language: str) -> str:
    """A text with `{fact.name}` replaced by the values of the facts.

    The text was checked when the bundle was loaded: every brace names a fact.
    """
    head, *rest = text.split("{")
    parts = [head]
    for piece in rest:
        name, _, tail = piece.partition("}")
        parts += [show(name, values.get(name), catalogue, language), tail]
    return "".join(parts)
