"""When a block of a named term ends, in the centre's calendar."""

from __future__ import annotations

import calendar
from datetime import MAXYEAR, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.instants import LATEST, instant, moment

_MONTHS: Final = 12


def end_of_term(since: int, term: str, zone: ZoneInfo) -> int | None:
    """When a block of a named term ends: at the same local time on the next day, week or month.

    A month is clipped to the month's end. A local time that does not exist on that day moves on by the gap; one that
    occurs twice is the first.

    Args:
        since: when it begins.
        term: `day`, `week`, `month` or `permanent`.
        zone: the centre's zone.

    Returns:
        the first instant at which it no longer holds, or `None` if it has no end.

    >>> from callpolicy.instants import instant_text, parse_instant
    >>> begin = parse_instant("2027-01-31T10:00:00+08:00")
    >>> instant_text(end_of_term(begin, "month", ZoneInfo("Asia/Shanghai")) or 0)
    '2027-02-28T02:00:00.000000Z'
    """
    try:
        return _end(since, term, zone)
    except OverflowError:
        # The calendar ends, and the block with it.
        return LATEST


def _end(since: int, term: str, zone: ZoneInfo) -> int | None:
    local = moment(since).astimezone(zone)
    match term:
        case "permanent":
            return None
        case "day":
            return _instant(local + timedelta(days=1))
        case "week":
            return _instant(local + timedelta(days=7))
        case "month":
            year, month = divmod(local.year * _MONTHS + local.month, _MONTHS)
            if year > MAXYEAR:
                raise OverflowError
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            return _instant(local.replace(year=year, month=month + 1, day=day))
        case _:
            raise ValueError(f"`{term}` is no term; terms are day, week, month and permanent")


def _instant(local: datetime) -> int:
    # WHY fold 0: arithmetic keeps the wall clock; of a time that comes twice this is the first, and one that is left
    # out is read with the offset before the jump, which moves it on by the gap. Source: PEP 495.
    return instant(local.replace(fold=0))
