"""`callpolicy certify` and `callpolicy check --strict`: what is found out of a norm before it goes live."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
RULE = "hangup/nuisance_persists_after_warning.yaml"


@pytest.fixture
def mine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the starter norm, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    assert run("init", "mine").exit_code == 0
    return tmp_path / "mine"


def test_the_starter_norm_may_go_live_and_a_file_says_so(run: Run, tmp_path: Path) -> None:
    told = run("certify", "--to", tmp_path / "certificate.json", language="zh-CN")

    made = json.loads((tmp_path / "certificate.json").read_bytes())
    assert told.exit_code == 0
    assert "该规范可以启用。" in told.stdout
    assert [word in told.stdout for word in ("示例", "场景", "例子", "情景")] == [True, True, False, False]
    assert made["passed"] is True
    assert made["revision"].startswith("sha256:")


def test_a_norm_with_a_dropped_warning_must_not_go_live_and_a_chinese_reader_is_told_why(run: Run, mine: Path) -> None:
    file = mine / RULE
    file.write_text(file.read_text().replace("    - talk.warnings: {at_least: 1}\n", ""))

    told = run("certify", "mine", "--to", "certificate.json", language="zh-CN")

    refused = json.loads(Path("certificate.json").read_bytes())["refused"]
    assert told.exit_code == 1
    assert "该规范不得启用：" in told.stdout
    assert any(each.startswith("示例：示例 `") for each in refused)
    assert all(each.startswith(("示例：", "场景：", "分析：")) and f"  {each}" in told.stdout for each in refused)


def test_a_strict_check_of_the_starter_norm_finds_nothing(run: Run) -> None:
    told = run("check", "--strict", "--json")

    found = json.loads(told.stdout)
    assert told.exit_code == 0
    assert [each for each in found["findings"] if each["severity"] != "note"] == []


def test_a_strict_check_names_the_rule_that_never_decides(run: Run, mine: Path) -> None:
    made = run(
        "new", "rule", "hidden_behind", "--stage", "hangup", "--when", "talk.warnings at_least 1",
        "--when", "caller.class is nuisance", "--when", "talk.offences_since_warning at_least 1",
        "--effect", "warn", "--priority", "1", "--owner", "qa", "--status", "enforced", "--dir", "mine",
    )  # fmt: skip

    certified = run("certify", "mine", "--json")
    lenient = run("check", "mine")
    strict = run("check", "mine", "--strict")

    assert (made.exit_code, lenient.exit_code, strict.exit_code) == (0, 0, 1)
    assert "hidden_behind" in strict.stdout
    # What a strict check refuses gets no certificate either, in English where nothing else is asked for.
    refused = json.loads(certified.stdout)["refused"]
    assert certified.exit_code == 1
    assert [each for each in refused if each.startswith("analysis: ") and "hidden_behind" in each]
