"""Blocks and lists at run time: who is kept out, for how long, and that a block is written once."""

from __future__ import annotations

from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.engine import STANDING_BLOCK
from callpolicy.events import Ended, Event
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import ListName
from callpolicy.points import Effect, Stage
from callpolicy.policy import Term
from callpolicy.runtime import Engine
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import block_rule
from tests.runtime.norms import (
    ANN,
    BURST,
    DAY,
    MINUTE,
    SECOND,
    START,
    entry,
    norm,
    offered,
)


def fed(engine: Engine, *events: Event) -> list[Decision]:
    return [engine.observe(event) for event in events]


def test_the_call_that_crosses_a_burst_is_rejected_and_one_block_is_written() -> None:
    store = MemoryStore()
    engine = Engine(norm(), store=store)

    effects = [engine.observe(offered(f"c{number}", START + number * MINUTE)).effect for number in range(3)]

    assert effects == [Effect.ACCEPT, Effect.ACCEPT, Effect.REJECT]
    block = store.entry("block:c2#0")
    assert block is not None
    assert (block.identity, block.since, block.until) == (ANN, START + 2 * MINUTE, START + 2 * MINUTE + DAY)
    assert (block.owner, block.evidence, block.reason) == ("system", ("c2#0",), "burst")


def count_of_blocks(engine: Engine, at: int) -> object:
    decision = engine.observe(offered(f"probe-{at}", at))
    assert decision.snapshot is not None
    return decision.snapshot.get("block.count")


def test_a_block_is_written_exactly_once_however_often_the_blocked_caller_tries() -> None:
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number * MINUTE) for number in range(3)))
    # The switch reports the rejected call's end, and the caller goes on trying.
    fed(engine, Ended(call_id="c2", seq=1, at=START + 2 * MINUTE + SECOND, cause="rejected"))
    tries = fed(engine, *(offered(f"d{number}", START + (3 + number) * MINUTE) for number in range(5)))

    assert {each.effect for each in tries} == {Effect.REJECT}
    assert count_of_blocks(engine, START + 9 * MINUTE) == 1


def test_a_longer_term_is_written_over_a_shorter_block_and_not_the_other_way_round() -> None:
    made = norm(
        block_rule("burst", BURST, Term.DAY),
        block_rule("flood", Leaf("history.calls_10m", Op.AT_LEAST, 4), Term.WEEK, priority=90),
    )
    engine = Engine(made)

    decisions = fed(engine, *(offered(f"c{number}", START + number * SECOND) for number in range(9)))

    untils = [each.snapshot.get("block.until") for each in decisions if each.snapshot]
    begin = START + 2 * SECOND
    assert untils[3:] == [begin + DAY, begin + DAY, *[START + 4 * SECOND + 7 * DAY] * 4]
    assert count_of_blocks(engine, START + MINUTE) == 2


def test_a_month_block_that_a_longer_month_would_outlast_is_not_written_again() -> None:
    engine = Engine(norm(block_rule("burst", BURST, Term.MONTH)))
    # 2026-02-20 to 2026-03-20 are 28 days; from March on a month has 31.
    february = START - 10 * DAY
    fed(engine, *(offered(f"c{number}", february + number * SECOND) for number in range(3)))
    fed(engine, *(offered(f"d{number}", START + number * SECOND) for number in range(3)))

    assert count_of_blocks(engine, START + MINUTE) == 1


def test_a_block_expires_without_a_sweeper_and_the_next_call_comes_through() -> None:
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number) for number in range(3)))
    end = START + 2 + DAY

    last_blocked, first_free = fed(engine, offered("d1", end - 1), offered("d2", end))

    assert (last_blocked.effect, last_blocked.determining) == (Effect.REJECT, (STANDING_BLOCK,))
    assert first_free.determining == ("divert_soon_again",)


def test_a_standing_block_and_an_allowlist_entry_are_read_at_each_decision() -> None:
    engine = Engine(norm())
    engine.store.put_entry(entry("b1", START, None))
    blocked = engine.observe(offered("c1", START))
    engine.store.put_entry(entry("a1", START, START + MINUTE, ListName.ALLOWLIST))
    allowed, blocked_again = fed(engine, offered("c2", START + 1), offered("c3", START + MINUTE))

    assert [each.effect for each in (blocked, allowed, blocked_again)] == [Effect.REJECT, Effect.ACCEPT, Effect.REJECT]
    assert allowed.main.hidden is not None
    assert allowed.main.hidden.effect is Effect.REJECT


def test_lists_look_only_at_the_identities_that_the_norm_names() -> None:
    made = norm(list_identities=(IdentityKind.NUMBER,))
    engine = Engine(made)
    engine.store.put_entry(entry("b1", 0, None, identity=Identity(IdentityKind.CUSTOMER, "70001")))

    decision = engine.observe(offered("c1", START, customer="70001"))

    assert decision.effect is Effect.ACCEPT
    assert Engine(norm()).store.entry("b1") is None


def test_nobody_without_an_identity_is_put_on_a_list() -> None:
    made = norm(block_rule("all", Leaf("call.channel", Op.IS, "phone")))
    engine = Engine(made)

    decision = engine.observe(offered("c1", START, None))

    assert decision.stage(Stage.BLOCKLIST) is not None
    assert engine.store.entry("block:c1#0") is None
