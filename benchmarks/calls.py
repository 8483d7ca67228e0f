"""The bundle and the calls on which full decisions are timed: the rules are those of the workload, put into stages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Final, TypeAlias

from benchmarks.workload import CATALOGUE, MINUTE, QUEUES, SECOND, TOPICS, WINDOWS, policies
from callpolicy.condition import Condition, Leaf, Not, Op
from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Event,
    Explained,
    ExplanationRejected,
    Feed,
    Held,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Transferred,
    Warned,
)  # fmt: skip
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, Effect, Stage
from callpolicy.policy import Bundle, Invariant, Obligation, Outcome, Rule, Settings, Status

Told: TypeAlias = list[Event]
"""One whole call."""

_BEGIN: Final = 1_795_000_000 * SECOND
_CALLERS: Final = 50
LENGTH: Final = 20
"""Events in the conversation of a call."""
_ABOUT_A_CASE: Final = 1 / 8
_HAPPENS: Final[tuple[Callable[..., Event], ...]] = (
    Said, Said, Said, Silence, Offence, Offence, Warned, Soothed, Explained, ExplanationRejected, RefusedByRule, Held,
    Transferred, ServiceCompleted, NoFurtherNeeds,
)  # fmt: skip


def bundle(seed: int, rules: int) -> Bundle:
    """A bundle of that many rules: a quarter in `classify`, the others in `hangup`; four windows, an invariant."""
    chance = random.Random(f"{seed} bundle")
    made = [_rule(chance, number, condition) for number, condition in enumerate(policies(seed, rules))]
    return Bundle(
        "sha256:benchmark",
        Settings("benchmark", "CN", "Asia/Shanghai", ("zh-CN", "en"), feeds=frozenset(Feed)),
        CATALOGUE,
        tuple(sorted(made, key=lambda rule: rule.id)),
        invariants=(
            Invariant(
                "warned-before-hang-up",
                {"zh-CN": "挂机前必须提醒", "en": "no hang-up without a warning"},
                Stage.HANGUP,
                frozenset({Effect.HANG_UP}),
                Not((Leaf("talk.warnings", Op.AT_LEAST, 1),)),
                Effect.WARN,
            ),
        ),
        windows=WINDOWS,
    )


def _rule(chance: random.Random, number: int, condition: Condition) -> Rule:
    # As `policies` says: every fourth condition does not read the class.
    stage = Stage.HANGUP if number % 4 else Stage.CLASSIFY
    effect = chance.choice(EFFECTS_OF[stage][1:])
    return Rule(
        id=f"rule_{number}",
        stage=stage,
        title={"zh-CN": "规则", "en": "rule"},
        status=Status.ENFORCED,
        owner="service-quality",
        review_by=date(2027, 5, 1),
        priority=chance.randint(1, 90),
        when=condition,
        then=Outcome(effect, kind=chance.choice(KINDS_OF_CLASS[effect]) if effect in KINDS_OF_CLASS else None),
        obligations=(chance.choice(tuple(Obligation)),) if chance.random() < 1 / 4 else (),
        because={"zh-CN": "提醒 {talk.warnings} 次", "en": "warned {talk.warnings} times"},
    )


def calls(seed: int) -> Iterator[Told]:
    """Calls without end, from fifty numbers; what happens on them is drawn by chance."""
    chance = random.Random(f"{seed} calls")
    at = _BEGIN
    for number in count():
        at += chance.randrange(SECOND, MINUTE)
        yield list(_call(chance, f"c{number}", at))


def _call(chance: random.Random, call_id: str, at: int) -> Iterator[Event]:
    # A made-up number of the kind +86 138 0013 8000.
    caller = f"+861380013{8000 + chance.randrange(_CALLERS)}"
    yield Offered(
        call_id=call_id, seq=0, at=at, number=caller, queue=chance.choice(QUEUES), topic=chance.choice(TOPICS)
    )
    at += chance.randrange(SECOND, 20 * SECOND)
    yield Answered(call_id=call_id, seq=1, at=at, agent="agent-1")
    happening = _conversation(chance, chance.random() < _ABOUT_A_CASE)
    for seq, (kind, fields) in enumerate(happening, 2):
        at += chance.randrange(SECOND, 15 * SECOND)
        yield kind(call_id=call_id, seq=seq, at=at, **fields)
    yield Ended(call_id=call_id, seq=2 + LENGTH, at=at + SECOND, by=Party.CALLER)


_Happening: TypeAlias = tuple[Callable[..., Event], dict[str, object]]


def _conversation(chance: random.Random, about_a_case: bool) -> Iterator[_Happening]:
    """Twenty events that can follow each other: hold ends, and only what was explained is rejected."""
    held = False
    unrejected = 0
    if about_a_case:
        yield CaseLinked, {"case_id": f"case-{chance.randrange(_CALLERS)}"}
    for _ in range(LENGTH - about_a_case):
        kind = chance.choice(_HAPPENS)
        if kind is ExplanationRejected and not unrejected:
            kind = Explained
        unrejected += (kind is Explained) - (kind is ExplanationRejected)
        if kind is Held:
            held = not held
        yield kind, {"on": held} if kind is Held else {}
