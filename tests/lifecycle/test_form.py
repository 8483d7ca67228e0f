"""A block as JSON: what comes back is the same block, and nothing that is no block comes in."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import LATEST
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Block,
    Confirm,
    DecideAppeal,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
    block_bytes,
    block_from_dict,
    block_to_dict,
    entry_of,
    missed,
    state_at,
)
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
    HOUR,
    LASTING,
    LI,
    OPERATOR,
    START,
    Life,
    active,
    automatic,
    evidence,
)

BOSS = Actor("boss", frozenset({"leader", "desk", "head", "operator"}))
ACTS: list[tuple[Any, dict[str, Any]]] = [
    (Confirm, {}),
    (Activate, {}),
    (Review, {"outcome": ReviewOutcome.KEEP}),
    (Review, {"outcome": ReviewOutcome.SHORTEN, "term": 20 * HOUR}),
    (Review, {"outcome": ReviewOutcome.EXTEND, "term": Term.PERMANENT}),
    (Appeal, {}),
    (DecideAppeal, {"outcome": AppealOutcome.KEEP}),
    (DecideAppeal, {"outcome": AppealOutcome.SHORTEN, "term": Term.DAY}),
    (Lift, {}),
]
SUBJECTS = [
    Subject(ANN),
    Subject(LI),
    Subject(Identity(IdentityKind.NUMBER, "+12125550"), prefix=True),
    Subject(Identity(IdentityKind.NUMBER, "+12125550100"), last="+12125550199"),
]


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """A block that went through whatever acts governance let happen."""
    life = Life(draw(st.sampled_from([GOVERNANCE, LASTING])))
    proposer = draw(st.sampled_from([SYSTEM, AGENT, DESK]))
    term = draw(st.sampled_from([Term.DAY, Term.WEEK, Term.MONTH, 7 * HOUR + 1]))
    life.tell(
        Propose,
        proposer,
        0,
        subject=draw(st.sampled_from(SUBJECTS)),
        term=term,
        reason=draw(st.sampled_from(["骚扰\n电话", "x"])),
    )
    at = 0
    for _ in range(draw(st.integers(0, 8))):
        kind, more = draw(st.sampled_from(ACTS))
        at += draw(st.integers(0, 8)) * HOUR + draw(st.sampled_from([0, 1]))
        by = draw(st.sampled_from([SYSTEM, AGENT, DESK, DESK_2, DESK_3, HEAD, OPERATOR, BOSS]))
        try:
            life.tell(kind, by, at, **more, evidence=evidence((f"e{at}", at)))
        except GovernanceError:
            continue
    return life.made


@given(blocks())
def test_a_block_comes_back_from_its_bytes_as_it_was(block: Block) -> None:
    back = block_from_dict(json.loads(block_bytes(block)))

    assert back == block
    assert block_bytes(back) == block_bytes(block)


@given(blocks(), st.integers(-1, 40 * 24))
def test_a_block_that_comes_back_has_the_time_left_that_it_had(block: Block, hours: int) -> None:
    back, at = block_from_dict(block_to_dict(block)), START + hours * HOUR

    assert state_at(back, at) is state_at(block, at)
    assert entry_of(back, at) == entry_of(block, at)
    assert missed(back, at) == missed(block, at)


def test_the_bytes_are_canonical() -> None:
    text = block_bytes(active().made).decode()

    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_the_form_is_what_is_written_here() -> None:
    life = automatic(subject=Subject(LI), reason="burst", evidence=evidence(("d7", -HOUR)), term=HOUR)

    proposal, activation = block_to_dict(life.made)["steps"]
    assert {name: part for name, part in block_to_dict(life.made).items() if name != "steps"} == {
        "version": 1,
        "block_id": "b1",
        "subject": {"kind": "customer", "value": "70001", "prefix": False, "last": None},
    }
    assert proposal["act"] == {
        "act": "propose",
        "by": {"person": None, "roles": []},
        "at": "2027-03-01T02:00:00.000000Z",
        "reason": "burst",
        "evidence": [{"decision_id": "d7", "at": "2027-03-01T01:00:00.000000Z"}],
        "block_id": "b1",
        "subject": {"kind": "customer", "value": "70001", "prefix": False, "last": None},
        "term": 3_600_000_000,
    }
    assert (proposal["move"], activation["move"]) == ("propose", "activate_automatically")
    assert activation["footing"] == {
        "state": "active",
        "term": 3_600_000_000,
        "confirmed": False,
        "since": "2027-03-01T02:00:00.000000Z",
        "until": "2027-03-01T03:00:00.000000Z",
        "confirm_by": "2027-03-01T14:00:00.000000Z",
        "review": {"due": "2027-03-02T02:00:00.000000Z", "by": "2027-03-03T02:00:00.000000Z", "lifts": True},
        "appeal": None,
        "extension": None,
    }


def test_a_block_up_to_the_end_of_the_calendar_can_be_kept() -> None:
    life = Life(LASTING)
    life.tell(Propose, AGENT, LATEST - START, term=36_600 * DAY)
    life.tell(Confirm, HEAD, LATEST - START)

    assert block_from_dict(json.loads(block_bytes(life.made))) == life.made


def paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every object and every value in a tree, by its path."""
    yield path
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in parts:
        yield from paths(value, (*path, key))


