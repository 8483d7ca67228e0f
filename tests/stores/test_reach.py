"""How far back a decision reads: as far as some window counts an item of that kind, and no further."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from callpolicy.stores.sql.turn import Declared
from callpolicy.windows import CALLS, JUDGED, Measure, Window

UTC = ZoneInfo("UTC")
HOUR = 3_600_000_000
NOW = 1_000 * HOUR
YEAR = 8_760 * HOUR

HOURLY = Window("history.calls_1h", Measure.COUNT, CALLS, length=HOUR)
DAILY = Window("history.calls_24h", Measure.COUNT, CALLS, length=24 * HOUR)
MONTHLY = Window("history.judged_30d", Measure.COUNT, JUDGED, length=720 * HOUR)
TODAY = Window("history.calls_today", Measure.COUNT, CALLS, calendar="day")
SINCE = Window("history.since_last_call", Measure.SECONDS_SINCE, CALLS)
EVER = -(1 << 62)


def test_each_kind_is_read_as_far_back_as_its_own_longest_window() -> None:
    declared = Declared((HOURLY, DAILY, MONTHLY), UTC, YEAR)

    assert declared.sinces(NOW) == {CALLS: NOW - 24 * HOUR, JUDGED: NOW - 720 * HOUR}


def test_a_calendar_day_may_last_two_days() -> None:
    assert Declared((HOURLY, TODAY), UTC, YEAR).sinces(NOW) == {CALLS: NOW - 48 * HOUR}


def test_a_window_without_length_reaches_as_far_as_items_are_kept() -> None:
    assert Declared((SINCE, HOURLY, MONTHLY), UTC, YEAR).sinces(NOW) == {CALLS: NOW - YEAR, JUDGED: NOW - 720 * HOUR}
    assert Declared((SINCE,), UTC, None).sinces(NOW) == {CALLS: EVER}


def test_a_length_beyond_what_is_kept_counts_as_declared() -> None:
    assert Declared((SINCE, MONTHLY), UTC, HOUR).sinces(NOW) == {CALLS: NOW - HOUR, JUDGED: NOW - 720 * HOUR}


def test_without_windows_nothing_is_read() -> None:
    assert Declared((), UTC, YEAR).sinces(NOW) == {}
