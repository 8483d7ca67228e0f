"""One scenario file becomes a scenario: whole calls with a virtual clock, ready to be made into events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from callpolicy.points import EFFECTS_OF, Effect, Stage
from callpolicy.policy import STANDING_BLOCK, Scenario, ScenarioStep, Settings
from callpolicy.rulefile.declared import look_at_script
from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.fields import FieldReader
from callpolicy.rulefile.given import read_facts
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.settings import look_at_repeats, read_number
from callpolicy.rulefile.shapes import ScenarioFile
from callpolicy.rulefile.shapes.scenario import ExpectShape, ListEntryShape, StepShape
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path
from callpolicy.rulefile.wording import read_shape

_STAGE_OF_KEY: Final[Mapping[str, tuple[Stage, ...]]] = {
    "effect": (Stage.SCREEN, Stage.HANGUP, Stage.BLOCKLIST),
    "class": (Stage.CLASSIFY,),
    "screen": (Stage.SCREEN,),
    "hangup": (Stage.HANGUP,),
    "blocklist": (Stage.BLOCKLIST,),
    "hidden": (Stage.SCREEN, Stage.HANGUP, Stage.BLOCKLIST),
}
_MAY_BE_NONE: Final = frozenset({"kind", "term", "to", "say", "hidden", "recheck_at"})


@dataclass(frozen=True, slots=True)
class Named:
    """Ids that a scenario may expect.

    Args:
        rules: ids of rules; `None` if not all of them could be read.
        invariants: ids of invariants; `None` likewise.
    """

    rules: frozenset[str] | None = None
    invariants: frozenset[str] | None = None


def make_scenario(desk: Desk, known: Known, named: Named, settings: Settings | None) -> Scenario | None:
    """The scenario of a file, or `None` with its faults handed in.

    Args:
        desk: where faults go.
        known: facts, scripts and languages.
        named: rules and invariants.
        settings: `policy.yaml`, for the region of numbers; `None` if it could not be read.
    """
    shape = read_shape(desk, ScenarioFile)
    look_at_texts(desk, known, ("title",), placeholders=False)
    if shape is None:
        return None
    stem = desk.document.file.rpartition("/")[2].removesuffix(".yaml")
    if shape.id != stem:
        message = f"the file of scenario {quoted(shape.id)} is called {quoted(stem + '.yaml')}"
        desk.fault(("id",), "id-is-not-file-name", message, f"call it `{shape.id}.yaml`, or change the id")
    fields = FieldReader(desk, known, shape.start)
    calls = {name: fields.read("offered", ("calls", name), partial=True) for name in shape.calls}
    _look_at_calls(desk, shape)
    steps = [_step(desk, known, named, fields, position, step) for position, step in enumerate(shape.steps)]
    region = settings.region if settings is not None else ""
    lists = [_list_entry(desk, position, each, shape.start, region) for position, each in enumerate(shape.lists)]
    return Scenario(
        id=shape.id,
        title=dict(shape.title),
        start=shape.start,
        calls=calls,
        steps=tuple(steps),
        lists=tuple(lists),
        span=desk.document.span(()),
    )


def _look_at_calls(desk: Desk, shape: ScenarioFile) -> None:
    before = 0
    offered: set[str] = set()
    for position, step in enumerate(shape.steps):
        if step.at < before:
            desk.fault(("steps", position, "at"), "steps-out-of-order", "this step comes before the one ahead of it")
        before = max(before, step.at)
        if step.call not in shape.calls:
            desk.unknown(("steps", position, "call"), "unknown-call", "call", step.call, shape.calls)
        elif step.do == "offered" and step.call in offered:
            desk.fault(("steps", position, "do"), "call-offered-twice", f"call {quoted(step.call)} was offered before")
        elif step.do != "offered" and step.call not in offered:
            hint = "a call begins with a step `do: offered`"
            desk.fault(
                ("steps", position), "call-not-offered", f"call {quoted(step.call)} has not been offered yet", hint
            )
        offered.add(step.call)
    for name in shape.calls:
        if name not in offered:
            desk.fault(("calls", name), "unused-call", f"no step is about call {quoted(name)}", key=True)


def _step(desk: Desk, known: Known, named: Named, fields: FieldReader, position: int, step: StepShape) -> ScenarioStep:
    path: Path = ("steps", position)
    values: dict[str, object] = {}
    if step.do is not None:
        values = fields.read(step.do, (*path, "with"), at=(*path, "do"), partial=step.do == "offered")
    elif step.with_:
        desk.fault(
            (*path, "with"), "step-without-event", "fields belong to an event", "write `do:` and the event", key=True
        )
    elif step.expect is None:
        desk.fault(
            path, "step-without-event", "this step neither does nor expects anything", "write `do:` or `expect:`"
        )
    expect = _expect(desk, known, named, (*path, "expect"), step.expect, fields.start) if step.expect else {}
    return ScenarioStep(step.at, step.call, step.do, values, expect, desk.document.span(path))


def _expect(desk: Desk, known: Known, named: Named, path: Path, shape: ExpectShape, start: int) -> dict[str, object]:
    expect: dict[str, Any] = {}
    for name, field in ExpectShape.model_fields.items():
        if name not in shape.model_fields_set:
            continue
        key = field.alias or name
        value = getattr(shape, name)
        if value is None and key not in _MAY_BE_NONE:
            desk.fault((*path, key), "empty-value", f"`{key}` has no value", "write one, or delete the key", key=True)
        elif isinstance(value, Effect) and not any(value in EFFECTS_OF[stage] for stage in _STAGE_OF_KEY[key]):
            hint = f"one of: {', '.join(effect for stage in _STAGE_OF_KEY[key] for effect in EFFECTS_OF[stage])}"
            desk.fault((*path, key), "effect-of-other-stage", f"`{key}` is never `{value}`", hint)
        else:
            expect[key] = tuple(value) if isinstance(value, list) else value
    _look_at_ids(desk, (*path, "determining"), "rule", named.rules and named.rules | {STANDING_BLOCK})
    _look_at_ids(desk, (*path, "held_by"), "rule", named.rules)
    _look_at_ids(desk, (*path, "invariants"), "invariant", named.invariants)
    look_at_script(desk, known, (*path, "say"))
    if expect.get("recheck_at") is not None:
        expect["recheck_at"] += start
    if "facts" in expect:
        expect["facts"] = read_facts(desk, known, (*path, "facts"), unknown=True)
    return expect


def _look_at_ids(desk: Desk, path: Path, what: str, known: frozenset[str] | None) -> None:
    written = desk.document.at(path)
    look_at_repeats(desk, path, written)
    for position, name in enumerate(written if isinstance(written, list) else ()):
        if known is not None and name not in known:
            desk.unknown((*path, position), f"unknown-{what}", what, name, known)


def _list_entry(desk: Desk, position: int, shape: ListEntryShape, start: int, region: str) -> dict[str, object]:
    path: Path = ("lists", position)
    if (shape.number is None) is (shape.customer is None):
        desk.fault(path, "bad-list-entry", "an entry is about a `number` or a `customer`, one of them")
    since = start if shape.from_ is None else _moment(shape.from_, start)
    until = None if shape.until is None else _moment(shape.until, start)
    if until is not None and until <= since:
        desk.fault((*path, "until"), "bad-list-entry", "the entry ends before it begins")
    entry: dict[str, object] = {"list": shape.list, "from": since, "until": until, "reason": shape.reason}
    if shape.number is not None:
        entry["number"] = read_number(desk, (*path, "number"), shape.number, region)
    if shape.customer is not None:
        entry["customer"] = shape.customer
    return entry


def _moment(moment: tuple[str, int], start: int) -> int:
    kind, value = moment
    return value if kind == "instant" else start + value
