"""Coverage of a bundle: what its examples and scenarios show of its rules, leaves, boundaries and texts.

`cover` measures; for every gap it gives an example that closes it, tried by evaluating it. What no call can show is
said, with the reason, and counts for nothing.
"""

from callpolicy.coverage.marking import marked_up
from callpolicy.coverage.measuring import cover
from callpolicy.coverage.model import Coverage, CoveragePoint, PointKind, Reason, Share, State
from callpolicy.coverage.showing import closing_yaml, coverage_dict

__all__ = [
    "Coverage",
    "CoveragePoint",
    "PointKind",
    "Reason",
    "Share",
    "State",
    "closing_yaml",
    "cover",
    "coverage_dict",
    "marked_up",
]
