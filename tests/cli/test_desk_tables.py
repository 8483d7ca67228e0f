"""What the desk reads: tables that fit a terminal of 80 columns, and words that people use, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from callpolicy.cli.audit_texts import act_word, state_word
from callpolicy.cli.block_fit import fitted, stacked
from callpolicy.cli.options import Language
from callpolicy.lifecycle import Move, State
from callpolicy.reports import Column, Table
from tests.cli.complaints import Complaint, nine
from tests.cli.desks import COMPLAINTS, CUSTOMER, DAY, HOUR, JUDGE, MASKED, MINUTE, MONDAY, Centre, centre

LANGUAGES = ["en", "zh-CN"]
BOTH = [Language.EN, Language.ZH]


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def widest(text: str) -> int:
    """The widest line, but for a command that is copied as it stands. Units: cells."""
    return max((cell_len(line) for line in text.splitlines() if "callpolicy " not in line), default=0)


# ---- how wide


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_of_blocks_fits_80_columns(desk: Centre, language: str) -> None:
    active = desk.active()
    desk.tree("block", "review", active, "--extend", "month", "--reason", "r", *JUDGE, at=MONDAY + HOUR)
    desk.tree("block", "appeal", active, "--reason", "he says it was not him", *COMPLAINTS, at=MONDAY + 2 * HOUR)
    desk.propose("--customer", CUSTOMER, at=MONDAY + HOUR)
    words = [("list",), *(("list", "--state", each) for each in ("due", "proposed", "active")), ("show", active)]

    shown = [desk.do("block", *each, at=MONDAY + 26 * HOUR, language=language, columns=80).stdout for each in words]
    overdue = desk.do("block", "list", "--state", "overdue", at=MONDAY + 5 * DAY, language=language, columns=80).stdout

    assert all(active in each for each in (shown[0], shown[1], overdue))
    assert [widest(each) for each in (*shown, overdue) if widest(each) > 80] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_cases_fits_80_columns_even_with_a_long_id(run: Any, tmp_path: Path, language: str) -> None:
    complaint = Complaint(tmp_path)
    complaint.call("c1", 1, "a-handler-with-a-long-name", case_id="K-" + "x" * 38)
    complaint.call("c2", 2, "he", case_id="K-8")

    listed = run("case", "list", "--at", nine(9), *complaint.small, language=language, columns=80).stdout

    assert "K-8" in listed
    assert widest(listed) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_records_of_a_call_fit_80_columns(desk: Centre, language: str) -> None:
    block_id = desk.active()

    several = desk.do("audit", "show", block_id, at=None, language=language, columns=80).stdout

    assert "desk#0" in several
    assert widest(several) <= 80


def test_an_id_is_whole_where_there_is_room_and_broken_only_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    short = Table("", (Column("id", whole=True), Column("why")), (("block-1", "abuse " * 20),))
    long = Table("", (Column("id", whole=True), Column("why")), (("b" * 60, "abuse"),))

    assert fitted(short).columns[0].whole
    assert not fitted(long).columns[0].whole
    assert fitted(Table("", (Column("id", whole=True),), ())).rows == ()


def test_columns_that_stand_one_below_the_other_keep_their_order() -> None:
    columns = (Column("id", whole=True), Column("whom", whole=True), Column("count", number=True))

    made = stacked(columns, [("a", "b", "1"), ("c", "", "2")], ((0, 1), (2,)))

    assert [column.name for column in made.columns] == ["id\nwhom", "count"]
    assert [column.number for column in made.columns] == [False, True]
    assert made.rows == (("a\nb", "1"), ("c", "2"))


# ---- words


def test_an_act_is_told_in_words_of_people_and_by_its_name_only_in_json(desk: Centre) -> None:
    block_id = desk.active()
    desk.tree("block", "appeal", block_id, "--reason", "not me", *COMPLAINTS, at=MONDAY + HOUR)

    chinese = [desk.do("audit", "show", f"desk#{number}", at=None, language="zh-CN").stdout for number in range(4)]
    english = [desk.do("audit", "show", f"desk#{number}", at=None).stdout for number in range(4)]
    tree = desk.tree("audit", "show", "desk#3", at=None)

    assert "生效中，待处理" in chinese[3]
    assert "受理申诉" in chinese[3]
    assert "服务质检岗" in chinese[1]
    assert "一周" in chinese[0]
    assert "entered" in english[2]
    assert "active, to be looked at" in english[3]
    for text in chinese:
        assert not re.search(r"\b(propose|confirm|activate|appeal|under_review|week)\b", text)
    for text in english:
        assert "under_review" not in text
        assert "led to" not in text
    assert (tree["act"]["act"], tree["act"]["move"], tree["act"]["state"]) == ("appeal", "appeal", "under_review")


def test_an_act_on_a_caller_is_shown_with_the_caller_as_masked_as_in_the_block(desk: Centre) -> None:
    block_id = desk.active()

    of_block = desk.do("block", "show", block_id).stdout
    of_record = desk.do("audit", "show", "desk#0", at=None).stdout

    assert MASKED in of_block
    assert MASKED in of_record
    assert "***" not in of_record.replace(MASKED, "")


def test_evidence_that_is_not_on_record_is_said_to_be_so_in_the_record_of_the_act(desk: Centre) -> None:
    desk.tree(
        "block", "propose", "--customer", CUSTOMER, "--term", "day", "--reason", "r", "--evidence", "c1#0",
        "--evidence", "elsewhere#1", "--evidence-at", "2026-03-02T08:30:00+08:00", "--as", "li", "--role",
        "team_leader", at=MONDAY + MINUTE,
    )  # fmt: skip

    english = desk.do("audit", "show", "desk#0", at=None).stdout
    chinese = desk.do("audit", "show", "desk#0", at=None, language="zh-CN").stdout

    assert "c1#0, elsewhere#1 (not on record here)" in english
    assert "elsewhere#1（此处无记录）" in chinese


@pytest.mark.parametrize("language", BOTH)
def test_every_act_and_state_has_words(language: Language) -> None:
    acts = [
        "propose", "confirm", "activate", "review", "appeal", "decide_appeal", "lift", "allow", "disallow",
        "case_explain", "case_result", "case_new_fact", "prune",
    ]  # fmt: skip

    told = [act_word(each, language) for each in (*acts, *Move)] + [state_word(each, language) for each in State]

    assert not [each for each in told if "_" in each]
    if language is Language.ZH:
        assert not [each for each in told if each.isascii()]


def test_statistics_say_what_each_table_holds(desk: Centre) -> None:
    desk.active()

    english = desk.do("store", "stats", language="en", columns=80).stdout
    chinese = desk.do("store", "stats", language="zh-CN", columns=80).stdout

    assert "personal parts of audit records" in english
    assert "审计记录中的个人信息" in chinese
    assert not re.search(r"[\u4e00-\u9fff]: ", chinese)
    assert widest(english.partition("Rows")[2]) <= 100
