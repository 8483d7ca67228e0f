"""Whether two bundles decide the same on every snapshot, and a call that tells them apart if they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callpolicy.analysis.encoded import Encoded, asked_of, space_of
from callpolicy.analysis.formulas import Formula, all_of, any_of, differ, plain
from callpolicy.analysis.pilots import Turns
from callpolicy.analysis.space import Space, Unsupported
from callpolicy.analysis.stages import StageModel
from callpolicy.analysis.witness import SolverDisagreesError, Witness, smallest
from callpolicy.decision import StageResult
from callpolicy.errors import CallpolicyError
from callpolicy.facts import Catalogue, Fact
from callpolicy.points import STAGES_AT, DecisionPoint, Stage
from callpolicy.policy import Bundle, Status


class UnsupportedBundleError(CallpolicyError):
    """The solver cannot hold something in a bundle, so nothing is proved of it; the message says what.

    Args:
        unsupported: what cannot be held.
    """

    def __init__(self, unsupported: tuple[Unsupported, ...]) -> None:
        self.unsupported = unsupported
        super().__init__("; ".join(f"{each.what}: `{each.fact}`" for each in unsupported))


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that two bundles decide differently.

    Args:
        point: the decision point.
        stage: the first stage that comes to something else.
        old: the call as the old bundle decides it.
        new: the same call as the new bundle decides it.
    """

    point: DecisionPoint
    stage: Stage
    old: Witness
    new: Witness


def same_decisions(old: Bundle, new: Bundle, point: DecisionPoint, *, determining: bool = True) -> Difference | None:
    """Whether two bundles decide the same at a decision point, whatever is known of a call.

    Compared are, at every stage: effect, class and kind, term, who carries it out, script, wait and addressee, the
    obligations, and the rules that determine it. What no snapshot shows is not compared: see `beyond_snapshots`.

    Args:
        old: a bundle without errors.
        new: another.
        point: the decision point.
        determining: compare the ids of the determining rules too; `False` for a copy with renamed rules.

    Returns:
        `None` if that is proved; else a call that shows the difference, confirmed by the engine on both.

    Raises:
        MissingExtraError: the solver is not installed.
        UnsupportedBundleError: the solver cannot hold something in one of them.
    """
    if _same_rules(old, new, point):
        return None
    pair = Pair(old, new, point)
    return pair.difference(determining=determining)


def beyond_snapshots(old: Bundle, new: Bundle) -> tuple[str, ...]:
    """What differs between two bundles that no snapshot shows: what makes the facts, not what is decided on them.

    Returns:
        names of the parts: `windows`, `lexicons`, `offence_signals`, `protected`, `feeds`, `hours`, `region`,
        `list_identities`, `governance`, `retention`, `privacy`, `scripts`, `reasons`, `facts`.
    """
    one, other = old.settings, new.settings
    parts = {
        "windows": (sorted(old.windows, key=str), sorted(new.windows, key=str)),
        "lexicons": (old.lexicons, new.lexicons),
        "offence_signals": (one.offence_signals, other.offence_signals),
        "protected": (one.protected_numbers, other.protected_numbers),
        "feeds": (one.feeds, other.feeds),
        "hours": ((one.hours, one.holidays, one.time_zone), (other.hours, other.holidays, other.time_zone)),
        "region": (one.region, other.region),
        "list_identities": (one.list_identities, other.list_identities),
        "governance": (old.governance, new.governance),
        "retention": (one.retention, other.retention),
        "privacy": (one.clear, other.clear),
        "scripts": (_said(old), _said(new)),
        "reasons": ({rule.id: rule.because for rule in old.rules}, {rule.id: rule.because for rule in new.rules}),
        "facts": (set(old.catalogue), set(new.catalogue)),
    }
    return tuple(name for name, (left, right) in parts.items() if left != right)


def _said(bundle: Bundle) -> dict[str, tuple[object, object]]:
    return {name: (dict(script.caller), dict(script.agent)) for name, script in bundle.scripts.items()}


