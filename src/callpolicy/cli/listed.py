"""Every command by name: where it stands, what it does in a line, how it is called.

WHY not imported from there: `callpolicy --help` names them all and stays fast; a command is loaded when it is asked
for.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer


@dataclass(frozen=True, slots=True)
class Listed:
    """One command, or group of commands, as `callpolicy --help` shows it.

    Args:
        place: `module.name` below `callpolicy.cli`: a function, or a Typer of several.
        short: what it does in a line.
        examples: how it is called; a group says that itself.
    """

    place: str
    short: str
    examples: tuple[str, ...] = ()


LISTED: Final = {
    "check": Listed(
        "check.check",
        "Check a norm: files, rules, examples, scenarios.",
        ("callpolicy check my-norm", "callpolicy check my-norm --cross-check --json"),
    ),
    "decide": Listed(
        "decide.decide",
        "Decide on given facts.",
        (
            "callpolicy decide --point in_call --fact talk.judged_class=nuisance \\",
            "    --fact caller.protected=false --fact caller.allowlisted=false \\",
            "    --fact talk.warnings=1 --fact talk.offences_since_warning=1",
            "callpolicy decide --point offered --facts facts.json --at 2026-03-02T09:00:00+08:00",
        ),
    ),
    "explain": Listed(
        "explain.explain",
        "Say why a decision is what it is, or why a rule did not match.",
        (
            "callpolicy explain --point in_call --fact talk.judged_class=nuisance --fact talk.warnings=1",
            "callpolicy explain --scenario abuse_on_chat --step 5",
            "callpolicy explain --events calls.jsonl --call c17 --seq 4 --why-not RULE",
        ),
    ),
    "scenario": Listed(
        "scenario.scenario",
        "Run scenarios and show each as a timeline.",
        ("callpolicy scenario", "callpolicy scenario --list"),
    ),
    "replay": Listed(
        "replay.replay",
        "Put recorded calls through the norm.",
        (
            "callpolicy replay calls.csv --mapping generic_csv",
            "callpolicy replay calls.jsonl --decisions decisions.jsonl",
            "callpolicy replay calls.csv --mapping generic_csv --save-case c17 --to rules/scenarios/late_offence.yaml",
        ),
    ),
    "card": Listed(
        "card.card",
        "Show what the next handler of a case must know.",
        ('callpolicy card K-7 --caller "+1 212 555 0142"', "callpolicy card K-7 --call c17 --language zh-CN"),
    ),
    "facts": Listed(
        "declared.facts",
        "List every fact that conditions may name.",
        ("callpolicy facts", "callpolicy facts --markdown > facts.md"),
    ),
    "schema": Listed(
        "declared.schema",
        "Print a JSON Schema of the files of a norm.",
        ("callpolicy schema rule", "callpolicy schema --out schemas"),
    ),
    "protected": Listed(
        "protected.protected",
        "List public service numbers that a norm can protect.",
        ("callpolicy protected", "callpolicy protected CN", "callpolicy protected US --json"),
    ),
    "init": Listed("declared.init", "Start a norm of your own from the starter norm.", ("callpolicy init my-norm",)),
    "simulate": Listed(
        "simulate.simulate",
        "Simulate calls of a centre from a seed.",
        ("callpolicy simulate --seed 7 --out events.jsonl --truth truth.json",),
    ),
    "demo": Listed("demo.demo", "See it all at work on a simulated day.", ("callpolicy demo",)),
    "version": Listed("declared.version", "Print the version.", ("callpolicy version",)),
    "test": Listed(
        "run_tests.run_tests",
        "Run the examples and scenarios of a norm as tests.",
        ("callpolicy test my-norm", "callpolicy test my-norm -k abuse --json"),
    ),
    "cover": Listed(
        "cover.cover",
        "Measure what examples and scenarios show, and close the gaps.",
        ("callpolicy cover my-norm --fail-under 100", "callpolicy cover my-norm --html coverage.html"),
    ),
    "mutate": Listed(
        "mutate.mutate",
        "Change a norm a little and see whether anything notices.",
        (
            "callpolicy mutate my-norm --jobs 2 --cache mutants.json",
            "callpolicy mutate --only quiet_after_service --operator threshold",
        ),
    ),
    "prove": Listed(
        "prove.prove",
        "Prove the invariants of a norm for every possible call.",
        ("callpolicy prove", "callpolicy prove my-norm --to my-norm/scenarios --json"),
    ),
    "analyse": Listed(
        "analyse.analyse",
        "Find rules that cannot work as meant, over every possible call.",
        ("callpolicy analyse my-norm", "callpolicy analyse my-norm --json"),
    ),
    "what-if": Listed(
        "what_if.what_if",
        "Decide again with other facts, or say what leads to an effect.",
        (
            "callpolicy what-if talk.warnings=1 --scenario abuse_on_chat --step 3",
            "callpolicy what-if --to hang_up --scenario abuse_on_chat --step 3",
            "callpolicy what-if talk.warnings=0 --events calls.jsonl --call c17 --seq 4",
            "callpolicy what-if talk.warnings=0 --record call-0001#2",
        ),
    ),
    "certify": Listed(
        "certify.certify",
        "Find out whether a norm may go live, in one file.",
        ("callpolicy certify my-norm --to certificate.json", "callpolicy certify my-norm --json"),
    ),
    "diff": Listed(
        "diff.diff",
        "Show which decisions a change of the norm changes.",
        (
            "callpolicy diff old-norm new-norm",
            "callpolicy diff main HEAD --rules rules",
            "callpolicy diff old-norm new-norm --recorded calls.csv --mapping generic_csv",
        ),
    ),
    "brief": Listed(
        "diff.brief",
        "Write one page for team leaders on a change of the norm.",
        ("callpolicy brief old-norm new-norm --language zh-CN", "callpolicy brief main HEAD --to brief.md"),
    ),
    "case": Listed("case_desk.cases", "Complaint cases: list, show, record a result."),
    "block": Listed("block.block", "Propose, confirm, enter, review and lift blocks."),
    "allow": Listed("allow.allow", "Keep the allowlist: callers whom nothing keeps out."),
    "audit": Listed("audit.audit", "The audit trail: verify, show, make again, export."),
    "store": Listed("store.stores", "The store: make, migrate, prune, statistics."),
    "new": Listed("new_rule.new", "Start a new rule in a norm."),
    "mappings": Listed("declared.mappings", "List the mappings that come along, or print one."),
}
"""In the order in which `callpolicy --help` shows them."""


class Shelf(MutableMapping[str, Any]):
    """The commands by name, made when they are first taken."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _command(name, LISTED[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**LISTED, **self._made})

    def __len__(self) -> int:
        return len({**LISTED, **self._made})

    def __contains__(self, name: object) -> bool:
        return name in LISTED or name in self._made


def _command(name: str, listed: Listed) -> Any:
    module, _, entry = listed.place.partition(".")
    there = getattr(import_module(f"callpolicy.cli.{module}"), entry)
    if isinstance(there, typer.Typer):
        made: Any = typer.main.get_group(there)
        made.name, made.short_help = name, listed.short
        return made
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    # Source: click's documentation: `\\b` alone on a line keeps the lines of a paragraph as they are.
    epilog = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in listed.examples)
    alone.command(name, epilog=epilog, short_help=listed.short)(there)
    return typer.main.get_command(alone)
