"""What a window reads, on streams small enough to work the answer out by hand."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from callpolicy.windows import CALLS, JUDGED, Elapsed, History, Item, Measure, Reading, Steps, Window, read
from tests.windows.naive import DAY, HOUR, MINUTE, SECOND, utc

NOON = utc("2024-05-14T12:00Z")
BERLIN = ZoneInfo("Europe/Berlin")

CALLS_30M = Window("history.calls_30m", Measure.COUNT, CALLS, length=30 * MINUTE)
CALLS_TODAY = Window("history.calls_today", Measure.COUNT, CALLS, calendar="day")
SAME_TOPIC_24H = Window("history.same_topic_24h", Measure.COUNT, CALLS, length=24 * HOUR, same_as_current=("topic",))
NUISANCE_7D = Window("history.nuisance_7d", Measure.COUNT, JUDGED, length=7 * DAY, where=(("class", ("nuisance",)),))
TOPICS_24H = Window("history.topics_24h", Measure.DISTINCT, "explained", length=24 * HOUR, distinct_of="topic")
SINCE_CALL = Window("history.since_last_call", Measure.SECONDS_SINCE, CALLS)
SINCE_CALL_1H = Window("history.since_last_call", Measure.SECONDS_SINCE, CALLS, length=HOUR)


def call(name: str, at: int, **attributes: str) -> Item:
    return Item(at, name, 0, CALLS, tuple(attributes.items()))


def history_of(*items: Item, retention: int | None = None) -> History:
    history = History(retention=retention)
    for item in items:
        history.add(item)
    return history


def at_noon(
    history: History,
    window: Window,
    *,
    at: int = NOON,
    current: Mapping[str, str] | None = None,
    zone: ZoneInfo = BERLIN,
) -> Reading:
    return read(history, window, at=at, current_call="now", current=current or {}, zone=zone)


def test_the_third_call_within_30_minutes_has_two_before_it() -> None:
    history = history_of(call("one", NOON - 20 * MINUTE), call("two", NOON - 5 * MINUTE), call("now", NOON))

    assert at_noon(history, CALLS_30M).value == 2


def test_a_call_exactly_30_minutes_ago_is_in_and_one_microsecond_more_is_out() -> None:
    two = call("two", NOON - 5 * MINUTE)

    assert at_noon(history_of(call("one", NOON - 30 * MINUTE), two), CALLS_30M).value == 2
    assert at_noon(history_of(call("one", NOON - 30 * MINUTE - 1), two), CALLS_30M).value == 1


def test_another_call_at_the_very_instant_of_the_decision_is_in_and_one_microsecond_later_is_out() -> None:
    assert at_noon(history_of(call("one", NOON)), CALLS_30M).value == 1
    assert at_noon(history_of(call("one", NOON + 1)), CALLS_30M).value == 0


def test_no_item_of_the_current_call_counts_wherever_it_lies() -> None:
    explained = Window("history.explained", Measure.COUNT, "explained", length=HOUR)
    own = [Item(NOON - minute * MINUTE, "now", minute, "explained") for minute in (0, 10, 60, 70)]
    other = [Item(NOON - minute * MINUTE, "other", minute, "explained") for minute in (0, 30, 60)]

    assert at_noon(history_of(*own), explained).value == 0
    assert at_noon(history_of(*own, *other), explained).value == 3


def test_a_caller_without_history_has_called_zero_times_and_nobody_knows_since_when() -> None:
    assert at_noon(History(), CALLS_30M) == Reading(0)
    assert at_noon(History(), TOPICS_24H) == Reading(0)
    assert at_noon(History(), SINCE_CALL) == Reading(None)
    assert at_noon(history_of(call("now", NOON)), SINCE_CALL) == Reading(None)


def test_an_item_of_another_kind_does_not_count() -> None:
    history = history_of(Item(NOON - MINUTE, "one", 0, "explained"), Item(NOON - MINUTE, "one", 1, "ended"))

    assert at_noon(history, CALLS_30M).value == 0


def test_an_item_that_arrives_late_counts_in_later_decisions() -> None:
    history = history_of(call("two", NOON - 5 * MINUTE))
    before = at_noon(history, CALLS_30M)

    history.add(call("one", NOON - 20 * MINUTE))

    assert before.value == 1
    assert before.course == Steps(((NOON + 25 * MINUTE + 1, 0),))
    assert at_noon(history, CALLS_30M).value == 2


def test_the_same_item_twice_counts_once_and_its_first_arrival_is_believed() -> None:
    history = history_of(call("one", NOON - 5 * MINUTE), call("one", NOON - 5 * MINUTE), call("one", NOON))

    assert at_noon(history, CALLS_30M).value == 1
    assert at_noon(history, SINCE_CALL).value == 5 * MINUTE


def test_only_judgements_with_an_allowed_class_count() -> None:
    judged = [("one", "nuisance"), ("two", "normal"), ("three", "nuisance"), ("four", "repeat_complaint")]
    history = history_of(*(Item(NOON - DAY, name, 3, JUDGED, (("class", which),)) for name, which in judged))
    unknown = Item(NOON - DAY, "five", 3, JUDGED)
    history.add(unknown)

    assert at_noon(history, NUISANCE_7D).value == 2


def test_the_same_caller_about_the_same_thing_within_24_hours() -> None:
    history = history_of(
        call("one", NOON - 24 * HOUR, topic="card"),
        call("two", NOON - 3 * HOUR, topic="loan"),
        call("three", NOON - 2 * HOUR),
        call("four", NOON - HOUR, topic="card"),
    )

    assert at_noon(history, SAME_TOPIC_24H, current={"topic": "card"}).value == 2
    assert at_noon(history, SAME_TOPIC_24H, current={"topic": "loan"}).value == 1
    assert at_noon(history, SAME_TOPIC_24H, current={"topic": "other"}).value == 0


def test_without_the_current_topic_nobody_knows_how_often_it_was_asked_about() -> None:
    history = history_of(call("one", NOON - HOUR, topic="card"))

    assert at_noon(history, SAME_TOPIC_24H) == Reading(None)
    assert at_noon(history, SAME_TOPIC_24H).course is None


def test_distinct_counts_different_known_values() -> None:
    topics = ["card", "loan", "card", None]
    history = history_of(
        *(
            Item(NOON - hour * HOUR, f"call {hour}", 0, "explained", (("topic", topic),) if topic else ())
            for hour, topic in enumerate(topics, start=1)
        )
    )

    reading = at_noon(history, TOPICS_24H)

    # card 1 h and 3 h ago, loan 2 h ago: loan leaves after 22 h, the younger card after 23 h.
    assert reading.value == 2
    assert reading.course == Steps(((NOON + 22 * HOUR + 1, 1), (NOON + 23 * HOUR + 1, 0)))


def test_a_call_leaves_one_microsecond_after_the_window_last_covers_it() -> None:
    history = history_of(
        call("one", NOON - 30 * MINUTE), call("two", NOON - 5 * MINUTE), call("three", NOON - 5 * MINUTE)
    )

    reading = at_noon(history, CALLS_30M)

    assert reading.value == 3
    assert reading.course == Steps(((NOON + 1, 2), (NOON + 25 * MINUTE + 1, 0)))


def test_a_call_later_than_the_decision_comes_in_when_time_reaches_it() -> None:
    history = history_of(call("later", NOON + 10 * MINUTE), call("now", NOON + 12 * MINUTE))

    reading = at_noon(history, CALLS_30M)

    assert reading.value == 0
    assert reading.course == Steps(((NOON + 10 * MINUTE, 1), (NOON + 40 * MINUTE + 1, 0)))


def test_one_call_that_comes_in_as_another_leaves_is_no_step() -> None:
    history = history_of(call("one", NOON - 30 * MINUTE), call("two", NOON + 1))

    reading = at_noon(history, CALLS_30M)

    assert reading.value == 1
    assert reading.course == Steps(((NOON + 30 * MINUTE + 2, 0),))


def test_today_begins_at_local_midnight_and_ends_at_the_next() -> None:
    # Berlin is two hours ahead in May: 14 May begins at 22:00 UTC on the 13th.
    midnight = utc("2024-05-13T22:00Z")
    history = history_of(call("yesterday", midnight - 1), call("first", midnight), call("second", NOON - HOUR))

    reading = at_noon(history, CALLS_TODAY)

    assert reading.value == 2
    assert reading.course == Steps(((midnight + 24 * HOUR, 0),))


def test_today_is_the_centres_day_not_the_utc_day() -> None:
    history = history_of(call("one", utc("2024-05-13T17:00Z")))

    assert at_noon(history, CALLS_TODAY, zone=ZoneInfo("Asia/Shanghai")).value == 1
    assert at_noon(history, CALLS_TODAY, zone=ZoneInfo("UTC")).value == 0


def test_a_window_of_24_hours_is_elapsed_time_on_the_day_the_clocks_change() -> None:
    # 31 March 2024 in Berlin has 23 hours: local noon to local noon is 23 elapsed hours.
    day = Window("history.calls_24h", Measure.COUNT, CALLS, length=24 * HOUR)
    history = history_of(call("one", utc("2024-03-30T10:00Z")), call("two", utc("2024-03-30T09:59Z")))

    assert at_noon(history, day, at=utc("2024-03-31T10:00Z")).value == 1


def test_today_on_the_day_of_25_hours_reaches_25_hours_back() -> None:
    # 27 October 2024 in Berlin runs from 22:00 UTC on the 26th to 23:00 UTC.
    history = history_of(call("one", utc("2024-10-26T22:00Z")), call("two", utc("2024-10-26T21:59Z")))

    reading = at_noon(history, CALLS_TODAY, at=utc("2024-10-27T22:59Z"))

    assert reading.value == 1
    assert reading.course == Steps(((utc("2024-10-27T23:00Z"), 0),))


def test_today_where_midnight_does_not_exist_begins_with_the_jump() -> None:
    # Cairo, 28 April 2023: 00:00 is followed at once by 01:00, at 22:00 UTC.
    history = history_of(call("one", utc("2023-04-27T22:00Z")), call("two", utc("2023-04-27T21:59Z")))

    reading = at_noon(history, CALLS_TODAY, at=utc("2023-04-28T09:00Z"), zone=ZoneInfo("Africa/Cairo"))

    assert reading.value == 1
    assert reading.course == Steps(((utc("2023-04-28T21:00Z"), 0),))


def test_time_since_the_last_call_runs_on() -> None:
    history = history_of(call("one", NOON - 20 * MINUTE), call("two", NOON - 5 * SECOND))

    reading = at_noon(history, SINCE_CALL)

    assert reading.value == 5 * SECOND
    assert reading.course == Elapsed(anchor=NOON - 5 * SECOND, until=None)


def test_time_since_the_last_call_is_unknown_once_that_call_leaves_the_window() -> None:
    just = at_noon(history_of(call("one", NOON - HOUR)), SINCE_CALL_1H)

    assert just.value == HOUR
    assert just.course == Elapsed(anchor=NOON - HOUR, until=NOON + 1)
    assert at_noon(history_of(call("one", NOON - HOUR - 1)), SINCE_CALL_1H).value is None


def test_time_since_starts_anew_with_a_call_that_lies_ahead() -> None:
    history = history_of(call("one", NOON - MINUTE), call("two", NOON + MINUTE), call("three", NOON + 3 * HOUR))

    assert at_noon(history, SINCE_CALL_1H).course == Elapsed(
        anchor=NOON - MINUTE,
        until=NOON + MINUTE,
        later=((NOON + MINUTE, NOON + MINUTE + HOUR + 1), (NOON + 3 * HOUR, NOON + 4 * HOUR + 1)),
    )


def test_time_since_a_call_that_lies_ahead_is_unknown_until_then() -> None:
    reading = at_noon(history_of(call("one", NOON + MINUTE)), SINCE_CALL)

    assert reading.value is None
    assert reading.course == Elapsed(anchor=NOON + MINUTE, until=None)


def test_without_a_length_time_since_reaches_back_as_far_as_the_retention() -> None:
    within = history_of(call("one", NOON - DAY), retention=DAY)
    beyond = history_of(call("one", NOON - DAY - 1), retention=DAY)

    assert at_noon(within, SINCE_CALL).value == DAY
    assert at_noon(within, SINCE_CALL).course == Elapsed(anchor=NOON - DAY, until=NOON + 1)
    assert at_noon(beyond, SINCE_CALL).value is None


def test_time_since_is_measured_over_items_that_are_asked_for() -> None:
    window = Window("history.since_nuisance", Measure.SECONDS_SINCE, JUDGED, where=(("class", ("nuisance",)),))
    history = history_of(
        Item(NOON - 3 * HOUR, "one", 4, JUDGED, (("class", "nuisance"),)),
        Item(NOON - HOUR, "two", 4, JUDGED, (("class", "normal"),)),
    )

    assert at_noon(history, window).value == 3 * HOUR


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"measure": Measure.COUNT}, "needs a length or a calendar"),
        ({"measure": Measure.DISTINCT, "distinct_of": "topic"}, "needs a length or a calendar"),
        ({"measure": Measure.COUNT, "length": 1, "calendar": "day"}, "both a length and a calendar"),
        ({"measure": Measure.COUNT, "length": 0}, "not positive"),
        ({"measure": Measure.DISTINCT, "length": 1}, "`distinct_of` goes with `distinct`"),
        ({"measure": Measure.COUNT, "length": 1, "distinct_of": "topic"}, "`distinct_of` goes with `distinct`"),
        ({"measure": Measure.COUNT, "length": 1, "where": (("class", ()),)}, "allows no value of `class`"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Window(fact="history.x", over=CALLS, **parts)  # type: ignore[arg-type]  # parts of every type in one table
