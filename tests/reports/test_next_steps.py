"""What the norm will say on the next contact is what it says when that contact comes."""

from __future__ import annotations

from typing import Any

from callpolicy.condition import All, Leaf, Op
from callpolicy.decision import Decision
from callpolicy.events import Answered, CaseLinked, Explained, ExplanationRejected, FinalResult, NewFact
from callpolicy.points import Effect
from callpolicy.policy import Bundle, Status
from callpolicy.reports.next_steps import MOST_REJECTIONS, Step, next_steps
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime import Engine
from callpolicy.stores.memory import MemoryStore
from tests.engine.bundles import never, rule
from tests.reports.cases import CLOSE, COMES_BACK, DAY, IS_FINAL, MINUTE, START, Told, norm
from tests.reports.test_card_text import explained_twice, linked


def in_short(steps: tuple[Step, ...]) -> list[tuple[str, int, str]]:
    return [(str(step.point), step.rejections, str(step.effect)) for step in steps]


def steps_of(case: Told, bundle: Bundle, call_id: str | None = None) -> tuple[Step, ...]:
    at = START + case.minute * MINUTE
    return next_steps(case.record.story(at), bundle, at=at, call_id=call_id)


def test_an_invariant_moves_the_end_to_where_it_allows_it() -> None:
    few = Leaf("talk.explanations_rejected", Op.AT_MOST, 4)
    bundle = norm()
    kept = Bundle(
        bundle.revision, bundle.settings, bundle.catalogue, bundle.rules,
        (never("five_times", [Effect.HANG_UP_POLITELY], few, Effect.EXPLAIN),), scripts=bundle.scripts,
    )  # fmt: skip

    assert in_short(steps_of(explained_twice(), kept))[-2:] == [
        ("in_call", 3, "explain"), ("in_call", 5, "hang_up_politely"),
    ]  # fmt: skip


def test_a_kinder_rule_of_a_higher_priority_takes_the_end_away() -> None:
    always_explain = rule("always_explain", Effect.EXPLAIN, COMES_BACK, priority=80, script="explain.result")

    steps = steps_of(explained_twice(), norm(always_explain))

    assert in_short(steps) == [("offered", 0, "accept"), ("in_call", 0, "continue"), ("in_call", 1, "explain")]


def test_a_rule_that_is_not_enforced_says_nothing() -> None:
    shadow = rule("shadow", Effect.HANG_UP, IS_FINAL, priority=99, status=Status.SHADOW)

    assert steps_of(explained_twice(), norm(shadow)) == steps_of(explained_twice(), norm())


def test_a_norm_that_closes_later_than_anybody_looks_ahead_has_no_end() -> None:
    late = All((COMES_BACK, Leaf("talk.explanations_rejected", Op.AT_LEAST, MOST_REJECTIONS + 1)))
    bundle = norm()
    rules = tuple(each for each in bundle.rules if each != CLOSE)
    later = Bundle(bundle.revision, bundle.settings, bundle.catalogue, (*rules, rule("z", Effect.HANG_UP, late)))

    assert in_short(steps_of(explained_twice(), later))[-1] == ("in_call", 1, "explain")


def test_a_contact_that_is_on_record_is_not_counted_twice() -> None:
    third = rule("third", Effect.DIVERT, Leaf("case.contacts", Op.AT_LEAST, 4), to="complaint_desk")

    known = steps_of(explained_twice(), norm(third), "c")
    new = steps_of(explained_twice(), norm(third), "d")

    assert (known[0].effect, new[0].effect) == (Effect.ACCEPT, Effect.DIVERT)


STARTER = load_bundle(starter_folder())


class Live:
    """The starter norm at work: an engine, with the calls of a case as they happen."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.engine = Engine(STARTER, store=self.store)
        self.told = Told()

    def tell(self, minute: int, call_id: str, made: type[Any], agent: str | None = None, /, **fields: Any) -> None:
        """What happened before: the same to the engine's store and to the case that cards are made of."""
        self.told.tell(minute, call_id, made, agent, **fields)
        event = made(call_id=call_id, seq=self.told.seq, at=START + minute * MINUTE, **fields)
        self.store.receive_case("k1", event, agent)

    def decisions(self, call_id: str, minute: int, rejections: int) -> list[Decision]:
        """The next contact as it comes: offered, then talking, then with one rejected explanation more each time."""
        at = START + minute * MINUTE
        call = self.engine.call(call_id)
        offered = call.offer(
            at=at, customer="c-17", feeds=["agent_marks", "transcript", "voice"], facts={"case.id": "k1"}
        )
        made = [offered, call.observe("answered", at=at)]
        for _ in range(rejections):
            call.observe("explained", at=at)
            made.append(call.observe("explanation_rejected", at=at))
        return made


def same_live(live: Live) -> None:
    """The steps that a card foretells are the decisions that the engine then makes."""
    minute = live.told.minute + DAY
    at = START + minute * MINUTE
    steps = next_steps(live.told.record.story(at), STARTER, at=at)
    decisions = live.decisions("next", minute, 3)
    offered, *talking = [(made.effect, made.by, made.determining) for made in decisions]
    foretold = [(step.effect, step.by, step.rules) for step in steps]
    assert foretold[0] == offered
    for rejections, made in enumerate(talking):
        reached = [
            place
            for place, step in enumerate(steps)
            if place and step.rejections <= rejections
        ]  # fmt: skip
        assert foretold[reached[-1]][:2] == made[:2]


def test_what_is_foretold_of_an_open_case_is_what_is_decided() -> None:
    live = Live()
    linked_live(live)

    same_live(live)


def test_what_is_foretold_of_a_final_case_is_what_is_decided() -> None:
    live = Live()
    linked_live(live)
    live.tell(9, "desk:1", FinalResult, "zhao", case_id="k1")

    same_live(live)


def test_what_is_foretold_after_a_contact_since_the_result_is_what_is_decided() -> None:
    live = Live()
    linked_live(live)
    live.tell(9, "desk:1", FinalResult, "zhao", case_id="k1")
    live.tell(12, "b", CaseLinked, "wang", case_id="k1")

    same_live(live)


def test_what_is_foretold_of_a_reopened_case_is_what_is_decided() -> None:
    live = Live()
    linked_live(live)
    live.tell(9, "desk:1", FinalResult, "zhao", case_id="k1")
    live.tell(12, "b", CaseLinked, "wang", case_id="k1")
    live.tell(13, "b", NewFact, "wang")

    same_live(live)


def linked_live(live: Live) -> None:
    live.tell(0, "a", Answered, agent="li")
    live.tell(0, "a", CaseLinked, case_id="k1")
    live.tell(3, "a", Explained)
    live.tell(4, "a", ExplanationRejected)


def test_the_words_of_a_later_step_are_given_to_a_case_with_a_result_only() -> None:
    case = Told()
    linked(case, 0, "a", "li")

    assert [step.script for step in steps_of(case, norm())] == ["greeting.open", None]
    assert [step.from_later for step in steps_of(explained_twice(), norm())] == [False, True, False, False]
