"""Anybody does anything with any block at any time: what must never come of it never does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import (
    HOLDING,
    OVER,
    SYSTEM,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Block,
    Confirm,
    DecideAppeal,
    Evidence,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
    Shield,
    State,
    apply,
    block_bytes,
    block_from_dict,
    entry_of,
    shield_of,
    state_at,
    whole_entry,
)
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Governance, Overdue, Settings, Term
from tests.lifecycle.making import (
    AGENT,
    ANN,
    DAY,
    DESK,
    DESK_2,
    GOVERNANCE,
    HOUR,
    LI,
    OPERATOR,
    START,
)
from tests.lifecycle.naive import NaiveBlock

pytestmark = pytest.mark.untraced

TICK = 3 * HOUR
# Two of them may do everything, so that whatever one identity can reach is reached.
BOSS = Actor("boss", frozenset({"agent", "leader", "desk", "head", "operator"}))
SAME_BOSS = replace(BOSS, person="BOSS")
OTHER_BOSS = replace(BOSS, person="boss-2")
ACTORS = [SYSTEM, BOSS, SAME_BOSS, OTHER_BOSS, OTHER_BOSS, AGENT, DESK, DESK_2, OPERATOR]

EMERGENCY = Identity(IdentityKind.NUMBER, "+12125550110")
PARTNER = Identity(IdentityKind.NUMBER, "+12125550120")
SUBJECTS = {
    "ann": Subject(ANN),
    "li": Subject(LI),
    "anns street": Subject(replace(ANN, value="+121255501"), prefix=True),
    "anns neighbours": Subject(replace(ANN, value="+12125550140"), last="+12125550149"),
    "emergency": Subject(EMERGENCY),
    "emergency and others": Subject(replace(EMERGENCY, value="+12125550100"), last="+12125550119"),
    "partner": Subject(PARTNER),
}
FREE = ["ann", "li", "anns neighbours"]
SETTINGS = Settings("test", "CN", "Asia/Shanghai", ("en",), protected_numbers={"emergency": (EMERGENCY.value,)})
ALLOWED = Entry(
    entry_id="a", on=ListName.ALLOWLIST, identity=PARTNER, since=0, until=None, reason="partner", owner="qa"
)
TERMS = [Term.DAY, Term.WEEK, Term.PERMANENT, 2 * DAY, 18 * HOUR]


class Lives(RuleBasedStateMachine):
    """Some blocks, a clock that goes on by ticks, and decisions that are made meanwhile."""

    governance: Governance
    now: int

    @initialize(overdue=st.sampled_from(Overdue), automatic=st.sampled_from([Term.WEEK, Term.DAY, None]))
    def begin(self, overdue: Overdue, automatic: Term | None) -> None:
        self.governance = replace(
            GOVERNANCE,
            terms={term: rules for term, rules in GOVERNANCE.terms.items() if term is not Term.MONTH},
            longest_automatic_term=automatic,
            overdue_reviews=overdue,
            overdue_appeals=overdue,
        )
        self.now = START
        self.blocks: list[Block] = []
        self.naive: list[NaiveBlock] = []
        self.decisions = [Evidence("d0", START)]

    @rule(ticks=st.sampled_from([1, 2, 4, 9, 25]))
    def wait(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now += TICK
            for each in self.naive:
                each.sweep(self.now)

    @rule()
    def decide(self) -> None:
        self.decisions.append(Evidence(f"d{len(self.decisions)}", self.now))

    def _in(self, *states: State) -> bool:
        return any(state_at(block, self.now) in states for block in self.blocks)

    @precondition(lambda self: len(self.blocks) < 8)
    @rule(
        subject=st.sampled_from([*FREE, *SUBJECTS]),
        by=st.sampled_from(ACTORS),
        term=st.sampled_from(TERMS),
        latest=st.booleans(),
    )
    def propose(self, subject: str, by: Actor, term: Term | int, latest: bool) -> None:
        act = Propose(
            by=by,
            at=self.now,
            reason="calls and calls",
            evidence=(self.decisions[-1 if latest else 0],),
            block_id=f"b{len(self.blocks)}",
            subject=SUBJECTS[subject],
            term=term,
        )
        if (block := self._apply(None, act)) is not None:
            self.blocks.append(block)
            self.naive.append(NaiveBlock(self.governance))
            self.naive[-1].told(act)

    @precondition(lambda self: not self._in(*HOLDING))
    @rule(subject=st.sampled_from(FREE), term=st.sampled_from(TERMS), ticks=st.integers(0, 5))
    def burst(self, subject: str, term: Term | int, ticks: int) -> None:
        """The system blocks by itself, on a call of this moment."""
        self.wait(ticks)
        self.decide()
        count = len(self.blocks)
        self.propose(subject, SYSTEM, term, True)
        if len(self.blocks) > count:
            self._tell(0, Activate, SYSTEM, False)

    @precondition(lambda self: not self._in(*HOLDING))
    @rule(subject=st.sampled_from(FREE), term=st.sampled_from(TERMS), latest=st.booleans(), data=st.data())
    def carry_through(self, subject: str, term: Term | int, latest: bool, data: st.DataObject) -> None:
        """As `propose`, and on with it: by the system alone, or by whoever comes."""
        by = data.draw(st.sampled_from([SYSTEM, BOSS, AGENT]))
        count = len(self.blocks)
        self.propose(subject, by, term, latest)
        if len(self.blocks) == count:
            return
        for _ in range(data.draw(st.integers(0, 2))):
            self._tell(0, Confirm, data.draw(st.sampled_from([BOSS, SAME_BOSS, OTHER_BOSS])), latest)
        self._tell(0, Activate, data.draw(st.sampled_from([SYSTEM, BOSS])), latest)

    @precondition(lambda self: self.blocks)
    @rule(by=st.sampled_from(ACTORS), which=st.sampled_from([0, 0, 0, 1, 2, 3]), latest=st.booleans())
    def confirm(self, by: Actor, which: int, latest: bool) -> None:
        self._tell(which, Confirm, by, latest)

    @precondition(lambda self: self._in(State.PROPOSED, State.CONFIRMED))
    @rule(by=st.sampled_from([SYSTEM, BOSS, OPERATOR]), which=st.sampled_from([0, 0, 0, 1, 2, 3]), latest=st.booleans())
    def activate(self, by: Actor, which: int, latest: bool) -> None:
        self._tell(which, Activate, by, latest)

    @precondition(lambda self: self._in(*HOLDING))
    @rule(
        by=st.sampled_from(ACTORS),
        which=st.sampled_from([0, 0, 0, 1, 2, 3]),
        outcome=st.sampled_from([ReviewOutcome.EXTEND, *ReviewOutcome]),
        term=st.sampled_from(TERMS),
        confirmed_by=st.sampled_from([AGENT, OTHER_BOSS]),
    )
    def review(self, by: Actor, which: int, outcome: ReviewOutcome, term: Term | int, confirmed_by: Actor) -> None:
        takes = outcome in (ReviewOutcome.SHORTEN, ReviewOutcome.EXTEND)
        self._tell(which, Review, by, False, outcome=outcome, term=term if takes else None)
        if outcome is ReviewOutcome.EXTEND:
            # Whoever asked tries it first, under both spellings.
            for other in (by, SAME_BOSS, confirmed_by):
                self._tell(which, Confirm, other, False)

    @precondition(lambda self: self._in(*HOLDING))
    @rule(by=st.sampled_from(ACTORS), which=st.sampled_from([0, 0, 0, 1, 2, 3]))
    def appeal(self, by: Actor, which: int) -> None:
        self._tell(which, Appeal, by, False)

    @precondition(lambda self: self._in(State.UNDER_REVIEW))
    @rule(
        by=st.sampled_from(ACTORS),
        which=st.sampled_from([0, 0, 0, 1, 2, 3]),
        outcome=st.sampled_from(AppealOutcome),
        term=st.sampled_from(TERMS),
    )
    def decide_appeal(self, by: Actor, which: int, outcome: AppealOutcome, term: Term | int) -> None:
        takes = outcome is AppealOutcome.SHORTEN
        self._tell(which, DecideAppeal, by, False, outcome=outcome, term=term if takes else None)

    @precondition(lambda self: self.blocks)
    @rule(by=st.sampled_from([SYSTEM, AGENT, OPERATOR]), which=st.sampled_from([0, 0, 0, 1, 2, 3]))
    def lift(self, by: Actor, which: int) -> None:
        self._tell(which, Lift, by, False)

    def _tell(self, which: int, kind: Any, by: Actor, latest: bool, **more: Any) -> None:
        # The living ones first, and of these the younger ones: something can still be done with them.
        over = [state_at(block, self.now) in OVER for block in self.blocks]
        place = sorted(range(len(over)), key=lambda place: (over[place], -place))[which % len(over)]
        evidence = (self.decisions[-1],) if latest else ()
        act = kind(by=by, at=self.now, reason="for this reason", evidence=evidence, **more)
        before = self.blocks[place]
        block = self._apply(before, act)
        if block is None:
            assert self.blocks[place] is before
        else:
            self.blocks[place] = block
            self.naive[place].told(act)

    def _apply(self, block: Block | None, act: Any) -> Block | None:
        subject = act.subject if block is None else block.subject
        shield = shield_of(subject, SETTINGS, [ALLOWED], self.now)
        kept = None if block is None else block_bytes(block)
        after, refused = self._try(block, act, shield)
        if refused is not None:
            assert refused.code
            assert refused.rule.partition(".")[0] in {"always", *Governance.__slots__}
            assert block is None or block_bytes(block) == kept
        return after

    def _try(self, block: Block | None, act: Any, shield: Shield | None) -> tuple[Block | None, GovernanceError | None]:
        try:
            return apply(block, act, self.governance, shield=shield, others=self.blocks), None
        except GovernanceError as error:
            return None, error

    @invariant()
    def nothing_is_permanent_by_one_identity(self) -> None:
        for block in self.blocks:
            footing = block.steps[-1].footing
            if footing.term is Term.PERMANENT and footing.since is not None:
                behind = {act.by.person for act in block.acts if isinstance(act, Propose | Confirm | Review)}
                assert len({person.casefold() for person in behind if person is not None}) >= 2

    @invariant()
    def nobody_confirms_what_they_asked_for(self) -> None:
        for block in self.blocks:
            proposed = asked = block.acts[0].by.person
            for act in block.acts:
                if isinstance(act, Review | Appeal):
                    # Another review or an appeal ends the waiting extension, and with it what was asked for.
                    extends = isinstance(act, Review) and act.outcome is ReviewOutcome.EXTEND
                    asked = act.by.person if extends else proposed
                if isinstance(act, Confirm):
                    assert act.by.person is not None
                    assert asked is None or act.by.person.casefold() != asked.casefold()

    @invariant()
    def nobody_who_decided_decides_the_appeal(self) -> None:
        for block in self.blocks:
            decided: set[str] = set()
            for act in block.acts:
                person = (act.by.person or "").casefold()
                if isinstance(act, DecideAppeal):
                    assert person
                    assert person not in decided
                if isinstance(act, Propose | Confirm | Appeal):
                    decided.add(person)

    @invariant()
    def nobody_protected_or_allowed_is_blocked(self) -> None:
        for block in self.blocks:
            assert not block.subject.covers(EMERGENCY)
            assert not block.subject.covers(PARTNER)

    @invariant()
    def what_was_lifted_does_not_return_without_new_evidence(self) -> None:
        for block in self.blocks:
            entered = next((act.at for act in block.acts if isinstance(act, Activate)), None)
            for other in self.blocks if entered is not None else ():
                if other is block or not other.subject.overlaps(block.subject) or entered is None:
                    continue
                ticks = range(START, entered + 1, TICK)
                lifted = next((at for at in ticks if state_at(other, at) is State.LIFTED), None)
                # Entered in the tick in which the other one was lifted may be before it; then nothing came back.
                if lifted is None or (lifted == entered and isinstance(other.acts[-1], Lift | Review | DecideAppeal)):
                    continue
                known = {each.decision_id for each in other.evidence}
                assert any(each.at > lifted and each.decision_id not in known for each in block.evidence)

    @invariant()
    def what_a_person_lifted_the_system_alone_does_not_bring_back(self) -> None:
        lengths = {Term.DAY: DAY, Term.WEEK: 7 * DAY}
        for block in self.blocks:
            first = next((step.act for step in block.steps if isinstance(step.act, Activate)), None)
            if first is None or not first.by.is_system or any(isinstance(act, Confirm) for act in block.acts):
                continue
            for other in self.blocks:
                last = other.acts[-1]
                lifts = isinstance(last, Lift | Review | DecideAppeal) and other.steps[-1].footing.state is State.LIFTED
                held = any(isinstance(act, Activate) for act in other.acts)
                if other is block or not lifts or not held or last.by.person is None or last.at > first.at:
                    continue
                term = other.steps[-1].footing.term
                length = term if isinstance(term, int) else lengths.get(term)
                over = length is not None and first.at >= last.at + length
                # In the tick of the lift itself the block may have been entered before.
                assert over or last.at == first.at or not other.subject.overlaps(block.subject)

    @invariant()
    def the_system_alone_blocks_briefly(self) -> None:
        for block in self.blocks:
            if state_at(block, self.now) in HOLDING and not any(isinstance(act, Confirm) for act in block.acts):
                begun = block.steps[-1].footing.since
                assert begun is not None
                assert self.now < begun + self.governance.confirm_within

    @invariant()
    def time_ends_a_block_as_alarm_clocks_would(self) -> None:
        for block, naive in zip(self.blocks, self.naive, strict=True):
            assert state_at(block, self.now) == naive.state
            assert (entry_of(block, self.now) is not None) == (naive.state in ("active", "under_review"))

    @invariant()
    def the_entry_that_stores_look_in_holds_just_when_the_block_does(self) -> None:
        for block in self.blocks[-2:]:
            whole = whole_entry(block)
            for at in range(START, self.now + 2 * DAY, TICK):
                # What is known by now of the past is what holds; what nobody has done yet may still change the future.
                then = entry_of(block, at)
                assert (whole is not None and whole.holds(at)) == (then is not None)

    @invariant()
    def a_block_survives_being_written_down(self) -> None:
        for block in self.blocks[-2:]:
            assert block_from_dict(json.loads(block_bytes(block))) == block


Lives.TestCase.settings = settings(stateful_step_count=50)
TestLives = Lives.TestCase
