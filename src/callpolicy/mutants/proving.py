"""The prover that comes along: two bundles are asked about at every decision point, for every snapshot there can be."""

from __future__ import annotations

from callpolicy.mutants.model import Answer
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle


def proved(old: Bundle, new: Bundle) -> Answer:
    """Whether two bundles decide every call alike: same outcome, obligations and determining rules at every stage.

    Raises:
        MissingExtraError: the extra `prove` is not installed.
    """
    from callpolicy.analysis import UnsupportedBundleError, same_decisions  # noqa: PLC0415  # WHY: the solver is an extra

    for point in DecisionPoint:
        try:
            found = same_decisions(old, new, point)
        except UnsupportedBundleError as error:
            return Answer(None, why=f"the prover cannot hold it: {error}")
        if found is not None:
            return Answer(False, point, found.new.values)
    return Answer(True, why="proved for every snapshot")
