"""Threads and asyncio: one engine serves many calls at once, decides as if one after the other, and blocks no loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from callpolicy.decision import Decision
from callpolicy.points import Effect
from callpolicy.runtime import Call, Engine
from callpolicy.stores.base import Background, Query
from callpolicy.stores.memory import MemoryStore
from tests.runtime.norms import MINUTE, NUMBER, SECOND, START, norm

THREADS = 8


def one_call(call: Call, number: str | None, at: int) -> list[bytes]:
    decisions = [call.offer(at=at, number=number), call.observe("answered", at=at + SECOND, agent="li")]
    for step in range(20):
        decisions.append(call.observe("offence" if step % 3 else "warned", at=at + (2 + step) * SECOND))
    decisions.append(call.end(at=at + MINUTE, cause="hang_up"))
    return [each.to_json() for each in decisions]


def in_threads(work: list[Callable[[], object]]) -> list[object]:
    """Run at the same time, from one starting shot."""
    gate = threading.Barrier(len(work))

    def shot(job: Callable[[], object]) -> object:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(shot, work))


def test_calls_of_different_callers_in_threads_give_the_decisions_of_one_thread() -> None:
    numbers = [f"+1 212 555 01{40 + thread}" for thread in range(THREADS)]
    alone, together = Engine(norm()), Engine(norm())

    one_by_one = [
        one_call(alone.call(f"c{thread}"), numbers[thread], START + thread * MINUTE) for thread in range(THREADS)
    ]
    at_once = in_threads(
        [
            lambda thread=thread: one_call(together.call(f"c{thread}"), numbers[thread], START + thread * MINUTE)  # type: ignore[misc]  # a default binds it
            for thread in range(THREADS)
        ]
    )

    assert at_once == one_by_one


def test_calls_of_one_caller_in_threads_are_all_counted() -> None:
    engine = Engine(norm())

    def offer(thread: int) -> list[Decision]:
        return [engine.call(f"c{thread}-{each}").offer(at=START, number=NUMBER) for each in range(10)]

    in_threads([lambda thread=thread: offer(thread) for thread in range(THREADS)])  # type: ignore[misc]  # a default binds it
    last = engine.call("last").offer(at=START + 1, number=NUMBER)

    assert last.snapshot is not None
    assert last.snapshot.get("history.calls_10m") == 10 * THREADS
    assert last.snapshot.get("block.count") == 1


def test_threads_that_report_on_one_call_lose_no_event() -> None:
    engine = Engine(norm())
    call = engine.call("c1")
    call.offer(at=START, number=NUMBER)
    call.observe("answered", at=START + 1, agent="li")

    def report() -> None:
        for _ in range(25):
            call.observe("offence", at=START + SECOND, kind="abuse")

    in_threads([report] * THREADS)
    decision = call.observe("tick", at=START + 2 * SECOND)

    assert decision.snapshot is not None
    assert decision.snapshot.get("talk.offences") == 25 * THREADS
    assert engine.next_seq("c1") == 2 + 25 * THREADS + 1


def test_facts_can_be_decided_on_while_calls_go_on() -> None:
    engine = Engine(norm())
    facts = {"talk.offences": 2, "talk.warnings": 1, "talk.offences_since_warning": 1}

    def decide() -> set[Effect]:
        return {engine.decide(facts, point="in_call", at=START).effect for _ in range(50)}

    def calls() -> set[Effect]:
        own = threading.get_ident()
        return {engine.call(f"c{own}-{each}").offer(at=START, number=None).effect for each in range(50)}

    results = in_threads([decide, calls] * (THREADS // 2))

    assert results == [{Effect.HANG_UP}, {Effect.ACCEPT}] * (THREADS // 2)


class Slow(MemoryStore):
    """A store over a network: each answer takes its time."""

    def background(self, query: Query) -> Background:
        time.sleep(0.05)
        return super().background(query)


def test_asyncio_code_uses_the_engine_in_a_thread_and_its_loop_goes_on() -> None:
    engine = Engine(norm(), store=Slow())
    call = engine.call("c1")

    async def talk() -> tuple[Decision, int]:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(others())
        await asyncio.to_thread(call.offer, at=START, number=NUMBER)
        await asyncio.to_thread(call.observe, "answered", at=START + 1)
        decision = await asyncio.to_thread(call.observe, "offence", at=START + 2)
        beside.cancel()
        return decision, turns

    decision, turns = asyncio.run(talk())

    assert decision.effect is Effect.WARN
    # The loop got its turn while the store took 150 ms; a loop that is blocked gets three or four.
    assert turns > 30
