"""The complaint case: what all its contacts together make known, whoever took them (NORM 2.3, 2.4, 5.3)."""

from __future__ import annotations

from bisect import insort
from collections import Counter
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
from callpolicy.session.story import (
    CaseContact,
    CaseExplanation,
    CaseNewFact,
    CaseResult,
    CaseStatus,
    CaseStory,
)
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
class _Given:
    """One explanation: the case that it is about, `None` until its call is linked to any, and its rejection."""

    entry: _Entry
    by: str | None
    case_id: str | None
    rejection: _Entry | None = None


@dataclass(slots=True)
class _Contact:
    """One call, as far as it matters for the case.

    `case_id` is the case that the call is about now; `early` are the explanations that were given before it was linked
    to any, and `unrejected` those that are not rejected yet. `handler` had it first, `agent` has it now; `named` says
    that the events of the call tell who that is.
    """

    case_id: str | None = None
    early: list[_Given] = field(default_factory=list)
    unrejected: list[_Given] = field(default_factory=list)
    handler: str | None = None
    agent: str | None = None
    named: bool = False

    def hear(self, entry: _Entry) -> None:
        """Take in who has the contact."""
        match entry.event:
            case Answered(agent=agent) | Transferred(agent=agent):
                self.agent = agent
                self.named = self.named or agent is not None
            case _:
                agent = entry.agent
                if not self.named:
                    self.agent = agent
        if self.handler is None:
            self.handler = agent


class _CaseFold:
    __slots__ = (
        "case_id", "contacts", "explanations", "final", "first_handler", "linked", "new_facts", "opened_at", "rejected",
        "reopening", "since_final",
    )  # fmt: skip

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.contacts: dict[str, _Contact] = {}
        self.linked: dict[str, int] = {}
        self.since_final: set[str] = set()
        self.explanations: list[_Given] = []
        self.rejected = 0
        self.final: tuple[_Entry, str | None] | None = None
        self.new_facts: list[tuple[_Entry, str | None]] = []
        self.reopening = 0
        self.opened_at: int | None = None
        self.first_handler: str | None = None

    def take(self, entry: _Entry) -> None:
        contact = self.contacts.setdefault(entry.call_id, _Contact())
        contact.hear(entry)
        about = _case_of(entry.event, contact)
        ours = about == self.case_id
        match entry.event:
            case CaseLinked(case_id=case_id):
                self._link(contact, entry, case_id)
            case Explained():
                self._explain(contact, _Given(entry, contact.agent, about))
            case ExplanationRejected() if contact.unrejected:
                given = contact.unrejected.pop()
                given.rejection = entry
                self.rejected += given.case_id == self.case_id
            case FinalResult() if ours:
                self.final = (entry, contact.agent)
                self.reopening = 0
                self.since_final.clear()
            case NewFact() if ours:
                self.new_facts.append((entry, contact.agent))
                self.reopening += self.final is not None
            case _:
                pass
        if ours and self.opened_at is None:
            self.opened_at = entry.at
        if self.first_handler is None and entry.call_id in self.linked:
            self.first_handler = contact.handler

    def _explain(self, contact: _Contact, given: _Given) -> None:
        contact.unrejected.append(given)
        if given.case_id is None:
            contact.early.append(given)
        elif given.case_id == self.case_id:
            self.explanations.append(given)

    def _link(self, contact: _Contact, entry: _Entry, case_id: str) -> None:
        # What was said in this call before it was linked to any case was about this one.
        for given in contact.early:
            given.case_id = case_id
            if case_id == self.case_id:
                self.explanations.append(given)
                self.rejected += given.rejection is not None
        contact.early.clear()
        if case_id == self.case_id and entry.call_id not in self.linked:
            self.linked[entry.call_id] = entry.at
            if self.final is not None:
                self.since_final.add(entry.call_id)
        contact.case_id = case_id

    @property
    def status(self) -> CaseStatus:
        if self.final is None:
            return CaseStatus.OPEN
        return CaseStatus.REOPENED if self.reopening else CaseStatus.FINAL

    def story(self, at: int) -> CaseStory:
        given = sorted(self.explanations, key=lambda each: each.entry)
        explained = Counter(each.entry.call_id for each in given)
        rejected = Counter(each.entry.call_id for each in given if each.rejection is not None)
        contacts = (
            CaseContact(
                call_id,
                linked_at,
                self.contacts[call_id].handler,
                explained[call_id],
                rejected[call_id],
                call_id in self.since_final,
            )
            for call_id, linked_at in self.linked.items()
        )
        settled = len(self.new_facts) - self.reopening
        return CaseStory(
            self.case_id,
            at,
            self.status,
            self.opened_at,
            self.first_handler,
            tuple(contacts),
            tuple(_explanation(each) for each in given),
            None if self.final is None else CaseResult(*_told(*self.final)),
            tuple(CaseNewFact(*_told(*each), place >= settled) for place, each in enumerate(self.new_facts)),
        )


