"""What can be wrong with a rule as such, and with rules of equal rank."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from callpolicy.check.knowledge import always_known, classes_without_kind, known_with
from callpolicy.check.placing import POLICY, fault_of, kept
from callpolicy.check.rows import Rows
from callpolicy.condition import facts_read
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.instants import duration_text
from callpolicy.points import Effect, Stage
from callpolicy.policy import STANDING_BLOCK, Bundle, By, Governance, Outcome, Rule, Status, Term, Texts, term_length

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
_HANG_UPS: Final = frozenset({Effect.HANG_UP, Effect.HANG_UP_POLITELY})
_BLOCKS: Final = frozenset({Effect.PROPOSE_BLOCK, Effect.BLOCK})
_TOLD_APART: Final = ("kind", "term", "script", "to")


def look_at_rules(bundle: Bundle, today: date | None, rows: Rows) -> Iterator[Finding]:
    """Every finding about rules as such.

    Args:
        bundle: the bundle.
        today: the date by which reviews are due; `None` if that is not to be looked at.
        rows: takes the conditions apart.
    """
    for rule in bundle.rules:
        if rule.id == STANDING_BLOCK:
            message = f"`{STANDING_BLOCK}` is the name under which the product applies blocks; no rule may have it"
            yield Finding("reserved-id", message, rule.span, "give the rule another id, and its file that name")
    for rule in kept(bundle):
        yield from _on_its_way(rule, today)
        yield from _by_the_system(rule, bundle.governance or Governance())
        yield from _judged_by_nobody(rule, bundle.governance)
        yield from _texts(rule, bundle, rows)
    yield from _ties(bundle, rows)
    yield from _standing_script(bundle)


def placeholders(texts: Texts) -> Iterator[str]:
    """The names of the facts that texts in several languages show."""
    for text in texts.values():
        yield from _PLACEHOLDER.findall(text)


def _on_its_way(rule: Rule, today: date | None) -> Iterator[Finding]:
    if today is not None and rule.review_by < today:
        message = f"rule `{rule.id}` was to be looked at again by {rule.review_by.isoformat()}"
        hint = "look whether it still does what it should, then write a new date"
        yield Finding("review-overdue", message, rule.span, hint, severity=Severity.WARNING)
    if rule.status in {Status.ENFORCED, Status.PILOT} and not rule.examples:
        message = f"rule `{rule.id}` is in force without an example"
        hint = "write at least one example with `match` and one with `no_match`"
        yield Finding("no-examples", message, rule.span, hint)
    # WHY only 0: a pilot that leaves nobody out is refused when the file is read.
    if rule.status is Status.PILOT and rule.pilot is not None and rule.pilot.percent == 0:
        message = f"the pilot of rule `{rule.id}` takes in 0 % of the callers, that is nobody"
        yield Finding(
            "pilot-of-nobody", message, rule.span, "write a share, or `status: shadow`", severity=Severity.WARNING
        )


def _by_the_system(rule: Rule, governance: Governance) -> Iterator[Finding]:
    then = rule.then
    longest = term_length(governance.longest_automatic_term)
    if then.by is not By.SYSTEM:
        return
    if then.effect in _HANG_UPS and not governance.automatic_hang_up:
        message = f"rule `{rule.id}` lets the system hang up by itself, which no governance permits"
        hint = "take `by: system` away: the rule then permits the agent to hang up"
        yield Finding("hang-up-by-system", message, rule.span, hint, severity=fault_of(rule))
    elif then.effect in _BLOCKS and then.term is Term.PERMANENT:
        message = f"rule `{rule.id}` lets the system block for ever by itself"
        hint = "write a term that ends, or let a person do it: `by: agent`"
        yield Finding("permanent-by-system", message, rule.span, hint, severity=fault_of(rule))
    elif then.effect is Effect.BLOCK and term_length(then.term) > (
        longest := term_length(governance.longest_automatic_term)
    ):
        limit = f"for longer than {duration_text(longest)} by itself" if longest else "by itself"
        message = f"rule `{rule.id}` lets the system block {limit}, which `governance.yaml` does not permit"
        hint = "write a shorter term, `effect: propose_block`, or a longer `longest_automatic_term`"
        yield Finding("term-beyond-governance", message, rule.span, hint, severity=fault_of(rule))


def _judged_by_nobody(rule: Rule, governance: Governance | None) -> Iterator[Finding]:
    term = rule.then.term
    if governance is None or rule.then.effect not in _BLOCKS or term is None:
        return
    if governance.named_term(term) is None:
        written = str(term) if isinstance(term, Term) else duration_text(term)
        message = f"rule `{rule.id}` blocks for a term `{written}`, for which nobody is named who judges and operates"
        missing = written if isinstance(term, Term) else "a term as long"
        hint = f"write `{missing}` into `terms` of `governance.yaml`, or take a term that stands there"
        yield Finding("term-without-governance", message, rule.span, hint, severity=Severity.WARNING)


def _texts(rule: Rule, bundle: Bundle, rows: Rows) -> Iterator[Finding]:
    read = known_with(facts_read(rule.when)) | always_known(bundle.settings, rule.stage)
    if rule.stage is not Stage.CLASSIFY and not rows.both(rule.when, classes_without_kind(bundle)):
        read |= {"caller.kind"}
    yield from _shown_unknown(f"the reason of rule `{rule.id}`", rule.because, read, rule.span)
    yield from _shown_in_script(f"rule `{rule.id}`", rule.then.script, read, rule.span, bundle)


def _shown_in_script(
    who: str, script_id: str | None, read: frozenset[str], span: SourceSpan | None, bundle: Bundle
) -> Iterator[Finding]:
    script = bundle.scripts.get(script_id) if script_id is not None else None
    for texts in (script.caller, script.agent) if script is not None else ():
        yield from _shown_unknown(f"script `{script_id}`, said by {who},", texts, read, span)


def _shown_unknown(what: str, texts: Texts, read: frozenset[str], span: SourceSpan | None) -> Iterator[Finding]:
    for name in dict.fromkeys(placeholders(texts)):
        if name not in read:
            message = f"{what} shows `{name}`, which the rule does not look at and which may be unknown"
            hint = f"leave it out of the text, or add `{name}: {{known: true}}` to the condition"
            yield Finding("text-shows-unknown", message, span, hint, severity=Severity.WARNING)


def _standing_script(bundle: Bundle) -> Iterator[Finding]:
    read = always_known(bundle.settings, Stage.SCREEN) | {"block.covered"}
    yield from _shown_in_script("a standing block", bundle.settings.standing_block.script, read, POLICY, bundle)


def _ties(bundle: Bundle, rows: Rows) -> Iterator[Finding]:
    ranks: dict[tuple[object, ...], list[Rule]] = {}
    for rule in sorted(bundle.rules, key=lambda rule: rule.id):
        if rule.status in {Status.ENFORCED, Status.PILOT}:
            ranks.setdefault((rule.stage, rule.priority, rule.then.severity), []).append(rule)
    for rules in ranks.values():
        for position, rule in enumerate(rules):
            for first in rules[:position]:
                differ = _differences(first.then, rule.then)
                if differ and rows.both(first.when, rule.when):
                    yield _tie(first, rule, differ)
                    break


def _differences(one: Outcome, other: Outcome) -> list[str]:
    return [name for name in _TOLD_APART if getattr(one, name) != getattr(other, name)]


def _tie(first: Rule, rule: Rule, differ: list[str]) -> Finding:
    what = ", ".join({"script": "say"}.get(name, name) for name in differ)
    message = (
        f"rules `{first.id}` and `{rule.id}` have the same rank but another `{what}`; "
        f"where both match, only `{first.id}` gives it"
    )
    hint = "give one of them another priority, or let their conditions exclude each other"
    return Finding("tie", message, rule.span, hint, severity=Severity.WARNING)
