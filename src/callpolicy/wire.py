"""Events as JSON from outside, and back: one object per event.

`{"event": "warned", "call_id": "c1", "seq": 3, "at": "2026-03-01T10:00:00+08:00"}`: `event` is a name of
`callpolicy.events`, the other keys are the fields of that event. Instants are RFC 3339 text with a zone, or whole
microseconds since 1970-01-01T00:00:00Z. Unknown keys are refused. What is refused is named by its place, never by its
value: a value may be a telephone number or what somebody said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Final, cast, get_type_hints

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from callpolicy.errors import CallEventError
from callpolicy.events import EVENT_TYPES, CallEvent, Event
from callpolicy.facts import Catalogue, FactType
from callpolicy.instants import LATEST, instant_text, parse_duration, parse_instant

LONGEST_LINE: Final = 1 << 20
"""The longest line of JSON that is read. Units: bytes, or characters of a line that comes as text."""

_INSTANT: Final = "must be RFC 3339 text with a zone, or whole microseconds from 1970 to the end of 9999"
_WORDING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "is no key of it",
        "string_type": "must be a text",
        "string_too_short": "must not be empty",
        "int_type": "must be a whole number",
        "greater_than_equal": "must not be negative",
        "bool_type": "must be true or false",
        "frozen_set_type": "must be a list",
        "dict_type": "must be an object",
        "instant": _INSTANT,
    }
)
_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {"missing": "missing-key", "extra_forbidden": "unknown-key", "instant": "bad-instant"}
)
_SHOWN_WORD: Final = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)


def _read_instant(value: object) -> int:
    if isinstance(value, str):
        try:
            value = parse_instant(value)
        except ValueError:
            raise PydanticCustomError("instant", "not an instant") from None
    if type(value) is not int or not 0 <= value <= LATEST:
        raise PydanticCustomError("instant", "not an instant")
    return value


_Instant = Annotated[
    int,
    BeforeValidator(
        _read_instant, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})] | int
    ),
]
_Name = Annotated[str, Field(min_length=1)]
_SHAPES_BY_FIELD: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "call_id": _Name,
        "case_id": _Name,
        "seq": Annotated[int, Field(strict=True, ge=0)],
        "at": _Instant,
        "began_at": _Instant | None,
        "on": StrictBool,
        "facts": dict[str, Any],
    }
)
# WHY: `class` is a word of Python, not of JSON.
_KEYS: Final[Mapping[str, str]] = MappingProxyType({"class_": "class"})


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _shape(name: str, kind: type[CallEvent]) -> type[_Shape]:
    """The shape of an event's JSON, made from its fields so that the two cannot drift apart."""
    hints = get_type_hints(kind)
    columns: dict[str, Any] = {"event": (Annotated[str, Field(json_schema_extra={"const": name})], ...)}
    for each in fields(kind):
        default: Any = ... if each.default is MISSING else each.default
        if each.default_factory is not MISSING:
            default = Field(default_factory=each.default_factory)
        hint = _SHAPES_BY_FIELD.get(each.name, hints[each.name])
        if default is None:
            hint |= None
        key = _KEYS.get(each.name)
        columns[each.name] = (Annotated[hint, Field(alias=key)] if key else hint, default)
    return create_model(name, __base__=_Shape, __doc__=kind.__doc__, **columns)


_SHAPES: Final[Mapping[str, type[_Shape]]] = MappingProxyType(
    {name: _shape(name, kind) for name, kind in EVENT_TYPES.items()}
)
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: tuple(each.name for each in fields(kind)) for name, kind in EVENT_TYPES.items()}
)
_PLACES: Final = frozenset({"event"} | {_KEYS.get(name, name) for names in _FIELDS.values() for name in names})


def event_from_dict(data: object, catalogue: Catalogue | None = None) -> Event:
    """An event from its JSON object.

    Args:
        data: what a JSON reader made of it.
        catalogue: if given, host facts in `facts` that are written as text are read as `facts_from_json` does.

    Raises:
        CallEventError: it is no event; the message names the key, never its value.

    >>> event_from_dict({"event": "warned", "call_id": "c1", "seq": 3, "at": "1970-01-01T08:00:01+08:00"})
    Warned(call_id='c1', seq=3, at=1000000)
    """
    if not isinstance(data, Mapping):
        raise CallEventError("not-an-object", "an event must be a JSON object")
    name = data.get("event")
    shape = _SHAPES.get(name) if isinstance(name, str) else None
    if not isinstance(name, str) or shape is None:
        raise _unknown_event(name, given="event" in data)
    try:
        read = shape.model_validate(data)
    except ValidationError as error:
        raise _refused(name, error) from None
    values = {each: getattr(read, each) for each in _FIELDS[name]}
    if catalogue is not None and "facts" in values:
        values["facts"] = facts_from_json(catalogue, values["facts"])
    return cast(Event, EVENT_TYPES[name](**values))


