"""Questions about the decision points of a bundle, answered by the solver or by the base, and what neither answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import Base, Formula, Solver, UnsettledError, can_hold
from callpolicy.analysis.norms import WARNED
from callpolicy.analysis.stages import StageModel
from callpolicy.analysis.witness import Witness
from callpolicy.condition import facts_read
from callpolicy.points import STAGES_AT, DecisionPoint, Stage
from callpolicy.policy import Bundle, Rule

POINTS: Final = tuple(DecisionPoint)
_Answer = TypeVar("_Answer")

Question: TypeAlias = Iterable[tuple[Encoded, Formula]]
"""A question: for each decision point at which it can be asked, a formula."""


class Method(StrEnum):
    """Who looked at every possible call."""

    SOLVER = "solver"
    """The solver: the extra `prove`."""

    BASE = "base"
    """The base, by trying values; it leaves a question that would be too much work."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A question that would have been too much work without the solver: whether there is such a finding.

    Args:
        code: of the finding that there may be.
        rules: ids of the rules it would be about.
        subject: an effect, class or fact that it would be about besides; empty if none.
    """

    code: str
    rules: tuple[str, ...]
    subject: str


class Asking:
    """The decision points of a bundle, encoded once, and what could not be answered about them.

    Args:
        bundle: a bundle without errors.
        base: the base answers, not the solver.
        most: how many steps the base takes for one question.

    Raises:
        MissingExtraError: the solver is to answer, and is not installed.
    """

    def __init__(self, bundle: Bundle, *, base: bool, most: int) -> None:
        self.bundle = bundle
        more = [WARNED] if all(fact in bundle.catalogue for fact in facts_read(WARNED)) else []
        self.method = Method.BASE if base else Method.SOLVER
        self.encoded = {
            point: Encoded(bundle, point, more=more, by=Base(most) if base else Solver()) for point in POINTS
        }
        self.solvers = {point: encoded.solver() for point, encoded in self.encoded.items()}
        self.unsettled: dict[Unsettled, None] = {}

    def places(self, stage: Stage) -> list[Encoded]:
        """The decision points at which a stage is gone through."""
        return [self.encoded[point] for point in POINTS if stage in STAGES_AT[point]]

    def models(self, stage: Stage) -> list[tuple[Encoded, StageModel]]:
        """The same, each with what the stage comes to there."""
        return [(each, each.stage(stage)) for each in self.places(stage)]

    def leave(self, code: str, rules: Iterable[Rule] = (), subject: str = "") -> None:
        """Say that a question is unsettled."""
        self.unsettled[Unsettled(code, tuple(rule.id for rule in rules), subject)] = None

    def _first(self, asked: Question, answer: Callable[[Encoded, Formula], _Answer | None]) -> _Answer | None:
        """The first answer that a decision point gives.

        Raises:
            UnsettledError: none does, and one of them could not say.
        """
        open_still = False
        for encoded, formula in asked:
            if formula is False:
                continue
            try:
                given = answer(encoded, formula)
            except UnsettledError:
                open_still = True
                continue
            if given is not None:
                return given
        if open_still:
            raise UnsettledError
        return None

    def some(self, asked: Question, code: str, rules: Sequence[Rule] = (), subject: str = "") -> bool | None:
        """Whether there is such a call; `None`, and said to be unsettled, if that would be too much work."""
        try:
            return self._first(asked, self._can) is not None
        except UnsettledError:
            self.leave(code, rules, subject)
            return None

    def shown(self, asked: Question, code: str, rules: Sequence[Rule] = (), subject: str = "") -> Witness | None:
        """Such a call; `None` if there is none, and also if that was too much work, and is said to be unsettled."""
        try:
            return self._first(asked, self._find)
        except UnsettledError:
            self.leave(code, rules, subject)
            return None

    def _can(self, encoded: Encoded, formula: Formula) -> bool | None:
        return can_hold(self.solvers[encoded.point], formula) or None

    def _find(self, encoded: Encoded, formula: Formula) -> Witness | None:
        return encoded.find(formula, solver=self.solvers[encoded.point])
