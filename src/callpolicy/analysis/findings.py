"""What is wrong with a norm for some possible call, or for all of them, each with a call that shows it.

Every finding is exact: every snapshot was looked at that the facts and their relations allow, so what is not named is
not there. The solver looks, or where it is not installed the base, under a bound. What cannot be held is named as
unsupported, and what would have been too much work as unsettled; nothing is passed over, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from callpolicy.analysis.asking import POINTS, Asking, Method, Unsettled
from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import MOST_STEPS, Formula, all_of, any_of, can_prove, differ, negated
from callpolicy.analysis.independence import Undecided, depends
from callpolicy.analysis.norms import WARNED
from callpolicy.analysis.space import MADE_BY_DECIDE, Unsupported
from callpolicy.analysis.telling import told
from callpolicy.analysis.witness import Witness
from callpolicy.check import always_known
from callpolicy.condition import facts_read
from callpolicy.errors import Severity, SourceSpan
from callpolicy.points import EFFECTS_OF, STAGES_AT, DecisionPoint, Effect, Stage
from callpolicy.policy import UNION_OBLIGATIONS, Bundle, Rule, Status, Term, Texts

IN_FORCE = frozenset({Status.ENFORCED, Status.PILOT})
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
        unsettled: what would have been too much work; only where the base looked.
        method: who looked.
    """

    findings: tuple[Found, ...]
    unsupported: tuple[Unsupported, ...]
    unsettled: tuple[Unsettled, ...] = ()
    method: Method = Method.SOLVER

    @property
    def clean(self) -> bool:
        """Everything was looked at, and nothing was found."""
        return not (self.findings or self.unsupported or self.unsettled)


def analyse(bundle: Bundle, *, base: bool | None = None, most: int = MOST_STEPS) -> Analysis:
    """Look at every possible call of a norm.

    Args:
        bundle: a bundle without errors.
        base: do without the solver; left out, only where it is not installed.
        most: without the solver: how many steps are taken for one question before it is left unsettled.

    Raises:
        MissingExtraError: the solver is not installed, and nothing else may do.
    """
    desk = _Desk(bundle, base=not can_prove() if base is None else base, most=most)
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
    return Analysis(findings, unsupported, tuple(desk.unsettled), desk.method)


def _place(found: Found) -> tuple[str, int, str, tuple[str, ...], str]:
    span = found.span
    return (span.file if span else "", span.line if span else 0, found.code, found.rules, found.subject)


