"""The allowlist at the command line: whom no rule and no block keeps out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.points import Effect
from tests.cli.desks import DAY, HOUR, JUDGE, LEADER, MASKED, MINUTE, MONDAY, NUMBER, TYPED, Centre, centre, digits_of

ADD = ("allow", "add", "--number", TYPED, "--reason", "a hospital", "--owner", "wang", *JUDGE)


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def test_an_entry_lets_a_blocked_caller_through_until_it_is_ended(desk: Centre) -> None:
    desk.active()
    blocked = desk.call(MONDAY + HOUR, call_id="p1")

    added = desk.tree(*ADD, "--for", "30d", at=MONDAY + 2 * HOUR)["entry"]
    through = desk.call(MONDAY + 3 * HOUR, call_id="p2")
    ended = desk.tree("allow", "end", added["id"], "--reason", "moved", *JUDGE, at=MONDAY + 4 * HOUR)["entry"]
    again = desk.call(MONDAY + 5 * HOUR, call_id="p3")

    assert (blocked, through, again) == (Effect.REJECT, Effect.ACCEPT, Effect.REJECT)
    assert (added["holds"], ended["holds"]) == (True, False)
    assert added["until"] == "2026-04-01T03:00:00.000000Z"
    assert ended["until"] == "2026-03-02T05:00:00.000000Z"


def test_a_caller_on_the_allowlist_is_not_blocked(desk: Centre) -> None:
    desk.tree(*ADD, "--for", "30d")
    words = ("block", "propose", "--number", TYPED, "--evidence", "c1#0", "--reason", "r", *LEADER)

    assert desk.refused(*words)["code"] == "allowlisted-caller"


def test_a_day_means_its_end_in_the_zone_of_the_centre(desk: Centre) -> None:
    by_day = desk.tree(*ADD, "--until", "2026-03-31")["entry"]
    by_instant = desk.tree(*ADD, "--until", "2026-03-31T12:00:00+08:00")["entry"]

    # 2026-04-01 00:00 in Shanghai, which is eight hours ahead.
    assert by_day["until"] == "2026-03-31T16:00:00.000000Z"
    assert by_instant["until"] == "2026-03-31T04:00:00.000000Z"


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        (("--until", "2026-03-31", *LEADER), "role-missing", "allowlist.maintain"),
        ((), "end-missing", "allowlist.longest"),
        (("--for", "366d"), "term-too-long", "allowlist.longest"),
        (("--until", "2026-03-01"), "already-over", "always.end_after_begin"),
        (("--for", "1d", "--reason", " "), "reason-missing", "always.reason"),
        (("--for", "1d", "--owner", ""), "owner-missing", "always.owner"),
        (("--for", "1d", "--owner", " "), "owner-missing", "always.owner"),
        # Who may not keep the list is told that first.
        (LEADER, "role-missing", "allowlist.maintain"),
        (("--for", "1d", "--reason", "长" * 10_000), "reason-too-long", "longest_reason"),
    ],
)
def test_what_governance_refuses_names_the_rule(desk: Centre, words: tuple[str, ...], code: str, rule: str) -> None:
    given = ADD if not {"--as", "--role"} & set(words) else ADD[:-4]

    refused = desk.refused(*given, *words)

    assert (refused["code"], refused["rule"]) == (code, rule)


@pytest.mark.parametrize(
    ("words", "told", "chinese"),
    [
        ((), "[end-missing]; say until when, with `--until` or `--for`", "没有写明白名单条目何时到期"),
        (("--for", "366d"), "[term-too-long]; take an earlier end", "写较早的到期时间"),
        (("--for", "1d", "--owner", ""), "[owner-missing]; say who answers for it, with `--owner`", "写明负责人"),
    ],
)
def test_a_refusal_says_what_lacks_and_not_something_else(
    desk: Centre, words: tuple[str, ...], told: str, chinese: str
) -> None:
    shown = [desk.do(*ADD, *words, language=language).stdout for language in ("en", "zh-CN")]

    assert told in shown[0]
    assert chinese in shown[1]


@pytest.mark.parametrize("option", ["--as", "--owner"])
@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("123456", True),
        ("QA-123456", True),
        ("wang-2026-03-02", True),
        ("1234567", False),
        ("+86 138 0013 8000", False),
        ("wang 138-0013-8000", False),
        ("１３８００１３８０００", False),
    ],
)
def test_a_person_is_no_telephone_number(desk: Centre, option: str, name: str, fine: bool) -> None:
    added = desk.do(*ADD, "--for", "1d", option, name)

    assert added.exit_code == (0 if fine else 2)
    assert fine or f"`{option}` looks like a telephone number" in added.stderr
    assert "3800138" not in digits_of(added.output)
    assert desk.tree("allow", "list")["total"] == fine


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--until", "tomorrow"), "`--until` takes a date"),
        (("--for", "long"), "`--for`"),
        (("--for", "1d", "--until", "2026-03-31"), "not both"),
        (("--for", "1d", "--reason", "a\x07b"), "control characters"),
        (("--for", "1d", "--owner", "a\nb"), "one line"),
        (("--for", "1d", "--number", "soon"), "[words]"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage_in_one_line(desk: Centre, words: tuple[str, ...], told: str) -> None:
    result = desk.do(*ADD, *words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_list_shows_what_holds_and_on_demand_what_is_over(desk: Centre) -> None:
    first = desk.tree(*ADD, "--for", "1d")["entry"]["id"]
    second = desk.tree(*ADD[:2], "--customer", "C-2001", *ADD[4:], "--for", "30d", at=MONDAY + MINUTE)["entry"]["id"]

    now = desk.tree("allow", "list", at=MONDAY + HOUR)
    later = desk.tree("allow", "list", at=MONDAY + 2 * DAY)
    every = desk.tree("allow", "list", "--all", at=MONDAY + 2 * DAY)
    of_caller = desk.tree("allow", "list", "--number", "13800138000", at=MONDAY + HOUR)
    table = desk.do("allow", "list", "--all", at=MONDAY + 2 * DAY, language="zh-CN").stdout

    assert [each["id"] for each in now["entries"]] == [second, first]
    assert [each["id"] for each in later["entries"]] == [second]
    assert [each["id"] for each in every["entries"]] == [second, first]
    assert [each["id"] for each in of_caller["entries"]] == [first]
    assert "已结束" in table
    assert "生效中" in table


def test_an_entry_is_shown_with_who_put_it_there_and_who_ended_it(desk: Centre) -> None:
    entry_id = desk.tree(*ADD, "--for", "30d")["entry"]["id"]
    desk.tree("allow", "end", entry_id, "--reason", "moved", *JUDGE, at=MONDAY + HOUR)

    tree = desk.tree("allow", "show", entry_id, at=MONDAY + 2 * HOUR)
    english = desk.do("allow", "show", entry_id, at=MONDAY + 2 * HOUR).stdout
    chinese = desk.do("allow", "show", entry_id, at=MONDAY + 2 * HOUR, language="zh-CN").stdout

    assert [(each["act"], each["by"], each["reason"]) for each in tree["acts"]] == [
        ("allow", "wang", "a hospital"),
        ("disallow", "wang", "moved"),
    ]
    for told in ("put on the allowlist", "ended", "moved", MASKED, "times of Asia/Shanghai"):
        assert told in english
    for told in ("列入白名单", "结束", "负责人"):
        assert told in chinese


def test_an_entry_that_is_not_there_is_wrong_usage_and_one_that_is_over_stays_so(desk: Centre) -> None:
    entry_id = desk.tree(*ADD, "--for", "30d")["entry"]["id"]
    desk.tree("allow", "end", entry_id, "--reason", "moved", *JUDGE, at=MONDAY + HOUR)

    unknown = [desk.do("allow", "end", "nope", "--reason", "r", *JUDGE), desk.do("allow", "show", "nope")]
    over = desk.refused("allow", "end", entry_id, "--reason", "r", *JUDGE, at=MONDAY + 2 * HOUR)

    assert {each.exit_code for each in unknown} == {2}
    assert all("see `callpolicy allow list`" in each.stderr for each in unknown)
    assert (over["code"], over["rule"]) == ("entry-is-over", "always.one_life")


def test_an_entry_of_the_allowlist_is_no_block(desk: Centre) -> None:
    entry_id = desk.tree(*ADD, "--for", "30d")["entry"]["id"]

    result = desk.do("block", "show", entry_id)

    assert result.exit_code == 2
    assert "`callpolicy allow show`" in result.stderr


@pytest.mark.parametrize("columns", [80, 160])
def test_no_output_shows_the_number(desk: Centre, columns: int) -> None:
    entry_id = desk.tree(*ADD, "--for", "30d", "--reason", f"a hospital {NUMBER}")["entry"]["id"]

    shown = [
        desk.do(*words, columns=columns).output
        for words in (
            (*ADD, "--for", "30d"), ("allow", "list"), ("allow", "list", "--json"), ("allow", "show", entry_id),
            ("allow", "end", entry_id, "--reason", TYPED, *JUDGE), ("allow", "show", entry_id, "--json"),
        )
    ]  # fmt: skip

    assert all("138000" not in digits_of(text) for text in shown)


def test_rows_without_an_end_are_told_to_name_one_and_rows_with_a_late_one_an_earlier_one(
    desk: Centre, tmp_path: Path
) -> None:
    file = tmp_path / "hospitals.csv"
    file.write_text(f"number,until\n{TYPED},\n138 0013 8001,2099-01-01\n", encoding="utf-8")

    done = desk.do("allow", "import", file, "--owner", "wang", "--reason", "known", *JUDGE, "--json")
    refused = {each["code"]: (each["lines"], each["do"]) for each in json.loads(done.stdout)["refused"]}

    assert done.exit_code == 1
    assert refused == {
        "end-missing": ([2], "say until when, with `--until` or `--for`"),
        "term-too-long": ([3], "take an earlier end, with `--until` or `--for`"),
    }


def test_an_import_puts_on_the_list_what_the_norm_allows_and_nothing_twice(desk: Centre, tmp_path: Path) -> None:
    file = tmp_path / "hospitals.csv"
    file.write_text(
        f"number,reason,until\n{TYPED},hospital,2026-12-31\n138 0013 8001,,\n"
        "138 0013 8002,too long,2099-01-01\nsoon,nobody,\n+86 1380 0135*,a campus,2026-12-31\n",
        encoding="utf-8",
    )
    words = ("allow", "import", file, "--owner", "wang", "--for", "30d", "--reason", "known", *JUDGE, "--json")

    dry = desk.do(*words)
    before = desk.tree("allow", "list")
    written = desk.do(*words, "--write")
    again = desk.do(*words, "--write", at=MONDAY + HOUR)
    listed = desk.tree("allow", "list", at=MONDAY + HOUR)

    assert {each.exit_code for each in (dry, written, again)} == {1}
    assert '"done": 3' in dry.stdout
    assert before["total"] == 0
    assert '"allowlist.longest"' in written.stdout
    assert '"cause": "words"' in written.stdout
    assert '"same": 3' in again.stdout
    assert {(each["reason"], each["until"]) for each in listed["entries"]} == {
        ("hospital", "2026-12-31T16:00:00.000000Z"),
        ("known", "2026-04-01T01:00:00.000000Z"),
        ("a campus", "2026-12-31T16:00:00.000000Z"),
    }
    assert desk.call(MONDAY + HOUR) is Effect.ACCEPT
