"""Places and order of findings, and what all checks share about rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from callpolicy.condition import Condition
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.policy import Bundle, Rule, Status

POLICY: Final = SourceSpan("policy.yaml", 1, 1)
"""Where findings about settings stand: what is read keeps no place within that file."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A rule or an invariant, as something that has a condition.

    Args:
        name: what it is called in a message.
        condition: its condition.
        span: where it stands.
        fault: how much a fault of it weighs: a rule that is not in force yet keeps nothing from going live.
    """

    name: str
    condition: Condition
    span: SourceSpan | None
    fault: Severity


def fault_of(rule: Rule) -> Severity:
    """How much a fault of a rule weighs: only one that is enforced, or in pilot, can harm a caller."""
    return Severity.ERROR if rule.status in {Status.ENFORCED, Status.PILOT} else Severity.WARNING


def kept(bundle: Bundle) -> Iterator[Rule]:
    """The rules that are not retired, by id."""
    return (rule for rule in sorted(bundle.rules, key=lambda rule: rule.id) if rule.status is not Status.RETIRED)


def readers(bundle: Bundle) -> Iterator[Reader]:
    """Every rule that is not retired, and every invariant."""
    for rule in kept(bundle):
        yield Reader(f"rule `{rule.id}`", rule.when, rule.span, fault_of(rule))
    for invariant in bundle.invariants:
        yield Reader(f"invariant `{invariant.id}`", invariant.when, invariant.span, Severity.ERROR)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by file, line, column, code and message, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    place = (span.file, span.line, span.col) if span else ("", 0, 0)
    return (*place, finding.code, finding.message)
