"""How long what the product keeps is kept, as a bundle declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callpolicy.errors import SourceSpan
from callpolicy.policy.terms import DAY


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept; what is older may be erased.

    Args:
        history: items of the history, from when they happened; `None` for as far as the windows reach.
        cases: complaint cases, from their last contact.
        blocks: blocks and allowlist entries, from their end.
        personal: the personal parts of audit records, from the record on; what is left of a record stays.
        spans: where each of them is written.

    Units: microseconds.
    """

    history: int | None = None
    cases: int = 730 * DAY
    blocks: int = 730 * DAY
    personal: int = 365 * DAY
    spans: Mapping[str, SourceSpan] = field(default_factory=dict, compare=False, repr=False)
