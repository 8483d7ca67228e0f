"""What if: the decision on changed facts, beside the one on the facts as they are."""

from __future__ import annotations

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.engine import compile_plan
from callpolicy.errors import UsageError
from callpolicy.facts import Snapshot, Value
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.points import DecisionPoint, Effect
from callpolicy.whatif import again
from callpolicy.windows import Elapsed
from tests.engine.bundles import bundle, rule

OWN = compile_plan(
    bundle(
        rule("warn", Effect.WARN, Leaf("talk.warnings", Op.AT_MOST, 0)),
        rule("hang_up", Effect.HANG_UP, Leaf("talk.warnings", Op.AT_LEAST, 1)),
    ),
    compile_indexed,
)
VALUES: dict[str, Value] = {"talk.warnings": 0, "talk.offences": 1, "talk.quiet_for": 3}
BEFORE = Snapshot(10, VALUES, {"talk.quiet_for": Elapsed(7, None)})


def test_both_decisions_are_made_and_the_snapshot_stays_as_it_is() -> None:
    made = again(OWN, BEFORE, {"talk.warnings": 2, "talk.quiet_for": 5}, point=DecisionPoint.IN_CALL)

    assert (made.before.effect, made.after.effect) == (Effect.WARN, Effect.HANG_UP)
    assert made.before.snapshot == BEFORE
    assert made.after.snapshot == Snapshot(10, {"talk.warnings": 2, "talk.offences": 1, "talk.quiet_for": 5})
    assert made.broken == ()


def test_a_fact_can_become_unknown() -> None:
    made = again(OWN, BEFORE, {"talk.warnings": None}, point=DecisionPoint.IN_CALL)

    assert (made.after.effect, made.after.default) == (Effect.CONTINUE, True)


def test_a_relation_that_breaks_is_told() -> None:
    made = again(OWN, BEFORE, {"talk.offences_since_warning": 2}, point=DecisionPoint.IN_CALL)

    assert made.broken == ("offences-since-warning", "offences-need-a-warning-before")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"talk.warning": 1}, "there is no fact `talk.warning`"),
        ({"caller.class": "nuisance"}, "`caller.class` is made by the engine"),
        ({"talk.warnings": -1}, r"`talk.warnings` cannot have that value \(out-of-range\)"),
        ({"talk.warnings": True}, r"`talk.warnings` cannot have that value \(wrong-type\)"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Value | None], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        again(OWN, BEFORE, changes, point=DecisionPoint.IN_CALL)
