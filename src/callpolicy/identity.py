"""Who a call is counted for: (kind, canonical value)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class IdentityKind(StrEnum):
    """What an identity is made of: the calling line, or the customer that the host knows."""

    NUMBER = "number"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """One caller, in the only form under which anything is counted or listed.

    Args:
        kind: the calling line or the customer.
        value: canonical: E.164 or `CC:short` for a number (see `numbering`), the host's id for a customer.
    """

    kind: IdentityKind
    # WHY no repr: it ends up in logs and tracebacks, where nobody may be shown.
    value: str = field(repr=False)
