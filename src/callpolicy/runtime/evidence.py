"""Decisions on record as evidence: whom they were about, and that nobody is blocked for what another caller did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callpolicy.audit import whole_body
from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Act, Appeal, Evidence, Lift
from callpolicy.lists import Subject
from callpolicy.stores.base import Kept, Store

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


def held_against(act: Act) -> tuple[Evidence, ...]:
    """The decisions that an act holds against a caller.

    Args:
        act: what is done with a block.
    """
    # WHY not these: what is done for a caller is not kept back by what it rests on.
    return () if isinstance(act, Lift | Appeal) else act.evidence


def recorded(store: Store, decision_id: str) -> Kept | None:
    """The record of a decision, or `None`.

    Args:
        store: where decisions are recorded.
        decision_id: the decision.
    """
    decisions = (each for each in store.find(decision_id) if each.record.kind == "decision")
    return next((each for each in decisions if each.ref == decision_id), None)


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
