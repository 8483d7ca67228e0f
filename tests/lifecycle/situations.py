"""Blocks in the situations in which somebody wants to go on with them."""

from __future__ import annotations

from dataclasses import replace

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
    Shield,
)
from callpolicy.lists import Subject
from callpolicy.policy import Governance, Term
from tests.lifecycle.making import (
    AGENT,
    DAY,
    DESK,
    DESK_2,
    GOVERNANCE,
    HOUR,
    OPERATOR,
    Life,
    active,
    automatic,
    evidence,
)

KEEP, LIFT = ReviewOutcome.KEEP, ReviewOutcome.LIFT
SHORTEN, EXTEND = ReviewOutcome.SHORTEN, ReviewOutcome.EXTEND
AREA = Subject(Identity(IdentityKind.NUMBER, "+121255501"), prefix=True)


def life(*, governance: Governance = GOVERNANCE, shield: Shield | None = None) -> Life:
    return Life(governance, shield)


def proposed(by: Actor = AGENT, term: Term | int = Term.DAY, governance: Governance = GOVERNANCE) -> Life:
    made = life(governance=governance)
    made.tell(Propose, by, 0, term=term)
    return made


def appealed() -> Life:
    made = active()
    made.tell(Appeal, AGENT, HOUR)
    return made


def asked_for_longer(by: Actor = DESK, term: Term | int = Term.WEEK) -> Life:
    made = active()
    made.tell(Review, by, HOUR, outcome=EXTEND, term=term)
    return made


def once_confirmed() -> Life:
    made = proposed(SYSTEM, Term.MONTH)
    made.tell(Confirm, DESK, 0)
    return made


def shielded(made: Life, shield: Shield) -> Life:
    made.shield = shield
    return made


def without_terms(made: Life) -> Life:
    made.governance = replace(GOVERNANCE, terms={Term.DAY: GOVERNANCE.terms[Term.DAY]})
    return made


def after_a_lift(made: Life) -> Life:
    other = active(block_id="b0", evidence=evidence(("old", 0)))
    other.tell(Lift, DESK, HOUR)
    made.others = [other.made]
    return made


def confirmed_while_another_was_lifted() -> Life:
    made = proposed()
    made.tell(Confirm, DESK, 0)
    return after_a_lift(made)


def once_ready() -> Life:
    made = proposed()
    made.tell(Confirm, DESK, 0)
    return made


def permanent() -> Life:
    return active(term=Term.PERMANENT)


def confirmed_automatic() -> Life:
    made = automatic()
    made.tell(Confirm, DESK, HOUR)
    return made


def decide_by_proposer() -> object:
    made = proposed(DESK_2)
    made.tell(Confirm, DESK, 0)
    made.tell(Activate, OPERATOR, 0)
    made.tell(Appeal, AGENT, HOUR)
    return made.tell(DecideAppeal, DESK_2, 2 * HOUR, outcome=AppealOutcome.KEEP)


def decide_by_reviewer() -> object:
    made = active()
    made.tell(Review, DESK_2, HOUR, outcome=KEEP)
    made.tell(Appeal, AGENT, 2 * HOUR)
    return made.tell(DecideAppeal, DESK_2, 3 * HOUR, outcome=AppealOutcome.KEEP)


def decide_by_lodger() -> object:
    made = active()
    made.tell(Appeal, DESK_2, HOUR)
    return made.tell(DecideAppeal, DESK_2, 2 * HOUR, outcome=AppealOutcome.LIFT)


def twice() -> object:
    made = life()
    made.others = [active().made]
    return made.tell(Propose, AGENT, DAY)
