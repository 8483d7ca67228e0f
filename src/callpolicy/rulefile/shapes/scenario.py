"""`scenarios/*.yaml`: whole calls with a virtual clock."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from callpolicy.events import EVENT_TYPES
from callpolicy.policy import By, Obligation
from callpolicy.rulefile.shapes.base import (
    NULL_IS_MEANT,
    DottedName,
    Duration,
    Effect_,
    ExpectedFacts,
    Instant,
    Kind_,
    Line,
    Lines,
    Name,
    Shape,
    TermName,
    Text,
    read_duration,
    read_instant,
)


def read_moment(value: object) -> tuple[str, int]:
    """An instant, or a duration after the scenario's start, as written; which of the two it is comes first.

    Raises:
        PydanticCustomError: it is neither.
    """
    if isinstance(value, str) and "T" in value:
        return "instant", read_instant(value)
    return "offset", read_duration(value)


Moment = Annotated[
    tuple[str, int],
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "examples": ["2026-03-01T00:00:00+08:00", "12h"]}),
]
_NULL: Final[dict[str, JsonValue]] = {NULL_IS_MEANT: True}
RuleIds = Annotated[list[Name], Field(max_length=100)]
Obligations = list[Annotated[Obligation, Field(strict=False)]]


class ListEntryShape(Shape):
    """A blocklist or allowlist entry that stands when the scenario starts; `number` or `customer` says whose."""

    list: Literal["blocklist", "allowlist"] = Field(description="Which list.")
    number: Line | None = Field(default=None, description="The number it is about, in quotes.")
    customer: Line | None = Field(default=None, description="The customer it is about.")
    from_: Moment | None = Field(
        default=None,
        alias="from",
        description="First instant at which it holds, or a duration after the start; the start if left out.",
    )
    until: Moment | None = Field(
        default=None,
        description="First instant at which it no longer holds, or a duration after the start; none if left out.",
    )
    reason: Line | None = Field(default=None, description="Why.")


class NotEmpty(Shape):
    """A mapping in which something must stand; `callpolicy.rulefile.expectations` says so where nothing does."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})


class StageExpectShape(NotEmpty):
    """What one stage must come to, whichever it is; what is left out is not looked at."""

    default: bool | None = Field(default=None, description="Whether nothing matched in this stage.")
    determining: RuleIds | None = Field(
        default=None, description="Ids of the determining rules of this stage, all of them."
    )
    held_by: RuleIds | None = Field(default=None, description="Ids of the rules that made this stage's effect kinder.")
    invariants: RuleIds | None = Field(default=None, description="Ids of the invariants that acted in this stage.")
    obligations: Obligations | None = Field(
        default=None, description="What must also be done because of this stage, all of it."
    )


class ClassifyExpectShape(StageExpectShape):
    """What `classify` must come to."""

    class_: Effect_ | None = Field(default=None, alias="class", description="Class of the caller.")
    kind: Kind_ | None = Field(default=None, json_schema_extra=_NULL, description="Kind within the class, or `null`.")


class EffectExpectShape(StageExpectShape):
    """What a stage with an effect must come to."""

    effect: Effect_ | None = Field(default=None, description="Effect of this stage.")
    by: Annotated[By, Field(strict=False)] | None = Field(default=None, description="Who carries the effect out.")
    say: DottedName | None = Field(default=None, json_schema_extra=_NULL, description="Script of this stage.")
    hidden: Effect_ | None = Field(default=None, json_schema_extra=_NULL, description="Effect that protection hid.")


class BlocklistExpectShape(EffectExpectShape):
    """What `blocklist` must come to."""

    term: TermName | None = Field(default=None, json_schema_extra=_NULL, description="Term of the block.")


class CallExpectShape(EffectExpectShape):
    """What `screen` or `hangup` must come to."""

    to: Line | None = Field(default=None, json_schema_extra=_NULL, description="Role or queue that takes over.")


