"""Without the solver the base finds the same, or names the question that it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callpolicy.analysis import findings
from callpolicy.analysis.asking import Method
from callpolicy.analysis.findings import Found, analyse
from callpolicy.cli.analyse import analyse as command
from callpolicy.condition import All, Leaf, Op
from callpolicy.points import Effect, Stage
from callpolicy.policy import Bundle, Term
from callpolicy.rulefile import init_bundle, starter_norm
from tests.analysis.making import Maker
from tests.analysis.naive import naive_findings
from tests.analysis.test_findings import named
from tests.engine.bundles import bundle, rule

LANES = 4
IN_EACH = 30
OFTEN = Leaf("talk.offences", Op.AT_LEAST, 2)
BEYOND_BRUTE_FORCE = {"depends-on", "term-without-end"}
PERSISTS = Path("hangup") / "nuisance_persists_after_warning.yaml"
BLOCKED = "import sys; sys.modules['z3'] = None; from callpolicy.cli import main; sys.exit(main())"


def shown(found: Found) -> tuple[object, ...]:
    """What a finding says, whatever numbers and texts its call has."""
    call = found.witness and (found.witness.point, frozenset(found.witness.values), found.witness.confirmed)
    # WHY not always the rules: of these findings they are those of the call that is shown.
    rules = () if found.code in {"hang-up-without-warning", "depends-on"} else found.rules
    return found.code, rules, found.stage, found.subject, found.severity, call, found.other is None


def compare(first: int, number: int) -> set[str]:
    """Compare with trying every call; gives the codes that occurred."""
    codes: set[str] = set()
    for seed in range(first, first + number):
        made = Maker(seed).bundle()
        came = analyse(made, base=True)
        found = {named(each) for each in came.findings if each.code not in BEYOND_BRUTE_FORCE}
        assert (came.method, came.unsupported, came.unsettled) == (Method.BASE, (), ())
        assert found == naive_findings(made), f"seed {seed}"
        codes |= {each.code for each in came.findings}
    return codes


@pytest.mark.parametrize("lane", range(LANES))
def test_the_base_misses_nothing_and_gives_no_false_alarm_on_random_bundles(lane: int) -> None:
    codes = compare(lane * IN_EACH, IN_EACH)

    assert codes >= {"never-matches", "shadowed", "conflict", "unreachable-effect", "class-never-given", "gap"}


@pytest.mark.fuzz
@pytest.mark.parametrize("lane", range(10))
def test_the_base_misses_nothing_on_many_more_bundles(lane: int) -> None:
    assert compare(10_000 + lane * 1_000, 1_000)


def compare_with_solver(first: int, number: int) -> None:
    for seed in range(first, first + number):
        made = Maker(seed).bundle()
        base, solver = analyse(made, base=True), analyse(made, base=False)
        assert {shown(each) for each in base.findings} == {shown(each) for each in solver.findings}, f"seed {seed}"


def test_base_and_solver_say_the_same_and_show_calls_of_the_same_facts() -> None:
    compare_with_solver(500, 25)


@pytest.mark.fuzz
def test_base_and_solver_say_the_same_of_many_more_bundles() -> None:
    compare_with_solver(20_000, 2_000)


def test_the_base_settles_every_question_about_the_starter_norm() -> None:
    came = analyse(starter_norm(), base=True)

    assert came.clean
    assert (came.method, came.findings, came.unsupported, came.unsettled) == (Method.BASE, (), (), ())


@pytest.mark.parametrize("fact", ["talk.agent", "call.language"])
def test_the_base_shows_a_dependence_with_both_calls(fact: str) -> None:
    made = bundle(rule("biased", Effect.WARN, All((OFTEN, Leaf(fact, Op.IS, "x")))))

    (found,) = [each for each in analyse(made, base=True).findings if each.code == "depends-on"]

    assert (found.subject, found.rules) == (fact, ("biased",))
    assert found.witness is not None
    assert found.other is not None
    effects = {each.stage(Stage.HANGUP).outcome.effect for each in (found.witness, found.other)}
    assert effects == {Effect.WARN, Effect.CONTINUE}


def test_the_base_shows_a_block_without_an_end() -> None:
    came = analyse(bundle(rule("barred", Effect.PROPOSE_BLOCK, OFTEN, term=Term.PERMANENT)), base=True)

    assert ("term-without-end", ("barred",)) in {(each.code, each.rules) for each in came.findings}


def about(code: str, rules: tuple[str, ...], subject: str) -> tuple[str, tuple[str, ...], str]:
    """What a question and a finding have in common: a question does not know yet which rules it will show."""
    return code, rules[:1] if code == "shadowed" else () if subject and code != "unreachable-effect" else rules, subject


def under(made: Bundle, most: int) -> tuple[set[object], set[object]]:
    came = analyse(made, base=True, most=most)
    found: set[object] = {about(each.code, each.rules, each.subject) for each in came.findings}
    return found, {about(each.code, each.rules, each.subject) for each in came.unsettled}


def test_what_a_bound_leaves_is_named_and_what_it_settles_is_right() -> None:
    left_over = 0
    for seed in range(40):
        made = Maker(seed).bundle()
        everything, nothing = under(made, 10**9)
        found, left = under(made, seed % 3 * 30)

        assert nothing == set()
        assert found <= everything, f"seed {seed}"
        assert everything <= found | left, f"seed {seed}"
        left_over += len(left)
    assert left_over > 40


def test_what_is_left_makes_no_finding_and_no_clean_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "analyse", partial(analyse, base=True, most=0))
    app = typer.Typer()
    app.command()(command)

    came = CliRunner().invoke(app, ["--json"])
    english = CliRunner().invoke(app, ["--language", "en"]).stdout
    chinese = CliRunner().invoke(app, ["--language", "zh-CN"]).stdout

    tree = json.loads(came.stdout)
    assert (came.exit_code, tree["ok"], tree["method"], tree["findings"]) == (1, False, "base", [])
    assert {"code": "hang-up-without-warning", "rules": [], "subject": "hang_up_politely"} in tree["unsettled"]
    assert "not settled: `hang-up-without-warning` for `hang_up_politely`\n" in english
    assert "pip install 'callpolicy[prove]'\nno finding so far, but not everything was looked at\n" in english
    assert "未能得出结论：`hang-up-without-warning`，涉及 `hang_up_politely`\n" in chinese
    assert "pip install 'callpolicy[prove]'\n目前没有发现问题，但并非全部都已检查\n" in chinese


def without_solver(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_a_seeded_fault_is_found_where_the_solver_cannot_be_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "norm"
    init_bundle(folder)
    path = folder / PERSISTS
    text = path.read_text("utf-8")
    assert "talk.offences_since_warning: {at_least: 1}" in text
    path.write_text(text.replace("talk.warnings: {at_least: 1}", "talk.warnings: {at_most: 0}"), "utf-8")

    came = without_solver("analyse", str(folder), "--json")

    tree = json.loads(came.stdout)
    assert (came.returncode, tree["method"], tree["unsettled"]) == (1, "base", [])
    assert [each["code"] for each in tree["findings"]] == ["never-matches", "unreachable-effect"]
    assert {each["file"] for each in tree["findings"]} == {PERSISTS.as_posix()}


def test_a_proof_still_needs_the_solver() -> None:
    came = without_solver("prove", "--language", "en")

    assert came.returncode == 2
    assert "pip install 'callpolicy[prove]'" in came.stderr
