"""`python -m benchmarks.mutation`: how long the mutants of a norm of two hundred rules take, with proofs.

The norm is four copies of the starter norm in one: each copy is for one site, every rule asks for it, and each scenario
is played at each site. A scenario whose expectations the shared parts (windows, standing blocks) do not keep is left
out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any as AnyValue
from typing import Final

from rich.console import Console
from rich.progress import Progress

from benchmarks.report import Grid
from callpolicy.condition import All, Leaf, Op
from callpolicy.facts import Fact, FactType
from callpolicy.mutants import Fate, Proving, run_mutants
from callpolicy.policy import Bundle, Example, Rule, Scenario
from callpolicy.rulefile import starter_norm
from callpolicy.trials import run_scenario

COPIES: Final = 4
TARGET_S: Final = 60.0
TARGET_PERCENT: Final = 95

_SITE: Final = "host.site"
_NAMING: Final = ("determining", "held_by")
_OWN: Final = frozenset({"standing_block"})


def several(norm: Bundle, copies: int) -> Bundle:
    """Several copies of a norm in one, each for its own site."""
    texts = {"en": "site", "zh-CN": "站点"}
    sites = [f"s{number}" for number in range(copies)]
    made = replace(
        norm,
        catalogue=norm.catalogue.extended([Fact(_SITE, FactType.STR, texts)]),
        rules=tuple(sorted((_at(rule, site) for site in sites for rule in norm.rules), key=lambda rule: rule.id)),
        scenarios=(),
        revision="sha256:several",
    )
    played = (_played(scenario, site) for site in sites for scenario in norm.scenarios)
    return replace(made, scenarios=tuple(each for each in played if run_scenario(made, each).passed))


def _at(rule: Rule, site: str) -> Rule:
    items = rule.when.items if isinstance(rule.when, All) else (rule.when,)
    examples = [replace(each, given={**each.given, _SITE: site}) for each in rule.examples]
    matching = next(each for each in rule.examples if each.expect == "match")
    examples.append(Example("another site", {**matching.given, _SITE: "elsewhere"}, "no_match"))
    when = All((Leaf(_SITE, Op.IS, site), *items))
    return replace(rule, id=_renamed(rule.id, site), when=when, examples=tuple(examples))


def _played(scenario: Scenario, site: str) -> Scenario:
    calls: dict[str, dict[str, AnyValue]] = {name: dict(call) for name, call in scenario.calls.items()}
    for call in calls.values():
        call["facts"] = {**call.get("facts", {}), _SITE: site}
    steps = tuple(replace(step, expect=dict(_expected(step.expect, site))) for step in scenario.steps)
    return replace(scenario, id=f"{scenario.id}_{site}", calls=calls, steps=steps)


def _expected(expect: Mapping[str, AnyValue], site: str) -> Iterator[tuple[str, AnyValue]]:
    for name, value in expect.items():
        if name == "stages":
            yield name, {stage: dict(_expected(each, site)) for stage, each in value.items()}
        else:
            yield name, tuple(_renamed(each, site) for each in value) if name in _NAMING else value


def _renamed(rule_id: str, site: str) -> str:
    return rule_id if rule_id in _OWN else f"{rule_id}_{site}"


def measure_mutants(
    norm: Bundle, jobs: int, *, operators: Sequence[str] | None = None, proofs: bool = True
) -> dict[str, float]:
    """Judge every mutant; counts, and the seconds that it took."""
    began = perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("mutants", total=None)
        report = run_mutants(
            norm,
            equivalent=Proving if proofs else None,
            operators=operators,
            jobs=jobs,
            on_progress=lambda done, whole: progress.update(task, completed=done, total=whole),
        )
    return {
        "rules": len(norm.rules),
        "scenarios": len(norm.scenarios),
        "mutants": len(report.results),
        **{str(fate): report.count(fate) for fate in Fate},
        "killed, %": report.killed_percent,
        "took, s": perf_counter() - began,
    }


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES, help="of the starter norm in one")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes judge")
    parser.add_argument("--no-proofs", action="store_true", help="ask no solver about survivors")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    found = measure_mutants(several(starter_norm(), given.copies), given.jobs, proofs=not given.no_proofs)
    if given.json:
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    rows = [(name, f"{value:,.0f}", "", "") for name, value in found.items() if float(value).is_integer()]
    rows.append(
        ("killed, %", f"{found['killed, %']:.1f}", f"≥ {TARGET_PERCENT}", _met(found["killed, %"] >= TARGET_PERCENT))
    )
    rows.append(
        (
            f"took, s, {given.jobs} processes",
            f"{found['took, s']:.1f}",
            f"≤ {TARGET_S:g}",
            _met(found["took, s"] <= TARGET_S),
        )
    )
    Console().print(Grid("Mutation", ("", "measured", "aimed at", "met"), tuple(rows)).rich())
    return 0


if __name__ == "__main__":
    sys.exit(main())
