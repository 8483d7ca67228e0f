"""What no facts of a call show is told piece by piece: which window, which word, which rule of governance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from callpolicy.changes import Beside, beside, compare_meaning, remarks
from callpolicy.identity import IdentityKind
from callpolicy.lexicon import Lexicon
from callpolicy.policy import Bundle, Governance, OpenHours, Retention
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.windows import CALLS, Measure, Window
from tests.engine.bundles import bundle

MINUTE = 60_000_000
DAY = 1_440 * MINUTE
RECENT = Window("history.calls_10m", Measure.COUNT, CALLS, length=10 * MINUTE)
OPEN = OpenHours(1, 480, 1080)
FEAST = date(2026, 10, 1)
WORDS = Lexicon("threat_en", "threat", "en", "word", ("i will find you", "watch out"))


def norm(**settings: Any) -> Bundle:
    plain = bundle()
    return replace(plain, settings=replace(plain.settings, **settings))


def test_equal_norms_differ_in_nothing() -> None:
    starter = load_bundle(starter_folder())

    assert beside(starter, starter) == ()


def test_a_longer_window_is_named_with_both_lengths() -> None:
    old, new = bundle(windows=(RECENT,)), bundle(windows=(replace(RECENT, length=60 * MINUTE),))

    assert beside(old, new) == (Beside("windows", "history.calls_10m within", "10m", "1h"),)


def test_what_a_window_counts_is_told_as_it_is_written() -> None:
    judged = replace(RECENT, over="judged", where=(("by", ("agent", "team_leader")), ("class", ("nuisance",))))
    old, new = bundle(windows=(judged,)), bundle(windows=(replace(judged, where=(("by", ("agent", "system")),)),))

    assert beside(old, new) == (
        Beside("windows", "history.calls_10m where by", "team_leader", None),
        Beside("windows", "history.calls_10m where by", None, "system"),
        Beside("windows", "history.calls_10m where class", "nuisance", None),
    )


def test_words_that_came_and_went_are_named() -> None:
    old = replace(bundle(), lexicons=(WORDS,))
    new = replace(bundle(), lexicons=(replace(WORDS, terms=("watch out", "you will pay")),))

    assert beside(old, new) == (
        Beside("lexicons", "threat_en terms", "i will find you", None),
        Beside("lexicons", "threat_en terms", None, "you will pay"),
    )


def test_a_protected_number_that_went_is_named_and_a_line_is_masked() -> None:
    old = norm(region="CN", protected_numbers={"emergency": ("CN:110", "CN:120"), "desk": ("+8613800138000",)})
    new = norm(region="CN", protected_numbers={"emergency": ("CN:110",), "desk": ()})

    assert beside(old, new) == (
        Beside("protected", "desk", "+86138******00", None),
        Beside("protected", "emergency", "CN:120", None),
    )


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ({"region": "CN"}, {"region": "US"}, ("region", "", "CN", "US")),
        ({"hours": (OPEN,)}, {"hours": ()}, ("hours", "hours", "weekday 1, opens 08:00, closes 18:00", None)),
        ({"holidays": frozenset()}, {"holidays": frozenset({FEAST})}, ("hours", "holidays", None, "2026-10-01")),
        ({"feeds": frozenset({"signals"})}, {"feeds": frozenset()}, ("feeds", "", "signals", None)),
        ({"offence_signals": {"x": "abuse"}}, {"offence_signals": {}}, ("offence_signals", "x", "abuse", None)),
        (
            {"retention": Retention(history=400 * DAY)},
            {"retention": Retention(history=30 * DAY)},
            ("retention", "history", "400d", "30d"),
        ),
        ({"clear": frozenset()}, {"clear": frozenset({"case.id"})}, ("privacy", "", None, "case.id")),
        (
            {"list_identities": (IdentityKind.CUSTOMER, IdentityKind.NUMBER)},
            {"list_identities": (IdentityKind.NUMBER, IdentityKind.CUSTOMER)},
            ("list_identities", "", "customer, number", "number, customer"),
        ),
    ],
)
def test_each_setting_is_told_as_it_is_written(
    old: dict[str, Any], new: dict[str, Any], piece: tuple[str, str, str | None, str | None]
) -> None:
    assert beside(norm(**old), norm(**new)) == (Beside(*piece),)


def test_an_invariant_that_went_is_told_even_where_no_decision_changes() -> None:
    starter = load_bundle(starter_folder())
    name = "nuisance_is_warned_before_a_hang_up"
    without = replace(starter, invariants=tuple(each for each in starter.invariants if each.id != name))

    (piece,) = beside(starter, without)

    assert (piece.part, piece.name, piece.new) == ("invariants", name, None)
    assert piece.old is not None
    assert piece.old.startswith("never hang_up")


def test_governance_is_told_by_the_rule_that_changed() -> None:
    old = replace(bundle(), governance=Governance(four_eyes_over=DAY))
    new = replace(bundle(), governance=Governance(four_eyes_over=365 * DAY, automatic_hang_up=True))

    assert beside(old, new) == (
        Beside("governance", "automatic_hang_up", "false", "true"),
        Beside("governance", "four_eyes_over", "1d", "365d"),
    )


def test_both_languages_tell_the_piece() -> None:
    meaning = compare_meaning(bundle(windows=(RECENT,)), bundle(windows=(replace(RECENT, length=60 * MINUTE),)))

    assert [*remarks(meaning, "en")][-1] == "  - windows history.calls_10m within: 10m becomes 1h"
    assert [*remarks(meaning, "zh-CN")][-1] == "  - 统计窗口 history.calls_10m within：由 10m 变为 1h"
    assert meaning.proved_same is False
