"""Digests of what a decision was made from, and masks for what a record shows of a person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import rfc8785

from callpolicy.facts import Catalogue, Privacy, Snapshot, Value

# Source: RFC 8785 section 3.2.2.3: JSON numbers are IEEE 754 doubles, exact up to 2^53.
_EXACT: Final = 1 << 53
MASKED: Final = "***"
"""What stands in place of a personal value."""


def snapshot_digest(snapshot: Snapshot, key: bytes) -> str:
    """A keyed digest of a snapshot: equal for equal snapshots, and telling nothing to whoever has no key.

    WHY keyed: the digest of a telephone number without a key is found by trying all numbers.

    Args:
        snapshot: what a decision was made from; its instant and its known facts count.
        key: the secret of the centre.

    Returns:
        `hmac-sha256:` and 64 hex digits.

    Raises:
        ValueError: the key is empty, so that it keeps nothing secret.

    Source: RFC 8785 (canonical JSON), RFC 2104 (HMAC).
    """
    values = {name: _plain(value) for name, value in snapshot.values.items()}
    if not key:
        raise ValueError("a digest without a key tells what it was made from; give a key that is not empty")
    tree: dict[str, Any] = {"at": str(snapshot.at), "values": values}
    return "hmac-sha256:" + hmac.new(key, rfc8785.dumps(tree), hashlib.sha256).hexdigest()


def _plain(value: Value) -> bool | int | float | str | list[str]:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _EXACT:
        return str(value)
    return value


def masked(values: Mapping[str, Value], catalogue: Catalogue) -> dict[str, Value]:
    """The facts of a snapshot as they may be shown: personal values are replaced.

    Args:
        values: known facts.
        catalogue: their declarations; a fact that is not declared counts as personal.
    """
    return {name: value if may_show(name, catalogue) else MASKED for name, value in values.items()}


@lru_cache(maxsize=16)
def shown_names(catalogue: Catalogue) -> frozenset[str]:
    """The names of all facts whose values may be shown in clear."""
    return frozenset(fact.name for fact in catalogue if may_show(fact.name, catalogue))


def may_show(name: str, catalogue: Catalogue) -> bool:
    """Whether the value of a fact may be shown in clear."""
    fact = catalogue.get(name)
    return fact is not None and fact.privacy is not Privacy.PERSONAL
