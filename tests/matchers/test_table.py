"""What every operator means, by hand: operator × type × below, at, above, unknown, on every matcher."""

from collections.abc import Mapping
from typing import Final

import pytest

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Operand, Truth
from callpolicy.facts import OPERATORS, Catalogue, Fact, FactType, Value
from callpolicy.matchers.base import Compile, Matches
from tests.matchers.machines import MACHINES

T, F, U = True, False, None
SECOND: Final = 1_000_000
MIDNIGHT: Final = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
NONE: Final[frozenset[str]] = frozenset()
ABUSE: Final = frozenset({"辱骂"})
BOTH: Final = frozenset({"辱骂", "harassment"})

CATALOGUE: Final = Catalogue(
    [
        *(Fact(f"{side}.{kind.name}", kind, {}, values=("normal", "骚扰")) for kind in FactType for side in ("a", "b")),
        *(Fact(f"truth.{name}", FactType.BOOL, {}) for name in ("left", "right")),
    ]
)

# fact's type, operator, operand, and what the leaf says of each value
TABLE: Final[list[tuple[FactType, Op, Operand, list[tuple[Value | None, Truth]]]]] = [
    (FactType.BOOL, Op.IS, True, [(F, F), (T, T), (U, U)]),
    (FactType.BOOL, Op.IS, False, [(F, T), (T, F), (U, U)]),
    (FactType.BOOL, Op.IS_NOT, True, [(F, T), (T, F), (U, U)]),
    (FactType.BOOL, Op.KNOWN, True, [(F, T), (T, T), (U, F)]),
    (FactType.BOOL, Op.KNOWN, False, [(F, F), (T, F), (U, T)]),
    (FactType.INT, Op.IS, 3, [(2, F), (3, T), (4, F), (U, U)]),
    (FactType.INT, Op.IS_NOT, 3, [(2, T), (3, F), (4, T), (U, U)]),
    (FactType.INT, Op.AT_LEAST, 3, [(2, F), (3, T), (4, T), (U, U)]),
    (FactType.INT, Op.AT_MOST, 3, [(2, T), (3, T), (4, F), (U, U)]),
    (FactType.INT, Op.MORE_THAN, 3, [(2, F), (3, F), (4, T), (U, U)]),
    (FactType.INT, Op.LESS_THAN, 3, [(2, T), (3, F), (4, F), (U, U)]),
    (FactType.INT, Op.LESS_THAN, 0, [(-1, T), (0, F), (1, F), (U, U)]),
    (FactType.INT, Op.BETWEEN, (2, 4), [(1, F), (2, T), (3, T), (4, T), (5, F), (U, U)]),
    (FactType.INT, Op.BETWEEN, (3, 3), [(2, F), (3, T), (4, F), (U, U)]),
    (FactType.INT, Op.IN, (3, 5), [(2, F), (3, T), (4, F), (5, T), (U, U)]),
    (FactType.INT, Op.NOT_IN, (3, 5), [(2, T), (3, F), (4, T), (5, F), (U, U)]),
    (FactType.INT, Op.KNOWN, True, [(0, T), (U, F)]),
    (FactType.INT, Op.KNOWN, False, [(0, F), (U, T)]),
    # beyond the integers that a double can tell apart
    (FactType.INT, Op.AT_LEAST, 2**53 + 1, [(2**53, F), (2**53 + 1, T), (2**53 + 2, T)]),
    (FactType.INT, Op.IS, 2**70, [(2**70 - 1, F), (2**70, T), (2**70 + 1, F)]),
    (FactType.FLOAT, Op.AT_LEAST, 0.5, [(0.49999999999999994, F), (0.5, T), (0.5000000000000001, T), (U, U)]),
    (FactType.FLOAT, Op.AT_MOST, 0.5, [(0.49999999999999994, T), (0.5, T), (0.5000000000000001, F), (U, U)]),
    (FactType.FLOAT, Op.MORE_THAN, 0.5, [(0.49999999999999994, F), (0.5, F), (0.5000000000000001, T), (U, U)]),
    (FactType.FLOAT, Op.LESS_THAN, 0.5, [(0.49999999999999994, T), (0.5, F), (0.5000000000000001, F), (U, U)]),
    (FactType.FLOAT, Op.AT_LEAST, 1, [(0.9999999999999999, F), (1.0, T), (1.0000000000000002, T)]),
    (FactType.FLOAT, Op.AT_MOST, 0.0, [(-0.0, T), (0.0, T), (5e-324, F)]),
    (FactType.FLOAT, Op.BETWEEN, (0.1, 0.3), [(0.09, F), (0.1, T), (0.3, T), (0.30000000000000004, F), (U, U)]),
    (FactType.FLOAT, Op.KNOWN, True, [(0.0, T), (U, F)]),
    (FactType.FLOAT, Op.KNOWN, False, [(0.0, F), (U, T)]),
    (FactType.STR, Op.IS, "投诉", [("投", F), ("投诉", T), ("投诉处理", F), (U, U)]),
    (FactType.STR, Op.IS, "queue", [("Queue", F), ("queue", T), ("queue ", F)]),
    # é as one character and as e with an accent: texts are compared as they are
    (FactType.STR, Op.IS, "é", [("é", T), ("e\u0301", F)]),
    (FactType.STR, Op.IS, "", [("", T), (" ", F), (U, U)]),
    (FactType.STR, Op.IS_NOT, "投诉", [("投", T), ("投诉", F), ("投诉处理", T), (U, U)]),
    (FactType.STR, Op.IN, ("投诉", "人工"), [("投", F), ("投诉", T), ("人工", T), ("工", F), (U, U)]),
    (FactType.STR, Op.NOT_IN, ("投诉", "人工"), [("投", T), ("投诉", F), ("人工", F), (U, U)]),
    (FactType.STR, Op.STARTS_WITH, "+8621", [("+862", F), ("+8621", T), ("+862100000001", T), ("8621", F), (U, U)]),
    (FactType.STR, Op.STARTS_WITH, "投诉", [("投", F), ("投诉", T), ("投诉处理", T), ("要投诉", F), (U, U)]),
    (FactType.STR, Op.STARTS_WITH, "", [("", T), ("投", T), (U, U)]),
    (FactType.STR, Op.KNOWN, True, [("", T), ("投", T), (U, F)]),
    (FactType.STR, Op.KNOWN, False, [("", F), ("投", F), (U, T)]),
    (FactType.ENUM, Op.IS, "骚扰", [("normal", F), ("骚扰", T), (U, U)]),
    (FactType.ENUM, Op.IS_NOT, "骚扰", [("normal", T), ("骚扰", F), (U, U)]),
    (FactType.ENUM, Op.IN, ("骚扰",), [("normal", F), ("骚扰", T), (U, U)]),
    (FactType.ENUM, Op.NOT_IN, ("骚扰",), [("normal", T), ("骚扰", F), (U, U)]),
    (FactType.ENUM, Op.KNOWN, True, [("normal", T), (U, F)]),
    (FactType.ENUM, Op.KNOWN, False, [("normal", F), (U, T)]),
    # "quiet for at least 2 s", to the microsecond
    (FactType.DURATION, Op.AT_LEAST, 2 * SECOND, [(1_999_999, F), (2_000_000, T), (2_000_001, T), (U, U)]),
    (FactType.DURATION, Op.AT_MOST, 2 * SECOND, [(1_999_999, T), (2_000_000, T), (2_000_001, F), (U, U)]),
    (FactType.DURATION, Op.MORE_THAN, 2 * SECOND, [(1_999_999, F), (2_000_000, F), (2_000_001, T), (U, U)]),
    (FactType.DURATION, Op.LESS_THAN, 2 * SECOND, [(1_999_999, T), (2_000_000, F), (2_000_001, F), (U, U)]),
    (FactType.DURATION, Op.BETWEEN, (0, SECOND), [(-1, F), (0, T), (1_000_000, T), (1_000_001, F), (U, U)]),
    (FactType.DURATION, Op.KNOWN, True, [(0, T), (U, F)]),
    (FactType.DURATION, Op.KNOWN, False, [(0, F), (U, T)]),
    (FactType.TIMESTAMP, Op.AT_LEAST, MIDNIGHT, [(MIDNIGHT - 1, F), (MIDNIGHT, T), (MIDNIGHT + 1, T), (U, U)]),
    (FactType.TIMESTAMP, Op.AT_MOST, MIDNIGHT, [(MIDNIGHT - 1, T), (MIDNIGHT, T), (MIDNIGHT + 1, F), (U, U)]),
    (FactType.TIMESTAMP, Op.MORE_THAN, MIDNIGHT, [(MIDNIGHT - 1, F), (MIDNIGHT, F), (MIDNIGHT + 1, T), (U, U)]),
    (FactType.TIMESTAMP, Op.LESS_THAN, MIDNIGHT, [(MIDNIGHT - 1, T), (MIDNIGHT, F), (MIDNIGHT + 1, F), (U, U)]),
    (FactType.TIMESTAMP, Op.BETWEEN, (MIDNIGHT, MIDNIGHT + 1), [(MIDNIGHT - 1, F), (MIDNIGHT, T), (MIDNIGHT + 2, F)]),
    (FactType.TIMESTAMP, Op.BETWEEN, (MIDNIGHT, MIDNIGHT + 1), [(MIDNIGHT + 1, T), (U, U)]),
    (FactType.TIMESTAMP, Op.KNOWN, True, [(0, T), (U, F)]),
    (FactType.TIMESTAMP, Op.KNOWN, False, [(0, F), (U, T)]),
    (FactType.STR_SET, Op.HAS, "辱骂", [(NONE, F), (ABUSE, T), (BOTH, T), (U, U)]),
    (FactType.STR_SET, Op.HAS, "harassment", [(NONE, F), (ABUSE, F), (BOTH, T), (U, U)]),
    # part of an element is no element
    (FactType.STR_SET, Op.HAS, "辱", [(ABUSE, F)]),
    (FactType.STR_SET, Op.HAS_ANY, ("harassment", "x"), [(NONE, F), (ABUSE, F), (BOTH, T), (U, U)]),
    (FactType.STR_SET, Op.HAS_ANY, ("harassment", "辱骂"), [(NONE, F), (ABUSE, T), (BOTH, T), (U, U)]),
    # nothing found is knowledge
    (FactType.STR_SET, Op.KNOWN, True, [(NONE, T), (ABUSE, T), (U, F)]),
    (FactType.STR_SET, Op.KNOWN, False, [(NONE, F), (ABUSE, F), (U, T)]),
]

