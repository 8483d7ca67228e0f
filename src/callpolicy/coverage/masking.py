"""Where a leaf decides, and where the rest of its condition hides it.

Source: masking MC/DC, as in CAST-6 (2001): a condition has shown its effect where the others do not mask it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Final

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Truth
from callpolicy.facts import Value
from callpolicy.matchers.reference import leaf_truth
from callpolicy.trials.forcing import Path, joined, leaf_paths

_MOST_FREE: Final = 12
_TRUE: Final = All(())
_FALSE: Final = Any(())


def deciding_condition(condition: Condition, path: Path) -> Condition | None:
    """What must be so beside a leaf, for the condition to be true one way and false the other as the leaf is.

    Args:
        condition: the condition.
        path: leads to the leaf.

    Returns:
        a condition of the other leaves; `None` if the leaf stands alone.
    """
    if not path:
        return None
    there, gone = _with(condition, path, _TRUE), _with(condition, path, _FALSE)
    return Any((All((there, Not((gone,)))), All((gone, Not((there,))))))


def _with(condition: Condition, path: Path, other: Condition) -> Condition:
    if not path or isinstance(condition, Leaf):
        return other
    items = tuple(
        _with(item, path[1:], other) if position == path[0] else item for position, item in enumerate(condition.items)
    )
    return type(condition)(items)


def is_masked(condition: Condition, path: Path, wanted: Mapping[str, Value | None]) -> bool:
    """Whether other leaves on the same facts decide, whatever all the rest is; never said where it is not proved.

    Args:
        condition: the condition.
        path: leads to the leaf.
        wanted: the facts of the leaf, as they are to be.
    """
    values = {name: value for name, value in wanted.items() if value is not None}
    settled: dict[Path, Truth] = {}
    free: list[Path] = []
    for leaf, place in leaf_paths(condition):
        names = {leaf.fact, *([leaf.operand.name] if isinstance(leaf.operand, FactRef) else [])}
        if place != path and names <= wanted.keys():
            settled[place] = leaf_truth(leaf, values)
        elif place != path:
            free.append(place)
    if len(free) > _MOST_FREE:
        return False
    for chosen in product((True, False), repeat=len(free)):
        truths = settled | dict(zip(free, chosen, strict=True))
        came = {_joined(condition, (), truths | {path: own}) for own in (True, False)}
        if came == {True, False}:
            return False
    return True


def _joined(condition: Condition, path: Path, truths: Mapping[Path, Truth]) -> Truth:
    if isinstance(condition, Leaf):
        return truths[path]
    return joined(condition, [_joined(item, (*path, place), truths) for place, item in enumerate(condition.items)])
