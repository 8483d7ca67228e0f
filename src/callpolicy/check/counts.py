"""The numbers by which a norm counts, as they are written: they tell nothing of anybody, and may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callpolicy.check.placing import readers
from callpolicy.condition import Condition, FactRef, leaves
from callpolicy.facts import Catalogue, FactType
from callpolicy.policy import Bundle

_COUNTS: Final = frozenset({FactType.INT, FactType.FLOAT})


def counts_of(bundle: Bundle) -> frozenset[str]:
    """Every number that a fact which is a number is compared with, and has in an example, and the ends of its domain.

    WHY not what is a text somewhere too: it may be the number of a caller whom a rule names.

    Args:
        bundle: a bundle that was read.
    """
    catalogue = bundle.catalogue
    compared = [one for reader in readers(bundle) for one in _compared(reader.condition)]
    given = [(name, value) for rule in bundle.rules for each in rule.examples for name, value in each.given.items()]
    ends = [(fact.name, end) for fact in catalogue for end in (fact.minimum, fact.maximum) if end is not None]
    found = [(_counts(name, catalogue), str(value)) for name, value in (*compared, *given, *ends)]
    texts = {value for counts, value in found if not counts}
    return frozenset(value for counts, value in found if counts) - texts


def _compared(condition: Condition) -> Iterator[tuple[str, object]]:
    for leaf in leaves(condition):
        if not isinstance(leaf.operand, FactRef):
            for each in leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,):
                yield leaf.fact, each


def _counts(name: str, catalogue: Catalogue) -> bool:
    fact = catalogue.get(name)
    return fact is not None and fact.type in _COUNTS
