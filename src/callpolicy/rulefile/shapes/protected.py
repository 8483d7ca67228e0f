"""The files below `protected/` that come along: public service numbers of one country, each with its source."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from callpolicy.rulefile.shapes.base import Line, Lines, Shape, shown, wrong

_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class Group(StrEnum):
    """What a public service number is for."""

    EMERGENCY = "emergency"
    REGULATOR = "regulator"
    HELPLINE = "helpline"


def read_month(value: object) -> str:
    """A month as written.

    Raises:
        PydanticCustomError: it is none.

    >>> read_month("2026-11")
    '2026-11'
    """
    if not isinstance(value, str) or _MONTH.fullmatch(value) is None:
        raise wrong("bad-date", f"{shown(value)} is not a month", 'write it in quotes as `"2026-11"`')
    return value


Month = Annotated[str, BeforeValidator(read_month)]
Group_ = Annotated[Group, Field(strict=False)]

CountryCode = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
"""A country or region with a numbering plan of its own. Source: ISO 3166-1 alpha-2."""


class ServiceNumberShape(Shape):
    """One public service number."""

    number: Line = Field(description="The number as it is dialled in its country, in quotes.")
    group: Group_ = Field(description="What it is for.")
    title: Lines = Field(description="Who answers it, in one line per language.")
    source: Line = Field(description="The document that says so, and where in it.")
    checked: Month | None = Field(
        default=None,
        description="Month in which it was compared with a text that says so, as `2026-11`; left out if it was not.",
    )


class CountryFile(Shape):
    """The public service numbers of one country."""

    country: CountryCode = Field(description="ISO 3166 alpha-2, the stem of the file.")
    title: Lines = Field(description="What the country is called, in one line per language.")
    numbers: list[ServiceNumberShape] = Field(min_length=1, description="The numbers, each once.")
