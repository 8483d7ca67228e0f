"""`callpolicy simulate`: a day of made calls, with the truth beside it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.options import JsonOption, LanguageOption, language_of_environment
from callpolicy.cli.texts import text
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.simulator import Day

DAY = "2026-03-02"
"""The day that is simulated if none is named: a Monday."""


def simulate(  # noqa: PLR0913, PLR0917 - the options of a command
    out: Annotated[Path, typer.Option("--out", metavar="FILE.jsonl", help="The events, one JSON object a line.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same calls.")] = 1,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="FILE.json", help="What is true of each call, as JSON.")
    ] = None,
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="The first local day.")] = DAY,
    days: Annotated[int, typer.Option("--days", min=1, max=60, help="How many days.")] = 1,
    normal: Annotated[int, typer.Option("--normal", min=0, max=100_000, help="Normal callers a day.")] = 1500,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Simulate calls of a centre from a seed; no number or person in them is real."""
    import orjson

    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, show, show_json

    made = simulated(seed, day, days=days, normal=normal)
    with whole_file(out) as file:
        for event in made.events:
            file.write(orjson.dumps(event) + b"\n")
    if truth is not None:
        with whole_file(truth) as file:
            file.write(orjson.dumps(truth_dict(made), option=orjson.OPT_INDENT_2) + b"\n")
    shown = language or language_of_environment()
    if as_json:
        show_json({"seed": seed, "events": len(made.events), "calls": len(made.truth)})
    else:
        show(text("simulated", shown, calls=len(made.truth), events=len(made.events)))
        for path in (out, truth):
            if path is not None:
                note(text("written", shown, file=path))


def simulated(seed: int, day: str, *, days: int = 1, normal: int = 1500) -> Day:
    """What the simulator makes.

    Raises:
        UsageError: the day is no date, or the simulator has not enough numbers for so many callers.
    """
    from callpolicy.rulefile.sources import quoted
    from callpolicy.simulator import Plan
    from callpolicy.simulator import simulate as make

    try:
        begin = date.fromisoformat(day)
    except ValueError:
        raise UsageError(f"{quoted(day)} is not a date; write it as `{DAY}`") from None
    try:
        return make(Plan(seed, begin, days=days, normal_callers=normal))
    except ValueError as error:
        raise UsageError(str(error)) from error


def truth_dict(made: Day) -> dict[str, dict[str, Any]]:
    """The truth as plain values for JSON, by call."""
    return {
        call_id: {name.rstrip("_"): value for name, value in asdict(truth).items()}
        for call_id, truth in made.truth.items()
    }
