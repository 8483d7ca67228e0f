"""Ids that nobody else has: of blocks, entries, acts at the desk, and writers of records."""

from __future__ import annotations

import secrets
from typing import Final

LENGTH: Final = 12
_LETTERS: Final = "bcdfghjkmnpqrstvwxz"


def new_id(head: str) -> str:
    """A random id. Of ten million, two are the same by a chance of one in forty.

    WHY letters: where a message may quote anything, what looks like a telephone number loses its digits, and an id must
    be quoted whole. WHY no vowels: an id is no word.

    Args:
        head: what it begins with, as `block-`.
    """
    return head + "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))
