"""The report of a list file for machines (plain data, as JSON takes it) and for people (rows of tables)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from callpolicy.listfiles.model import ListReport, Sample
from callpolicy.listfiles.texts import CAUSES, CHECKS, REMARKS, word

_MOST_LINES: Final = 10
_MOST_SAMPLES: Final = 3
_MOST_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the report as plain texts; whoever shows it draws it.

    Args:
        title: what it shows.
        headings: of its columns.
        rows: its rows, each with one text per column.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def report_to_dict(report: ListReport) -> dict[str, Any]:
    """A report as JSON takes it. No number stands in it in full."""
    return {
        "file": report.file,
        "format": report.format.value,
        "format_told": report.told,
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "region": report.region,
        "time_zone": report.time_zone,
        "columns": dict(report.columns),
        "unused_columns": list(report.unused),
        "rows": report.rows,
        "candidates": report.candidates,
        "duplicate_rows": report.duplicate_rows,
        "refused_rows": report.refused_rows,
        "comment_lines": report.comments,
        "blank_lines": report.blank,
        "duplicates": [{"line": each.line, "of_line": each.of_line} for each in report.duplicates()],
        "refused": [
            {"cause": each.cause, "rows": len(each.lines), "lines": list(each.lines), "samples": _samples(each.samples)}
            for each in report.refused
        ],
        "remarks": [
            {"code": each.code, "count": each.count, "samples": _samples(each.samples)} for each in report.remarks
        ],
        "contradictions": [{"lines": list(each.lines), "taken_line": each.taken} for each in report.contradictions],
        "unchecked": list(report.unchecked),
    }


def _samples(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    return [{"line": each.line, "shown": each.shown} for each in samples]


def report_tables(report: ListReport, language: str) -> tuple[ReportTable, ...]:
    """A report as tables: what was read, what gave no candidate, what stands there again, what to look at.

    A table without rows is left out.

    Args:
        report: the report.
        language: `zh-CN` or `en`.
    """
    tables = [_summary(report, language)]
    if report.refused:
        tables.append(_refused(report, language))
    if report.repeated:
        tables.append(_repeated(report, language))
    if report.remarks:
        tables.append(_remarks(report, language))
    if report.contradictions:
        tables.append(_contradictions(report, language))
    if report.unchecked:
        texts = tuple((CHECKS[each][language == "zh-CN"],) for each in report.unchecked)
        tables.append(ReportTable(word("unchecked", language), (word("what", language),), texts))
    return tuple(tables)


def _words(language: str, *keys: str) -> tuple[str, ...]:
    return tuple(word(key, language) for key in keys)


def _summary(report: ListReport, language: str) -> ReportTable:
    how = word("told" if report.told else "found", language)
    columns = ", ".join(f"{word(role, language)} = {name}" for role, name in report.columns.items())
    rows = [
        ("file", report.file),
        ("format", f"{report.format} ({how})"),
        ("encoding", report.encoding),
        ("columns", columns),
        ("unused", ", ".join(report.unused)),
        ("region", report.region),
        ("time_zone", report.time_zone),
        ("rows_read", f"{report.rows:,}"),
        ("candidates", f"{report.candidates:,}"),
        ("duplicates", f"{report.duplicate_rows:,}"),
        ("refused_rows", f"{report.refused_rows:,}"),
        ("beside", f"{report.comments:,}, {report.blank:,}"),
    ]
    shown = tuple((word(key, language), value) for key, value in rows if value)
    return ReportTable(word("summary", language), _words(language, "what", "value"), shown)


def _refused(report: ListReport, language: str) -> ReportTable:
    rows = tuple(
        (
            CAUSES[each.cause].what(language),
            each.cause,
            f"{len(each.lines):,}",
            _lines(each.lines, language),
            _shown(each.samples),
            CAUSES[each.cause].hint(language),
        )
        for each in report.refused
    )
    headings = _words(language, "cause", "code", "rows", "lines", "samples", "do")
    return ReportTable(word("refused", language), headings, rows)


def _repeated(report: ListReport, language: str) -> ReportTable:
    found = report.duplicates()
    rows = [(str(each.line), str(each.of_line)) for each in found[:_MOST_LINES]]
    if len(found) > len(rows):
        rows.append((word("more", language).format(count=f"{len(found) - len(rows):,}"), ""))
    return ReportTable(word("repeated", language), _words(language, "line", "of_line"), tuple(rows))


def _remarks(report: ListReport, language: str) -> ReportTable:
    rows = tuple(
        (
            REMARKS[each.code].what(language),
            each.code,
            f"{each.count:,}",
            _lines([sample.line for sample in each.samples], language, each.count),
            _shown(each.samples),
            REMARKS[each.code].hint(language),
        )
        for each in report.remarks
    )
    headings = _words(language, "what", "code", "count", "lines", "samples", "do")
    return ReportTable(word("remarks", language), headings, rows)


def _contradictions(report: ListReport, language: str) -> ReportTable:
    rows = [(_lines(each.lines, language), str(each.taken)) for each in report.contradictions[:_MOST_ROWS]]
    more = len(report.contradictions) - len(rows)
    if more:
        rows.append((word("more", language).format(count=f"{more:,}"), ""))
    return ReportTable(word("contradictions", language), _words(language, "lines", "taken"), tuple(rows))


def _lines(lines: Sequence[int], language: str, count: int | None = None) -> str:
    shown = list(islice(lines, _MOST_LINES))
    more = (len(lines) if count is None else count) - len(shown)
    rest = " " + word("more", language).format(count=f"{more:,}") if more else ""
    return ", ".join(str(line) for line in shown) + rest


def _shown(samples: Sequence[Sample]) -> str:
    """Different samples, in order."""
    different = dict.fromkeys(each.shown for each in samples if each.shown)
    return ", ".join(islice(different, _MOST_SAMPLES))
