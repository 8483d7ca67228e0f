"""What is proved holds, what is broken is shown, and every short sequence was looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callpolicy.analysis import formulas
from callpolicy.analysis.findings import analyse
from callpolicy.analysis.proving import Standing, prove
from callpolicy.analysis.sequences import search
from callpolicy.analysis.story import scenario_text, staged
from callpolicy.condition import All, Leaf, Op
from callpolicy.errors import MissingExtraError
from callpolicy.points import Effect, Stage
from callpolicy.policy import Bundle
from callpolicy.rulefile import init_bundle, load_bundle, starter_norm
from callpolicy.trials import run_scenario
from tests.engine.bundles import bundle, never, rule

NUISANCE = Leaf("caller.class", Op.IS, "nuisance")
ABUSE = Leaf("talk.offence_kinds", Op.HAS, "abuse")
AGAIN = Leaf("talk.offences_since_warning", Op.AT_LEAST, 1)
ABUSIVE = rule("abusive", Effect.NUISANCE, ABUSE, kind="abuse")
UNWARNED = never("warned", [Effect.HANG_UP], All((NUISANCE, Leaf("talk.warnings", Op.AT_MOST, 0))), Effect.WARN)


def without(norm: Bundle, *invariants: str) -> Bundle:
    return replace(norm, invariants=tuple(each for each in norm.invariants if each.id not in invariants))


def test_all_invariants_of_the_starter_norm_are_proved() -> None:
    came = prove(starter_norm())

    assert came.proved
    assert {each.standing for each in came.invariants} == {Standing.BY_RULES, Standing.BY_GUARD}
    assert came.sequences.states > 500
    assert came.unsupported == ()


def test_an_invariant_that_the_rules_keep_by_themselves_is_told_apart_from_one_that_acts() -> None:
    careful = rule("out", Effect.HANG_UP, All((NUISANCE, Leaf("talk.warnings", Op.AT_LEAST, 1), AGAIN)))
    hasty = rule("out", Effect.HANG_UP, All((NUISANCE, Leaf("talk.offences", Op.AT_LEAST, 2))))

    by_rules = prove(bundle(ABUSIVE, careful, invariants=[UNWARNED])).invariants[0]
    by_guard = prove(bundle(ABUSIVE, hasty, invariants=[UNWARNED])).invariants[0]

    assert (by_rules.standing, by_rules.witness) == (Standing.BY_RULES, None)
    assert (by_guard.standing, by_guard.certain) == (Standing.BY_GUARD, True)
    assert by_guard.witness is not None
    assert by_guard.witness.values["talk.warnings"] == 0
    assert by_guard.witness.stage(Stage.HANGUP).invariants == ("warned",)


def test_a_hang_up_without_a_warning_is_shown_as_a_scenario_that_fails(tmp_path: Path) -> None:
    init_bundle(tmp_path / "norm")
    path = tmp_path / "norm" / "hangup" / "nuisance_persists_after_warning.yaml"
    text = path.read_text("utf-8")
    warned = "    - talk.warnings: {at_least: 1}\n    - talk.offences_since_warning: {at_least: 1}\n"
    assert warned in text
    path.write_text(text.replace(warned, "    - talk.offences: {at_least: 3}\n"), "utf-8")
    norm = without(load_bundle(tmp_path / "norm"), "nuisance_is_warned_before_a_hang_up")

    came = search(norm)

    assert not came.proved
    assert came.decision is not None
    assert came.decision.main.outcome.effect is Effect.HANG_UP
    assert "warned" not in {each.name for each in came.sequence}
    title = {"en": "hang-up", "zh-CN": "挂机"}
    written = scenario_text("shown", title, norm, came.sequence, {"hangup": "warn"})
    (tmp_path / "norm" / "scenarios" / "shown.yaml").write_text(written, "utf-8")
    again = without(load_bundle(tmp_path / "norm"), "nuisance_is_warned_before_a_hang_up")
    outcome = run_scenario(again, next(each for each in again.scenarios if each.id == "shown"))
    assert [len(step.failures) for step in outcome.steps][-1] == 1
    assert not any(step.failures for step in outcome.steps[:-1])


def test_a_hang_up_that_only_facts_from_elsewhere_lead_to_is_possible_and_not_proved() -> None:
    early = rule("out", Effect.HANG_UP, All((NUISANCE, Leaf("history.calls", Op.AT_LEAST, 1))))
    fact = replace(bundle().catalogue["talk.transfers"], name="history.calls")
    norm = bundle(ABUSIVE, early, catalogue=bundle().catalogue.extended([fact]))

    came = search(norm, most=4)

    assert (came.proved, came.sequence) == (False, ())
    assert came.possible is not None
    assert came.possible.values["history.calls"] == 1


def test_a_call_is_made_up_for_a_finding_where_events_can_make_its_facts() -> None:
    hasty = rule("out", Effect.HANG_UP, All((NUISANCE, Leaf("talk.offences", Op.AT_LEAST, 2))))
    norm = bundle(ABUSIVE, hasty, more={"feeds": frozenset({"agent_marks"})})
    (found,) = [each for each in analyse(norm).findings if each.code == "hang-up-without-warning"]
    assert found.witness is not None

    call = staged(norm, found.witness, lambda decision: decision.main.outcome.effect is Effect.HANG_UP)

    assert call is not None
    assert [each.name for each in call.events] == ["offered", "answered", "offence", "offence"]
    assert staged(norm, found.witness, lambda decision: decision.main.outcome.effect is Effect.WARN) is None


def test_without_the_solver_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    formulas.solver_module.cache_clear()
    monkeypatch.setattr(formulas, "_MODULE", "no_such_solver")

    with pytest.raises(MissingExtraError, match=r"pip install 'callpolicy\[prove\]'"):
        prove(starter_norm(), base=False)

    formulas.solver_module.cache_clear()
