"""A decision point of a bundle as formulas over every snapshot, and calls that show what a formula says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from callpolicy.analysis.formulas import Answering, Formula, any_of, can_hold
from callpolicy.analysis.pilots import IDENTITY, Piloted, Turns
from callpolicy.analysis.space import Kleene, Space, Term, Terms, Unsupported, holds
from callpolicy.analysis.stages import StageModel, model_stage
from callpolicy.analysis.witness import SolverDisagreesError, Witness, smallest
from callpolicy.check import always_known
from callpolicy.check.knowledge import known_with
from callpolicy.condition import Condition, Leaf, Op
from callpolicy.decision import Decision, StageResult
from callpolicy.engine import Plan, compile_plan, decide
from callpolicy.engine.plan import StagePlan
from callpolicy.facts import Catalogue, Value, snapshot_of
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import KINDS_OF_CLASS, STAGES_AT, DecisionPoint, Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Outcome, Rule, Settings

_PROTECTED = (Leaf("caller.protected", Op.IS, True), Leaf("caller.allowlisted", Op.IS, True))
_COVERED = Leaf("block.covered", Op.IS, True)
_CLASSES = tuple(str(effect) for effect in KINDS_OF_CLASS)
_KINDS = tuple(str(kind) for kind in Kind)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bundle asks of the facts at a decision point.

    Args:
        plan: the bundle, compiled for the reference matcher.
        point: the decision point.
        conditions: the conditions of all rules that can be enforced, and of the invariants.
        piloted: the rules in pilot.
    """

    plan: Plan
    point: DecisionPoint
    conditions: tuple[Condition, ...]
    piloted: tuple[Piloted, ...] = field(compare=False)

    @property
    def besides(self) -> Iterator[Leaf]:
        """Comparisons that are in no condition."""
        yield from (*_PROTECTED, _COVERED)
        # WHY of no consequence: they only let the class and its kind have every value that there is.
        yield Leaf("caller.class", Op.IN, _CLASSES)
        yield Leaf("caller.kind", Op.IN, _KINDS)
        for each in self.piloted:
            yield from each.leaves()
            if each.shared:
                yield from (Leaf(name, Op.KNOWN, True) for name in IDENTITY)


def asked_of(bundle: Bundle, point: DecisionPoint) -> Asked:
    """What a bundle asks of the facts at a decision point."""
    plan = compile_plan(bundle, compile_reference)
    conditions: list[Condition] = []
    piloted: list[Piloted] = []
    for stage in plan.points[point]:
        scopes = dict(stage.pilots)
        for position, rule in enumerate(stage.ranking.rules):
            if stage.enforced >> position & 1 or position in scopes:
                conditions.append(rule.when)
            if position in scopes:
                piloted.append(Piloted(stage, position, scopes[position]))
        conditions += [invariant.when for invariant in stage.invariants]
    return Asked(plan, point, tuple(conditions), tuple(piloted))


def space_of(
    catalogue: Catalogue,
    *asked: Asked,
    more: Iterable[Condition] = (),
    fed: Settings | None = None,
    by: Answering | None = None,
) -> Space:
    """The space in which one or several bundles are looked at.

    Args:
        catalogue: the declared facts.
        asked: what they ask.
        more: further conditions that are to be told apart.
        fed: the settings, if only calls are looked at that are fed event by event, so that some facts are always known.
        by: what answers the questions; left out, the solver.
    """
    conditions = [condition for each in asked for condition in each.conditions]
    known: frozenset[str] = frozenset()
    together: dict[str, frozenset[str]] = {}
    if fed is not None:
        stages = {stage for each in asked for stage in STAGES_AT[each.point]}
        known = frozenset(name for stage in stages for name in always_known(fed, stage)) - {"caller.class"}
        together = {fact.name: known_with((fact.name,)) for fact in catalogue}
    besides = (leaf for each in asked for leaf in each.besides)
    return Space(
        catalogue, *dict.fromkeys((*conditions, *more)), leaves_besides=besides, known=known, together=together, by=by
    )


