"""Rows of a recorded table → events, in event-time order. A row that cannot be read is told, never dropped silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from callpolicy.errors import UsageError
from callpolicy.events import EVENT_TYPES, Channel, Event, Feed, Offered, Party
from callpolicy.instants import LATEST, SECOND, instant, moment
from callpolicy.replay.mapping import EventMap, Mapping, Source, When
from callpolicy.replay.records import LONGEST_FIELD, Record, read_records

_HALF_DAY: Final = 12 * 3_600 * SECOND
# What stands where a byte was no text, or a byte of nothing.
_RUINED: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row, or a part of one, that could not be taken as it stands.

    Args:
        row: line of the file, counted from 1 with the header.
        code: `bad-instant`, `no-instant`, `too-few-columns`, `too-many-columns`, `long-field`, `bad-number`,
            `unknown-value`, `repeated-call`, `impossible-event` (the row, event or value is left out),
            `after-midnight`, `time-order`, `open-quote`, `ruined-text` (it is taken in, mended as its name says).
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
        not_calls: lines of the rows that the mapping says are no call: `only_if` of `offered` rules them out.
        row_of: call_id to the line of its row.
    """

    events: list[Event] = field(default_factory=list)
    calls: int = 0
    rows: int = 0
    faults: list[RowFault] = field(default_factory=list)
    not_calls: list[int] = field(default_factory=list)
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
    recorded.events.sort(key=event_order)
    return recorded


def event_order(event: Event) -> tuple[int, str, int]:
    """The order of events: (at, call_id, seq)."""
    return (event.at, event.call_id, event.seq)


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", _RUINED)


def _read_lines(lines: Iterator[str], mapping: Mapping, recorded: Recorded, name: str) -> None:
    records = read_records(lines, mapping.delimiter, quotes=mapping.quoting == "standard")
    header = list(mapping.columns) if mapping.columns else _header(next(records, None), recorded, name)
    missing = sorted(mapping.columns_read() - set(header))
    if missing:
        raise UsageError(
            f"`{name}` lacks the column{'s' if len(missing) > 1 else ''} {', '.join(f'`{each}`' for each in missing)}"
        )
    repeated = sorted(column for column in mapping.columns_read() if header.count(column) > 1)
    if repeated:
        raise UsageError(f"`{name}` has more than one column {', '.join(f'`{each}`' for each in repeated)}")
    for record in records:
        recorded.rows += bool(record.cells or record.fault)
        if record.fault:
            recorded.faults.append(_fault_of(record))
        if record.cells:
            _read_row(record.cells, header, mapping, recorded, record.line)


def _header(record: Record | None, recorded: Recorded, name: str) -> list[str]:
    if record is None:
        raise UsageError(f"`{name}` is empty: there is not even a header")
    if record.fault:
        recorded.faults.append(_fault_of(record))
    return record.cells


def _fault_of(record: Record) -> RowFault:
    detail = f"more than {LONGEST_FIELD} characters" if record.fault == "long-field" else ""
    return RowFault(record.line, record.fault, detail)


def _read_row(cells: list[str], header: list[str], mapping: Mapping, recorded: Recorded, line: int) -> None:
    if len(cells) < len(header):
        recorded.faults.append(RowFault(line, "too-few-columns", f"{len(cells)} of {len(header)}"))
        return
    if any(cell.strip() for cell in cells[len(header) :]):
        # WHY left out: a delimiter in a text has moved everything behind it by a column.
        recorded.faults.append(RowFault(line, "too-many-columns", f"{len(cells)} of {len(header)}"))
        return
    row = dict(zip(header, cells, strict=False))
    if _ruled_out(mapping.events[0], row):
        recorded.not_calls.append(line)
        return
    parts = [row[column].strip() for column in mapping.call_id]
    call_id = "-".join(parts) if any(parts) else f"row-{line}"
    if call_id in recorded.row_of:
        recorded.faults.append(RowFault(line, "repeated-call", "call_id"))
        return
    if _RUINED in "".join(cells):
        ruined = sorted(column for column in mapping.columns_read() if _RUINED in row[column])
        recorded.faults += [RowFault(line, "ruined-text", column) for column in ruined]
    events: list[Event] = []
    ats: dict[str, int] = {}
    unnamed: dict[str, None] = {}
    for part in mapping.events:
        try:
            found = _instant_of(part, row, mapping, ats)
            if found is None:
                continue
            at, when = found
            if events and at < events[-1].at:
                code, at = _mended(at, events[-1].at, when, mapping)
                recorded.faults.append(RowFault(line, code, part.event))
            read = _Row(row, unnamed)
            events.append(_event(part, read, mapping, (call_id, len(events), at)))
            recorded.faults += [RowFault(line, "bad-number", column) for column in read.bad]
            ats[part.event] = at
        except _RowError as error:
            recorded.faults.append(RowFault(line, error.code, error.detail))
            if not events:
                return
    if not events or not isinstance(events[0], Offered):
        recorded.faults.append(RowFault(line, "no-instant", "offered"))
        return
    recorded.faults += [RowFault(line, "unknown-value", column) for column in unnamed]
    recorded.events += events
    recorded.calls += 1
    recorded.row_of[call_id] = line


