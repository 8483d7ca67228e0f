"""`callpolicy test`: every example and every scenario of a norm, as tests."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.errors import Finding

if TYPE_CHECKING:
    from callpolicy.engine import Plan
    from callpolicy.policy import Bundle, Rule

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "rule": ("rule or scenario", "规则或场景"),
    "kind": ("tests", "测试"),
    "examples": ("examples", "示例"),
    "scenario": ("scenario", "场景"),
    "passed": ("passed", "通过"),
    "failed": ("failed", "未通过"),
    "sum_fine": ("tests passed: {passed}", "{passed} 项测试全部通过"),
    "sum_failed": (
        "tests failed: {failed} of {total}",
        "{total} 项测试中有 {failed} 项未通过",
    ),
    "nothing": (
        "nothing was tested: the norm has no example and no scenario",
        "没有任何测试：规范中没有示例，也没有场景",
    ),
    "nothing_named": (
        "nothing was tested: no example and no scenario is called like `{pattern}`",
        "没有任何测试：没有名称符合 `{pattern}` 的示例或场景",
    ),
    "no_example": ("rule `{rule}` is in force without an example", "规则 `{rule}` 已执行，却没有示例"),
    "no_example_hint": (
        "write at least one example with `match` and one with `no_match`",
        "请至少写一个 `match` 示例和一个 `no_match` 示例",
    ),
    "by_step": (
        "step by step: `callpolicy scenario {scenario} --rules DIR`",
        "逐步查看：`callpolicy scenario {scenario} --rules DIR`",
    ),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One test and what it came to.

    Args:
        name: `file::name`, as pytest calls it.
        of: the rule or the scenario.
        kind: `examples` or `scenario`.
        findings: why it failed; empty if it passed.
    """

    name: str
    of: str
    kind: str
    findings: tuple[Finding, ...]


def run_tests(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            "-k", metavar="PATTERN", show_default=False,
            help="Only tests whose name, `file::example`, has this in it; with `*` as in a shell.",
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="The same as DIR.")] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Run every example and every scenario of a norm; exit code 1 if one fails, or if there is none."""
    from callpolicy.check import counts_of
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.terminal import show_json

    place, shown = folder or rules, language or language_of_environment()
    bundle = read_norm(place)
    running = _Running(bundle, shown)
    tried = [running.run(name, of) for name, of in _tests(bundle) if _is_called(name, pattern)]
    failed = sum(bool(each.findings) for each in tried)
    if as_json:
        show_json(
            {
                "ok": bool(tried) and not failed,
                "passed": len(tried) - failed,
                "failed": failed,
                "tests": [_dict(each, counts_of(bundle)) for each in tried],
            }
        )
    else:
        _show_found(tried, bundle, place)
        _show(tried, failed, pattern, shown)
    if failed or not tried:
        raise typer.Exit(FINDINGS)


def _tests(bundle: Bundle) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Every test: its name, and the kind, id and place of what it is."""
    from callpolicy.policy import Status

    for rule in bundle.rules:
        file = rule.span.file if rule.span else rule.id
        if rule.status is Status.RETIRED:
            continue
        for place, example in enumerate(rule.examples):
            yield f"{file}::{example.name}", ("examples", rule.id, place)
        if not rule.examples and rule.status in {Status.ENFORCED, Status.PILOT}:
            yield f"{file}::has an example", ("examples", rule.id, -1)
    for place, scenario in enumerate(bundle.scenarios):
        file = scenario.span.file if scenario.span else scenario.id
        yield f"{file}::{scenario.id}", ("scenario", scenario.id, place)


