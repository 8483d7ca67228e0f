"""The mapping file: how the columns of a recorded table become events."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from callpolicy.errors import Finding, RuleFileError, SourceSpan
from callpolicy.events import EVENT_TYPES, Feed

_LARGEST: int = 1 << 20


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(_Shape):
    """Where the value of a field comes from: a column, or a constant."""

    column: str | None = Field(None, description="the column that holds the value")
    const: str | bool | None = Field(None, description="a value that is the same for every row")
    none: tuple[str, ...] = Field(("",), description="texts that mean that there is no value")
    values: dict[str, str | bool | None] = Field({}, description="text in the column → value of the field")
    number: Literal["int", "float"] | None = Field(None, description="read the text as a number")


class When(_Shape):
    """Where an instant comes from: columns joined by a space and read with a format, or seconds after another event."""

    columns: tuple[str, ...] = Field((), description="columns whose texts, joined by a space, are the instant")
    none: tuple[str, ...] = Field(
        ("",), description="texts in the last of the columns that mean that it did not happen"
    )
    after: str | None = Field(None, description="name of an earlier event of the same row; `seconds` count from it")
    seconds: str | None = Field(None, description="column with the seconds after that event")


class EventMap(_Shape):
    """One event that a row may give."""

    event: str = Field(description="name of the event")
    only_if: dict[str, tuple[str, ...]] = Field({}, description="column → texts; the row gives the event if all hold")
    at: tuple[When, ...] = Field(description="where its instant comes from; the first that is there counts")
    with_: dict[str, Source] = Field({}, alias="with", description="fields of the event")
    facts: dict[str, Source] = Field({}, description="host facts, for `offered` and `tick`")

    @field_validator("event")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in EVENT_TYPES:
            raise ValueError(f"there is no event `{name}`; there are {', '.join(EVENT_TYPES)}")
        return name


class Mapping(_Shape):
    """A whole mapping file."""

    id: str = Field(description="name of the mapping, the stem of its file")
    title: dict[str, str] = Field(description="what it reads, per language")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = Field(",", description="what parts the columns")
    columns: tuple[str, ...] | None = Field(None, description="names of the columns, if the file has no header")
    encoding: str = Field("utf-8-sig", description="encoding of the file")
    time_zone: str = Field(description="IANA zone of instants without one")
    time_format: str = Field(description="how an instant is written, as for strptime; or `iso`, or `epoch` in seconds")
    call_id: tuple[str, ...] = Field((), description="columns that together name a call; empty for the row's number")
    feeds: tuple[Feed, ...] = Field((), description="feeds that the recorded calls had")
    events: tuple[EventMap, ...] = Field(description="events of a row, in order; the first is `offered`")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone `{name}`") from None
        return name

    @field_validator("events")
    @classmethod
    def _offered_first(cls, events: tuple[EventMap, ...]) -> tuple[EventMap, ...]:
        if not events or events[0].event != "offered":
            raise ValueError("the first event of a row must be `offered`")
        return events

    def columns_read(self) -> set[str]:
        """Every column that the mapping looks at."""
        names = set(self.call_id)
        for event in self.events:
            names.update(event.only_if)
            for when in event.at:
                names.update(when.columns)
                names.update([when.seconds] if when.seconds else [])
            for source in (*event.with_.values(), *event.facts.values()):
                names.update([source.column] if source.column else [])
        return names


def shipped() -> tuple[str, ...]:
    """Names of the mappings that come with the package."""
    folder = resources.files("callpolicy.replay") / "mappings"
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")))


def load_mapping(name: str) -> Mapping:
    """A mapping by the name of a shipped one, or by the path of a file.

    Raises:
        RuleFileError: there is no such mapping, or it cannot be used as written; all its faults are told.
    """
    if name in shipped():
        text = (resources.files("callpolicy.replay") / "mappings" / f"{name}.yaml").read_text("utf-8")
        return _parse(text, f"{name}.yaml")
    path = Path(name)
    try:
        if path.stat().st_size > _LARGEST:
            raise _refused("file-too-large", f"`{path.name}` is larger than 1 MiB", path.name)
        return _parse(path.read_text("utf-8"), path.name)
    except OSError:
        known = ", ".join(f"`{each}`" for each in shipped())
        raise _refused(
            "no-such-mapping", f"there is no mapping `{name}`", path.name, f"give a file, or one of {known}"
        ) from None
    except UnicodeDecodeError:
        raise _refused("not-utf-8", f"`{path.name}` is not UTF-8 text", path.name) from None


def _parse(text: str, file: str) -> Mapping:
    try:
        tree = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = SourceSpan(file, mark.line + 1, mark.column + 1) if mark else SourceSpan(file, 1, 1)
        raise RuleFileError((Finding("yaml", "the file is not YAML", place),)) from None
    try:
        return Mapping.model_validate(tree)
    except ValidationError as error:
        raise RuleFileError(tuple(_finding(fault, file) for fault in error.errors(include_url=False))) from None


def _finding(fault: Any, file: str) -> Finding:
    place = ".".join(str(part) for part in fault["loc"])
    return Finding(
        "mapping-" + fault["type"].replace("_", "-"), f"`{place}`: {fault['msg'].lower()}", SourceSpan(file, 1, 1)
    )


def _refused(code: str, message: str, file: str, hint: str = "") -> RuleFileError:
    return RuleFileError((Finding(code, message, SourceSpan(file, 1, 1), hint),))
