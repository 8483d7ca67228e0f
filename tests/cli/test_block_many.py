"""Several blocks in one command: each is an act of its own, and what is refused holds none of the others back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callpolicy.errors import StoreError
from callpolicy.lifecycle import Act, Block
from callpolicy.points import Effect
from callpolicy.runtime.desk import Desk
from tests.cli.desks import HOUR, JUDGE, LEADER, MINUTE, MONDAY, OPERATOR, Centre, centre

THREE = ("+8613800138001", "+8613800138002", "+8613800138003")


@pytest.fixture
def desk(run: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def propose(desk: Centre, number: str, *by: str, term: str = "week") -> str:
    """Propose that a caller is blocked who has called an hour before."""
    desk.call(MONDAY - HOUR, number, call_id=f"c-{number[-1]}")
    words = ("--number", number, "--term", term, "--evidence", f"c-{number[-1]}#0", "--reason", "abuse")
    return str(desk.tree("block", "propose", *words, *by)["block"]["id"])


@pytest.fixture
def proposed(desk: Centre) -> list[str]:
    """Three proposals of a team leader for a week."""
    return [propose(desk, number, *LEADER) for number in THREE]


def state(desk: Centre, block_id: str) -> str:
    return str(desk.tree("block", "show", block_id, at=MONDAY + 9 * MINUTE)["state"])


def test_several_are_confirmed_entered_and_lifted_in_three_commands(desk: Centre, proposed: list[str]) -> None:
    confirmed = desk.tree("block", "confirm", *proposed, "--reason", "heard", *JUDGE, at=MONDAY + MINUTE)
    entered = desk.tree("block", "activate", *proposed, "--reason", "entered", *OPERATOR, at=MONDAY + 2 * MINUTE)
    kept_out = [desk.call(MONDAY + 3 * MINUTE, number, f"a{number[-1]}") for number in THREE]
    lifted = desk.tree("block", "lift", *proposed, "--reason", "a fax", *JUDGE, at=MONDAY + 4 * MINUTE)
    again = [desk.call(MONDAY + 5 * MINUTE, number, f"b{number[-1]}") for number in THREE]

    assert [each["id"] for each in confirmed["blocks"]] == proposed
    assert [each["state"] for each in entered["blocks"]] == ["active"] * 3
    assert [each["state"] for each in lifted["blocks"]] == ["lifted"] * 3
    assert (confirmed["refused"], entered["refused"], lifted["refused"]) == ([], [], [])
    assert kept_out == [Effect.REJECT] * 3
    assert again == [Effect.ACCEPT] * 3


def test_each_is_an_act_of_its_own_on_record(desk: Centre, proposed: list[str]) -> None:
    desk.tree("block", "confirm", *proposed, "--reason", "heard", *JUDGE, at=MONDAY + MINUTE)

    acts = [desk.tree("block", "show", each, at=MONDAY + 9 * MINUTE)["acts"] for each in proposed]

    assert [[(act["act"], act["by"]) for act in of_one] for of_one in acts] == [
        [("propose", "li"), ("confirm", "wang")]
    ] * 3


def test_what_is_refused_holds_none_of_the_others_back(desk: Centre, proposed: list[str]) -> None:
    own = propose(desk, "+8613800138004", *JUDGE)
    words = ("block", "confirm", proposed[0], own, proposed[1], "--reason", "heard", *JUDGE, "--json")

    result = desk.do(*words, at=MONDAY + MINUTE)

    tree = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [each["id"] for each in tree["blocks"]] == [proposed[0], proposed[1]]
    assert [(each["id"], each["rule"]) for each in tree["refused"]] == [(own, "always.no_self_approval")]
    assert [state(desk, each) for each in (*proposed[:2], own)] == ["confirmed", "confirmed", "proposed"]


@pytest.mark.parametrize(("language", "last"), [("en", "done: 2, refused: 1"), ("zh-CN", "已完成 2 条，被拒绝 1 条")])
def test_a_line_says_what_became_of_each_and_the_last_one_counts(
    desk: Centre, proposed: list[str], language: str, last: str
) -> None:
    desk.tree("block", "lift", proposed[1], "--reason", "no", *JUDGE, at=MONDAY + MINUTE)
    words = ("block", "confirm", *proposed, "--reason", "heard", *JUDGE, "--language", language)

    lines = desk.do(*words, at=MONDAY + 2 * MINUTE).stdout.splitlines()

    assert [line.split()[0] for line in lines[:-1]] == proposed
    assert lines[-1] == last


def test_an_id_that_is_no_block_stops_all_before_anything_is_done(desk: Centre, proposed: list[str]) -> None:
    result = desk.do("block", "confirm", *proposed, "block-nobody", "--reason", "heard", *JUDGE, at=MONDAY + MINUTE)

    assert result.exit_code == 2
    assert "`block-nobody` is no block with a life, so none of the 4 is touched" in result.stderr
    assert [state(desk, each) for each in proposed] == ["proposed"] * 3


def test_a_block_that_is_named_twice_is_done_once(desk: Centre, proposed: list[str]) -> None:
    twice = desk.tree("block", "confirm", proposed[0], proposed[0], "--reason", "heard", *JUDGE, at=MONDAY + MINUTE)
    more = desk.tree("block", "activate", *proposed[:1] * 2, "--reason", "entered", *OPERATOR, at=MONDAY + 2 * MINUTE)

    among = desk.tree("block", "confirm", *proposed[1:], proposed[1], "--reason", "heard", *JUDGE, at=MONDAY + MINUTE)

    # As with one: the block by itself.
    assert twice["block"]["state"] == "confirmed"
    assert more["block"]["state"] == "active"
    assert [each["id"] for each in among["blocks"]] == proposed[1:]


def test_what_was_confirmed_but_not_entered_stands_in_both_lists(desk: Centre) -> None:
    ids = [propose(desk, number, *LEADER, term="month") for number in THREE[:2]]
    words = ("block", "confirm", *ids, "--activate", "--reason", "heard", *JUDGE, "--json")

    result = desk.do(*words, at=MONDAY + MINUTE)

    tree = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(each["id"], each["state"]) for each in tree["blocks"]] == [(each, "confirmed") for each in ids]
    assert [each["id"] for each in tree["refused"]] == ids
    assert {each["rule"] for each in tree["refused"]} == {"terms.month.operate"}


@pytest.mark.parametrize(
    ("language", "last"),
    [
        ("en", "done: 0, confirmed but not entered: 2, refused: 1"),
        ("zh-CN", "已完成 0 条，已确认但尚未录入 2 条，被拒绝 1 条"),
    ],
)
def test_what_was_done_in_part_is_counted_apart(desk: Centre, language: str, last: str) -> None:
    ids = [propose(desk, number, *by, term="day") for number, by in zip(THREE, (LEADER, LEADER, JUDGE), strict=True)]
    words = ("block", "confirm", *ids, "--activate", "--reason", "heard", *JUDGE, "--language", language)

    result = desk.do(*words, at=MONDAY + MINUTE)

    # The last one was proposed by who confirms; who judges is no operator.
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == last


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_if_the_store_fails_in_between_it_is_seen_which_were_done(
    desk: Centre, proposed: list[str], monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    act = Desk.act

    def fail_at_the_second(self: Desk, block_id: str, done: Act) -> Block:
        if block_id == proposed[1]:
            # WHY not by a lock: it would have to come between two acts of one command.
            raise StoreError("the store is locked")
        return act(self, block_id, done)

    monkeypatch.setattr(Desk, "act", fail_at_the_second)
    result = desk.do("block", "confirm", *proposed, "--reason", "heard", *JUDGE, *form, at=MONDAY + MINUTE)
    monkeypatch.undo()

    assert result.exit_code not in {0, 1}
    assert "the store is locked" in result.stderr
    assert proposed[0] in result.stdout
    assert proposed[2] not in result.stdout
    assert not form or [each["id"] for each in json.loads(result.stdout)["blocks"]] == proposed[:1]


def test_evidence_goes_with_one_block_alone(desk: Centre, proposed: list[str]) -> None:
    words = ("block", "confirm", *proposed, "--evidence", "c1#0", "--reason", "heard", *JUDGE)

    result = desk.do(*words, at=MONDAY + MINUTE)

    assert result.exit_code == 2
    assert "`--evidence` speaks about one caller" in result.stderr
    assert [state(desk, each) for each in proposed] == ["proposed"] * 3


def test_governance_refuses_each_of_several_as_it_refuses_one(desk: Centre, proposed: list[str]) -> None:
    one = desk.refused("block", "confirm", proposed[0], "--reason", "heard", *LEADER, at=MONDAY + MINUTE)

    result = desk.do("block", "confirm", *proposed, "--reason", "heard", *LEADER, "--json", at=MONDAY + MINUTE)

    assert [{**each, "id": ""} for each in json.loads(result.stdout)["refused"]] == [{**one, "id": ""}] * 3
