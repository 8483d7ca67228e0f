"""What a failure says: the place in the YAML file, the line, what each leaf came to, what happened step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from callpolicy.condition import Leaf, Truth
from callpolicy.decision import Decision
from callpolicy.engine.explaining import leaf_text, show
from callpolicy.errors import Finding, SourceSpan
from callpolicy.facts import snapshot_of
from callpolicy.instants import duration_text
from callpolicy.matchers.reference import Seen, seen
from callpolicy.policy import Bundle, Example, Rule
from callpolicy.rulefile.sources import masked, read_source
from callpolicy.trials import ScenarioOutcome, StepOutcome, differences_found

_TRUTHS: Final[dict[Truth, str]] = {True: "true", False: "false", None: "unknown"}


def fault_text(finding: Finding, folder: Path) -> str:
    """A fault of a file as a compiler would tell it."""
    span = finding.span
    if span is not None and span.file != ".":
        span = SourceSpan(f"{folder.name}/{span.file}", span.line, span.col)
    return str(replace(finding, span=span, message=masked(finding.message)))


def example_text(findings: Sequence[Finding], rule: Rule, example: Example, norm: Bundle, file: str) -> str:
    """Why an example fails.

    Args:
        findings: what running it found.
        rule: its rule.
        example: the example.
        norm: the norm it stands in.
        file: its file, as it is to be named.
    """
    lines = [_placed(finding, norm, file) for finding in findings]
    values = snapshot_of(norm.catalogue, example.given, at=0).values
    lines.append(f"rule `{rule.id}` on this example:")
    for leaf in _leaves(seen(rule.when, values)):
        condition = leaf.condition
        assert isinstance(condition, Leaf)
        written = leaf_text(condition, norm.catalogue)
        value = show(condition.fact, leaf.value, norm.catalogue, "en")
        lines.append(f"    {_TRUTHS[leaf.truth]:<8}{written}  ({condition.fact} = {value})")
    return "\n".join(lines)


def _leaves(node: Seen) -> Iterator[Seen]:
    if not node.items:
        if isinstance(node.condition, Leaf):
            yield node
        return
    for item in node.items:
        yield from _leaves(item)


def _placed(finding: Finding, norm: Bundle, file: str) -> str:
    """A finding with its place and the line it is about."""
    span = finding.span
    if span is None:
        return str(finding)
    data = norm.files.get(span.file)
    source = read_source(span.file, data)[0] if data is not None else None
    excerpt = source.finding("", (span.line, span.col), "").excerpt if source is not None else ""
    place = SourceSpan(file, span.line, span.col)
    return str(replace(finding, span=place, excerpt=excerpt, message=masked(finding.message)))


def scenario_text(outcome: ScenarioOutcome, norm: Bundle, file: str) -> str:
    """What happened in a scenario that failed, step by step.

    Args:
        outcome: what it came to.
        norm: the norm that decided.
        file: its file, as it is to be named.
    """
    scenario = outcome.scenario
    lines = [_placed(finding, norm, file) for finding in differences_found(outcome)]
    lines.append(f"scenario `{scenario.id}`, step by step:")
    return "\n".join([*lines, *_timeline(outcome)])


def _timeline(outcome: ScenarioOutcome) -> Iterator[str]:
    rows = [_row(step) for step in outcome.steps]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    for row, step in zip(rows, outcome.steps, strict=True):
        mark = "E" if step.differences else " "
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
        yield f"{mark}   {cells}  {row[3]}".rstrip()


def _row(outcome: StepOutcome) -> tuple[str, str, str, str]:
    step = outcome.step
    decided = _decided(outcome.decision) if outcome.decision is not None else ""
    return duration_text(step.at), step.call, step.event or "", decided


def _decided(decision: Decision) -> str:
    main = decision.main.outcome
    kind = f": {decision.caller_kind}" if decision.caller_kind else ""
    rules = f" ({', '.join(decision.determining)})" if decision.determining else ""
    return f"{decision.caller_class}{kind}, {main.effect} by {main.by}{rules}"
