"""The policies and the snapshots that all contestants get: made from a seed, the same in every process.

Only what every contestant can express is used: numbers, texts and booleans compared with constants, joined by `all` and
`any`. Sets, prefixes, `not` and comparisons between facts are left out.

Units: durations are integers, microseconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from callpolicy.condition import All, Any, Condition, Leaf, Op, Scalar
from callpolicy.facts import Catalogue, Fact, FactType, Origin, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.windows import CALLS, Measure, Window

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

WINDOWS: Final = tuple(
    Window(f"history.calls_{name}", Measure.COUNT, CALLS, length=length)
    for name, length in (("10m", 10 * MINUTE), ("1h", HOUR), ("1d", DAY), ("7d", 7 * DAY))
)
CATALOGUE: Final[Catalogue] = BUILTIN.extended(
    Fact(window.fact, FactType.INT, {}, minimum=0, origin=Origin.HISTORY) for window in WINDOWS
)

_COUNTS: Final = (
    "talk.warnings", "talk.explanations", "talk.explanations_rejected", "talk.offences", "talk.offences_since_warning",
    "talk.soothings", "talk.transfers", "talk.holds", *(window.fact for window in WINDOWS),
)  # fmt: skip
_SPANS: Final = ("talk.quiet_for", "talk.handling_time", "talk.since_warning", "talk.since_offence")
QUEUES: Final = tuple(f"queue-{number}" for number in range(12))
TOPICS: Final = tuple(f"事由{number}" for number in range(40))
_TEXTS: Final = {
    "caller.class": ("normal", "repeat_complaint", "nuisance"),
    "case.status": ("open", "final", "reopened"),
    "call.queue": QUEUES,
    "call.topic": TOPICS,
}
_FLAGS: Final = ("talk.service_complete", "talk.no_further_needs", "block.covered")
_HIGHEST: Final = {**dict.fromkeys(_COUNTS, 9), "call.hour": 23, "call.weekday": 7}
_LOWEST: Final = {"call.weekday": 1}
_LONGEST: Final = 20 * MINUTE

FACTS: Final = (*_HIGHEST, *_SPANS, *_TEXTS, *_FLAGS)
"""The 25 facts; every one is read by some rule."""

UNKNOWN: Final = 5
"""How many of them are absent from a snapshot with unknown facts."""

_PATTERNS: Final = 32
_WITH_ALTERNATIVE: Final = 1 / 8
_MADE_BY_CLASSIFY: Final = frozenset({"caller.class"})

Snapshot = dict[str, Value]
"""Known facts; what is absent is unknown."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What one seed gives.

    Args:
        conditions: one for each rule.
        known: snapshots in which every fact is known.
        recurring: snapshots without five of the facts: one of 32 fives, as when a feed or an identity is missing.
        scattered: snapshots without five of the facts, hardly ever the same five.
    """

    conditions: tuple[Condition, ...]
    known: tuple[Snapshot, ...]
    recurring: tuple[Snapshot, ...]
    scattered: tuple[Snapshot, ...]


REGIMES: Final = ("known", "recurring", "scattered")
"""The names of the lists of snapshots in a `Workload`."""


def workload(seed: int, rules: int, snapshots: int) -> Workload:
    """Make the policies and the snapshots of a seed.

    Args:
        seed: the same seed and the same numbers give the same workload.
        rules: how many rules.
        snapshots: how many snapshots of each kind.
    """
    conditions = policies(seed, rules)
    chance = random.Random(f"{seed} snapshots")
    known = tuple(_snapshot(chance, conditions) for _ in range(snapshots))
    patterns = [_absent(chance) for _ in range(_PATTERNS)]
    return Workload(
        conditions,
        known,
        tuple(_without(each, chance.choice(patterns)) for each in known),
        tuple(_without(each, _absent(chance)) for each in known),
    )


def policies(seed: int, rules: int) -> tuple[Condition, ...]:
    """The conditions of a seed; every fourth does not read the class, and so can stand in `classify`."""
    chance = random.Random(seed)
    return tuple(_condition(chance, position % 4 != 0) for position in range(rules))


def _condition(chance: random.Random, class_too: bool) -> Condition:
    """Four to six clauses on different facts; in every eighth rule the last one has an alternative."""
    allowed = [name for name in FACTS if class_too or name not in _MADE_BY_CLASSIFY]
    # WHY two texts: large norms are large because their rules are about one queue, one matter or one class each.
    texts = chance.sample([name for name in allowed if name in _TEXTS], 2)
    others = chance.sample([name for name in allowed if name not in texts], chance.randint(3, 5))
    *clauses, last, spare = (_leaf(chance, name) for name in (*texts, *others))
    return All((*clauses, Any((last, spare)) if chance.random() < _WITH_ALTERNATIVE else last))


_ON_COUNTS: Final = (Op.AT_LEAST, Op.AT_LEAST, Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN, Op.BETWEEN, Op.IS)
_ON_SPANS: Final = (Op.AT_LEAST, Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN)
_ON_TEXTS: Final = (Op.IS, Op.IS, Op.IS, Op.IS, Op.IS, Op.IN, Op.IN, Op.NOT_IN, Op.IS_NOT)


def _leaf(chance: random.Random, fact: str) -> Leaf:
    if fact in _FLAGS:
        return Leaf(fact, Op.IS, chance.random() < 1 / 2)
    if fact in _TEXTS:
        op = chance.choice(_ON_TEXTS)
        if op in {Op.IN, Op.NOT_IN}:
            return Leaf(fact, op, tuple(chance.sample(_TEXTS[fact], 2)))
        return Leaf(fact, op, chance.choice(_TEXTS[fact]))
    draw = _operand(chance, fact)
    op = chance.choice(_ON_SPANS if fact in _SPANS else _ON_COUNTS)
    if op is Op.BETWEEN:
        low, high = sorted((draw(), draw()))
        return Leaf(fact, op, (low, high))
    return Leaf(fact, op, draw())


def _operand(chance: random.Random, fact: str) -> Callable[[], int]:
    if fact in _SPANS:
        return lambda: chance.randrange(1, _LONGEST // SECOND - 1) * SECOND
    # WHY not the ends: every leaf is to be true of some value.
    return lambda: chance.randint(_LOWEST.get(fact, 0) + 1, _HIGHEST[fact] - 1)


def _snapshot(chance: random.Random, conditions: Sequence[Condition]) -> Snapshot:
    """Random values, then changed until one rule, drawn by chance, is true."""
    values = {name: _value(chance, name) for name in FACTS}
    for leaf in _to_satisfy(chance.choice(conditions)):
        while not holds(leaf, values[leaf.fact]):
            values[leaf.fact] = _value(chance, leaf.fact)
    return values


def _value(chance: random.Random, fact: str) -> Value:
    if fact in _FLAGS:
        return chance.random() < 1 / 2
    if fact in _TEXTS:
        return chance.choice(_TEXTS[fact])
    # WHY whole seconds at times: so that boundaries are hit.
    if fact in _SPANS:
        return chance.randrange(0, _LONGEST, chance.choice((1, SECOND)))
    return chance.randint(_LOWEST.get(fact, 0), _HIGHEST[fact])


def _to_satisfy(condition: Condition) -> list[Leaf]:
    match condition:
        case Leaf():
            return [condition]
        case All(items):
            return [leaf for item in items for leaf in _to_satisfy(item)]
        case Any(items):
            return _to_satisfy(items[0])
        case _:
            raise AssertionError("the generator makes no other node")


def holds(leaf: Leaf, value: Value) -> bool:
    """Whether a leaf is true on a known value; written here once more, to choose snapshots only."""
    operand: object = leaf.operand
    options: tuple[Scalar, ...] = operand if isinstance(operand, tuple) else (leaf.operand,)
    match leaf.op:
        case Op.IS | Op.IN:
            return value in options
        case Op.IS_NOT | Op.NOT_IN:
            return value not in options
    low, high = options[0], options[-1]
    assert isinstance(value, int)
    assert isinstance(low, int)
    assert isinstance(high, int)
    match leaf.op:
        case Op.AT_LEAST:
            return value >= low
        case Op.AT_MOST:
            return value <= high
        case Op.MORE_THAN:
            return value > low
        case Op.LESS_THAN:
            return value < high
        case Op.BETWEEN:
            return low <= value <= high
        case _:
            raise AssertionError(f"the generator makes no `{leaf.op}`")


def _absent(chance: random.Random) -> frozenset[str]:
    return frozenset(chance.sample(FACTS, UNKNOWN))


def _without(values: Snapshot, absent: frozenset[str]) -> Snapshot:
    return {name: value for name, value in values.items() if name not in absent}
