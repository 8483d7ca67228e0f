"""Every decision of all scenarios, recorded once: a mutant is first put to what was seen then, not to whole calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from callpolicy.decision import Decision, StageResult
from callpolicy.engine.deciding import carry, given
from callpolicy.facts import Snapshot, Value
from callpolicy.mutants.deciding import expected_of
from callpolicy.points import DecisionPoint, Stage
from callpolicy.policy import Bundle
from callpolicy.trials import run_scenarios

Key = tuple[DecisionPoint, frozenset[tuple[str, Value]]]


class Place(NamedTuple):
    """A step at which a decision was made.

    Args:
        scenario: position of the scenario.
        step: position of the step in it.
        expects: what the step expects something of, by key; of a stage as `hangup.effect`.
    """

    scenario: int
    step: int
    expects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision as it was made; the same one at several steps is recorded once.

    Args:
        decision: the decision.
        snapshot: what was known.
        seen: per stage, the facts as it saw them.
        places: the steps at which it was made.
    """

    decision: Decision
    snapshot: Snapshot
    seen: Mapping[Stage, Mapping[str, Value]] = field(repr=False)
    places: tuple[Place, ...]

    @property
    def point(self) -> DecisionPoint:
        """The decision point."""
        return self.decision.point

    @property
    def stages(self) -> tuple[StageResult, ...]:
        """What each stage came to."""
        return self.decision.stages


@dataclass(frozen=True, slots=True)
class Recording:
    """What the scenarios of a bundle saw.

    Args:
        decisions: every decision, each once.
        spans: per scenario, the time from its first step to its last. Units: microseconds.
        classes: per scenario, the protected classes that its callers were in.
        timed: positions of the scenarios that expect an instant at which to look again.
    """

    decisions: tuple[Recorded, ...]
    spans: tuple[int, ...]
    classes: tuple[frozenset[str], ...]
    timed: frozenset[int]


def record(bundle: Bundle) -> Recording:
    """Run every scenario of a bundle once and keep what was decided on."""
    found: dict[Key, tuple[Decision, Snapshot, list[Place]]] = {}
    classes: list[frozenset[str]] = []
    for position, outcome in enumerate(run_scenarios(bundle, bundle.scenarios)):
        callers: set[str] = set()
        for number, step in enumerate(outcome.steps):
            decision = step.decision
            if decision is None or decision.snapshot is None or decision.failed:
                continue
            callers |= {str(decision.snapshot.values.get("caller.protected_class"))}
            key = (decision.point, frozenset(decision.snapshot.values.items()))
            made = found.setdefault(key, (decision, decision.snapshot, []))
            made[2].append(Place(position, number, expected_of(step.step.expect)))
        classes.append(frozenset(callers))
    decisions = tuple(
        Recorded(decision, snapshot, dict(_seen(snapshot, decision.stages)), tuple(places))
        for decision, snapshot, places in found.values()
    )
    spans = tuple(each.steps[-1].at - each.steps[0].at if each.steps else 0 for each in bundle.scenarios)
    timed = frozenset(
        position
        for position, each in enumerate(bundle.scenarios)
        if any("recheck_at" in step.expect for step in each.steps)
    )
    return Recording(decisions, spans, tuple(classes), timed)


def _seen(snapshot: Snapshot, stages: tuple[StageResult, ...]) -> Iterator[tuple[Stage, Mapping[str, Value]]]:
    values = given(snapshot)
    for result in stages:
        yield result.stage, dict(values)
        carry(values, result)
