"""Rows that name somebody → candidates: one per subject, whatever the order of the rows, with the kindest end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.instants import LATEST
from callpolicy.listfiles.model import Candidate, Contradiction, Tally
from callpolicy.listfiles.naming import shape
from callpolicy.lists import ListName, Subject, end_of_term
from callpolicy.numbering import mask_number, parse_number
from callpolicy.policy import Term

# WHY two: a row that says nothing leaves the end to whoever imports the file; one that says `permanent` does not.
_NOT_SAID: Final = LATEST + 1
_PERMANENT: Final = LATEST + 2


@dataclass(frozen=True, slots=True)
class Span:
    """When an entry holds, as one row says.

    Args:
        since: from when on; `None` if the row does not say.
        until: until when; `None` if the row does not say.
        term: for how long; `None` if the row does not say.
        ends: the first instant at which it no longer holds; beyond `LATEST` for no end.
    """

    since: int | None = None
    until: int | None = None
    term: Term | int | None = None
    ends: int = _NOT_SAID


NO_SPAN: Final = Span()


@dataclass(frozen=True, slots=True)
class Ends:
    """How the end of an entry is worked out.

    Args:
        at: now.
        zone: the zone in which named terms end.
        on: the list: on a blocklist the shorter end is the kinder one, on an allowlist the longer.
    """

    at: int
    zone: str
    on: ListName

    def span(self, since: int | None, until: int | None, term: Term | int | None) -> Span:
        """When an entry holds; if the row says both an end and a term, the kinder of them is taken."""
        begins = self.at if since is None else since
        by_term = self._end_of(begins, term)
        if until is None or term is None:
            return Span(since, until, term, by_term if until is None else until)
        if self.kinder(by_term, until):
            return Span(since, None, term, by_term)
        return Span(since, until, None, until)

    def kinder(self, one: int, other: int) -> bool:
        """Whether one end is kinder to the caller than another."""
        return one < other if self.on is ListName.BLOCKLIST else one > other

    def _end_of(self, since: int, term: Term | int | None) -> int:
        if term is None:
            return _NOT_SAID
        if isinstance(term, Term):
            end = end_of_term(since, term.value, ZoneInfo(self.zone))
            return _PERMANENT if end is None else end
        return min(LATEST, since + term)


@dataclass(slots=True)
class _Draft:
    """A candidate while its rows come in."""

    lines: list[int]
    line: int
    span: Span
    reason: str | None = None
    own_evidence: str = ""
    contradicts: bool = False
    first: int | None = None
    last: int | None = None
    named: int = 0
    reasons: dict[str, int] | None = None

    def complain(self, reason: str | None, at: int | None) -> None:
        """Take a complaint's subject and date in."""
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)
        if reason is None:
            return
        if self.reasons is None and self.reason in (None, reason):
            self.reason, self.named = reason, self.named + 1
            return
        if self.reasons is None:
            # WHY only now: most numbers have one complaint, and a dictionary for each would be most of the memory.
            self.reasons = {} if self.reason is None else {self.reason: self.named}
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        # INVARIANT: of reasons that are named as often the one that came first stays.
        self.reason = max(self.reasons, key=self.reasons.__getitem__)


@dataclass(slots=True)
class Gathering:
    """Candidates while a file is read."""

    file: str
    ends: Ends
    tally: Tally
    _drafts: dict[Subject, _Draft] = field(default_factory=dict)

    def add(self, subject: Subject, line: int, span: Span, reason: str | None, own_evidence: str = "") -> bool:
        """Take a row in; tell whether it is the first that names the subject."""
        draft = self._drafts.get(subject)
        if draft is None:
            self._drafts[subject] = _Draft([line], line, span, reason, own_evidence)
            return True
        draft.lines.append(line)
        draft.contradicts = draft.contradicts or span.ends != draft.span.ends
        if self.ends.kinder(span.ends, draft.span.ends):
            draft.line, draft.span = line, span
            draft.reason, draft.own_evidence = reason or draft.reason, own_evidence or draft.own_evidence
        draft.reason = draft.reason or reason
        draft.own_evidence = draft.own_evidence or own_evidence
        return False

    def complain(self, subject: Subject, line: int, reason: str | None, at: int | None) -> bool:
        """Take a complaint in; tell whether it is the first about the subject."""
        draft = self._drafts.get(subject)
        new = draft is None
        if draft is None:
            draft = self._drafts[subject] = _Draft([], line, NO_SPAN)
        draft.lines.append(line)
        draft.complain(reason, at)
        return new

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Subjects that rows name with different ends."""
        drafts = self._drafts.values()
        return tuple(Contradiction(tuple(each.lines), each.line) for each in drafts if each.contradicts)

    def candidates(self) -> Iterator[Candidate]:
        """The candidates, in the order of their first lines; what was gathered is gone then."""
        # WHY piece by piece: a million drafts and a million candidates need not be there at once.
        drafts = self._drafts
        self._drafts = {}
        for subject in list(drafts):
            draft = drafts.pop(subject)
            self._remark(subject, draft)
            yield Candidate(
                subject,
                draft.reason,
                draft.span.since,
                draft.span.until,
                draft.span.term,
                tuple(draft.lines),
                draft.line,
                self.file,
                draft.own_evidence,
                draft.first,
                draft.last,
            )

    def _remark(self, subject: Subject, draft: _Draft) -> None:
        span = draft.span
        told = {
            "no-reason": draft.reason is None,
            "no-end": span.until is None and span.term is None,
            "since-in-future": span.since is not None and span.since > self.ends.at,
        }
        for code, holds in told.items():
            if holds:
                self.tally.remark(code, draft.line, shown(subject) if self.tally.shows(code) else "")


def shown(subject: Subject) -> str:
    """A subject masked."""
    value = subject.identity.value
    if subject.prefix:
        return shape(value, heads=4) + "*"
    if subject.identity.kind.value == "customer":
        return "customer:" + shape(value)
    ends = [value] if subject.last is None else [value, subject.last]
    # WHY any region: a canonical value says itself where it is at home.
    return "–".join(mask_number(parse_number(each, region="US")) for each in ends)
