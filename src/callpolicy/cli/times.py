"""Instants and durations as people read them: in the time zone of the norm, and no finer than they ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callpolicy.instants import SECOND, duration_text, moment, parse_duration, parse_instant

if TYPE_CHECKING:
    from callpolicy.facts import Value
    from callpolicy.policy import Bundle

_EXACT_UP_TO: Final = 10 * SECOND


def when(at: int, bundle: Bundle) -> str:
    """An instant in the time zone of the norm, with its offset, so that `--at` takes it as it stands."""
    return moment(at).astimezone(ZoneInfo(bundle.settings.time_zone)).isoformat()


def lasting(duration: int) -> str:
    """A duration, above ten seconds in whole seconds.

    >>> lasting(2_500_000), lasting(10_500_000), lasting(603_271_000)
    ('2s500ms', '11s', '10m3s')
    """
    return duration_text(_rounded(duration))


def _rounded(duration: int) -> int:
    if abs(duration) <= _EXACT_UP_TO:
        return duration
    seconds = (abs(duration) + SECOND // 2) // SECOND * SECOND
    return seconds if duration > 0 else -seconds


def told(values: Mapping[str, Value], bundle: Bundle) -> dict[str, Value]:
    """Values of facts to be filled into texts: times as people read them."""
    return {name: _told(name, value, bundle) for name, value in values.items()}


def _told(name: str, value: Value, bundle: Bundle) -> Value:
    from callpolicy.facts import FactType

    fact = bundle.catalogue.get(name)
    if fact is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    if fact.type is FactType.TIMESTAMP:
        return when(value, bundle)
    return _rounded(value) if fact.type is FactType.DURATION else value


def retold(name: str, written: str, bundle: Bundle) -> str:
    """The value of a fact that an explanation has written; one that is masked or unknown stays as it is."""
    from callpolicy.facts import FactType

    fact = bundle.catalogue.get(name)
    try:
        if fact is not None and fact.type is FactType.TIMESTAMP:
            return when(parse_instant(written), bundle)
        if fact is not None and fact.type is FactType.DURATION:
            return lasting(parse_duration(written))
    except ValueError:
        return written
    return written
