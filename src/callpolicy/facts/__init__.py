"""The catalogue of facts and the snapshot of their values that a decision is made from.

A fact is one named, typed value with a unit. What is not known is absent from a snapshot, and
reads as `UNKNOWN` (`None`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from callpolicy.condition import Condition, Op, facts_read
from callpolicy.errors import SourceSpan
from callpolicy.instants import LATEST
from callpolicy.points import DecisionPoint
from callpolicy.windows import Elapsed, Steps

_INT64: Final = 1 << 63
_SHOWN_NAME: Final = re.compile(r"(?!.*\d{4})[a-z_][a-z0-9_]{0,39}(?:\.[a-z0-9_]{1,60})?", re.ASCII)

UNKNOWN: Final = None
"""What a fact reads as that is not known."""

Value: TypeAlias = bool | int | float | str | frozenset[str]
"""A known value of a fact. Instants and durations are integers, in microseconds."""

Course: TypeAlias = Elapsed | Steps
"""How a value goes on in time when no event comes: see `callpolicy.windows`."""


class FactType(StrEnum):
    """The type of a fact's values."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    ENUM = "enum"
    DURATION = "duration"
    TIMESTAMP = "timestamp"
    STR_SET = "set of str"


class Privacy(StrEnum):
    """How a fact's value may be shown: openly, inside the centre, or only masked because it is about a person."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"


class Origin(StrEnum):
    """Who makes a fact's value."""

    ENGINE = "engine"
    FOLD = "fold"
    HISTORY = "history"
    HOST = "host"


_ANY_TYPE: Final = frozenset({Op.IS, Op.IS_NOT, Op.IN, Op.NOT_IN, Op.KNOWN})
_ORDERED: Final = frozenset({Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN, Op.BETWEEN})
OPERATORS: Final = MappingProxyType(
    {
        FactType.BOOL: frozenset({Op.IS, Op.IS_NOT, Op.KNOWN}),
        FactType.INT: _ANY_TYPE | _ORDERED,
        FactType.FLOAT: _ORDERED | {Op.KNOWN},
        FactType.STR: _ANY_TYPE | {Op.STARTS_WITH},
        FactType.ENUM: _ANY_TYPE,
        FactType.DURATION: _ORDERED | {Op.KNOWN},
        FactType.TIMESTAMP: _ORDERED | {Op.KNOWN},
        FactType.STR_SET: frozenset({Op.HAS, Op.HAS_ANY, Op.KNOWN}),
    }
)
"""Which operators a fact of a type takes. WHY no `is` on float, duration and timestamp: equality of measured
amounts is a trap; `between` says it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The declaration of one fact.

    Args:
        name: `namespace.name`.
        type: type of its values.
        title: one line per language (`zh-CN`, `en`).
        unit: unit of its values in words, empty if they have none; durations and instants are microseconds inside.
        known_from: the first decision point at which it can be known.
        anchor: if time alone moves it, what it is counted from or what makes it step, in words; else empty.
        privacy: how its value may be shown.
        values: the allowed values of an enum, or of the elements of a set; empty means any.
        minimum: least value a number can have; `None` for no bound.
        maximum: greatest value a number can have; `None` for no bound.
        origin: who makes its value.
        span: where a bundle declares it, if it does.
    """

    name: str
    type: FactType
    title: Mapping[str, str] = field(hash=False)
    unit: str = ""
    known_from: DecisionPoint = DecisionPoint.OFFERED
    anchor: str = ""
    privacy: Privacy = Privacy.INTERNAL
    values: tuple[str, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    origin: Origin = Origin.HOST
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


# What the switch or the host may learn after the call is offered; all else of `caller.*` and `call.*` the fold makes.
_LEARNED: Final = frozenset(
    {
        "call.queue",
        "call.team",
        "call.dialled",
        "call.language",
        "call.topic",
        "caller.attestation",
        "caller.allowlisted",
        "caller.protected",
        "caller.protected_class",
    }
)


def host_may_give(fact: Fact) -> bool:
    """Whether a host may give this fact: its own, `case.*`, and the few of `caller.*` and `call.*` it can learn."""
    return fact.origin is Origin.HOST or fact.name in _LEARNED or fact.name.startswith("case.")


@dataclass(frozen=True, slots=True)
class Relation:
    """A condition over facts that is never false, whatever happens on calls.

    Args:
        name: stable name.
        holds: the condition; it may be unknown, never false.
    """

    name: str
    holds: Condition


@dataclass(frozen=True, slots=True)
class InputFault:
    """A value from outside that was not taken, so that its fact is unknown.

    Args:
        fact: name of the fact, or of what should have been one; for `undeclared-feed` the name of the event.
        code: `wrong-type`, `not-a-number`, `out-of-range`, `not-allowed`, `unknown-fact`, `unparsable`, `contradiction`
            (values that cannot be together) or `undeclared-feed`.
    """

    fact: str
    code: str


class Catalogue:
    """Every fact that conditions may name, with the relations that always hold between them.

    Args:
        facts: declarations; a name may occur once.
        relations: conditions over those facts that are never false.

    Raises:
        ValueError: a name occurs twice, or a relation names a fact that is not there.
    """

    __slots__ = ("_facts", "relations")

    def __init__(self, facts: Iterable[Fact], relations: Iterable[Relation] = ()) -> None:
        self._facts: dict[str, Fact] = {}
        for fact in facts:
            if fact.name in self._facts:
                raise ValueError(f"fact `{fact.name}` is declared twice")
            self._facts[fact.name] = fact
        self.relations: tuple[Relation, ...] = tuple(relations)
        for relation in self.relations:
            missing = facts_read(relation.holds) - self._facts.keys()
            if missing:
                raise ValueError(f"relation `{relation.name}` names no fact of the catalogue: {sorted(missing)}")

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, name: str) -> Fact | None:
        """The declaration of a fact, or `None`."""
        return self._facts.get(name)

    def extended(self, facts: Iterable[Fact], relations: Iterable[Relation] = ()) -> Catalogue:
        """A catalogue with more facts and relations; this one stays as it is."""
        return Catalogue([*self, *facts], [*self.relations, *relations])