# type, operator, left, right, truth: the operand is another fact
AGAINST_A_FACT: Final[list[tuple[FactType, Op, Value | None, Value | None, Truth]]] = [
    (FactType.INT, Op.IS, 3, 3, T),
    (FactType.INT, Op.IS, 3, 4, F),
    (FactType.INT, Op.IS_NOT, 3, 4, T),
    (FactType.INT, Op.AT_MOST, 2, 3, T),
    (FactType.INT, Op.AT_MOST, 3, 3, T),
    (FactType.INT, Op.AT_MOST, 4, 3, F),
    (FactType.INT, Op.AT_LEAST, 2, 3, F),
    (FactType.INT, Op.AT_LEAST, 3, 3, T),
    (FactType.INT, Op.MORE_THAN, 3, 3, F),
    (FactType.INT, Op.MORE_THAN, 4, 3, T),
    (FactType.INT, Op.LESS_THAN, 3, 3, F),
    (FactType.INT, Op.LESS_THAN, 2, 3, T),
    (FactType.INT, Op.AT_MOST, U, 3, U),
    (FactType.INT, Op.AT_MOST, 3, U, U),
    (FactType.INT, Op.AT_MOST, U, U, U),
    (FactType.DURATION, Op.AT_MOST, 2 * SECOND, 2 * SECOND, T),
    (FactType.DURATION, Op.AT_MOST, 2 * SECOND + 1, 2 * SECOND, F),
    (FactType.STR, Op.IS, "投诉", "投诉", T),
    (FactType.STR, Op.IS, "投诉", "投", F),
    (FactType.STR, Op.IS_NOT, "投诉", U, U),
    (FactType.BOOL, Op.IS, F, F, T),
]

