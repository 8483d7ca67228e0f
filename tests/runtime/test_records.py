"""The audit trail of an engine: each decision has one record, which gives the same bytes again and shows nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from callpolicy.audit import Remade, remake, restored, to_line
from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.engine import compile_plan, decide
from callpolicy.events import Answered, Event, Offence, Warned
from callpolicy.facts import Snapshot
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import Bundle
from callpolicy.runtime import Engine
from callpolicy.stores.base import Activation, Background, Kept, Query, Store
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import rule
from tests.runtime.failing import DownFile, decisions_in, failures_in, fed, restricts, trail
from tests.runtime.norms import NUMBER, START, norm, offered, stories

DIGITS = "2125550142"


def shown(store: Store) -> bytes:
    """Everything of the records that may be shown, with their refs."""
    return b"\n".join(to_line(kept.record) + kept.ref.encode() for kept in store.records())


def kept_of(store: Store, decision: Decision) -> Kept:
    (kept,) = (each for each in store.find(decision.decision_id) if each.record.kind == "decision")
    return kept


def remaking(bundle: Bundle, kept: Kept, store: Store) -> Remade:
    plan = compile_plan(bundle, compile_reference)

    def again(snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str) -> Decision:
        return decide(plan, snapshot, point=point, call_id=call_id, decision_id=decision_id)

    return remake(kept.record, kept.part, store.keys, again).result


@settings(max_examples=40)
@given(stories())
def test_every_decision_has_one_record_from_which_it_is_made_again_byte_for_byte(events: list[Event]) -> None:
    bundle = norm()
    engine = Engine(bundle, audit=True, digest_key=b"a key")

    decisions = fed(engine, *events)

    assert decisions_in(trail(engine.store)) == sorted((each.decision_id, each.failed) for each in decisions)
    for decision in decisions:
        kept = kept_of(engine.store, decision)
        again = restored(kept.record, kept.part, engine.store.keys)
        assert again is not None
        assert again.to_json() == decision.to_json()
        assert remaking(bundle, kept, engine.store) is Remade.SAME
    assert DIGITS.encode() not in shown(engine.store)


def test_a_decision_that_was_let_through_is_made_again_too() -> None:
    bundle = norm()

    class Blind(MemoryStore):
        def background(self, query: Query) -> Background:
            raise OSError("gone")

    engine = Engine(bundle, store=Blind(), audit=True)
    decision = engine.observe(offered("c1", START))
    engine.close()

    assert decision.failed == ("store",)
    assert remaking(bundle, kept_of(engine.store, decision), engine.store) is Remade.SAME


def test_an_event_that_came_before_gives_no_second_record() -> None:
    engine = Engine(norm(), audit=True)

    fed(engine, *[offered("c1", START)] * 3)

    assert decisions_in(trail(engine.store)) == [("c1#0", ())]


def test_an_id_that_shows_the_caller_stops_the_record_and_every_restriction_and_nothing_else() -> None:
    engine = Engine(norm(), audit=True)
    name = f"sip-{DIGITS}"
    decisions = fed(
        engine,
        offered(name, START),
        Answered(call_id=name, seq=1, at=START + 1),
        Offence(call_id=name, seq=2, at=START + 2),
        Warned(call_id=name, seq=3, at=START + 3),
        Offence(call_id=name, seq=4, at=START + 4),
    )

    assert [str(each.effect) for each in decisions] == ["accept", "continue", "warn", "continue", "continue"]
    assert {each.failed for each in decisions} == {("audit",)}
    assert not any(restricts(each) for each in decisions)
    records = trail(engine.store)
    assert decisions_in(records) == []
    assert [each["code"] for each in failures_in(records)] == ["masking"] * 5
    assert [each["effect"] for each in failures_in(records)] == [str(each.effect) for each in decisions]
    assert {each.subject for each in records if each.kind == "failure"} == {"unrecorded"}
    assert DIGITS.encode() not in shown(engine.store)
    assert DIGITS[-8:].encode() not in shown(engine.store)
    assert all(kept.part is None for kept in engine.store.records())


def test_a_caller_whose_decision_cannot_be_recorded_is_not_blocked() -> None:
    engine = Engine(norm(), audit=True)
    fed(engine, *(offered(f"c{number}", START + number) for number in range(2)))

    decision = engine.observe(offered(f"x{NUMBER.replace(' ', '')}", START + 5))

    assert (decision.effect, decision.failed) == (Effect.ACCEPT, ("audit",))
    assert [each.kind for each in trail(engine.store)] == ["activation", "decision", "decision", "failure"]


def test_an_id_that_no_record_can_hold_costs_no_caller_anything() -> None:
    engine = Engine(norm(), audit=True)
    name = "x" * 600

    decisions = fed(engine, offered(name, START), Answered(call_id=name, seq=1, at=START + 1))

    assert [each.failed for each in decisions] == [("audit",)] * 2
    assert [each["code"] for each in failures_in(trail(engine.store))] == ["masking"] * 2


def test_the_trail_begins_with_the_norm_that_decides_and_its_files_are_kept() -> None:
    bundle = norm()
    store = MemoryStore()

    Engine(bundle, store=store, audit=True, writer="node", clock=lambda: START)

    (record,) = trail(store)
    assert (record.kind, record.subject, record.at, record.writer) == ("activation", bundle.revision, START, "node")
    assert store.revision(bundle.revision) == dict(bundle.files)
    assert store.activations() == (Activation(START, bundle.revision, "node"),)


def test_a_file_is_audited_unless_somebody_says_no_and_memory_only_if_somebody_says_so(tmp_path: Path) -> None:
    file = DownFile(f"sqlite:///{tmp_path}/calls.db")
    silent = Engine(norm(), store=file, audit=False)
    memory = Engine(norm())
    fed(silent, offered("c1", START))
    fed(memory, offered("c1", START))
    assert (trail(file), trail(memory.store)) == ([], [])

    fed(Engine(norm(), store=file), offered("c2", START))

    assert [each.kind for each in trail(file)] == ["activation", "decision"]
    assert len(file.activations()) == 1


def test_a_writer_that_is_taken_up_again_goes_on_with_its_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    for number in range(3):
        with Engine(norm(), store=url, writer="node") as engine:
            engine.observe(offered(f"c{number}", START + number, None))

    store = DownFile(url)
    assert {each.writer for each in trail(store)} == {"node"}
    assert [each.number for each in trail(store)] == [0, 1, 2, 3, 4, 5]
    assert len(store.activations()) == 3


def test_two_engines_without_a_name_write_two_chains() -> None:
    store = MemoryStore()
    for number in range(2):
        fed(Engine(norm(), store=store, audit=True), offered(f"c{number}", START))

    assert len({each.writer for each in trail(store)}) == 2


def test_the_class_of_a_call_is_recorded_with_what_the_rules_looked_at() -> None:
    bundle = norm(rule("divert", Effect.DIVERT, Leaf("history.calls_10m", Op.AT_LEAST, 1), to="desk"))
    engine = Engine(bundle, audit=True)

    decisions = fed(engine, offered("c1", START), offered("c2", START + 1))

    kept = kept_of(engine.store, decisions[1])
    assert kept.record.body["facts"]["history.calls_10m"] == 1
    assert set(kept.record.body["courses"]) == {"history.calls_10m"}


@pytest.mark.parametrize("at", [-1, 1 << 62])
def test_what_is_refused_leaves_no_record(at: int) -> None:
    engine = Engine(norm(), audit=True)

    with pytest.raises(Exception, match="microseconds"):
        engine.observe(offered("c1", at))

    assert [each.kind for each in trail(engine.store)] == ["activation"]