class Pair:
    """Two bundles at one decision point, over the same snapshots.

    Args:
        old: a bundle without errors.
        new: another.
        point: the decision point.

    Raises:
        UnsupportedBundleError: the solver cannot hold something in one of them.
    """

    def __init__(self, old: Bundle, new: Bundle, point: DecisionPoint) -> None:
        self.point = point
        catalogue = new.catalogue.extended(fact for fact in old.catalogue if fact.name not in new.catalogue)
        asked = [asked_of(bundle, point) for bundle in (old, new)]
        self.space: Space = space_of(catalogue, *asked)
        self.old = Encoded(old, point, space=self.space)
        self.new = Encoded(new, point, space=self.space)
        self.turns = Turns(self.space, [each for one in asked for each in one.piloted])
        self._solver: Formula | None = None
        changed = [Unsupported("the fact is declared in two ways", name) for name in _redeclared(old, new, catalogue)]
        asked_for = {fact.name for fact in self.space.facts}
        unsupported = (
            *self.old.unsupported,
            *self.new.unsupported,
            *self.turns.unsupported(),
            *(each for each in changed if each.fact in asked_for),
        )
        if unsupported:
            raise UnsupportedBundleError(tuple(dict.fromkeys(unsupported)))

    def solver(self) -> Formula:
        """A solver that knows every snapshot; the same at every call, and nothing may be left in it."""
        if self._solver is None:
            self._solver = self.space.solver()
            self._solver.add(*(plain(each) for each in self.turns.constraints()))
        return self._solver

    def differences(self, *, determining: bool = True) -> dict[Stage, Formula]:
        """For every stage, that it comes to something else."""
        return {
            stage: plain(differences_of(self.old.stage(stage), self.new.stage(stage), determining=determining))
            for stage in STAGES_AT[self.point]
        }

    def difference(self, *, determining: bool = True, where: Formula = True) -> Difference | None:
        """A call that shows a difference, confirmed by the engine on both bundles; `None` if there is none.

        Args:
            determining: compare the ids of the determining rules too.
            where: what must hold of the call besides.

        Raises:
            SolverDisagreesError: the engine decides otherwise; a bug of this package.
        """
        found = self.differences(determining=determining)
        model = smallest(self.solver(), all_of((any_of(found.values()), where)), self.space)
        if model is None:
            return None
        values = self.space.values(model)
        confirmed = self.turns.settle(values, model)
        sides = []
        for each in (self.old, self.new):
            stages = each.confirm(values, model) if confirmed else each.expected(model)
            sides.append(Witness(self.point, values, stages, confirmed))
        for stage in found:
            if _shown(sides[0].stage(stage), determining) != _shown(sides[1].stage(stage), determining):
                return Difference(self.point, stage, sides[0], sides[1])
        raise SolverDisagreesError("the solver found a difference that the engine does not")


def _shown(result: StageResult, determining: bool) -> tuple[object, ...]:
    return result.outcome, result.obligations, result.determining if determining else ()


def differences_of(one: StageModel, other: StageModel, *, determining: bool = True) -> Formula:
    """Two versions of a stage come to something else: another outcome, obligation, or determining rule.

    Args:
        one: a version.
        other: another, over the same space.
        determining: compare the ids of the determining rules too.
    """
    return any_of(_differences(one, other, determining))


def _differences(one: StageModel, other: StageModel, determining: bool) -> Iterator[Formula]:
    for outcome in {**one.outcomes, **other.outcomes}:
        yield differ(one.outcomes.get(outcome, False), other.outcomes.get(outcome, False))
    for obligation in {**one.obligations, **other.obligations}:
        yield differ(one.obligations.get(obligation, False), other.obligations.get(obligation, False))
    if determining:
        for rule_id in {**one.winners, **other.winners}:
            yield differ(one.winners.get(rule_id, False), other.winners.get(rule_id, False))


def _redeclared(old: Bundle, new: Bundle, catalogue: Catalogue) -> Iterator[str]:
    for fact in catalogue:
        before, after = old.catalogue.get(fact.name), new.catalogue.get(fact.name)
        if before is not None and after is not None and _domain(before) != _domain(after):
            yield fact.name


def _domain(fact: Fact) -> tuple[object, ...]:
    return fact.type, fact.values, fact.minimum, fact.maximum


def _same_rules(old: Bundle, new: Bundle, point: DecisionPoint) -> bool:
    """Whether nothing that is enforced differs, so that there is nothing to prove."""
    return _enforced(old, point) == _enforced(new, point)


def _enforced(bundle: Bundle, point: DecisionPoint) -> tuple[object, ...]:
    stages = STAGES_AT[point]
    rules = {
        (rule.id, rule.stage, rule.status, rule.priority, rule.when, rule.then, rule.obligations, rule.pilot)
        for rule in bundle.rules
        if rule.stage in stages and rule.status in {Status.ENFORCED, Status.PILOT}
    }
    invariants = [
        (each.stage, each.effects, each.when, each.instead) for each in bundle.invariants if each.stage in stages
    ]
    return rules, invariants, bundle.settings.standing_block
