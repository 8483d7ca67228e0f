"""`callpolicy new rule`: what it writes passes `check`; what would not is not written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callpolicy.policy import Example, Status
from callpolicy.rulefile import load_bundle, starter_norm
from callpolicy.rulefile.scaffolding import examples_of
from callpolicy.trials import try_examples
from tests.cli.bench import bench

MINUTE = 60_000_000


@pytest.fixture
def own(norm: Path, tmp_path: Path) -> Path:
    """A copy of the norm to write into."""
    return Path(shutil.copytree(norm, tmp_path / "norm"))


def new_rule(folder: Path, *words: object) -> Any:
    return bench("new", "rule", "insults_again", "--dir", folder, "--stage", "hangup", *words)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_draft_has_two_examples_for_each_leaf_and_passes_check(own: Path, run: Any) -> None:
    when = ("--when", "caller.class is nuisance", "--when", "talk.warnings at most 0")

    result = new_rule(own, "--effect", "warn", *when)

    assert result.exit_code == 0
    assert f"written: {own.as_posix()}/hangup/insults_again.yaml, with examples: 3" in result.stdout
    rule = load_bundle(own).rule("insults_again")
    assert rule.status is Status.DRAFT
    assert rule.examples == (
        Example("applies", {"caller.class": "nuisance", "talk.warnings": 0}, "match"),
        Example("but for caller.class", {"caller.class": "normal", "talk.warnings": 0}, "no_match"),
        Example("but for talk.warnings", {"caller.class": "nuisance", "talk.warnings": 1}, "no_match"),
    )
    assert rule.because["en"] == "class of the caller: {caller.class}; warnings in this call: {talk.warnings}."
    checked = json.loads(run("check", own, "--json").stdout)
    assert [each for each in checked["findings"] if (each["file"] or "").endswith("insults_again.yaml")] == []
    assert checked["ok"] is True


def test_everything_that_a_rule_has_can_be_given(own: Path) -> None:
    result = bench(
        "new", "rule", "slow_screen", "--dir", own, "--stage", "screen", "--effect", "divert", "--to", "senior_desk",
        "--status", "enforced", "--priority", 7, "--owner", "qa", "--title-en", "Slow", "--title-zh", "慢",
        "--do", "notify_agent", "--when", "host.waited >= 30m", "--json",
    )  # fmt: skip

    tree = json.loads(result.stdout)
    rule = load_bundle(own).rule("slow_screen")
    assert (tree["written"], tree["examples"], tree["findings"]) == (True, 2, [])
    assert (rule.priority, rule.owner, dict(rule.title)) == (7, "qa", {"zh-CN": "慢", "en": "Slow"})
    assert (rule.then.to, rule.obligations, rule.status) == ("senior_desk", ("notify_agent",), Status.ENFORCED)
    # The boundary, and a second below it.
    assert [each.given["host.waited"] for each in rule.examples] == [30 * MINUTE, 30 * MINUTE - 1_000_000]


@pytest.mark.parametrize(
    ("when", "written"),
    [
        ("talk.warnings = 2", "talk.warnings: {is: 2}"),
        ("talk.warnings>1", "talk.warnings: {more_than: 1}"),
        ("talk.warnings less than 3", "talk.warnings: {less_than: 3}"),
        ("call.hour between 9 and 17", "call.hour: {between: [9, 17]}"),
        ("call.queue in cards, loans", "call.queue: {in: [cards, loans]}"),
        ("call.queue is not 'not urgent'", "call.queue: {is_not: not urgent}"),
        ("talk.signals has any insult", "talk.signals: {has_any: [insult]}"),
        ("case.status known", "case.status: {known: true}"),
        ("case.status unknown", "case.status: {known: false}"),
        ("talk.explanations_rejected >= talk.explanations", "{at_least: {fact: talk.explanations}}"),
        ("talk.quiet_for at_least 2s", "talk.quiet_for: {at_least: 2s}"),
        ("call.holiday is true", "call.holiday: {is: true}"),
        ("caller.number starts with +8640", 'caller.number: {starts_with: "+8640"}'),
    ],
)
def test_every_operator_can_be_written(own: Path, when: str, written: str) -> None:
    assert new_rule(own, "--when", when).exit_code == 0

    assert written in (own / "hangup" / "insults_again.yaml").read_text("utf-8")


def test_alternatives_are_written_with_any(own: Path) -> None:
    new_rule(own, "--any", "--when", "talk.holds >= 3", "--when", "talk.transfers >= 3")

    assert "when:\n  any:\n" in (own / "hangup" / "insults_again.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--when", "talk.warnigs >= 1"), "there is no fact `talk.warnigs`; did you mean `talk.warnings`?"),
        (("--when", "talk.warnings atleast 1"), "there is no operator `atleast`; did you mean `at_least`?"),
        (("--when", "talk.warnings"), "`talk.warnings` has no operator"),
        (("--when", "talk.warnings >="), "says nothing after its operator"),
        (("--when", "  "), "is no condition"),
        (("--when", "talk.warnings >= one"), "`talk.warnings` takes a whole number, not `one`"),
        (("--when", "talk.warnings has 1"), "`has` does not go with `talk.warnings`"),
        (("--when", "talk.holds >= 1", "--effect", "reject"), "`reject` is no effect of `hangup`"),
        (("--when", "talk.holds >= 1", "--effect", "escalate"), "`escalate` needs `to`"),
        (("--when", "talk.holds >= 1", "--say", "no.such"), "no.such"),
        (("--when", "talk.holds >= 1", "--title-en", "{x}"), "a title is shown as it stands"),
    ],
)
def test_what_cannot_be_is_told_with_a_hint_and_nothing_is_written(
    own: Path, words: tuple[str, ...], told: str
) -> None:
    before = files(own)

    result = new_rule(own, *words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert files(own) == before


@pytest.mark.parametrize("rule_id", ["../outside", "With Blanks", "a/b", ".hidden"])
def test_an_id_that_is_no_name_of_a_file_is_refused(own: Path, rule_id: str) -> None:
    before = files(own.parent)

    result = bench("new", "rule", rule_id, "--dir", own, "--stage", "hangup", "--when", "talk.holds >= 1")

    assert result.exit_code == 2
    assert files(own.parent) == before


def test_a_rule_that_is_there_is_not_written_over_in_any_stage(own: Path) -> None:
    text = (own / "classify" / "offends.yaml").read_bytes()

    same = bench("new", "rule", "offends", "--dir", own, "--stage", "classify", "--when", "talk.offences >= 1")
    other = bench("new", "rule", "offends", "--dir", own, "--stage", "hangup", "--when", "talk.offences >= 1")

    assert (same.exit_code, other.exit_code) == (2, 2)
    assert "rule `offends` stands in `classify/offends.yaml` already" in same.stderr
    assert (own / "classify" / "offends.yaml").read_bytes() == text
    assert not (own / "hangup" / "offends.yaml").exists()


def test_a_rule_in_force_that_breaks_a_scenario_is_not_written(own: Path) -> None:
    before = files(own)

    result = bench(
        "new", "rule", "all_wait", "--dir", own, "--stage", "screen", "--effect", "divert", "--to", "desk",
        "--status", "enforced", "--when", "call.queue is main",
    )  # fmt: skip

    assert result.exit_code == 1
    assert "effect is `divert`, expected `accept`" in result.stdout
    assert "nothing was written: errors 1" in result.stdout
    assert files(own) == before


def test_a_leaf_that_can_never_decide_alone_is_told(own: Path) -> None:
    when = ("--when", "talk.warnings >= 1", "--when", "talk.warnings >= 2")

    draft = new_rule(own, *when)
    enforced = bench(
        "new", "rule", "other", "--dir", own, "--stage", "hangup", "--status", "enforced", "--priority", 3, *when
    )

    assert draft.exit_code == 0
    assert "no example shows the leaf on `talk.warnings` deciding alone (no_match)" in draft.stdout
    assert enforced.exit_code == 1
    assert not (own / "hangup" / "other.yaml").exists()


@pytest.mark.parametrize("status", ["draft", "shadow", "enforced"])
@pytest.mark.parametrize(
    "when",
    [
        ("talk.warnings >= 3", "talk.warnings <= 1"),
        # Not by themselves, but offences since the warning are never more than offences.
        ("talk.offences_since_warning >= 3", "talk.offences <= 1"),
    ],
)
def test_a_condition_that_no_call_fulfils_is_told_and_nothing_is_written(
    own: Path, status: str, when: tuple[str, str]
) -> None:
    before = files(own)
    words = ("--effect", "warn", "--status", status, "--when", when[0], "--when", when[1])

    result = new_rule(own, *words)
    tree = json.loads(new_rule(own, *words, "--json").stdout)
    chinese = new_rule(own, *words, "--language", "zh-CN")

    assert (result.exit_code, chinese.exit_code) == (1, 1)
    assert "error: rule `insults_again` can never match: no possible call fulfils its condition" in result.stdout
    assert "two of its conditions exclude each other" in result.stdout
    assert "nothing was written" in result.stdout
    assert "insults_again.yaml" not in result.stdout
    assert (tree["written"], [each["code"] for each in tree["findings"]].count("never-matches")) == (False, 1)
    assert "永远不会命中" in chinese.stdout
    assert files(own) == before


def test_of_alternatives_that_exclude_each_other_either_can_hold(own: Path) -> None:
    result = new_rule(own, "--any", "--when", "talk.warnings >= 3", "--when", "talk.warnings <= 1")

    assert result.exit_code == 0


def test_the_folder_must_be_that_of_a_norm(tmp_path: Path) -> None:
    assert new_rule(tmp_path, "--when", "talk.holds >= 1").exit_code == 2
    assert new_rule(tmp_path / "nowhere", "--when", "talk.holds >= 1").exit_code == 2
    assert files(tmp_path) == set()


def test_the_examples_of_every_rule_of_the_starter_norm_can_be_made() -> None:
    from dataclasses import replace

    from callpolicy.matchers.reference import truth

    norm = starter_norm()
    made = {rule.id: examples_of(rule.when, norm.catalogue, truth) for rule in norm.rules}
    rules = tuple(replace(rule, examples=made[rule.id].examples) for rule in norm.rules)

    assert [rule_id for rule_id, each in made.items() if each.missing] == []
    assert try_examples(replace(norm, rules=rules)) == ()


def test_help_has_an_example() -> None:
    assert "callpolicy new rule insults_again" in bench("new", "rule", "--help").stdout
