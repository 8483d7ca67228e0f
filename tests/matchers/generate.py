"""Random bundles of conditions with snapshots that sit on their boundaries; the same seed, the same bundle."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callpolicy.condition import (
    All,
    Any,
    Condition,
    FactRef,
    Leaf,
    NormalFormTooLargeError,
    Not,
    Op,
    Operand,
    Scalar,
    normal_form,
)
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType, Value

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
NEW_YEAR: Final = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z

LABELS: Final = ("harassment", "abuse", "投诉", "辱骂", "")
MARKS: Final[Mapping[FactType, tuple[Scalar, ...]]] = {
    FactType.BOOL: (True, False),
    FactType.INT: (-1, 0, 1, 2, 3, 7, 2**31, 2**53, 2**53 + 1, 10**20),
    FactType.FLOAT: (-0.5, 0.0, 0.1, 0.30000000000000004, 1.0, 2.5, 1e300, 2),
    FactType.STR: (
        "",
        "投诉",
        "投诉处理",
        "投诉处理中心",
        "人工",
        "queue-1",
        "Queue-1",
        "+862100000001",
        "é",
        "e\u0301",
    ),
    FactType.ENUM: ("normal", "nuisance", "repeat_complaint", "骚扰"),
    FactType.DURATION: (0, 1, 2 * SECOND, 30 * SECOND, DAY, 30 * DAY),
    FactType.TIMESTAMP: (NEW_YEAR - 1, NEW_YEAR, NEW_YEAR + DAY, NEW_YEAR + 31 * DAY),
    FactType.STR_SET: LABELS,
}
"""What operands are taken from; values of facts are these and their neighbours."""

ORDERING: Final = (Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN)
SINGLE: Final = frozenset({Op.IS, Op.IS_NOT, *ORDERING})
MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one seed gives: conditions over a catalogue, and snapshots to try them on."""

    seed: int
    catalogue: Catalogue
    conditions: tuple[Condition, ...]
    snapshots: tuple[Mapping[str, Value], ...]


def bundle(seed: int, *, fewest: int = 3, most: int = 12, snapshots: int = 100) -> Bundle:
    """Make the bundle of a seed, with `fewest` to `most` conditions."""
    return _Generator(seed).bundle(fewest, most, snapshots)


class _Generator:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        facts = [
            Fact(f"host.{kind.name.lower()}_{number}", kind, {}, values=_allowed(kind))
            for kind in FactType
            for number in range(self.random.randint(1, 2))
        ]
        self.catalogue = Catalogue(facts)
        # WHY few marks for each fact: boundaries of different rules are to fall on each other, and be hit.
        self.marks = {fact.name: self._sample(MARKS[fact.type], 4) for fact in facts}
        self.leaves: list[Leaf] = []

    def bundle(self, fewest: int, most: int, snapshots: int) -> Bundle:
        conditions = tuple(self._condition() for _ in range(self.random.randint(fewest, most)))
        return Bundle(self.seed, self.catalogue, conditions, tuple(self._snapshot() for _ in range(snapshots)))

    def _sample(self, pool: Sequence[Scalar], most: int) -> list[Scalar]:
        return self.random.sample(pool, self.random.randint(1, min(most, len(pool))))

    def _condition(self) -> Condition:
        while True:
            condition = self._node(self.random.choice((0, 1, 1, 2, 2, 3)))
            try:
                normal_form(condition, limit=MOST_ROWS)
            except NormalFormTooLargeError:
                continue
            return condition

    def _node(self, depth: int) -> Condition:
        if depth == 0 or self.random.random() < 0.2:
            return self._leaf()
        node = self.random.choice((All, Any, Not))
        count = 0 if self.random.random() < 0.02 else self.random.randint(1, 4)
        return node(tuple(self._node(depth - 1) for _ in range(count)))

    def _leaf(self) -> Leaf:
        # WHY again: a leaf that several rules share, and both it and its negation in one rule.
        if self.leaves and self.random.random() < 0.35:
            return self.random.choice(self.leaves)
        fact = self.random.choice(list(self.catalogue))
        op = self.random.choice(sorted(OPERATORS[fact.type]))
        leaf = Leaf(fact.name, op, self._operand(fact, op))
        self.leaves.append(leaf)
        return leaf

    def _operand(self, fact: Fact, op: Op) -> Operand:
        marks = self.marks[fact.name]
        match op:
            case Op.KNOWN:
                return self.random.random() < 0.5
            case Op.BETWEEN:
                low, high = sorted(self.random.choices(marks, k=2))
                return low, high
            case Op.IN | Op.NOT_IN | Op.HAS_ANY:
                return tuple(self._sample(marks, 3))
            case Op.STARTS_WITH:
                text = str(self.random.choice(marks))
                return text[: self.random.randint(0, len(text))]
            case _:
                others = self._facts_to_compare(fact, op)
                if others and self.random.random() < 0.2:
                    return FactRef(self.random.choice(others))
                return self.random.choice(marks)

    def _facts_to_compare(self, fact: Fact, op: Op) -> list[str]:
        return [
            other.name
            for other in self.catalogue
            if op in SINGLE and other.type is fact.type and other.name != fact.name
        ]

    def _snapshot(self) -> Mapping[str, Value]:
        unknown = self.random.choice((0.0, 0.05, 0.2, 0.5))
        return {fact.name: self._value(fact) for fact in self.catalogue if self.random.random() >= unknown}

    def _value(self, fact: Fact) -> Value:
        if fact.type is FactType.STR_SET:
            return frozenset(self.random.sample(LABELS, self.random.randint(0, len(LABELS))))
        mark = self.random.choice(self.marks[fact.name])
        match fact.type:
            case FactType.BOOL:
                return self.random.random() < 0.5
            case FactType.FLOAT:
                at = float(mark)
                return self.random.choice((math.nextafter(at, -math.inf), at, at, math.nextafter(at, math.inf)))
            case FactType.STR:
                text = str(mark)
                return self.random.choice((text[:-1], text, text, text + "一"))
            case FactType.ENUM:
                return self.random.choice(fact.values)
            case _:
                return int(mark) + self.random.choice((-1, 0, 0, 1))


def _allowed(kind: FactType) -> tuple[str, ...]:
    return tuple(str(mark) for mark in MARKS[kind]) if kind is FactType.ENUM else ()
