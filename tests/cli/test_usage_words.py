"""What was typed wrongly or could not be done is told in Chinese: real commands, and a guard for new sentences."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from typer.testing import CliRunner

from callpolicy.cli.commands import app
from callpolicy.cli.options import Language
from callpolicy.cli.usage_tables import PARTS, SENTENCES, TABLES
from callpolicy.cli.usage_texts import in_words, language_of, sayings
from callpolicy.errors import GovernanceError, MissingExtraError
from callpolicy.listfiles import CAUSES
from callpolicy.stores import open_store
from tests.cli.conftest import PLAIN
from tests.cli.desks import TYPED, Centre, centre
from tests.cli.sentences import HOLE, SOURCE, literals, raised, skeleton, skeleton_of_entry
from tests.cli.trails import changed
from tests.cli.wrong_words import AT_THE_BENCH, AT_THE_DESK, OF_FILES, OF_STORES, OF_THE_TRAIL, TYPED_WRONGLY

EVERY = (*AT_THE_DESK, *OF_FILES, *OF_THE_TRAIL, *OF_STORES, *TYPED_WRONGLY, *AT_THE_BENCH)
NORM = Path(__file__).parent / "norm"
NOW = "2026-03-02T09:00:00+08:00"

FLOORS = ("runtime/desk.py", "runtime/allowing.py", "runtime/revisiting.py", "lifecycle/acts.py", "lists/entries.py")
FLOORS_WHOLE = ("listfiles", "stores", "replay")
ERRORS = frozenset({"UsageError", "StoreError", "failure"})
# What only a program can do wrong: no command takes it, or the command has looked at it before.
BY_A_PROGRAM = {
    f"there is no {HOLE} of a case; there are {HOLE}",
    f"{HOLE} needs the new term",
    f"{HOLE} takes no term",
    "the system has no roles",
    f"{HOLE}: there is no column {HOLE}; there are {HOLE}",
    f"there is no encoding {HOLE}; write one as {HOLE} or {HOLE}",
    f"unknown region {HOLE}; write ISO 3166 in capitals, such as {HOLE}",
    f"there is no format {HOLE} of list files; there are {HOLE}",
    f"there is no time zone {HOLE}; {HOLE}",
    f"{HOLE} must be more than 0 seconds",
    "nothing is written where a schema is looked up",
    f"is given a secret that is shorter than {HOLE} bytes",
}


# These only put together what has Chinese words, or name what has no other name.
WITHOUT_WORDS = {"{option}：{why}", "`--head` {file}：{why}", "{why}：{file}", " PDF"}


@dataclass(frozen=True)
class World:
    """A centre, and files beside it that are no lists, trails or stores.

    Args:
        desk: the centre.
        entry: id of an entry of its allowlist.
    """

    desk: Centre
    entry: str

    def told(self, line: str, language: str) -> tuple[int, str]:
        """The exit code of a command, and why it could not be done."""
        option = f"--language {language}"
        filled = line.format(url=self.desk.url, entry=self.entry, norm=NORM, lang=option, env="")
        places = {"{lang}", "{env}"} & set(line.split())
        words = shlex.split(filled if places else f"{filled} {option}")
        result = _run(*words, language=language if "{env}" in places else "en")
        return result.exit_code, result.stderr


def _run(*words: object, language: str = "en", **_: Any) -> Any:
    env = PLAIN | {"LANG": f"{language.replace('-', '_')}.UTF-8"}
    return CliRunner().invoke(app, [str(each) for each in words], env=env)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        desk = centre(_run, folder, patch)
        keeper = ("--as", "wang", "--role", "quality_desk", "--reason", "r", "--owner", "wang")
        added = desk.tree("allow", "add", "--number", TYPED, "--for", "1d", *keeper)
        open_store("sqlite:///fresh.db").close()
        (folder / "sub").mkdir()
        for name, content in OTHER_FILES.items():
            (folder / name).write_bytes(content)
        yield World(desk, added["entry"]["id"])


OTHER_FILES = {
    "empty.csv": b"",
    "book.xlsx": b"PK\x03\x04rest",
    "noise.bin": bytes(range(1, 32)) * 8,
    "zeros.bin": b"\0\1\2\3" * 8,
    "comments.txt": b"# nobody\n\n",
    "header.csv": b"number,reason\n",
    "nameless.csv": b"+8613800138000,x,y\n+8613800138001,x,y\n",
    "prose.txt": b"alpha\nbeta\n",
    "notes.csv": b"who,why\na,b\n",
    "strange.csv": b"foo,bar\n1,2\n",
    "twice.csv": b"number,phone\n1,2\n",
    "again.csv": b"number,reason,reason\n1,2,3\n",
    "long.txt": b"x" * 100_000 + b"\n",
    "bell.csv": b"number,reason,term\n+86 138 0013 8001,x\x07y,day\n",
    "x.json": b"{}",
    "other.jsonl": b"{}\n",
    "junk.db": b"no database at all, but text for a while\n" * 40,
    "list.json": b"[]",
    "calls.csv": b"call_id,offered_at\nc1,2026-03-02T09:00:00\n",
}


@pytest.mark.parametrize(("line", "told"), EVERY)
def test_what_a_command_refuses_is_told_in_chinese(world: World, line: str, told: str) -> None:
    code, english = world.told(line, "en")
    also, chinese = world.told(line, "zh-CN")

    assert chinese == f"callpolicy: {told.replace('{entry}', world.entry)}\n"
    assert (code, also) == (2, 2)
    # One entry says it, no other one; and what was told in English is what the tables were asked.
    assert len(sayings(english.removeprefix("callpolicy: ").rstrip("\n"))) == 1


def test_a_row_of_a_list_that_is_refused_is_told_in_chinese(world: World) -> None:
    words = ("block", "import", "bell.csv", "--as", "li", "--role", "team_leader", "--store", world.desk.url)

    shown = _run(*words, "--language", "zh-CN")
    tree = json.loads(_run(*words, "--language", "zh-CN", "--json").stdout)

    assert shown.exit_code == 1
    assert "拒绝：原因须为文字，不能含控制字符" in shown.stdout
    assert [each["message"] for each in tree["refused"]] == ["原因须为文字，不能含控制字符"]


def test_the_environment_asks_for_chinese_too(run: Any) -> None:
    told = run("block", "show", language="zh-CN").stderr

    assert told == "callpolicy: 缺少参数 `ID`；见 `callpolicy block show --help`\n"


def test_what_is_no_record_is_told_in_chinese(world: World) -> None:
    assert "不是合格的记录：第 1 行：缺少 `at`（bad-form）" in _broken(world, "--trail other.jsonl", "zh-CN")
    assert "不是合格的记录：该写入者的第 0 条记录：缺少 `at`（bad-form）" in _broken(world, "--store {broken}", "zh-CN")


def _broken(world: World, of: str, language: str) -> str:
    """What `audit verify` says of a trail in which a record is none; it is told as a finding, with exit code 1."""
    broken = world.desk.path.with_name("broken.db")
    for each in world.desk.path.parent.glob("centre.db*"):
        if each.is_file():
            shutil.copy(each, each.with_name(each.name.replace("centre", "broken")))
    changed(broken, "UPDATE callpolicy_audit SET line = '{}' WHERE number = 0")
    words = shlex.split(of.format(broken=f"sqlite:///{broken}"))
    result = _run("audit", "verify", *words, "--language", language)
    assert result.exit_code == 1
    return str(result.stdout)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (["block", "list", "--language", "zh-CN"], Language.ZH),
        (["--language=zh-CN", "wat"], Language.ZH),
        (["block", "--language", "zh-CN", "--language", "en"], Language.EN),
        (["block", "--language", "fr"], Language.EN),
        (["block", "--language"], Language.EN),
        (["block", "--", "--language", "zh-CN"], Language.EN),
        ([], Language.EN),
    ],
)
def test_the_language_is_found_in_words_that_cannot_be_read(
    words: list[str], language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)

    assert language_of(words) is language


def test_a_refusal_where_nobody_sits_is_told_with_its_rule_and_code() -> None:
    refused = GovernanceError("not-of-the-staff", "staff", "this person is not of the staff that the norm names")

    assert in_words(str(refused), Language.ZH) == (
        "拒绝：规范写明了人员，其中没有此人（规则 `staff`，代码 not-of-the-staff）。"
        "在 `governance.yaml` 的 `staff` 中写入此人，或由其中的人操作"
    )


def test_what_is_not_installed_is_told_with_how_to_install_it() -> None:
    missing = MissingExtraError("store", "the store `sqlite`")

    assert in_words(str(missing), Language.ZH) == (
        "存储 `sqlite` 需要附加组件 `store`：`pip install 'callpolicy[store]'`"
    )


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_for_which_a_text_names_nobody_is_told(code: str) -> None:
    words = CAUSES[code]
    told = f"this names nobody for certain: {words.en}; {words.do_en} [{code}]"

    assert in_words(told, Language.ZH) == f"不能确定写的是谁：{words.zh}；{words.do_zh}（代码 {code}）"


@pytest.mark.parametrize(
    "typed", ["{0}", "%s", "\\1", "a; see b", "🙂", "屏蔽", "x" * 5_000, "a\u2028b", "`", "'\"", ""]
)
def test_what_was_typed_cannot_change_the_sentence(run: Any, typed: str) -> None:
    told = run("block", f"b{typed}", language="zh-CN").stderr

    assert told.startswith("callpolicy: 没有命令 `b")
    assert told.endswith("；见 `callpolicy block --help`\n")


# ---- the guard


def _fills(template: str) -> Iterator[str]:
    fills = ("`x`", "", "7", "line 7", "a name")
    wanted = template.count(HOLE)
    for first in fills:
        yield template.replace(HOLE, first, 1).replace(HOLE, "`x`")
        for second in fills if wanted > 1 else ():
            yield template.replace(HOLE, first, 1).replace(HOLE, second, 1).replace(HOLE, "7")
            yield template.replace(HOLE, first, 1).replace(HOLE, second, 1).replace(HOLE, "`x`")


def _is_told(sentence: str, known: set[str]) -> bool:
    return skeleton(sentence) in known or any(sayings(each) for each in _fills(sentence))


def test_every_error_that_the_command_line_words_has_chinese_words() -> None:
    known = {skeleton_of_entry(each) for each in (*SENTENCES, *PARTS)}
    modules = [path for path in sorted((SOURCE / "cli").glob("*.py")) if not path.name.startswith("usage_")]
    found = [(path.name, line, told) for path in modules for line, told in raised(path, ERRORS | {"AuditError"})]

    assert len(found) > 60
    assert [each for each in found if not _is_told(each[2], known)] == []


def test_every_error_of_the_floors_below_that_reaches_the_desk_has_chinese_words() -> None:
    known = {skeleton_of_entry(each) for each in (*SENTENCES, *PARTS)}
    modules = [
        *(SOURCE / each for each in FLOORS),
        *(path for each in FLOORS_WHOLE for path in (SOURCE / each).rglob("*.py")),
    ]
    makers = {
        path: ERRORS | {"ValueError"} if path.parent.name in {"lifecycle", "lists"} else ERRORS for path in modules
    }
    found = [(path.name, line, told) for path, by in makers.items() for line, told in raised(path, by)]

    assert len(found) > 60
    assert [each for each in found if skeleton(each[2]) not in BY_A_PROGRAM and not _is_told(each[2], known)] == []
    # What is left out is still there.
    assert {skeleton(told) for _, _, told in found} >= BY_A_PROGRAM


def test_a_sentence_stands_in_one_table_only() -> None:
    for kind in ("SENTENCES", "PARTS"):
        every = [english for table in TABLES for english in getattr(table, kind)]

        assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize(("english", "chinese"), [*SENTENCES.items(), *PARTS.items()])
def test_an_entry_says_in_chinese_all_that_it_says_in_english(english: str, chinese: str) -> None:
    def holes(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    assert holes(english) >= holes(chinese)
    assert sorted(holes(english)) == sorted(holes(chinese))
    assert _in_backticks(english) <= _in_backticks(chinese)
    assert any("\u4e00" <= each <= "\u9fff" for each in chinese) or chinese in WITHOUT_WORDS
    assert not set(",;:!?") & set(_bare(chinese))


def _in_backticks(template: str) -> set[str]:
    return set(template.split("`")[1::2])


def _bare(template: str) -> str:
    """What is neither in backticks nor a hole."""
    outside = "".join(template.split("`")[::2])
    return "".join(literal for literal, _, _, _ in Formatter().parse(outside))


def test_no_entry_is_dead(world: World) -> None:
    said = {entry for line, _ in EVERY for entry in _entries(world.told(line, "en")[1])}
    for of in ("--trail other.jsonl", "--store {broken}"):
        found = re.search(r"it is no record: (.*) \(bad-form\)", _broken(world, of, "en"))
        assert found is not None
        said |= set(_entries(found[1]))
    modules = [path for path in SOURCE.rglob("*.py") if not path.name.startswith("usage_")]
    written = {told for path in modules for told in literals(path)}
    written |= {told.partition(": ")[2] for told in written} | {told.removeprefix("; ") for told in written}
    written |= {os.strerror(number).lower() for number in range(1, 134)}

    assert [each for each in (*SENTENCES, *PARTS) if each not in said and skeleton_of_entry(each) not in written] == []


def _entries(told: str) -> tuple[str, ...]:
    return tuple(entry for said in sayings(told.removeprefix("callpolicy: ").rstrip("\n")) for entry in said.entries)
