"""Decisions on record as evidence: whom they were about, and that nobody is blocked for what another caller did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from callpolicy.audit import whole_body
from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Act, Appeal, Block, Evidence, Lift
from callpolicy.lifecycle.guards import TOWARDS_A_BLOCK, look_at_record
from callpolicy.lists import Subject
from callpolicy.runtime.lifeless import look_at_lifted
from callpolicy.stores.base import AGAIN, Kept, Listed, Store

_FACTS: Final = {f"caller.{kind}": kind for kind in (IdentityKind.NUMBER, IdentityKind.CUSTOMER)}
_RULE: Final = "always.evidence"


def why_no_evidence(store: Store, subject: Subject, evidence: Iterable[Evidence]) -> GovernanceError | None:
    """Why a block may not rest on decisions on record here: one was about nobody whom it covers.

    What is on no record here, as a row of a file or a decision of another system, cannot be looked at.

    Args:
        store: where decisions are recorded.
        subject: whom the block covers.
        evidence: what it is to rest on.

    Returns:
        the refusal: a decision was about another caller, or nobody can say any more whom it was about; `None` if
        nothing speaks against it.

    Raises:
        AuditError: what is recorded of a decision was changed.
    """
    for each in evidence:
        kept = recorded(store, each.decision_id)
        callers = None if kept is None else callers_of(store, kept)
        if kept is not None and callers is None:
            # WHY refused: a block must not rest on what nobody can look up; without it the caller stays free.
            message = "the personal part of a decision was erased, so that it says of nobody whom it was about"
            return GovernanceError("evidence-erased", _RULE, message)
        if callers is not None and not any(subject.covers(caller) for caller in callers):
            message = "a decision about another caller, or about nobody known, is no evidence"
            return GovernanceError("evidence-of-another", _RULE, message)
    return None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was looked up of evidence before anything is done with it.

    Args:
        odd: why it is none; `None` if nothing speaks against it.
        known: the ids of what is on record here; `None` where that does not matter.
    """

    odd: GovernanceError | None
    known: frozenset[str] | None = None

    def accept(self, block: Block, covering: Sequence[Listed], at: int) -> None:
        """Refuse a block that rests on no evidence, or brings a lifted one back on what nobody can look up.

        Args:
            block: as it would be.
            covering: all others of either list, past ones too, that may cover the same callers.
            at: when.

        Raises:
            GovernanceError: it does.
        """
        if self.odd is not None:
            raise self.odd
        if self.known is not None and block.steps[-1].move in TOWARDS_A_BLOCK:
            others = [each.block for each in covering if each.block is not None]
            look_at_record(block.subject, block.evidence, self.known, others, at)
            look_at_lifted(covering, block.subject, block.evidence, at, self.known)


def look_up(store: Store, subject: Subject, evidence: Iterable[Evidence]) -> LookedUp:
    """Look up what a proposal rests on.

    Args:
        store: where decisions are recorded.
        subject: whom the block would cover.
        evidence: what it rests on.
    """
    held = tuple(evidence)
    return LookedUp(why_no_evidence(store, subject, held), _on_record(store, held))


def look_up_act(store: Store, block: Block, act: Act) -> LookedUp:
    """Look up what an act on a block rests on.

    Args:
        store: where decisions are recorded.
        block: as it is.
        act: what is done with it.
    """
    # WHY not these: what is done for a caller is not kept back by what it rests on.
    if isinstance(act, Lift | Appeal):
        return LookedUp(None)
    known = _on_record(store, (*block.evidence, *act.evidence))
    return LookedUp(why_no_evidence(store, block.subject, act.evidence), known)


def _on_record(store: Store, evidence: Iterable[Evidence]) -> frozenset[str]:
    names = dict.fromkeys(each.decision_id for each in evidence)
    return frozenset(name for name in names if recorded(store, name) is not None)


def recorded(store: Store, decision_id: str) -> Kept | None:
    """The record of a decision, or `None`.

    Args:
        store: where decisions are recorded.
        decision_id: the decision.
    """
    decisions = [each for each in store.find(decision_id) if each.record.kind == "decision"]
    # WHY also the other: a decision that was made again after the store had failed is kept under the one alone.
    named = (each for name in (decision_id, f"{decision_id}{AGAIN}") for each in decisions if each.ref == name)
    return next(named, None)


def callers_of(store: Store, kept: Kept) -> tuple[Identity, ...] | None:
    """Whom a recorded decision was about: the number, the customer, both or nobody known.

    Args:
        store: where it was recorded.
        kept: its record.

    Returns:
        `None` if that stood in a personal part that is not there any more.

    Raises:
        AuditError: what is recorded of it was changed.
    """
    body = whole_body(kept.record, kept.part, store.keys)
    if body is None and any(f"facts/{name}" in kept.record.names for name in _FACTS):
        return None
    facts = (kept.record.body if body is None else body).get("facts", {})
    return tuple(Identity(kind, str(facts[name])) for name, kind in _FACTS.items() if name in facts)
