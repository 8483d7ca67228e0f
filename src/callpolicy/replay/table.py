"""Rows of a recorded table → events, in event-time order. A row that cannot be read is told, never dropped silently."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import EVENT_TYPES, Channel, Event, Feed, Offered, Party
from callpolicy.instants import SECOND, instant
from callpolicy.replay.mapping import EventMap, Mapping, Source, When

_HALF_DAY = 12 * 3_600 * SECOND
_DAY = 24 * 3_600 * SECOND


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row, or a part of one, that could not be taken as it stands.

    Args:
        row: line of the file, counted from 1 with the header.
        code: `bad-instant`, `no-instant`, `too-few-columns`, `bad-number`, `repeated-call`, `impossible-event` (the row
            or event is left out), `after-midnight`, `time-order` (it is taken in, mended as its name says).
        detail: the column or event it is about.
    """

    row: int
    code: str
    detail: str


@dataclass(slots=True)
class Recorded:
    """What was read from a table.

    Args:
        events: all events, in the order (at, call_id, seq).
        calls: how many rows gave a call.
        rows: how many rows there were, without the header.
        faults: what could not be taken as it stands, in file order.
        row_of: call_id to the line of its row.
    """

    events: list[Event] = field(default_factory=list)
    calls: int = 0
    rows: int = 0
    faults: list[RowFault] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)


class _RowError(Exception):
    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail


def read_table(path: Path, mapping: Mapping) -> Recorded:
    """Read a whole table.

    Args:
        path: the file.
        mapping: how its columns become events.

    Raises:
        UsageError: the file cannot be read, or lacks a column that the mapping looks at.
    """
    recorded = Recorded()
    try:
        with path.open(encoding=mapping.encoding, errors="replace", newline="") as lines:
            _read_lines(_without_nul(lines), mapping, recorded, path.name)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise UsageError(f"`{path}` is not such a table: {error}") from error
    except LookupError as error:
        raise UsageError(f"mapping `{mapping.id}`: {error}") from error
    recorded.events.sort(key=event_order)
    return recorded


def event_order(event: Event) -> tuple[int, str, int]:
    """The order of events: (at, call_id, seq)."""
    return (event.at, event.call_id, event.seq)


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "�")


def _read_lines(lines: Iterator[str], mapping: Mapping, recorded: Recorded, name: str) -> None:
    reader = csv.reader(lines, delimiter=mapping.delimiter)
    header = list(mapping.columns) if mapping.columns else next(reader, None)
    if header is None:
        raise UsageError(f"`{name}` is empty: there is not even a header")
    missing = sorted(mapping.columns_read() - set(header))
    if missing:
        raise UsageError(
            f"`{name}` lacks the column{'s' if len(missing) > 1 else ''} {', '.join(f'`{each}`' for each in missing)}"
        )
    for cells in reader:
        if not cells:
            continue
        recorded.rows += 1
        _read_row(cells, header, mapping, recorded, reader.line_num)


def _read_row(cells: list[str], header: list[str], mapping: Mapping, recorded: Recorded, line: int) -> None:
    if len(cells) < len(header):
        recorded.faults.append(RowFault(line, "too-few-columns", f"{len(cells)} of {len(header)}"))
        return
    row = dict(zip(header, cells, strict=False))
    call_id = "-".join(row[column].strip() for column in mapping.call_id) or f"row-{line}"
    if call_id in recorded.row_of:
        recorded.faults.append(RowFault(line, "repeated-call", "call_id"))
        return
    events: list[Event] = []
    ats: dict[str, int] = {}
    for part in mapping.events:
        try:
            at = _instant_of(part, row, mapping, ats)
            if at is None:
                continue
            if events:
                at = _in_order(at, events[-1].at, part.event, recorded, line)
            events.append(_event(part, row, mapping, call_id, len(events), at))
            ats[part.event] = at
        except (_RowError, CallEventError) as error:
            detail = error.detail if isinstance(error, _RowError) else part.event
            recorded.faults.append(RowFault(line, error.code, detail))
            if not events:
                return
    if not events or not isinstance(events[0], Offered):
        recorded.faults.append(RowFault(line, "no-instant", "offered"))
        return
    recorded.events += events
    recorded.calls += 1
    recorded.row_of[call_id] = line


def _in_order(at: int, before: int, name: str, recorded: Recorded, line: int) -> int:
    """Tables write times without their day: far back means after midnight, a little back means at the same time."""
    if at >= before:
        return at
    if before - at > _HALF_DAY:
        recorded.faults.append(RowFault(line, "after-midnight", name))
        return at + _DAY
    recorded.faults.append(RowFault(line, "time-order", name))
    return before


def _instant_of(part: EventMap, row: dict[str, str], mapping: Mapping, ats: dict[str, int]) -> int | None:
    if any(row[column].strip() not in allowed for column, allowed in part.only_if.items()):
        return None
    for when in part.at:
        at = _when(when, row, mapping, ats)
        if at is not None:
            return at
    return None


def _when(when: When, row: dict[str, str], mapping: Mapping, ats: dict[str, int]) -> int | None:
    if when.after is not None and when.seconds is not None:
        text = row[when.seconds].strip()
        if when.after not in ats or text in when.none:
            return None
        try:
            return ats[when.after] + round(float(text) * SECOND)
        except (ValueError, OverflowError):
            raise _RowError("bad-number", when.seconds) from None
    texts = [row[column].strip() for column in when.columns]
    if not texts or texts[-1] in when.none:
        return None
    at = _parse(" ".join(texts), mapping.time_format, mapping.time_zone)
    if at is None:
        raise _RowError("bad-instant", when.columns[-1])
    return at


@lru_cache(maxsize=65_536)
def _parse(text: str, form: str, zone: str) -> int | None:
    try:
        if form == "epoch":
            return round(float(text) * SECOND)
        moment = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
    except (ValueError, OverflowError):
        return None
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def _event(part: EventMap, row: dict[str, str], mapping: Mapping, call_id: str, seq: int, at: int) -> Event:
    fields: dict[str, Any] = {}
    for name, source in part.with_.items():
        value = _value(source, row)
        if value is not None:
            fields[name] = _typed(part.event, name, value)
    if part.facts:
        facts = {name: _value(source, row) for name, source in part.facts.items()}
        fields["facts"] = {name: value for name, value in facts.items() if value is not None}
    if part.event == "offered":
        fields["feeds"] = frozenset(Feed(feed) for feed in mapping.feeds)
    try:
        made: Any = EVENT_TYPES[part.event](call_id=call_id, seq=seq, at=at, **fields)
    except TypeError:
        raise _RowError("impossible-event", part.event) from None
    event: Event = made
    return event


def _typed(event: str, name: str, value: Any) -> Any:
    try:
        if name == "by" and event != "judged":
            return Party(value)
        return Channel(value) if name == "channel" else value
    except ValueError:
        raise _RowError("impossible-event", name) from None


def _value(source: Source, row: dict[str, str]) -> Any:
    if source.column is None:
        return source.const
    text = row[source.column].strip()
    if text in source.none:
        return None
    if source.values:
        return source.values.get(text)
    if source.number is not None:
        try:
            return int(text) if source.number == "int" else float(text)
        except ValueError:
            raise _RowError("bad-number", source.column) from None
    return text
