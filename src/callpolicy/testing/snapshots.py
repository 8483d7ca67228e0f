"""What may be known at one instant: values on the boundaries of a norm's conditions, in the relations of its facts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, assert_never

from hypothesis import strategies as st

from callpolicy.condition import Condition, FactRef, Op, Scalar, facts_read, leaves
from callpolicy.facts import Catalogue, Fact, FactType, Snapshot, Value, accept
from callpolicy.instants import SECOND
from callpolicy.matchers.reference import truth
from callpolicy.policy import Bundle
from callpolicy.testing.numbers import numbers

NEW_YEAR: Final = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z, in microseconds since 1970-01-01T00:00:00Z."""

_DAY: Final = 86_400 * SECOND
_USUAL: Final[Mapping[FactType, tuple[int, ...]]] = {
    FactType.INT: (0, 1, 2, 3, 10),
    FactType.FLOAT: (0, 1),
    FactType.DURATION: (0, SECOND, 2 * SECOND, 60 * SECOND, 3_600 * SECOND, _DAY),
    FactType.TIMESTAMP: (NEW_YEAR, NEW_YEAR + _DAY, 0),
}


def instants() -> st.SearchStrategy[int]:
    """Instants of two years from 2026-01-01T00:00:00Z on, in microseconds since 1970-01-01T00:00:00Z."""
    return st.integers(0, 730 * 24 * 60).map(lambda minutes: NEW_YEAR + minutes * 60 * SECOND)


def values(fact: Fact, marks: Iterable[Scalar] = ()) -> st.SearchStrategy[Value]:
    """Values that a fact can have.

    Args:
        fact: its declaration; what is given lies within its bounds and allowed values.
        marks: operands that it is compared with: these and their neighbours come more often than others.

    Returns:
        a strategy of known values. Units: durations and instants in microseconds; a neighbour of a whole number is one
        away, of a duration or an instant one microsecond, of a float the next float.
    """
    marked = tuple(dict.fromkeys(marks))
    match fact.type:
        case FactType.BOOL:
            return st.booleans()
        case FactType.ENUM:
            return st.sampled_from(fact.values)
        case FactType.STR:
            words = tuple(dict.fromkeys(("other", *(str(each) for each in marked))))
            near = st.sampled_from(words) | st.sampled_from(words).map(lambda text: f"{text}1")
            return numbers().map(_joined) | near if fact.name == "caller.number" else near
        case FactType.STR_SET:
            elements = fact.values or tuple(dict.fromkeys((*(str(each) for each in marked), "other")))
            return st.frozensets(st.sampled_from(elements), max_size=3)
        case FactType.INT | FactType.FLOAT | FactType.DURATION | FactType.TIMESTAMP:
            return _amounts(fact, marked)
        case _:
            assert_never(fact.type)


def _joined(number: str) -> str:
    digits = "".join(each for each in number if each.isdigit())
    return f"+{digits.removeprefix('00')}"


def _amounts(fact: Fact, marks: tuple[Scalar, ...]) -> st.SearchStrategy[Value]:
    usual = (*_USUAL[fact.type], *(each for each in (fact.minimum, fact.maximum) if each is not None))
    numeric = [each for each in (*marks, *usual) if not isinstance(each, str)]
    tried = dict.fromkeys([*usual, *(near for each in numeric for near in _near(fact, each))])
    taken = [value for each in tried if (value := _taken(fact, each)) is not None]
    assert taken, "a fact with bounds has them as values"
    return st.sampled_from(taken)


def _taken(fact: Fact, value: int | float) -> Value | None:
    return accept(fact, float(value) if fact.type is FactType.FLOAT else value)[0]


def _near(fact: Fact, value: int | float) -> tuple[int | float, ...]:
    if fact.type is FactType.FLOAT:
        return math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf)
    return value - 1, value, value + 1


def conditions_of(bundle: Bundle) -> Iterator[Condition]:
    """The conditions of all rules and invariants of a bundle."""
    yield from (rule.when for rule in bundle.rules)
    yield from (invariant.when for invariant in bundle.invariants)


def marks_of(conditions: Iterable[Condition]) -> dict[str, list[Scalar]]:
    """Per fact, the constants that it is compared with."""
    marks: dict[str, list[Scalar]] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            if leaf.op is not Op.KNOWN and not isinstance(leaf.operand, FactRef):
                operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
                marks.setdefault(leaf.fact, []).extend(operands)
    return marks


@st.composite
def _drawn(draw: st.DrawFn, known: Mapping[str, st.SearchStrategy[Value]], catalogue: Catalogue | None) -> Snapshot:
    found: dict[str, Value] = draw(st.fixed_dictionaries({}, optional=dict(known)))
    if catalogue is not None:
        _relate(found, catalogue)
    return Snapshot(draw(instants()), found)


def _relate(found: dict[str, Value], catalogue: Catalogue) -> None:
    """Forget facts until no relation is false: what is not known contradicts nothing."""
    while True:
        broken = [each for each in catalogue.relations if truth(each.holds, found) is False]
        known = [name for each in broken for name in sorted(facts_read(each.holds)) if name in found]
        if not known:
            return
        del found[known[-1]]


def snapshots(
    source: Bundle | Catalogue, *, facts: Iterable[str] | None = None, related: bool = True
) -> st.SearchStrategy[Snapshot]:
    """What may be known at one instant; any fact may be unknown.

    Args:
        source: a bundle: then values sit on the boundaries of its conditions and beside them; or a catalogue.
        facts: names of the facts that may be known; left out, those that conditions of the bundle read, or all of the
            catalogue.
        related: whether values keep the relations that always hold between facts, as on real calls.

    Returns:
        a strategy of snapshots: `at` in microseconds since 1970-01-01T00:00:00Z, `values` from fact name to value. It
        shrinks to the snapshot in which nothing is known.
    """
    catalogue = source.catalogue if isinstance(source, Bundle) else source
    conditions = list(conditions_of(source)) if isinstance(source, Bundle) else []
    marks = marks_of(conditions)
    if isinstance(source, Bundle):
        marks.setdefault("talk.signals", []).extend(sorted({each.signal for each in source.lexicons}))
        read = sorted({name for each in conditions for name in facts_read(each)})
    else:
        read = [fact.name for fact in catalogue]
    names = read if facts is None else sorted(set(facts))
    known = {name: values(catalogue[name], marks.get(name, ())) for name in names}
    return _drawn(known, catalogue if related else None)
