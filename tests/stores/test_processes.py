"""Several processes on one store: a burst over both is blocked once, and nothing that was acknowledged is ever lost."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from callpolicy.policy import STANDING_BLOCK
from callpolicy.stores import open_store
from callpolicy.stores.base import Query
from callpolicy.stores.sql import SqlStore
from tests.runtime.norms import ANN, DAY, NUMBER, SECOND, START
from tests.stores.processes import Child
from tests.stores.server import PostgresServer

CALLS = 50
THRESHOLD = 3
KILLS = 20


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


def kept(store: SqlStore) -> list[str]:
    return sorted(row[0] for row in store.database.read("SELECT call_id FROM callpolicy_history", {}))


def blocks(store: SqlStore) -> list[str]:
    return [row[0] for row in store.database.read("SELECT entry FROM callpolicy_entries", {})]


def test_a_burst_over_two_processes_is_blocked_on_the_call_that_crosses_the_threshold_and_once(
    url: str, pair: tuple[Child, Child], store: SqlStore
) -> None:
    told = [pair[number % 2].ask({"observe": [f"c{number}", START + number, NUMBER]}) for number in range(CALLS)]

    assert [each["effect"] == "reject" for each in told] == [False] * (THRESHOLD - 1) + [True] * (CALLS - THRESHOLD + 1)
    # From the next call on both processes see the block that one of them made.
    assert {tuple(each["determining"]) for each in told[THRESHOLD:]} == {(STANDING_BLOCK,)}
    (block,) = blocks(store)
    made = json.loads(block)
    assert (made["entry_id"], made["since"], made["until"]) == (
        f"block:c{THRESHOLD - 1}#0", START + THRESHOLD - 1, START + THRESHOLD - 1 + DAY,
    )  # fmt: skip


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the later half first"])
def test_a_burst_that_two_processes_take_in_at_once_is_blocked_once(
    pair: tuple[Child, Child], store: SqlStore, first: int
) -> None:
    begin = time.time() + 0.3
    for number, child in enumerate(pair):
        half = (number + first) % 2
        calls = [(f"c{each}", START + each, NUMBER) for each in range(half, CALLS, 2)]
        child.tell({"burst": calls, "from": begin})

    told = [each for child in pair for each in child.hear()]

    effects = Counter(each["effect"] for each in told)
    assert effects["reject"] >= CALLS - 2 * THRESHOLD
    assert {tuple(each["failed"]) for each in told} == {()}
    assert len(blocks(store)) == 1
    standing = store.background(Query("probe", (ANN,), {}, None, START + CALLS)).standing
    assert standing is not None
    assert standing.blocks == 1


def test_what_was_acknowledged_before_a_kill_is_there_once_and_blocks_keep_their_time(durable_url: str) -> None:
    store = open_store(durable_url)
    dice = random.Random(20_261_122)
    acknowledged: set[tuple[str, int]] = set()
    held: Counter[tuple[str, int]] = Counter()
    made_blocks: list[dict[str, Any]] = []
    for round_ in range(KILLS):
        with Child(durable_url) as child:
            child.tell({"for_ever": f"k{round_}"})
            acknowledged.add(tuple(child.hear()))
            time.sleep(dice.uniform(0, 0.1))
            acknowledged |= {tuple(each) for each in child.kill()}

        rows = store.database.read("SELECT call_id, seq FROM callpolicy_history", {})
        held = Counter((str(call_id), int(seq)) for call_id, seq in rows)
        assert acknowledged - set(held) == set()
        assert set(held.values()) == {1}
        made_blocks = [json.loads(text) for text in blocks(store)]
        for made in made_blocks:
            assert made["until"] - made["since"] == DAY
            assert len(made["evidence"]) == 1
    tallies = store.database.read("SELECT sum(held) FROM callpolicy_tallies", {})
    store.close()
    assert tallies[0][0] == len(held)
    assert len(acknowledged) > KILLS
    assert any(seq == 1 for _, seq in acknowledged)
    assert made_blocks


def test_a_block_made_before_a_kill_holds_after_it_as_long_as_it_was_to(durable_url: str) -> None:
    with Child(durable_url) as child:
        first = [child.ask({"observe": [f"c{number}", START + number, NUMBER]}) for number in range(THRESHOLD)]
        child.kill()
    with Child(durable_url) as child:
        end = START + THRESHOLD - 1 + DAY
        last = child.ask({"observe": ["d1", end - 1, NUMBER]})
        after = child.ask({"observe": ["d2", end + SECOND, NUMBER]})

    assert [first[-1]["effect"], last["effect"]] == ["reject", "reject"]
    assert after["effect"] != "reject"


def test_a_process_that_forks_after_the_store_is_open_shares_no_connection_with_it(url: str, store: SqlStore) -> None:
    with Child(url) as child:
        before = child.ask({"observe": ["c0", START, NUMBER]})
        forked = child.ask({"fork": ["c1", START + 1, NUMBER]})
        after = child.ask({"observe": ["c2", START + 2, NUMBER]})

    assert forked == 0
    assert [before["failed"], after["failed"], after["effect"]] == [[], [], "reject"]
    assert kept(store) == ["c0", "c1", "c2"]
