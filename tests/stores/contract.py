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
from callpolicy.stores.base import Background, Erased, Store, Turn
from callpolicy.windows import CALLS, JUDGED, Elapsed, Measure, Steps, Window
from tests.stores.contract_lists import ListContract
from tests.stores.contract_trail import TrailContract
from tests.stores.contract_turns import TurnContract
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    CUSTOMER,
    DAY,
    HALF,
    HOUR,
    JUDGED_BAD,
    LI,
    MINUTE,
    NOW,
    ODD,
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


class StoreContract(TurnContract, ListContract, TrailContract):
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

    def test_pruning_history_leaves_lists_and_cases_alone(self, store: Store) -> None:
        self.linked(store)
        store.put_entry(entry("b1", NOW - 90 * DAY, None))

        store.prune(NOW + 90 * DAY)
        background = store.background(query(NOW + HOUR, case_id="k1"))

        assert background.standing is not None
        assert background.standing.block is not None
        assert background.case["case.status"] == "open"

    # ---- cases as they are kept

    def test_a_case_can_be_looked_up_as_it_is(self, store: Store) -> None:
        self.linked(store, FinalResult(call_id="c1", seq=3, at=NOW + 2, text="不退款\0"))

        found = store.case("k1")

        assert found is not None
        assert (found.case_id, found.last_at) == ("k1", NOW + 2)
        story = found.story(NOW + HOUR)
        assert (str(story.status), story.first_handler) == ("final", "li")
        assert story.final_result is not None
        assert story.final_result.text == "不退款\0"
        assert store.case("k2") is None

    def test_every_case_is_listed_once_however_many_there_are(self, store: Store) -> None:
        # More than two pages of 500, each with two events.
        names = [f"k{number}" for number in range(1_003)]

        def link(turn: Turn) -> None:
            for name in names:
                for seq in (1, 2):
                    turn.receive_case(name, CaseLinked(call_id="c1", seq=seq, at=NOW + seq, case_id=name), "li")

        store.turn(link)
        found = list(store.cases())

        assert sorted(each.case_id for each in found) == sorted(names)
        assert {each.last_at for each in found} == {NOW + 2}

    def test_cases_of_which_nothing_was_heard_since_an_instant_are_erased_and_counted(self, store: Store) -> None:
        for number in range(3):
            for seq in (1, 2):
                at = NOW + number * DAY + seq
                store.receive_case(f"k{number}", CaseLinked(call_id="c1", seq=seq, at=at, case_id=f"k{number}"), "li")

        # The last that was heard of the second is just not before; the first and nothing else goes.
        assert store.erase(cases=NOW + DAY + 2) == Erased(cases=1)
        assert sorted(each.case_id for each in store.cases()) == ["k1", "k2"]
        assert store.background(query(NOW + 9 * DAY, case_id="k0")).case == {}
        assert store.erase(cases=NOW + DAY + 3) == Erased(cases=1)
        assert store.erase(cases=NOW + DAY + 3) == Erased()

    @pytest.mark.parametrize("odd", ODD)
    def test_a_call_whose_id_is_odd_does_not_count_itself(self, store: Store, odd: str) -> None:
        store.add([ANN], item(odd, NOW))
        store.add([ANN], item("other", NOW, topic=odd))

        background = store.background(query(call_id=odd, topic=odd))

        assert (self.value(background, COUNT), self.value(background, SAME)) == (1, 1)

    @pytest.mark.parametrize("odd", [each for each in ODD if each != HALF])
    def test_odd_names_of_cases_and_calls_come_back(self, store: Store, odd: str) -> None:
        store.receive_case(odd, CaseLinked(call_id=odd, seq=1, at=NOW, case_id=odd), odd)

        background = store.background(query(call_id=odd, case_id=odd))

        assert (background.case["case.id"], background.case["case.contacts"]) == (odd, 1)
        assert [each.case_id for each in store.cases()] == [odd]

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
