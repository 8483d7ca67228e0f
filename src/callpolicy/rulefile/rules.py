"""One rule file becomes a rule, and `invariants.yaml` the invariants, checked against everything that is declared."""

from __future__ import annotations

from typing import Final

from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, RANK, STAGE_OF, Effect, Stage
from callpolicy.policy import By, Example, Invariant, Outcome, Pilot, Rule, Status
from callpolicy.rulefile.conditions import ConditionReader
from callpolicy.rulefile.declared import look_at_script
from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.given import read_facts
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.settings import look_at_repeats
from callpolicy.rulefile.shapes import InvariantsFile, InvariantShape, RuleFile
from callpolicy.rulefile.shapes.rule import ThenShape
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path
from callpolicy.rulefile.wording import read_shape

_NEEDED_BY: Final = {
    "term": frozenset({Effect.PROPOSE_BLOCK, Effect.BLOCK}),
    "wait": frozenset({Effect.OFFER_CLOSE}),
    "to": frozenset({Effect.ESCALATE, Effect.DIVERT}),
}
_NEED_HINTS: Final = {
    "term": "write `term: day`",
    "wait": "write `wait: 2s`",
    "to": "write `to:` and a role or a queue",
}


def make_rule(desk: Desk, known: Known) -> Rule | None:
    """The rule of a file, or `None` with its faults handed in."""
    folder, _, name = desk.document.file.rpartition("/")
    shape = read_shape(desk, RuleFile)
    look_at_texts(desk, known, ("title",), placeholders=False)
    look_at_texts(desk, known, ("because",), placeholders=True)
    look_at_script(desk, known, ("then", "say"))
    stage = Stage(folder)
    when = None
    if isinstance(desk.document.value, dict) and "when" in desk.document.value:
        when = ConditionReader(desk, known, stage).read(("when",))
    examples = _examples(desk, known)
    if shape is None:
        return None
    if shape.id != name.removesuffix(".yaml"):
        message = f"the file of rule {quoted(shape.id)} is called {quoted(name)}"
        desk.fault(("id",), "id-is-not-file-name", message, f"call it `{shape.id}.yaml`, or change the id")
    if shape.stage is not stage:
        message = f"a rule of stage `{shape.stage}` stands in the folder `{folder}`"
        desk.fault(
            ("stage",), "stage-is-not-folder", message, f"move the file to `{shape.stage}/`, or change the stage"
        )
    elif STAGE_OF[shape.then.effect] is not stage:
        hint = f"one of: {', '.join(EFFECTS_OF[stage])}"
        desk.fault(
            ("then", "effect"), "effect-of-other-stage", f"`{shape.then.effect}` is no effect of `{stage}`", hint
        )
    else:
        _look_at_then(desk, shape.then, stage)
    _look_at_pilot(desk, shape)
    look_at_repeats(desk, ("then", "do"), shape.then.do)
    if when is None:
        return None
    return Rule(
        id=shape.id,
        stage=shape.stage,
        title=dict(shape.title),
        status=shape.status,
        owner=shape.owner,
        review_by=shape.review_by,
        priority=shape.priority,
        when=when,
        then=_outcome(shape.then),
        obligations=tuple(shape.then.do),
        because=dict(shape.because),
        examples=examples,
        pilot=_pilot(shape),
        norm=tuple(shape.norm),
        span=desk.document.span(()),
    )


def _outcome(then: ThenShape) -> Outcome:
    return Outcome(then.effect, then.kind, then.by, then.term, then.wait, then.to, then.say)


def _pilot(shape: RuleFile) -> Pilot | None:
    if shape.pilot is None:
        return None
    return Pilot(tuple(shape.pilot.teams), tuple(shape.pilot.queues), shape.pilot.percent)


def _look_at_then(desk: Desk, then: ThenShape, stage: Stage) -> None:
    for name, effects in _NEEDED_BY.items():
        given = getattr(then, name) is not None
        if then.effect in effects and not given:
            desk.fault(("then",), "missing-key", f"`{then.effect}` needs `{name}`", _NEED_HINTS[name])
        elif given and then.effect not in effects:
            hint = f"`{name}` goes with {', '.join(f'`{effect}`' for effect in sorted(effects))}"
            desk.fault(("then", name), "not-for-this-effect", f"`{then.effect}` takes no `{name}`", hint, key=True)
    if stage is not Stage.CLASSIFY:
        if then.kind is not None:
            hint = "only `classify` says what kind a caller's class is"
            desk.fault(("then", "kind"), "not-for-this-effect", f"`{then.effect}` takes no `kind`", hint, key=True)
        return
    kinds = KINDS_OF_CLASS[then.effect]
    if then.kind is None and kinds:
        desk.fault(("then",), "missing-key", f"`{then.effect}` needs `kind`", f"one of: {', '.join(kinds)}")
    elif then.kind is not None and then.kind not in kinds:
        hint = f"one of: {', '.join(kinds)}" if kinds else "delete the key"
        desk.fault(("then", "kind"), "kind-of-other-class", f"`{then.kind}` is no kind of `{then.effect}`", hint)
    if then.by is By.SYSTEM:
        desk.fault(
            ("then", "by"), "not-for-this-effect", "a class is carried out by nobody", "delete the key", key=True
        )


