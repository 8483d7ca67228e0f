"""Instants as people read them at a glance: in the centre's zone, to the minute."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from callpolicy.instants import moment


def local_minute(at: int, zone: str) -> str:
    """An instant on the clocks of a zone.

    Args:
        at: the instant, in microseconds since 1970-01-01T00:00:00Z.
        zone: IANA name of the zone.

    Raises:
        KeyError: there is no such zone.

    >>> local_minute(0, "Asia/Shanghai")
    '1970-01-01 08:00'
    """
    try:
        local = moment(at).astimezone(ZoneInfo(zone))
    except OverflowError:
        # WHY: the last hours of the year 9999 are in the year 10000 further east, which no `datetime` holds.
        local = moment(at)
    return local.replace(tzinfo=None).isoformat(" ", "minutes")
