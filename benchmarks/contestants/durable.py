"""durable_rules by its public API: one rule for each row of the normal form, a fact asserted and retracted.

Source: https://github.com/jruizgit/rules/blob/master/docs/py/reference.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import product
from operator import and_
from typing import Any, Final

from durable.engine import MessageNotHandledException
from durable.lang import assert_fact, get_host, m, retract_fact, ruleset, when_all

from benchmarks.contestants import Contestant, Load, plain
from benchmarks.workload import Snapshot
from callpolicy.condition import Condition, Leaf, Op, normal_form

_MOST_ROWS: Final = 8
_NAME: Final = "norm"


def _choices(leaf: Leaf) -> list[list[Any]]:
    """The leaf as alternatives of conjunctions."""
    operands: tuple[Any, ...] = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
    value = getattr(m, plain(leaf.fact))
    first = operands[0]
    match leaf.op:
        case Op.IS | Op.IN:
            return [[value == operand] for operand in operands]
        case Op.IS_NOT | Op.NOT_IN:
            return [[value != operand for operand in operands]]
        case Op.AT_LEAST:
            return [[value >= first]]
        case Op.AT_MOST:
            return [[value <= first]]
        case Op.MORE_THAN:
            return [[value > first]]
        case Op.LESS_THAN:
            return [[value < first]]
        case Op.BETWEEN:
            return [[value >= first, value <= operands[1]]]
        case _:
            raise AssertionError(f"the generator makes no `{leaf.op}`")


def _conjunctions(condition: Condition) -> Iterator[Any]:
    for row in normal_form(condition, limit=_MOST_ROWS):
        for choice in product(*(_choices(literal.leaf) for literal in row)):
            yield reduce(and_, [test for tests in choice for test in tests])


class _Durable:
    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._found: list[int] = []
        with ruleset(_NAME):
            for position, condition in enumerate(conditions):
                for tests in _conjunctions(condition):
                    when_all(tests)(self._finds(position))
        get_host()

    def _finds(self, position: int) -> Callable[[Any], None]:
        # WHY one argument exactly: with two, durable_rules calls it another way.
        return lambda _: self._found.append(position)

    def prepare(self, values: Snapshot) -> dict[str, Any]:
        return {plain(name): value for name, value in values.items()}

    def ask(self, facts: dict[str, Any]) -> list[int]:
        self._found = []
        try:  # noqa: SIM105  # `suppress` would be timed
            assert_fact(_NAME, facts)
        except MessageNotHandledException:
            # WHY: that is how it says that no rule looks at the fact; the fact is kept all the same.
            pass
        retract_fact(_NAME, facts)
        return self._found

    def true(self, answer: list[int]) -> set[int]:
        return set(answer)

    def may(self, answer: list[int]) -> set[int] | None:
        del answer
        return None


def _translate(conditions: Sequence[Condition]) -> Load:
    def load() -> Contestant:
        return _Durable(conditions)

    return load


TRANSLATORS: Final = {"durable_rules": _translate}
