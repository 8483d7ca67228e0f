"""The FTC's file of complaints: one candidate per number, however many complain."""

from __future__ import annotations

from pathlib import Path

import pytest

from callpolicy.instants import parse_instant
from callpolicy.listfiles import REMARKS, Format
from tests.listfiles.writing import is_balanced, read, refused, remarks

HEADER = (
    "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,"
    "Recorded_Message_Or_Robocall\n"
)


def complaint(number: str, created: str, called: str, subject: str) -> str:
    return f'{number},{created},{called},Clinton,Iowa,563,"{subject}",Y\n'


def eastern(text: str) -> int:
    return parse_instant(f"{text}-05:00")


def test_complaints_about_one_number_become_one_candidate(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        HEADER
        + complaint("2125550101", "2026-11-10 09:00:00", "2026-11-09 18:00:00", "Other")
        + complaint("2125550101", "2026-11-11 09:00:00", "2026-11-08 12:00:00", "Vacation  & timeshares")
        + complaint("2125550101", "2026-11-12 09:00:00", "2026-11-11 07:30:00", "Vacation  & timeshares")
        + complaint("2125550102", "2026-11-12 09:00:00", "2026-11-11 07:30:00", "No Subject Provided"),
        region="CN",
        governance=None,
    )
    first, second = file.candidates

    assert (file.report.format, file.report.region, file.report.time_zone) == (Format.FTC, "US", "America/New_York")
    assert (first.subject.identity.value, first.count, first.lines) == ("+12125550101", 3, (2, 3, 4))
    assert (first.reason, first.evidence) == ("Vacation & timeshares", "list.csv:2")
    assert (first.first, first.last) == (eastern("2026-11-08T12:00:00"), eastern("2026-11-11T07:30:00"))
    assert (first.since, first.until, first.term) == (None, None, None)
    assert (second.count, second.reason) == (1, None)
    assert remarks(file) == {"no-end": 2, "no-reason": 1}
    assert is_balanced(file)


def test_of_subjects_named_as_often_the_first_stays(tmp_path: Path) -> None:
    day = ("2026-11-10 09:00:00", "2026-11-09 18:00:00")
    names = ["Charities", "Other", "Other", "Charities", "No Subject Provided"]

    file = read(tmp_path, HEADER + "".join(complaint("2125550101", *day, name) for name in names))

    assert [each.reason for each in file.candidates] == ["Charities"]


def test_dates_that_cannot_be_believed_are_told_and_the_complaint_counts(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        HEADER
        + complaint("2125550101", "2026-11-10 09:00:00", "2026-11-19 18:00:00", "Other")
        + complaint("2125550102", "2026-11-10 09:00:00", "2007-06-07 13:05:00", "Other")
        + complaint("2125550103", "2026-11-10 09:00:00", "11/09/2026", "Other")
        + complaint("2125550104", "2031-01-01 00:00:00", "2031-01-01 00:00:00", "Other"),
    )

    assert [each.first for each in file.candidates[:3]] == [
        eastern("2026-11-10T09:00:00"),
        parse_instant("2007-06-07T13:05:00-04:00"),
        eastern("2026-11-10T09:00:00"),
    ]
    assert remarks(file) == {
        "no-end": 4, "bad-call-date": 1, "call-after-complaint": 1, "call-long-ago": 1, "complaint-in-future": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("created", "called", "codes", "first"),
    [
        ("2026-11-10 09:00:00", "", {"bad-call-date": 1}, "2026-11-10T09:00:00"),
        ("2026-11-10 09:00:00", "11/09/2026", {"bad-call-date": 1}, "2026-11-10T09:00:00"),
        ("", "2026-11-09 18:00:00", {"bad-complaint-date": 1}, "2026-11-09T18:00:00"),
        ("soon", "2026-11-09 18:00:00", {"bad-complaint-date": 1}, "2026-11-09T18:00:00"),
        ("", "?", {"bad-complaint-date": 1, "bad-call-date": 1}, None),
    ],
)
def test_which_of_the_two_dates_cannot_be_read_is_told_and_the_other_one_is_taken(
    tmp_path: Path, created: str, called: str, codes: dict[str, int], first: str | None
) -> None:
    file = read(tmp_path, HEADER + complaint("2125550101", created, called, "Other"))

    assert remarks(file) == {"no-end": 1, **codes}
    assert [each.first for each in file.candidates] == [None if first is None else eastern(first)]


def test_the_remark_on_the_date_of_a_call_says_that_it_is_the_call() -> None:
    english, chinese = (REMARKS["bad-call-date"].what(language) for language in ("en", "zh-CN"))

    assert english.startswith("a call without a date")
    assert chinese.startswith("来电日期")


def test_a_star_hides_digits_here_and_is_no_prefix(tmp_path: Path) -> None:
    day = ("2026-11-10 09:00:00", "2026-11-09 18:00:00")

    file = read(tmp_path, HEADER + complaint("+1 212 555 01*", *day, "Other") + complaint("", *day, "Other"))

    assert (file.candidates, refused(file)) == ((), {"blank": [3], "hidden-digits": [2]})