def accept(fact: Fact, value: object) -> tuple[Value | None, str]:
    """Take one value from outside, or say why it is unknown.

    Args:
        fact: its declaration.
        value: what the host gave; `None` means that it does not know.

    Returns:
        the value and an empty code, or `None` and the code of the fault (see `InputFault`).

    >>> accept(Fact("call.hour", FactType.INT, {}, minimum=0, maximum=23), 24)
    (None, 'out-of-range')
    """
    if value is None:
        return None, ""
    match fact.type:
        case FactType.BOOL:
            return (value, "") if isinstance(value, bool) else (None, "wrong-type")
        case FactType.INT | FactType.DURATION | FactType.TIMESTAMP:
            return _accept_int(fact, value)
        case FactType.FLOAT:
            return _accept_float(fact, value)
        case FactType.STR:
            return _accept_text(value)
        case FactType.ENUM:
            if not isinstance(value, str):
                return None, "wrong-type"
            return (str(value), "") if value in fact.values else (None, "not-allowed")
        case FactType.STR_SET:
            return _accept_set(fact, value)


def _accept_int(fact: Fact, value: object) -> tuple[Value | None, str]:
    if isinstance(value, bool) or not isinstance(value, int):
        return None, "wrong-type"
    # WHY: what stores, JSON and calendars cannot hold would fail much later, where nobody knows whence it came.
    fits = 0 <= value <= LATEST if fact.type is FactType.TIMESTAMP else -_INT64 <= value < _INT64
    return _in_range(fact, int(value)) if fits else (None, "out-of-range")


def _accept_float(fact: Fact, value: object) -> tuple[Value | None, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, "wrong-type"
    try:
        number = float(value)
    except OverflowError:
        return None, "out-of-range"
    return _in_range(fact, number) if math.isfinite(number) else (None, "not-a-number")


def _accept_text(value: object) -> tuple[str | None, str]:
    if not isinstance(value, str):
        return None, "wrong-type"
    # WHY: a lone surrogate is half a character; no file, digest or JSON can hold it.
    return (str(value), "") if value.isascii() or _is_whole(value) else (None, "unparsable")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_range(fact: Fact, value: int | float) -> tuple[Value | None, str]:
    too_small = fact.minimum is not None and value < fact.minimum
    too_large = fact.maximum is not None and value > fact.maximum
    return (None, "out-of-range") if too_small or too_large else (value, "")


def _accept_set(fact: Fact, value: object) -> tuple[Value | None, str]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return None, "wrong-type"
    elements = set()
    for each in value:
        element, code = _accept_text(each)
        if element is None:
            return None, code
        elements.add(element)
    if fact.values and not elements <= set(fact.values):
        return None, "not-allowed"
    return frozenset(elements), ""


def shown_name(name: object) -> str:
    """The name of what is no fact, as it may be shown: it may be anything, a telephone number too.

    >>> shown_name("host.rsik"), shown_name("+12125550142")
    ('host.rsik', 'unnamed')
    """
    return name if isinstance(name, str) and _SHOWN_NAME.fullmatch(name) else "unnamed"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known at one instant: the only thing that conditions are evaluated on.

    Args:
        at: the instant, in microseconds since 1970-01-01T00:00:00Z.
        values: the known facts; a fact that is not in it is unknown.
        courses: for facts that time alone moves, how they go on.
        input_faults: values from outside that were not taken.
    """

    at: int
    # WHY no repr: it ends up in logs and tracebacks, where no personal value may stand.
    values: Mapping[str, Value] = field(repr=False)
    courses: Mapping[str, Course] = field(default_factory=dict, repr=False)
    input_faults: tuple[InputFault, ...] = ()

    def get(self, name: str) -> Value | None:
        """The value of a fact, or `UNKNOWN`."""
        return self.values.get(name)


def snapshot_of(catalogue: Catalogue, given: Mapping[str, object], *, at: int) -> Snapshot:
    """A snapshot from values that come from outside; a value that cannot be is unknown and listed.

    Args:
        catalogue: the declared facts.
        given: fact name to value; durations and instants in microseconds.
        at: the instant.

    >>> snapshot_of(Catalogue([]), {"no.such": 1}, at=0).input_faults
    (InputFault(fact='no.such', code='unknown-fact'),)
    """
    values: dict[str, Value] = {}
    faults: list[InputFault] = []
    for name, raw in given.items():
        fact = catalogue.get(name)
        value, code = accept(fact, raw) if fact else (None, "unknown-fact")
        if code:
            faults.append(InputFault(name if fact else shown_name(name), code))
        elif value is not None:
            values[name] = value
    return Snapshot(at, values, {}, tuple(sorted(faults, key=lambda fault: (fault.fact, fault.code))))
