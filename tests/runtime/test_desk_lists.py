"""Acts of persons on the allowlist and on cases, and what a desk does when its store fails or is shared."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import to_line
from callpolicy.errors import CallpolicyError, GovernanceError, StoreError, UsageError
from callpolicy.events import FinalResult
from callpolicy.lifecycle import (
    SYSTEM,
    Actor,
    Confirm,
)
from callpolicy.points import Effect
from callpolicy.policy import Allowlisting
from callpolicy.runtime import Desk, Engine
from callpolicy.stores.memory import MemoryStore
from tests.runtime.desks import (
    AGENT,
    DIGITS,
    JUDGE,
    OTHER_JUDGE,
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
from tests.runtime.failing import AMBIGUOUS, COMMIT, Down, DownFile, trail
from tests.runtime.norms import DAY, HOUR, MINUTE, START, offered

# ---- the allowlist


def test_an_entry_of_the_allowlist_lets_through_until_it_ends_and_both_acts_are_on_record() -> None:
    store = MemoryStore()
    made = bundle()
    engine, desk = Engine(made, store=store), Desk(store, made)
    entered(desk)
    allowed = desk.allow(JUDGE, WHO, reason="a regulator", owner="qa", at=START + HOUR, until=START + 2 * DAY)

    before, during = engine.observe(offered("c1", START + 3)), engine.observe(offered("c2", START + HOUR))
    ended = desk.disallow(JUDGE, allowed.entry_id, reason="no more", at=START + 2 * HOUR)
    after = engine.observe(offered("c3", START + 2 * HOUR))

    assert [each.effect for each in (before, during, after)] == [Effect.REJECT, Effect.ACCEPT, Effect.REJECT]
    assert (ended.until, ended.entry_id) == (START + 2 * HOUR, allowed.entry_id)
    assert acts(store)[-2:] == [("allow", "qian"), ("disallow", "qian")]
    assert DIGITS not in b"".join(to_line(each.record) for each in store.records())
    assert b"a regulator" not in b"".join(to_line(each.record) for each in store.records())


def allowing(**more: Any) -> Work:
    fields = {"reason": "so", "owner": "qa", "at": START, "until": START + DAY, **more}
    who = fields.pop("by", JUDGE)
    return lambda desk: desk.allow(who, WHO, **fields)


@pytest.mark.parametrize(("work", "code", "rule"), [
    (allowing(by=AGENT), "role-missing", "allowlist.maintain"),
    (allowing(by=SYSTEM), "role-missing", "allowlist.maintain"),
    (allowing(reason=" "), "reason-missing", "always.reason"),
    (allowing(owner=""), "reason-missing", "always.reason"),
    (allowing(reason="x" * 61), "reason-too-long", "longest_reason"),
    (allowing(until=None), "term-too-long", "allowlist.longest"),
    (allowing(until=START + 90 * DAY + 1), "term-too-long", "allowlist.longest"),
    (allowing(until=START - 1), "already-over", "always.end_after_begin"),
])  # fmt: skip
def test_an_entry_of_the_allowlist_that_is_refused_names_its_rule(work: Work, code: str, rule: str) -> None:
    desk = desk_on()

    told = refused(desk, lambda: work(desk))

    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == (code, rule)


def test_an_entry_may_last_as_long_as_the_norm_says_and_without_a_limit_for_ever() -> None:
    limited, unlimited = desk_on(), desk_on(allowlist=Allowlisting(("desk",)))

    until = START + 90 * DAY
    assert limited.allow(JUDGE, WHO, reason="so", owner="qa", at=START, until=until).until == until
    assert unlimited.allow(JUDGE, WHO, reason="so", owner="qa", at=START).until is None


def test_where_nobody_keeps_the_allowlist_nobody_puts_anybody_on_it() -> None:
    desk = desk_on(allowlist=None)

    told = refused(desk, lambda: allowing()(desk))

    assert isinstance(told, GovernanceError)
    assert told.rule == "allowlist.maintain"


@pytest.mark.parametrize("more", [{"at": -1}, {"at": 1 << 62}, {"reason": "a\0b"}, {"owner": "a\ud800"}])
def test_what_no_entry_can_be_is_refused(more: dict[str, Any]) -> None:
    desk = desk_on(allowlist=Allowlisting(("desk",)))

    refused(desk, lambda: allowing(**more)(desk), UsageError)
    refused(desk, lambda: allowing(until=1 << 62)(desk), UsageError)


def test_what_is_over_or_is_no_entry_of_the_allowlist_cannot_be_ended() -> None:
    desk = desk_on()
    entry = desk.allow(JUDGE, WHO, reason="so", owner="qa", at=START, until=START + DAY)
    block = entered(desk_on())
    desk.disallow(JUDGE, entry.entry_id, reason="so", at=START + HOUR)

    again = refused(desk, lambda: desk.disallow(JUDGE, entry.entry_id, reason="so", at=START + HOUR))
    assert isinstance(again, GovernanceError)
    assert (again.code, again.rule) == ("entry-is-over", "always.one_life")
    for name in ("no-such", block.block_id):
        refused(desk, lambda name=name: desk.disallow(JUDGE, name, reason="so", at=START + HOUR), UsageError)  # type: ignore[misc]  # a default binds it


def test_an_entry_that_has_not_begun_can_be_ended_and_then_never_holds() -> None:
    desk = desk_on()
    entry = desk.allow(JUDGE, WHO, reason="so", owner="qa", at=START + DAY, until=START + 2 * DAY)

    ended = desk.disallow(JUDGE, entry.entry_id, reason="so", at=START)

    assert not any(ended.holds(at) for at in (START, START + DAY, START + DAY + 1))


# ---- cases


def test_what_is_told_of_a_case_is_what_its_next_call_finds() -> None:
    store = MemoryStore()
    made = bundle()
    engine, desk = Engine(made, store=store), Desk(store, made)
    case_of(store, "k1")

    statuses = []
    for number, (act, text) in enumerate([("explain", "how"), ("result", "no refund"), ("new_fact", "a receipt")]):
        desk.tell_case(AGENT, "k1", act, text, at=START + 1 + number * MINUTE)
        decision = engine.observe(offered(f"d{number}", START + 2 + number * MINUTE, facts={"case.id": "k1"}))
        assert decision.snapshot is not None
        statuses.append(decision.snapshot.get("case.status"))

    assert statuses == ["open", "final", "reopened"]
    assert acts(store) == [("case_explain", "chen"), ("case_result", "chen"), ("case_new_fact", "chen")]
    assert all(
        b"no refund" not in to_line(each.record) and b"k1" not in to_line(each.record) for each in store.records()
    )


def test_what_is_told_of_a_case_twice_is_told_twice_and_named_apart() -> None:
    desk = desk_on()
    case_of(desk.store, "k1")

    for _ in range(2):
        desk.tell_case(AGENT, "k1", "explain", "how it is", at=START + 1)

    assert len({each.subject for each in trail(desk.store)}) == 2


@pytest.mark.parametrize(("who", "act", "text", "kind", "says"), [
    (Actor("guest"), "explain", "how", GovernanceError, "needs a role"),
    (SYSTEM, "explain", "how", GovernanceError, "needs a role"),
    (AGENT, "explain", "  ", GovernanceError, "needs a text"),
    (AGENT, "judge", "how", UsageError, "explain, result, new_fact"),
    (AGENT, "result", "a\0b", UsageError, "control characters"),
])  # fmt: skip
def test_what_cannot_be_told_of_a_case_is_refused(
    who: Actor, act: str, text: str, kind: type[CallpolicyError], says: str
) -> None:
    desk = desk_on()
    case_of(desk.store, "k1")

    assert says in str(refused(desk, lambda: desk.tell_case(who, "k1", act, text, at=START + 1), kind))
    refused(desk, lambda: desk.tell_case(AGENT, "k2", "explain", "how", at=START), UsageError)
    refused(desk, lambda: desk.tell_case(AGENT, "k1", "explain", "how", at=-1), UsageError)


# ---- the store


@pytest.mark.parametrize("part", ["turn", "append", "put_block", COMMIT])
def test_a_store_that_fails_changes_nothing_and_the_act_can_be_done_again(part: str) -> None:
    store = Down()
    desk = desk_on(store)
    store.down.add(part)
    refused(desk, lambda: proposed(desk, block_id="b1"), StoreError)

    store.down.clear()
    proposed(desk, block_id="b1")

    assert acts(store) == [("propose", "chen")]


def test_an_act_of_which_nobody_knows_whether_it_was_kept_is_refused_the_second_time_if_it_was() -> None:
    store = Down()
    desk = desk_on(store)
    store.down.add(AMBIGUOUS)
    with pytest.raises(StoreError):
        proposed(desk, block_id="b1")

    store.down.clear()
    told = refused(desk, lambda: proposed(desk, block_id="b1"))

    assert isinstance(told, GovernanceError)
    assert (told.code, acts(store)) == ("duplicate-block", [("propose", "chen")])


def test_two_desks_on_one_file_confirm_once_and_write_one_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    desks = [desk_on(DownFile(url)) for _ in range(2)]
    names = [proposed(desks[0], block_id=f"b{number}", at=START).block_id for number in range(5)]
    gate = threading.Barrier(2)
    told: list[str] = []

    def confirm(desk: Desk, who: Actor) -> None:
        gate.wait()
        for name in names:
            try:
                desk.act(name, Confirm(by=who, at=START + 1, reason="heard it"))
                told.append("done")
            except GovernanceError as error:
                told.append(error.code)

    threads = [threading.Thread(target=confirm, args=each) for each in zip(desks, (JUDGE, OTHER_JUDGE), strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(told) == ["done"] * 5 + ["not-in-this-state"] * 5
    assert [act for act, _ in acts(desks[1].store)] == ["propose"] * 5 + ["confirm"] * 5
    assert {each.writer for each in trail(desks[0].store)} == {"desk"}


def test_a_case_that_an_engine_and_a_desk_write_at_once_keeps_both() -> None:
    store = MemoryStore()
    desk = desk_on(store)
    case_of(store, "k1")
    store.receive_case("k1", FinalResult(call_id="c1", seq=2, at=START + 1, case_id="k1", text="no"), "chen")

    desk.tell_case(AGENT, "k1", "new_fact", "a receipt", at=START + 2)

    record = store.case("k1")
    assert record is not None
    assert record.facts(START + 3)[0]["case.status"] == "reopened"


@pytest.mark.parametrize("act", ["explain", "result", "new_fact"])
def test_nothing_is_recorded_of_a_case_before_anything_was_heard_of_it(act: str) -> None:
    desk = desk_on()
    case_of(desk.store, "k1")

    told = refused(desk, lambda: desk.tell_case(AGENT, "k1", act, "x", at=START - 1))
    record = desk.tell_case(AGENT, "k1", act, "x", at=START)

    assert isinstance(told, GovernanceError)
    assert (told.code, told.rule) == ("before-the-case", "always.in_order")
    assert record.began_at == START
