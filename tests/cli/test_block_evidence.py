"""What a block may rest on: decisions about callers whom it covers, and about nobody else (docs/blocks.md)."""

from __future__ import annotations

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
