"""Local days: at which instant the day of a time zone begins.

Units: instants are microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.instants import LATEST_EVENT

_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# WHY: two days inside the range of datetime, as `LATEST_EVENT` is at its end, so that an offset and a midnight fit.
_FIRST_INSTANT: Final = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // _MICROSECOND


def day_start(at: int, zone: ZoneInfo) -> int:
    """Return the first instant of the local day of ``at``.

    Where clocks jump over midnight the day begins with the jump; where they strike midnight twice it begins
    with the first stroke, and what lies between the strokes belongs to the new day.

    Args:
        at: An instant.
        zone: The time zone whose day it is.

    Returns:
        An instant, at most ``at``.

    Raises:
        ValueError: If ``at`` is outside the years that a calendar can hold.
    """
    day = _local_day(at, zone)
    following = _day_begins(day + 1, zone)
    return following if following <= at else _day_begins(day, zone)


def next_day_start(at: int, zone: ZoneInfo) -> int:
    """Return the first instant after ``at`` at which a local day begins.

    Args:
        at: An instant.
        zone: The time zone whose day it is.

    Returns:
        An instant, later than ``at``.

    Raises:
        ValueError: If ``at`` is outside the years that a calendar can hold.
    """
    day = _local_day(at, zone) + 1
    while (begins := _day_begins(day, zone)) <= at:
        day += 1
    return begins


def _local_day(at: int, zone: ZoneInfo) -> int:
    check_instant(at)
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).toordinal()


def check_instant(at: int) -> None:
    """Refuse an instant that no calendar can hold.

    Raises:
        ValueError: If ``at`` is outside the years 1 to 9999, less a few days.
    """
    if not _FIRST_INSTANT <= at <= LATEST_EVENT:
        raise ValueError(f"instant `{at}` is outside the years 1 to 9999; instants are microseconds")


@lru_cache(maxsize=4096)
def _day_begins(day: int, zone: ZoneInfo) -> int:
    """Return the first instant whose local date is ``day`` or later."""
    midnight = datetime.combine(date.fromordinal(day), time.min, tzinfo=zone)
    first, second = ((midnight.replace(fold=fold) - _EPOCH) // _MICROSECOND for fold in (0, 1))
    # WHY: in a gap, and only there, fold 0 lies after the jump and fold 1 before it.
    # Source: PEP 495, "The fold attribute".
    if first <= second:
        return first
    while first - second > 1:
        middle = (first + second) // 2
        if _local_day(middle, zone) >= day:
            first = middle
        else:
            second = middle
    return first
