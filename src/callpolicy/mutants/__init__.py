"""Mutation testing of a bundle: would its examples, scenarios and checks notice if a rule were a little different?

`mutants_of` makes small changes, `run_mutants` sees what kills each. What nothing kills is asked for equivalence, by a
prover that the caller gives; what is not equivalent is shown with a call that is decided otherwise.
"""

from callpolicy.mutants.diffing import diff_of
from callpolicy.mutants.keeping import Kept
from callpolicy.mutants.model import Answer, Equivalent, Fate, Mutant, MutationReport, Result, Telling, applied
from callpolicy.mutants.operators import OPERATORS, Operator, mutants_of
from callpolicy.mutants.proving import Proving
from callpolicy.mutants.running import run_mutants
from callpolicy.mutants.showing import command_of, example_yaml, report_dict, shown_facts

__all__ = [
    "OPERATORS",
    "Answer",
    "Equivalent",
    "Fate",
    "Kept",
    "Mutant",
    "MutationReport",
    "Operator",
    "Proving",
    "Result",
    "Telling",
    "applied",
    "command_of",
    "diff_of",
    "example_yaml",
    "mutants_of",
    "report_dict",
    "run_mutants",
    "shown_facts",
]
