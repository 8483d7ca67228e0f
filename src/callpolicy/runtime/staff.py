"""Who acts at the desk: persons with the roles that the norm gives them, and what they may write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callpolicy.errors import GovernanceError, UsageError
from callpolicy.lifecycle import Act, Actor
from callpolicy.policy import Governance, person_key

SYSTEM_NAME: Final = "system"
"""What the system is called where an act says who did it."""


def actor_of(person: str, roles: Iterable[str], governance: Governance) -> Actor:
    """Who acts, with the roles that the norm gives, or, if it names no staff, those that are said.

    Args:
        person: the person's id.
        roles: the roles in which the person acts; none for all that the norm gives.
        governance: what the norm declares.

    Raises:
        GovernanceError: the norm names its staff, and not this person, or not in this role; or no such role.
        UsageError: the id is none.
    """
    if person_key(person) == SYSTEM_NAME:
        raise UsageError(f"`{SYSTEM_NAME}` is what the system itself is called; a person needs another id")
    said = frozenset(roles)
    given = governance.roles_of(person)
    if given is not None and not given:
        raise GovernanceError("not-of-the-staff", "staff", "this person is not of the staff that the norm names")
    odd = sorted(said - (frozenset(governance.roles) if given is None else given))
    if odd:
        message = f"`{odd[0]}` is no role of the norm" if given is None else f"this person has not the role `{odd[0]}`"
        raise GovernanceError("role-missing", "roles" if given is None else "staff", message)
    try:
        return Actor(person, said or given or frozenset())
    except ValueError as error:
        raise UsageError(str(error)) from None


def look_at_staff(by: Actor, governance: Governance) -> None:
    """Refuse roles that the norm does not give; whoever names no role has none to misuse.

    Raises:
        GovernanceError: the norm names its staff, and not this person, or not in this role.
    """
    given = None if by.person is None else governance.roles_of(by.person)
    if given is None:
        return
    if not given:
        raise GovernanceError("not-of-the-staff", "staff", "this person is not of the staff that the norm names")
    odd = sorted(by.roles - given)
    if odd:
        raise GovernanceError("role-missing", "staff", f"this person has not the role `{odd[0]}`")


def look_at_words(by: Actor, at: int, *texts: str) -> None:
    """Refuse an instant that no act can have, and texts that no record can hold.

    Raises:
        UsageError: they are none.
    """
    try:
        for text in texts:
            Act(by=by, at=at, reason=text)
    except ValueError as error:
        raise UsageError(str(error)) from None
