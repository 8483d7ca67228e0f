"""Which rules can hold a restrictive rule, and by which unknown facts.

A rule that may match holds a restrictive one of at most its priority if its outcome is kinder (see
`callpolicy.resolve`). An author discharges that with `known: true` beside the fact, or with priority.

What is listed may be impossible after all, for reasons that only values tell; what can happen is never missing. It is
worked out over what is known and what is not: one row of the restrictive rule is true, so all that it compares is
known; one row of the other has a fact that need not be known then, and nothing in it that excludes the first row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callpolicy.check.knowledge import always_known, classes_without_kind, known_with
from callpolicy.check.rows import Row, Rows
from callpolicy.condition import Condition, Leaf, Literal, Op
from callpolicy.points import RESTRICTIVE, Stage
from callpolicy.policy import STANDING_BLOCK, Bundle, By, Outcome, Rule, Status

_CLASS: Final = "caller.class"
_IN_FORCE: Final = frozenset({Status.ENFORCED, Status.PILOT})


@dataclass(frozen=True, slots=True)
class Holding:
    """One rule can hold another.

    Args:
        stage: the stage of both.
        rule: id of the restrictive rule, or `standing_block`.
        holder: id of the rule that can hold it, or `standing_block`.
        facts: names of the facts that can be unknown while the restrictive rule matches, and would leave open whether
            the holder does; sorted.
    """

    stage: Stage
    rule: str
    holder: str
    facts: tuple[str, ...]


def holders(bundle: Bundle) -> tuple[Holding, ...]:
    """Every way in which a restrictive rule that is enforced or in pilot can be held.

    Args:
        bundle: any bundle.

    Returns:
        what can hold what, by stage, restrictive rule and holder. Complete, but perhaps not exact: see the module.
    """
    rows = Rows(bundle.catalogue)
    return tuple(holding for stage in Stage for holding in _in_stage(bundle, stage, rows))


@dataclass(frozen=True, slots=True)
class _Part:
    """A rule as it takes part: its rank, and its rows with what is known when they are true."""

    id: str
    priority: int
    outcome: Outcome
    rows: list[tuple[Row, frozenset[str]]]


def _in_stage(bundle: Bundle, stage: Stage, rows: Rows) -> Iterator[Holding]:
    always = always_known(bundle.settings, stage)
    in_force = [(rule.id, rule.priority, rule.then, rule.when) for rule in bundle.rules if _takes_part(rule, stage)]
    if stage is Stage.SCREEN:
        in_force.append(_standing_block(bundle))
    in_force.sort(key=lambda each: each[0])
    held = [
        _Part(name, priority, outcome, [(row, always | known_with(row.needed)) for row in rows.true_rows(when)])
        for name, priority, outcome, when in in_force
        if outcome.effect in RESTRICTIVE
    ]
    holding = [
        _Part(name, priority, outcome, [(row, known_with(row.known)) for row in rows.of(when) if row.compared - always])
        for name, priority, outcome, when in in_force
    ]
    without_kind = None if stage is Stage.CLASSIFY else Literal(classes_without_kind(bundle), True)
    for rule in held:
        for other in holding:
            if other.priority >= rule.priority and other.outcome.severity < rule.outcome.severity:
                facts = _unknown(rule, other, rows, without_kind)
                if facts:
                    yield Holding(stage, rule.id, other.id, tuple(sorted(facts)))


def _takes_part(rule: Rule, stage: Stage) -> bool:
    return rule.stage is stage and rule.status in _IN_FORCE


def _standing_block(bundle: Bundle) -> tuple[str, int, Outcome, Condition]:
    block = bundle.settings.standing_block
    return STANDING_BLOCK, block.priority, Outcome(block.effect, by=By.SYSTEM), Leaf("block.covered", Op.IS, True)


def _unknown(rule: _Part, other: _Part, rows: Rows, without_kind: Literal | None) -> set[str]:
    found: set[str] = set()
    for row, known in rule.rows:
        for open_row, asked in other.rows:
            both = known | asked
            free = open_row.compared - both
            if free - found and not both & (row.unknown | open_row.unknown):
                found |= _free(row, open_row, free, rows, without_kind)
    return found


def _free(row: Row, other: Row, free: frozenset[str], rows: Rows, without_kind: Literal | None) -> frozenset[str]:
    """The facts of `free` with which the other row can be unknown while the first is true."""
    unknown = free | row.unknown | other.unknown
    if "caller.kind" not in unknown or without_kind is None:
        return free if _agree(row, other, unknown, rows) else frozenset()
    # WHY apart: while the kind is unknown the class is one that has none.
    on_class = (*row.literals.get(_CLASS, ()), *other.literals.get(_CLASS, ()), without_kind)
    if rows.agree(_CLASS, on_class) and _agree(row, other, unknown, rows):
        return free
    if "caller.kind" in row.unknown | other.unknown:
        return frozenset()
    unknown -= {"caller.kind"}
    return free - {"caller.kind"} if _agree(row, other, unknown, rows) else frozenset()


def _agree(row: Row, other: Row, unknown: frozenset[str], rows: Rows) -> bool:
    """Whether what the other row asks of known facts can be true together with the first row."""
    return rows.agree_on(row, other, other.literals.keys() - unknown)