def _case_of(event: Event, contact: _Contact) -> str | None:
    """The case that an event is about: the one that it names, else the one that its call is about."""
    match event:
        case CaseLinked(case_id=str(named)) | Explained(case_id=str(named)):
            return named
        case FinalResult(case_id=str(named)) | NewFact(case_id=str(named)):
            return named
        case _:
            return contact.case_id


def _told(entry: _Entry, by: str | None) -> tuple[str, int, str | None, str | None]:
    return entry.call_id, entry.at, by, _text(entry)


def _explanation(given: _Given) -> CaseExplanation:
    entry, rejection = given.entry, given.rejection
    topic = entry.event.topic if isinstance(entry.event, Explained) else None
    return CaseExplanation(
        entry.call_id,
        entry.at,
        given.by,
        topic,
        _text(entry),
        None if rejection is None else rejection.at,
        None if rejection is None else _text(rejection),
    )


def _text(entry: _Entry) -> str | None:
    match entry.event:
        case Explained(text=text) | ExplanationRejected(text=text) | FinalResult(text=text) | NewFact(text=text):
            return text
        case _:
            return None


class CaseRecord:
    """One complaint case, folded over the calls about it.

    It takes the events of every call that was linked to the case, from the beginning of that call on, in any order.
    A call counts from the instant at which it is linked; explanations that were given before that in the same call
    count then too. When a call is linked to another case, what follows belongs to that one.

    An explanation, a final result or a new fact that names a case is about that case, whatever its call is linked to;
    it makes its call no contact. So the back office records a result outside any call.

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

    @property
    def began_at(self) -> int:
        """When something was first heard of it; 0 if nothing was."""
        return self._log[0].at if self._log else 0

    @property
    def last_at(self) -> int:
        """When something was last heard of it; 0 if nothing was."""
        return self._log[-1].at if self._log else 0

    def _folded(self, log: list[_Entry]) -> _CaseFold:
        fold = _CaseFold(self.case_id)
        for entry in log:
            fold.take(entry)
        return fold

    def _at(self, at: int) -> _CaseFold:
        if self._log and at < self._log[-1].at:
            return self._folded([entry for entry in self._log if entry.at <= at])
        return self._fold

    def story(self, at: int) -> CaseStory:
        """What is known of the case at an instant, for people: the same numbers that `facts` gives.

        Args:
            at: the instant; events later than it do not count.

        >>> record = CaseRecord("k1")
        >>> record.receive(FinalResult(call_id="desk:7", seq=0, at=5, case_id="k1", text="no refund"), "zhao")
        True
        >>> story = record.story(9)
        >>> str(story.status), story.final_result.text, story.final_result.by, story.contacts
        ('final', 'no refund', 'zhao', ())
        """
        return self._at(at).story(at)

    def facts(self, at: int, call_id: str | None = None) -> tuple[dict[str, Value], dict[str, Course]]:
        """The facts `case.*` at an instant.

        Args:
            at: the instant; events later than it do not count.
            call_id: a call that is about this case by what its host says; it counts as a contact even if no
                event links it.

        Returns:
            the known values, and how time moves them.
        """
        fold = self._at(at)
        unlinked = call_id is not None and call_id not in fold.linked
        values: dict[str, Value] = {
            "case.id": self.case_id,
            "case.linked": True,
            "case.status": str(fold.status),
            "case.contacts": len(fold.linked) + unlinked,
            "case.contacts_since_final": 0,
            "case.new_facts_since_final": fold.reopening,
            "case.explanations": len(fold.explanations),
            "case.explanations_rejected": fold.rejected,
        }
        if fold.first_handler is not None:
            values["case.first_handler"] = fold.first_handler
        if fold.final is None:
            return values, {}
        final_at = fold.final[0].at
        values["case.final_result_at"] = final_at
        values["case.since_final"] = at - final_at
        values["case.contacts_since_final"] = len(fold.since_final) + unlinked
        return values, {"case.since_final": Elapsed(final_at, None)}
