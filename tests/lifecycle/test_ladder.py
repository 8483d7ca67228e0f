"""The ladder: which term comes next after the blocks that there were."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.lifecycle import Activate, Confirm, Lift, Propose, next_term
from callpolicy.policy import Ladder, Term
from tests.lifecycle.making import AGENT, DAY, DESK, HOUR, LASTING, OPERATOR, START, Life, active, automatic


def day_block(begin: int) -> Life:
    """A block of a day that ended in its own time."""
    life = Life(LASTING)
    for kind, by in ((Propose, AGENT), (Confirm, DESK), (Activate, OPERATOR)):
        life.tell(kind, by, begin)
    return life


@pytest.mark.parametrize(
    ("begins", "at", "term"),
    [
        ([], 0, Term.DAY),
        ([0], 2 * DAY, Term.WEEK),
        ([0], 12 * HOUR, Term.WEEK),
        ([0, 10 * DAY], 12 * DAY, Term.MONTH),
        # The last step is the cap.
        ([0, 10 * DAY, 20 * DAY, 30 * DAY], 32 * DAY, Term.MONTH),
        # One step less 90 days after the end, not before.
        ([0], 91 * DAY - 1, Term.WEEK),
        ([0], 91 * DAY, Term.DAY),
        ([0, 10 * DAY], 101 * DAY, Term.WEEK),
        ([0, 10 * DAY, 20 * DAY, 30 * DAY], 121 * DAY, Term.MONTH),
        ([0, 10 * DAY, 20 * DAY], 111 * DAY, Term.MONTH),
        # Counted for 180 days from the end of each, both ends in.
        ([0, 100 * DAY], 181 * DAY, Term.MONTH),
        ([0, 100 * DAY], 181 * DAY + 1, Term.WEEK),
    ],
)
def test_terms_climb_with_the_blocks_of_the_past_and_come_down_with_time(
    begins: list[int], at: int, term: Term
) -> None:
    assert next_term([day_block(begin).made for begin in begins], START + at, LASTING) == term


def test_the_order_of_the_blocks_does_not_matter() -> None:
    made = [day_block(begin).made for begin in (0, 10 * DAY, 50 * DAY)]

    assert next_term(made, START + 150 * DAY, LASTING) == next_term(made[::-1], START + 150 * DAY, LASTING)


def test_without_decay_a_block_counts_in_full_until_it_is_forgotten() -> None:
    governance = replace(LASTING, ladder=Ladder((Term.DAY, Term.WEEK), 180 * DAY))

    made = [day_block(0).made]
    assert next_term(made, START + 181 * DAY, governance) == Term.WEEK
    assert next_term(made, START + 181 * DAY + 1, governance) == Term.DAY


def test_what_was_lifted_or_never_confirmed_or_never_held_is_held_against_nobody() -> None:
    lifted = active(LASTING)
    lifted.tell(Lift, DESK, HOUR)
    unconfirmed = automatic(replace(LASTING, confirm_within=2 * DAY))
    proposed, confirmed = Life(LASTING), Life(LASTING)
    for life in (proposed, confirmed):
        life.tell(Propose, AGENT, 0)
    confirmed.tell(Confirm, DESK, 0)

    past = [life.made for life in (lifted, unconfirmed, automatic(LASTING), proposed, confirmed)]
    assert next_term(past, START + 3 * DAY, LASTING) == Term.DAY


def test_a_block_of_the_system_counts_once_a_person_has_confirmed_it() -> None:
    life = automatic(LASTING)
    life.tell(Confirm, DESK, HOUR)

    assert next_term([life.made], START + 2 * DAY, LASTING) == Term.WEEK


def test_a_block_to_come_does_not_count_yet() -> None:
    assert next_term([day_block(10 * DAY).made], START + DAY, LASTING) == Term.DAY


def test_a_norm_without_a_ladder_gives_no_term() -> None:
    assert next_term([day_block(0).made], START + DAY, replace(LASTING, ladder=None)) is None
