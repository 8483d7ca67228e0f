"""What a store knows of a caller, as facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.facts import Course, Value
from callpolicy.lists import Standing
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
    own = _standing_facts(standing)
    values.update({name: value for name, value in own.items() if value is not None})
    if standing.changes:
        found = {name: tuple(_steps(name, now, standing)) for name, now in own.items()}
        courses.update({name: Steps(steps) for name, steps in found.items() if steps})
    return values, courses


def _standing_facts(standing: Standing) -> dict[str, int | None]:
    block = standing.block
    return {
        "caller.allowlisted": standing.allow is not None,
        "block.covered": block is not None,
        "block.count": standing.blocks,
        "block.permanent": None if block is None else block.until is None,
        "block.until": None if block is None else block.until,
    }


def _steps(name: str, now: int | None, standing: Standing) -> Iterator[tuple[int, int | None]]:
    for at, later in standing.changes:
        after = _standing_facts(later)[name]
        if after != now:
            yield at, after
        now = after
