"""`callpolicy diff` and `callpolicy brief`: two folders, or two revisions of git."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
FILE = "hangup/final_result_explained_twice.yaml"


@pytest.fixture
def norms(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a norm `old` and another, `new`, in which one threshold is greater by one."""
    monkeypatch.chdir(tmp_path)
    assert run("init", "old").exit_code == 0
    shutil.copytree("old", "new")
    file = tmp_path / "new" / FILE
    file.write_text(file.read_text().replace("at_least: 2", "at_least: 3", 1))
    return tmp_path


def test_a_moved_threshold_is_shown_as_just_that_value(run: Run, norms: Path) -> None:
    told = run("diff", "old", "new")

    assert told.exit_code == 1
    assert "changed: final_result_explained_twice" in told.stdout
    assert "where caller.kind is after_final_result, and talk.explanations_rejected is 2:" in told.stdout
    assert "hang_up_politely becomes escalate" in told.stdout


def test_the_same_norm_is_proved_to_be_the_same(run: Run, norms: Path) -> None:
    told = run("diff", "old", "old", language="zh-CN")

    assert told.exit_code == 0
    assert "已证明：任何可能的来电，决定都不变。" in told.stdout


def test_a_norm_that_cannot_be_read_is_named(run: Run, norms: Path) -> None:
    file = norms / "new" / "hangup" / "final_result_explained_twice.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "no_such_key: 1\n", encoding="utf-8")

    told = run("diff", "old", "new")

    assert told.exit_code == 2
    assert "new/hangup/final_result_explained_twice.yaml:" in told.stderr


def test_json_has_every_region_with_its_calls(run: Run, norms: Path) -> None:
    found = json.loads(run("diff", "old", "new", "--json").stdout)

    (region,) = found["regions"]
    assert len(found["rules"]["changed"]) == 1
    assert found["same"] is False
    assert {"fact": "talk.explanations_rejected", "ranges": [[2, 2]], "other": False, "unknown": False} in region[
        "facts"
    ]
    assert region["moves"][0]["old"]["effect"] == "hang_up_politely"
    assert region["moves"][0]["call"]["talk.explanations_rejected"] == "2"
    assert set(region["where"]) == {"en", "zh-CN"}


def test_recorded_calls_are_put_beside_it(run: Run, norms: Path) -> None:
    made = run("simulate", "--seed", "7", "--out", "events.jsonl", "--truth", "truth.json")
    told = run("diff", "old", "new", "--recorded", "events.jsonl", "--limit", "300", "--json")

    assert made.exit_code == 0
    found = json.loads(told.stdout)["recorded"]
    assert found["calls"] == 300
    assert found["changed"] <= 300


def test_revisions_of_git_are_compared_as_folders_are(run: Run, norms: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=qa", "-c", "user.email=qa@example.org", *words], cwd=norms, check=True)

    shutil.copytree(norms / "old", norms / "rules")
    git("init", "-q", "-b", "main")
    git("add", "rules")
    git("commit", "-q", "-m", "first")
    shutil.copy(norms / "new" / FILE, norms / "rules" / FILE)
    git("commit", "-q", "-a", "-m", "second")

    told = run("diff", "HEAD~1", "HEAD", "--json")
    same = run("diff", "main:rules", "new")

    assert json.loads(told.stdout)["regions"][0]["facts"][-1]["ranges"] == [[2, 2]]
    assert same.exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("diff", "nowhere", "new"), "is no folder, and no revision of git that holds the folder `rules`"),
        (("diff", "--", "--output=x", "new"), "is no folder, and no revision of git"),
        (("diff", "old", "new", "--mapping", "generic_csv"), "name that file too"),
        (("diff", "old", "broken"), "hangup/final_result_explained_twice.yaml:"),
        (("brief", "old", "new", "--to", "nowhere/brief.md"), "cannot be written"),
    ],
)
def test_what_cannot_be_compared_is_told_with_what_to_do(
    run: Run, norms: Path, words: tuple[str, ...], said: str
) -> None:
    shutil.copytree("old", "broken")
    (norms / "broken" / FILE).write_text("id: [half")

    told = run(*words)

    assert told.exit_code == 2
    assert said in told.stderr
    assert not (norms / "x").exists()


def test_a_page_is_written_for_team_leaders(run: Run, norms: Path) -> None:
    told = run("brief", "old", "new", "--to", "brief.md", "--language", "zh-CN")
    shown = run("brief", "old", "new", "--json")

    page = (norms / "brief.md").read_text(encoding="utf-8")
    assert told.exit_code == 0
    assert "## 该怎么说" in page
    assert "`final_result_explained_twice`" in page
    assert json.loads(shown.stdout)["page"].startswith("# What changes: ")
