"""The instant to look again: nothing changes before it, something changes at it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callpolicy.condition import FactRef, Leaf, Op, Operand, Truth
from callpolicy.facts import Catalogue, Course, Fact, FactType, Snapshot, Value
from callpolicy.matchers.reference import leaf_truth
from callpolicy.recheck import Recheck
from callpolicy.windows import Elapsed, Steps

CATALOGUE = Catalogue(
    [
        *(Fact(f"since.{name}", FactType.DURATION, {}) for name in "ab"),
        *(Fact(f"count.{name}", FactType.INT, {}) for name in "ab"),
        Fact("is.open", FactType.BOOL, {}),
        Fact("score", FactType.FLOAT, {}),
        Fact("queue", FactType.STR, {}),
        Fact("signals", FactType.STR_SET, {}),
    ]
)
NUMBERS = ("since.a", "since.b", "count.a", "count.b", "score")
# All random instants and numbers are below these, so that nothing changes later than their sum.
LATEST, LARGEST = 60, 20
FAR = LATEST + LARGEST + 2

ALL_THAT_MOVE: dict[str, st.SearchStrategy[int]] = {
    **dict.fromkeys(("since.a", "since.b", "count.a", "count.b"), st.integers(0, LARGEST)),
    "is.open": st.booleans(),
}
numbers = st.integers(-2, LARGEST) | st.sampled_from([-0.5, 0.0, 2.5, 3.0, float("inf"), -float("inf")])
order = st.sampled_from([Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN])
equality = st.sampled_from([Op.IS, Op.IS_NOT])
several = st.lists(numbers, max_size=3).map(tuple)


@st.composite
def leaves(draw: st.DrawFn, *names: str) -> Leaf:
    name = draw(st.sampled_from(names or ("is.open", "queue", "signals", *NUMBERS, *NUMBERS, *NUMBERS)))
    if draw(st.integers(0, 7)) == 0:
        return Leaf(name, Op.KNOWN, draw(st.booleans()))
    if name == "is.open":
        return Leaf(name, draw(equality), draw(st.booleans()))
    if name == "queue":
        return Leaf(name, draw(equality), draw(st.sampled_from(["投诉", "a"])))
    if name == "signals":
        return Leaf(name, Op.HAS, "骂人")
    choice: st.SearchStrategy[tuple[Op, Operand]] = st.one_of(
        st.tuples(order, numbers),
        st.tuples(order | equality, st.sampled_from(NUMBERS).map(FactRef)),
        st.tuples(st.just(Op.BETWEEN), st.tuples(numbers, numbers)),
        st.tuples(equality, numbers),
        st.tuples(st.sampled_from([Op.IN, Op.NOT_IN]), several),
    )
    return Leaf(name, *draw(choice))


@st.composite
def running(draw: st.DrawFn) -> Elapsed:
    bounds = draw(st.lists(st.integers(0, LATEST), min_size=2, max_size=6, unique=True).map(sorted))
    pieces: list[tuple[int, int | None]] = []
    for begins, ends in pairwise(bounds):
        if draw(st.integers(0, 3)) or not pieces:
            pieces.append((begins, ends))
    if draw(st.booleans()):
        pieces[-1] = (pieces[-1][0], None)
    return Elapsed(*pieces[0], tuple(pieces[1:]))


@st.composite
def stepping(draw: st.DrawFn, values: st.SearchStrategy[int | None]) -> Steps:
    instants = draw(st.lists(st.integers(0, LATEST), max_size=5, unique=True).map(sorted))
    return Steps(tuple((instant, draw(values)) for instant in instants))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    at = draw(st.integers(0, LATEST - 5))
    values: dict[str, Value] = {}
    courses: dict[str, Course] = {}
    for name, number in ALL_THAT_MOVE.items():
        value: Value | None = draw(number | st.none())
        if draw(st.booleans()):
            steps: st.SearchStrategy[Course] = stepping(number | st.none())
            courses[name] = draw(running() if name.startswith("since.") else steps)
            value = advanced(courses[name], value, at)
        if value is not None:
            values[name] = value
    constant: dict[str, Value] = {"score": 2.5, "queue": "投诉", "signals": frozenset({"骂人"})}
    values |= {name: value for name, value in constant.items() if draw(st.booleans())}
    return Snapshot(at, values, courses)


def advanced(course: Course, value: Value | None, instant: int) -> Value | None:
    if isinstance(course, Elapsed):
        for anchor, until in course.pieces:
            if anchor <= instant and (until is None or instant < until):
                return instant - anchor
        return None
    for step, after in course.steps:
        if step <= instant:
            value = after
    return value


def truths(asked: list[Leaf], snapshot: Snapshot, instant: int) -> list[Truth]:
    values = dict(snapshot.values)
    for name, course in snapshot.courses.items():
        value = advanced(course, values.pop(name, None), instant)
        if value is not None:
            values[name] = value
    return [leaf_truth(leaf, values) for leaf in asked]


def first_by_scan(asked: list[Leaf], snapshot: Snapshot) -> int | None:
    now = truths(asked, snapshot, snapshot.at)
    return next((t for t in range(snapshot.at + 1, FAR) if truths(asked, snapshot, t) != now), None)


@given(st.lists(leaves(), max_size=6), snapshots())
@example(
    [Leaf("since.a", Op.AT_LEAST, FactRef("count.a"))],
    Snapshot(10, {"since.a": 3, "count.a": 9}, {"since.a": Elapsed(7, None), "count.a": Steps(((12, 5),))}),
)
def test_it_is_the_first_instant_at_which_a_leaf_changes(asked: list[Leaf], snapshot: Snapshot) -> None:
    assert Recheck(asked, CATALOGUE).first(snapshot) == first_by_scan(asked, snapshot)


@given(leaves("since.a"), leaves("since.a"), st.integers(0, LATEST), running())
def test_it_is_the_first_change_of_a_fact_that_runs(one: Leaf, other: Leaf, at: int, course: Elapsed) -> None:
    elapsed = advanced(course, None, at)
    snapshot = Snapshot(at, {} if elapsed is None else {"since.a": elapsed}, {"since.a": course})
    assert Recheck([one, other], CATALOGUE).first(snapshot) == first_by_scan([one, other], snapshot)


@given(leaves("count.a"), leaves("count.a"), st.integers(0, LATEST), stepping(st.integers(0, LARGEST) | st.none()))
def test_it_is_the_first_change_of_a_fact_that_steps(one: Leaf, other: Leaf, at: int, course: Steps) -> None:
    value = advanced(course, None, at)
    snapshot = Snapshot(at, {} if value is None else {"count.a": value}, {"count.a": course})
    assert Recheck([one, other], CATALOGUE).first(snapshot) == first_by_scan([one, other], snapshot)


def first(leaf: Leaf, at: int, courses: Mapping[str, Course], **values: Value) -> int | None:
    known = {name.replace("__", "."): value for name, value in values.items()}
    return Recheck([leaf], CATALOGUE).first(Snapshot(at, known, courses))


@pytest.mark.parametrize(
    ("op", "operand", "expected"),
    [
        # Time runs from 100; it is 105.
        (Op.AT_LEAST, 20, 120),
        (Op.LESS_THAN, 20, 120),
        (Op.MORE_THAN, 20, 121),
        (Op.AT_MOST, 20, 121),
        (Op.AT_LEAST, 5, None),
        (Op.MORE_THAN, 5, 106),
        (Op.BETWEEN, (7, 9), 107),
        (Op.BETWEEN, (2, 9), 110),
        (Op.AT_LEAST, 20.5, 121),
        (Op.AT_MOST, 20.5, 121),
        (Op.KNOWN, True, None),
    ],
)
def test_a_threshold_is_met_to_the_microsecond(op: Op, operand: Operand, expected: int | None) -> None:
    assert first(Leaf("since.a", op, operand), 105, {"since.a": Elapsed(100, None)}, since__a=5) == expected


def test_what_ends_first_is_unknown_from_then_on() -> None:
    course = {"since.a": Elapsed(100, 110)}
    assert first(Leaf("since.a", Op.AT_LEAST, 20), 105, course, since__a=5) == 110
    assert first(Leaf("since.a", Op.KNOWN, True), 105, course, since__a=5) == 110


def test_what_begins_anew_as_it_ends_changes_only_what_it_crosses() -> None:
    course = {"since.a": Elapsed(100, 110, ((110, None),))}
    assert first(Leaf("since.a", Op.KNOWN, True), 105, course, since__a=5) is None
    assert first(Leaf("since.a", Op.AT_LEAST, 5), 105, course, since__a=5) == 110
    assert first(Leaf("since.a", Op.AT_LEAST, 15), 105, course, since__a=5) == 125


def test_what_has_ended_changes_when_it_begins_anew() -> None:
    course = {"since.a": Elapsed(80, 90, ((120, None),))}
    assert first(Leaf("since.a", Op.AT_LEAST, 20), 105, course) == 120


def test_a_step_that_no_leaf_tells_apart_is_passed_over() -> None:
    course = {"count.a": Steps(((110, 5), (120, 3), (130, 2)))}
    assert first(Leaf("count.a", Op.AT_LEAST, 3), 105, course, count__a=7) == 130
    assert first(Leaf("count.a", Op.BETWEEN, (4, 6)), 105, course, count__a=7) == 110


def test_two_values_with_the_same_answers_are_no_change_though_others_lie_between() -> None:
    course = {"count.a": Steps(((110, 1), (120, 3)))}
    assert first(Leaf("count.a", Op.IS, 3), 105, course, count__a=7) == 120


def test_two_facts_that_run_together_keep_their_order_until_one_ends() -> None:
    leaf = Leaf("since.a", Op.AT_MOST, FactRef("since.b"))
    course = {"since.a": Elapsed(100, None), "since.b": Elapsed(90, None)}
    assert first(leaf, 105, course, since__a=5, since__b=15) is None
    course["since.b"] = Elapsed(90, 200)
    assert first(leaf, 105, course, since__a=5, since__b=15) == 200


def test_a_fact_that_runs_overtakes_one_that_stays() -> None:
    leaf = Leaf("count.a", Op.AT_LEAST, FactRef("since.a"))
    assert first(leaf, 105, {"since.a": Elapsed(100, None)}, since__a=5, count__a=8) == 109


def test_nothing_changes_without_leaves_or_without_courses() -> None:
    snapshot = Snapshot(105, {"since.a": 5}, {"since.a": Elapsed(100, None)})
    assert Recheck([], CATALOGUE).first(snapshot) is None
    assert Recheck([Leaf("since.a", Op.AT_LEAST, 9)], CATALOGUE).first(snapshot, {}) is None
    assert Recheck([Leaf("since.b", Op.AT_LEAST, 9)], CATALOGUE).first(snapshot) is None


def test_the_earliest_of_many_leaves_and_facts_counts() -> None:
    asked = [Leaf("since.a", Op.AT_LEAST, 10 * tens) for tens in range(1, 2000)]
    asked += [Leaf("count.a", Op.AT_LEAST, 3), Leaf("since.b", Op.AT_LEAST, 1)]
    courses: dict[str, Course] = {
        "since.a": Elapsed(0, None), "count.a": Steps(((110, 2),)), "since.b": Elapsed(109, 111)
    }  # fmt: skip
    snapshot = Snapshot(105, {"since.a": 105, "count.a": 4}, courses)
    assert Recheck(asked, CATALOGUE).first(snapshot) == 109


def test_the_order_of_courses_does_not_matter() -> None:
    asked = [Leaf("since.a", Op.AT_LEAST, 20), Leaf("since.b", Op.AT_LEAST, 20)]
    runs = {"since.a": Elapsed(100, None), "since.b": Elapsed(90, None)}
    recheck = Recheck(asked, CATALOGUE)
    assert recheck.first(Snapshot(105, {}, runs)) == 110
    assert recheck.first(Snapshot(105, {}, dict(reversed(runs.items())))) == 110


def test_a_leaf_on_no_fact_of_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match=r"names no fact of the catalogue: `since\.c`"):
        Recheck([Leaf("since.c", Op.AT_LEAST, 1)], CATALOGUE)


def test_threads_share_one() -> None:
    recheck = Recheck([Leaf("since.a", Op.AT_LEAST, number) for number in range(0, 5000, 10)], CATALOGUE)

    def wrong(start: int) -> list[int]:
        snapshots_now = (Snapshot(at, {}, {"since.a": Elapsed(0, None)}) for at in range(start, 4990, 7))
        return [now.at for now in snapshots_now if recheck.first(now) != now.at // 10 * 10 + 10]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(wrong, range(4))) == [[], [], [], []]
