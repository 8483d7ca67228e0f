"""What fails never costs a caller: the call goes through to a person, the record says so, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import Condition
from callpolicy.decision import Decision
from callpolicy.errors import MatcherError, StoreError
from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Event,
    FinalResult,
    NewFact,
    Offence,
    Tick,
    Warned,
)
from callpolicy.facts import Catalogue, Value
from callpolicy.identity import Identity
from callpolicy.lists import Entry, ListName
from callpolicy.matchers.base import Matcher, Matches
from callpolicy.points import RESTRICTIVE, Effect
from callpolicy.runtime import Engine
from callpolicy.runtime import engine as engine_module
from callpolicy.runtime import writes as writes_module
from callpolicy.stores.base import Background, Query
from callpolicy.stores.memory import MemoryStore
from callpolicy.windows import Item
from tests.runtime.norms import ANN, BOB, DAY, HOUR, MINUTE, SECOND, START, entry, norm, offered, stories

READS = ["background"]
WRITES = ["add", "receive_case", "put_entry", "prune"]


class Down(MemoryStore):
    """A store of which some methods fail while `down` names them."""

    def __init__(self, *down: str, error: type[Exception] = StoreError) -> None:
        super().__init__()
        self.down = set(down)
        self.error = error
        self.asked: list[str] = []

    def _check(self, name: str) -> None:
        self.asked.append(name)
        if name in self.down:
            raise self.error(f"{name} is down")

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        self._check("add")
        return super().add(identities, item)

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        self._check("receive_case")
        super().receive_case(case_id, event, agent)

    def put_entry(self, entry: Entry) -> None:
        self._check("put_entry")
        super().put_entry(entry)

    def background(self, query: Query) -> Background:
        self._check("background")
        return super().background(query)

    def prune(self, before: int) -> int:
        self._check("prune")
        return super().prune(before)


def fed(engine: Engine, *events: Event) -> list[Decision]:
    return [engine.observe(event) for event in events]


def restricts(decision: Decision) -> bool:
    return any(result.outcome.effect in RESTRICTIVE for result in decision.stages)


ABUSE: list[Event] = [
    offered("c1", START),
    Answered(call_id="c1", seq=1, at=START + 1),
    Offence(call_id="c1", seq=2, at=START + 2),
    Warned(call_id="c1", seq=3, at=START + 3),
    Offence(call_id="c1", seq=4, at=START + 4),
]


@pytest.mark.parametrize("error", [StoreError, RuntimeError, OSError, ValueError])
def test_a_store_that_cannot_be_read_lets_the_caller_through_and_the_decision_says_so(error: type[Exception]) -> None:
    engine = Engine(norm(), store=Down("background", error=error))

    decisions = fed(engine, *ABUSE)

    assert [each.failed for each in decisions] == [("store",)] * 5
    assert [str(each.effect) for each in decisions] == ["accept", "continue", "warn", "continue", "continue"]


def test_nothing_that_happened_meanwhile_is_lost() -> None:
    store = Down("background")
    engine = Engine(norm(), store=store)
    fed(engine, *ABUSE)

    store.down.clear()
    decision = engine.observe(Tick(call_id="c1", seq=5, at=START + 5))

    assert (decision.effect, decision.failed) == (Effect.HANG_UP, ())


@pytest.mark.parametrize("error", [StoreError, RuntimeError])
def test_what_the_store_did_not_take_is_told_until_it_took_it_and_then_counts(error: type[Exception]) -> None:
    store = Down("add", error=error)
    engine = Engine(norm(), store=store)
    first, second, third = fed(engine, *(offered(f"c{number}", START + number * MINUTE) for number in range(3)))

    store.down.clear()
    fourth = engine.observe(offered("c3", START + 3 * MINUTE))

    assert [each.failed for each in (first, second, third)] == [("store",)] * 3
    assert (fourth.failed, fourth.effect) == ((), Effect.REJECT)
    assert fourth.snapshot is not None
    assert fourth.snapshot.get("history.calls_10m") == 3


def test_only_whom_it_concerns_is_told_of_something_that_waits() -> None:
    store = Down("add")
    engine = Engine(norm(), store=store)
    engine.observe(offered("c1", START))
    engine.observe(offered("c2", START + 1, None))

    nobody = engine.observe(Tick(call_id="c2", seq=1, at=START + 2))
    other = engine.observe(Tick(call_id="c1", seq=1, at=START + 3))

    assert (nobody.failed, other.failed) == ((), ("store",))


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


def test_a_block_that_cannot_be_written_turns_nobody_away_and_the_next_call_tries_again() -> None:
    store = Down("put_entry")
    engine = Engine(norm(), store=store)
    third = fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))[-1]

    store.down.clear()
    fourth = engine.observe(offered("c3", START + 3))

    assert (third.effect, third.failed, restricts(third)) == (Effect.ACCEPT, ("store",), False)
    assert (fourth.effect, fourth.failed) == (Effect.REJECT, ())
    assert store.entry("block:c2#0") is None
    assert store.entry("block:c3#0") is not None


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


def test_what_waits_is_bounded_and_the_oldest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes_module, "WAITING_KEPT", 3)
    store = Down("add")
    engine = Engine(norm(), store=store)
    fed(engine, *(offered(f"c{number}", START + number) for number in range(6)))

    store.down.clear()
    decision = engine.observe(offered("c9", START + 9))

    assert decision.failed == ()
    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 3


def test_a_store_that_is_down_is_not_asked_again_for_everything_at_every_event() -> None:
    store = Down("add")
    engine = Engine(norm(), store=store)
    fed(engine, *(offered(f"c{number}", START + number) for number in range(50)))

    # Two a call: what waits longest, and its own.
    assert store.asked.count("add") <= 100


def test_one_write_that_never_works_does_not_hold_up_the_others() -> None:
    class Picky(Down):
        def add(self, identities: Sequence[Identity], item: Item) -> bool:
            if item.call_id == "c0":
                raise ValueError("this one never")
            return super().add(identities, item)

    store = Picky("add")
    engine = Engine(norm(), store=store)
    fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))
    store.down.clear()
    fed(engine, *(Tick(call_id="c2", seq=1 + number, at=START + 5 + number) for number in range(3)))
    assert store.background(Query("probe", (ANN,), {}, None, START + 9)).readings["history.calls_10m"].value == 2
    other = "+1 212 555 0199"
    fed(engine, *(offered(f"d{number}", START + 10 + number, other) for number in range(3)))

    decision = engine.observe(offered("d9", START + 20, other))

    assert (decision.failed, decision.effect) == ((), Effect.REJECT)


@settings(max_examples=60)
@given(stories(), st.lists(st.sampled_from([*READS, *WRITES]), max_size=3), st.integers(0, 12), st.integers(0, 12))
def test_whenever_whatever_is_down_nobody_is_restricted_for_it_and_afterwards_all_is_as_if_it_had_not_been(
    events: list[Event], down: list[str], begin: int, length: int
) -> None:
    store, whole = Down(), MemoryStore()
    engine, other = Engine(norm(), store=store), Engine(norm(), store=whole)

    for place, event in enumerate(events):
        store.down = set(down) if begin <= place < begin + length else set()
        decision, wanted = engine.observe(event), other.observe(event)
        if decision.failed:
            assert not restricts(decision)
            assert decision.failed == ("store",)
        if not down or place < begin:
            assert decision.to_json() == wanted.to_json()

    store.down.clear()
    last = max(event.at for event in events) + 1
    for number in range(2 * len(events)):
        engine.observe(offered(f"flush{number}", START - DAY, None))
    queries = [Query("probe", (who,), {}, case, last) for who in (ANN, BOB) for case in (None, "k1", "k2")]
    for query in queries:
        assert store.background(query).readings == whole.background(query).readings
        assert store.background(query).case == whole.background(query).case


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


_COMPILER = engine_module.compiler


def test_a_matcher_that_raises_lets_the_caller_through_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "compiler", raising_compiler)
    engine = Engine(norm())
    broken = [offered("c1", START, topic="broken"), *ABUSE[1:]]

    decisions = fed(engine, *broken)
    others = fed(engine, *(offered(f"d{number}", START + 10 + number) for number in range(2)))

    assert {each.failed for each in decisions} == {("engine",)}
    assert not any(restricts(each) for each in decisions)
    assert all(each.default for each in decisions)
    assert [each.failed for each in others] == [(), ()]
    assert others[-1].effect is Effect.REJECT


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
