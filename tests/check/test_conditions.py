"""Faults of conditions: never true, said twice, compared with what is not counted."""

from __future__ import annotations

import pytest

from callpolicy.check import check_bundle
from callpolicy.condition import Condition, FactRef, Leaf, Op
from callpolicy.errors import Severity, SourceSpan
from callpolicy.facts import Fact, FactType, Origin
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon
from callpolicy.points import Effect
from callpolicy.policy import Bundle, OpenHours, Status
from callpolicy.windows import Measure, Window
from tests.check.making import GUARDS, WARNED, a_bundle, a_rule, all_of, any_of, codes, found, none_of
from tests.engine.bundles import never

PLACE = SourceSpan("hangup/a.yaml", 12, 7)
MANY = Leaf("talk.warnings", Op.AT_LEAST, 3)
FEW = Leaf("talk.warnings", Op.AT_MOST, 2, PLACE)
OTHER = Leaf("talk.answered", Op.IS, True)


def ruled(when: Condition) -> Bundle:
    return a_bundle(a_rule("a", Effect.WARN, when))


@pytest.mark.parametrize(
    "when",
    [
        all_of(MANY, FEW),
        all_of(OTHER, all_of(MANY, any_of(FEW, FEW))),
        all_of(MANY, none_of(MANY)),
        any_of(all_of(MANY, FEW), all_of(FEW, MANY, OTHER)),
        none_of(any_of(MANY, FEW)),
        all_of(MANY, Leaf("talk.warnings", Op.KNOWN, False)),
        all_of(Leaf("caller.class", Op.IS, "normal"), Leaf("caller.class", Op.IS, "nuisance")),
        all_of(Leaf("call.hour", Op.MORE_THAN, 22), Leaf("call.hour", Op.IS_NOT, 23)),
        Leaf("talk.warnings", Op.LESS_THAN, 0),
        any_of(),
    ],
)
def test_a_rule_whose_condition_excludes_itself_is_an_error(when: Condition) -> None:
    (finding,) = found(ruled(when), "never-matches")

    assert finding.severity is Severity.ERROR


def test_what_excludes_itself_is_told_at_its_last_leaf() -> None:
    (finding,) = check_bundle(ruled(all_of(MANY, FEW)))

    assert finding.span == PLACE
    assert finding.message == "rule `a` never matches: what it asks of `talk.warnings` excludes itself"


def test_a_leaf_that_no_value_makes_true_is_named_with_its_operator() -> None:
    (finding,) = check_bundle(ruled(Leaf("talk.warnings", Op.LESS_THAN, 0)))

    assert "`talk.warnings` can have no value that makes `less_than` true" in finding.message


@pytest.mark.parametrize(
    "when",
    [
        all_of(MANY, Leaf("talk.warnings", Op.AT_MOST, 3)),
        any_of(MANY, FEW),
        all_of(any_of(MANY, OTHER), any_of(FEW, OTHER)),
        all_of(MANY, Leaf("talk.explanations", Op.AT_MOST, 2)),
        all_of(MANY, Leaf("talk.warnings", Op.KNOWN, True)),
        none_of(all_of(MANY, OTHER), FEW),
        Leaf("talk.warnings", Op.KNOWN, False),
    ],
)
def test_a_condition_that_can_be_true_is_left_alone(when: Condition) -> None:
    assert codes(ruled(when)) == []


def test_a_part_that_never_holds_is_a_warning() -> None:
    (finding,) = check_bundle(ruled(any_of(WARNED, all_of(MANY, FEW))))

    assert (finding.code, finding.severity, finding.span) == ("part-never-matches", Severity.WARNING, PLACE)


def test_a_part_that_never_holds_is_found_in_a_condition_too_large_to_take_apart() -> None:
    pairs = [any_of(Leaf("call.hour", Op.IS, hour), Leaf("call.weekday", Op.IS, 1)) for hour in range(20)]

    assert codes(ruled(any_of(all_of(*pairs), all_of(MANY, FEW)))) == ["part-never-matches"]
    assert codes(ruled(all_of(*pairs, all_of(MANY, FEW)))) == ["never-matches"]


def test_an_invariant_that_never_forbids_is_an_error() -> None:
    empty = never("nothing", {Effect.HANG_UP}, all_of(MANY, FEW), Effect.WARN)

    (finding,) = check_bundle(a_bundle(invariants=(*GUARDS, empty)))
    assert (finding.code, finding.severity) == ("never-matches", Severity.ERROR)
    assert "invariant `nothing`" in finding.message


def test_a_retired_rule_may_be_as_it_is() -> None:
    assert codes(a_bundle(a_rule("a", Effect.WARN, all_of(MANY, FEW), status=Status.RETIRED))) == []


