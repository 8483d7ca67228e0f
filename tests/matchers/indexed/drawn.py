"""Random conditions and snapshots over a small catalogue with two facts of every type."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Operand
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType, Value

NAMES_OF = {kind: (f"x.{kind.name.lower()}", f"y.{kind.name.lower()}") for kind in FactType}
FACTS = tuple(
    Fact(name, kind, {}, values=("open", "final", "投诉") if kind is FactType.ENUM else ())
    for kind, names in NAMES_OF.items()
    for name in names
)
CATALOGUE = Catalogue(FACTS)

# Few, so that values meet operands; neighbours of where floats stop being exact, and of the largest machine integer.
INTEGERS = (-1, 0, 1, 2, 3, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1)
FLOATS = (-1.5, -0.0, 0.0, 5e-324, 0.1, 0.30000000000000004, 1.0, 2.0, 2.5, 2.0**53, 2.0**63, 1.7976931348623157e308)
TEXTS = ("", "投", "投诉", "投诉升级", "投诊", "a", "ab", "b", "\ud7ff", "\U0010ffff", "\U0010ffffa", "A")
ENUMS = ("open", "final", "投诉")
SIGNALS = ("骂人", "threat", "求助", "")
ORDERED = (Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN)


def scalars(kind: FactType) -> st.SearchStrategy[bool | int | float | str]:
    match kind:
        case FactType.BOOL:
            return st.booleans()
        case FactType.STR:
            return st.sampled_from(TEXTS)
        case FactType.ENUM:
            return st.sampled_from(ENUMS)
        case FactType.STR_SET:
            return st.sampled_from(SIGNALS)
        case _:
            return st.sampled_from((*INTEGERS, *FLOATS))


def values_of(kind: FactType) -> st.SearchStrategy[Value]:
    match kind:
        case FactType.STR_SET:
            return st.frozensets(st.sampled_from(SIGNALS))
        case FactType.INT | FactType.DURATION | FactType.TIMESTAMP:
            return st.sampled_from(INTEGERS)
        case FactType.FLOAT:
            return st.sampled_from(FLOATS)
        case _:
            return scalars(kind)


def operands(kind: FactType, op: Op) -> st.SearchStrategy[Operand]:
    one = scalars(kind)
    match op:
        case Op.KNOWN:
            return st.booleans()
        case Op.BETWEEN:
            return st.tuples(one, one)
        case Op.IN | Op.NOT_IN | Op.HAS_ANY:
            return st.lists(one, max_size=3).map(tuple)
        case Op.HAS | Op.STARTS_WITH:
            return one
        case _:
            return one | st.just(FactRef(NAMES_OF[kind][1]))


@st.composite
def leaves(draw: st.DrawFn, facts: tuple[Fact, ...] = FACTS) -> Leaf:
    fact = draw(st.sampled_from(facts))
    op = draw(st.sampled_from(sorted(OPERATORS[fact.type])))
    return Leaf(fact.name, op, draw(operands(fact.type, op)))


conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves(),
    lambda inner: st.builds(
        lambda node, items: node(tuple(items)), st.sampled_from((All, Any, Not)), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)

snapshots: st.SearchStrategy[Mapping[str, Value]] = st.fixed_dictionaries(
    {}, optional={fact.name: values_of(fact.type) for fact in FACTS}
)
