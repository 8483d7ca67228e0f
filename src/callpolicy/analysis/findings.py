"""What is wrong with a norm for some possible call, or for all of them, each with a call that shows it.

Every finding is exact: the solver has looked at every snapshot that the facts and their relations allow, so what is not
named is not there. What the solver cannot hold is named as unsupported, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import Formula, all_of, any_of, negated, plain
from callpolicy.analysis.independence import depends
from callpolicy.analysis.norms import WARNED
from callpolicy.analysis.space import Unsupported
from callpolicy.analysis.telling import told
from callpolicy.analysis.witness import Witness
from callpolicy.condition import facts_read
from callpolicy.errors import Severity, SourceSpan
from callpolicy.points import EFFECTS_OF, STAGES_AT, DecisionPoint, Effect, Stage
from callpolicy.policy import UNION_OBLIGATIONS, Bundle, Rule, Status, Term, Texts

IN_FORCE = frozenset({Status.ENFORCED, Status.PILOT})
_POINTS = tuple(DecisionPoint)
_HANG_UPS = (Effect.HANG_UP, Effect.HANG_UP_POLITELY)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding.

    Args:
        code: stable kebab-case name of the kind of finding.
        rules: ids of the rules it is about, sorted.
        stage: the stage it is about, if it is about one.
        subject: an effect, class or fact that it is about besides; empty if none.
        span: where to look first.
        sentence: what is wrong, in a sentence per language.
        severity: how much it weighs.
        witness: a call that shows it, if one call can.
        other: for a dependence, the call that differs only in the fact, and is decided otherwise.
    """

    code: str
    rules: tuple[str, ...]
    stage: Stage | None
    subject: str
    span: SourceSpan | None
    sentence: Texts
    severity: Severity = Severity.WARNING
    witness: Witness | None = None
    other: Witness | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that was found in a norm.

    Args:
        findings: by place and code.
        unsupported: what was not looked at.
    """

    findings: tuple[Found, ...]
    unsupported: tuple[Unsupported, ...]


def analyse(bundle: Bundle) -> Analysis:
    """Look at every possible call of a norm.

    Args:
        bundle: a bundle without errors.

    Raises:
        MissingExtraError: the solver is not installed.
    """
    desk = _Desk(bundle)
    found = [
        *desk.matching(),
        *desk.pairs(),
        *desk.unreachable(),
        *desk.gaps(),
        *desk.too_early(),
        *desk.terms(),
        *desk.unwarned(),
        *desk.dependent(),
    ]
    findings = tuple(sorted(found, key=_place))
    unsupported = tuple(dict.fromkeys(each for encoded in desk.encoded.values() for each in encoded.unsupported))
    return Analysis(findings, unsupported)


def _place(found: Found) -> tuple[str, int, str, tuple[str, ...], str]:
    span = found.span
    return (span.file if span else "", span.line if span else 0, found.code, found.rules, found.subject)


class _Desk:
    """The decision points of a bundle, encoded once."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        more = [WARNED] if all(fact in bundle.catalogue for fact in facts_read(WARNED)) else []
        self.encoded = {point: Encoded(bundle, point, more=more) for point in _POINTS}
        self.solvers = {point: encoded.solver() for point, encoded in self.encoded.items()}
        self.rules = {rule.id: rule for rule in bundle.rules if rule.status in IN_FORCE}
        self.possible: dict[str, bool] = {}

    def places(self, stage: Stage) -> list[Encoded]:
        return [self.encoded[point] for point in _POINTS if stage in STAGES_AT[point]]

    def somewhere(self, stage: Stage, formulas: list[tuple[Encoded, Formula]]) -> Witness | None:
        """A call at one of the decision points of a stage of which the formula of that point holds."""
        for encoded, formula in formulas:
            if formula is not False:
                found = encoded.find(formula, solver=self.solvers[encoded.point])
                if found is not None:
                    return found
        return None

    def can(self, encoded: Encoded, formula: Formula) -> bool:
        return formula is not False and str(self.solvers[encoded.point].check(plain(formula))) == "sat"

    def matching(self) -> Iterator[Found]:
        """Rules that never match, that always do, and that never have a say."""
        for rule in self.rules.values():
            places = self.places(rule.stage)
            models = [(each, each.stage(rule.stage)) for each in places]
            matches = any(self.can(each, model.matches[rule.id]) for each, model in models)
            self.possible[rule.id] = matches
            if not matches:
                yield self.found("never-matches", (rule,), Severity.ERROR)
                continue
            untrue = [(each, negated(model.conditions[rule.id].true)) for each, model in models]
            if not any(self.can(each, formula) for each, formula in untrue):
                yield self.found("always-matches", (rule,), Severity.WARNING)
            counts = [
                (each, any_of((model.winners[rule.id], model.holders.get(rule.id, False)))) for each, model in models
            ]
            # WHY: what is to be recorded and told, a rule adds wherever it matches.
            adds = bool(set(rule.obligations) & UNION_OBLIGATIONS)
            if not adds and not any(self.can(each, formula) for each, formula in counts):
                by = self.shadowing(rule)
                witness = self.somewhere(rule.stage, [(each, model.matches[rule.id]) for each, model in models])
                yield self.found("shadowed", (rule, *by), Severity.WARNING, witness)

    def shadowing(self, rule: Rule) -> list[Rule]:
        """The rules that win where a rule matches."""
        places = [(each, each.stage(rule.stage)) for each in self.places(rule.stage)]
        return [
            other
            for other in self.rules.values()
            if other.stage is rule.stage
            and other.id != rule.id
            and any(self.can(each, all_of((model.matches[rule.id], model.winners[other.id]))) for each, model in places)
        ]

    def pairs(self) -> Iterator[Found]:
        """Duplicates, and rules of equal priority that say different things of one call."""
        for one, other in combinations(sorted(self.rules.values(), key=lambda rule: rule.id), 2):
            if one.stage is not other.stage or not (self.possible[one.id] and self.possible[other.id]):
                continue
            models = [(each, each.stage(one.stage)) for each in self.places(one.stage)]
            same = one.then == other.then and one.pilot == other.pilot and one.obligations == other.obligations
            if same and not any(
                self.can(each, _apart(model.conditions[one.id].true, model.conditions[other.id].true))
                for each, model in models
            ):
                yield self.found("duplicate", (one, other), Severity.WARNING)
            elif one.priority == other.priority and one.then.effect is not other.then.effect:
                both = [(each, all_of((model.matches[one.id], model.matches[other.id]))) for each, model in models]
                witness = self.somewhere(one.stage, both)
                if witness is not None:
                    yield self.found("conflict", (one, other), Severity.WARNING, witness)

    def unreachable(self) -> Iterator[Found]:
        """Effects that a rule gives and no call gets, and classes that no rule gives."""
        for stage in Stage:
            places = self.places(stage)
            given = {rule.then.effect for rule in self.rules.values() if rule.stage is stage}
            for effect in EFFECTS_OF[stage][1:]:
                rules = tuple(
                    rule for rule in self.rules.values() if rule.stage is stage and rule.then.effect is effect
                )
                reached = any(self.can(each, each.stage(stage).effect_is(effect)) for each in places)
                if effect in given and not reached:
                    yield self.found("unreachable-effect", rules, Severity.ERROR, subject=str(effect))
                elif stage is Stage.CLASSIFY and not reached:
                    yield self.found("class-never-given", (), Severity.WARNING, subject=str(effect), stage=stage)

    def gaps(self) -> Iterator[Found]:
        """Kinds of callers that are told apart and for whom nothing is ever said to be done in the call."""
        encoded = self.encoded[DecisionPoint.IN_CALL]
        hangup = encoded.stage(Stage.HANGUP)
        for outcome, formula in encoded.stage(Stage.CLASSIFY).outcomes.items():
            if outcome.effect is not Effect.NORMAL and not self.can(
                encoded, all_of((formula, negated(hangup.default)))
            ):
                witness = encoded.find(formula, solver=self.solvers[encoded.point])
                if witness is not None:
                    subject = str(outcome.kind or outcome.effect)
                    yield self.found("gap", (), Severity.WARNING, witness, subject=subject, stage=Stage.HANGUP)

    def too_early(self) -> Iterator[Found]:
        """Facts that a rule asks for before they can be known."""
        for rule in self.rules.values():
            last = max(_POINTS.index(point) for point in _POINTS if rule.stage in STAGES_AT[point])
            for name in sorted(facts_read(rule.when)):
                fact = self.bundle.catalogue.get(name)
                early = fact is not None and _POINTS.index(fact.known_from) > last
                if early or (rule.stage is Stage.CLASSIFY and name in {"caller.class", "caller.kind"}):
                    yield self.found("asked-too-early", (rule,), Severity.ERROR, subject=name)

    def terms(self) -> Iterator[Found]:
        """Blocks without an end."""
        for rule in self.rules.values():
            if rule.then.effect in {Effect.BLOCK, Effect.PROPOSE_BLOCK} and rule.then.term in {None, Term.PERMANENT}:
                models = [(each, each.stage(rule.stage)) for each in self.places(rule.stage)]
                witness = self.somewhere(rule.stage, [(each, model.outcome_is(rule.then)) for each, model in models])
                if witness is not None:
                    yield self.found("term-without-end", (rule,), Severity.WARNING, witness)

    def unwarned(self) -> Iterator[Found]:
        """Hang-ups on nuisance without a warning in this call and an offence after it (NORM 2.2)."""
        encoded = self.encoded[DecisionPoint.IN_CALL]
        if not all(fact in self.bundle.catalogue for fact in facts_read(WARNED)):
            return
        stage = encoded.stage(Stage.HANGUP)
        warned = encoded.truth(WARNED, Stage.HANGUP).true
        nuisance = encoded.stage(Stage.CLASSIFY).effect_is(Effect.NUISANCE)
        for effect in _HANG_UPS:
            witness = encoded.find(
                all_of((stage.effect_is(effect), nuisance, negated(warned))), solver=self.solvers[encoded.point]
            )
            if witness is not None:
                result = witness.stage(Stage.HANGUP)
                rules = tuple(self.rules[name] for name in (*result.determining, *result.held_by) if name in self.rules)
                yield self.found("hang-up-without-warning", rules, Severity.ERROR, witness, subject=str(effect))

    def dependent(self) -> Iterator[Found]:
        """Effects that depend on who the agent is, the site, the language or the gender (NORM 1.2)."""
        for each in depends(self.encoded):
            rules = tuple(self.rules[name] for name in each.rules if name in self.rules)
            yield self.found(
                "depends-on", rules, Severity.WARNING, each.one, subject=each.fact, stage=each.stage, other=each.other
            )

    def found(
        self,
        code: str,
        rules: tuple[Rule, ...],
        severity: Severity,
        witness: Witness | None = None,
        *,
        subject: str = "",
        stage: Stage | None = None,
        other: Witness | None = None,
    ) -> Found:
        # WHY the first unsorted: it is the one to look at.
        names = tuple(rule.id for rule in rules)
        place = rules[0].span if rules else SourceSpan("policy.yaml", 1, 1)
        at = rules[0].stage if rules else stage
        sentence = told(code, names, subject)
        return Found(code, names, at, subject, place, sentence, severity, witness, other)


def _apart(one: Formula, other: Formula) -> Formula:
    return any_of((all_of((one, negated(other))), all_of((other, negated(one)))))