class _Desk(Asking):
    """The decision points of a bundle, and what is asked at them."""

    def __init__(self, bundle: Bundle, *, base: bool, most: int) -> None:
        super().__init__(bundle, base=base, most=most)
        self.rules = {rule.id: rule for rule in bundle.rules if rule.status in IN_FORCE}
        self.possible: dict[str, bool | None] = {}

    def matching(self) -> Iterator[Found]:
        """Rules that never match, that always do, and that never have a say."""
        for rule in self.rules.values():
            models = self.models(rule.stage)
            matches = [(each, model.matches[rule.id]) for each, model in models]
            possible = self.possible[rule.id] = self.some(matches, "never-matches", (rule,))
            if possible is None:
                self.leave("always-matches", (rule,))
                self.leave("shadowed", (rule,))
            if not possible:
                if possible is False:
                    yield self.found("never-matches", (rule,), Severity.ERROR)
                continue
            untrue = [
                (each, all_of((self.fed(each, rule.stage), negated(model.conditions[rule.id].true))))
                for each, model in models
            ]
            if self.some(untrue, "always-matches", (rule,)) is False:
                yield self.found("always-matches", (rule,), Severity.WARNING)
            yield from self.shadowed(rule)

    def fed(self, encoded: Encoded, stage: Stage) -> Formula:
        """What is known of every call that is fed event by event: WHY, a rule that asks whether it is asks nothing."""
        known = sorted(always_known(self.bundle.settings, stage) - MADE_BY_DECIDE)
        terms = encoded.space.terms
        return all_of(terms[name].known for name in known if name in terms)

    def shadowed(self, rule: Rule) -> Iterator[Found]:
        """A rule that matches and never has a say, with those that win where it does."""
        # WHY: what is to be recorded and told, a rule adds wherever it matches.
        if set(rule.obligations) & UNION_OBLIGATIONS:
            return
        models = self.models(rule.stage)
        counts = [(each, any_of((model.winners[rule.id], model.holders.get(rule.id, False)))) for each, model in models]
        if self.some(counts, "shadowed", (rule,)) is not False:
            return
        others = [each for each in self.rules.values() if each.stage is rule.stage and each.id != rule.id]
        wins = {
            other.id: self.some(
                [(each, all_of((model.matches[rule.id], model.winners[other.id]))) for each, model in models],
                "shadowed",
                (rule,),
            )
            for other in others
        }
        if None not in wins.values():
            witness = self.shown([(each, model.matches[rule.id]) for each, model in models], "shadowed", (rule,))
            by = [other for other in others if wins[other.id]]
            yield self.found("shadowed", (rule, *by), Severity.WARNING, witness)

    def pairs(self) -> Iterator[Found]:
        """Duplicates, and rules of equal priority that say different things of one call."""
        for one, other in combinations(sorted(self.rules.values(), key=lambda rule: rule.id), 2):
            impossible = self.possible[one.id] is False or self.possible[other.id] is False
            if one.stage is other.stage and not impossible:
                yield from self.pair(one, other)

    def pair(self, one: Rule, other: Rule) -> Iterator[Found]:
        """What is wrong with two rules of one stage together."""
        both, models = (one, other), self.models(one.stage)
        if one.then == other.then and one.pilot == other.pilot and one.obligations == other.obligations:
            conditions = [
                (each, model.conditions[one.id].true, model.conditions[other.id].true) for each, model in models
            ]
            apart = self.some([(each, differ(*truths)) for each, *truths in conditions], "duplicate", both)
            if apart is False and self.possible[one.id] and self.possible[other.id]:
                yield self.found("duplicate", both, Severity.WARNING)
            elif apart is False:
                self.leave("duplicate", both)
        elif one.priority == other.priority and one.then.effect is not other.then.effect:
            together = [(each, all_of((model.matches[one.id], model.matches[other.id]))) for each, model in models]
            witness = self.shown(together, "conflict", both)
            if witness is not None:
                yield self.found("conflict", both, Severity.WARNING, witness)

    def unreachable(self) -> Iterator[Found]:
        """Effects that a rule gives and no call gets, and classes that no rule gives."""
        for stage in Stage:
            for effect in EFFECTS_OF[stage][1:]:
                rules = tuple(
                    rule for rule in self.rules.values() if rule.stage is stage and rule.then.effect is effect
                )
                if not rules and stage is not Stage.CLASSIFY:
                    continue
                code = "unreachable-effect" if rules else "class-never-given"
                reached = [(each, model.comes_to(effect)) for each, model in self.models(stage)]
                if self.some(reached, code, rules, str(effect)) is False:
                    severity = Severity.ERROR if rules else Severity.WARNING
                    yield self.found(code, rules, severity, subject=str(effect), stage=stage)

    def gaps(self) -> Iterator[Found]:
        """Kinds of callers that are told apart and for whom nothing is ever said to be done in the call."""
        encoded = self.encoded[DecisionPoint.IN_CALL]
        hangup = encoded.stage(Stage.HANGUP)
        for outcome, formula in encoded.stage(Stage.CLASSIFY).outcomes.items():
            subject = str(outcome.kind or outcome.effect)
            decided = [(encoded, all_of((formula, negated(hangup.default))))]
            if outcome.effect is Effect.NORMAL or self.some(decided, "gap", (), subject) is not False:
                continue
            witness = self.shown([(encoded, formula)], "gap", (), subject)
            if witness is not None:
                yield self.found("gap", (), Severity.WARNING, witness, subject=subject, stage=Stage.HANGUP)

    def too_early(self) -> Iterator[Found]:
        """Facts that a rule asks for before they can be known."""
        for rule in self.rules.values():
            last = max(POINTS.index(point) for point in POINTS if rule.stage in STAGES_AT[point])
            for name in sorted(facts_read(rule.when)):
                fact = self.bundle.catalogue.get(name)
                early = fact is not None and POINTS.index(fact.known_from) > last
                if early or (rule.stage is Stage.CLASSIFY and name in {"caller.class", "caller.kind"}):
                    yield self.found("asked-too-early", (rule,), Severity.ERROR, subject=name)

    def terms(self) -> Iterator[Found]:
        """Blocks without an end."""
        for rule in self.rules.values():
            if rule.then.effect in {Effect.BLOCK, Effect.PROPOSE_BLOCK} and rule.then.term in {None, Term.PERMANENT}:
                comes = [(each, model.outcomes.get(rule.then, False)) for each, model in self.models(rule.stage)]
                witness = self.shown(comes, "term-without-end", (rule,))
                if witness is not None:
                    yield self.found("term-without-end", (rule,), Severity.WARNING, witness)

    def unwarned(self) -> Iterator[Found]:
        """Hang-ups on nuisance without a warning in this call and an offence after it (NORM 2.2)."""
        encoded = self.encoded[DecisionPoint.IN_CALL]
        if not all(fact in self.bundle.catalogue for fact in facts_read(WARNED)):
            return
        stage = encoded.stage(Stage.HANGUP)
        warned = encoded.truth(WARNED, Stage.HANGUP).true
        nuisance = encoded.stage(Stage.CLASSIFY).comes_to(Effect.NUISANCE)
        for effect in _HANG_UPS:
            hasty = all_of((stage.comes_to(effect), nuisance, negated(warned)))
            witness = self.shown([(encoded, hasty)], "hang-up-without-warning", (), str(effect))
            if witness is not None:
                result = witness.stage(Stage.HANGUP)
                rules = tuple(self.rules[name] for name in (*result.determining, *result.held_by) if name in self.rules)
                yield self.found("hang-up-without-warning", rules, Severity.ERROR, witness, subject=str(effect))

    def dependent(self) -> Iterator[Found]:
        """Effects that depend on who the agent is, the site, the language or the gender (NORM 1.2)."""
        for each in depends(self.encoded):
            if isinstance(each, Undecided):
                self.leave("depends-on", (), each.fact)
                continue
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
