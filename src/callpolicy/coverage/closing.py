"""Searching for facts that show what nobody has shown yet, as a call could have them: no relation is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from callpolicy.condition import (
    Condition,
    FactRef,
    Leaf,
    NormalFormTooLargeError,
    Op,
    Row,
    facts_read,
    leaves,
    normal_form,
)
from callpolicy.coverage.leaves import candidates, step_of
from callpolicy.facts import Catalogue, Relation, Value, accept
from callpolicy.matchers.reference import leaf_truth, truth

Facts = dict[str, Value]
Wanted = Mapping[str, Value | None]
"""Facts and what they are to be; `None` is unknown."""

_MOST_TRIES: Final = 4_000
_MOST_ROWS: Final = 50
_DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Args:
        facts: what shows it, or `None`.
        broken: names of the relations that stood against it.
    """

    facts: Facts | None
    broken: tuple[str, ...] = ()


def search(
    catalogue: Catalogue, fixed: Iterable[Wanted], bases: Iterable[Mapping[str, Value]], shows: Callable[[Facts], bool]
) -> Found:
    """Find facts that a call could have and that show something.

    Args:
        catalogue: the declared facts, with their relations.
        fixed: what is to be shown, each a way to show it.
        bases: facts to start from, the best first.
        shows: whether facts show it.
    """
    starts = list(bases)
    broken: dict[str, None] = {}
    for wanted in fixed:
        for base in starts:
            start = {**base, **wanted}
            values = {name: value for name, value in start.items() if value is not None}
            found = _mended(catalogue, values, frozenset(wanted), shows, _DEEPEST, broken)
            if found is not None:
                return Found(found)
    return Found(None, tuple(broken))


def _mended(
    catalogue: Catalogue,
    values: Facts,
    kept: frozenset[str],
    shows: Callable[[Facts], bool],
    depth: int,
    broken: dict[str, None],
) -> Facts | None:
    """The facts, with others than the kept ones changed until no relation is false."""
    relation = next((each for each in catalogue.relations if truth(each.holds, values) is False), None)
    if relation is None:
        return values if shows(values) else None
    broken[relation.name] = None
    if depth == 0:
        return None
    for name in sorted(facts_read(relation.holds) - kept):
        for value in _other_values(catalogue, relation, name, values):
            changed = {each: known for each, known in values.items() if each != name}
            if value is not None:
                changed[name] = value
            if truth(relation.holds, changed) is not False:
                found = _mended(catalogue, changed, kept | {name}, shows, depth - 1, broken)
                if found is not None:
                    return found
    return None


def _other_values(
    catalogue: Catalogue, relation: Relation, name: str, values: Mapping[str, Value]
) -> Iterator[Value | None]:
    fact = catalogue[name]
    for leaf in leaves(relation.holds):
        other = leaf.operand.name if isinstance(leaf.operand, FactRef) else None
        if leaf.fact == name and other is not None and other in values:
            yield values[other]
        elif other == name and leaf.fact in values:
            yield values[leaf.fact]
        elif leaf.fact == name and other is None:
            yield from (value for value in candidates(fact, leaf) if not accept(fact, value)[1])
    yield None


def matching(condition: Condition, catalogue: Catalogue) -> Iterator[Facts]:
    """Facts that make a condition true, as far as single facts tell; relations are for `search` to see to."""
    try:
        rows = normal_form(condition, limit=_MOST_ROWS)
    except NormalFormTooLargeError:
        return
    for row in rows:
        names = sorted({name for literal in row for name in facts_read(literal.leaf)})
        choices = [list(_choices(row, name, catalogue)) for name in names]
        for chosen in islice(product(*choices), _MOST_TRIES):
            values = {name: value for name, value in zip(names, chosen, strict=True) if value is not None}
            if truth(condition, values) is True:
                yield values


def _choices(row: Row, name: str, catalogue: Catalogue) -> Iterator[Value | None]:
    fact = catalogue[name]
    own = [literal for literal in row if literal.leaf.fact == name and not isinstance(literal.leaf.operand, FactRef)]
    found: dict[Value, None] = {}
    sources = [literal.leaf for literal in row if name in facts_read(literal.leaf)]
    for leaf in sources:
        for value in candidates(fact, leaf if leaf.fact == name else Leaf(name, Op.KNOWN, True)):
            step = step_of(fact, value) if isinstance(value, int | float) and not isinstance(value, bool) else None
            near = (value,) if step is None or isinstance(value, str | frozenset) else (value, value + step)
            for each in near:
                if not accept(fact, each)[1] and all(leaf_truth(lit.leaf, {name: each}) is lit.holds for lit in own):
                    found[each] = None
    yield from found
    if all(leaf_truth(lit.leaf, {}) is lit.holds for lit in own):
        yield None
