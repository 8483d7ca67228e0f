"""The complaint case: what all its contacts together make known, whoever took them (NORM 2.3, 2.4, 5.3)."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Final

from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    NewFact,
    Transferred,
)
from callpolicy.facts import Course, Value
from callpolicy.windows import Elapsed

_TOLD: Final[frozenset[type[CallEvent]]] = frozenset(
    {Answered, Transferred, Explained, ExplanationRejected, CaseLinked, FinalResult, NewFact}
)
"""The events that can change a case."""


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    at: int
    call_id: str
    seq: int
    event: Event = field(compare=False)
    agent: str | None = field(compare=False)


@dataclass(slots=True)
class _Contact:
    """One call, as far as it matters for the case.

    `case_id` is the case that the call is about now; `early` and `early_rejected` are the explanations that were given
    before it was linked to any. `unrejected` names the case of each explanation that is not rejected yet.
    """

    case_id: str | None = None
    early: int = 0
    early_rejected: int = 0
    unrejected: list[str | None] = field(default_factory=list)
    handler: str | None = None


class _CaseFold:
    __slots__ = (
        "case_id", "contacts", "explanations", "final_at", "first_handler", "linked", "new_facts", "rejected",
        "since_final",
    )  # fmt: skip

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.contacts: dict[str, _Contact] = {}
        self.linked: set[str] = set()
        self.since_final: set[str] = set()
        self.explanations = 0
        self.rejected = 0
        self.final_at: int | None = None
        self.new_facts = 0
        self.first_handler: str | None = None

    def take(self, entry: _Entry) -> None:
        contact = self.contacts.setdefault(entry.call_id, _Contact())
        ours = contact.case_id == self.case_id
        match entry.event:
            case CaseLinked(case_id=case_id):
                self._link(contact, entry, case_id)
            case Explained():
                contact.unrejected.append(contact.case_id)
                self.explanations += ours
                contact.early += contact.case_id is None
            case ExplanationRejected() if contact.unrejected:
                of = contact.unrejected.pop()
                self.rejected += of == self.case_id
                contact.early_rejected += of is None
            case FinalResult() if ours:
                self.final_at = entry.at
                self.new_facts = 0
                self.since_final.clear()
            case NewFact() if ours:
                self.new_facts += self.final_at is not None
            case _:
                pass
        self._handle(contact, entry)

    def _link(self, contact: _Contact, entry: _Entry, case_id: str) -> None:
        if contact.case_id is None:
            # What was said in this call before it was linked was about this case.
            if case_id == self.case_id:
                self.explanations += contact.early
                self.rejected += contact.early_rejected
            contact.unrejected = [case_id for _ in contact.unrejected]
        if case_id == self.case_id and entry.call_id not in self.linked:
            self.linked.add(entry.call_id)
            if self.final_at is not None:
                self.since_final.add(entry.call_id)
        contact.case_id = case_id

    def _handle(self, contact: _Contact, entry: _Entry) -> None:
        if contact.handler is None:
            contact.handler = _handler(entry)
        if self.first_handler is None and entry.call_id in self.linked:
            self.first_handler = contact.handler


def _handler(entry: _Entry) -> str | None:
    match entry.event:
        case Answered(agent=agent) | Transferred(agent=agent):
            return agent
        case _:
            return entry.agent


class CaseRecord:
    """One complaint case, folded over the calls about it.

    It takes the events of every call that was linked to the case, from the beginning of that call on, in any order.
    A call counts from the instant at which it is linked; explanations that were given before that in the same call
    count then too. When a call is linked to another case, what follows belongs to that one.

    It is not locked: whoever shares one between threads lets one of them in at a time.

    Args:
        case_id: the case.

    >>> record = CaseRecord("k1")
    >>> record.receive(CaseLinked(call_id="c1", seq=1, at=5, case_id="k1"), "li")
    True
    >>> record.receive(FinalResult(call_id="c1", seq=2, at=9), "li")
    True
    >>> values, courses = record.facts(20)
    >>> values["case.status"], values["case.since_final"], values["case.contacts_since_final"]
    ('final', 11, 0)
    """

    __slots__ = ("_fold", "_log", "_seen", "case_id")

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self._fold = _CaseFold(case_id)
        self._log: list[_Entry] = []
        self._seen: set[tuple[str, int]] = set()

    def receive(self, event: Event, agent: str | None = None) -> bool:
        """Take one event of a linked call in, at its place (at, call_id, seq).

        Args:
            event: what happened, as a `CallSession` took it.
            agent: who had the contact then, if the events of the call do not say.

        Returns:
            False if it changes nothing: one of this (call_id, seq) is here already, or it is of no meaning for a case.
        """
        if type(event) not in _TOLD or (event.call_id, event.seq) in self._seen:
            return False
        self._seen.add((event.call_id, event.seq))
        entry = _Entry(event.at, event.call_id, event.seq, event, agent)
        if not self._log or entry > self._log[-1]:
            self._log.append(entry)
            self._fold.take(entry)
        else:
            insort(self._log, entry)
            self._fold = self._folded(self._log)
        return True

    def _folded(self, log: list[_Entry]) -> _CaseFold:
        fold = _CaseFold(self.case_id)
        for entry in log:
            fold.take(entry)
        return fold

    def facts(self, at: int, call_id: str | None = None) -> tuple[dict[str, Value], dict[str, Course]]:
        """The facts `case.*` at an instant.

        Args:
            at: the instant; events later than it do not count.
            call_id: a call that is about this case by what its host says; it counts as a contact even if no
                event links it.

        Returns:
            the known values, and how time moves them.
        """
        fold = self._fold
        if self._log and at < self._log[-1].at:
            fold = self._folded([entry for entry in self._log if entry.at <= at])
        unlinked = call_id is not None and call_id not in fold.linked
        values: dict[str, Value] = {
            "case.id": self.case_id,
            "case.linked": True,
            "case.status": "open",
            "case.contacts": len(fold.linked) + unlinked,
            "case.contacts_since_final": 0,
            "case.new_facts_since_final": fold.new_facts,
            "case.explanations": fold.explanations,
            "case.explanations_rejected": fold.rejected,
        }
        if fold.first_handler is not None:
            values["case.first_handler"] = fold.first_handler
        if fold.final_at is None:
            return values, {}
        values["case.status"] = "reopened" if fold.new_facts else "final"
        values["case.final_result_at"] = fold.final_at
        values["case.since_final"] = at - fold.final_at
        values["case.contacts_since_final"] = len(fold.since_final) + unlinked
        return values, {"case.since_final": Elapsed(fold.final_at, None)}
