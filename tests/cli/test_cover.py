"""`callpolicy cover`: what is shown of a norm, in a terminal of 80 columns and in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

Run = Callable[..., Any]


@pytest.fixture
def bare(norm: Path, tmp_path: Path) -> Path:
    """The small norm with one example less than it needs."""
    folder = tmp_path / "bare"
    for path in norm.rglob("*.yaml"):
        to = folder / path.relative_to(norm)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    file = folder / "hangup" / "abuse_persists.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.partition("  - name: not warned")[0], "utf-8")
    return folder


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_tables_fit_a_terminal_and_nothing_is_cut_off(run: Run, bare: Path, language: str) -> None:
    for folder in ((), (bare,)):
        shown = run("cover", *folder, language=language, columns=80).stdout

        tables = [line for line in shown.splitlines() if not line.startswith((" ", "#"))]
        assert max(cell_len(line) for line in tables) <= 80
        assert "…" not in shown


def test_gaps_come_before_what_no_call_can_show(run: Run, bare: Path) -> None:
    shown = run("cover", bare).stdout

    places = [shown.index(each) for each in ("\nGaps\n", "Examples that close the gaps", "What no call can show")]
    assert places == sorted(places)


def test_a_chinese_reader_is_told_in_chinese_why(run: Run, bare: Path) -> None:
    shown = run("cover", bare, language="zh-CN", columns=200).stdout
    tree = json.loads(run("cover", bare, "--json", language="zh-CN").stdout)

    assert "`known` 只有真和假，没有未知" in shown or "总是已知" in shown
    rows = [line for line in shown.splitlines() if line.startswith("abuse_persists")]
    assert rows
    assert not any(word in row for row in rows for word in ("unknown", "below", "always", "value"))
    assert all(not each["why"].isascii() for each in tree["points"] if each["why"])
    # Codes stay: whoever reads JSON by program knows them.
    assert {each["wanted"] for each in tree["points"]} >= {"matched", "true", "below"}


def test_too_little_is_exit_code_1_and_the_starter_norm_is_whole(run: Run, bare: Path) -> None:
    assert run("cover", bare, "--fail-under", "100").exit_code == 1
    assert run("cover", "--fail-under", "100").exit_code == 0
