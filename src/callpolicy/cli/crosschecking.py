"""The three matchers against each other, on the snapshots that the examples of a norm give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callpolicy.cli.options import Language
from callpolicy.cli.texts import text
from callpolicy.errors import Finding, MatcherError, UnsupportedConditionError
from callpolicy.facts import Value, snapshot_of
from callpolicy.matchers.base import Matcher
from callpolicy.matches import Matches, bits
from callpolicy.policy import Bundle, Rule
from callpolicy.runtime.engine import MATCHERS, compiler


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


def unavailable() -> Reason | None:
    """Why the independent matcher cannot run here; `None` if it can."""
    from callpolicy.matchers.rete import available

    return None if available() else Reason("cross_unavailable")


def cross_check_bundle(bundle: Bundle) -> Crossed:
    """Compare every matcher with the reference: each rule and invariant on the snapshot of each example."""
    conditions = [rule.when for rule in bundle.rules] + [invariant.when for invariant in bundle.invariants]
    ids = [rule.id for rule in bundle.rules] + [invariant.id for invariant in bundle.invariants]
    machines: dict[str, Matcher] = {}
    why_not = unavailable()
    for name in MATCHERS:
        if name == "rete" and why_not:
            continue
        try:
            machines[name] = compiler(name)(conditions, bundle.catalogue)
        except (UnsupportedConditionError, MatcherError) as error:
            why_not = Reason("cross_not_held", {"machine": name, "error": error})
    snapshots = list(_snapshots(bundle))
    findings = tuple(_disagreements(machines, snapshots, ids, bundle.rules))
    return Crossed(tuple(sorted(machines)), len(snapshots), findings, why_not)


def _snapshots(bundle: Bundle) -> Iterator[Mapping[str, Value]]:
    yield {}
    for rule in bundle.rules:
        for example in rule.examples:
            yield snapshot_of(bundle.catalogue, example.given, at=0).values


def _disagreements(
    machines: Mapping[str, Matcher], snapshots: Sequence[Mapping[str, Value]], ids: Sequence[str], rules: Sequence[Rule]
) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for values in snapshots:
        meaning = machines["reference"].match(values)
        for name, machine in machines.items():
            for position in bits(_differing(meaning, machine.match(values))):
                rule = rules[position] if position < len(rules) else None
                if (name, ids[position]) in told:
                    continue
                told.add((name, ids[position]))
                message = f"matcher `{name}` does not agree with the reference on `{ids[position]}`"
                hint = "this is a bug of callpolicy; please report the rule"
                yield Finding("matchers-disagree", message, rule.span if rule else None, hint)


def _differing(left: Matches, right: Matches) -> int:
    return (left.true ^ right.true) | (left.may ^ right.may)
