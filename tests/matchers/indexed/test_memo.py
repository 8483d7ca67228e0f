"""What is remembered of values stays small, whatever callers send."""

from __future__ import annotations

import pytest

from callpolicy.facts import Value
from callpolicy.matchers.indexed.vectors import Memo


def test_a_value_is_worked_out_once() -> None:
    asked: list[Value] = []

    def vector(value: Value) -> int:
        asked.append(value)
        return 7

    memo = Memo(vector)
    assert [memo["投诉"], memo["投诉"]] == [7, 7]
    assert asked == ["投诉"]


def test_what_is_remembered_is_bounded() -> None:
    memo = Memo(lambda value: 0)
    for number in range(20_000):
        assert memo[number] == 0
        assert len(memo) <= 4096


@pytest.mark.parametrize(
    "value",
    ["x" * 100_000, 10**5000, frozenset(map(str, range(100_000))), frozenset({"x" * 100_000})],
    ids=["text", "number", "set", "set of a text"],
)
def test_a_huge_value_is_answered_and_not_kept(value: Value) -> None:
    memo = Memo(lambda value: 5)
    assert memo[value] == 5
    assert not memo
