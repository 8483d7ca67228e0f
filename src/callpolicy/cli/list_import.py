"""Lists from files: what a file names, what would come of it, and, if asked for, that it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from callpolicy.errors import CallpolicyError, GovernanceError, UsageError

if TYPE_CHECKING:
    from callpolicy.cli.governed import Sitting
    from callpolicy.lifecycle import Actor, Block, Evidence
    from callpolicy.listfiles import Candidate, ListFile
    from callpolicy.lists import Entry, ListName
    from callpolicy.policy import Term
    from callpolicy.runtime.bulk import There
    from callpolicy.runtime.desk import Desk
    from callpolicy.runtime.wishes import Allowing, Proposal

_T = TypeVar("_T")
_AT_ONCE: Final = 200
"""Rows of one transaction: while it runs, nobody else writes."""

_DIGEST: Final = 12
_LONGEST_EVIDENCE: Final = 160
_MOST_SAMPLES: Final = 3
_MOST_LINES: Final = 10
_MINUTE: Final = 60_000_000
IMPORTED: Final = "import:"
"""How the ids of imported entries begin."""

BY_DATE: Final = "file"
"""Detail of what ends when the file says, each at another time perhaps."""


class Format(StrEnum):
    """How a list file is written, as `callpolicy.listfiles.Format`, which is not imported before a command runs."""

    FTC = "ftc"
    CSV = "csv"
    PLAIN = "plain"


@dataclass(slots=True)
class Bunch:
    """Candidates that came to the same thing.

    Args:
        key: what they came to: `proposed`, `same`, `there`, or the code of a refusal.
        detail: the term, or the rule and what to do.
        refused: why they were refused, if they were.
        lines: their lines.
        samples: the first few, masked.
    """

    key: str
    detail: str = ""
    refused: CallpolicyError | None = None
    lines: list[int] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)

    def add(self, candidate: Candidate, sit: Sitting) -> None:
        """Take one more in."""
        from callpolicy.cli.whom import shown

        self.lines.append(candidate.lines[0])
        if len(self.samples) < _MOST_SAMPLES:
            self.samples.append(shown(candidate.subject, sit.language, sit.clear))


@dataclass(slots=True)
class Import:
    """One file on its way to a list.

    Args:
        sit: the store, the norm, the instant.
        read: what the file names.
        digest: of its content.
        write: whether to do it.
    """

    sit: Sitting
    read: ListFile
    digest: str
    write: bool
    bunches: dict[tuple[str, str], Bunch] = field(default_factory=dict)
    on_blocklist: bool = True

    @property
    def id_prefix(self) -> str:
        """How the ids of this file begin; on the other list they begin otherwise, for an id is there but once."""
        return f"{IMPORTED}{'block' if self.on_blocklist else 'allow'}:{self.digest}:"

    def name_of(self, candidate: Candidate) -> str:
        """The id that a candidate's entry has; the same file gives the same ids."""
        return f"{self.id_prefix}{candidate.lines[0]}"

    def former_name_of(self, candidate: Candidate) -> str:
        """The id that an earlier version would have given, on either list."""
        return f"{IMPORTED}{self.digest}:{candidate.lines[0]}"

    def take(self, candidate: Candidate, key: str, detail: str = "", refused: CallpolicyError | None = None) -> None:
        """Note what a candidate came to."""
        self.bunches.setdefault((key, detail), Bunch(key, detail, refused)).add(candidate, self.sit)

    def refuse(self, candidate: Candidate, refused: CallpolicyError) -> None:
        """Note that a candidate was refused."""
        code = refused.code if isinstance(refused, GovernanceError) else "unusable"
        self.take(candidate, code, str(refused), refused)

    @property
    def refused(self) -> bool:
        """Whether anything of the file was refused."""
        return bool(self.read.report.refused) or any(each.refused is not None for each in self.bunches.values())


