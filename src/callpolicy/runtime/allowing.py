"""What governance asks of an entry of the allowlist: who may, for how many callers, why, and until when."""

from __future__ import annotations

from callpolicy.errors import GovernanceError, UsageError
from callpolicy.instants import LATEST, duration_text
from callpolicy.lifecycle import Actor
from callpolicy.lifecycle.subjects import look_at_width
from callpolicy.lists import Subject
from callpolicy.policy import Governance


def look_at_keeper(by: Actor, reason: str, owner: str, governance: Governance) -> None:
    """Refuse who may not keep the allowlist, and what nobody answers for.

    Raises:
        GovernanceError: a rule of governance refused.
    """
    rules = governance.allowlist
    roles = () if rules is None else rules.maintain
    if not by.roles & frozenset(roles):
        needed = ", ".join(f"`{role}`" for role in roles) or "none, for the norm names nobody who keeps it"
        message = f"the allowlist is kept by the roles {needed}"
        raise GovernanceError("role-missing", "allowlist.maintain", message)
    if not reason.strip() or not owner.strip():
        raise GovernanceError("reason-missing", "always.reason", "an allowlist entry needs a reason and an owner")
    if len(reason) > governance.longest_reason:
        message = f"a reason has at most {governance.longest_reason} characters"
        raise GovernanceError("reason-too-long", "longest_reason", message)


def look_at_entry(subject: Subject, at: int, until: int | None, governance: Governance) -> None:
    """Refuse an entry that covers too many callers, or lasts too long.

    Raises:
        GovernanceError: a rule of governance refused.
        UsageError: it ends when no instant is.
    """
    if subject.width != 1:
        # WHY as for a block: whoever is on the allowlist no rule stops any more, nor a whole country.
        look_at_width(subject, governance, doing="allowlisted")
    longest = None if governance.allowlist is None else governance.allowlist.longest
    if longest is not None and (until is None or until > min(at + longest, LATEST)):
        message = f"an allowlist entry lasts at most {duration_text(longest)}; say until when"
        raise GovernanceError("term-too-long", "allowlist.longest", message)
    if until is not None and until > LATEST:
        raise UsageError("an allowlist entry ends by the end of 9999, or not at all")
    if until is not None and until < at:
        raise GovernanceError("already-over", "always.end_after_begin", "an allowlist entry ends after it begins")
