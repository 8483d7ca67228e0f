"""Blocklist entries put without a life, at the command line: shown, lifted, and never said not to be there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.points import Effect
from callpolicy.stores import open_store
from tests.cli.desks import (
    DAY,
    HOUR,
    JUDGE,
    LEADER,
    MANAGER,
    MASKED,
    MONDAY,
    NUMBER,
    TYPED,
    Centre,
    centre,
    digits_of,
)

OLD = "old-1"
DO = ("--reason", "a mistake")


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    made = centre(run, tmp_path, monkeypatch)
    put(made)
    return made


def put(desk: Centre, entry_id: str = OLD, **more: Any) -> None:
    fields: dict[str, Any] = {
        "entry_id": entry_id, "on": ListName.BLOCKLIST, "identity": Identity(IdentityKind.NUMBER, NUMBER),
        "since": MONDAY - DAY, "until": None, "reason": "abuse, as the old system said", "owner": "qa",
    }  # fmt: skip
    store = open_store(desk.url)
    store.put_entry(Entry(**{**fields, **more}))
    store.close()


def test_it_is_shown_with_all_that_is_known_and_how_it_ends(desk: Centre) -> None:
    english, chinese = (desk.do("block", "show", OLD, language=language).stdout for language in ("en", "zh-CN"))

    told = " ".join(english.split())
    assert told.startswith(f"{OLD} active caller {MASKED}")
    assert "since 2026-03-01 09:00 until no end reason abuse, as the old system said owner qa" in told
    assert "put without a life: nobody proposed or confirmed it here, so it has no review and no appeal" in told
    assert f"callpolicy block lift {OLD} --reason … --as …" in told
    assert "没有流程记录的条目" in chinese
    assert NUMBER.removeprefix("+") not in digits_of(english + chinese)


def test_it_is_lifted_shown_so_on_record_and_the_next_call_comes_through(desk: Centre) -> None:
    before = desk.call(MONDAY, call_id="p1")
    lifted = desk.tree("block", "lift", OLD, *DO, *MANAGER, at=MONDAY + HOUR)["block"]
    after = desk.call(MONDAY + HOUR, call_id="p2")
    shown = desk.tree("block", "show", OLD, at=MONDAY + 2 * HOUR)

    assert (before, after) == (Effect.REJECT, Effect.ACCEPT)
    assert (lifted["id"], lifted["state"], lifted["holds"], lifted["lifeless"]) == (OLD, "lifted", False, True)
    assert lifted["until"] == "2026-03-02T02:00:00.000000Z"
    assert (shown["state"], shown["owner"], shown["waits_for"]) == ("lifted", "qa", [])
    assert shown["acts"] == [
        {"act": "lift", "at": "2026-03-02T02:00:00.000000Z", "by": "chen", "reason": "a mistake"}
    ]  # fmt: skip
    assert NUMBER.removeprefix("+") not in digits_of(str(lifted) + str(shown))


def test_the_texts_after_a_lift_say_when_it_ended_by_whom_and_no_next_command(desk: Centre) -> None:
    lifted = desk.do("block", "lift", OLD, *DO, *MANAGER, language="zh-CN")
    english, chinese = (desk.do("block", "show", OLD, language=language).stdout for language in ("en", "zh-CN"))
    trail = " ".join(desk.do("audit", "show", OLD, at=None).stdout.split())

    assert lifted.stdout.startswith(f"{OLD}  已解除")
    assert "ended" in english
    assert "a mistake" in english
    assert "chen" in english
    assert "block lift" not in english
    assert "结束时间" in chinese
    assert "lift" in trail
    assert "chen" in trail
    assert MASKED in trail


def test_lists_hold_it_under_its_state(desk: Centre) -> None:
    put(desk, "past", until=MONDAY - HOUR)
    put(desk, "later", since=MONDAY + DAY)
    put(desk, "wrong")
    desk.tree("block", "lift", "wrong", *DO, *MANAGER)

    found = {
        state: [each["id"] for each in desk.tree("block", "list", "--state", state)["blocks"]]
        for state in ("active", "lifted", "expired", "proposed", "due")
    }
    held = [each["id"] for each in desk.tree("block", "list")["blocks"]]
    every = {each["id"]: each["state"] for each in desk.tree("block", "list", "--number", TYPED)["blocks"]}

    assert found == {"active": [OLD], "lifted": ["wrong"], "expired": ["past"], "proposed": [], "due": []}
    assert held == [OLD]
    assert every == {OLD: "active", "wrong": "lifted", "past": "expired", "later": None}
    assert "an entry that was put without a life" in " ".join(desk.do("block", "list").stdout.split())


@pytest.mark.parametrize("verb", ["confirm", "activate", "appeal", "review", "decide-appeal"])
def test_what_it_has_not_is_said_and_how_it_ends(desk: Centre, verb: str) -> None:
    outcome = ("--keep",) if verb in {"review", "decide-appeal"} else ()

    english, chinese = (
        desk.do("block", verb, OLD, *DO, *outcome, *JUDGE, language=language) for language in ("en", "zh-CN")
    )

    assert (english.exit_code, chinese.exit_code) == (2, 2)
    assert "an entry that was put without a life" in english.stderr
    assert "`callpolicy block lift` ends it" in english.stderr
    assert "没有流程记录的条目" in chinese.stderr
    assert "`callpolicy block lift`" in chinese.stderr


def test_what_is_over_is_not_said_to_need_a_lift_and_not_lifted_again(desk: Centre) -> None:
    desk.tree("block", "lift", OLD, *DO, *MANAGER)

    review = desk.do("block", "review", OLD, "--keep", *DO, *JUDGE)
    again = desk.refused("block", "lift", OLD, *DO, *MANAGER, at=MONDAY + HOUR)

    assert "it is over" in review.stderr
    assert (again["code"], again["rule"]) == ("block-is-over", "always.transitions")


def test_who_may_lift_no_block_of_that_term_is_told_who_may(desk: Centre) -> None:
    refused = desk.refused("block", "lift", OLD, *DO, *LEADER)

    assert (refused["code"], refused["rule"]) == ("role-missing", "terms.permanent")
    assert "centre_manager" in refused["do"]
    assert desk.call(MONDAY) is Effect.REJECT


def test_a_lifted_entry_comes_back_only_on_a_decision_made_since(desk: Centre) -> None:
    desk.tree("block", "lift", OLD, *DO, *MANAGER)
    whom = ("block", "propose", "--number", TYPED, "--reason", "abuse", *LEADER)
    desk.call(MONDAY + HOUR, call_id="c2")

    old = desk.refused(*whom, "--evidence", "c1#0", at=MONDAY + 2 * HOUR)
    new = desk.tree(*whom, "--evidence", "c2#0", at=MONDAY + 2 * HOUR)

    assert (old["code"], old["rule"]) == ("no-new-evidence", "always.lifting_sticks")
    assert new["block"]["state"] == "proposed"
