"""Faults of rules as such: what each is told as, and what is no fault."""

from __future__ import annotations

from datetime import date
from typing import Any as AnyValue

import pytest

from callpolicy.check import check_bundle
from callpolicy.condition import Condition, Leaf, Op
from callpolicy.engine import STANDING_BLOCK
from callpolicy.errors import Severity
from callpolicy.points import Effect, Kind
from callpolicy.policy import By, Governance, OpenHours, Pilot, Script, StandingBlock, Status, Term, TermRules
from tests.check.making import WARNED, a_bundle, a_rule, all_of, any_of, codes, found, none_of

DAY = 86_400_000_000
TOPIC_A = Leaf("call.topic", Op.IS, "a")
TOPIC_B = Leaf("call.topic", Op.IS, "b")
DUTIES = TermRules(("leader",), ("operator",), ("desk",), DAY)
CAPPED = Governance(longest_automatic_term=Term.DAY, terms={Term.DAY: DUTIES, Term.PERMANENT: DUTIES})


def test_a_sound_bundle_has_no_finding() -> None:
    sound = a_bundle(a_rule("a", Effect.HANG_UP), a_rule("b", Effect.BLOCK, term=Term.DAY))

    assert codes(sound) == []


def test_a_rule_past_its_review_is_a_warning_from_the_day_after() -> None:
    rule = a_rule("a", Effect.WARN, review_by=date(2026, 9, 30))

    (finding,) = check_bundle(a_bundle(rule), today=date(2026, 10, 1))
    assert (finding.code, finding.severity) == ("review-overdue", Severity.WARNING)
    assert finding.span == rule.span
    assert "2026-09-30" in finding.message
    assert check_bundle(a_bundle(rule), today=date(2026, 9, 30)) == ()
    assert check_bundle(a_bundle(rule)) == ()


def test_the_name_of_the_standing_block_is_taken() -> None:
    (finding,) = found(a_bundle(a_rule(STANDING_BLOCK, Effect.ACCEPT)), "reserved-id")

    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("status", [Status.ENFORCED, Status.PILOT])
def test_a_rule_in_force_needs_an_example(status: Status) -> None:
    pilot = Pilot(teams=("north",)) if status is Status.PILOT else None
    rule = a_rule("a", Effect.WARN, status=status, pilot=pilot, examples=())

    (finding,) = found(a_bundle(rule), "no-examples")
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SHADOW, Status.RETIRED])
def test_a_rule_that_is_not_in_force_may_still_lack_examples(status: Status) -> None:
    assert codes(a_bundle(a_rule("a", Effect.WARN, status=status, examples=()))) == []


def test_a_pilot_of_nobody_is_a_warning() -> None:
    def piloted(percent: int) -> AnyValue:
        return a_bundle(a_rule("a", Effect.WARN, status=Status.PILOT, pilot=Pilot(teams=("t",), percent=percent)))

    assert codes(piloted(0)) == ["pilot-of-nobody"]
    assert codes(piloted(1)) == []


@pytest.mark.parametrize("effect", [Effect.HANG_UP, Effect.HANG_UP_POLITELY])
def test_the_system_hangs_up_only_where_governance_permits(effect: Effect) -> None:
    rule = a_rule("a", effect, by=By.SYSTEM)

    (finding,) = found(a_bundle(rule), "hang-up-by-system")
    assert finding.severity is Severity.ERROR
    assert codes(a_bundle(rule, governance=Governance(automatic_hang_up=True))) == []


def test_the_system_may_warn_by_itself() -> None:
    assert codes(a_bundle(a_rule("a", Effect.WARN, by=By.SYSTEM))) == []


@pytest.mark.parametrize("effect", [Effect.BLOCK, Effect.PROPOSE_BLOCK])
def test_the_system_never_blocks_for_ever(effect: Effect) -> None:
    rule = a_rule("a", effect, by=By.SYSTEM, term=Term.PERMANENT)

    (finding,) = check_bundle(a_bundle(rule, governance=CAPPED))
    assert (finding.code, finding.severity) == ("permanent-by-system", Severity.ERROR)
    assert codes(a_bundle(a_rule("a", effect, term=Term.PERMANENT), governance=CAPPED)) == []


@pytest.mark.parametrize(
    ("term", "longest", "fine"),
    [
        (Term.DAY, Term.DAY, True),
        (DAY, Term.DAY, True),
        (DAY + 1, Term.DAY, False),
        (Term.WEEK, Term.DAY, False),
        (Term.WEEK, 7 * DAY, True),
        (1, None, False),
    ],
)
def test_the_system_blocks_no_longer_than_governance_permits(
    term: Term | int, longest: Term | int | None, fine: bool
) -> None:
    rule = a_rule("a", Effect.BLOCK, by=By.SYSTEM, term=term)

    governance = Governance(longest_automatic_term=longest, terms=dict.fromkeys(Term, DUTIES))
    came = codes(a_bundle(rule, governance=governance))
    assert came == ([] if fine else ["term-beyond-governance"])


def test_without_governance_the_system_blocks_nobody() -> None:
    rule = a_rule("a", Effect.BLOCK, by=By.SYSTEM, term=Term.DAY)

    assert codes(a_bundle(rule, governance=None)) == ["term-beyond-governance"]


def test_a_proposal_of_the_system_may_be_long_because_a_person_confirms_it() -> None:
    rule = a_rule("a", Effect.PROPOSE_BLOCK, by=By.SYSTEM, term=30 * DAY)

    assert codes(a_bundle(rule, governance=CAPPED)) == []


