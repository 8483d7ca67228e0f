"""What the norm will say on the next contact about a case, before it comes.

WHY by deciding, and not by reading conditions: the next contact is played through the session and `engine.decide`, once
as it comes in and then with one more rejected explanation each time. So the scripts and the number of rejections are
those that the live call will get, priorities, invariants and rules that hold others included, whatever way the norm is
written in. A search for conditions on `case.*` would find only the ways that it was taught.

The contact is an ordinary one: a telephone call at the instant of the card on which everything is reported and nothing
else happens. The caller has no other calls and stands on no list, and what only the host could tell is unknown. A pilot
rule for some callers is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from callpolicy.decision import Decision
from callpolicy.engine import compile_plan, decide
from callpolicy.engine.explaining import fill
from callpolicy.engine.plan import Plan
from callpolicy.events import Answered, Explained, ExplanationRejected, Feed, Offered
from callpolicy.facts import Value
from callpolicy.lexicon import SignalFinder
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import Bundle, By, Texts
from callpolicy.session import CallSession, CaseStatus, CaseStory
from callpolicy.windows import Measure

MOST_REJECTIONS: Final = 9
"""How many rejected explanations in one call are looked ahead to."""

_CLOSING: Final = frozenset({Effect.OFFER_CLOSE, Effect.HANG_UP_POLITELY, Effect.HANG_UP})


@dataclass(frozen=True, slots=True)
class Step:
    """What the norm says at one moment of the next contact.

    Args:
        point: `offered` as it comes in, `in_call` afterwards.
        rejections: from how many rejected explanations in this call on.
        effect: what is to be done.
        by: who does it.
        to: whom to, for `divert` and `escalate`.
        script: id of the script to say, or `None`.
        say: what the caller is told, per language.
        tell: what the agent is told, per language.
        rules: the rules that say so; empty if nothing matched.
        from_later: whether the script is one of a later step: the norm asks for none yet.
    """

    point: DecisionPoint
    rejections: int
    effect: Effect
    by: By
    to: str | None
    script: str | None
    say: Texts = field(hash=False)
    tell: Texts = field(hash=False)
    rules: tuple[str, ...]
    from_later: bool = False


def next_steps(story: CaseStory, bundle: Bundle, *, at: int, call_id: str | None = None) -> tuple[Step, ...]:
    """What the norm says on the next contact: as it comes in, then from the first explanation to the end.

    Args:
        story: the case.
        bundle: the norm.
        at: the instant of the contact.
        call_id: the call of the contact, if it is known; one that the story has as a contact is not counted again.

    Returns:
        One step as the contact comes in, and one for each number of rejected explanations from which the norm says
        something else. The last is the one at which the call may be ended, if the norm has one.
    """
    return tuple(_apart(_with_words(list(_steps(_Ahead(story, bundle, at, call_id))), story)))


def case_ahead(story: CaseStory, at: int, call_id: str | None) -> dict[str, Value]:
    """The facts `case.*` that the next contact will meet, itself counted as they count every contact."""
    fresh = all(contact.call_id != call_id for contact in story.contacts)
    values: dict[str, Value] = {
        "case.id": story.case_id,
        "case.linked": True,
        "case.status": str(story.status),
        "case.contacts": len(story.contacts) + fresh,
        "case.contacts_since_final": 0,
        "case.new_facts_since_final": story.new_facts_since_final,
        "case.explanations": len(story.explanations),
        "case.explanations_rejected": story.explanations_rejected,
    }
    if story.first_handler is not None:
        values["case.first_handler"] = story.first_handler
    if story.final_result is not None:
        values["case.final_result_at"] = story.final_result.at
        values["case.since_final"] = at - story.final_result.at
        values["case.contacts_since_final"] = story.contacts_since_final + fresh
    return values


class _Ahead:
    """The next contact, played from one rejected explanation to the next."""

    def __init__(self, story: CaseStory, bundle: Bundle, at: int, call_id: str | None) -> None:
        self.bundle = bundle
        self._at = at
        self._call_id = call_id or "next"
        self._plan: Plan = compile_plan(bundle, compile_reference)
        self._case = case_ahead(story, at, call_id)
        self._rejections = 0
        windows = (window for window in bundle.windows if window.measure is not Measure.SECONDS_SINCE)
        self._elsewhere: dict[str, Value] = {
            **{window.fact: 0 for window in windows},
            "caller.allowlisted": False,
            "block.covered": False,
            "block.count": 0,
        }
        self._session = CallSession(bundle.settings, bundle.catalogue, SignalFinder(()))
        self._session.receive(Offered(call_id=self._call_id, seq=0, at=at, feeds=frozenset(Feed)))

    def answer(self) -> None:
        self._session.receive(Answered(call_id=self._call_id, seq=1, at=self._at))

    def reject_an_explanation(self) -> None:
        self._rejections += 1
        for made in (Explained, ExplanationRejected):
            self._session.receive(made(call_id=self._call_id, seq=self._session.next_seq, at=self._at))

    def decision(self) -> Decision:
        case = dict(self._case)
        for name in ("case.explanations", "case.explanations_rejected"):
            count = case[name]
            assert isinstance(count, int)
            case[name] = count + self._rejections
        snapshot = self._session.snapshot(self._at, {**self._elsewhere, **case})
        return decide(
            self._plan,
            snapshot,
            point=self._session.point,
            call_id=self._call_id,
            decision_id="",
            with_recheck=False,
        )

    def step(self) -> Step:
        decision = self.decision()
        outcome = decision.main.outcome
        script = None if outcome.script is None else self.bundle.scripts.get(outcome.script)
        return Step(
            decision.point,
            self._rejections,
            outcome.effect,
            outcome.by,
            outcome.to,
            outcome.script,
            {} if script is None else self._filled(script.caller, decision),
            {} if script is None else self._filled(script.agent, decision),
            decision.determining,
        )

    def _filled(self, texts: Texts, decision: Decision) -> Texts:
        values = decision.snapshot.values if decision.snapshot is not None else {}
        return {language: fill(text, values, self.bundle.catalogue, language) for language, text in texts.items()}


def _steps(ahead: _Ahead) -> Iterator[Step]:
    yield ahead.step()
    ahead.answer()
    step = ahead.step()
    yield step
    while step.effect not in _CLOSING and step.rejections < MOST_REJECTIONS:
        ahead.reject_an_explanation()
        step = ahead.step()
        yield step


def _with_words(steps: list[Step], story: CaseStory) -> list[Step]:
    """Give the first step of a case with a final result the words in which the norm explains it later.

    WHY: until the caller comes back often enough the norm leaves the agent free, but whoever asks about the result is
    told it in the same words.
    """
    explains = next((step for step in steps if step.effect is Effect.EXPLAIN and step.script is not None), None)
    if story.status is not CaseStatus.FINAL or explains is None:
        return steps
    return [
        replace(step, script=explains.script, say=explains.say, tell=explains.tell, from_later=True)
        if step.point is DecisionPoint.IN_CALL and step.effect is Effect.CONTINUE and step.script is None
        else step
        for step in steps
    ]


def _apart(steps: list[Step]) -> Iterator[Step]:
    """Leave out what says the same as the step before it."""
    last: tuple[object, ...] = ()
    for step in steps:
        says = (step.point, step.effect, step.by, step.to, step.script)
        if says != last:
            yield step
        last = says
