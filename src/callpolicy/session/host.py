"""Facts that the host gives with `offered` and `tick`: which it may give, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.facts import Catalogue, Value, accept, host_may_give, shown_name

CONTRADICTION: Final = "contradiction"
"""Code of a host fact that makes a relation of the catalogue false."""


def read_host_facts(
    facts: Mapping[str, object], catalogue: Catalogue
) -> tuple[dict[str, Value | None], dict[str, str]]:
    """Read facts from a host.

    Args:
        facts: fact name to value, as the host gave them.
        catalogue: the declared facts.

    Returns:
        values by name, `None` for one that the host does not know or gave wrongly; and by name the codes of the faults
        (see `InputFault`). A fact that the host may not give is among the faults only.
    """
    values: dict[str, Value | None] = {}
    faults: dict[str, str] = {}
    for name, raw in facts.items():
        fact = catalogue.get(name)
        if fact is None:
            faults[shown_name(name)] = "unknown-fact"
        elif not host_may_give(fact):
            faults[name] = "not-allowed"
        else:
            values[name], code = accept(fact, raw)
            if code:
                faults[name] = code
    return values, faults


def contradicts(values: Mapping[str, Value]) -> bool:
    """Whether facts of a case make one of the relations between them false.

    WHY by hand: evaluating a condition is the matchers' business, floors above.
    INVARIANT: covers every relation of the built-in catalogue that names `case.*`.
    """
    status = values.get("case.status")
    return (
        _more(values, "case.contacts_since_final", "case.contacts")
        or _more(values, "case.explanations_rejected", "case.explanations")
        or (status == "open" and "case.since_final" in values)
        or (status == "final" and _number(values, "case.new_facts_since_final", 0) > 0)
    )


def _more(values: Mapping[str, Value], part: str, whole: str) -> bool:
    return part in values and whole in values and _number(values, part, 0) > _number(values, whole, 0)


def _number(values: Mapping[str, Value], name: str, default: int) -> int:
    value = values.get(name, default)
    return value if isinstance(value, int) else default
