"""What is true of a norm for every possible call: proofs, findings and differences, each with a call that shows it.

The solver is the extra `prove` (`pip install 'callpolicy[prove]'`); it is loaded when it is first asked.
"""

from callpolicy.analysis.comparing import (
    Difference,
    Pair,
    UnsupportedBundleError,
    beyond_snapshots,
    same_decisions,
)
from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.finding import find
from callpolicy.analysis.space import Kleene, Space, Unsupported
from callpolicy.analysis.stages import StageModel
from callpolicy.analysis.variants import Variants
from callpolicy.analysis.witness import SolverDisagreesError, Witness

__all__ = [
    "Difference",
    "Encoded",
    "Kleene",
    "Pair",
    "SolverDisagreesError",
    "Space",
    "StageModel",
    "Unsupported",
    "UnsupportedBundleError",
    "Variants",
    "Witness",
    "beyond_snapshots",
    "find",
    "same_decisions",
]
