"""The mapping file: how the columns of a recorded table become events."""

from __future__ import annotations

import codecs
from dataclasses import fields
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from callpolicy.errors import Finding, RuleFileError, SourceSpan
from callpolicy.events import EVENT_TYPES, Feed
from callpolicy.rulefile.tree import Document, read_document
from callpolicy.rulefile.zones import zone_hint

# What a row gives otherwise: its own place, the instants, the feeds of the mapping, host facts under `facts`.
_NOT_BY_COLUMN: Final = frozenset({"call_id", "seq", "at", "began_at", "feeds", "facts"})
_RENAMED: Final = {"class": "class_"}
# A moment whose parts all differ, so that a format that leaves the day out cannot give it back.
_PROBE: Final = datetime(2001, 2, 3, 14, 15, 16, tzinfo=UTC)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(_Shape):
    """Where the value of a field comes from: a column, or a constant."""

    column: str | None = Field(None, description="the column that holds the value")
    const: str | bool | None = Field(None, description="a value that is the same for every row")
    none: tuple[str, ...] = Field(("",), description="texts that mean that there is no value")
    values: dict[str, str | bool | None] = Field({}, description="text in the column → value of the field")
    number: Literal["int", "float"] | None = Field(None, description="read the text as a number")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) is (self.const is None):
            raise ValueError("a value comes from a `column` or is a `const`, one of them")
        return self


class When(_Shape):
    """Where an instant comes from: columns joined by a space and read with a format, or seconds after another event."""

    columns: tuple[str, ...] = Field((), description="columns whose texts, joined by a space, are the instant")
    none: tuple[str, ...] = Field(
        ("",), description="texts in the last of the columns that mean that it did not happen"
    )
    after: str | None = Field(None, description="name of an earlier event of the same row; `seconds` count from it")
    seconds: str | None = Field(None, description="column with the seconds after that event")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.after is None) is not (self.seconds is None) or bool(self.columns) is (self.after is not None):
            raise ValueError("an instant comes from `columns`, or from `after` and `seconds`")
        return self


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

    @field_validator("with_")
    @classmethod
    def _renamed(cls, sources: dict[str, Source]) -> dict[str, Source]:
        return {_RENAMED.get(name, name): source for name, source in sources.items()}

    @model_validator(mode="after")
    def _fields_of_the_event(self) -> Self:
        if not self.at:
            raise ValueError(f"`at` of `{self.event}` says from nowhere when it happened")
        own = {each.name for each in fields(EVENT_TYPES[self.event])}
        for name in self.with_:
            if name not in own - _NOT_BY_COLUMN:
                known = ", ".join(sorted(own - _NOT_BY_COLUMN)) or "none"
                raise ValueError(f"`{self.event}` has no field `{name}` that a column can give; it has: {known}")
        if self.facts and "facts" not in own:
            raise ValueError(f"`{self.event}` takes no host facts; `offered` and `tick` do")
        return self


class Mapping(_Shape):
    """A whole mapping file."""

    id: str = Field(description="name of the mapping, the stem of its file")
    title: dict[str, str] = Field(description="what it reads, per language")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = Field(",", description="what parts the columns")
    quoting: Literal["standard", "none"] = Field(
        "standard", description='`standard`: `"` holds a cell together; `none`: it is a character as any other'
    )
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
            raise ValueError(f"there is no time zone `{name}`; {zone_hint(name)}") from None
        return name

    @field_validator("delimiter")
    @classmethod
    def _parts(cls, delimiter: str) -> str:
        if delimiter in '\r\n"':
            raise ValueError("a line break or a quote cannot part columns")
        return delimiter

    @field_validator("columns")
    @classmethod
    def _named_once(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and len(set(names)) < len(names):
            raise ValueError("a column is named twice")
        return names

    @field_validator("encoding")
    @classmethod
    def _decodes(cls, name: str) -> str:
        try:
            codecs.lookup(name)
        except (LookupError, ValueError):
            raise ValueError(f"there is no encoding `{name}`") from None
        return name

    @field_validator("time_format")
    @classmethod
    def _says_the_day(cls, form: str) -> str:
        if form in {"iso", "epoch"}:
            return form
        try:
            told = datetime.strptime(_PROBE.strftime(form), form)
        except ValueError:
            told = None
        if told is None or told.date() != _PROBE.date():
            raise ValueError("an instant needs its day: write `iso`, `epoch`, or a format like `%Y-%m-%d %H:%M:%S`")
        return form

    @field_validator("events")
    @classmethod
    def _in_order(cls, events: tuple[EventMap, ...]) -> tuple[EventMap, ...]:
        if not events or events[0].event != "offered":
            raise ValueError("the first event of a row must be `offered`")
        before: set[str] = set()
        for each in events:
            for when in each.at:
                if when.after is not None and when.after not in before:
                    raise ValueError(f"`{each.event}` counts from `{when.after}`, which is no event before it")
            before.add(each.event)
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
        source = resources.files("callpolicy.replay") / "mappings" / f"{name}.yaml"
        return _read(f"{name}.yaml", source.read_bytes())
    try:
        data = Path(name).read_bytes()
    except (OSError, ValueError):
        known = ", ".join(f"`{each}`" for each in shipped())
        message, hint = f"there is no mapping `{name}`", f"give a file, or one of {known}"
        raise RuleFileError((Finding("no-such-mapping", message, SourceSpan(name, 1, 1), hint),)) from None
    return _read(Path(name).name, data)


def _read(file: str, data: bytes) -> Mapping:
    document, findings = read_document(file, data)
    if document.broken or findings:
        raise RuleFileError(tuple(findings))
    try:
        return Mapping.model_validate(document.value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        raise RuleFileError(tuple(_finding(fault, document) for fault in faults)) from None


def _finding(fault: Any, document: Document) -> Finding:
    path = tuple(step for step in fault["loc"] if step != "[key]")
    name = ".".join(str(step) for step in path) or "the file"
    message = fault["msg"].removeprefix("Value error, ")
    return document.source.finding(
        "mapping-" + fault["type"].replace("_", "-"),
        document.place(path, key=fault["type"] == "extra_forbidden"),
        f"`{name}`: {message[:1].lower()}{message[1:]}",
    )
