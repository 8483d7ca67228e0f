"""One decision point: a compiled bundle and a snapshot in, a decision out; pure."""

from callpolicy.engine.deciding import decide, let_through
from callpolicy.engine.explaining import Explanation, RuleExplanation, explain, failing, why_not
from callpolicy.engine.plan import Plan, compile_plan
from callpolicy.policy import STANDING_BLOCK

__all__ = [
    "STANDING_BLOCK",
    "Explanation",
    "Plan",
    "RuleExplanation",
    "compile_plan",
    "decide",
    "explain",
    "failing",
    "let_through",
    "why_not",
]