# left, right, all, any, not (none of them): strong Kleene
LOGIC: Final[list[tuple[Truth, Truth, Truth, Truth, Truth]]] = [
    (T, T, T, T, F),
    (T, F, F, T, F),
    (T, U, U, T, F),
    (F, T, F, T, F),
    (F, F, F, F, T),
    (F, U, F, U, U),
    (U, T, U, T, F),
    (U, F, F, U, U),
    (U, U, U, U, U),
]

LEFT: Final = Leaf("truth.left", Op.IS, True)
RIGHT: Final = Leaf("truth.right", Op.IS, True)

every_matcher = pytest.mark.parametrize("compile_matcher", MACHINES.values(), ids=MACHINES.keys())


def truths(compile_matcher: Compile, conditions: list[Condition], **values: Value | None) -> list[Truth]:
    known = {name.replace("_", ".", 1): value for name, value in values.items() if value is not None}
    return told(compile_matcher(conditions, CATALOGUE).match(known), len(conditions))


def told(matches: Matches, count: int) -> list[Truth]:
    assert matches.true & matches.may == 0
    assert matches.erring == 0
    return [True if matches.true >> n & 1 else None if matches.may >> n & 1 else False for n in range(count)]


def negated(truth: Truth) -> Truth:
    return {T: F, F: T, U: U}[truth]


