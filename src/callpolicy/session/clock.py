"""The centre's clock: local hour, weekday, business hours and holiday at an instant, and how they go on.

Time is cut into hours of UTC, and each into the stretches in which no fact of the clock changes; they are kept, so that
an answer costs a look-up. A jump of the local clock (summer time) is an end of a stretch like any other.

Units: instants are microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from callpolicy.facts import Course, Value
from callpolicy.instants import LATEST, moment
from callpolicy.policy import Settings
from callpolicy.windows import Steps

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE
_DAY_HOURS: Final = 24
_DAY: Final = _DAY_HOURS * _HOUR
_DAY_MINUTES: Final = 1440
_WEEK: Final = 7
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
# 1970-01-01 was a Thursday.
_FIRST_WEEKDAY: Final = 4

HOUR_HORIZON: Final = 49
"""Hours for which the changes of `call.hour` are listed: every hour comes round in them, one skipped once too."""

DAY_HORIZON: Final = 15
"""Days for which all changes of the other facts are listed: every weekday comes round in them, one skipped once too."""

CHANGE_HORIZON: Final = 400
"""Days within which the next change of business hours and holiday is listed if there is none in `DAY_HORIZON`."""

_KEPT_HOURS: Final = 20_000
_KEPT_READINGS: Final = 4_096
# WHY: local time and the horizon must fit the calendar, which ends with the year 9999.
_LAST: Final = LATEST - (CHANGE_HORIZON + 10) * _DAY


class Stretch(NamedTuple):
    """From an instant on, until the next stretch begins, what the clock shows."""

    begins: int
    day: int
    hour: int
    weekday: int
    business_hours: bool | None
    holiday: bool


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the clock shows in one stretch of time.

    Args:
        begins: its first instant.
        until: the first instant after it.
        values: facts of the clock; business hours are unknown if none are declared.
        courses: how they go on after it: `call.hour` for `HOUR_HORIZON`, the others for `DAY_HORIZON`, or up to
            the next change.
    """

    begins: int
    until: int
    values: Mapping[str, Value]
    courses: Mapping[str, Course]


NO_READING: Final = ClockReading(0, 0, {}, {})
"""What a clock shows beyond its calendar: nothing is known."""


