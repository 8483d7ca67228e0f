"""Examples of rules: each is tried on the rule's condition, and each leaf needs two in which it alone decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.condition import All, Any, Condition, Leaf, Not, Op
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.facts import Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.matchers.reference import truth
from callpolicy.points import Effect
from callpolicy.policy import Example, Status
from callpolicy.trials import try_examples
from tests.engine.bundles import bundle, rule

FILE = "hangup/warn.yaml"


def at(line: int) -> SourceSpan:
    return SourceSpan(FILE, line, 5)


def example(expect: str, line: int = 90, **given_facts: object) -> Example:
    return Example(
        f"example {line}", {name.replace("_0_", "."): value for name, value in given_facts.items()}, expect, at(line)
    )


def tried(when: Condition, *examples: Example, status: Status = Status.ENFORCED) -> tuple[Finding, ...]:
    made = replace(rule("warn", Effect.WARN, when, status=status), examples=examples, span=at(1))
    return try_examples(bundle(made, catalogue=CATALOGUE))


CATALOGUE = BUILTIN.extended(Fact(f"host.{name}", FactType.BOOL, {}) for name in "abcd")
A, B, C, D = (Leaf(f"host.{name}", Op.IS, True, at(10 + place)) for place, name in enumerate("abcd"))


def test_a_rule_whose_examples_are_right_and_whole_has_no_finding() -> None:
    findings = tried(
        All((A, B)),
        example("match", host_0_a=True, host_0_b=True),
        example("no_match", host_0_a=False, host_0_b=True),
        example("no_match", host_0_a=True, host_0_b=False),
        example("undetermined", host_0_a=True),
    )

    assert findings == ()


def test_an_example_that_fails_is_told_with_its_place_and_the_leaf_to_look_at() -> None:
    findings = tried(
        All((A, B)),
        example("match", 21, host_0_a=True, host_0_b=False),
        example("match", 22, host_0_a=True, host_0_b=True),
        example("no_match", 23, host_0_a=False, host_0_b=True),
        example("no_match", 24, host_0_a=True, host_0_b=False),
    )

    assert [(each.code, each.message, each.span, each.hint) for each in findings] == [
        (
            "example-fails",
            "example `example 21` expects match, but the rule comes to no_match",
            at(21),
            "`host.b is true` comes to false",
        )
    ]


@pytest.mark.parametrize(
    ("given_facts", "expect", "came"),
    [
        ({}, "match", "undetermined"),
        ({}, "no_match", "undetermined"),
        ({"host_0_a": True}, "undetermined", "match"),
        ({"host_0_a": True}, "no_match", "match"),
        ({"host_0_a": False}, "undetermined", "no_match"),
    ],
)
def test_unknown_is_neither_a_match_nor_none(given_facts: dict[str, object], expect: str, came: str) -> None:
    findings = tried(A, example(expect, 21, **given_facts))

    assert [each.message for each in findings if each.code == "example-fails"] == [
        f"example `example 21` expects {expect}, but the rule comes to {came}"
    ]


@pytest.mark.parametrize(
    ("when", "given_facts", "expect", "hint"),
    [
        # Turning what is true would give what is wanted; but what keeps it undecided is what nobody knows.
        (All((A, B)), {"host_0_b": True}, "no_match", "`host.a is true` comes to unknown"),
        (
            All((A, B, C)), {"host_0_c": True}, "match",
            "`host.a is true` comes to unknown; `host.b is true` comes to unknown",
        ),
        # A group that is decided without the unknown in it is not why.
        (Any((All((A, B)), C)), {"host_0_b": False}, "match", "`host.c is true` comes to unknown"),
        (Not((Any((A, B)),)), {"host_0_b": False}, "match", "`host.a is true` comes to unknown"),
    ],
)  # fmt: skip
def test_an_undecided_example_names_the_leaves_whose_unknown_keeps_it_so(
    when: Condition, given_facts: dict[str, object], expect: str, hint: str
) -> None:
    findings = tried(when, example(expect, 21, **given_facts))

    assert [each.hint for each in findings if each.code == "example-fails"] == [f"undecided, because {hint}"]


def test_what_is_wrong_with_examples_is_told_in_chinese() -> None:
    examples = (
        example("match", 21, host_0_a=True, host_0_b=False),
        example("no_match", 22, host_0_b=True),
        example("undetermined", 23, host_0_a=1, host_0_b=True),
    )
    made = replace(rule("warn", Effect.WARN, All((A, B))), examples=examples, span=at(1))

    findings = try_examples(bundle(made, catalogue=CATALOGUE), "zh-CN")

    assert [(each.message, each.hint) for each in findings] == [
        ("示例 `example 21` 期望匹配 match，规则得出的却是不匹配 no_match", "`host.b is true` 为假"),
        (
            "示例 `example 22` 期望不匹配 no_match，规则得出的却是无法判定 undetermined",
            "无法判定，因为 `host.a is true` 为未知",
        ),
        ("示例 `example 23` 给 `host.a` 的值不可用：wrong-type", ""),
        (
            "规则 `warn`：没有示例表明关于 `host.a` 的条件项单独起决定作用（匹配 match、不匹配 no_match）",
            "请加一个示例：只有这一个条件项使规则不得出相反的结果",
        ),
        (
            "规则 `warn`：没有示例表明关于 `host.b` 的条件项单独起决定作用（匹配 match）",
            "请加一个示例：只有这一个条件项使规则不得出相反的结果",
        ),
    ]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("host_0_a", 1, "wrong-type"), ("host_0_x", True, "unknown-fact"), ("call_0_hour", 24, "out-of-range")],
)
def test_a_value_that_a_fact_cannot_have_is_told(name: str, value: object, code: str) -> None:
    findings = tried(A, example("undetermined", 21, **{name: value}))

    told = [each for each in findings if each.code == "example-value"]
    assert [(each.span, code in each.message, name.replace("_0_", ".") in each.message) for each in told] == [
        (at(21), True, True)
    ]


def test_a_leaf_without_its_examples_is_told_at_its_own_place() -> None:
    findings = tried(
        All((A, B)), example("match", host_0_a=True, host_0_b=True), example("no_match", host_0_a=False, host_0_b=True)
    )

    assert [(each.code, each.span, each.severity, each.message) for each in findings] == [
        (
            "leaf-without-example",
            at(11),
            Severity.ERROR,
            "rule `warn`: no example shows the leaf on `host.b` deciding alone (no_match)",
        )
    ]


def test_an_example_in_which_two_leaves_fail_shows_neither_deciding() -> None:
    findings = tried(
        All((A, B)), example("match", host_0_a=True, host_0_b=True), example("no_match", host_0_a=False, host_0_b=False)
    )

    assert [each.span for each in findings] == [at(10), at(11)]


def test_a_leaf_without_which_the_rule_would_be_undetermined_does_not_decide_alone() -> None:
    findings = tried(Any((A, B)), example("match", host_0_a=True))

    assert [each.message.rpartition("(")[2] for each in findings] == ["match and no_match)"] * 2


def test_a_guard_shows_itself_where_without_it_the_rule_would_be_undetermined() -> None:
    known = Leaf("host.a", Op.KNOWN, True, at(30))

    examples = [example("match", host_0_a=True), example("no_match"), example("no_match", host_0_a=False)]
    findings = tried(All((known, A)), *examples)

    assert findings == ()


def test_an_example_that_leaves_the_leaf_unknown_does_not_show_it_deciding() -> None:
    findings = tried(Any((A, B)), example("undetermined", host_0_b=False))

    assert [each.message.rpartition("(")[2] for each in findings] == ["match and no_match)"] * 2


@pytest.mark.parametrize(
    ("status", "severities"),
    [
        (Status.ENFORCED, [Severity.ERROR]),
        (Status.PILOT, [Severity.ERROR]),
        (Status.SHADOW, [Severity.WARNING]),
        (Status.DRAFT, [Severity.WARNING]),
        (Status.RETIRED, []),
    ],
)
def test_what_is_not_in_force_may_still_lack_examples(status: Status, severities: list[Severity]) -> None:
    assert [each.severity for each in tried(A, status=status)] == severities


def test_a_failing_example_is_an_error_whatever_the_status() -> None:
    findings = tried(A, example("match", host_0_a=False), status=Status.DRAFT)

    assert [each.severity for each in findings if each.code == "example-fails"] == [Severity.ERROR]


# ---- brute force: a leaf decides alone if putting its negation in its place, and nothing else, turns the outcome round

LEAVES = [A, B, C, Leaf("host.d", Op.KNOWN, True), Leaf("host.a", Op.IS, False)]
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        lambda node, items: node(tuple(items)),
        st.sampled_from([All, Any, Not]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
GIVEN = st.dictionaries(st.sampled_from([f"host.{name}" for name in "abcd"]), st.booleans())


def numbered(condition: Condition, numbers: Iterator[int]) -> Condition:
    """The condition with a place of its own for each leaf."""
    if isinstance(condition, Leaf):
        return Leaf(condition.fact, condition.op, condition.operand, at(next(numbers)))
    return type(condition)(tuple(numbered(item, numbers) for item in condition.items))


def turned(condition: Condition, line: int) -> Condition:
    if isinstance(condition, Leaf):
        return Not((condition,)) if condition.span == at(line) else condition
    return type(condition)(tuple(turned(item, line) for item in condition.items))


def leaf_lines(condition: Condition) -> Iterator[tuple[int, Leaf]]:
    if isinstance(condition, Leaf):
        assert condition.span is not None
        yield condition.span.line, condition
        return
    for item in condition.items:
        yield from leaf_lines(item)


def shown_by_brute_force(condition: Condition, line: int, leaf: Leaf, values: Mapping[str, bool], wanted: bool) -> bool:
    if truth(leaf, values) is None or truth(condition, values) is not wanted:
        return False
    other = truth(turned(condition, line), values)
    # What `known` guards is unknown where it fails, so that without it the rule would be undetermined.
    return other is (not wanted) or (leaf.op is Op.KNOWN and not wanted and other is None)


@settings(max_examples=150)
@given(CONDITIONS, st.lists(GIVEN, max_size=4))
def test_a_leaf_decides_alone_exactly_when_brute_force_says_so(when: Condition, givens: list[dict[str, bool]]) -> None:
    condition = numbered(when, iter(range(100, 200)))
    expected = {True: "match", False: "no_match", None: "undetermined"}
    examples = [
        Example(f"e{place}", values, expected[truth(condition, values)], at(place))
        for place, values in enumerate(givens, 1)
    ]

    told = {
        each.span.line: each.message.rpartition("(")[2].rstrip(")") for each in tried(condition, *examples) if each.span
    }

    missing = {}
    for line, leaf in leaf_lines(condition):
        names = [
            name
            for name, wanted in (("match", True), ("no_match", False))
            if not any(shown_by_brute_force(condition, line, leaf, values, wanted) for values in givens)
        ]
        if names:
            missing[line] = " and ".join(names)
    assert told == missing
