"""Every region of calls whose decision another norm changes, or the proof that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from callpolicy.analysis import Pair, SolverDisagreesError, StageModel, UnsupportedBundleError, beyond_snapshots
from callpolicy.analysis.formulas import Formula, all_of, any_of, negated, plain
from callpolicy.changes.beside import beside
from callpolicy.changes.model import Meaning, Move, Region
from callpolicy.changes.regions import Atom, Box, atoms_of, box_of, formula_of, merged, parts_of
from callpolicy.decision import StageResult
from callpolicy.points import RANK, RESTRICTIVE, STAGES_AT, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Term

MOST: Final = 200
"""How many moves are looked for at one decision point, unless it is said otherwise."""

_Key: TypeAlias = tuple[Effect, Kind | None, Term | int | None, By]


def compare_meaning(
    old: Bundle, new: Bundle, *, most: int = MOST, on_progress: Callable[[DecisionPoint, int], None] | None = None
) -> Meaning:
    """What a change of the norm does to the decisions on every possible call.

    A decision is what is done: effect, class and kind, term, who carries it out, script, wait and addressee, and the
    obligations, at every stage. Which rule determined it is no part of it: a rule may be renamed.

    Args:
        old: a bundle without errors.
        new: another.
        most: how many moves are looked for at one decision point; where there are more, it is said.
        on_progress: told the decision point and how many moves were found there so far.

    Raises:
        MissingExtraError: the solver is not installed.
    """
    found: list[Region] = []
    unsupported: dict[DecisionPoint, tuple[str, ...]] = {}
    unfinished: list[DecisionPoint] = []
    for point in DecisionPoint:
        try:
            pair = Pair(old, new, point)
        except UnsupportedBundleError as error:
            unsupported[point] = tuple(f"{each.what}: `{each.fact}`" for each in error.unsupported)
            continue
        search = _Search(pair, atoms_of(pair, old, new), most, on_progress)
        found += search.regions()
        if search.stopped:
            unfinished.append(point)
    return Meaning(
        _together(found), beyond_snapshots(old, new), unsupported, tuple(unfinished), beside=beside(old, new)
    )


class _Search:
    """The regions of one decision point.

    Args:
        pair: both bundles.
        atoms: the leaves of the changed rules.
        most: how many moves are looked for.
        on_progress: told how many were found.
    """

    def __init__(
        self, pair: Pair, atoms: Sequence[Atom], most: int, on_progress: Callable[[DecisionPoint, int], None] | None
    ) -> None:
        self._pair = pair
        self._atoms = atoms
        self._differences = pair.differences(determining=False)
        self._left = most
        self._most = most
        self._told = on_progress
        self.stopped = False

    def regions(self) -> Iterator[Region]:
        """Every region; each call that is decided differently is in one."""
        pair = self._pair
        solver = pair.space.solver()
        solver.add(*(plain(each) for each in pair.turns.constraints()))
        solver.add(plain(any_of(self._differences.values())))
        for box in merged(self._boxes(solver), pair.space):
            inside = formula_of(box, self._atoms, pair.space)
            moves = tuple(sorted(self._moves(inside), key=_strictness))
            if not moves and not self.stopped:
                raise SolverDisagreesError("a region was found in which no call changes")
            yield Region((pair.point,), *parts_of(box, pair.space), moves)

    def _boxes(self, solver: Formula) -> Iterator[Box]:
        """What the leaves of the changed rules come to, every combination in which some call changes."""
        while str(solver.check()) == "sat":
            model = solver.model()
            truths = [(atom, atom.of(model)) for atom in self._atoms]
            yield box_of(truths, self._pair.space)
            solver.add(plain(negated(all_of(atom.formula(truth) for atom, truth in truths))))

    def _moves(self, inside: Formula) -> Iterator[Move]:
        pair = self._pair
        for stage in STAGES_AT[pair.point]:
            here = all_of((inside, self._differences[stage]))
            while True:
                if not self._left:
                    # WHY once more: there may be none left.
                    self.stopped = self.stopped or pair.difference(determining=False, where=here) is not None
                    break
                shown = pair.difference(determining=False, where=here)
                if shown is None:
                    break
                old, new = shown.old.stage(stage), shown.new.stage(stage)
                seen = (_of_key(pair.old.stage(stage), _key(old)), _of_key(pair.new.stage(stage), _key(new)))
                here = all_of((here, negated(all_of(seen))))
                self._left -= 1
                if self._told:
                    self._told(pair.point, self._most - self._left)
                yield Move(stage, old, new, shown.old.values, shown.old.confirmed)


def _key(result: StageResult) -> _Key:
    """What tells one move from another; what is said and written down besides is shown, and tells nothing apart."""
    outcome = result.outcome
    return outcome.effect, outcome.kind, outcome.term, outcome.by


def _of_key(model: StageModel, key: _Key) -> Formula:
    return model.any_outcome(each for each in model.outcomes if (each.effect, each.kind, each.term, each.by) == key)


def _strictness(move: Move) -> tuple[int, int, int]:
    was, becomes = move.old.outcome.effect, move.new.outcome.effect
    # WHY: who must now be hung up on or kept out comes first, then who no longer is, then all else.
    rank = 0 if becomes in RESTRICTIVE and was not in RESTRICTIVE else 1 if {was, becomes} & RESTRICTIVE else 2
    return rank, RANK[was] - RANK[becomes], -list(Stage).index(move.stage)


def _together(found: list[Region]) -> tuple[Region, ...]:
    """What is the same at several decision points is said once."""
    same: dict[object, Region] = {}
    for each in found:
        key = (each.parts, each.said, frozenset((move.stage, _key(move.old), _key(move.new)) for move in each.moves))
        before = same.get(key)
        same[key] = each if before is None else replace(before, points=(*before.points, *each.points))
    return tuple(same.values())
