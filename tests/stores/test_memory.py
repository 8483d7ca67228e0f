"""The store in memory keeps the contract of every store, and its own bound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.windows import History, read
from tests.stores.contract import StoreContract
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    LI,
    MINUTE,
    NOW,
    REACH,
    SHANGHAI,
    SINCE,
    TOPICS,
    WINDOWS,
    item,
    query,
)


class TestMemoryStore(StoreContract):
    def make(self) -> Store:
        return MemoryStore()


def test_what_a_capped_history_may_have_lost_is_unknown_or_a_lower_bound() -> None:
    store = MemoryStore(cap=4)
    store.declare([COUNT], SHANGHAI, REACH)
    counted = []
    for number in range(7):
        store.add([ANN], item(f"c{number}", NOW - number))
        counted.append(store.background(query()).readings[COUNT.fact])

    # Saturation is half the cap: from there on what is left is enough to know that it is many.
    assert [each.value for each in counted] == [1, 2, 3, 4, 4, 4, 4]
    assert [each.exact for each in counted] == [True] * 4 + [False] * 3


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.sampled_from([ANN, BOB, LI]),
            st.integers(0, 5),
            st.integers(-30, 30),
            st.sampled_from(["cards", "loans"]),
        ),
        st.tuples(st.just("ask"), st.sampled_from(["c1", "c2", "now"]), st.integers(-30, 30)),
        st.tuples(st.just("prune"), st.integers(-30, 0)),
    ),
    max_size=30,
)


@given(OPERATIONS)
def test_readings_that_are_kept_equal_readings_made_anew(operations: list[tuple[object, ...]]) -> None:
    store = MemoryStore()
    store.declare(WINDOWS, SHANGHAI, REACH)
    histories = {identity: History(retention=REACH) for identity in (ANN, BOB, LI)}
    for operation in operations:
        match operation:
            case ("add", identity, int(number), int(step), str(topic)):
                made = item(f"c{number}", NOW + step * MINUTE, number, topic=topic)
                store.add([identity], made)  # type: ignore[list-item]  # an identity by the strategy
                histories[identity].add(made)  # type: ignore[index]  # as above
            case ("ask", str(call_id), int(step)):
                asked = query(NOW + step * MINUTE, [ANN, LI], call_id, topic="cards")
                readings = store.background(asked).readings
                for window in WINDOWS:
                    own = histories[LI if window.identity == "customer" else ANN]
                    anew = read(own, window, at=asked.at, current_call=call_id, current=asked.attributes, zone=SHANGHAI)
                    assert readings[window.fact].value == anew.value
            case ("prune", int(step)):
                store.prune(NOW - REACH + step * MINUTE)
                for history in histories.values():
                    history.prune(NOW - REACH + step * MINUTE)
    assert {COUNT.fact, SINCE.fact, TOPICS.fact} <= {window.fact for window in WINDOWS}
