"""What a store knows of a caller, as facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.facts import Course, Value
from callpolicy.stores.base import Background
from callpolicy.windows import Reading, Steps


class Courses(Mapping[str, Course]):
    """Courses of the facts of a snapshot; those of windows are worked out when somebody asks.

    WHY lazy: a course lists every change to come, and most decisions need the next one of a few facts only.
    """

    __slots__ = ("_known", "_readings")

    def __init__(self, known: Mapping[str, Course], readings: Mapping[str, Reading]) -> None:
        self._known = known
        self._readings = readings

    def __getitem__(self, name: str) -> Course:
        if name in self._known:
            return self._known[name]
        return self._readings[name].course or _STAYS

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        yield from (name for name in self._readings if name not in self._known)

    def __len__(self) -> int:
        return len(self._known.keys() | self._readings.keys())


_STAYS: Final = Steps(())


def background_facts(background: Background) -> tuple[dict[str, Value], dict[str, Course]]:
    """The facts of `history.*`, `case.*`, `block.*` and the allowlist, with the courses that are at hand."""
    values: dict[str, Value] = dict(background.case)
    courses: dict[str, Course] = dict(background.case_courses)
    for name, reading in background.readings.items():
        if reading.value is not None:
            values[name] = reading.value
    standing = background.standing
    if standing is None:
        # WHY known: a caller without identity is on no list.
        values["caller.allowlisted"] = False
        return values, courses
    values["caller.allowlisted"] = standing.allow is not None
    values["block.covered"] = standing.block is not None
    values["block.count"] = standing.blocks
    if standing.block is not None:
        values["block.permanent"] = standing.block.until is None
        if standing.block.until is not None:
            values["block.until"] = standing.block.until
    if standing.changes:
        courses["block.covered"] = Steps(standing.changes)
    return values, courses
