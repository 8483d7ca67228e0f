"""Changed copies of one bundle, each compared with it: what they have in common is made into formulas once."""

from __future__ import annotations

from callpolicy.analysis.comparing import Difference, differences_of, same_decisions
from callpolicy.analysis.encoded import Encoded, asked_of, space_of
from callpolicy.analysis.formulas import can_hold, plain
from callpolicy.analysis.space import Terms
from callpolicy.condition import Leaf, leaves
from callpolicy.engine.plan import StagePlan, compile_stage
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint, Stage
from callpolicy.policy import Bundle


class Variants:
    """Compares changed copies of a bundle with it, one after the other, in one thread.

    Of a copy that compares nothing that the bundle does not compare, only the changed stages are looked at, in the
    bundle's own space: where a stage comes to the same, what follows sees the same facts. Any other copy, and one that
    turns out to differ, is compared as `same_decisions` does it.

    Args:
        bundle: a bundle without errors.

    Raises:
        MissingExtraError: the solver is not installed.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        asked = [asked_of(bundle, point) for point in DecisionPoint]
        # WHY one space for all points: a stage that sees the same formulas at two of them is looked at once.
        space = space_of(bundle.catalogue, *asked)
        places: dict[Stage, dict[object, Encoded]] = {}
        for point in DecisionPoint:
            encoded = Encoded(bundle, point, space=space)
            for each in encoded.stages:
                places.setdefault(each.stage, {}).setdefault(_named(encoded.terms(each.stage)), encoded)
        self._places = {stage: tuple(found.values()) for stage, found in places.items()}
        self._compared = frozenset(leaf for condition in space.conditions for leaf in leaves(condition))
        self._holds = not (space.unsupported or any(each.piloted for each in asked))
        self._space = space

    def difference(self, new: Bundle) -> Difference | None:
        """A call that a copy decides differently at some decision point; `None` if it is proved that there is none.

        Args:
            new: the copy.

        Raises:
            UnsupportedBundleError: the solver cannot hold something in one of them.
        """
        if not self._is_same(new):
            for point in DecisionPoint:
                found = same_decisions(self._bundle, new, point)
                if found is not None:
                    return found
        return None

    def _is_same(self, new: Bundle) -> bool:
        """Whether it is proved without more ado that a copy decides the same."""
        if not self._holds or new.catalogue is not self._bundle.catalogue:
            return False
        changed = {stage: compile_stage(new, stage, compile_reference) for stage in self._changed(new)}
        if any(each.pilots or not _leaves(each) <= self._compared for each in changed.values()):
            return False
        for stage, plan in changed.items():
            for encoded in self._places[stage]:
                # WHY a new one each time: with what it learnt of others it takes up to thirty times as long.
                solver = self._space.solver()
                solver.add(plain(differences_of(encoded.stage(stage), encoded.instead(plan))))
                if can_hold(solver):
                    return False
        return True

    def _changed(self, new: Bundle) -> set[Stage]:
        """The stages that are not as in the bundle."""
        changed = {stage for stage in Stage if _parts(new, stage) != _parts(self._bundle, stage)}
        return changed | {Stage.SCREEN} if new.settings != self._bundle.settings else changed


def _named(terms: Terms) -> tuple[object, ...]:
    """What tells the facts that a stage sees from those that it sees at another point."""
    return tuple(
        (name, *(each if isinstance(each, bool) else each.get_id() for each in (term.known, *term.reach)))
        for name, term in sorted(terms.items())
    )


def _parts(bundle: Bundle, stage: Stage) -> tuple[object, ...]:
    """What a stage consists of; the same objects are equal at once."""
    rules = [rule for rule in bundle.rules if rule.stage is stage]
    return rules, [each for each in bundle.invariants if each.stage is stage]


def _leaves(plan: StagePlan) -> frozenset[Leaf]:
    """What the rules that are enforced, and the invariants, compare."""
    rules = [rule for position, rule in enumerate(plan.ranking.rules) if plan.enforced >> position & 1]
    read = [*(rule.when for rule in rules), *(each.when for each in plan.invariants)]
    return frozenset(leaf for condition in read for leaf in leaves(condition))
