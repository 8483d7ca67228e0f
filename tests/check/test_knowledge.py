"""What is said to be known for certain is known on every call, whatever happens on it."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.check.knowledge import always_known, classes_without_kind, known_with
from callpolicy.condition import Leaf, Op
from callpolicy.engine import compile_plan, decide
from callpolicy.errors import CallEventError
from callpolicy.events import Event, Offered
from callpolicy.facts import Snapshot
from callpolicy.facts.builtin import BUILTIN
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.matchers.reference import compile_reference, leaf_truth
from callpolicy.points import STAGES_AT, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import Bundle
from callpolicy.runtime import Engine
from tests.check.making import a_bundle, a_rule
from tests.engine.bundles import never
from tests.session.making import CATALOGUE, LEXICONS, START, later_events, norm, offers

UNSEEN: Final = frozenset({"caller.class"})
"""Made between the stages: not in the snapshot."""


def engine_of(hours: bool) -> Engine:
    settings = norm() if hours else norm(hours=())
    engine = Engine(Bundle("sha256:test", settings, CATALOGUE, (), lexicons=LEXICONS), matcher="reference")
    blocked = Identity(IdentityKind.NUMBER, "+8613800138000")
    for name, until in (("ends", START + 10_000_000), ("never", None)):
        on = ListName.BLOCKLIST
        entry = Entry(entry_id=name, on=on, identity=blocked, since=START, until=until, reason="", owner="desk")
        engine.store.put_entry(entry)
    return engine


@given(offers(), st.lists(later_events, max_size=15), st.booleans())
def test_what_is_always_known_is_known_at_every_decision(offered: Offered, later: list[Event], hours: bool) -> None:
    engine = engine_of(hours)
    for event in (offered, *later):
        try:
            decision = engine.observe(event)
        except CallEventError:
            continue
        assert decision.snapshot is not None
        for stage in STAGES_AT[decision.point]:
            certain = always_known(engine.bundle.settings, stage) - UNSEEN
            assert certain - decision.snapshot.values.keys() == set()
            assert all(name in BUILTIN for name in certain)


@given(offers(), st.lists(later_events, max_size=15))
def test_what_is_known_together_is_known_together(offered: Offered, later: list[Event]) -> None:
    engine = engine_of(hours=True)
    for event in (offered, *later):
        try:
            decision = engine.observe(event)
        except CallEventError:
            continue
        assert decision.snapshot is not None
        known = decision.snapshot.values.keys()
        assert known_with(known) - known == set()


def test_the_class_is_known_after_it_was_made_and_not_before() -> None:
    settings = norm()

    assert "caller.class" not in always_known(settings, Stage.CLASSIFY)
    for stage in set(Stage) - {Stage.CLASSIFY}:
        assert "caller.class" in always_known(settings, stage)


def test_a_call_that_is_over_may_never_have_been_answered() -> None:
    settings = norm()

    assert "talk.handling_time" in always_known(settings, Stage.HANGUP)
    assert "talk.handling_time" not in always_known(settings, Stage.BLOCKLIST)


def test_business_hours_are_known_only_if_declared() -> None:
    assert "call.business_hours" in always_known(norm(), Stage.SCREEN)
    assert "call.business_hours" not in always_known(norm(hours=()), Stage.SCREEN)


@given(st.booleans(), st.sampled_from([None, True, False]))
def test_a_class_whose_kind_is_unknown_is_one_of_those_without_kind(guarded: bool, offended: bool | None) -> None:
    offends = Leaf("talk.on_hold", Op.IS, True)
    made = a_bundle(
        a_rule("a", Effect.NUISANCE, offends, kind=Kind.ABUSE),
        invariants=[never("kinder", {Effect.NUISANCE}, offends, Effect.REPEAT_COMPLAINT)] if guarded else [],
    )
    values = {} if offended is None else {"talk.on_hold": offended}

    decision = decide(
        compile_plan(made, compile_reference),
        Snapshot(0, values),
        point=DecisionPoint.IN_CALL,
        call_id="c",
        decision_id="d",
    )
    expected = leaf_truth(classes_without_kind(made), {"caller.class": str(decision.caller_class)})
    assert expected is (decision.caller_kind is None)
