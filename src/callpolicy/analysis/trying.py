"""The search of the base: values are tried one by one, what follows from them is drawn, and no dead end is met twice.

A fact is a chain of marks that its value reaches, so that drawing what follows narrows an interval. From every dead
end the search keeps the reason for it as one more thing that must hold, and goes back as far as that allows
(conflict-driven clause learning, with the first unique implication point). So an answer is exact: found, or ruled out.
What would take more work than a bound allows is answered by `unknown`.

Source: J. P. Marques-Silva, K. A. Sakallah, GRASP: A Search Algorithm for Propositional Satisfiability (1999);
    N. Eén, N. Sörensson, An Extensible SAT-solver (2003).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from callpolicy.analysis.circuit import Assignment, Circuit, Wire

_DECAY: Final = 1.05
_LARGE: Final = 1e100
_FIRST_RESTART: Final = 100
_LATER_RESTART: Final = 1.5
_LONG: Final = 3


class Trial:
    """A search over some formulas of a circuit; formulas can be added between two questions.

    Args:
        circuit: the circuit.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        # By literal: 1 if it is true, -1 if it is false, 0 while it is open.
        self._value: list[int] = []
        # By literal: what follows from it alone, and the longer clauses that are looked at when it becomes false.
        self._follows: list[list[int]] = []
        self._watched: list[list[list[int]]] = []
        # By number: why it has its value, and how many free choices were made before.
        self._because: list[Sequence[int] | None] = []
        self._depth: list[int] = []
        self._weight: list[float] = []
        self._last: list[int] = []
        self._loaded: set[int] = set()
        self._free: list[int] = []
        self._trail: list[int] = []
        self._starts: list[int] = []
        self._drawn = 0
        self._steps = 0
        self._by = 1.0
        self._impossible = False

    def add(self, literal: int) -> None:
        """Let a formula hold from now on."""
        self._back(0)
        self._load(literal)
        self._clause([literal])

    def ask(self, literals: Sequence[int], most: int) -> bool | None:
        """Whether all that was added can hold, and those formulas with it.

        Args:
            literals: formulas that hold for this question only.
            most: how many steps may be taken before the search ends; a step is one look at what may follow.

        Returns:
            `None` if the bound was met.
        """
        self._back(0)
        for literal in literals:
            self._load(literal)
        dead_ends, restart = 0, float(_FIRST_RESTART)
        self._steps = 0
        while not self._impossible:
            conflict = self._draw()
            if conflict is not None:
                if not self._starts:
                    self._impossible = True
                    break
                if self._steps >= most:
                    return None
                dead_ends += 1
                self._learn(conflict)
            elif dead_ends >= restart:
                dead_ends, restart = 0, restart * _LATER_RESTART
                self._back(0)
            elif len(self._starts) < len(literals):
                if not self._suppose(literals[len(self._starts)]):
                    return False
            elif not self._choose():
                return True
        return False

    def found(self) -> Assignment:
        """What was found, after `ask` said so."""
        true = frozenset(number for number in self._free if self._value[2 * number] > 0)
        return Assignment(self._circuit, true)

    def _load(self, literal: int) -> None:
        """Take a formula in, with all that it is made of."""
        more = len(self._circuit) - len(self._depth)
        if more:
            self._value += [0] * (2 * more)
            self._follows += [[] for _ in range(2 * more)]
            self._watched += [[] for _ in range(2 * more)]
            self._because += [None] * more
            self._depth += [0] * more
            self._weight += [0.0] * more
            self._last += [1] * more
        waiting = [literal >> 1]
        while waiting:
            number = waiting.pop()
            if number in self._loaded:
                continue
            self._loaded.add(number)
            gate = self._circuit.gate(number)
            if gate is None:
                self._free.append(number)
                continue
            self._join(2 * number, gate)
            waiting += [part >> 1 for part in gate]

    def _join(self, own: int, gate: Sequence[int]) -> None:
        """Let a gate hold if and only if all of its parts do."""
        value, follows = self._value, self._follows
        if value[own] or any(value[part] for part in gate):
            for part in gate:
                self._clause([own ^ 1, part])
            self._clause([own, *(part ^ 1 for part in gate)])
            return
        # WHY apart: nothing need be looked at where nothing is given yet, and that is nearly always.
        follows[own] += gate
        for part in gate:
            follows[part ^ 1].append(own ^ 1)
        self._keep([own, *(part ^ 1 for part in gate)])

    def _clause(self, literals: Iterable[int]) -> None:
        """One of some literals holds; only said before anything was chosen."""
        value = self._value
        clause = list(literals)
        if any(value[each] > 0 for each in clause):
            return
        clause = [each for each in clause if not value[each]]
        if not clause:
            self._impossible = True
        elif len(clause) == 1:
            self._give(clause[0], None)
        else:
            self._keep(clause)

    def _keep(self, clause: list[int]) -> None:
        if len(clause) < _LONG:
            self._follows[clause[0] ^ 1].append(clause[1])
            self._follows[clause[1] ^ 1].append(clause[0])
        else:
            self._watched[clause[0]].append(clause)
            self._watched[clause[1]].append(clause)

    def _give(self, literal: int, because: Sequence[int] | None) -> None:
        self._value[literal] = 1
        self._value[literal ^ 1] = -1
        self._because[literal >> 1] = because
        self._depth[literal >> 1] = len(self._starts)
        self._trail.append(literal)

    def _draw(self) -> Sequence[int] | None:
        """Give every truth value that follows from those given; a clause that is broken, if one is."""
        value, trail = self._value, self._trail
        while self._drawn < len(trail):
            literal = trail[self._drawn]
            self._drawn += 1
            self._steps += 1 + len(self._follows[literal]) + len(self._watched[literal ^ 1])
            for other in self._follows[literal]:
                if value[other] < 0:
                    return (other, literal ^ 1)
                if not value[other]:
                    self._give(other, (other, literal ^ 1))
            broken = self._look(literal ^ 1)
            if broken is not None:
                return broken
        return None

    def _look(self, false: int) -> list[int] | None:
        """Let clauses that waited on a literal wait on another one, now that it is false."""
        value = self._value
        clauses = self._watched[false]
        kept: list[list[int]] = []
        self._watched[false] = kept
        for place, clause in enumerate(clauses):
            if clause[0] == false:
                clause[0], clause[1] = clause[1], false
            first = clause[0]
            if value[first] > 0:
                kept.append(clause)
                continue
            for other in range(2, len(clause)):
                if value[clause[other]] >= 0:
                    clause[1], clause[other] = clause[other], false
                    self._watched[clause[1]].append(clause)
                    break
            else:
                kept.append(clause)
                if value[first] < 0:
                    kept.extend(clauses[place + 1 :])
                    return clause
                self._give(first, clause)
        return None

    def _learn(self, conflict: Sequence[int]) -> None:
        """Keep why a dead end is one, and go back to where it could have been seen."""
        now = len(self._starts)
        seen: set[int] = set()
        learned: list[int] = []
        clause: Sequence[int] = conflict
        place = len(self._trail)
        open_here = 0
        while True:
            for literal in clause:
                number = literal >> 1
                if number in seen or not self._depth[number]:
                    continue
                seen.add(number)
                self._weigh(number)
                if self._depth[number] == now:
                    open_here += 1
                else:
                    learned.append(literal)
            while True:
                place -= 1
                if self._trail[place] >> 1 in seen:
                    break
            literal = self._trail[place]
            open_here -= 1
            if not open_here:
                break
            clause = self._because[literal >> 1] or ()
        learned.sort(key=lambda each: -self._depth[each >> 1])
        learned.insert(0, literal ^ 1)
        self._by *= _DECAY
        self._back(self._depth[learned[1] >> 1] if len(learned) > 1 else 0)
        if len(learned) > 1:
            self._keep(learned)
        self._give(learned[0], learned if len(learned) > 1 else None)

    def _weigh(self, number: int) -> None:
        self._weight[number] += self._by
        if self._weight[number] > _LARGE:
            self._weight = [each / _LARGE for each in self._weight]
            self._by /= _LARGE

    def _back(self, depth: int) -> None:
        """Take back everything after so many choices."""
        if len(self._starts) <= depth:
            return
        start = self._starts[depth]
        for literal in self._trail[start:]:
            self._value[literal] = self._value[literal ^ 1] = 0
            self._last[literal >> 1] = literal & 1
        del self._trail[start:], self._starts[depth:]
        self._drawn = start

    def _suppose(self, literal: int) -> bool:
        if self._value[literal] < 0:
            return False
        self._starts.append(len(self._trail))
        if not self._value[literal]:
            self._give(literal, None)
        return True

    def _choose(self) -> bool:
        """Try the free truth value that most dead ends were about, as it was last; at first, false."""
        value, weight = self._value, self._weight
        best, most = -1, -1.0
        for number in self._free:
            if weight[number] > most and not value[2 * number]:
                best, most = number, weight[number]
        if best < 0:
            return False
        self._starts.append(len(self._trail))
        self._give(2 * best + self._last[best], None)
        return True