@pytest.mark.parametrize(
    "when",
    [
        all_of(MANY, OTHER, MANY),
        all_of(MANY, all_of(OTHER, MANY)),
        any_of(MANY, any_of(MANY)),
        none_of(OTHER, any_of(OTHER)),
        all_of(any_of(MANY, OTHER), any_of(MANY, OTHER)),
    ],
)
def test_what_is_said_twice_in_one_group_is_a_note(when: Condition) -> None:
    (finding,) = check_bundle(ruled(when))

    assert (finding.code, finding.severity) == ("duplicate-condition", Severity.NOTE)


def test_what_is_said_twice_in_different_groups_is_no_duplicate() -> None:
    assert codes(ruled(any_of(all_of(MANY, OTHER), all_of(MANY, WARNED)))) == []
    assert codes(ruled(none_of(MANY, all_of(MANY, OTHER)))) == []


WINDOWS = (
    Window("history.calls", Measure.COUNT, "calls", 1),
    Window("history.topics", Measure.DISTINCT, "calls", 1, distinct_of="topic"),
    Window("history.since", Measure.SECONDS_SINCE, "calls"),
    Window("history.since_judged", Measure.SECONDS_SINCE, "judged"),
)
WINDOW_FACTS = tuple(
    Fact(
        window.fact,
        FactType.DURATION if window.measure is Measure.SECONDS_SINCE else FactType.INT,
        {},
        minimum=0,
        origin=Origin.HISTORY,
    )
    for window in WINDOWS
)


def windowed(when: Condition) -> list[str]:
    made = a_bundle(a_rule("a", Effect.WARN, when), catalogue=BUILTIN.extended(WINDOW_FACTS), windows=WINDOWS)
    return [code for code in codes(made) if code != "window-not-read"]


@pytest.mark.parametrize(
    ("leaf", "fine"),
    [
        (Leaf("history.calls", Op.AT_LEAST, 2047), True),
        (Leaf("history.calls", Op.AT_LEAST, 2048), False),
        (Leaf("history.topics", Op.LESS_THAN, 2048), False),
        (Leaf("history.calls", Op.BETWEEN, (3, 2048)), False),
        (Leaf("history.calls", Op.IN, (1, 2047)), True),
        (Leaf("history.calls", Op.KNOWN, True), True),
        (Leaf("history.since", Op.AT_LEAST, 86_400_000_000), True),
        (Leaf("talk.warnings", Op.AT_LEAST, 5000), True),
    ],
)
def test_a_count_is_compared_only_with_what_a_window_counts_exactly(leaf: Leaf, fine: bool) -> None:
    assert windowed(leaf) == ([] if fine else ["operand-beyond-window"])


def test_two_counts_are_not_compared_with_each_other() -> None:
    assert windowed(Leaf("history.calls", Op.MORE_THAN, FactRef("history.topics"))) == ["windows-compared"]
    assert windowed(Leaf("history.calls", Op.MORE_THAN, FactRef("talk.warnings"))) == []
    assert windowed(Leaf("history.since", Op.LESS_THAN, FactRef("history.since_judged"))) == []


CURSES = Lexicon("curses", "curse", "en", "word", ("rascal",))


@pytest.mark.parametrize(
    ("leaf", "missing"),
    [
        (Leaf("talk.signals", Op.HAS, "curse"), []),
        (Leaf("talk.signals", Op.HAS, "curs"), ["curs"]),
        (Leaf("talk.signals", Op.HAS_ANY, ("curse", "threat", "joy")), ["joy", "threat"]),
    ],
)
def test_a_signal_that_no_lexicon_raises_is_an_error(leaf: Leaf, missing: list[str]) -> None:
    made = a_bundle(a_rule("a", Effect.WARN, any_of(leaf, Leaf("talk.signals", Op.HAS, "curse"))), lexicons=(CURSES,))

    findings = found(made, "unknown-signal")
    assert [finding.message.split("`")[3] for finding in findings] == missing
    assert all(finding.severity is Severity.ERROR for finding in findings)


def test_without_any_lexicon_a_signal_is_a_warning() -> None:
    (finding,) = found(ruled(Leaf("talk.signals", Op.HAS, "curse")), "unknown-signal")

    assert finding.severity is Severity.WARNING


def test_business_hours_that_are_read_must_be_declared() -> None:
    rule = a_rule("a", Effect.WARN, Leaf("call.business_hours", Op.IS, True))
    open_on_monday = {"hours": (OpenHours(1, 540, 1080),)}

    assert found(a_bundle(rule), "no-business-hours")[0].severity is Severity.ERROR
    assert found(a_bundle(rule, settings=open_on_monday), "no-business-hours") == []
