"""Faults of declarations: unused, empty, past, and effects that nothing guards."""

from __future__ import annotations

from datetime import date
from typing import Any as AnyValue

import pytest

from callpolicy.check import check_bundle
from callpolicy.condition import Condition, Leaf, Op
from callpolicy.errors import Severity, SourceSpan
from callpolicy.facts import Fact, FactType, Origin
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon
from callpolicy.points import Effect
from callpolicy.policy import Bundle, OpenHours, Script, StandingBlock, Status
from callpolicy.windows import Measure, Window
from tests.check.making import GUARDS, SAFE, TODAY, WARNED, a_bundle, a_rule, all_of, any_of, codes, found, none_of
from tests.engine.bundles import never

PROTECTED = Leaf("caller.protected", Op.IS, True)
ALLOWLISTED = Leaf("caller.allowlisted", Op.IS, True)
PHONE = Leaf("call.channel", Op.IS, "phone")
SPAN = SourceSpan("windows.yaml", 2, 3)
CALLS = Window("history.calls", Measure.COUNT, "calls", 1)
CALLS_FACT = Fact("history.calls", FactType.INT, {}, minimum=0, origin=Origin.HISTORY, span=SPAN)


def guarded(*conditions: Condition, instead: Effect = Effect.CONTINUE) -> Bundle:
    own = [never(f"own_{number}", {Effect.HANG_UP}, each, instead) for number, each in enumerate(conditions)]
    return a_bundle(a_rule("a", Effect.HANG_UP), invariants=(*own, *GUARDS[1:]))


def test_a_restrictive_effect_that_nothing_keeps_from_protected_callers_is_an_error() -> None:
    made = guarded()

    (protected,) = found(made, "unguarded-effect")
    assert (protected.severity, protected.span) == (Severity.ERROR, made.rule("a").span)
    assert "`hang_up`" in protected.message
    (allowlisted,) = found(made, "unguarded-allowlist")
    assert allowlisted.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("conditions", "missing"),
    [
        ([PROTECTED, ALLOWLISTED], []),
        ([SAFE], []),
        ([any_of(PROTECTED, WARNED)], ["unguarded-allowlist"]),
        ([none_of(Leaf("caller.protected", Op.IS, False)), ALLOWLISTED], []),
        ([all_of(PROTECTED, PHONE), all_of(PROTECTED, none_of(PHONE)), ALLOWLISTED], []),
        ([all_of(PROTECTED, PHONE), ALLOWLISTED], ["unguarded-effect"]),
        ([Leaf("caller.protected", Op.IS, False), ALLOWLISTED], ["unguarded-effect"]),
    ],
)
def test_only_an_invariant_that_holds_for_every_protected_caller_guards(
    conditions: list[Condition], missing: list[str]
) -> None:
    assert codes(guarded(*conditions)) == missing


def test_an_invariant_of_another_effect_guards_nothing() -> None:
    made = a_bundle(a_rule("a", Effect.REJECT), invariants=(GUARDS[0], GUARDS[2]))

    assert codes(made) == ["unguarded-allowlist", "unguarded-effect"]


def test_what_an_invariant_does_instead_needs_a_guard_too() -> None:
    assert codes(guarded(SAFE, instead=Effect.HANG_UP_POLITELY)) == ["unguarded-allowlist", "unguarded-effect"]


def test_the_standing_block_needs_a_guard_even_if_no_rule_rejects() -> None:
    (finding,) = found(a_bundle(invariants=()), "unguarded-effect")

    assert finding.span == SourceSpan("policy.yaml", 1, 1)
    assert codes(a_bundle(invariants=(), settings={"standing_block": StandingBlock(Effect.DIVERT)})) == []


def test_a_retired_rule_needs_no_guard() -> None:
    made = a_bundle(a_rule("a", Effect.HANG_UP, status=Status.RETIRED), invariants=(GUARDS[1],))

    assert codes(made) == []