def test_a_rule_that_is_not_in_force_yet_weighs_as_a_warning() -> None:
    rule = a_rule("a", Effect.HANG_UP, by=By.SYSTEM, status=Status.SHADOW)

    assert [finding.severity for finding in check_bundle(a_bundle(rule))] == [Severity.WARNING]


def test_a_named_term_needs_somebody_who_judges() -> None:
    def named(term: Term | int) -> list[str]:
        return codes(a_bundle(a_rule("a", Effect.PROPOSE_BLOCK, term=term), governance=CAPPED))

    assert named(Term.WEEK) == ["term-without-governance"]
    assert named(Term.DAY) == []
    assert named(3 * DAY) == []


def test_a_duration_is_judged_by_whoever_judges_the_next_longer_term_and_else_by_nobody() -> None:
    governance = Governance(terms={Term.DAY: DUTIES, Term.MONTH: DUTIES})

    def told(term: int) -> list[str]:
        return codes(a_bundle(a_rule("a", Effect.PROPOSE_BLOCK, term=term), governance=governance))

    assert (told(DAY), told(DAY + 1), told(30 * DAY)) == ([], [], [])
    assert told(30 * DAY + 1) == ["term-without-governance"]


def test_rules_of_one_rank_that_say_different_things_tie() -> None:
    abuse = a_rule("a", Effect.NUISANCE, kind=Kind.ABUSE)
    harassment = a_rule("b", Effect.NUISANCE, kind=Kind.HARASSMENT)

    (finding,) = found(a_bundle(abuse, harassment), "tie")
    assert finding.severity is Severity.WARNING
    assert finding.span == harassment.span
    assert "only `a` gives it" in finding.message
    assert "`kind`" in finding.message


@pytest.mark.parametrize(
    "other",
    [
        a_rule("b", Effect.ESCALATE, to="desk", priority=51),
        a_rule("b", Effect.WARN),
        a_rule("b", Effect.ESCALATE, to="leader"),
        a_rule("b", Effect.ESCALATE, to="desk", status=Status.SHADOW),
        a_rule("b", Effect.ESCALATE, all_of(Leaf("talk.warnings", Op.LESS_THAN, 1)), to="desk"),
        a_rule("b", Effect.ESCALATE, Leaf("talk.warnings", Op.KNOWN, False), to="desk"),
    ],
    ids=["priority", "severity", "the same", "not in force", "conditions exclude", "one asks for the unknown"],
)
def test_rules_that_cannot_both_give_it_do_not_tie(other: AnyValue) -> None:
    assert codes(a_bundle(a_rule("a", Effect.ESCALATE, to="leader"), other)) == []


@pytest.mark.parametrize(
    ("one", "other", "tie"),
    [
        (TOPIC_A, TOPIC_B, False),
        (all_of(TOPIC_A, WARNED), TOPIC_B, False),
        (any_of(TOPIC_A, WARNED), TOPIC_B, True),
        (none_of(TOPIC_A), none_of(TOPIC_B), True),
        (TOPIC_A, none_of(TOPIC_B), True),
        (TOPIC_A, none_of(TOPIC_A), False),
    ],
)
def test_rules_tie_only_where_one_value_can_suit_both(one: Condition, other: Condition, tie: bool) -> None:
    made = a_bundle(a_rule("a", Effect.ESCALATE, one, to="leader"), a_rule("b", Effect.ESCALATE, other, to="desk"))

    assert codes(made) == (["tie"] if tie else [])


def test_a_text_shows_only_what_is_known_when_the_rule_matches() -> None:
    def told(fact: str, when: AnyValue = WARNED, effect: Effect = Effect.WARN) -> list[str]:
        return codes(a_bundle(a_rule("a", effect, when, because={"en": f"because of {{{fact}}}"})))

    assert told("talk.handling_time") == []
    assert told("talk.handling_time", effect=Effect.NORMAL) == ["text-shows-unknown"]
    assert told("call.topic") == ["text-shows-unknown"]
    assert told("call.topic", all_of(WARNED, Leaf("call.topic", Op.KNOWN, True))) == []
    assert told("talk.soothings") == []
    assert told("talk.signals") == ["text-shows-unknown"]
    assert told("call.business_hours") == ["text-shows-unknown"]


def test_declared_business_hours_are_always_known() -> None:
    rule = a_rule("a", Effect.WARN, because={"en": "{call.business_hours}"})

    assert codes(a_bundle(rule, settings={"hours": (OpenHours(1, 540, 1080),)})) == []


def test_the_kind_is_known_where_the_class_has_one() -> None:
    def told(class_: str) -> list[str]:
        when = Leaf("caller.class", Op.IS, class_)
        return codes(a_bundle(a_rule("a", Effect.WARN, when, because={"en": "{caller.kind}"})))

    assert told("nuisance") == []
    assert told("normal") == ["text-shows-unknown"]


def test_a_script_is_looked_at_with_every_rule_that_says_it() -> None:
    script = Script("s", {"en": "you were warned {talk.warnings} times"}, {"en": "topic: {call.topic}"})
    knows = a_rule("a", Effect.WARN, all_of(WARNED, Leaf("call.topic", Op.KNOWN, True)), script="s")
    knows_not = a_rule("b", Effect.SOOTHE, script="s")

    (finding,) = check_bundle(a_bundle(knows, knows_not, scripts={"s": script}))
    assert (finding.code, finding.span) == ("text-shows-unknown", knows_not.span)
    assert "`call.topic`" in finding.message


def test_the_script_of_the_standing_block_is_looked_at() -> None:
    script = Script("s", {"en": "until {block.until}"}, {})

    made = a_bundle(settings={"standing_block": StandingBlock(script="s")}, scripts={"s": script})
    assert codes(made) == ["text-shows-unknown"]
