"""Commands on complaint cases: which there are, and the story of one; what is recorded see `case_acts`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.case_acts import explain_case, new_fact, result
from callpolicy.cli.case_ids import CaseArgument
from callpolicy.cli.case_texts import said
from callpolicy.cli.options import (
    JsonOption,
    LanguageOption,
    RulesOption,
    StoreOption,
    WhenOption,
    language_of_environment,
)
from callpolicy.cli.state import instant_of, norm, opened
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.session import CaseRecord, CaseStory

SHOWN: Final = 50
"""How many cases a list shows unless it is asked for more."""


class Standing(StrEnum):
    """How a case stands, as `callpolicy.session.CaseStatus`, which is not imported before a command runs."""

    OPEN = "open"
    FINAL = "final"
    REOPENED = "reopened"


cases = typer.Typer(
    invoke_without_command=True, rich_markup_mode=None, help="Complaint cases: list, show, and record outside a call."
)


@cases.callback()
def about_cases(ctx: typer.Context) -> None:
    """Complaint cases: list them, show one, and record what happened outside a call."""
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


# ---- what there is


def list_cases(  # noqa: PLR0913, PLR0917 - the options of a command
    status: Annotated[Standing | None, typer.Option("--status", help="Only these.", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="WHEN",
            show_default=False,
            help="Only those heard of since: an RFC 3339 instant, or how long ago, such as `7d`.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many at most.")] = SHOWN,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List complaint cases, the last heard of first.

    A telephone number in the id of a case is masked; the id as it is shown names the case in the other commands.
    """
    from callpolicy.cli.case_tables import list_dict, list_table
    from callpolicy.cli.terminal import show, show_json, show_table
    from callpolicy.instants import instant_text

    now = instant_of(at)
    begin = 0 if since is None else _since(since, now)
    settings = norm(rules).settings
    with opened(store) as there:
        found = _told(there.cases(), now, begin, status)
    shown = found[:limit]
    if as_json:
        show_json({
            "at": instant_text(now),
            "cases": [list_dict(each, settings) for each in shown],
            "left_out": len(found) - len(shown),
        })  # fmt: skip
        return
    told_in = language or language_of_environment()
    if not found:
        show(said("none", told_in))
        return
    show_table(list_table(shown, settings, told_in))
    if len(shown) < len(found):
        show(said("left_out", told_in, count=len(found) - len(shown)))
    show(said("zone", told_in, total=len(found), zone=settings.time_zone))


def _told(records: Iterator[CaseRecord], at: int, begin: int, status: Standing | None) -> list[CaseStory]:
    """The stories that are asked for, the last heard of first."""
    from callpolicy.cli.case_tables import last_heard

    found: list[tuple[int, CaseStory]] = []
    for record in records:
        if record.last_at < begin:
            continue
        story = record.story(at)
        heard = last_heard(story)
        if heard is not None and heard >= begin and (status is None or story.status == str(status)):
            found.append((heard, story))
    return [story for _, story in sorted(found, key=lambda each: (-each[0], each[1].case_id))]


def _since(text: str, now: int) -> int:
    from callpolicy.instants import parse_duration, parse_instant
    from callpolicy.rulefile.sources import quoted

    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        return parse_instant(text)
    except ValueError:
        wanted = "an instant such as `2026-03-02T09:00:00+08:00`, or how long ago, such as `7d`"
        raise UsageError(f"`--since` takes {wanted}; not {quoted(text)}") from None


def show_case(
    case: CaseArgument,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show the story of a case: contacts, explanations, rejections, result and new facts in order of time."""
    from callpolicy.cli.case_ids import found_case
    from callpolicy.cli.case_tables import story_dict, story_head, story_table
    from callpolicy.cli.terminal import screen, show, show_json, show_table, wrapped

    now = instant_of(at)
    settings = norm(rules).settings
    with opened(store) as there:
        story = found_case(there, case, settings.region).story(now)
    if as_json:
        show_json(story_dict(story, settings))
        return
    told_in = language or language_of_environment()
    show(*(wrapped(each, screen().width) for each in story_head(story, settings, told_in)), "")
    show_table(story_table(story, settings, told_in))


_ACTING: Final = "--as wang --role complaint_desk"
_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    "list": (
        list_cases,
        "List cases, the last heard of first.",
        ("callpolicy case list", "callpolicy case list --status reopened --since 7d"),
    ),
    "show": (show_case, "Show the story of a case.", ("callpolicy case show K-7", "callpolicy case show K-7 --json")),
    "explain": (
        explain_case,
        "Record an explanation given outside a call.",
        (f"callpolicy case explain K-7 {_ACTING} \\", '    --text "sent the tariff by letter"'),
    ),
    "result": (
        result,
        "Record the final result of a case.",
        (f"callpolicy case result K-7 {_ACTING} \\", '    --text "the fee is right, it is not paid back"'),
    ),
    "new-fact": (
        new_fact,
        "Record something new; it opens a closed case again.",
        (f"callpolicy case new-fact K-7 {_ACTING} \\", '    --text "the caller sent a receipt"'),
    ),
}


def _register(name: str, command: Callable[..., Any], short: str, examples: Sequence[str]) -> None:
    # Source: click's documentation: `\b` alone on a line keeps the lines of a paragraph as they are.
    epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples)
    cases.command(name, epilog=epilog, short_help=short)(command)


for _name, (_command, _short, _lines) in _COMMANDS.items():
    _register(_name, _command, _short, _lines)
