"""The pytest plugin as somebody who runs pytest meets it: what is collected, what fails, what is never green."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

# WHY at the top: a run within this process then finds the package loaded, and takes a tenth of the time.
import callpolicy.pytest_plugin.calls
import callpolicy.pytest_plugin.items  # noqa: F401 - as above
from callpolicy.engine import plan as plan_module
from callpolicy.engine.plan import StagePlan
from callpolicy.matchers.base import Compile
from callpolicy.points import Stage
from callpolicy.policy import Bundle

pytest_plugins = ["pytester"]

NORM = Path(__file__).parents[1] / "cli" / "norm"
HANGUP = "rules/hangup/abuse_persists.yaml"
SCENARIO = "rules/scenarios/warned_then_hung_up.yaml"
# 10 examples and 1 scenario.
ALL = 11


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a norm in `rules` and one test of its own in `tests`."""
    shutil.copytree(NORM, pytester.path / "rules")
    pytester.makeini("[pytest]\ncallpolicy_rules = rules\ntestpaths = tests\nfilterwarnings = error\n")
    (pytester.mkdir("tests") / "test_own.py").write_text("def test_own():\n    pass\n", "utf-8")
    return pytester


def spoil(project: pytest.Pytester, file: str, old: str, new: str) -> None:
    path = project.path / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_examples_and_scenarios_are_tests_beside_those_of_the_project(project: pytest.Pytester) -> None:
    result = project.runpytest("-v")

    result.assert_outcomes(passed=ALL + 1)
    result.stdout.fnmatch_lines(["callpolicy: rules", "*hangup/abuse_persists.yaml::not warned PASSED*"])


def test_a_norm_is_named_on_the_command_line_several_if_one_likes(pytester: pytest.Pytester) -> None:
    shutil.copytree(NORM, pytester.path / "one")
    shutil.copytree(NORM, pytester.path / "two")

    result = pytester.runpytest("--callpolicy-rules", "one", "--callpolicy-rules", "two")

    result.assert_outcomes(passed=2 * ALL)


def test_a_norm_outside_of_the_project_can_be_named(pytester: pytest.Pytester, tmp_path: Path) -> None:
    shutil.copytree(NORM, tmp_path / "elsewhere" / "rules")

    result = pytester.runpytest("--callpolicy-rules", str(tmp_path / "elsewhere" / "rules"))

    result.assert_outcomes(passed=ALL)


def test_one_file_one_example_or_a_part_of_a_name_can_be_chosen(project: pytest.Pytester) -> None:
    project.runpytest(HANGUP).assert_outcomes(passed=4)
    project.runpytest(f"{HANGUP}::not warned").assert_outcomes(passed=1)
    project.runpytest("-k", "warned_then").assert_outcomes(passed=1, deselected=ALL)
    project.runpytest("tests").assert_outcomes(passed=1)


def test_an_example_that_fails_shows_its_line_and_what_each_leaf_came_to(project: pytest.Pytester) -> None:
    spoil(project, HANGUP, "talk.warnings: 0,", "talk.warnings: 3,")

    result = project.runpytest(HANGUP)

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"{HANGUP}:23:5: error: example `not warned` expects no_match, but the rule comes to match*",
            "      - name: not warned",
            "        ^",
            "    true    talk.warnings at_least 1  (talk.warnings = 3)",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_scenario_that_fails_shows_its_timeline(project: pytest.Pytester) -> None:
    spoil(project, SCENARIO, "effect: hang_up, by", "effect: warn, by")

    result = project.runpytest(SCENARIO)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"{SCENARIO}:12:82: error: *: at 20s, call `first`: effect is `hang_up`, expected `warn`*",
            "    14s  first  warned    nuisance: abuse, continue by agent",
            "E   20s  first  offence   nuisance: abuse, hang_up by agent (abuse_persists)",
        ]
    )


def test_a_scenario_that_fails_names_the_line_of_what_was_expected(project: pytest.Pytester) -> None:
    spoil(
        project, SCENARIO, "  - {at: 20s, call: first, do: offence",
        "  - at: 15s\n    call: first\n    expect:\n      stages:\n        hangup:\n          effect: warn\n"
        "          by: agent\n          default: false\n  - {at: 20s, call: first, do: offence",
    )  # fmt: skip

    result = project.runpytest(SCENARIO)

    result.stdout.fnmatch_lines(
        [
            f"{SCENARIO}:17:11: error: *stage `hangup`: effect is `continue`, expected `warn`*",
            "              effect: warn",
            f"{SCENARIO}:19:11: error: *stage `hangup`: default is `true`, expected `false`*",
            "              default: false",
            "E   15s  first*",
        ]
    )
    assert result.stdout.str().partition("short test summary")[0].count("expected `warn`") == 1


