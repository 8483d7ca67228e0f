"""The decision: what is to be done, and which rules said so. Frozen; JSON in and out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any as AnyValue
from typing import Final

import orjson

from callpolicy.facts import InputFault, Snapshot
from callpolicy.instants import LATEST, duration_text, instant_text, parse_duration, parse_instant
from callpolicy.points import EFFECTS_OF, STAGES_AT, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import By, Obligation, Outcome, Term

FORMAT: Final = 1
"""Version of the JSON form of a decision."""

MAIN_STAGE: Final[Mapping[DecisionPoint, Stage]] = {
    DecisionPoint.OFFERED: Stage.SCREEN,
    DecisionPoint.IN_CALL: Stage.HANGUP,
    DecisionPoint.ENDED: Stage.BLOCKLIST,
}
"""The stage whose effect is the decision's effect."""


@dataclass(frozen=True, slots=True)
class StageResult:
    """What one stage came to.

    Args:
        stage: the stage.
        outcome: what is to be done.
        default: whether nothing matched, so that the stage's default holds.
        determining: ids of the rules that gave the outcome, sorted; `standing_block` stands for a block.
        held_by: ids of the undetermined or erring rules that made the outcome kinder, sorted.
        invariants: ids of the invariants that made the outcome kinder, in the order in which they acted.
        hidden: the outcome that a protected class or the allowlist hid, or `None`.
        obligations: what must also be done, sorted.
    """

    stage: Stage
    outcome: Outcome
    default: bool
    determining: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    hidden: Outcome | None = None
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done at one decision point, and why.

    Args:
        decision_id: given by the caller of `decide`; the same inputs give the same bytes.
        call_id: the call.
        point: the decision point.
        at: the instant, in microseconds.
        revision: the bundle that decided.
        stages: what each stage came to, in order.
        shadow: what each stage would have come to with shadow rules, where it differs.
        input_faults: values from outside that were not taken.
        recheck_at: first instant after `at` when a leaf changes its truth without an event, or `None`.
        digest: keyed digest of the snapshot, or `None` if there is no key.
        failed: codes of what failed, so that the caller was let through (`store`, `engine`); empty if nothing did.
        after_divergence: in replay, whether an earlier decision of this call differs from what was recorded.
        snapshot: what it was made from; not part of the JSON form.
    """

    decision_id: str
    call_id: str
    point: DecisionPoint
    at: int
    revision: str
    stages: tuple[StageResult, ...]
    shadow: tuple[StageResult, ...] = ()
    input_faults: tuple[InputFault, ...] = ()
    recheck_at: int | None = None
    digest: str | None = None
    failed: tuple[str, ...] = ()
    after_divergence: bool = False
    snapshot: Snapshot | None = field(default=None, compare=False, repr=False)

    def stage(self, stage: Stage) -> StageResult | None:
        """What one stage came to, or `None` if the decision point does not have it."""
        for result in self.stages:
            if result.stage is stage:
                return result
        return None

    @property
    def main(self) -> StageResult:
        """The stage that says what happens to the call now: screen, hangup or, after the call, blocklist."""
        return self.stages[-1]

    @property
    def effect(self) -> Effect:
        """The effect of the main stage."""
        return self.stages[-1].outcome.effect

    @property
    def by(self) -> By:
        """Who carries the effect out: `agent` is permitted, `system` does it."""
        return self.stages[-1].outcome.by

    @property
    def default(self) -> bool:
        """Whether nothing matched in the main stage."""
        return self.stages[-1].default

    @property
    def caller_class(self) -> Effect:
        """The class of the caller at this point."""
        return self.stages[0].outcome.effect

    @property
    def caller_kind(self) -> Kind | None:
        """The kind within the class, if it has one."""
        return self.stages[0].outcome.kind

    @property
    def determining(self) -> tuple[str, ...]:
        """Ids of the rules that gave the effect of the main stage."""
        return self.stages[-1].determining

    @property
    def held_by(self) -> tuple[str, ...]:
        """Ids of the rules that made the effect of the main stage kinder because they may match."""
        return self.stages[-1].held_by

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What must also be done, over all stages, sorted."""
        return tuple(sorted({obligation for result in self.stages for obligation in result.obligations}))

    def to_dict(self) -> dict[str, AnyValue]:
        """The JSON form as plain values; see `schemas/decision.schema.json`."""
        return {
            "format": FORMAT,
            "decision_id": self.decision_id,
            "call_id": self.call_id,
            "point": str(self.point),
            "at": instant_text(self.at),
            "revision": self.revision,
            "effect": str(self.effect),
            "by": str(self.by),
            "class": str(self.caller_class),
            "kind": str(self.caller_kind) if self.caller_kind else None,
            "default": self.default,
            "stages": [_stage_dict(result) for result in self.stages],
            "shadow": [_stage_dict(result) for result in self.shadow],
            "obligations": [str(obligation) for obligation in self.obligations],
            "input_faults": [{"fact": fault.fact, "code": fault.code} for fault in self.input_faults],
            "recheck_at": None if self.recheck_at is None else instant_text(self.recheck_at),
            "digest": self.digest,
            "failed": list(self.failed),
            "after_divergence": self.after_divergence,
        }

    def to_json(self) -> bytes:
        """Canonical JSON, byte for byte the same in every process.

        Source: RFC 8785. The form holds strings, integers, booleans and null only, under ASCII keys, so that sorting
        the keys is all that is left to do.
        """
        return orjson.dumps(self.to_dict(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes | str) -> Decision:
        """A decision from its JSON form, without the snapshot.

        Raises:
            ValueError: the text is not such a decision; the message names the place, never a value.
        """
        try:
            tree = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"not a decision: not JSON in UTF-8, at column {error.colno}") from None
        return _decision_from(tree)


