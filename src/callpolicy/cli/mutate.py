"""`callpolicy mutate`: would the examples, scenarios and checks of a norm notice if a rule were a little different?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment

if TYPE_CHECKING:
    from callpolicy.mutants import Kept, MutationReport, Result
    from callpolicy.policy import Bundle

_LARGEST_CACHE: Final = 64 << 20
# English and Chinese, as in `callpolicy.cli.texts`.
_TEXTS: Final = {
    "operator": ("operator", "变异"),
    "title": ("what it changes", "改动"),
    "killed": ("killed", "已发现"),
    "survived": ("survived", "未发现"),
    "equivalent": ("equivalent", "等价"),
    "not_asked": ("not asked", "未证明"),
    "mutants": ("Mutants", "变异体"),
    "whole": ("all", "合计"),
    "share": (
        "{percent} % of those that are not equivalent were killed ({killed} of {whole}), in {seconds:.1f} s",
        "非等价的变异体中 {percent} % 被发现（{whole} 个中的 {killed} 个），用时 {seconds:.1f} 秒",
    ),
    "reused": ("{count} were taken from an earlier run", "其中 {count} 个沿用上次结果"),
    "survivor": ("{fate}: {id}", "{fate}：{owner}，{what} [{id}]"),
    "of_rule": ("rule", "规则"),
    "of_invariant": ("invariant", "底线规则"),
    "of_window": ("window", "统计窗口"),
    "call": ("a call that is decided otherwise, at {point}:", "以下来电会得到不同的决定（{point}）："),
    "norm": ("the norm:   {told}", "规范：  {told}"),
    "mutant": ("the mutant: {told}", "变异后：{told}"),
    "try": ("try it: {command}", "可运行：{command}"),
    "example": ("an example that would kill it, for {file}:", "可发现它的示例，请加入 {file}："),
    "below": ("{percent} % is below {wanted} %", "{percent} % 低于要求的 {wanted} %"),
    "corrupt": ("the cache `{file}` cannot be read and is not used", "缓存 `{file}` 无法读取，不予使用"),
    "before_rules": (
        "it changes what the facts are, not what is decided on them, so that no proof is asked for",
        "它改变的是事实本身，而不是根据事实作出的决定，因此不求证明",
    ),
    "no_prover": (
        "nobody was asked for a proof: pip install 'callpolicy[prove]'",
        "没有求证：pip install 'callpolicy[prove]'",
    ),
    "working": ("judging mutants", "正在检验变异体"),
}

_WHY: Final = {_TEXTS[key][0]: key for key in ("before_rules", "no_prover")}


def mutate(  # noqa: PLR0913, PLR0917 - the options of a command
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="The same as DIR.")] = None,
    operator: Annotated[
        list[str] | None,
        typer.Option("--operator", metavar="NAME", help="Only this operator; may be repeated.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="ID", show_default=False,
            help="Only mutants of this rule, invariant, window or file; may be repeated.",
        ),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help="Exit code 1 if less was killed."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="How many processes judge.")] = 1,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="FILE", help="Keep results here; only what changed is run again.")
    ] = None,
    no_proof: Annotated[bool, typer.Option("--no-proof", help="Ask the solver about no survivor.")] = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Change a norm a little in many ways and see whether its examples, scenarios and checks notice."""
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, show_json
    from callpolicy.mutants import Kept, Proving, report_dict, run_mutants

    begin = perf_counter()
    shown = language or language_of_environment()
    bundle = read_norm(folder or rules)
    kept = _kept(cache, shown) if cache is not None else Kept()
    with _progress(None if as_json else shown) as on_progress:
        report = run_mutants(
            bundle, equivalent=None if no_proof else Proving, operators=operator, owners=only, jobs=jobs, kept=kept,
            on_progress=on_progress,
        )  # fmt: skip
    if cache is not None:
        with whole_file(cache) as out:
            out.write(kept.to_bytes())
    if as_json:
        show_json(report_dict(report, bundle))
    else:
        _show(report, bundle, perf_counter() - begin, shown, folder or rules)
    if fail_under is not None and report.killed_percent < fail_under:
        note(_text("below", shown, percent=_rounded(report), wanted=fail_under))
        raise typer.Exit(FINDINGS)