class Search:
    """What answers the questions of the base; it is asked as the solver is.

    Args:
        circuit: the circuit of the formulas.
        most: how many steps may be taken for one question.
    """

    def __init__(self, circuit: Circuit, most: int) -> None:
        self._circuit = circuit
        self._most = most
        self._scopes: list[list[Wire | bool]] = [[]]
        self._trial: Trial | None = None

    def add(self, *formulas: Wire | bool) -> None:
        """Let formulas hold, until the scope ends."""
        self._scopes[-1] += formulas
        if self._trial is not None:
            _add(self._trial, formulas)

    def push(self) -> None:
        """Begin a scope."""
        self._scopes.append([])
        self._trial = None

    def pop(self) -> None:
        """End a scope, and forget what was added in it."""
        self._scopes.pop()
        self._trial = None

    def check(self, *formulas: Wire | bool) -> str:
        """Whether everything can hold: `sat`, `unsat`, or `unknown` if the bound was met."""
        # WHY anew outside a scope: what other questions were made of would be looked at too.
        if self._trial is None or len(self._scopes) == 1:
            self._trial = Trial(self._circuit)
            for each in self._scopes:
                _add(self._trial, each)
        if any(each is False for each in (*formulas, *(one for scope in self._scopes for one in scope))):
            return "unsat"
        literals = [each.literal for each in formulas if isinstance(each, Wire)]
        found = self._trial.ask(literals, self._most)
        return "unknown" if found is None else "sat" if found else "unsat"

    def model(self) -> Assignment:
        """What was found last."""
        if self._trial is None:
            raise LookupError("nothing was found")
        return self._trial.found()


def _add(trial: Trial, formulas: Iterable[Wire | bool]) -> None:
    for each in formulas:
        if isinstance(each, Wire):
            trial.add(each.literal)
