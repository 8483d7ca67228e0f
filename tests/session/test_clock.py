"""The centre's clock: hours, weekdays, business hours and holidays, over every jump of the local clock."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.facts import Value
from callpolicy.instants import LATEST, instant, moment
from callpolicy.policy import OpenHours, Settings
from callpolicy.session.clock import CHANGE_HORIZON, DAY_HORIZON, HOUR_HORIZON, Clock, clock_of
from callpolicy.windows import Steps
from tests.session.making import norm

HOUR = 3_600_000_000
DAY = 24 * HOUR
# Edges at half hours, odd minutes and midnight; Sunday closed, Saturday round the clock.
HOURS = (
    *(OpenHours(day, 9 * 60 + 30, 12 * 60) for day in range(1, 6)),
    *(OpenHours(day, 13 * 60 + 7, 24 * 60) for day in range(1, 5)),
    OpenHours(6, 0, 24 * 60),
)
HOLIDAYS = frozenset({date(2026, 5, 1), date(2026, 3, 29), date(2011, 12, 31), date(2018, 11, 4)})


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def settings_in(zone: str, **changes: Any) -> Settings:
    return norm(**({"time_zone": zone, "hours": HOURS, "holidays": HOLIDAYS} | changes))


def naive(when: int, settings: Settings) -> dict[str, Value]:
    local = moment(when).astimezone(ZoneInfo(settings.time_zone))
    holiday = local.date() in settings.holidays
    minute = local.hour * 60 + local.minute
    spans = [hours for hours in settings.hours if hours.weekday == local.isoweekday()]
    return {
        "call.hour": local.hour,
        "call.weekday": local.isoweekday(),
        "call.holiday": holiday,
        "call.business_hours": not holiday and any(span.opens <= minute < span.closes for span in spans),
    }


# Around these instants clocks jump: by an hour, by half an hour, over midnight, a minute past it, over a whole day.
PLACES = [
    ("Asia/Shanghai", "2026-02-28T16:00:00Z"),
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/St_Johns", "2006-10-29T02:31:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Asia/Kathmandu", "2026-01-01T00:00:00Z"),
]
places = st.sampled_from(PLACES)
nudges = st.sampled_from([0, 0, -1, 1])
offsets = st.builds(lambda minutes, nudge: minutes * 60_000_000 + nudge, st.integers(-3 * 1440, 3 * 1440), nudges)
close = st.builds(lambda quarters, nudge: quarters * 900_000_000 + nudge, st.integers(-12, 12), nudges)


@given(places, offsets | close)
def test_the_clock_shows_what_a_calendar_says(place: tuple[str, str], offset: int) -> None:
    settings, when = settings_in(place[0]), at(place[1]) + offset

    reading = clock_of(settings).read(when)

    assert reading.values == naive(when, settings)
    assert reading.begins <= when < reading.until
    assert naive(reading.begins, settings) == naive(reading.until - 1, settings) == reading.values


@given(places, offsets | close, st.integers(0, HOUR_HORIZON * HOUR) | st.integers(0, DAY_HORIZON * DAY))
def test_the_courses_foretell_what_the_clock_will_show(place: tuple[str, str], offset: int, later: int) -> None:
    settings, when = settings_in(place[0]), at(place[1]) + offset
    reading = clock_of(settings).read(when)
    then = naive(when + later, settings)

    for name, value in reading.values.items():
        if name == "call.hour" and later > HOUR_HORIZON * HOUR:
            continue
        assert foretold(reading.courses.get(name), value, when + later) == then[name], name


def foretold(course: object, value: Value, when: int) -> Value | None:
    if course is None:
        return value
    assert isinstance(course, Steps)
    place = bisect_right(course.steps, when, key=lambda step: step[0])
    return value if place == 0 else course.steps[place - 1][1]


@given(places, offsets | close)
def test_every_step_is_the_first_instant_of_a_change(place: tuple[str, str], offset: int) -> None:
    settings, when = settings_in(place[0]), at(place[1]) + offset

    for name, course in clock_of(settings).read(when).courses.items():
        assert isinstance(course, Steps)
        for begins, value in course.steps:
            assert begins > when
            assert naive(begins, settings)[name] == value
            assert naive(begins - 1, settings)[name] != value


def test_the_clock_of_a_working_day_worked_out_by_hand() -> None:
    # Monday 2026-03-02, 09:59:59.999999 in Shanghai (UTC+8).
    reading = clock_of(settings_in("Asia/Shanghai")).read(at("2026-03-02T01:59:59.999999Z"))

    assert reading.values == {
        "call.hour": 9, "call.weekday": 1, "call.holiday": False, "call.business_hours": True,
    }  # fmt: skip
    hours, days = reading.courses["call.hour"], reading.courses["call.weekday"]
    opening, holidays = reading.courses["call.business_hours"], reading.courses["call.holiday"]
    assert isinstance(hours, Steps)
    assert isinstance(days, Steps)
    assert isinstance(opening, Steps)
    assert isinstance(holidays, Steps)
    assert hours.steps[:2] == ((at("2026-03-02T02:00Z"), 10), (at("2026-03-02T03:00Z"), 11))
    assert days.steps[:2] == ((at("2026-03-02T16:00Z"), 2), (at("2026-03-03T16:00Z"), 3))
    # Lunch at 12:00, open again at 13:07, closed at midnight, open at 9:30 on Tuesday.
    assert opening.steps[:4] == (
        (at("2026-03-02T04:00Z"), False),
        (at("2026-03-02T05:07Z"), True),
        (at("2026-03-02T16:00Z"), False),
        (at("2026-03-03T01:30Z"), True),
    )
    # The next holiday is 27 days away: 2026-03-29 from midnight to midnight in Shanghai; only its beginning is listed.
    assert holidays.steps == ((at("2026-03-28T16:00Z"), True),)


def test_in_the_night_of_summer_time_the_hour_two_does_not_come() -> None:
    reading = clock_of(settings_in("Europe/Berlin")).read(at("2026-03-29T00:30Z"))

    course = reading.courses["call.hour"]
    assert isinstance(course, Steps)
    assert course.steps[:2] == ((at("2026-03-29T01:00Z"), 3), (at("2026-03-29T02:00Z"), 4))


def test_an_hour_that_was_skipped_once_is_still_foretold() -> None:
    # 03:30 in Berlin on the day before; the hour two comes 45.5 hours later.
    reading = clock_of(settings_in("Europe/Berlin")).read(at("2026-03-28T02:30Z"))

    course = reading.courses["call.hour"]
    assert isinstance(course, Steps)
    assert [step for step in course.steps if step[1] == 2] == [(at("2026-03-30T00:00Z"), 2)]


def test_in_the_night_of_winter_time_the_hour_two_lasts_two_hours() -> None:
    reading = clock_of(settings_in("Europe/Berlin")).read(at("2026-10-25T00:30Z"))

    course = reading.courses["call.hour"]
    assert reading.values["call.hour"] == 2
    assert isinstance(course, Steps)
    assert course.steps[0] == (at("2026-10-25T02:00Z"), 3)


def test_a_jump_over_the_opening_opens_at_the_jump() -> None:
    settings = settings_in("Europe/Berlin", hours=(OpenHours(7, 2 * 60 + 30, 10 * 60),), holidays=frozenset())

    course = clock_of(settings).read(at("2026-03-29T00:59Z")).courses["call.business_hours"]

    assert isinstance(course, Steps)
    # The clock goes from 02:00 to 03:00 at 01:00Z; ten o'clock in summer is 08:00Z.
    assert course.steps[:2] == ((at("2026-03-29T01:00Z"), True), (at("2026-03-29T08:00Z"), False))


def test_a_centre_that_declares_no_hours_does_not_know_whether_it_is_open() -> None:
    reading = clock_of(settings_in("Asia/Shanghai", hours=())).read(at("2026-03-02T02:00Z"))

    assert "call.business_hours" not in reading.values
    assert "call.business_hours" not in reading.courses


def test_a_centre_that_never_closes_says_so_up_to_its_next_holiday() -> None:
    always = tuple(OpenHours(day, 0, 24 * 60) for day in range(1, 8))
    with_holiday, without = (
        clock_of(settings_in("Asia/Shanghai", hours=always, holidays=days)).read(at("2026-03-02T02:00Z"))
        for days in (frozenset({date(2026, 10, 1)}), frozenset[date]())
    )

    assert with_holiday.courses["call.business_hours"] == Steps(((at("2026-09-30T16:00Z"), False),))
    assert with_holiday.courses["call.holiday"] == Steps(((at("2026-09-30T16:00Z"), True),))
    assert not {"call.business_hours", "call.holiday"} & without.courses.keys()


def test_a_long_closure_ends_when_it_ends() -> None:
    closed = frozenset(date(2026, 3, 2) + timedelta(days=day) for day in range(40))
    reading = clock_of(settings_in("Asia/Shanghai", holidays=closed)).read(at("2026-03-02T02:00Z"))

    # The 40th day is Friday 2026-04-10; Saturday is open round the clock.
    assert reading.courses["call.holiday"] == Steps(((at("2026-04-10T16:00Z"), False),))
    assert reading.courses["call.business_hours"] == Steps(((at("2026-04-10T16:00Z"), True),))


def test_beyond_the_horizon_no_change_is_listed() -> None:
    far = date(2026, 3, 2) + timedelta(days=CHANGE_HORIZON + DAY_HORIZON + 10)
    reading = clock_of(settings_in("Asia/Shanghai", holidays=frozenset({far}))).read(at("2026-03-02T02:00Z"))

    assert "call.holiday" not in reading.courses


@pytest.mark.parametrize("when", [LATEST, LATEST - 100 * DAY, -1])
def test_where_the_calendar_ends_the_clock_is_unknown(when: int) -> None:
    assert clock_of(settings_in("Pacific/Kiritimati")).read(when).values == {}


def test_the_first_instant_of_all_has_a_clock() -> None:
    settings = settings_in("America/New_York")

    assert clock_of(settings).read(0).values == naive(0, settings)


def test_calls_of_one_centre_share_its_clock() -> None:
    assert clock_of(norm()) is clock_of(norm())
    assert clock_of(norm()) is not clock_of(norm(time_zone="UTC"))


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        Clock(norm(time_zone="Moon/Tranquility"))


def test_what_is_kept_is_bounded() -> None:
    clock = Clock(settings_in("Asia/Shanghai"))
    start = datetime(2026, 1, 1, tzinfo=UTC)

    for day in range(0, 2_000, 15):
        clock.read(instant(start + timedelta(days=day)))

    assert len(clock._hours) <= 20_000
    assert len(clock._readings) <= 4_096
