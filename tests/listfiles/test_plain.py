"""Plain lists: one number, customer, prefix or range a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from callpolicy.identity import IdentityKind
from callpolicy.lists import ListName
from tests.listfiles.writing import is_balanced, read, refused, remarks, subject_text, subjects


def test_each_line_names_one_number_customer_prefix_or_range_and_perhaps_why(tmp_path: Path) -> None:
    content = (
        "# kept by the desk\n"
        "07700 900001\n"
        "+44 7700 900002\tsilent calls\n"
        "customer:123, asked for it\n"
        "\n"
        "+44 7700 9001*   # all of the campaign\n"
        "+44 7700 900200-+44 7700 900299,robot, ticket #55\n"
    )

    file = read(tmp_path, content)

    assert subjects(file) == [
        "+447700900001",
        "+447700900002",
        "customer:123",
        "+4477009001*",
        "+447700900200-+447700900299",
    ]
    assert [each.reason for each in file.candidates] == [
        None,
        "silent calls",
        "asked for it",
        None,
        "robot, ticket #55",
    ]
    assert [each.evidence for each in file.candidates] == [f"list.csv:{line}" for line in (2, 3, 4, 6, 7)]
    assert file.candidates[2].subject.identity.kind is IdentityKind.CUSTOMER
    assert (file.report.rows, file.report.comments, file.report.blank) == (5, 1, 1)
    assert is_balanced(file)


@pytest.mark.parametrize(
    "written",
    [
        "'07700900001",
        '="07700900001"',
        "０７７００ ９００００１",
        "+44 7700 900001",
        "0044 7700 900001",
        "tel:+447700900001",
        "\u202a+44 7700 900001\u202c",
        "07700\u00a0900001",
    ],
)
def test_a_number_is_the_same_however_a_spreadsheet_or_a_person_writes_it(tmp_path: Path, written: str) -> None:
    assert subjects(read(tmp_path, f"{written}\n", format="plain")) == ["+447700900001"]


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("N/A", "blank"),
        ("-", "blank"),
        ("anonymous", "withheld"),
        ("匿名", "withheld"),
        ("1.2E+11", "rounded"),
        ("customer:6.02701E+11", "rounded"),
        ("customer:0", "blank"),
        ("customer:#REF!", "bad-customer"),
        ("07700 9000**", "hidden-digits"),
        ("+44 7700 9000xx", "hidden-digits"),
        ("07700 900001?", "hidden-digits"),
        ("ask Ann", "words"),
        ("07700 900001 and 07700 900002", "several-things"),
        ("07700 900001, 07700 900002", "two-numbers"),
        ("12345", "too-short"),
        ("0770090000107700900002", "too-long"),
        ("7700 900", "no-such-number"),
        ("07700 9*", "prefix-without-country"),
        ("+999 12345678*", "unknown-country"),
        ("00999 12345678*", "unknown-country"),
        ("+8*", "unknown-country"),
        ("*", "hidden-digits"),
        ("+44 7700 900099-+44 7700 900000", "bad-range"),
        ("+44 7700 900000-+1 212 555 0100", "bad-range"),
        ("+44 7700 900000-900099", "half-range"),
        ("+44 7700 900000~900099", "half-range"),
        ("+44 7700*", "too-wide"),
        ("+44 7700 900000-+44 7700 999999", "too-wide"),
        ("+1 212 555 01*", "width-not-declared"),
        ("+44 20 7946 0123", "protected"),
        ("+44 20 7946 01*", "covers-protected"),
        ("+44 20 7946 0100-+44 20 7946 0199", "covers-protected"),
        ("999", "protected"),
        ("112", "emergency"),
        ("07700\ufffd900001", "ruined-text"),
        ("07700\0900001", "ruined-text"),
    ],
)
def test_what_names_nobody_for_certain_is_refused_with_its_cause(tmp_path: Path, written: str, cause: str) -> None:
    file = read(tmp_path, f"# one line\n+44 7700 900111\n{written}\n".encode(), format="plain")

    assert refused(file) == {cause: [3]}
    assert subjects(file) == ["+447700900111"]


@pytest.mark.parametrize(
    "content",
    [
        "07700 900001,rude\nask Ann,loud\n",
        "customer:seven,rude\n07700 900001,loud\n",
        "+44 7700 9001*,rude\n07700 900001,loud\n",
        "07700 900001\nask Ann\n",
    ],
)
def test_a_plain_list_is_one_without_being_told(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content).report.format == "plain"


def test_letters_that_hide_digits_never_become_a_line_of_somebody_else(tmp_path: Path) -> None:
    # On the keys of a telephone x is 9: 212555xxxx would be 212 555 9999.
    file = read(tmp_path, "212555xxxx\n", format="plain", region="US")

    assert (file.candidates, refused(file)) == ((), {"hidden-digits": [1]})


def test_a_range_written_in_part_never_becomes_its_first_number(tmp_path: Path) -> None:
    file = read(tmp_path, "+44 7700 900000-900099\n+44 20 7946 0000-12\n", format="plain")

    assert subjects(file) == ["+442079460000"]
    assert remarks(file)["extension"] == 1


def test_a_sample_shows_the_shape_of_a_text_and_nothing_of_what_it_says(tmp_path: Path) -> None:
    file = read(tmp_path, "Ann Lee 7700\n+44 7700 9*\n07700 900001\n", format="plain")

    assert [sample.shown for each in file.report.refused for sample in each.samples] == ["+44 #### #*", "aaa aaa ####"]


def test_an_allowlist_takes_whom_a_blocklist_may_not_and_says_so(tmp_path: Path) -> None:
    file = read(tmp_path, "999\n+44 20 7946 0123\n+44 7700*\n", format="plain", on=ListName.ALLOWLIST)

    assert subjects(file) == ["GB:999", "+442079460123", "+447700*"]
    assert remarks(file) == {"no-end": 3, "no-reason": 3, "protected-anyway": 2, "wide-prefix": 1}


def test_without_a_norm_the_report_says_what_was_not_checked(tmp_path: Path) -> None:
    file = read(tmp_path, "+44 7700*\n", format="plain", settings=None, governance=None)

    assert subjects(file) == ["+447700*"]
    assert file.report.unchecked == ("width", "protected")


def test_a_number_named_twice_is_one_candidate_and_the_report_knows_the_first_line(tmp_path: Path) -> None:
    file = read(tmp_path, "07700 900001\n07700 900002\n+447700900001,again\n")

    assert [(subject_text(each), each.count, each.reason) for each in file.candidates] == [
        ("+447700900001", 2, "again"),
        ("+447700900002", 1, None),
    ]
    assert [(each.line, each.of_line) for each in file.report.duplicates()] == [(3, 1)]
    assert is_balanced(file)


def test_a_reason_with_ruined_bytes_or_too_many_words_does_not_cost_the_number(tmp_path: Path) -> None:
    file = read(tmp_path, b"07700 900001,caf\xe9, rude\n07700 900002,one two three four five\n", format="plain")

    assert len(file.candidates) == 2
    assert (remarks(file)["ruined-reason"], remarks(file)["long-reason"]) == (1, 1)


def test_a_service_number_and_one_outside_the_plan_are_taken_with_a_remark(tmp_path: Path) -> None:
    file = read(tmp_path, "CN:95588\n+44 7700 900001\n", format="plain")

    counts = {each.code: [sample.line for sample in each.samples] for each in file.report.remarks}
    assert (counts["service-number"], counts["not-in-plan"]) == ([1], [2])
