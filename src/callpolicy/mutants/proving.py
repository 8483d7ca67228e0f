"""The prover that comes along: a mutant is compared with its bundle at every decision point, for every snapshot."""

from __future__ import annotations

from callpolicy.analysis import UnsupportedBundleError, Variants
from callpolicy.mutants.model import Answer
from callpolicy.policy import Bundle


class Proving:
    """Whether a bundle and another one decide every call alike: same outcome, obligations and determining rules.

    Args:
        bundle: the bundle with which others are compared; it is made into formulas when it is first needed.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._variants: Variants | None = None

    def __call__(self, new: Bundle) -> Answer:
        """What is proved of another bundle.

        Raises:
            MissingExtraError: the extra `prove` is not installed.
        """
        try:
            self._variants = self._variants or Variants(self._bundle)
            found = self._variants.difference(new)
        except UnsupportedBundleError as error:
            return Answer(None, why=f"the prover cannot hold it: {error}")
        if found is not None:
            return Answer(False, found.point, found.new.values)
        return Answer(True, why="proved for every snapshot")
