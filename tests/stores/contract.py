"""What every store promises, as one class of tests: inherit it, say how a store is made, and run.

class TestMine(StoreContract):
    def make(self) -> Store:
        return MyStore(...)
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from callpolicy.events import Answered, CaseLinked, Event, Explained, ExplanationRejected, FinalResult, NewFact, Said
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import ListName, Standing
from callpolicy.stores.base import Background, Store
from callpolicy.windows import CALLS, JUDGED, Elapsed, Measure, Steps, Window
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    CUSTOMER,
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
    entry,
    item,
    query,
)


class StoreContract:
    """Tests that every store passes."""

    def make(self) -> Store:
        """A new, empty store."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> Store:
        store = self.make()
        store.declare(WINDOWS, SHANGHAI, REACH)
        return store

    def value(self, background: Background, window: Window) -> int | None:
        return background.readings[window.fact].value

    # ---- history

    def test_an_empty_store_knows_of_nothing(self, store: Store) -> None:
        background = store.background(query(topic="cards"))

        assert {name: reading.value for name, reading in background.readings.items()} == {
            COUNT.fact: 0, TODAY.fact: 0, TOPICS.fact: 0, SAME.fact: 0, SINCE.fact: None, JUDGED_BAD.fact: 0,
        }  # fmt: skip
        assert (background.case, background.case_courses) == ({}, {})
        assert background.standing is not None
        assert (background.standing.block, background.standing.allow, background.standing.blocks) == (None, None, 0)

    def test_both_ends_of_a_window_are_in(self, store: Store) -> None:
        for call_id, at in (("a", NOW - 10 * MINUTE - 1), ("b", NOW - 10 * MINUTE), ("c", NOW), ("d", NOW + 1)):
            store.add([ANN], item(call_id, at))

        assert self.value(store.background(query()), COUNT) == 2

    def test_the_current_call_does_not_count(self, store: Store) -> None:
        store.add([ANN], item("now", NOW))
        store.add([ANN], item("other", NOW))

        assert self.value(store.background(query()), COUNT) == 1

    def test_the_same_item_counts_once_and_add_says_whether_it_was_new(self, store: Store) -> None:
        assert store.add([ANN], item("a", NOW)) is True
        assert store.add([ANN], item("a", NOW)) is False
        assert store.add([ANN], item("a", NOW, seq=1)) is True
        assert self.value(store.background(query()), COUNT) == 2

    def test_an_item_counts_for_each_identity_and_for_no_other(self, store: Store) -> None:
        assert store.add([ANN, LI], item("a", NOW)) is True
        assert store.add([LI], item("a", NOW)) is False
        assert store.add([BOB, LI], item("a", NOW)) is True

        assert self.value(store.background(query(identities=[ANN])), COUNT) == 1
        both = store.background(query(identities=[LI, BOB]))
        assert (self.value(both, COUNT), self.value(both, CUSTOMER)) == (1, 1)
        assert store.add([], item("b", NOW)) is False

    def test_a_window_over_an_identity_that_the_caller_does_not_have_is_left_out(self, store: Store) -> None:
        assert set(store.background(query(identities=[LI])).readings) == {CUSTOMER.fact}
        nobody = store.background(query(identities=[]))
        assert (dict(nobody.readings), nobody.standing) == ({}, None)

    def test_late_items_come_in_at_their_place(self, store: Store) -> None:
        before = store.background(query(at=NOW))
        store.add([ANN], item("b", NOW - MINUTE))
        store.add([ANN], item("a", NOW - 2 * MINUTE))
        after = store.background(query(at=NOW))

        assert (self.value(before, COUNT), self.value(after, COUNT)) == (0, 2)
        assert self.value(after, SINCE) == MINUTE
        assert self.value(before, COUNT) == 0

    def test_distinct_values_and_those_of_the_current_call_are_counted(self, store: Store) -> None:
        for call_id, topic in (("a", "cards"), ("b", "cards"), ("c", "loans")):
            store.add([ANN], item(call_id, NOW - MINUTE, topic=topic))
        store.add([ANN], item("d", NOW - MINUTE))

        background = store.background(query(topic="cards"))

        assert (self.value(background, TOPICS), self.value(background, SAME)) == (2, 2)
        assert self.value(store.background(query()), SAME) is None

    def test_only_items_of_the_kind_and_the_class_count(self, store: Store) -> None:
        store.add([ANN], item("a", NOW, 3, JUDGED, **{"class": "nuisance"}))
        store.add([ANN], item("b", NOW, 3, JUDGED, **{"class": "normal"}))
        store.add([ANN], item("c", NOW))

        assert self.value(store.background(query()), JUDGED_BAD) == 1

    def test_the_calendar_day_is_the_centre_s(self, store: Store) -> None:
        # Midnight in Shanghai is 16:00 UTC of the day before: nine hours before NOW.
        store.add([ANN], item("a", NOW - 9 * HOUR - 1))
        store.add([ANN], item("b", NOW - 9 * HOUR))

        assert self.value(store.background(query()), TODAY) == 1

    def test_a_reading_foretells_how_it_goes_on(self, store: Store) -> None:
        store.add([ANN], item("a", NOW - 4 * MINUTE))
        store.add([ANN], item("b", NOW - MINUTE))
        readings = store.background(query()).readings

        assert readings[COUNT.fact].course == Steps(((NOW + 6 * MINUTE + 1, 1), (NOW + 9 * MINUTE + 1, 0)))
        assert readings[SINCE.fact].course == Elapsed(NOW - MINUTE, NOW - MINUTE + DAY + 1)

    def test_a_reading_does_not_change_by_what_comes_later(self, store: Store) -> None:
        store.add([ANN], item("a", NOW - MINUTE))
        background = store.background(query())
        store.add([ANN], item("b", NOW - 2 * MINUTE))
        store.prune(NOW)

        assert self.value(background, COUNT) == 1
        assert background.readings[COUNT.fact].course == Steps(((NOW + 9 * MINUTE + 1, 0),))

    def test_the_same_question_at_another_instant_has_its_own_answer(self, store: Store) -> None:
        store.add([ANN], item("a", NOW - 10 * MINUTE))

        answers = [self.value(store.background(query(at=NOW + step)), COUNT) for step in (0, 1, 0, -1, 10 * MINUTE)]

        assert answers == [1, 0, 1, 1, 0]

    def test_the_same_question_of_another_call_has_its_own_answer(self, store: Store) -> None:
        store.add([ANN], item("a", NOW))
        store.add([ANN], item("b", NOW))

        counted = [self.value(store.background(query(call_id=call_id)), COUNT) for call_id in ("a", "b", "c", "a")]

        assert counted == [1, 1, 2, 1]

    # ---- pruning

    def test_pruning_drops_what_is_older_and_says_how_many(self, store: Store) -> None:
        for day in range(5):
            store.add([ANN], item(f"c{day}", NOW - day * DAY))

        assert store.prune(NOW - 2 * DAY) == 2
        assert store.prune(NOW - 2 * DAY) == 0
        # WHY not new: nobody could ask for it any more.
        assert store.add([ANN], item("late", NOW - 3 * DAY)) is False
        assert store.add([ANN], item("in time", NOW - 2 * DAY)) is True

    def test_pruning_by_the_reach_changes_no_reading_of_now(self, store: Store) -> None:
        for day in range(60):
            store.add([ANN], item(f"c{day}", NOW - day * DAY, topic=f"t{day % 3}"))
            store.add([ANN], item(f"j{day}", NOW - day * DAY, 9, JUDGED, **{"class": "nuisance"}))
        asked = query(topic="t1")
        before = store.background(asked).readings

        assert store.prune(NOW - REACH) > 0

        after = store.background(asked).readings
        assert {name: each.value for name, each in after.items()} == {name: each.value for name, each in before.items()}
        assert after[JUDGED_BAD.fact].value == 31

    def test_what_comes_after_everything_was_pruned_counts_again(self, store: Store) -> None:
        for seq in range(3):
            store.add([ANN], item("old", NOW - 40 * DAY, seq, JUDGED, **{"class": "nuisance"}))
        assert self.value(store.background(query()), JUDGED_BAD) == 0
        store.prune(NOW - REACH)
        for seq in range(2):
            store.add([ANN], item("new", NOW, seq, JUDGED, **{"class": "nuisance"}))

        assert self.value(store.background(query()), JUDGED_BAD) == 2

    def test_other_windows_can_be_declared_later_and_see_what_was_kept(self, store: Store) -> None:
        store.add([ANN], item("a", NOW - 5 * MINUTE))
        shorter = Window("history.calls_1m", Measure.COUNT, CALLS, length=MINUTE)

        store.background(query())
        store.declare([shorter, COUNT], SHANGHAI, REACH)
        background = store.background(query())

        assert {name: each.value for name, each in background.readings.items()} == {
            "history.calls_1m": 0,
            COUNT.fact: 1,
        }

    # ---- cases

    def linked(self, store: Store, *more: Event) -> None:
        events: list[Event] = [
            Answered(call_id="c1", seq=1, at=NOW, agent="li"),
            CaseLinked(call_id="c1", seq=2, at=NOW + 1, case_id="k1"),
            *more,
        ]
        for event in events:
            store.receive_case("k1", event, "li")

    def test_a_case_is_known_to_whoever_asks_for_it_and_no_other(self, store: Store) -> None:
        self.linked(store, Explained(call_id="c1", seq=3, at=NOW + 2))

        facts = store.background(query(NOW + HOUR, case_id="k1", call_id="c1")).case

        assert (facts["case.status"], facts["case.contacts"], facts["case.explanations"]) == ("open", 1, 1)
        assert facts["case.first_handler"] == "li"
        assert store.background(query(NOW + HOUR, case_id="k2")).case == {}
        assert store.background(query(NOW + HOUR)).case == {}

    def test_a_call_that_asks_for_a_case_is_itself_a_contact_of_it(self, store: Store) -> None:
        self.linked(store, FinalResult(call_id="c1", seq=3, at=NOW + 2))

        facts = store.background(query(NOW + HOUR, case_id="k1", call_id="c2")).case

        assert (facts["case.contacts"], facts["case.contacts_since_final"]) == (2, 1)

    def test_a_final_result_runs_in_time_and_a_new_fact_opens_the_case_again(self, store: Store) -> None:
        self.linked(store, FinalResult(call_id="c1", seq=3, at=NOW + 2))
        final = store.background(query(NOW + HOUR, case_id="k1"))
        store.receive_case("k1", NewFact(call_id="c1", seq=4, at=NOW + 2 * HOUR), None)
        reopened = store.background(query(NOW + 3 * HOUR, case_id="k1"))

        assert (final.case["case.status"], final.case["case.since_final"]) == ("final", HOUR - 2)
        assert final.case_courses == {"case.since_final": Elapsed(NOW + 2, None)}
        assert reopened.case["case.status"] == "reopened"
        assert store.background(query(NOW + HOUR, case_id="k1")).case["case.status"] == "final"

    def test_an_event_that_means_nothing_for_a_case_does_not_make_one(self, store: Store) -> None:
        store.receive_case("k1", Said(call_id="c1", seq=1, at=NOW), "li")

        assert store.background(query(NOW + HOUR, case_id="k1")).case == {}

    def test_an_event_of_a_case_counts_once(self, store: Store) -> None:
        explained = Explained(call_id="c1", seq=3, at=NOW + 2)
        rejected = ExplanationRejected(call_id="c1", seq=4, at=NOW + 3)
        self.linked(store, explained, rejected, explained, rejected)

        facts = store.background(query(NOW + HOUR, case_id="k1", call_id="c1")).case

        assert (facts["case.explanations"], facts["case.explanations_rejected"]) == (1, 1)

    # ---- lists

    def test_an_entry_comes_back_as_it_was_put(self, store: Store) -> None:
        made = entry("b1", NOW, NOW + DAY)
        area = entry("p1", NOW, None, Identity(IdentityKind.NUMBER, "+44"), prefix=True, on=ListName.ALLOWLIST)
        store.put_entry(made)
        store.put_entry(area)

        assert (store.entry("b1"), store.entry("p1"), store.entry("b2")) == (made, area, None)

    def test_an_entry_put_again_replaces_the_first(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, None))
        store.put_entry(entry("b1", NOW, NOW + DAY, BOB))

        first, second = (store.background(query(identities=[each])).standing for each in (ANN, BOB))

        assert first is not None
        assert second is not None
        assert (first.block, first.blocks) == (None, 0)
        assert second.block == entry("b1", NOW, NOW + DAY, BOB)

    def test_entries_expire_when_they_are_read_without_a_sweeper(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, NOW + DAY))

        blocked = []
        for at in (NOW - 1, NOW, NOW + DAY - 1, NOW + DAY):
            standing = store.background(query(at)).standing
            assert standing is not None
            blocked.append((standing.block is not None, standing.blocks))

        assert blocked == [(False, 0), (True, 1), (True, 1), (False, 1)]

    def test_a_prefix_covers_the_numbers_that_begin_with_it_and_no_customer(self, store: Store) -> None:
        store.put_entry(entry("p1", NOW, None, Identity(IdentityKind.NUMBER, "+1212555014"), prefix=True))
        who = (ANN, BOB, Identity(IdentityKind.CUSTOMER, "+12125550142"), Identity(IdentityKind.NUMBER, "+1212555014"))

        standings = [store.background(query(identities=[each])).standing for each in who]

        assert [each is not None and each.blocks for each in standings] == [1, 0, 0, 1]

    def test_a_block_is_put_unless_one_stands_that_is_enough(self, store: Store) -> None:
        asked: list[Standing] = []

        def is_enough(standing: Standing) -> bool:
            asked.append(standing)
            return standing.block is not None

        put = [
            store.put_block(entry("b1", NOW, NOW + DAY), [ANN, LI], is_enough),
            store.put_block(entry("b2", NOW + 1, NOW + DAY), [ANN], is_enough),
            store.put_block(entry("b3", NOW, NOW + DAY, BOB), [BOB], is_enough),
        ]

        assert put == [True, False, True]
        assert [each.blocks for each in asked] == [0, 1, 0]
        assert (store.entry("b2"), store.entry("b3")) == (None, entry("b3", NOW, NOW + DAY, BOB))

    def test_of_many_blocks_at_once_one_is_put(self, store: Store) -> None:
        gate = threading.Barrier(4)

        def work(thread: int) -> int:
            gate.wait()
            made = (entry(f"b{thread}-{number}", NOW, NOW + DAY) for number in range(10))
            return sum(store.put_block(each, [ANN], lambda standing: standing.block is not None) for each in made)

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == 1

    def test_lists_look_at_the_listed_identities_only(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, None, LI))

        all_of_them = store.background(query(identities=[LI, ANN])).standing
        numbers = store.background(query(identities=[LI, ANN], listed=(ANN,))).standing
        none = store.background(query(identities=[LI, ANN], listed=()))

        assert all_of_them is not None
        assert all_of_them.block is not None
        assert numbers is not None
        assert numbers.block is None
        assert none.standing is None
        assert none.readings[COUNT.fact].value == 0

    def test_pruning_history_leaves_lists_and_cases_alone(self, store: Store) -> None:
        self.linked(store)
        store.put_entry(entry("b1", NOW - 90 * DAY, None))

        store.prune(NOW + 90 * DAY)
        background = store.background(query(NOW + HOUR, case_id="k1"))

        assert background.standing is not None
        assert background.standing.block is not None
        assert background.case["case.status"] == "open"

    # ---- threads

    def test_threads_lose_nothing(self, store: Store) -> None:
        gate = threading.Barrier(4)

        def work(thread: int) -> None:
            gate.wait()
            for number in range(50):
                store.add([ANN], item(f"c{thread}-{number}", NOW - number))
                store.background(query(call_id=f"q{thread}"))
                store.put_entry(entry(f"b{thread}-{number}", NOW - 1, None))
                store.receive_case("k1", CaseLinked(call_id=f"c{thread}-{number}", seq=1, at=NOW, case_id="k1"), None)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        background = store.background(query(case_id="k1", call_id="c0-0"))

        assert self.value(background, COUNT) == 199
        assert background.standing is not None
        assert background.standing.blocks == 200
        assert background.case["case.contacts"] == 200
