"""A mutant as a diff of YAML: the norm as its author would write it, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from difflib import unified_diff

from callpolicy.facts import Catalogue
from callpolicy.instants import duration_text
from callpolicy.mutants.model import Mutant
from callpolicy.policy import Bundle, Invariant, Outcome, Rule, Settings, Status
from callpolicy.rulefile import print_rule
from callpolicy.windows import Window


def diff_of(mutant: Mutant, bundle: Bundle) -> str:
    """The change as a unified diff of the YAML of what it changes.

    Args:
        mutant: the mutant.
        bundle: the bundle that it was made from.
    """
    old, new = _lines(_old(mutant, bundle), bundle.catalogue), _lines(mutant.new, bundle.catalogue)
    head = (f"a/{mutant.file}", f"b/{mutant.file}")
    return "\n".join(unified_diff(old, new, *head, lineterm="", n=2))


def _old(mutant: Mutant, bundle: Bundle) -> Rule | Invariant | Window | Settings:
    match mutant.new:
        case Rule():
            return bundle.rule(mutant.owner)
        case Window():
            return next(window for window in bundle.windows if window.fact == mutant.owner)
        case Settings():
            return bundle.settings
        case _:
            return next(each for each in bundle.invariants if each.id == mutant.owner)


def _lines(part: Rule | Invariant | Window | Settings | None, catalogue: Catalogue) -> list[str]:
    match part:
        case Rule():
            return print_rule(replace(part, examples=()), catalogue).splitlines()[1:]
        case Invariant():
            return list(_invariant(part, catalogue))
        case Window():
            length = duration_text(part.length) if part.length is not None else str(part.calendar)
            return [f"- fact: {part.fact}", f"  within: {length}"]
        case Settings():
            return ["protected:", *(f"  {name}: {{numbers: …}}" for name in part.protected_numbers)]
        case None:
            return []


def _invariant(invariant: Invariant, catalogue: Catalogue) -> Iterator[str]:
    yield f"- id: {invariant.id}"
    yield "  never:"
    yield f"    effects: [{', '.join(sorted(invariant.effects))}]"
    yield "    when:"
    yield from (f"    {line}" for line in _condition(invariant, catalogue))
    yield f"    instead: {invariant.instead}"


def _condition(invariant: Invariant, catalogue: Catalogue) -> list[str]:
    """The condition of an invariant, written as that of a rule is."""
    bearer = Rule(
        id=invariant.id,
        stage=invariant.stage,
        title={},
        status=Status.DRAFT,
        owner="",
        review_by=date.max,
        priority=0,
        when=invariant.when,
        then=Outcome(invariant.instead),
        obligations=(),
        because={},
    )
    return print_rule(bearer, catalogue).partition("\nwhen:\n")[2].partition("\nthen:")[0].splitlines()
