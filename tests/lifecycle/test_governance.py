"""What governance lets happen, just beside what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from callpolicy.errors import GovernanceError
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Block,
    Confirm,
    DecideAppeal,
    Evidence,
    Lift,
    Propose,
    Review,
    Shield,
    State,
)
from callpolicy.lifecycle.guards import look_at_record
from callpolicy.lists import Subject
from callpolicy.policy import Term
from tests.lifecycle.making import (
    AGENT,
    ANN,
    DAY,
    DESK,
    DESK_2,
    DESK_3,
    GOVERNANCE,
    HEAD,
    HEAD_2,
    HOUR,
    LEADER,
    LI,
    OPERATOR,
    START,
    Life,
    active,
    automatic,
    evidence,
)
from tests.lifecycle.situations import (
    KEEP,
    LIFT,
    SHORTEN,
    after_a_lift,
    asked_for_longer,
    life,
    once_ready,
    proposed,
    shielded,
    without_terms,
)


def test_one_other_person_is_enough_for_a_short_block() -> None:
    made = proposed(DESK)
    made.tell(Confirm, DESK_2, 0)

    assert made.state(0) is State.CONFIRMED


def test_what_the_system_proposed_needs_one_person_if_it_is_short_and_two_if_it_is_long() -> None:
    short, long, longer = proposed(SYSTEM, Term.DAY), proposed(SYSTEM, Term.MONTH), proposed(SYSTEM, Term.WEEK)
    for made in (short, long, longer):
        made.tell(Confirm, DESK, 0)

    # A month asks for two by its own rule, a week because it is longer than five days.
    assert [made.state(0) for made in (short, long, longer)] == [State.CONFIRMED, State.PROPOSED, State.PROPOSED]
    long.tell(Confirm, DESK_2, 1)
    longer.tell(Confirm, DESK_2, 1)
    assert [made.state(1) for made in (long, longer)] == [State.CONFIRMED, State.CONFIRMED]


def test_for_ever_needs_two_persons_whatever_is_declared() -> None:
    governance = replace(GOVERNANCE, four_eyes_over=None)
    made = proposed(SYSTEM, Term.PERMANENT, governance)

    assert not governance.terms[Term.PERMANENT].four_eyes
    made.tell(Confirm, HEAD, 0)
    assert made.state(0) is State.PROPOSED
    made.tell(Confirm, HEAD_2, 1)
    assert made.state(1) is State.CONFIRMED


def test_a_length_just_over_the_declared_one_needs_two_persons() -> None:
    just, over = proposed(SYSTEM, 5 * DAY), proposed(SYSTEM, 5 * DAY + 1)
    just.tell(Confirm, DESK, 0)
    over.tell(Confirm, DESK, 0)

    assert (just.state(0), over.state(0)) == (State.CONFIRMED, State.PROPOSED)


def test_an_extension_takes_effect_when_another_person_has_confirmed_it() -> None:
    made = asked_for_longer()

    assert made.state(HOUR) is State.UNDER_REVIEW
    assert made.made.steps[-1].footing.until == START + DAY
    made.tell(Confirm, DESK_2, 2 * HOUR)
    assert made.state(2 * HOUR) is State.ACTIVE
    # A week from when it became active, not from when it was made longer.
    assert made.made.steps[-1].footing.until == START + 7 * DAY


def test_an_appeal_or_a_review_that_keeps_the_term_drops_an_extension_that_waits() -> None:
    for kind, by, more in ((Appeal, AGENT, {}), (Review, DESK_2, {"outcome": KEEP})):
        made = asked_for_longer()
        made.tell(kind, by, 2 * HOUR, **more)
        assert made.made.steps[-1].footing.extension is None
        with pytest.raises(GovernanceError, match="nothing-to-confirm"):
            made.tell(Confirm, DESK_3, 3 * HOUR)


def test_the_system_enters_what_persons_confirmed() -> None:
    made = once_ready()
    made.tell(Activate, SYSTEM, HOUR)

    assert made.state(HOUR) is State.ACTIVE


def test_who_proposed_may_withdraw_it_until_it_is_confirmed() -> None:
    made = proposed(AGENT)
    made.tell(Lift, AGENT, HOUR)
    assert made.state(HOUR) is State.LIFTED

    with pytest.raises(GovernanceError, match="role-missing"):
        once_ready().tell(Lift, AGENT, HOUR)


def test_the_system_takes_back_what_it_blocked_while_nobody_has_confirmed_it() -> None:
    made = automatic()
    made.tell(Lift, SYSTEM, HOUR)

    assert made.state(HOUR) is State.LIFTED


def test_a_block_can_be_lifted_though_the_norm_no_longer_declares_its_term() -> None:
    made = without_terms(active(term=Term.MONTH))
    made.tell(Lift, DESK, HOUR)

    assert made.state(HOUR) is State.LIFTED


def test_a_block_of_a_caller_who_became_protected_can_be_lifted_appealed_and_shortened() -> None:
    for kind, by, more in (
        (Lift, DESK, {}),
        (Appeal, SYSTEM, {}),
        (Review, DESK, {"outcome": SHORTEN, "term": 2 * HOUR}),
        (Review, DESK, {"outcome": LIFT}),
    ):
        shielded(active(), Shield.PROTECTED).tell(kind, by, HOUR, **more)


def test_a_lifted_block_returns_with_a_decision_made_since() -> None:
    made = after_a_lift(life())
    made.tell(Propose, AGENT, 2 * HOUR, evidence=evidence(("old", 0), ("new", HOUR + 1)))

    assert made.state(2 * HOUR) is State.PROPOSED


def test_what_was_proposed_before_a_lift_goes_on_with_evidence_since() -> None:
    made = after_a_lift(proposed())
    made.tell(Confirm, DESK, 2 * HOUR, evidence=evidence(("new", HOUR + 1)))
    made.tell(Activate, OPERATOR, 3 * HOUR)

    assert made.state(3 * HOUR) is State.ACTIVE


@pytest.mark.parametrize(
    ("decisions", "recorded", "fine"),
    [
        ((("new", HOUR + 1),), set(), False),
        ((("new", HOUR + 1),), {"new"}, True),
        ((("new", HOUR + 1), ("old", 0)), {"old"}, False),
        # Of before the lift, or of its very instant: on record or not, it is not new.
        ((("new", HOUR + 1), ("before", HOUR)), {"before"}, False),
        ((("new", HOUR + 1), ("another", 2 * HOUR)), {"another"}, True),
        # That nothing was made since is for another rule to say.
        ((("before", HOUR),), set(), True),
    ],
)
def test_after_a_lift_one_decision_made_since_is_on_record(
    decisions: tuple[tuple[str, int], ...], recorded: set[str], fine: bool
) -> None:
    others, at = after_a_lift(life()).others, START + 3 * HOUR

    try:
        look_at_record(Subject(ANN), evidence(*decisions), recorded, others, at)
        refusal = ""
    except GovernanceError as refused:
        refusal = f"{refused.code}, {refused.rule}"

    assert refusal == ("" if fine else "evidence-not-on-record, always.lifting_sticks")
    # Another caller, and the time before the lift, ask for no record.
    look_at_record(Subject(LI), evidence(*decisions), (), others, at)
    look_at_record(Subject(ANN), evidence(*decisions), (), others, START + HOUR - 1)


def test_a_lift_of_other_callers_and_an_expired_block_ask_for_nothing_new() -> None:
    made = after_a_lift(life())
    made.tell(Propose, AGENT, 2 * HOUR, evidence=evidence(("old", 0)), subject=Subject(LI))
    again = life()
    again.others = [active(block_id="b0", evidence=evidence(("old", 0))).made]
    again.tell(Propose, AGENT, 2 * DAY, evidence=evidence(("old", 0)))

    assert made.state(2 * HOUR) is again.state(2 * DAY) is State.PROPOSED


def test_a_rejected_proposal_is_not_brought_to_another_judge() -> None:
    rejected = life()
    rejected.tell(Propose, AGENT, 0, block_id="b0", evidence=evidence(("old", 0)))
    rejected.tell(Lift, DESK, HOUR)
    again = life()
    again.others = [rejected.made]

    with pytest.raises(GovernanceError, match="no-new-evidence"):
        again.tell(Propose, LEADER, 2 * HOUR, evidence=evidence(("old", 0)))


@pytest.mark.parametrize("person", ["", " li", "li ", "li\nwang", "li\u0000", "x" * 201])
def test_a_person_has_an_id_that_cannot_pass_for_another(person: str) -> None:
    with pytest.raises(ValueError, match="the id of a person"):
        Actor(person)


def test_the_system_has_no_roles_and_no_person_is_the_system() -> None:
    with pytest.raises(ValueError, match="no roles"):
        Actor(None, frozenset({"desk"}))
    assert not Actor("system", frozenset({"desk"})).is_system


@pytest.mark.parametrize(
    "make",
    [
        lambda: Review(by=DESK, at=0, reason="r", outcome=SHORTEN),
        lambda: Review(by=DESK, at=0, reason="r", outcome=KEEP, term=DAY),
        lambda: DecideAppeal(by=DESK, at=0, reason="r", outcome=AppealOutcome.LIFT, term=DAY),
        lambda: Propose(by=DESK, at=0, reason="r", block_id="b", subject=Subject(ANN), term=0),
        lambda: Propose(by=DESK, at=0, reason="r", block_id="b", subject=Subject(ANN), term=36_601 * DAY),
        lambda: Propose(by=DESK, at=0, reason="r", block_id="", subject=Subject(ANN), term=DAY),
        lambda: Lift(by=DESK, at=-1, reason="r"),
        lambda: Lift(by=DESK, at=0, reason="half a pair: \ud83d"),
        lambda: Lift(by=DESK, at=0, reason="nothing: \u0000"),
        lambda: Evidence("", 0),
        lambda: Evidence("d", 1 << 60),
    ],
)
def test_an_act_that_nobody_could_mean_is_not_made(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"term|block|years|control|decision"):
        make()


def made_again_by_the_system(earlier: Block, at: int) -> Life:
    """The system proposes and enters a block of the same caller, with a decision made just then."""
    again = Life(others=[earlier])
    again.tell(Propose, SYSTEM, at, evidence=evidence((f"new-{at}", at)))
    again.tell(Activate, SYSTEM, at)
    return again


def test_what_a_person_lifted_the_system_does_not_block_again_for_as_long_as_it_was_to_last() -> None:
    life = automatic(block_id="b0", evidence=evidence(("old", 0)))
    life.tell(Lift, OPERATOR, HOUR)

    for at in (HOUR + 1, HOUR + DAY - 1):
        with pytest.raises(GovernanceError) as caught:
            made_again_by_the_system(life.made, at)
        assert (caught.value.code, caught.value.rule) == ("no-new-evidence", "always.lifting_sticks")

    assert made_again_by_the_system(life.made, HOUR + DAY).state(HOUR + DAY) is State.ACTIVE


@pytest.mark.parametrize("case", ["lapsed", "taken back by the system", "a rejected proposal", "somebody else"])
def test_what_no_person_let_in_again_does_not_bind_the_system(case: str) -> None:
    life = automatic(block_id="b0", evidence=evidence(("old", 0)))
    if case == "taken back by the system":
        life.tell(Lift, SYSTEM, HOUR)
    elif case == "a rejected proposal":
        life = Life()
        life.tell(Propose, AGENT, 0, block_id="b0", evidence=evidence(("old", 0)))
        life.tell(Lift, DESK, HOUR)
    elif case == "somebody else":
        life = automatic(
            block_id="b0", evidence=evidence(("old", 0)), subject=Subject(replace(ANN, value="+12125550199"))
        )
        life.tell(Lift, OPERATOR, HOUR)

    # Twelve hours unconfirmed, and a block of the system lapses.
    assert made_again_by_the_system(life.made, 13 * HOUR).state(13 * HOUR) is State.ACTIVE


def test_a_person_may_block_again_with_a_decision_made_since() -> None:
    life = automatic(block_id="b0", evidence=evidence(("old", 0)))
    life.tell(Lift, OPERATOR, HOUR)
    again = Life(others=[life.made])
    again.tell(Propose, AGENT, 2 * HOUR, evidence=evidence(("new", 2 * HOUR)))
    again.tell(Confirm, DESK, 2 * HOUR)
    again.tell(Activate, OPERATOR, 2 * HOUR)

    assert again.state(2 * HOUR) is State.ACTIVE
