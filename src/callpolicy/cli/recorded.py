"""Recorded calls as commands read them: a table with a mapping, or events as lines of JSON."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from callpolicy.cli.inputs import look_at_file, nearest
from callpolicy.decision import Decision
from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import Event, Offered
from callpolicy.facts import Catalogue
from callpolicy.replay import Recorded, Replay, RowFault, load_mapping, read_table, shipped
from callpolicy.replay.table import event_order
from callpolicy.rulefile.sources import quoted
from callpolicy.runtime import Engine
from callpolicy.wire import read_events

_LINES: Final = (".jsonl", ".ndjson")


def read_recorded(path: Path, mapping: str | None, catalogue: Catalogue) -> Recorded:
    """Recorded calls from a file; one in which no call can be read is refused.

    Args:
        path: a table, or `.jsonl` with one event a line.
        mapping: for a table, the name of a shipped mapping or the path of a mapping file.
        catalogue: the declared facts.

    Raises:
        UsageError: the file cannot be read, or no call is in it, or there is no such mapping.
        RuleFileError: the mapping cannot be used as written.
    """
    if path.suffix.lower() in _LINES:
        if mapping is not None:
            raise UsageError(f"{quoted(path.name)} holds events, which need no mapping; leave `--mapping` out")
        return read_lines(path, catalogue)
    look_at_file(path)
    if mapping is None:
        known = ", ".join(f"`{name}`" for name in shipped())
        raise UsageError(f"say how the columns become events: `--mapping` with a file or one of {known}")
    if mapping not in shipped() and not Path(mapping).is_file():
        raise UsageError(f"there is no mapping {quoted(mapping)}{nearest(mapping, shipped())}")
    recorded = read_table(path, load_mapping(mapping))
    if not recorded.rows:
        raise UsageError(f"{quoted(path.name)} has a header and no rows")
    return _with_calls(recorded, path)


def read_lines(path: Path, catalogue: Catalogue) -> Recorded:
    """Recorded events from lines of JSON, in event-time order; a line that is no event is told and left out.

    Raises:
        UsageError: the file cannot be read, or no call is in it.
    """
    look_at_file(path)
    recorded = Recorded()
    with path.open("rb") as file:
        lines = _Counted(file)
        events = read_events(lines, catalogue)
        while True:
            try:
                event = next(events)
            except StopIteration:
                break
            except CallEventError as error:
                recorded.faults.append(RowFault(lines.number, error.code, ""))
                continue
            recorded.events.append(event)
            if isinstance(event, Offered) and event.call_id not in recorded.row_of:
                recorded.row_of[event.call_id] = lines.number
                recorded.calls += 1
        recorded.rows = lines.number
    recorded.events.sort(key=event_order)
    return _with_calls(recorded, path)


class _Counted:
    """The lines of a file without its byte order mark, and the number of the last one that was taken."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.number += 1
            yield line.removeprefix(codecs.BOM_UTF8) if self.number == 1 else line


def _with_calls(recorded: Recorded, path: Path) -> Recorded:
    if recorded.calls:
        return recorded
    first = recorded.faults[0] if recorded.faults else None
    why = f"; line {first.row}: {first.code} {first.detail}".rstrip() if first else ""
    if recorded.not_calls:
        why += f"; rows that `only_if` of `offered` rules out: {len(recorded.not_calls)}"
    raise UsageError(f"no call could be read from {quoted(path.name)}{why}")


def first_calls(events: Sequence[Event], limit: int) -> list[Event]:
    """The events of the first calls, by when they were offered."""
    kept: set[str] = set()
    chosen = []
    for event in events:
        if isinstance(event, Offered) and len(kept) < limit:
            kept.add(event.call_id)
        if event.call_id in kept:
            chosen.append(event)
    return chosen


def replayed(replay: Replay, events: Iterable[Event]) -> Iterator[tuple[Event, Decision]]:
    """Every decision of a replay with the event that it was made after."""
    last: list[Event] = []

    def watched() -> Iterator[Event]:
        for event in events:
            last[:] = [event]
            yield event

    for decision in replay.run(watched()):
        yield last[0], decision


def decisions_of_call(engine: Engine, events: Sequence[Event], call: str) -> list[tuple[int, Decision]]:
    """The decisions on one call, each with the number of its event; everything before them is fed too."""
    places = [place for place, event in enumerate(events) if event.call_id == call]
    if not places:
        return []
    until = events[: places[-1] + 1]
    return [(event.seq, decision) for event, decision in replayed(Replay(engine), until) if event.call_id == call]
