"""What a check finds has Chinese words: a guard for new sentences, and real findings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.errors import Finding
from callpolicy.reports.finding_words import SENTENCES, finding_in_words, in_chinese
from tests.cli.sentences import HOLE, SOURCE, literals

CHECKS = sorted((SOURCE / "check").glob("*.py"))


def templates(path: Path) -> Iterator[tuple[int, str]]:
    """The messages and hints of a module as far as they are written there, with `x` for each hole."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in {"message", "hint"}:
                yield node.lineno, _written(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
            yield from ((node.lineno, _written(each)) for each in (*node.args[1:2], *node.args[3:4]))


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "x" for each in node.values)
    return ""


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_whatever_a_check_says_has_chinese_words(path: Path) -> None:
    told = [(line, text.replace("block x,", "block by itself,")) for line, text in templates(path)]

    missing = [(line, text) for line, text in told if " " in text and in_chinese(text) == text]

    assert missing == []


def test_no_words_are_kept_for_what_no_check_says() -> None:
    said = "\n".join(text for path in (*CHECKS, SOURCE / "runtime" / "crossing.py") for text in literals(path))
    plain = said.replace(HOLE, "")

    for english in SENTENCES:
        pieces = [each for each in re.split(r"`[^`]*`|\{\w+\}", english.replace("{{", "").replace("}}", "")) if each]
        assert all(each in plain for each in pieces), english


def test_a_hint_is_told_in_chinese_and_the_code_stays() -> None:
    found = Finding("no-examples", "rule `warn` is in force without an example", None, "correct the condition")

    told = finding_in_words(found, "zh-CN")

    assert (told.code, told.message, told.hint) == ("no-examples", "规则 `warn` 已执行，却没有示例", "请修改条件")
    assert finding_in_words(found, "en") == found
    assert in_chinese("something that nobody has said before") == "something that nobody has said before"
