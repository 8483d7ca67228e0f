"""The bank's month through the stores in SQL: byte for byte the decisions of the store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.events import Event, Offered
from callpolicy.facts import Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect, Kind
from callpolicy.policy import Bundle
from callpolicy.replay import Replay, load_mapping, read_table
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime import Engine
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from callpolicy.windows import CALLS, Measure, Window
from tests.engine.bundles import block_rule, bundle, rule

pytestmark = pytest.mark.recorded

SAMPLE = 1_500
MINUTE = 60_000_000

RECENT = Window("history.customer_30m", Measure.COUNT, CALLS, length=30 * MINUTE, identity="customer")
TODAY = Window("history.customer_today", Measure.COUNT, CALLS, calendar="day", identity="customer")
SINCE = Window("history.since_last_call", Measure.SECONDS_SINCE, CALLS, identity="customer")
WINDOWS = (RECENT, TODAY, SINCE)


def strict_norm() -> Bundle:
    """Turns the third call of a customer within half an hour away for a day; looks at every kind of window."""
    kinds = {window: FactType.DURATION if window is SINCE else FactType.INT for window in WINDOWS}
    return bundle(
        block_rule("third", Leaf(RECENT.fact, Op.AT_LEAST, 2)),
        rule("often", Effect.DIVERT, Leaf(TODAY.fact, Op.AT_LEAST, 1), to="senior"),
        rule("soon", Effect.NUISANCE, Leaf(SINCE.fact, Op.LESS_THAN, MINUTE), kind=Kind.HARASSMENT),
        windows=WINDOWS,
        catalogue=BUILTIN.extended(Fact(each.fact, kinds[each], {}, minimum=0) for each in WINDOWS),
    )


NORMS = {"starter norm": load_bundle(starter_folder()), "strict norm": strict_norm()}


@pytest.fixture(scope="module")
def month(recorded_data: Path) -> list[Event]:
    return list(read_table(recorded_data / "anonymous_bank" / "1999-02.tsv", load_mapping("anonymous_bank")).events)


def decisions(events: list[Event], name: str, store: Store) -> Iterator[bytes]:
    # The starter norm as in a replay, the strict one as on a live call: with the instant to look again.
    engine = Engine(NORMS[name], store=store, with_recheck=name == "strict norm", audit=False)
    for decision in Replay(engine).run(events):
        assert decision.failed == ()
        yield decision.to_json()


def kept(store: SqlStore) -> tuple[int, int]:
    """How many items of history and how many blocks the store has."""
    counted = "SELECT (SELECT count(*) FROM callpolicy_history), (SELECT count(*) FROM callpolicy_entries)"
    items, blocks = store.database.read(counted, {})[0]
    return items, blocks


def first_calls(events: list[Event], calls: int) -> list[Event]:
    names = set(islice((event.call_id for event in events if isinstance(event, Offered)), calls))
    return [event for event in events if event.call_id in names]


@pytest.fixture(scope="module")
def sample(month: list[Event]) -> list[Event]:
    return first_calls(month, SAMPLE)


@pytest.fixture(scope="module", params=list(NORMS))
def in_memory(request: pytest.FixtureRequest, sample: list[Event]) -> tuple[str, list[bytes]]:
    name: str = request.param
    return name, list(decisions(sample, name, MemoryStore()))


def test_the_first_calls_of_the_month_are_decided_as_in_memory(
    sample: list[Event], in_memory: tuple[str, list[bytes]], store: SqlStore
) -> None:
    name, wanted = in_memory

    assert list(decisions(sample, name, store)) == wanted
    items, blocks = kept(store)
    assert items > SAMPLE / 3
    assert (blocks > 0) == (name == "strict norm")


@pytest.mark.fuzz
@pytest.mark.parametrize("name", list(NORMS))
def test_the_whole_month_is_decided_as_in_memory(month: list[Event], store: SqlStore, name: str) -> None:
    pairs = zip(decisions(month, name, store), decisions(month, name, MemoryStore()), strict=True)

    assert all(ours == theirs for ours, theirs in pairs)
