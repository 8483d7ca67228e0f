"""One scenario file becomes a scenario: whole calls with a virtual clock, ready to be made into events."""

from __future__ import annotations

from callpolicy.policy import Scenario, ScenarioStep, Settings
from callpolicy.rulefile.expectations import Named, look_at_empty, places_of, read_expectation
from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.fields import FieldReader
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.settings import read_number
from callpolicy.rulefile.shapes import ScenarioFile
from callpolicy.rulefile.shapes.scenario import ListEntryShape, StepShape
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path
from callpolicy.rulefile.wording import read_shape


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
    look_at_empty(desk)
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
    elif "expect" not in step.model_fields_set:
        desk.fault(
            path, "step-without-event", "this step neither does nor expects anything", "write `do:` or `expect:`"
        )
    expect: dict[str, object] = {}
    if step.expect is not None:
        expect = read_expectation(desk, known, named, (*path, "expect"), step.expect, fields.start, step.do)
    places = places_of(desk, (*path, "expect")) if expect else {}
    return ScenarioStep(step.at, step.call, step.do, values, expect, desk.document.span(path), places)


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
