"""Formulas of the base, where the solver is not installed: a circuit of conjunctions, in which nothing stands twice.

A formula is a wire of a circuit, or a plain `bool`. What is plain already never becomes a gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_NOT: Final = 1


class Circuit:
    """Free truth values, and gates over them; a gate is a conjunction of wires, each as it is or negated.

    A literal is twice the number of a truth value, and one more if it is negated.
    """

    def __init__(self) -> None:
        self._named: dict[str, int] = {}
        self._made: dict[tuple[int, ...], int] = {}
        # By number, after everything that it joins; `None` for a free truth value.
        self._gates: list[tuple[int, ...] | None] = []

    def __len__(self) -> int:
        return len(self._gates)

    def variable(self, name: str) -> Wire:
        """A free truth value; the same name is the same one."""
        if name not in self._named:
            self._named[name] = self._next(None)
        return Wire(self, self._named[name])

    def all_of(self, literals: Iterable[int]) -> Wire | bool:
        """The conjunction of some literals."""
        parts = tuple(sorted(set(literals)))
        # WHY neighbours: a literal and its negation are next to each other.
        if any(one ^ _NOT == other for one, other in pairwise(parts)):
            return False
        if len(parts) == 1:
            return Wire(self, parts[0])
        if not parts:
            return True
        if parts not in self._made:
            self._made[parts] = self._next(parts)
        return Wire(self, self._made[parts])

    def any_of(self, literals: Iterable[int]) -> Wire | bool:
        """The disjunction of some literals."""
        none = self.all_of(literal ^ _NOT for literal in literals)
        return not none if isinstance(none, bool) else none.negated()

    def gate(self, number: int) -> tuple[int, ...] | None:
        """What a gate joins; `None` for a free truth value."""
        return self._gates[number]

    def _next(self, gate: tuple[int, ...] | None) -> int:
        self._gates.append(gate)
        return 2 * (len(self._gates) - 1)


@dataclass(frozen=True, slots=True)
class Wire:
    """A formula: a truth value of a circuit, or its negation.

    Args:
        circuit: the circuit; formulas of two circuits cannot be joined.
        literal: see `Circuit`.
    """

    circuit: Circuit
    literal: int

    def negated(self) -> Wire:
        """It holds not."""
        return Wire(self.circuit, self.literal ^ _NOT)

    def equal(self, other: Wire) -> Wire | bool:
        """Both hold, or neither."""
        one, two = self.literal, other.literal
        if one >> 1 == two >> 1:
            return one == two
        apart = [self.circuit.all_of((one, two ^ _NOT)), self.circuit.all_of((one ^ _NOT, two))]
        return self.circuit.all_of(each.literal ^ _NOT for each in apart if isinstance(each, Wire))


class Assignment:
    """A truth value for every free one of a circuit, and so for every formula.

    Args:
        circuit: the circuit.
        true: numbers of the free truth values that are true.
    """

    def __init__(self, circuit: Circuit, true: frozenset[int]) -> None:
        self._circuit = circuit
        self._true = true
        self._values: list[bool] = []

    def holds(self, formula: Wire) -> bool:
        """Whether a formula holds."""
        values = self._values
        for number in range(len(values), (formula.literal >> 1) + 1):
            gate = self._circuit.gate(number)
            if gate is None:
                values.append(number in self._true)
            else:
                values.append(all(values[each >> 1] is not bool(each & _NOT) for each in gate))
        return values[formula.literal >> 1] is not bool(formula.literal & _NOT)
