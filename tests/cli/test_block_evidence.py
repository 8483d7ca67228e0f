"""What a block may rest on: decisions about callers whom it covers, and about nobody else (docs/blocks.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.stores import open_store
from tests.cli.desks import (
    DAY,
    HOUR,
    JUDGE,
    LEADER,
    MINUTE,
    MONDAY,
    OPERATOR,
    TYPED,
    Centre,
    centre,
    digits_of,
)

OTHER = "+8613800138001"


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre on whose record `c1#0` is about the caller, and `o1#0` about the next number."""
    made = centre(run, tmp_path, monkeypatch)
    made.call(MONDAY - HOUR, OTHER, "o1")
    return made


def proposal(*evidence: str, whom: tuple[str, ...] = ("--number", TYPED)) -> tuple[object, ...]:
    named = [word for each in evidence for word in ("--evidence", each)]
    return ("block", "propose", *whom, *named, "--term", "day", "--reason", "abuse", *LEADER)


def test_a_decision_about_another_caller_is_no_evidence(desk: Centre) -> None:
    refused = desk.refused(*proposal("o1#0"))
    beside = desk.refused(*proposal("c1#0", "o1#0"))
    told = desk.do(*proposal("o1#0")).stdout
    chinese = desk.do(*proposal("o1#0"), language="zh-CN").stdout

    assert (refused["code"], refused["rule"]) == ("evidence-of-another", "always.evidence")
    assert beside["code"] == "evidence-of-another"
    assert "about this caller" in refused["do"]
    assert "其他来电人" in chinese
    assert "13800138" not in digits_of(told)
    assert desk.tree("block", "list")["total"] == 0


def test_a_lifted_caller_is_not_blocked_again_for_what_another_caller_did_since(desk: Centre) -> None:
    block_id = desk.active()
    desk.tree("block", "lift", block_id, "--reason", "wrong", *JUDGE, at=MONDAY + HOUR)
    desk.call(MONDAY + 2 * HOUR, OTHER, "o2")
    desk.call(MONDAY + 2 * HOUR, call_id="c2")

    assert desk.refused(*proposal("o2#0"), at=MONDAY + 3 * HOUR)["code"] == "evidence-of-another"
    assert desk.tree(*proposal("c2#0"), at=MONDAY + 3 * HOUR)["block"]["state"] == "proposed"


OUTSIDE = ("--evidence", "other-system#7", "--evidence-at", "2026-03-02T11:00:00+08:00")
OF_ANOTHER_SYSTEM = ("block", "propose", "--number", TYPED, *OUTSIDE, "--term", "day", "--reason", "abuse", *LEADER)


def test_a_lifted_caller_is_not_blocked_again_for_a_decision_that_is_on_no_record_here(desk: Centre) -> None:
    block_id = desk.active()
    desk.tree("block", "lift", block_id, "--reason", "wrong", *JUDGE, at=MONDAY + HOUR)
    desk.call(MONDAY + 2 * HOUR, call_id="c2")
    at = MONDAY + 3 * HOUR

    refused = desk.refused(*OF_ANOTHER_SYSTEM, at=at)
    chinese = desk.do(*OF_ANOTHER_SYSTEM, at=at, language="zh-CN").stdout
    wide = desk.refused(*OF_ANOTHER_SYSTEM[:2], "--prefix", "+86 1380 0138", *OF_ANOTHER_SYSTEM[4:], at=at)
    # Beside a decision of before the lift it is no better; beside one on record since, it is.
    beside_old = desk.refused(*OF_ANOTHER_SYSTEM, "--evidence", "c1#0", at=at)
    beside_new = desk.tree(*OF_ANOTHER_SYSTEM, "--evidence", "c2#0", at=at)

    for each in (refused, wide, beside_old):
        assert (each["code"], each["rule"]) == ("evidence-not-on-record", "always.lifting_sticks")
    assert "on record" in refused["do"]
    assert "此处没有记录" in chinese
    assert beside_new["block"]["state"] == "proposed"


def test_what_was_proposed_before_a_lift_is_not_confirmed_on_a_decision_that_is_on_no_record_here(
    desk: Centre,
) -> None:
    waiting, standing = desk.propose(), desk.active()
    desk.tree("block", "lift", standing, "--reason", "wrong", *JUDGE, at=MONDAY + HOUR)
    desk.call(MONDAY + 2 * HOUR, call_id="c2")
    words = ("block", "confirm", waiting, "--reason", "heard it", *JUDGE)
    at = MONDAY + 3 * HOUR

    refused = desk.refused(*words, *OUTSIDE, at=at)
    confirmed = desk.tree(*words, "--evidence", "c2#0", at=at)

    assert (refused["code"], refused["rule"]) == ("evidence-not-on-record", "always.lifting_sticks")
    assert confirmed["block"]["state"] == "confirmed"


def test_where_nothing_was_lifted_a_decision_of_another_system_is_evidence_and_is_said_to_be_on_no_record(
    desk: Centre,
) -> None:
    at = MONDAY + 3 * HOUR

    proposed = desk.do(*OF_ANOTHER_SYSTEM, "--json", at=at)
    block_id = json.loads(proposed.stdout)["block"]["id"]
    confirmed = desk.do("block", "confirm", block_id, "--reason", "heard it", *JUDGE, at=at, language="zh-CN")
    nobody_outside = desk.do(*proposal("c1#0"), at=at)

    assert "other-system#7 is not on record here" in proposed.stderr
    assert confirmed.exit_code == 0
    assert "other-system#7 此处无记录" in confirmed.stderr
    assert "on record" not in nobody_outside.stderr


@pytest.mark.parametrize(
    ("whom", "fine", "other"),
    [
        (("--prefix", "+86 1380 0138"), ("c1#0", "o1#0"), "x1#0"),
        (("--range", "+86 138 0013 8000", "+86 138 0013 8000"), ("c1#0",), "o1#0"),
        (("--customer", "C-2002"), ("k1#0",), "c1#0"),
    ],
)
def test_evidence_against_a_prefix_a_range_or_a_customer_is_about_one_of_them(
    desk: Centre, whom: tuple[str, ...], fine: tuple[str, ...], other: str
) -> None:
    desk.call(MONDAY - HOUR, "+8613800145000", "x1")
    desk.call(MONDAY - HOUR, "+8613800145000", "k1", "C-2002")

    assert desk.refused(*proposal(other, whom=whom))["code"] == "evidence-of-another"
    assert desk.tree(*proposal(*fine, whom=whom))["block"]["state"] == "proposed"


def test_what_a_judge_adds_is_looked_at_too(desk: Centre) -> None:
    block_id = desk.propose()

    words = ("block", "confirm", block_id, "--reason", "heard it", "--evidence", "o1#0", *JUDGE)

    assert desk.refused(*words, at=MONDAY + MINUTE)["code"] == "evidence-of-another"
    assert desk.tree("block", "show", block_id, at=MONDAY + MINUTE)["confirmed"] is False


def test_a_decision_whose_personal_part_was_erased_is_no_evidence_against_anybody(desk: Centre) -> None:
    standing = desk.active()
    store = open_store(desk.url)
    store.erase(parts=MONDAY)
    store.close()

    refused = desk.refused(*proposal("c1#0"), at=MONDAY + DAY)

    assert (refused["code"], refused["rule"]) == ("evidence-erased", "always.evidence")
    assert "erased" in refused["message"]
    # What stands already goes its way: it was looked at when it was proposed.
    words = ("block", "lift", standing, "--reason", "enough", *OPERATOR)
    assert desk.tree(*words, at=MONDAY + DAY)["block"]["state"] == "lifted"
