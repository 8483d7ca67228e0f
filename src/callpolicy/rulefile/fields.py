"""The fields of an event as a scenario writes them become what the event of `callpolicy.events` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Final

from pydantic_core import PydanticCustomError

from callpolicy.events import EVENT_TYPES, CallEvent, Channel, Feed, Party
from callpolicy.facts import host_may_give
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, Effect, Kind, Stage
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.given import read_facts
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.shapes.base import LONGEST_TEXT, shown, wrong
from callpolicy.rulefile.shapes.scenario import read_moment
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path

_OWN: Final = frozenset(field.name for field in fields(CallEvent))
_RENAMED: Final = {"class": "class_"}
_WRITTEN: Final = {field: written for written, field in _RENAMED.items()}


def _word(value: object) -> str:
    if not isinstance(value, str):
        hint = "put it in quotes" if isinstance(value, bool | int | float) else ""
        raise wrong("wrong-type", f"this takes a text, not {shown(value)}", hint)
    if len(value) > LONGEST_TEXT:
        raise wrong("too-long", f"this has at most {LONGEST_TEXT} characters")
    return value


def _one_of(known: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        word = _word(value)
        if word not in known:
            raise wrong("unknown-value", f"{quoted(word)} is not known", did_you_mean(word, known))
        return word

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        hint = "in YAML 1.2 `yes`, `no`, `on` and `off` are texts"
        raise wrong("wrong-type", f"this takes `true` or `false`, not {shown(value)}", hint)
    return value


def _party(value: object) -> Party:
    return Party(_one_of(tuple(Party))(value))


def _channel(value: object) -> Channel:
    return Channel(_one_of(tuple(Channel))(value))


def _feeds(value: object) -> frozenset[Feed]:
    if not isinstance(value, list):
        raise wrong("wrong-type", f"`feeds` takes a list, not {shown(value)}", "write `[agent_marks]`")
    return frozenset(Feed(_one_of(tuple(Feed))(feed)) for feed in value)


_OFFENCES: Final = tuple(str(kind) for kind in KINDS_OF_CLASS[Effect.NUISANCE])
# What a field takes; a field that is not here takes a text. An entry for one event goes before that for the field.
_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "channel": _channel,
    "attestation": _one_of(("A", "B", "C")),
    "feeds": _feeds,
    "by": _party,
    "judged.by": _word,
    "offence.kind": _one_of(_OFFENCES),
    "kind": _one_of(tuple(str(kind) for kind in Kind)),
    "class_": _one_of(tuple(str(effect) for effect in EFFECTS_OF[Stage.CLASSIFY])),
    "on": _flag,
}


class FieldReader:
    """Reads the fields of the events of one scenario.

    Args:
        desk: where faults go.
        known: the facts.
        start: instant of offset 0.
    """

    __slots__ = ("_host", "desk", "known", "start")

    def __init__(self, desk: Desk, known: Known, start: int) -> None:
        self.desk = desk
        self.known = known
        self.start = start
        self._host = frozenset(fact.name for fact in known.catalogue if host_may_give(fact))

    def read(self, event: str, path: Path, *, at: Path = (), partial: bool = False) -> dict[str, object]:
        """The fields that stand at a path, as keyword arguments of the event.

        Args:
            event: name of the event.
            path: where the fields stand.
            at: where the event is named.
            partial: whether fields that the event needs may stand elsewhere.
        """
        kind = EVENT_TYPES.get(event)
        if kind is None:
            self.desk.unknown(at, "unknown-event", "event", event, EVENT_TYPES)
            return {}
        takes = {field.name: field for field in fields(kind) if field.name not in _OWN}
        written = self.desk.document.at(path)
        values: dict[str, object] = {}
        for key, value in written.items() if isinstance(written, dict) else ():
            name = _RENAMED.get(key, key)
            if name not in takes or key in _WRITTEN:
                words = [_WRITTEN.get(field, field) for field in takes]
                hint = did_you_mean(key, words) or f"`{event}` has no fields"
                self.desk.fault(
                    (*path, key), "unknown-field", f"event `{event}` has no field {quoted(key)}", hint, key=True
                )
            elif value is not None:
                self._field(event, name, (*path, key), value, values)
        if not partial:
            self._look_at_missing(event, takes, at, written)
        if event == "judged":
            self._look_at_kind(path, values)
        return values

    def _field(self, event: str, name: str, path: Path, value: object, values: dict[str, object]) -> None:
        if name == "facts":
            if isinstance(value, dict):
                values[name] = read_facts(self.desk, self.known, path, accept=self._host)
            else:
                self.desk.fault(path, "wrong-type", "`facts` takes a mapping", "write `facts: {host.fact: value}`")
            return
        try:
            if name == "began_at":
                kind, moment = read_moment(value)
                values[name] = moment if kind == "instant" else self.start + moment
            else:
                values[name] = (_READERS.get(f"{event}.{name}") or _READERS.get(name) or _word)(value)
        except PydanticCustomError as error:
            self.desk.refusal(path, error)

    def _look_at_missing(self, event: str, takes: Mapping[str, Field[object]], at: Path, written: object) -> None:
        for name, field in takes.items():
            key = _WRITTEN.get(name, name)
            needed = field.default is MISSING and field.default_factory is MISSING
            if needed and not (isinstance(written, dict) and key in written):
                self.desk.fault(
                    at, "missing-field", f"event `{event}` needs the field `{key}`", f"write `with: {{{key}: …}}`"
                )

    def _look_at_kind(self, path: Path, values: Mapping[str, object]) -> None:
        class_, kind = values.get("class_"), values.get("kind")
        if isinstance(class_, str) and isinstance(kind, str) and kind not in KINDS_OF_CLASS[Effect(class_)]:
            kinds = ", ".join(KINDS_OF_CLASS[Effect(class_)])
            hint = f"one of: {kinds}" if kinds else "delete the key"
            self.desk.fault((*path, "kind"), "kind-of-other-class", f"`{kind}` is no kind of `{class_}`", hint)
