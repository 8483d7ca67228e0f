"""The three matchers on every boundary: where one does not agree with the reference, a bundle does not go live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from callpolicy.errors import Finding, MatcherError, RuleFileError, UnsupportedConditionError
from callpolicy.matchers.base import Compile, Matcher
from callpolicy.matchers.rete import available
from callpolicy.matches import bits
from callpolicy.policy import Bundle
from callpolicy.runtime.boundaries import boundary_snapshots, conditions_of
from callpolicy.runtime.compiling import MATCHERS, compiler


@dataclass(frozen=True, slots=True)
class Crossed:
    """What holding the matchers against each other came to.

    Args:
        machines: the matchers that took part, sorted; the reference is one.
        snapshots: on how many snapshots.
        conditions: of how many rules and invariants.
        disagreements: matcher, and id of the rule or invariant on which it is not what the reference says.
        left_out: the matchers that did not take part, each with the reason.
    """

    machines: tuple[str, ...]
    snapshots: int
    conditions: int
    disagreements: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()


def disagreement_text(matcher: str, name: str) -> str:
    """That a matcher is not what the reference says, in one line."""
    return f"matcher `{matcher}` does not agree with the reference on `{name}`"


def cross(bundle: Bundle, *, compilers: Callable[[str], Compile] | None = None) -> Crossed:
    """Hold every matcher against the reference, on every boundary of every leaf.

    Args:
        bundle: a bundle without errors.
        compilers: how a matcher is found by its name, if not among those that come along.
    """
    conditions = conditions_of(bundle)
    machines: dict[str, Matcher] = {}
    left_out: list[tuple[str, str]] = []
    find = compilers or compiler
    for name in MATCHERS:
        if name == "rete" and not available():
            left_out.append((name, "durable_rules does not run here"))
            continue
        try:
            machines[name] = find(name)([*conditions.values()], bundle.catalogue)
        except (UnsupportedConditionError, MatcherError) as error:
            left_out.append((name, str(error)))
    ids = [*conditions]
    found: dict[tuple[str, str], None] = {}
    snapshots = [*boundary_snapshots(bundle)]
    for values in snapshots:
        meaning = machines["reference"].match(values)
        for name, machine in machines.items():
            if name == "reference":
                continue
            came = machine.match(values)
            for place in bits((meaning.true ^ came.true) | (meaning.may ^ came.may)):
                found[name, ids[place]] = None
    return Crossed(tuple(sorted(machines)), len(snapshots), len(ids), tuple(found), tuple(left_out))


def refuse_disagreement(bundle: Bundle) -> None:
    """Refuse a bundle on which the matchers do not agree.

    Raises:
        RuleFileError: it must not go live; one finding for each matcher and rule.
    """
    findings = tuple(Finding("matchers-disagree", disagreement_text(*each)) for each in _disagreements(_Known(bundle)))
    if findings:
        raise RuleFileError(findings)


class _Known:
    """A bundle by what the matchers are given of it, so that a process that opens many stores looks at it once."""

    __slots__ = ("_key", "bundle")

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._key = bundle.revision, bundle.rules, bundle.invariants

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=8)
def _disagreements(known: _Known) -> tuple[tuple[str, str], ...]:
    return cross(known.bundle).disagreements
