"""Lists from files: a dry run that tells everything, then proposals, each once, and nothing without the norm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import verify
from callpolicy.stores import open_store
from tests.cli.desks import (
    DAY,
    HOUR,
    JUDGE,
    LEADER,
    MASKED,
    MINUTE,
    MONDAY,
    NUMBER,
    TYPED,
    Centre,
    centre,
    digits_of,
)

ROWS = (
    "number,reason,term,since,until\n"
    f"{TYPED},abuse,week,2026-02-25,\n"
    "138 0013 8001,,,2026-02-21,\n"
    "138 0013 8000,abuse again,month,2026-02-26,\n"
    "110,nuisance,day,,\n"
    "138 0013 8002,plan,,2026-05-01,\n"
    "138 0013 8003,old,,2025-01-01,2025-02-01\n"
    "138 0013 8004,until easter,,2026-02-01,2026-04-05\n"
    "not a number,x,day,,\n"
    "+86 138*,all of them,day,,\n"
    "138 0013 8005,x,soon,,\n"
)


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def written(folder: Path, text: str, name: str = "old-list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def done(desk: Centre, file: Path, *words: object, at: int = MONDAY, code: int = 0) -> Any:
    result = desk.do("block", "import", file, *LEADER, *words, "--json", at=at)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def codes(tree: Any) -> dict[str, list[int]]:
    return {each["code"]: each["lines"] for each in tree["refused"]}


def test_a_dry_run_tells_every_row_and_writes_nothing(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)

    tree = done(desk, file, code=1)

    assert tree["written"] is False
    assert [(each["detail"], each["lines"]) for each in tree["proposed"]] == [("file", [2, 8])]
    assert codes(tree) == {"reason-missing": [3], "begins-later": [6]}
    assert {each["cause"]: each["lines"] for each in tree["file"]["refused"]} == {
        "protected": [5], "ended": [7], "words": [9], "too-wide": [10], "bad-term": [11],
    }  # fmt: skip
    assert tree["file"]["duplicates"] == [{"line": 4, "of_line": 2}]
    assert desk.tree("block", "list")["total"] == 0


def test_the_tables_of_a_dry_run_name_cause_lines_and_masked_samples(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)
    words = ("block", "import", file, *LEADER)

    shown = {
        (language, columns): desk.do(*words, language=language, columns=columns).stdout
        for language in ("en", "zh-CN")
        for columns in (80, 160)
    }

    for told in (
        "Dry run: nothing was written",
        "would be proposed",
        MASKED,
        "always.reason",
        "--write",
        "reason-missing",
        "Rows that name somebody again",
    ):
        assert told in shown["en", 160]
    for columns in (80, 160):
        after = shown["en", columns].partition("Rows that name somebody again")[2].partition("\n\n")[0]
        assert re.search(r"\b4 +2\b", after)
    for told in ("试运行：没有写入", "将提议", "没有写明原因", "受保护号码"):
        assert told in shown["zh-CN", 160]
    for text in shown.values():
        assert "1380013" not in digits_of(text)
    narrow = [len(line) for line in shown["en", 80].splitlines() if "─" in line]
    assert max(narrow) <= 80


def test_writing_proposes_each_candidate_with_its_row_as_evidence(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)

    tree = done(desk, file, "--write", "--reason", "from the old system", "--term", "12h", code=1)
    listed = desk.tree("block", "list")
    stories = {each["id"]: desk.tree("block", "show", each["id"]) for each in listed["blocks"]}

    prefix = tree["id_prefix"]
    assert tree["written"] is True
    assert sorted(stories) == sorted(f"{prefix}{line}" for line in (2, 3, 8))
    first = stories[f"{prefix}2"]["acts"][0]
    assert (first["by"], first["reason"], first["term"]) == ("li", "abuse", "1d15h")
    # 2026-02-25 00:00 in Shanghai; a week from then is over a day and 15 hours after the import.
    assert first["evidence"] == [
        {"id": "old-list.csv:2", "at": "2026-02-24T16:00:00.000000Z", "on_record": False}
    ]  # fmt: skip
    second = stories[f"{prefix}3"]["acts"][0]
    assert (second["reason"], second["term"]) == ("from the old system", "12h")
    assert all(each["state"] == "proposed" for each in stories.values())


def test_the_same_file_again_proposes_nothing_twice_even_what_was_lifted_since(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"{TYPED},abuse\n138 0013 8001,abuse\n")
    first = done(desk, file, "--write")
    block_id = f"{first['id_prefix']}1"
    desk.tree("block", "lift", block_id, "--reason", "wrong", *JUDGE, at=MONDAY + MINUTE)

    renamed = written(tmp_path, file.read_text("utf-8"), "renamed.csv")
    second = done(desk, renamed, "--write", at=MONDAY + HOUR)

    assert first["counts"]["done"] == 2
    assert second["counts"] == {"done": 0, "same": 2, "there": 0, "refused": 0}
    assert desk.tree("block", "show", block_id, at=MONDAY + HOUR)["state"] == "lifted"


def test_no_file_brings_a_lifted_caller_back_whatever_its_dates(desk: Centre, tmp_path: Path) -> None:
    block_id = desk.active()
    desk.tree("block", "lift", block_id, "--reason", "wrong", *JUDGE, at=MONDAY + HOUR)
    at = MONDAY + 3 * DAY

    undated = done(desk, written(tmp_path, f"{TYPED},abuse\n", "a.txt"), "--write", at=at, code=1)
    before = done(desk, written(tmp_path, f"number,reason,since\n{TYPED},x,2026-03-01\n", "b.csv"), at=at, code=1)
    rows = f"number,reason,since\n{TYPED},x,2026-03-04\n138 0013 8001,x,2026-03-04\n"
    after = done(desk, written(tmp_path, rows, "c.csv"), "--write", at=at, code=1)

    assert codes(undated) == {"evidence-not-on-record": [1]}
    assert codes(before) == codes(after) == {"evidence-not-on-record": [2]}
    assert {each["refused"][0]["rule"] for each in (undated, before, after)} == {"always.lifting_sticks"}
    # Whom nobody lifted a row of a file is evidence against.
    assert [each["lines"] for each in after["proposed"]] == [[3]]


def test_who_is_blocked_already_is_not_proposed_again(desk: Centre, tmp_path: Path) -> None:
    desk.active()
    rows = f"{TYPED},abuse\n+86 1380 0135*,campus\n138 0013 5001,one of the campus\n"
    file = written(tmp_path, rows)

    dry = done(desk, file, at=MONDAY + HOUR)
    real = done(desk, file, "--write", at=MONDAY + HOUR)

    for tree in (dry, real):
        assert [each["lines"] for each in tree["proposed"]] == [[2]]
        assert [each["lines"] for each in tree["there_already"]] == [[1, 3]]
    assert desk.tree("block", "list", "--state", "proposed", at=MONDAY + HOUR)["total"] == 1


def test_an_allowlisted_caller_and_a_too_long_reason_are_refused_row_by_row(desk: Centre, tmp_path: Path) -> None:
    desk.tree("allow", "add", "--number", TYPED, "--reason", "r", "--owner", "o", "--for", "30d", *JUDGE)
    file = written(tmp_path, f"{TYPED},abuse\n138 0013 8001,{'辱' * 501}\n138 0013 8002,abuse\n")

    tree = done(desk, file, "--write", code=1)

    assert codes(tree) == {"allowlisted-caller": [1], "reason-too-long": [2]}
    assert tree["counts"]["done"] == 1


def test_a_file_whose_name_and_rows_are_numbers_gives_nobody_away(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"number,reason,evidence\n{TYPED},call {NUMBER},{NUMBER}\n", f"{NUMBER}.csv")

    result = desk.do("block", "import", file, "--write", *LEADER)
    block_id = desk.tree("block", "list")["blocks"][0]["id"]
    story = desk.do("block", "show", block_id).output

    assert result.exit_code == 0
    assert "00138000" not in digits_of(story)


def test_a_row_with_control_characters_is_refused_alone_on_both_lists(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"{TYPED},rude\x07\n138 0013 8001,abuse\n")

    blocks = done(desk, file, "--write", code=1)
    allowing = desk.do("allow", "import", file, "--owner", "o", "--for", "1d", *JUDGE, "--json")

    assert codes(blocks) == {"unusable": [1]}
    assert blocks["counts"]["done"] == 1
    assert allowing.exit_code == 1
    assert codes(json.loads(allowing.stdout)) == {"unusable": [1]}


def test_who_may_not_propose_imports_nothing(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"{TYPED},abuse\n")

    result = desk.do("block", "import", file, "--write", "--as", "x", "--role", "king", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"]["code"] == "role-missing"
    assert desk.tree("block", "list")["total"] == 0


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        (None, (), "is not there"),
        ("", (), "is empty"),
        ("a,b,c\n1,2,3\n4,5,6\n", (), "list.csv"),
        (f"{TYPED},x\n", ("--format", "ftc"), "list.csv"),
        (f"{TYPED},x\n", ("--term", "soon"), "`--term`"),
        (f"{TYPED},x\n", ("--format", "xls"), "'xls' is not one of"),
    ],
)
def test_a_file_that_is_no_list_is_wrong_usage_in_one_line(
    desk: Centre, tmp_path: Path, content: str | None, words: tuple[str, ...], told: str
) -> None:
    file = tmp_path / "list.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    result = desk.do("block", "import", file, *LEADER, *words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_many_proposals_stand_in_one_chain_that_verifies(desk: Centre, tmp_path: Path) -> None:
    rows = "".join(f"+1 212 555 {number:04},abuse\n" for number in range(100, 200))
    rows += "".join(f"+44 7700 {number},abuse\n" for number in range(900_000, 900_150))

    tree = done(desk, written(tmp_path, rows), "--write")

    assert tree["counts"]["done"] == 250
    store = open_store(desk.url)
    try:
        records = [kept.record for kept in store.records("desk")]
    finally:
        store.close()
    assert len(records) == 250
    assert verify(records) == ()


@pytest.mark.recorded
@pytest.mark.slow
@pytest.mark.parametrize("rows", [2_500, pytest.param(None, marks=pytest.mark.fuzz)], ids=["hours", "the whole day"])
def test_a_day_of_ftc_complaints_is_proposed_once(
    desk: Centre, recorded_data: Path, tmp_path: Path, rows: int | None
) -> None:
    day = sorted((recorded_data / "ftc_dnc").glob("*.csv"))[0].read_text("utf-8-sig").splitlines(keepends=True)
    file = written(tmp_path, "".join(day if rows is None else day[: rows + 1]), "ftc.csv")

    dry = done(desk, file, "--reason", "complaints", at=MONDAY, code=1)
    first = done(desk, file, "--write", "--reason", "complaints", at=MONDAY, code=1)
    second = done(desk, file, "--write", "--reason", "complaints", at=MONDAY + HOUR, code=1)
    listed = desk.tree("block", "list", "--state", "proposed", "--limit", 1, at=MONDAY + HOUR)

    assert dry["counts"] == first["counts"]
    assert first["counts"]["done"] == first["file"]["candidates"]
    assert first["counts"]["refused"] == 0
    assert second["counts"]["same"] == first["counts"]["done"]
    assert second["counts"]["done"] == 0
    assert listed["total"] == first["counts"]["done"]