def test_a_window_that_nothing_reads_is_a_warning_where_it_is_declared() -> None:
    def made(*rules: AnyValue, **more: AnyValue) -> Bundle:
        return a_bundle(*rules, windows=(CALLS,), catalogue=BUILTIN.extended([CALLS_FACT]), **more)

    (finding,) = check_bundle(made(a_rule("a", Effect.WARN)))
    assert (finding.code, finding.severity, finding.span) == ("window-not-read", Severity.WARNING, SPAN)
    reads = Leaf("history.calls", Op.AT_LEAST, 3)
    assert codes(made(a_rule("a", Effect.WARN, reads))) == []
    assert codes(made(invariants=(*GUARDS, never("own", {Effect.WARN}, reads, Effect.SOOTHE)))) == []
    shows = a_rule("a", Effect.WARN, because={"en": "called {history.calls} times"})
    assert "window-not-read" not in codes(made(shows))


def test_a_host_fact_that_nothing_reads_is_a_note() -> None:
    catalogue = BUILTIN.extended([Fact("host.segment", FactType.STR, {}, span=SPAN)])

    (finding,) = check_bundle(a_bundle(catalogue=catalogue))
    assert (finding.code, finding.severity, finding.span) == ("fact-not-read", Severity.NOTE, SPAN)
    reads = a_rule("a", Effect.WARN, Leaf("host.segment", Op.IS, "gold"))
    assert codes(a_bundle(reads, catalogue=catalogue)) == []


def test_a_script_that_nothing_says_is_a_warning() -> None:
    scripts = {"s": Script("s", {"en": "goodbye"}, {}, SPAN)}

    (finding,) = check_bundle(a_bundle(scripts=scripts))
    assert (finding.code, finding.severity, finding.span) == ("script-never-said", Severity.WARNING, SPAN)
    assert codes(a_bundle(a_rule("a", Effect.WARN, script="s"), scripts=scripts)) == []
    assert codes(a_bundle(settings={"standing_block": StandingBlock(script="s")}, scripts=scripts)) == []


CURSES = Lexicon("curses_en", "curse", "en", "word", ("rascal",))
MORE_CURSES = Lexicon("curses_zh", "curse", "zh-CN", "substring", ("坏蛋",))


def test_a_signal_that_leads_to_nothing_is_one_note_for_all_its_lists() -> None:
    (finding,) = check_bundle(a_bundle(lexicons=(MORE_CURSES, CURSES)))

    assert (finding.code, finding.severity) == ("signal-not-read", Severity.NOTE)
    assert finding.span == SourceSpan("lexicons/curses_en.yaml", 1, 1)
    assert "curses_en, curses_zh" in finding.hint


def test_a_signal_is_used_by_a_condition_or_as_an_offence() -> None:
    reads = a_rule("a", Effect.WARN, Leaf("talk.signals", Op.HAS, "curse"))

    assert codes(a_bundle(reads, lexicons=(CURSES,))) == []
    assert codes(a_bundle(settings={"offence_signals": {"curse": "abuse"}}, lexicons=(CURSES,))) == []


def test_an_offence_of_a_signal_that_nothing_raises_is_an_error() -> None:
    (finding,) = check_bundle(a_bundle(settings={"offence_signals": {"curse": "abuse"}}))

    assert (finding.code, finding.severity) == ("unknown-signal", Severity.ERROR)


def test_a_protected_class_without_numbers_is_a_note() -> None:
    classes = {"regulator": {"en": "regulators"}, "emergency": {"en": "emergency services"}}
    numbers = {"regulator": (), "emergency": ("CN:110",)}

    made = a_bundle(settings={"protected_classes": classes, "protected_numbers": numbers})
    (finding,) = check_bundle(made)
    assert (finding.code, finding.severity) == ("protected-class-empty", Severity.NOTE)
    assert "`regulator`" in finding.message


@pytest.mark.parametrize(
    ("holidays", "fine"),
    [({date(2026, 10, 1)}, True), ({date(2026, 5, 1), date(2026, 9, 30)}, False), (set(), False)],
)
def test_holidays_that_are_over_or_missing_are_a_note_where_rules_ask_for_them(holidays: set[date], fine: bool) -> None:
    settings = {"holidays": frozenset(holidays), "hours": (OpenHours(1, 540, 1080),)}
    asks = a_rule("a", Effect.WARN, Leaf("call.business_hours", Op.IS, True))

    assert codes(a_bundle(asks, settings=settings)) == ([] if fine else ["holidays-past"])
    assert check_bundle(a_bundle(asks, settings=settings)) == ()
    assert check_bundle(a_bundle(a_rule("a", Effect.WARN), settings=settings), today=TODAY) == ()
