"""Whom a block may never cover, and how many it may cover at once."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.numbering import read_beginning, service_code
from callpolicy.policy import Governance, Settings

_LONGEST: Final = len("+") + 15
"""Source: ITU-T E.164, 6.2.1: a number has at most 15 digits."""


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


def look_at_width(subject: Subject, governance: Governance, *, doing: str = "blocked") -> None:
    """Refuse a prefix or a range that would cover too many, and what would cover nobody.

    Args:
        subject: whom an entry is to cover.
        governance: how wide it may be.
        doing: what is to be done with them, for the message.

    Raises:
        GovernanceError: it is wider than the norm declares, or its region is not declared; or it is not canonical, or
            longer than any number.
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
    if subject.prefix and len(subject.identity.value) > _LONGEST:
        message = "this prefix has more digits than any number; nobody would be covered"
        raise GovernanceError("too-narrow", "always.canonical", message)
    region, digits = begins
    fewest = governance.fewest_digits(region)
    if fewest is None:
        message = f"no {what} of this region may be {doing}; none is declared for it"
        raise GovernanceError("width-not-declared", "shortest_prefix", message)
    most = 10 ** max(0, digits - fewest)
    if (subject.width is None and digits < fewest) or (subject.width is not None and subject.width > most):
        rule = f"shortest_prefix.{region if region in governance.shortest_prefix else 'other'}"
        rest = f"needs {fewest} digits after the country code" if subject.prefix else f"covers at most {most} numbers"
        raise GovernanceError("too-wide", rule, f"this {what} covers too many callers; one here {rest}")
