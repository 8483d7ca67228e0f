"""What the tests of the life of a block share: a governance, persons, and a block that is told what happens to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import parse_instant
from callpolicy.lifecycle import (
    SYSTEM,
    Act,
    Activate,
    Actor,
    Block,
    Confirm,
    Evidence,
    Propose,
    Shield,
    State,
    apply,
    state_at,
)
from callpolicy.lists import Subject
from callpolicy.policy import Governance, Ladder, Term, TermRules

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
START: Final = parse_instant("2027-03-01T10:00:00+08:00")

ANN: Final = Identity(IdentityKind.NUMBER, "+12125550142")
LI: Final = Identity(IdentityKind.CUSTOMER, "70001")

AGENT: Final = Actor("agent-1", frozenset({"agent"}))
LEADER: Final = Actor("leader-1", frozenset({"leader"}))
DESK: Final = Actor("desk-1", frozenset({"desk"}))
DESK_2: Final = Actor("desk-2", frozenset({"desk"}))
DESK_3: Final = Actor("desk-3", frozenset({"desk"}))
HEAD: Final = Actor("head-1", frozenset({"head"}))
HEAD_2: Final = Actor("head-2", frozenset({"head"}))
OPERATOR: Final = Actor("operator-1", frozenset({"operator"}))
STRANGER: Final = Actor("stranger-1", frozenset({"guest"}))

ROLES: Final = ("agent", "leader", "desk", "head", "operator")
GOVERNANCE: Final = Governance(
    roles={role: {"en": role} for role in ROLES},
    terms={
        Term.DAY: TermRules(("leader", "desk"), ("operator",), ("desk",), DAY),
        Term.WEEK: TermRules(("desk",), ("operator",), ("desk",), 2 * DAY),
        Term.MONTH: TermRules(("desk",), ("operator",), ("desk",), 7 * DAY, four_eyes=True),
        Term.PERMANENT: TermRules(("head",), ("operator",), ("desk", "head"), 30 * DAY),
    },
    longest_automatic_term=Term.DAY,
    confirm_within=12 * HOUR,
    four_eyes_over=5 * DAY,
    review_within=DAY,
    appeal_within=3 * DAY,
    longest_reason=60,
    shortest_prefix={"CN": 8, "US": 7},
    ladder=Ladder((Term.DAY, Term.WEEK, Term.MONTH), 180 * DAY, 90 * DAY),
    time_zone="Asia/Shanghai",
)
LASTING: Final = replace(
    GOVERNANCE,
    terms={term: replace(rules, review_every=400 * DAY) for term, rules in GOVERNANCE.terms.items()},
)
"""As `GOVERNANCE`, with reviews so far apart that they end no block of these tests."""


@dataclass
class Life:
    """A block to which things happen, one after the other."""

    governance: Governance = GOVERNANCE
    shield: Shield | None = None
    others: list[Block] = field(default_factory=list)
    block: Block | None = None

    def tell(self, kind: type[Act], by: Actor, at: int, **more: Any) -> Block:
        """Apply one act, `at` microseconds after the start."""
        fields = {"reason": "because of this", **more}
        if kind is Propose:
            new = Evidence(f"d{len(self.others)}", START + at)
            fields = {"block_id": "b1", "subject": Subject(ANN), "term": Term.DAY, "evidence": (new,), **fields}
        act = kind(by=by, at=START + at, **fields)
        self.block = apply(self.block, act, self.governance, shield=self.shield, others=self.others)
        return self.block

    @property
    def made(self) -> Block:
        """The block, which is there."""
        assert self.block is not None
        return self.block

    def state(self, at: int) -> State | None:
        """Its state, `at` microseconds after the start."""
        return state_at(self.made, START + at)


def active(governance: Governance = GOVERNANCE, term: Term | int = Term.DAY, **more: Any) -> Life:
    """A block that an agent proposed, judges confirmed and an operator entered, all at the start."""
    life = Life(governance)
    life.tell(Propose, AGENT, 0, term=term, **more)
    named = governance.named_term(term)
    life.tell(Confirm, HEAD if named is Term.PERMANENT else DESK, 0)
    life.tell(Activate, OPERATOR, 0)
    return life


def automatic(governance: Governance = GOVERNANCE, term: Term | int = Term.DAY, **more: Any) -> Life:
    """A block that the system proposed and entered at the start."""
    life = Life(governance)
    life.tell(Propose, SYSTEM, 0, term=term, **more)
    life.tell(Activate, SYSTEM, 0)
    return life


def evidence(*decisions: tuple[str, int]) -> tuple[Evidence, ...]:
    """Decisions with their instants after the start."""
    return tuple(Evidence(decision_id, START + at) for decision_id, at in decisions)


def all_blocks(lives: Iterable[Life]) -> list[Block]:
    """The blocks of several lives."""
    return [life.made for life in lives]
