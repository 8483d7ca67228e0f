"""What findings and exceptions say, and by whom they are to be dealt with."""

from __future__ import annotations

import pytest

from callpolicy import errors
from callpolicy.errors import (
    AuditError,
    CallEventError,
    CallpolicyError,
    Finding,
    GovernanceError,
    MissingExtraError,
    RuleFileError,
    Severity,
    SourceSpan,
    StoreError,
)

SPAN = SourceSpan("screen/burst.yaml", 7, 5)


def test_a_finding_shows_place_line_mark_and_hint() -> None:
    finding = Finding(
        "unknown-fact", "there is no fact `talk.warns`", SPAN, "did you mean `talk.warnings`?", "  - talk.warns: 1"
    )

    assert str(finding).splitlines() == [
        "screen/burst.yaml:7:5: error: there is no fact `talk.warns` [unknown-fact]",
        "      - talk.warns: 1",
        "        ^",
        "    hint: did you mean `talk.warnings`?",
    ]


def test_a_finding_without_a_place_is_one_line() -> None:
    assert str(Finding("x", "something", severity=Severity.NOTE)) == "note: something [x]"


def test_all_faults_of_a_bundle_are_told_at_once() -> None:
    error = RuleFileError((Finding("a", "first"), Finding("b", "second", SPAN)))

    assert str(error) == "error: first [a]\nscreen/burst.yaml:7:5: error: second [b]"
    assert [finding.code for finding in error.findings] == ["a", "b"]


def test_an_event_that_cannot_be_taken_names_its_code() -> None:
    error = CallEventError("event-after-end", "`warned` comes after the call has ended")

    assert (error.code, str(error)) == ("event-after-end", "`warned` comes after the call has ended [event-after-end]")


def test_a_refusal_of_governance_names_its_code_and_its_rule() -> None:
    error = GovernanceError("role-missing", "terms.month.judge", "`confirm` needs one of the roles `quality_desk`")

    assert (error.code, error.rule) == ("role-missing", "terms.month.judge")
    assert str(error) == "`confirm` needs one of the roles `quality_desk` [role-missing, by `terms.month.judge`]"


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtraError("bench", "the comparison")

    assert str(error) == "the comparison needs the extra `bench`: pip install 'callpolicy[bench]'"


@pytest.mark.parametrize(
    "kind", [RuleFileError, CallEventError, GovernanceError, StoreError, AuditError, MissingExtraError]
)
def test_everything_raised_on_purpose_has_one_root(kind: type[Exception]) -> None:
    assert issubclass(kind, CallpolicyError)
    assert kind.__name__ in vars(errors)


def test_a_place_is_a_value_and_reads_as_editors_expect() -> None:
    assert SourceSpan("a.yaml", 1, 2) == SourceSpan("a.yaml", 1, 2)
    assert str(SPAN) == "screen/burst.yaml:7:5"