def _mended(at: int, before: int, when: When, mapping: Mapping) -> tuple[str, int]:
    """An instant that lies before the last one.

    Where the day stands in a column of its own, the time alone goes on: far back means after midnight.
    """
    if len(when.columns) > 1 and before - at > _HALF_DAY:
        local = moment(at).astimezone(ZoneInfo(mapping.time_zone)) + timedelta(days=1)
        next_day = instant(local.replace(fold=0))
        if next_day >= before:
            return "after-midnight", next_day
    return "time-order", before


def _ruled_out(part: EventMap, row: dict[str, str]) -> bool:
    return any(row[column].strip() not in allowed for column, allowed in part.only_if.items())


def _instant_of(part: EventMap, row: dict[str, str], mapping: Mapping, ats: dict[str, int]) -> tuple[int, When] | None:
    if _ruled_out(part, row):
        return None
    for when in part.at:
        at = _when(when, row, mapping, ats)
        if at is not None:
            return at, when
    return None


def _when(when: When, row: dict[str, str], mapping: Mapping, ats: dict[str, int]) -> int | None:
    at: int | None
    if when.after is not None and when.seconds is not None:
        text = row[when.seconds].strip()
        if when.after not in ats or text in when.none:
            return None
        try:
            at = ats[when.after] + round(float(text) * SECOND)
        except (ValueError, OverflowError):
            raise _RowError("bad-number", when.seconds) from None
        if not 0 <= at <= LATEST:
            raise _RowError("bad-number", when.seconds)
        return at
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
            at = round(float(text) * SECOND)
        else:
            read = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
            at = instant(read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        return None
    return at if 0 <= at <= LATEST else None


@dataclass(slots=True)
class _Row:
    """The cells of a row by column, the columns whose numbers could not be read, and those whose text is not named."""

    cells: dict[str, str]
    unnamed: dict[str, None]
    bad: list[str] = field(default_factory=list)

    def value(self, source: Source) -> Any:
        if source.column is None:
            return source.const
        text = self.cells[source.column].strip()
        if text in source.none:
            return None
        if source.values:
            if text not in source.values:
                self.unnamed[source.column] = None
            return source.values.get(text)
        try:
            return text if source.number is None else int(text) if source.number == "int" else float(text)
        except ValueError:
            # WHY not the whole event: a number that cannot be read is not known, and the call was there all the same.
            self.bad.append(source.column)
            return None


def _event(part: EventMap, row: _Row, mapping: Mapping, place: tuple[str, int, int]) -> Event:
    call_id, seq, at = place
    fields: dict[str, Any] = {}
    for name, source in part.with_.items():
        value = row.value(source)
        if value is not None:
            fields[name] = _typed(part.event, name, value)
    if part.facts:
        facts = {name: row.value(source) for name, source in part.facts.items()}
        fields["facts"] = {name: value for name, value in facts.items() if value is not None}
    if part.event == "offered":
        fields["feeds"] = frozenset(Feed(feed) for feed in mapping.feeds)
    try:
        made: Any = EVENT_TYPES[part.event](call_id=call_id, seq=seq, at=at, **fields)
    except TypeError:
        # A field that the event must have is not known.
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