def import_blocks(  # noqa: PLR0913 - what was typed
    sit: Sitting, desk: Desk, actor: Actor, file: Path, format: Format | None, term: Term | int | None,
    reason: str | None, *, write: bool,
) -> bool:  # fmt: skip
    """Propose everybody whom a file names, or say what would come of it.

    Returns:
        whether rows were refused.
    """
    from callpolicy.cli.block_words import term_text
    from callpolicy.lifecycle import Block
    from callpolicy.lists import ListName
    from callpolicy.runtime.bulk import propose_all

    work = _opened(sit, file, format, ListName.BLOCKLIST, write, _given(reason, term))
    written_at = min(int(file.stat().st_mtime_ns // 1_000), sit.at)
    wide: list[Block] = []

    def some(candidates: Sequence[Candidate]) -> None:
        asked = [_proposal(work, each, term, reason, written_at) for each in candidates]
        found = propose_all(desk, actor, asked, at=sit.at, write=write, beside=[] if write else wide)
        for candidate, came in zip(candidates, found, strict=True):
            if isinstance(came, Block):
                own = _ends_by_date(candidate)
                work.take(candidate, "proposed", BY_DATE if own else term_text(came.proposal.term))
                if came.subject.width != 1:
                    wide.append(came)
            else:
                _take_other(work, candidate, came)

    _in_steps(work, some)
    return _told(work)


def import_allowed(  # noqa: PLR0913, PLR0917 - what was typed
    sit: Sitting, desk: Desk, actor: Actor, file: Path, format: Format | None, until: int | None, reason: str | None,
    owner: str, *, write: bool,
) -> bool:  # fmt: skip
    """Put everybody on the allowlist whom a file names, or say what would come of it.

    Returns:
        whether rows were refused.
    """
    from callpolicy.cli.block_words import clock
    from callpolicy.lists import Entry, ListName
    from callpolicy.runtime.bulk import allow_all

    work = _opened(sit, file, format, ListName.ALLOWLIST, write, _given(reason, until))
    work.on_blocklist = False
    wide: list[Entry] = []

    def some(candidates: Sequence[Candidate]) -> None:
        asked = [_allowing(work, each, until, reason, owner) for each in candidates]
        found = allow_all(desk, actor, asked, at=sit.at, write=write, beside=[] if write else wide)
        for candidate, wish, came in zip(candidates, asked, found, strict=True):
            if isinstance(came, Entry):
                own = candidate.until is not None or candidate.term is not None
                by_default = "" if came.until is None else clock(came.until, sit)
                work.take(candidate, "proposed", BY_DATE if own else by_default)
                if came.subject.width != 1:
                    wide.append(came)
            elif wish.until is None and isinstance(came, GovernanceError) and came.code == "term-too-long":
                work.refuse(candidate, end_missing(sit) or came)
            else:
                _take_other(work, candidate, came)

    _in_steps(work, some)
    return _told(work)


def end_missing(sit: Sitting) -> GovernanceError | None:
    """The refusal of an allowlist entry of which nobody says until when it holds; `None` if the norm sets no limit."""
    from callpolicy.instants import duration_text

    longest = None if sit.governance.allowlist is None else sit.governance.allowlist.longest
    if longest is None:
        return None
    message = f"nothing says until when the entry holds; at most {duration_text(longest)}"
    return GovernanceError("end-missing", "allowlist.longest", message)


def _given(reason: str | None, ends: object) -> frozenset[str]:
    """Remarks on rows that say nothing to whoever has said it for the whole file."""
    told = {"no-reason": bool(reason and reason.strip()), "no-end": ends is not None}
    return frozenset(code for code, given in told.items() if given)


def _opened(
    sit: Sitting, file: Path, format: Format | None, on: ListName, write: bool, given: frozenset[str]
) -> Import:
    import hashlib

    from callpolicy.listfiles import read_list
    from callpolicy.rulefile.sources import quoted

    # WHY no more than that: what is no text, and UTF-16 that is one, `read_list` tells apart.
    if not file.exists():
        raise UsageError(f"{quoted(file)} is not there")
    total = file.stat().st_size
    with _progress(sit, "import.reading", total) as on_progress:
        read = read_list(
            file, region=sit.bundle.settings.region, at=sit.at, format=None if format is None else str(format), on=on,
            governance=sit.governance, settings=sit.bundle.settings, progress=on_progress,
        )  # fmt: skip
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    remarks = tuple(each for each in read.report.remarks if each.code not in given)
    return Import(sit, replace(read, report=replace(read.report, remarks=remarks)), digest[:_DIGEST], write)


def _take_other(work: Import, candidate: Candidate, came: There | CallpolicyError) -> None:
    from callpolicy.lifecycle.guards import not_on_record

    if isinstance(came, GovernanceError) and came.code == "no-new-evidence":
        # WHY another refusal: after a lift no row helps, with whatever date; a decision on record here does.
        work.refuse(candidate, not_on_record())
    elif isinstance(came, CallpolicyError):
        work.refuse(candidate, came)
    else:
        work.take(candidate, "same" if came.same else "there")


def _in_steps(work: Import, some: Callable[[Sequence[Candidate]], None]) -> None:
    """Go through all candidates, not too many in one transaction."""
    ready = []
    for each in work.read.candidates:
        if each.since is not None and each.since > work.sit.at:
            message = "this begins later than now, and would hold from now on"
            work.refuse(each, GovernanceError("begins-later", "always.in_order", message))
        else:
            ready.append(each)
    key = "import.writing" if work.write else "import.looking"
    with _progress(work.sit, key, len(ready)) as on_progress:
        for first in range(0, len(ready), _AT_ONCE):
            some(ready[first : first + _AT_ONCE])
            if on_progress is not None:
                on_progress(min(first + _AT_ONCE, len(ready)))


def _proposal(
    work: Import, candidate: Candidate, term: Term | int | None, reason: str | None, written_at: int
) -> Proposal:
    from callpolicy.runtime.wishes import Proposal

    at = work.sit.at
    dates = [each for each in (candidate.last, candidate.since) if each is not None]
    return Proposal(
        subject=candidate.subject,
        reason=candidate.reason or reason or "",
        evidence=(_evidence(candidate, min(max(dates), at) if dates else written_at),),
        term=_term(work.sit, candidate) or term,
        block_id=work.name_of(candidate),
        former_id=work.former_name_of(candidate),
        # WHY whatever it says: a row of a file is no decision on record, and so no new evidence after a lift.
        dated=False,
    )


def _ends_by_date(candidate: Candidate) -> bool:
    return candidate.until is not None or (candidate.term is not None and candidate.since is not None)


def _term(sit: Sitting, candidate: Candidate) -> Term | int | None:
    """How long a row says that somebody is to be blocked; what has run already is not run again.

    WHY a duration: a block begins when it is entered, and not when the old one did.
    """
    end = candidate.until
    if end is None and candidate.term is not None and candidate.since is not None:
        end = _end(candidate.since, candidate.term, sit)
    if end is None:
        return candidate.term
    # WHY whole minutes: people read it; the shorter is the kinder one.
    return (end - sit.at) // _MINUTE * _MINUTE or end - sit.at


def _evidence(candidate: Candidate, at: int) -> Evidence:
    from callpolicy.cli.block_texts import free_text
    from callpolicy.lifecycle import Evidence

    # WHY masked: the name of a file, and what a row itself names, may show a number, and stand in the record.
    return Evidence(free_text(candidate.evidence)[:_LONGEST_EVIDENCE].strip(), at)


def _allowing(work: Import, candidate: Candidate, until: int | None, reason: str | None, owner: str) -> Allowing:
    from callpolicy.runtime.wishes import Allowing

    sit = work.sit
    end = candidate.until
    if end is None and candidate.term is not None:
        end = _end(sit.at, candidate.term, sit)
    elif end is None:
        end = until
    return Allowing(
        subject=candidate.subject,
        reason=candidate.reason or reason or "",
        owner=owner,
        until=end,
        entry_id=work.name_of(candidate),
        former_id=work.former_name_of(candidate),
    )


def _end(since: int, term: Term | int, sit: Sitting) -> int | None:
    from zoneinfo import ZoneInfo

    from callpolicy.instants import LATEST
    from callpolicy.lists import end_of_term
    from callpolicy.policy import Term

    if isinstance(term, Term):
        return end_of_term(since, str(term), ZoneInfo(sit.bundle.settings.time_zone))
    return min(since + term, LATEST)


@contextmanager
def _progress(sit: Sitting, key: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, if somebody looks at it."""
    import sys

    if sit.as_json or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from callpolicy.cli.block_texts import said
    from callpolicy.cli.terminal import screen

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(stderr=True), transient=True) as progress:
        task = progress.add_task(said(key, sit.language), total=total)
        yield lambda done: progress.update(task, completed=done)


def _told(work: Import) -> bool:
    from callpolicy.cli.import_report import show_import

    show_import(work)
    return work.refused


def lines_of(bunch: Bunch, language: str) -> str:
    """The first lines of a bunch."""
    shown = ", ".join(str(line) for line in bunch.lines[:_MOST_LINES])
    more = len(bunch.lines) - _MOST_LINES
    if more <= 0:
        return shown
    return f"{shown} … 另有 {more:,} 处" if language == "zh-CN" else f"{shown} … and {more:,} more"


def bunch_tree(work: Import, bunch: Bunch) -> dict[str, Any]:
    """What some candidates came to, as JSON takes it."""
    from callpolicy.cli.governed import refusal_tree
    from callpolicy.cli.usage_texts import in_words

    tree: dict[str, Any] = {"rows": len(bunch.lines), "lines": bunch.lines, "samples": bunch.samples}
    if isinstance(bunch.refused, GovernanceError):
        return {**tree, **refusal_tree(bunch.refused, work.sit.bundle, work.sit.language)}
    if bunch.refused is not None:
        return {**tree, "code": bunch.key, "rule": None, "message": in_words(str(bunch.refused), work.sit.language)}
    return {**tree, "detail": bunch.detail}
