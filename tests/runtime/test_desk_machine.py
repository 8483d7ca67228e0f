"""Whatever persons, callers and time do: governance holds, who has a block is turned away, and nobody else."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callpolicy.audit import verify
from callpolicy.decision import Decision
from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Act, Activate, Actor, Confirm, Evidence, Lift
from callpolicy.lists import Subject
from callpolicy.points import Effect
from callpolicy.policy import Allowlisting, Bundle, Term
from callpolicy.runtime import Desk, Engine
from callpolicy.stores.base import Store
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import block_rule
from tests.lifecycle.making import LASTING
from tests.runtime.failing import DownFile
from tests.runtime.norms import BURST, DAY, HOUR, MINUTE, START, norm, offered

pytestmark = pytest.mark.untraced

NUMBERS: Final = {"ann": "+12125550142", "bob": "+12125550199", "pro": "+12125550100"}
PERSONS: Final = {
    name: Actor(name, frozenset(roles))
    for name, roles in {
        "sun": ("desk", "head", "operator"), "qian": ("desk", "head", "operator"), "chen": ("agent", "operator"),
        "guest": (),
    }.items()
}  # fmt: skip
WHO: Final = st.sampled_from(["ann", "ann", "bob", "pro"])
BY: Final = st.sampled_from(["sun", "qian", "sun", "qian", "chen", "guest"])
JUDGES: Final = {Term.DAY: {"leader", "desk"}, Term.WEEK: {"desk"}, Term.PERMANENT: {"head"}}
LENGTHS: Final = {Term.DAY: DAY, Term.WEEK: 7 * DAY}
CONFIRM_WITHIN: Final = 12 * HOUR
WINDOW: Final = 10 * MINUTE


def the_norm() -> Bundle:
    """Three calls in ten minutes are a burst, for which the system blocks for a day."""
    made = norm(block_rule("burst", BURST, Term.DAY), protected_numbers={"own": frozenset({NUMBERS["pro"]})})
    return replace(made, governance=replace(LASTING, allowlist=Allowlisting(("desk",), 90 * DAY)))


@dataclass
class Known:
    """A block as the model knows it."""

    who: str
    term: Term
    proposer: str | None
    evidence: list[Evidence]
    confirmers: list[str] = field(default_factory=list)
    confirmed: bool = False
    since: int | None = None
    lifted: int | None = None

    def ends(self) -> tuple[int | None, bool]:
        """When it is over, and whether that is a lift."""
        if self.lifted is not None:
            return self.lifted, True
        if self.since is None:
            return None, False
        term = None if self.term is Term.PERMANENT else self.since + LENGTHS[self.term]
        if self.proposer is None and not self.confirmed:
            return self.since + CONFIRM_WITHIN, True
        return term, False

    def over(self, at: int) -> bool:
        end, _ = self.ends()
        return end is not None and end <= at

    def holds(self, at: int) -> bool:
        return self.since is not None and self.since <= at and not self.over(at)


class DeskAndEngine(RuleBasedStateMachine):
    """Persons at a desk, callers at an engine, one store."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.number = 0
        self.blocks: dict[str, Known] = {}
        self.allowed: dict[str, tuple[str, int, int]] = {}
        self.calls: dict[str, list[int]] = {name: [] for name in NUMBERS}
        self.recorded: set[str] = set()
        self.latest: dict[str, Evidence] = {}
        self.acts = 0
        self.decisions = 0

    @initialize()
    def begin(self) -> None:
        made = the_norm()
        self.store = self.open_store()
        self.engine = Engine(made, store=self.store, audit=True)
        self.desk = Desk(self.store, made)

    def open_store(self) -> Store:
        return MemoryStore()

    # ---- the model

    def shielded(self, who: str) -> bool:
        return who == "pro" or any(
            name == who and since <= self.now < until for name, since, until in self.allowed.values()
        )

    def sticks(self, who: str, evidence: list[Evidence], own: str | None = None) -> bool:
        """Whether a lift of an earlier block forbids another one on this evidence."""
        for name, other in self.blocks.items():
            end, lifted = other.ends()
            if name == own or other.who != who or not lifted or end is None or end > self.now:
                continue
            old = {each.decision_id for each in other.evidence}
            since = {each.decision_id for each in evidence if each.at > end} - old
            if not since & self.recorded:
                return True
        return False

    def binds(self, who: str) -> bool:
        """Whether a person lifted a block that held, so that the system makes none for as long as it was to last."""
        held = [each for each in self.blocks.values() if each.who == who and each.since is not None]
        return any(
            each.lifted is not None and (each.term is Term.PERMANENT or self.now < each.lifted + LENGTHS[each.term])
            for each in held
        )

    def attempt(self, wanted: bool, work: object) -> bool:
        """Do what the model allows or forbids; both must say the same."""
        assert callable(work)
        done = True
        try:
            work()
        except GovernanceError:
            done = False
        assert done is wanted
        self.acts += done
        return done

    def act(self, name: str, kind: type[Act], who: str, wanted: bool) -> bool:
        made = kind(by=PERSONS[who], at=self.now, reason="so it is")
        return self.attempt(wanted, lambda: self.desk.act(name, made))

    def some(self, which: int) -> str:
        """A block, more often than not one that is not over."""
        going_on = [name for name, block in self.blocks.items() if not block.over(self.now)]
        names = going_on if going_on and which % 4 else list(self.blocks)
        return names[-1 - which // 4 % len(names)]

    # ---- what happens

    @rule(by=st.sampled_from([1, MINUTE, 9 * MINUTE, HOUR, 13 * HOUR, DAY, 8 * DAY]))
    def time_goes_on(self, by: int) -> None:
        self.now += by

    @rule(who=WHO, calls=st.integers(1, 4))
    def calls_come(self, who: str, calls: int) -> None:
        for _ in range(calls):
            self.call(who)
            self.now += 1

    def call(self, who: str) -> None:
        recent = [at for at in self.calls[who] if at >= self.now - WINDOW]
        held = any(each.who == who and each.holds(self.now) for each in self.blocks.values())
        shielded = self.shielded(who)
        self.number += 1
        decision = self.engine.observe(offered(f"c{self.number}", self.now, NUMBERS[who]))
        self.decisions += 1
        self.calls[who].append(self.now)
        evidence = [Evidence(decision.decision_id, self.now)]
        self.recorded.add(decision.decision_id)
        self.latest[who] = evidence[0]
        blocked_now = len(recent) >= 2 and not shielded and not held
        refused = blocked_now and (self.sticks(who, evidence) or self.binds(who))
        if blocked_now and not refused:
            self.blocks[f"block:{decision.decision_id}"] = Known(who, Term.DAY, None, evidence, since=self.now)
            self.acts += 1
        self.look_at(decision, rejected=(held or blocked_now) and not shielded and not refused, refused=refused)

    def look_at(self, decision: Decision, *, rejected: bool, refused: bool) -> None:
        assert decision.effect is (Effect.REJECT if rejected else Effect.ACCEPT)
        assert decision.failed == (("governance",) if refused else ())
        made = self.store.listed(f"block:{decision.decision_id}")
        assert (made is not None) == (f"block:{decision.decision_id}" in self.blocks)

    @rule(
        who=WHO,
        by=BY,
        term=st.sampled_from(list(JUDGES)),
        seen=st.sampled_from(["long ago", "made up", "on record"]),
    )
    def somebody_proposes(self, who: str, by: str, term: Term, seen: str) -> None:
        self.propose(who, by, term, seen)

    def propose(self, who: str, by: str, term: Term, how: str) -> None:
        self.number += 1
        name = f"b{self.number}"
        long_ago, made_up = Evidence("e-old", START - 1), Evidence(f"e{self.number}", self.now)
        seen = [{"long ago": long_ago, "made up": made_up, "on record": self.latest.get(who, made_up)}[how]]
        wanted = bool(PERSONS[by].roles) and not self.shielded(who) and not self.sticks(who, seen)
        subject = Subject(Identity(IdentityKind.NUMBER, NUMBERS[who]))
        if self.attempt(
            wanted,
            lambda: self.desk.propose(
                PERSONS[by], subject, reason="so it is", evidence=seen, at=self.now, term=term, block_id=name
            ),
        ):
            self.blocks[name] = Known(who, term, by, seen)

    @precondition(lambda self: self.blocks)
    @rule(which=st.integers(0, 99), by=BY)
    def somebody_confirms(self, which: int, by: str) -> None:
        self.confirm(self.some(which), by)

    def confirm(self, name: str, by: str) -> None:
        block = self.blocks[name]
        open_ = not block.over(self.now) and not block.confirmed and (block.since is None or block.proposer is None)
        wanted = (
            open_
            and bool(PERSONS[by].roles & JUDGES[block.term])
            and by != block.proposer
            and by not in block.confirmers
            and not self.shielded(block.who)
            and not self.sticks(block.who, block.evidence, name)
        )
        if self.act(name, Confirm, by, wanted):
            block.confirmers.append(by)
            behind = {*block.confirmers, *([block.proposer] if block.proposer else [])}
            block.confirmed = len(behind) >= (1 if block.term is Term.DAY else 2)

    @precondition(lambda self: self.blocks)
    @rule(which=st.integers(0, 99), by=BY)
    def somebody_enters(self, which: int, by: str) -> None:
        self.enter(self.some(which), by)

    def enter(self, name: str, by: str) -> None:
        block = self.blocks[name]
        wanted = (
            block.confirmed
            and block.since is None
            and not block.over(self.now)
            and "operator" in PERSONS[by].roles
            and not self.shielded(block.who)
            and not self.sticks(block.who, block.evidence, name)
        )
        if self.act(name, Activate, by, wanted):
            block.since = self.now
            behind = {*block.confirmers, block.proposer}
            assert block.term is not Term.PERMANENT or len(behind) >= 2

    @rule(who=WHO, persons=st.tuples(BY, BY, BY), term=st.sampled_from(list(JUDGES)))
    def a_block_goes_all_the_way(self, who: str, persons: tuple[str, str, str], term: Term) -> None:
        before = set(self.blocks)
        self.propose(who, persons[0], term, "on record")
        for name in self.blocks.keys() - before:
            self.confirm(name, persons[1])
            self.now += 1
            self.confirm(name, persons[2])
            self.enter(name, persons[2])

    @precondition(lambda self: self.blocks)
    @rule(which=st.integers(0, 99), by=BY)
    def somebody_lifts(self, which: int, by: str) -> None:
        name = self.some(which)
        block = self.blocks[name]
        roles = PERSONS[by].roles
        keepers = JUDGES[block.term] | {"operator", "desk"}
        own = by == block.proposer and block.since is None and not block.confirmed
        wanted = not block.over(self.now) and (own or bool(roles & keepers))
        if self.act(name, Lift, by, wanted):
            block.lifted = self.now

    @rule(who=WHO, by=BY, length=st.sampled_from([HOUR, DAY]))
    def somebody_allows(self, who: str, by: str, length: int) -> None:
        subject = Subject(Identity(IdentityKind.NUMBER, NUMBERS[who]))
        made: list[str] = []

        def work() -> None:
            until = self.now + length
            entry = self.desk.allow(PERSONS[by], subject, reason="so", owner="qa", at=self.now, until=until)
            made.append(entry.entry_id)

        if self.attempt("desk" in PERSONS[by].roles, work):
            self.allowed[made[0]] = (who, self.now, self.now + length)

    @precondition(lambda self: self.allowed)
    @rule(which=st.integers(0, 99), by=BY)
    def somebody_ends_an_entry(self, which: int, by: str) -> None:
        name = list(self.allowed)[which % len(self.allowed)]
        who, since, until = self.allowed[name]
        if until <= self.now:
            return
        wanted = "desk" in PERSONS[by].roles
        if self.attempt(wanted, lambda: self.desk.disallow(PERSONS[by], name, reason="so", at=self.now)):
            self.allowed[name] = (who, since, self.now)

    @invariant()
    def the_trail_verifies_and_holds_every_act_and_decision_once(self) -> None:
        if not hasattr(self, "store"):
            return
        records = [kept.record for kept in self.store.records()]
        assert verify(records) == ()
        kinds = [each.kind for each in records]
        assert (kinds.count("act"), kinds.count("decision")) == (self.acts, self.decisions)


class DeskAndEngineOnDisk(DeskAndEngine):
    """The same on a file, of which a second process' desk and engine would see the same."""

    def open_store(self) -> Store:
        self.folder = Path(tempfile.mkdtemp())
        return DownFile(f"sqlite:///{self.folder}/calls.db")

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.engine.close()
            self.store.close()
            shutil.rmtree(self.folder)


def steps(examples: int, length: int) -> settings:
    """How long a machine is looked at."""
    return settings(max_examples=examples, stateful_step_count=length, deadline=None)


TestDeskAndEngine = DeskAndEngine.TestCase
TestDeskAndEngine.settings = steps(60, 40)
TestDeskAndEngineOnDisk = DeskAndEngineOnDisk.TestCase
TestDeskAndEngineOnDisk.settings = steps(6, 25)
