"""Windows before what was erased: unknown, in every store alike, whether the caller had a history or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.identity import Identity
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from callpolicy.windows import JUDGED, Steps
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    DAY,
    HOUR,
    JUDGED_BAD,
    LI,
    MINUTE,
    NOW,
    REACH,
    SAME,
    SHANGHAI,
    SINCE,
    TODAY,
    TOPICS,
    WINDOWS,
    item,
    query,
)
from tests.stores.test_streams import seen

CAP = 4


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: SqlStore | None = None
    if request.param == "sqlite":
        opened = SqlStore(f"sqlite:///{tmp_path}/calls.db", patience=5, cap=CAP)
    elif request.param == "postgres":
        opened = SqlStore(request.getfixturevalue("postgres").new_url(), patience=5, cap=CAP)
    made: Store = MemoryStore(cap=CAP) if opened is None else opened
    made.declare(WINDOWS, SHANGHAI, REACH)
    yield made
    if opened is not None:
        opened.close()


def told(store: Store, at: int, who: Identity = ANN) -> dict[str, tuple[int | None, bool]]:
    """Value and exactness of every window of a caller's number."""
    readings = store.background(query(at, [who], topic="cards")).readings
    return {name: (reading.value, reading.exact) for name, reading in readings.items()}


@pytest.mark.parametrize("who", [ANN, BOB], ids=["whose items were erased", "of whom nothing was ever kept"])
def test_a_window_that_begins_before_what_is_kept_is_unknown(store: Store, who: Identity) -> None:
    for number in range(3):
        store.add([ANN], item(f"c{number}", NOW - MINUTE - number, topic="cards"))
    assert told(store, NOW)[COUNT.fact] == (3, True)
    store.prune(NOW)

    answers = told(store, NOW + 10 * MINUTE - 1, who)

    # 09:10 in Shanghai: the day, and every longer window, began before it too.
    assert answers == dict.fromkeys(
        (COUNT.fact, TODAY.fact, TOPICS.fact, SAME.fact, SINCE.fact, JUDGED_BAD.fact), (None, False)
    )


def test_a_window_that_begins_where_the_history_does_is_known(store: Store) -> None:
    store.add([ANN], item("c0", NOW - 1))
    store.prune(NOW)

    assert told(store, NOW + 10 * MINUTE)[COUNT.fact] == (0, True)
    # 15 hours later the next day begins in Shanghai.
    assert told(store, NOW + 15 * HOUR - 1)[TODAY.fact] == (None, False)
    assert told(store, NOW + 15 * HOUR)[TODAY.fact] == (0, True)
    assert told(store, NOW + DAY)[TOPICS.fact] == (0, True)


def test_it_is_foretold_when_it_will_be_known(store: Store) -> None:
    store.add([ANN], item("c0", NOW - 1))
    store.prune(NOW)
    store.add([ANN], item("c1", NOW + MINUTE))

    readings = store.background(query(NOW + 2 * MINUTE)).readings

    assert readings[COUNT.fact].course == Steps(((NOW + 10 * MINUTE, 1), (NOW + 11 * MINUTE + 1, 0)))
    assert readings[TODAY.fact].course == Steps(((NOW + 15 * HOUR, 0),))


def test_what_is_left_of_a_kind_says_nothing_of_what_was_erased_of_another(store: Store) -> None:
    store.add([ANN], item("c0", NOW + MINUTE))
    store.add([ANN], item("c0", NOW - DAY, 9, JUDGED, **{"class": "nuisance"}))
    store.prune(NOW)

    answers = told(store, NOW + 12 * MINUTE)

    assert (answers[JUDGED_BAD.fact], answers[COUNT.fact]) == ((None, False), (0, True))
    assert answers[SINCE.fact] == (11 * MINUTE, True)


def test_a_caller_who_comes_back_is_not_taken_for_one_who_came_for_the_first_time(store: Store) -> None:
    store.add([ANN], item("old", NOW - MINUTE, topic="cards"))
    store.prune(NOW)
    store.add([ANN], item("new", NOW, topic="cards"))

    assert told(store, NOW + MINUTE)[COUNT.fact] == (None, False)
    assert told(store, NOW + 10 * MINUTE)[COUNT.fact] == (1, True)


def test_half_of_the_cap_is_a_lower_bound(store: Store) -> None:
    store.add([ANN], item("old", NOW - MINUTE))
    store.prune(NOW)
    for number in range(2):
        store.add([ANN], item(f"c{number}", NOW + number))

    assert told(store, NOW + MINUTE)[COUNT.fact] == (2, False)


def test_where_nothing_was_erased_an_empty_window_is_a_known_0(store: Store) -> None:
    assert told(store, NOW)[COUNT.fact] == (0, True)
    assert told(store, NOW)[SINCE.fact] == (None, True)


def test_pruning_by_the_reach_changes_nothing_for_calls_in_time(store: Store) -> None:
    store.add([ANN], item("c0", NOW - MINUTE, topic="cards"))
    before = [seen(store.background(query(NOW, [who, LI], topic="cards"))) for who in (ANN, BOB)]
    store.prune(NOW - REACH)

    after = [seen(store.background(query(NOW, [who, LI], topic="cards"))) for who in (ANN, BOB)]

    assert after == before


def test_what_is_dropped_in_parts_is_gone_for_every_decision_with_the_first_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpolicy.stores.sql.store._PRUNED_AT_ONCE", 2)
    for number in range(4):
        store.add([ANN], item(f"c{number}", NOW - 4 * MINUTE + number * MINUTE))
    assert told(store, NOW)[COUNT.fact] == (4, True)

    store.prune_some(NOW)

    assert told(store, NOW)[COUNT.fact] == (None, False)
    assert told(store, NOW + 10 * MINUTE)[COUNT.fact] == (0, True)


@pytest.mark.parametrize("before", [-(1 << 62), 0, 1 << 62])
def test_no_instant_of_pruning_makes_a_store_fail(store: Store, before: int) -> None:
    store.add([ANN], item("c0", NOW))
    store.prune(before)

    assert told(store, NOW)[TODAY.fact] == ((1, True) if before <= 0 else (None, False))
