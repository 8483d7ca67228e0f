"""`callpolicy check`: everything that can be said about a norm before it goes live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.cli.texts import text, word
from callpolicy.errors import Finding, RuleFileError, Severity, SourceSpan

if TYPE_CHECKING:
    from callpolicy.cli.crosschecking import Crossed
    from callpolicy.policy import Bundle

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="The same as DIR.")] = None,
    cross_check: Annotated[
        bool, typer.Option("--cross-check", help="Compare the three matchers on every boundary.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Prove the invariants and look at every possible call; warnings count as errors."
        ),
    ] = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Check a norm: its files, its rules, its examples and its scenarios; exit code 1 if there is an error.

    A folder without `policy.yaml` is no norm: exit code 2, as of every command.
    """
    from callpolicy.cli.inputs import norm_folder
    from callpolicy.cli.terminal import show_json

    place = norm_folder(folder or rules)
    findings, bundle, crossed = _findings(place, cross_check)
    if strict and bundle is not None:
        from callpolicy.cli.strictness import proved_findings

        more = proved_findings(bundle, language or language_of_environment())
        findings = tuple(_counted(each) for each in (*findings, *_with_excerpts(more, place, bundle)))
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    counted = _counts_of(bundle)
    if as_json:
        show_json(
            {
                "ok": not errors,
                "findings": [_finding_dict(finding, counted) for finding in findings],
                "counts": counts(bundle) if bundle else None,
                "revision": bundle.revision if bundle else None,
                "cross_checked": crossed.to_dict(),
                "holdings": _holdings(bundle) if bundle else [],
            }
        )
    else:
        show_findings(findings, None if folder is None and rules is None else place, counted)
        shown = language or language_of_environment()
        if bundle is not None:
            _show_holdings(bundle, shown)
        show_outcome(findings, bundle, crossed, shown)
    if errors:
        raise typer.Exit(FINDINGS)


def _counted(finding: Finding) -> Finding:
    """A finding as a strict check counts it."""
    warns = finding.severity is Severity.WARNING
    return replace(finding, severity=Severity.ERROR) if warns else finding


def _findings(place: Path, cross_check: bool) -> tuple[tuple[Finding, ...], Bundle | None, Crossed]:
    """Every finding about a norm; the bundle if it can be read; how it was cross-checked.

    Raises:
        RuleFileError: the folder holds no norm.
    """
    from callpolicy.cli.crosschecking import not_crossed
    from callpolicy.rulefile import read_bundle

    bundle, findings = read_bundle(place)
    if any(each.code == "missing-file" for each in findings):
        # WHY no finding about a norm: the folder is none, and every other command says so too.
        raise RuleFileError(findings)
    if bundle is None:
        return findings, None, not_crossed("cross_unreadable")
    more, crossed = check_bundle(bundle, cross_check=cross_check)
    return _with_excerpts((*findings, *more), place, bundle), bundle, crossed


def check_bundle(bundle: Bundle, *, cross_check: bool = False) -> tuple[tuple[Finding, ...], Crossed]:
    """What a norm that can be read comes to: rules, examples, scenarios, and the matchers against each other."""
    from callpolicy.cli.crosschecking import cross_check_bundle, not_crossed
    from callpolicy.trials import try_examples, try_scenarios

    findings = (*_static(bundle), *try_examples(bundle), *try_scenarios(bundle))
    if not cross_check:
        return findings, not_crossed("cross_not_asked")
    crossed = cross_check_bundle(bundle)
    return (*findings, *crossed.findings), crossed


def _static(bundle: Bundle) -> Sequence[Finding]:
    from callpolicy.check import check_bundle as check_rules

    return check_rules(bundle, today=datetime.now(UTC).date())


def _counts_of(bundle: Bundle | None) -> Container[str]:
    """The numbers by which a norm counts, which may be shown however long they are."""
    if bundle is None:
        return ()
    from callpolicy.check import counts_of

    return counts_of(bundle)


def _with_excerpts(findings: Iterable[Finding], place: Path, bundle: Bundle) -> tuple[Finding, ...]:
    """Findings with the line that they are about; those made from a bundle in memory have only its place."""
    from callpolicy.rulefile.sources import read_source

    counted = _counts_of(bundle)
    sources: dict[str, Any] = {}
    shown: list[Finding] = []
    for finding in findings:
        span = finding.span
        if span is None or finding.excerpt:
            shown.append(finding)
            continue
        if span.file not in sources:
            path = place / span.file
            sources[span.file] = read_source(span.file, path.read_bytes())[0] if path.is_file() else None
        source = sources[span.file]
        shown.append(replace(finding, excerpt=source.excerpt(span.line, span.col, counted)) if source else finding)
    return tuple(shown)