def _look_at_pilot(desk: Desk, shape: RuleFile) -> None:
    if shape.status is Status.PILOT and shape.pilot is None:
        desk.fault(
            ("status",), "missing-key", "status `pilot` needs `pilot`", "write `pilot: {teams: […]}` or `{percent: 10}`"
        )
    elif shape.pilot is not None and shape.status is not Status.PILOT:
        message = f"a rule of status `{shape.status}` has no `pilot`"
        desk.fault(("pilot",), "not-for-this-status", message, "delete it, or write `status: pilot`", key=True)
    elif shape.pilot is not None and not (shape.pilot.teams or shape.pilot.queues) and shape.pilot.percent == 100:  # noqa: PLR2004 - all of them
        desk.fault(
            ("pilot",), "pilot-of-everything", "this pilot leaves nobody out", "write `status: enforced`, or name teams"
        )


def _examples(desk: Desk, known: Known) -> tuple[Example, ...]:
    written = desk.document.at(("examples",))
    examples: list[Example] = []
    names: set[str] = set()
    for position, each in enumerate(written if isinstance(written, list) else ()):
        path: Path = ("examples", position)
        if not isinstance(each, dict):
            continue
        name = str(each.get("name"))
        if name in names:
            desk.fault((*path, "name"), "duplicate-name", f"two examples are called {quoted(name)}")
        names.add(name)
        given = read_facts(desk, known, (*path, "given"))
        examples.append(Example(name, given, str(each.get("expect")), desk.document.span(path)))
    return tuple(examples)


def make_invariants(desk: Desk, known: Known, shape: InvariantsFile | None) -> tuple[Invariant, ...]:
    """The invariants, with their faults handed in; their conditions are looked at even if the shape is faulty."""
    written = desk.document.value
    conditions = []
    for position, each in enumerate(written if isinstance(written, list) else ()):
        look_at_texts(desk, known, (position, "title"), placeholders=False)
        never = each.get("never") if isinstance(each, dict) else None
        stage = _stage_of(never.get("effects")) if isinstance(never, dict) else None
        there = isinstance(never, dict) and "when" in never
        conditions.append(ConditionReader(desk, known, stage).read((position, "never", "when")) if there else None)
    invariants: list[Invariant] = []
    ids: set[str] = set()
    for position, item in enumerate(shape.root if shape is not None else ()):
        if item.id in ids:
            desk.fault((position, "id"), "duplicate-id", f"two invariants have the id {quoted(item.id)}")
        ids.add(item.id)
        condition = conditions[position]
        stage = _look_at_never(desk, (position, "never"), item)
        if stage is not None and condition is not None:
            span = desk.document.span((position,))
            effects = frozenset(item.never.effects)
            invariants.append(Invariant(item.id, dict(item.title), stage, effects, condition, item.never.instead, span))
    return tuple(invariants)


def _stage_of(effects: object) -> Stage | None:
    known = {str(effect): stage for effect, stage in STAGE_OF.items()}
    stages = {known.get(str(effect)) for effect in effects} if isinstance(effects, list) else set()
    return stages.pop() if len(stages) == 1 else None


def _look_at_never(desk: Desk, path: Path, shape: InvariantShape) -> Stage | None:
    never = shape.never
    look_at_repeats(desk, (*path, "effects"), never.effects)
    stage = STAGE_OF[never.effects[0]]
    for position, effect in enumerate(never.effects):
        if STAGE_OF[effect] is not stage:
            message = f"`{effect}` is an effect of `{STAGE_OF[effect]}`, not of `{stage}`"
            desk.fault((*path, "effects", position), "effect-of-other-stage", message, "write one invariant per stage")
            return None
    if STAGE_OF[never.instead] is not stage:
        hint = f"one of: {', '.join(EFFECTS_OF[stage])}"
        desk.fault((*path, "instead"), "effect-of-other-stage", f"`{never.instead}` is no effect of `{stage}`", hint)
        return None
    kindest = min(never.effects, key=lambda effect: RANK[effect])
    if RANK[never.instead] >= RANK[kindest]:
        kinder = ", ".join(EFFECTS_OF[stage][: RANK[kindest]])
        message = f"`{never.instead}` is not kinder than `{kindest}`"
        hint = f"one of: {kinder}" if kinder else f"`{kindest}` is the kindest effect of `{stage}`; leave it out"
        desk.fault((*path, "instead"), "instead-is-not-kinder", message, hint)
        return None
    return stage
