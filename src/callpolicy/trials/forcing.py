"""One leaf of a condition put to another truth, and what the whole then comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from callpolicy.condition import All, Any, Condition, Leaf, Not, Truth
from callpolicy.facts import Value
from callpolicy.matchers.reference import leaf_truth, truth

Path: TypeAlias = tuple[int, ...]
"""The positions that lead to a leaf."""


def leaf_paths(condition: Condition, path: Path = ()) -> Iterator[tuple[Leaf, Path]]:
    """Every leaf, with the positions that lead to it, in the order in which it is written."""
    if isinstance(condition, Leaf):
        yield condition, path
        return
    for position, item in enumerate(condition.items):
        yield from leaf_paths(item, (*path, position))


def leaf_at(condition: Condition, path: Path) -> Leaf:
    """The leaf at a path."""
    for position in path:
        assert not isinstance(condition, Leaf)
        condition = condition.items[position]
    assert isinstance(condition, Leaf)
    return condition


def forced_truth(condition: Condition, path: Path, values: Mapping[str, Value], forced: Truth) -> Truth:
    """What a condition comes to if the leaf at a path has a truth of its own.

    Args:
        condition: the condition.
        path: leads to the leaf.
        values: the known facts, for all other leaves.
        forced: the truth of the leaf.
    """
    if isinstance(condition, Leaf):
        return forced
    parts = [
        forced_truth(item, path[1:], values, forced) if path and position == path[0] else truth(item, values)
        for position, item in enumerate(condition.items)
    ]
    return joined(condition, parts)


def decides(condition: Condition, path: Path, values: Mapping[str, Value]) -> bool:
    """Whether a condition is true one way and false the other as the leaf at a path is.

    Source: masking MC/DC, as in CAST-6 (2001): what the other conditions are must not hide the one that is shown.
    """
    came = {forced_truth(condition, path, values, forced) for forced in (True, False)}
    return came == {True, False}


def undecided_leaves(condition: Condition, values: Mapping[str, Value], path: Path = ()) -> Iterator[tuple[Leaf, Path]]:
    """The leaves whose unknown keeps a condition undecided: each is unknown, and so is every group that holds it.

    A leaf that is unknown in a group that is decided without it changes nothing, and is not among them.
    """
    if isinstance(condition, Leaf):
        if leaf_truth(condition, values) is None:
            yield condition, path
        return
    if truth(condition, values) is None:
        for position, item in enumerate(condition.items):
            yield from undecided_leaves(item, values, (*path, position))


def joined(condition: All | Any | Not, parts: list[Truth]) -> Truth:
    """What a group comes to, by what its items come to."""
    match condition:
        case All():
            return _every(parts)
        case Any():
            return _not(_every([_not(part) for part in parts]))
        case Not():
            return _every([_not(part) for part in parts])


def _every(parts: list[Truth]) -> Truth:
    if False in parts:
        return False
    return None if None in parts else True


def _not(value: Truth) -> Truth:
    return None if value is None else not value