def event_to_dict(event: Event) -> dict[str, Any]:
    """The JSON object of an event; `event_from_dict` reads it back. A field that has its default is left out.

    >>> from callpolicy.events import Warned
    >>> event_to_dict(Warned(call_id="c1", seq=3, at=1_000_000))
    {'event': 'warned', 'call_id': 'c1', 'seq': 3, 'at': '1970-01-01T00:00:01.000000Z'}
    """
    data: dict[str, Any] = {"event": event.name}
    for each in fields(event):
        value = getattr(event, each.name)
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if value == default and default is not MISSING:
            continue
        key = _KEYS.get(each.name, each.name)
        data[key] = instant_text(value) if each.name in ("at", "began_at") else _plain(value)
    return data


def read_events(lines: Iterable[bytes | str], catalogue: Catalogue | None = None) -> Iterator[Event]:
    """Events from JSON lines, one object a line; blank lines are passed over.

    Args:
        lines: the lines of a file, UTF-8 if they are bytes.
        catalogue: see `event_from_dict`.

    Returns:
        An iterator that raises at a line that is no event, and can then be asked for the next line.

    Raises:
        CallEventError: a line is no event; the message begins with its number, counted from 1.

    >>> [event.name for event in read_events(['{"event":"warned","call_id":"c1","seq":3,"at":0}', ""])]
    ['warned']
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    # WHY map: unlike a generator it goes on after an error.
    return map(partial(_read_line, catalogue), numbered)


def facts_from_json(catalogue: Catalogue, given: Mapping[str, object]) -> dict[str, object]:
    """Host facts as they are written, with durations (`30s`) and instants (RFC 3339) as microseconds.

    Args:
        catalogue: the declared facts.
        given: fact name to value.

    Returns:
        The same names. What cannot be read stays as it is, so that whoever takes the facts in lists it as a fault.

    >>> from callpolicy.facts.builtin import BUILTIN
    >>> facts_from_json(BUILTIN, {"talk.quiet_for": "2s", "case.final_result_at": "yesterday"})
    {'talk.quiet_for': 2000000, 'case.final_result_at': 'yesterday'}
    """
    return {name: _fact_from_json(catalogue, name, value) for name, value in given.items()}


def event_schema() -> dict[str, Any]:
    """The JSON Schema of one event."""
    shapes = tuple(_SHAPES.values())
    union: Any = shapes[0]
    for shape in shapes[1:]:
        union |= shape
    return TypeAdapter(union).json_schema(by_alias=True)


def _fact_from_json(catalogue: Catalogue, name: str, value: object) -> object:
    fact = catalogue.get(name)
    if fact is None or not isinstance(value, str):
        return value
    try:
        if fact.type is FactType.DURATION:
            return parse_duration(value)
        if fact.type is FactType.TIMESTAMP:
            return parse_instant(value)
    except ValueError:
        return value
    return value


def _read_line(catalogue: Catalogue | None, numbered: tuple[int, bytes | str]) -> Event:
    number, line = numbered
    try:
        if len(line) > LONGEST_LINE:
            raise CallEventError("line-too-long", f"a line has at most {LONGEST_LINE} bytes")
        return event_from_dict(_parse(line), catalogue)
    except CallEventError as error:
        message = str(error).removesuffix(f" [{error.code}]")
        raise CallEventError(error.code, f"line {number}: {message}") from None


def _parse(line: bytes | str) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        # WHY only the place: the rest of the message may hold what was said.
        raise CallEventError("not-json", f"not JSON in UTF-8, at column {error.colno}") from None


def _plain(value: object) -> object:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(str(element) for element in value)
    if isinstance(value, Mapping):
        return {str(key): _plain(element) for key, element in value.items()}
    return value


def _unknown_event(name: object, *, given: bool) -> CallEventError:
    if not given:
        return CallEventError("missing-key", "`event` is missing: it names what happened")
    if not isinstance(name, str) or not _SHOWN_WORD.fullmatch(name):
        return CallEventError("unknown-event", "`event` must be the name of an event, such as `warned`")
    return CallEventError("unknown-event", f"there is no event `{name}`{_did_you_mean(name, EVENT_TYPES)}")


def _refused(name: str, error: ValidationError) -> CallEventError:
    faults = error.errors(include_url=False, include_context=True, include_input=False)
    code = _CODES.get(faults[0]["type"], "bad-value")
    return CallEventError(code, f"`{name}`: {'; '.join(_told(name, fault) for fault in faults)}")


def _told(name: str, fault: ErrorDetails) -> str:
    kind = fault["type"]
    place = str(fault["loc"][0])
    if place not in _PLACES and not _SHOWN_WORD.fullmatch(place):
        return f"a key {_WORDING.get(kind, 'is not valid')}"
    if kind == "enum":
        return f"`{place}` must be one of {fault['ctx']['expected']}"
    hint = _did_you_mean(place, _keys_of(name)) if kind == "extra_forbidden" else ""
    return f"`{place}` {_WORDING.get(kind, 'is not valid')}{hint}"


def _keys_of(name: str) -> list[str]:
    return [_KEYS.get(each, each) for each in _FIELDS[name]]


def _did_you_mean(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
