"""What the hang-up norm asks of every bundle, as conditions."""

from __future__ import annotations

from typing import Final

from callpolicy.condition import All, Leaf, Op

WARNED: Final = All(
    (
        Leaf("talk.warnings", Op.KNOWN, True),
        Leaf("talk.warnings", Op.AT_LEAST, 1),
        Leaf("talk.offences_since_warning", Op.KNOWN, True),
        Leaf("talk.offences_since_warning", Op.AT_LEAST, 1),
    )
)
"""What must be known before anybody hangs up on nuisance (NORM 2.2)."""
