"""The records of a delimited file, one after the other; a quote that is never closed costs one line, not the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

MOST_LINES: Final = 50
"""Over how many lines a quoted field may go; what goes on longer was never closed."""

LONGEST_FIELD: Final = 1 << 20
"""How many characters a field may have."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Args:
        line: its last line, counted from 1; for one with a fault, its first.
        cells: its cells; none if the line is blank or a cell too long.
        fault: `open-quote` (a quote was not closed; the line was read as if quotes meant nothing), `long-field`
            (nothing was read), or empty.
    """

    line: int
    cells: list[str]
    fault: str = ""


class _OpenQuoteError(Exception):
    """A quoted field goes on for too many lines, or to the end of the file."""


@dataclass(slots=True)
class _Lines:
    """Lines that can be given back, and those that the record now being read has taken."""

    source: Iterator[str]
    number: int = 0
    taken: list[str] = field(default_factory=list)
    back: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) > MOST_LINES:
            raise _OpenQuoteError
        line = self.back.popleft() if self.back else next(self.source, None)
        if line is None:
            # WHY: a reader asks for a second line only inside quotes.
            raise _OpenQuoteError if self.taken else StopIteration
        self.number += 1
        self.taken.append(line)
        return line

    def keep_first(self) -> str:
        """Give back all lines of the record but its first, which is returned."""
        first, *rest = self.taken
        self.back.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


@contextmanager
def _field_limit() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_records(lines: Iterable[str], delimiter: str, *, quotes: bool = True) -> Iterator[Record]:
    """Read the records of a table; a blank line is one without cells.

    Args:
        lines: the lines with their ends.
        delimiter: what parts the cells.
        quotes: whether `"` holds a cell together; otherwise it is a character as any other.
    """
    taken = _Lines(iter(lines))
    # WHY strict: a quote that closes in the middle of a word, lines further on, is another cell's opening quote.
    reader = csv.reader(taken, delimiter=delimiter, strict=quotes, quoting=_quoting(quotes))
    while True:
        taken.taken.clear()
        try:
            # WHY around each: a generator that is left half way must not keep the limit of the whole process.
            with _field_limit():
                cells = next(reader, None)
        except (csv.Error, _OpenQuoteError):
            yield _mended(taken, delimiter, quotes)
            continue
        if cells is None:
            return
        yield Record(taken.number, cells)


def _quoting(quotes: bool) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE


def _mended(taken: _Lines, delimiter: str, quotes: bool) -> Record:
    """The first line of a record that could not be read as it stands."""
    several = len(taken.taken) > 1
    line = taken.keep_first()
    # WHY: within one line a stray quote is read as everybody reads it; only one that opens for ever is no quote.
    open_ = quotes and (several or _goes_on(line, delimiter))
    try:
        with _field_limit():
            cells = next(csv.reader([line], delimiter=delimiter, quoting=_quoting(quotes and not open_)), [])
    except csv.Error:
        return Record(taken.number, [], "long-field")
    return Record(taken.number, cells, "open-quote" if open_ else "")


def _goes_on(line: str, delimiter: str) -> bool:
    """Whether a quote that opens in the line is still open at its end."""
    asked = _Lines(iter([line]))
    try:
        with _field_limit():
            next(csv.reader(asked, delimiter=delimiter))
    except _OpenQuoteError:
        return True
    except csv.Error:
        return False
    return False