def _stage_dict(result: StageResult) -> dict[str, AnyValue]:
    return {
        "stage": str(result.stage),
        "outcome": outcome_dict(result.outcome),
        "default": result.default,
        "determining": list(result.determining),
        "held_by": list(result.held_by),
        "invariants": list(result.invariants),
        "hidden": outcome_dict(result.hidden) if result.hidden else None,
        "obligations": [str(obligation) for obligation in result.obligations],
    }


def outcome_dict(outcome: Outcome) -> dict[str, AnyValue]:
    """The JSON form of an outcome as plain values; what it does not have is left out."""
    tree: dict[str, AnyValue] = {"effect": str(outcome.effect), "by": str(outcome.by)}
    if outcome.kind:
        tree["kind"] = str(outcome.kind)
    if outcome.term is not None:
        tree["term"] = str(outcome.term) if isinstance(outcome.term, Term) else duration_text(outcome.term)
    if outcome.wait is not None:
        tree["wait"] = duration_text(outcome.wait)
    if outcome.to is not None:
        tree["to"] = outcome.to
    if outcome.script is not None:
        tree["script"] = outcome.script
    return tree


def _decision_from(tree: AnyValue) -> Decision:
    if not isinstance(tree, dict):
        raise ValueError("not a decision: it is no JSON object")
    if _get(tree, "format", int) != FORMAT:
        raise ValueError(f"not a decision: `format` is not {FORMAT}")
    point = DecisionPoint(_word(tree, "point", DecisionPoint))
    decision = Decision(
        decision_id=_get(tree, "decision_id", str),
        call_id=_get(tree, "call_id", str),
        point=point,
        at=_instant(tree, "at"),
        revision=_get(tree, "revision", str),
        stages=tuple(_stage_from(each) for each in _list(tree, "stages", dict)),
        shadow=tuple(_stage_from(each) for each in _list(tree, "shadow", dict)),
        input_faults=tuple(
            InputFault(_get(each, "fact", str), _get(each, "code", str)) for each in _list(tree, "input_faults", dict)
        ),
        recheck_at=None if _get(tree, "recheck_at", str, _NONE) is None else _instant(tree, "recheck_at"),
        digest=_get(tree, "digest", str, _NONE),
        failed=tuple(_list(tree, "failed", str)),
        after_divergence=_get(tree, "after_divergence", bool),
    )
    _get(tree, "default", bool)
    if tuple(result.stage for result in decision.stages) != STAGES_AT[point]:
        raise ValueError("not a decision: `stages` are not those of its decision point")
    # INVARIANT: what is read back is what would be written, so nothing in it is passed over or says two things.
    written = decision.to_dict()
    odd = next((key for key in (*written, *tree) if key not in tree or written.get(key) != tree[key]), None)
    if odd is not None:
        shown = odd if odd in written else "more"
        raise ValueError(f"not a decision: `{shown}` is missing, is not known, or does not agree with the rest")
    return decision


_NONE: Final = type(None)
_KINDS: Final = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


def _get(tree: dict[str, AnyValue], name: str, kind: type, *more: type) -> AnyValue:
    if name not in tree:
        raise ValueError(f"not a decision: `{name}` is missing")
    value = tree[name]
    # WHY type(): True is an int too.
    if type(value) not in (kind, *more):
        raise ValueError(f"not a decision: `{name}` is not {_KINDS[kind]}")
    return value


def _list(tree: dict[str, AnyValue], name: str, kind: type) -> list[AnyValue]:
    items: list[AnyValue] = _get(tree, name, list)
    if not all(type(each) is kind for each in items):
        raise ValueError(f"not a decision: an item of `{name}` is not {_KINDS[kind]}")
    return items


