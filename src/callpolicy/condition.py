"""The one condition tree: frozen data without behaviour, with its walk and its normal form.

A condition is a stateless predicate over one fact snapshot, in three truth values (strong Kleene): `True`, `False` and
unknown, written `None`. Every matcher reads the same tree; none of them adds meaning to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from callpolicy.errors import SourceSpan

Scalar: TypeAlias = bool | int | float | str
"""One value of an operand. Instants and durations are integers, in microseconds."""

Truth: TypeAlias = bool | None
"""A truth value; `None` is unknown."""


class Op(StrEnum):
    """The operators of a leaf; they read as words."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    STARTS_WITH = "starts_with"
    HAS = "has"
    HAS_ANY = "has_any"
    KNOWN = "known"


ORDERING: Final = frozenset({Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN})


@dataclass(frozen=True, slots=True)
class FactRef:
    """An operand that is another fact: `{fact: other.fact}`."""

    name: str


Operand: TypeAlias = Scalar | tuple[Scalar, ...] | FactRef
"""`between` takes (low, high), both ends in; `in`, `not_in` and `has_any` take a tuple; `known` takes a bool."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """`fact: {operator: operand}`: one fact compared with a constant or with another fact.

    Args:
        fact: name of a fact of the catalogue.
        op: how it is compared.
        operand: what it is compared with; its type has been checked against the catalogue when the bundle was loaded.
        span: where the leaf stands in its file; no part of its meaning.
    """

    fact: str
    op: Op
    operand: Operand
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class All:
    """True when every item is true; false when one is false; else unknown. An empty one is true."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when one item is true; false when all are false; else unknown. An empty one is false."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """None of the items is true: true when all are false; false when one is true; else unknown."""

    items: tuple[Condition, ...]


Condition: TypeAlias = Leaf | All | Any | Not


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf of a condition, in the order in which it is written.

    >>> [leaf.fact for leaf in leaves(All((Leaf("a", Op.IS, 1), Not((Leaf("b", Op.IS, 2),)))))]
    ['a', 'b']
    """
    match condition:
        case Leaf():
            yield condition
        case All(items) | Any(items) | Not(items):
            for item in items:
                yield from leaves(item)
        case _:
            assert_never(condition)


def facts_read(condition: Condition) -> frozenset[str]:
    """The names of all facts that a condition looks at, operands included."""
    names: set[str] = set()
    for leaf in leaves(condition):
        names.add(leaf.fact)
        if isinstance(leaf.operand, FactRef):
            names.add(leaf.operand.name)
    return frozenset(names)


def depth(condition: Condition) -> int:
    """How deeply a condition is nested; a leaf is 1."""
    match condition:
        case Leaf():
            return 1
        case All(items) | Any(items) | Not(items):
            return 1 + max((depth(item) for item in items), default=0)
        case _:
            assert_never(condition)


@dataclass(frozen=True, slots=True)
class Literal:
    """A leaf, or the negation of a leaf, in the normal form.

    Args:
        leaf: the leaf.
        holds: `True` asks that the leaf is true, `False` that it is false.
    """

    leaf: Leaf
    holds: bool


Row: TypeAlias = tuple[Literal, ...]
"""A conjunction of literals. Its truth is strong Kleene: a literal of an unknown leaf is unknown."""


class NormalFormTooLargeError(Exception):
    """The disjunctive form would exceed the limit that the caller set."""


def normal_form(condition: Condition, *, limit: int) -> tuple[Row, ...]:
    """The disjunctive normal form: a condition is the disjunction of the rows.

    WHY it is exact in three values: strong Kleene logic is distributive and obeys De Morgan's laws, and nothing is
    simplified but repeated literals and rows that another row already covers (absorption), which hold there too.
    `x or not x` is kept: it is not a tautology.

    Args:
        condition: any condition.
        limit: the largest number of rows that any step may make.

    Returns:
        rows without duplicates, none covering another; `()` is false and `((),)` is true.

    Raises:
        NormalFormTooLargeError: more than `limit` rows would be needed.

    >>> a, b, c = (Leaf(name, Op.IS, True) for name in "abc")
    >>> rows = normal_form(All((a, Any((b, Not((c,)))))), limit=10)
    >>> [[(literal.leaf.fact, literal.holds) for literal in row] for row in rows]
    [[('a', True), ('b', True)], [('a', True), ('c', False)]]
    """
    return tuple(tuple(row) for row in _rows(condition, True, limit))


# A dict without values is an ordered set: the rows come out in the order in which they are written.
_OrderedRow: TypeAlias = dict[Literal, None]


def _rows(condition: Condition, holds: bool, limit: int) -> list[_OrderedRow]:
    match condition:
        case Leaf():
            return [{Literal(condition, holds): None}]
        case All(items):
            return _conjunction(items, True, limit) if holds else _disjunction(items, False, limit)
        case Any(items):
            return _disjunction(items, True, limit) if holds else _conjunction(items, False, limit)
        case Not(items):
            return _conjunction(items, False, limit) if holds else _disjunction(items, True, limit)
        case _:
            assert_never(condition)


def _disjunction(items: tuple[Condition, ...], holds: bool, limit: int) -> list[_OrderedRow]:
    return _absorbed([row for item in items for row in _rows(item, holds, limit)], limit)


def _conjunction(items: tuple[Condition, ...], holds: bool, limit: int) -> list[_OrderedRow]:
    product: list[_OrderedRow] = [{}]
    for item in items:
        rows = _rows(item, holds, limit)
        if len(product) * len(rows) > limit * limit:
            raise NormalFormTooLargeError
        product = _absorbed([left | right for left in product for right in rows], limit)
    return product


def _absorbed(rows: list[_OrderedRow], limit: int) -> list[_OrderedRow]:
    kept: list[_OrderedRow] = []
    for row in sorted(rows, key=len):
        if not any(other.keys() <= row.keys() for other in kept):
            kept.append(row)
            if len(kept) > limit:
                raise NormalFormTooLargeError
    order = {id(row): position for position, row in enumerate(rows)}
    return sorted(kept, key=lambda row: order[id(row)])
