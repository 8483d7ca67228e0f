"""Blocks at the command line: from proposal to rejected calls and back, as governance lets it happen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callpolicy.points import Effect
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
    TYPED,
    Centre,
    centre,
    digits_of,
)

REPO = Path(__file__).parents[2]


@pytest.fixture
def desk(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return centre(run, tmp_path, monkeypatch)


def proposal(*words: object, number: str = TYPED, evidence: str = "c1#0") -> tuple[object, ...]:
    whom = words or ("--number", number)
    return ("block", "propose", *whom, "--evidence", evidence, "--reason", "abuse", *LEADER)


# ---- the whole path


def test_a_caller_is_rejected_once_two_persons_judged_and_an_operator_entered_the_block(desk: Centre) -> None:
    block_id = desk.propose()
    before = desk.call(MONDAY + MINUTE // 2, call_id="p1")

    confirmed = desk.tree("block", "confirm", block_id, "--reason", "heard it", *JUDGE, at=MONDAY + MINUTE)
    between = desk.call(MONDAY + 90 * 1_000_000, call_id="p2")
    entered = desk.tree("block", "activate", block_id, "--reason", "entered", *OPERATOR, at=MONDAY + 2 * MINUTE)
    after = desk.call(MONDAY + 3 * MINUTE, call_id="p3")
    over = desk.call(MONDAY + 2 * MINUTE + 7 * DAY, call_id="p4")

    assert (before, between, after, over) == (Effect.ACCEPT, Effect.ACCEPT, Effect.REJECT, Effect.ACCEPT)
    assert confirmed["block"]["state"] == "confirmed"
    assert [each["what"] for each in confirmed["block"]["waits_for"]] == ["activate"]
    assert entered["block"]["since"] == "2026-03-02T01:02:00.000000Z"
    assert entered["block"]["until"] == "2026-03-09T01:02:00.000000Z"
    assert (entered["block"]["proposed_by"], entered["block"]["confirmed_by"]) == ("li", ["wang"])


def test_after_each_act_the_output_says_what_the_block_waits_for_and_who_may_do_it(desk: Centre) -> None:
    proposed = desk.do(*proposal(), "--term", "week")
    block_id = proposed.stdout.split()[0]
    confirmed = desk.do("block", "confirm", block_id, "--reason", "r", *JUDGE)
    chinese = desk.do("block", "show", block_id, language="zh-CN")

    assert "another person to confirm it: service quality desk (quality_desk); not li" in proposed.stdout
    assert f"callpolicy block confirm {block_id} --reason … --as … --role quality_desk" in proposed.stdout
    assert "somebody to enter it, it keeps nobody out before: IVR operator (ivr_operator)" in confirmed.stdout
    assert "录入（录入之前不拦截来电）：IVR 运维 ivr_operator" in chinese.stdout


def test_the_term_that_is_left_out_is_that_of_the_ladder_and_the_output_says_so(desk: Centre) -> None:
    first = desk.do(*proposal())

    assert "day (by the ladder; no `--term` was given)" in first.stdout
    assert desk.tree(*proposal())["term_by"] == "ladder"
    assert desk.tree(*proposal(), "--term", "12h")["block"]["term"] == "12h"


def test_a_second_proposal_for_the_same_caller_is_told_of_the_first(desk: Centre) -> None:
    block_id = desk.propose()

    second = desk.do(*proposal())

    assert second.exit_code == 0
    assert f"note: {block_id} covers this caller already (proposed)" in second.stderr


def test_a_block_that_covers_some_of_the_callers_is_not_said_to_cover_all(desk: Centre) -> None:
    one = desk.propose()
    between = ("--range", TYPED, "+86 138 0013 8009")

    told = [desk.do(*proposal(*between), language=language).stderr for language in ("en", "zh-CN")]
    prefix = desk.do(*proposal("--prefix", "+86 1380 0138 00")).stderr
    inside = desk.do(*proposal("--number", TYPED)).stderr

    assert f"note: {one} covers some of these callers already (proposed)" in told[0]
    assert f"{one} 已覆盖其中一部分来电人" in told[1]
    # The first range covers the second one, which is the same, as a whole.
    assert "已覆盖此来电人" in told[1]
    assert prefix.count("covers some of these callers already") == 3
    assert inside.count("covers this caller already") == 4


# ---- who may


def test_nobody_confirms_what_they_proposed_themselves_however_they_write_their_name(desk: Centre) -> None:
    block_id = desk.propose()

    refused = [
        desk.refused("block", "confirm", block_id, "--reason", "r", "--as", name, "--role", "quality_desk")
        for name in ("li", "LI", "ｌｉ")
    ]

    assert {each["code"] for each in refused} == {"self-approval"}
    assert {each["rule"] for each in refused} == {"always.no_self_approval"}
    assert desk.tree("block", "show", block_id)["state"] == "proposed"


def test_whoever_has_not_the_role_is_told_in_one_line_which_rule_and_who_may(desk: Centre) -> None:
    block_id = desk.propose()
    words = ("block", "confirm", block_id, "--reason", "r", *LEADER[:1], "wang", *LEADER[2:])

    english = desk.do(*words)
    chinese = desk.do(*words, language="zh-CN")

    assert english.exit_code == chinese.exit_code == 1
    assert english.stdout == (
        "refused by `terms.week.judge`: `confirm` needs one of the roles `quality_desk` [role-missing]; "
        "who may: service quality desk (quality_desk)\n"
    )
    assert chinese.stdout == (
        "拒绝：此人没有所需的岗位（规则 `terms.week.judge`，代码 role-missing）。"
        "有权操作的岗位：服务质检岗 quality_desk\n"
    )


def test_a_permanent_block_by_one_identity_is_impossible(desk: Centre) -> None:
    everything = ("--as", "chen", *(word for role in ("centre_manager", "ivr_operator") for word in ("--role", role)))
    words = ("--number", TYPED, "--term", "permanent", "--evidence", "c1#0", "--reason", "r")
    block_id = desk.tree("block", "propose", *words, *everything)["block"]["id"]

    confirmed = desk.refused("block", "confirm", block_id, "--reason", "r", *everything)
    both = desk.refused("block", "confirm", block_id, "--activate", "--reason", "r", *everything)
    entered = desk.refused("block", "activate", block_id, "--reason", "r", *everything)

    assert [confirmed["code"], both["code"], entered["code"]] == ["self-approval", "self-approval", "not-in-this-state"]
    assert desk.call(MONDAY + MINUTE) is Effect.ACCEPT


def test_confirm_and_enter_in_one_go_works_for_whoever_may_do_both(desk: Centre) -> None:
    block_id = desk.propose()

    tree = desk.tree(
        "block", "confirm", block_id, "--activate", "--reason", "r", *JUDGE, "--role", "ivr_operator", at=MONDAY
    )

    assert tree["block"]["state"] == "active"
    assert desk.call(MONDAY + MINUTE) is Effect.REJECT


def test_confirm_and_enter_by_whoever_may_not_operate_confirms_and_says_who_may_enter(desk: Centre) -> None:
    block_id = desk.propose()

    result = desk.do("block", "confirm", block_id, "--activate", "--reason", "r", *JUDGE)

    assert result.exit_code == 1
    assert "confirmed, but not entered: refused by `terms.week.operate`" in result.stdout
    assert "who may: IVR operator (ivr_operator)" in result.stdout
    assert desk.tree("block", "show", block_id)["state"] == "confirmed"


def test_a_role_that_the_norm_does_not_know_is_refused(desk: Centre) -> None:
    refused = desk.refused(*proposal()[:-4], "--as", "li", "--role", "king")

    assert (refused["code"], refused["rule"]) == ("role-missing", "roles")


# ---- whom


@pytest.mark.parametrize(
    ("whom", "code"),
    [
        (("--number", "110"), "protected-caller"),
        (("--number", "400 000 0100"), "protected-caller"),
        (("--number", "021 12345"), "protected-caller"),
        (("--prefix", "+86 138 0"), "too-wide"),
        # It holds protected numbers too; what is wrong with it is that it is a country.
        (("--prefix", "+86"), "too-wide"),
        (("--range", "+86 400 000 0000", "+86 400 999 9999"), "too-wide"),
        (("--prefix", "+86 4000 0001"), "protected-caller"),
        (("--range", "13800130000", "13800139999"), "too-wide"),
    ],
)
def test_whom_nobody_may_block_is_refused_by_governance(desk: Centre, whom: tuple[str, ...], code: str) -> None:
    assert desk.refused(*proposal(*whom))["code"] == code


@pytest.mark.parametrize(
    ("whom", "covers"),
    [
        (("--number", "138 0013 8000"), "one"),
        (("--number", "０１３８００１３８０００"), "one"),
        (("--customer", CUSTOMER), "one"),
        (("--prefix", "+86 1380 0138"), "prefix"),
        (("--prefix", "+86 1380 0138*"), "prefix"),
        (("--range", "138 0013 8000", "+86 138 0013 8099"), "range"),
    ],
)
def test_whom_is_said_in_four_ways_and_never_shown_in_full(desk: Centre, whom: tuple[str, ...], covers: str) -> None:
    result = desk.do(*proposal(*whom), "--json")

    assert result.exit_code == 0, result.output
    assert f'"covers": "{covers}"' in result.stdout
    assert "13800138" not in digits_of(result.output)
    assert CUSTOMER not in result.output


@pytest.mark.parametrize(
    ("whom", "told"),
    [
        (("--number", "1.38E+10"), "[rounded]"),
        (("--number", "anonymous"), "[withheld]"),
        (("--number", "1380013****"), "[hidden-digits]"),
        (("--number", "ask for Ann"), "[words]"),
        (("--number", ""), "[blank]"),
        (("--customer", "#REF!"), "[bad-customer]"),
        (("--prefix", "138001"), "[prefix-without-country]"),
        (("--range", "13800138009", "13800138000"), "the smaller one first"),
        (("--range", "13800138000", "soon"), "[words]"),
        (("--number", TYPED, "--customer", CUSTOMER), "in one of four ways"),
    ],
)
def test_whom_nobody_can_tell_is_wrong_usage_with_its_cause(desk: Centre, whom: tuple[str, ...], told: str) -> None:
    result = desk.do(*proposal(*whom))

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "1380013" not in digits_of(result.output)


def test_an_emergency_number_that_the_norm_forgot_is_refused_too(desk: Centre) -> None:
    assert desk.refused(*proposal("--number", "US:911"))["code"] == "emergency-number"


# ---- what it rests on


def test_a_decision_that_is_nowhere_on_record_is_no_evidence_unless_somebody_says_when_it_was_made(
    desk: Centre,
) -> None:
    unknown = desk.do(*proposal(evidence="x9#4"))
    call = desk.do(*proposal(evidence="c1"))
    told = desk.tree(*proposal(evidence="x9#4"), "--evidence-at", "2026-03-01T09:00:00+08:00")
    later = desk.refused(*proposal(evidence="x9#4"), "--evidence-at", "2026-03-03T09:00:00+08:00")
    soon = desk.do(*proposal(evidence="x9#4"), "--evidence-at", "soon")
    story = desk.do("block", "show", told["block"]["id"])

    assert unknown.exit_code == call.exit_code == 2
    assert "`x9#4` is not on record in this store" in unknown.stderr
    assert "`--evidence-at`" in unknown.stderr
    assert "`c1` is a call, not a decision; its last decision is `c1#0`" in call.stderr
    assert "x9#4 2026-03-01 09:00 (not on record here)" in story.stdout
    assert later["code"] == "evidence-from-future"
    assert "`--evidence-at`: `soon` is no instant with a zone" in soon.stderr


def test_a_proposal_without_evidence_is_refused(desk: Centre) -> None:
    words = ("block", "propose", "--number", TYPED, "--reason", "r", *LEADER)

    assert desk.refused(*words)["code"] == "evidence-missing"


def test_a_hostile_reason_is_refused_or_shown_as_one_harmless_line(desk: Centre) -> None:
    control = desk.do(*proposal()[:-6], "--reason", "rude\x1b[2J", *LEADER)
    long = desk.refused(*proposal()[:-6], "--reason", "辱骂" * 5_000, *LEADER)
    empty = desk.refused(*proposal()[:-6], "--reason", " \t ", *LEADER)
    turned = f"辱骂坐席\n第二行 \u202e{NUMBER} `{TYPED}`"
    fine = desk.tree(*proposal()[:-6], "--reason", turned, *LEADER)
    shown = desk.do("block", "show", fine["block"]["id"], columns=400)

    assert control.exit_code == 2
    assert "a reason is text without control characters" in control.stderr
    assert long["code"] == "reason-too-long"
    assert empty["code"] == "reason-missing"
    assert "辱骂坐席 第二行 \ufffd+" in shown.stdout
    assert "\u202e" not in shown.stdout
    assert digits_of(NUMBER)[2:] not in digits_of(shown.output)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--term", "soon"), "`--term` takes `day`, `week`, `month`, `permanent` or a duration"),
        (("--term", "0h"), "`--term` takes"),
        (("--at", "yesterday"), "`--at`"),
        (("--at", "2026-03-02T09:00:00"), "zone"),
        (("--role", "a\nb"), "role"),
        (("--evidence", "a\nb", "--evidence-at", "2026-03-01T09:00:00Z"), "one line"),
    ],
)
def test_what_cannot_be_read_is_no_bug_of_ours(desk: Centre, words: tuple[str, ...], told: str) -> None:
    result = desk.do(*proposal(), *words, at=None)

    assert result.exit_code in {1, 2}
    assert told in result.output


# ---- the way back


def test_a_lift_sticks_until_there_is_new_evidence(desk: Centre) -> None:
    block_id = desk.active()
    lifted = desk.tree("block", "lift", block_id, "--reason", "wrong person", *JUDGE, at=MONDAY + HOUR)
    free = desk.call(MONDAY + 2 * HOUR, call_id="c2")

    again = desk.refused(*proposal(), at=MONDAY + 3 * HOUR)
    on_new = desk.tree(*proposal(evidence="c2#0"), at=MONDAY + 3 * HOUR)
    entered = desk.refused("block", "activate", block_id, "--reason", "r", *OPERATOR, at=MONDAY + 3 * HOUR)

    assert lifted["block"]["ended"] == {"at": "2026-03-02T02:00:00.000000Z", "state": "lifted", "why": "lifted"}
    assert free is Effect.ACCEPT
    assert (again["code"], again["rule"]) == ("no-new-evidence", "always.lifting_sticks")
    assert on_new["block"]["state"] == "proposed"
    assert entered["code"] == "block-is-over"


def test_an_appeal_is_decided_by_somebody_who_had_no_part_in_the_block(desk: Centre) -> None:
    block_id = desk.active()
    at = MONDAY + HOUR
    appealed = desk.tree("block", "appeal", block_id, "--reason", "not me", *COMPLAINTS, at=at)

    by_judge = desk.refused("block", "decide-appeal", block_id, "--keep", "--reason", "r", *JUDGE, at=at)
    other = ("--as", "qian", "--role", "quality_desk")
    decided = desk.tree("block", "decide-appeal", block_id, "--shorten", "day", "--reason", "r", *other, at=at)

    waits = next(each for each in appealed["block"]["waits_for"] if each["what"] == "appeal")
    assert appealed["block"]["state"] == "under_review"
    assert (waits["not_by"], waits["by"], waits["lifts"]) == (
        ["li", "wang", "sun"],
        "2026-03-05T02:00:00.000000Z",
        True,
    )
    assert by_judge["code"] == "decided-before"
    assert decided["block"]["until"] == "2026-03-03T01:02:00.000000Z"


def test_a_review_keeps_lifts_shortens_or_asks_for_more_which_another_person_confirms(desk: Centre) -> None:
    block_id = desk.active()
    due = MONDAY + 2 * MINUTE + DAY
    review = ("block", "review", block_id, "--reason", "r", *JUDGE)

    longer = desk.tree(*review, "--extend", "month", at=due)
    itself = desk.refused("block", "confirm", block_id, "--reason", "r", *JUDGE, at=due)
    other = ("--as", "qian", "--role", "quality_desk")
    confirmed = desk.tree("block", "confirm", block_id, "--reason", "r", *other, at=due)
    kept = desk.tree(*review, "--keep", at=due + DAY)
    none = desk.do(*review, at=due + DAY)
    two = desk.do(*review, "--keep", "--lift", at=due + DAY)

    assert [each["term"] for each in longer["block"]["waits_for"] if each["what"] == "extension"] == ["month"]
    assert itself["code"] == "self-approval"
    assert (confirmed["block"]["term"], confirmed["block"]["until"]) == ("month", "2026-04-02T01:02:00.000000Z")
    assert kept["block"]["state"] == "active"
    assert none.exit_code == two.exit_code == 2
    assert "by just one of `--keep`, `--lift`, `--shorten`, `--extend`" in none.stderr


def test_a_permanent_block_takes_the_manager_and_another_person(desk: Centre) -> None:
    block_id = desk.propose(term="permanent")

    judge = desk.refused("block", "confirm", block_id, "--reason", "r", *JUDGE)
    confirmed = desk.tree("block", "confirm", block_id, "--reason", "r", *MANAGER)

    assert (judge["code"], judge["rule"]) == ("role-missing", "terms.permanent.judge")
    assert confirmed["block"]["state"] == "confirmed"
