"""What a history holds, drops and says about what it dropped."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from callpolicy.instants import LATEST_EVENT
from callpolicy.windows import CALLS, Elapsed, History, Item, Measure, Reading, Steps, Window, read, retention
from tests.windows.naive import DAY, HOUR

UTC = ZoneInfo("UTC")
COUNT_10 = Window("history.calls", Measure.COUNT, CALLS, length=10)
TODAY = Window("history.today", Measure.COUNT, CALLS, calendar="day")
COUNT_100 = Window("history.calls", Measure.COUNT, CALLS, length=100)
NORMAL_100 = Window("history.normal", Measure.COUNT, CALLS, length=100, where=(("class", ("normal",)),))
TOPICS_100 = Window("history.topics", Measure.DISTINCT, CALLS, length=100, distinct_of="topic")
SINCE_ANY = Window("history.since", Measure.SECONDS_SINCE, CALLS)
SINCE_NORMAL = Window("history.since", Measure.SECONDS_SINCE, CALLS, where=(("class", ("normal",)),))


def call(at: int, **attributes: str) -> Item:
    return Item(at, f"call {at}", 0, CALLS, tuple(attributes.items()))


def look(history: History, window: Window, at: int) -> Reading:
    return read(history, window, at=at, current_call="now", current={}, zone=UTC)


def test_items_stand_in_the_order_of_instant_call_and_number() -> None:
    ordered = [
        Item(1, "z", 9, CALLS),
        Item(2, "a", 0, "explained"),
        Item(2, "a", 1, CALLS),
        Item(2, "b", 0, CALLS),
        Item(2, "b", 1, CALLS),
        Item(3, "a", 2, CALLS),
    ]
    history = History()

    taken = [history.add(ordered[place]) for place in (3, 5, 0, 2, 4, 1)]

    assert taken == [True] * 6
    assert history.items() == tuple(ordered)
    assert history.items(CALLS) == (ordered[0], *ordered[2:])
    assert history.items("offence") == ()
    assert len(history) == 6


def test_a_second_item_of_the_same_name_is_not_taken() -> None:
    history = History()

    taken = [history.add(item) for item in (Item(1, "a", 0, CALLS), Item(2, "a", 0, "ended"), Item(1, "a", 1, CALLS))]

    assert taken == [True, False, True]
    assert history.items() == (Item(1, "a", 0, CALLS), Item(1, "a", 1, CALLS))


def test_pruning_drops_what_is_older_and_keeps_what_is_not() -> None:
    history = History()
    for at in (1, 2, 3, 4):
        history.add(call(at))
    history.add(Item(1, "call 1", 1, "ended"))

    assert history.prune(3) == 3
    assert history.items() == (call(3), call(4))
    assert len(history) == 2
    assert history.prune(3) == 0
    assert history.prune(1) == 0


def test_what_arrives_older_than_what_is_kept_is_not_taken() -> None:
    history = History()
    history.prune(10)

    assert [history.add(call(9)), history.add(call(10))] == [False, True]
    assert history.items() == (call(10),)


def test_an_earlier_pruning_does_not_bring_back_what_a_later_one_dropped() -> None:
    history = History()
    history.prune(10)
    history.prune(5)

    assert history.add(call(9)) is False


def test_a_decision_older_than_what_is_kept_is_not_told_a_number_that_is_too_low() -> None:
    history = History()
    for at in (1, 20):
        history.add(call(at))
    history.prune(15)

    # From 25 on the window begins at 15 or later.
    assert look(history, COUNT_10, 25) == Reading(1)
    assert look(history, COUNT_10, 24) == Reading(None, exact=False)
    assert look(history, COUNT_10, 11) == Reading(None, exact=False)
    assert look(history, COUNT_10, 11).course == Steps(((25, 1), (31, 0)))


def test_what_was_pruned_may_be_missing_of_every_kind_and_also_where_nothing_was_held() -> None:
    history = History()
    history.prune(15)
    later = History()
    later.prune(15)
    later.add(Item(20, "a", 0, "explained"))

    for each in (history, later):
        assert look(each, COUNT_10, 24) == Reading(None, exact=False)
        assert look(each, COUNT_10, 24).course == Steps(((25, 0),))
        assert look(each, COUNT_10, 25) == Reading(0)
        assert look(each, SINCE_ANY, 24) == Reading(None, exact=False)


def test_of_what_was_pruned_enough_may_be_left_for_a_lower_bound() -> None:
    history = History(cap=4)
    history.prune(15)
    for at in (16, 17):
        history.add(call(at))

    # Two are half of the cap.
    assert look(history, COUNT_10, 16) == Reading(None, exact=False)
    assert look(history, COUNT_10, 17) == Reading(2, exact=False)
    assert look(history, COUNT_10, 25) == Reading(2)


def test_how_long_ago_is_known_of_what_is_held_after_pruning() -> None:
    history = History()
    history.prune(15)
    history.add(call(16))

    assert look(history, SINCE_ANY, 20) == Reading(4)


@pytest.mark.parametrize("before", [-(1 << 62), -1, 0, LATEST_EVENT + 2, 1 << 62])
def test_pruning_before_whatever_instant_makes_no_reading_fail(before: int) -> None:
    history = History()
    history.prune(before)

    reading = look(history, TODAY, 100)

    # At 100 the day began at 0.
    assert reading == (Reading(0) if before <= 0 else Reading(None, exact=False))
    assert (reading.course is None) is (before <= 0)


def test_beyond_the_cap_the_oldest_of_that_kind_are_dropped() -> None:
    history = History(cap=3)
    history.add(Item(0, "other", 0, "ended"))
    for at in (1, 2, 3, 4, 5):
        history.add(call(at))

    assert history.items() == (Item(0, "other", 0, "ended"), call(3), call(4), call(5))
    assert len(history) == 4


def test_a_full_history_does_not_take_what_is_older_than_all_it_holds() -> None:
    history = History(cap=2)

    assert [history.add(call(at)) for at in (5, 6, 4)] == [True, True, False]
    assert history.items() == (call(5), call(6))
    assert look(history, COUNT_10, 14).exact is False
    assert look(history, COUNT_10, 15) == Reading(2)


def test_a_flood_does_not_hide_behind_the_cap() -> None:
    history = History(cap=8)
    for at in range(50):
        history.add(call(at))

    reading = look(history, COUNT_100, 60)

    assert history.saturation == 4
    assert reading == Reading(8, exact=False)
    # The last dropped call is 41 and leaves at 142, before any that is held: every step below 8 is exact.
    assert reading.course == Steps(((143, 7), (144, 6), (145, 5), (146, 4), (147, 3), (148, 2), (149, 1), (150, 0)))


def test_a_lower_bound_that_says_too_little_is_unknown_until_the_loss_has_left_the_window() -> None:
    history = History(cap=8)
    for at in range(5):
        history.add(call(at, **{"class": "normal"}))
    for at in range(5, 12):
        history.add(call(at, **{"class": "nuisance"}))

    reading = look(history, NORMAL_100, 50)

    # Calls 0 to 3 are dropped, call 4 is left: at least one, below the saturation of four.
    assert reading == Reading(None, exact=False)
    assert reading.course == Steps(((104, 1), (105, 0)))


def test_distinct_values_saturate_alike() -> None:
    history = History(cap=4)
    for at in range(6):
        history.add(call(at, topic=f"topic {at % 2}"))

    assert look(history, TOPICS_100, 50) == Reading(2, exact=False)
    # Calls 0 and 1 are dropped, calls 2 to 5 are left; from 102 on nothing that was dropped is inside.
    assert look(history, TOPICS_100, 101) == Reading(2, exact=False)
    assert look(history, TOPICS_100, 102) == Reading(2)


def test_time_since_is_known_if_nothing_later_can_be_lost() -> None:
    history = History(cap=2)
    history.add(call(1, **{"class": "normal"}))
    for at in (2, 3):
        history.add(call(at))

    assert look(history, SINCE_ANY, 10) == Reading(7)
    assert look(history, SINCE_NORMAL, 10) == Reading(None, exact=False)


def test_time_since_an_item_that_may_not_be_the_last_is_unknown() -> None:
    history = History(cap=3)
    for at in (5, 6, 7, 8):
        history.add(call(at))

    # Call 5 was dropped and may have been normal, so that a normal call at 4 need not be the last one.
    assert history.add(call(4, **{"class": "normal"})) is False
    assert look(history, SINCE_NORMAL, 10) == Reading(None, exact=False)


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda history: history.add(call(35)), id="an item in order"),
        pytest.param(lambda history: history.add(call(15)), id="a late item"),
        pytest.param(lambda history: [history.add(call(at)) for at in (50, 60, 70)], id="more than the cap"),
        pytest.param(lambda history: history.prune(25), id="pruning"),
    ],
)
def test_a_reading_keeps_its_course_whatever_happens_to_the_history(
    happens: Callable[[History], object],
) -> None:
    history = History(cap=4)
    for at in (10, 20, 30):
        history.add(call(at))
    count, since = look(history, COUNT_100, 40), look(history, SINCE_ANY, 40)

    happens(history)

    assert count.course == Steps(((111, 2), (121, 1), (131, 0)))
    assert since.course == Elapsed(30, None)


def test_the_retention_is_the_longest_window() -> None:
    month = Window("history.month", Measure.COUNT, CALLS, length=30 * DAY)
    today = Window("history.today", Measure.COUNT, CALLS, calendar="day")

    assert retention([]) == 0
    assert retention([COUNT_10, month, SINCE_ANY]) == 30 * DAY
    assert retention([COUNT_10, SINCE_ANY], at_least=HOUR) == HOUR
    assert retention([today]) == 48 * HOUR


def test_an_instant_that_is_no_number_of_microseconds_is_refused() -> None:
    history = History()

    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        history.add(call(10**18))
    assert len(history) == 0


@pytest.mark.parametrize("cap", [1, 0, -1])
def test_a_cap_that_leaves_no_room_is_refused(cap: int) -> None:
    with pytest.raises(ValueError, match="at least 2 items"):
        History(cap=cap)


def test_a_count_does_not_look_at_every_item() -> None:
    class Watched(Item):
        looked_at = 0

        def __getattribute__(self, name: str) -> object:
            Watched.looked_at += 1
            return super().__getattribute__(name)

    history = History()
    for number in range(4_000):
        history.add(Watched(number, f"call {number}", 0, CALLS))
    window = Window("history.calls", Measure.COUNT, CALLS, length=2_000)
    Watched.looked_at = 0

    reading = read(history, window, at=3_000, current_call="call 2999", current={}, zone=UTC)

    # 1,000 to 3,000, both in, less the current call.
    assert reading.value == 2_000
    assert Watched.looked_at == 0


def test_the_current_call_does_not_count_after_its_older_items_were_dropped() -> None:
    history = History()
    for at in (1, 20, 21):
        history.add(Item(at, "now", at, CALLS))
    history.add(call(20))

    history.prune(10)

    assert look(history, COUNT_10, 25) == Reading(1)
