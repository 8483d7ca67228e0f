"""List files for tests: written, read, and told in short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callpolicy.instants import parse_instant
from callpolicy.listfiles import Candidate, ListFile, read_list
from callpolicy.policy import Governance, Settings

NOW = parse_instant("2026-11-30T12:00:00+08:00")
ZONE = "Asia/Shanghai"
SETTINGS = Settings(
    "test",
    "GB",
    ZONE,
    ("en",),
    protected_numbers={"emergency": ("GB:999",), "own_number": ("+442079460123",)},
)
GOVERNANCE = Governance(shortest_prefix={"GB": 7}, time_zone=ZONE, longest_reason=20)


def at(text: str) -> int:
    """An instant of the centre's zone."""
    return parse_instant(f"{text}+08:00")


def write(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, **how: Any) -> ListFile:
    """Read a file at `NOW` with the norm of these tests."""
    given: dict[str, Any] = {"region": "GB", "at": NOW, "settings": SETTINGS, "governance": GOVERNANCE} | how
    return read_list(write(folder, content), **given)


def subject_text(candidate: Candidate) -> str:
    """A subject in short: `+447700900001`, `+4477009*`, `+447700900000-+447700900099`, `customer:7`."""
    subject = candidate.subject
    kind = "customer:" if subject.identity.kind.value == "customer" else ""
    return f"{kind}{subject.identity.value}{'*' if subject.prefix else ''}{'-' + subject.last if subject.last else ''}"


def subjects(file: ListFile) -> list[str]:
    return [subject_text(each) for each in file.candidates]


def refused(file: ListFile) -> dict[str, list[int]]:
    return {each.cause: list(each.lines) for each in file.report.refused}


def remarks(file: ListFile) -> dict[str, int]:
    """The remarks but one: the numbers of these tests are kept for fiction, so that no plan holds them."""
    return {each.code: each.count for each in file.report.remarks if each.code != "not-in-plan"}


def is_balanced(file: ListFile) -> bool:
    """Whether every row is in exactly one place."""
    report = file.report
    lines = [line for each in file.candidates for line in each.lines]
    lines += [line for each in report.refused for line in each.lines]
    counts = report.rows == report.candidates + report.duplicate_rows + report.refused_rows
    return counts and len(lines) == len(set(lines)) == report.rows and report.candidates == len(file.candidates)