def rich() -> dict[str, Any]:
    """A block with something in every place."""
    life = active()
    life.tell(Review, DESK, HOUR, outcome=ReviewOutcome.EXTEND, term=Term.WEEK)
    life.tell(Confirm, DESK_2, 2 * HOUR)
    life.tell(Appeal, AGENT, 3 * HOUR)
    life.tell(DecideAppeal, DESK_3, 4 * HOUR, outcome=AppealOutcome.SHORTEN, term=Term.DAY)
    return block_to_dict(life.made)


RICH = rich()


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def refusal(tree: Any) -> str | None:
    """What a tree is refused with, or `None` if it is a block."""
    try:
        block_from_dict(tree)
    except ValueError as error:
        return str(error)
    return None


OBJECTS = [path for path in paths(RICH) if isinstance(at(RICH, path), dict)]
VALUES = [path for path in paths(RICH) if not isinstance(at(RICH, path), dict | list)]


@given(st.sampled_from(OBJECTS))
def test_an_unknown_key_is_refused_wherever_it_stands(path: tuple[Any, ...]) -> None:
    tree = copy.deepcopy(RICH)
    at(tree, path)["extra"] = 1

    with pytest.raises(ValueError, match="a key that is not known"):
        block_from_dict(tree)


@given(st.data())
def test_a_missing_key_is_refused_wherever_it_is_missing(data: st.DataObject) -> None:
    tree = copy.deepcopy(RICH)
    part = at(tree, data.draw(st.sampled_from(OBJECTS)))
    del part[data.draw(st.sampled_from(sorted(part)))]

    with pytest.raises(ValueError, match=r"is missing|is none that there is"):
        block_from_dict(tree)


@given(st.sampled_from(VALUES), st.sampled_from([1.5, [], {}, "nothing like it", -1, float("nan")]))
def test_a_wrong_value_is_told_by_its_place_or_is_a_text_that_may_stand_there(
    path: tuple[Any, ...], wrong: Any
) -> None:
    tree = copy.deepcopy(RICH)
    at(tree, path[:-1])[path[-1]] = wrong

    told = refusal(tree)
    if told is None:
        assert isinstance(wrong, str)
        assert path[-1] in ("reason", "decision_id", "person") or path[-2] == "roles"
    else:
        assert "nothing like it" not in told


@pytest.mark.parametrize("tree", [None, [], "x", 1, {}])
def test_what_is_no_object_with_these_keys_is_no_block(tree: object) -> None:
    with pytest.raises(ValueError, match="the block"):
        block_from_dict(tree)


def swapped(tree: dict[str, Any]) -> None:
    tree["steps"][0], tree["steps"][1] = tree["steps"][1], tree["steps"][0]


def skipped(tree: dict[str, Any]) -> None:
    del tree["steps"][1]


def earlier(tree: dict[str, Any]) -> None:
    tree["steps"][2]["act"]["at"] = "2027-02-01T00:00:00.000000Z"


def other_id(tree: dict[str, Any]) -> None:
    tree["block_id"] = "b2"


def other_subject(tree: dict[str, Any]) -> None:
    tree["subject"]["value"] = "+12125550143"


def other_state(tree: dict[str, Any]) -> None:
    tree["steps"][1]["footing"]["state"] = "active"


def other_move(tree: dict[str, Any]) -> None:
    tree["steps"][2]["move"] = "lift"


def no_steps(tree: dict[str, Any]) -> None:
    tree["steps"] = []


def two_proposals(tree: dict[str, Any]) -> None:
    tree["steps"].append(copy.deepcopy(tree["steps"][0]))


def local_time(tree: dict[str, Any]) -> None:
    tree["steps"][0]["act"]["at"] = "2027-03-01T10:00:00+08:00"


def other_version(tree: dict[str, Any]) -> None:
    tree["version"] = 2


@pytest.mark.parametrize(
    "spoil",
    [
        swapped, skipped, earlier, other_id, other_subject, other_state, other_move, no_steps, two_proposals,
        local_time, other_version,
    ],
)  # fmt: skip
def test_what_is_no_life_of_this_block_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    tree = copy.deepcopy(RICH)
    spoil(tree)

    with pytest.raises(ValueError, match=r"steps|version") as caught:
        block_from_dict(tree)
    assert "5550" not in str(caught.value)