def test_the_table_has_every_operator_of_every_type() -> None:
    assert {(kind, op) for kind, ops in OPERATORS.items() for op in ops} == {row[:2] for row in TABLE}


@every_matcher
@pytest.mark.parametrize(
    ("kind", "op", "operand", "cases"), TABLE, ids=[f"{kind.name}-{op}-{operand}" for kind, op, operand, _ in TABLE]
)
def test_an_operator_says_what_its_words_say(
    compile_matcher: Compile,
    kind: FactType,
    op: Op,
    operand: Operand,
    cases: list[tuple[Value | None, Truth]],
) -> None:
    leaf = Leaf(f"a.{kind.name}", op, operand)

    for value, truth in cases:
        found = truths(compile_matcher, [leaf, Not((leaf,))], **{f"a_{kind.name}": value})
        assert found == [truth, negated(truth)], value


@every_matcher
@pytest.mark.parametrize(("kind", "op", "left", "right", "truth"), AGAINST_A_FACT)
def test_an_operand_may_be_another_fact_and_either_may_be_unknown(
    compile_matcher: Compile, kind: FactType, op: Op, left: Value | None, right: Value | None, truth: Truth
) -> None:
    leaf = Leaf(f"a.{kind.name}", op, FactRef(f"b.{kind.name}"))

    found = truths(compile_matcher, [leaf, Not((leaf,))], **{f"a_{kind.name}": left, f"b_{kind.name}": right})

    assert found == [truth, negated(truth)]


@every_matcher
@pytest.mark.parametrize(("left", "right", "every", "some", "none"), LOGIC)
def test_all_any_and_not_are_strong_kleene(
    compile_matcher: Compile, left: Truth, right: Truth, every: Truth, some: Truth, none: Truth
) -> None:
    items = (LEFT, RIGHT)

    found = truths(compile_matcher, [All(items), Any(items), Not(items)], truth_left=left, truth_right=right)

    assert found == [every, some, none]


@every_matcher
def test_what_is_unknown_stays_unknown_when_it_is_said_with_its_opposite(compile_matcher: Compile) -> None:
    tautology: Condition = Any((LEFT, Not((LEFT,))))
    contradiction: Condition = All((LEFT, Not((LEFT,))))

    assert truths(compile_matcher, [tautology, contradiction]) == [U, U]
    assert truths(compile_matcher, [tautology, contradiction], truth_left=T) == [T, F]


@every_matcher
def test_an_empty_all_is_true_an_empty_any_false_and_an_empty_not_true(compile_matcher: Compile) -> None:
    assert truths(compile_matcher, [All(()), Any(()), Not(()), Not((Any(()),))]) == [T, F, T, T]


@every_matcher
def test_no_conditions_match_nothing(compile_matcher: Compile) -> None:
    assert compile_matcher([], CATALOGUE).match({"truth.left": True}) == Matches(0, 0)


@every_matcher
def test_bit_i_is_condition_i_also_beyond_one_machine_word(compile_matcher: Compile) -> None:
    conditions = [Leaf("a.INT", Op.IS, number) for number in range(200)]

    matches = compile_matcher(conditions, CATALOGUE).match({"a.INT": 137})

    assert matches == Matches(1 << 137, 0)


@every_matcher
def test_a_fact_that_no_condition_reads_changes_nothing(compile_matcher: Compile) -> None:
    found: Mapping[str, Value] = {"a.STR": "投诉", "b.INT": 3}

    assert compile_matcher([LEFT], CATALOGUE).match(found) == Matches(0, 1)


@every_matcher
def test_a_leaf_that_cannot_be_evaluated_costs_its_own_condition_only(compile_matcher: Compile) -> None:
    broken = Leaf("a.INT", Op.AT_LEAST, 3)
    conditions: list[Condition] = [LEFT, broken, Any((LEFT, broken)), All((broken, RIGHT))]

    matches = compile_matcher(conditions, CATALOGUE).match({"a.INT": "three", "truth.left": True, "truth.right": False})

    assert matches == Matches(0b0001, 0b1110, 0b1110)
