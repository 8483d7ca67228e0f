"""Which rules were added, taken out, renamed or changed, by what they decide."""

from __future__ import annotations

from dataclasses import dataclass

from callpolicy.policy import Bundle, Rule, Status


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """The rules of two bundles beside each other.

    Args:
        added: rules that only the new one has.
        removed: rules that only the old one has.
        renamed: pairs that decide the same under another id.
        changed: pairs of one id that do not decide the same.
        retold: pairs that decide the same and say it otherwise: another title or reason.
    """

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    renamed: tuple[tuple[Rule, Rule], ...]
    changed: tuple[tuple[Rule, Rule], ...]
    retold: tuple[tuple[Rule, Rule], ...]


def rule_changes(old: Bundle, new: Bundle) -> RuleChanges:
    """Put the rules of two bundles beside each other, by id and then by what they decide."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    both = [(before[each], after[each]) for each in before if each in after]
    gone = [rule for rule in old.rules if rule.id not in after]
    come = [rule for rule in new.rules if rule.id not in before]
    renamed: list[tuple[Rule, Rule]] = []
    for rule in list(gone):
        same = next((each for each in come if _content(each) == _content(rule)), None)
        if same is not None:
            renamed.append((rule, same))
            gone.remove(rule)
            come.remove(same)
    return RuleChanges(
        tuple(come),
        tuple(gone),
        tuple(renamed),
        tuple(pair for pair in both if _content(pair[0]) != _content(pair[1])),
        tuple(pair for pair in both if _content(pair[0]) == _content(pair[1]) and _told(pair[0]) != _told(pair[1])),
    )


def is_live(rule: Rule) -> bool:
    """Whether a rule decides on real calls."""
    return rule.status in {Status.ENFORCED, Status.PILOT}


def _content(rule: Rule) -> object:
    return rule.stage, rule.status, rule.priority, rule.when, rule.then, frozenset(rule.obligations), rule.pilot


def _told(rule: Rule) -> object:
    return dict(rule.title), dict(rule.because)
