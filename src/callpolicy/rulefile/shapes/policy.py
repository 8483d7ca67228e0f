"""`policy.yaml`: what holds for the whole bundle."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from callpolicy.events import Feed
from callpolicy.identity import IdentityKind
from callpolicy.points import Effect, Stage
from callpolicy.rulefile.shapes.base import (
    Day,
    DottedName,
    Duration,
    Effect_,
    FactName,
    Kind_,
    Line,
    Lines,
    Name,
    Shape,
    Tag,
    shown,
    wrong,
)
from callpolicy.rulefile.shapes.protected import CountryCode, Group_
from callpolicy.rulefile.shapes.rule import Priority

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of weekdays, in the order of ISO 8601."""

_LAST_MINUTE = 24 * 60


def read_hours(value: object) -> tuple[int, int]:
    """Opening hours as written, as minutes since local midnight: [opens, closes).

    Raises:
        PydanticCustomError: they are none.

    >>> read_hours("08:30-12:00")
    (510, 720)
    """
    hint = "write it in quotes as `08:30-12:00`, up to `24:00`"
    if not isinstance(value, str):
        raise wrong("bad-hours", f"{shown(value)} are not opening hours", hint)
    minutes = [_minute(part) for part in value.split("-")]
    match minutes:
        case [int() as opens, int() as closes] if opens < closes:
            return opens, closes
        case [int(), int()]:
            raise wrong(
                "bad-hours", f"{shown(value)} does not open before it closes", "hours past midnight go to the next day"
            )
        case _:
            raise wrong("bad-hours", f"{shown(value)} are not opening hours", hint)


def _minute(text: str) -> int | None:
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        return None
    if len(hours) > 2 or len(minutes) != 2 or int(minutes) > 59:  # noqa: PLR2004 - digits and minutes of a clock
        return None
    total = int(hours) * 60 + int(minutes)
    return total if total <= _LAST_MINUTE else None


Hours = Annotated[
    tuple[int, int],
    BeforeValidator(read_hours),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$", "examples": ["08:30-12:00"]}
    ),
]
HoursOfDay = Annotated[list[Hours], Field(max_length=20)]


class WeekShape(Shape):
    """Business hours per weekday; a weekday that is left out is closed."""

    mon: HoursOfDay = Field(default=[], description="Monday")
    tue: HoursOfDay = Field(default=[], description="Tuesday")
    wed: HoursOfDay = Field(default=[], description="Wednesday")
    thu: HoursOfDay = Field(default=[], description="Thursday")
    fri: HoursOfDay = Field(default=[], description="Friday")
    sat: HoursOfDay = Field(default=[], description="Saturday")
    sun: HoursOfDay = Field(default=[], description="Sunday")


class StageShape(Shape):
    """A stage as the product has it, restated for readers."""

    default: Effect_ = Field(description="What holds when no rule matches: the most lenient effect.")
    effects: list[Effect_] = Field(description="All effects of the stage, the most lenient first.")


class StagesShape(Shape):
    """The four stages; they are fixed, and stand here so that a reader sees them."""

    classify: StageShape = Field(description="Which class of caller this is.")
    blocklist: StageShape = Field(description="Whether the caller is put on the blocklist.")
    screen: StageShape = Field(description="Whether the contact is accepted, before it is answered.")
    hangup: StageShape = Field(description="What the agent does next, up to hanging up.")

    def items(self) -> tuple[tuple[Stage, StageShape], ...]:
        """The stages with what is said of them."""
        return (
            (Stage.CLASSIFY, self.classify),
            (Stage.BLOCKLIST, self.blocklist),
            (Stage.SCREEN, self.screen),
            (Stage.HANGUP, self.hangup),
        )


class ProtectedShape(Shape):
    """A protected class: callers who may never be barred or hung up on."""

    title: Lines = Field(description="What the class is called, in one line per language.")
    numbers: list[Line] = Field(
        default=[],
        max_length=5_000,
        description="Numbers in it, in quotes; national ones are read in the policy's region.",
    )
    countries: list[CountryCode] = Field(
        default=[],
        max_length=300,
        description="Countries whose public service numbers are in it too, as `[CN]`; see `callpolicy protected`.",
    )
    groups: list[Group_] = Field(
        default=[],
        max_length=10,
        description="Which numbers of the countries; if left out, the group that is called as the class.",
    )


class StandingBlockShape(Shape):
    """How a standing block is applied in `screen`."""

    effect: Effect_ = Field(default=Effect.REJECT, description="What is done with a blocked caller: a `screen` effect.")
    priority: Priority = Field(default=1000, description="Priority at which it takes part among the screen rules.")
    say: DottedName | None = Field(default=None, description="Id of the script that the caller hears.")


class RetentionShape(Shape):
    """How long what the product keeps is kept; what is older is erased."""

    history: Duration | None = Field(
        default=None,
        description="Items of callers' histories, from when they happened; left out, as far as the windows reach.",
    )
    cases: Duration = Field(
        default="730d", validate_default=True, description="Complaint cases, from their last contact."
    )
    blocks: Duration = Field(
        default="730d", validate_default=True, description="Blocks and allowlist entries, from their end."
    )
    personal: Duration = Field(
        default="365d",
        validate_default=True,
        description="The personal parts of audit records, from the record on; the rest of a record stays.",
    )


class PrivacyShape(Shape):
    """What may be shown of a person."""

    clear: list[FactName] = Field(
        default=[],
        max_length=500,
        description="Personal facts that may stand in clear text in records and reports; all others are masked.",
    )


class PolicyFile(Shape):
    """What holds for the whole bundle."""

    name: Line = Field(description="Name of the norm.")
    region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = Field(
        description="Region of numbers without a country code, ISO 3166 alpha-2, e.g. `CN`."
    )
    time_zone: Line = Field(description="IANA name of the centre's zone, e.g. `Asia/Shanghai`.")
    languages: list[Tag] = Field(min_length=1, max_length=20, description="The languages that every text must have.")
    stages: StagesShape = Field(
        description="The stages, their effects in order and their defaults; fixed, for readers."
    )
    business_hours: WeekShape = Field(default=WeekShape(), description="When the centre is open, per weekday.")
    holidays: list[Day] = Field(default=[], max_length=1_000, description="Dates on which the centre is closed.")
    feeds: list[Annotated[Feed, Field(strict=False)]] = Field(
        default=[], max_length=10, description="What reports on conversations, unless a call says otherwise."
    )
    offence_signals: dict[Name, Kind_] = Field(
        default={},
        description="Lexicon signals in what the caller says that count as offences, with the kind of offence.",
    )
    protected: dict[Name, ProtectedShape] = Field(default={}, description="Protected classes.")
    standing_block: StandingBlockShape = Field(
        default=StandingBlockShape(), description="How standing blocks are applied."
    )
    list_identities: list[Annotated[IdentityKind, Field(strict=False)]] = Field(
        default=[IdentityKind.CUSTOMER, IdentityKind.NUMBER],
        min_length=1,
        max_length=2,
        description="The identity kinds that blocklist and allowlist look at, in this order.",
    )
    retention: RetentionShape | None = Field(
        default=None, description="How long what the product keeps is kept; left out, for as long as the defaults say."
    )
    privacy: PrivacyShape = Field(default=PrivacyShape(), description="Which personal facts may be shown.")
