"""What a list file gives: candidates for a list, and a report of every row that gave none."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callpolicy.lists import Subject
from callpolicy.policy import Term


class Format(StrEnum):
    """How a list file is written."""

    PLAIN = "plain"
    """One number, customer, prefix or range a line."""
    CSV = "csv"
    """A table whose header names its columns."""
    FTC = "ftc"
    """The Do-Not-Call complaints that the US Federal Trade Commission publishes: one row per complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column holds what, where the header does not say so itself.

    Args:
        number: the column of the number or customer; `None` to find it by name, as for the others.
        reason: why.
        since: from when on.
        until: until when.
        term: for how long.
        kind: `number` or `customer`.
        evidence: what it rests on.
        delimiter: what parts the columns; `None` to find it.
        time_zone: IANA zone of instants without one; `None` for the zone of the norm.
        date_format: how dates are written, as for strptime; `None` for what leaves no doubt.
        encoding: encoding of the file; `None` to find it.
    """

    number: str | None = None
    reason: str | None = None
    since: str | None = None
    until: str | None = None
    term: str | None = None
    kind: str | None = None
    evidence: str | None = None
    delimiter: str | None = None
    time_zone: str | None = None
    date_format: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a list file would put on a list.

    Args:
        subject: whom the entry would cover.
        reason: why, as the file says; `None` if it does not.
        since: from when on; `None` if the file does not say.
        until: until when; `None` if the file does not say.
        term: for how long; `None` if the file does not say.
        lines: lines of the file that name the subject, in order.
        line: the line of these that `since`, `until` and `term` were taken from.
        file: name of the file.
        own_evidence: what the file itself names as evidence, or empty.
        first: earliest date of a complaint, for a file of complaints.
        last: latest date of a complaint.

    Units: instants and durations are microseconds.
    """

    # WHY no repr of the texts: a reason may name a caller, and a repr ends up in logs.
    subject: Subject
    reason: str | None = field(repr=False)
    since: int | None
    until: int | None
    term: Term | int | None
    lines: tuple[int, ...]
    line: int
    file: str
    own_evidence: str = field(default="", repr=False)
    first: int | None = None
    last: int | None = None

    @property
    def count(self) -> int:
        """How many rows name the subject."""
        return len(self.lines)

    @property
    def evidence(self) -> str:
        """What the entry rests on: file and line, and what the file itself names."""
        place = f"{self.file}:{self.line}"
        return f"{place} {self.own_evidence}" if self.own_evidence else place


@dataclass(frozen=True, slots=True)
class Sample:
    """One row, shown without giving anybody away: a masked number, or the shape of a text (`#` digit, `a` letter)."""

    line: int
    shown: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows that gave no candidate, for one cause.

    Args:
        cause: stable code, a key of `callpolicy.listfiles.CAUSES`.
        lines: all their lines, in order.
        samples: the first few, masked.
    """

    cause: str
    lines: Sequence[int]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about rows that did give a candidate, or about candidates, that a person should look at.

    Args:
        code: stable code, a key of `callpolicy.listfiles.REMARKS`.
        count: how many.
        samples: the first few, masked.
    """

    code: str
    count: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that names somebody whom an earlier row names."""

    line: int
    of_line: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rows that name one subject with different ends.

    Args:
        lines: all rows that name it.
        taken: the line whose end was taken: the kindest to the caller.
    """

    lines: tuple[int, ...]
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """What was and was not understood of a file. `rows == candidates + duplicates + refused`.

    Args:
        file: its name.
        format: how it was read.
        told: whether the format was told, not found.
        encoding: how its bytes were read.
        delimiter: what parts its columns; empty for a plain list.
        region: where its national numbers are at home.
        time_zone: zone of its instants without one.
        columns: what was read → name of the column.
        unused: columns that were not looked at.
        rows: rows, without header, comments and blank lines.
        comments: lines that are comments.
        blank: lines with nothing on them.
        candidates: rows that gave a candidate.
        repeated: for every candidate that more rows name, all its lines.
        refused: rows that gave none, by cause, the most frequent first.
        remarks: what a person should look at, the most frequent first.
        contradictions: subjects with different ends.
        unchecked: checks that could not be made: `width`, `protected`.
    """

    file: str
    format: Format
    told: bool
    encoding: str
    delimiter: str
    region: str
    time_zone: str
    columns: Mapping[str, str] = field(hash=False)
    unused: tuple[str, ...]
    rows: int
    comments: int
    blank: int
    candidates: int
    repeated: tuple[tuple[int, ...], ...]
    refused: tuple[Refused, ...]
    remarks: tuple[Remark, ...]
    contradictions: tuple[Contradiction, ...]
    unchecked: tuple[str, ...]

    @property
    def duplicate_rows(self) -> int:
        """How many rows name somebody whom an earlier row names."""
        return sum(len(lines) - 1 for lines in self.repeated)

    @property
    def refused_rows(self) -> int:
        """How many rows gave no candidate."""
        return sum(len(each.lines) for each in self.refused)

    def duplicates(self) -> tuple[Duplicate, ...]:
        """Every row that names somebody again, with the line of the first."""
        found = (Duplicate(line, lines[0]) for lines in self.repeated for line in lines[1:])
        return tuple(sorted(found, key=lambda each: each.line))


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list file that has been read.

    Args:
        candidates: whom it would put on a list, in the order of their first lines.
        report: what was and was not understood.
    """

    candidates: tuple[Candidate, ...]
    report: ListReport


@dataclass(slots=True)
class Tally:
    """Counts while a file is read: rows by cause, and remarks."""

    causes: dict[str, array[int]] = field(default_factory=dict)
    cause_samples: dict[str, list[Sample]] = field(default_factory=dict)
    remark_counts: dict[str, int] = field(default_factory=dict)
    remark_samples: dict[str, list[Sample]] = field(default_factory=dict)

    def refuse(self, cause: str, line: int, shown: str) -> None:
        """Note a row that gives no candidate."""
        # WHY an array: a file of a million ruined rows must not need more memory than one of good rows.
        self.causes.setdefault(cause, array("Q")).append(line)
        samples = self.cause_samples.setdefault(cause, [])
        if len(samples) < MOST_SAMPLES:
            samples.append(Sample(line, shown))

    def remark(self, code: str, line: int, shown: str) -> None:
        """Note what a person should look at."""
        self.remark_counts[code] = self.remark_counts.get(code, 0) + 1
        samples = self.remark_samples.setdefault(code, [])
        if len(samples) < MOST_SAMPLES:
            samples.append(Sample(line, shown))

    def shows(self, code: str) -> bool:
        """Whether one more row of that remark would be shown."""
        return len(self.remark_samples.get(code, ())) < MOST_SAMPLES

    def refused(self) -> tuple[Refused, ...]:
        """The causes, the most frequent first."""
        order = sorted(self.causes.items(), key=lambda each: (-len(each[1]), each[0]))
        return tuple(Refused(cause, lines, tuple(self.cause_samples[cause])) for cause, lines in order)

    def remarks(self) -> tuple[Remark, ...]:
        """The remarks, the most frequent first."""
        order = sorted(self.remark_counts.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Remark(code, count, tuple(self.remark_samples[code])) for code, count in order)


MOST_SAMPLES = 10
"""How many rows are shown of each cause."""
