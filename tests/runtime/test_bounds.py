"""What an engine keeps is bounded, and what it drops is what nobody asks for any more."""

from __future__ import annotations

import pytest

from callpolicy.decision import Decision
from callpolicy.errors import CallEventError
from callpolicy.events import Event, Judged
from callpolicy.runtime import Engine
from callpolicy.runtime import engine as engine_module
from callpolicy.stores.memory import MemoryStore
from tests.runtime.norms import (
    DAY,
    MINUTE,
    START,
    norm,
    offered,
)


def fed(engine: Engine, *events: Event) -> list[Decision]:
    return [engine.observe(event) for event in events]


def test_calls_that_never_end_are_kept_up_to_a_bound_oldest_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "LIVE_KEPT", 3)
    engine = Engine(norm())
    fed(engine, *(offered(f"c{number}", START + number, None) for number in range(5)))

    assert [engine.next_seq(f"c{number}") for number in range(5)] == [0, 0, 1, 1, 1]
    # What cannot be taken in pushes nothing out.
    with pytest.raises(CallEventError):
        engine.observe(offered("c9", -1))
    assert engine.next_seq("c2") == 1


def test_ended_calls_are_kept_up_to_a_bound_for_what_is_said_about_them_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "ENDED_KEPT", 2)
    engine = Engine(norm())
    for number in range(4):
        call = engine.call(f"c{number}")
        call.offer(at=START + number, number=None)
        call.end(at=START + number)

    assert [engine.next_seq(f"c{number}") for number in range(4)] == [0, 0, 2, 2]
    with pytest.raises(CallEventError, match="ended long ago"):
        engine.observe(Judged(call_id="c0", seq=2, at=START + 9, class_="normal"))


def test_one_event_from_the_future_makes_nobody_s_history_disappear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 4)
    engine = Engine(norm())
    fed(engine, offered("c1", START), offered("x", START + 20_000 * DAY, None))
    fed(engine, *(offered(f"y{number}", START + number, None) for number in range(6)))

    decision = engine.observe(offered("c2", START + MINUTE))

    assert decision.snapshot is not None
    assert decision.snapshot.get("history.calls_10m") == 1


def test_what_no_window_reaches_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_PRUNE_EVERY", 4)
    pruned: list[int] = []

    class Watched(MemoryStore):
        def prune(self, before: int) -> int:
            pruned.append(super().prune(before))
            return pruned[-1]

    engine = Engine(norm(), store=Watched())
    fed(engine, offered("c1", START), *(offered(f"c{number}", START + 90 * DAY + number) for number in range(2, 9)))

    assert sum(pruned) == 1
