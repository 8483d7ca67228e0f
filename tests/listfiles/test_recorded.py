"""A day of real complaints: the counts, recounted here by hand from the raw file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callpolicy.instants import parse_instant
from callpolicy.listfiles import Format, ListFile, read_list
from tests.listfiles.writing import is_balanced, refused, remarks

pytestmark = pytest.mark.recorded

TEN_DIGITS = re.compile(r"[1-9]\d{9}", re.ASCII)


@pytest.fixture(scope="module")
def day(recorded_data: Path) -> Path:
    return recorded_data / "ftc_dnc" / "dnc_complaint_numbers_2021-07-08.csv"


@pytest.fixture(scope="module")
def file(day: Path) -> ListFile:
    # The region of a Chinese centre: the FTC's numbers are American all the same.
    return read_list(day, region="CN", at=parse_instant("2021-07-08T12:00:00Z"))


@pytest.fixture(scope="module")
def raw(day: Path) -> dict[int, list[str]]:
    """The rows by line."""
    with day.open(encoding="utf-8", newline="") as lines:
        return {line: row for line, row in enumerate(csv.reader(lines), 1) if line > 1}


def test_every_complaint_is_counted_once(file: ListFile, raw: dict[int, list[str]]) -> None:
    report = file.report

    assert report.format is Format.FTC
    assert report.rows == len(raw) == 14_034
    assert is_balanced(file)
    assert (report.candidates, report.duplicate_rows, report.refused_rows) == (11_745, 1_437, 852)


def test_every_number_of_ten_digits_is_a_candidate_with_all_its_complaints(
    file: ListFile, raw: dict[int, list[str]]
) -> None:
    written = Counter(row[0] for row in raw.values())
    found = {each.subject.identity.value: each.count for each in file.candidates}
    plain = {f"+1{number}": count for number, count in written.items() if TEN_DIGITS.fullmatch(number)}

    assert len(written) == 11_915  # one of them the blank
    assert len(plain) == 11_741
    assert [number for number in plain if found.get(number, 0) < plain[number]] == []
    # The others are written otherwise: with more digits, blanks, or an extension.
    assert len(set(found) - set(plain)) == 11_745 - 11_741


def test_what_is_refused_is_no_number_of_ten_digits(file: ListFile, raw: dict[int, list[str]]) -> None:
    by_cause = refused(file)
    lines = [line for lines in by_cause.values() for line in lines]

    assert not any(TEN_DIGITS.fullmatch(raw[line][0]) for line in lines)
    assert {cause: len(lines) for cause, lines in by_cause.items()} == {
        "blank": 671, "no-such-number": 155, "hidden-digits": 6, "too-long": 6, "too-short": 6, "words": 5,
        "several-things": 3,
    }  # fmt: skip
    assert Counter(raw[line][0] for line in by_cause["blank"]) == {"": 669, "na": 1, "none": 1}
    assert all(re.search(r"[*?x]", raw[line][0]) for line in by_cause["hidden-digits"])


def test_dates_that_cannot_be_believed_are_counted(file: ListFile, raw: dict[int, list[str]]) -> None:
    taken = [raw[line] for each in file.candidates for line in each.lines]
    late = sum(called > created for _, created, called, *_ in taken)
    year = timedelta(days=365)
    long_ago = sum(
        datetime.fromisoformat(created) - datetime.fromisoformat(called) > year for _, created, called, *_ in taken
    )

    assert {created[:10] for _, created, *_ in raw.values()} == {"2021-07-07"}
    assert remarks(file)["call-after-complaint"] == late == 361
    assert remarks(file)["call-long-ago"] == long_ago == 19
    assert "complaint-in-future" not in remarks(file)


def test_the_reason_of_a_number_is_what_most_people_complained_of(file: ListFile, raw: dict[int, list[str]]) -> None:
    for candidate in file.candidates:
        said = Counter(" ".join(raw[line][6].split()) for line in candidate.lines)
        del said["No Subject Provided"]
        most = max(said.values(), default=0)

        assert (candidate.reason is None) is (not said)
        assert candidate.reason is None or said[candidate.reason] == most
    assert remarks(file)["no-reason"] == sum(each.reason is None for each in file.candidates) == 1_433
    assert remarks(file)["no-end"] == 11_745
