"""The exception tree, source spans and findings: what can go wrong and who must act.

Exceptions are named by who must act: the rule author (`RuleFileError`), the author of an adapter
(`CallEventError`), the operator (`StoreError`, `AuditError`, `MissingExtraError`). A finding is a result, not
an exception: it is collected, shown with its place, and makes a bundle unfit to go live.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import combining, east_asian_width


class Severity(StrEnum):
    """How much a finding weighs: an `error` keeps a bundle from going live, a `warning` and a `note` do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A place in a file of a bundle.

    Args:
        file: path relative to the bundle's folder, with `/`.
        line: first line, counted from 1.
        col: first column, counted from 1 in Unicode characters.
    """

    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth saying, about a bundle.

    Args:
        code: stable kebab-case name of the kind of fault, e.g. `unknown-fact`.
        message: one lower-case line; user text stands in backticks.
        span: where it is, if it is in a file.
        hint: what to do about it, one line, or empty.
        excerpt: the line of the file it stands on, or empty.
        severity: whether it keeps the bundle from going live.
    """

    code: str
    message: str
    span: SourceSpan | None = None
    hint: str = ""
    excerpt: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.span}: " if self.span else ""
        lines = [f"{place}{self.severity}: {self.message} [{self.code}]"]
        if self.excerpt and self.span:
            lines += [f"    {self.excerpt}", "    " + _blanks(self.excerpt[: self.span.col - 1]) + "^"]
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


def _blanks(text: str) -> str:
    """Blanks that take as many columns of a screen as a text.

    Source: Unicode Standard Annex 11 (East Asian width).
    """
    return "".join("" if combining(each) else "\u3000" if east_asian_width(each) in "WF" else " " for each in text)


class CallpolicyError(Exception):
    """Root of everything that callpolicy raises on purpose."""


class RuleFileError(CallpolicyError):
    """A bundle cannot be used as written; the rule author must act.

    Args:
        findings: every fault that was found, in file order.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


class UnsupportedConditionError(CallpolicyError):
    """A matcher cannot hold this rule or condition; the message says which limit."""


class MatcherError(CallpolicyError):
    """A matcher failed while it ran; its result must not be used."""


class CallEventError(CallpolicyError):
    """An event cannot be accepted; the author of the adapter must act. Nothing that was recorded is lost.

    Args:
        code: stable kebab-case name of the kind of fault, e.g. `event-after-end`.
        message: one lower-case line.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


class GovernanceError(CallpolicyError):
    """Somebody may not do this with a block; a person who may must act. Nothing has changed.

    Args:
        code: stable kebab-case name of the refusal, e.g. `self-approval`.
        rule: the rule of governance that refused: where it stands in `governance.yaml`, e.g. `terms.month.judge`, or
            `always.…` for one that no norm can change.
        message: one lower-case line, without any telephone number.
    """

    def __init__(self, code: str, rule: str, message: str) -> None:
        self.code = code
        self.rule = rule
        super().__init__(f"{message} [{code}, by `{rule}`]")


class UsageError(CallpolicyError):
    """The library or the command line was called with arguments that cannot be right."""


class StoreError(CallpolicyError):
    """A store is gone, locked, full or corrupt; the operator must act."""


class AuditError(CallpolicyError):
    """An audit record cannot be written or verified; the operator must act."""


class MissingExtraError(CallpolicyError):
    """An optional part is not installed.

    Args:
        extra: the name of the extra of `callpolicy` that installs it.
        what: the part that asked for it.
    """

    def __init__(self, extra: str, what: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs the extra `{extra}`: pip install 'callpolicy[{extra}]'")