class Encoded:
    """One decision point of a bundle, for every snapshot at once.

    Args:
        bundle: a bundle without errors.
        point: the decision point.
        space: the snapshots, if several bundles are looked at in one; left out, one is made.
        more: further conditions that are to be told apart.
        fed: look only at calls that are fed event by event; left out, any fact may be unknown.
        instead: facts that are not those of the space: for the same call with another value of them.
        by: what answers the questions; left out, the solver.

    Raises:
        MissingExtraError: the solver is not installed.
    """

    def __init__(
        self,
        bundle: Bundle,
        point: DecisionPoint,
        *,
        space: Space | None = None,
        more: Iterable[Condition] = (),
        fed: bool = False,
        instead: Terms | None = None,
        by: Answering | None = None,
    ) -> None:
        self.bundle = bundle
        self.point = point
        self.asked = asked_of(bundle, point)
        settings = bundle.settings if fed else None
        self.space = space or space_of(bundle.catalogue, self.asked, more=more, fed=settings, by=by)
        self.turns = Turns(self.space, list(self.asked.piloted))
        self.enabled: dict[str, Formula] = {}
        self._given: Terms = {**self.space.terms, **(instead or {})}
        self._stages: dict[Stage, StageModel] = {}
        self._terms: dict[Stage, Terms] = {}
        self._run()

    @property
    def unsupported(self) -> tuple[Unsupported, ...]:
        """What the solver cannot hold; nothing is proved of a bundle that has any."""
        return (*self.space.unsupported, *self.turns.unsupported())

    @property
    def stages(self) -> tuple[StageModel, ...]:
        """The stages of the decision point, in order."""
        return tuple(self._stages.values())

    def stage(self, stage: Stage) -> StageModel:
        """What a stage comes to.

        Raises:
            KeyError: the decision point has no such stage.
        """
        return self._stages[stage]

    def terms(self, stage: Stage) -> Terms:
        """The facts as a stage sees them: with the class, and with a block that was just made.

        Raises:
            KeyError: the decision point has no such stage.
        """
        return self._terms[stage]

    def truth(self, condition: Condition, stage: Stage) -> Kleene:
        """A condition as a stage sees the facts: with the class, and with a block that was just made."""
        return self.space.truth(condition, self._terms[stage])

    def solver(self) -> Formula:
        """A solver that knows every snapshot of the space, and nothing else."""
        solver = self.space.solver()
        solver.add(*self.turns.constraints())
        return solver

    def find(self, formula: Formula, *, solver: Formula | None = None, few: bool = True) -> Witness | None:
        """A call of which a formula holds, confirmed by the engine; `None` if there is none.

        Args:
            formula: over the formulas of the stages.
            solver: a solver of this decision point, if there is one already.
            few: leave out every fact that is not needed; costs a little.

        Raises:
            SolverDisagreesError: the engine decides otherwise; a bug of this package.
            UnsettledError: it would be too much work; only where the base answers.
        """
        solver = self.solver() if solver is None else solver
        model = smallest(solver, formula, self.space) if few else _model(solver, formula)
        return None if model is None else self.witness(model)

    def witness(self, model: Formula) -> Witness:
        """The call of a model, confirmed by the engine.

        Raises:
            SolverDisagreesError: the engine decides otherwise; a bug of this package.
        """
        values = self.space.values(model)
        if not self.turns.settle(values, model):
            return Witness(self.point, values, self.expected(model), confirmed=False)
        return Witness(self.point, values, self.confirm(values, model), confirmed=True)

    def confirm(self, values: Mapping[str, Value], model: Formula) -> tuple[StageResult, ...]:
        """What the engine decides on a snapshot, if it is what the model says.

        Raises:
            SolverDisagreesError: it is not; a bug of this package.
        """
        expected = self.expected(model)
        came = tuple(_in_order(each) for each in self.decide(values).stages)
        if came != expected:
            wrong = next(one.stage for one, other in zip(came, expected, strict=True) if one != other)
            raise SolverDisagreesError(f"solver and engine differ in stage `{wrong}`")
        return came

    def decide(self, values: Mapping[str, Value]) -> Decision:
        """What the engine decides on a snapshot."""
        # WHY only those: beside another bundle the space has facts that this one does not declare, and never reads.
        own = {name: value for name, value in values.items() if name in self.bundle.catalogue}
        snapshot = snapshot_of(self.bundle.catalogue, own, at=0)
        if snapshot.input_faults:
            raise SolverDisagreesError(f"the solver gave `{snapshot.input_faults[0].fact}` a value that cannot be")
        return decide(
            self.asked.plan, snapshot, point=self.point, call_id="witness", decision_id="witness", with_recheck=False
        )

    def expected(self, model: Formula) -> tuple[StageResult, ...]:
        """What the model says the stages come to."""
        return tuple(_result(stage, model) for stage in self.stages)

    def _run(self) -> None:
        terms = dict(self._given)
        terms.update({"caller.class": Term(False), "caller.kind": Term(False)})
        enforced = {(each.plan.ranking.stage, each.rule_id): each for each in self.asked.piloted}
        for plan in self.asked.plan.points[self.point]:
            stage = plan.ranking.stage
            here = dict(terms)
            self._terms[stage] = here
            rules = []
            for position, rule in enumerate(plan.ranking.rules):
                pilot = enforced.get((stage, rule.id))
                if pilot is not None or plan.enforced >> position & 1:
                    enabled = pilot.formula(self.space, here) if pilot is not None else True
                    self.enabled[rule.id] = enabled
                    rules.append((rule, enabled, self.space.truth(rule.when, here)))
            model = self._stages[stage] = self._model(plan, rules, here)
            self._carry(terms, model)

    def instead(self, plan: StagePlan) -> StageModel:
        """What another version of a stage comes to, where the stages before it come to what they come to here.

        Args:
            plan: the other version, without a rule in pilot; it compares nothing that the space does not tell apart.

        Raises:
            KeyError: the decision point has no such stage.
        """
        stage = plan.ranking.stage
        here, own = self._terms[stage], self._stages[stage]
        same = {each.id: each.when for each in own.rules}
        rules = []
        for position, rule in enumerate(plan.ranking.rules):
            if plan.enforced >> position & 1:
                # WHY by identity: two conditions are as large as a rule, and of all rules but one they are the same.
                known = own.conditions[rule.id] if same.get(rule.id) is rule.when else None
                rules.append((rule, True, known or self.space.truth(rule.when, here)))
        return self._model(plan, rules, here)

    def _model(self, plan: StagePlan, rules: Sequence[tuple[Rule, Formula, Kleene]], here: Terms) -> StageModel:
        invariants = [(each, self.space.truth(each.when, here)) for each in plan.invariants]
        protected = any_of(self.space.truth(leaf, here).true for leaf in _PROTECTED)
        return model_stage(plan.ranking.stage, rules, invariants, protected)

    def _carry(self, terms: dict[str, Term], model: StageModel) -> None:
        """What a stage says becomes a fact of the later ones, as `callpolicy.engine.deciding.carry` does it."""
        if model.stage is Stage.CLASSIFY:
            classes = {str(effect): model.comes_to(effect) for effect in KINDS_OF_CLASS}
            terms["caller.class"] = _made(self.space.terms.get("caller.class"), True, classes)
            kinds: dict[str, list[Formula]] = {}
            for outcome, formula in model.outcomes.items():
                if outcome.kind is not None:
                    kinds.setdefault(str(outcome.kind), []).append(formula)
            known = any_of(formula for ways in kinds.values() for formula in ways)
            terms["caller.kind"] = _made(
                self.space.terms.get("caller.kind"), known, {kind: any_of(ways) for kind, ways in kinds.items()}
            )
            return
        blocks = any_of(formula for outcome, formula in model.outcomes.items() if _bars_at_once(outcome))
        covered = terms.get("block.covered")
        if blocks is not False and covered is not None:
            reach = (True, any_of((blocks, covered.reach[1])))
            terms["block.covered"] = Term(any_of((blocks, covered.known)), covered.values, reach)