def test_a_norm_is_compiled_once_for_all_its_scenarios(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    real = plan_module.compile_stage

    def counted(bundle: Bundle, stage: Stage, compile_conditions: Compile) -> StagePlan:
        compiled.append(f"{bundle.revision} {stage}")
        return real(bundle, stage, compile_conditions)

    monkeypatch.setattr(plan_module, "compile_stage", counted)
    text = (project.path / SCENARIO).read_text("utf-8")
    for name in ("again", "and_again"):
        (project.path / "rules" / "scenarios" / f"{name}.yaml").write_text(
            text.replace("id: warned_then_hung_up", f"id: {name}"), "utf-8"
        )
    shutil.copytree(project.path / "rules", project.path / "other")

    project.runpytest("rules").assert_outcomes(passed=ALL + 2)
    once = len(compiled)
    project.runpytest("--callpolicy-rules", "rules", "--callpolicy-rules", "other").assert_outcomes(passed=2 * ALL + 5)

    assert once == len(set(compiled)) == len(Stage)
    assert len(compiled) == 3 * once


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (HANGUP, "talk.warnings: {at", "talk.warnigs: {at", f"{HANGUP}:12:7: error: fact `talk.warnigs`*"),
        (HANGUP, "    expect: match\n", "", f"{HANGUP}:17:*expect*missing*"),
        (HANGUP, "expect: match", "expect:", f"{HANGUP}:20:*expect*"),
        (SCENARIO, "{effect: accept}", "{determining: [no_such_rule]}", f"{SCENARIO}:8:*no_such_rule*"),
    ],
)  # fmt: skip
def test_a_fault_of_a_file_an_unknown_rule_and_an_empty_expectation_are_errors_with_their_place(
    project: pytest.Pytester, file: str, old: str, new: str, told: str
) -> None:
    spoil(project, file, old, new)

    result = project.runpytest()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


@pytest.mark.parametrize("empty", ["expect: {}", "expect: {facts: {}}", "expect: {stages: {screen: {}}}"])
def test_an_empty_expectation_is_an_error_also_beside_others(project: pytest.Pytester, empty: str) -> None:
    spoil(project, SCENARIO, "expect: {effect: accept}", empty)

    result = project.runpytest()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{SCENARIO}:8:*has nothing in it*"])


def test_a_scenario_that_expects_nothing_fails(project: pytest.Pytester) -> None:
    path = project.path / SCENARIO
    kept = [line.partition(", expect:") for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(head + ("}" if rest else "") for head, _, rest in kept) + "\n", "utf-8")

    result = project.runpytest(SCENARIO)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"{SCENARIO}:*scenario `warned_then_hung_up` expects nothing*"])


def test_a_rule_in_force_without_an_example_fails(project: pytest.Pytester) -> None:
    path = project.path / HANGUP
    path.write_text(path.read_text("utf-8").partition("examples:")[0], "utf-8")

    result = project.runpytest(HANGUP)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*rule `abuse_persists` is in force without an example"])


def test_a_norm_in_which_nothing_is_tested_is_an_error(project: pytest.Pytester) -> None:
    for folder in ("blocklist", "classify", "hangup", "screen", "scenarios"):
        shutil.rmtree(project.path / "rules" / folder)

    result = project.runpytest()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*has no example and no scenario: nothing is tested*"])


def test_a_norm_that_pytest_is_kept_from_is_an_error(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ncallpolicy_rules = rules\nnorecursedirs = rules\n")

    result = project.runpytest()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nothing was collected from the norm in `rules`*"])


def test_a_folder_that_is_not_there_is_wrong_usage(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--callpolicy-rules", "no-such-folder")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*`no-such-folder` is no folder*"])


def test_nothing_chosen_is_not_green(project: pytest.Pytester) -> None:
    assert project.runpytest("-k", "nothing_is_called_so").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_what_failed_last_runs_again(project: pytest.Pytester) -> None:
    spoil(project, HANGUP, "talk.warnings: 0,", "talk.warnings: 3,")
    project.runpytest("-p", "cacheprovider")

    project.runpytest("-p", "cacheprovider", "--lf").assert_outcomes(failed=1)


def test_it_runs_in_several_processes_and_writes_junit(project: pytest.Pytester) -> None:
    spoil(project, HANGUP, "talk.warnings: 0,", "talk.warnings: 3,")

    result = project.runpytest_subprocess("-n", "2", "--junitxml=out.xml")

    result.assert_outcomes(passed=ALL, failed=1)
    cases = ElementTree.parse(project.path / "out.xml").getroot().iter("testcase")
    failed = [(case.get("name"), failure.text) for case in cases for failure in case.iter("failure")]
    assert [name for name, _ in failed] == ["not warned"]
    assert f"{HANGUP}:23:5" in str(failed[0][1])


def test_the_fixtures_let_a_call_happen(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_own.py").write_text(
        "def test_warned_then_again(call, clock, engine, bundle):\n"
        "    began = clock.now\n"
        "    assert call.says('hello').effect == 'continue'\n"
        "    call.happens('offence', kind='abuse', after='10s')\n"
        "    call.happens('warned')\n"
        "    assert call.happens('offence', kind='abuse', after='1m').effect == 'hang_up'\n"
        "    assert call.decision.at == clock.now == began + 70_000_000\n"
        "    assert call.end().point == 'ended'\n"
        "    assert engine.bundle is bundle and bundle.rule('abuse_persists')\n"
        "    assert call.another().offer(after='1h').effect == 'accept'\n",
        "utf-8",
    )

    project.runpytest("tests").assert_outcomes(passed=1)


def test_without_a_named_norm_the_fixtures_use_the_starter_norm(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(bundle, call):\n    assert call.wait('1s').revision == bundle.revision\n")

    pytester.runpytest().assert_outcomes(passed=1)


def test_a_project_without_norms_is_left_alone_and_its_yaml_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it():\n    pass\n")
    (pytester.path / "x.yaml").write_text("a: [", "utf-8")

    result = pytester.runpytest("-W", "error")

    result.assert_outcomes(passed=1)
    assert "callpolicy:" not in result.stdout.str()


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    script = (
        "import sys, callpolicy.pytest_plugin\n"
        "print(sorted(each for each in sys.modules if each.startswith('callpolicy')),\n"
        "      [each for each in ('pydantic', 'ruamel.yaml', 'phonenumbers', 'typer', 'rich') if each in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['callpolicy', 'callpolicy.pytest_plugin'] []"
