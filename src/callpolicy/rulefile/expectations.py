"""Expectations of scenarios that expect nothing: `expect: {}` looks like a promise, and can never fail."""

from __future__ import annotations

from collections.abc import Mapping

from callpolicy.errors import Finding
from callpolicy.policy import Scenario
from callpolicy.rulefile.tree import read_document

_HINT = "write what is to be decided, or delete the key"


def empty_expectations(scenario: Scenario, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """A finding for each `expect` of a scenario in which nothing stands, and each `facts` in one.

    Args:
        scenario: a scenario that was read.
        files: what its bundle was read from; without its file nothing is found.
    """
    file = scenario.span.file if scenario.span else ""
    if file not in files:
        return ()
    document, faults = read_document(file, files[file])
    steps = document.at(("steps",))
    if faults or not isinstance(steps, list):
        return ()
    found = []
    for place, step in enumerate(steps):
        expect = step.get("expect", ...) if isinstance(step, dict) else ...
        empty = expect is not ... and (not expect or (isinstance(expect, dict) and not expect.get("facts", ...)))
        if empty:
            message = f"a step of scenario `{scenario.id}` has an expectation in which nothing stands"
            span = document.span(("steps", place, "expect"))
            found.append(Finding("empty-expectation", message, span, _HINT))
    return tuple(found)
