"""From conditions to rulesets that durable_rules holds, within its limits.

A condition becomes the rows of its normal form. A row makes two rules: it is true if all its literals are, and it may
be true if none of them is false. A condition is true if one of its rows is, and may be true if one of its rows may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from callpolicy.condition import Condition, Leaf, Literal, NormalFormTooLargeError, Row, leaves, normal_form
from callpolicy.errors import UnsupportedConditionError
from callpolicy.matchers.rete.leaves import FALSE, TRUE, Evaluate, can_be_unknown, compiled
from callpolicy.matchers.rete.ruleset import Rule, Test

MOST_RULES_OF_A_RULESET: Final = 60
"""INVARIANT: keeps three limits of the engine at once. It hangs at 512 distinct tests under one parent, crashes at 256
rules that share a test, and stops at 64 nodes that wait at once. Waiting nodes have no rule in common, and every node
has one below it: with 60 rules no node has more than 60 children, no test more than 60 rules, and at most 60 wait."""

MOST_FIELDS: Final = 252
"""The engine takes 254 properties of a fact, `id` and `sid` among them."""

MOST_RULES: Final = 4_096
MOST_TESTS: Final = 32_768
"""Of a whole set, for memory's sake: a rule takes about 30 kB in the engine, a test of it up to 4 kB."""

MOST_ROWS: Final = 512
"""Of one condition. The normal form can grow as a power of its length."""


@dataclass(frozen=True, slots=True)
class RulesetPlan:
    """One ruleset, and what its rules say.

    Args:
        rules: their tests; fields are numbered within the ruleset.
        leaves: for each field, the position of its leaf in the plan.
        true_masks: for each rule, the conditions that are true when it fires.
        may_masks: for each rule, the conditions that may be true when it fires.
    """

    rules: tuple[Rule, ...]
    leaves: tuple[int, ...]
    true_masks: tuple[int, ...]
    may_masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a matcher needs to know.

    Args:
        evaluates: each distinct leaf of the conditions, compiled.
        leaf_masks: for each leaf, the conditions that read it.
        always: the conditions that are true whatever the facts.
        rulesets: everything else.
    """

    evaluates: tuple[Evaluate, ...]
    leaf_masks: tuple[int, ...]
    always: int
    rulesets: tuple[RulesetPlan, ...]


@dataclass(slots=True)
class _Masks:
    true: int = 0
    may: int = 0


def plan_of(conditions: Sequence[Condition]) -> Plan:
    """Lay conditions out in rulesets.

    Raises:
        UnsupportedConditionError: a limit would be exceeded; the message says which.
    """
    readers = _readers(conditions)
    number_of = {leaf: number for number, leaf in enumerate(readers)}
    always = 0
    rules: dict[Rule, _Masks] = {}
    for position, condition in enumerate(conditions):
        for row in _rows(condition, position):
            if row:
                _add(rules, row, number_of, 1 << position)
            else:
                always |= 1 << position
    _check_size(rules)
    return Plan(tuple(compiled(leaf) for leaf in readers), tuple(readers.values()), always, tuple(_packed(rules)))


def _readers(conditions: Sequence[Condition]) -> dict[Leaf, int]:
    readers: dict[Leaf, int] = {}
    for position, condition in enumerate(conditions):
        for leaf in leaves(condition):
            readers[leaf] = readers.get(leaf, 0) | 1 << position
    return readers


def _rows(condition: Condition, position: int) -> tuple[Row, ...]:
    try:
        rows = normal_form(condition, limit=MOST_ROWS)
    except NormalFormTooLargeError:
        raise UnsupportedConditionError(
            f"condition {position} has more than {MOST_ROWS} rows in its normal form; the rete matcher takes no more"
        ) from None
    widest = max((len({literal.leaf for literal in row}) for row in rows), default=0)
    if widest > MOST_FIELDS:
        raise UnsupportedConditionError(
            f"condition {position} joins {widest} leaves in one row; durable_rules takes {MOST_FIELDS} properties"
        )
    return rows


def _add(rules: dict[Rule, _Masks], row: Row, number_of: dict[Leaf, int], condition: int) -> None:
    if_true = tuple(_is_true(literal, number_of) for literal in row)
    rules.setdefault(if_true, _Masks()).true |= condition
    if any(can_be_unknown(literal.leaf) for literal in row):
        if_not_false = tuple(_is_not_false(literal, number_of) for literal in row)
        rules.setdefault(if_not_false, _Masks()).may |= condition


def _is_true(literal: Literal, number_of: dict[Leaf, int]) -> Test:
    return number_of[literal.leaf], True, TRUE if literal.holds else FALSE


def _is_not_false(literal: Literal, number_of: dict[Leaf, int]) -> Test:
    return number_of[literal.leaf], False, FALSE if literal.holds else TRUE


def _check_size(rules: Iterable[Rule]) -> None:
    sizes = [len(rule) for rule in rules]
    if len(sizes) > MOST_RULES:
        raise UnsupportedConditionError(f"the conditions make {len(sizes)} rules; the rete matcher takes {MOST_RULES}")
    if sum(sizes) > MOST_TESTS:
        raise UnsupportedConditionError(f"the conditions make {sum(sizes)} tests; the rete matcher takes {MOST_TESTS}")


def _packed(rules: dict[Rule, _Masks]) -> Iterable[RulesetPlan]:
    """Fill rulesets in the order of the conditions; a new one begins where a limit would be passed."""
    held: list[Rule] = []
    fields: dict[int, int] = {}
    for rule in rules:
        new = {leaf for leaf, _, _ in rule} - fields.keys()
        if held and (len(held) == MOST_RULES_OF_A_RULESET or len(fields) + len(new) > MOST_FIELDS):
            yield _ruleset(held, fields, rules)
            held, fields = [], {}
        held.append(rule)
        for leaf, _, _ in rule:
            fields.setdefault(leaf, len(fields))
    if held:
        yield _ruleset(held, fields, rules)


def _ruleset(held: Sequence[Rule], fields: dict[int, int], rules: dict[Rule, _Masks]) -> RulesetPlan:
    return RulesetPlan(
        tuple(tuple((fields[leaf], equal, value) for leaf, equal, value in rule) for rule in held),
        tuple(fields),
        tuple(rules[rule].true for rule in held),
        tuple(rules[rule].may for rule in held),
    )
