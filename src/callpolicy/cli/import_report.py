"""What an import of a list came to: what was understood of the file, and what was or would be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from callpolicy.cli.block_texts import said, term_word
from callpolicy.cli.governed import refusal_words
from callpolicy.cli.list_import import BY_DATE, Bunch, Import, bunch_tree, lines_of
from callpolicy.cli.terminal import heading, is_roomy, show, show_json, show_table
from callpolicy.errors import GovernanceError
from callpolicy.listfiles import ReportTable, report_tables, report_to_dict
from callpolicy.reports import Column, Table

_MANY: Final = 6
_NUMBERS: Final = frozenset({"count", "rows", "数量", "行数"})


def show_import(work: Import) -> None:
    """Print the report."""
    if work.sit.as_json:
        show_json(_tree(work))
        return
    language = work.sit.language
    for table in report_tables(work.read.report, language):
        show_table(_drawn(table))
        show("")
    if not work.bunches:
        show(heading(said("import.nothing", language)))
        return
    show(heading(said("import.done" if work.write else "import.dry", language)))
    columns = (
        Column(said("import.what", language)),
        Column(said("import.count", language), number=True),
        Column(said("import.detail", language)),
        Column(said("import.lines", language)),
        Column(said("import.samples", language)),
    )
    show_table(Table("", columns, tuple(_rows(work))))
    show("", said("import.ids", language, begin=work.id_prefix))
    if not work.write:
        something = any(each.key == "proposed" for each in work.bunches.values())
        show(said("import.write" if something else "import.nothing", language))
    elif work.on_blocklist:
        show(said("import.next", language))


def _drawn(table: ReportTable) -> Table:
    """A table of the report; on a narrow screen one of many columns has them one below the other."""
    if len(table.headings) == _MANY and not is_roomy():
        what, code, count, lines, samples, to_do = table.headings
        columns = (
            Column(f"{what}, {code}\n→ {to_do}"),
            Column(count, number=True),
            Column(f"{lines}\n{samples}"),
        )
        rows = tuple(
            (f"{what}  {code}\n→ {to_do}", count, f"{lines}\n{samples}".strip())
            for what, code, count, lines, samples, to_do in table.rows
        )
        return Table(table.title, columns, rows)
    return Table(table.title, tuple(Column(each, number=each in _NUMBERS) for each in table.headings), table.rows)


def _rows(work: Import) -> Iterator[tuple[str, ...]]:
    for bunch in _in_order(work):
        what, detail = _words(work, bunch)
        lines = lines_of(bunch, work.sit.language)
        yield what, f"{len(bunch.lines):,}", detail, lines, ", ".join(dict.fromkeys(bunch.samples))


def _in_order(work: Import) -> list[Bunch]:
    """What is done first, then what is there, then what was refused; the largest of each first."""
    place = {"proposed": 0, "same": 1, "there": 2}
    return sorted(work.bunches.values(), key=lambda each: (place.get(each.key, 3), -len(each.lines), each.detail))


def _words(work: Import, bunch: Bunch) -> tuple[str, str]:
    from callpolicy.cli.usage_texts import in_words

    language = work.sit.language
    if isinstance(bunch.refused, GovernanceError):
        what, to_do = refusal_words(bunch.refused, work.sit.bundle, language)
        return said("import.refused", language, what=what), f"{bunch.refused.rule} [{bunch.key}]: {to_do}"
    if bunch.refused is not None:
        return said("import.refused", language, what=in_words(str(bunch.refused), language)), ""
    if bunch.key == "proposed":
        key = (
            ("proposed" if work.write else "would")
            if work.on_blocklist
            else f"allow_{'done' if work.write else 'would'}"
        )
        own = said("import.by_date", language)
        return said(f"import.{key}", language), own if bunch.detail == BY_DATE else term_word(bunch.detail, language)
    key = "same" if bunch.key == "same" else f"there_{'block' if work.on_blocklist else 'allow'}"
    return said(f"import.{key}", language), ""


def _tree(work: Import) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {"proposed": [], "same": [], "there": [], "refused": []}
    for bunch in _in_order(work):
        groups["refused" if bunch.refused is not None else bunch.key].append(bunch_tree(work, bunch))
    done = groups.pop("proposed")
    counts = {name: sum(each["rows"] for each in bunches) for name, bunches in (("done", done), *groups.items())}
    return {
        "written": work.write,
        "id_prefix": work.id_prefix,
        "counts": counts,
        "proposed" if work.on_blocklist else "allowed": done,
        "imported_before": groups["same"],
        "there_already": groups["there"],
        "refused": groups["refused"],
        "file": report_to_dict(work.read.report),
    }
