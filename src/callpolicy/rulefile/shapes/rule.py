"""`classify/ screen/ hangup/ blocklist/ *.yaml`: one rule per file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callpolicy.points import Stage
from callpolicy.policy import By, Obligation, Status
from callpolicy.rulefile.shapes.base import (
    ConditionTree,
    Day,
    DottedName,
    Duration,
    Effect_,
    GivenFacts,
    Kind_,
    Line,
    Lines,
    Name,
    Shape,
    TermName,
    TextsByLanguage,
)

HIGHEST_PRIORITY = 10_000
"""The largest priority a rule or a standing block can have."""

Priority = Annotated[int, Field(ge=0, le=HIGHEST_PRIORITY)]


class ThenShape(Shape):
    """What a rule says is to be done."""

    effect: Effect_ = Field(description="The effect; it must be one of the rule's stage.")
    kind: Kind_ | None = Field(
        default=None, description="Kind within the class; for `classify` only, needed unless normal."
    )
    by: Annotated[By, Field(strict=False)] = Field(
        default=By.AGENT, description="`agent` permits the agent, `system` makes the system do it. Not for `classify`."
    )
    term: TermName | None = Field(
        default=None, description="How long the block lasts; needed by `propose_block` and `block`, for nothing else."
    )
    wait: Duration | None = Field(
        default=None,
        description="How long to wait before the agent may hang up; needed by `offer_close`, for nothing else.",
    )
    to: Line | None = Field(
        default=None, description="Role or queue that takes over; needed by `escalate` and `divert`, for nothing else."
    )
    say: DottedName | None = Field(default=None, description="Id of the script of `scripts.yaml` that is said.")
    do: list[Annotated[Obligation, Field(strict=False)]] = Field(
        default=[], max_length=20, description="What must also be done."
    )


class PilotShape(Shape):
    """Where a pilot rule is enforced; elsewhere it runs as shadow. All that is given must hold."""

    teams: list[Line] = Field(default=[], max_length=500, description="`call.team` must be one of these.")
    queues: list[Line] = Field(default=[], max_length=500, description="`call.queue` must be one of these.")
    percent: int = Field(default=100, ge=0, le=100, description="Share of identities, chosen by a hash.")


class ExampleShape(Shape):
    """One example of a rule: facts that are given, all others unknown, and whether the rule matches."""

    name: Line = Field(description="What the example shows.")
    given: GivenFacts = Field(description="Known facts and their values; every other fact is unknown.")
    expect: Literal["match", "no_match", "undetermined"] = Field(description="Whether the rule matches.")


class RuleFile(Shape):
    """One rule: condition, effect, reasons, owner, review date, and its examples."""

    id: Name = Field(description="Unique in the bundle; the stem of the file.")
    stage: Annotated[Stage, Field(strict=False)] = Field(description="The stage; the name of the folder.")
    title: Lines = Field(description="What the rule is called, in one line per language.")
    status: Annotated[Status, Field(strict=False)] = Field(
        description="`draft`: examples only; `shadow`: runs and changes nothing; `pilot`: enforced where `pilot` says; "
        "`enforced`: everywhere; `retired`: nowhere."
    )
    owner: Line = Field(description="Who answers for the rule.")
    review_by: Day = Field(description="Date by which the rule must be looked at again.")
    priority: Priority = Field(description="Higher wins; at equal priority the most lenient effect.")
    norm: list[Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=20)]] = Field(
        default=[], max_length=20, description='Points of the written norm that the rule carries out, e.g. `["2.2"]`.'
    )
    when: ConditionTree = Field(description="The condition; the rule matches if it is true.")
    then: ThenShape = Field(description="What is to be done when the rule matches.")
    pilot: PilotShape | None = Field(default=None, description="Where the rule is enforced; with status `pilot` only.")
    because: TextsByLanguage = Field(description="The reason given, per language; `{fact.name}` is filled in.")
    examples: list[ExampleShape] = Field(
        default=[],
        max_length=500,
        description="For each leaf of the condition, two examples in which it alone decides.",
    )
