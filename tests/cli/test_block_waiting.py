"""What waits for a person: the morning report, proposals that a lift has overtaken, deadlines that can still come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Activate, Actor, Evidence
from callpolicy.lists import Subject
from callpolicy.runtime.desk import Desk
from callpolicy.stores import open_store
from tests.cli.desks import (
    COMPLAINTS,
    CUSTOMER,
    DAY,
    HOUR,
    JUDGE,
    LEADER,
    MANAGER,
    MINUTE,
    MONDAY,
    NUMBER,
    OPERATOR,
    STARTER,
    Centre,
    centre,
)


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def act(desk: Centre, verb: str, block_id: str, *words: object, at: int) -> Any:
    return desk.tree("block", verb, block_id, "--reason", "r", *words, at=at)


def by_the_system(desk: Centre, at: int) -> str:
    """A block that the system made by itself and nobody has confirmed."""
    with_system = open_store(desk.url)
    try:
        office, system = Desk(with_system, STARTER), Actor(None)
        customer, rests_on = Subject(Identity(IdentityKind.CUSTOMER, CUSTOMER)), [Evidence("c1#0", MONDAY - HOUR)]
        block = office.propose(system, customer, reason="burst", evidence=rests_on, at=at, term=12 * HOUR)
        office.act(block.block_id, Activate(by=system, at=at, reason="burst"))
    finally:
        with_system.close()
    return block.block_id


# ---- the morning report


def test_the_morning_report_holds_all_that_waits_for_a_person_the_oldest_first(desk: Centre) -> None:
    appealed = desk.active()
    act(desk, "appeal", appealed, *COMPLAINTS, at=MONDAY + HOUR)
    proposed = desk.propose("--customer", CUSTOMER, at=MONDAY + 10 * MINUTE)
    confirmed = desk.propose("--prefix", "+86 1380 0138", at=MONDAY)
    act(desk, "confirm", confirmed, *JUDGE, at=MONDAY + 5 * MINUTE)

    at = MONDAY + 2 * HOUR
    due = desk.tree("block", "list", "--state", "due", at=at)

    assert [each["id"] for each in due["blocks"]] == [confirmed, proposed, appealed]
    assert [next((wait["what"], wait["due"]) for wait in each["waits_for"]) for each in due["blocks"]] == [
        ("activate", "2026-03-02T01:05:00.000000Z"),
        ("confirm", "2026-03-02T01:10:00.000000Z"),
        ("appeal", "2026-03-02T02:00:00.000000Z"),
    ]


def test_an_extension_a_review_and_a_block_of_the_system_are_in_the_morning_report(desk: Centre) -> None:
    longer = desk.active()
    act(desk, "review", longer, "--extend", "month", *JUDGE, at=MONDAY + HOUR)
    own = by_the_system(desk, MONDAY + 2 * HOUR)

    first = desk.tree("block", "list", "--state", "due", at=MONDAY + 3 * HOUR)["blocks"]
    later = desk.tree("block", "list", "--state", "due", at=MONDAY + HOUR + DAY)["blocks"]

    assert [(each["id"], each["waits_for"][0]["what"], each["waits_for"][0]["due"]) for each in first] == [
        (longer, "extension", "2026-03-02T02:00:00.000000Z"),
        (own, "confirm", "2026-03-02T03:00:00.000000Z"),
    ]
    assert [wait["what"] for wait in later[0]["waits_for"]] == ["extension", "review"]


def test_the_morning_report_tells_what_is_waited_for_since_when_and_how_long_that_is(desk: Centre) -> None:
    desk.propose()
    at = MONDAY + 272 * DAY + HOUR

    english = desk.do("block", "list", "--state", "due", at=at, columns=80).stdout
    chinese = desk.do("block", "list", "--state", "due", at=at, columns=80, language="zh-CN").stdout
    soon = desk.do("block", "list", "--state", "due", at=MONDAY + 90 * MINUTE).stdout

    assert "2026-03-02 09:00" in english
    assert "272 d" in english
    assert "confirmation" in english
    assert "272 天" in chinese
    assert "1 h" in soon


def test_a_block_that_waits_for_nobody_is_not_in_the_morning_report(desk: Centre) -> None:
    active = desk.active()
    lifted = desk.propose("--customer", CUSTOMER)
    act(desk, "lift", lifted, *LEADER, at=MONDAY + HOUR)

    in_time = desk.tree("block", "list", "--state", "due", at=MONDAY + 2 * HOUR)
    reviewed = desk.tree("block", "list", "--state", "due", at=MONDAY + 2 * MINUTE + DAY)

    assert in_time["total"] == 0
    assert [each["id"] for each in reviewed["blocks"]] == [active]


def test_help_says_what_the_morning_report_holds(run: Any) -> None:
    told = " ".join(run("block", "list", "--help").stdout.split())

    for word in ("proposals", "confirmed", "extensions", "appeals", "reviews"):
        assert word in told


# ---- what a lift has overtaken


def overtaken(desk: Centre) -> tuple[str, str, str]:
    """A proposal and a confirmed block of a caller of whom another block was lifted since."""
    proposed = desk.propose()
    confirmed = desk.propose(at=MONDAY + MINUTE)
    act(desk, "confirm", confirmed, *JUDGE, at=MONDAY + 2 * MINUTE)
    lifted = desk.propose(at=MONDAY + 3 * MINUTE)
    act(desk, "confirm", lifted, *JUDGE, at=MONDAY + 4 * MINUTE)
    act(desk, "activate", lifted, *OPERATOR, at=MONDAY + 5 * MINUTE)
    act(desk, "lift", lifted, *JUDGE, at=MONDAY + HOUR)
    return proposed, confirmed, lifted


def test_a_proposal_that_a_lift_has_overtaken_says_so_and_names_what_can_be_done(desk: Centre) -> None:
    proposed, _, lifted = overtaken(desk)
    at = MONDAY + 2 * HOUR

    refused = desk.refused("block", "confirm", proposed, "--reason", "r", *JUDGE, at=at)
    english = desk.do("block", "show", proposed, at=at).stdout
    chinese = desk.do("block", "show", proposed, at=at, language="zh-CN").stdout
    before = desk.do("block", "show", proposed, at=MONDAY + 10 * MINUTE).stdout
    tree = desk.tree("block", "show", proposed, at=at)

    assert refused["rule"] == "always.lifting_sticks"
    assert f"{lifted} of the same caller was lifted on 2026-03-02 10:00" in " ".join(english.split())
    assert f"callpolicy block confirm {proposed} --evidence … --reason …" in english
    assert f"callpolicy block lift {proposed} --reason …" in english
    assert f"callpolicy block confirm {proposed} --reason" not in english
    assert "已于 2026-03-02 10:00 解除" in chinese
    assert tree["overtaken_by"] == {"id": lifted, "lifted_at": "2026-03-02T02:00:00.000000Z"}
    assert f"callpolicy block confirm {proposed} --reason" in before
    assert "was lifted" not in before


def test_a_confirmed_block_that_a_lift_has_overtaken_can_only_be_lifted(desk: Centre) -> None:
    _, confirmed, _ = overtaken(desk)
    at = MONDAY + 2 * HOUR

    refused = desk.refused("block", "activate", confirmed, "--reason", "r", *OPERATOR, at=at)
    story = desk.do("block", "show", confirmed, at=at).stdout
    ended = act(desk, "lift", confirmed, *JUDGE, at=at)

    assert refused["rule"] == "always.lifting_sticks"
    assert "block activate" not in story
    assert f"callpolicy block lift {confirmed} --reason …" in story
    assert ended["block"]["state"] == "lifted"


def test_what_a_lift_has_overtaken_is_marked_in_the_morning_report(desk: Centre) -> None:
    proposed, confirmed, _ = overtaken(desk)
    at = MONDAY + 2 * HOUR

    tree = desk.tree("block", "list", "--state", "due", at=at)
    english = desk.do("block", "list", "--state", "due", at=at).stdout
    chinese = desk.do("block", "list", "--state", "due", at=at, language="zh-CN").stdout

    assert [each["id"] for each in tree["blocks"]] == [proposed, confirmed]
    assert all(each["overtaken_by"] for each in tree["blocks"])
    assert english.count("overtaken by a lift") == 2
    assert chinese.count("同一来电人已解除屏蔽") == 2


def test_a_decision_made_since_the_lift_confirms_what_was_overtaken(desk: Centre) -> None:
    proposed, _, _ = overtaken(desk)
    desk.call(MONDAY + 2 * HOUR, NUMBER, "c2")

    done = act(desk, "confirm", proposed, "--evidence", "c2#0", *JUDGE, at=MONDAY + 3 * HOUR)

    assert done["block"]["state"] == "confirmed"
    assert done["block"]["overtaken_by"] is None


def test_no_review_is_named_as_the_next_command_while_an_appeal_waits(desk: Centre) -> None:
    block_id = desk.active()
    at = MONDAY + 2 * MINUTE + DAY
    act(desk, "appeal", block_id, *COMPLAINTS, at=at)

    refused = desk.refused("block", "review", block_id, "--keep", "--reason", "r", *JUDGE, at=at)
    story = desk.do("block", "show", block_id, at=at).stdout

    assert refused["code"] == "appeal-waits"
    assert f"block decide-appeal {block_id}" in story
    assert "block review" not in story


# ---- deadlines


def test_a_deadline_at_or_after_the_end_is_none_to_come(desk: Centre) -> None:
    block_id = desk.active("day")

    tree = desk.tree("block", "show", block_id, at=MONDAY + HOUR)
    story = desk.do("block", "show", block_id, at=MONDAY + HOUR).stdout

    assert [(each["what"], each["at"]) for each in tree["to_come"]] == [("until", "2026-03-03T01:02:00.000000Z")]
    assert tree["waits_for"] == []
    assert "review due" not in story
    assert "nothing; it ends 2026-03-03 09:02" in story


def test_a_deadline_has_a_code_and_beside_it_a_sentence(desk: Centre) -> None:
    block_id = desk.active()

    english = desk.tree("block", "show", block_id, at=MONDAY + HOUR)["to_come"]
    chinese = desk.do("block", "show", block_id, "--json", at=MONDAY + HOUR, language="zh-CN").stdout

    assert [(each["what"], each["lifts"], each["text"]) for each in english] == [
        ("review_due", False, "review due"),
        ("review_overdue", True, "review overdue, then it is lifted"),
        ("until", False, "its term is over"),
    ]
    assert '"what": "review_due"' in chinese
    assert '"text": "应复核"' in chinese


def test_a_deadline_that_comes_after_the_end_is_not_said_to_be_one(desk: Centre) -> None:
    block_id = desk.active()
    # The week ends on Monday the 9th, 09:02; an appeal of the day before would be overdue on the 11th.
    at = MONDAY + 6 * DAY
    for day in range(1, 6):
        act(desk, "review", block_id, "--keep", *JUDGE, at=MONDAY + 3 * MINUTE + day * DAY)
    act(desk, "appeal", block_id, *COMPLAINTS, at=at)

    tree = desk.tree("block", "show", block_id, at=at)

    appeal = next(each for each in tree["waits_for"] if each["what"] == "appeal")
    assert (appeal["by"], appeal["lifts"]) == (None, False)
    assert "appeal_overdue" not in [each["what"] for each in tree["to_come"]]


def test_where_a_longer_term_waits_it_is_said_that_the_block_ends_on_its_date_anyway(desk: Centre) -> None:
    block_id = desk.active()
    act(desk, "review", block_id, "--extend", "month", *JUDGE, at=MONDAY + HOUR)
    at = MONDAY + 2 * HOUR

    english = " ".join(desk.do("block", "show", block_id, at=at).stdout.split())
    chinese = desk.do("block", "show", block_id, at=at, language="zh-CN").stdout
    tree = desk.tree("block", "show", block_id, at=at)

    assert "; without it the block ends on 2026-03-09 09:02" in english
    assert "its term is over, unless the longer one is confirmed before" in english
    assert "不确认则 2026-03-09 09:02 到期" in chinese
    assert tree["to_come"][-1]["what"] == "until"


# ---- the list of proposals


def test_the_list_of_proposals_shows_why_and_on_how_many_decisions(desk: Centre) -> None:
    desk.propose()

    english = desk.do("block", "list", "--state", "proposed", columns=80).stdout
    chinese = desk.do("block", "list", "--state", "proposed", columns=80, language="zh-CN").stdout
    tree = desk.tree("block", "list", "--state", "proposed")["blocks"][0]

    assert "abuse" in english
    assert "1 decision" in english
    assert "1 条依据" in chinese
    assert (tree["reason"], tree["evidence"]) == ("abuse", ["c1#0"])


def test_a_permanent_block_without_end_keeps_its_deadlines(desk: Centre) -> None:
    block_id = desk.propose(term="permanent")
    act(desk, "confirm", block_id, *MANAGER, at=MONDAY + MINUTE)
    act(desk, "activate", block_id, *OPERATOR, at=MONDAY + 2 * MINUTE)

    tree = desk.tree("block", "show", block_id, at=MONDAY + HOUR)

    assert [each["what"] for each in tree["to_come"]] == ["review_due", "review_overdue"]


def test_the_pages_on_blocks_say_what_the_morning_report_holds_and_that_a_proposal_bars_nobody() -> None:
    docs = Path(__file__).parents[2] / "docs"
    english = " ".join((docs / "blocks.md").read_text("utf-8").split())
    chinese = (docs / "blocks.zh-CN.md").read_text("utf-8")

    assert "A proposal bars nobody" in english
    assert "The morning report holds proposals to be confirmed" in english
    assert "提议本身不拦任何来电" in chinese
    assert "晨会清单包括：待确认的提议" in chinese
