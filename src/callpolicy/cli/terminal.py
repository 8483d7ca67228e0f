"""What a command prints with: plain where nobody looks, aligned and coloured in a terminal."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from callpolicy.reports.tables import Table

_WIDE: Final = 160
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


def show(*parts: RenderableType | str) -> None:
    """Print parts one below the other; a text is a line of its own and is never wrapped by us."""
    console = screen()
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
    """Print a table; one without rows is not printed."""
    if table.rows:
        show(grid(table))


def grid(table: Table) -> RichTable:
    """A table as it is drawn: nothing is cut off, wide characters count twice."""
    made = RichTable(
        title=Text(table.title, style="bold") if table.title else None,
        title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False,
    )  # fmt: skip
    for column in table.columns:
        made.add_column(
            Text(column.name),
            justify="right" if column.number else "left",
            no_wrap=column.number or column.whole,
            overflow="fold",
        )
    for row in table.rows:
        made.add_row(*(_cell(each) for each in row))
    return made


def _cell(written: str) -> Text:
    style = next((MARK_STYLES[truth] for truth, mark in MARKS.items() if written.startswith(mark)), "")
    return Text(written, style=style)


def folded(name: str, most: int = 16) -> str:
    """A long id over several lines, broken after an underscore, for a narrow column.

    >>> folded("nuisance_persists_after_warning")
    'nuisance_\\npersists_after_\\nwarning'
    """
    lines = [""]
    for part in name.replace("_", "_\n").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) > most:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def heading(line: str) -> Text:
    """A line that stands above others."""
    return Text(line, style="bold")


def note(line: str) -> None:
    """Print one line to standard error: what was done, beside what was asked for."""
    screen(stderr=True).print(Text(line), soft_wrap=True)


def fault(line: str) -> None:
    """Print why a command could not do what was asked, without any telephone number that it may quote."""
    from callpolicy.rulefile.sources import masked

    sys.stderr.write(f"callpolicy: {masked(line)}\n")
