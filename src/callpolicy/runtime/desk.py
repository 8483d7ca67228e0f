"""What persons do with blocks, the allowlist and cases: governed, kept and recorded in one transaction each.

Everything here raises `GovernanceError` with the rule that refused, `UsageError` for what cannot be, `AuditError` if
it cannot be recorded without showing somebody, and `StoreError` if the store failed; either way nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from callpolicy.audit import Chain, Tree, act_draft
from callpolicy.errors import AuditError, GovernanceError, UsageError
from callpolicy.events import Explained, FinalResult, NewFact
from callpolicy.identity import Identity
from callpolicy.instants import duration_text, instant_text
from callpolicy.lifecycle import Act, Actor, Block, Evidence, Lift, Propose, Shield, apply, next_term, shield_of
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Bundle, Governance, Term
from callpolicy.runtime.allowing import look_at_entry, look_at_keeper
from callpolicy.runtime.evidence import look_up, look_up_act
from callpolicy.runtime.ids import new_id
from callpolicy.runtime.lifeless import entry_in, lift_details, lifted, look_at_lifted, no_such_block
from callpolicy.runtime.recorder import Pen
from callpolicy.runtime.staff import SYSTEM_NAME, actor_of, look_at_staff, look_at_words
from callpolicy.runtime.wishes import Allowing, Proposal
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Listed, Store, Turn

WRITER: Final = "desk"
"""Whose chain the acts of persons stand in: one for all, for they are few and each waits for the one before."""


class Desk:
    """Acts of persons on one store under one norm.

    Args:
        store: the store.
        bundle: the norm; its governance says who may do what.
        writer: whose chain of records they stand in.
    """

    def __init__(self, store: Store, bundle: Bundle, *, writer: str = WRITER) -> None:
        self._store = store
        self._bundle = bundle
        self._governance = bundle.governance or Governance()
        self._writer = writer

    @property
    def store(self) -> Store:
        """The store."""
        return self._store

    @property
    def writer(self) -> str:
        """Whose chain of records the acts stand in."""
        return self._writer

    def actor(self, person: str, roles: Iterable[str] = ()) -> Actor:
        """Who acts, with the roles that the norm gives, or, if it names no staff, those that are said.

        Args:
            person: the person's id.
            roles: the roles in which the person acts; none for all that the norm gives.

        Raises:
            GovernanceError: the norm names its staff, and not this person, or not in this role; or no such role.
            UsageError: the id is none.
        """
        return actor_of(person, roles, self._governance)

    # ---- blocks

    def propose(
        self,
        by: Actor,
        subject: Subject,
        *,
        reason: str,
        evidence: Sequence[Evidence],
        at: int,
        term: Term | int | None = None,
        block_id: str | None = None,
    ) -> Block:
        """Propose that somebody is blocked.

        Args:
            by: who proposes.
            subject: whom it would cover.
            reason: why, for people.
            evidence: the decisions it rests on.
            at: when.
            term: how long; `None` for what the ladder gives, after the blocks that there were.
            block_id: id of the block; a new one if none is given.
        """

        asked = Proposal(
            subject=subject, reason=reason, evidence=tuple(evidence), term=term, block_id=block_id
        )  # fmt: skip
        looked = look_up(self._store, subject, asked.evidence)

        def work(turn: Turn) -> Block:
            covering = turn.overlapping(subject)
            block = self.consider(turn, by, asked, at, covering)
            looked.accept(block, covering, at)
            self.put(turn, block)
            return block

        return self._store.turn(work, self._about(subject), self._writer)

    def consider(self, turn: Turn, by: Actor, asked: Proposal, at: int, covering: Sequence[Listed]) -> Block:
        """The block that a proposal makes; nothing is kept of it.

        Args:
            turn: the store.
            by: who proposes.
            asked: what is proposed.
            at: when.
            covering: every entry of either list that may cover somebody whom the block would cover.

        Raises:
            GovernanceError: a rule of governance refused.
            UsageError: the proposal is none.
        """
        look_at_staff(by, self._governance)
        others = _blocks(covering)
        taken = next_term(others, at, self._governance) if asked.term is None else asked.term
        if taken is None:
            message = "the norm declares no ladder, so a proposal says how long the block is to last"
            raise GovernanceError("term-missing", "ladder", message)
        name = new_id("block-") if asked.block_id is None else asked.block_id
        if turn.listed(name) is not None:
            raise GovernanceError("duplicate-block", "always.one_life", "a block of this id is there already")
        try:
            act = Propose(
                by=by, at=at, reason=asked.reason, evidence=asked.evidence, block_id=name, subject=asked.subject,
                term=taken,
            )  # fmt: skip
        except ValueError as error:
            raise UsageError(str(error)) from None
        shield = self._shield(covering, asked.subject, at)
        block = apply(None, act, self._governance, shield=shield, others=others)
        look_at_lifted(covering, asked.subject, asked.evidence, at)
        return block

    def act(self, block_id: str, act: Act) -> Block:
        """Do something with a block that is there: confirm, activate, review, appeal, decide an appeal, lift.

        Args:
            block_id: the block.
            act: what is done.

        Raises:
            UsageError: there is no such block, or it is an entry that was put without a life; see `lift_entry`.
        """
        look_at_staff(act.by, self._governance)
        found = self._store.listed(block_id)
        if found is None or found.block is None:
            raise no_such_block(found, act.at)
        subject = found.block.subject
        looked = look_up_act(self._store, found.block, act)

        def work(turn: Turn) -> Block:
            now = turn.listed(block_id)
            if now is None or now.block is None:
                raise no_such_block(now, act.at)
            covering = [
                each for each in turn.overlapping(subject) if each.block is None or each.block.block_id != block_id
            ]
            others = _blocks(covering)
            shield = self._shield(covering, subject, act.at)
            block = apply(now.block, act, self._governance, shield=shield, others=others)
            looked.accept(block, covering, act.at)
            self.put(turn, block)
            return block

        return self._store.turn(work, self._about(subject), self._writer)

    def lift_entry(self, by: Actor, entry_id: str, *, reason: str, at: int) -> Entry:
        """Lift a blocklist entry that was put without a life, with a record like that of a block that is lifted.

        Args:
            by: who lifts it; whoever may lift a block of that term.
            entry_id: the entry.
            reason: why, for people.
            at: when.

        Returns:
            the entry as it is from now on.

        Raises:
            GovernanceError: it is over, or a rule of governance refused.
            UsageError: there is no such entry, or it is a block with a life.
        """
        look_at_staff(by, self._governance)
        look_at_words(by, at, reason)
        found = entry_in(self._store.listed(entry_id))

        def work(turn: Turn) -> Entry:
            act = Lift(by=by, at=at, reason=reason)
            entry = lifted(entry_in(turn.listed(entry_id)), act, self._governance)
            self._record_lift(turn, act, entry)
            turn.put_entry(entry)
            return entry

        return self._store.turn(work, self._about(found.subject), self._writer)

    def _record_lift(self, turn: Turn, act: Lift, entry: Entry) -> None:
        more = act.at, lift_details(act, entry), _personal(entry.subject), {"reason": act.reason}
        try:
            self._record(turn, act.name, act.by, entry.entry_id, *more)
        except AuditError:
            # WHY another id: a host may have named an entry by its number, which no record may show; it ends anyway.
            self._record(turn, act.name, act.by, new_id("entry-"), *more)

    def put(self, turn: Turn, block: Block) -> None:
        """Keep a block after its last act, with the record of it."""
        act = block.acts[-1]
        footing = block.steps[-1].footing
        details: dict[str, Tree] = {
            "move": str(block.steps[-1].move),
            "state": str(footing.state),
            "term": str(footing.term) if isinstance(footing.term, Term) else duration_text(footing.term),
            "until": None if footing.until is None else instant_text(footing.until),
            "roles": _listed(act.by.roles),
            "evidence": [each.decision_id for each in act.evidence],
        }
        words: dict[str, Tree] = {"reason": act.reason}
        # WHY the record first: what cannot be recorded is not done.
        self._record(turn, act.name, act.by, block.block_id, act.at, details, _personal(block.subject), words)
        turn.put_block(block)

    def _shield(self, covering: Iterable[Listed], subject: Subject, at: int) -> Shield | None:
        entries = [each.entry for each in covering if each.entry is not None]
        return shield_of(subject, self._bundle.settings, entries, at)

    # ---- the allowlist

    def allow(
        self, by: Actor, subject: Subject, *, reason: str, owner: str, at: int, until: int | None = None
    ) -> Entry:
        """Put somebody on the allowlist: no rule and no block keeps them out while the entry holds.

        Args:
            by: who does it.
            subject: whom it covers.
            reason: why, for people.
            owner: who answers for the entry.
            at: from when on it holds.
            until: first instant at which it no longer holds; `None` for no end, if the norm sets no limit.
        """
        asked = Allowing(subject=subject, reason=reason, owner=owner, until=until)
        entry = self.consider_allowing(by, asked, at)

        def work(turn: Turn) -> Entry:
            self.put_allowed(turn, by, entry, at)
            return entry

        return self._store.turn(work, self._about(subject), self._writer)

    def consider_allowing(self, by: Actor, asked: Allowing, at: int) -> Entry:
        """The allowlist entry that is made of a wish; nothing is kept of it.

        Raises:
            GovernanceError: a rule of governance refused.
        """
        self._look_at_allowing(by, asked.reason, asked.owner, at)
        subject = asked.subject
        look_at_entry(subject, at, asked.until, self._governance)
        return Entry(
            entry_id=asked.entry_id or new_id("allow-"), on=ListName.ALLOWLIST,
            identity=subject.identity, prefix=subject.prefix, last=subject.last, since=at, until=asked.until,
            reason=asked.reason, owner=asked.owner,
        )  # fmt: skip

    def put_allowed(self, turn: Turn, by: Actor, entry: Entry, at: int) -> None:
        """Keep a new allowlist entry, with the record of it."""
        self._record_entry(turn, "allow", by, entry, at, entry.reason)
        turn.put_entry(entry)

    def disallow(self, by: Actor, entry_id: str, *, reason: str, at: int) -> Entry:
        """End an allowlist entry.

        Raises:
            GovernanceError: it is over, or a rule of governance refused.
            UsageError: there is no such entry.
        """
        found = self._store.entry(entry_id)
        if found is None or found.on is not ListName.ALLOWLIST:
            raise UsageError("there is no allowlist entry of that id; see `callpolicy allow list`")
        self._look_at_allowing(by, reason, found.owner, at)

        def work(turn: Turn) -> Entry:
            now = turn.listed(entry_id)
            if now is None or now.entry is None or (now.entry.until is not None and now.entry.until <= at):
                message = "an allowlist entry that is over stays so"
                raise GovernanceError("entry-is-over", "always.one_life", message)
            ended = replace(now.entry, until=max(at, now.entry.since))
            self._record_entry(turn, "disallow", by, ended, at, reason)
            turn.put_entry(ended)
            return ended

        return self._store.turn(work, self._about(found.subject), self._writer)

    def _look_at_allowing(self, by: Actor, reason: str, owner: str, at: int) -> None:
        look_at_staff(by, self._governance)
        look_at_words(by, at, reason, owner)
        look_at_keeper(by, reason, owner, self._governance)

    def _record_entry(self, turn: Turn, act: str, by: Actor, entry: Entry, at: int, reason: str) -> None:
        details: dict[str, Tree] = {
            "until": None if entry.until is None else instant_text(entry.until),
            "roles": _listed(by.roles),
            "owner": entry.owner,
        }
        self._record(turn, act, by, entry.entry_id, at, details, _personal(entry.subject), {"reason": reason})

    # ---- cases

    def tell_case(self, by: Actor, case_id: str, act: str, text: str, *, at: int) -> CaseRecord:
        """Record something of a case outside any call.

        Args:
            by: who has it on record.
            case_id: the case.
            act: `explain`, `result` (the explicit final result) or `new_fact`.
            text: what was explained, what the result is, or what is new.
            at: when.

        Raises:
            GovernanceError: the person has no role that the norm names, or says nothing, or it lies before the case.
            UsageError: there is no such act, or no such case.
        """
        kinds = {"explain": Explained, "result": FinalResult, "new_fact": NewFact}
        if act not in kinds:
            raise UsageError(f"there is no `{act}` of a case; there are {', '.join(kinds)}")
        look_at_staff(by, self._governance)
        look_at_words(by, at, text)
        if not by.roles & frozenset(self._governance.roles):
            raise GovernanceError("role-missing", "roles", f"`{act}` needs a role that the norm names")
        if not text.strip():
            raise GovernanceError("text-missing", "always.reason", f"`{act}` needs a text")
        event = kinds[act](call_id=new_id("desk:"), seq=0, at=at, text=text, case_id=case_id)

        def work(turn: Turn) -> CaseRecord:
            known = turn.case(case_id)
            if known is None:
                raise UsageError("there is no such case; a case begins with a call that is linked to it")
            if at < known.began_at:
                message = f"`{act}` comes before anything was heard of the case"
                raise GovernanceError("before-the-case", "always.in_order", message)
            personal: Mapping[str, Tree] = {"case": case_id}
            self._record(
                turn, f"case_{act}", by, event.call_id, at, {"roles": _listed(by.roles)}, personal, {"text": text}
            )
            turn.receive_case(case_id, event, by.person)
            record = turn.case(case_id)
            # INVARIANT: it was there, and an event has come since.
            assert record is not None
            return record

        return self._store.turn(work, (), self._writer)

    # ---- the record

    def _record(  # noqa: PLR0913, PLR0917 - what a record holds
        self,
        turn: Turn,
        act: str,
        by: Actor,
        subject: str,
        at: int,
        details: Mapping[str, Tree],
        personal: Mapping[str, Tree],
        words: Mapping[str, Tree],
    ) -> None:
        draft = act_draft(act, by.person or SYSTEM_NAME, subject, at, details=details, personal=personal, words=words)
        pen = Pen(Chain(turn.head(self._writer)), self._store.keys)
        pen.write(draft, subject)
        turn.append(pen.kept)

    def _about(self, subject: Subject) -> tuple[Identity, ...]:
        # WHY only one: whoever blocks a prefix does not race with the callers in it, whose own blocks stay theirs.
        return () if subject.prefix or subject.last is not None else (subject.identity,)


def _blocks(covering: Iterable[Listed]) -> list[Block]:
    return [each.block for each in covering if each.block is not None]


def _listed(roles: Iterable[str]) -> list[Tree]:
    return [*sorted(roles)]


def _personal(subject: Subject) -> dict[str, Tree]:
    return {"value": subject.identity.value, "last": subject.last}
