"""Whom a block may never cover, and how many it may cover at once."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.numbering import read_beginning, service_code
from callpolicy.policy import Governance, Settings


class Shield(StrEnum):
    """Why somebody may not be blocked."""

    PROTECTED = "protected"
    ALLOWLISTED = "allowlisted"


def shield_of(subject: Subject, settings: Settings, allowlist: Iterable[Entry], at: int) -> Shield | None:
    """Whether a block would cover somebody who may not be blocked.

    Args:
        subject: whom the block is to cover.
        settings: the norm's, for its protected numbers.
        allowlist: entries; those of the allowlist that hold at the instant count.
        at: the instant.

    Returns:
        why not, `protected` before `allowlisted`; `None` if nothing speaks against it.
    """
    # WHY the code too: a service is protected behind the area code of every city.
    one = subject.identity.kind is IdentityKind.NUMBER and not subject.prefix and subject.last is None
    code = service_code(subject.identity.value) if one else None
    for numbers in settings.protected_numbers.values():
        if code in numbers or any(subject.covers(Identity(IdentityKind.NUMBER, number)) for number in numbers):
            return Shield.PROTECTED
    allowing = (entry for entry in allowlist if entry.on is ListName.ALLOWLIST and entry.holds(at))
    return Shield.ALLOWLISTED if any(entry.subject.overlaps(subject) for entry in allowing) else None


def look_at_width(subject: Subject, governance: Governance) -> None:
    """Refuse a prefix or a range that would cover too many, and a number that would cover nobody.

    Raises:
        GovernanceError: it is wider than the norm declares, or its region is not declared; or it is not canonical.
    """
    if subject.identity.kind is not IdentityKind.NUMBER:
        return
    begins = read_beginning(subject.identity.value)
    if not subject.prefix and subject.last is None:
        if begins is None:
            message = "this is not a number in canonical form; nobody would be kept out"
            raise GovernanceError("not-canonical", "always.canonical", message)
        return
    what = "prefix" if subject.prefix else "range"
    if begins is None or (subject.last is not None and read_beginning(subject.last) != begins):
        message = f"this {what} is not the beginning of numbers of one country"
        raise GovernanceError("too-wide", "shortest_prefix", message)
    region, digits = begins
    fewest = governance.fewest_digits(region)
    if fewest is None:
        message = f"no {what} of this region may be blocked; none is declared for it"
        raise GovernanceError("width-not-declared", "shortest_prefix", message)
    most = 10 ** max(0, digits - fewest)
    if (subject.width is None and digits < fewest) or (subject.width is not None and subject.width > most):
        rule = f"shortest_prefix.{region if region in governance.shortest_prefix else 'other'}"
        rest = f"needs {fewest} digits after the country code" if subject.prefix else f"covers at most {most} numbers"
        raise GovernanceError("too-wide", rule, f"this {what} covers too many callers; one here {rest}")
