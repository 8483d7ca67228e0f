"""What a call leaves behind for the caller's later calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.events import Feed
from callpolicy.facts import Fact, FactType, Origin, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon
from callpolicy.policy import Bundle
from callpolicy.runtime import Engine
from callpolicy.windows import Measure, Window
from tests.engine.bundles import bundle

SECOND = 1_000_000
DAY = 86_400 * SECOND
START = 1_795_000_000 * SECOND
OFFENCES = Window("history.offences", Measure.COUNT, over="offence", length=DAY, where=(("kind", ("abuse",)),))
SERVED = Window("history.served", Measure.COUNT, over="service_completed", length=DAY)
JUDGED = Window("history.judged", Measure.DISTINCT, over="judged", length=DAY, distinct_of="call_id")


def norm() -> Bundle:
    facts = [
        Fact(window.fact, FactType.INT, {}, minimum=0, origin=Origin.HISTORY, anchor="the window's end")
        for window in (OFFENCES, JUDGED, SERVED)
    ]
    made = bundle(
        windows=[OFFENCES, JUDGED, SERVED],
        catalogue=BUILTIN.extended(facts),
        more={"offence_signals": {"abuse": "abuse"}},
    )
    return replace(made, lexicons=(Lexicon("rude", "abuse", "zh-CN", "substring", ("混蛋",)),))


def seen_by_the_next_call(engine: Engine, fact: str) -> Value | None:
    decision = engine.call("later").offer(at=START + 3_600 * SECOND, number="+1 212 555 0142")
    assert decision.snapshot is not None
    return decision.snapshot.get(fact)


@pytest.mark.parametrize(
    ("feeds", "by", "text", "expected"),
    [
        (["transcript"], "caller", "你这个混蛋", 1),
        (["transcript"], "caller", "你好", 0),
        (["transcript"], "agent", "你这个混蛋", 0),
        ([Feed.AGENT_MARKS], "caller", "你这个混蛋", 0),
        (["transcript"], "caller", None, 0),
    ],
)
def test_an_offence_that_was_heard_is_history_as_one_that_was_marked(
    feeds: list[str], by: str, text: str | None, expected: int
) -> None:
    engine = Engine(norm())
    call = engine.call("earlier")
    call.offer(at=START, number="+1 212 555 0142", feeds=feeds)
    call.observe("answered", at=START + SECOND)
    call.observe("said", at=START + 2 * SECOND, by=by, text=text)
    call.end(at=START + 3 * SECOND)

    assert seen_by_the_next_call(engine, "history.offences") == expected


def test_an_offence_that_was_marked_is_history() -> None:
    engine = Engine(norm())
    call = engine.call("earlier")
    call.offer(at=START, number="+1 212 555 0142", feeds=["agent_marks"])
    call.observe("answered", at=START + SECOND)
    call.observe("offence", at=START + 2 * SECOND, kind="abuse")
    call.observe("offence", at=START + 3 * SECOND, kind="harassment")

    assert seen_by_the_next_call(engine, "history.offences") == 1


def test_a_mark_that_is_taken_back_is_no_second_service() -> None:
    engine = Engine(norm())
    call = engine.call("earlier")
    call.offer(at=START, number="+1 212 555 0142", feeds=["agent_marks"])
    call.observe("answered", at=START + SECOND)
    call.observe("service_completed", at=START + 2 * SECOND, on=False)
    call.observe("service_completed", at=START + 3 * SECOND)
    call.observe("service_completed", at=START + 4 * SECOND, on=False)

    assert seen_by_the_next_call(engine, "history.served") == 1


def test_a_call_that_was_judged_twice_is_one_judged_call() -> None:
    engine = Engine(norm())
    for name in ("first", "second"):
        call = engine.call(name)
        call.offer(at=START, number="+1 212 555 0142", feeds=["agent_marks"])
        call.observe("answered", at=START + SECOND)
        call.end(at=START + 2 * SECOND)
        call.observe("judged", at=START + 60 * SECOND, **{"class": "nuisance"}, by="agent")
        call.observe("judged", at=START + 90 * SECOND, **{"class": "nuisance"}, by="team_leader")

    assert seen_by_the_next_call(engine, "history.judged") == 2


def test_the_first_handler_of_a_case_is_who_had_the_call_first() -> None:
    engine = Engine(norm())
    call = engine.call("c1")
    call.offer(at=START, number="+1 212 555 0142", feeds=["agent_marks"])
    call.observe("answered", at=START + SECOND, agent="li")
    call.observe("transferred", at=START + 2 * SECOND, agent="wang")
    decision = call.observe("case_linked", at=START + 3 * SECOND, case_id="k1")

    assert decision.snapshot is not None
    assert decision.snapshot.get("case.first_handler") == "li"
