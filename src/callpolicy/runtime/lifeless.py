"""Blocklist entries that were put without a life: nobody proposed or judged them here; persons can lift them.

They come from hosts that put them into the store, and from stores of the first version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from callpolicy.audit import Tree
from callpolicy.errors import GovernanceError, UsageError
from callpolicy.instants import LATEST, instant_text
from callpolicy.lifecycle import Actor, Evidence, Lift, State
from callpolicy.lifecycle.guards import look_at_texts, not_on_record
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Governance, Term, TermRules, term_length
from callpolicy.stores.base import Listed

_STICKS: Final = "always.lifting_sticks"


def lifeless(listed: Listed | None) -> Entry | None:
    """The blocklist entry of what has no life; `None` for a block with one, for the allowlist, and for nothing."""
    if listed is None or listed.block is not None or listed.entry is None:
        return None
    return listed.entry if listed.entry.on is ListName.BLOCKLIST else None


def no_such_block(listed: Listed | None, at: int) -> UsageError:
    """What to say where a block with a life is asked for, and there is none.

    Args:
        listed: what there is of that id.
        at: when it is asked for.
    """
    entry = lifeless(listed)
    if entry is None:
        return UsageError("there is no block of that id; see `callpolicy block list`")
    if is_over(entry, at):
        return UsageError("this is an entry that was put without a life, and it is over; nothing is to be done with it")
    return UsageError(
        "this is an entry that was put without a life: nobody confirms, reviews or hears appeals against it; "
        "`callpolicy block lift` ends it"
    )


def entry_in(listed: Listed | None) -> Entry:
    """The entry that is to be lifted.

    Raises:
        UsageError: there is none, or it is a block with a life.
    """
    entry = lifeless(listed)
    if entry is not None:
        return entry
    if listed is not None and listed.block is not None:
        raise UsageError("this block has a life; it is lifted by an act on it")
    raise UsageError("there is no block of that id; see `callpolicy block list`")


def is_over(entry: Entry, at: int) -> bool:
    """Whether an entry has ended for good, or was lifted before it began."""
    return entry.until is not None and entry.until <= max(at, entry.since)


def term_of(entry: Entry) -> Term | int:
    """The term whose rules hold for an entry: as long as it was put for."""
    until = entry.until if entry.term_until is None else entry.term_until
    return Term.PERMANENT if until is None or until >= LATEST else max(until - entry.since, 1)


def who_may_lift(entry: Entry, governance: Governance) -> tuple[Term | None, tuple[str, ...]]:
    """The named term whose rules say who may lift an entry, and the roles: those that may lift a block of that term."""
    # WHY the longest: as for a block, a norm that no longer declares the term must not keep it from being lifted.
    named = governance.named_term(term_of(entry)) or max(governance.terms, key=term_length, default=None)
    rules = TermRules((), (), (), 1) if named is None else governance.terms[named]
    return named, tuple(dict.fromkeys((*rules.judge, *rules.operate, *rules.maintain)))


def lifted(entry: Entry, act: Lift, governance: Governance) -> Entry:
    """An entry after somebody lifted it. Its end takes it back, as with a block that is lifted.

    Args:
        entry: as it is.
        act: who lifts it, when and why.
        governance: what the norm declares.

    Returns:
        the entry with its new end; what it was put for stays in `term_until`, if it ever held.

    Raises:
        GovernanceError: it is over, or a rule of governance refused.
    """
    look_at_texts(act, governance)
    if is_over(entry, act.at):
        raise GovernanceError("block-is-over", "always.transitions", "an entry that is over stays so; propose a block")
    _look_at_lifter(act.by, entry, governance)
    held = entry.since < act.at
    put_for = entry.term_until or (LATEST if entry.until is None else entry.until)
    return replace(
        entry, until=max(act.at, entry.since), term_until=put_for if held else None, taken_back=True
    )  # fmt: skip


def lift_details(act: Lift, entry: Entry) -> dict[str, Tree]:
    """What the record of a lift says beside whom, as that of a block that is lifted.

    Args:
        act: the lift.
        entry: as it is after it.
    """
    return {
        "move": act.name,
        "state": str(State.LIFTED),
        "until": None if entry.until is None else instant_text(entry.until),
        "roles": [*sorted(act.by.roles)],
        "evidence": [],
    }


def _look_at_lifter(by: Actor, entry: Entry, governance: Governance) -> None:
    if by.is_system:
        message = "the system lifts only what it blocked itself and no person has confirmed"
        raise GovernanceError("system-may-not", "always.persons_decide", message)
    named, roles = who_may_lift(entry, governance)
    if not by.roles & set(roles):
        needed = ", ".join(f"`{role}`" for role in roles) or "none"
        message = f"`lift` needs one of the roles {needed}"
        raise GovernanceError("role-missing", "terms" if named is None else f"terms.{named}", message)


# ---- lifting sticks


def lifts(covering: Iterable[Listed], subject: Subject, at: int) -> Iterator[tuple[Entry, int]]:
    """The entries that kept out some of these callers and were lifted by an instant, each with when that was."""
    for each in covering:
        entry = lifeless(each)
        if entry is None or entry.until is None or not entry.taken_back or not entry.since < entry.until <= at:
            continue
        if entry.subject.overlaps(subject):
            yield entry, entry.until


def look_at_lifted(
    covering: Iterable[Listed],
    subject: Subject,
    evidence: Collection[Evidence],
    at: int,
    recorded: Collection[str] | None = None,
) -> None:
    """Refuse what would bring a lifted entry back, as for blocks: there must be a decision made since.

    Args:
        covering: all that may cover the same callers.
        subject: whom the block would cover.
        evidence: what it would rest on.
        at: when.
        recorded: ids of the decisions among them that are on record; `None` where that does not matter.

    Raises:
        GovernanceError: an entry was lifted, and no decision made since is named, or none of them is on record.
    """
    for entry, end in lifts(covering, subject, at):
        since = [each for each in evidence if each.at > end and each.decision_id not in entry.evidence]
        if not since:
            message = "an entry of the same callers was lifted, and no decision made since is named"
            raise GovernanceError("no-new-evidence", _STICKS, message)
        if recorded is not None and not any(each.decision_id in recorded for each in since):
            raise not_on_record()


def look_at_what_persons_lifted(covering: Iterable[Listed], subject: Subject, at: int) -> None:
    """Refuse that the system blocks by itself whom a person let in again, for as long as the entry was to last.

    Raises:
        GovernanceError: the system may not.
    """
    for entry, end in lifts(covering, subject, at):
        put_for = (entry.term_until or end) - entry.since
        if at < end + put_for:
            message = "a person lifted an entry of the same caller; for as long as it was to last, persons decide"
            raise GovernanceError("no-new-evidence", _STICKS, message)
