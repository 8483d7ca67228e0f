"""The matchers agree: the same bits from the reference, the indexed and the rete matcher, on random bundles."""

import os
import random
import time
from collections.abc import Iterable

import pytest

from callpolicy.errors import UnsupportedConditionError
from callpolicy.matchers.base import Matcher, Matches, bits
from callpolicy.matchers.reference import compile_reference
from tests.matchers.generate import Bundle, bundle
from tests.matchers.machines import OTHERS

BUNDLES = 1_000
CHUNK = 25
# The later ones pass through what the first have passed through.
MEASURED = 100
CHUNKS = [
    pytest.param(first, marks=[pytest.mark.untraced] if first >= MEASURED else []) for first in range(0, BUNDLES, CHUNK)
]
FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
FUZZ_SEED = os.environ.get("FUZZ_SEED", "")


def difference(made: Bundle, name: str, matcher: Matcher, expected: Iterable[Matches]) -> str:
    """Say where a matcher and the reference differ first, with what reproduces it; empty if nowhere."""
    for number, (values, wanted) in enumerate(zip(made.snapshots, expected, strict=True)):
        got = matcher.match(values)
        if got != wanted:
            wrong = [*bits((got.true ^ wanted.true) | (got.may ^ wanted.may) | (got.erring ^ wanted.erring))]
            return (
                f"{name} differs from reference: seed {made.seed}, snapshot {number}, conditions {wrong}\n"
                f"got {got}, reference {wanted}\n{made.conditions[wrong[0]]}\n{dict(values)}"
            )
    return ""


@pytest.mark.parametrize("first", CHUNKS)
def test_the_matchers_agree_on_random_bundles(first: int) -> None:
    true = unknown = whole = 0

    for seed in range(first, first + CHUNK):
        made = bundle(seed)
        reference = compile_reference(made.conditions, made.catalogue)
        expected = [reference.match(values) for values in made.snapshots]
        for name, compile_other in OTHERS.items():
            assert difference(made, name, compile_other(made.conditions, made.catalogue), expected) == ""
        true += sum(each.true.bit_count() for each in expected)
        unknown += sum(each.may.bit_count() for each in expected)
        whole += len(made.conditions) * len(expected)

    # A search in which nearly everything is false would find nothing.
    assert true / whole >= 0.2
    assert unknown / whole >= 0.1
    assert 0.3 <= (true + unknown) / whole <= 0.9


@pytest.mark.fuzz
@pytest.mark.parametrize("lane", range(2))
def test_the_matchers_agree_on_larger_bundles_for_as_long_as_there_is_time(lane: int) -> None:
    seed = int(FUZZ_SEED or random.SystemRandom().getrandbits(48)) + lane
    end = time.monotonic() + FUZZ_SECONDS
    bundles = refused = 0

    while time.monotonic() < end:
        made = bundle(seed, fewest=12, most=250, snapshots=100)
        reference = compile_reference(made.conditions, made.catalogue)
        expected = [reference.match(values) for values in made.snapshots]
        for name, compile_other in OTHERS.items():
            try:
                matcher = compile_other(made.conditions, made.catalogue)
            except UnsupportedConditionError:
                refused += 1
                continue
            found = difference(made, name, matcher, expected)
            assert found == "", f"{found}\nto see it again: FUZZ_SEED={seed - lane} make fuzz"
        bundles += 1
        seed += 2

    assert bundles > 0
    assert refused <= bundles / 2
