"""What a scenario came to, step by step, and what in it is not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callpolicy.decision import Decision
from callpolicy.errors import SourceSpan
from callpolicy.instants import duration_text
from callpolicy.policy import Scenario, ScenarioStep
from callpolicy.trials.words import CHINESE, key_words, say


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected.

    Args:
        what: which of the words of `callpolicy.trials.words` says it.
        values: what is filled into them; `None` among them is nothing at all.
        stage: the stage that it is about; empty for the decision as a whole.
        span: where the expectation stands; `None` for what was made in memory.
    """

    what: str
    values: Mapping[str, str | None] = field(hash=False)
    stage: str = ""
    span: SourceSpan | None = field(default=None, compare=False)

    def told(self, language: str = "en") -> str:
        """What differs, in one line that does not say where.

        Args:
            language: `zh-CN` for Chinese, else English.
        """
        values = {name: _value(value, language) for name, value in self.values.items()}
        if self.what == "differs":
            values["key"] = key_words(values["key"], language)
        line = say(self.what, language, **values)
        return say("of_stage", language, stage=self.stage, what=line) if self.stage else line


def _value(value: str | None, language: str) -> str:
    if value is None:
        return say("nothing", language)
    if language != CHINESE or value[:1] not in {"`", "["}:
        return value
    # WHY a space: what stands in backticks is kept apart from Chinese characters, nothing else is.
    return f" {value.replace(', ', '、')}"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What happened at one step of a scenario.

    Args:
        step: the step.
        decision: the decision that was made then, if one was.
        differences: what was expected and is not.
    """

    step: ScenarioStep
    decision: Decision | None
    differences: tuple[Difference, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """What was expected and is not, one line each, with the instant and the call."""
        return self.told("en")

    def told(self, language: str) -> tuple[str, ...]:
        """The failures in a language.

        Args:
            language: `zh-CN` for Chinese, else English.
        """
        return tuple(self.placed(each.told(language), language) for each in self.differences)

    def placed(self, what: str, language: str) -> str:
        """Something that is told of this step, with its instant and call."""
        return say("placed", language, at=duration_text(self.step.at), call=self.step.call, what=what)


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """What a scenario came to.

    Args:
        scenario: the scenario.
        steps: every step that was run.
    """

    scenario: Scenario
    steps: tuple[StepOutcome, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected was so, and something was expected at all."""
        return not any(step.differences for step in self.steps) and any(step.step.expect for step in self.steps)
