"""What a word that is no time zone may have meant."""

from __future__ import annotations

import zoneinfo
from typing import Final

from callpolicy.rulefile.faults import did_you_mean

# WHY a table: the zone of a country is not always called after its capital, and the nearest spelling of `Asia/Beijing`
# is that of Brunei.
_MEANT: Final = {
    "asia/beijing": "Asia/Shanghai",
    "asia/peking": "Asia/Shanghai",
    "asia/guangzhou": "Asia/Shanghai",
    "asia/shenzhen": "Asia/Shanghai",
    "asia/hangzhou": "Asia/Shanghai",
    "asia/china": "Asia/Shanghai",
    "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai",
    "utc+8": "Asia/Shanghai",
    "utc+08:00": "Asia/Shanghai",
    "gmt+8": "Asia/Shanghai",
    "+08:00": "Asia/Shanghai",
    "asia/delhi": "Asia/Kolkata",
    "asia/mumbai": "Asia/Kolkata",
    "asia/hanoi": "Asia/Bangkok",
    "america/washington": "America/New_York",
    "america/boston": "America/New_York",
    "america/san_francisco": "America/Los_Angeles",
    "europe/munich": "Europe/Berlin",
    "europe/frankfurt": "Europe/Berlin",
    "europe/barcelona": "Europe/Madrid",
    "europe/milan": "Europe/Rome",
    "europe/geneva": "Europe/Zurich",
}


def zone_hint(name: str) -> str:
    """The hint for a word that is no time zone.

    >>> zone_hint("Asia/Beijing"), zone_hint("Europe/Berln"), zone_hint("here")
    ('did you mean `Asia/Shanghai`?', 'did you mean `Europe/Berlin`?', 'write `Asia/Shanghai`')
    """
    meant = _MEANT.get(name.strip().lower().replace(" ", "_"))
    if meant:
        return f"did you mean `{meant}`?"
    return did_you_mean(name, zoneinfo.available_timezones()) or "write `Asia/Shanghai`"
