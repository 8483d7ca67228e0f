"""A window by plain recount: every item is looked at again for every question. It shares no code with the engine."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callpolicy.windows import Elapsed, Item, Measure, Reading, Steps, Window

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def utc(text: str) -> int:
    """Read an instant such as `2024-02-29T10:00Z`."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local_date(at: int, zone: ZoneInfo) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone).date()


def recount(
    arrived: Iterable[Item],
    window: Window,
    at: int,
    current_call: str,
    current: Mapping[str, str],
    zone: ZoneInfo,
    kept_for: int | None = None,
) -> int | None:
    """Work a window's value out from everything that has arrived, first arrival first."""
    if any(name not in current for name in window.same_as_current):
        return None
    first: dict[tuple[str, int], Item] = {}
    for item in arrived:
        first.setdefault((item.call_id, item.seq), item)
    inside = []
    for item in first.values():
        attributes = dict(item.attributes)
        if item.call_id == current_call or item.kind != window.over or item.at > at:
            continue
        if any(attributes.get(name) not in allowed for name, allowed in window.where):
            continue
        if any(attributes.get(name) != current[name] for name in window.same_as_current):
            continue
        if window.calendar == "day":
            if local_date(item.at, zone) != local_date(at, zone):
                continue
        else:
            length = window.length if window.length is not None else kept_for
            if length is not None and at - item.at > length:
                continue
        inside.append(item)
    if window.measure is Measure.COUNT:
        return len(inside)
    if window.measure is Measure.DISTINCT:
        values = {dict(item.attributes).get(window.distinct_of or "") for item in inside}
        return len(values - {None})
    return min((at - item.at for item in inside), default=None)


def foretold(reading: Reading, at: int) -> int | None:
    """Say what a reading's course promises for a later instant."""
    match reading.course:
        case Steps(steps):
            return ([reading.value] + [value for instant, value in steps if instant <= at])[-1]
        case Elapsed() as elapsed:
            values = [at - anchor for anchor, until in elapsed.pieces if anchor <= at and (until is None or at < until)]
            assert len(values) <= 1, "pieces overlap"
            return values[0] if values else None
        case None:
            return reading.value
