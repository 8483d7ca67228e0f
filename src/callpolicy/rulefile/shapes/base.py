"""What the shapes are made of: names, lines, texts, dates, durations, instants, and how a wrong one is told.

A validator raises `wrong(...)`: the code, the message and the hint of the finding it becomes.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from callpolicy.instants import LATEST, parse_duration, parse_instant
from callpolicy.points import Effect, Kind
from callpolicy.policy import Term
from callpolicy.rulefile.sources import quoted

LONGEST_LINE: Final = 200
"""Characters of a title, a name or an owner."""

LONGEST_TEXT: Final = 2_000
"""Characters of a reason or a script."""

LONGEST_DURATION: Final = 100 * 366 * 86_400_000_000
"""A hundred years, in microseconds: longer ones are typing errors."""

_DURATION_HINT: Final = "write it as `2s`, `30m`, `24h`, `30d` or `1h30m`"
_INSTANT_HINT: Final = "write it as `2026-03-02T09:00:00+08:00`, in RFC 3339 with a zone"


class Shape(BaseModel):
    """A mapping with a fixed set of keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def wrong(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises, so that the finding says it in our words.

    Args:
        code: code of the finding.
        message: one lower-case line about the value; it may say `{name}`, which becomes the key's name.
        hint: what to do about it.
    """
    # WHY the ctx: a message of pydantic is a template, and text of a user may have braces in it.
    return PydanticCustomError(f"callpolicy:{code}", "{message}", {"message": message, "hint": hint})


def shown(value: object) -> str:
    """A value as it may stand in a message: a scalar quoted, nothing as such, what has parts by its type."""
    if value is None:
        return "nothing"
    if isinstance(value, bool | int | float | str):
        return quoted(value)
    return "a list" if isinstance(value, list) else "a mapping"


def read_duration(value: object) -> int:
    """A duration as written, in microseconds.

    Raises:
        PydanticCustomError: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong("duration-without-unit", f"{shown(value)} is a number without a unit", _DURATION_HINT)
    if not isinstance(value, str):
        raise wrong("bad-duration", f"{shown(value)} is not a duration", _DURATION_HINT)
    try:
        duration = parse_duration(value)
    except ValueError:
        raise wrong("bad-duration", f"{shown(value)} is not a duration", _DURATION_HINT) from None
    if duration > LONGEST_DURATION:
        raise wrong("bad-duration", f"{shown(value)} is longer than a hundred years")
    return duration


def read_instant(value: object) -> int:
    """An instant as written, in microseconds since 1970-01-01T00:00:00Z.

    Raises:
        PydanticCustomError: it is none.
    """
    # WHY the letter: `fromisoformat` takes more than RFC 3339 does, `2026-W10-1` among it.
    if not isinstance(value, str) or "T" not in value.upper() or "W" in value.upper():
        raise wrong("bad-timestamp", f"{shown(value)} is not an instant", _INSTANT_HINT)
    try:
        at = parse_instant(value)
    except (ValueError, OverflowError):
        raise wrong("bad-timestamp", f"{shown(value)} is not an instant", _INSTANT_HINT) from None
    if not 0 <= at <= LATEST:
        raise wrong("bad-timestamp", f"{shown(value)} lies outside the years 1970 to 9999")
    return at


def read_day(value: object) -> date:
    """A date as written.

    Raises:
        PydanticCustomError: it is none.
    """
    hint = "write it as `2027-05-01`"
    if not isinstance(value, str) or len(value) != len("2027-05-01"):
        raise wrong("bad-date", f"{shown(value)} is not a date", hint)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong("bad-date", f"{shown(value)} is not a date of the calendar", hint) from None


def read_term(value: object) -> Term | int:
    """The term of a block: its name, or a duration in microseconds.

    Raises:
        PydanticCustomError: it is neither.
    """
    if isinstance(value, str) and value in {str(term) for term in Term}:
        return Term(value)
    hint = "write `day`, `week`, `month`, `permanent` or a duration like `12h`"
    if not isinstance(value, str):
        raise wrong("bad-term", f"{shown(value)} is not a term", hint)
    try:
        duration = parse_duration(value)
    except ValueError:
        raise wrong("bad-term", f"{shown(value)} is not a term", hint) from None
    if not 0 < duration <= LONGEST_DURATION:
        raise wrong("bad-term", f"{shown(value)} is no length that a block can have", hint)
    return duration


_NAME: Final = r"^[a-z][a-z0-9_]*$"
DURATION_SCHEMA: Final = {
    "type": "string",
    "pattern": r"^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
    "minLength": 2,
    "examples": ["2s", "30m", "24h", "30d", "1h30m"],
}
"""What JSON Schema can say of a duration."""

INSTANT_SCHEMA: Final = {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:00:00+08:00"]}
"""What JSON Schema can say of an instant."""

Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=80)]
"""An id: small letters, digits and underscores."""

DottedName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=120)]
"""An id that may have dots in it, as `closing.nuisance`."""

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=120)]
"""The name of a fact: `namespace.name`."""

Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""A language tag, as `zh-CN`. Source: BCP 47."""

Line = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$", max_length=LONGEST_LINE)]
"""One line, not empty, without spaces around it."""

Text = Annotated[str, StringConstraints(pattern=r"\S", max_length=LONGEST_TEXT)]
"""A text that is not empty."""

Lines = Annotated[dict[Tag, Line], Field(min_length=1)]
"""One line per language of `policy.yaml`."""

TextsByLanguage = Annotated[dict[Tag, Text], Field(min_length=1)]
"""One text per language of `policy.yaml`."""

Day = Annotated[
    date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-05-01"]})
]
Duration = Annotated[int, BeforeValidator(read_duration), WithJsonSchema(DURATION_SCHEMA)]
Instant = Annotated[int, BeforeValidator(read_instant), WithJsonSchema(INSTANT_SCHEMA)]
TermName = Annotated[
    Term | int,
    BeforeValidator(read_term),
    WithJsonSchema(
        {"anyOf": [{"enum": [str(term) for term in Term]}, DURATION_SCHEMA], "examples": ["day", "month", "12h"]}
    ),
]

ConditionTree = Annotated[Any, WithJsonSchema({"callpolicy": "condition"})]
"""A condition as written, of any shape; `callpolicy.rulefile.conditions` reads it with the catalogue."""

GivenFacts = Annotated[dict[str, Any], WithJsonSchema({"callpolicy": "facts"})]
"""Values of facts as written."""

ExpectedFacts = Annotated[dict[str, Any], WithJsonSchema({"callpolicy": "expected_facts"})]
"""Values of facts as written, `null` for unknown."""

NULL_IS_MEANT: Final = "callpolicy_null"
"""Key of a field's schema that says that `null` may be written."""

Effect_ = Annotated[Effect, Field(strict=False)]
Kind_ = Annotated[Kind, Field(strict=False)]
