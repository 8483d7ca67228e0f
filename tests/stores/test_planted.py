"""Planted callers: whoever has the tables, the files beside them or a dump of the server learns nobody's number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.events import Answered, CaseLinked, Ended, Explained, FinalResult, Judged, NewFact, Offered
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Activate, Actor, Confirm, Evidence, Lift
from callpolicy.lists import Subject
from callpolicy.policy import Term
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime import Engine
from callpolicy.runtime.desk import Desk
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore
from callpolicy.stores.sql.schema import METADATA
from tests.runtime.norms import MINUTE, SECOND, START

PLANTED = 50
BURSTING = 7
BUNDLE = load_bundle(starter_folder())
JUDGE = Actor("wang", frozenset({"quality_desk"}))
LEADER = Actor("li", frozenset({"team_leader"}))
OPERATOR = Actor("zhao", frozenset({"ivr_operator"}))


def number(place: int) -> str:
    """A made-up mobile number: +86 138 0013 80xx, as the others of no other place in this test."""
    return f"+861380013{8000 + place}"


def customer(place: int) -> str:
    return f"cust-7{place:02}-4455"


def clear_forms(place: int) -> tuple[bytes, ...]:
    """What would show a planted caller: the number whole, nationally and by its end, the customer."""
    national = number(place).removeprefix("+86")
    return tuple(each.encode() for each in (number(place), national, national[-8:], customer(place)))


def calls(engine: Engine, many: int = PLANTED) -> None:
    for place in range(many):
        at = START + place * MINUTE
        call_id, facts = f"c{place}", {"caller.customer": customer(place)}
        offered = Offered(call_id=call_id, seq=0, at=at, topic="cards", queue="q1", number=number(place), facts=facts)
        engine.observe(offered)
        engine.observe(Answered(call_id=call_id, seq=1, at=at + 1, agent="li"))
        if place % 5 == 0:
            case_id = f"k{place}"
            text = f"call back on {number(place)}, {customer(place)}"
            engine.observe(CaseLinked(call_id=call_id, seq=2, at=at + 2, case_id=case_id))
            engine.observe(Explained(call_id=call_id, seq=3, at=at + 3, text=text))
            engine.observe(FinalResult(call_id=call_id, seq=4, at=at + 4, text=text))
            engine.observe(NewFact(call_id=call_id, seq=5, at=at + 5, text=text))
        engine.observe(Judged(call_id=call_id, seq=6, at=at + 6, class_="nuisance"))
        engine.observe(Ended(call_id=call_id, seq=7, at=at + 7, cause="hang_up"))


def burst(engine: Engine, place: int) -> list[str]:
    """A call every second, of which agents judge the first three."""
    at = START + 2 * PLANTED * MINUTE
    effects = []
    for each in range(15):
        call_id, begun = f"b{each}", at + each * SECOND
        offered = Offered(call_id=call_id, seq=0, at=begun, number=number(place))
        effects.append(str(engine.observe(offered).effect))
        if each < 3:
            engine.observe(Answered(call_id=call_id, seq=1, at=begun + 1, agent="li"))
            engine.observe(Judged(call_id=call_id, seq=2, at=begun + 2, class_="nuisance", by="agent"))
    return effects


def desk_acts(store: SqlStore) -> None:
    desk = Desk(store, BUNDLE)
    for place in range(0, PLANTED, 3):
        at = START + (3 * PLANTED + place) * MINUTE
        who = Subject(Identity(IdentityKind.NUMBER, number(place)))
        reason = f"{number(place)} shouts, so does {customer(place)}"
        evidence = [Evidence(f"c{place}#0", START + place * MINUTE)]
        made = desk.propose(LEADER, who, reason=reason, evidence=evidence, at=at, term=Term.DAY)
        desk.act(made.block_id, Confirm(by=JUDGE, at=at + 1, reason=reason))
        desk.act(made.block_id, Activate(by=OPERATOR, at=at + 2, reason=reason))
        if place % 2:
            desk.act(made.block_id, Lift(by=JUDGE, at=at + 3, reason=reason))
    for place in range(1, PLANTED, 7):
        at = START + (4 * PLANTED + place) * MINUTE
        who = Subject(Identity(IdentityKind.NUMBER, number(place)))
        desk.allow(JUDGE, who, reason=f"{number(place)} is a branch", owner="wang", at=at, until=at + MINUTE)
    for place in range(0, PLANTED, 5):
        at = START + (5 * PLANTED + place) * MINUTE
        desk.tell_case(JUDGE, f"k{place}", "result", f"told {number(place)} {customer(place)}", at=at)


def texts(store: SqlStore) -> Iterator[bytes]:
    """Every value of every column of every table, as a dump would show them."""
    for table in METADATA.sorted_tables:
        for row in store.database.read(f"SELECT * FROM {table.name}", {}):  # noqa: S608  # the names are constants
            for value in row:
                yield value if isinstance(value, bytes) else str(value).encode()


def shown(told: bytes) -> list[bytes]:
    return [form for place in range(PLANTED) for form in clear_forms(place) if form in told]


@pytest.fixture
def planted(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    engine = Engine(BUNDLE, store=url, spool=tmp_path / "spool")
    store = engine.store
    assert isinstance(store, SqlStore)
    calls(engine)
    assert "reject" in burst(engine, BURSTING)
    desk_acts(store)
    yield store
    engine.close()


def test_no_table_and_no_file_shows_a_planted_caller(url: str, planted: SqlStore, tmp_path: Path) -> None:
    told = b"\n".join(texts(planted))
    # WHY while it is open: what the log holds goes into the file when the last one closes it.
    told += b"".join(each.read_bytes() for each in sorted(tmp_path.rglob("*")) if each.is_file())

    assert shown(told) == []
    # And yet everything is there.
    assert b'"kind":"decision"' in told
    assert len(list(planted.records())) > 6 * PLANTED
    if url.startswith("sqlite"):
        assert {"calls.db", "calls.db-wal"} <= {each.name for each in tmp_path.iterdir()}


def test_what_waits_in_a_spool_shows_no_planted_caller(url: str, tmp_path: Path) -> None:
    engine = Engine(BUNDLE, store=url, spool=tmp_path / "spool")
    store = engine.store
    assert isinstance(store, SqlStore)
    store.database.write(lambda driver: driver.execute("ALTER TABLE callpolicy_history RENAME TO callpolicy_away"))
    calls(engine, 15)
    (waiting,) = (tmp_path / "spool").iterdir()
    lines = waiting.read_bytes()
    store.database.write(lambda driver: driver.execute("ALTER TABLE callpolicy_away RENAME TO callpolicy_history"))
    engine.close()

    assert lines.count(b"\n") > 6 * 15
    assert shown(lines) == []


def test_whoever_has_the_secret_reads_all_of_it(url: str, planted: SqlStore) -> None:
    found = open_store(url)
    covering = found.overlapping(Subject(_of(number(BURSTING))))
    numbers = {each.block.subject.identity.value for each in covering if each.block}
    case = found.case("k5")
    found.close()

    assert numbers == {number(BURSTING)}
    assert case is not None
    story = case.story(START * 2)
    assert story.final_result is not None
    assert number(5) in str(story.final_result.text)


def _of(value: str) -> Identity:
    return Identity(IdentityKind.NUMBER, value)


def test_a_call_id_that_shows_the_number_stands_as_the_host_gave_it_but_in_no_record(url: str) -> None:
    """The id of a call is the host's to choose: one with the number in it keeps its decisions out of the trail."""
    engine = Engine(BUNDLE, store=url)
    store = engine.store
    assert isinstance(store, SqlStore)
    call_id = f"{number(1)}-20260302"
    decision = engine.observe(Offered(call_id=call_id, seq=0, at=START, number=number(1)))
    kinds = [each.record.kind for each in store.records()]
    lines = [row[0] for row in store.database.read("SELECT line FROM callpolicy_audit", {})]
    refs = [row[0] for row in store.database.read("SELECT ref FROM callpolicy_audit", {})]
    engine.close()

    assert decision.failed == ("audit",)
    assert kinds == ["activation", "failure"]
    assert json.loads(lines[1])["body"]["failure"]["code"] == "masking"
    assert not re.search("13800138001", "\n".join([*lines, *refs]))
