"""The results of mutants as others read them: plain values for JSON, a call on the command line, a ready example."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from callpolicy.audit import may_show
from callpolicy.engine.explaining import show
from callpolicy.facts import Catalogue, Value
from callpolicy.mutants.model import Fate, MutationReport, Result, Telling
from callpolicy.mutants.operators import OPERATORS
from callpolicy.policy import Bundle, Example
from callpolicy.rulefile import print_rule


def report_dict(report: MutationReport, bundle: Bundle) -> dict[str, Any]:
    """A report as plain values for JSON."""
    titles = {each.name: dict(each.title) for each in OPERATORS}
    return {
        "mutants": len(report.results),
        "killed_percent": int(report.killed_percent * 10) / 10,
        "reused": report.reused,
        "fates": {str(fate): report.count(fate) for fate in Fate},
        "operators": {
            name: {"title": titles[name], **{str(fate): count for fate, count in counts.items()}}
            for name, counts in report.by_operator.items()
        },
        "survivors": [result_dict(each, bundle) for each in report.survivors],
        "equivalent": [
            {"id": each.mutant_id, "by": each.by} for each in report.results if each.fate is Fate.EQUIVALENT
        ],
        "killed": [{"id": each.mutant_id, "by": each.by} for each in report.results if each.fate is Fate.KILLED],
        "revision": bundle.revision,
    }


def _told(report: MutationReport, fate: Fate) -> list[dict[str, str]]:
    return [{"id": each.mutant_id, "by": each.by} for each in report.results if each.fate is fate]


def result_dict(result: Result, bundle: Bundle) -> dict[str, Any]:
    """One result as plain values for JSON."""
    telling = result.telling
    return {
        "id": result.mutant_id,
        "operator": result.operator,
        "owner": result.owner,
        "fate": str(result.fate),
        "by": result.by,
        "diff": result.diff,
        "call": None
        if telling is None
        else {
            "point": str(telling.point),
            "facts": shown_facts(telling.facts, bundle.catalogue),
            "norm": telling.old,
            "mutant": telling.new,
        },
        "example": None if result.example is None else example_yaml(result.owner, result.example, bundle),
    }


def shown_facts(facts: Mapping[str, Value], catalogue: Catalogue) -> dict[str, str]:
    """Facts as text; personal ones are left out."""
    return {
        name: show(name, value, catalogue, "en") for name, value in sorted(facts.items()) if may_show(name, catalogue)
    }


def command_of(telling: Telling, bundle: Bundle, folder: str | None = None) -> str:
    """The command that decides the call that tells a mutant from the norm.

    Args:
        telling: the call.
        bundle: the norm.
        folder: where the norm lies; `None` for the starter norm.
    """
    facts = shown_facts(telling.facts, bundle.catalogue)
    words = [f"--fact {shlex.quote(f'{name}={value}')}" for name, value in facts.items()]
    rules = [] if folder is None else [f"--rules {shlex.quote(folder)}"]
    return " ".join(["callpolicy decide --point", str(telling.point), *rules, *words])


def example_yaml(rule_id: str, example: Example, bundle: Bundle) -> str:
    """An example as it is written under `examples:` of its rule's file, two spaces in."""
    printed = print_rule(replace(bundle.rule(rule_id), examples=(example,)), bundle.catalogue)
    return printed.rpartition("\nexamples:\n")[2]
