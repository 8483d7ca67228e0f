"""What a store knows of a caller, as facts."""

from __future__ import annotations

from collections.abc import Iterator

from callpolicy.facts import Course, Value
from callpolicy.lists import Standing
from callpolicy.stores.base import Background
from callpolicy.windows import Steps


def background_facts(background: Background, *, with_courses: bool) -> tuple[dict[str, Value], dict[str, Course]]:
    """The facts of `history.*`, `case.*`, `block.*` and the allowlist, and how they go on.

    Args:
        background: what the store knows.
        with_courses: whether anybody asks how windows go on; working it out takes a while.
    """
    values: dict[str, Value] = {**background.case, **background.readings.known()}
    courses: dict[str, Course] = dict(background.case_courses)
    if with_courses:
        courses.update(background.readings.courses())
    standing = background.standing
    if standing is None:
        # WHY known: a caller without identity is on no list.
        values["caller.allowlisted"] = False
        return values, courses
    if standing.block is None and not standing.changes:
        values["caller.allowlisted"] = standing.allow is not None
        values["block.covered"] = False
        values["block.count"] = standing.blocks
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