def _bars_at_once(outcome: Outcome) -> bool:
    return outcome.effect is Effect.BLOCK and outcome.by is By.SYSTEM


def _made(term: Term | None, known: Formula, values: Mapping[str, Formula]) -> Term:
    if term is None:
        return Term(False)
    at = [values.get(str(value), False) for value in term.values]
    reach = tuple(True if not position else any_of(at[position:]) for position in range(len(at)))
    return Term(known, term.values, reach)


def _model(solver: Formula, formula: Formula) -> Formula | None:
    return solver.model() if can_hold(solver, formula) else None


def _in_order(result: StageResult) -> StageResult:
    # WHY: in which order invariants acted is of no account here.
    return replace(result, invariants=tuple(sorted(result.invariants)))


def _result(stage: StageModel, model: Formula) -> StageResult:
    def those(formulas: Mapping[str, Formula]) -> tuple[str, ...]:
        return tuple(sorted(name for name, formula in formulas.items() if holds(model, formula)))

    came = [outcome for outcome, formula in stage.outcomes.items() if holds(model, formula)]
    if len(came) != 1:
        raise SolverDisagreesError(f"the solver gives stage `{stage.stage}` {len(came)} outcomes")
    hidden = None
    if holds(model, stage.hidden):
        hidden = next(outcome for outcome, formula in stage.resolved.items() if holds(model, formula))
    return StageResult(
        stage.stage,
        came[0],
        holds(model, stage.default),
        those(stage.winners),
        those(stage.holders),
        those(stage.acted),
        hidden,
        tuple(sorted(each for each, formula in stage.obligations.items() if holds(model, formula))),
    )
