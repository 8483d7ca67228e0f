"""`recheck_at` through the engine: until then the answer stays if no event comes, and then something changes."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callpolicy.condition import Leaf, Op, Truth, leaves
from callpolicy.decision import Decision
from callpolicy.engine import STANDING_BLOCK
from callpolicy.events import Event, Tick
from callpolicy.lists import Entry, ListName
from callpolicy.matchers.reference import leaf_truth
from callpolicy.points import STAGES_AT, Effect, Stage
from callpolicy.policy import Status
from callpolicy.runtime import Engine
from tests.engine.bundles import rule
from tests.runtime.norms import MINUTE, RULES, SECOND, START, entry, norm, offered, stories

NOT_PERMANENT = Leaf("block.permanent", Op.IS, False)
NORM = norm(*RULES, rule("prefer_permanent", Effect.DIVERT, NOT_PERMANENT, priority=2_000, to="x"))
LEAST, MOST = START, START + 40 * MINUTE


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for number in range(draw(st.integers(0, 4))):
        since = draw(st.integers(LEAST // SECOND, MOST // SECOND)) * SECOND
        minutes = draw(st.one_of(st.none(), st.integers(1, 40)))
        until = None if minutes is None else since + minutes * MINUTE
        made.append(entry(f"e{number}", since, until, draw(st.sampled_from(ListName))))
    return made


def relevant(decision: Decision) -> list[Leaf]:
    stages = STAGES_AT[decision.point]
    whens = [each.when for each in NORM.rules if each.stage in stages and each.status is Status.ENFORCED]
    whens += [each.when for each in NORM.invariants if each.stage in stages]
    if Stage.SCREEN in stages:
        whens.append(Leaf("block.covered", Op.IS, True))
    return [*(leaf for when in whens for leaf in leaves(when)), Leaf("caller.allowlisted", Op.IS, True)]


def truths(decision: Decision) -> list[Truth]:
    assert decision.snapshot is not None
    # The class is made by the decision itself; what moves it are the leaves of `classify`.
    return [leaf_truth(each, decision.snapshot.values) for each in relevant(decision) if each.fact != "caller.class"]


def between(at: int, until: int) -> Iterator[int]:
    yield from sorted({at + 1, (at + until) // 2, until - 1} - {at, until})


@settings(max_examples=80)
@given(stories(calls=3), entries(), st.data())
def test_the_answer_is_constant_up_to_recheck_at_and_a_leaf_changes_exactly_there(
    events: list[Event], listed: list[Entry], data: st.DataObject
) -> None:
    engine = Engine(NORM)
    for each in listed:
        engine.store.put_entry(each)
    place = data.draw(st.integers(0, len(events) - 1))
    decisions = [engine.observe(event) for event in events[: place + 1]]
    decision = decisions[-1]
    # A block that this very decision wrote is news of its own.
    assume(engine.store.entry(f"block:{decision.decision_id}") is None)
    ends = [] if decision.recheck_at is None else [decision.recheck_at]
    call_id = decision.call_id

    for at in between(decision.at, *ends or [decision.at + 90 * MINUTE]):
        later = engine.observe(Tick(call_id=call_id, seq=engine.next_seq(call_id), at=at))
        assert later.stages == decision.stages
        assert later.recheck_at == decision.recheck_at
        assert truths(later) == truths(decision)
    for at in ends:
        changed = engine.observe(Tick(call_id=call_id, seq=engine.next_seq(call_id), at=at))
        assert truths(changed) != truths(decision)


def test_an_allowlist_entry_that_ends_is_a_moment_to_look_again_though_no_rule_names_it() -> None:
    engine = Engine(norm(rule("reject_all", Effect.REJECT)))
    engine.store.put_entry(entry("a1", 0, START + MINUTE, ListName.ALLOWLIST))

    decision = engine.observe(offered("c1", START))
    after = engine.observe(Tick(call_id="c1", seq=1, at=START + MINUTE))

    assert (decision.effect, decision.recheck_at) == (Effect.ACCEPT, START + MINUTE)
    assert (after.effect, after.recheck_at) == (Effect.REJECT, None)


def test_a_block_that_ends_is_a_moment_to_look_again() -> None:
    engine = Engine(norm(rule("nothing", Effect.DIVERT, Leaf("call.topic", Op.IS, "none"))))
    engine.store.put_entry(entry("b1", 0, START + MINUTE))
    engine.store.put_entry(entry("b2", 0, START + 2 * MINUTE))

    decision = engine.observe(offered("c1", START))

    assert (decision.effect, decision.determining) == (Effect.REJECT, (STANDING_BLOCK,))
    assert decision.recheck_at == START + 2 * MINUTE


def test_count_end_and_kind_of_a_block_are_foretold_too() -> None:
    until = Leaf("block.until", Op.AT_MOST, START + 5 * MINUTE)
    norms = {
        "block.until": norm(rule("r", Effect.DIVERT, until)),
        "block.count": norm(rule("r", Effect.DIVERT, Leaf("block.count", Op.AT_LEAST, 2))),
        "block.permanent": norm(rule("r", Effect.DIVERT, Leaf("block.permanent", Op.IS, True))),
    }
    rechecks = {}
    for name, made in norms.items():
        engine = Engine(made)
        engine.store.put_entry(entry("b1", 0, START + 5 * MINUTE))
        engine.store.put_entry(entry("b2", START + MINUTE, START + 9 * MINUTE))
        engine.store.put_entry(entry("b3", START + 2 * MINUTE, None))
        rechecks[name] = engine.observe(offered("c1", START)).recheck_at

    assert rechecks == {
        "block.until": START + MINUTE,
        "block.count": START + MINUTE,
        "block.permanent": START + 2 * MINUTE,
    }
