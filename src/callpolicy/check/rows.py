"""Conditions as rows of their normal form, with what each row says about every fact.

A condition is true if all literals of one row are; it can be unknown only if one row has no literal that is false, and
one that is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from callpolicy.check.domains import can_hold
from callpolicy.condition import Condition, FactRef, Literal, NormalFormTooLargeError, Op, Scalar, leaves, normal_form
from callpolicy.facts import Catalogue

MOST_ROWS: Final = 100
"""Rows into which a condition is taken apart; a larger one is taken as one row of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a condition asks of the facts.

    Args:
        compared: facts that are compared, operands too: unknown, they make a literal unknown.
        known: facts that the row asks to be known.
        unknown: facts that the row asks to be unknown.
        literals: per fact, the literals on it.
        pinned: per fact, the one value that the row asks it to be.
        exact: `False` if the condition was too large, and all of its leaves stand in one row that asks for nothing.
    """

    compared: frozenset[str]
    known: frozenset[str]
    unknown: frozenset[str]
    literals: Mapping[str, tuple[Literal, ...]]
    pinned: Mapping[str, Scalar]
    exact: bool = True

    @property
    def needed(self) -> frozenset[str]:
        """The facts that are known whenever the row is true."""
        return self.known | self.compared if self.exact else frozenset()


class Rows:
    """Takes conditions apart, each once, and tells which literals exclude each other.

    Args:
        catalogue: the declared facts.
    """

    __slots__ = ("_answers", "_catalogue", "_rows", "_true")

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # WHY by identity, with the condition beside it: a hash of a large condition costs as much as its rows.
        self._rows: dict[int, tuple[Condition, tuple[Row, ...]]] = {}
        self._true: dict[int, tuple[Row, ...]] = {}
        self._answers: dict[frozenset[Literal], bool] = {}

    def of(self, condition: Condition) -> tuple[Row, ...]:
        """The rows of a condition; together they are true when it is."""
        found = self._rows.get(id(condition))
        if found is None:
            try:
                rows = tuple(_row(literals) for literals in normal_form(condition, limit=MOST_ROWS))
            except NormalFormTooLargeError:
                rows = (_open_row(condition),)
            found = self._rows[id(condition)] = (condition, rows)
        return found[1]

    def true_rows(self, condition: Condition) -> tuple[Row, ...]:
        """The rows that can be true: none of their literals exclude each other."""
        rows = self.of(condition)
        found = self._true.get(id(condition))
        if found is None:
            found = tuple(row for row in rows if not row.needed & row.unknown and self.clash(row) is None)
            self._true[id(condition)] = found
        return found

    def clash(self, row: Row) -> tuple[Literal, ...] | None:
        """Literals on one fact that exclude each other, the first such; `None` if there are none."""
        return next((each for fact, each in row.literals.items() if not self.agree(fact, each)), None)

    def agree(self, fact: str, literals: Iterable[Literal]) -> bool:
        """Whether literals on one fact can be true together."""
        asked = frozenset(literals)
        answer = self._answers.get(asked)
        if answer is None:
            declared = self._catalogue.get(fact)
            answer = self._answers[asked] = declared is None or can_hold(declared, asked)
        return answer

    def both(self, left: Condition, right: Condition) -> bool:
        """Whether two conditions can be true together, as far as literals on single facts tell."""
        return any(
            not (one.needed & other.unknown or other.needed & one.unknown)
            and self.agree_on(one, other, one.literals.keys() & other.literals.keys())
            for one in self.true_rows(left)
            for other in self.true_rows(right)
        )

    def agree_on(self, one: Row, other: Row, facts: Iterable[str]) -> bool:
        """Whether what two rows ask of these facts can be true together."""
        asked = tuple(facts)
        # WHY first: many rules of one rank that each wait for another value are told apart by this alone.
        if any(
            fact in other.pinned and other.pinned[fact] != one.pinned.get(fact, other.pinned[fact]) for fact in asked
        ):
            return False
        return all(self.agree(fact, one.literals.get(fact, ()) + other.literals.get(fact, ())) for fact in asked)


def _row(literals: Iterable[Literal]) -> Row:
    compared: set[str] = set()
    known: set[str] = set()
    unknown: set[str] = set()
    of_fact: dict[str, list[Literal]] = {}
    pinned: dict[str, Scalar] = {}
    for literal in literals:
        leaf = literal.leaf
        of_fact.setdefault(leaf.fact, []).append(literal)
        if leaf.op is Op.KNOWN:
            (known if leaf.operand is literal.holds else unknown).add(leaf.fact)
        else:
            compared.add(leaf.fact)
            if isinstance(leaf.operand, FactRef):
                compared.add(leaf.operand.name)
            elif leaf.op is Op.IS and literal.holds and not isinstance(leaf.operand, tuple):
                pinned[leaf.fact] = leaf.operand
    on = {fact: tuple(each) for fact, each in of_fact.items()}
    return Row(frozenset(compared), frozenset(known), frozenset(unknown), on, pinned)


def _open_row(condition: Condition) -> Row:
    """One row that asks for nothing, over all the facts that a condition compares."""
    row = _row(Literal(leaf, True) for leaf in leaves(condition))
    return Row(row.compared, frozenset(), frozenset(), {}, {}, exact=False)
