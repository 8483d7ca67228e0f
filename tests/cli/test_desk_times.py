"""When an act is said to be done: not later than now, and not before there was anything to do it with."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from callpolicy.instants import instant_text
from tests.cli.complaints import QUALITY, START, Complaint, Run, nine
from tests.cli.desks import DAY, JUDGE, LEADER, MINUTE, MONDAY, TYPED, Centre, centre

ACTS = ("explain", "result", "new-fact")


@pytest.fixture
def complaint(tmp_path: Path) -> Complaint:
    return Complaint(tmp_path)


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def in_some(minutes: int) -> int:
    return time.time_ns() // 1_000 + minutes * MINUTE


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_recorded_of_a_case_before_it_is_done(run: Run, complaint: Complaint, act: str) -> None:
    complaint.three_calls()
    words = ("case", act, "K-7", "--text", "x", *QUALITY, *complaint.small)

    later = run(*words, "--at", instant_text(in_some(60)))
    chinese = run(*words, "--at", instant_text(in_some(60)), language="zh-CN")
    clocks_differ = run(*words, "--at", instant_text(in_some(1)))

    assert (later.exit_code, later.stdout) == (2, "")
    assert "`--at` lies in the future" in later.stderr
    assert "`--at` 晚于现在" in chinese.stderr
    assert clocks_differ.exit_code == 0


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_recorded_of_a_case_before_it_began(run: Run, complaint: Complaint, act: str) -> None:
    complaint.three_calls()
    words = ("case", act, "K-7", "--text", "x", *QUALITY, *complaint.small)

    early = run(*words, "--json", "--at", "2020-01-01T00:00:00Z")
    same_day = run(*words, "--at", instant_text(START + 5 * MINUTE))
    shown = json.loads(run("case", "show", "K-7", "--json", "--at", nine(9), *complaint.small).stdout)

    assert early.exit_code == 1
    refused = json.loads(early.stdout)["refused"]
    assert (refused["code"], refused["rule"]) == ("before-the-case", "always.in_order")
    assert "`--at`" in refused["do"]
    assert same_day.exit_code == 0
    assert "2020" not in json.dumps(shown)


def test_a_refusal_of_an_act_on_a_case_is_json_where_json_was_asked_for(run: Run, complaint: Complaint) -> None:
    complaint.three_calls()
    words = ("case", "result", "K-7", "--text", "x", "--as", "wang", "--role", "boss", *complaint.small)

    as_json = run(*words, "--json")
    told = run(*words)

    assert (as_json.exit_code, as_json.stderr) == (1, "")
    assert json.loads(as_json.stdout)["refused"]["code"] == "role-missing"
    assert told.stdout.startswith("refused by `roles`: ")


@pytest.mark.parametrize(
    "words",
    [
        ("block", "propose", "--number", TYPED, "--term", "day", "--evidence", "c1#0", "--reason", "r", *LEADER),
        ("block", "lift", "ID", "--reason", "r", *JUDGE),
        ("allow", "add", "--number", TYPED, "--for", "1d", "--owner", "o", "--reason", "r", *JUDGE),
    ],
)
def test_no_act_of_the_desk_is_dated_later_than_now(desk: Centre, words: tuple[str, ...]) -> None:
    block_id = desk.propose()
    named = tuple(block_id if each == "ID" else each for each in words)

    result = desk.do(*named, at=in_some(60))

    assert result.exit_code == 2
    assert "`--at` lies in the future" in result.stderr


def test_looking_ahead_is_fine(desk: Centre) -> None:
    block_id = desk.propose()

    assert desk.do("block", "show", block_id, at=in_some(60)).exit_code == 0
    assert desk.do("block", "list", "--state", "overdue", at=in_some(60 * 24 * 90)).exit_code == 0


def test_an_entry_that_was_ended_is_not_ended_again(desk: Centre) -> None:
    added = desk.tree("allow", "add", "--number", TYPED, "--for", "9d", "--owner", "o", "--reason", "r", *JUDGE)
    words = ("allow", "end", added["entry"]["id"], "--reason", "r", *JUDGE)
    desk.tree(*words, at=MONDAY + MINUTE)

    told = desk.do(*words, at=MONDAY + DAY).stdout

    assert told == (
        "refused by `always.one_life`: an allowlist entry that is over stays so [entry-is-over]; "
        "add a new one if it is needed\n"
    )
