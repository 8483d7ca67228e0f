"""What groups of commands have in common: how they are registered, and the options of their imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from callpolicy.cli.list_import import Format

FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How it is written; told from its content if left out.", show_default=False),
]
WriteOption = Annotated[bool, typer.Option("--write/--dry-run", help="Really do it; a dry run if left out.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A list of numbers, prefixes, ranges or customers.")]
RowReasonOption = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why, for rows that give no reason.", show_default=False),
]


def register(group: typer.Typer, commands: Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]) -> None:
    """Give a group its commands: name → function, what it does in a line, examples."""
    for name, (command, short, examples) in commands.items():
        # Source: click's documentation: `\b` alone on a line keeps the lines of a paragraph as they are.
        epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples)
        group.command(name, epilog=epilog, short_help=short)(command)
