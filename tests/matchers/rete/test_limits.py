"""What exceeds a limit of durable_rules is split over rulesets where that is possible, else refused by name."""

import time

import pytest

from callpolicy.condition import All, Any, Leaf, Op
from callpolicy.errors import UnsupportedConditionError
from callpolicy.facts import Catalogue, Fact, FactType
from callpolicy.matchers.base import Matches
from callpolicy.matchers.rete import ReteMatcher, compile_rete
from callpolicy.matchers.rete.plan import MOST_FIELDS, MOST_RULES_OF_A_RULESET, plan_of
from callpolicy.matchers.rete.ruleset import field_name
from tests.matchers.machines import needs_rete

pytestmark = needs_rete

MANY = 1_000
CATALOGUE = Catalogue([Fact(f"n.{number}", FactType.INT, {}) for number in range(MANY)])
ALL_ONE = {f"n.{number}": 1 for number in range(MANY)}


def leaf(number: int, operand: int = 1) -> Leaf:
    return Leaf(f"n.{number}", Op.IS, operand)


def rules_of(matcher: ReteMatcher) -> list[int]:
    return [len(plan.rules) for plan in matcher._plan.rulesets]


@pytest.mark.parametrize("count", [59, 60, 61, 511, 512, 513])
def test_distinct_conditions_beyond_one_parent_are_split(count: int) -> None:
    matcher = compile_rete([leaf(number) for number in range(count)], CATALOGUE)

    assert matcher.match(ALL_ONE) == Matches((1 << count) - 1, 0)
    assert matcher.match({"n.3": 1, "n.5": 2}) == Matches(1 << 3, ((1 << count) - 1) & ~(1 << 3) & ~(1 << 5))
    assert max(rules_of(matcher)) <= MOST_RULES_OF_A_RULESET
    assert sum(rules_of(matcher)) == 2 * count


@pytest.mark.parametrize("count", [255, 256, 300])
def test_rules_that_share_a_leaf_are_split(count: int) -> None:
    conditions = [All((leaf(0), leaf(number))) for number in range(1, count + 1)]

    matcher = compile_rete(conditions, CATALOGUE)

    assert matcher.match({**ALL_ONE, "n.7": 2}) == Matches((1 << count) - 1 - (1 << 6), 0)
    assert matcher.match({**ALL_ONE, "n.0": 2}) == Matches(0, 0)


def test_rules_that_are_alike_become_one() -> None:
    matcher = compile_rete([leaf(0)] * 300, CATALOGUE)

    assert matcher.match({"n.0": 1}) == Matches((1 << 300) - 1, 0)
    assert matcher.match({}) == Matches(0, (1 << 300) - 1)
    assert rules_of(matcher) == [2]


@pytest.mark.parametrize("count", [64, 65, 100])
def test_more_conditions_than_64_may_be_true_at_once(count: int) -> None:
    conditions = [Any((leaf(number), leaf(number, 2))) for number in range(count)]

    assert compile_rete(conditions, CATALOGUE).match(ALL_ONE) == Matches((1 << count) - 1, 0)


def test_a_conjunction_takes_252_leaves_and_no_more() -> None:
    widest = All(tuple(leaf(number) for number in range(252)))
    too_wide = All(tuple(leaf(number) for number in range(253)))

    matcher = compile_rete([widest], CATALOGUE)

    assert matcher.match(ALL_ONE) == Matches(1, 0)
    assert matcher.match({**ALL_ONE, "n.251": 0}) == Matches(0, 0)
    with pytest.raises(UnsupportedConditionError, match=r"condition 1 joins 253 leaves .* 252 properties"):
        compile_rete([widest, too_wide], CATALOGUE)


def test_more_leaves_than_252_in_several_conditions_are_split() -> None:
    conditions = [All(tuple(leaf(first + number) for number in range(100))) for first in (0, 100, 200, 300)]

    matcher = compile_rete(conditions, CATALOGUE)

    assert matcher.match({**ALL_ONE, "n.350": 0}) == Matches(0b0111, 0)
    assert [len(plan.leaves) for plan in matcher._plan.rulesets] == [200, 200]


def test_a_disjunction_takes_512_rows_and_no_more() -> None:
    matcher = compile_rete([Any(tuple(leaf(number) for number in range(512)))], CATALOGUE)

    assert matcher.match({"n.511": 1}) == Matches(1, 0)
    with pytest.raises(UnsupportedConditionError, match="condition 0 has more than 512 rows in its normal form"):
        compile_rete([Any(tuple(leaf(number) for number in range(513)))], CATALOGUE)


def test_a_condition_that_explodes_in_its_normal_form_is_refused_soon() -> None:
    # 3 to the power of 12 rows
    explosive = All(tuple(Any(tuple(leaf(3 * n + m) for m in range(3))) for n in range(12)))
    begun = time.monotonic()

    with pytest.raises(UnsupportedConditionError, match="512 rows"):
        compile_rete([explosive], CATALOGUE)

    assert time.monotonic() - begun < 5


def test_a_set_takes_4096_rules_and_32768_tests_and_no_more() -> None:
    known = [Leaf(f"n.{number % MANY}", Op.IS, number) for number in range(2_048)]
    wide = [All(tuple(leaf(first + number) for number in range(240))) for first in range(69)]

    assert sum(len(ruleset.rules) for ruleset in plan_of(known).rulesets) == 4_096
    with pytest.raises(UnsupportedConditionError, match="make 4098 rules; the rete matcher takes 4096"):
        plan_of([*known, leaf(0, 5_000)])
    with pytest.raises(UnsupportedConditionError, match="make 33120 tests; the rete matcher takes 32768"):
        plan_of(wide)


def test_a_row_of_knowledge_alone_needs_no_second_rule() -> None:
    matcher = compile_rete([Leaf("n.0", Op.KNOWN, True)], CATALOGUE)

    assert rules_of(matcher) == [1]
    assert matcher.match({"n.0": 0}) == Matches(1, 0)
    assert matcher.match({}) == Matches(0, 0)


def test_the_engine_tells_all_field_names_apart() -> None:
    # Source: fnv1Hash32 in durable_rules 2.0.28, which is FNV-1a; names are known by it alone.
    def fnv_1a(name: str) -> int:
        digest = 2_166_136_261
        for byte in name.encode():
            digest = (digest ^ byte) * 16_777_619 % 2**32
        return digest

    words = ["id", "sid", "$s", "w", "m", "all", "any", "$and", "$or", "$neq", "$eq", "$lt", "$gt", "$ex", "$nex", "$m"]
    names = [*(field_name(number) for number in range(MOST_FIELDS)), *words]

    assert fnv_1a("id") == 926444256
    assert len({fnv_1a(name) for name in names}) == len(names) == 252 + len(words)
