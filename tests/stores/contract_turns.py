"""What every store promises of its transactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from callpolicy.audit import Chain
from callpolicy.events import CaseLinked
from callpolicy.identity import Identity
from callpolicy.lists import Standing
from callpolicy.stores.base import Store, Turn
from tests.stores.making import ANN, BOB, COUNT, DAY, LI, NOW, block, entry, item, query, trail

THREADS = 4


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What some threads come to that begin at one moment."""
    gate = threading.Barrier(THREADS)

    def begin(thread: int) -> Any:
        gate.wait()
        return work(thread)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def standing_of(store: Turn, who: Identity = ANN, at: int = NOW) -> Standing:
    found = store.background(query(at, identities=[who])).standing
    assert found is not None
    return found


class TurnContract:
    """Tests of `turn`."""

    def test_what_a_turn_returns_comes_back(self, store: Store) -> None:
        assert store.turn(lambda turn: turn.add([ANN], item("a", NOW))) is True
        assert store.turn(lambda turn: turn.add([ANN], item("a", NOW)), about=[ANN, LI], writer="w") is False

    def test_a_turn_sees_what_it_did_before(self, store: Store) -> None:
        made = trail(store.keys)

        def work(turn: Turn) -> tuple[Any, ...]:
            turn.add([ANN], item("a", NOW))
            turn.put_entry(entry("e1", NOW, None, BOB))
            turn.put_block(block("b1"))
            turn.receive_case("k1", CaseLinked(call_id="c1", seq=1, at=NOW, case_id="k1"), "li")
            turn.append(made)
            count = turn.background(query()).readings[COUNT.fact].value
            case = turn.case("k1")
            found = turn.listed("b1")
            assert case is not None
            assert found is not None
            held = [standing_of(turn, each).blocks for each in (ANN, BOB)]
            return count, held, case.last_at, found.block, turn.head("w1")

        count, held, last_at, life, head = store.turn(work, about=[ANN])

        assert (count, held, last_at, life) == (1, [1, 1], NOW, block("b1"))
        assert (head.number, head.digest) == (2, made[-1].record.digest)

    def test_of_many_blocks_at_once_one_is_put(self, store: Store) -> None:
        def work(thread: int) -> int:
            put = 0
            for number in range(10):
                made = block(f"b{thread}-{number}")

                def once(turn: Turn, made: Any = made) -> bool:
                    if standing_of(turn).block is not None:
                        return False
                    turn.put_block(made)
                    return True

                put += store.turn(once, about=[ANN])
            return put

        assert sum(at_once(work)) == 1
        assert standing_of(store).blocks == 1

    def test_two_turns_about_one_of_the_same_callers_never_interleave(self, store: Store) -> None:
        told: list[int] = []

        def work(thread: int) -> None:
            def inside(turn: Turn) -> None:
                told.append(thread)
                turn.background(query())
                time.sleep(0.01)
                turn.add([ANN], item(f"c{thread}-{len(told)}", NOW))
                told.append(thread)

            for _ in range(3):
                # All are about ANN, whatever stands first.
                store.turn(inside, about=[(ANN, LI), (LI, ANN), (ANN, BOB), (BOB, ANN)][thread])

        at_once(work)

        assert len(told) == 2 * 3 * THREADS
        assert told[::2] == told[1::2]

    def test_two_turns_of_one_writer_never_interleave_and_its_chain_holds(self, store: Store) -> None:
        def work(thread: int) -> None:
            def inside(turn: Turn) -> None:

                turn.append(trail(store.keys, "desk", 1, at=NOW + thread, chain=Chain(turn.head("desk"))))

            for _ in range(5):
                store.turn(inside, writer="desk")

        at_once(work)

        kept = list(store.records("desk"))
        assert [each.record.number for each in kept] == list(range(5 * THREADS))
        assert all(one.record.digest == other.record.previous for one, other in pairwise(kept))

    def test_an_error_of_the_work_comes_out_as_it_is(self, store: Store) -> None:
        class BoomError(Exception):
            pass

        def work(_: Turn) -> None:
            raise BoomError

        for _ in range(3):
            try:
                store.turn(work, about=[ANN])
            except BoomError:
                continue
            raise AssertionError
        assert store.add([ANN], item("a", NOW + DAY)) is True
