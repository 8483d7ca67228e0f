"""How long a block lasts, and texts per language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

DAY: Final = 86_400_000_000
"""One day in microseconds."""

Texts = Mapping[str, str]
"""One text per language (`zh-CN`, `en`)."""


class Term(StrEnum):
    """How long a block lasts, by name; a duration in microseconds is the other way to say it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    PERMANENT = "permanent"


_TERM_LENGTH: Final = MappingProxyType({Term.DAY: DAY, Term.WEEK: 7 * DAY, Term.MONTH: 30 * DAY})
_ENDLESS: Final = 1 << 62


def term_length(term: Term | int | None) -> int:
    """A length by which terms are ordered, in microseconds; a month counts 30 days, permanent is longer than any other.

    >>> term_length(Term.WEEK) < term_length(Term.MONTH) < term_length(Term.PERMANENT)
    True
    """
    if term is None:
        return 0
    if isinstance(term, Term):
        return _TERM_LENGTH.get(term, _ENDLESS)
    return min(term, _ENDLESS - 1)
