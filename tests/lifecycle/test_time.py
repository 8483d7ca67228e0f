"""What time does to a block: judged when it is read, fixed when the act was done, reported if nobody saw to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.errors import GovernanceError
from callpolicy.instants import LATEST, instant_text, parse_instant
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Lift,
    Missed,
    Propose,
    Review,
    ReviewOutcome,
    State,
    Why,
    ended_at,
    entry_of,
    missed,
    state_at,
)
from callpolicy.lists import Entries, Entry, ListName, Subject
from callpolicy.policy import Overdue, Term
from tests.lifecycle.making import (
    AGENT,
    ANN,
    DAY,
    DESK,
    DESK_2,
    DESK_3,
    GOVERNANCE,
    HOUR,
    LASTING,
    OPERATOR,
    START,
    Life,
    active,
    automatic,
    evidence,
)

KEEP = ReviewOutcome.KEEP


def around(life: Life, at: int) -> tuple[State | None, State | None]:
    """The states just before an instant and at it."""
    return life.state(at - 1), life.state(at)


def test_a_block_expires_at_the_end_of_its_term_without_anybody_doing_anything() -> None:
    assert around(active(LASTING), DAY) == (State.ACTIVE, State.EXPIRED)
    assert around(active(LASTING, 90 * HOUR), 90 * HOUR) == (State.ACTIVE, State.EXPIRED)
    assert around(active(LASTING, Term.PERMANENT), 300 * DAY) == (State.ACTIVE, State.ACTIVE)


def test_a_month_ends_on_the_same_local_day_clipped_to_the_months_end() -> None:
    begin = parse_instant("2027-01-31T10:00:00+08:00") - START
    life = Life(LASTING)
    for kind, by in ((Propose, AGENT), (Confirm, DESK), (Activate, OPERATOR)):
        life.tell(kind, by, begin, **({"term": Term.MONTH} if kind is Propose else {}))

    until = life.made.steps[-1].footing.until
    assert until is not None
    assert instant_text(until) == "2027-02-28T02:00:00.000000Z"


def test_a_term_runs_from_when_the_block_is_entered() -> None:
    life = Life(LASTING)
    life.tell(Propose, AGENT, 0)
    life.tell(Confirm, DESK, 5 * HOUR)
    life.tell(Activate, OPERATOR, 30 * HOUR)

    assert entry_of(life.made, START + 30 * HOUR - 1) is None
    assert around(life, 30 * HOUR) == (State.CONFIRMED, State.ACTIVE)
    assert around(life, 54 * HOUR) == (State.ACTIVE, State.EXPIRED)


def test_a_block_of_the_system_is_lifted_if_no_person_confirms_it_in_time() -> None:
    life = automatic(LASTING)

    assert around(life, 12 * HOUR) == (State.ACTIVE, State.LIFTED)
    assert missed(life.made, START + 12 * HOUR - 1) == ()
    assert missed(life.made, START + 12 * HOUR) == (Missed("b1", Why.UNCONFIRMED, START + 12 * HOUR, True),)
    with pytest.raises(GovernanceError, match="block-is-over"):
        life.tell(Confirm, DESK, 12 * HOUR)


def test_a_block_of_the_system_that_is_confirmed_holds_for_its_term() -> None:
    life = automatic(LASTING)
    life.tell(Confirm, DESK, 12 * HOUR - 1)

    assert around(life, DAY) == (State.ACTIVE, State.EXPIRED)
    assert missed(life.made, START + DAY) == ()


def test_a_block_of_the_system_that_needs_two_persons_is_not_saved_by_one() -> None:
    life = automatic(replace(LASTING, longest_automatic_term=Term.WEEK), Term.WEEK)
    life.tell(Confirm, DESK, HOUR)
    assert around(life, 12 * HOUR) == (State.ACTIVE, State.LIFTED)

    life.tell(Confirm, DESK_2, 2 * HOUR)
    assert around(life, 7 * DAY) == (State.ACTIVE, State.EXPIRED)


def test_to_keep_a_block_is_not_to_confirm_it() -> None:
    life = automatic(LASTING)
    life.tell(Review, DESK, HOUR, outcome=KEEP)

    assert around(life, 12 * HOUR) == (State.ACTIVE, State.LIFTED)


def test_a_review_becomes_due_then_overdue_and_then_lifts() -> None:
    # A week is reviewed every two days, within one day.
    life = active(term=Term.WEEK)

    assert around(life, 2 * DAY) == (State.ACTIVE, State.UNDER_REVIEW)
    assert around(life, 3 * DAY) == (State.UNDER_REVIEW, State.LIFTED)
    assert missed(life.made, START + 3 * DAY) == (Missed("b1", Why.REVIEW_OVERDUE, START + 3 * DAY, True),)


def test_a_review_that_keeps_the_block_sets_the_next_one() -> None:
    life = active(term=Term.WEEK)
    life.tell(Review, DESK, 2 * DAY + HOUR, outcome=KEEP)

    assert life.state(2 * DAY + HOUR) is State.ACTIVE
    assert around(life, 4 * DAY + HOUR) == (State.ACTIVE, State.UNDER_REVIEW)
    assert around(life, 5 * DAY + HOUR) == (State.UNDER_REVIEW, State.LIFTED)


def test_an_overdue_review_can_be_declared_to_leave_the_block_and_is_reported() -> None:
    life = active(replace(GOVERNANCE, overdue_reviews=Overdue.STAY), Term.WEEK)

    assert around(life, 3 * DAY) == (State.UNDER_REVIEW, State.UNDER_REVIEW)
    assert missed(life.made, START + 3 * DAY - 1) == ()
    assert missed(life.made, START + 6 * DAY) == (Missed("b1", Why.REVIEW_OVERDUE, START + 3 * DAY, False),)
    assert around(life, 7 * DAY) == (State.UNDER_REVIEW, State.EXPIRED)
    life.tell(Review, DESK, 6 * DAY, outcome=KEEP)
    assert missed(life.made, START + 6 * DAY) == ()


def test_an_appeal_that_nobody_decides_in_time_lifts() -> None:
    life = active(LASTING, Term.WEEK)
    life.tell(Appeal, SYSTEM, HOUR)

    assert around(life, HOUR) == (State.ACTIVE, State.UNDER_REVIEW)
    assert around(life, 3 * DAY + HOUR) == (State.UNDER_REVIEW, State.LIFTED)
    ended = ended_at(life.made, START + 4 * DAY)
    assert ended is not None
    assert (ended.at, ended.why) == (START + 3 * DAY + HOUR, Why.APPEAL_OVERDUE)


def test_an_overdue_appeal_can_be_declared_to_leave_the_block_and_is_reported() -> None:
    life = active(replace(LASTING, overdue_appeals=Overdue.STAY), Term.WEEK)
    life.tell(Appeal, AGENT, HOUR)

    assert life.state(5 * DAY) is State.UNDER_REVIEW
    assert missed(life.made, START + 5 * DAY) == (Missed("b1", Why.APPEAL_OVERDUE, START + 3 * DAY + HOUR, False),)


def test_without_a_limit_an_appeal_waits_and_the_block_goes_on() -> None:
    life = active(replace(LASTING, appeal_within=None), Term.WEEK)
    life.tell(Appeal, AGENT, HOUR)

    assert around(life, 7 * DAY) == (State.UNDER_REVIEW, State.EXPIRED)
    assert missed(life.made, START + 7 * DAY) == ()


def test_an_appeal_that_is_decided_no_longer_ends_the_block() -> None:
    life = active(LASTING, Term.WEEK)
    life.tell(Appeal, AGENT, HOUR)
    life.tell(DecideAppeal, DESK_3, 3 * DAY, outcome=AppealOutcome.SHORTEN, term=6 * DAY)

    assert around(life, 6 * DAY) == (State.ACTIVE, State.EXPIRED)


def test_a_term_that_is_shortened_to_what_is_over_ends_now_and_changes_no_past() -> None:
    life = active(LASTING)
    life.tell(Review, DESK, 10 * HOUR, outcome=ReviewOutcome.SHORTEN, term=2 * HOUR)

    assert around(life, 10 * HOUR) == (State.ACTIVE, State.EXPIRED)
    assert life.state(3 * HOUR) is State.ACTIVE
    ended = ended_at(life.made, START + 11 * HOUR)
    assert ended is not None
    assert ended.at == START + 10 * HOUR


def test_the_first_of_several_ends_counts_and_of_two_at_once_the_term() -> None:
    # Reviewed after a day, within no time: overdue at the very end of the term.
    life = active(replace(GOVERNANCE, review_within=0))

    ended = ended_at(life.made, START + DAY)
    assert ended is not None
    assert (ended.at, ended.state, ended.why) == (START + DAY, State.EXPIRED, Why.TERM)
    assert missed(life.made, START + DAY) == ()


def test_a_norm_that_changes_changes_no_block_that_is_there() -> None:
    life = active(term=Term.WEEK)
    lifted = life.made
    life.governance = replace(GOVERNANCE, overdue_reviews=Overdue.STAY, review_within=10 * DAY)

    assert state_at(lifted, START + 4 * DAY) is State.LIFTED
    with pytest.raises(GovernanceError, match="block-is-over"):
        life.tell(Review, DESK, 4 * DAY, outcome=KEEP)


def test_no_deadline_lies_beyond_the_calendar() -> None:
    life = Life(LASTING)
    late = LATEST - START - HOUR
    life.tell(Propose, AGENT, late)
    life.tell(Confirm, DESK, late)
    life.tell(Activate, OPERATOR, late)

    assert life.made.steps[-1].footing.until == LATEST
    assert life.state(LATEST - START) is State.EXPIRED


def test_screen_sees_an_entry_that_ends_when_the_block_does() -> None:
    life = automatic(subject=Subject(ANN), reason="burst", evidence=evidence(("d7", 0)))
    at = START + HOUR

    expected = Entry(
        entry_id="b1",
        on=ListName.BLOCKLIST,
        identity=ANN,
        since=START,
        until=START + 12 * HOUR,
        reason="burst",
        owner="system",
        evidence=("d7",),
        # Nobody has confirmed it yet: it would be lifted at noon, and its term goes on to the next day.
        term_until=START + DAY,
        taken_back=True,
    )
    assert entry_of(life.made, at) == expected
    life.tell(Confirm, DESK, 2 * HOUR, evidence=evidence(("d8", HOUR), ("d7", 0)))
    # What was known an hour after the start stays what was known then.
    assert entry_of(life.made, at) == expected
    assert entry_of(life.made, START + 2 * HOUR) == replace(
        expected, until=START + DAY, owner="desk-1", evidence=("d7", "d8"), term_until=None, taken_back=False
    )
    assert entry_of(life.made, START + DAY) is None


def test_an_entry_of_a_block_covers_whom_the_block_covers() -> None:
    for subject in (Subject(replace(ANN, value="+12125550")), Subject(replace(ANN, value="+12125550"), prefix=True)):
        assert (entry := entry_of(active(subject=subject).made, START)) is not None
        assert entry.subject == subject
    ranged = Subject(replace(ANN, value="+12125550100"), last="+12125550199")
    assert (entry := entry_of(active(subject=ranged).made, START)) is not None
    assert Entries([entry]).standing([ANN], START).block == entry


def test_a_permanent_block_has_an_entry_without_end_only_if_nothing_can_end_it() -> None:
    staying = replace(GOVERNANCE, overdue_reviews=Overdue.STAY)

    lifting, permanent = active(term=Term.PERMANENT), active(staying, Term.PERMANENT)

    ends = [entry.until if (entry := entry_of(each.made, START)) else 0 for each in (lifting, permanent)]
    assert ends == [START + 31 * DAY, None]


def test_what_holds_nobody_has_no_entry() -> None:
    life = Life()
    life.tell(Propose, AGENT, 0)
    assert entry_of(life.made, START) is None
    assert entry_of(life.made, START - 1) is None
    life.tell(Confirm, DESK, 0)
    assert entry_of(life.made, START) is None
    life.tell(Activate, OPERATOR, HOUR)
    life.tell(Lift, DESK, 2 * HOUR)
    assert entry_of(life.made, START + 2 * HOUR) is None
    assert entry_of(life.made, START + 2 * HOUR - 1) is not None


def test_what_was_lifted_by_a_person_is_not_reported_as_missed() -> None:
    life = active(term=Term.WEEK)
    life.tell(Lift, DESK, HOUR)

    assert missed(life.made, START + 30 * DAY) == ()
    assert missed(life.made, START - 1) == ()
