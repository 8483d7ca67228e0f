"""`prove` and `analyse` as people call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callpolicy.cli.analyse import analyse
from callpolicy.cli.prove import prove
from callpolicy.errors import UsageError
from callpolicy.rulefile import init_bundle

HANG_UP = Path("hangup") / "nuisance_persists_after_warning.yaml"
WARNED = "    - talk.warnings: {at_least: 1}\n    - talk.offences_since_warning: {at_least: 1}\n"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(prove)
    made.command()(analyse)
    return made


@pytest.fixture
def hasty(tmp_path: Path) -> Path:
    """The starter norm without the warning: neither the rule nor an invariant asks for it."""
    folder = tmp_path / "norm"
    init_bundle(folder)
    path = folder / HANG_UP
    path.write_text(path.read_text("utf-8").replace(WARNED, "    - talk.offences: {at_least: 3}\n"), "utf-8")
    invariants = folder / "invariants.yaml"
    text = invariants.read_text("utf-8")
    start, end = text.index("- id: nuisance_is_warned"), text.index("- id: repeat_complaint_is_explained_twice")
    invariants.write_text(text[:start] + text[end:], "utf-8")
    return folder


def test_the_starter_norm_has_nothing_to_be_found(app: typer.Typer) -> None:
    came = CliRunner().invoke(app, ["analyse", "--json"])

    assert came.exit_code == 0
    assert json.loads(came.stdout)["findings"] == []


def test_a_dropped_warning_is_found_with_its_rule_its_place_and_a_call(app: typer.Typer, hasty: Path) -> None:
    came = CliRunner().invoke(app, ["analyse", str(hasty), "--json"])

    (found,) = json.loads(came.stdout)["findings"]
    assert came.exit_code == 1
    assert (found["code"], found["rules"]) == ("hang-up-without-warning", ["nuisance_persists_after_warning"])
    assert found["file"] == HANG_UP.as_posix()
    assert found["witness"]["facts"]["talk.offences"] == "3"
    assert found["events"] == ["offered", "answered", "offence", "offence", "offence"]
    assert "提醒" in found["message"]["zh-CN"]


def test_what_is_broken_is_written_as_a_scenario(app: typer.Typer, hasty: Path, tmp_path: Path) -> None:
    came = CliRunner().invoke(app, ["prove", str(hasty), "--to", str(tmp_path / "out"), "--language", "en"])
    file = tmp_path / "out" / "hang_up_without_warning.yaml"
    again = CliRunner().invoke(app, ["prove", str(hasty), "--to", str(tmp_path / "out"), "--language", "en"])
    file.write_text(file.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    over = CliRunner().invoke(app, ["prove", str(hasty), "--to", str(tmp_path / "out"), "--language", "en"])

    assert came.exit_code == again.exit_code == 1
    assert isinstance(over.exception, UsageError)
    assert "`hang_up_without_warning.yaml` is there already, and was changed" in str(over.exception)
    assert file.read_text(encoding="utf-8").endswith("# mine\n")
    assert "BROKEN: a sequence of 4 events" in came.stdout
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hang_up_without_warning.yaml"]


def test_a_call_on_which_the_invariant_alone_acts_says_what_is_not_known_in_it(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["prove", "--language", "en"]).stdout

    kept = told.partition("✓ protected_callers_are_not_rejected")[2].partition("✓")[0]
    assert "proved, kept only by the invariant itself at run time" in kept
    assert "not known in that call, though the invariant asks: caller.allowlisted, caller.protected" in kept


def test_a_finding_is_told_in_either_language(app: typer.Typer, hasty: Path) -> None:
    english = CliRunner().invoke(app, ["analyse", str(hasty), "--language", "en"]).stdout
    chinese = CliRunner().invoke(app, ["analyse", str(hasty), "--language", "zh-CN"]).stdout

    assert "can be hung up on" in " ".join(english.split())
    assert "就被挂机" in chinese.replace("\n", "")
