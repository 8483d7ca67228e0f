"""The report: what a person reads and what a program gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from callpolicy.listfiles import CAUSES, REMARKS, report_tables, report_to_dict
from tests.listfiles.writing import at, read

CONTENT = (
    "号码,原因,期限,备注2\n"
    "07700 900001,骚扰,一周,\n"
    "1.2E+11,骚扰,一周,\n"
    "+44 7700 900001,,一天,\n"
    ",,,\n"
    "07700 900002,,,\n"
    "4.5E+11,,,\n"
)


def test_a_program_gets_every_line_and_no_number(tmp_path: Path) -> None:
    report = report_to_dict(read(tmp_path, CONTENT).report)

    assert report == {
        "file": "list.csv", "format": "csv", "format_told": False, "encoding": "utf-8", "delimiter": ",",
        "region": "GB", "time_zone": "Asia/Shanghai",
        "columns": {"number": "号码", "reason": "原因", "term": "期限"}, "unused_columns": ["备注2"],
        "rows": 6, "candidates": 2, "duplicate_rows": 1, "refused_rows": 3, "comment_lines": 0, "blank_lines": 0,
        "duplicates": [{"line": 4, "of_line": 2}],
        "refused": [
            {
                "cause": "rounded", "rows": 2, "lines": [3, 7],
                "samples": [{"line": 3, "shown": "#.#a+##"}, {"line": 7, "shown": "#.#a+##"}],
            },
            {"cause": "blank", "rows": 1, "lines": [5], "samples": [{"line": 5, "shown": ""}]},
        ],
        "remarks": [
            {
                "code": "not-in-plan", "count": 2,
                "samples": [{"line": 2, "shown": "+44770*****01"}, {"line": 6, "shown": "+44770*****02"}],
            },
            {"code": "no-end", "count": 1, "samples": [{"line": 6, "shown": "+44770*****02"}]},
            {"code": "no-reason", "count": 1, "samples": [{"line": 6, "shown": "+44770*****02"}]},
        ],
        "contradictions": [{"lines": [2, 4], "taken_line": 4}],
        "unchecked": [],
    }  # fmt: skip


def test_a_person_reads_a_sum_that_comes_out_and_what_to_do(tmp_path: Path) -> None:
    summary, gave_none, again, look_at, ends = report_tables(read(tmp_path, CONTENT).report, "zh-CN")

    assert [row for row in summary.rows if row[1].isdigit()] == [
        ("读取行数", "6"), ("＝候选", "2"), ("＋重复的行", "1"), ("＋未能成为候选的行", "3"),
    ]  # fmt: skip
    assert gave_none.rows[0] == (
        "号码被表格软件改成了科学计数法，如 1.2E+11", "rounded", "2", "3, 7", "#.#a+##",
        "把该列设为文本格式后重新导出；丢失的数字无法找回",
    )  # fmt: skip
    assert (again.title, again.headings, again.rows) == ("重复的行", ("行号", "首次出现的行号"), (("4", "2"),))
    assert [row[1] for row in look_at.rows] == ["not-in-plan", "no-end", "no-reason"]
    assert (ends.title, ends.rows) == ("到期时间不一致的号码", (("2, 4", "4"),))


def test_what_could_not_be_checked_stands_in_the_report(tmp_path: Path) -> None:
    *_, last = report_tables(read(tmp_path, CONTENT, governance=None, settings=None).report, "en")

    assert [row[0].partition(":")[0] for row in last.rows] == [
        "how wide prefixes and ranges are",
        "whether numbers are protected",
    ]


def test_long_lists_of_lines_are_cut_for_people_and_say_how_many_more(tmp_path: Path) -> None:
    content = "number,term\n" + "nobody at all,\n" * 12
    content += "".join(f"customer:{number},{term}\n" for number in range(1, 31) for term in ("day", "week"))

    _, gave_none, again, *_, ends = report_tables(read(tmp_path, content, format="csv").report, "en")

    assert gave_none.rows[0][3] == "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … and 2 more"
    # From line 14 on two lines for each customer; the second one names them again.
    assert again.rows == (
        ("15", "14"), ("17", "16"), ("19", "18"), ("21", "20"), ("23", "22"), ("25", "24"), ("27", "26"),
        ("29", "28"), ("31", "30"), ("33", "32"), ("… and 20 more", ""),
    )  # fmt: skip
    assert len(ends.rows) == 21
    assert ends.rows[-1] == ("… and 10 more", "")


@pytest.mark.parametrize("wording", [*CAUSES.items(), *REMARKS.items()], ids=lambda each: each[0])
def test_every_cause_and_remark_has_both_languages(wording: tuple[str, object]) -> None:
    texts = CAUSES.get(wording[0]) or REMARKS[wording[0]]

    for english, chinese in ((texts.en, texts.zh), (texts.do_en, texts.do_zh)):
        assert english.isascii()
        assert any("\u4e00" <= each <= "\u9fff" for each in chinese)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("20270304", "2027-03-04T00:00:00"),
        ("2027.3.4", "2027-03-04T00:00:00"),
        ("2027-03-04T18:00:00Z", "2027-03-05T02:00:00"),
        ("2027-03-04 18:00:30", "2027-03-04T18:00:30"),
        ("2027年3月4日 18时05分", "2027-03-04T18:05:00"),
        ("２０２７／３／４", "2027-03-04T00:00:00"),
    ],
)
def test_dates_are_read_when_the_year_comes_first(tmp_path: Path, written: str, until: str) -> None:
    file = read(tmp_path, f"number,until\n07700 900001,{written}\n")

    assert [each.until for each in file.candidates] == [at(until)]


@pytest.mark.parametrize("written", ["2027-3/4", "4.3.2027", "2027-13-01", "0000-01-01", "2027-03-04 25:00", "x" * 60])
def test_a_date_that_is_not_certain_is_none(tmp_path: Path, written: str) -> None:
    file = read(tmp_path, f"number,until\n07700 900001,{written}\n")

    assert [each.cause for each in file.report.refused] == ["bad-date"]
