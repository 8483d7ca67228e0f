"""Values from outside: each is taken as its type says, or unknown with the code of its fault."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.facts import Catalogue, Fact, FactType, InputFault, Snapshot, Value, accept, snapshot_of
from callpolicy.instants import LATEST

BOOL = Fact("host.bool", FactType.BOOL, {})
INT = Fact("host.int", FactType.INT, {}, minimum=0, maximum=23)
ANY_INT = Fact("host.any_int", FactType.INT, {})
FLOAT = Fact("host.float", FactType.FLOAT, {}, minimum=-1, maximum=1)
STR = Fact("host.str", FactType.STR, {})
ENUM = Fact("host.enum", FactType.ENUM, {}, values=("open", "final"))
DURATION = Fact("host.duration", FactType.DURATION, {}, minimum=0)
TIMESTAMP = Fact("host.timestamp", FactType.TIMESTAMP, {})
SET = Fact("host.set", FactType.STR_SET, {}, values=("loan", "card"))
ANY_SET = Fact("host.any_set", FactType.STR_SET, {})
FACTS = [BOOL, INT, ANY_INT, FLOAT, STR, ENUM, DURATION, TIMESTAMP, SET, ANY_SET]

TYPES: dict[FactType, type] = {
    FactType.BOOL: bool, FactType.INT: int, FactType.FLOAT: float, FactType.STR: str, FactType.ENUM: str,
    FactType.DURATION: int, FactType.TIMESTAMP: int, FactType.STR_SET: frozenset,
}  # fmt: skip


class Word(StrEnum):
    OPEN = "open"


class Number(IntEnum):
    THREE = 3


def letters() -> Iterator[str]:
    yield from ("loan", "card")


@pytest.mark.parametrize(
    ("fact", "value", "taken"),
    [
        (BOOL, True, True),
        (BOOL, False, False),
        (INT, 0, 0),
        (INT, 23, 23),
        (INT, Number.THREE, 3),
        (ANY_INT, -(1 << 63), -(1 << 63)),
        (ANY_INT, (1 << 63) - 1, (1 << 63) - 1),
        (FLOAT, 1, 1.0),
        (FLOAT, -0.25, -0.25),
        (STR, "", ""),
        (STR, "信用卡", "信用卡"),
        (ENUM, "final", "final"),
        (ENUM, Word.OPEN, "open"),
        (DURATION, 0, 0),
        (TIMESTAMP, LATEST, LATEST),
        (SET, ["loan", "loan"], frozenset({"loan"})),
        (SET, [], frozenset()),
        (SET, letters(), frozenset({"loan", "card"})),
        (ANY_SET, {"x"}, frozenset({"x"})),
    ],
)
def test_a_value_of_the_type_is_taken(fact: Fact, value: object, taken: Value) -> None:
    assert accept(fact, value) == (taken, "")
    assert type(accept(fact, value)[0]) is TYPES[fact.type]


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        (BOOL, 1, "wrong-type"),
        (BOOL, 0, "wrong-type"),
        (BOOL, "true", "wrong-type"),
        (INT, True, "wrong-type"),
        (INT, 1.0, "wrong-type"),
        (INT, "1", "wrong-type"),
        (INT, Decimal(1), "wrong-type"),
        (INT, -1, "out-of-range"),
        (INT, 24, "out-of-range"),
        (INT, 10**30, "out-of-range"),
        (FLOAT, True, "wrong-type"),
        (FLOAT, "0.5", "wrong-type"),
        (FLOAT, math.nan, "not-a-number"),
        (FLOAT, math.inf, "not-a-number"),
        (FLOAT, -math.inf, "not-a-number"),
        (FLOAT, 1.0000001, "out-of-range"),
        (STR, 5, "wrong-type"),
        (STR, b"x", "wrong-type"),
        (STR, ["x"], "wrong-type"),
        (ENUM, "closed", "not-allowed"),
        (ENUM, "Open", "not-allowed"),
        (ENUM, 1, "wrong-type"),
        (DURATION, -1, "out-of-range"),
        (DURATION, 1.5, "wrong-type"),
        (DURATION, True, "wrong-type"),
        (DURATION, timedelta(seconds=1), "wrong-type"),
        (TIMESTAMP, "2027-03-01T10:00:00Z", "wrong-type"),
        (SET, "loan", "wrong-type"),
        (SET, 3, "wrong-type"),
        (SET, b"loan", "wrong-type"),
        (SET, ["loan", 3], "wrong-type"),
        (SET, ["loan", "mortgage"], "not-allowed"),
    ],
)
def test_a_value_that_cannot_be_is_unknown_and_its_fault_has_a_code(fact: Fact, value: object, code: str) -> None:
    assert accept(fact, value) == (None, code)


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["large", "small"])
@pytest.mark.parametrize("fact", [FLOAT, Fact("host.any_float", FactType.FLOAT, {})])
def test_a_whole_number_beyond_every_float_is_out_of_range(fact: Fact, value: int) -> None:
    assert accept(fact, value) == (None, "out-of-range")


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, 10**5_000], ids=["above", "below", "far"])
@pytest.mark.parametrize("fact", [ANY_INT, Fact("host.any_duration", FactType.DURATION, {})])
def test_a_number_that_no_store_and_no_json_can_hold_is_out_of_range(fact: Fact, value: int) -> None:
    assert accept(fact, value) == (None, "out-of-range")


@pytest.mark.parametrize("value", [-1, LATEST + 1, 10**30])
def test_an_instant_that_no_calendar_shows_is_out_of_range(value: int) -> None:
    assert accept(TIMESTAMP, value) == (None, "out-of-range")


@pytest.mark.parametrize("fact", [STR, ANY_SET])
def test_half_a_character_is_no_text(fact: Fact) -> None:
    # A file that was read with `surrogateescape` gives such texts; nothing can write them down again.
    value = "\udcff" if fact is STR else ["card", "\udcff"]

    assert accept(fact, value) == (None, "unparsable")


def test_a_mapping_is_no_set_though_it_has_keys() -> None:
    assert accept(ANY_SET, {"loan": True}) == (None, "wrong-type")


@pytest.mark.parametrize("fact", FACTS)
def test_none_says_that_the_host_does_not_know_and_is_no_fault(fact: Fact) -> None:
    assert accept(fact, None) == (None, "")


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.decimals(),
        st.complex_numbers(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=2)),
    max_leaves=4,
)


@given(st.sampled_from(FACTS), ANYTHING)
def test_whatever_comes_it_is_a_value_of_the_type_or_unknown(fact: Fact, value: object) -> None:
    taken, code = accept(fact, value)

    assert (taken is None) or not code
    if taken is not None:
        assert type(taken) is TYPES[fact.type]
        assert accept(fact, taken) == (taken, "")
    elif value is not None:
        assert code in {"wrong-type", "not-a-number", "out-of-range", "not-allowed", "unparsable"}


def test_a_snapshot_lists_its_faults_sorted_and_holds_only_what_is_known() -> None:
    given_facts = {"host.int": 24, "host.bool": None, "host.str": "x", "no.such": 1, "host.float": math.nan}

    made = snapshot_of(Catalogue(FACTS), given_facts, at=7)

    assert made == Snapshot(
        7,
        {"host.str": "x"},
        {},
        (
            InputFault("host.float", "not-a-number"),
            InputFault("host.int", "out-of-range"),
            InputFault("no.such", "unknown-fact"),
        ),
    )
    assert made.get("host.int") is None


@pytest.mark.parametrize("name", ["+12125550142", "host.12125550142", "call 5550142", "x" * 200, "Host.Risk", ""])
def test_the_name_of_what_is_no_fact_is_not_repeated_if_it_could_be_anything(name: str) -> None:
    assert snapshot_of(Catalogue(FACTS), {name: 1}, at=0).input_faults == (InputFault("unnamed", "unknown-fact"),)
