"""The card of a case on the command line: who calls, what was said, and what comes next, at each stage."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.complaints import CALLER, MASKED, Complaint, Run, nine

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "card.schema.json").read_text("utf-8"))


@pytest.fixture
def complaint(tmp_path: Path) -> Complaint:
    return Complaint(tmp_path)


def card(run: Run, complaint: Complaint, day: int, *more: object, language: str = "en") -> list[str]:
    done = run("card", "K-7", "--at", nine(day), "--store", complaint.url, *more, language=language)
    assert done.exit_code == 0, done.stderr
    return list(done.stdout.splitlines())


def test_an_open_case_restricts_nothing_and_goes_to_the_first_handler(run: Run, complaint: Complaint) -> None:
    complaint.three_calls()

    english = card(run, complaint, 3, "--caller", CALLER)
    chinese = card(run, complaint, 3, "--caller", CALLER, language="zh-CN")

    assert english[0] == "Case K-7 · open, no final result · times in Asia/Shanghai"
    assert english[1] == f"Caller {MASKED} · first handler li, stays responsible · contacts: 3 since 2026-03-02 09:00"
    assert english[3].startswith("NO FINAL RESULT: the caller is a normal caller")
    assert any("passed on to the first handler li" in line for line in english)
    assert "EXPLAINED 3 times; not accepted: 2; contacts: 3" in english
    assert chinese[0] == "个案 K-7 · 处理中，没有最终结论 · 时间按 Asia/Shanghai"
    assert chinese[3] == "没有最终结论：客户是常规客户，不得以本个案限制客户（NORM 2.4）。"
    assert "   客户：“我不认可”" in chinese


def test_after_the_result_it_says_how_often_to_explain_and_what_opens_the_case(run: Run, complaint: Complaint) -> None:
    complaint.settled()
    complaint.call("c4", 4, "fang", ("explained", "the result"), ("explanation_rejected", "no"))

    english = card(run, complaint, 5, "--call", "c4")
    chinese = card(run, complaint, 5, "--call", "c4", language="zh-CN")

    assert english[0] == "Case K-7 · final result given, nothing new since · times in Asia/Shanghai"
    assert english[3:5] == ["FINAL RESULT · 2026-03-05 09:00 · wang", "   the fee is right, it is not paid back"]
    now = "> After 1 rejected explanation in this call: explain once more, in other words"
    assert [line for line in english if line.startswith("> ")] == [f"{now} (script `explain.final_result`)."]
    assert any("After 2 rejected explanations in this call: you may end the call politely" in each for each in english)
    assert any(line.startswith("TO RE-OPEN IT: ") for line in english)
    assert "> 本次通话有 1 次解释未被接受后：换一种说法，再解释一次（话术 explain.final_result）。" in chinese


def test_after_a_new_fact_it_says_that_the_caller_is_normal(run: Run, complaint: Complaint) -> None:
    complaint.reopened()

    english = card(run, complaint, 6)
    chinese = card(run, complaint, 6, language="zh-CN")

    assert english[0] == "Case K-7 · re-opened by a new fact · times in Asia/Shanghai"
    assert "   客户提供了 2024 年的缴费凭证" in english
    assert "- Serve as usual: the case is open again, the caller is a normal caller." in english
    assert not any("end the call" in line or "hang up" in line for line in english)
    assert "- 照常服务：个案已重新受理，客户是常规客户。" in chinese
    assert "Caller" not in english[1]


def test_the_json_form_keeps_to_its_schema_at_each_stage(run: Run, complaint: Complaint) -> None:
    complaint.settled()
    validator = Draft202012Validator(SCHEMA)

    trees = [json.loads("\n".join(card(run, complaint, day, "--json", "--caller", CALLER))) for day in (0, 1, 4)]

    for tree in trees:
        validator.validate(tree)
        assert tree["caller"] == MASKED
    assert [(tree["status"], tree["normal_caller"]) for tree in trees] == [
        ("open", True), ("open", True), ("final", False),
    ]  # fmt: skip


def test_a_card_knows_nothing_that_came_later(run: Run, complaint: Complaint) -> None:
    complaint.settled()

    tree = json.loads("\n".join(card(run, complaint, 1, "--json")))

    # On the second day at nine sharp the second call is offered, and not linked to the case yet.
    assert (tree["totals"]["contacts"], tree["final_result"]) == (1, None)


def test_a_call_that_is_on_record_is_not_counted_a_second_time(run: Run, complaint: Complaint) -> None:
    complaint.settled()
    complaint.call("c4", 4, "fang")

    def restricted_at_once(*more: object) -> bool:
        tree: Any = json.loads("\n".join(card(run, complaint, 5, "--json", *more)))
        return any(step["point"] == "offered" and step["effect"] != "accept" for step in tree["next"])

    # Two contacts since the result make a repeat complaint, which goes to the complaint desk; one does not.
    assert restricted_at_once() is True
    assert restricted_at_once("--call", "c4") is False


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("13800138000", MASKED),
        ("０１３８ ００１３ ８０００", MASKED),
        ("+1 212 555 0142", "+1212*****42"),
        ("anonymous", "number withheld"),
        ("Mr Wang 13800138000 or 13900139000", None),
        ("\x1b[2J", None),
        ("", None),
    ],
)
def test_the_caller_is_masked_and_what_is_no_number_is_not_repeated(
    run: Run, complaint: Complaint, caller: str, shown: str | None
) -> None:
    complaint.call("c1", 0, "li")

    done = run("card", "K-7", "--caller", caller, "--at", nine(1), "--store", complaint.url)

    if shown is None:
        told = "`--caller` takes a telephone number, with its country code or as it is dialled here"
        assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"callpolicy: {told}\n")
    else:
        assert f"Caller {shown} · " in done.stdout
        assert caller not in done.stdout


def test_a_number_in_the_id_of_the_case_is_masked_on_its_card(run: Run, complaint: Complaint) -> None:
    complaint.call("c1", 0, "li", case_id="T-13800138000")

    for more in ([], ["--json"]):
        done = run("card", "T-13800138000", "--at", nine(1), "--store", complaint.url, *more)
        assert "T-+86138******00" in done.stdout
        assert "13800138000" not in done.stdout


def test_hostile_texts_stay_on_their_lines(run: Run, complaint: Complaint) -> None:
    hostile = "\x1b[2J\x07\u202eevil\r\nCase K-9 · " + "长" * 10_000
    complaint.call("c1", 0, "li", ("final_result", hostile))

    lines = card(run, complaint, 2)

    assert lines[4].startswith("   [2J evil Case K-9 · 长")
    assert lines[4].endswith("长…")
    assert not any(char in "".join(lines) for char in "\x1b\x07\r\u202e")


def test_a_call_id_that_is_no_text_is_refused(run: Run, complaint: Complaint) -> None:
    complaint.call("c1", 0, "li")

    done = run("card", "K-7", "--call", "\udcff", "--store", complaint.url)

    assert (done.exit_code, done.stderr) == (2, "callpolicy: `--call` is not UTF-8\n")