def _word(tree: dict[str, AnyValue], name: str, words: Iterable[str]) -> str:
    word: str = _get(tree, name, str)
    if word not in set(words):
        raise ValueError(f"not a decision: `{name}` is none of the words it may be")
    return word


def _instant(tree: dict[str, AnyValue], name: str) -> int:
    try:
        at = parse_instant(_get(tree, name, str))
    except ValueError:
        at = -1
    if not 0 <= at <= LATEST:
        raise ValueError(f"not a decision: `{name}` is no instant")
    return at


def _duration(tree: dict[str, AnyValue], name: str) -> int | None:
    if name not in tree:
        return None
    try:
        return parse_duration(_get(tree, name, str))
    except ValueError:
        raise ValueError(f"not a decision: `{name}` is no duration") from None


def _stage_from(tree: dict[str, AnyValue]) -> StageResult:
    stage = Stage(_word(tree, "stage", Stage))
    hidden = _get(tree, "hidden", dict, _NONE)
    obligations = tuple(_list(tree, "obligations", str))
    if not set(obligations) <= set(Obligation):
        raise ValueError("not a decision: `obligations` names one that is not known")
    return StageResult(
        stage=stage,
        outcome=_outcome_from(_get(tree, "outcome", dict), stage),
        default=_get(tree, "default", bool),
        determining=tuple(_list(tree, "determining", str)),
        held_by=tuple(_list(tree, "held_by", str)),
        invariants=tuple(_list(tree, "invariants", str)),
        hidden=None if hidden is None else _outcome_from(hidden, stage),
        obligations=tuple(Obligation(each) for each in obligations),
    )


def _outcome_from(tree: dict[str, AnyValue], stage: Stage) -> Outcome:
    named = tree.get("term") in tuple(Term)
    return Outcome(
        effect=Effect(_word(tree, "effect", EFFECTS_OF[stage])),
        kind=Kind(_word(tree, "kind", Kind)) if "kind" in tree else None,
        by=By(_word(tree, "by", By)),
        term=Term(tree["term"]) if named else _duration(tree, "term"),
        wait=_duration(tree, "wait"),
        to=_get(tree, "to", str) if "to" in tree else None,
        script=_get(tree, "script", str) if "script" in tree else None,
    )


def schema() -> dict[str, AnyValue]:
    """The JSON Schema of the JSON form of a decision.

    Source: JSON Schema, draft 2020-12.
    """
    text = {"type": "string"}
    names = {"type": "array", "items": text}
    flag = {"type": "boolean"}
    instant = {"type": "string", "format": "date-time"}
    outcome = _closed(
        {
            "effect": _one_of(Effect),
            "by": _one_of(By),
            "kind": _one_of(Kind),
            "term": {"type": "string", "description": "day, week, month, permanent or a duration like `12h`"},
            "wait": {"type": "string", "description": "a duration like `2s`"},
            "to": text,
            "script": text,
        },
        optional={"kind", "term", "wait", "to", "script"},
    )
    stage = _closed(
        {
            "stage": _one_of(Stage),
            "outcome": {"$ref": "#/$defs/outcome"},
            "default": flag,
            "determining": names,
            "held_by": names,
            "invariants": names,
            "hidden": {"anyOf": [{"$ref": "#/$defs/outcome"}, {"type": "null"}]},
            "obligations": {"type": "array", "items": _one_of(Obligation)},
        }
    )
    stages = {"type": "array", "items": {"$ref": "#/$defs/stage"}}
    fault = _closed({"fact": text, "code": text})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a decision of callpolicy",
        **_closed(
            {
                "format": {"const": FORMAT},
                "decision_id": text,
                "call_id": text,
                "point": _one_of(DecisionPoint),
                "at": instant,
                "revision": text,
                "effect": _one_of(Effect),
                "by": _one_of(By),
                "class": _one_of(Effect),
                "kind": {"anyOf": [_one_of(Kind), {"type": "null"}]},
                "default": flag,
                "stages": stages,
                "shadow": stages,
                "obligations": {"type": "array", "items": _one_of(Obligation)},
                "input_faults": {"type": "array", "items": fault},
                "recheck_at": {"anyOf": [instant, {"type": "null"}]},
                "digest": {"anyOf": [text, {"type": "null"}]},
                "failed": names,
                "after_divergence": flag,
            }
        ),
        "$defs": {"outcome": outcome, "stage": stage},
    }


def _closed(properties: dict[str, AnyValue], optional: Collection[str] = ()) -> dict[str, AnyValue]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _one_of(words: type[StrEnum]) -> dict[str, AnyValue]:
    return {"enum": [str(word) for word in words]}
