"""Filling in an unknown never changes what was definite, and never makes an outcome kinder: the whole engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.condition import Condition, Op, leaves
from callpolicy.decision import Decision
from callpolicy.engine import Explanation, compile_plan, decide, explain
from callpolicy.engine.explaining import StageExplanation
from callpolicy.facts import Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.points import DecisionPoint, Stage
from callpolicy.policy import Bundle
from tests.engine.test_explaining import VALUES, bundles

pytestmark = pytest.mark.untraced

# What these say is not a question of knowing more about the call: they change which rules run, and who is restricted.
SETTLED: dict[str, Value] = {
    "call.team": "a",
    "caller.protected": False,
    "caller.allowlisted": False,
    "block.covered": False,
}


def asks_for_knowledge(condition: Condition) -> bool:
    return any(leaf.op is Op.KNOWN for leaf in leaves(condition))


def monotone(norm: Bundle, *, invariants: bool) -> Bundle:
    """The norm without the rules that ask whether something is known: their truth may rightly change."""
    rules = tuple(each for each in norm.rules if not asks_for_knowledge(each.when))
    return replace(norm, rules=rules, invariants=norm.invariants if invariants else ())


def explained(norm: Bundle, values: Mapping[str, Value], point: DecisionPoint) -> Explanation:
    own = compile_plan(norm, compile_indexed)
    decision: Decision = decide(
        own, Snapshot(0, {**values, **SETTLED}), point=point, call_id="c", decision_id="d", with_recheck=False
    )
    return explain(own, decision)


def comparable(before: Explanation, after: Explanation) -> list[tuple[StageExplanation, StageExplanation]]:
    """The stages that saw the same facts made by earlier stages: a class that changed is no unknown filled in."""
    pairs = []
    for old, new in zip(before.stages, after.stages, strict=True):
        pairs.append((old, new))
        if old.result.outcome != new.result.outcome:
            break
    return pairs


POINTS = st.sampled_from(list(DecisionPoint))


@given(bundles(), VALUES, VALUES, POINTS)
def test_a_rule_that_matched_or_did_not_still_does(
    norm: Bundle, values: dict[str, Value], more: dict[str, Value], point: DecisionPoint
) -> None:
    norm = monotone(norm, invariants=True)

    before, after = explained(norm, values, point), explained(norm, {**more, **values}, point)

    for old, new in comparable(before, after):
        truths = {each.id: each.truth for each in new.rules}
        assert all(truths.get(each.id) is True for each in old.rules if each.truth)
        assert truths.keys() <= {each.id for each in old.rules}
        seen = {each.id: each.truth for each in old.invariants}
        assert all(seen[each.id] in (None, each.truth) for each in new.invariants)


@given(bundles(), VALUES, VALUES, POINTS)
def test_a_stage_in_which_nothing_was_undetermined_comes_to_the_same(
    norm: Bundle, values: dict[str, Value], more: dict[str, Value], point: DecisionPoint
) -> None:
    norm = monotone(norm, invariants=True)

    before, after = explained(norm, values, point), explained(norm, {**more, **values}, point)

    for old, new in comparable(before, after):
        if all(each.truth is not None for each in (*old.rules, *old.invariants)):
            assert new.result == old.result


@given(bundles(), VALUES, VALUES, POINTS)
def test_no_completion_of_the_unknowns_would_have_been_kinder(
    norm: Bundle, values: dict[str, Value], more: dict[str, Value], point: DecisionPoint
) -> None:
    norm = monotone(norm, invariants=False)

    before, after = explained(norm, values, point), explained(norm, {**more, **values}, point)

    for old, new in comparable(before, after):
        assert new.result.outcome.severity >= old.result.outcome.severity
    assert before.stages[0].result.stage is Stage.CLASSIFY
