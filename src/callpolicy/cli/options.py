"""The options that several commands have."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Language(StrEnum):
    """A language that texts are shown in."""

    ZH = "zh-CN"
    EN = "en"


class Point(StrEnum):
    """A decision point, as `callpolicy.points.DecisionPoint`, which is not imported before a command runs."""

    OFFERED = "offered"
    IN_CALL = "in_call"
    ENDED = "ended"


def language_of_environment() -> Language:
    """The language that the environment asks for: `zh-CN` for any Chinese locale, else `en`.

    Source: POSIX.1-2017, 8.2 Internationalization Variables, for the order.
    """
    asked = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Language.ZH if asked.lower().startswith("zh") else Language.EN


RulesOption = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="DIR", help="Folder of the norm; the starter norm if left out.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LanguageOption = Annotated[
    Language | None,
    typer.Option("--language", help="Language of the texts; that of LANG if left out.", show_default=False),
]
PointOption = Annotated[Point | None, typer.Option("--point", help="The decision point.", show_default=False)]
FactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fact", metavar="NAME=VALUE", help="One fact; durations as `2s`, sets as `a,b`. May be repeated.",
        show_default=False,
    ),
]  # fmt: skip
FactsOption = Annotated[
    str | None,
    typer.Option(
        "--facts", metavar="FILE", help="Facts as one JSON object; `-` for standard input.", show_default=False
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="RFC3339", help="The instant of the decision; now if left out.", show_default=False),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", envvar="CALLPOLICY_STORE", show_default=False,
        help="The store: `sqlite:///file.db` or `postgresql+psycopg://…`; `sqlite:///callpolicy.db` if left out.",
    ),
]  # fmt: skip
ActingOption = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who acts; it stands in the audit trail.", show_default=False)
]
RoleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--role", metavar="ROLE", show_default=False,
        help="In which role; may be repeated. Left out: those that the norm gives, if it names its staff.",
    ),
]  # fmt: skip
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for people.", show_default=False)]
WhenOption = Annotated[
    str | None,
    typer.Option("--at", metavar="RFC3339", help="When; now if left out.", show_default=False),
]
