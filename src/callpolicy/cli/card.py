"""`callpolicy card`: what whoever takes the next call about a case must know."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callpolicy.cli.case_ids import CaseArgument
from callpolicy.cli.case_texts import said
from callpolicy.cli.options import (
    JsonOption,
    Language,
    LanguageOption,
    RulesOption,
    StoreOption,
    WhenOption,
    language_of_environment,
)
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.policy import Settings

# What a line begins with that those below it do not: a mark, a number, an indent.
_BEGIN: Final = re.compile(r"[->] |\d+\. | +")


def card(  # noqa: PLR0913, PLR0917 - the options of a command
    case: CaseArgument,
    caller: Annotated[
        str | None,
        typer.Option(
            "--caller", metavar="NUMBER", show_default=False, help="Who calls; the card shows the number masked."
        ),
    ] = None,
    call: Annotated[
        str | None,
        typer.Option(
            "--call",
            metavar="CALL_ID",
            show_default=False,
            help="The call that the card is for: a contact that is on record already is not counted again.",
        ),
    ] = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Show the card of a case: how it stands, what was said, and what the norm says for the next call."""
    from callpolicy.cli.case_ids import found_case, shown_id, told_text
    from callpolicy.cli.state import instant_of, norm, opened
    from callpolicy.cli.terminal import show_json
    from callpolicy.reports.card import card_of, card_to_dict
    from callpolicy.reports.card_text import card_text

    now = instant_of(at)
    told_in = language or language_of_environment()
    bundle = norm(rules)
    settings = bundle.settings
    masked = None if caller is None else _caller(caller, settings, told_in)
    call_id = None if call is None else told_text(call, "--call") or None
    with opened(store) as there:
        story = found_case(there, case, settings.region).story(now)
    made = card_of(story, bundle, caller=masked, at=now, call_id=call_id)
    # WHY only now: the norm decides on the id as it is, and the card shows it as the desk may see it.
    made = replace(made, story=replace(made.story, case_id=shown_id(story.case_id, settings.region)))
    if as_json:
        show_json(card_to_dict(made))
    else:
        _show(card_text(made, str(told_in)))


def _caller(written: str, settings: Settings, language: Language) -> str:
    """A caller as a card may show one.

    Raises:
        UsageError: it is no telephone number; the text is not repeated, for it may be somebody's name.
    """
    from callpolicy.numbering import mask_number, parse_number

    number = parse_number(written, region=settings.region)
    if number.withheld:
        return said("withheld", language)
    if number.canonical is None:
        raise UsageError("`--caller` takes a telephone number, with its country code or as it is dialled here")
    return mask_number(number)


def _show(text: str) -> None:
    """Print a card: in a terminal no line is wider than it, and what goes on is under its beginning."""
    from callpolicy.cli.terminal import screen, wrapped, write

    console = screen()
    if not console.is_terminal:
        write(text)
        return
    for line in text.splitlines():
        begin = _BEGIN.match(line)
        indent = " " * (begin.end() if begin else 0)
        first, *more = wrapped(line[len(indent) :], max(20, console.width - len(indent))).splitlines() or [""]
        write(f"{line[: len(indent)]}{first}\n" + "".join(f"{indent}{part}\n" for part in more))
