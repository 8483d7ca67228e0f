"""A list file → candidates and a report. Rows stream; what is kept are the candidates, and the lines of the others."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callpolicy.errors import UsageError
from callpolicy.identity import IdentityKind
from callpolicy.listfiles.columns import LINES_LOOKED_AT, Layout, find_layout
from callpolicy.listfiles.fields import RUINED, fold, is_nothing, read_instant, read_kind, read_term
from callpolicy.listfiles.gathering import NO_SPAN, Ends, Gathering
from callpolicy.listfiles.model import ColumnMapping, Format, ListFile, ListReport, Tally
from callpolicy.listfiles.naming import Named, Naming, shape
from callpolicy.listfiles.opening import Line, find_encoding, open_lines
from callpolicy.listfiles.rows import Row, plain_rows, table_rows
from callpolicy.lists import ListName, Subject
from callpolicy.numbering import NumberStatus, is_region, parse_number
from callpolicy.policy import DAY, Governance, Settings
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.zones import zone_hint

# The numbers of the FTC's file are at home there. WHY the zone: the file names none, and its maker sits in Washington.
_FTC_REGION, _FTC_ZONE = "US", "America/New_York"
_SAYS_NOTHING: Final = frozenset({"no subject provided"})
_LONG_AGO: Final = 365 * DAY
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)", re.IGNORECASE)
# What a line of a plain list may well name, though nobody can be put on a list by it.
_NOBODY: Final = frozenset({"words", "several-things", "blank", "ruined-text", "bad-customer", "kind-contradicts"})
_LONGEST_REASON: Final = 500


def read_list(  # noqa: PLR0913 - what a file says depends on all of them
    path: Path,
    *,
    region: str,
    at: int,
    format: str | None = None,
    mapping: ColumnMapping | None = None,
    on: ListName = ListName.BLOCKLIST,
    governance: Governance | None = None,
    settings: Settings | None = None,
    progress: Callable[[int], None] | None = None,
) -> ListFile:
    """Read a file of numbers or customers for a list.

    Args:
        path: the file.
        region: where its national numbers are at home; those of the FTC's file are at home in the US.
        at: now.
        format: `plain`, `csv` or `ftc`; `None` to tell it from the content.
        mapping: which column holds what, where the header does not say so.
        on: the list. A blocklist takes no protected number and nothing too wide, and of two ends the shorter;
            an allowlist takes both with a remark, and of two ends the longer.
        governance: how wide a prefix or range may be; without it that is not checked, and the report says so.
        settings: who is protected, and the zone of instants without one; as above.
        progress: called with the bytes read so far.

    Returns:
        the candidates, and what was and was not understood; every row is in one of them.

    Raises:
        UsageError: the file cannot be read as a list at all.

    Units: instants are microseconds.
    """
    path = Path(path)
    told = _format(format)
    if not is_region(region):
        raise UsageError(f"unknown region {quoted(region)}; write ISO 3166 in capitals, such as `CN`")
    mapping = mapping or ColumnMapping()
    encoding = mapping.encoding or find_encoding(path)
    naming = Naming(region, on, governance, settings)
    zone = _zone(mapping, settings, governance)
    with open_lines(path, encoding, progress) as lines:
        head = list(islice(lines, LINES_LOOKED_AT))
        head, mapping = _without_separator(head, mapping)
        layout = find_layout(quoted(path.name), head, told, mapping, lambda cell: _names_somebody(naming, cell))
        if layout.format is Format.FTC:
            naming, zone = replace(naming, region=_FTC_REGION, prefixes=False), mapping.time_zone or _FTC_ZONE
        reading = _Reading(path.name, naming, layout, mapping, Ends(at, zone, on), Tally())
        reading.read(chain(head, lines))
    return reading.finish(encoding, told is not None)


def _format(told: str | None) -> Format | None:
    try:
        return None if told is None else Format(told)
    except ValueError:
        known = ", ".join(f"`{each}`" for each in Format)
        raise UsageError(f"there is no format {quoted(told)} of list files; there are {known}") from None


def _zone(mapping: ColumnMapping, settings: Settings | None, governance: Governance | None) -> str:
    zone = mapping.time_zone or (settings and settings.time_zone) or (governance and governance.time_zone) or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"there is no time zone {quoted(zone)}; {zone_hint(zone)}") from None
    return zone


def _without_separator(head: list[Line], mapping: ColumnMapping) -> tuple[list[Line], ColumnMapping]:
    """Take off the line `sep=;`, with which a spreadsheet says what parts its columns."""
    said = _SEPARATOR_LINE.fullmatch(head[0].text.strip(" ")) if head else None
    return (head, mapping) if said is None else (head[1:], replace(mapping, delimiter=mapping.delimiter or said[1]))


def _names_somebody(naming: Naming, cell: str) -> bool:
    return naming.read(fold(cell)).cause not in _NOBODY


class _RefusedError(Exception):
    def __init__(self, cause: str, shown: str) -> None:
        self.cause, self.shown = cause, shown


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    file: str
    naming: Naming
    layout: Layout
    mapping: ColumnMapping
    ends: Ends
    tally: Tally
    rows: int = 0
    comments: int = 0
    blank: int = 0
    gathering: Gathering = field(init=False)
    named: Callable[[str, IdentityKind | None], Named] = field(init=False)

    def __post_init__(self) -> None:
        self.gathering = Gathering(self.file, self.ends, self.tally)
        self.named = self.naming.reader()

    def read(self, lines: Iterator[Line]) -> None:
        """Read all rows."""
        plain = self.layout.format is Format.PLAIN
        rows = plain_rows(lines) if plain else table_rows(lines, self.layout.delimiter)
        header = not plain
        take = {Format.PLAIN: self._plain, Format.CSV: self._entry, Format.FTC: self._complaint}[self.layout.format]
        for row in rows:
            if not row.cells and not row.fault:
                self.comments += row.comment
                self.blank += not row.comment
            elif header:
                header = False
            else:
                self.rows += 1
                self._row(row, take)
        if not self.rows:
            what = "nothing but comments and blank lines" if plain else "a header, but no row under it"
            raise UsageError(f"{quoted(self.file)} holds {what}; there is nothing to read")

    def _row(self, row: Row, take: Callable[[Row], None]) -> None:
        try:
            if row.fault:
                raise _RefusedError(row.fault, "")
            if self.layout.header:
                self._look_at_length(row)
            take(row)
        except _RefusedError as refused:
            self.tally.refuse(refused.cause, row.line, refused.shown)
        else:
            if not row.ended:
                self.tally.remark("no-line-end", row.line, "")

    def _look_at_length(self, row: Row) -> None:
        columns = len(self.layout.header)
        if len(row.cells) < columns:
            # WHY apart: the file was cut off here, by a copy or a program that stopped; somebody must get the rest.
            raise _RefusedError("too-few-columns" if row.ended else "half-line", f"{len(row.cells)}/{columns}")
        if any(cell.strip() for cell in row.cells[columns:]):
            # WHY: a delimiter in a text without quotes has moved everything behind it by a column.
            raise _RefusedError("too-many-columns", f"{len(row.cells)}/{columns}")

    def _cell(self, row: Row, role: str) -> str:
        place = self.layout.places.get(role)
        text = "" if place is None else fold(row.cells[place])
        return "" if is_nothing(text) else text

    def _plain(self, row: Row) -> None:
        subject, named = self._subject(row.cells[0], None)
        reason = row.cells[1] if len(row.cells) > 1 else ""
        if parse_number(reason, region=self.naming.region).status is NumberStatus.VALID:
            raise _RefusedError("two-numbers", shape(", ".join(row.cells)))
        if self.gathering.add(subject, row.line, NO_SPAN, self._reason(row, reason)):
            self._remarks(row, named)

    def _entry(self, row: Row) -> None:
        subject, named = self._subject(row.cells[self.layout.places["number"]], self._kind(row))
        since = self._instant(row, "since", last=False)
        # WHY the end of the day on an allowlist: `until 2 March` is read the way that is kinder to the caller.
        until = self._instant(row, "until", last=self.ends.on is ListName.ALLOWLIST)
        text = self._cell(row, "term")
        term = read_term(text) if text else None
        if text and term is None:
            raise _RefusedError("bad-term", shape(text))
        if until is not None and term is not None:
            self.tally.remark("end-and-term", row.line, named.shown)
        span = self.ends.span(since, until, term)
        if span.ends <= self.ends.at:
            raise _RefusedError("ended", named.shown)
        if since is not None and span.ends <= since:
            raise _RefusedError("ends-before-it-begins", named.shown)
        own = self._cell(row, "evidence")
        place = self.layout.places.get("reason")
        reason = self._reason(row, "" if place is None else row.cells[place])
        if self.gathering.add(subject, row.line, span, reason, own):
            self._remarks(row, named)

    def _complaint(self, row: Row) -> None:
        subject, named = self._subject(row.cells[self.layout.places["number"]], None)
        reason = self._reason(row, row.cells[self.layout.places["reason"]])
        if reason is not None and reason.lower() in _SAYS_NOTHING:
            reason = None
        if self.gathering.complain(subject, row.line, reason, self._complained(row, named.shown)):
            self._remarks(row, named)

    def _complained(self, row: Row, shown: str) -> int | None:
        """When the call of a complaint was, as far as that can be believed."""
        created, called = (
            read_instant(self._cell(row, role), self.ends.zone, self.mapping.date_format)
            for role in ("created", "called")
        )
        for code, at in (("bad-complaint-date", created), ("bad-call-date", called)):
            if at is None:
                self.tally.remark(code, row.line, shown)
        if created is None or called is None:
            return created if called is None else called
        if created > self.ends.at:
            self.tally.remark("complaint-in-future", row.line, shown)
        if called > created:
            self.tally.remark("call-after-complaint", row.line, shown)
            return created
        if created - called > _LONG_AGO:
            self.tally.remark("call-long-ago", row.line, shown)
        return called

    def _subject(self, text: str, kind: IdentityKind | None) -> tuple[Subject, Named]:
        named = self.named(fold(text), kind)
        if named.subject is None:
            raise _RefusedError(named.cause, named.shown)
        return named.subject, named

    def _kind(self, row: Row) -> IdentityKind | None:
        text = self._cell(row, "kind")
        if not text:
            return IdentityKind.CUSTOMER if self.layout.customers else None
        kind = read_kind(text)
        if kind is None:
            raise _RefusedError("bad-kind", shape(text))
        return kind

    def _instant(self, row: Row, role: str, *, last: bool) -> int | None:
        text = self._cell(row, role)
        if not text:
            return None
        at = read_instant(text, self.ends.zone, self.mapping.date_format, last=last)
        if at is None:
            # WHY not taken without it: an entry whose end could not be read would hold for ever.
            raise _RefusedError("bad-date", shape(text))
        return at

    def _reason(self, row: Row, text: str) -> str | None:
        reason = " ".join(text.replace("\0", RUINED).split())
        if is_nothing(reason):
            return None
        if RUINED in reason:
            self.tally.remark("ruined-reason", row.line, "")
        longest = self.naming.governance.longest_reason if self.naming.governance else _LONGEST_REASON
        if len(reason) > longest:
            self.tally.remark("long-reason", row.line, "")
        return sys.intern(reason)

    def _remarks(self, row: Row, named: Named) -> None:
        for code in named.remarks:
            self.tally.remark(code, row.line, named.shown)

    def finish(self, encoding: str, told: bool) -> ListFile:
        """The candidates and the report."""
        contradictions = self.gathering.contradictions()
        candidates = tuple(self.gathering.candidates())
        checks = {"width": self.naming.governance, "protected": self.naming.settings}
        report = ListReport(
            file=self.file,
            format=self.layout.format,
            told=told,
            encoding=encoding,
            delimiter=self.layout.delimiter,
            region=self.naming.region,
            time_zone=self.ends.zone,
            columns=self.layout.columns,
            unused=self.layout.unused,
            rows=self.rows,
            comments=self.comments,
            blank=self.blank,
            candidates=len(candidates),
            repeated=tuple(each.lines for each in candidates if each.count > 1),
            refused=self.tally.refused(),
            remarks=self.tally.remarks(),
            contradictions=contradictions,
            unchecked=tuple(name for name, given in checks.items() if given is None),
        )
        return ListFile(candidates, report)
