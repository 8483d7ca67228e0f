"""Fifty planted numbers, and every way in which one of them could be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from callpolicy.numbering import parse_number

# Plainly made up: nobody has 138 0000 51xx.
PLANTED: Final = tuple(f"+86 138 0000 {5100 + place}" for place in range(50))

_END: Final = 8


def forms(number: str) -> Iterator[str]:
    """How a number can be written: as it was given, canonical, national, and its end."""
    canonical = parse_number(number, region="CN").canonical or number
    national = canonical.removeprefix("+86").removeprefix("+")
    yield from {number, canonical, national, f"0086{national}", canonical[-_END:], number.removeprefix("+86 ")}


def shown(text: str, numbers: tuple[str, ...] = PLANTED) -> list[str]:
    """The numbers that a text shows in any form."""
    return [number for number in numbers if any(form in text for form in forms(number))]


_ANYWHERE: Final = re.compile(r"138[ -]?0000[ -]?51[0-4]\d")


def is_shown(text: str) -> bool:
    """Whether a text shows one of them in full; quick enough for all that a test run prints."""
    return _ANYWHERE.search(text) is not None
