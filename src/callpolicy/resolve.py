"""From matches to one effect: who wins, who holds, what an invariant forbids.

Among the rules that match, the highest priority wins; at equal priority the most lenient outcome. A rule that may
match, because a fact is unknown or its evaluation failed, cannot make the outcome stricter, but it holds it: if its
priority is at least the winner's and its outcome is kinder, its outcome is taken. So no completion of the unknowns
would have been kinder.

WHY the kindest holder is exact: with a set S of may-rules completed to true, the outcome is that of the highest
priority among winner and S, and at that priority the most lenient. For every S it is at least as strict as the kindest
holder alone, and that holder alone reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from callpolicy.matches import Matches, bits
from callpolicy.points import RESTRICTIVE, Effect, Stage, default_effect
from callpolicy.policy import UNION_OBLIGATIONS, Invariant, Obligation, Outcome, Rule


@dataclass(frozen=True, slots=True)
class _Group:
    """Rules of equal priority and equal severity: they win together.

    Args:
        members: bits of its rules.
        kinder: bits of the rules that can hold it: at least its priority, and kinder.
    """

    members: int
    kinder: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rules of one stage in the order in which they win: bit i of a match is rule i.

    Args:
        stage: the stage.
        rules: by priority, highest first, then from the most lenient, then by id.
        groups: for every rule, its group.
        obliged: for every obligation that is collected from all matching rules, the bits of the rules that ask for it.
        own: the bits of the rules with an obligation that holds only if they determine the outcome.
        nothing: what the stage comes to when nothing matches.
    """

    stage: Stage
    rules: tuple[Rule, ...]
    groups: tuple[_Group, ...]
    obliged: tuple[tuple[Obligation, int], ...]
    own: int
    nothing: Outcome


def rank(stage: Stage, rules: Iterable[Rule]) -> Ranking:
    """Put the rules of a stage in the order in which they win; the order in which they come does not matter."""
    ordered = tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.then.severity, rule.id)))
    keys = [(rule.priority, rule.then.severity) for rule in ordered]
    members: dict[tuple[int, tuple[int, ...]], int] = {}
    for position, key in enumerate(keys):
        members[key] = members.get(key, 0) | 1 << position
    made = {
        key: _Group(own, sum(mask for other, mask in members.items() if other[0] >= key[0] and other[1] < key[1]))
        for key, own in members.items()
    }
    obliged = {
        obligation: sum(1 << position for position, rule in enumerate(ordered) if obligation in rule.obligations)
        for obligation in sorted(UNION_OBLIGATIONS)
    }
    return Ranking(
        stage,
        ordered,
        tuple(made[key] for key in keys),
        tuple((obligation, mask) for obligation, mask in obliged.items() if mask),
        sum(1 << position for position, rule in enumerate(ordered) if not set(rule.obligations) <= UNION_OBLIGATIONS),
        Outcome(default_effect(stage)),
    )


class Resolved(NamedTuple):
    """What the rules of a stage come to, before allowlist and invariants.

    WHY a tuple: one is made at every stage, and a tuple is made faster than a frozen dataclass.

    Args:
        outcome: what is to be done.
        winners: bits of the matching rules that won; 0 if nothing matched.
        holders: bits of the may-rules whose kinder outcome was taken; 0 if none.
        obligations: what must also be done, sorted.
    """

    outcome: Outcome
    winners: int
    holders: int
    obligations: tuple[Obligation, ...]


def resolve(ranking: Ranking, matches: Matches, enabled: int) -> Resolved:
    """Resolve the matches of one stage.

    Args:
        ranking: the rules in order.
        matches: which of them are true and which may be.
        enabled: bits of the rules that count in this pass.
    """
    true = matches.true & enabled
    if not true:
        return Resolved(ranking.nothing, 0, 0, ())
    first = (true & -true).bit_length() - 1
    group = ranking.groups[first]
    winners = true & group.members
    holders = matches.may & enabled & group.kinder
    outcome = ranking.rules[first].then
    own: tuple[Obligation, ...] = ()
    if holders:
        kindest = min((ranking.rules[each] for each in bits(holders)), key=lambda rule: (rule.then.severity, rule.id))
        holders = sum(1 << each for each in bits(holders) if ranking.rules[each].then.severity == kindest.then.severity)
        outcome = kindest.then
    elif winners & ranking.own:
        own = _own_obligations(ranking, winners)
    united = [obligation for obligation, mask in ranking.obliged if mask & true]
    return Resolved(outcome, winners, holders, tuple(sorted({*own, *united})) if own else tuple(united))


def _own_obligations(ranking: Ranking, winners: int) -> tuple[Obligation, ...]:
    return tuple(
        obligation
        for position in bits(winners)
        for obligation in ranking.rules[position].obligations
        if obligation not in UNION_OBLIGATIONS
    )


def protect(outcome: Outcome, stage: Stage, protected: bool) -> tuple[Outcome, Outcome | None]:
    """The allowlist and protected classes beat every rule and every standing block.

    Returns:
        what is to be done, and the outcome that was hidden, if one was.
    """
    if protected and outcome.effect in RESTRICTIVE:
        return Outcome(default_effect(stage)), outcome
    return outcome, None


def guard(outcome: Outcome, invariants: Sequence[Invariant], violated: int) -> tuple[Outcome, tuple[str, ...]]:
    """Apply the invariants of a stage: what one forbids is replaced, and the replacement is checked again.

    Args:
        outcome: what the rules came to.
        invariants: those of the stage, in order.
        violated: bits of the invariants whose condition is true or unknown.

    Returns:
        what is to be done, and the ids of the invariants that acted, in order.
    """
    # INVARIANT: a replacement is kinder than what it replaces (checked at load), so this ends, at the latest at the
    # stage's default.
    acted: list[str] = []
    while violated:
        broken = _first_broken(outcome.effect, invariants, violated)
        if broken is None:
            break
        acted.append(broken.id)
        outcome = Outcome(broken.instead)
    return outcome, tuple(acted)


def _first_broken(effect: Effect, invariants: Sequence[Invariant], violated: int) -> Invariant | None:
    for position in bits(violated):
        if effect in invariants[position].effects:
            return invariants[position]
    return None
