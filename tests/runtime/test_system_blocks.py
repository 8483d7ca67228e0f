"""Blocks that the system makes or proposes: only what the norm lets it, once, and never back without new evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.decision import Decision
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import SYSTEM, Actor, Block, Confirm, Lift, State, state_at
from callpolicy.lists import ListName, Subject
from callpolicy.points import Effect, Stage
from callpolicy.policy import Bundle, Governance, Ladder, Rule, Term
from callpolicy.runtime import Desk, Engine
from callpolicy.runtime.blocks import system_block
from callpolicy.stores.base import Listed
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import block_rule, lenient_governance, rule
from tests.runtime.failing import Down, decisions_in, fed, restricts, trail
from tests.runtime.norms import ANN, BURST, DAY, HOUR, MINUTE, NUMBER, START, entry, norm, offered

OTHER = "+1 212 555 0199"
JUDGE = Actor("zhao", frozenset({"judge"}))
OPERATOR = Actor("wu", frozenset({"operator"}))
ALWAYS = Leaf("call.channel", Op.IS, "phone")


def governed(*rules: Rule, settings: dict[str, Any] | None = None, **governance: Any) -> Bundle:
    return replace(norm(*rules, **(settings or {})), governance=lenient_governance(**governance))


def burst(engine: Engine, name: str, at: int = START, number: str = NUMBER, calls: int = 3) -> list[Decision]:
    return fed(engine, *(offered(f"{name}{each}", at + each, number) for each in range(calls)))


def block_of(engine: Engine, block_id: str) -> Block:
    listed = engine.store.listed(block_id)
    assert listed is not None
    assert listed.block is not None
    return listed.block


def all_blocks(engine: Engine) -> list[Block]:
    found = [each.block for each in engine.store.entries(ListName.BLOCKLIST)]
    return [each for each in found if each is not None]


def count_of(decision: Decision) -> object:
    assert decision.snapshot is not None
    return decision.snapshot.get("block.count")


def test_a_block_of_the_system_rests_on_the_decision_that_made_it_and_has_one_record() -> None:
    engine = Engine(norm(), audit=True)
    burst(engine, "c", calls=6)

    (block,) = all_blocks(engine)
    assert (block.block_id, block.proposal.by, block.proposal.reason) == ("block:c2#0", SYSTEM, "burst")
    assert [each.decision_id for each in block.evidence] == ["c2#0"]
    acts = [each for each in trail(engine.store) if each.kind == "act"]
    assert [(each.subject, each.body["act"]["act"], each.body["act"]["by"]) for each in acts] == [
        ("block:c2#0", "activate_automatically", "system")
    ]
    assert acts[0].names == ("act/value",)
    assert b"2125550142" not in b"".join(str(each.body).encode() for each in acts)


def test_a_block_that_nobody_confirms_ends_then_and_is_held_against_nobody() -> None:
    engine = Engine(governed(block_rule("burst", BURST, Term.DAY), confirm_within=HOUR))
    made = burst(engine, "c")[-1]
    end = made.at + HOUR

    last, first = fed(engine, offered("d1", end - 1), offered("d2", end))

    assert (made.effect, last.effect, first.effect) == (Effect.REJECT, Effect.REJECT, Effect.ACCEPT)
    assert (count_of(last), count_of(first)) == (1, 0)
    assert state_at(block_of(engine, "block:c2#0"), end) is State.LIFTED


def test_a_block_that_a_person_confirms_lasts_for_its_term_and_counts() -> None:
    bundle = governed(block_rule("burst", BURST, Term.DAY), confirm_within=HOUR)
    engine = Engine(bundle)
    made = burst(engine, "c")[-1]
    Desk(engine.store, bundle).act("block:c2#0", Confirm(by=JUDGE, at=made.at + MINUTE, reason="heard it"))

    last, first = fed(engine, offered("d1", made.at + DAY - 1), offered("d2", made.at + DAY))

    assert (last.effect, first.effect, count_of(first)) == (Effect.REJECT, Effect.ACCEPT, 1)


@pytest.mark.parametrize(
    ("term", "longest", "allowed"),
    [
        (Term.DAY, Term.DAY, True),
        (Term.WEEK, Term.DAY, False),
        (DAY, Term.DAY, True),
        (DAY + 1, Term.DAY, False),
        (Term.PERMANENT, Term.MONTH, False),
        (Term.DAY, None, False),
    ],
)
def test_the_system_blocks_for_the_declared_term_at_most_and_else_nobody_is_turned_away(
    term: Term | int, longest: Term | None, allowed: bool
) -> None:
    engine = Engine(governed(block_rule("burst", BURST, term), longest_automatic_term=longest), audit=True)

    decision = burst(engine, "c")[-1]

    assert len(all_blocks(engine)) == allowed
    assert decision.failed == (() if allowed else ("governance",))
    assert restricts(decision) is allowed
    assert decision.effect is (Effect.REJECT if allowed else Effect.ACCEPT)
    assert ("c2#0", decision.failed) in decisions_in(trail(engine.store))
    assert len([each for each in trail(engine.store) if each.kind == "act"]) == allowed


def test_a_norm_without_governance_lets_the_system_block_nobody() -> None:
    engine = Engine(replace(norm(), governance=None))

    decision = burst(engine, "c")[-1]

    assert (decision.failed, restricts(decision), all_blocks(engine)) == (("governance",), False, [])


def test_a_proposal_that_governance_refuses_is_not_put_and_restricts_nobody() -> None:
    terms = {Term.DAY: lenient_governance().terms[Term.DAY]}
    engine = Engine(governed(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK), terms=terms))

    decision = burst(engine, "c")[-1]

    assert (decision.failed, restricts(decision), all_blocks(engine)) == (("governance",), False, [])


def test_a_protected_caller_is_never_blocked_nor_proposed() -> None:
    rules = [block_rule("burst", BURST, Term.DAY), rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK)]
    for each in rules:
        engine = Engine(governed(each, settings={"protected_numbers": {"regulator": frozenset({ANN.value})}}))

        decisions = burst(engine, "c", calls=5)

        assert not any(restricts(decision) for decision in decisions)
        assert all_blocks(engine) == []


@pytest.mark.parametrize("covers", [{}, {"identity": Identity(IdentityKind.NUMBER, "+1212555"), "prefix": True}])
def test_a_caller_on_the_allowlist_is_never_blocked_nor_proposed(covers: dict[str, Any]) -> None:
    rules = [block_rule("burst", BURST, Term.DAY), rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK)]
    for each in rules:
        engine = Engine(governed(each))
        engine.store.put_entry(entry("a1", START, START + DAY, ListName.ALLOWLIST, **covers))

        decisions = burst(engine, "c", calls=5)

        assert not any(restricts(decision) for decision in decisions)
        assert all_blocks(engine) == []


def test_a_lifted_block_does_not_return_on_evidence_of_before() -> None:
    bundle = norm()
    store = MemoryStore()
    engine = Engine(bundle, store=store)
    made = burst(engine, "c")[-1]
    lift = made.at + MINUTE
    Desk(store, bundle).act("block:c2#0", Lift(by=OPERATOR, at=lift, reason="it was the bank"))

    # A call that comes in late, and one at that very instant: both are evidence of before.
    late, same = fed(engine, offered("d1", lift - 1), offered("d2", lift))

    assert [each.failed for each in (late, same)] == [("governance",)] * 2
    assert not any(restricts(each) for each in (late, same))
    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0"]


def test_what_a_person_lifted_the_system_does_not_block_again_for_as_long_as_it_was_to_last() -> None:
    bundle = norm()
    engine = Engine(bundle)
    made = burst(engine, "c")[-1]
    lift = made.at + 1
    Desk(engine.store, bundle).act("block:c2#0", Lift(by=OPERATOR, at=lift, reason="it was the bank"))

    # The burst goes on; a day later there is another one.
    same, last = engine.observe(offered("d1", lift + 1)), engine.observe(offered("d2", lift + DAY - 1))
    again = burst(engine, "e", at=lift + DAY)[-1]

    assert (same.effect, same.failed, restricts(last)) == (Effect.ACCEPT, ("governance",), False)
    assert (again.effect, again.failed) == (Effect.REJECT, ())
    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0", "block:e1#0"]


def test_a_proposal_is_put_once_however_often_its_rule_matches() -> None:
    engine = Engine(governed(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK)), audit=True)

    decisions = burst(engine, "c", calls=8)

    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0"]
    assert all(not each.failed and each.effect is Effect.ACCEPT for each in decisions)
    assert [each.body["act"]["act"] for each in trail(engine.store) if each.kind == "act"] == ["propose"]


def test_a_proposal_that_a_later_call_made_already_is_not_put_again_for_a_late_one() -> None:
    engine = Engine(governed(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK)))
    burst(engine, "c", at=START + MINUTE)

    fed(engine, *(offered(f"d{number}", START + number) for number in range(3)))

    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0"]


@pytest.mark.parametrize(("standing", "asked", "put"), [
    (Term.WEEK, Term.WEEK, False), (Term.MONTH, Term.WEEK, False), (Term.DAY, Term.WEEK, True),
])  # fmt: skip
def test_no_proposal_is_put_while_a_block_as_long_waits_or_stands(standing: Term, asked: Term, put: bool) -> None:
    first = Engine(governed(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=standing)))
    burst(first, "c")

    Engine(governed(rule("other", Effect.PROPOSE_BLOCK, ALWAYS, term=asked)), store=first.store).observe(
        offered("d1", START + MINUTE)
    )

    assert len(all_blocks(first)) == 1 + put


@pytest.mark.parametrize("put", [False, True])
def test_no_proposal_is_put_while_an_entry_without_a_life_stands_as_long(put: bool) -> None:
    engine = Engine(governed(rule("propose", Effect.PROPOSE_BLOCK, ALWAYS, term=Term.WEEK)))
    engine.store.put_entry(entry("old", START - DAY, START - DAY + (2 if put else 30) * DAY))

    engine.observe(offered("c1", START))

    assert len(all_blocks(engine)) == put


def test_a_rejected_proposal_is_not_put_again_on_evidence_of_before_and_is_on_that_of_later() -> None:
    bundle = governed(rule("propose", Effect.PROPOSE_BLOCK, BURST, term=Term.WEEK))
    engine = Engine(bundle)
    put = burst(engine, "c")[-1]
    Desk(engine.store, bundle).act("block:c2#0", Lift(by=OPERATOR, at=put.at + MINUTE, reason="no"))

    before = engine.observe(offered("d1", put.at + MINUTE))
    after = engine.observe(offered("d2", put.at + MINUTE + 1))

    assert (before.failed, restricts(before), after.failed) == (("governance",), False, ())
    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0", "block:d2#0"]


def test_a_longer_block_that_waits_for_its_confirmation_beside_a_shorter_one_is_made_once() -> None:
    # The confirmed one ends later than the longer one that nobody has confirmed yet.
    bundle = governed(
        block_rule("burst", BURST, Term.DAY),
        block_rule("flood", Leaf("history.calls_10m", Op.AT_LEAST, 4), Term.WEEK, priority=90),
        confirm_within=HOUR,
    )
    engine = Engine(bundle)
    made = burst(engine, "c")[-1]
    Desk(engine.store, bundle).act("block:c2#0", Confirm(by=JUDGE, at=made.at, reason="heard it"))

    burst(engine, "d", at=START + MINUTE, calls=8)

    assert [each.block_id for each in all_blocks(engine)] == ["block:c2#0", "block:d1#0"]


def test_an_error_of_ours_in_a_block_turns_nobody_away() -> None:
    # A call whose id is too long to name a block by.
    engine = Engine(norm(), audit=True)
    burst(engine, "c", calls=2)

    decision = engine.observe(offered("x" * 300, START + 5))

    assert (decision.failed, decision.effect, all_blocks(engine)) == (("engine",), Effect.ACCEPT, [])
    trail(engine.store)


def test_a_block_whose_record_would_show_the_caller_is_not_made() -> None:
    made = norm(block_rule("burst", ALWAYS, Term.DAY), list_identities=(IdentityKind.CUSTOMER,))
    engine = Engine(made, audit=True)

    decision = engine.observe(offered("c1", START, customer="system"))

    assert (decision.failed, restricts(decision), all_blocks(engine)) == (("audit",), False, [])
    trail(engine.store)


def test_a_block_is_made_when_the_store_is_back_and_once() -> None:
    store = Down()
    engine = Engine(norm(), store=store, audit=True)
    burst(engine, "c", calls=2)
    store.down.add("put_block")
    down = fed(engine, offered("c2", START + 2), offered("c3", START + 3))
    store.down.clear()

    back = fed(engine, offered("c4", START + 4), offered("c5", START + 5))

    assert [each.effect for each in (*down, *back)] == [Effect.ACCEPT] * 2 + [Effect.REJECT] * 2
    assert [each.block_id for each in all_blocks(engine)] == ["block:c4#0"]
    assert [each.subject for each in trail(store) if each.kind == "act"] == ["block:c4#0"]


# ---- the ladder, for a rule that gives no term


def decided(bundle: Bundle, at: int = START) -> Decision:
    decision = Engine(bundle).observe(offered("c1", at))
    result = decision.stage(Stage.BLOCKLIST)
    assert result is not None
    bare = replace(result, outcome=replace(result.outcome, term=None))
    return replace(decision, stages=tuple(bare if each is result else each for each in decision.stages))


def ladder(**more: Any) -> Governance:
    return lenient_governance(ladder=Ladder((Term.DAY, Term.WEEK, Term.MONTH), 180 * DAY), **more)


@pytest.mark.parametrize("effect", [Effect.BLOCK, Effect.PROPOSE_BLOCK])
def test_the_ladder_gives_the_term_where_a_rule_gives_none(effect: Effect) -> None:
    made = block_rule("all", ALWAYS) if effect is Effect.BLOCK else rule("all", effect, ALWAYS, term=Term.DAY)
    bundle = replace(norm(made), governance=ladder())
    decision = decided(bundle)

    first = system_block(decision, ANN, (), bundle)
    second = system_block(replace(decision, at=START + 40 * DAY), ANN, _past(bundle), bundle)

    assert first is not None
    assert second is not None
    assert (first.proposal.term, second.proposal.term) == (Term.DAY, Term.WEEK)


def _past(bundle: Bundle) -> Sequence[Listed]:
    """A block of a day that a person confirmed, and that ran out."""
    engine = Engine(governed(block_rule("burst", BURST, Term.DAY)))
    made = burst(engine, "p", at=START)[-1]
    Desk(engine.store, bundle).act("block:p2#0", Confirm(by=JUDGE, at=made.at, reason="heard it"))
    return engine.store.overlapping(Subject(ANN))


def test_without_a_ladder_a_rule_that_gives_no_term_blocks_for_a_day() -> None:
    bundle = norm(block_rule("all", ALWAYS))

    block = system_block(decided(bundle), ANN, (), bundle)

    assert block is not None
    assert block.proposal.term is Term.DAY
