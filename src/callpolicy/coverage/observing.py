"""What the conditions and texts of a bundle were evaluated on: by its examples, and at every stage of its scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callpolicy.engine.deciding import carry, given
from callpolicy.facts import Value, snapshot_of
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Rule, Status
from callpolicy.trials import run_scenarios


@dataclass(frozen=True, slots=True)
class Observation:
    """Facts as a stage saw them.

    Args:
        values: the known facts.
        source: the example or scenario, in words.
        script: the script that the stage's outcome named, if it came from a decision.
    """

    # WHY no repr: it holds what may be personal.
    values: Mapping[str, Value] = field(repr=False)
    source: str
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that was observed of a bundle.

    Args:
        of_rule: per rule, by its own examples.
        of_stage: per stage, by the decisions of all scenarios.
    """

    of_rule: Mapping[str, tuple[Observation, ...]]
    of_stage: Mapping[Stage, tuple[Observation, ...]]

    def of(self, rule: Rule) -> tuple[Observation, ...]:
        """What a rule's condition was evaluated on; a draft takes part in no decision."""
        own = self.of_rule.get(rule.id, ())
        return own if rule.status is Status.DRAFT else (*own, *self.of_stage.get(rule.stage, ()))


def observe(bundle: Bundle) -> Observed:
    """Run the examples and scenarios of a bundle, and keep what its stages saw."""
    stages: dict[Stage, list[Observation]] = {stage: [] for stage in Stage}
    for stage, observation in _of_scenarios(bundle):
        stages[stage].append(observation)
    return Observed(
        {rule.id: tuple(_of_examples(rule, bundle)) for rule in bundle.rules},
        {stage: tuple(observations) for stage, observations in stages.items()},
    )


def _of_examples(rule: Rule, bundle: Bundle) -> Iterator[Observation]:
    for example in rule.examples:
        values = snapshot_of(bundle.catalogue, example.given, at=0).values
        yield Observation(values, f"example `{example.name}`", rule.then.script)


def _of_scenarios(bundle: Bundle) -> Iterator[tuple[Stage, Observation]]:
    for outcome in run_scenarios(bundle, bundle.scenarios):
        scenario = outcome.scenario
        source = f"scenario `{scenario.id}`"
        seen: set[tuple[Stage, frozenset[tuple[str, Value]], str | None]] = set()
        for step in outcome.steps:
            decision = step.decision
            if decision is None or decision.snapshot is None:
                continue
            values = given(decision.snapshot)
            for result in decision.stages:
                # WHY: time moves a few facts at each step, and most steps show the rest again.
                key = (result.stage, frozenset(values.items()), result.outcome.script)
                if key not in seen:
                    seen.add(key)
                    yield result.stage, Observation(dict(values), source, result.outcome.script)
                carry(values, result)
