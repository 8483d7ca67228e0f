"""Instants and durations: integers inside, text outside.

An instant is an integer, microseconds since 1970-01-01T00:00:00Z; a duration is an integer, microseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000_000
"""One second in microseconds."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNITS: Final = {
    "ms": 1_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
    "w": 7 * 86_400 * SECOND,
}
_LONGEST_TEXT: Final = 40
# The last microsecond of the year 9999, the last that datetime can hold.
LATEST: Final = 253_402_300_799_999_999
"""The last instant that can be shown, the end of the year 9999."""

# WHY three days less: the local day of an instant, and the one after it, must fit the calendar in every zone.
LATEST_EVENT: Final = LATEST + 1 - 3 * _UNITS["d"]
"""The last instant at which something can happen, 9999-12-29T00:00:00Z: no event, question or item is later."""


def instant(moment: datetime) -> int:
    """The instant of an aware `datetime`.

    Raises:
        ValueError: the datetime has no zone, so that it is not one instant.

    >>> instant(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is not an instant; give it a tzinfo")
    return (moment - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The `datetime` of an instant, in UTC."""
    return _EPOCH + timedelta(microseconds=at)


# WHY kept: a decision and its record say the same instant half a dozen times.
@lru_cache(maxsize=64)
def instant_text(at: int) -> str:
    """RFC 3339 in UTC, always with microseconds, so that texts sort as instants do.

    >>> instant_text(0)
    '1970-01-01T00:00:00.000000Z'
    """
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> int:
    """An instant from RFC 3339 text; a zone or `Z` is required.

    Raises:
        ValueError: the text is no instant, or names no zone.

    >>> parse_instant("1970-01-01T08:00:00+08:00")
    0
    """
    return instant(datetime.fromisoformat(text))


def parse_duration(text: str) -> int:
    """A duration as it is written in rules: whole numbers with `ms s m h d w`, largest unit first.

    Raises:
        ValueError: the text is not such a duration.

    >>> parse_duration("1h30m")
    5400000000
    """
    total, number, unit = 0, "", ""
    last = _UNITS["w"] + 1
    if len(text) > _LONGEST_TEXT:
        raise ValueError("not a duration; write it as `2s`, `30m`, `24h`, `30d` or `1h30m`")
    for character in text + "0":
        if character.isascii() and character.isdigit():
            if unit:
                size = _UNITS.get(unit, 0)
                if not number or not size or size >= last:
                    raise ValueError("not a duration; write it as `2s`, `30m`, `24h`, `30d` or `1h30m`")
                total, number, unit, last = total + int(number) * size, "", "", size
            number += character
        else:
            unit += character
    if number != "0" or last > _UNITS["w"]:
        raise ValueError("not a duration; write it as `2s`, `30m`, `24h`, `30d` or `1h30m`")
    return total


def duration_text(duration: int) -> str:
    """The shortest way to write a duration so that `parse_duration` reads it back; below a millisecond is cut off.

    >>> duration_text(5_400_000_000), duration_text(0), duration_text(2_000_000)
    ('1h30m', '0s', '2s')
    """
    rest, parts = abs(duration), ""
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts += f"{count}{unit}"
    if not parts:
        return "0s"
    return "-" + parts if duration < 0 else parts
