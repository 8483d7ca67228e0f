"""Faults of one bundle as they are found, each at its place, and what else a wrong word may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from pydantic_core import PydanticCustomError

from callpolicy.errors import Finding, Severity
from callpolicy.rulefile.sources import quoted, whole_file
from callpolicy.rulefile.tree import Document, Path

MOST_FINDINGS: Final = 1_000
"""Findings that one bundle is told; a file that is wrong in every word would otherwise take minutes to tell."""


class Faults:
    """Collects the findings of a bundle."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def add(self, finding: Finding) -> None:
        """Take one finding; the same one is kept once. Beyond `MOST_FINDINGS` only that there are more."""
        if not self.full:
            self._findings[finding] = None
        elif len(self._findings) == MOST_FINDINGS:
            more = whole_file(".", "too-many-faults", f"there are more than {MOST_FINDINGS} faults", "mend these first")
            self._findings[more] = None

    @property
    def full(self) -> bool:
        """Whether no more findings are kept."""
        return len(self._findings) >= MOST_FINDINGS

    def sorted(self) -> tuple[Finding, ...]:
        """All findings, by file and place."""
        return tuple(sorted(self._findings, key=_file_order))

    @property
    def any_error(self) -> bool:
        """Whether one of them keeps the bundle from being used."""
        return any(finding.severity is Severity.ERROR for finding in self._findings)


def _file_order(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    place = (span.file, span.line, span.col) if span else ("", 0, 0)
    return (*place, finding.code, finding.message)


class Desk:
    """Where the faults of one document are handed in.

    Args:
        document: the document.
        faults: the bundle's collector.
    """

    __slots__ = ("document", "faults")

    def __init__(self, document: Document, faults: Faults) -> None:
        self.document = document
        self.faults = faults

    def fault(self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False) -> None:
        """Hand in one fault.

        Args:
            path: where in the document.
            code: its code.
            message: one lower-case line.
            hint: what to do about it.
            key: whether the key is at fault, and not its value.
        """
        place = self.document.place(path, key=key)
        self.faults.add(self.document.source.finding(code, place, message, hint))

    def unknown(
        self, path: Path, code: str, what: str, word: object, known: Iterable[str], *, key: bool = False
    ) -> None:
        """Hand in that a word is none of those that are known, with the nearest of them as hint."""
        hint = "" if self.faults.full else did_you_mean(word, known)
        self.fault(path, code, f"{what} {quoted(word)} is not known", hint, key=key)

    def refusal(self, path: Path, error: PydanticCustomError) -> None:
        """Hand in what a reader of `callpolicy.rulefile.shapes` refused."""
        details = error.context or {}
        self.fault(
            path, error.type.removeprefix("callpolicy:"), str(details.get("message")), str(details.get("hint", ""))
        )


def did_you_mean(word: object, known: Iterable[str], *, most: int = 12) -> str:
    """The hint for a word that is none of those that are known: the nearest one, or all if they are few.

    >>> did_you_mean("at_last", ["at_least", "at_most"])
    'did you mean `at_least`?'
    """
    words = sorted(set(known))
    near = difflib.get_close_matches(str(word)[:100], words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"one of: {', '.join(words)}" if 0 < len(words) <= most else ""
