"""`governance.yaml` becomes checked data: who judges, operates and maintains blocks, per term (NORM 3.2)."""

from __future__ import annotations

from callpolicy.policy import Term, term_length
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.shapes import GovernanceFile
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts


def make_governance(desk: Desk, shape: GovernanceFile) -> dict[str, object]:
    """The declared rules about blocks as plain data.

    Returns:
        `roles` (role → texts), `terms` (term → `judge`, `operate`, `maintain`: tuples of roles, `review_every`: a
        duration in microseconds, `four_eyes`: bool), `longest_automatic_term` (a `Term`, microseconds, or `None`: the
        system sets none by itself) and `appeal_within` (microseconds or `None`).
    """
    for term, each in shape.terms.items():
        for duty in ("judge", "operate", "maintain"):
            for position, role in enumerate(getattr(each, duty)):
                if role not in shape.roles:
                    hint = did_you_mean(role, shape.roles)
                    desk.fault(
                        ("terms", str(term), duty, position), "unknown-role", f"role {quoted(role)} is not known", hint
                    )
        if each.review_every == 0:
            desk.fault(
                ("terms", str(term), "review_every"), "bad-duration", "a block cannot be looked at every 0 seconds"
            )
    if shape.longest_automatic_term is Term.PERMANENT:
        message = "the system may not block for ever by itself"
        desk.fault(("longest_automatic_term",), "bad-term", message, "write the longest term that needs no person")
    return {
        "roles": {name: dict(title) for name, title in shape.roles.items()},
        "terms": {
            term: {
                "judge": tuple(each.judge),
                "operate": tuple(each.operate),
                "maintain": tuple(each.maintain),
                "review_every": each.review_every,
                "four_eyes": each.four_eyes,
            }
            for term, each in sorted(shape.terms.items(), key=lambda item: term_length(item[0]))
        },
        "longest_automatic_term": shape.longest_automatic_term,
        "automatic_hang_up": shape.automatic_hang_up,
        "appeal_within": shape.appeal_within,
    }


def look_at_roles(desk: Desk, known: Known) -> None:
    """Hand in what is wrong with the titles of the roles."""
    roles = desk.document.at(("roles",))
    for name in roles if isinstance(roles, dict) else ():
        look_at_texts(desk, known, ("roles", name), placeholders=False)
