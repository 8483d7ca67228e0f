"""Looking at blocks: lists, stories, what is hidden, what is not there, and the words for all of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from callpolicy.cli.block_texts import said
from callpolicy.cli.options import Language
from callpolicy.cli.refusals import REFUSALS
from callpolicy.lifecycle import Move, State, Why
from callpolicy.points import Effect
from callpolicy.rulefile import starter_folder
from tests.cli.desks import (
    CUSTOMER,
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

REPO = Path(__file__).parents[2]


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def proposal(*words: object, number: str = TYPED, evidence: str = "c1#0") -> tuple[object, ...]:
    whom = words or ("--number", number)
    return ("block", "propose", *whom, "--evidence", evidence, "--reason", "abuse", *LEADER)


# ---- looking


def test_the_list_shows_what_is_open_or_holds_and_each_state_on_its_own(desk: Centre) -> None:
    active = desk.active()
    proposed = desk.propose("--customer", CUSTOMER, at=MONDAY + HOUR)
    at = MONDAY + 2 * HOUR

    every = desk.tree("block", "list", at=at)
    states = {
        state: [each["id"] for each in desk.tree("block", "list", "--state", state, at=at)["blocks"]]
        for state in ("proposed", "confirmed", "active", "under_review", "lifted", "expired", "due")
    }
    first = desk.tree("block", "list", "--limit", 1, at=at)
    of_caller = desk.tree("block", "list", "--number", "138 0013 8000", at=at)

    assert [each["id"] for each in every["blocks"]] == [proposed, active]
    assert states == {
        "proposed": [proposed], "confirmed": [], "active": [active], "under_review": [], "lifted": [], "expired": [],
        "due": [proposed],
    }  # fmt: skip
    assert (first["total"], len(first["blocks"])) == (2, 1)
    assert [each["id"] for each in of_caller["blocks"]] == [active]


def test_what_is_due_and_what_nobody_saw_to_in_time_is_reported_with_what_came_of_it(desk: Centre) -> None:
    block_id = desk.active()
    due = MONDAY + 2 * MINUTE + DAY

    in_time = desk.tree("block", "list", "--state", "due", at=due - 1)
    now_due = desk.tree("block", "list", "--state", "due", at=due)
    overdue = desk.tree("block", "list", "--state", "overdue", at=due + DAY)
    table = desk.do("block", "list", "--state", "overdue", at=due + DAY).stdout
    chinese = desk.do("block", "list", "--state", "overdue", at=due + DAY, language="zh-CN").stdout
    story = desk.do("block", "show", block_id, at=due + DAY).stdout

    assert in_time["total"] == 0
    assert [each["id"] for each in now_due["blocks"]] == [block_id]
    assert [(each["what"], each["since"], each["lifted"]) for each in overdue["overdue"]] == [
        ("review_overdue", "2026-03-04T01:02:00.000000Z", True)
    ]
    assert "2026-03-04 09:02" in table
    assert "lifted the block" in table
    assert "已因此解除" in chinese
    assert "nobody reviewed it in time" in story
    assert desk.call(due + DAY) is Effect.ACCEPT


def test_the_story_tells_every_act_with_person_role_reason_evidence_and_the_deadlines_to_come(desk: Centre) -> None:
    block_id = desk.active()
    at = MONDAY + HOUR

    english = desk.do("block", "show", block_id, at=at).stdout
    chinese = desk.do("block", "show", block_id, at=at, language="zh-CN").stdout
    tree = desk.tree("block", "show", block_id, at=at)
    earlier = desk.tree("block", "show", block_id, at=MONDAY + MINUTE)

    for told in (
        "2026-03-02 09:01", "team leader (team_leader)", "IVR operator (ivr_operator)", "heard the call",
        "c1#0 2026-03-02 08:00 (on record)", "review due", "review overdue, then it is lifted", "its term is over",
        "times of Asia/Shanghai", MASKED,
    ):  # fmt: skip
        assert told in english
    for told in (
        "服务质检岗 quality_desk",
        "录入生效",
        "生效中",
        "c1#0 2026-03-02 08:00（有记录）",
        "应复核",
        "后续期限",
    ):
        assert told in chinese
    assert [(each["act"], each["by"], each["led_to"]) for each in tree["acts"]] == [
        ("propose", "li", "proposed"),
        ("confirm", "wang", "confirmed"),
        ("activate", "zhao", "active"),
    ]
    assert [each["at"] for each in tree["to_come"]] == [
        "2026-03-03T01:02:00.000000Z",
        "2026-03-04T01:02:00.000000Z",
        "2026-03-09T01:02:00.000000Z",
    ]
    assert earlier["state"] == "confirmed"
    assert len(earlier["acts"]) == 2


@pytest.mark.parametrize(("language", "columns"), [("zh-CN", 80), ("en", 100), ("en", 160)])
def test_no_output_shows_the_number_whoever_asks_for_what(desk: Centre, language: str, columns: int) -> None:
    block_id = desk.active()
    shown = [
        desk.do(*words, language=language, columns=columns).output
        for words in (
            ("block", "list"), ("block", "list", "--json"), ("block", "show", block_id),
            ("block", "show", block_id, "--json"), ("block", "list", "--number", TYPED),
            ("block", "list", "--state", "overdue"), ("block", "lift", block_id, "--reason", TYPED, *JUDGE),
        )
    ]  # fmt: skip

    for text in shown:
        assert "13800138000" not in digits_of(text)
        assert "00138000" not in digits_of(text)
    assert all(MASKED in text for text in shown[:5])


def test_numbers_are_shown_in_full_only_if_the_norm_names_them_clear(desk: Centre, tmp_path: Path) -> None:
    block_id = desk.active()
    refused = desk.refused("block", "show", block_id, "--clear")
    desk.rules = tmp_path / "norm"
    shutil.copytree(starter_folder(), desk.rules)
    policy = desk.rules / "policy.yaml"
    policy.write_text(policy.read_text("utf-8") + "\nprivacy: {clear: [caller.number]}\n", "utf-8")

    clear = desk.do("block", "show", block_id, "--clear")
    customer = desk.propose("--customer", CUSTOMER)
    listed = desk.do("block", "list", "--clear")
    without = desk.do("block", "show", block_id)

    assert (refused["code"], refused["rule"]) == ("not-clear", "privacy.clear")
    assert NUMBER in clear.stdout
    assert NUMBER in listed.stdout
    assert customer in listed.stdout
    assert CUSTOMER not in listed.stdout
    assert MASKED in without.stdout
    assert NUMBER not in without.stdout


# ---- what is not there


@pytest.mark.parametrize("verb", ["confirm", "activate", "lift", "appeal", "review", "decide-appeal"])
def test_an_id_that_is_not_there_is_wrong_usage(desk: Centre, verb: str) -> None:
    outcome = ("--keep",) if verb in {"review", "decide-appeal"} else ()

    result = desk.do("block", verb, "block-of-nobody", "--reason", "r", *outcome, *JUDGE)

    assert result.exit_code == 2
    assert "there is no block of that id; see `callpolicy block list`" in result.stderr


def test_a_block_to_be_shown_that_is_not_there_is_wrong_usage(desk: Centre) -> None:
    result = desk.do("block", "show", "nope")

    assert result.exit_code == 2
    assert "see `callpolicy block list`" in result.stderr


def test_a_store_that_is_not_there_is_told_with_how_to_make_one(run: Any, tmp_path: Path) -> None:
    for words in (("block", "list"), ("allow", "list"), proposal()):
        result = run(*words, "--store", f"sqlite:///{tmp_path}/none.db")

        assert result.exit_code == 2
        assert "callpolicy store init" in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_role_of_a_norm_with_staff_is_refused(desk: Centre, tmp_path: Path) -> None:
    desk.rules = tmp_path / "norm"
    shutil.copytree(starter_folder(), desk.rules)
    governance = desk.rules / "governance.yaml"
    governance.write_text(governance.read_text("utf-8") + "\nstaff:\n  li: [team_leader]\n", "utf-8")

    stranger = desk.refused(*proposal()[:-4], "--as", "mallory")
    climber = desk.refused(*proposal()[:-4], "--as", "li", "--role", "quality_desk")
    fine = desk.do(*proposal()[:-4], "--as", "li")

    assert stranger["code"] == "not-of-the-staff"
    assert climber["code"] == "role-missing"
    assert fine.exit_code == 0
    assert "--role" not in fine.stdout


# ---- words


def test_every_code_that_governance_can_refuse_with_has_words_and_what_to_do() -> None:
    sources = [path.read_text("utf-8") for path in (REPO / "src" / "callpolicy").rglob("*.py")]
    raised = {code for text in sources for code in re.findall(r'GovernanceError\(\s*"([a-z-]+)"', text)}

    assert len(raised) > 25
    assert {*raised, "protected-caller", "allowlisted-caller"} - set(REFUSALS) == set()
    assert all(each.zh and each.do_en and each.do_zh for each in REFUSALS.values())


def test_every_state_move_and_end_has_words_in_both_languages() -> None:
    keys = [
        *(str(state) for state in State),
        *(f"act.{move}" for move in Move),
        *(f"end.{why}" for why in Why),
        *(f"what.{why}" for why in (Why.UNCONFIRMED, Why.REVIEW_OVERDUE, Why.APPEAL_OVERDUE)),
    ]

    for key in keys:
        assert said(key, Language.EN)
        assert said(key, Language.ZH) != said(key, Language.EN)


@pytest.mark.parametrize("group", ["block", "allow"])
def test_every_command_has_help_with_an_example_and_the_options_of_all(run: Any, group: str) -> None:
    listed = run(group, "--help").stdout
    names = re.findall(r"^  ([a-z-]+)  ", listed.split("Commands:")[1], re.MULTILINE)

    assert len(names) == {"block": 10, "allow": 5}[group]
    for name in names:
        shown = run(group, name, "--help").stdout
        assert f"callpolicy {group} {name}" in shown.split("Examples:")[1]
        for option in ("--json", "--language", "--store", "--rules"):
            assert option in shown
