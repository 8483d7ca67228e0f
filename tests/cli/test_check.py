"""`check` and `scenario`: findings with their place, exit code 1; a sound norm is exit code 0."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

HANGUP = "hangup/abuse_persists.yaml"


@pytest.fixture
def own(norm: Path, tmp_path: Path) -> Path:
    """A copy of the norm that a test may spoil."""
    return Path(shutil.copytree(norm, tmp_path / "norm"))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_norm_has_no_findings_and_exit_code_0(run: Any, norm: Path) -> None:
    result = run("check", norm)
    tree = json.loads(run("check", norm, "--json").stdout)

    assert result.exit_code == 0
    assert "the norm is sound" in result.stdout
    lines = result.stdout.splitlines()
    assert "rules: 4 (classify 1, blocklist 1, screen 1, hangup 1; enforced 4)" in lines
    assert "examples: 10, scenarios: 1, invariants: 4, windows: 1, lexicons: 1" in lines
    assert (tree["ok"], tree["findings"], tree["counts"]["rules"]) == (True, [], 4)
    assert tree["revision"] in result.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (HANGUP, "talk.warnings: {at_least: 1}", "talk.warnigs: {at_least: 1}", "unknown-fact"),
        (HANGUP, "talk.warnings: {at_least: 1}", "talk.warnings: {at_least: one}", "operand"),
        (HANGUP, "say: closing.abuse", "say: closing.abus", "script"),
        (HANGUP, "title: {zh-CN: 提醒后再犯, en: ", "title: {en: ", "translation"),
        (HANGUP, "talk.offences_since_warning: 0}", "talk.offences_since_warning: 2}", "example-fails"),
        (HANGUP, "id: abuse_persists", "id: abuse", "id-is-not-file-name"),
        ("scenarios/warned_then_hung_up.yaml", "effect: hang_up, by", "effect: warn, by", "scenario-fails"),
        ("scenarios/warned_then_hung_up.yaml", "expect: {effect: accept}", "expect: {}", "empty-expectation"),
    ],
)
def test_a_fault_is_refused_with_place_excerpt_and_exit_code_1(
    run: Any, own: Path, file: str, old: str, new: str, code: str
) -> None:
    spoil(own, file, old, new)

    result = run("check", own)
    findings = json.loads(run("check", own, "--json").stdout)["findings"]

    assert result.exit_code == 1
    found = [each for each in findings if code in each["code"]]
    assert found, [each["code"] for each in findings]
    assert found[0]["file"] == file
    assert found[0]["line"] >= 1
    assert found[0]["excerpt"]
    first = f"{own.as_posix()}/{file}:{found[0]['line']}:{found[0]['col']}: error: "
    assert any(line.startswith(first) for line in result.stdout.splitlines())


def test_the_caret_stands_under_its_place_also_after_wide_characters(run: Any, own: Path) -> None:
    spoil(
        own,
        HANGUP,
        "title: {zh-CN: 提醒后再犯, en: Abuse goes on after a warning}",
        "title: {zh-CN: 提醒后再犯, fr: x, en: y}",
    )

    lines = run("check", own).stdout.splitlines()

    place = next(number for number, line in enumerate(lines) if "fr: x" in line)
    assert cell_len(lines[place].partition("fr: x")[0]) == cell_len(lines[place + 1].partition("^")[0])


def test_a_narrow_terminal_does_not_break_the_place_of_a_finding(run: Any, own: Path) -> None:
    spoil(own, HANGUP, "talk.warnings: {at_least: 1}", "talk.warnigs: {at_least: 1}")

    wide = run("check", own).stdout
    narrow = run("check", own, columns=40).stdout

    assert narrow.splitlines()[0] == wide.splitlines()[0]


def test_the_three_matchers_are_compared_when_asked_for(run: Any, norm: Path) -> None:
    plain = json.loads(run("check", norm, "--json").stdout)["cross_checked"]
    crossed = json.loads(run("check", norm, "--json", "--cross-check").stdout)["cross_checked"]

    assert plain["snapshots"] == 0
    assert plain["why_not"]
    # More than the examples of the norm, and the snapshot in which nothing is known: every boundary too.
    assert crossed["snapshots"] > 10 + 1
    assert {"indexed", "reference"} <= set(crossed["machines"])
    assert ("rete" in crossed["machines"]) is (not crossed["why_not"])


def test_a_matcher_that_disagrees_is_found(norm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callpolicy.cli import crosschecking
    from callpolicy.matches import Matches
    from callpolicy.rulefile import load_bundle
    from callpolicy.runtime import crossing
    from callpolicy.runtime.compiling import compiler

    class Blind:
        def match(self, values: object) -> Matches:
            return Matches(0, 0)

    def of(name: str) -> Any:
        return (lambda *_: Blind()) if name == "indexed" else compiler(name)

    monkeypatch.setattr(crossing, "compiler", of)

    findings = crosschecking.cross_check_bundle(load_bundle(norm)).findings

    assert {finding.code for finding in findings} == {"matchers-disagree"}
    assert any("`abuse_persists`" in finding.message for finding in findings)


def test_a_scenario_is_shown_as_a_timeline_with_what_was_expected(run: Any, norm: Path) -> None:
    result = run("scenario", "warned_then_hung_up", "--rules", norm)

    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert "1 0s first offered normal accept ✓" in rows
    assert "4 14s first warned nuisance: abuse continue" in rows
    assert "5 20s first offence abuse agent nuisance: abuse hang_up abuse_persists ✓" in rows
    assert "scenarios passed: 1 of 1" in rows


def test_a_scenario_that_fails_is_exit_code_1_and_says_what_differs(run: Any, own: Path) -> None:
    spoil(own, "scenarios/warned_then_hung_up.yaml", "expect: {effect: accept}", "expect: {effect: divert}")

    result = run("scenario", "--rules", own)
    tree = json.loads(run("scenario", "--rules", own, "--json").stdout)

    assert result.exit_code == 1
    assert "at 0s, call `first`: effect is `accept`, expected `divert`" in result.stdout
    assert "scenarios passed: 0 of 1" in result.stdout
    assert tree[0]["passed"] is False
    assert [bool(step["failures"]) for step in tree[0]["steps"]] == [True, False, False, False, False]


def test_scenarios_can_be_listed(run: Any, norm: Path) -> None:
    listed = run("scenario", "--list", "--rules", norm, language="zh-CN").stdout.splitlines()

    assert [line.split() for line in listed[2:]] == [["warned_then_hung_up", "提醒后挂机"]]


@pytest.mark.parametrize("columns", [80, 120])
def test_wide_characters_align_and_nothing_is_cut_off(run: Any, norm: Path, columns: int) -> None:
    text = run("scenario", "--rules", norm, language="zh-CN", columns=columns).stdout

    lines = text.splitlines()
    head = next(line for line in lines if "期望" in line)
    place = cell_len(head.partition("期望")[0])
    marks = [cell_len(line.partition("✓")[0]) for line in lines if line.endswith("✓")]
    assert marks == [place] * 3
    assert max(cell_len(line) for line in lines) <= columns
    assert "…" not in text


def test_a_chinese_check_says_what_it_came_to_in_chinese(run: Any, norm: Path) -> None:
    lines = run("check", norm, language="zh-CN").stdout.splitlines()

    assert "4 条规则（分类 classify 1, 黑名单 blocklist 1, 接入 screen 1, 挂机 hangup 1；执行 enforced 4）" in lines
    assert "10 个示例，1 个场景，4 条底线规则，1 个窗口，1 个词表" in lines
    assert "未经交叉核对：加上 `--cross-check` 即可核对" in lines


def test_a_large_threshold_is_shown_and_no_telephone_number_in_the_same_line(run: Any, own: Path) -> None:
    spoil(own, HANGUP, "talk.warnings: {at_least: 1}", "talk.warnings: {at_least: 10000000} # 13800138000")

    told = run("check", own).stdout
    findings = json.loads(run("check", own, "--json").stdout)["findings"]

    assert "talk.warnings: {at_least: 10000000} # ***********" in told
    assert "13800138000" not in told
    assert any("10000000}" in each["excerpt"] for each in findings)


@pytest.mark.parametrize("words", [("check",), ("check", "--json"), ("analyse",), ("test",), ("prove",), ("mutate",)])
def test_a_folder_without_a_norm_is_wrong_use_for_every_command(
    run: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = run(words[0], tmp_path, *words[1:])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "a bundle needs a file `policy.yaml`" in result.stderr


def test_without_the_solver_a_comparison_says_so_before_it_reads_anything(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)

    for command in ("diff", "brief"):
        result = run(command, tmp_path, tmp_path)
        # The folder holds no norm, and nobody has looked.
        assert (result.exit_code, result.stdout) == (2, "")
        assert "pip install 'callpolicy[prove]'" in result.stderr
        assert "policy.yaml" not in result.stderr
