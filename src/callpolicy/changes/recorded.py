"""What recorded calls say of a change: both norms on the same events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from callpolicy.events import Event
from callpolicy.policy import Bundle
from callpolicy.replay import Replay
from callpolicy.runtime import Engine

_SHOWN: Final = 3
_NOT_MADE: Final = "-"
"""In place of an effect: under that norm the decision was not made, because the call had ended before."""

_Effects: TypeAlias = dict[str, list[str]]


@dataclass(slots=True)
class RecordedChange:
    """What recorded calls come to under two norms.

    Args:
        calls: calls that were offered.
        changed: calls in which some decision is another.
        moves: by stage, old and new effect: in how many calls.
        examples: for each of these, the ids of the first few calls.
    """

    calls: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)


def compare_recorded(
    old: Bundle, new: Bundle, events: Iterable[Event], on_progress: Callable[[int], None] | None = None
) -> RecordedChange:
    """Put recorded events through both norms.

    Each norm lives its own history: a call that one rejects is not heard of again under it.

    Args:
        old: a bundle without errors.
        new: another.
        events: in event-time order.
        on_progress: told how many events of the second run are done.
    """
    held = list(events)
    found = RecordedChange()
    first, calls = _effects(old, held, None)
    second, found.calls = _effects(new, held, on_progress)
    found.calls = max(calls, found.calls)
    for call_id in dict.fromkeys((*first, *second)):
        moves = set(_moves(first.get(call_id, {}), second.get(call_id, {})))
        found.changed += bool(moves)
        for move in moves:
            found.moves[move] += 1
            shown = found.examples.setdefault(move, [])
            if len(shown) < _SHOWN:
                shown.append(call_id)
    return found


def _effects(
    bundle: Bundle, events: Iterable[Event], on_progress: Callable[[int], None] | None
) -> tuple[dict[str, _Effects], int]:
    """The effects of every call, by stage, in order; and how many calls there were."""
    replay = Replay(Engine(bundle, with_recheck=False), on_progress)
    found: dict[str, _Effects] = {}
    for decision in replay.run(events):
        of_call = found.setdefault(decision.call_id, {})
        for result in decision.stages:
            of_call.setdefault(str(result.stage), []).append(str(result.outcome.effect))
    return found, replay.summary.calls


def _moves(old: _Effects, new: _Effects) -> Iterator[tuple[str, str, str]]:
    for stage in dict.fromkeys((*old, *new)):
        one, other = old.get(stage, []), new.get(stage, [])
        yield from ((stage, was, becomes) for was, becomes in zip(one, other, strict=False) if was != becomes)
        if len(one) > len(other):
            yield stage, one[len(other)], _NOT_MADE
        elif len(other) > len(one):
            yield stage, _NOT_MADE, other[len(one)]
