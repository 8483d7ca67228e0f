"""Make a recorded decision again, and compare bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Final, TypeAlias, cast

from callpolicy.audit.canonical import Tree, canonical
from callpolicy.audit.drafts import DECISION
from callpolicy.audit.keys import Keys
from callpolicy.audit.record import AuditRecord, Body, PersonalPart, is_sound, whole_body
from callpolicy.audit.snapshots import course_from, value_from
from callpolicy.decision import Decision, StageResult
from callpolicy.errors import AuditError
from callpolicy.facts import Snapshot
from callpolicy.points import STAGES_AT, DecisionPoint, default_effect
from callpolicy.policy import Outcome

Decide: TypeAlias = Callable[[Snapshot, DecisionPoint, str, str], Decision]
"""Makes a decision from a snapshot, a decision point, the id of the call and the id of the decision."""


class Remade(StrEnum):
    """What making a decision again came to."""

    SAME = "same"
    DIFFERS = "differs"
    ERASED = "erased"
    UNKNOWN_REVISION = "unknown-revision"


@dataclass(frozen=True, slots=True)
class Remaking:
    """What making a decision again came to.

    Args:
        result: in a word.
        difference: where the two decisions first differ, as a path in their JSON form; `None` if they do not.
    """

    result: Remade
    difference: str | None = None


def restored(record: AuditRecord, part: PersonalPart | None, keys: Keys | None) -> Decision | None:
    """The recorded decision with the snapshot that it was made from, or `None` if personal values were erased.

    Args:
        record: of a decision.
        part: its personal part, if it is still there.
        keys: of the centre.

    Raises:
        AuditError: the record is of no decision, was changed, or the part is not its own.
    """
    if record.kind != DECISION or not is_sound(record):
        raise AuditError("the record is not that of a decision, or was changed; nothing can be made from it")
    body = whole_body(record, part, keys)
    return None if body is None else _decision(body)


def remake(record: AuditRecord, part: PersonalPart | None, keys: Keys | None, decide: Decide | None) -> Remaking:
    """Make a recorded decision again from what was kept, and compare the bytes.

    Args:
        record: of a decision.
        part: its personal part, if it is still there.
        keys: of the centre.
        decide: the kept revision; `None` if it is not kept.

    Raises:
        AuditError: see `restored`.
    """
    recorded = restored(record, part, keys)
    if recorded is None or recorded.snapshot is None:
        return Remaking(Remade.ERASED)
    if decide is None:
        return Remaking(Remade.UNKNOWN_REVISION)
    made = _made_again(recorded, recorded.snapshot, decide)
    if made is None:
        return Remaking(Remade.SAME)
    if made.revision != recorded.revision:
        return Remaking(Remade.UNKNOWN_REVISION)
    # WHY: a digest needs the centre's key; if `decide` was not given it, the commitment has vouched for the values.
    again = replace(made, digest=made.digest or recorded.digest, after_divergence=recorded.after_divergence)
    if again.to_json() == recorded.to_json():
        return Remaking(Remade.SAME)
    return Remaking(Remade.DIFFERS, next(_differences(recorded.to_dict(), again.to_dict()), "it"))


def _made_again(recorded: Decision, snapshot: Snapshot, decide: Decide) -> Decision | None:
    """The decision made again; `None` if what was recorded is that something failed and the caller was let through."""
    if recorded.failed and _is_let_through(recorded):
        return None
    made = decide(snapshot, recorded.point, recorded.call_id, recorded.decision_id)
    # A decision that was lenient by itself was kept although something had failed.
    return replace(made, failed=recorded.failed)


def _is_let_through(decision: Decision) -> bool:
    lenient = tuple(StageResult(stage, Outcome(default_effect(stage)), True) for stage in STAGES_AT[decision.point])
    bare = Decision(
        decision.decision_id, decision.call_id, decision.point, decision.at, decision.revision, lenient,
        input_faults=decision.input_faults, failed=decision.failed, after_divergence=decision.after_divergence,
    )  # fmt: skip
    return decision == bare


def _decision(body: Body) -> Decision:
    try:
        facts, courses = body["facts"], body["courses"]
        decision = Decision.from_json(canonical(cast(Tree, body["decision"])))
    except (KeyError, ValueError):
        raise AuditError("the record does not hold a decision and its snapshot") from None
    snapshot = Snapshot(
        decision.at,
        {name: value_from(tree) for name, tree in facts.items()},
        {name: course_from(tree) for name, tree in courses.items()},
        decision.input_faults,
    )
    return replace(decision, snapshot=snapshot)


_ABSENT: Final = object()


def _differences(first: object, second: object, path: str = "") -> Iterator[str]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            yield from _differences(first.get(key, _ABSENT), second.get(key, _ABSENT), f"{path}.{key}".lstrip("."))
    elif isinstance(first, list) and isinstance(second, list):
        for position, (one, other) in enumerate(zip_longest(first, second, fillvalue=_ABSENT)):
            yield from _differences(one, other, f"{path}[{position}]")
    elif type(first) is not type(second) or first != second:
        yield path
