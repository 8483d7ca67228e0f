"""One file on both lists, and one file again: what was imported is known again, by list and by content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Evidence
from callpolicy.lists import Subject
from callpolicy.policy import Term
from callpolicy.runtime.desk import Desk
from callpolicy.stores import open_store
from tests.cli.desks import DAY, HOUR, JUDGE, LEADER, MONDAY, NUMBER, STARTER, TYPED, Centre, centre

ALLOWING = ("--owner", "wang", "--for", "30d", *JUDGE)
ROW = f"{TYPED},abuse\n"


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def imported(desk: Centre, group: str, file: Path, *words: object, at: int = MONDAY) -> Any:
    result = desk.do(group, "import", file, "--write", *words, "--json", at=at)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed_file(folder: Path) -> Path:
    path = folder / "list.csv"
    path.write_text(ROW, encoding="utf-8")
    return path


def former_id() -> str:
    """The id that an earlier version gave to the only row, whatever the list."""
    return f"import:{hashlib.sha256(ROW.encode()).hexdigest()[:12]}:1"


def test_a_file_that_stands_on_the_blocklist_can_be_put_on_the_allowlist_too(desk: Centre, tmp_path: Path) -> None:
    file = listed_file(tmp_path)

    blocked = imported(desk, "block", file, *LEADER)
    allowed = imported(desk, "allow", file, *ALLOWING, at=MONDAY + HOUR)
    again = [imported(desk, "block", file, *LEADER), imported(desk, "allow", file, *ALLOWING, at=MONDAY + 2 * HOUR)]

    assert blocked["id_prefix"] != allowed["id_prefix"]
    assert (blocked["counts"]["done"], allowed["counts"]["done"]) == (1, 1)
    assert [(each["counts"]["done"], each["counts"]["same"]) for each in again] == [(0, 1), (0, 1)]
    assert desk.tree("allow", "list", at=MONDAY + HOUR)["total"] == 1


def test_what_an_earlier_version_imported_is_known_again_on_its_list_and_on_no_other(
    desk: Centre, tmp_path: Path
) -> None:
    store = open_store(desk.url)
    at_desk = Desk(store, STARTER)
    at_desk.propose(
        at_desk.actor("li", ["team_leader"]), Subject(Identity(IdentityKind.NUMBER, NUMBER)), reason="abuse",
        evidence=(Evidence("list.csv:1", MONDAY - DAY),), at=MONDAY, term=Term.DAY, block_id=former_id(),
    )  # fmt: skip
    store.close()
    file = listed_file(tmp_path)

    blocked = imported(desk, "block", file, *LEADER, at=MONDAY + HOUR)
    allowed = imported(desk, "allow", file, *ALLOWING, at=MONDAY + HOUR)

    assert blocked["counts"] == {"done": 0, "same": 1, "there": 0, "refused": 0}
    assert allowed["counts"] == {"done": 1, "same": 0, "there": 0, "refused": 0}


def test_an_entry_of_an_earlier_version_keeps_no_block_from_being_proposed(desk: Centre, tmp_path: Path) -> None:
    store = open_store(desk.url)
    at_desk = Desk(store, STARTER)
    by = at_desk.actor("wang", ["quality_desk"])
    from callpolicy.runtime.wishes import Allowing

    subject = Subject(Identity(IdentityKind.NUMBER, NUMBER))
    asked = Allowing(subject=subject, reason="r", owner="wang", until=MONDAY + HOUR, entry_id=former_id())
    store.turn(lambda turn: at_desk.put_allowed(turn, by, at_desk.consider_allowing(by, asked, MONDAY), MONDAY), ())
    store.close()
    file = listed_file(tmp_path)

    # The entry is over by then, so that the caller may be blocked.
    blocked = imported(desk, "block", file, *LEADER, at=MONDAY + DAY)
    allowed = imported(desk, "allow", file, *ALLOWING, at=MONDAY + DAY)

    assert blocked["counts"]["done"] == 1
    assert (allowed["counts"]["done"], allowed["counts"]["same"]) == (0, 1)
