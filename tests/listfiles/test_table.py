"""Tables: columns by name, dates, terms, ends that contradict each other."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from callpolicy.errors import UsageError
from callpolicy.listfiles import ColumnMapping, Format
from callpolicy.lists import ListName
from callpolicy.policy import DAY, Term
from tests.listfiles.writing import at, is_balanced, read, refused, remarks, subjects

HOUR = DAY // 24


def test_columns_are_found_by_the_names_that_people_give_them(tmp_path: Path) -> None:
    content = (
        "序号,电话号码,原因,开始时间,到期时间,工单号\n"
        "1,'07700 900001,骚扰,2026-11-01,2026年12月31日,T-7\n"
        '2,"=""07700900002""","辱骂,多次",2026/12/1 08:30,N/A,\n'
    )

    file = read(tmp_path, content)
    first, second = file.candidates

    assert file.report.format is Format.CSV
    assert dict(file.report.columns) == {
        "number": "电话号码", "reason": "原因", "since": "开始时间", "until": "到期时间", "evidence": "工单号",
    }  # fmt: skip
    assert file.report.unused == ("序号",)
    assert (first.reason, first.since, first.until) == ("骚扰", at("2026-11-01T00:00:00"), at("2026-12-31T00:00:00"))
    assert first.evidence == "list.csv:2 T-7"
    assert (second.reason, second.since, second.until) == ("辱骂,多次", at("2026-12-01T08:30:00"), None)
    assert remarks(file) == {"no-end": 1, "since-in-future": 1}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_what_parts_the_columns_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["phone", "reason", "term"], ["07700 900001", "rude", "week"]]

    file = read(tmp_path, "".join(delimiter.join(row) + "\r\n" for row in rows))

    assert [(each.reason, each.term) for each in file.candidates] == [("rude", Term.WEEK)]
    assert file.report.delimiter == delimiter


def test_the_line_with_which_a_spreadsheet_says_its_separator_is_no_row(tmp_path: Path) -> None:
    file = read(tmp_path, "sep=;\nphone;reason\n07700 900001;rude, and loud\n")

    assert [each.reason for each in file.candidates] == ["rude, and loud"]


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("day", Term.DAY),
        ("一天", Term.DAY),
        ("1天", Term.DAY),
        ("24h", Term.DAY),
        ("Week", Term.WEEK),
        ("一周", Term.WEEK),
        ("7 days", Term.WEEK),
        ("month", Term.MONTH),
        ("一个月", Term.MONTH),
        ("１个月", Term.MONTH),
        ("permanent", Term.PERMANENT),
        ("永久", Term.PERMANENT),
        ("12h", 12 * HOUR),
        ("三天", 3 * DAY),
        ("30天", 30 * DAY),
        ("3 months", 90 * DAY),
        ("", None),
    ],
)
def test_terms_are_read_as_the_desk_writes_them(tmp_path: Path, written: str, term: Term | int | None) -> None:
    file = read(tmp_path, f"号码,期限\n07700 900001,{written}\n")

    assert [each.term for each in file.candidates] == [term]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("07700 900001,,soon,,", "bad-term"),
        ("07700 900001,,0d,,", "bad-term"),
        ("07700 900001,,99999999999d,,", "bad-term"),
        # Nobody knows which is the month.
        ("07700 900001,,,03/04/2027,", "bad-date"),
        ("07700 900001,,,2027-02-30,", "bad-date"),
        ("07700 900001,,,46123,", "bad-date"),
        ("07700 900001,,,2026-11-30,", "ended"),
        ("07700 900001,2026-11-01,day,,", "ended"),
        ("07700 900001,2027-05-01,,2027-04-01,", "ends-before-it-begins"),
        ("07700 900001,,,,robot", "bad-kind"),
        ("customer:7,,,,number", "kind-contradicts"),
        (",,,,", "blank"),
        ("1.2E+11,,,,", "rounded"),
        ('"4,47701E+11",,,,', "rounded"),
        ("#REF!,,,,", "spreadsheet-error"),
        ("######,,,,", "spreadsheet-error"),
        ("07700 900001,,", "too-few-columns"),
        ("07700 900001,,,,,and more", "too-many-columns"),
        ('07700 900001,"never closed,,,', "open-quote"),
        ("07700 900001," + "x" * 70_000, "long-line"),
    ],
)
def test_a_row_that_cannot_be_taken_as_it_stands_is_refused_and_costs_no_other(
    tmp_path: Path, row: str, cause: str
) -> None:
    file = read(tmp_path, f"number,since,term,until,kind\n{row}\n07700 900002,,week,,number\n", format="csv")

    assert refused(file) == {cause: [2]}
    assert subjects(file) == ["+447700900002"]
    assert is_balanced(file)


def test_an_end_that_cannot_be_read_never_becomes_no_end(tmp_path: Path) -> None:
    file = read(tmp_path, "number,until\n07700 900001,next spring\n")

    assert (file.candidates, refused(file)) == ((), {"bad-date": [2]})


def test_the_mapping_says_how_dates_are_written_and_which_column_holds_what(tmp_path: Path) -> None:
    mapping = ColumnMapping(
        number="A-Number", reason="Notes 2", until="bis", date_format="%d.%m.%Y", time_zone="Europe/London"
    )

    file = read(tmp_path, "Phone,A-Number,Notes 2,bis\nx,07700 900001,rude,03.04.2027\n", mapping=mapping)

    assert [(each.reason, each.until) for each in file.candidates] == [("rude", at("2027-04-03T07:00:00"))]
    assert file.report.time_zone == "Europe/London"


