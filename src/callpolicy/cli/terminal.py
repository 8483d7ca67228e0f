"""What a command prints with: plain where nobody looks, aligned and coloured in a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Container
from typing import Any, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from callpolicy.reports.tables import Table

_WIDE: Final = 160
_ROOMY: Final = 120
_LONGEST_WORD: Final = 24
_BETWEEN: Final = 2
_PARTS: Final = re.compile(r"[^\s_]+_*|_+")
# The same with each Chinese character apart, but for the punctuation that must not begin a line.
_STEPS: Final = re.compile(
    r"[\u2e80-\u2fff\u3040-\uabff\uf900-\ufaff][\u3000-\u303f\uff00-\uffef]*|[^\s_\u2e80-\u2fff\u3040-\uabff\uf900-\ufaff]+_*|_+"
)
MARKS: Final = {True: "✓", False: "✗", None: "?"}
"""How a truth value is shown."""

MARK_STYLES: Final = {True: "green", False: "red", None: "yellow"}


class Screen(Console):
    """A console that leaves a broken pipe to `callpolicy.cli.commands.run`."""

    def on_broken_pipe(self) -> None:
        """Raise it again, so that there is one place that says what it means."""
        raise BrokenPipeError


def screen(*, stderr: bool = False) -> Console:
    """A console for what a person reads; made when a command runs, for tests and pipes put other streams there."""
    stream = sys.stderr if stderr else sys.stdout
    # WHY: lines that nobody looks at while they are printed must not be cut to the 80 columns of a terminal.
    wide = None if stream.isatty() or "COLUMNS" in os.environ else _WIDE
    return Screen(file=stream, width=wide, markup=False, highlight=False, emoji=False)


def is_roomy() -> bool:
    """Whether a table of many columns fits side by side; otherwise its cells are stacked."""
    return screen().width >= _ROOMY


def show(*parts: RenderableType | str, width: int = 0) -> None:
    """Print parts one below the other; a text is a line of its own and is never wrapped by us.

    Args:
        parts: what to print.
        width: how wide the widest of them must be, also where the terminal is narrower.
    """
    console = screen()
    console.width = max(console.width, width)
    for part in parts:
        if isinstance(part, str | Text):
            console.print(part, soft_wrap=True)
        elif console.is_terminal:
            console.print(part)
        else:
            with console.capture() as drawn:
                console.print(part)
            # WHY: cells are filled up with spaces, which only a background colour would show.
            lines = (line.rstrip() for line in drawn.get().splitlines())
            console.print("\n".join(lines), soft_wrap=True)


def show_json(tree: Any) -> None:
    """Print JSON, readable, with sorted keys."""
    write(json.dumps(tree, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write(text: str) -> None:
    """Print a text as it is."""
    # WHY by lines: an unbuffered stream takes a part of a long text, tells nobody, and a closed pipe goes unseen.
    for line in text.splitlines(keepends=True):
        sys.stdout.write(line)


def show_table(table: Table) -> None:
    """Print a table under its title; one without rows is not printed."""
    if not table.rows:
        return
    if table.title:
        show(heading(table.title))
    widths = column_widths(table, screen().width)
    show(grid(table, widths), width=_drawn(widths))


def column_widths(table: Table, width: int) -> list[int]:
    """How wide each column is: whole words at least, and all of a table as wide as the terminal if that is enough.

    Args:
        table: the table.
        width: of the terminal. Units: cells, of which a Chinese character takes two.
    """
    columns = [(column, [row[place] for row in table.rows]) for place, column in enumerate(table.columns)]
    wanted = [max(_cells(line) for each in (column.name, *cells) for line in _lines(each)) for column, cells in columns]
    widths = [
        most if column.number or column.whole else max(_cells(column.name), *(_longest_word(each) for each in cells))
        for (column, cells), most in zip(columns, wanted, strict=True)
    ]
    for _ in range(width - _drawn(widths)):
        # WHY the most wanting one: what is left to give makes the highest rows lower.
        place = max(range(len(widths)), key=lambda each: wanted[each] / widths[each])
        widths[place] += wanted[place] > widths[place]
    return widths


def _drawn(widths: list[int]) -> int:
    return sum(widths) + _BETWEEN * (len(widths) - 1)


def _cells(line: str) -> int:
    return max(1, cell_len(line))


def _lines(written: str) -> list[str]:
    return written.splitlines() or [""]


def _longest_word(written: str) -> int:
    return max((min(_cells(part), _LONGEST_WORD) for part in _PARTS.findall(written)), default=1)


def grid(table: Table, widths: list[int]) -> RichTable:
    """A table as it is drawn: nothing is cut off, wide characters count twice."""
    made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column, width in zip(table.columns, widths, strict=True):
        made.add_column(
            Text(column.name),
            justify="right" if column.number else "left",
            no_wrap=column.number or column.whole,
            overflow="fold",
            width=width,
        )
    for row in table.rows:
        cells = zip(row, table.columns, widths, strict=True)
        made.add_row(*(_cell(each if column.whole else wrapped(each, width)) for each, column, width in cells))
    return made


def _cell(written: str) -> Text:
    style = next((MARK_STYLES[truth] for truth, mark in MARKS.items() if written.startswith(mark)), "")
    return Text(written, style=style)


def wrapped(written: str, width: int) -> str:
    """A text over several lines, none of them wider than a column: between words or Chinese characters, else after an
    underscore.

    A single part that is wider than the column stays as it is.

    >>> wrapped("explained nuisance_persists_after_warning", 18)
    'explained\\nnuisance_persists_\\nafter_warning'
    """
    lines = []
    for line in _lines(written):
        if cell_len(line) <= width:
            lines.append(line)
            continue
        held = ""
        for word in line.split():
            spaced = f"{held} {word}" if held else word
            if cell_len(spaced) <= width:
                held = spaced
                continue
            if held and cell_len(word) > len(word):
                # WHY: Chinese needs no space to go on in the next line.
                held += " "
            elif held:
                lines.append(held)
                held = ""
            for part in _STEPS.findall(word):
                if held and cell_len(held + part) > width:
                    lines.append(held.rstrip())
                    held = ""
                held += part
        lines.append(held)
    return "\n".join(lines)


def heading(line: str) -> Text:
    """A line that stands above others."""
    return Text(line, style="bold")


def note(line: str) -> None:
    """Print one line to standard error: what was done, beside what was asked for."""
    screen(stderr=True).print(Text(line), soft_wrap=True)


def fault(line: str, counted: Container[str] = ()) -> None:
    """Print why a command could not do what was asked, without any telephone number that it may quote.

    Args:
        line: what to print.
        counted: numbers in it that are known to count something, as they are written.
    """
    from callpolicy.rulefile.sources import masked

    sys.stderr.write(f"callpolicy: {masked(line, counted)}\n")
