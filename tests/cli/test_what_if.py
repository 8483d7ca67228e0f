"""`what-if`, and the changes that `explain --why-not` names: on given facts, in a scenario, on record."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli import calls
from tests.cli.trails import hang_up, made_day

AT = ("--at", "2026-03-02T09:00:00+08:00")
SURE = ("--fact", "caller.protected=false", "--fact", "caller.allowlisted=false")
JUDGED = (
    "--point", "in_call", *SURE, *AT, "--fact", "talk.judged_class=nuisance", "--fact", "talk.offences=1",
    "--fact", "talk.warnings=0", "--fact", "talk.offences_since_warning=0",
)  # fmt: skip
RULE = "nuisance_persists_after_warning"
WARNED_AND_AGAIN = [
    {"fact": "talk.offences_since_warning", "before": 0, "after": 1},
    {"fact": "talk.warnings", "before": 0, "after": 1},
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_day(tmp_path_factory.mktemp("day"))


@pytest.fixture
def day(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "copy")
    return tmp_path / "copy" / "day.db"


def test_both_decisions_stand_side_by_side(run: Any) -> None:
    words = ("what-if", "talk.warnings=1", "talk.offences_since_warning=1", *JUDGED)

    english, chinese = run(*words).stdout, run(*words, "--language", "zh-CN").stdout

    lines = [" ".join(line.split()) for line in english.splitlines()]
    assert "talk.warnings: 0 → 1" in lines
    assert "≠ hangup warn (agent may) hang_up (agent may)" in lines
    assert f"≠ hangup: rules warn_nuisance {RULE}" in lines
    assert "classify nuisance harassment nuisance harassment" in lines
    assert any(line.startswith("≠ hangup: say") for line in lines)
    assert any(line.startswith("≠ obligations record_call notify_team_leader") for line in lines)
    for part in ("如果：通话中 in_call", "改前", "改后", "提醒 warn (坐席可)", "挂机 hang_up (坐席可)", "≠ 表示有变化"):
        assert part in chinese


def test_json_holds_both_decisions_with_their_texts(run: Any) -> None:
    tree = json.loads(run("what-if", "talk.warnings=1", "talk.offences_since_warning=1", *JUDGED, "--json").stdout)

    assert tree["changes"] == [WARNED_AND_AGAIN[1], WARNED_AND_AGAIN[0]]
    assert (tree["before"]["effect"], tree["after"]["effect"]) == ("warn", "hang_up")
    assert (tree["differs"], tree["broken"]) == (["hangup"], [])
    assert set(tree["after"]["texts"]["hangup"]) == {"zh-CN", "en"}
    assert "您可以挂机" in tree["after"]["texts"]["hangup"]["zh-CN"]["tell_agent"]


def test_an_invariant_that_acts_and_facts_that_cannot_be_together_are_told(run: Any) -> None:
    words = ("what-if", "caller.allowlisted=unknown", "talk.warnings=1", "talk.offences_since_warning=2", *JUDGED)

    shown, tree = run(*words).stdout, json.loads(run(*words, "--json").stdout)

    assert tree["after"]["stages"][1]["invariants"] == ["protected_callers_are_not_hung_up_on"]
    assert tree["broken"] == ["offences-since-warning"]
    assert "hangup: invariants that acted" in shown
    assert "caller.allowlisted: false → unknown" in shown
    told = "offences after the warning are among the offences of the call (offences-since-warning)"
    assert f"such facts cannot be together: {told}" in shown
    assert (
        "这样的事实不可能同时出现：提醒之后的违规次数不会多于本次通话的违规次数（offences-since-warning）"
        in run(*words, language="zh-CN").stdout
    )


def test_what_changes_nothing_says_so(run: Any) -> None:
    result = run("what-if", "talk.holds=2", *JUDGED)

    assert "the decision stays the same" in result.stdout
    assert "≠" not in result.stdout


def test_to_names_the_smallest_changes(run: Any) -> None:
    tree = json.loads(run("what-if", "--to", "hang_up", *JUDGED, "--json").stdout)
    shown = run("what-if", "--to", "hang_up", *JUDGED).stdout
    kept = run("what-if", "--to", "hang_up", "--keep", "talk.warnings", *JUDGED)
    few = run("what-if", "--to", "hang_up", "--most", "1", *JUDGED, "--language", "zh-CN")

    assert tree["sets"] == [{"changes": WARNED_AND_AGAIN, "determining": [RULE]}]
    assert "1. talk.offences_since_warning: 0 → 1; talk.warnings: 0 → 1" in shown
    assert "no change of up to 3 facts does it" in kept.stdout
    assert "改变不超过 1 个事实都做不到" in few.stdout
    assert "nothing needs to change" in run("what-if", "--to", "warn", *JUDGED).stdout


def test_why_not_names_what_would_make_the_rule_match_and_win(run: Any) -> None:
    tree = json.loads(run("explain", *JUDGED, "--why-not", RULE, "--json").stdout)
    shown = run("explain", *JUDGED, "--why-not", RULE, "--language", "zh-CN").stdout
    outranked = json.loads(run("explain", *JUDGED, "--why-not", "judged_abuse", "--json").stdout)

    assert tree["matches_after"] == tree["determines_after"] == [WARNED_AND_AGAIN]
    assert "改变以下事实后匹配" in shown
    assert "talk.warnings（本次通话提醒次数）: 0 → 1" in shown
    assert outranked["matches_after"] == [[{"fact": "talk.judged_kind", "before": None, "after": "abuse"}]]


def test_a_step_of_a_scenario_can_be_started_from(run: Any) -> None:
    result = run("what-if", "--to", "hang_up", "--scenario", "abuse_on_chat", "--step", "3", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["point"] == "in_call"


def test_an_event_of_a_file_can_be_started_from(run: Any, tmp_path: Path) -> None:
    # The agent has warned and heard another offence: he may hang up. Without the warning he could not.
    events = calls.write(tmp_path / "day.jsonl", calls.call("c1", 0, "+86 138 0013 8002", *calls.abusive()))
    words = ("--events", events, "--call", "c1", "--seq", "4")

    again = run("what-if", "talk.warnings=0", "talk.offences_since_warning=0", *words, "--json")
    to = run("what-if", "--to", "warn", *words)
    explained = run("explain", *words, "--json")

    tree = json.loads(again.stdout)
    assert (tree["before"]["effect"], tree["after"]["effect"]) == ("hang_up", "warn")
    assert json.loads(explained.stdout)["decision"]["effect"] == "hang_up"
    assert "it would come to that after:" in to.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name the call with `--call ID`"),
        (("--call", "c9"), "has no call `c9`"),
        (("--call", "c1", "--seq", "99"), "no decision was made at event 99 of call `c1`; there are 0 to 5"),
        (("--call", "c1", "--point", "in_call"), "say what to start from"),
    ],
)
def test_a_file_of_events_says_which_call_and_event_it_has(
    run: Any, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    events = calls.write(tmp_path / "day.jsonl", calls.call("c1", 0, "+86 138 0013 8002", *calls.abusive()))

    result = run("what-if", "talk.warnings=0", "--events", events, *words)

    assert (result.exit_code, message in result.stderr) == (2, True)


def test_both_commands_name_a_decision_by_the_same_options(run: Any) -> None:
    shared = ("--point", "--fact", "--facts", "--at", "--scenario", "--step", "--events", "--call", "--seq", "--record",
              "--store", "--rules")  # fmt: skip

    helps = [run(command, "--help").stdout for command in ("explain", "what-if")]

    for option in shared:
        told = [next(line for line in text.splitlines() if line.split()[:1] == [option]) for text in helps]
        assert told[0].split() == told[1].split()


def test_a_recorded_decision_is_made_again_by_the_norm_that_made_it(run: Any, day: Path) -> None:
    ref, number = hang_up(day)
    store = ("--store", f"sqlite:///{day}")

    again = run("what-if", "talk.warnings=0", "talk.offences_since_warning=0", "--record", ref, *store, "--json")
    why_not = run("explain", "--record", ref, "--why-not", "warn_nuisance", *store, "--json")

    assert again.exit_code == why_not.exit_code == 0, again.output + why_not.output
    tree = json.loads(again.stdout)
    assert tree["before"]["effect"] == "hang_up"
    assert tree["after"]["effect"] != "hang_up"
    assert json.loads(why_not.stdout)["matches_after"]
    assert number > 0


def test_a_personal_value_is_masked_in_changes(run: Any) -> None:
    number = "+8613800138007"
    words = ("--point", "offered", "--fact", f"caller.number={number}", *AT)

    for result in (
        run("what-if", "caller.number=unknown", *words),
        run("what-if", "caller.number=unknown", *words, "--json"),
    ):
        assert result.exit_code == 0
        assert number[3:] not in result.output
        assert "***" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("talk.warnings=1",), "say what to start from"),
        (("--point", "in_call"), "give either facts to change"),
        (("talk.warnings=1", "--to", "warn", "--point", "in_call"), "give either facts to change"),
        (("talk.warning=1", "--point", "in_call"), "did you mean `talk.warnings`"),
        (("talk.warning=unknown", "--point", "in_call"), "did you mean `talk.warnings`"),
        (("talk.warnings", "--point", "in_call"), "is not a fact"),
        (("talk.warnings=-1", "--point", "in_call"), "cannot have that value (out-of-range)"),
        (("caller.class=nuisance", "--point", "in_call"), "made by the engine"),
        (("--to", "hang_ip", "--point", "in_call"), "did you mean `hang_up`"),
        (("--to", "reject", "--point", "in_call"), "is of stage `screen`"),
        (("--to", "warn", "--keep", "talk.x", "--point", "in_call"), "there is no fact `talk.x`"),
        (("--to", "warn", "--record", "x", "--rules", "rules"), "leave `--rules` out"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(run: Any, words: tuple[str, ...], message: str) -> None:
    result = run("what-if", *words)

    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_record_that_is_no_decision_or_not_there_is_refused(run: Any, day: Path) -> None:
    store = ("--store", f"sqlite:///{day}")

    missing = run("what-if", "--to", "warn", "--record", "nobody#7", *store)
    several = run("what-if", "--to", "warn", "--record", hang_up(day)[0].partition("#")[0], *store)

    assert (missing.exit_code, several.exit_code) == (2, 2)
    assert "there is no audit record" in missing.stderr
    assert "decisions; name one" in several.stderr