def show_findings(findings: Iterable[Finding], place: Path | None, counted: Container[str] = ()) -> None:
    """Print findings as a compiler does, so that an editor can jump to them: `file:line:col` at the line's start.

    Args:
        findings: what was found.
        place: the folder as the user named it, which goes before the file; `None` for the starter norm.
        counted: numbers of the norm that are no telephone numbers, as they are written: see `check.counts_of`.
    """
    from rich.text import Text

    from callpolicy.cli.terminal import show
    from callpolicy.rulefile.sources import masked

    for finding in findings:
        span = finding.span
        if span is not None and place is not None and span.file != ".":
            span = SourceSpan((place / span.file).as_posix(), span.line, span.col)
        first, *rest = str(replace(finding, span=span, message=masked(finding.message, counted))).split("\n")
        if finding.excerpt and finding.span:
            rest[1] = "    " + caret(finding.excerpt, finding.span.col)
        line = Text(first)
        line.highlight_words([f" {finding.severity}: "], _STYLES[finding.severity])
        show(line, *(Text(each, style="dim") for each in rest))


def caret(excerpt: str, col: int) -> str:
    """The line with the caret under a column; a wide character takes two places in a terminal.

    >>> caret("title: 挂机", 9)
    '          ^'
    """
    from rich.cells import cell_len

    return " " * cell_len(excerpt[: col - 1]) + "^"


def show_outcome(findings: Sequence[Finding], bundle: Bundle | None, crossed: Crossed, language: Language) -> None:
    """Print what the check came to, in a few lines."""
    from rich.text import Text

    from callpolicy.cli.terminal import show

    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    if bundle is not None:
        numbers = counts(bundle)
        for key in ("by_stage", "by_status"):
            numbers[key] = ", ".join(f"{word(name, language)} {count}" for name, count in numbers[key].items())
        show(text("counts", language, **numbers), text("revision", language, revision=bundle.revision))
        if crossed.why_not:
            show(text("not_cross_checked", language, why=crossed.why_not.told(language)))
        else:
            machines = " = ".join(crossed.machines)
            show(text("cross_checked", language, machines=machines, snapshots=crossed.snapshots))
    if warnings:
        show(Text(text("warnings", language, count=warnings), style="yellow"))
    if errors:
        show(Text(text("check_errors", language, count=errors), style="bold red"))
    else:
        show(Text(text("check_fine", language), style="bold green"))


def _holdings(bundle: Bundle) -> list[dict[str, Any]]:
    from callpolicy.check import holders

    return [
        {"stage": str(each.stage), "rule": each.rule, "held_by": each.holder, "unknown": list(each.facts)}
        for each in holders(bundle)
    ]


def _show_holdings(bundle: Bundle, language: Language) -> None:
    """Print which restrictive rules an unknown fact can make kinder, so that no author is surprised by it."""
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.reports import Column, Table

    keys = ("rule", "held_by", "unknown")
    columns = tuple(Column(text(key, language), whole=key != "unknown") for key in keys)
    rows = tuple((each["rule"], each["held_by"], ", ".join(each["unknown"])) for each in _holdings(bundle))
    if rows:
        show_table(Table(text("can_hold", language), columns, rows))
        show("")


def counts(bundle: Bundle) -> dict[str, Any]:
    """How much of what a norm has."""
    from callpolicy.points import Stage
    from callpolicy.policy import Status

    stages = Counter(rule.stage for rule in bundle.rules)
    statuses = Counter(rule.status for rule in bundle.rules)
    return {
        "rules": len(bundle.rules),
        "by_stage": {str(stage): stages[stage] for stage in Stage if stages[stage]},
        "by_status": {str(status): statuses[status] for status in Status if statuses[status]},
        "examples": sum(len(rule.examples) for rule in bundle.rules),
        "scenarios": len(bundle.scenarios),
        "windows": len(bundle.windows),
        "lexicons": len(bundle.lexicons),
        "invariants": len(bundle.invariants),
    }


def _finding_dict(finding: Finding, counted: Container[str]) -> dict[str, Any]:
    from callpolicy.rulefile.sources import masked

    span = finding.span
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": masked(finding.message, counted),
        "file": span.file if span else None,
        "line": span.line if span else None,
        "col": span.col if span else None,
        "excerpt": finding.excerpt,
        "hint": finding.hint,
    }
