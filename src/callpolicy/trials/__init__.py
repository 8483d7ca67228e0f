"""Examples and scenarios of a bundle, run: what people said a rule should do, against what it does.

An example tests one rule's condition. A scenario tests the whole norm: calls with a virtual clock, fed to the same
engine that live calls use. A failure is a finding with its place, not an exception.
"""

from callpolicy.trials.examples import try_examples
from callpolicy.trials.outcomes import Difference, ScenarioOutcome, StepOutcome
from callpolicy.trials.scenarios import differences_found, run_scenario, run_scenarios, try_scenarios

__all__ = [
    "Difference",
    "ScenarioOutcome",
    "StepOutcome",
    "differences_found",
    "run_scenario",
    "run_scenarios",
    "try_examples",
    "try_scenarios",
]
