"""Retention that is too short for the norm, and clear text that needs no entry."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from callpolicy.check import check_bundle
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.policy import DAY, Bundle, Governance, Ladder, Retention, Term
from callpolicy.rulefile import load_bundle, load_bundle_files
from callpolicy.windows import Measure, Window
from tests.check.making import a_bundle, found
from tests.check.test_bundle import SMALL

HOUR: Final = DAY // 24
SHORT: Final = Window("history.calls_10m", Measure.COUNT, "calls", DAY // 144)
LONG: Final = Window("history.judged_30d", Measure.COUNT, "judged", 30 * DAY)
TODAY: Final = Window("history.calls_today", Measure.COUNT, "calls", calendar="day")
ENDLESS: Final = Window("history.since_last", Measure.SECONDS_SINCE, "calls")


def kept(*windows: Window, history: int | None) -> list[Finding]:
    made = a_bundle(windows=windows, settings={"retention": Retention(history=history)})
    return found(made, "retention-too-short")


def told(policy: str = "", governance: str = "") -> list[str]:
    more = {"policy.yaml": policy, "governance.yaml": governance}
    files = SMALL | {name: SMALL[name] + text.encode() for name, text in more.items()}
    mine = ("retention-too-short", "clear-not-needed")
    findings = check_bundle(load_bundle_files(files))
    return [line for each in findings if each.code in mine for line in str(each).splitlines()]


def test_a_history_that_is_shorter_than_a_window_is_told_at_its_place_with_the_window_and_its_length() -> None:
    assert told("retention: {history: 29d, blocks: 1d}\n") == [
        "policy.yaml:28:22: error: the history is kept for 29d, and a window reaches back further "
        "[retention-too-short]",
        "    hint: `history.since_same_topic` reaches back 30d; write `history: 30d` or longer, or leave `history` out",
    ]


def test_blocks_that_are_erased_before_the_ladder_stops_looking_are_told_with_what_it_needs() -> None:
    ladder = "ladder: {steps: [day], look_back: 180d}\n"

    assert told("retention: {blocks: 90d}\n", ladder) == [
        "policy.yaml:28:21: error: ended blocks are kept for 90d, and the ladder of `governance.yaml` looks back "
        "further [retention-too-short]",
        "    hint: it looks back 180d; write `blocks: 180d` or longer, or a shorter `look_back`",
    ]


def test_a_fact_that_is_not_personal_needs_no_entry_to_stand_in_clear_text() -> None:
    assert told("privacy: {clear: [caller.region, caller.risk_score]}\n") == [
        "policy.yaml:1:1: warning: `caller.region` is not personal and stands in clear text anyway [clear-not-needed]",
        "    hint: take it out of `privacy: {clear: …}`; only a personal fact needs an entry",
    ]


@pytest.mark.parametrize(
    ("windows", "history", "longest"),
    [
        ((SHORT, LONG), 30 * DAY, None),
        ((SHORT, LONG), 30 * DAY - 1000, "`history.judged_30d` reaches back 30d;"),
        ((SHORT, LONG), None, None),
        ((), 1000, None),
        ((ENDLESS,), 1000, None),
        ((SHORT, TODAY), 48 * HOUR, None),
        ((SHORT, TODAY), 24 * HOUR, "`history.calls_today` reaches back 2d;"),
    ],
)
def test_the_history_is_long_enough_if_it_is_as_long_as_the_longest_window(
    windows: tuple[Window, ...], history: int | None, longest: str | None
) -> None:
    findings = kept(*windows, history=history)

    assert [(each.severity, each.hint.partition(" write")[0]) for each in findings] == (
        [] if longest is None else [(Severity.ERROR, longest)]
    )


def test_what_was_not_written_is_told_at_the_top_of_the_file() -> None:
    ladder = Ladder((Term.DAY,), look_back=731 * DAY)

    (finding,) = found(a_bundle(governance=Governance(ladder=ladder)), "retention-too-short")
    assert (finding.span, finding.severity) == (SourceSpan("policy.yaml", 1, 1), Severity.ERROR)
    assert "write `blocks: 731d`" in finding.hint


@pytest.mark.parametrize(
    "governance", [None, Governance(), Governance(ladder=Ladder((Term.DAY,), look_back=730 * DAY))]
)
def test_blocks_are_kept_long_enough_if_no_ladder_looks_further_back(governance: Governance | None) -> None:
    made: Bundle = a_bundle(governance=governance)

    assert found(made, "retention-too-short") == []


def test_the_starter_norm_keeps_what_it_reads() -> None:
    starter = load_bundle(Path(__file__).parents[2] / "rules")

    assert [*found(starter, "retention-too-short"), *found(starter, "clear-not-needed")] == []
