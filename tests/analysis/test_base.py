"""Without the solver the base finds the same, or names the question that it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callpolicy.analysis import findings
from callpolicy.analysis.asking import Method
from callpolicy.analysis.findings import Found, analyse
from callpolicy.analysis.proving import Standing, prove
from callpolicy.analysis.telling import _SENTENCES, asked
from callpolicy.cli.analyse import analyse as command
from callpolicy.condition import All, Leaf, Op
from callpolicy.facts.builtin import BUILTIN
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


def test_a_rule_that_asks_for_a_class_which_what_is_always_known_gives_matches_always() -> None:
    # In this one the class hangs on the channel alone.
    assert "always-matches" in compare(12_329, 1)


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
    left = next(each for each in tree["unsettled"] if each["subject"] == "hang_up_politely" and not each["rules"])
    assert left["code"] == "hang-up-without-warning"
    assert left["question"]["en"] == (
        "can a nuisance caller be hung up on (`hang_up_politely`) without a warning in this call "
        "and an offence after it?"
    )
    assert f"not settled: {left['question']['en']} [hang-up-without-warning]\n" in english
    assert f"未能得出结论：{left['question']['zh-CN']} [hang-up-without-warning]\n" in chinese
    assert english.startswith(
        "blocklist/blocked_twice_before.yaml:2:1: not settled: can rule `blocked_twice_before` match any call at all? "
        "[never-matches]\n"
    )
    assert "What to do: pip install 'callpolicy[prove]' and run this again" in english
    assert english.endswith("\nno finding so far, but not everything was looked at\n")
    assert "可以这样做：运行 pip install 'callpolicy[prove]' 后重试" in chinese
    assert chinese.endswith("\n目前没有发现问题，但并非全部都已检查\n")


def test_every_code_has_its_question_in_both_languages() -> None:
    for code in (*_SENTENCES.keys() - {"asked-too-early"},):
        question = asked(code, ["one", "other"], "thing")
        assert question["en"].count("?") + question["en"].count("different things") >= 1, code
        assert question["zh-CN"].endswith("？"), code


def test_a_rule_that_asks_only_what_is_always_known_matches_every_call() -> None:
    known = bundle(rule("r", Effect.WARN, Leaf("call.channel", Op.KNOWN, True)))
    not_always = bundle(rule("r", Effect.WARN, Leaf("call.topic", Op.KNOWN, True)))

    for base in (True, False):
        found = {(each.code, each.rules) for each in analyse(known, base=base).findings}
        other = {(each.code, each.rules) for each in analyse(not_always, base=base).findings}
        assert ("always-matches", ("r",)) in found
        assert ("always-matches", ("r",)) not in other


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


def test_a_proof_is_had_by_search_where_the_solver_cannot_be_loaded() -> None:
    came = without_solver("prove", "--json")

    tree = json.loads(came.stdout)
    assert (came.returncode, tree["ok"], tree["method"], tree["sequences"]["unsettled"]) == (0, True, "base", False)


def test_a_strict_check_needs_no_solver() -> None:
    came = without_solver("check", "--strict", "--json")

    assert (came.returncode, json.loads(came.stdout)["ok"]) == (0, True)


def standings(made: Bundle, *, base: bool) -> list[tuple[object, ...]]:
    # WHY all facts: the sequences of a proof follow some that the small catalogue has not.
    made = replace(made, catalogue=BUILTIN)
    return [
        (each.standing, each.certain, each.witness and (each.witness.point, frozenset(each.witness.values)))
        for each in prove(made, most=2, base=base).invariants
    ]


def prove_both_ways(first: int, number: int) -> set[Standing]:
    seen: set[Standing] = set()
    for seed in range(first, first + number):
        made = Maker(seed).bundle()
        own, solvers = standings(made, base=True), standings(made, base=False)
        assert own == solvers, f"seed {seed}"
        seen |= {each for each, *_ in own if isinstance(each, Standing)}
    return seen


def test_search_and_solver_prove_the_same_of_random_bundles() -> None:
    assert prove_both_ways(0, 25) >= {Standing.BY_RULES, Standing.BY_GUARD}


@pytest.mark.fuzz
def test_search_and_solver_prove_the_same_of_many_more_bundles() -> None:
    prove_both_ways(20_000, 1_000)


def test_what_is_too_much_work_is_not_proved_by_search() -> None:
    came = prove(starter_norm(), base=True, steps=0, most=2)

    assert came.method is Method.BASE
    assert Standing.UNSETTLED in {each.standing for each in came.invariants}
    assert Standing.BROKEN not in {each.standing for each in came.invariants}
    assert (came.proved, came.sequences.proved, came.sequences.unsettled) == (False, False, True)
