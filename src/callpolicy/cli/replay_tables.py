"""What a replay came to, as tables and as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from callpolicy.cli.decide import rule_title
from callpolicy.cli.options import Language
from callpolicy.cli.replay import Run
from callpolicy.cli.terminal import show, show_table
from callpolicy.cli.texts import text, title, word
from callpolicy.policy import Bundle
from callpolicy.replay import Recorded
from callpolicy.reports import Column, Table

_LINES_SHOWN: Final = 5


def replay_dict(file: Path, recorded: Recorded, run: Run, bundle: Bundle) -> dict[str, Any]:
    """A replay as plain values for JSON."""
    return {
        "file": {
            "name": file.name,
            "rows": recorded.rows,
            "calls": recorded.calls,
            "not_a_call": {"count": len(recorded.not_calls), "first_lines": recorded.not_calls[:_LINES_SHOWN]},
            "row_faults": [
                {"code": code, "about": about, "count": len(lines), "first_lines": lines[:_LINES_SHOWN]}
                for (code, about), lines in _by_code(recorded).items()
            ],
        },
        "revision": bundle.revision,
        "seconds": round(run.seconds, 3),
        "calls_per_second": _rate(run),
        "summary": run.summary.to_dict(),
    }


def _rate(run: Run) -> int:
    return round(run.summary.calls / run.seconds) if run.seconds else 0


def _by_code(recorded: Recorded) -> dict[tuple[str, str], list[int]]:
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for fault in recorded.faults:
        lines[fault.code, fault.detail].append(fault.row)
    return dict(sorted(lines.items()))


def show_replay(file: Path, recorded: Recorded, run: Run, bundle: Bundle, language: Language) -> None:
    """Print what a replay came to."""
    if file.suffix.lower() in {".jsonl", ".ndjson"}:
        events = len(recorded.events)
        show(text("events_read", language, file=file.name, events=events, calls=recorded.calls))
    else:
        show(text("rows_read", language, file=file.name, rows=recorded.rows, calls=recorded.calls))
    if recorded.not_calls:
        show(text("not_a_call", language, count=len(recorded.not_calls), lines=_first(recorded.not_calls)))
    for table in _file_tables(recorded, run, language):
        if table.rows:
            show("")
            show_table(table)
    show("")
    show_summary(run, bundle, language)


def _file_tables(recorded: Recorded, run: Run, language: Language) -> Iterable[Table]:
    columns = (
        Column(text("code", language), whole=True),
        Column(text("detail", language)),
        Column(text("rows", language), number=True),
        Column(text("lines", language)),
    )
    rows = tuple((code, about, str(len(lines)), _first(lines)) for (code, about), lines in _by_code(recorded).items())
    yield Table(text("row_faults", language), columns, rows)
    codes = run.summary.to_dict()["event_faults"]
    yield _counted("event_faults", "code", codes, language, "count")


def _first(lines: list[int]) -> str:
    return ", ".join(str(line) for line in lines[:_LINES_SHOWN]) + (", …" if len(lines) > _LINES_SHOWN else "")


def show_summary(run: Run, bundle: Bundle, language: Language, most: int | None = None) -> None:
    """Print the counts of a replay.

    Args:
        run: the replay.
        bundle: the norm.
        language: language of headings and titles.
        most: how many rows of a table are shown at most; all if left out.
    """
    summary = run.summary
    tree = summary.to_dict()
    show(
        text(
            "replayed", language, calls=summary.calls, events=summary.events, decisions=summary.decisions,
            seconds=f"{run.seconds:.1f}", rate=_rate(run),
        )
    )  # fmt: skip
    for table in summary_tables(tree, bundle, language):
        if table.rows:
            show("")
            show_table(replace(table, rows=table.rows[:most]))
            if most is not None and len(table.rows) > most:
                show(text("and_more", language, count=len(table.rows) - most))
    for key in ("dropped", "diverged", "failed"):
        if tree[key]:
            show("", text(key, language, count=tree[key]))
    if not summary.automatic:
        show("", text("none_restricted", language))


def summary_tables(tree: Mapping[str, Any], bundle: Bundle, language: Language) -> Iterable[Table]:
    """The tables of a replay, from its summary as plain values."""
    classes = {_class_words(name, language): count for name, count in tree["classes"].items()}
    yield _counted("by_class", "class", classes, language, "calls")
    yield _nested("by_effect", ("stage", "effect"), tree["effects"], language)
    yield _ruled("by_rule", tree["rules"], bundle, language)
    yield _ruled("held", tree["held"], bundle, language)
    yield _invariants(tree["invariants"], bundle, language)
    yield _restrictive("shadow", tree["shadow"], bundle, language)
    yield _nested("input_faults", ("fact", "code"), tree["input_faults"], language, "decisions")
    yield _restrictive("permitted", tree["permitted"], bundle, language)
    yield _restrictive("automatic", tree["automatic"], bundle, language)


def _class_words(name: str, language: Language) -> str:
    return ": ".join(word(part, language) for part in name.split(": "))


def _ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _counted(heading: str, what: str, counts: Mapping[str, int], language: Language, unit: str) -> Table:
    columns = (Column(text(what, language), whole=True), Column(text(unit, language), number=True))
    rows = tuple((name, str(count)) for name, count in _ordered(counts) if count)
    return Table(text(heading, language), columns, rows)


def _nested(
    heading: str,
    what: tuple[str, str],
    counts: Mapping[str, Mapping[str, int]],
    language: Language,
    unit: str = "calls",
) -> Table:
    columns = (
        Column(text(what[0], language), whole=True),
        Column(text(what[1], language), whole=True),
        Column(text(unit, language), number=True),
    )
    rows = tuple(
        (word(outer, language), word(inner, language), str(count))
        for outer, inners in counts.items()
        for inner, count in _ordered(inners)
    )
    return Table(text(heading, language), columns, rows)


def _ruled(heading: str, counts: Mapping[str, int], bundle: Bundle, language: Language) -> Table:
    columns = (
        Column(text("rule", language), whole=True),
        Column(text("title", language)),
        Column(text("calls", language), number=True),
    )
    rows = tuple((rule, rule_title(bundle, rule, language), str(count)) for rule, count in _ordered(counts))
    return Table(text(heading, language), columns, rows)


def _invariants(counts: Mapping[str, int], bundle: Bundle, language: Language) -> Table:
    titles = {invariant.id: title(invariant.title, language) for invariant in bundle.invariants}
    columns = (
        Column(text("invariant", language), whole=True),
        Column(text("title", language)),
        Column(text("calls", language), number=True),
    )
    rows = tuple((name, titles.get(name, ""), str(count)) for name, count in _ordered(counts))
    return Table(text("invariants", language), columns, rows)


def _restrictive(heading: str, counts: Mapping[str, Mapping[str, int]], bundle: Bundle, language: Language) -> Table:
    columns = (
        Column(text("effect", language), whole=True),
        Column(text("calls", language), number=True),
        Column(text("rule", language), whole=True),
        Column(text("why", language)),
    )
    rows = tuple(
        (word(effect, language), str(count), rule, rule_title(bundle, rule, language))
        for rule, effects in counts.items()
        for effect, count in _ordered(effects)
    )
    return Table(text(heading, language), columns, rows)
