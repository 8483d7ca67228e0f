"""The benchmark of the list index: what it asks is what it says, and every figure is there."""

import math
from itertools import pairwise

import pytest

from benchmarks.lists import SAID, measure_lists, subjects
from callpolicy.audit.keys import Keys
from callpolicy.lists import covers_of


def test_a_small_run_gives_every_figure() -> None:
    figures = measure_lists(1_000)

    assert figures.keys() == SAID.keys()
    assert figures["entries"] == 1_000
    assert 0 < figures["hit_p50_us"] <= figures["hit_p99_us"]
    assert 0 < figures["miss_p50_us"] <= figures["miss_p99_us"]
    assert all(figure >= 0 or math.isnan(figure) for figure in figures.values())


def test_a_run_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match="Error"):
        measure_lists(-1)


def test_the_entries_are_of_every_kind_and_all_different() -> None:
    made = list(subjects(10_000))
    keys = [key for each in made for key in covers_of(each)]

    assert len(made) == 10_000
    assert sum(each.prefix for each in made) == 1_000
    assert {len(each.identity.value) for each in made if each.prefix} == {9, 10, 11, 12}
    assert sum(each.last is not None for each in made) == 10
    assert len(set(keys)) == len(keys)
    assert not any(key.partition("+")[2].startswith("9999") for key in keys)


def test_hashes_of_keys_are_spread_evenly() -> None:
    keys = Keys.of(b"a key for benchmarks only")
    hashes = sorted(keys.key_hash(str(number)) for number in range(1_000))

    assert 0 <= hashes[0] <= hashes[-1] < 1 << 64
    assert max(later - earlier for earlier, later in pairwise(hashes)) < (1 << 64) // 50
