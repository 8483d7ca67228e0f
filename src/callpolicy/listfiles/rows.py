"""Lines → rows of cells. A quote that is never closed costs one line, not the file."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from callpolicy.listfiles.opening import LONGEST_LINE, Line

MOST_LINES: Final = 50
"""Over how many lines a quoted cell may go; what goes on longer was never closed."""

_COMMENT: Final = re.compile(r"(?:^|\s)#")
_FIRST_PART: Final = re.compile(r"[\t,，]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Args:
        line: its first line, counted from 1.
        cells: its cells; none if the line is blank, a comment or ruined.
        fault: `open-quote`, `long-line`, or empty.
        ended: whether its last line has an end.
        comment: whether it is a comment.
    """

    line: int
    cells: list[str]
    fault: str = ""
    ended: bool = True
    comment: bool = False


def plain_rows(lines: Iterator[Line]) -> Iterator[Row]:
    """Read a plain list: what it names, and perhaps a tab or comma and the reason."""
    for line in lines:
        if line.too_long:
            yield Row(line.number, [], "long-line", line.ended)
            continue
        text = line.text.strip()
        parts = _FIRST_PART.split(text, maxsplit=1)
        # WHY only there: behind the comma stands a reason, and `ticket #55` is part of it.
        comment = _COMMENT.search(parts[0])
        cells = [parts[0][: comment.start()]] if comment else parts
        if text and (comment is None or cells[0].strip()):
            yield Row(line.number, [cell.strip() for cell in cells], ended=line.ended)
        else:
            yield Row(line.number, [], ended=line.ended, comment=bool(text))


def table_rows(lines: Iterator[Line], delimiter: str) -> Iterator[Row]:
    """Read a table, its header too."""
    back: deque[Line] = deque()
    while True:
        line = back.popleft() if back else next(lines, None)
        if line is None:
            return
        if line.too_long:
            yield Row(line.number, [], "long-line", line.ended)
        elif '"' in line.text and _opens(delimiter).fullmatch(line.text):
            yield _joined(line, lines, back, delimiter)
        else:
            yield Row(line.number, split_cells(line.text, delimiter), ended=line.ended)


def split_cells(text: str, delimiter: str) -> list[str]:
    """The cells of one row; none if it is blank."""
    if not text.strip():
        return []
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter), [])


@cache
def _opens(delimiter: str) -> re.Pattern[str]:
    """A text with a quote at the beginning of a cell that is still open at its end.

    WHY possessive: a hostile line of quotes must not be tried in every way.
    """
    other = re.escape(delimiter)
    cell = rf'"(?:[^"]|"")*+"[^{other}]*+|[^"{other}][^{other}]*+|{other}'
    return re.compile(rf'(?>(?:{cell})*+)"(?:[^"]|"")*+', re.DOTALL)


def _joined(first: Line, lines: Iterator[Line], back: deque[Line], delimiter: str) -> Row:
    """A row that goes on over several lines, or the first of them alone if it never ends."""
    taken, text = [first], first.text
    while len(taken) < MOST_LINES:
        line = back.popleft() if back else next(lines, None)
        if line is None:
            break
        taken.append(line)
        if line.too_long:
            break
        text += "\n" + line.text
        if len(text) > LONGEST_LINE:
            break
        if '"' in line.text and not _opens(delimiter).fullmatch(text):
            return Row(first.number, split_cells(text, delimiter), ended=line.ended)
    back.extendleft(reversed(taken[1:]))
    return Row(first.number, [], "open-quote", first.ended)
