"""`callpolicy audit show|remake`: an old decision is told and made again from what was kept, masking people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import from_line, to_line
from callpolicy.audit.canonical import digest_of
from callpolicy.audit.record import canonical_bytes
from callpolicy.rulefile import starter_folder
from tests.cli.trails import asking, changed, flip, hang_up, made_day, one
from tests.runtime.lived import DAY, LIVE, copied, live


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_day(tmp_path_factory.mktemp("day"))


@pytest.fixture
def day(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path)


@pytest.fixture
def ask(run: Any, day: Path) -> Callable[..., Any]:
    return asking(run, day)


# ---- show


def test_a_decision_is_told_as_it_was_in_both_languages(ask: Callable[..., Any], day: Path) -> None:
    ref, _ = hang_up(day)

    english = ask("audit", "show", ref).stdout
    chinese = ask("audit", "show", ref, "--language", "zh-CN", columns=80).stdout
    tree = json.loads(ask("audit", "show", ref, "--json").stdout)

    assert "nuisance_persists_after_warning" in english
    assert "because: The caller was warned in this call (1) and offended again (offences since then 1)." in english
    assert "live 2024-03-04 08:00:00+08:00 until now" in english
    assert "无价值来电，提醒后再犯，可以挂机" in chinese
    assert "talk.warnings（本次通话提醒次数） at_least 1   = 1" in chinese
    assert tree["decision"]["effect"] == "hang_up"
    assert tree["norm_kept"] is True
    assert tree["facts"]["talk.warnings"] == 1
    assert "caller.number" in tree["hidden"]
    assert tree["live"][0]["since"] == "2024-03-04T00:00:00.000000Z"


def test_a_decision_is_found_by_its_place_too_and_a_call_lists_its_records(ask: Callable[..., Any], day: Path) -> None:
    ref, number = hang_up(day)
    call = ref.rpartition("#")[0]

    by_place = json.loads(ask("audit", "show", f"ivr-1#{number}", "--json").stdout)
    listed = json.loads(ask("audit", "show", call, "--json").stdout)
    table = ask("audit", "show", call, columns=80).stdout

    assert by_place["decision"]["decision_id"] == ref
    assert f"ivr-1#{number}" in [each["record"] for each in listed]
    assert [each["at"] for each in listed] == sorted(each["at"] for each in listed)
    assert f"ivr-1#{number}" in table


def test_after_erasure_the_decision_its_rules_and_the_other_facts_are_still_told(
    ask: Callable[..., Any], day: Path
) -> None:
    ref, _ = hang_up(day)
    changed(day, "DELETE FROM callpolicy_parts")

    shown = ask("audit", "show", ref).stdout
    tree = json.loads(ask("audit", "show", ref, "--json").stdout)
    verified = json.loads(ask("audit", "verify", "--json").stdout)

    assert "the personal values were erased" in shown
    assert "because (nuisance_persists_after_warning)" in shown
    assert "talk.warnings" in shown
    assert "not shown: caller.number" in shown
    assert tree["personal"] == "erased"
    assert tree["explanation"] is None
    assert verified["sound"] is True
    assert verified["parts"]["erased"] > 500


def test_an_act_is_told_with_who_when_and_why_and_without_the_number_in_its_reason(ask: Callable[..., Any]) -> None:
    shown = ask("audit", "show", "block-1").stdout
    chinese = ask("audit", "show", "desk#0", language="zh-CN").stdout
    tree = json.loads(ask("audit", "show", "block-1", "--json").stdout)

    assert "the caller explained it, call back at +" in shown
    assert "li" in shown.split()
    assert "2024-03-05 08:00:00+08:00" in shown
    assert "解除" in chinese
    assert "lift" not in chinese
    assert tree["act"]["by"] == "li"
    assert tree["hidden"] == ["act/value"]


def test_a_norm_that_was_edited_meanwhile_disturbs_no_old_decision(
    ask: Callable[..., Any], day: Path, tmp_path: Path
) -> None:
    ref, _ = hang_up(day)
    before = json.loads(ask("audit", "show", ref, "--json").stdout)
    edited = tmp_path / "my-norm"
    shutil.copytree(starter_folder(), edited)
    rule = edited / "hangup" / "nuisance_persists_after_warning.yaml"
    rule.write_text(rule.read_text("utf-8").replace("priority: 90", "priority: 89"), encoding="utf-8")
    live(f"sqlite:///{day}", edited, writer="ivr-2", at=LIVE + DAY, events=3)

    after = json.loads(ask("audit", "show", ref, "--json").stdout)
    made = ask("audit", "remake", ref)

    assert {**after, "live": before["live"]} == before
    assert after["live"][0]["until"] == "2024-03-05T00:00:00.000000Z"
    assert made.exit_code == 0


def test_without_the_norm_that_decided_the_decision_says_what_it_says_by_itself(
    ask: Callable[..., Any], day: Path
) -> None:
    ref, _ = hang_up(day)
    changed(day, "DELETE FROM callpolicy_revisions")

    shown = ask("audit", "show", ref)
    made = ask("audit", "remake", ref)

    assert shown.exit_code == 0
    assert "nuisance_persists_after_warning" in shown.stdout
    assert "is not kept as it was" in shown.stdout
    assert made.exit_code == 1
    assert "is not kept" in made.stdout


def test_clear_shows_nothing_that_the_norm_does_not_declare(ask: Callable[..., Any], day: Path) -> None:
    ref, _ = hang_up(day)

    result = ask("audit", "show", ref, "--clear")

    assert result.exit_code == 2
    assert "declares no fact clear" in result.stderr


def test_clear_shows_what_the_norm_that_decided_declares(run: Any, tmp_path: Path) -> None:
    declared = tmp_path / "my-norm"
    shutil.copytree(starter_folder(), declared)
    policy = declared / "policy.yaml"
    policy.write_text(policy.read_text("utf-8") + "\nprivacy: {clear: [caller.number]}\n", encoding="utf-8")
    url = f"sqlite:///{tmp_path}/clear.db"
    ids = live(url, declared, events=2)

    masked = json.loads(run("audit", "show", ids[0], "--store", url, "--json").stdout)
    shown = json.loads(run("audit", "show", ids[0], "--store", url, "--json", "--clear").stdout)

    assert "caller.number" not in masked["facts"]
    assert shown["facts"]["caller.number"].startswith("+")


def test_a_record_that_was_changed_is_told_and_nothing_is_shown_of_it(ask: Callable[..., Any], day: Path) -> None:
    flip(day)
    (ref,) = one(day, "SELECT ref FROM callpolicy_audit WHERE number = 40 AND writer = 'ivr-1'")

    shown = ask("audit", "show", ref)
    made = ask("audit", "remake", ref)

    assert (shown.exit_code, made.exit_code) == (1, 1)
    assert shown.stdout == ""
    assert "was changed" in shown.stderr


# ---- remake


def test_all_decisions_of_the_day_are_made_again_and_counted(ask: Callable[..., Any], day: Path) -> None:
    (count,) = one(day, 'SELECT count(*) FROM callpolicy_audit WHERE line LIKE \'%"kind":"decision"%\'')

    table = ask("audit", "remake", "--all")
    sample = json.loads(ask("audit", "remake", "--all", "--sample", 7, "--seed", 1, "--json").stdout)

    assert table.exit_code == 0
    assert f"✓ same {count}" in " ".join(table.stdout.split())
    assert sample["results"] == {"same": 7}


def test_what_differs_what_was_changed_and_what_was_erased_are_told_apart(ask: Callable[..., Any], day: Path) -> None:
    ref, number = hang_up(day)
    (line,) = one(day, "SELECT line FROM callpolicy_audit WHERE ref = ?", ref)
    record = from_line(line.encode().replace(b'"effect":"hang_up"', b'"effect":"hang_up_politely"'))
    record = replace(record, digest=digest_of(canonical_bytes(record)))
    changed(day, ("UPDATE callpolicy_audit SET line = ? WHERE ref = ?", (to_line(record).decode(), ref)))
    flip(day)
    changed(day, "DELETE FROM callpolicy_parts WHERE number = 41 AND writer = 'ivr-1'")

    alone = ask("audit", "remake", ref)
    tree = json.loads(ask("audit", "remake", "--all", "--json").stdout)

    assert alone.exit_code == 1
    assert "first at `effect`" in alone.stdout
    assert (tree["results"]["differs"], tree["results"]["changed"], tree["results"]["erased"]) == (1, 1, 1)
    assert {each["record"] for each in tree["first"]} == {f"ivr-1#{number}", "ivr-1#40"}
    assert ask("audit", "remake", "--all", "--since", "2024-03-04T00:00:00Z").exit_code == 1
