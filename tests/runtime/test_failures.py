"""What fails never costs a caller: the call goes through to a person, the record says so, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import Condition
from callpolicy.errors import MatcherError, StoreError
from callpolicy.events import Answered, CaseLinked, Ended, Event, FinalResult, NewFact, Offence, Tick, Warned
from callpolicy.facts import Catalogue, Value
from callpolicy.lists import ListName
from callpolicy.matchers.base import Matcher, Matches
from callpolicy.points import Effect
from callpolicy.runtime import Engine
from callpolicy.runtime import engine as engine_module
from callpolicy.runtime.compiling import compiler
from callpolicy.stores.base import Background, Query
from callpolicy.stores.memory import MemoryStore
from tests.runtime.failing import AMBIGUOUS, COMMIT, Down, decisions_in, fed, restricts, trail
from tests.runtime.norms import ANN, BOB, DAY, HOUR, MINUTE, SECOND, START, entry, norm, offered, stories

IN_A_TURN = ["turn", "add", "background", "append", "after append", COMMIT, AMBIGUOUS]
PARTS = [*IN_A_TURN, "receive_case", "put_block", "overlapping", "prune"]

ABUSE: list[Event] = [
    offered("c1", START),
    Answered(call_id="c1", seq=1, at=START + 1),
    Offence(call_id="c1", seq=2, at=START + 2),
    Warned(call_id="c1", seq=3, at=START + 3),
    Offence(call_id="c1", seq=4, at=START + 4),
]


@pytest.mark.parametrize("error", [StoreError, RuntimeError, OSError, ValueError, MemoryError, TypeError])
@pytest.mark.parametrize("part", ["turn", "background", COMMIT, AMBIGUOUS])
def test_a_store_that_fails_lets_the_caller_through_and_the_decision_says_so(part: str, error: type[Exception]) -> None:
    engine = Engine(norm(), store=Down(part, error=error))

    decisions = fed(engine, *ABUSE)

    assert [each.failed for each in decisions] == [("store",)] * 5
    assert [str(each.effect) for each in decisions] == ["accept", "continue", "warn", "continue", "continue"]


@pytest.mark.parametrize("error", [StoreError, RuntimeError])
@pytest.mark.parametrize("part", IN_A_TURN)
def test_nothing_of_an_outage_is_lost_or_doubled_and_the_chains_hold(part: str, error: type[Exception]) -> None:
    store = Down(error=error)
    engine = Engine(norm(), store=store, audit=True, writer="node")
    fed(engine, offered("c0", START))
    store.down.add(part)

    down = fed(engine, *(offered(f"c{number}", START + number) for number in range(1, 4)))

    store.down.clear()
    back = fed(engine, *(offered(f"c{number}", START + number) for number in range(4, 6)))
    assert all(each.failed == ("store",) and not restricts(each) for each in down)
    assert [(each.effect, each.failed) for each in back] == [(Effect.REJECT, ())] * 2
    # Six calls were counted, each once.
    seen = store.background(Query("probe", (ANN,), {}, None, START + 9)).readings["history.calls_10m"]
    assert seen.value == 6
    # Every decision that was given has one record.
    recorded = decisions_in(trail(store))
    given = [(f"{each.decision_id}", each.failed) for each in (*down, *back)]
    assert [each for each in recorded if each in given] == sorted(given)
    assert len(recorded) == len(set(recorded))
    assert len({decision_id for decision_id, _ in recorded}) == len(recorded)


def test_the_failing_transaction_may_have_been_kept_and_its_decision_is_told_from_the_one_that_was_given() -> None:
    store = Down()
    engine = Engine(norm(), store=store, audit=True)
    fed(engine, offered("c0", START), offered("c1", START + 1))
    store.down.add(AMBIGUOUS)

    (given,) = fed(engine, offered("c2", START + 2))

    store.down.clear()
    after = engine.observe(offered("c3", START + 3))
    assert (given.effect, given.failed, given.decision_id) == (Effect.ACCEPT, ("store",), "c2#0~")
    # The block of the call that nobody was told of stands, and rests on a decision that is on record.
    assert store.entry("block:c2#0") is not None
    assert after.effect is Effect.REJECT
    assert decisions_in(trail(store)) == [
        ("c0#0", ()), ("c1#0", ()), ("c2#0", ()), ("c2#0~", ("store",)), ("c3#0", ()),
    ]  # fmt: skip
    blocks = [each.record.subject for each in store.records() if each.record.kind == "act"]
    assert blocks == ["block:c2#0"]


def test_what_waits_is_delivered_in_its_order() -> None:
    class Told(Down):
        told: list[str]

        def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
            self.told.append(f"{event.call_id}#{event.seq}")
            super().receive_case(case_id, event, agent)

    store = Told()
    store.told = []
    engine = Engine(norm(), store=store)
    store.down.add("turn")
    fed(
        engine,
        offered("c1", START),
        CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"),
        FinalResult(call_id="c1", seq=2, at=START + 2),
        NewFact(call_id="c1", seq=3, at=START + 3),
    )

    store.down.clear()
    engine.observe(offered("c9", START + 9, None))

    assert store.told == ["c1#0", "c1#1", "c1#2", "c1#3"]


def test_a_process_that_is_told_to_stop_in_the_middle_loses_nothing_that_happened() -> None:
    store = Down(error=KeyboardInterrupt)
    engine = Engine(norm(), store=store, audit=True)
    store.down.add(AMBIGUOUS)
    with pytest.raises(KeyboardInterrupt):
        engine.observe(offered("c1", START))
    store.down = {COMMIT}
    with pytest.raises(KeyboardInterrupt):
        engine.observe(offered("c2", START + 1))

    store.down.clear()
    decision = engine.observe(offered("c3", START + 2))

    assert decision.effect is Effect.REJECT
    trail(store)


def test_a_case_that_misses_an_event_restricts_nobody() -> None:
    # Without the new fact the case would look final, and the caller one who comes back in vain.
    store = Down()
    engine = Engine(norm(), store=store)
    fed(
        engine,
        offered("c1", START),
        CaseLinked(call_id="c1", seq=1, at=START + 1, case_id="k1"),
        FinalResult(call_id="c1", seq=2, at=START + 2),
    )
    store.down.add("receive_case")
    new_fact = engine.observe(NewFact(call_id="c1", seq=3, at=START + 3))
    waiting = engine.observe(offered("c2", START + HOUR, facts={"case.id": "k1"}))
    store.down.clear()
    after = engine.observe(offered("c3", START + 2 * HOUR, facts={"case.id": "k1"}))

    assert (new_fact.failed, waiting.failed) == (("store",), ("store",))
    assert not restricts(waiting)
    assert after.failed == ()
    assert after.snapshot is not None
    assert after.snapshot.get("case.status") == "reopened"


@pytest.mark.parametrize("part", ["put_block", "overlapping"])
@pytest.mark.parametrize("error", [StoreError, ValueError])
def test_a_block_that_cannot_be_written_turns_nobody_away_and_the_next_call_tries_again(
    part: str, error: type[Exception]
) -> None:
    store = Down(part, error=error)
    engine = Engine(norm(), store=store, audit=True)
    third = fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))[-1]

    store.down.clear()
    fourth = engine.observe(offered("c3", START + 3))

    assert (third.effect, third.failed, restricts(third)) == (Effect.ACCEPT, ("store",), False)
    assert (fourth.effect, fourth.failed) == (Effect.REJECT, ())
    assert store.entry("block:c2#0") is None
    assert store.entry("block:c3#0") is not None
    assert [each.subject for each in trail(store) if each.kind == "act"] == ["block:c3#0"]


def test_a_store_that_cannot_be_pruned_costs_nobody_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 2)
    store = Down("prune")
    engine = Engine(norm(), store=store)

    decisions = fed(engine, *ABUSE)

    assert "prune" in store.asked
    assert decisions[-1].effect is Effect.HANG_UP
    assert all(not each.failed for each in decisions)


def test_a_store_that_answers_nonsense_is_a_store_that_failed() -> None:
    class Nonsense(MemoryStore):
        def background(self, query: Query) -> Background:
            return None  # type: ignore[return-value]  # that is the point

    decisions = fed(Engine(norm(), store=Nonsense()), *ABUSE)

    assert {each.failed for each in decisions} == {("store",)}


def test_a_store_that_is_down_is_not_asked_for_everything_that_waits_at_every_event() -> None:
    store = Down("turn")
    engine = Engine(norm(), store=store)
    fed(engine, *(offered(f"c{number}", START + number) for number in range(50)))

    # What waits together, and one of it alone.
    assert store.asked.count("turn") <= 100


@settings(max_examples=60)
@given(stories(), st.lists(st.sampled_from(PARTS), max_size=3), st.integers(0, 12), st.integers(0, 12))
def test_whenever_whatever_is_down_nobody_is_restricted_for_it_and_afterwards_all_is_as_if_it_had_not_been(
    events: list[Event], down: list[str], begin: int, length: int
) -> None:
    store, whole = Down(), MemoryStore()
    engine, other = Engine(norm(), store=store, audit=True), Engine(norm(), store=whole)
    given_ids: list[tuple[str, tuple[str, ...]]] = []

    for place, event in enumerate(events):
        store.down = set(down) if begin <= place < begin + length else set()
        decision, wanted = engine.observe(event), other.observe(event)
        given_ids.append((decision.decision_id, decision.failed))
        if decision.failed:
            assert not restricts(decision)
            assert decision.failed == ("store",)
        if not down or place < begin:
            assert decision.to_json() == wanted.to_json()

    store.down.clear()
    engine.close()
    queries = [
        Query("probe", (who,), {}, case, max(event.at for event in events) + 1)
        for who in (ANN, BOB)
        for case in (None, "k1", "k2")
    ]
    for query in queries:
        assert store.background(query).readings == whole.background(query).readings
        assert store.background(query).case == whole.background(query).case
    recorded = decisions_in(trail(store))
    assert set(given_ids) <= set(recorded)
    assert len({decision_id for decision_id, _ in recorded}) == len(recorded)


def test_an_allowlist_that_cannot_be_read_protects_as_if_it_could() -> None:
    store = Down()
    store.put_entry(entry("a1", 0, None, ListName.ALLOWLIST))
    engine = Engine(norm(), store=store)
    readable = fed(engine, *ABUSE)[-1]
    store.down.add("background")
    unreadable = engine.observe(Tick(call_id="c1", seq=5, at=START + 5))

    assert (readable.effect, readable.main.hidden is not None) == (Effect.CONTINUE, True)
    assert (unreadable.effect, unreadable.failed) == (Effect.CONTINUE, ("store",))


@dataclass
class Raising:
    """A matcher that fails on calls with a mark."""

    matcher: Matcher
    raised: list[int] = field(default_factory=list)

    def match(self, values: Mapping[str, Value]) -> Matches:
        if values.get("call.topic") == "broken":
            self.raised.append(1)
            raise MatcherError("its rulesets are gone")
        return self.matcher.match(values)


def raising_compiler(name: str) -> Any:
    compile_conditions = _COMPILER(name)

    def compile_raising(conditions: Sequence[Condition], catalogue: Catalogue) -> Raising:
        return Raising(compile_conditions(conditions, catalogue))

    return compile_raising


_COMPILER = compiler


def test_a_matcher_that_raises_lets_the_caller_through_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "compiler", raising_compiler)
    engine = Engine(norm(), audit=True)
    broken = [offered("c1", START, topic="broken"), *ABUSE[1:]]

    decisions = fed(engine, *broken)
    others = fed(engine, *(offered(f"d{number}", START + 10 + number) for number in range(2)))

    assert {each.failed for each in decisions} == {("engine",)}
    assert not any(restricts(each) for each in decisions)
    assert all(each.default for each in decisions)
    assert [each.failed for each in others] == [(), ()]
    assert others[-1].effect is Effect.REJECT
    assert len(decisions_in(trail(engine.store))) == 7


def test_store_and_matcher_can_fail_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "compiler", raising_compiler)

    decision = Engine(norm(), store=Down("background")).observe(offered("c1", START, topic="broken"))

    assert (decision.failed, decision.effect) == (("store", "engine"), Effect.ACCEPT)


def test_given_facts_on_which_a_matcher_raises_let_the_caller_through_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "compiler", raising_compiler)

    decision = Engine(norm()).decide({"call.topic": "broken", "talk.offences": 3}, point="in_call", at=START)

    assert (decision.failed, decision.effect, decision.caller_class) == (("engine",), Effect.CONTINUE, Effect.NORMAL)


def test_a_store_that_is_down_from_the_start_is_told_to_who_starts_the_engine() -> None:
    class Gone(MemoryStore):
        def declare(self, *args: object) -> None:
            raise StoreError("cannot be opened")

    with pytest.raises(StoreError, match="cannot be opened"):
        Engine(norm(), store=Gone())


def test_an_ended_call_of_a_failing_store_can_still_be_judged() -> None:
    store = Down("add", "background")
    engine = Engine(norm(), store=store)
    fed(engine, offered("c1", START), Ended(call_id="c1", seq=1, at=START + SECOND))

    store.down.clear()
    decision = engine.observe(Tick(call_id="c1", seq=2, at=START + 2 * SECOND))

    assert (str(decision.point), decision.failed) == ("ended", ())


def test_an_item_that_counts_for_a_late_caller_is_there_when_the_store_is_back() -> None:
    store = Down("add")
    engine = Engine(norm(), store=store)
    down = fed(engine, *(offered(f"c{number}", START + number * MINUTE) for number in range(3)))

    store.down.clear()
    decision = engine.observe(offered("c3", START + 3 * MINUTE))

    assert [each.failed for each in down] == [("store",)] * 3
    assert (decision.failed, decision.effect) == ((), Effect.REJECT)
    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 3
    assert store.background(Query("probe", (ANN,), {}, None, START + DAY // 2)).standing is not None
