"""Several processes on one store: a burst over both is blocked once, and nothing that was acknowledged is ever lost."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from callpolicy.audit import verify
from callpolicy.lifecycle import Block, Move, State, ended_at
from callpolicy.policy import STANDING_BLOCK
from callpolicy.stores import open_store
from callpolicy.stores.base import Query
from callpolicy.stores.sql import SqlStore
from tests.runtime.norms import ANN, DAY, NUMBER, SECOND, START
from tests.stores.child import Told
from tests.stores.processes import Child
from tests.stores.server import PostgresServer
from tests.stores.tables import blocks, kept

pytestmark = pytest.mark.untraced

CALLS = 50
THRESHOLD = 3
KILLS = int(os.environ.get("CALLPOLICY_KILLS", "20"))
"""Rounds of each test that kills; a soak sets more."""

WITHIN = 0.05
ONE_WRITE = 0.25
"""How long one write of a batch takes at most on a busy machine. Units: seconds."""


@pytest.fixture(params=["sqlite", "postgres"])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new store, on a server that writes through to the disk."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/calls.db"
    server: PostgresServer = request.getfixturevalue("own_postgres")
    return server.new_url()


@pytest.fixture
def pair(url: str) -> Iterator[tuple[Child, Child]]:
    with ExitStack() as stack:
        one, other = (stack.enter_context(Child(url)) for _ in range(2))
        yield one, other


def life_of(store: SqlStore, block_id: str) -> Block:
    found = store.listed(block_id)
    assert found is not None
    assert found.block is not None
    return found.block


def acts_on(store: SqlStore, block_id: str) -> list[object]:
    """What the audit trail tells of a block: what was done, in order."""
    about = [each.record for each in store.find(block_id) if each.record.subject == block_id]
    assert {each.kind for each in about} <= {"act"}
    return [each.body["act"]["act"] for each in about]


# ---- a burst


def test_a_burst_over_two_processes_is_blocked_on_the_call_that_crosses_the_threshold_and_once(
    url: str, pair: tuple[Child, Child], store: SqlStore
) -> None:
    told = [pair[number % 2].ask({"observe": [f"c{number}", START + number, NUMBER]}) for number in range(CALLS)]

    assert [each["effect"] == "reject" for each in told] == [False] * (THRESHOLD - 1) + [True] * (CALLS - THRESHOLD + 1)
    # From the next call on both processes see the block that one of them made.
    assert {tuple(each["determining"]) for each in told[THRESHOLD:]} == {(STANDING_BLOCK,)}
    (block_id,) = blocks(store)
    assert block_id == f"block:c{THRESHOLD - 1}#0"
    block = life_of(store, block_id)
    began = START + THRESHOLD - 1
    assert [(step.move, step.act.at, step.footing.state) for step in block.steps] == [
        (Move.PROPOSE, began, State.PROPOSED),
        (Move.ACTIVATE_AUTOMATICALLY, began, State.ACTIVE),
    ]
    assert (block.steps[-1].footing.since, block.steps[-1].footing.until) == (began, began + DAY)
    assert [each.decision_id for each in block.evidence] == [f"c{THRESHOLD - 1}#0"]
    assert acts_on(store, block_id) == ["activate_automatically"]
    assert verify(each.record for each in store.records()) == ()
    decided = [each.record.subject for each in store.records() if each.record.kind == "decision"]
    assert sorted(decided) == sorted(f"c{number}" for number in range(CALLS))


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the later half first"])
@pytest.mark.parametrize("durability", ["sync", "batched"])
def test_a_burst_that_two_processes_take_in_at_once_is_blocked_once(
    url: str, store: SqlStore, first: int, durability: str
) -> None:
    with ExitStack() as stack:
        pair = [stack.enter_context(Child(url, durability=durability)) for _ in range(2)]
        begin = time.time() + 0.3
        for number, child in enumerate(pair):
            half = (number + first) % 2
            calls = [(f"c{each}", START + each, NUMBER) for each in range(half, CALLS, 2)]
            child.tell({"burst": calls, "from": begin})
        told = [each for child in pair for each in child.hear()]
        time.sleep(WITHIN + ONE_WRITE)

    effects = Counter(each["effect"] for each in told)
    assert {tuple(each["failed"]) for each in told} == {()}
    assert effects["reject"] >= CALLS - 2 * THRESHOLD
    (block_id,) = blocks(store)
    assert acts_on(store, block_id) == ["activate_automatically"]
    assert verify(each.record for each in store.records()) == ()
    standing = store.background(Query("probe", (ANN,), {}, None, START + CALLS)).standing
    assert standing is not None
    assert standing.blocks == 1


# ---- killed


class Killed:
    """What was told by processes that were killed, and what their store holds."""

    def __init__(self, url: str, **how: Any) -> None:
        self.url = url
        self.how = how
        self.told: list[Told] = []
        self.missing: list[tuple[float, Told]] = []
        """What a store does not have, each with how long before the kill it was told. Units: seconds."""
        self._store = open_store(url)

    def round(self, name: str, seconds: float) -> None:
        """One process lives for a while and is killed."""
        with Child(self.url, **self.how) as child:
            child.tell({"for_ever": name})
            heard = [child.hear(), *child.hear_for(seconds)]
            killed_at = time.monotonic()
            heard += child.kill()
        self.told += heard
        items = {(str(row[0]), int(row[1])) for row in self._store.database.read(_ITEMS, {})}
        recorded = {each.ref for each in self._store.records()}
        for each in heard:
            if (each.call_id, each.seq) not in items or each.decision_id not in recorded:
                self.missing.append((killed_at - each.at, each))

    def look(self) -> None:
        """Look at everything that must be so however a process ends."""
        store = self._store
        assert verify(each.record for each in store.records()) == ()
        rows = store.database.read(_ITEMS, {})
        assert set(Counter(tuple(row) for row in rows).values()) == {1}
        held = store.database.read("SELECT sum(held) FROM callpolicy_tallies", {})
        assert int(held[0][0]) == len(rows)
        made = blocks(store)
        # A block is never lost: not the block, and not the record of it.
        assert {f"block:{each.decision_id}" for each in self.told if each.blocked} <= set(made)
        assert made
        for block_id in made:
            block = life_of(store, block_id)
            footing = block.steps[-1].footing
            assert footing.since is not None
            assert footing.until == footing.since + DAY
            assert ended_at(block, footing.since) is None
            assert len(block.evidence) == 1
            assert acts_on(store, block_id) == ["activate_automatically"]

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()


_ITEMS = "SELECT call_id, seq FROM callpolicy_history"


def test_what_was_acknowledged_before_a_kill_is_there_once_and_blocks_keep_their_time(durable_url: str) -> None:
    killed = Killed(durable_url)
    dice = random.Random(20_261_122)
    for round_ in range(KILLS):
        killed.round(f"k{round_}", dice.uniform(0, 0.1))
    killed.look()
    killed.close()

    assert killed.missing == []
    assert len(killed.told) > KILLS
    assert any(each.seq == 1 for each in killed.told)


def test_what_a_busy_node_loses_in_a_kill_was_acknowledged_within_its_bound(durable_url: str) -> None:
    killed = Killed(durable_url, durability="batched", within=WITHIN)
    dice = random.Random(20_261_129)
    for round_ in range(KILLS):
        killed.round(f"k{round_}", dice.uniform(0.05, 0.25))
    killed.look()
    killed.close()

    late = [round(before, 3) for before, _ in killed.missing if before > WITHIN + ONE_WRITE]
    assert late == []
    assert len(killed.missing) < len(killed.told)
    assert not any(each.blocked for _, each in killed.missing)


def test_a_block_made_before_a_kill_holds_after_it_as_long_as_it_was_to(durable_url: str) -> None:
    with Child(durable_url) as child:
        first = [child.ask({"observe": [f"c{number}", START + number, NUMBER]}) for number in range(THRESHOLD)]
        child.kill()
    store = open_store(durable_url)
    kept_out = store.entry(f"block:c{THRESHOLD - 1}#0")
    store.close()
    assert kept_out is not None
    assert kept_out.until is not None
    with Child(durable_url) as child:
        last = child.ask({"observe": ["d1", kept_out.until - 1, NUMBER]})
        after = child.ask({"observe": ["d2", kept_out.until + SECOND, NUMBER]})

    assert [first[-1]["effect"], last["effect"]] == ["reject", "reject"]
    assert after["effect"] != "reject"


@pytest.mark.parametrize("durability", ["sync", "batched"])
def test_a_process_that_forks_after_the_store_is_open_shares_no_connection_with_it(
    url: str, store: SqlStore, durability: str
) -> None:
    with Child(url, durability=durability) as child:
        before = child.ask({"observe": ["c0", START, NUMBER]})
        forked = child.ask({"fork": ["c1", START + 1, NUMBER]})
        time.sleep(WITHIN + ONE_WRITE)
        after = child.ask({"observe": ["c2", START + 2, NUMBER]})

    assert forked == 0
    assert [before["failed"], after["failed"], after["effect"]] == [[], [], "reject"]
    assert kept(store) == ["c0", "c1", "c2"]
