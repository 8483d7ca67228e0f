"""Which bit stands for which row of which condition.

The first row of condition i is bit i, so that where every condition has one row, rows and conditions are the same
bits. The second rows stand in a second layer above, shifted by one distance for all of them, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callpolicy.condition import (
    Condition,
    FactRef,
    Leaf,
    NormalFormTooLargeError,
    Op,
    Row,
    leaves,
    normal_form,
)
from callpolicy.facts import Catalogue, FactType

NUMBERS: Final = frozenset({FactType.BOOL, FactType.INT, FactType.FLOAT, FactType.DURATION, FactType.TIMESTAMP})
"""The types whose values compare as numbers."""
_TEXTS: Final = frozenset({FactType.STR, FactType.ENUM})
_MOST_ROWS: Final = 64
_ONE: Final = frozenset({Op.IS, Op.IS_NOT, Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN})
_SEVERAL: Final = frozenset({Op.IN, Op.NOT_IN})
_ENDS_OF_BETWEEN: Final = 2
_TRIES: Final = 64
_WIDEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows and their bits.

    Args:
        rows: (bit, row) of every row.
        layers: (shift, conditions): bit i + shift is a further row of condition i, if i is in the mask.
        walked: positions of the conditions that have no rows here, because they have too many or an operand that
            no vector can hold.
    """

    rows: tuple[tuple[int, Row], ...]
    layers: tuple[tuple[int, int], ...]
    walked: tuple[int, ...]


def lay_out(conditions: Sequence[Condition], catalogue: Catalogue) -> Layout:
    """Give every row of every condition its bit."""
    forms = [_form(condition, catalogue) for condition in conditions]
    # WHY: layers are as wide as they are far apart; a few large conditions must not make every vector long.
    widest = _WIDEST + 8 * len(conditions)
    most_rows = _MOST_ROWS
    while True:
        kept = [form if form is not None and len(form) <= most_rows else None for form in forms]
        layers = _layers(kept)
        if all(shift + conditions_there.bit_length() <= widest for shift, conditions_there in layers):
            break
        most_rows //= 2
    rows: list[tuple[int, Row]] = []
    for position, form in enumerate(kept):
        if form:
            rows.append((position, form[0]))
            rows += [(position + layers[index][0], row) for index, row in enumerate(form[1:])]
    return Layout(tuple(rows), tuple(layers), tuple(place for place, form in enumerate(kept) if form is None))


def _form(condition: Condition, catalogue: Catalogue) -> tuple[Row, ...] | None:
    if not all(_fits(leaf, catalogue) for leaf in leaves(condition)):
        return None
    try:
        return normal_form(condition, limit=_MOST_ROWS)
    except NormalFormTooLargeError:
        return None


def _layers(forms: Sequence[tuple[Row, ...] | None]) -> list[tuple[int, int]]:
    layers: list[tuple[int, int]] = []
    taken = (1 << len(forms)) - 1
    shift = 0
    for depth in range(1, max((len(form) for form in forms if form), default=0)):
        owners = sum(1 << place for place, form in enumerate(forms) if form and len(form) > depth)
        shift = _free_shift(owners, taken, shift)
        taken |= owners << shift
        layers.append((shift, owners))
    return layers


def _free_shift(owners: int, taken: int, shift: int) -> int:
    for _ in range(_TRIES):
        if not (owners << shift) & taken:
            return shift
        shift += 1
    lowest = (owners & -owners).bit_length() - 1
    return taken.bit_length() - lowest


def _fits(leaf: Leaf, catalogue: Catalogue) -> bool:
    """Whether a leaf's operand is of the kind that its operator and the type of its fact ask for."""
    if isinstance(leaf.operand, FactRef):
        return leaf.op is not Op.KNOWN
    fact = catalogue.get(leaf.fact)
    if fact is None:
        return False
    if leaf.op is Op.KNOWN:
        return isinstance(leaf.operand, bool)
    if fact.type is FactType.STR_SET:
        elements = leaf.operand if leaf.op is Op.HAS_ANY else (leaf.operand,)
        return leaf.op in {Op.HAS, Op.HAS_ANY} and _are_texts(elements)
    return _fits_scalar(leaf, fact.type)


def _fits_scalar(leaf: Leaf, kind: FactType) -> bool:
    operands: object = leaf.operand
    if leaf.op in _ONE or (leaf.op is Op.STARTS_WITH and kind in _TEXTS):
        operands = (operands,)
    elif leaf.op is Op.BETWEEN:
        if not isinstance(operands, tuple) or len(operands) != _ENDS_OF_BETWEEN:
            return False
    elif leaf.op not in _SEVERAL:
        return False
    return _are_texts(operands) if kind in _TEXTS else _are_numbers(operands)


def _are_texts(operands: object) -> bool:
    return isinstance(operands, tuple) and all(isinstance(operand, str) for operand in operands)


def _are_numbers(operands: object) -> bool:
    return isinstance(operands, tuple) and all(
        isinstance(operand, int) or (isinstance(operand, float) and not math.isnan(operand)) for operand in operands
    )
