"""Mutants of a bundle as data: one small change each, what became of it, and what they come to together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from callpolicy.facts import Value
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle, Example, Invariant, Rule, Settings
from callpolicy.windows import Window


class Fate(StrEnum):
    """What became of a mutant.

    `killed`: an example, a scenario or `check` fails on it. `equivalent`: proved that no call is decided otherwise.
    `survived`: nothing fails, and a call is decided otherwise. `not_asked`: nothing fails, and nobody has proved or
    shown whether a call is decided otherwise.
    """

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bundle with one small change.

    Args:
        operator: name of the operator that made it.
        owner: id of the rule or invariant, fact of the window, or `policy.yaml`.
        what: the change in a few words.
        new: the rule, invariant, window or settings in place of the old; `None` if an invariant is left out.
        file: the file that it changes.
        same_when: whether the condition of the rule or invariant is the old one.
    """

    operator: str
    owner: str
    what: str
    new: Rule | Invariant | Window | Settings | None
    file: str
    same_when: bool = True

    @property
    def id(self) -> str:
        """A name that stays the same from run to run."""
        return f"{self.operator}:{self.owner}:{self.what}"


@dataclass(frozen=True, slots=True)
class Telling:
    """A call that tells a mutant from the norm.

    Args:
        point: the decision point.
        facts: what is known then.
        old: what the norm comes to: effect, class, determining rules, per stage in words.
        new: what the mutant comes to.
    """

    point: DecisionPoint
    # WHY no repr: it holds what may be personal.
    facts: Mapping[str, Value] = field(repr=False)
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one mutant.

    Args:
        mutant_id: which one.
        operator: the operator that made it.
        owner: what it changed.
        fate: what became of it.
        by: what killed it, in words; for an equivalent one, what proved it; for `not_asked`, why.
        diff: the change as a diff of YAML; empty for one that was killed.
        telling: for a survivor, a call that is decided otherwise, if one was found.
        example: for a survivor whose condition is changed, an example that kills it.
    """

    mutant_id: str
    operator: str
    owner: str
    fate: Fate
    by: str = ""
    diff: str = ""
    telling: Telling | None = None
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What the mutants of a bundle came to.

    Args:
        results: one for each mutant, in their order.
        reused: how many were taken from an earlier run.
    """

    results: tuple[Result, ...]
    reused: int = 0

    def count(self, fate: Fate, operator: str | None = None) -> int:
        """How many met a fate, all or those of one operator."""
        return sum(each.fate is fate and operator in {None, each.operator} for each in self.results)

    @property
    def by_operator(self) -> Mapping[str, Mapping[Fate, int]]:
        """Per operator, how many met which fate."""
        counts = Counter((each.operator, each.fate) for each in self.results)
        names = dict.fromkeys(each.operator for each in self.results)
        return {name: {fate: counts[name, fate] for fate in Fate} for name in names}

    @property
    def killed_percent(self) -> float:
        """Share that was killed of all that are not equivalent; who was not asked about counts as not equivalent."""
        whole = len(self.results) - self.count(Fate.EQUIVALENT)
        return 100.0 * self.count(Fate.KILLED) / whole if whole else 100.0

    @property
    def survivors(self) -> tuple[Result, ...]:
        """What nothing killed and nobody proved to be equivalent."""
        return tuple(each for each in self.results if each.fate in {Fate.SURVIVED, Fate.NOT_ASKED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a prover says about two bundles.

    Args:
        same: whether no call is decided otherwise; `None` if it cannot tell.
        point: where a call is decided otherwise.
        facts: what is known then.
        why: for `None`, why it cannot tell.
    """

    same: bool | None
    point: DecisionPoint | None = None
    facts: Mapping[str, Value] | None = field(default=None, repr=False)
    why: str = ""


Equivalent: TypeAlias = Callable[[Bundle], Callable[[Bundle], Answer]]
"""Given a bundle, what says of others whether they decide every call as it does: same effect, class, obligations and
determining rules."""


def applied(mutant: Mutant, bundle: Bundle) -> Bundle:
    """The bundle with the change made. Its revision names the mutant, for it is another norm."""
    revision = f"{bundle.revision}+{mutant.id}"
    new = mutant.new
    match new:
        case Rule():
            rules = tuple(new if rule.id == mutant.owner else rule for rule in bundle.rules)
            return replace(bundle, revision=revision, rules=rules)
        case Window():
            windows = tuple(new if window.fact == mutant.owner else window for window in bundle.windows)
            return replace(bundle, revision=revision, windows=windows)
        case Settings():
            return replace(bundle, revision=revision, settings=new)
        case _:
            return replace(
                bundle, revision=revision, invariants=tuple(_invariants(mutant.owner, new, bundle.invariants))
            )


def _invariants(owner: str, new: Invariant | None, old: Iterable[Invariant]) -> Iterable[Invariant]:
    for each in old:
        if each.id != owner:
            yield each
        elif new is not None:
            yield new
