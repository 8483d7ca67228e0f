"""`callpolicy cover`: what the examples and scenarios of a norm show of it, and examples for what they do not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callpolicy.coverage import Coverage, CoveragePoint
    from callpolicy.policy import Bundle

# English and Chinese, as in `callpolicy.cli.texts`.
_TEXTS: Final = {
    "kind": ("what", "项目"),
    "seen": ("seen", "已覆盖"),
    "gaps": ("gaps", "缺口"),
    "impossible": ("impossible", "不可能出现"),
    "percent": ("percent", "百分比"),
    "rule": ("rules matched", "规则匹配"),
    "leaf": ("leaves", "条件项"),
    "boundary": ("boundaries", "阈值边界"),
    "text": ("texts", "文本"),
    "whole": ("all", "合计"),
    "owner": ("rule or script", "规则或话术"),
    "part": ("part", "位置"),
    "wanted": ("not seen", "尚未出现"),
    "why": ("why", "原因"),
    "cannot": ("never", "不可能为"),
    "coverage": ("Coverage", "覆盖情况"),
    "gap_table": ("Gaps", "缺口"),
    "impossible_table": ("What no call can show, which counts for nothing", "任何来电都不可能出现的情况（不计入比例）"),
    "closing": ("Examples that close the gaps, to be put at the end of each file", "补上缺口的示例，请加在各文件末尾"),
    "closed": ("by an example below", "见下方示例"),
    "below": ("{percent} % is below {wanted} %", "{percent} % 低于要求的 {wanted} %"),
    "written": ("written: {file}", "已写入：{file}"),
    "whole_norm": ("everything that can be seen was seen", "能覆盖的都已覆盖"),
}


def cover(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="The same as DIR.")] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help="Exit code 1 if less was seen."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the marked-up YAML of each rule.")
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Measure what examples and scenarios show of a norm: rules, leaves, boundaries, texts; and close the gaps."""
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, show_json
    from callpolicy.coverage import cover as measure
    from callpolicy.coverage import coverage_dict, marked_up

    shown = language or language_of_environment()
    bundle = read_norm(folder or rules)
    coverage = measure(bundle)
    if html is not None:
        with whole_file(html) as out:
            out.write(marked_up(coverage, bundle, shown).encode())
        note(_text("written", shown, file=html))
    if as_json:
        show_json(coverage_dict(coverage, bundle, shown))
    else:
        _show(coverage, bundle, shown)
    if fail_under is not None and coverage.percent < fail_under:
        from callpolicy.coverage.showing import rounded

        note(_text("below", shown, percent=rounded(coverage.percent), wanted=fail_under))
        raise typer.Exit(FINDINGS)


def _text(key: str, language: Language, **values: object) -> str:
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def _show(coverage: Coverage, bundle: Bundle, language: Language) -> None:
    """Print the figures, the gaps, the examples that close them, and what cannot be shown."""
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.coverage import PointKind, State, closing_yaml
    from callpolicy.coverage.showing import rounded
    from callpolicy.reports import Column, Table

    rows = []
    for kind in (*PointKind, None):
        share = coverage.share(kind)
        name = _text(str(kind or "whole"), language)
        rows.append((name, str(share.seen), str(share.gaps), str(share.impossible), f"{rounded(share.percent)} %"))
    columns = (
        Column(_text("kind", language), whole=True),
        *(Column(_text(key, language), number=True) for key in ("seen", "gaps", "impossible", "percent")),
    )
    show_table(Table(_text("coverage", language), columns, tuple(rows)))
    show("")
    _show_points("gap_table", "wanted", coverage.gaps, language)
    if coverage.closing:
        show(heading(_text("closing", language)))
    for rule_id, examples in coverage.closing.items():
        rule = bundle.rule(rule_id)
        written = closing_yaml(rule, examples, bundle).splitlines()
        show(f"# {rule.span.file if rule.span else rule_id}", *written, "")
    if not coverage.gaps:
        show(_text("whole_norm", language), "")
    impossible = [point for point in coverage.points if point.state is State.IMPOSSIBLE]
    _show_points("impossible_table", "cannot", impossible, language)


def _show_points(title: str, wanted: str, points: Iterable[CoveragePoint], language: Language) -> None:
    from callpolicy.cli.terminal import column_widths, screen, show, show_table
    from callpolicy.coverage.words import text_words, wanted_words
    from callpolicy.reports import Column, Table

    closed = _text("closed", language)
    rows = tuple(
        (
            point.owner,
            text_words(point.part, language),
            wanted_words(point.wanted, language),
            point.told(language) or (closed if point.closing else ""),
        )
        for point in points
    )
    if not rows:
        return
    owner, *names = (_text(key, language) for key in ("owner", "part", wanted, "why"))
    others = tuple(Column(name) for name in names)
    table = Table(_text(title, language), (Column(owner, whole=True), *others), rows)
    # WHY not always whole: a long id would make the table wider than a terminal; it goes on after an underscore.
    if sum(column_widths(table, 0)) + 2 * len(others) > screen().width:
        table = Table(table.title, (Column(owner), *others), rows)
    show_table(table)
    show("")
