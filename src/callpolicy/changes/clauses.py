"""What was changed in one rule, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from callpolicy.condition import leaves
from callpolicy.engine.explaining import leaf_text
from callpolicy.facts import Catalogue
from callpolicy.instants import duration_text
from callpolicy.policy import Outcome, Rule

WHEN = "when"
"""A clause of the condition."""

JOINED = "joined"
"""The clauses are the same, but joined another way: all, any or not."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that differs between two forms of a rule.

    Args:
        what: `when`, `joined`, a field of the outcome, `priority`, `status`, `stage` or `do`.
        old: what it was; `None` if it was not there.
        new: what it is; `None` if it is not there any more.
    """

    what: str
    old: str | None
    new: str | None


def clause_changes(old: Rule, new: Rule, catalogue: Catalogue) -> tuple[Clause, ...]:
    """What differs between two forms of a rule; what is only said otherwise is left out.

    Args:
        old: the rule as it was.
        new: the rule as it is.
        catalogue: declares the facts of both.
    """
    return (*_when(old, new, catalogue), *_outcome(old.then, new.then), *_beside(old, new))


def _when(old: Rule, new: Rule, catalogue: Catalogue) -> Iterator[Clause]:
    if old.when == new.when:
        return
    before, after = [*leaves(old.when)], [*leaves(new.when)]
    gone = [leaf for leaf in before if leaf not in after]
    come = [leaf for leaf in after if leaf not in before]
    if not gone and not come:
        yield Clause(JOINED, None, None)
    for leaf in gone:
        # WHY by the fact: a threshold that moved is one change, not one clause that went and one that came.
        same = next((each for each in come if each.fact == leaf.fact), None)
        if same is not None:
            come.remove(same)
        yield Clause(WHEN, leaf_text(leaf, catalogue), None if same is None else leaf_text(same, catalogue))
    yield from (Clause(WHEN, None, leaf_text(leaf, catalogue)) for leaf in come)


def _outcome(old: Outcome, new: Outcome) -> Iterator[Clause]:
    for each in fields(old):
        was, becomes = _value(getattr(old, each.name)), _value(getattr(new, each.name))
        if was != becomes:
            yield Clause(each.name, was, becomes)


def _value(value: object) -> str | None:
    if value is None:
        return None
    return duration_text(value) if isinstance(value, int) else str(value)


def _beside(old: Rule, new: Rule) -> Iterator[Clause]:
    for name in ("priority", "status", "stage", "pilot"):
        was, becomes = getattr(old, name), getattr(new, name)
        if was != becomes:
            yield Clause(name, None if was is None else str(was), None if becomes is None else str(becomes))
    gone = sorted(str(each) for each in old.obligations if each not in new.obligations)
    come = sorted(str(each) for each in new.obligations if each not in old.obligations)
    yield from (Clause("do", each, None) for each in gone)
    yield from (Clause("do", None, each) for each in come)
