"""Blocklist entries that were put without a life: persons lift them, it is on record, and lifting sticks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import to_line
from callpolicy.decision import Decision
from callpolicy.errors import CallpolicyError, GovernanceError, UsageError
from callpolicy.instants import LATEST
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    Block,
    Confirm,
    Evidence,
    Lift,
    Review,
    ReviewOutcome,
    State,
    state_at,
)
from callpolicy.lists import ListName, Subject
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Term
from callpolicy.runtime import Desk, Engine
from callpolicy.runtime.bulk import propose_all
from callpolicy.runtime.wishes import Proposal
from callpolicy.stores import open_store
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import block_rule, lenient_governance
from tests.runtime.desks import AGENT, DIGITS, HEAD, JUDGE, OPERATOR, STAFF, WHO, bundle, desk_on, proposed, refused
from tests.runtime.failing import fed
from tests.runtime.norms import ANN, BURST, DAY, HOUR, MINUTE, START, entry, norm, offered

Make = Callable[[Path], Store]
STORES: dict[str, Make] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda folder: open_store(f"sqlite:///{folder / 'c.db'}"),
}
JUDGE_OF_BURSTS = Actor("zhao", frozenset({"judge"}))


def put(store: Store, entry_id: str = "old-1", since: int = START, until: int | None = None, **more: Any) -> None:
    store.put_entry(entry(entry_id, since, until, **more))


def lift(
    desk: Desk, by: Actor = HEAD, at: int = START + HOUR, entry_id: str = "old-1", reason: str = "a mistake"
) -> Any:
    return desk.lift_entry(by, entry_id, reason=reason, at=at)


# ---- lifting


@pytest.mark.parametrize("kind", STORES)
def test_an_entry_without_a_life_is_lifted_and_from_the_next_call_on_keeps_nobody_out(
    kind: str, tmp_path: Path
) -> None:
    store = STORES[kind](tmp_path)
    made = bundle()
    engine, desk = Engine(made, store=store), Desk(store, made)
    put(store)

    before = engine.observe(offered("c1", START + 1))
    ended = lift(desk)
    after = engine.observe(offered("c2", START + HOUR))

    assert (before.effect, after.effect) == (Effect.REJECT, Effect.ACCEPT)
    assert (ended.until, ended.taken_back, ended.term_until) == (START + HOUR, True, LATEST)
    assert store.entry("old-1") == ended
    # What was taken back is held against nobody.
    assert after.snapshot is not None
    assert after.snapshot.get("block.count") == 0


def test_the_lift_is_on_record_like_that_of_a_block_and_shows_no_number_and_no_reason() -> None:
    desk = desk_on()
    put(desk.store)

    lift(desk)

    (kept,) = desk.store.find("old-1")
    act = kept.record.body["act"]
    assert (kept.record.kind, kept.record.subject, kept.record.at) == ("act", "old-1", START + HOUR)
    assert {name: act[name] for name in ("act", "move", "state", "by", "until")} == {
        "act": "lift", "move": "lift", "state": "lifted", "by": "wang",
        "until": "2026-03-02T02:00:00.000000Z",
    }  # fmt: skip
    assert (act["roles"], act["evidence"]) == (["head"], [])
    line = to_line(kept.record)
    assert DIGITS not in line
    assert b"a mistake" not in line


@pytest.mark.parametrize("more", [{"owner": "+12125550142"}, {"owner": "a\x1bb"}, {"evidence": ("x" * 300,)}])
def test_whatever_else_a_host_wrote_into_an_entry_it_is_lifted(more: dict[str, Any]) -> None:
    desk = desk_on()
    put(desk.store, **more)

    assert lift(desk).until == START + HOUR


def test_an_entry_that_a_host_named_by_its_number_is_lifted_and_the_record_shows_no_number() -> None:
    desk = desk_on()
    put(desk.store, "+12125550142")

    ended = lift(desk, entry_id="+12125550142")

    (kept,) = desk.store.records()
    assert ended.until == START + HOUR
    assert kept.record.subject.startswith("entry-")
    assert DIGITS not in to_line(kept.record)
    assert DIGITS.decode() not in kept.ref


def test_an_entry_that_has_not_begun_is_lifted_once_and_never_begins() -> None:
    desk = desk_on()
    put(desk.store, since=START + DAY)

    ended = lift(desk)
    again = refused(desk, lambda: lift(desk, at=START + 2 * HOUR))

    assert (ended.since, ended.until, ended.term_until) == (START + DAY, START + DAY, None)
    assert not ended.holds(START + DAY)
    assert isinstance(again, GovernanceError)
    assert again.code == "block-is-over"


def test_a_prefix_that_was_put_without_a_life_is_lifted_too() -> None:
    desk = desk_on()
    put(desk.store, identity=replace(ANN, value="+1212555"), prefix=True)
    engine = Engine(bundle(), store=desk.store)

    before = engine.observe(offered("c1", START + 1))
    lift(desk)
    after = engine.observe(offered("c2", START + HOUR))

    assert (before.effect, after.effect) == (Effect.REJECT, Effect.ACCEPT)


@pytest.mark.parametrize(
    ("by", "until", "rule"),
    [
        (AGENT, None, "terms.permanent"),
        (Actor("nobody"), None, "terms.permanent"),
        (SYSTEM, None, "always.persons_decide"),
        (HEAD, START + DAY, "terms.day"),
        (HEAD, START + DAY + 1, "terms.week"),
        (JUDGE, START + HOUR, "always.transitions"),
    ],
)
def test_who_may_not_lift_a_block_of_that_term_may_not_lift_the_entry(by: Actor, until: int | None, rule: str) -> None:
    desk = desk_on()
    put(desk.store, until=until)

    told = refused(desk, lambda: lift(desk, by))

    assert isinstance(told, GovernanceError)
    assert told.rule == rule


@pytest.mark.parametrize("by", [JUDGE, OPERATOR, HEAD])
def test_who_judges_operates_or_maintains_blocks_of_that_term_lifts_the_entry(by: Actor) -> None:
    desk = desk_on()
    put(desk.store)

    assert lift(desk, by).until == START + HOUR


def test_a_norm_that_declares_no_term_as_long_keeps_no_entry_from_being_lifted() -> None:
    governance = bundle().governance
    assert governance is not None
    days = {Term.DAY: governance.terms[Term.DAY]}
    desk = desk_on(terms=days)
    put(desk.store)

    assert lift(desk, JUDGE).until == START + HOUR
    put(desk.store, "old-2")
    none = desk_on(desk.store, terms={})
    told = refused(none, lambda: lift(none, JUDGE, entry_id="old-2"))
    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("role-missing", "terms")


def test_a_role_that_the_norm_does_not_give_lifts_nothing() -> None:
    desk = desk_on(staff=STAFF)
    put(desk.store)

    told = refused(desk, lambda: lift(desk, Actor("chen", frozenset({"desk"}))))

    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("role-missing", "staff")


@pytest.mark.parametrize(
    ("reason", "kind"), [(" ", GovernanceError), ("x" * 61, GovernanceError), ("a\x1b[2J", UsageError)]
)
def test_a_lift_without_a_reason_that_can_be_kept_is_refused(reason: str, kind: type[CallpolicyError]) -> None:
    desk = desk_on()
    put(desk.store)

    refused(desk, lambda: lift(desk, reason=reason), kind)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("block", "this block has a life"),
        ("friend", "there is no block of that id"),
        ("none", "there is no block of that id"),
    ],
)
def test_what_is_no_entry_of_the_blocklist_without_a_life_is_not_lifted_like_one(name: str, said: str) -> None:
    desk = desk_on()
    proposed(desk, block_id="block")
    put(desk.store, "friend", on=ListName.ALLOWLIST)

    assert said in str(refused(desk, lambda: lift(desk, entry_id=name), UsageError))


@pytest.mark.parametrize(
    "act",
    [
        Confirm(by=JUDGE, at=START + 1, reason="r"),
        Activate(by=OPERATOR, at=START + 1, reason="r"),
        Appeal(by=JUDGE, at=START + 1, reason="r"),
        Review(by=JUDGE, at=START + 1, reason="r", outcome=ReviewOutcome.KEEP),
        Lift(by=JUDGE, at=START + 1, reason="r"),
    ],
)
def test_an_act_on_an_entry_without_a_life_says_what_it_is_and_how_it_ends(act: Any) -> None:
    desk = desk_on()
    put(desk.store)
    put(desk.store, "past", until=START + 1)

    told = str(refused(desk, lambda: desk.act("old-1", act), UsageError))
    over = str(refused(desk, lambda: desk.act("past", act), UsageError))

    assert "an entry that was put without a life" in told
    assert told.endswith("`callpolicy block lift` ends it")
    assert over.endswith("it is over; nothing is to be done with it")


# ---- lifting sticks


def governed() -> Bundle:
    return replace(norm(block_rule("burst", BURST, Term.DAY)), governance=lenient_governance())


def burst(engine: Engine, name: str, at: int) -> list[Decision]:
    return fed(engine, *(offered(f"{name}{each}", at + each) for each in range(3)))


@pytest.mark.parametrize(
    ("until", "at", "blocked"),
    [
        # Put for a day and lifted after an hour: persons decide for a day from the lift on.
        (START + DAY, START + HOUR + MINUTE, False),
        (START + DAY, START + HOUR + DAY - 3, False),
        (START + DAY, START + HOUR + DAY, True),
        # Put without an end: persons decide for good.
        (None, START + 400 * DAY, False),
    ],
)
def test_the_system_does_not_block_by_itself_whom_a_person_let_in_again(
    until: int | None, at: int, blocked: bool
) -> None:
    engine = Engine(governed())
    put(engine.store, until=until)
    lift(Desk(engine.store, governed()), JUDGE_OF_BURSTS)

    last = burst(engine, "c", at)[-1]

    assert last.effect is (Effect.REJECT if blocked else Effect.ACCEPT)
    assert len(list(engine.store.entries(ListName.BLOCKLIST))) == (2 if blocked else 1)


def test_a_burst_before_the_lift_that_is_told_late_brings_no_block_back() -> None:
    engine = Engine(governed())
    put(engine.store, since=START + 1, until=START + 2 * HOUR)
    lift(Desk(engine.store, governed()), JUDGE_OF_BURSTS)

    last = burst(engine, "c", START - MINUTE)[-1]

    assert last.effect is Effect.ACCEPT
    assert len(list(engine.store.entries(ListName.BLOCKLIST))) == 1


def test_an_entry_that_was_lifted_before_it_began_says_nothing_of_a_burst() -> None:
    engine = Engine(governed())
    put(engine.store, since=START + DAY, owner="system")
    lift(Desk(engine.store, governed()), JUDGE_OF_BURSTS)

    assert burst(engine, "c", START + 2 * HOUR)[-1].effect is Effect.REJECT


def test_an_entry_that_ended_by_itself_hinders_no_block() -> None:
    engine = Engine(governed())
    put(engine.store, until=START + HOUR)

    assert burst(engine, "c", START + HOUR)[-1].effect is Effect.REJECT


def evidence_of(engine: Engine, name: str, at: int) -> Evidence:
    return Evidence(engine.observe(offered(name, at)).decision_id, at)


def test_a_person_proposes_anew_only_on_a_decision_made_since_that_is_on_record() -> None:
    engine = Engine(bundle(), audit=True)
    desk = Desk(engine.store, bundle())
    old = evidence_of(engine, "c1", START - HOUR)
    put(engine.store)
    lift(desk)
    new = evidence_of(engine, "c2", START + 2 * HOUR)
    outside = Evidence("elsewhere#1", START + 2 * HOUR)

    def propose(*seen: Evidence) -> Block:
        return desk.propose(AGENT, WHO, reason="r", evidence=seen, at=START + 3 * HOUR, term=Term.DAY)

    told = [refused(desk, lambda: propose(old)), refused(desk, lambda: propose(outside))]
    block = propose(old, new)

    assert [each.code for each in told if isinstance(each, GovernanceError)] == [
        "no-new-evidence",
        "evidence-not-on-record",
    ]
    assert state_at(block, START + 3 * HOUR) is State.PROPOSED


def test_a_proposal_from_before_the_lift_is_confirmed_only_on_a_decision_made_since() -> None:
    engine = Engine(bundle(), audit=True)
    desk = Desk(engine.store, bundle())
    old = evidence_of(engine, "c1", START - HOUR)
    put(engine.store)
    block = desk.propose(AGENT, WHO, reason="r", evidence=(old,), at=START + 1, term=Term.DAY)
    lift(desk)
    new = evidence_of(engine, "c2", START + 2 * HOUR)

    def confirm(*seen: Evidence) -> Block:
        return desk.act(block.block_id, Confirm(by=JUDGE, at=START + 3 * HOUR, reason="r", evidence=seen))

    told = refused(desk, confirm)

    assert isinstance(told, GovernanceError)
    assert told.rule == "always.lifting_sticks"
    assert state_at(confirm(new), START + 3 * HOUR) is State.CONFIRMED


@pytest.mark.parametrize(("dated", "at"), [(False, START + 2 * HOUR), (True, START + HOUR)])
def test_a_row_of_a_file_brings_a_lifted_entry_not_back_unless_it_is_newer(dated: bool, at: int) -> None:
    desk = desk_on()
    put(desk.store)
    lift(desk)
    row = Proposal(subject=WHO, reason="r", evidence=(Evidence("f:2", at),), term=Term.DAY, block_id="f", dated=dated)
    newer = replace(row, evidence=(Evidence("f:2", START + 2 * HOUR),), dated=True)

    (old,), (new,) = (propose_all(desk, AGENT, [each], at=START + 3 * HOUR) for each in (row, newer))

    assert isinstance(old, GovernanceError)
    assert old.code == "no-new-evidence"
    assert isinstance(new, Block)


def test_the_lift_of_an_entry_hinders_no_block_of_another_caller() -> None:
    desk = desk_on()
    put(desk.store)
    lift(desk)
    other = Subject(replace(ANN, value="+12125550199"))

    block = desk.propose(AGENT, other, reason="r", evidence=(Evidence("c1#4", START),), at=START + DAY, term=Term.DAY)

    assert state_at(block, START + DAY) is State.PROPOSED