def _is_called(name: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    asked = pattern.casefold()
    return fnmatchcase(name.casefold(), f"*{asked}*") if "*" in asked else asked in name.casefold()


class _Running:
    """Runs tests of a norm, which is compiled once for all its scenarios."""

    def __init__(self, bundle: Bundle, language: Language) -> None:
        self._bundle = bundle
        self._language = language
        self._plan: Plan | None = None

    def run(self, name: str, what: tuple[str, str, int]) -> Tried:
        """One test: its name, and the kind, id and place of what it is."""
        kind, of, place = what
        found = self._of_example(self._bundle.rule(of), place) if kind == "examples" else self._of_scenario(place)
        return Tried(name, of, kind, tuple(_with_excerpt(each, self._bundle) for each in found))

    def _of_example(self, rule: Rule, place: int) -> list[Finding]:
        from callpolicy.trials import try_examples

        if place < 0:
            hint = _text("no_example_hint", self._language)
            return [Finding("no-examples", _text("no_example", self._language, rule=rule.id), rule.span, hint)]
        alone = replace(self._bundle, rules=(replace(rule, examples=(rule.examples[place],)),))
        # WHY: whether each leaf has its examples is for `check`; one example alone cannot say it.
        return [each for each in try_examples(alone, self._language) if each.code != "leaf-without-example"]

    def _of_scenario(self, place: int) -> list[Finding]:
        from callpolicy.engine import compile_plan
        from callpolicy.runtime.compiling import compiler
        from callpolicy.trials import differences_found, run_scenario

        scenario = self._bundle.scenarios[place]
        if self._plan is None:
            self._plan = compile_plan(self._bundle, compiler("indexed"))
        found = list(differences_found(run_scenario(self._plan, scenario), self._language))
        if found:
            hint = _text("by_step", self._language, scenario=scenario.id)
            found[-1] = replace(found[-1], hint=found[-1].hint or hint)
        return found


def _with_excerpt(finding: Finding, bundle: Bundle) -> Finding:
    from callpolicy.rulefile.sources import read_source

    span = finding.span
    data = bundle.files.get(span.file) if span else None
    if span is None or data is None:
        return finding
    made = read_source(span.file, data)[0].finding(finding.code, (span.line, span.col), "")
    return replace(finding, excerpt=made.excerpt)


def _show_found(tried: Sequence[Tried], bundle: Bundle, place: Path | None) -> None:
    from callpolicy.check import counts_of
    from callpolicy.cli.check import show_findings

    show_findings([finding for each in tried for finding in each.findings], place, counts_of(bundle))


def _show(tried: Sequence[Tried], failed: int, pattern: str | None, language: Language) -> None:
    from rich.text import Text

    from callpolicy.cli.terminal import MARKS, show, show_table
    from callpolicy.reports import Column, Table

    groups: dict[tuple[str, str], list[Tried]] = {}
    for each in tried:
        groups.setdefault((each.kind, each.of), []).append(each)
    columns = (
        Column(""),
        Column(_text("rule", language), whole=True),
        Column(_text("kind", language)),
        Column(_text("passed", language), number=True),
        Column(_text("failed", language), number=True),
    )
    rows = []
    for (kind, of), group in groups.items():
        bad = sum(bool(each.findings) for each in group)
        rows.append((MARKS[not bad], of, _text(kind, language), str(len(group) - bad), str(bad)))
    show_table(Table("", columns, tuple(rows)))
    if not tried:
        key = "nothing" if pattern is None else "nothing_named"
        show(Text(_text(key, language, pattern=_quotable(pattern)), style="bold red"))
    elif failed:
        show(Text(_text("sum_failed", language, failed=failed, total=len(tried)), style="bold red"))
    else:
        show(Text(_text("sum_fine", language, passed=len(tried)), style="bold green"))


def _quotable(pattern: str | None) -> str:
    from callpolicy.rulefile.sources import quoted

    return quoted(pattern or "").strip("`")


def _text(key: str, language: Language, **values: object) -> str:
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def _dict(tried: Tried, counted: Container[str]) -> dict[str, Any]:
    from callpolicy.rulefile.sources import masked

    return {
        "name": tried.name,
        "of": tried.of,
        "kind": tried.kind,
        "passed": not tried.findings,
        "findings": [
            {
                "code": each.code,
                "message": masked(each.message, counted),
                "file": each.span.file if each.span else None,
                "line": each.span.line if each.span else None,
                "col": each.span.col if each.span else None,
                "excerpt": each.excerpt,
                "hint": each.hint,
            }
            for each in tried.findings
        ],
    }
