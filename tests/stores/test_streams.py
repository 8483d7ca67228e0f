"""The stores in SQL do on random streams what the store in memory does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callpolicy.events import CaseLinked, Event, Explained, ExplanationRejected, FinalResult, NewFact, Said
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Block
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.lists.covers import range_parts
from callpolicy.stores.base import Background, Listed, Query, Store, Turn
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from callpolicy.windows import CALLS, JUDGED, Measure, Window
from tests.lists.making import EVERYBODY, subjects
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    LI,
    MINUTE,
    NOW,
    REACH,
    SHANGHAI,
    WINDOWS,
    block,
    entry,
    item,
    proposed,
    query,
)
from tests.stores.tables import emptied

CAP = 3

ODD = Identity(IdentityKind.CUSTOMER, "a\0b\\0\ud800客")
WHO = st.sampled_from([ANN, BOB, LI, ODD])
# Minutes; a month or so back lies what the longest window just reaches, and what nothing does.
NEAR = st.integers(-30, 30)
FAR = st.sampled_from([-20_000, -43_200, -44_640, -44_641, -50_000])
STEP = st.one_of(*[NEAR] * 7, FAR)
SINCE_EVER = Window("history.since_ever", Measure.SECONDS_SINCE, JUDGED)
KINDS = st.sampled_from([CALLS, JUDGED])
ADDED = st.tuples(
    st.just("add"), st.lists(WHO, max_size=2, unique=True), st.integers(0, 9), st.integers(0, 1), STEP, KINDS,
    st.sampled_from(["cards", "loans", "\0"]),
)  # fmt: skip
BURST = st.tuples(st.just("burst"), WHO, st.integers(0, 9), STEP, st.sampled_from([-9, -1, 0, 1, 9]), KINDS)
ASKED = st.tuples(
    st.just("ask"), st.sampled_from(["c1", "c2", "now"]), st.sampled_from([(ANN, LI), (BOB,), (ODD,), ()]), STEP,
    st.sampled_from([None, "k1", "k2"]),
)  # fmt: skip
CASED = st.tuples(
    st.just("case"), st.sampled_from(["k1", "k2"]), st.integers(0, 3), st.integers(0, 6), STEP,
    st.sampled_from([CaseLinked, Explained, ExplanationRejected, FinalResult, NewFact, Said]),
    st.sampled_from([None, "li", "王\0"]),
)  # fmt: skip
COVERED = st.sampled_from(["one", "prefix", "range"])
LISTED = st.tuples(st.just("put"), st.sampled_from(["b1", "b2", "a1"]), WHO, COVERED, STEP, st.none() | STEP)
BLOCKED = st.tuples(st.just("block"), st.sampled_from(["b3", "b4"]), WHO, STEP)
PROPOSED = st.tuples(st.just("propose"), st.sampled_from(["b1", "b4"]), WHO, STEP)
ERASED = st.tuples(st.just("erase"), NEAR, NEAR)
PRUNED = st.tuples(st.just("prune"), NEAR | FAR)
OPERATIONS = st.lists(
    st.one_of(*[ADDED] * 4, BURST, BURST, ASKED, ASKED, CASED, LISTED, BLOCKED, PROPOSED, ERASED, PRUNED), max_size=40
)


def made_event(kind: type[Any], case_id: str, call: int, seq: int, step: int) -> Event:
    more = {"case_id": case_id} if kind is CaseLinked else {}
    event: Event = kind(call_id=f"c{call}", seq=seq, at=NOW + step * MINUTE, **more)
    return event


def made_entry(entry_id: str, who: Identity, covers: str, since: int, until: int | None) -> Entry:
    number = who.kind is IdentityKind.NUMBER
    if covers == "prefix" and number:
        who = Identity(who.kind, who.value[:10])
    return entry(
        entry_id, NOW + since * MINUTE, None if until is None else NOW + until * MINUTE, who,
        prefix=covers == "prefix" and number, last=f"{who.value[:-3]}250" if covers == "range" and number else None,
        on=ListName.ALLOWLIST if entry_id == "a1" else ListName.BLOCKLIST, reason="为什么\0",
    )  # fmt: skip


def seen(background: Background) -> object:
    """Everything that an answer says, the courses included."""
    readings = {name: (reading.value, reading.exact, reading.course) for name, reading in background.readings.items()}
    return readings, background.case, background.case_courses, background.standing


def done(store: Store, operation: tuple[Any, ...]) -> object:
    match operation:
        case ("add", who, number, seq, step, kind, topic):
            return store.add(who, item(f"c{number}", NOW + step * MINUTE, seq, kind, topic=topic))
        case ("burst", who, number, step, apart, kind):
            places = [(number + each, NOW + (step + apart * each) * MINUTE) for each in range(CAP + 1)]
            return [store.add([who], item(f"c{name}", at, 2, kind)) for name, at in places]
        case ("ask", call_id, who, step, case_id):
            attributes = {"topic": "cards"}
            return seen(store.background(Query(call_id, who, attributes, case_id, NOW + step * MINUTE)))
        case ("case", case_id, call, seq, step, kind, agent):
            store.receive_case(case_id, made_event(kind, case_id, call, seq, step), agent)
            return None
        case ("put", entry_id, who, covers, since, until):
            store.put_entry(made_entry(entry_id, who, covers, since, until))
            return store.entry(entry_id)
        case ("block", entry_id, who, since):
            made = block(entry_id, who, NOW + since * MINUTE)

            def once(turn: Turn) -> bool:
                standing = turn.background(query(NOW + since * MINUTE, [who, LI])).standing
                if standing is None or standing.block is not None:
                    return False
                turn.put_block(made)
                return True

            return store.turn(once, (who, LI)), store.listed(entry_id)
        case ("propose", entry_id, who, since):
            store.put_block(proposed(entry_id, who, NOW + since * MINUTE))
            return store.listed(entry_id)
        case ("erase", cases, entries):
            return store.erase(cases=NOW + cases * MINUTE, entries=NOW + entries * MINUTE)
        case ("prune", step):
            return store.prune(NOW + step * MINUTE)
    raise AssertionError(operation)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def capped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('capped')}/calls.db"
    else:
        url = request.getfixturevalue("postgres").new_url()
    store = SqlStore(url, patience=5, cap=CAP)
    yield store
    store.close()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=100)
@given(operations=OPERATIONS)
def test_whatever_happens_in_whatever_order_it_answers_as_the_store_in_memory_does(
    capped: SqlStore, operations: list[tuple[Any, ...]]
) -> None:
    emptied(capped)
    memory = MemoryStore(cap=CAP)
    for each in (memory, capped):
        each.declare([*WINDOWS, SINCE_EVER], SHANGHAI, REACH)

    for operation in [*operations, ("ask", "now", (ANN, LI), 30, "k1"), ("ask", "now", (ODD,), 30, "k2")]:
        assert done(capped, operation) == done(memory, operation), operation


def test_what_a_capped_history_may_have_lost_is_unknown_or_a_lower_bound(capped: SqlStore) -> None:
    emptied(capped)
    capped.declare([COUNT], SHANGHAI, REACH)
    counted = []
    for number in range(9):
        capped.add([ANN], item(f"c{number}", NOW - number))
        counted.append(capped.background(query()).readings[COUNT.fact])

    assert [(each.value, each.exact) for each in counted[-4:]] == [(3, False)] * 4
    rows = capped.database.read("SELECT count(*) FROM callpolicy_history", {})
    assert rows[0][0] == CAP


def test_a_prune_in_many_parts_drops_what_one_in_memory_drops(
    capped: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpolicy.stores.sql.store._PRUNED_AT_ONCE", 3)
    emptied(capped)
    memory = MemoryStore(cap=CAP)
    for each in (memory, capped):
        each.declare(WINDOWS, SHANGHAI, REACH)
        for number in range(3 * CAP):
            each.add([(ANN, BOB, LI)[number % 3]], item(f"c{number}", NOW + number // 4))

    # Four items an instant, the ninth alone: those of the first two instants go.
    assert (capped.prune(NOW + 2), memory.prune(NOW + 2)) == (8, 8)
    for who in (ANN, BOB, LI):
        assert seen(capped.background(query(NOW + 9, [who]))) == seen(memory.background(query(NOW + 9, [who])))


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_the_parts_of_a_range_are_exactly_its_numbers(one: int, other: int, probe: int) -> None:
    first, last = sorted((one, other))
    parts = list(range_parts(f"+44{first:05}", f"+44{last:05}"))

    assert sum(f"+44{probe:05}".startswith(part) for part in parts) == (first <= probe <= last)
    # Nine to each side of every digit.
    assert len(parts) <= 2 * 9 * 5


# ---- who is covered by what

MADE = st.lists(st.tuples(subjects(), st.sampled_from(["blocked", "proposed", "allowed", "entry"])), max_size=8)
LONG = [
    Subject(Identity(IdentityKind.NUMBER, value), prefix=prefix, last=last)
    for value, prefix, last in (
        ("+12125550142", False, None), ("+1212555", True, None), ("+121255", True, None), ("+12125550", True, None),
        ("+1", True, None), ("+12125550140", False, "+12125550149"), ("+12125549999", False, "+12125550142"),
        ("+12119999999", False, "+12125550142"), ("+447700900001", False, None), ("+44770090", True, None),
        ("+121255501421", False, None), ("+12125", False, "+12129"),
    )
]  # fmt: skip
"""Around the seven characters under whose hash an entry stands."""


def put_listed(store: Store, number: int, subject: Subject, how: str) -> Listed:
    name = f"e{number}"
    if how in {"blocked", "proposed"}:
        made: Block = block(name, subject) if how == "blocked" else proposed(name, subject)
        store.put_block(made)
    else:
        on = ListName.ALLOWLIST if how == "allowed" else ListName.BLOCKLIST
        covers = {"prefix": subject.prefix, "last": subject.last}
        store.put_entry(entry(name, NOW, None, subject.identity, on=on, **covers))
    found = store.listed(name)
    assert found is not None
    return found


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    made=MADE | st.lists(st.tuples(st.sampled_from(LONG), st.sampled_from(["blocked", "proposed", "allowed"]))),
    asked=subjects() | st.sampled_from(LONG),
    who=st.sampled_from([*EVERYBODY, ANN]),
)
def test_what_overlaps_and_who_is_kept_out_is_what_a_look_at_every_entry_finds(
    capped: SqlStore, made: list[tuple[Subject, str]], asked: Subject, who: Identity
) -> None:
    emptied(capped)
    memory = MemoryStore()
    for store in (capped, memory):
        store.declare(WINDOWS, SHANGHAI, REACH)
    listed = [[put_listed(store, *each) for store in (capped, memory)] for each in _numbered(made)]

    naive = {str(number) for number, (subject, _) in enumerate(made) if subject.overlaps(asked)}
    for store in (capped, memory):
        found = store.overlapping(asked)
        assert {_name_of(each).removeprefix("e") for each in found} == naive
        assert len(found) == len(naive)
        standing = store.background(query(NOW, [who])).standing
        holding = [how for subject, how in made if subject.covers(who)]
        assert standing is not None
        assert standing.blocks == sum(how in {"blocked", "entry"} for how in holding)
        assert (standing.allow is not None) == ("allowed" in holding)
    assert all(ours == theirs for ours, theirs in listed)
    for on in ListName:
        assert list(capped.entries(on)) == list(memory.entries(on))


def _numbered(made: list[tuple[Subject, str]]) -> Iterator[tuple[int, Subject, str]]:
    for number, (subject, how) in enumerate(made):
        yield number, subject, how


def _name_of(listed: Listed) -> str:
    if listed.block is not None:
        return listed.block.block_id
    assert listed.entry is not None
    return listed.entry.entry_id
