"""What the desk is told when it types something wrong: the cause that is meant, and a hint that can be followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.cli.block_texts import term_word
from callpolicy.cli.options import Language
from tests.cli.desks import DAY, HOUR, JUDGE, LEADER, MINUTE, MONDAY, OPERATOR, TYPED, Centre, centre, digits_of

PROPOSE = ("block", "propose", "--term", "day", "--evidence", "c1#0", "--reason", "r", *LEADER)
ADD = ("allow", "add", "--reason", "r", "--owner", "wang", "--for", "1d", *JUDGE)
IMPORT_BLOCKS = ("block", "import", *LEADER)
IMPORT_ALLOWED = ("allow", "import", "--owner", "wang", *JUDGE)


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding=encoding)
    return path


# ---- whom


@pytest.mark.parametrize(
    "whom", [("--prefix", "+1"), ("--prefix", "+86 138"), ("--range", "+12125550100", "+12225550100")]
)
def test_a_whole_country_is_not_put_on_the_allowlist(desk: Centre, whom: tuple[str, ...]) -> None:
    refused = desk.refused(*ADD, *whom)

    assert refused["code"] == "too-wide"
    assert refused["rule"] == f"shortest_prefix.{'CN' if '+86 138' in whom else 'US'}"
    assert "narrower" in refused["do"]
    assert desk.tree("allow", "list")["total"] == 0


def test_a_prefix_as_narrow_as_the_norm_says_can_be_allowlisted(desk: Centre) -> None:
    assert desk.tree(*ADD, "--prefix", "+86 1380 0138")["entry"]["subject"]["covers"] == "prefix"


def test_a_file_puts_no_whole_country_on_the_allowlist_either(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"+1*,everybody\n{TYPED},a bank\n")

    result = desk.do("allow", "import", file, "--for", "1d", "--write", *IMPORT_ALLOWED[2:], "--json")

    assert result.exit_code == 1
    tree = json.loads(result.stdout)
    assert [(each["code"], each["lines"]) for each in tree["refused"]] == [("too-wide", [1])]
    assert tree["counts"]["done"] == 1


@pytest.mark.parametrize(
    ("beginning", "cause"),
    [
        ("abc", "[words]"),
        ("", "[blank]"),
        ("+86 138 0013 ab", "[several-things]"),
        ("+86 138?", "[hidden-digits]"),
        ("+8613800138000138", "[too-long]"),
        ("+99912345678", "[unknown-country]"),
    ],
)
@pytest.mark.parametrize("words", [PROPOSE, ADD])
def test_a_prefix_that_begins_no_number_is_told_by_its_cause(
    desk: Centre, words: tuple[str, ...], beginning: str, cause: str
) -> None:
    result = desk.do(*words, "--prefix", beginning)

    assert result.exit_code == 2
    assert cause in result.stderr
    # A hint that was masked helps nobody.
    assert "+*" not in result.stderr
    assert "138001" not in digits_of(result.stderr)


def test_the_longest_prefix_has_fifteen_digits(desk: Centre) -> None:
    assert desk.do(*ADD, "--prefix", "+861380013800013").exit_code == 0


# ---- files


def test_nobody_is_told_to_give_what_was_given(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"{TYPED}\n138 0013 8001\n")
    blocks, allowed = ("block", "import", file, *LEADER), ("allow", "import", file, "--owner", "wang", *JUDGE)

    bare = desk.do(*blocks).stdout
    given = [
        desk.do(*blocks, "--reason", "abuse", "--term", "day").stdout,
        desk.do(*allowed, "--reason", "banks", "--for", "9d").stdout,
    ]

    assert "no-reason" in bare
    assert "no-end" in bare
    assert all("no-reason" not in each and "no-end" not in each for each in given)


def test_a_date_that_is_none_is_told_how_to_be_written(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, f"number,reason,until\n{TYPED},x,03/04/2027\n")

    result = desk.do("block", "import", file, *LEADER)

    assert "mapping" not in result.stdout
    assert "2026-03-31" in result.stdout


def test_a_file_of_which_nothing_can_be_written_says_so(desk: Centre, tmp_path: Path) -> None:
    file = written(tmp_path, "number,reason\nnobody,x\n")

    english = desk.do("block", "import", file, *LEADER)
    chinese = desk.do("block", "import", file, *LEADER, language="zh-CN")

    assert english.stdout.splitlines()[-1] == "Nothing to write"
    assert chinese.stdout.splitlines()[-1] == "没有可以写入的内容"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_encoding_that_a_spreadsheet_saved_it_in(
    desk: Centre, tmp_path: Path, encoding: str
) -> None:
    file = written(tmp_path, "号码,原因\n138 0013 8001,骚扰坐席\n", encoding)

    result = desk.do("block", "import", file, "--write", *LEADER, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["counts"]["done"] == 1
    block_id = desk.tree("block", "list")["blocks"][0]["id"]
    assert desk.tree("block", "show", block_id)["acts"][0]["reason"] == "骚扰坐席"


# ---- in Chinese


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("block", "show", "nope"), "没有这个编号的屏蔽；见 `callpolicy block list`"),
        (("block", "lift", "nope", "--reason", "r", *JUDGE), "没有这个编号的屏蔽；见 `callpolicy block list`"),
        (("allow", "show", "nope"), "没有这个编号的白名单条目；见 `callpolicy allow list`"),
        (("case", "result", "nope", "--text", "x", *LEADER), "没有这个个案；见 `callpolicy case list`"),
        (
            ("block", "review", "nope", "--shorten", "soon", "--reason", "r", *JUDGE),
            "`--shorten` 须为 `day`、`week`、`month`、`permanent` 或如 `12h` 的时长，而不是 `soon`",
        ),
        (
            (*PROPOSE[:4], "--evidence", "c1", *PROPOSE[6:], "--number", TYPED),
            "`c1` 是通话，不是决定；它的最后一个决定是 `c1#0`",
        ),
    ],
)
def test_what_was_typed_wrongly_is_told_in_chinese(desk: Centre, words: tuple[str, ...], told: str) -> None:
    result = desk.do(*words, language="zh-CN")

    assert result.exit_code == 2
    assert result.stderr == f"callpolicy: {told}\n"


def test_an_instant_that_is_none_is_told_in_chinese(desk: Centre) -> None:
    result = desk.do("block", "list", "--at", "soon", at=None, language="zh-CN")

    assert result.exit_code == 2
    assert "`soon` 不是带时区的时间" in result.stderr


def test_a_term_is_told_in_chinese_units() -> None:
    told = [term_word(each, Language.ZH) for each in ("3d", "1d15h", "12h", "30m", "month", "")]

    assert told == ["3 天", "1 天 15 小时", "12 小时", "30 分钟", "一个月", ""]


def test_a_longer_term_that_waits_is_told_without_a_stray_space(desk: Centre) -> None:
    block_id = desk.active(term="week")
    words = ("block", "review", block_id, "--extend", "month", "--reason", "still", *JUDGE)
    desk.tree(*words, at=MONDAY + HOUR)

    assert "确认延长为一个月" in desk.do("block", "list", at=MONDAY + HOUR, language="zh-CN", columns=200).stdout


# ---- what is not said


def test_a_lift_is_told_once(desk: Centre) -> None:
    block_id = desk.active()
    desk.tree("block", "lift", block_id, "--reason", "wrong", *OPERATOR, at=MONDAY + HOUR)

    message = desk.refused(*PROPOSE, "--number", TYPED, at=MONDAY + 2 * HOUR)["message"]

    assert message == "a block of the same callers was lifted, and no decision made since is named"


def test_a_refusal_about_which_nothing_is_to_be_done_says_so_in_words(desk: Centre) -> None:
    block_id = desk.active()

    again = desk.do("block", "confirm", block_id, "--reason", "r", *JUDGE, at=MONDAY + HOUR).stdout

    assert again.strip().endswith("; nothing needs to be done")


# ---- the store


def test_a_block_that_the_clock_has_lifted_is_counted_as_lifted(desk: Centre) -> None:
    desk.active(term="week")
    # Due after a day, and overdue a day later; its term is not over by then.
    ahead = MONDAY + 3 * DAY

    counted = [
        json.loads(desk.do("store", "stats", "--json", at=at).stdout)["entries"] for at in (MONDAY + 5 * MINUTE, ahead)
    ]

    assert counted == [{"blocklist": {"active": 1}}, {"blocklist": {"lifted": 1}}]
    assert desk.tree("block", "list", at=ahead)["total"] == 0


def test_a_store_that_is_not_there_is_told_with_the_command_that_makes_it(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"

    told = [run(*words, "--store", url) for words in (("store", "stats"), ("block", "list"))]

    assert [each.exit_code for each in told] == [2, 2]
    assert all(f"`callpolicy store init {url}`" in each.stderr for each in told)


def test_a_server_that_does_not_answer_is_told_with_where_to_look(run: Any) -> None:
    # Port 1 of this machine: nothing listens there.
    result = run("store", "stats", "--store", "postgresql+psycopg://u:secret@127.0.0.1:1/none?connect_timeout=2")

    assert result.exit_code == 2
    assert "look whether the server runs" in result.stderr
    assert "secret" not in result.stderr


# ---- the trail


@pytest.mark.parametrize("content", ["{}", "[]", "no JSON", '{"at": "2026-03-02T00:00:00Z", "heads": 3}'])
def test_a_file_that_holds_no_heads_is_named(desk: Centre, tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, "utf-8")

    result = desk.do("audit", "verify", "--head", file, at=None)

    assert result.exit_code == 2
    assert "`--head` `x.json`: this holds no heads of an audit trail" in result.stderr


def test_a_decision_and_all_of_them_are_two_questions(desk: Centre) -> None:
    both = desk.do("audit", "remake", "--all", "c1#0", at=None)
    none = desk.do("audit", "remake", at=None)

    assert "name a decision or say `--all`, not both" in both.stderr
    assert none.stderr == "callpolicy: name a decision or say `--all`\n"
