"""`governance.yaml` becomes checked data: who judges, operates and maintains blocks, per term (NORM 3.2)."""

from __future__ import annotations

from itertools import pairwise

from callpolicy.numbering import is_region
from callpolicy.policy import (
    ANY_OTHER_REGION,
    Allowlisting,
    Governance,
    Ladder,
    Term,
    TermRules,
    person_key,
    term_length,
)
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.settings import look_at_repeats
from callpolicy.rulefile.shapes import GovernanceFile
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path


def make_governance(desk: Desk, shape: GovernanceFile, time_zone: str) -> Governance:
    """The declared rules about blocks, with every fault of them handed in.

    Args:
        desk: where faults go.
        shape: the file.
        time_zone: the centre's zone, as `policy.yaml` names it.
    """
    _look_at_terms(desk, shape)
    _look_at_durations(desk, shape)
    _look_at_ladder(desk, shape)
    _look_at_allowlist(desk, shape)
    _look_at_staff(desk, shape)
    for region in shape.shortest_prefix:
        if region != ANY_OTHER_REGION and not is_region(region):
            message = f"{quoted(region)} is no region that has numbers"
            hint = f"write `CN`, `US`, `DE` …, or `{ANY_OTHER_REGION}`"
            desk.fault(("shortest_prefix", region), "unknown-region", message, hint, key=True)
    return Governance(
        roles={name: dict(title) for name, title in shape.roles.items()},
        terms={
            term: TermRules(
                judge=tuple(each.judge),
                operate=tuple(each.operate),
                maintain=tuple(each.maintain),
                review_every=each.review_every,
                four_eyes=each.four_eyes,
            )
            for term, each in sorted(shape.terms.items(), key=lambda item: term_length(item[0]))
        },
        longest_automatic_term=shape.longest_automatic_term,
        confirm_within=shape.confirm_within,
        automatic_hang_up=shape.automatic_hang_up,
        four_eyes_over=shape.four_eyes_over,
        review_within=shape.review_within,
        overdue_reviews=shape.overdue_reviews,
        appeal_within=shape.appeal_within,
        overdue_appeals=shape.overdue_appeals,
        longest_reason=shape.longest_reason,
        shortest_prefix=dict(shape.shortest_prefix),
        ladder=Ladder(tuple(shape.ladder.steps), shape.ladder.look_back, shape.ladder.decay) if shape.ladder else None,
        allowlist=Allowlisting(tuple(shape.allowlist.maintain), shape.allowlist.longest) if shape.allowlist else None,
        staff={person: tuple(roles) for person, roles in (shape.staff or {}).items()},
        time_zone=time_zone,
    )


def _look_at_terms(desk: Desk, shape: GovernanceFile) -> None:
    for term, each in shape.terms.items():
        for duty in ("judge", "operate", "maintain"):
            _look_at_named(desk, ("terms", str(term), duty), getattr(each, duty), shape)
        if each.review_every == 0:
            desk.fault(
                ("terms", str(term), "review_every"), "bad-duration", "a block cannot be looked at every 0 seconds"
            )
    if shape.longest_automatic_term is Term.PERMANENT:
        message = "the system may not block for ever by itself"
        desk.fault(("longest_automatic_term",), "bad-term", message, "write the longest term that needs no person")


def _look_at_named(desk: Desk, path: Path, roles: list[str], shape: GovernanceFile) -> None:
    for position, role in enumerate(roles):
        if role not in shape.roles:
            desk.unknown((*path, position), "unknown-role", "role", role, shape.roles)


def _look_at_durations(desk: Desk, shape: GovernanceFile) -> None:
    if shape.confirm_within == 0:
        message = "a block of the system that must be confirmed within 0 seconds never holds"
        hint = "write how long it holds unconfirmed, or leave `longest_automatic_term` out"
        desk.fault(("confirm_within",), "bad-duration", message, hint)
    if shape.appeal_within == 0:
        message = "nobody can answer an appeal within 0 seconds"
        desk.fault(("appeal_within",), "bad-duration", message, "write how long a person has for it")


def _look_at_ladder(desk: Desk, shape: GovernanceFile) -> None:
    if shape.ladder is None:
        return
    for position, (before, step) in enumerate(pairwise(shape.ladder.steps), start=1):
        if term_length(step) < term_length(before):
            message = "this step is shorter than the one before it"
            desk.fault(("ladder", "steps", position), "ladder-goes-down", message, "write the shortest term first")
    for position, step in enumerate(shape.ladder.steps):
        if isinstance(step, Term) and step not in shape.terms:
            message = f"nobody is named who judges a block for the term {quoted(step)}"
            hint = did_you_mean(step, map(str, shape.terms))
            desk.fault(("ladder", "steps", position), "term-without-governance", message, hint)
    for name, hint in (
        ("look_back", "write how far back blocks count, such as `180d`"),
        ("decay", "write after how long one step is forgotten, such as `90d`, or leave it out"),
    ):
        if getattr(shape.ladder, name) == 0:
            desk.fault(("ladder", name), "bad-duration", f"`{name}` of a ladder cannot be 0 seconds", hint)


def _look_at_allowlist(desk: Desk, shape: GovernanceFile) -> None:
    if shape.allowlist is None:
        return
    _look_at_named(desk, ("allowlist", "maintain"), shape.allowlist.maintain, shape)
    look_at_repeats(desk, ("allowlist", "maintain"), shape.allowlist.maintain)
    if shape.allowlist.longest == 0:
        message = "an entry that lasts 0 seconds at most protects nobody"
        hint = "write how long one may last, such as `365d`, or leave it out"
        desk.fault(("allowlist", "longest"), "bad-duration", message, hint)


def _look_at_staff(desk: Desk, shape: GovernanceFile) -> None:
    persons: dict[str, str] = {}
    for person, roles in (shape.staff or {}).items():
        before = persons.setdefault(person_key(person), person)
        if before != person:
            message = f"{quoted(person)} is the same person as {quoted(before)}"
            hint = "write each person once, with all of their roles; capitals and width of letters tell nobody apart"
            desk.fault(("staff", person), "duplicate-person", message, hint, key=True)
        _look_at_named(desk, ("staff", person), roles, shape)
        look_at_repeats(desk, ("staff", person), roles)


def look_at_roles(desk: Desk, known: Known) -> None:
    """Hand in what is wrong with the titles of the roles."""
    roles = desk.document.at(("roles",))
    for name in roles if isinstance(roles, dict) else ():
        look_at_texts(desk, known, ("roles", name), placeholders=False)
