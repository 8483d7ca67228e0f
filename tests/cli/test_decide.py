"""`decide` and `explain`: the same engine as a live call, shown to a person or as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy import DecisionPoint, Engine
from callpolicy.cli.options import Point
from callpolicy.cli.times import lasting, retold, told
from tests.cli.calls import abusive, call, write

AT = "2026-03-02T09:00:00+08:00"
NINE = 1_772_413_200_000_000
"""The same instant in microseconds: 20,514 days and one hour after 1970."""

SURE = ["--fact", "caller.protected=false", "--fact", "caller.allowlisted=false"]
ABUSIVE = [*SURE, "--fact", "talk.offences=2", "--fact", "talk.warnings=1", "--fact", "talk.offences_since_warning=1"]


def test_json_is_the_decision_that_the_library_makes(run: Any, norm: Path) -> None:
    given = {
        "caller.protected": False,
        "caller.allowlisted": False,
        "talk.offences": 2,
        "talk.warnings": 1,
        "talk.offences_since_warning": 1,
    }
    expected = Engine(norm).decide(given, point="in_call", at=NINE).to_dict()

    result = run("decide", "--point", "in_call", *ABUSIVE, "--at", AT, "--rules", norm, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == expected
    assert expected["effect"] == "hang_up"


def test_facts_come_from_a_file_or_standard_input_and_single_ones_go_over_them(
    run: Any, norm: Path, tmp_path: Path
) -> None:
    text = json.dumps({"host.waited": "9m", "caller.withheld": True})
    path = tmp_path / "facts.json"
    path.write_text(text, encoding="utf-8")
    words = ["decide", "--point", "offered", "--rules", norm, "--at", AT, "--json"]

    from_file = run(*words, "--facts", path)
    from_input = run(*words, "--facts", "-", input=text)
    over = run(*words, "--facts", path, "--fact", "host.waited=10m")

    assert json.loads(from_file.stdout)["effect"] == "accept"
    assert from_input.stdout == from_file.stdout
    assert json.loads(over.stdout)["effect"] == "divert"


@pytest.mark.parametrize(
    ("written", "effect"), [("10m", "divert"), ("9m59s", "accept"), ("1h", "divert"), ("600s", "divert")]
)
def test_a_fact_is_read_by_the_type_that_the_catalogue_gives_it(
    run: Any, norm: Path, written: str, effect: str
) -> None:
    result = run("decide", "--point", "offered", "--fact", f"host.waited={written}", "--rules", norm, "--json")

    assert json.loads(result.stdout)["effect"] == effect


def test_the_table_names_stage_effect_rule_script_and_obligations_in_the_language(run: Any, norm: Path) -> None:
    words = ["decide", "--point", "in_call", *ABUSIVE, "--at", AT, "--rules", norm]

    english = run(*words).stdout
    chinese = run(*words, "--language", "zh-CN").stdout

    for part in (
        "hang_up",
        "agent may",
        "abuse_persists  Abuse goes on after a warning",
        "say: We will now end this call.",
    ):
        assert part in english
    assert "to the agent: Warned 1 times; you may hang up." in english
    assert "obligations: record_call" in english
    for part in (
        "挂机 hang_up",
        "坐席可",
        "提醒后再犯",
        "话术: 由于您多次违反通话规范，本次通话将结束。",
        "须做: 保存录音 record_call",
        "决定：通话中 in_call  2026-03-02T09:00:00+08:00",
    ):
        assert part in chinese


def test_the_language_comes_from_the_environment_if_none_is_named(run: Any, norm: Path) -> None:
    words = ["decide", "--point", "offered", "--at", AT, "--rules", norm]

    assert run(*words, language="zh-CN").stdout == run(*words, "--language", "zh-CN").stdout
    assert run(*words, language="en").stdout == run(*words, "--language", "en").stdout
    assert run(*words, language="zh-CN").stdout != run(*words, language="en").stdout


def test_a_value_that_cannot_be_is_told_with_the_decision(run: Any, norm: Path) -> None:
    result = run("decide", "--point", "in_call", "--fact", "talk.warnings=-1", "--at", AT, "--rules", norm)

    assert result.exit_code == 0
    assert "values not taken: talk.warnings (out-of-range)" in result.stdout


def test_what_an_invariant_and_an_unknown_fact_did_is_shown(run: Any, norm: Path) -> None:
    without_lists = ABUSIVE[len(SURE) :]

    result = run("decide", "--point", "in_call", *without_lists, "--at", AT, "--rules", norm)

    assert "invariants that acted (hangup): protected_callers_are_not_hung_up_on" in result.stdout
    assert "hang_up " not in result.stdout.split("hangup")[1].split("\n")[0]


def test_a_personal_value_is_shown_masked_only(run: Any, norm: Path) -> None:
    number = "+8613800138007"
    words = ["--point", "in_call", *ABUSIVE, "--fact", f"caller.number={number}", "--rules", norm, "--at", AT]

    for result in (run("decide", *words), run("decide", *words, "--json"), run("explain", *words)):
        assert number[3:] not in result.output


def test_an_explanation_shows_every_clause_with_value_operand_and_truth(run: Any, norm: Path) -> None:
    result = run("explain", "--point", "in_call", *ABUSIVE, "--at", AT, "--rules", norm)

    shown = [line.strip(" │├└─") for line in result.stdout.splitlines()]
    assert "✓ abuse_persists [determining, 50] → hang_up" in shown
    assert "because: Warned 1 times." in shown
    assert "✓ caller.class is nuisance   = nuisance" in shown
    assert "✓ talk.offences_since_warning at_least 1   = 1" in shown


def test_why_not_names_the_leaves_that_fail_and_no_others(run: Any, norm: Path) -> None:
    facts = ["--fact", "talk.offences=1", "--fact", "talk.warnings=0", "--fact", "talk.offences_since_warning=0"]
    words = ["explain", "--point", "in_call", *SURE, *facts, "--at", AT, "--rules", norm, "--why-not", "abuse_persists"]

    tree = json.loads(run(*words, "--json").stdout)
    shown = run(*words).stdout

    assert [leaf["text"] for leaf in tree["failing"]] == [
        "talk.warnings at_least 1",
        "talk.offences_since_warning at_least 1",
    ]
    assert tree["truth"] is False
    assert "✗ talk.warnings at_least 1   = 0" in shown


def test_a_step_of_a_scenario_is_explained(run: Any, norm: Path) -> None:
    words = ["explain", "--scenario", "warned_then_hung_up", "--rules", norm, "--json"]

    at_insult = json.loads(run(*words, "--step", 3).stdout)["decision"]
    at_end = json.loads(run(*words).stdout)["decision"]

    assert (at_insult["at"], at_insult["effect"]) == ("2026-03-02T01:00:10.000000Z", "continue")
    assert (at_end["at"], at_end["effect"]) == ("2026-03-02T01:00:20.000000Z", "hang_up")


def test_a_recorded_event_is_explained_with_what_came_before_it(run: Any, norm: Path, tmp_path: Path) -> None:
    record = write(tmp_path / "calls.jsonl", call("other", 3, None), call("c1", 0, "+86 138 0013 8007", *abusive()))
    words = ["explain", "--events", record, "--rules", norm, "--json"]

    at_warning = json.loads(run(*words, "--call", "c1", "--seq", 3).stdout)["decision"]
    at_offence = json.loads(run(*words, "--call", "c1", "--seq", 4).stdout)["decision"]
    at_end = json.loads(run(*words, "--call", "c1").stdout)["decision"]

    assert (at_warning["effect"], at_offence["effect"]) == ("continue", "hang_up")
    assert at_end["point"] == "ended"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "name the call with `--call ID`"),
        (["--call", "c2"], "has no call `c2`"),
        (["--call", "c1", "--seq", 99], "at event 99"),
    ],
)
def test_a_recorded_event_that_is_not_there_is_told(
    run: Any, norm: Path, tmp_path: Path, more: list[Any], told: str
) -> None:
    record = write(tmp_path / "calls.jsonl", call("c1", 0, "+86 138 0013 8007", *abusive()))

    result = run("explain", "--events", record, *more, "--rules", norm)

    assert result.exit_code == 2
    assert told in result.stderr


def test_the_decision_points_of_the_command_line_are_those_of_the_engine() -> None:
    assert [str(each) for each in Point] == [str(each) for each in DecisionPoint]


def test_a_reason_is_said_only_of_a_rule_that_matched(run: Any, norm: Path) -> None:
    facts = [*SURE, "--fact", "talk.offences=2", "--fact", "talk.warnings=1"]

    shown = run("explain", "--point", "in_call", *facts, "--at", AT, "--rules", norm).stdout
    tree = json.loads(run("explain", "--point", "in_call", *facts, "--at", AT, "--rules", norm, "--json").stdout)

    hangup = next(stage for stage in tree["stages"] if stage["stage"] == "hangup")
    assert [(rule["id"], rule["truth"]) for rule in hangup["rules"]] == [("abuse_persists", None)]
    assert "? abuse_persists [undetermined, 50] → hang_up" in shown
    assert "Warned 1 times." not in shown


def test_a_chinese_explanation_says_roles_facts_and_the_unknown_in_chinese(run: Any, norm: Path) -> None:
    words = ["--at", AT, "--rules", norm, "--language", "zh-CN"]
    sure = run("explain", "--point", "in_call", *ABUSIVE, *words).stdout
    unsure = run("explain", "--point", "in_call", *SURE, "--fact", "talk.offences=2", *words).stdout

    assert "✓ abuse_persists [决定结果, 50] → 挂机 hang_up" in sure
    assert "✓ talk.warnings（本次通话提醒次数） at_least 1   = 1" in sure
    assert "为什么：通话中 in_call  2026-03-02T09:00:00+08:00" in sure
    assert "? abuse_persists [无法判定, 50] → 挂机 hang_up" in unsure
    assert "? talk.warnings（本次通话提醒次数） at_least 1   = 未知" in unsure
    for english in ("determining", "undetermined", "unknown"):
        assert english not in sure + unsure


def test_people_read_times_in_the_zone_of_the_norm_and_json_has_them_in_utc(run: Any, norm: Path) -> None:
    words = ["--point", "in_call", *ABUSIVE, "--at", "2026-03-02T01:00:00Z", "--rules", norm]

    assert "2026-03-02T09:00:00+08:00" in run("decide", *words).stdout
    assert json.loads(run("decide", *words, "--json").stdout)["at"] == "2026-03-02T01:00:00.000000Z"


@pytest.mark.parametrize(
    ("duration", "read"),
    [
        (9_999_000, "9s999ms"),
        (10_000_000, "10s"),
        (10_001_000, "10s"),
        (59_500_000, "1m"),
        (603_271_000, "10m3s"),
        (-10_600_000, "-11s"),
        (0, "0s"),
    ],
)
def test_a_long_duration_is_read_in_whole_seconds(duration: int, read: str) -> None:
    assert lasting(duration) == read


def test_values_in_explanations_are_read_as_times_and_what_is_no_value_stays(norm: Path) -> None:
    bundle = Engine(norm).bundle

    assert retold("talk.handling_time", "10m3s271ms", bundle) == "10m3s"
    assert retold("case.final_result_at", "2026-03-02T01:00:00.000000Z", bundle) == "2026-03-02T09:00:00+08:00"
    for fact, written in (("talk.handling_time", "unknown"), ("call.queue", "30m"), ("no.fact", "x")):
        assert retold(fact, written, bundle) == written
    assert told(
        {"talk.handling_time": 603_271_000, "case.final_result_at": NINE, "talk.warnings": 11_000_001}, bundle
    ) == {
        "talk.handling_time": 603_000_000,
        "case.final_result_at": "2026-03-02T09:00:00+08:00",
        "talk.warnings": 11_000_001,
    }
