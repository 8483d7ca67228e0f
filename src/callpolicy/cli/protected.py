"""The command about public service numbers that come along, which a norm protects by naming countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.cli.texts import text, title, word
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.rulefile.protected import Country

_NOT_COMPARED: Final[Mapping[Language, str]] = {Language.ZH: "未核对", Language.EN: "not compared"}


def protected(
    country: Annotated[
        str | None, typer.Argument(metavar="[COUNTRY]", help="Two letters, such as CN; a list if left out.")
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List the public service numbers that a norm can protect by naming countries, with their sources.

    Each tells the month in which it was compared with a text that says so, or that it was not.
    In `policy.yaml` they are taken by `countries: [CN]` of a protected class.
    """
    from callpolicy.cli.inputs import nearest
    from callpolicy.cli.terminal import show_json
    from callpolicy.rulefile.protected import countries, load_country
    from callpolicy.rulefile.sources import quoted

    shown = language or language_of_environment()
    code = country.upper() if country is not None else None
    if code is not None and code not in countries():
        near = nearest(code, countries()) or f"; one of: {', '.join(countries())}"
        raise UsageError(f"no numbers come along for country {quoted(country)}{near}")
    chosen = [load_country(each) for each in countries() if code in (None, each)]
    if as_json:
        trees = [_tree(each) for each in chosen]
        show_json(trees if code is None else trees[0])
    elif code is None:
        _show_countries(chosen, shown)
    else:
        _show_numbers(chosen[0], shown)


def _show_countries(chosen: list[Country], language: Language) -> None:
    from callpolicy.cli.terminal import show_table
    from callpolicy.reports import Column, Table
    from callpolicy.rulefile.shapes.protected import Group

    columns = (
        Column(text("country", language), whole=True),
        Column(text("title", language)),
        *(Column(word(str(group), language), number=True) for group in Group),
    )
    rows = tuple(
        (each.code, title(each.title, language), *(str(len(each.of(group))) for group in Group)) for each in chosen
    )
    show_table(Table("", columns, rows))


def _show_numbers(country: Country, language: Language) -> None:
    from callpolicy.cli.terminal import show_table
    from callpolicy.reports import Column, Table

    columns = (
        Column(text("number", language), whole=True),
        Column(text("group", language), whole=True),
        Column(text("title", language)),
        Column(text("source", language)),
        Column(text("checked", language), whole=True),
    )
    rows = tuple(
        (
            each.number,
            word(str(each.group), language),
            title(each.title, language),
            each.source,
            each.checked or _NOT_COMPARED[language],
        )
        for each in country.numbers
    )
    show_table(Table(title(country.title, language), columns, rows))


def _tree(country: Country) -> dict[str, Any]:
    return {
        "country": country.code,
        "title": dict(country.title),
        "numbers": [
            {
                "number": each.number,
                "canonical": each.canonical,
                "group": str(each.group),
                "title": dict(each.title),
                "source": each.source,
                "checked": each.checked,
            }
            for each in country.numbers
        ],
    }
