"""What a step of a scenario expects, of the decision and of each of its stages.

An expectation in which nothing stands looks like a promise and can never fail, so it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callpolicy.errors import SourceSpan
from callpolicy.points import EFFECTS_OF, Effect, Stage
from callpolicy.policy import STANDING_BLOCK
from callpolicy.rulefile.declared import look_at_script
from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.given import read_facts
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.settings import look_at_repeats
from callpolicy.rulefile.shapes.base import Shape
from callpolicy.rulefile.shapes.scenario import ExpectShape, StagesShape
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path

_STAGES_OF_KEY: Final[Mapping[str, tuple[Stage, ...]]] = {
    "effect": (Stage.SCREEN, Stage.HANGUP, Stage.BLOCKLIST),
    "class": (Stage.CLASSIFY,),
    "screen": (Stage.SCREEN,),
    "hangup": (Stage.HANGUP,),
    "blocklist": (Stage.BLOCKLIST,),
    "hidden": (Stage.SCREEN, Stage.HANGUP, Stage.BLOCKLIST),
}
_HINT: Final = "write what is to be decided, or delete the key"
_MAIN_STAGE: Final[Mapping[str | None, Stage]] = {"offered": Stage.SCREEN, "ended": Stage.BLOCKLIST}
_MAY_BE_NONE: Final = frozenset({"kind", "term", "to", "say", "hidden", "recheck_at"})


@dataclass(frozen=True, slots=True)
class Named:
    """Ids that a scenario may expect.

    Args:
        rules: ids of rules, each with its stage.
        invariants: ids of invariants, each with its stage; `None` where a fault hides it.
    """

    rules: Mapping[str, Stage]
    invariants: Mapping[str, Stage | None]


def look_at_empty(desk: Desk) -> None:
    """Hand in each expectation of a scenario in which nothing stands, whatever else is wrong with the file."""
    steps = desk.document.at(("steps",))
    for position, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict) and "expect" in step:
            for path in _empty(("steps", position, "expect"), step["expect"]):
                desk.fault(path, "empty-expectation", f"{quoted(path[-1])} has nothing in it", _HINT, key=True)


def _empty(path: Path, written: object) -> Iterator[Path]:
    """Where nothing stands in an expectation.

    WHY not `facts` without a value: its shape refuses that already.
    """
    if written == {} or (written is None and path[-1] != "facts"):
        yield path
    elif isinstance(written, dict):
        inner = {"expect": ("facts", "stages"), "stages": tuple(Stage)}.get(str(path[-1]), ())
        for key in inner:
            if key in written:
                yield from _empty((*path, str(key)), written[key])


def places_of(desk: Desk, path: Path) -> dict[tuple[str, ...], SourceSpan]:
    """Where each thing stands that a step expects, by the keys that lead to it; the whole under no key.

    Args:
        desk: of the file.
        path: where the expectation stands.
    """
    return {
        tuple(str(step) for step in inner): SourceSpan(
            desk.document.file, *desk.document.place((*path, *inner), key=True)
        )
        for inner in ((), *_keys_of(desk.document.at(path), ()))
    }


def _keys_of(written: object, path: Path) -> Iterator[Path]:
    for key, value in written.items() if isinstance(written, dict) else ():
        yield (*path, key)
        yield from _keys_of(value, (*path, key))


def read_expectation(
    desk: Desk, known: Known, named: Named, path: Path, shape: ExpectShape, start: int, event: str | None = None
) -> dict[str, object]:
    """What a step expects, by key: values as a decision has them, of stages a mapping by stage and key.

    Args:
        desk: where faults go.
        known: facts, scripts and languages.
        named: rules and invariants.
        path: where it stands.
        shape: what is written there.
        start: the scenario's start. Units: microseconds since 1970-01-01T00:00:00Z.
        event: name of the step's event, or `None`.
    """
    expect = _values(desk, path, shape, _STAGES_OF_KEY)
    _look_at_names(desk, known, named, path, None)
    # WHY not at other events: whether the call was answered by then is for the session to say.
    _look_at_invariants(desk, (*path, "invariants"), named.invariants, _MAIN_STAGE.get(event))
    if expect.get("recheck_at") is not None:
        expect["recheck_at"] += start
    if "facts" in expect:
        expect["facts"] = read_facts(desk, known, (*path, "facts"), unknown=True)
    if shape.stages is not None:
        expect["stages"] = dict(_read_stages(desk, known, named, (*path, "stages"), shape.stages))
    return expect


def _read_stages(
    desk: Desk, known: Known, named: Named, path: Path, shape: StagesShape
) -> Iterator[tuple[Stage, dict[str, Any]]]:
    for stage in Stage:
        of_stage: Shape | None = getattr(shape, stage)
        if of_stage is not None:
            here = (*path, str(stage))
            yield stage, _values(desk, here, of_stage, dict.fromkeys(_STAGES_OF_KEY, (stage,)))
            _look_at_names(desk, known, named, here, stage)
            _look_at_invariants(desk, (*here, "invariants"), named.invariants, stage)


def _values(desk: Desk, path: Path, shape: Shape, stages_of: Mapping[str, tuple[Stage, ...]]) -> dict[str, Any]:
    expect: dict[str, Any] = {}
    for name, field in type(shape).model_fields.items():
        key = field.alias or name
        value = getattr(shape, name)
        if name not in shape.model_fields_set or key == "stages":
            continue
        if value is None and key not in _MAY_BE_NONE:
            desk.fault((*path, key), "empty-value", f"`{key}` has no value", "write one, or delete the key", key=True)
        elif isinstance(value, Effect) and not any(value in EFFECTS_OF[stage] for stage in stages_of[key]):
            hint = f"one of: {', '.join(effect for stage in stages_of[key] for effect in EFFECTS_OF[stage])}"
            desk.fault((*path, key), "effect-of-other-stage", f"`{key}` is never `{value}`", hint)
        else:
            expect[key] = tuple(value) if isinstance(value, list) else value
    return expect


def _look_at_names(desk: Desk, known: Known, named: Named, path: Path, stage: Stage | None) -> None:
    """Hand in rules, invariants and scripts that are not there, or are of another stage."""
    standing = {STANDING_BLOCK: Stage.SCREEN}
    _look_at_rules(desk, (*path, "determining"), {**named.rules, **standing}, stage)
    _look_at_rules(desk, (*path, "held_by"), named.rules, stage)
    look_at_script(desk, known, (*path, "say"))


def _look_at_invariants(desk: Desk, path: Path, invariants: Mapping[str, Stage | None], stage: Stage | None) -> None:
    """Hand in invariants that are not there, or are of another stage: they can never act in this one."""
    for here, name in _names(desk, path):
        if name not in invariants:
            own = [each for each, of in invariants.items() if stage is None or of in {None, stage}]
            desk.unknown(here, "unknown-invariant", "invariant", name, own)
        elif stage is not None and invariants[name] not in {None, stage}:
            message = f"invariant {quoted(name)} is of `{invariants[name]}`, not of `{stage}`"
            own = [each for each, of in invariants.items() if of is stage]
            hint = f"only invariants of `{stage}` act here{': ' + ', '.join(own) if own else ', and there is none'}"
            desk.fault(here, "invariant-of-other-stage", message, hint)


def _look_at_rules(desk: Desk, path: Path, rules: Mapping[str, Stage], stage: Stage | None) -> None:
    for here, name in _names(desk, path):
        if name not in rules:
            own = [rule for rule, of in rules.items() if stage in {None, of}]
            desk.unknown(here, "unknown-rule", "rule", name, own)
        elif stage is not None and rules[name] is not stage:
            message = f"rule {quoted(name)} is of `{rules[name]}`, not of `{stage}`"
            desk.fault(here, "rule-of-other-stage", message, f"write it under `{rules[name]}`")


def _names(desk: Desk, path: Path) -> Iterator[tuple[Path, str]]:
    written = desk.document.at(path)
    look_at_repeats(desk, path, written)
    for position, name in enumerate(written if isinstance(written, list) else ()):
        yield (*path, position), str(name)
