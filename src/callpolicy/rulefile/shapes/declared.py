"""`windows.yaml`, `facts.yaml`, `invariants.yaml`, `scripts.yaml` and `lexicons/*.yaml`: what a bundle declares."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from callpolicy.facts import FactType, Privacy
from callpolicy.points import DecisionPoint
from callpolicy.rulefile.shapes.base import (
    ConditionTree,
    DottedName,
    Duration,
    Effect_,
    FactName,
    Line,
    Lines,
    Name,
    Shape,
    Tag,
    Text,
    TextsByLanguage,
)

_ITEMS = "`calls`, `judged` or the name of an event"
_MOST = 2_000


class WindowShape(Shape):
    """One window over the other calls of the same caller; it makes one `history.*` fact.

    Exactly one of `count`, `distinct` and `seconds_since` says what is measured.
    """

    fact: FactName = Field(description="Name of the fact that the window makes: `history.…`.")
    title: Lines = Field(description="What the fact says, in one line per language.")
    count: Name | None = Field(default=None, description=f"How many: {_ITEMS}. Gives a whole number.")
    distinct: Name | None = Field(
        default=None,
        description="How many different values of this attribute; `over` says of what. Gives a whole number.",
    )
    over: Name | None = Field(default=None, description=f"With `distinct`: {_ITEMS}; `calls` if left out.")
    seconds_since: Name | None = Field(
        default=None, description=f"How long since the last: {_ITEMS}. Gives a duration."
    )
    within: Duration | None = Field(default=None, description="How far back, in elapsed time; both ends belong to it.")
    calendar: Literal["day"] | None = Field(
        default=None, description="`day`: the centre's local day, instead of `within`."
    )
    where: dict[Name, Annotated[list[Line], Field(min_length=1, max_length=100)]] = Field(
        default={}, description="Attributes and their allowed values; only what has all of them counts."
    )
    same_as_current: list[Name] = Field(
        default=[], max_length=20, description="Attributes that must be those of the current call."
    )
    identity: Literal["number", "customer"] = Field(
        default="number", description="Whose calls: the line's or the customer's."
    )


class WindowsFile(RootModel[Annotated[list[WindowShape], Field(max_length=_MOST)]]):
    """Windows over other calls."""


class FactShape(Shape):
    """One fact that the host (the IVR) gives."""

    name: FactName = Field(description="`namespace.name`; not in `talk`, `history` or `block`.")
    type: Annotated[FactType, Field(strict=False)] = Field(description="Type of its values.")
    title: Lines = Field(description="What the fact says, in one line per language.")
    unit: Line | None = Field(default=None, description="Unit of its values in words.")
    values: list[Line] = Field(
        default=[], max_length=_MOST, description="Allowed values of an enum, or of the elements of a set."
    )
    minimum: Any = Field(default=None, description="Least value a number can have, written as its type is written.")
    maximum: Any = Field(default=None, description="Greatest value a number can have, written as its type is written.")
    privacy: Annotated[Privacy, Field(strict=False)] = Field(
        default=Privacy.INTERNAL, description="`public`, `internal`, or `personal`: shown only masked."
    )
    known_from: Annotated[DecisionPoint, Field(strict=False)] = Field(
        default=DecisionPoint.OFFERED, description="The first decision point at which it can be known."
    )


class FactsFile(RootModel[Annotated[list[FactShape], Field(max_length=_MOST)]]):
    """Host facts."""


class NeverShape(Shape):
    """What must not happen, when, and what is done instead."""

    effects: list[Effect_] = Field(min_length=1, max_length=10, description="Effects of one stage.")
    when: ConditionTree = Field(description="The condition; while it is true or unknown the effects are not taken.")
    instead: Effect_ = Field(description="What is done instead: kinder than each of the effects.")


class InvariantShape(Shape):
    """One post-condition: these effects never while the condition is true or unknown."""

    id: Name = Field(description="Unique in the bundle.")
    title: Lines = Field(description="What is promised, in one line per language.")
    never: NeverShape = Field(description="What must not happen.")


class InvariantsFile(RootModel[Annotated[list[InvariantShape], Field(max_length=_MOST)]]):
    """Post-conditions of every decision."""


class ScriptShape(Shape):
    """What is said, per audience and language."""

    caller: TextsByLanguage = Field(description="What the agent or the system says to the caller.")
    agent: TextsByLanguage | None = Field(default=None, description="What the agent is told, with the reason.")


class ScriptsFile(RootModel[Annotated[dict[DottedName, ScriptShape], Field(max_length=_MOST)]]):
    """Scripts by id."""


class LexiconFile(Shape):
    """One word list; a hit raises its signal."""

    id: Name = Field(description="Unique in the bundle; the stem of the file.")
    signal: Name = Field(description="Name of the signal that a hit raises; several lists may raise the same.")
    language: Tag = Field(description="Language of the terms.")
    match: Literal["word", "substring"] = Field(
        description="`word`: a term stands alone, `term*` also begins words; `substring`: anywhere (for Chinese)."
    )
    title: Lines = Field(description="What the list is for, in one line per language.")
    terms: list[Line] = Field(
        min_length=1, max_length=20_000, description="What to look for: words without punctuation."
    )
    unless: list[Line] = Field(
        default=[], max_length=20_000, description="Longer phrases that contain a term but mean no harm."
    )
    source: Text | None = Field(default=None, description="Where the terms come from.")
