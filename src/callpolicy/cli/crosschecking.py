"""The three matchers against each other, as a check tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callpolicy.cli.options import Language
from callpolicy.cli.texts import text
from callpolicy.errors import Finding
from callpolicy.policy import Bundle


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not compared.

    Args:
        key: which of the texts of the command line says it.
        values: what is filled into it.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, language: Language) -> str:
        """The reason in a language."""
        return text(self.key, language, **self.values)


@dataclass(frozen=True, slots=True)
class Crossed:
    """What a comparison came to.

    Args:
        machines: the matchers that took part.
        snapshots: on how many snapshots.
        findings: where they do not agree.
        why_not: why one did not take part; `None` if all did.
    """

    machines: tuple[str, ...]
    snapshots: int
    findings: tuple[Finding, ...] = field(default=())
    why_not: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain values for JSON, without its findings."""
        why_not = self.why_not.told(Language.EN) if self.why_not else ""
        return {"snapshots": self.snapshots, "machines": list(self.machines), "why_not": why_not}


def not_crossed(key: str) -> Crossed:
    """A comparison that was not made."""
    return Crossed((), 0, why_not=Reason(key))


def cross_check_bundle(bundle: Bundle) -> Crossed:
    """Compare every matcher with the reference: each rule and invariant, on every boundary of every leaf."""
    from callpolicy.certificate import cross, disagreement_text

    crossed = cross(bundle)
    hint = "this is a bug of callpolicy; please report the rule"
    spans = {rule.id: rule.span for rule in bundle.rules}
    findings = tuple(
        Finding("matchers-disagree", disagreement_text(matcher, name), spans.get(name), hint)
        for matcher, name in crossed.disagreements
    )
    why_not = next((_reason(name, error) for name, error in crossed.left_out), None)
    return Crossed(crossed.machines, crossed.snapshots, findings, why_not)


def _reason(name: str, error: str) -> Reason:
    from callpolicy.matchers.rete import available

    if name == "rete" and not available():
        return Reason("cross_unavailable")
    return Reason("cross_not_held", {"machine": name, "error": error})