def _text(key: str, language: Language, **values: object) -> str:
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def _rounded(report: MutationReport) -> float:
    return int(report.killed_percent * 10) / 10


def _kept(cache: Path, language: Language) -> Kept:
    """What an earlier run kept; a file that cannot be used is told and counts for nothing."""
    from callpolicy.cli.inputs import read_bytes
    from callpolicy.cli.terminal import note
    from callpolicy.errors import UsageError
    from callpolicy.mutants import Kept

    if not cache.exists():
        return Kept()
    try:
        kept = Kept.read(read_bytes(cache, _LARGEST_CACHE))
    except UsageError:
        kept = Kept(whole=False)
    if not kept.whole:
        note(_text("corrupt", language, file=cache.name))
    return kept


@contextmanager
def _progress(language: Language | None) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, if somebody looks at it."""
    if language is None or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from callpolicy.cli.terminal import screen

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(stderr=True), transient=True) as progress:
        task = progress.add_task(_text("working", language))
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def _show(report: MutationReport, bundle: Bundle, seconds: float, language: Language, folder: Path | None) -> None:
    """Print the survivors, then the figures."""
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.mutants import OPERATORS, Fate
    from callpolicy.reports import Column, Table

    for result in report.survivors:
        _show_survivor(result, bundle, language, folder)
    titles = {each.name: each.title[language] for each in OPERATORS}
    rows = [(name, titles[name], *(str(counts[fate]) for fate in Fate)) for name, counts in report.by_operator.items()]
    rows.append((_text("whole", language), "", *(str(report.count(fate)) for fate in Fate)))
    columns = (
        Column(_text("operator", language), whole=True),
        Column(_text("title", language)),
        *(Column(_text(str(fate), language), number=True) for fate in Fate),
    )
    show_table(Table(_text("mutants", language), columns, tuple(rows)))
    show("")
    killed, whole = report.count(Fate.KILLED), len(report.results) - report.count(Fate.EQUIVALENT)
    show(_text("share", language, percent=_rounded(report), killed=killed, whole=whole, seconds=seconds))
    if report.reused:
        show(_text("reused", language, count=report.reused))


def _show_survivor(result: Result, bundle: Bundle, language: Language, folder: Path | None) -> None:
    from callpolicy.cli.terminal import heading, show
    from callpolicy.cli.texts import word
    from callpolicy.mutants import OPERATORS, command_of, example_yaml
    from callpolicy.mutants.telling import decision_told

    what = {each.name: each.title[language] for each in OPERATORS}[result.operator]
    fate, owner = _text(str(result.fate), language), _owner(result.owner, bundle, language)
    show(heading(_text("survivor", language, fate=fate, owner=owner, what=what, id=result.mutant_id)))
    show(*result.diff.splitlines())
    if result.by:
        show(_text(_WHY[result.by], language) if result.by in _WHY else result.by)
    telling = result.telling
    if telling is not None:
        show(_text("call", language, point=word(str(telling.point), language)))
        old, new = (decision_told(each, str(language)) for each in (telling.old, telling.new))
        show(_text("norm", language, told=old), _text("mutant", language, told=new))
        show(_text("try", language, command=command_of(telling, bundle, None if folder is None else str(folder))))
    if result.example is not None:
        rule = bundle.rule(result.owner)
        show(_text("example", language, file=rule.span.file if rule.span else rule.id))
        show(*example_yaml(rule.id, result.example, bundle).splitlines())
    show("")


def _owner(name: str, bundle: Bundle, language: Language) -> str:
    """What a mutant changes, by its title: a rule, an invariant, a window, or a file."""
    titled = {
        **{window.fact: ("of_window", bundle.catalogue[window.fact].title) for window in bundle.windows},
        **{each.id: ("of_invariant", each.title) for each in bundle.invariants},
        **{rule.id: ("of_rule", rule.title) for rule in bundle.rules},
    }
    if name not in titled:
        return name
    key, texts = titled[name]
    return f"{_text(key, language)}“{texts.get(language) or name}”"
