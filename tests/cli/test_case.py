"""The desk and its complaint cases: what is listed, told and recorded, through the real command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.cli.case_ids import shown_id
from callpolicy.points import Stage
from callpolicy.stores import open_store
from tests.cli.complaints import DESK, QUALITY, Complaint, Run, nine

LATER = nine(20)
ACTS = ("explain", "result", "new-fact")


@pytest.fixture
def complaint(tmp_path: Path) -> Complaint:
    return Complaint(tmp_path)


def classes(decisions: list[Any]) -> list[tuple[str, str | None]]:
    outcomes = [each.outcome for decision in decisions for each in decision.stages if each.stage is Stage.CLASSIFY]
    return [(str(outcome.effect), None if outcome.kind is None else str(outcome.kind)) for outcome in outcomes]


def row(result: Any, begin: str) -> list[str]:
    return next(line for line in str(result.stdout).splitlines() if line.startswith(begin)).split()


def test_the_whole_way_of_a_complaint(run: Run, complaint: Complaint) -> None:
    complaint.three_calls()
    at_desk = [*DESK, "--store", complaint.url]

    settled = run("case", "result", "K-7", "--text", "it is not paid back", "--at", nine(3), *at_desk)
    comes_back = complaint.call("c4", 4, "fang", ("explained", "the result"), ("explanation_rejected", "no"))
    found = run("case", "new-fact", "K-7", "--text", "a receipt", "--at", nine(5), *at_desk)
    after = complaint.call(
        "c5", 6, "fang", ("explained", "it is looked at"), ("explanation_rejected", "no"), known=True
    )

    assert settled.stdout.splitlines() == [
        "recorded for case K-7: final result, by wang, 2026-03-05 09:00 (Asia/Shanghai)",
        "the case has its final result now: explain it to a caller who comes back to it; a new fact opens it again",
    ]
    assert classes(comes_back)[-2:] == [("repeat_complaint", "after_final_result")] * 2
    assert found.stdout.splitlines()[1] == "the case is open again: the caller is a normal caller"
    assert {each for each, _ in classes(after)} == {"normal"}
    # The first handler took the first contact and stays responsible.
    assert (str(after[0].main.outcome.effect), after[0].main.outcome.to) == ("divert", "first_handler")


def test_cases_are_listed_with_the_last_heard_of_first(run: Run, complaint: Complaint) -> None:
    complaint.three_calls()
    complaint.call("d1", 1, "he", case_id="K-8")
    complaint.call("e1", 5, "he", ("explained", "x"), case_id="K-9")

    listed = run("case", "list", "--at", LATER, *complaint.small)

    lines = listed.stdout.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["K-9", "K-7", "K-8"]
    assert row(listed, "K-7") == ["K-7", "open", "3", "3", "2", "li", "2026-03-04", "09:00"]
    assert row(listed, "K-8") == ["K-8", "open", "1", "0", "0", "he", "2026-03-03", "09:00"]
    assert lines[5] == "cases: 3; times in Asia/Shanghai"


def test_a_list_is_narrowed_by_status_since_and_limit(run: Run, complaint: Complaint) -> None:
    complaint.settled()
    complaint.call("d1", 1, "he", case_id="K-8")
    base = ("case", "list", "--at", nine(4), *complaint.small)

    def ids(*more: object) -> list[str]:
        return [each["case_id"] for each in json.loads(run(*base, "--json", *more).stdout)["cases"]]

    assert ids() == ["K-7", "K-8"]
    assert ids("--status", "final") == ["K-7"]
    assert ids("--status", "open") == ["K-8"]
    assert ids("--status", "reopened") == []
    assert ids("--since", "1d") == ids("--since", nine(3)) == ["K-7"]
    assert ids("--since", "23h") == []
    assert json.loads(run(*base, "--json", "--limit", 1).stdout)["left_out"] == 1
    assert "… and 1 more; ask for them with `--limit`" in run(*base, "--limit", 1).stdout
    assert run(*base, "--status", "reopened").stdout == "no cases\n"
    assert run(*base, "--status", "reopened", language="zh-CN").stdout == "没有个案\n"


def test_what_is_listed_is_what_was_known_at_the_instant(run: Run, complaint: Complaint) -> None:
    complaint.settled()

    before = json.loads(run("case", "list", "--at", nine(1), "--json", *complaint.small).stdout)["cases"]
    first = run("case", "list", "--at", "2026-03-01T09:00:00+08:00", *complaint.small)

    assert [(each["status"], each["contacts"], each["explanations"]) for each in before] == [("open", 1, 1)]
    assert before[0]["last_heard_at"] == "2026-03-02T01:02:00.000000Z"
    assert first.stdout == "no cases\n"


def test_the_story_of_a_case_is_told_in_order_of_time(run: Run, complaint: Complaint) -> None:
    complaint.reopened()

    shown = run("case", "show", "K-7", "--at", LATER, *complaint.small)

    lines = shown.stdout.splitlines()
    assert lines[:4] == [
        "Case K-7 · re-opened by a new fact · times in Asia/Shanghai",
        "first handler li, stays responsible · contacts: 3 since 2026-03-02 09:00, 0 after the result",
        "explanations: 3, not accepted: 2",
        "the caller is a normal caller: nothing in this case restricts a call",
    ]
    told = [" ".join(line.split()) for line in lines[7:]]
    assert told == [
        "2026-03-02 09:00 1 contact li call c1",
        "2026-03-02 09:01 1 explained li the fee is in the tariff",
        "2026-03-02 09:02 1 not accepted caller nobody told me",
        "2026-03-03 09:00 2 contact zhou call c2",
        "2026-03-03 09:01 2 explained zhou [资费] 合同第三条已经写明",
        "2026-03-03 09:02 2 not accepted caller 我不认可",
        "2026-03-04 09:00 3 contact chen call c3",
        "2026-03-04 09:01 3 explained chen the complaint desk will look at it",
        "2026-03-05 09:00 – final result wang the fee is right, it is not paid back",
        "2026-03-07 09:00 – new fact wang 客户提供了 2024 年的缴费凭证",
    ]


def test_the_story_is_told_in_chinese_too(run: Run, complaint: Complaint) -> None:
    complaint.reopened()

    shown = run("case", "show", "K-7", "--at", LATER, *complaint.small, language="zh-CN").stdout

    assert "个案 K-7 · 有新事实，已重新受理 · 时间按 Asia/Shanghai" in shown
    assert "首问责任人 li，负责到底 · 2026-03-02 09:00 起共联系 3 次，其中结论之后 0 次" in shown
    assert "解释 3 次，未被接受 2 次" in shown
    assert "［资费］合同第三条已经写明" in shown
    assert "客户提供了 2024 年的缴费凭证" in shown
    assert "已重新受理" in run("case", "list", "--at", LATER, "--json", *complaint.small).stdout


def test_the_story_as_json_has_whole_texts_and_the_calls(run: Run, complaint: Complaint) -> None:
    complaint.settled()
    complaint.call("c4", 4, "fang")

    tree = json.loads(run("case", "show", "K-7", "--at", LATER, "--json", *complaint.small).stdout)

    assert (tree["status"], tree["normal_caller"], tree["contacts"], tree["contacts_since_final"]) == (
        "final", False, 4, 1,
    )  # fmt: skip
    assert tree["story"][-2:] == [
        {
            "at": "2026-03-05T01:00:00.000000Z", "what": "final_result", "by": "wang", "call_id": None, "topic": None,
            "text": "the fee is right, it is not paid back", "after_result": False,
        },
        {
            "at": "2026-03-06T01:00:00.000002Z", "what": "contact", "by": "fang", "call_id": "c4", "topic": None,
            "text": None, "after_result": True,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("acts", "statuses", "told"),
    [
        ([("explain", 10)], ("open", "open"), "the case stays open"),
        ([("new-fact", 10)], ("open", "open"), "there was nothing to re-open"),
        ([("result", 10)], ("open", "final"), "the case has its final result now"),
        ([("new-fact", 11), ("result", 10)], ("open", "reopened"), "but a new fact is later than it"),
        ([("result", 10), ("explain", 11)], ("final", "final"), "explanations given: 4, not accepted: 2"),
        ([("result", 10), ("result", 11)], ("final", "final"), "in place of the one of 2026-03-12 09:00"),
        ([("result", 11), ("result", 10)], ("final", "final"), "the result of 2026-03-13 09:00 is later"),
        ([("result", 11), ("new-fact", 10)], ("final", "final"), "the final result is later than this new fact"),
        ([("result", 10), ("new-fact", 11)], ("final", "reopened"), "the case is open again"),
        ([("result", 10), ("new-fact", 11), ("new-fact", 12)], ("reopened", "reopened"), "open again already"),
        ([("result", 10), ("new-fact", 11), ("explain", 12)], ("reopened", "reopened"), "open again already"),
        ([("result", 10), ("new-fact", 11), ("result", 12)], ("reopened", "final"), "are settled by this result"),
    ],
)
def test_what_is_recorded_says_what_changed(
    run: Run, complaint: Complaint, acts: list[tuple[str, int]], statuses: tuple[str, str], told: str
) -> None:
    complaint.three_calls()

    done: Any = None
    for act, day in acts:
        done = run("case", act, "K-7", "--text", "x", *QUALITY, "--at", nine(day), "--json", *complaint.small)
        assert done.exit_code == 0

    tree = json.loads(done.stdout)
    assert (tree["status_before"], tree["status"]) == statuses
    assert tree["normal_caller"] is (statuses[1] != "final")
    assert told in tree["changed"]["en"]
    assert tree["changed"]["zh-CN"] != tree["changed"]["en"]


def test_what_is_recorded_is_told_in_chinese(run: Run, complaint: Complaint) -> None:
    complaint.settled()

    done = run(
        "case", "new-fact", "K-7", "--text", "客户提供了缴费凭证", *QUALITY, "--at", nine(5), *complaint.small,
        language="zh-CN",
    )  # fmt: skip

    assert done.stdout.splitlines() == [
        "已登记到个案 K-7：新事实，wang，2026-03-07 09:00 (Asia/Shanghai)",
        "个案已重新受理：客户恢复为常规客户",
    ]


def test_what_is_recorded_stands_in_the_audit_trail(run: Run, complaint: Complaint) -> None:
    complaint.settled()

    store = open_store(complaint.url, create=False)
    acts = [kept.record for kept in store.records("desk")]
    store.close()

    assert len(acts) == 1
    assert "case_result" in str(acts[0])


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("more", "rule", "hint"),
    [
        ([], "`roles`", "who may: "),
        (["--role", "boss"], "`roles`", "who may: "),
        (["--role", "team_leader", "--text", "  "], "`always.reason`", "write down what it is with `--text`"),
        (["--role", "team_leader", "--text", "\u200b\x1b"], "`always.reason`", "write down what it is with `--text`"),
    ],
)
def test_a_refusal_names_the_rule_and_what_to_do_and_changes_nothing(
    run: Run, complaint: Complaint, act: str, more: list[str], rule: str, hint: str
) -> None:
    complaint.three_calls()

    done = run("case", act, "K-7", "--text", "x", "--as", "wang", *complaint.small, *more)

    assert done.exit_code == 1
    assert done.stderr == ""
    (refusal,) = done.stdout.splitlines()
    assert refusal.startswith(f"refused by {rule}: ")
    assert refusal.partition("; ")[2].startswith(hint)
    assert json.loads(run("case", "show", "K-7", "--json", *complaint.small).stdout)["explanations"] == 3


def test_a_norm_that_names_its_staff_lets_nobody_else_record(run: Run, complaint: Complaint, tmp_path: Path) -> None:
    complaint.three_calls()
    rules = tmp_path / "norm"
    run("init", rules)
    governance = rules / "governance.yaml"
    governance.write_text(governance.read_text("utf-8") + "\nstaff:\n  li: [agent]\n", "utf-8")
    words = ("case", "result", "K-7", "--text", "x", "--rules", rules, "--store", complaint.url, "--at", LATER)

    stranger = run(*words, "--as", "wang", "--role", "agent")
    wrong_role = run(*words, "--as", "li", "--role", "centre_manager", language="zh-CN")
    given_role = run(*words, "--as", "li")

    assert (stranger.exit_code, wrong_role.exit_code, given_role.exit_code) == (1, 1, 0)
    assert "`governance.yaml`" in stranger.stdout
    assert "规则 `staff`，代码 role-missing）。只能用规范给此人的岗位；也可以不写 `--role`" in wrong_role.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["case", "show", "K-9"], "there is no such case; see `callpolicy case list`"),
        (["case", "show", ""], "there is no such case"),
        (["case", "show", "13800138000"], "there is no such case"),
        (["case", "show", "\udcff"], "there is no such case"),
        (["card", "K-9"], "there is no such case"),
        (["case", "result", "K-9", "--text", "x", *QUALITY], "there is no such case"),
        (["case", "result", "K-7", "--text", "\udcff", *QUALITY], "`--text` is not utf-8"),
        (["case", "result", "K-7", "--text", "a\x1b[2Jb", *QUALITY], "text without control characters"),
        (["case", "result", "K-7", "--text", "x", "--as", "\udcff"], "`--as` is not utf-8"),
        (["case", "result", "K-7", "--text", "x", "--as", "a\x1b[2Jb"], "the id of a person needs one line"),
        (["case", "result", "K-7", *QUALITY], "missing option '--text'"),
        (["case", "result", "K-7", "--text", "x"], "missing option '--as'"),
        (["case", "list", "--since", "yesterday"], "`--since` takes an instant such as"),
        (["case", "list", "--status", "closed"], "'closed' is not one of"),
        (["case", "list", "--limit", "0"], "--limit"),
        (["case", "shw", "K-7"], "did you mean 'show'"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_exit_code_2(
    run: Run, complaint: Complaint, words: list[str], told: str
) -> None:
    complaint.call("c1", 0, "li")

    done = run(*words, *([*complaint.small] if words[1] != "shw" else []))

    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr.lower()
    assert "13800138000" not in done.stderr


def test_a_store_that_is_not_there_is_not_made(run: Run, tmp_path: Path) -> None:
    done = run("case", "list", "--store", f"sqlite:///{tmp_path / 'none.db'}")

    assert done.exit_code == 2
    assert not (tmp_path / "none.db").exists()


def test_hostile_texts_of_a_call_are_kept_whole_and_shown_on_lines_of_their_own(run: Run, complaint: Complaint) -> None:
    hostile = "\x1b[2J\x07\u202eevil\r\nnext\x00" + "长" * 10_000
    complaint.call("c1", 0, "li", ("new_fact", hostile))
    words = ("case", "show", "K-7", "--at", LATER, *complaint.small)

    shown = run(*words)
    tree = json.loads(run(*words, "--json").stdout)

    assert not any(char in shown.stdout for char in "\x1b\x07\x00\r\u202e")
    assert "[2J evil next" in " ".join(shown.stdout.split())
    # 2,000 cells of a text are shown; a Chinese character takes two.
    assert 900 < shown.stdout.count("长") <= 1_000
    assert tree["story"][-1]["text"] == hostile


def test_a_long_text_of_the_desk_is_kept_whole(run: Run, complaint: Complaint) -> None:
    complaint.call("c1", 0, "li")
    text = "第一行\n" + "长" * 10_000

    done = run("case", "new-fact", "K-7", "--text", text, *QUALITY, "--at", nine(1), *complaint.small)
    tree = json.loads(run("case", "show", "K-7", "--at", LATER, "--json", *complaint.small).stdout)

    assert done.exit_code == 0
    assert "长" not in done.stdout
    assert tree["story"][-1]["text"] == text


def test_a_telephone_number_in_an_id_is_masked_and_the_shown_id_names_the_case(run: Run, complaint: Complaint) -> None:
    complaint.call("13900139000", 0, "li", case_id="T-13800138000")
    base = ("--at", LATER, *complaint.small)

    listed = run("case", "list", *base)
    as_json = run("case", "list", "--json", *base)
    shown = run("case", "show", "T-+86138******00", *base)
    done = run("case", "result", "T-+86138******00", "--text", "x", *QUALITY, *base)

    for each in (listed, as_json, shown, done):
        assert each.exit_code == 0
        assert "T-+86138******00" in each.stdout
        assert "13800138000" not in each.stdout
    assert "call +86139******00" in shown.stdout
    whole = json.loads(run("case", "show", "T-13800138000", "--json", *base).stdout)
    assert (whole["case_id"], whole["status"]) == ("T-+86138******00", "final")


def test_an_id_that_is_shown_for_two_cases_names_neither(run: Run, complaint: Complaint) -> None:
    complaint.call("c1", 0, "li", case_id="T-13800138000")
    complaint.call("c2", 0, "li", case_id="T-13800148000")

    done = run("case", "show", "T-+86138******00", *complaint.small)

    assert done.exit_code == 2
    assert done.stderr == "callpolicy: 2 cases are shown like this; give the whole id of the one that you mean\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("K-7", "K-7"),
        ("投诉-2026-0007", "投诉-2026-0007"),
        ("K20260302-001", "K20260302-001"),
        # Ten and twelve digits of a running number are no line of a telephone.
        ("2026030001", "2026030001"),
        ("202603020001", "202603020001"),
        ("20260302-13800138000", "20260302-+86138******00"),
        ("x010-8888 0000", "x+86108*****00"),
        ("x+1 212 555 0142", "x+1212*****42"),
        ("a\x1b[31m\nb", "a [31m b"),
        ("\u200b", "?"),
        ("长" * 50, "长" * 19 + "…"),
    ],
)
def test_an_id_is_shown_on_one_line_without_telephone_numbers(written: str, shown: str) -> None:
    assert shown_id(written, "CN") == shown


def test_the_commands_on_cases_have_help_with_examples(run: Run) -> None:
    group = run("case")

    assert group.exit_code == 0
    assert group.stdout == run("case", "--help").stdout
    for name in ("list", "show", *ACTS):
        helped = run("case", name, "--help")
        assert f"  callpolicy case {name}" in helped.stdout.partition("Examples:")[2]
        assert "--json" in helped.stdout
        assert f"  {name}" in group.stdout


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_list_fits_a_terminal_of_80_columns(run: Run, complaint: Complaint, language: str) -> None:
    complaint.settled()

    lines = run("case", "list", "--at", LATER, *complaint.small, language=language, columns=80).stdout

    # A Chinese character takes two cells.
    assert max(len(line.encode("gb18030")) for line in lines.replace("─", "-").splitlines()) <= 80
