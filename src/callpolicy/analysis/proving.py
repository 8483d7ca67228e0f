"""Whether every invariant of a norm holds for every possible call, and what keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callpolicy.analysis.asking import Method
from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import (
    MOST_STEPS,
    Answering,
    Base,
    Formula,
    Solver,
    UnsettledError,
    all_of,
    any_of,
    can_prove,
)
from callpolicy.analysis.sequences import MOST_EVENTS, Searched, search
from callpolicy.analysis.space import Unsupported
from callpolicy.analysis.witness import Witness
from callpolicy.points import STAGES_AT, DecisionPoint
from callpolicy.policy import Bundle, Invariant


class Standing(StrEnum):
    """What keeps an invariant."""

    BY_RULES = "by_rules"
    """The rules alone: no possible call would break it, even without the guard at run time."""

    BY_GUARD = "by_guard"
    """The guard: there are calls on which the rules ask for what the invariant forbids, and it is replaced."""

    BROKEN = "broken"
    """Nothing: a possible call breaks it."""

    UNSUPPORTED = "unsupported"
    """It cannot be said: something that it or the rules read cannot be looked at."""

    UNSETTLED = "unsettled"
    """It was too much work to say; only where the base looks."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of one invariant.

    Args:
        invariant: the invariant.
        standing: what keeps it.
        witness: a call on which the guard acts, or one that breaks it; `None` if the rules alone keep it.
        certain: of a witness: the condition of the invariant is true of it; `False` if it is unknown, and the invariant
            acts because nobody knows.
    """

    invariant: Invariant
    standing: Standing
    witness: Witness | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was proved of a norm.

    Args:
        invariants: of each invariant, in the order in which they are declared.
        sequences: of hang-ups without a warning, over every short sequence of events.
        unsupported: what could not be held.
        method: who looked.
    """

    invariants: tuple[Proof, ...]
    sequences: Searched
    unsupported: tuple[Unsupported, ...]
    method: Method = Method.SOLVER

    @property
    def proved(self) -> bool:
        """Every invariant is kept, and no sequence ends in a hang-up that must not be."""
        kept = all(each.standing in {Standing.BY_RULES, Standing.BY_GUARD} for each in self.invariants)
        return kept and self.sequences.proved and not self.unsupported


def prove(bundle: Bundle, *, most: int = MOST_EVENTS, base: bool | None = None, steps: int = MOST_STEPS) -> Proofs:
    """Prove the invariants of a norm, with and without the guard, and look at every short sequence of events.

    Args:
        bundle: a bundle without errors.
        most: how many events a sequence has at most.
        base: do without the solver; left out, only where it is not installed.
        steps: without the solver: how many steps are taken for one question before it is left unsettled.

    Raises:
        MissingExtraError: the solver is not installed, and nothing else may do.
    """
    alone = not can_prove() if base is None else base

    def answering() -> Answering:
        return Base(steps) if alone else Solver()

    encoded = {point: Encoded(bundle, point, by=answering()) for point in DecisionPoint}
    unsupported = tuple(dict.fromkeys(each for one in encoded.values() for each in one.unsupported))
    proofs = tuple(_prove(invariant, encoded, bool(unsupported)) for invariant in bundle.invariants)
    method = Method.BASE if alone else Method.SOLVER
    return Proofs(proofs, search(bundle, most=most, by=answering()), unsupported, method)


def _prove(invariant: Invariant, encoded: dict[DecisionPoint, Encoded], unsupported: bool) -> Proof:
    if unsupported:
        return Proof(invariant, Standing.UNSUPPORTED)
    places = [each for point, each in encoded.items() if invariant.stage in STAGES_AT[point]]
    for guarded, standing in ((True, Standing.BROKEN), (False, Standing.BY_GUARD)):
        unsettled = False
        for certain in (True, False):
            for each in places:
                try:
                    witness = each.find(_against(invariant, each, guarded=guarded, certain=certain))
                except UnsettledError:
                    unsettled = True
                    continue
                if witness is not None:
                    return Proof(invariant, standing, witness, certain)
        if unsettled:
            return Proof(invariant, Standing.UNSETTLED)
    return Proof(invariant, Standing.BY_RULES)


def _against(invariant: Invariant, encoded: Encoded, *, guarded: bool, certain: bool) -> Formula:
    """The call gets one of the effects, and the condition is true, or not false."""
    stage = encoded.stage(invariant.stage)
    effects = [stage.comes_to(effect) if guarded else stage.effect_before(effect) for effect in invariant.effects]
    truth = encoded.truth(invariant.when, invariant.stage)
    return all_of((any_of(effects), truth.true if certain else stage.violated[invariant.id]))
