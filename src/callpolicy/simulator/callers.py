"""Who calls: people with a number, perhaps a customer id, and a language.

Every number is of a range that is reserved for fiction or clearly synthetic, and every kind of caller draws from the
same ranges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from callpolicy.simulator.wording import CHINESE, ENGLISH

WITHHELD: Final = "anonymous"
PROTECTED_NUMBERS: Final = ("110", "12378", "119", "12345", "12315", "122")
EXTENSIONS: Final = tuple(str(extension) for extension in range(6001, 6010))

# Synthetic: four zeros where a real number names its city.
_MAINLAND: Final = ("+861380000", "+861990000", "+861500000", "+861860000")
# Source: NANP, 555-0100 to 555-0199 in every area code are for fictional use.
_NORTH_AMERICA: Final = tuple(f"+1{area}55501" for area in (202, 206, 212, 303, 305, 312, 415, 512, 617, 702))
# Source: Ofcom, telephone numbers for drama use (London, Manchester, Leeds); Bundesnetzagentur, for media productions.
_EUROPE: Final = ("+442079460", "+441614960", "+441134960", "+493023125")

_IDENTIFIED: Final = 0.6
_FOREIGN: Final = {CHINESE: 0.04, ENGLISH: 0.75}


@dataclass(frozen=True, slots=True)
class Person:
    """One caller.

    Args:
        key: which person; goes into the truth only.
        number: E.164, or as the switch writes a short or withheld number; `None` on chat and mail.
        customer: the host's id; `None` if not identified.
        language: `zh-CN` or `en`.
    """

    key: str
    number: str | None
    customer: str | None
    language: str

    def identified(self, callers: Callers) -> Person:
        """Be the same person with a customer id for sure."""
        return self if self.customer else replace(self, customer=callers.customer())


class Callers:
    """Gives out people, no number and no customer id twice."""

    def __init__(self, rng: Random, english_share: float) -> None:
        self._rng = rng
        self._english_share = english_share
        self._mainland = _shuffled(rng, _MAINLAND)
        self._foreign = _shuffled(rng, (*_NORTH_AMERICA, *_EUROPE))
        self._customers: set[int] = set()
        self._people = 0

    def person(self) -> Person:
        """Bring somebody who has not called yet.

        Raises:
            ValueError: all the reserved numbers are given out.
        """
        language = ENGLISH if self._rng.random() < self._english_share else CHINESE
        customer = self.customer() if self._rng.random() < _IDENTIFIED else None
        return Person(self._key(), self._number(language), customer, language)

    def company(self) -> Person:
        """Bring a line behind which many people call."""
        return replace(self.person(), customer=None)

    def colleague(self, line: Person) -> Person:
        """Bring somebody who calls from a line that others call from too."""
        customer = self.customer() if self._rng.random() < _IDENTIFIED else None
        return replace(line, key=self._key(), customer=customer)

    def on_short_number(self, number: str) -> Person:
        """Bring somebody on a short number: an authority or an extension of the centre."""
        return Person(self._key(), number, None, CHINESE)

    def withheld(self) -> Person:
        """Bring somebody who hides the number and says no name."""
        return replace(self.person(), number=WITHHELD, customer=None)

    def customer(self) -> str:
        """Give out a customer id."""
        while True:
            drawn = self._rng.randrange(10_000_000, 100_000_000)
            if drawn not in self._customers:
                self._customers.add(drawn)
                return f"C{drawn}"

    def case(self) -> str:
        """Give out the id of a complaint case."""
        return f"K{self.customer()[1:]}"

    def _key(self) -> str:
        self._people += 1
        return f"caller-{self._people:05d}"

    def _number(self, language: str) -> str:
        numbers = self._foreign if self._rng.random() < _FOREIGN[language] else self._mainland
        number = next(numbers, None) or next(self._mainland, None)
        if number is None:
            raise ValueError("the plan needs more callers than there are reserved numbers: plan fewer days or callers")
        return number


def other_form(rng: Random, number: str) -> str:
    """Write an E.164 number as another switch in China would; other numbers stay as they are."""
    if not number.startswith("+"):
        return number
    if number.startswith("+86"):
        national = number[3:]
        spaced = f"+86 {national[:3]} {national[3:7]} {national[7:]}"
        return rng.choice((national, f"0086{national}", spaced))
    return f"00{number[1:]}"


def _shuffled(rng: Random, prefixes: tuple[str, ...]) -> Iterator[str]:
    """Give out the numbers of all ranges, each range evenly; the number of digits says how wide a range is."""
    numbers = [
        f"{prefix}{tail:0{width}d}" for prefix in prefixes for width in [_width(prefix)] for tail in range(10**width)
    ]
    rng.shuffle(numbers)
    return iter(numbers)


def _width(prefix: str) -> int:
    return 4 if prefix in _MAINLAND else 2 if prefix in _NORTH_AMERICA else 3
