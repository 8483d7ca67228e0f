"""Every refusal, with its code and the rule of governance that refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from callpolicy.errors import GovernanceError
from callpolicy.lifecycle import (
    SYSTEM,
    Activate,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Lift,
    Propose,
    Review,
    Shield,
)
from callpolicy.policy import Governance, Term
from tests.lifecycle.making import (
    AGENT,
    DAY,
    DESK,
    DESK_2,
    GOVERNANCE,
    HOUR,
    LEADER,
    OPERATOR,
    STRANGER,
    active,
    automatic,
    evidence,
)
from tests.lifecycle.situations import (
    AREA,
    EXTEND,
    KEEP,
    LIFT,
    SHORTEN,
    after_a_lift,
    appealed,
    asked_for_longer,
    confirmed_automatic,
    confirmed_while_another_was_lifted,
    decide_by_lodger,
    decide_by_proposer,
    decide_by_reviewer,
    life,
    once_confirmed,
    once_ready,
    permanent,
    proposed,
    shielded,
    twice,
    without_terms,
)

REFUSED: dict[str, tuple[Callable[[], object], str, str]] = {
    "a reason is missing": (lambda: life().tell(Propose, AGENT, 0, reason=" \n"), "reason-missing", "always.reason"),
    "a reason is too long": (
        lambda: life().tell(Propose, AGENT, 0, reason="x" * 61), "reason-too-long", "longest_reason",
    ),
    "evidence is missing": (lambda: life().tell(Propose, AGENT, 0, evidence=()), "evidence-missing", "always.evidence"),
    "evidence is made later": (
        lambda: life().tell(Propose, AGENT, 0, evidence=evidence(("d", 1))), "evidence-from-future", "always.evidence",
    ),
    "an act comes before the last one": (
        lambda: active().tell(Lift, DESK, -1), "act-out-of-order", "always.in_order",
    ),
    "a stranger proposes": (lambda: proposed(STRANGER), "role-missing", "roles"),
    "a stranger appeals": (lambda: active().tell(Appeal, STRANGER, 0), "role-missing", "roles"),
    "nobody governs a term": (
        lambda: proposed(term=Term.WEEK, governance=replace(GOVERNANCE, terms={})), "term-without-governance", "terms",
    ),
    "nobody governs so long a duration": (
        lambda: proposed(term=31 * DAY, governance=without_terms(life()).governance),
        "term-without-governance", "terms",
    ),
    "an agent confirms": (lambda: proposed(LEADER).tell(Confirm, AGENT, 0), "role-missing", "terms.day.judge"),
    "a leader confirms a week": (
        lambda: proposed(term=Term.WEEK).tell(Confirm, LEADER, 0), "role-missing", "terms.week.judge",
    ),
    "a leader confirms three days, governed as a week": (
        lambda: proposed(term=3 * DAY).tell(Confirm, LEADER, 0), "role-missing", "terms.week.judge",
    ),
    "the desk confirms for ever": (
        lambda: proposed(term=Term.PERMANENT).tell(Confirm, DESK, 0), "role-missing", "terms.permanent.judge",
    ),
    "the system confirms": (lambda: proposed().tell(Confirm, SYSTEM, 0), "system-may-not", "terms.day.judge"),
    "who proposed confirms": (
        lambda: proposed(DESK).tell(Confirm, DESK, 0), "self-approval", "always.no_self_approval",
    ),
    "who proposed confirms under another spelling": (
        lambda: proposed(DESK).tell(Confirm, replace(DESK, person="ＤＥＳＫ-1"), 0),
        "self-approval", "always.no_self_approval",
    ),
    "one person is both confirmations": (
        lambda: once_confirmed().tell(Confirm, DESK, 1), "same-person-twice", "always.two_persons",
    ),
    "a judge enters": (
        lambda: once_ready().tell(Activate, DESK, 0),
        "role-missing", "terms.day.operate",
    ),
    "the system enters what a person proposed": (
        lambda: proposed().tell(Activate, SYSTEM, 0), "not-confirmed", "always.confirmed",
    ),
    "the system may not block by itself": (
        lambda: automatic(replace(GOVERNANCE, longest_automatic_term=None)),
        "automatic-not-allowed", "longest_automatic_term",
    ),
    "the system blocks for too long": (
        lambda: automatic(term=DAY + 1), "automatic-term-too-long", "longest_automatic_term",
    ),
    "the system blocks for ever": (
        lambda: automatic(replace(GOVERNANCE, longest_automatic_term=Term.PERMANENT), Term.PERMANENT),
        "automatic-term-too-long", "longest_automatic_term",
    ),
    "the system blocks a prefix": (lambda: automatic(subject=AREA), "automatic-too-wide", "always.one_caller"),
    "an operator reviews": (
        lambda: active().tell(Review, OPERATOR, 0, outcome=KEEP), "role-missing", "terms.day.maintain",
    ),
    "the system reviews": (
        lambda: active().tell(Review, SYSTEM, 0, outcome=LIFT), "system-may-not", "terms.day.maintain",
    ),
    "a shorter term is not shorter": (
        lambda: active().tell(Review, DESK, 0, outcome=SHORTEN, term=DAY), "not-shorter", "always.shorter_is_shorter",
    ),
    "a longer term is not longer": (
        lambda: active().tell(Review, DESK, 0, outcome=EXTEND, term=DAY), "not-longer", "always.longer_is_longer",
    ),
    "for ever is made longer": (
        lambda: permanent().tell(Review, DESK, 0, outcome=EXTEND, term=Term.PERMANENT),
        "not-longer", "always.longer_is_longer",
    ),
    "an extension is confirmed by who asked for it": (
        lambda: asked_for_longer().tell(Confirm, DESK, HOUR), "self-approval", "always.no_self_approval",
    ),
    "an extension is confirmed by who may not judge the longer term": (
        lambda: asked_for_longer(term=Term.PERMANENT).tell(Confirm, DESK_2, HOUR),
        "role-missing", "terms.permanent.judge",
    ),
    "a second appeal while one waits": (
        lambda: appealed().tell(Appeal, AGENT, 2 * HOUR), "appeal-waits", "always.transitions",
    ),
    "a review while an appeal waits": (
        lambda: appealed().tell(Review, DESK, 2 * HOUR, outcome=KEEP), "appeal-waits", "always.transitions",
    ),
    "no appeal waits": (
        lambda: asked_for_longer().tell(DecideAppeal, DESK_2, 2 * HOUR, outcome=AppealOutcome.KEEP),
        "no-appeal", "always.transitions",
    ),
    "an appeal is decided by who confirmed": (
        lambda: appealed().tell(DecideAppeal, DESK, 2 * HOUR, outcome=AppealOutcome.LIFT),
        "decided-before", "always.appeal_to_another",
    ),
    "an appeal is decided by who proposed": (
        decide_by_proposer, "decided-before", "always.appeal_to_another",
    ),
    "an appeal is decided by who reviewed": (
        decide_by_reviewer, "decided-before", "always.appeal_to_another",
    ),
    "an appeal is decided by who took it down": (
        decide_by_lodger, "own-appeal", "always.appeal_to_another",
    ),
    "an appeal is decided by who may not judge": (
        lambda: appealed().tell(DecideAppeal, OPERATOR, 2 * HOUR, outcome=AppealOutcome.LIFT),
        "role-missing", "terms.day.judge",
    ),
    "the system decides an appeal": (
        lambda: appealed().tell(DecideAppeal, SYSTEM, 2 * HOUR, outcome=AppealOutcome.LIFT),
        "system-may-not", "terms.day.judge",
    ),
    "an agent lifts": (lambda: active().tell(Lift, STRANGER, 0), "role-missing", "terms.day"),
    "the system lifts what persons decided": (
        lambda: active().tell(Lift, SYSTEM, 0), "system-may-not", "always.persons_decide",
    ),
    "the system takes back what a person has confirmed": (
        lambda: confirmed_automatic().tell(Lift, SYSTEM, HOUR), "system-may-not", "always.persons_decide",
    ),
    "a protected caller is proposed": (
        lambda: life(shield=Shield.PROTECTED).tell(Propose, AGENT, 0), "protected-caller", "always.protected",
    ),
    "a caller on the allowlist is proposed": (
        lambda: life(shield=Shield.ALLOWLISTED).tell(Propose, AGENT, 0), "allowlisted-caller", "always.allowlist",
    ),
    "a protected caller is confirmed": (
        lambda: shielded(proposed(), Shield.PROTECTED).tell(Confirm, DESK, 0), "protected-caller", "always.protected",
    ),
    "a protected caller is entered": (
        lambda: shielded(once_ready(), Shield.PROTECTED).tell(Activate, OPERATOR, 0),
        "protected-caller", "always.protected",
    ),
    "a protected caller is entered by the system": (
        lambda: shielded(proposed(SYSTEM), Shield.PROTECTED).tell(Activate, SYSTEM, 0),
        "protected-caller", "always.protected",
    ),
    "a protected caller is kept out": (
        lambda: shielded(active(), Shield.PROTECTED).tell(Review, DESK, 0, outcome=KEEP),
        "protected-caller", "always.protected",
    ),
    "a block of that id is there": (
        twice, "duplicate-block", "always.one_life",
    ),
    "a lifted block is proposed again": (
        lambda: after_a_lift(life()).tell(Propose, AGENT, 2 * HOUR, evidence=evidence(("old", 0))),
        "no-new-evidence", "always.lifting_sticks",
    ),
    "a lifted block returns under a later copy of its evidence": (
        lambda: after_a_lift(life()).tell(Propose, AGENT, 3 * HOUR, evidence=evidence(("old", 2 * HOUR))),
        "no-new-evidence", "always.lifting_sticks",
    ),
    "a lifted block returns on what was known before the lift": (
        lambda: after_a_lift(life()).tell(Propose, AGENT, 3 * HOUR, evidence=evidence(("other", HOUR))),
        "no-new-evidence", "always.lifting_sticks",
    ),
    "a lifted block returns as a prefix": (
        lambda: after_a_lift(life()).tell(Propose, AGENT, 3 * HOUR, evidence=evidence(("old", 0)), subject=AREA),
        "no-new-evidence", "always.lifting_sticks",
    ),
    "a proposal that waited is confirmed after the lift of another": (
        lambda: after_a_lift(proposed()).tell(Confirm, DESK, 2 * HOUR), "no-new-evidence", "always.lifting_sticks",
    ),
    "a confirmed block is entered after the lift of another": (
        lambda: confirmed_while_another_was_lifted().tell(Activate, OPERATOR, 2 * HOUR),
        "no-new-evidence", "always.lifting_sticks",
    ),
    "a block is made longer after the lift of another": (
        lambda: after_a_lift(active()).tell(Review, DESK, 2 * HOUR, outcome=EXTEND, term=Term.WEEK),
        "no-new-evidence", "always.lifting_sticks",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_governance_refuses_names_its_code_and_its_rule(case: str) -> None:
    act, code, rule = REFUSED[case]

    with pytest.raises(GovernanceError) as caught:
        act()

    assert (caught.value.code, caught.value.rule) == (code, rule)


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_line_without_a_number(case: str) -> None:
    with pytest.raises(GovernanceError) as caught:
        REFUSED[case][0]()

    message = str(caught.value)
    assert "\n" not in message
    assert message[0] == message[0].lower()
    assert message.endswith(f"[{caught.value.code}, by `{caught.value.rule}`]")
    assert not re.search(r"\d{5}", message)


def test_a_rule_that_refuses_stands_in_the_norm_or_is_one_that_no_norm_can_change() -> None:
    declared = {each.name for each in fields(Governance)}

    assert {rule.partition(".")[0] for _, _, rule in REFUSED.values()} <= declared | {"always"}
