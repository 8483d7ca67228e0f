"""The audit trail of one engine: every decision and every block of the system gets its place in one chain."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from callpolicy.audit import Chain, Draft, Keys, act_draft, decision_draft
from callpolicy.decision import Decision
from callpolicy.engine import Plan
from callpolicy.instants import duration_text, instant_text
from callpolicy.lifecycle import Block
from callpolicy.policy import Term
from callpolicy.runtime.ids import new_id
from callpolicy.stores.base import Kept

SYSTEM: Final = "system"
UNRECORDED: Final = "unrecorded"
"""Subject of the record that a decision could not be recorded."""

_SALT: Final = 16
_PART: Final = "~"


@dataclass(slots=True)
class Pen:
    """Writes records after the last one, without their counting yet: the store may still refuse them.

    Args:
        chain: where the records before end.
        keys: of the centre.
        beside: whether the records go round the store's being down; see `Recorder`.
        kept: what was written.
    """

    chain: Chain
    keys: Keys
    beside: bool = False
    kept: list[Kept] = field(default_factory=list)

    def write(self, draft: Draft, ref: str) -> None:
        """Give a draft its place in the chain.

        Raises:
            AuditError: it cannot be written.
        """
        appended = self.chain.append(draft, keys=self.keys, salt=os.urandom(_SALT) if draft.personal else b"")
        self.chain = appended.chain
        self.kept.append(Kept(appended.record, appended.part, ref))


class Recorder:
    """Where the chains of an engine end, and what goes into them.

    INVARIANT: what is written into the store at once, and what waits for the store first, never stand in one chain: a
    record that waits would be a gap in it until it is delivered.

    Args:
        chain: where it ends now.
        keys: of the centre.
        plan: the compiled norm: which facts are personal, which of them may stand in clear text, and which are looked
            at.
    """

    def __init__(self, chain: Chain, keys: Keys, plan: Plan) -> None:
        self._chain = chain
        self._beside: Chain | None = None
        self._process = os.getpid()
        self._keys = keys
        self._catalogue = plan.bundle.catalogue
        self._clear = plan.bundle.settings.clear
        self._looked_at = {point: recheck.facts for point, recheck in plan.rechecks.items()}

    @property
    def writer(self) -> str:
        """Who writes."""
        return self._chain.head.writer

    def pen(self, *, beside: bool = False) -> Pen:
        """What writes on from the last record that counts.

        Args:
            beside: whether what is written will wait for the store.
        """
        if self._process != os.getpid():
            # WHY: after a fork the chains are the parent's.
            self._process = os.getpid()
            self.begin_anew()
        if not beside:
            return Pen(self._chain, self._keys)
        if self._beside is None:
            self._beside = self._another()
        return Pen(self._beside, self._keys, beside=True)

    def take(self, pen: Pen) -> None:
        """What a pen wrote counts from now on."""
        if pen.beside:
            self._beside = pen.chain
        else:
            self._chain = pen.chain

    def begin_anew(self) -> None:
        """Go on as another writer.

        WHY: a store that failed may have kept the last records or not, and the next ones must not take their places.
        """
        self._chain = self._another()
        self._beside = None

    def _another(self) -> Chain:
        base = self.writer.partition(_PART)[0]
        return Chain.begin(new_id(f"{base}{_PART}"))

    def draft_of(self, decision: Decision) -> Draft:
        """What is recorded of a decision.

        Raises:
            AuditError: what is personal in it cannot be masked.
        """
        looked_at = self._looked_at[decision.point]
        return decision_draft(decision, self._catalogue, clear=self._clear, looked_at=looked_at)


def new_writer() -> str:
    """A name that no other process writes under."""
    return new_id("engine-")


def block_draft(block: Block, act: str) -> Draft:
    """What is recorded of what the system did with a block."""
    step = block.steps[-1]
    proposal = block.proposal
    term = proposal.term
    until = step.footing.until
    return act_draft(
        act,
        SYSTEM,
        block.block_id,
        step.act.at,
        details={
            "state": str(step.footing.state),
            "term": str(term) if isinstance(term, Term) else duration_text(term),
            "until": None if until is None else instant_text(until),
            "rules": proposal.reason,
            "evidence": [each.decision_id for each in proposal.evidence],
        },
        personal={"value": block.subject.identity.value},
    )


def failure_draft(decision: Decision, code: str) -> Draft:
    """What is recorded where a decision could not be: that there was one, and nothing that could show a person."""
    return Draft(
        at=decision.at,
        kind="failure",
        subject=UNRECORDED,
        body={"failure": {"code": code, "point": str(decision.point), "effect": str(decision.effect)}},
    )


def activation_draft(revision: str, at: int) -> Draft:
    """What is recorded when a norm begins to decide."""
    return Draft(at=at, kind="activation", subject=revision, body={"activation": {"revision": revision}})


def lost_draft(number: int, at: int) -> Draft:
    """What is recorded where things were given up while the store was down."""
    return Draft(at=at, kind="failure", subject=UNRECORDED, body={"failure": {"code": "given-up", "number": number}})
