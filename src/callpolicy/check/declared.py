"""What is declared and never used, and what is missing among the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from callpolicy.check.conditions import SIGNALS_FACT
from callpolicy.check.placing import POLICY, kept
from callpolicy.check.rows import Rows
from callpolicy.check.rules import placeholders
from callpolicy.condition import All, Condition, Leaf, Not, Op, facts_read, leaves
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.facts import Origin
from callpolicy.points import RESTRICTIVE, Effect
from callpolicy.policy import Bundle, Invariant

_SAFE: Final = (
    ("caller.protected", "unguarded-effect", "a protected caller", Severity.ERROR),
    ("caller.allowlisted", "unguarded-allowlist", "a caller on the allowlist", Severity.WARNING),
)
_OF_HOLIDAYS: Final = frozenset({"call.holiday", "call.business_hours"})


def look_at_declared(bundle: Bundle, today: date | None) -> Iterator[Finding]:
    """Every finding about declarations.

    Args:
        bundle: the bundle.
        today: the date by which holidays are past; `None` if that is not to be looked at.
    """
    compared = frozenset(name for condition in _conditions(bundle) for name in facts_read(condition))
    yield from _unused_facts(bundle, compared)
    yield from _unused_scripts(bundle)
    yield from _signals(bundle)
    yield from _settings(bundle, compared, today)
    yield from _unguarded(bundle)


def _conditions(bundle: Bundle) -> list[Condition]:
    """All conditions, those of retired rules too: they are read with the bundle, and name what is declared."""
    return [rule.when for rule in bundle.rules] + [invariant.when for invariant in bundle.invariants]


def _unused_facts(bundle: Bundle, compared: frozenset[str]) -> Iterator[Finding]:
    texts = [rule.because for rule in bundle.rules]
    for script in bundle.scripts.values():
        texts += [script.caller, script.agent]
    read = compared | {name for each in texts for name in placeholders(each)}
    for window in bundle.windows:
        if window.fact not in read:
            fact = bundle.catalogue.get(window.fact)
            message = f"no rule, invariant or text reads the window `{window.fact}`"
            hint = "delete it, or write the rule that was to use it"
            yield Finding("window-not-read", message, fact.span if fact else None, hint, severity=Severity.WARNING)
    for fact in bundle.catalogue:
        if fact.origin is Origin.HOST and fact.name not in read:
            message = f"no rule, invariant or text reads the fact `{fact.name}`"
            hint = "the host need not give it; delete it unless a rule is to come"
            yield Finding("fact-not-read", message, fact.span, hint, severity=Severity.NOTE)


def _unused_scripts(bundle: Bundle) -> Iterator[Finding]:
    said = {rule.then.script for rule in bundle.rules} | {bundle.settings.standing_block.script}
    for script in bundle.scripts.values():
        if script.id not in said:
            hint = "delete it, or name it with `say:` in a rule"
            message = f"nothing says the script `{script.id}`"
            yield Finding("script-never-said", message, script.span, hint, severity=Severity.WARNING)


def _signals(bundle: Bundle) -> Iterator[Finding]:
    raised = {lexicon.signal for lexicon in bundle.lexicons}
    for signal in bundle.settings.offence_signals:
        if signal not in raised:
            message = f"the signal `{signal}` counts as an offence, but no lexicon raises it"
            hint = "write a word list for it into `lexicons/`, or take it out of `offence_signals`"
            yield Finding("unknown-signal", message, POLICY, hint)
    read = set(bundle.settings.offence_signals) | set(_signals_read(bundle))
    for signal in sorted(raised - read):
        lists = sorted(lexicon.id for lexicon in bundle.lexicons if lexicon.signal == signal)
        message = f"no rule reads the signal `{signal}`, and it counts as no offence"
        hint = f"nothing follows when its words are said ({', '.join(lists)}); write a rule, or delete the lists"
        place = SourceSpan(f"lexicons/{lists[0]}.yaml", 1, 1)
        yield Finding("signal-not-read", message, place, hint, severity=Severity.NOTE)


def _signals_read(bundle: Bundle) -> Iterator[str]:
    for condition in _conditions(bundle):
        for leaf in leaves(condition):
            if leaf.fact == SIGNALS_FACT and leaf.op in {Op.HAS, Op.HAS_ANY}:
                operand = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
                yield from (str(signal) for signal in operand)


def _settings(bundle: Bundle, compared: frozenset[str], today: date | None) -> Iterator[Finding]:
    settings = bundle.settings
    for name in settings.protected_classes:
        if not settings.protected_numbers.get(name):
            message = f"no number is in the protected class `{name}`"
            hint = "write its numbers, unless the host says with each call who is in it"
            yield Finding("protected-class-empty", message, POLICY, hint, severity=Severity.NOTE)
    if today is None or not compared & _OF_HOLIDAYS:
        return
    message = ""
    if not settings.holidays:
        message = "rules ask whether the centre is open, but no holidays are declared"
    elif max(settings.holidays) < today:
        message = f"the last declared holiday was {max(settings.holidays).isoformat()}"
    if message:
        hint = "write the holidays to come into `policy.yaml`, or rules read them as working days"
        yield Finding("holidays-past", message, POLICY, hint, severity=Severity.NOTE)


def _unguarded(bundle: Bundle) -> Iterator[Finding]:
    taken = _taken(bundle)
    rows = Rows(bundle.catalogue)
    for effect in sorted(taken):
        own = [invariant for invariant in bundle.invariants if effect in invariant.effects]
        for fact, code, whom, severity in _SAFE:
            if not _guards(own, fact, rows):
                message = f"no invariant keeps `{effect}` from {whom}"
                hint = f"write into `invariants.yaml`: never `{effect}` when `{fact}: {{is: true}}`"
                yield Finding(code, message, taken[effect], hint, severity=severity)


def _taken(bundle: Bundle) -> dict[Effect, SourceSpan | None]:
    """The restrictive effects that something in the bundle takes, with the first place."""
    taken: dict[Effect, SourceSpan | None] = {}
    for rule in kept(bundle):
        taken.setdefault(rule.then.effect, rule.span)
    for invariant in bundle.invariants:
        taken.setdefault(invariant.instead, invariant.span)
    taken.setdefault(bundle.settings.standing_block.effect, POLICY)
    return {effect: span for effect, span in taken.items() if effect in RESTRICTIVE}


def _guards(invariants: list[Invariant], fact: str, rows: Rows) -> bool:
    """Whether one of these invariants forbids its effects whenever a fact is true, whatever else is known."""
    own = tuple(invariant.when for invariant in invariants if fact in facts_read(invariant.when))
    if not own:
        return False
    passing = rows.true_rows(All((Not(own), Leaf(fact, Op.IS, True))))
    return not passing or not passing[0].exact
