"""One stage of a decision as formulas: what `callpolicy.resolve` and the engine do, for every snapshot at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from callpolicy.analysis.formulas import Formula, all_of, any_of, negated, plain
from callpolicy.analysis.space import Kleene
from callpolicy.points import RANK, RESTRICTIVE, Effect, Stage, default_effect
from callpolicy.policy import UNION_OBLIGATIONS, Invariant, Obligation, Outcome, Rule
from callpolicy.resolve import rank


@dataclass(frozen=True, slots=True)
class StageModel:
    """What a stage comes to, as formulas over the snapshot.

    Args:
        stage: the stage.
        rules: the rules that take part, the standing block among them, in the order in which they win.
        outcomes: outcome to that it is what the stage comes to.
        default: nothing matches.
        matches: rule id to that its condition is true and it is enforced for this call.
        winners: rule id to that it determines the outcome.
        holders: rule id to that its kinder outcome was taken because a fact is unknown.
        obligations: obligation to that it is due.
        acted: invariant id to that it forbade something.
        violated: invariant id to that its condition is true or unknown.
        before: outcome to that it is what the rules come to, before the invariants.
        resolved: outcome to that it is what matching rules come to, before allowlist and invariants.
        hidden: an effect was hidden by the allowlist or a protected class.
        conditions: rule id to the truth of its condition, whether it is enforced or not.
    """

    stage: Stage
    rules: tuple[Rule, ...]
    outcomes: Mapping[Outcome, Formula]
    default: Formula
    matches: Mapping[str, Formula]
    winners: Mapping[str, Formula]
    holders: Mapping[str, Formula]
    obligations: Mapping[Obligation, Formula]
    acted: Mapping[str, Formula]
    violated: Mapping[str, Formula]
    before: Mapping[Outcome, Formula]
    resolved: Mapping[Outcome, Formula]
    hidden: Formula
    conditions: Mapping[str, Kleene]

    def outcome_is(self, outcome: Outcome) -> Formula:
        """The stage comes to that outcome, with its kind, term, script and all."""
        return plain(self.outcomes.get(outcome, False))

    def effect_is(self, effect: Effect) -> Formula:
        """The stage comes to that effect."""
        return plain(self.comes_to(effect))

    def comes_to(self, effect: Effect) -> Formula:
        """The same; a plain `bool` where it is one whatever the facts are."""
        return any_of([formula for outcome, formula in self.outcomes.items() if outcome.effect is effect])

    def any_outcome(self, outcomes: Iterable[Outcome]) -> Formula:
        """The stage comes to one of those outcomes."""
        return plain(any_of([self.outcomes.get(each, False) for each in outcomes]))

    def effect_before(self, effect: Effect) -> Formula:
        """What rules and protection come to, before the invariants; a plain `bool` as of `comes_to`."""
        return any_of([formula for outcome, formula in self.before.items() if outcome.effect is effect])

    def determining(self, rule_id: str) -> Formula:
        """The rule is among those that determine the outcome."""
        return plain(self.winners.get(rule_id, False))

    def held_by(self, rule_id: str) -> Formula:
        """The rule is among those that made the outcome kinder because a fact is unknown."""
        return plain(self.holders.get(rule_id, False))

    def obliged(self, obligation: Obligation) -> Formula:
        """The obligation is due."""
        return plain(self.obligations.get(obligation, False))

    def invariant_acted(self, invariant_id: str) -> Formula:
        """The invariant forbade what the rules came to."""
        return plain(self.acted.get(invariant_id, False))


def model_stage(
    stage: Stage,
    rules: Sequence[tuple[Rule, Formula, Kleene]],
    invariants: Sequence[tuple[Invariant, Kleene]],
    protected: Formula,
) -> StageModel:
    """Make the model of a stage.

    Args:
        stage: the stage.
        rules: those that can be enforced, each with the formula that it is for this call, and its truth.
        invariants: those of the stage, in order, each with its truth.
        protected: the caller is known to be protected or on the allowlist.
    """
    enabled = {rule.id: formula for rule, formula, _ in rules}
    truths = {rule.id: truth for rule, _, truth in rules}
    ordered = rank(stage, [rule for rule, _, _ in rules]).rules
    true = {rule.id: all_of((enabled[rule.id], truths[rule.id].true)) for rule in ordered}
    may = {rule.id: all_of((enabled[rule.id], truths[rule.id].unknown)) for rule in ordered}
    resolved = _Resolved(ordered, true, may)
    default = negated(any_of(true.values()))
    hidden = all_of(
        (protected, any_of(formula for outcome, formula in resolved.outcomes.items() if outcome.effect in RESTRICTIVE))
    )
    before = {
        outcome: all_of((formula, negated(protected))) if outcome.effect in RESTRICTIVE else formula
        for outcome, formula in resolved.outcomes.items()
    }
    nothing = Outcome(default_effect(stage))
    before[nothing] = any_of((before.get(nothing, False), hidden))
    violated = {invariant.id: negated(truth.false) for invariant, truth in invariants}
    outcomes, acted = _guarded(before, [invariant for invariant, _ in invariants], violated)
    outcomes[nothing] = any_of((outcomes.get(nothing, False), default))
    before[nothing] = any_of((before[nothing], default))
    return StageModel(
        stage,
        ordered,
        _possible(outcomes),
        default,
        true,
        resolved.winners,
        resolved.holders,
        resolved.obligations,
        acted,
        violated,
        _possible(before),
        resolved.outcomes,
        hidden,
        truths,
    )


def _possible(outcomes: Mapping[Outcome, Formula]) -> dict[Outcome, Formula]:
    return {outcome: formula for outcome, formula in outcomes.items() if formula is not False}


class _Resolved:
    """What the rules come to, before allowlist and invariants; it follows `callpolicy.resolve`."""

    def __init__(self, ordered: Sequence[Rule], true: Mapping[str, Formula], may: Mapping[str, Formula]) -> None:
        self.outcomes: dict[Outcome, Formula] = {}
        self.winners: dict[str, Formula] = {}
        self._held: dict[str, list[Formula]] = {}
        own: dict[Obligation, list[Formula]] = {}
        self._true, self._may = true, may
        beaten: Formula = False
        for group in _groups(ordered):
            some = any_of(true[rule.id] for rule in group)
            wins = all_of((some, negated(beaten)))
            for rule in group:
                self.winners[rule.id] = all_of((true[rule.id], negated(beaten)))
            kinder = [
                rule
                for rule in ordered
                if rule.priority >= group[0].priority and rule.then.severity < group[0].then.severity
            ]
            unheld = self._hold(kinder, wins)
            for position, rule in enumerate(group):
                first = all_of([true[rule.id], *(negated(true[other.id]) for other in group[:position])])
                self._come_to(rule.then, all_of((first, negated(beaten), unheld)))
                for obligation in rule.obligations:
                    if obligation not in UNION_OBLIGATIONS:
                        own.setdefault(obligation, []).append(all_of((self.winners[rule.id], unheld)))
            beaten = any_of((beaten, some))
        self.holders = {rule_id: any_of(ways) for rule_id, ways in self._held.items()}
        for rule in ordered:
            for obligation in set(rule.obligations) & UNION_OBLIGATIONS:
                own.setdefault(obligation, []).append(true[rule.id])
        self.obligations = {obligation: any_of(ways) for obligation, ways in own.items()}

    def _hold(self, kinder: Sequence[Rule], wins: Formula) -> Formula:
        """Let the kindest rule that may match hold a winner; gives the formula that none does."""
        nobody: Formula = True
        for severity in sorted({rule.then.severity for rule in kinder}):
            own = sorted((rule for rule in kinder if rule.then.severity == severity), key=lambda rule: rule.id)
            so_far = nobody
            for rule in own:
                may = self._may[rule.id]
                self._held.setdefault(rule.id, []).append(all_of((wins, so_far, may)))
                self._come_to(rule.then, all_of((wins, nobody, may)))
                nobody = all_of((nobody, negated(may)))
        return nobody

    def _come_to(self, outcome: Outcome, formula: Formula) -> None:
        if formula is not False:
            self.outcomes[outcome] = any_of((self.outcomes.get(outcome, False), formula))


def _groups(ordered: Sequence[Rule]) -> list[list[Rule]]:
    groups: dict[tuple[int, tuple[int, ...]], list[Rule]] = {}
    for rule in ordered:
        groups.setdefault((rule.priority, rule.then.severity), []).append(rule)
    return list(groups.values())


def _guarded(
    before: Mapping[Outcome, Formula], invariants: Sequence[Invariant], violated: Mapping[str, Formula]
) -> tuple[dict[Outcome, Formula], dict[str, Formula]]:
    """Let the invariants replace what they forbid, from the strictest effect down."""
    at = dict(before)
    acted: dict[str, Formula] = {}
    after: dict[Outcome, Formula] = {}
    # INVARIANT: a replacement is kinder than what it replaces, so whatever it adds to comes later in this order.
    effects = {outcome.effect for outcome in at} | {invariant.instead for invariant in invariants}
    for effect in sorted(effects, key=lambda each: -RANK[each]):
        here = [(outcome, formula) for outcome, formula in at.items() if outcome.effect is effect]
        untouched: Formula = True
        for invariant in invariants:
            if effect not in invariant.effects:
                continue
            first = all_of((untouched, violated[invariant.id]))
            replaced = all_of((first, any_of(formula for _, formula in here)))
            acted[invariant.id] = any_of((acted.get(invariant.id, False), replaced))
            instead = Outcome(invariant.instead)
            at[instead] = any_of((at.get(instead, False), replaced))
            untouched = all_of((untouched, negated(violated[invariant.id])))
        for outcome, formula in here:
            after[outcome] = all_of((formula, untouched))
    return after, acted