class Clock:
    """The clock of one centre; threads may share it.

    Args:
        settings: time zone, business hours and holidays.

    Raises:
        KeyError: the time zone is not known.
    """

    def __init__(self, settings: Settings) -> None:
        self._zone = ZoneInfo(settings.time_zone)
        self._holidays = frozenset(day.toordinal() - _FIRST_DAY for day in settings.holidays)
        self._spans: dict[int, list[tuple[int, int]]] = {}
        for hours in settings.hours:
            if hours.opens < hours.closes:
                self._spans.setdefault(hours.weekday, []).append((hours.opens, hours.closes))
        self._declares_hours = bool(settings.hours)
        self._edges = {
            weekday: sorted({edge for span in self._spans.get(weekday, ()) for edge in span} | set(range(0, 1441, 60)))
            for weekday in range(1, _WEEK + 1)
        }
        self._hours: dict[int, tuple[Stretch, ...]] = {}
        self._readings: dict[int, ClockReading] = {}

    def read(self, at: int) -> ClockReading:
        """What the clock shows at an instant."""
        if not 0 <= at <= _LAST:
            return NO_READING
        hour = at // _HOUR
        stretches = self._stretches(hour)
        place = bisect_right(stretches, at, key=_begins) - 1
        stretch = stretches[place]
        reading = self._readings.get(stretch.begins)
        if reading is None:
            if len(self._readings) >= _KEPT_READINGS:
                self._readings = {}
            after = stretches[place + 1 :]
            until = after[0].begins if after else (hour + 1) * _HOUR
            reading = ClockReading(stretch.begins, until, self._values(stretch), self._courses(stretch, hour))
            self._readings[stretch.begins] = reading
        return reading

    def _values(self, stretch: Stretch) -> dict[str, Value]:
        values: dict[str, Value] = {
            "call.hour": stretch.hour,
            "call.weekday": stretch.weekday,
            "call.holiday": stretch.holiday,
        }
        if stretch.business_hours is not None:
            values["call.business_hours"] = stretch.business_hours
        return values

    def _courses(self, now: Stretch, hour: int) -> dict[str, Course]:
        """List the changes after a stretch."""
        later = [
            stretch
            for following in range(hour, hour + DAY_HORIZON * _DAY_HOURS + 1)
            for stretch in self._stretches(following)
            if stretch.begins > now.begins
        ]
        soon = now.begins + HOUR_HORIZON * _HOUR
        steps = {
            "call.hour": _changes(now.hour, ((s.begins, s.hour) for s in later if s.begins <= soon)),
            "call.weekday": _changes(now.weekday, ((s.begins, s.weekday) for s in later)),
            "call.holiday": _changes(now.holiday, ((s.begins, s.holiday) for s in later))
            or self._first_change(now, later[-1].day, _holiday, self._is_holiday),
        }
        if now.business_hours is not None:
            steps["call.business_hours"] = _changes(
                now.business_hours, ((s.begins, s.business_hours) for s in later)
            ) or self._first_change(now, later[-1].day, _business_hours, self._opens)
        return {name: Steps(changes) for name, changes in steps.items() if changes}

    def _first_change(
        self, now: Stretch, day: int, fact: Callable[[Stretch], bool | None], at_times: Callable[[int, bool], bool]
    ) -> tuple[tuple[int, int | None], ...]:
        value = fact(now)
        for candidate in range(day, day + CHANGE_HORIZON):
            if not at_times(candidate, not value):
                continue
            # WHY a day on both sides: no zone is further from UTC.
            first = candidate * _DAY_HOURS - _DAY_HOURS
            for hour in range(first, first + 3 * _DAY_HOURS):
                for stretch in self._stretches(hour):
                    if stretch.begins > now.begins and fact(stretch) is not value:
                        return ((stretch.begins, fact(stretch)),)
        return ()

    def _is_holiday(self, day: int, value: bool) -> bool:
        return (day in self._holidays) is value

    def _opens(self, day: int, value: bool) -> bool:
        """Whether business hours are ever `value` on a day."""
        spans = self._spans.get(_weekday(day), [])
        if value:
            return bool(spans) and day not in self._holidays
        return day in self._holidays or spans != [(0, _DAY_MINUTES)]

    def _stretches(self, hour: int) -> tuple[Stretch, ...]:
        found = self._hours.get(hour)
        if found is None:
            if len(self._hours) >= _KEPT_HOURS:
                self._hours = {}
            found = self._hours[hour] = tuple(self._cut(hour * _HOUR, (hour + 1) * _HOUR))
        return found

    def _cut(self, begins: int, until: int) -> Iterator[Stretch]:
        """Cut an hour of UTC where the local clock jumps, and at its edges."""
        offset, last = self._offset(begins), self._offset(until - 1)
        if offset != last:
            low, high = begins, until - 1
            while high - low > 1:
                middle = (low + high) // 2
                if self._offset(middle) == offset:
                    low = middle
                else:
                    high = middle
            yield from self._cut_even(begins, high, offset)
            begins, offset = high, last
        yield from self._cut_even(begins, until, offset)

    def _cut_even(self, begins: int, until: int, offset: int) -> Iterator[Stretch]:
        while begins < until:
            day, within = divmod(begins + offset, _DAY)
            edges = self._edges[_weekday(day)]
            minute = within // _MINUTE
            yield self._stretch(begins, day, minute)
            begins = day * _DAY + edges[bisect_right(edges, minute)] * _MINUTE - offset

    def _stretch(self, begins: int, day: int, minute: int) -> Stretch:
        weekday, holiday = _weekday(day), day in self._holidays
        spans = self._spans.get(weekday, ())
        opened = not holiday and any(opens <= minute < closes for opens, closes in spans)
        return Stretch(begins, day, minute // 60, weekday, opened if self._declares_hours else None, holiday)

    def _offset(self, at: int) -> int:
        offset = moment(at).astimezone(self._zone).utcoffset()
        assert offset is not None
        return offset.days * _DAY + offset.seconds * 1_000_000 + offset.microseconds


@lru_cache(maxsize=64)
def clock_of(settings: Settings) -> Clock:
    """The clock of these settings; calls of one centre share it."""
    return Clock(settings)


def _changes(value: int | None, later: Iterator[tuple[int, int | None]]) -> tuple[tuple[int, int | None], ...]:
    steps: list[tuple[int, int | None]] = []
    for begins, following in later:
        if following != value:
            value = following
            steps.append((begins, value))
    return tuple(steps)


def _weekday(day: int) -> int:
    return (day + _FIRST_WEEKDAY - 1) % _WEEK + 1


def _begins(stretch: Stretch) -> int:
    return stretch.begins


def _holiday(stretch: Stretch) -> bool:
    return stretch.holiday


def _business_hours(stretch: Stretch) -> bool | None:
    return stretch.business_hours