def test_a_column_of_customers_holds_customers(tmp_path: Path) -> None:
    by_name = read(tmp_path, "客户号,原因\n7700900001,骚扰\n")
    by_kind = read(tmp_path, "number,kind\n7700900001,客户\n07700 900001,号码\n")

    assert subjects(by_name) == ["customer:7700900001"]
    assert subjects(by_kind) == ["customer:7700900001", "+447700900001"]


ENDS = {"day": 1, "week": 2, "month": 3, "": 4, "permanent": 5}


@pytest.mark.parametrize("terms", list(permutations(ENDS, 3)))
def test_of_different_ends_the_kinder_is_taken_whatever_the_order(tmp_path: Path, terms: tuple[str, ...]) -> None:
    content = "number,term\n" + "".join(f"07700 900001,{term}\n" for term in terms)
    shortest, longest = min(terms, key=ENDS.__getitem__), max(terms, key=ENDS.__getitem__)

    block = read(tmp_path, content)
    allow = read(tmp_path, content, on=ListName.ALLOWLIST)

    assert [each.term or "" for each in block.candidates] == [shortest]
    assert [each.term or "" for each in allow.candidates] == [longest]
    assert [(each.lines, each.taken) for each in block.report.contradictions] == [
        ((2, 3, 4), 2 + terms.index(shortest))
    ]
    assert is_balanced(block)


def test_rows_that_say_the_same_end_in_two_ways_do_not_contradict_each_other(tmp_path: Path) -> None:
    file = read(tmp_path, "number,since,term,until\n07700 900001,2026-12-01,week,\n07700 900001,,,2026-12-08\n")

    assert file.report.contradictions == ()
    assert file.report.duplicate_rows == 1


@pytest.mark.parametrize(("on", "until", "term"), [("blocklist", "2026-12-02", None), ("allowlist", None, Term.WEEK)])
def test_of_an_end_and_a_term_in_one_row_the_kinder_is_taken(
    tmp_path: Path, on: str, until: str | None, term: Term | None
) -> None:
    file = read(tmp_path, "number,term,until\n07700 900001,week,2026-12-02\n", on=ListName(on))

    assert [(each.until, each.term) for each in file.candidates] == [(until and at(f"{until}T00:00:00"), term)]
    assert remarks(file)["end-and-term"] == 1


def test_a_day_as_end_is_read_the_way_that_is_kinder_to_the_caller(tmp_path: Path) -> None:
    content = "number,until\n07700 900001,2026-12-02\n"

    block, allow = read(tmp_path, content), read(tmp_path, content, on=ListName.ALLOWLIST)

    assert [each.until for each in block.candidates] == [at("2026-12-02T00:00:00")]
    assert [each.until for each in allow.candidates] == [at("2026-12-03T00:00:00")]


def test_a_text_in_quotes_may_go_on_over_lines_and_rows_keep_their_first_line(tmp_path: Path) -> None:
    file = read(tmp_path, 'number,reason\n07700 900001,"rude\nand loud"\n07700 900002,"said ""no"""\n')

    assert [(each.line, each.reason) for each in file.candidates] == [(2, "rude and loud"), (4, 'said "no"')]


@pytest.mark.parametrize(
    ("content", "how", "message"),
    [
        (
            "name,town\nAnn,York\n",
            {"format": "csv"},
            "^`list.csv`:1: no column of numbers; columns read: `name`, `town`; known names are `number`, `phone`, "
            "`telephone`, `caller`, `号码`, `电话`, `手机号`, `主叫号码`; rename the column of the numbers$",
        ),
        ("foo,bar\n1,2\n", {}, "`list.csv`:1: no column of numbers; columns read: `foo`, `bar`; .*`number`.*`plain`"),
        ("# kept\n\nwho;why\n07700 900001;rude\n", {}, "`list.csv`:3: no column of numbers; .*: `who`, `why`; known"),
        ("甲\t乙\t丙\n1\t2\t3\n1\t2\n07700\t1\t2\n", {}, "no column of numbers; columns read: `甲`, `乙`, `丙`"),
        ("phone,电话\n1,2\n", {}, r"each of `phone`, `电话` could hold the numbers"),
        ("phone,reason,reason\n1,2,3\n", {}, "more than one column `reason`"),
        ("phone\n", {}, "a header, but no row under it"),
        ("phone,reason\n", {"format": "ftc"}, "no file of FTC complaints: it lacks `companyphonenumber`"),
        ("phone\n1\n", {"format": "xlsx"}, "no format `xlsx` of list files; there are `plain`, `csv`, `ftc`"),
        ("phone\n1\n", {"region": "gb"}, "unknown region `gb`"),
        ("phone\n1\n", {"mapping": ColumnMapping(until="end")}, r"no column `end`; there are `phone`"),
        ("phone\n1\n", {"mapping": ColumnMapping(time_zone="Asia/Beijing")}, "did you mean `Asia/Shanghai`"),
        ("phone\n1\n", {"mapping": ColumnMapping(encoding="utf-9")}, "there is no encoding `utf-9`"),
    ],
)
def test_a_table_that_cannot_be_read_at_all_is_one_clear_error(
    tmp_path: Path, content: str, how: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        read(tmp_path, content, **how)

    assert "\n" not in str(error.value)
