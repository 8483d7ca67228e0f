"""The benchmark of mutation measures a norm that holds, and counts every mutant once."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.mutation import measure_mutants, several
from callpolicy.rulefile import starter_norm
from callpolicy.trials import run_scenarios, try_examples


def test_copies_of_a_norm_hold_their_examples_and_scenarios() -> None:
    norm = starter_norm()
    few = replace(norm, scenarios=norm.scenarios[:6])

    twice = several(few, 2)

    assert len(twice.rules) == 2 * len(norm.rules)
    assert len(twice.scenarios) == 12
    assert not [each for each in try_examples(twice) if each.severity == "error"]
    assert all(each.passed for each in run_scenarios(twice, twice.scenarios))


def test_every_mutant_has_one_fate() -> None:
    norm = starter_norm()

    found = measure_mutants(several(replace(norm, scenarios=norm.scenarios[:6]), 1), 1, operators=["tie"], proofs=False)

    assert found["mutants"] == sum(found[fate] for fate in ("killed", "survived", "equivalent", "not_asked")) > 0
