"""A decision made once more, with some facts changed: what it was, and what it would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from callpolicy.decision import Decision
from callpolicy.engine import Plan, decide
from callpolicy.engine.deciding import given
from callpolicy.errors import UsageError
from callpolicy.facts import Catalogue, Origin, Snapshot, Value, accept
from callpolicy.matchers.reference import truth
from callpolicy.points import DecisionPoint


@dataclass(frozen=True, slots=True)
class Again:
    """Two decisions, of which one is made with changed facts.

    Args:
        before: on the facts as they are.
        after: on the changed facts.
        broken: names of the relations between facts that the changes break: such facts cannot be together.
    """

    before: Decision
    after: Decision
    broken: tuple[str, ...]


def again(plan: Plan, snapshot: Snapshot, changes: Mapping[str, Value | None], *, point: DecisionPoint) -> Again:
    """Make a decision on facts as they are and on changed ones. It says nothing of when to look again.

    Args:
        plan: the compiled bundle.
        snapshot: what is known.
        changes: fact name to new value, `None` for unknown.
        point: the decision point.

    Raises:
        UsageError: a fact is not known, is made by the engine, or cannot have that value.
    """
    after = changed_snapshot(plan.bundle.catalogue, snapshot, changes)
    return Again(
        _decided(plan, snapshot, point), _decided(plan, after, point), _broken(plan.bundle.catalogue, snapshot, after)
    )


def changed_snapshot(catalogue: Catalogue, snapshot: Snapshot, changes: Mapping[str, Value | None]) -> Snapshot:
    """A snapshot with some facts changed; how they would go on in time is not known.

    Raises:
        UsageError: see `again`.
    """
    values = dict(snapshot.values)
    for name, value in changes.items():
        fact = catalogue.get(name)
        if fact is None:
            raise UsageError(f"there is no fact `{name}`")
        if fact.origin is Origin.ENGINE:
            raise UsageError(f"`{name}` is made by the engine; change the facts that it is made from")
        accepted, code = accept(fact, value)
        if code:
            raise UsageError(f"`{name}` cannot have that value ({code})")
        values.pop(name, None)
        if accepted is not None:
            values[name] = accepted
    courses = {name: course for name, course in snapshot.courses.items() if name not in changes}
    return replace(snapshot, values=values, courses=courses)


def _decided(plan: Plan, snapshot: Snapshot, point: DecisionPoint) -> Decision:
    return decide(plan, snapshot, point=point, call_id="", decision_id="", with_recheck=False)


def _broken(catalogue: Catalogue, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    old, new = given(before), given(after)
    return tuple(
        each.name
        for each in catalogue.relations
        if truth(each.holds, new) is False and truth(each.holds, old) is not False
    )
