"""Which act is possible in which state, act by act."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.errors import GovernanceError
from callpolicy.lifecycle import (
    SYSTEM,
    TRANSITIONS,
    Act,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Lift,
    Move,
    Propose,
    Review,
    ReviewOutcome,
    State,
    block_bytes,
    state_at,
)
from callpolicy.policy import Term
from tests.lifecycle.making import AGENT, DAY, DESK, DESK_2, DESK_3, HOUR, OPERATOR, START, Life, active, automatic

# One row per act, told by somebody who may; what stands there is the state it leads to, a dash that it is refused.
# Written from the meaning, not from the table under test. `automatic` is active and no person has confirmed it;
# `appealed` and `extending` are under review; `due` is under review because time went on.
POSSIBLE = """
             none      proposed  confirmed active        automatic    due          appealed     extending    lifted expired
propose      proposed  -         -         -             -            -            -            -            -      -
confirm      -         confirmed -         -             active       -            -            active       -      -
activate     -         -         active    -             -            -            -            -            -      -
keep         -         -         -         active        active       active       -            active       -      -
shorten      -         -         -         active        active       active       -            active       -      -
extend       -         -         -         under_review  under_review under_review -            under_review -      -
review_lift  -         -         -         lifted        lifted       lifted       lifted       lifted       -      -
appeal       -         -         -         under_review  under_review under_review -            under_review -      -
appeal_keep  -         -         -         -             -            -            active       -            -      -
appeal_short -         -         -         -             -            -            active       -            -      -
appeal_lift  -         -         -         -             -            -            lifted       -            -      -
lift         -         lifted    lifted    lifted        lifted       lifted       lifted       lifted       -      -
"""  # noqa: E501 - a table is read across
ROWS = [line.split() for line in POSSIBLE.strip().splitlines()]
CASES = [
    (row[0], state, None if after == "-" else State(after))
    for row in ROWS[1:]
    for state, after in zip(ROWS[0], row[1:], strict=True)
]
ACTS: dict[str, tuple[type[Act], Actor, dict[str, Any]]] = {
    "propose": (Propose, AGENT, {"term": Term.DAY}),
    "confirm": (Confirm, DESK_2, {}),
    "activate": (Activate, OPERATOR, {}),
    "keep": (Review, DESK, {"outcome": ReviewOutcome.KEEP}),
    "shorten": (Review, DESK, {"outcome": ReviewOutcome.SHORTEN, "term": 20 * HOUR}),
    "extend": (Review, DESK, {"outcome": ReviewOutcome.EXTEND, "term": 5 * DAY}),
    "review_lift": (Review, DESK, {"outcome": ReviewOutcome.LIFT}),
    "appeal": (Appeal, AGENT, {}),
    "appeal_keep": (DecideAppeal, DESK_3, {"outcome": AppealOutcome.KEEP}),
    "appeal_short": (DecideAppeal, DESK_3, {"outcome": AppealOutcome.SHORTEN, "term": 20 * HOUR}),
    "appeal_lift": (DecideAppeal, DESK_3, {"outcome": AppealOutcome.LIFT}),
    "lift": (Lift, DESK, {}),
}
# The review of a block of four days is due after two.
NOW = {"due": 50 * HOUR}
STATES = {
    "automatic": State.ACTIVE,
    "due": State.UNDER_REVIEW,
    "appealed": State.UNDER_REVIEW,
    "extending": State.UNDER_REVIEW,
}


def life_in(state: str) -> Life:
    """A block that is in a state at the instant `NOW` has for it."""
    if state == "none":
        return Life()
    if state == "automatic":
        return automatic()
    if state in ("proposed", "confirmed"):
        life = Life()
        life.tell(Propose, AGENT, 0)
        if state == "confirmed":
            life.tell(Confirm, DESK, 0)
        return life
    life = active(term={"expired": 6 * HOUR, "due": 4 * DAY}.get(state, DAY))
    if state == "appealed":
        life.tell(Appeal, AGENT, HOUR)
    if state == "extending":
        life.tell(Review, DESK, HOUR, outcome=ReviewOutcome.EXTEND, term=2 * DAY)
    if state == "lifted":
        life.tell(Lift, DESK, HOUR)
    return life


@pytest.mark.parametrize(("act", "state", "after"), CASES)
def test_an_act_is_taken_only_where_it_can_happen(act: str, state: str, after: State | None) -> None:
    life = life_in(state)
    now = NOW.get(state, 10 * HOUR)
    kind, by, more = ACTS[act]
    if (act, state) == ("shorten", "due"):
        more = {**more, "term": 60 * HOUR}
    before = life.block
    assert (before is None) if state == "none" else (life.state(now) == STATES.get(state, state))

    if after is None:
        with pytest.raises(GovernanceError) as caught:
            life.tell(kind, by, now, **more)
        assert caught.value.rule == "always.transitions"
        assert life.block is before
    else:
        life.tell(kind, by, now, **more)
        assert life.state(now) is after
        assert life.made.steps[-1].footing.state is after


def test_every_state_and_every_act_stands_in_the_list_above() -> None:
    assert set(ACTS) == {row[0] for row in ROWS[1:]}
    assert {None, *State} == set(TRANSITIONS)
    moves = {move for row in TRANSITIONS.values() for move in row}
    assert moves == set(Move)


def test_nothing_leads_out_of_a_block_that_is_over() -> None:
    assert TRANSITIONS[State.LIFTED] == {}
    assert TRANSITIONS[State.EXPIRED] == {}


def test_the_table_leads_nowhere_but_to_its_own_states_and_never_to_expired() -> None:
    # What expires does so by time alone.
    reached = {state for row in TRANSITIONS.values() for state in row.values()}

    assert reached == set(State) - {State.EXPIRED}


def test_a_life_from_proposal_to_expiry_keeps_every_act() -> None:
    life = Life()
    seen = []
    for kind, by, at in [
        (Propose, AGENT, 0),
        (Confirm, DESK, HOUR),
        (Activate, OPERATOR, 2 * HOUR),
        (Appeal, AGENT, 3 * HOUR),
    ]:
        life.tell(kind, by, at)
        seen.append(life.state(at))
    life.tell(DecideAppeal, DESK_2, 4 * HOUR, outcome=AppealOutcome.KEEP, reason="it stands")
    seen += [life.state(4 * HOUR), life.state(2 * HOUR + DAY - 1), life.state(2 * HOUR + DAY)]

    assert seen == ["proposed", "confirmed", "active", "under_review", "active", "active", "expired"]
    assert [act.name for act in life.made.acts] == ["propose", "confirm", "activate", "appeal", "decide_appeal"]
    assert [act.by for act in life.made.acts] == [AGENT, DESK, OPERATOR, AGENT, DESK_2]
    assert life.made.acts[-1].reason == "it stands"


def test_the_past_of_a_block_can_be_asked_for() -> None:
    life = active()
    life.tell(Lift, DESK, 5 * HOUR)

    assert state_at(life.made, START - 1) is None
    assert life.state(5 * HOUR - 1) is State.ACTIVE
    assert life.state(5 * HOUR) is State.LIFTED


def test_a_refusal_changes_nothing() -> None:
    life = active()
    before = block_bytes(life.made)

    with pytest.raises(GovernanceError):
        life.tell(Lift, SYSTEM, HOUR)

    assert block_bytes(life.made) == before
