"""`callpolicy test`: a row per rule and scenario, failures with their place, and nothing tested is no success."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.bench import bench

HANGUP = "hangup/abuse_persists.yaml"
SCENARIO = "scenarios/warned_then_hung_up.yaml"


@pytest.fixture
def own(norm: Path, tmp_path: Path) -> Path:
    """A copy of the norm that a test may spoil."""
    return Path(shutil.copytree(norm, tmp_path / "norm"))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_norm_that_passes_has_a_row_per_rule_and_scenario_and_exit_code_0(norm: Path) -> None:
    result = bench("test", norm)

    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert "✓ abuse_persists examples 4 0" in rows
    assert "✓ warned_then_hung_up scenario 1 0" in rows
    assert rows[-1] == "tests passed: 11"


def test_a_failure_is_told_with_its_place_and_exit_code_1(own: Path) -> None:
    spoil(own, HANGUP, "talk.warnings: 0,", "talk.warnings: 3,")
    spoil(own, SCENARIO, "effect: hang_up, by", "effect: warn, by")

    result = bench("test", own)
    tree = json.loads(bench("test", own, "--json").stdout)

    assert result.exit_code == 1
    assert f"{own.as_posix()}/{HANGUP}:23:5: error: example `not warned` expects no_match" in result.stdout
    assert "`talk.warnings at_least 1` comes to true" in result.stdout
    assert f"{own.as_posix()}/{SCENARIO}:12:82: error: scenario `warned_then_hung_up`" in result.stdout
    assert "tests failed: 2 of 11" in result.stdout
    assert (tree["ok"], tree["passed"], tree["failed"]) == (False, 9, 2)
    failed = [each for each in tree["tests"] if not each["passed"]]
    assert [each["name"] for each in failed] == [f"{HANGUP}::not warned", f"{SCENARIO}::warned_then_hung_up"]
    assert failed[0]["findings"][0]["line"] == 23


@pytest.mark.parametrize(("pattern", "count"), [("abuse", 4), ("NOT WARNED", 1), ("burst*fifth", 1), ("scenarios/", 1)])
def test_tests_are_chosen_by_a_part_of_their_name(norm: Path, pattern: str, count: int) -> None:
    tree = json.loads(bench("test", norm, "-k", pattern, "--json").stdout)

    assert tree["passed"] == len(tree["tests"]) == count


def test_nothing_tested_is_a_failure(norm: Path, own: Path) -> None:
    for folder in ("blocklist", "classify", "hangup", "screen", "scenarios"):
        shutil.rmtree(own / folder)

    named = bench("test", norm, "-k", "no such test")
    empty = bench("test", own)

    assert (named.exit_code, empty.exit_code) == (1, 1)
    assert "nothing was tested: no example and no scenario is called like `no such test`" in named.stdout
    assert "nothing was tested: the norm has no example and no scenario" in empty.stdout
    assert json.loads(bench("test", own, "--json").stdout)["ok"] is False


def test_a_rule_in_force_without_example_fails(own: Path) -> None:
    path = own / HANGUP
    path.write_text(path.read_text("utf-8").partition("examples:")[0], "utf-8")

    result = bench("test", own)

    assert result.exit_code == 1
    assert "rule `abuse_persists` is in force without an example [no-examples]" in result.stdout
    assert "tests failed: 1 of 8" in result.stdout


@pytest.mark.parametrize("empty", ["{}", "{facts: {}}", "{stages: {}}", "{stages: {screen: {}}}"])
def test_an_expectation_in_which_nothing_stands_is_a_fault_of_its_file(own: Path, empty: str) -> None:
    spoil(own, SCENARIO, "expect: {effect: accept}", f"expect: {empty}")

    result = bench("test", own)

    assert result.exit_code == 2
    assert f"{SCENARIO}:8:" in result.stderr
    assert "has nothing in it [empty-expectation]" in result.stderr
    assert "hint: write what is to be decided, or delete the key" in result.stderr


def test_a_norm_that_cannot_be_read_is_exit_code_2(own: Path, tmp_path: Path) -> None:
    spoil(own, HANGUP, "expect: match", "expect: perhaps")

    unreadable = bench("test", own)
    missing = bench("test", tmp_path / "nowhere")

    assert (unreadable.exit_code, missing.exit_code) == (2, 2)
    assert f"{HANGUP}:19:13: error:" in unreadable.stderr


def test_a_chinese_table_has_chinese_words(norm: Path) -> None:
    result = bench("test", norm, language="zh-CN")

    assert "规则或场景" in result.stdout
    assert result.stdout.splitlines()[-1] == "11 项测试全部通过"


def test_a_chinese_reader_is_told_in_chinese_what_failed(own: Path) -> None:
    spoil(own, HANGUP, "talk.warnings: 0,", "talk.warnings: 3,")
    spoil(own, SCENARIO, "effect: hang_up, by", "effect: warn, by")

    result = bench("test", own, language="zh-CN")
    tree = json.loads(bench("test", own, "--json", language="zh-CN").stdout)
    timeline = bench("scenario", "--rules", own, language="zh-CN").stdout

    assert "示例 `not warned` 期望不匹配 no_match，规则得出的却是匹配 match [example-fails]" in result.stdout
    assert "`talk.warnings at_least 1` 为真" in result.stdout
    told = "20s 时，通话 `first`：处理（effect）实际为 `hang_up`，期望为 `warn`"
    assert f"场景 `warned_then_hung_up`：{told} [scenario-fails]" in result.stdout
    assert "逐步查看：`callpolicy scenario warned_then_hung_up --rules DIR`" in result.stdout
    assert f"  {told}" in timeline
    findings = [finding for each in tree["tests"] for finding in each["findings"]]
    assert [each["message"][:2] for each in findings] == ["示例", "场景"]
    assert [each["code"] for each in findings] == ["example-fails", "scenario-fails"]


def test_what_differs_is_told_once_at_the_line_on_which_it_is_expected(own: Path) -> None:
    spoil(
        own, SCENARIO, "  - {at: 20s, call: first, do: offence",
        "  - at: 15s\n    call: first\n    expect:\n      effect: warn\n      stages:\n"
        "        classify: {class: normal}\n        hangup: {effect: warn, by: system}\n"
        "  - {at: 20s, call: first, do: offence",
    )  # fmt: skip

    told = bench("test", own).stdout

    lines = [line for line in told.splitlines() if "error:" in line]
    assert [line.partition(": error: ")[0].rpartition("/")[2] for line in lines] == [
        "warned_then_hung_up.yaml:15:7", "warned_then_hung_up.yaml:17:20", "warned_then_hung_up.yaml:18:18",
    ]  # fmt: skip
    assert lines[2].count("expected") == 2
    assert told.count("step by step:") == 1
    assert told.count("hangup: {effect: warn, by: system}") == 1


def test_help_has_an_example() -> None:
    assert "callpolicy test my-norm -k abuse --json" in bench("test", "--help").stdout
