"""Calls that show what a change does, event by event, of a kind that people know: at the boundary, and well inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Final, TypeAlias

from callpolicy.analysis.story import Stageplay
from callpolicy.changes.model import Meaning, Move, Part, Region
from callpolicy.decision import Decision, StageResult
from callpolicy.events import Event
from callpolicy.facts import Fact, FactType, Origin, Value, accept, host_may_give
from callpolicy.instants import SECOND
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Outcome

MOST_CALLS: Final = 3
"""How many calls are told of one region."""

_MOST_MOVES: Final = 40
_NUMBERS: Final = frozenset({FactType.INT, FactType.FLOAT, FactType.DURATION})
_Key: TypeAlias = tuple[Outcome, Outcome]


class Where(StrEnum):
    """Where in its region a call lies."""

    BOUNDARY = "boundary"
    """No number of the region can go further without leaving it."""

    INSIDE = "inside"
    """Every number of the region is well away from its bounds."""

    BESIDES = "besides"
    """As it comes: the region has no numbers, or something else is meant to be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A call that shows what a change does, as both norms decide it.

    Args:
        where: where in its region it lies.
        stage: the stage that comes to something else.
        events: what happens on it; empty if no events make it, so that there are its facts only.
        values: the facts it was made from.
        stored: what the store knows of the caller besides.
        old: what the old norm decides; `None` if there are the facts only.
        new: what the new one decides.
        before: what the stage came to.
        after: what it comes to.
    """

    where: Where
    stage: Stage
    events: tuple[Event, ...]
    # WHY no repr: they may name a caller whom a rule names.
    values: Mapping[str, Value] = field(repr=False, hash=False)
    stored: Mapping[str, Value] = field(repr=False, hash=False)
    old: Decision | None
    new: Decision | None
    before: StageResult
    after: StageResult


def calls_of(old: Bundle, new: Bundle, meaning: Meaning) -> Iterator[tuple[Region, tuple[Shown, ...]]]:
    """For every region up to `MOST_CALLS` calls that differ: a plain one at the boundary first, then one well inside.

    Each was put to the engine under both norms, event by event where events can make it. A region of which there are
    the facts only is left out if the same is told of another decision point, event by event.

    Args:
        old: the norm that holds now.
        new: the norm that is to hold.
        meaning: what the change does; see `compare_meaning`.
    """
    theatre = _Theatre(old, new)
    shown = [(region, theatre.shown(region)) for region in meaning.regions]
    played = {_place(region) for region, calls in shown if calls[0].events}
    yield from ((region, calls) for region, calls in shown if calls[0].events or _place(region) not in played)


def _place(region: Region) -> object:
    return region.parts, region.said


class _Theatre:
    """Plays calls under both norms."""

    def __init__(self, old: Bundle, new: Bundle) -> None:
        self._bundles = old, new
        self._catalogue = new.catalogue.extended(fact for fact in old.catalogue if fact.name not in new.catalogue)
        self._old, self._new = Stageplay(old), Stageplay(new)

    def shown(self, region: Region) -> tuple[Shown, ...]:
        played = sorted(self._all(region), key=self._plainness)
        chosen: list[Shown] = []
        for where in (Where.BOUNDARY, Where.INSIDE):
            for each in islice((each for each in played if each.where is where), 1):
                self._choose(each, region, chosen)
        for each in played:
            if len(chosen) < MOST_CALLS and _key(each) not in map(_key, chosen):
                self._choose(replace(each, where=Where.BESIDES), region, chosen)
        return tuple(chosen) or tuple(_snapshot_only(each) for each in region.moves[:1])

    def _choose(self, shown: Shown, region: Region, chosen: list[Shown]) -> None:
        """Take a call, made as plain as can be, unless there is the same one already."""
        plain = self._plain(shown, region)
        if all(plain.events != one.events or plain.stored != one.stored for one in chosen):
            chosen.append(plain)

    def _all(self, region: Region) -> Iterator[Shown]:
        for move in region.moves[:_MOST_MOVES]:
            for where, values in self._varied(region, move):
                played = self._play(region, where, move.stage, values)
                if played is not None:
                    yield played

    def _varied(self, region: Region, move: Move) -> Iterator[tuple[Where, Mapping[str, Value]]]:
        """The facts of a move with the numbers of the region at their bounds, well inside, and as they are."""
        made: dict[Where, dict[str, Value]] = {}
        for where in (Where.BOUNDARY, Where.INSIDE):
            numbers = {part.fact: _number(self._catalogue[part.fact], part, where) for part in region.parts}
            changed = {name: value for name, value in numbers.items() if value is not None and name in move.values}
            made[where] = {**move.values, **changed}
            if changed and made[where] not in [each for key, each in made.items() if key is not where]:
                yield where, made[where]
        if dict(move.values) not in made.values() or not region.parts:
            yield Where.BESIDES, move.values

    def _play(self, region: Region, where: Where, stage: Stage, values: Mapping[str, Value]) -> Shown | None:
        """The call under both norms, if they decide it differently; at the last decision point at which they do."""
        stored = dict(self._stored(values))
        for point in reversed(region.points):
            for customer in (True, False):
                events = self._new.events(point, values, customer=customer)
                old, new = (each.decision(events, point, stored) for each in (self._old, self._new))
                if old is None or new is None:
                    continue
                before, after = old.stage(stage), new.stage(stage)
                if before is not None and after is not None and _done(before) != _done(after):
                    return Shown(where, stage, events, values, stored, old, new, before, after)
        return None

    def _stored(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
        for name, value in values.items():
            fact = self._catalogue.get(name)
            if fact is not None and fact.origin is Origin.HISTORY and not host_may_give(fact):
                yield name, value

    def _plainness(self, shown: Shown) -> tuple[object, ...]:
        """Plain calls first: the effect itself changes, nobody is protected, and little happens."""
        same_effect = shown.before.outcome.effect is shown.after.outcome.effect
        same_outcome = shown.before.outcome == shown.after.outcome
        guarded = len(shown.before.invariants) + len(shown.after.invariants)
        return same_outcome, guarded, same_effect, len(shown.values), len(shown.events)

    def _plain(self, shown: Shown, region: Region) -> Shown:
        """The same call without what it does not need: facts left out, and other counts at one, while it comes to the
        same before and after."""
        kept = {part.fact for part in region.parts}
        for name in sorted(shown.values, key=lambda each: (each in kept, each)):
            value = shown.values[name]
            rest = {each: own for each, own in shown.values.items() if each != name}
            tries = [rest]
            if name not in kept and isinstance(value, int) and not isinstance(value, bool) and value > 1:
                tries.append({**rest, name: 1})
            for values in tries:
                played = self._play(region, shown.where, shown.stage, values)
                if played is not None and _key(played) == _key(shown) and self._still(played, shown, kept):
                    shown = played
                    break
        return shown

    def _still(self, played: Shown, shown: Shown, kept: Iterable[str]) -> bool:
        """Whether the facts that the region is about are the same at the end of the call."""
        if played.new is None or shown.new is None or played.new.snapshot is None or shown.new.snapshot is None:
            return False
        own, other = played.new.snapshot.values, shown.new.snapshot.values
        return all(own.get(name) == other.get(name) for name in kept if self._is_number(name))

    def _is_number(self, name: str) -> bool:
        fact = self._catalogue.get(name)
        return fact is not None and fact.type in _NUMBERS


def _done(result: StageResult) -> tuple[object, ...]:
    return result.outcome, result.obligations


def _key(shown: Shown) -> _Key:
    return shown.before.outcome, shown.after.outcome


def _snapshot_only(move: Move) -> Shown:
    return Shown(Where.BESIDES, move.stage, (), move.values, {}, None, None, move.old, move.new)


def _number(fact: Fact, part: Part, where: Where) -> int | float | None:
    """A number of a region at its bound, or well inside it; `None` if it has none, or the fact can have no such one."""
    if fact.type not in _NUMBERS or not part.ranges:
        return None
    low, high = (None if isinstance(each, bool | str) else each for each in part.ranges[0])
    if low is None and high is None:
        return None
    # WHY whole seconds: nobody tells of less.
    step = SECOND if fact.type is FactType.DURATION else 1
    found = _at_bound(low, high, step) if where is Where.BOUNDARY else _inside(low, high, step)
    fits = (low is None or found >= low) and (high is None or found <= high)
    return found if fits and not accept(fact, found)[1] else low if low is not None else high


def _at_bound(low: int | float | None, high: int | float | None, step: int) -> int | float:
    if low is not None:
        return -(-low // step) * step if isinstance(low, int) else low
    return 0 if high is None else high // step * step if isinstance(high, int) else high


def _inside(low: int | float | None, high: int | float | None, step: int) -> int | float:
    if low is not None and high is not None:
        return (low + high) // 2 // step * step if isinstance(low, int) else (low + high) / 2
    if low is not None:
        return -(-low // step) * step + max(2 * step, low // 2 // step * step)
    return 0 if high is None else high // 2 // step * step
