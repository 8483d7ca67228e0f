"""What the tests of the desk share: persons, a governance, blocks on their way, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from callpolicy.errors import CallpolicyError, GovernanceError
from callpolicy.events import CaseLinked
from callpolicy.lifecycle import (
    Activate,
    Actor,
    Block,
    Confirm,
    Evidence,
)
from callpolicy.lists import ListName, Subject
from callpolicy.policy import Allowlisting, Bundle, Term
from callpolicy.runtime import Desk
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from tests.lifecycle.making import GOVERNANCE
from tests.runtime.failing import trail
from tests.runtime.norms import ANN, DAY, START, norm

AGENT = Actor("chen", frozenset({"agent"}))
LEADER = Actor("zhao", frozenset({"leader"}))
JUDGE = Actor("qian", frozenset({"desk"}))
OTHER_JUDGE = Actor("sun", frozenset({"desk"}))
HEAD = Actor("wang", frozenset({"head"}))
OPERATOR = Actor("wu", frozenset({"operator"}))
SEEN = (Evidence("c1#4", START - 1),)
WHO = Subject(ANN)
REASON = "shouted at three agents"
DIGITS = b"2125550142"
GOVERNED = replace(GOVERNANCE, allowlist=Allowlisting(("desk",), 90 * DAY))
STAFF = {"chen": ("agent",), "qian": ("desk", "agent"), "Sun": ("desk",), "wu": ("operator",)}


def bundle(**more: Any) -> Bundle:
    return replace(norm(), governance=replace(GOVERNED, **more))


def desk_on(store: Store | None = None, **more: Any) -> Desk:
    return Desk(MemoryStore() if store is None else store, bundle(**more))


def proposed(desk: Desk, by: Actor = AGENT, at: int = START, **more: Any) -> Block:
    return desk.propose(by, WHO, **{"reason": REASON, "evidence": SEEN, "at": at, "term": Term.DAY, **more})


def entered(desk: Desk, term: Term = Term.WEEK, **more: Any) -> Block:
    block = proposed(desk, term=term, **more)
    desk.act(block.block_id, Confirm(by=JUDGE, at=START + 1, reason="heard it"))
    return desk.act(block.block_id, Activate(by=OPERATOR, at=START + 2, reason="entered"))


def everything(store: Store) -> object:
    """All that a refusal must leave as it is."""
    lists = [list(store.entries(on)) for on in ListName]
    return lists, list(store.records()), [(each.case_id, each.last_at) for each in store.cases()]


def acts(store: Store) -> list[tuple[str, str]]:
    found = [each.body["act"] for each in trail(store) if each.kind == "act"]
    return [(str(each["act"]), str(each["by"])) for each in found]


def refused(desk: Desk, work: Callable[[], object], kind: type[CallpolicyError] = GovernanceError) -> CallpolicyError:
    before = everything(desk.store)
    with pytest.raises(kind) as told:
        work()
    assert everything(desk.store) == before
    assert DIGITS.decode() not in str(told.value)
    return told.value


Work = Callable[[Desk], object]


def case_of(store: Store, case_id: str) -> None:
    store.receive_case(case_id, CaseLinked(call_id="c1", seq=1, at=START, case_id=case_id), "chen")
