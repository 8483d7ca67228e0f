"""Rules and bundles in memory: the order of leniency, terms, and what is found by its id."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.points import EFFECTS_OF, Effect, Stage
from callpolicy.policy import (
    DAY,
    UNION_OBLIGATIONS,
    By,
    Obligation,
    Outcome,
    Settings,
    StandingBlock,
    Term,
    term_length,
)
from tests.engine.bundles import bundle, rule

SECOND = 1_000_000


def test_effects_alone_decide_before_who_carries_them_out() -> None:
    for effects in EFFECTS_OF.values():
        for kinder, stricter in pairwise(effects):
            assert Outcome(kinder, by=By.SYSTEM).severity < Outcome(stricter, by=By.AGENT).severity


def test_what_the_agent_may_do_is_kinder_than_what_the_system_does() -> None:
    assert Outcome(Effect.HANG_UP).severity < Outcome(Effect.HANG_UP, by=By.SYSTEM).severity


def test_a_shorter_term_is_kinder() -> None:
    terms: list[Term | int] = [1, SECOND, Term.DAY, DAY + 1, Term.WEEK, Term.MONTH, 31 * DAY, Term.PERMANENT]

    severities = [Outcome(Effect.BLOCK, term=term).severity for term in terms]

    assert severities == sorted(severities)
    assert len(set(severities)) == len(terms)


def test_no_duration_is_as_long_as_permanent() -> None:
    assert term_length(10**40) < term_length(Term.PERMANENT)


def test_a_term_by_name_and_the_same_duration_are_equally_lenient() -> None:
    assert term_length(Term.DAY) == term_length(DAY)
    assert term_length(Term.WEEK) == term_length(7 * DAY)
    assert term_length(None) == 0


def test_a_longer_wait_before_the_close_is_kinder() -> None:
    severities = [Outcome(Effect.OFFER_CLOSE, wait=wait).severity for wait in (10 * SECOND, 2 * SECOND, None)]

    assert severities == sorted(severities)
    assert len(set(severities)) == 3


@given(st.permutations([Outcome(effect) for effect in EFFECTS_OF[Stage.HANGUP]]))
def test_sorting_by_severity_gives_the_order_of_the_norm(outcomes: list[Outcome]) -> None:
    ordered = sorted(outcomes, key=lambda outcome: outcome.severity)

    assert [outcome.effect for outcome in ordered] == list(EFFECTS_OF[Stage.HANGUP])


def test_script_role_and_kind_are_no_matter_of_leniency() -> None:
    assert Outcome(Effect.ESCALATE, to="lead", script="x").severity == Outcome(Effect.ESCALATE).severity


def test_obligations_to_record_and_notify_are_the_ones_that_are_united() -> None:
    assert {each for each in Obligation if each.startswith(("record_", "notify_"))} == UNION_OBLIGATIONS


def test_a_rule_is_found_by_its_id() -> None:
    norm = bundle(rule("warn", Effect.WARN), rule("reject", Effect.REJECT))

    assert norm.rule("warn").then.effect is Effect.WARN
    with pytest.raises(KeyError, match="hang_up"):
        norm.rule("hang_up")


def test_settings_are_hashable_so_that_calls_can_share_what_is_made_of_them() -> None:
    made = Settings("n", "CN", "Asia/Shanghai", ("zh-CN", "en"), offence_signals={"curse": "abuse"})

    assert hash(made) == hash(Settings("n", "CN", "Asia/Shanghai", ("zh-CN", "en"), offence_signals={"curse": "abuse"}))
    assert made.standing_block == StandingBlock(Effect.REJECT, 1000, None)
