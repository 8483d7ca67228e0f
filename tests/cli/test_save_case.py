"""`--save-case`: a recorded call becomes a scenario that decides again and gives nobody away."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callpolicy.replay.masking import Mask
from callpolicy.rulefile import load_bundle
from callpolicy.trials import run_scenario
from tests.cli.calls import Event, abusive, call, write

CALLER = "+44 7700 900123"
SAME_CALLER = "0044 7700 900 123"
CUSTOMER = "C-77812"
AGENT = "Wei Hu"
SECRET = "你这个笨蛋，我的卡号是 6222 0200 1234 5678，我叫胡伟"
CASE = "complaint 4711"
PRIVATE = (
    CALLER, SAME_CALLER, "7700900123", "900123", "900 123", CUSTOMER, "77812", AGENT, "Hu", "6222", "5678", "胡伟",
    "卡号", CASE, "4711", "target-1", "early-1", "early-2", "long-ago", "somebody else",
)  # fmt: skip


@pytest.fixture
def own(norm: Path, tmp_path: Path) -> Path:
    """A copy of the norm, to which a case may be added."""
    return Path(shutil.copytree(norm, tmp_path / "norm"))


def recorded(tmp_path: Path) -> Path:
    """Make an abusive call, two calls of the same caller shortly before, one long before, one of another caller."""
    ended: Event = {"event": "ended", "by": "caller"}
    linked: Event = {"event": "case_linked", "case_id": CASE}
    return write(
        tmp_path / "calls.jsonl",
        call("long-ago", 0, CALLER, ended),
        call("somebody else", 61, "+44 7700 900456", ended),
        call("early-1", 62, SAME_CALLER, ended, customer=CUSTOMER),
        call("early-2", 64, CALLER, {"event": "answered", "agent": AGENT}, ended, customer=CUSTOMER),
        call("target-1", 70, CALLER, linked, *abusive(AGENT, SECRET), customer=CUSTOMER, facts={"host.waited": "12m"}),
    )


def save(run: Any, record: Path, norm: Path, to: Path, call_id: str = "target-1") -> Any:
    return run("replay", record, "--rules", norm, "--save-case", call_id, "--to", to, "--json")


def effects(run: Any, record: Path, norm: Path, call_id: str) -> list[str]:
    out = record.parent / "decisions.jsonl"
    run("replay", record, "--rules", norm, "--decisions", out)
    decisions = [json.loads(line) for line in out.read_bytes().splitlines()]
    return [each["effect"] for each in decisions if each["call_id"] == call_id]


def again(folder: Path, name: str) -> tuple[bool, list[str]]:
    """Read the norm with the saved scenario in it, and run that."""
    bundle = load_bundle(folder)
    outcome = run_scenario(bundle, next(each for each in bundle.scenarios if each.id == name))
    own = [step for step in outcome.steps if step.step.call == "recorded" and step.decision]
    return outcome.passed, [str(step.decision.effect) for step in own if step.decision]


def test_the_saved_case_loads_and_decides_as_the_replay_did(run: Any, own: Path, tmp_path: Path) -> None:
    record = recorded(tmp_path)
    before = effects(run, record, own, "target-1")

    result = save(run, record, own, own / "scenarios" / "late_offence.yaml")

    assert result.exit_code == 0, result.stderr
    assert "divert" in before
    assert "hang_up" in before
    assert again(own, "late_offence") == (True, before)
    assert run("check", own).exit_code == 0


def test_no_value_of_the_record_is_in_the_saved_case(run: Any, own: Path, tmp_path: Path) -> None:
    to = own / "scenarios" / "late_offence.yaml"

    save(run, recorded(tmp_path), own, to)

    text = to.read_text("utf-8")
    assert [value for value in PRIVATE if value in text] == []
    assert "笨蛋" in text
    assert "customer_1" in text
    assert "agent_1" in text
    assert "case_1" in text


def test_the_calls_of_the_same_caller_within_the_reach_of_the_windows_come_along(
    run: Any, own: Path, tmp_path: Path
) -> None:
    to = own / "scenarios" / "late_offence.yaml"

    save(run, recorded(tmp_path), own, to)

    scenario = next(each for each in load_bundle(own).scenarios if each.id == "late_offence")
    assert set(scenario.calls) == {"call_1", "call_2", "recorded"}
    assert len({str(fields["number"]) for fields in scenario.calls.values()}) == 1


def test_at_most_twenty_other_calls_come_along_the_latest_ones(run: Any, own: Path, tmp_path: Path) -> None:
    steps = [call(f"w{number}", number / 10, None, customer="C1") for number in range(30)]
    windows = own / "windows.yaml"
    windows.write_text(windows.read_text("utf-8") + "  identity: customer\n", encoding="utf-8")
    record = write(tmp_path / "calls.jsonl", *steps)
    to = tmp_path / "crowd.yaml"

    result = save(run, record, own, to, "w29")

    # Of the calls before, w0 to w3 are accepted, w4 makes the block; the last twenty are w9 to w28, all rejected.
    assert result.exit_code == 0, result.stderr
    assert to.read_text("utf-8").count("do: offered") == 21


def test_of_many_calls_those_come_along_on_which_a_window_counts_something(run: Any, own: Path, tmp_path: Path) -> None:
    windows = own / "windows.yaml"
    judged = "- {fact: history.judged, title: {zh-CN: 判定, en: judged}, count: judged, within: 1h}\n"
    windows.write_text(windows.read_text("utf-8") + judged, encoding="utf-8")
    judgement: Event = {"event": "judged", "class": "nuisance", "kind": "abuse", "by": "agent"}
    steps = [call(f"w{number}", number / 10, CALLER, *([] if number else [judgement])) for number in range(30)]
    to = tmp_path / "crowd.yaml"

    result = save(run, write(tmp_path / "calls.jsonl", *steps), own, to, "w29")

    assert result.exit_code == 0, result.stderr
    text = to.read_text("utf-8")
    assert text.count("do: offered") == 21
    assert text.count("do: judged") == 1


def test_a_block_that_stood_before_comes_along_as_a_list_entry(run: Any, own: Path, tmp_path: Path) -> None:
    ended: Event = {"event": "ended", "by": "caller"}
    burst = [call(f"b{number}", number, CALLER, ended) for number in range(5)]
    record = write(tmp_path / "calls.jsonl", *burst, call("later", 300, CALLER, ended))

    result = save(run, record, own, own / "scenarios" / "still_blocked.yaml", "later")

    assert result.exit_code == 0, result.stderr
    assert effects(run, record, own, "later") == ["reject"]
    assert again(own, "still_blocked") == (True, ["reject"])
    assert "list: blocklist" in (own / "scenarios" / "still_blocked.yaml").read_text("utf-8")


def test_a_case_that_would_not_decide_again_is_not_written(run: Any, own: Path, tmp_path: Path) -> None:
    rule = own / "screen" / "waited_long.yaml"
    text = rule.read_text("utf-8")
    rule.write_text(
        text.replace("host.waited: {at_least: 10m}", 'caller.number: {starts_with: "+4477009001"}')
        .replace("given: {host.waited: 10m}", 'given: {caller.number: "+447700900123"}')
        .replace("given: {host.waited: 9m}", 'given: {caller.number: "+447700900456"}')
        .replace("{host.waited}", ""),
        encoding="utf-8",
    )
    to = tmp_path / "prefix.yaml"

    result = save(run, recorded(tmp_path), own, to)

    assert result.exit_code == 1
    assert "effect is `accept`, expected `divert`" in result.stderr
    assert "it was not written" in result.stderr
    assert not to.exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--save-case", "target-1"], "go together"),
        (["--to", "case.yaml"], "go together"),
        (["--save-case", "target-1", "--to", "Late Offence.yaml"], "cannot be the file of a scenario"),
        (["--save-case", "target-1", "--to", "case.txt"], "cannot be the file of a scenario"),
        (["--save-case", "no-such-call", "--to", "case.yaml"], "no such call"),
    ],
)
def test_what_cannot_be_saved_is_told(run: Any, norm: Path, tmp_path: Path, more: list[str], told: str) -> None:
    result = run("replay", recorded(tmp_path), "--rules", norm, *more)

    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        # A line of the same country, from the ranges that are reserved for fiction where there are any.
        ("138 1234 5678", "+86 138 0013 8000"),
        ("+1 212 555 0199", "+1 212 555 0100"),
        ("+44 7700 900999", "+44 7700 900000"),
        ("+44 20 7946 0999", "+44 20 7946 0000"),
        ("+49 30 23125 999", "+49 30 23125 000"),
        # What is no number stays of its kind.
        ("anonymous", "anonymous"),
        ("two 1234567 or 7654321 words", "not a number"),
        ("", None),
        ("95588", "CN:95588"),
    ],
)
def test_a_number_becomes_a_fictitious_one_of_its_country(norm: Path, raw: str, masked: str | None) -> None:
    assert Mask(load_bundle(norm), [raw]).number(raw) == masked


def test_one_line_has_one_mask_and_two_lines_have_two(norm: Path) -> None:
    mask = Mask(load_bundle(norm), [])

    first = mask.number("+86 138 1234 5678")
    assert mask.number("0086-138-1234-5678") == first
    assert mask.number("+86 138 1234 5679") != first


def test_a_mask_never_is_a_value_of_the_record(norm: Path) -> None:
    mask = Mask(load_bundle(norm), ["13800138000", "customer_1", "+86 139 1234 5678"])

    assert mask.number("+86 139 1234 5678") == "+86 138 0013 8001"
    assert mask.customer("C-1") == "customer_2"


@pytest.mark.parametrize(
    ("text", "left"), [("你这个笨蛋", "笨蛋"), ("蠢货，真是蠢货，笨蛋", "蠢货; 笨蛋"), ("我叫胡伟", "…"), ("", "…")]
)
def test_of_what_was_said_only_the_terms_of_the_lexicons_are_left(norm: Path, text: str, left: str) -> None:
    assert Mask(load_bundle(norm), []).said(text) == left