class StagesShape(NotEmpty):
    """What each stage must come to; a stage that is left out is not looked at."""

    classify: ClassifyExpectShape | None = Field(default=None, description="Which class of caller this is.")
    blocklist: BlocklistExpectShape | None = Field(default=None, description="Whether the caller is put on the list.")
    screen: CallExpectShape | None = Field(default=None, description="What happens before the call is answered.")
    hangup: CallExpectShape | None = Field(default=None, description="What happens in the call.")


class ExpectShape(NotEmpty):
    """What the decision made at a step must be; what is left out is not looked at."""

    effect: Effect_ | None = Field(
        default=None, description="Effect of the main stage: screen, hangup or, after the call, blocklist."
    )
    by: Annotated[By, Field(strict=False)] | None = Field(default=None, description="Who carries the effect out.")
    class_: Effect_ | None = Field(default=None, alias="class", description="Class of the caller.")
    kind: Kind_ | None = Field(default=None, json_schema_extra=_NULL, description="Kind within the class, or `null`.")
    screen: Effect_ | None = Field(default=None, description="Effect of `screen`.")
    hangup: Effect_ | None = Field(default=None, description="Effect of `hangup`.")
    blocklist: Effect_ | None = Field(default=None, description="Effect of `blocklist`.")
    term: TermName | None = Field(default=None, json_schema_extra=_NULL, description="Term of the block.")
    to: Line | None = Field(default=None, json_schema_extra=_NULL, description="Role or queue that takes over.")
    say: DottedName | None = Field(default=None, json_schema_extra=_NULL, description="Script of the main stage.")
    default: bool | None = Field(default=None, description="Whether nothing matched in the main stage.")
    determining: RuleIds | None = Field(
        default=None, description="Ids of the determining rules of the main stage, all of them."
    )
    held_by: RuleIds | None = Field(
        default=None, description="Ids of the rules that made the main stage's effect kinder."
    )
    invariants: RuleIds | None = Field(default=None, description="Ids of the invariants that acted in the main stage.")
    hidden: Effect_ | None = Field(default=None, json_schema_extra=_NULL, description="Effect that protection hid.")
    obligations: Obligations | None = Field(
        default=None, description="What must also be done, all of it, over all stages."
    )
    recheck_at: Duration | None = Field(
        default=None, json_schema_extra=_NULL, description="When the decision is to be made again, after the start."
    )
    stages: StagesShape | None = Field(
        default=None, description="What each stage must come to, by its name; what is left out is not looked at."
    )
    facts: ExpectedFacts = Field(
        default={},
        json_schema_extra={"minProperties": 1},
        description="Values that facts must have; `null` for unknown.",
    )


class StepShape(Shape):
    """One step: something happens, and perhaps something is expected then."""

    at: Duration = Field(description="When, after the scenario's start; steps are in order of time.")
    call: Name = Field(description="Name of the call.")
    do: Annotated[str, Field(json_schema_extra={"enum": list(EVENT_TYPES)})] | None = Field(
        default=None, description="Name of the event; left out if the step only expects."
    )
    with_: dict[str, Any] = Field(default={}, alias="with", description="Fields of the event.")
    expect: ExpectShape | None = Field(default=None, description="What the decision made then must be.")


class ScenarioFile(Shape):
    """One or more whole calls with a virtual clock."""

    id: Name = Field(description="Unique among the scenarios; the stem of the file.")
    title: Lines = Field(description="What it shows, in one line per language.")
    story: Text | None = Field(default=None, description="More about it, for readers.")
    start: Instant = Field(description="The instant of offset 0.")
    calls: dict[Name, dict[str, Any]] = Field(
        min_length=1, max_length=200, description="The calls by name: the fields of each one's `offered` event."
    )
    lists: list[ListEntryShape] = Field(
        default=[], max_length=200, description="List entries that stand from the start."
    )
    steps: list[StepShape] = Field(min_length=1, max_length=2_000, description="What happens, in order of time.")
