"""The mutation operators, as data: what each changes, and in which part of a bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from callpolicy.condition import Any, Condition
from callpolicy.facts import Catalogue
from callpolicy.mutants import conditions
from callpolicy.mutants.conditions import Change
from callpolicy.mutants.model import Mutant
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, RANK, Effect, Kind, Stage
from callpolicy.policy import Bundle, By, Outcome, Rule, Status, Term

_SECOND: Final = 1_000_000
_PAIR: Final = 2
_TERMS: Final = tuple(Term)
_LIVE: Final = frozenset({Status.ENFORCED, Status.PILOT})

Make = Callable[[Bundle], Iterator[Mutant]]
Conditions = Callable[[Condition, Catalogue, Stage], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class Operator:
    """One kind of small change.

    Args:
        name: stable name.
        title: what it does, per language.
        make: the mutants that it makes of a bundle.
    """

    name: str
    title: Mapping[str, str] = field(hash=False)
    make: Callable[[str, Bundle], Iterator[Mutant]] = field(repr=False)


def _of_rules(change: Conditions) -> Callable[[str, Bundle], Iterator[Mutant]]:
    def make(name: str, bundle: Bundle) -> Iterator[Mutant]:
        for rule in _live(bundle):
            for when, what in change(rule.when, bundle.catalogue, rule.stage):
                yield Mutant(name, rule.id, what, replace(rule, when=when), _file(rule), same_when=False)

    return make


def _live(bundle: Bundle) -> Iterator[Rule]:
    return (rule for rule in bundle.rules if rule.status in _LIVE)


def _file(rule: Rule) -> str:
    return rule.span.file if rule.span else f"{rule.stage}/{rule.id}.yaml"


def _priorities(name: str, bundle: Bundle) -> Iterator[Mutant]:
    """Each rule just above the next higher one of its stage, and just below the next lower one."""
    for rule in _live(bundle):
        others = {each.priority for each in _live(bundle) if each.stage is rule.stage and each.id != rule.id}
        above = min((each for each in others if each >= rule.priority), default=None)
        below = max((each for each in others if each <= rule.priority), default=None)
        if above is not None:
            yield Mutant(name, rule.id, "above the next", replace(rule, priority=above + 1), _file(rule))
        if below is not None:
            yield Mutant(name, rule.id, "below the next", replace(rule, priority=below - 1), _file(rule))


def _ties(name: str, bundle: Bundle) -> Iterator[Mutant]:
    """Of rules of one priority the stricter first, where the kinder goes first."""
    for stage in Stage:
        ranked = sorted(
            (rule for rule in _live(bundle) if rule.stage is stage),
            key=lambda rule: (-rule.priority, rule.then.severity, rule.id),
        )
        for kinder, stricter in pairwise(ranked):
            if kinder.priority == stricter.priority and kinder.then.severity != stricter.then.severity:
                what = f"before {kinder.id}"
                yield Mutant(name, stricter.id, what, replace(stricter, priority=kinder.priority + 1), _file(stricter))


def _statuses(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for rule in _live(bundle):
        yield Mutant(name, rule.id, "shadow", replace(rule, status=Status.SHADOW, pilot=None), _file(rule))


def _effects(name: str, bundle: Bundle) -> Iterator[Mutant]:
    """Each effect one step stricter and one step kinder."""
    for rule in _live(bundle):
        effects = EFFECTS_OF[rule.stage]
        place = RANK[rule.then.effect]
        for other in (place - 1, place + 1):
            if 0 <= other < len(effects):
                then = _with_effect(rule.then, effects[other])
                yield Mutant(name, rule.id, str(effects[other]), replace(rule, then=then), _file(rule))


def _with_effect(then: Outcome, effect: Effect) -> Outcome:
    """The outcome with another effect, and with what that one needs."""
    kinds = KINDS_OF_CLASS.get(effect, ())
    blocks = effect in {Effect.PROPOSE_BLOCK, Effect.BLOCK}
    names = effect in {Effect.ESCALATE, Effect.DIVERT}
    return replace(
        then,
        effect=effect,
        kind=kinds[0] if kinds else None,
        term=(then.term or Term.DAY) if blocks else None,
        wait=(then.wait or 2 * _SECOND) if effect is Effect.OFFER_CLOSE else None,
        to=(then.to or "team_leader") if names else None,
    )


def _kinds(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for rule in _live(bundle):
        kinds: Sequence[Kind] = KINDS_OF_CLASS.get(rule.then.effect, ())
        if rule.then.kind is not None and len(kinds) > 1:
            other = kinds[(kinds.index(rule.then.kind) + 1) % len(kinds)]
            then = replace(rule.then, kind=other)
            yield Mutant(name, rule.id, str(other), replace(rule, then=then), _file(rule))


def _who(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for rule in _live(bundle):
        if rule.stage is not Stage.CLASSIFY and rule.then.effect is not EFFECTS_OF[rule.stage][0]:
            by = By.AGENT if rule.then.by is By.SYSTEM else By.SYSTEM
            yield Mutant(name, rule.id, str(by), replace(rule, then=replace(rule.then, by=by)), _file(rule))


def _terms(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for rule in _live(bundle):
        term = rule.then.term
        if isinstance(term, Term):
            place = _TERMS.index(term)
            others: list[Term | int] = [_TERMS[each] for each in (place - 1, place + 1) if 0 <= each < len(_TERMS)]
        else:
            others = [] if term is None else [term * 2]
        for other in others:
            what = str(other) if isinstance(other, Term) else "doubled"
            yield Mutant(name, rule.id, what, replace(rule, then=replace(rule.then, term=other)), _file(rule))


def _obligations(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for rule in _live(bundle):
        for each in rule.obligations:
            kept = tuple(other for other in rule.obligations if other is not each)
            yield Mutant(name, rule.id, str(each), replace(rule, obligations=kept), _file(rule))


def _invariants_dropped(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for each in bundle.invariants:
        yield Mutant(name, each.id, "left out", None, "invariants.yaml")


def _invariants_weakened(name: str, bundle: Bundle) -> Iterator[Mutant]:
    """Each invariant with one effect or one of several reasons less."""
    for each in bundle.invariants:
        if len(each.effects) > 1:
            for effect in sorted(each.effects):
                new = replace(each, effects=each.effects - {effect})
                yield Mutant(name, each.id, f"without {effect}", new, "invariants.yaml")
        for branch, path in conditions.branch_paths(each.when):
            if not isinstance(branch, Any) or len(branch.items) < _PAIR:
                continue
            for position in range(len(branch.items)):
                when = conditions.changed(each.when, (*path, position), None)
                what = f"without reason {'.'.join(str(step + 1) for step in (*path, position))}"
                yield Mutant(name, each.id, what, replace(each, when=when), "invariants.yaml", same_when=False)


def _windows(name: str, bundle: Bundle) -> Iterator[Mutant]:
    for window in bundle.windows:
        if window.length is not None:
            for length, what in ((window.length // 2, "halved"), (window.length * 2, "doubled")):
                yield Mutant(name, window.fact, what, replace(window, length=length), "windows.yaml")


def _protected(name: str, bundle: Bundle) -> Iterator[Mutant]:
    """Each protected class without its numbers."""
    settings = bundle.settings
    for protected in settings.protected_numbers:
        kept = {each: numbers for each, numbers in settings.protected_numbers.items() if each != protected}
        yield Mutant(name, "policy.yaml", protected, replace(settings, protected_numbers=kept), "policy.yaml")


OPERATORS: Final = tuple(
    Operator(name, {"en": english, "zh-CN": chinese}, make)
    for name, english, chinese, make in (
        ("threshold", "a number one more or one less", "阈值加一或减一", _of_rules(conditions.thresholds)),
        ("operator", "another operator", "换成另一个比较", _of_rules(conditions.operators)),
        ("flag", "true for false", "是与否对调", _of_rules(conditions.flags)),
        ("leaf_dropped", "a part of a condition left out", "去掉一个条件项", _of_rules(conditions.leaves_dropped)),
        ("all_any", "all for any", "全部与任一对调", _of_rules(conditions.all_any)),
        ("negation", "not inserted or taken away", "加上或去掉否定", _of_rules(conditions.negations)),
        ("fact_swapped", "another fact of the same type", "换成同类型的另一事实", _of_rules(conditions.facts_swapped)),
        ("value_swapped", "another value of an enum", "换成另一个取值", _of_rules(conditions.values_swapped)),
        ("element_dropped", "one value of a list left out", "列表少一个取值", _of_rules(conditions.elements_dropped)),
        ("priority", "above or below its neighbour", "优先级越过相邻规则", _priorities),
        ("tie", "the stricter of two equals first", "同级规则改为从严", _ties),
        ("status", "no longer enforced", "不再执行", _statuses),
        ("effect", "an effect one step stricter or kinder", "处理加严或从宽一级", _effects),
        ("kind", "another kind of the class", "换成另一个细分", _kinds),
        ("by", "agent for system", "坐席与系统对调", _who),
        ("term", "a shorter or longer term", "屏蔽期限变长或变短", _terms),
        ("obligation_dropped", "an obligation left out", "少一项应做事项", _obligations),
        ("invariant_dropped", "an invariant left out", "去掉一条底线规则", _invariants_dropped),
        ("invariant_weakened", "an invariant with one reason less", "底线规则少一个理由", _invariants_weakened),
        ("window", "a window of half or twice the length", "统计窗口减半或加倍", _windows),
        ("protected", "a protected class without numbers", "受保护类别没有号码", _protected),
    )
)
"""Every operator, in the order in which they are told."""


def mutants_of(bundle: Bundle, operators: Sequence[str] | None = None) -> tuple[Mutant, ...]:
    """Every mutant of a bundle, in a fixed order, none of them twice.

    Args:
        bundle: the bundle.
        operators: names of the operators to use; all of them if left out.
    """
    made: dict[str, Mutant] = {}
    for operator in OPERATORS:
        if operators is not None and operator.name not in operators:
            continue
        for mutant in operator.make(operator.name, bundle):
            # WHY: two leaves of one rule may read alike; their mutants are told apart by a number.
            number, own = 2, mutant
            while own.id in made:
                own, number = replace(mutant, what=f"{mutant.what}, {number}"), number + 1
            made[own.id] = own
    return tuple(made.values())
