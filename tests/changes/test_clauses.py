"""What was changed in a rule is told clause by clause: a threshold that moved is one change with both ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.changes import Clause, clause_changes, clause_text
from callpolicy.changes.telling import filled_in
from callpolicy.condition import All, Any, Condition, Leaf, Op
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect
from callpolicy.policy import Obligation, Status
from tests.engine.bundles import rule

WARNED = Leaf("talk.warnings", Op.AT_LEAST, 1)
TWICE = Leaf("talk.warnings", Op.AT_LEAST, 2)
CLASS = Leaf("caller.class", Op.IS, "nuisance")


@pytest.mark.parametrize(
    ("old", "new", "clauses"),
    [
        (WARNED, WARNED, ()),
        (
            All((CLASS, WARNED)),
            All((CLASS, TWICE)),
            (("when", "talk.warnings at_least 1", "talk.warnings at_least 2"),),
        ),
        (All((CLASS, WARNED)), CLASS, (("when", "talk.warnings at_least 1", None),)),
        (CLASS, All((CLASS, WARNED)), (("when", None, "talk.warnings at_least 1"),)),
        (All((CLASS, WARNED)), Any((CLASS, WARNED)), (("joined", None, None),)),
    ],
)
def test_a_condition_is_told_by_its_clauses(
    old: Condition, new: Condition, clauses: tuple[tuple[str, str | None, str | None], ...]
) -> None:
    before, after = rule("r", Effect.WARN, old), rule("r", Effect.WARN, new)

    assert clause_changes(before, after, BUILTIN) == tuple(Clause(*each) for each in clauses)


def test_outcome_priority_status_and_obligations_are_told() -> None:
    old = replace(rule("r", Effect.WARN, WARNED), priority=10, obligations=(Obligation.RECORD_CALL,))
    new = replace(
        rule("r", Effect.HANG_UP, WARNED), priority=20, status=Status.DRAFT, obligations=(Obligation.NOTIFY_AGENT,)
    )

    assert clause_changes(old, new, BUILTIN) == (
        Clause("effect", "warn", "hang_up"),
        Clause("priority", "10", "20"),
        Clause("status", "enforced", "draft"),
        Clause("do", "record_call", None),
        Clause("do", None, "notify_agent"),
    )


def test_a_clause_is_told_in_either_language() -> None:
    moved = Clause("when", "talk.warnings at_least 1", "talk.warnings at_least 2")

    assert clause_text(moved, BUILTIN, "en") == ("condition: talk.warnings at_least 1 becomes talk.warnings at_least 2")
    assert "条件：由 " in clause_text(moved, BUILTIN, "zh-CN")
    assert "（talk.warnings） at_least 2" in clause_text(moved, BUILTIN, "zh-CN")
    assert clause_text(Clause("joined", None, None), BUILTIN, "zh-CN").startswith("条件的组合方式")


def test_a_text_shows_the_title_of_a_fact_where_its_value_will_stand() -> None:
    title = BUILTIN["talk.warnings"].title

    assert filled_in("{talk.warnings} 次提醒", BUILTIN, "zh-CN") == f"[{title['zh-CN']}] 次提醒"
    assert filled_in("after {no.such_fact}", BUILTIN, "en") == "after [no.such_fact]"
