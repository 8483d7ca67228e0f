"""Acts of persons on blocks: governed, all or nothing, each on record once, and the record shows nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from callpolicy.audit import to_line, whole_body
from callpolicy.errors import AuditError, GovernanceError, UsageError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Block,
    Confirm,
    DecideAppeal,
    Evidence,
    Lift,
    Review,
    ReviewOutcome,
    State,
    state_at,
)
from callpolicy.lists import Subject
from callpolicy.points import Effect
from callpolicy.policy import Term
from callpolicy.runtime import Desk, Engine
from callpolicy.stores.memory import MemoryStore
from tests.runtime.desks import (
    AGENT,
    DIGITS,
    GOVERNED,
    HEAD,
    JUDGE,
    LEADER,
    OPERATOR,
    OTHER_JUDGE,
    REASON,
    SEEN,
    STAFF,
    WHO,
    Work,
    acts,
    bundle,
    case_of,
    desk_on,
    entered,
    proposed,
    refused,
)
from tests.runtime.failing import trail
from tests.runtime.norms import ANN, BOB, DAY, HOUR, START, norm, offered

# ---- blocks


def test_a_block_goes_its_way_and_each_act_is_on_record_once() -> None:
    desk = desk_on()
    block = entered(desk)
    name = block.block_id
    desk.act(name, Review(by=JUDGE, at=START + DAY, reason="still", outcome=ReviewOutcome.KEEP))
    desk.act(name, Appeal(by=AGENT, at=START + DAY + 1, reason="says it was not him"))
    decided = desk.act(
        name, DecideAppeal(by=OTHER_JUDGE, at=START + DAY + 2, reason="it was not", outcome=AppealOutcome.LIFT)
    )

    assert state_at(decided, START + 3) is State.ACTIVE
    assert state_at(decided, START + DAY + 2) is State.LIFTED
    assert desk.store.listed(name) is not None
    assert acts(desk.store) == [
        ("propose", "chen"), ("confirm", "qian"), ("activate", "wu"), ("review", "qian"), ("appeal", "chen"),
        ("decide_appeal", "sun"),
    ]  # fmt: skip
    assert {each.writer for each in trail(desk.store)} == {"desk"}
    assert [each.record.subject for each in desk.store.find(name)] == [name] * 6


def test_reason_and_caller_stand_in_the_sealed_part_alone() -> None:
    desk = desk_on()
    proposed(desk)

    (kept,) = desk.store.records()
    line = to_line(kept.record)
    assert DIGITS[-8:] not in line
    assert REASON.encode() not in line
    assert kept.record.names == ("act/last", "act/reason", "act/value")
    whole = whole_body(kept.record, kept.part, desk.store.keys)
    assert whole is not None
    assert (whole["act"]["value"], whole["act"]["reason"]) == ("+12125550142", REASON)


def test_who_is_blocked_is_turned_away_from_then_on_and_let_through_when_it_is_lifted() -> None:
    store = MemoryStore()
    made = bundle()
    engine, desk = Engine(made, store=store), Desk(store, made)
    block = entered(desk)

    turned_away = engine.observe(offered("c1", START + 3))
    desk.act(block.block_id, Lift(by=OPERATOR, at=START + HOUR, reason="the wrong one"))
    let_through = engine.observe(offered("c2", START + HOUR))

    assert (turned_away.effect, let_through.effect) == (Effect.REJECT, Effect.ACCEPT)


def test_a_proposal_without_a_term_gets_that_of_the_ladder() -> None:
    desk = desk_on()
    first = desk.propose(AGENT, WHO, reason=REASON, evidence=SEEN, at=START)

    assert first.proposal.term is Term.DAY
    told = refused(
        desk_on(ladder=None),
        lambda: desk_on(ladder=None).propose(AGENT, WHO, reason=REASON, evidence=SEEN, at=START),
    )
    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("term-missing", "ladder")


def act_on(make: Callable[[str], Any]) -> Work:
    """What makes an act on a block that is entered."""

    def work(desk: Desk) -> object:
        return desk.act("b1", make("b1"))

    return work


def by(kind: type[Any], who: Actor, at: int = START + 9, **more: Any) -> Work:
    return act_on(lambda _: kind(by=who, at=at, **{"reason": "so", **more}))


PROPOSALS: list[tuple[Work, str, str]] = [
    (lambda desk: proposed(desk, by=Actor("guest")), "role-missing", "roles"),
    (lambda desk: proposed(desk, evidence=()), "evidence-missing", "always.evidence"),
    (lambda desk: proposed(desk, reason=" "), "reason-missing", "always.reason"),
    (lambda desk: proposed(desk, reason="x" * 61), "reason-too-long", "longest_reason"),
    (lambda desk: proposed(desk, evidence=(Evidence("x", START + 1),)), "evidence-from-future", "always.evidence"),
    (lambda desk: proposed(desk, block_id="b1"), "duplicate-block", "always.one_life"),
    (lambda desk: desk.propose(AGENT, Subject(Identity(IdentityKind.NUMBER, "+1"), prefix=True), reason=REASON,
                               evidence=SEEN, at=START, term=Term.DAY), "too-wide", "shortest_prefix.US"),
    (by(Confirm, AGENT), "nothing-to-confirm", "always.transitions"),
    (by(Activate, OPERATOR), "not-in-this-state", "always.transitions"),
    (by(Review, AGENT, outcome=ReviewOutcome.KEEP), "role-missing", "terms.week.maintain"),
    (by(Review, JUDGE, outcome=ReviewOutcome.SHORTEN, term=Term.MONTH), "not-shorter", "always.shorter_is_shorter"),
    (by(Review, JUDGE, outcome=ReviewOutcome.EXTEND, term=Term.DAY), "not-longer", "always.longer_is_longer"),
    (by(DecideAppeal, JUDGE, outcome=AppealOutcome.LIFT), "not-in-this-state", "always.transitions"),
    (by(Lift, AGENT, at=START + 1), "act-out-of-order", "always.in_order"),
    (by(Lift, LEADER), "role-missing", "terms.week"),
    (by(Lift, SYSTEM), "system-may-not", "always.persons_decide"),
]  # fmt: skip


@pytest.mark.parametrize(("work", "code", "rule"), PROPOSALS)
def test_what_governance_refuses_names_its_rule_and_changes_nothing(work: Work, code: str, rule: str) -> None:
    desk = desk_on()
    entered(desk, block_id="b1")

    told = refused(desk, lambda: work(desk))

    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == (code, rule)


@pytest.mark.parametrize("who", [AGENT, replace(AGENT, roles=frozenset({"desk"})), Actor("CHEN", frozenset({"desk"}))])
def test_nobody_confirms_what_they_proposed_whatever_they_call_themselves(who: Actor) -> None:
    desk = desk_on()
    block = proposed(desk, term=Term.DAY)

    told = refused(desk, lambda: desk.act(block.block_id, Confirm(by=who, at=START + 1, reason="so")))

    assert isinstance(told, GovernanceError)
    assert told.code in ("self-approval", "role-missing")


def test_a_permanent_block_needs_two_persons_of_the_right_role() -> None:
    desk = desk_on()
    block = proposed(desk, by=HEAD, term=Term.PERMANENT)
    name = block.block_id

    alone = refused(desk, lambda: desk.act(name, Confirm(by=HEAD, at=START + 1, reason="so")))
    lower = refused(desk, lambda: desk.act(name, Confirm(by=JUDGE, at=START + 1, reason="so")))
    early = refused(desk, lambda: desk.act(name, Activate(by=OPERATOR, at=START + 1, reason="so")))
    confirmed = desk.act(name, Confirm(by=Actor("li", frozenset({"head"})), at=START + 2, reason="so"))

    assert [each.code for each in (alone, lower, early) if isinstance(each, GovernanceError)] == [
        "self-approval", "role-missing", "not-in-this-state",
    ]  # fmt: skip
    assert state_at(confirmed, START + 2) is State.CONFIRMED


@pytest.mark.parametrize("prefix", [False, True])
def test_nobody_on_the_allowlist_is_blocked_and_no_protected_number(prefix: bool) -> None:
    subject = Subject(Identity(IdentityKind.NUMBER, "+12125550"), prefix=True) if prefix else WHO
    desk = desk_on()
    desk.allow(JUDGE, WHO, reason="regulator", owner="qa", at=START, until=START + DAY)
    protected = Desk(
        MemoryStore(), replace(norm(protected_numbers={"own": frozenset({ANN.value})}), governance=GOVERNED)
    )

    def work(at: Desk) -> Callable[[], Block]:
        return lambda: at.propose(AGENT, subject, reason=REASON, evidence=SEEN, at=START, term=Term.DAY)

    told = [refused(desk, work(desk)), refused(protected, work(protected))]
    assert [each.rule for each in told if isinstance(each, GovernanceError)] == [
        "always.allowlist", "always.protected",
    ]  # fmt: skip
    # When the entry is over, a block may be proposed.
    desk.propose(AGENT, subject, reason=REASON, evidence=SEEN, at=START + DAY, term=Term.DAY)


def test_a_lifted_block_returns_only_on_a_decision_of_later() -> None:
    desk = desk_on()
    block = entered(desk)
    desk.act(block.block_id, Lift(by=OPERATOR, at=START + HOUR, reason="the wrong one"))

    for old in (SEEN, (Evidence("c1#9", START + HOUR),)):
        told = refused(desk, lambda old=old: proposed(desk, at=START + DAY, evidence=old))  # type: ignore[misc]  # a default binds it
        assert isinstance(told, GovernanceError)
        assert (told.code, told.rule) == ("no-new-evidence", "always.lifting_sticks")
    made_up = (Evidence("c7#1", START + HOUR + 1),)
    told = refused(desk, lambda: proposed(desk, at=START + DAY, evidence=made_up))
    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("evidence-not-on-record", "always.lifting_sticks")
    with Engine(bundle(), store=desk.store, audit=True) as engine:
        seen = engine.observe(offered("c7", START + 2 * HOUR, WHO.identity.value))
    proposed(desk, at=START + DAY, evidence=(*made_up, Evidence(seen.decision_id, START + 2 * HOUR)))


def test_a_block_is_not_made_longer_after_a_lift_on_a_decision_that_nobody_can_look_up() -> None:
    desk = desk_on()
    block = entered(desk)
    other = proposed(desk, at=START + HOUR, block_id="b2")
    desk.act(other.block_id, Lift(by=OPERATOR, at=START + 2 * HOUR, reason="the wrong one"))
    made_up = (Evidence("c7#1", START + 2 * HOUR + 1),)
    longer = Review(
        by=JUDGE, at=START + DAY, reason="goes on", evidence=made_up, outcome=ReviewOutcome.EXTEND, term=Term.MONTH
    )

    told = refused(desk, lambda: desk.act(block.block_id, longer))

    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("evidence-not-on-record", "always.lifting_sticks")
    desk.act(block.block_id, Review(by=JUDGE, at=START + DAY, reason="stays as it is", outcome=ReviewOutcome.KEEP))


@pytest.mark.parametrize("name", ["no-such", "a1"])
def test_an_act_on_what_is_no_block_is_refused(name: str) -> None:
    desk = desk_on()
    entry = desk.allow(JUDGE, WHO, reason="regulator", owner="qa", at=START, until=START + DAY)
    block_id = entry.entry_id if name == "a1" else name

    told = refused(desk, lambda: desk.act(block_id, Lift(by=OPERATOR, at=START, reason="so")), UsageError)

    assert "no block of that id" in str(told)


@pytest.mark.parametrize("more", [
    {"term": 0}, {"term": -5}, {"block_id": ""}, {"block_id": " x "}, {"at": -1}, {"at": 1 << 62}, {"reason": "a\0b"},
])  # fmt: skip
def test_what_no_block_can_be_is_refused(more: dict[str, Any]) -> None:
    desk = desk_on()

    refused(desk, lambda: proposed(desk, **more), UsageError)


def test_what_cannot_be_recorded_without_showing_the_caller_is_not_done() -> None:
    desk = desk_on()

    refused(desk, lambda: proposed(desk, block_id="about-+12125550142"), AuditError)
    refused(
        desk, lambda: desk.allow(JUDGE, WHO, reason="x", owner="for 12125550142", at=START, until=START + 1), AuditError
    )
    case_of(desk.store, "sip-12125550142")
    desk.tell_case(AGENT, "sip-12125550142", "explain", "how it is", at=START + 9)


# ---- who acts


def test_where_staff_is_declared_roles_are_those_of_the_norm() -> None:
    desk = desk_on(staff=STAFF)

    assert desk.actor("chen").roles == {"agent"}
    assert desk.actor("qian").roles == {"desk", "agent"}
    assert desk.actor("qian", ["agent"]).roles == {"agent"}
    assert desk.actor("SUN").roles == {"desk"}
    with pytest.raises(GovernanceError) as stranger:
        desk.actor("guest")
    with pytest.raises(GovernanceError) as odd:
        desk.actor("chen", ["desk"])
    assert (stranger.value.rule, odd.value.rule) == ("staff", "staff")


def test_where_none_is_declared_roles_are_those_that_are_said_if_there_are_such() -> None:
    desk = desk_on()

    assert desk.actor("anybody", ["desk", "head"]).roles == {"desk", "head"}
    assert desk.actor("anybody").roles == frozenset()
    with pytest.raises(GovernanceError) as odd:
        desk.actor("anybody", ["chief"])
    assert (odd.value.code, odd.value.rule) == ("role-missing", "roles")


@pytest.mark.parametrize("name", ["", " li", "a\nb", "x" * 201, "system", "System", "ｓystem"])
def test_an_id_that_names_no_person_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        desk_on().actor(name, ["desk"])


@pytest.mark.parametrize("who", [Actor("guest", frozenset({"desk"})), Actor("chen", frozenset({"desk", "agent"}))])
def test_nobody_acts_in_a_role_that_the_staff_does_not_give(who: Actor) -> None:
    store = MemoryStore()
    desk = desk_on(store, staff=STAFF)
    block = proposed(desk, by=Actor("wu", frozenset({"operator"})))
    case_of(store, "k1")
    allowed = desk.allow(desk.actor("qian"), Subject(BOB), reason="so", owner="qa", at=START, until=START + DAY)

    for work in (
        lambda: proposed(desk, by=who),
        lambda: desk.act(block.block_id, Confirm(by=who, at=START + 1, reason="so")),
        lambda: desk.allow(who, Subject(BOB), reason="so", owner="qa", at=START, until=START + DAY),
        lambda: desk.disallow(who, allowed.entry_id, reason="so", at=START),
        lambda: desk.tell_case(who, "k1", "explain", "so it is", at=START),
    ):
        told = refused(desk, work)
        assert isinstance(told, GovernanceError)
        assert told.rule == "staff"
