"""What a window asks, as a bundle declares it.

Units: durations are microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

CALLS: Final = "calls"
"""Kind of the item that each call leaves when it is offered, rejected calls too."""

JUDGED: Final = "judged"
"""Kind of the item that each judgement of a call leaves, by people or by the system."""

# WHY: a local day lasts 25 hours where clocks change by one hour, 48 where a date is lived twice.
_LONGEST_DAY: Final = 48 * 3_600_000_000


class Measure(StrEnum):
    """What a window measures over its items."""

    COUNT = "count"
    DISTINCT = "distinct"
    SECONDS_SINCE = "seconds_since"


@dataclass(frozen=True, slots=True)
class Window:
    """One declared window: which items, how far back, and what is measured.

    Args:
        fact: Name of the fact that the window gives.
        measure: What is measured.
        over: Kind of the items: `CALLS`, `JUDGED` or the kind of an event.
        length: How far back, in microseconds. None with ``calendar``; for seconds_since also without, then it
            reaches back as far as the history's retention.
        calendar: ``"day"`` for the centre's local day instead of a length.
        distinct_of: The attribute whose different values are counted; an item without it does not count.
        where: Attribute and allowed values; an item counts only if each attribute is known and allowed.
        same_as_current: Attributes that must equal the current call's; unknown there, the value is unknown.
        identity: Whose history is to be read; `read` is given that history.

    Raises:
        ValueError: If the parts do not go together.
    """

    fact: str
    measure: Measure
    over: str
    length: int | None = None
    calendar: Literal["day"] | None = None
    distinct_of: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    same_as_current: tuple[str, ...] = ()
    identity: Literal["number", "customer"] = "number"

    def __post_init__(self) -> None:
        """Refuse parts that do not go together."""
        if self.length is not None and self.calendar is not None:
            raise ValueError(f"window `{self.fact}` has both a length and a calendar")
        if self.length is not None and self.length <= 0:
            raise ValueError(f"window `{self.fact}` has a length that is not positive")
        if self.length is None and self.calendar is None and self.measure is not Measure.SECONDS_SINCE:
            raise ValueError(f"window `{self.fact}` needs a length or a calendar")
        if (self.distinct_of is None) is (self.measure is Measure.DISTINCT):
            raise ValueError(f"window `{self.fact}`: `distinct_of` goes with `distinct`, and only with it")
        for name, allowed in self.where:
            if not allowed:
                raise ValueError(f"window `{self.fact}` allows no value of `{name}`")


def retention(windows: Iterable[Window], *, at_least: int = 0) -> int:
    """Return how far back items must be kept for these windows.

    Args:
        windows: The declared windows.
        at_least: Floor of the answer: what a window without length is to reach back.

    Returns:
        The longest length, in microseconds; a calendar day counts as 48 hours, the longest that one can last.
    """
    lengths = [_LONGEST_DAY if window.calendar else window.length or 0 for window in windows]
    return max([at_least, *lengths])
