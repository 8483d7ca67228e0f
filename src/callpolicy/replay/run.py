"""Recorded calls through the norm: every decision, and what they add up to.

Events are fed in event-time order, all to the same `Engine.observe` that a live call uses. After the candidate's
reject the call's later events are dropped, for that call would not have gone on. After a hang-up that the system would
have made they still feed the fold, and the decisions are marked `after_divergence`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any as AnyValue

from callpolicy.decision import Decision
from callpolicy.errors import CallEventError
from callpolicy.events import Ended, Event, Offered, Party
from callpolicy.points import RESTRICTIVE, DecisionPoint, Effect, Stage
from callpolicy.policy import By
from callpolicy.runtime import Engine


@dataclass(frozen=True, slots=True)
class EventFault:
    """An event that could not be taken in; the call went on without it.

    Args:
        call_id: the call.
        seq: its number in the call.
        code: code of the `CallEventError`.
    """

    call_id: str
    seq: int
    code: str


@dataclass(slots=True)
class Summary:
    """What a replay came to. Calls are counted, not decisions, unless a name says otherwise.

    Args:
        events: events that were fed.
        decisions: decisions that were made.
        calls: calls that were offered.
        classes: calls by the strictest class that they were given, with kind.
        effects: calls by stage and effect that occurred in them.
        rules: calls by rule that determined an outcome in them.
        held: calls by rule that held an outcome in them.
        invariants: calls by invariant that acted in them.
        shadow: calls by what shadow rules would have changed.
        input_faults: decisions by fact and code of what was not taken.
        automatic: calls by rule and restrictive effect that the system itself would have carried out.
        permitted: calls by rule and restrictive effect that an agent would have been permitted.
        dropped: events that were dropped after a reject.
        diverged: calls that went on after the system would have ended them.
        failed: decisions in which something failed.
        event_faults: events that could not be taken in.
    """

    events: int = 0
    decisions: int = 0
    calls: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    invariants: Counter[str] = field(default_factory=Counter)
    shadow: Counter[tuple[str, str]] = field(default_factory=Counter)
    input_faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    automatic: Counter[tuple[str, str]] = field(default_factory=Counter)
    permitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    dropped: int = 0
    diverged: int = 0
    failed: int = 0
    event_faults: list[EventFault] = field(default_factory=list)

    def to_dict(self) -> dict[str, AnyValue]:
        """The summary as plain values for JSON."""
        return {
            "events": self.events,
            "decisions": self.decisions,
            "calls": self.calls,
            "classes": _sorted(self.classes),
            "effects": _nested(self.effects),
            "rules": _sorted(self.rules),
            "held": _sorted(self.held),
            "invariants": _sorted(self.invariants),
            "shadow": _nested(self.shadow),
            "input_faults": _nested(self.input_faults),
            "automatic": _nested(self.automatic),
            "permitted": _nested(self.permitted),
            "dropped": self.dropped,
            "diverged": self.diverged,
            "failed": self.failed,
            "event_faults": _sorted(Counter(fault.code for fault in self.event_faults)),
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    tree: dict[str, dict[str, int]] = {}
    for (outer, inner), count in sorted(counts.items()):
        tree.setdefault(outer, {})[inner] = count
    return tree


@dataclass(slots=True)
class _CallTally:
    """What occurred in one call, each thing once."""

    strictest: tuple[int, str] = (-1, "")
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    rejected: bool = False
    over: bool = False
    diverged: bool = False


_CLASS_ORDER = {Effect.NORMAL: 0, Effect.REPEAT_COMPLAINT: 1, Effect.NUISANCE: 2}


class Replay:
    """Feeds recorded events to an engine and adds up what it decides.

    Args:
        engine: the engine; a new one, for it keeps what it was fed.
        on_progress: called with the number of events fed, every thousand events.
    """

    def __init__(self, engine: Engine, on_progress: Callable[[int], None] | None = None) -> None:
        self._engine = engine
        self._on_progress = on_progress
        self._tallies: dict[str, _CallTally] = {}
        self.summary = Summary()

    def run(self, events: Iterable[Event]) -> Iterator[Decision]:
        """Feed events and yield every decision; `summary` is whole when this is used up.

        Args:
            events: in the order (at, call_id, seq).
        """
        summary = self.summary
        for event in events:
            summary.events += 1
            if self._on_progress is not None and summary.events % 1_000 == 0:
                self._on_progress(summary.events)
            if isinstance(event, Offered) and event.call_id not in self._tallies:
                self._tallies[event.call_id] = _CallTally()
                summary.calls += 1
            tally = self._tallies.get(event.call_id)
            if tally is not None and tally.rejected:
                summary.dropped += 1
                continue
            if tally is not None:
                self._diverge(event, tally)
            decision = self._observe(event)
            if decision is not None and tally is not None:
                tally.rejected = decision.point is DecisionPoint.OFFERED and decision.effect is Effect.REJECT
                tally.over = tally.over or _system_ends(decision)
                decision = replace(decision, after_divergence=True) if tally.diverged else decision
                self._count(decision, tally)
                yield decision
        summary.classes.update(tally.strictest[1] for tally in self._tallies.values() if tally.strictest[1])
        if self._on_progress is not None:
            self._on_progress(summary.events)

    def _observe(self, event: Event) -> Decision | None:
        try:
            return self._engine.observe(event)
        except CallEventError as error:
            self.summary.event_faults.append(EventFault(event.call_id, event.seq, error.code))
            return None

    def _diverge(self, event: Event, tally: _CallTally) -> None:
        """Where the system would have ended the call, anything but an end by the centre is another course of it."""
        if not tally.over or tally.diverged:
            return
        if _ended_by_centre(event):
            tally.over = False
        else:
            tally.diverged = True
            self.summary.diverged += 1

    def _count(self, decision: Decision, tally: _CallTally) -> None:
        summary = self.summary
        summary.decisions += 1
        summary.failed += bool(decision.failed)
        for fault in decision.input_faults:
            summary.input_faults[fault.fact, fault.code] += 1
        kind = f": {decision.caller_kind}" if decision.caller_kind else ""
        name = f"{decision.caller_class}{kind}"
        tally.strictest = max(tally.strictest, (_CLASS_ORDER[decision.caller_class], name))
        for result in decision.stages:
            outcome = result.outcome
            if result.stage is not Stage.CLASSIFY:
                self._once(tally, "effects", str(result.stage), str(outcome.effect))
            for rule in result.determining:
                self._once(tally, "rules", rule, "")
                if outcome.effect in RESTRICTIVE:
                    kind = "automatic" if outcome.by is By.SYSTEM else "permitted"
                    self._once(tally, kind, rule, str(outcome.effect))
            for rule in result.held_by:
                self._once(tally, "held", rule, "")
            for invariant in result.invariants:
                self._once(tally, "invariants", invariant, "")
        for result in decision.shadow:
            self._once(tally, "shadow", ", ".join(result.determining) or "default", str(result.outcome.effect))

    def _once(self, tally: _CallTally, table: str, outer: str, inner: str) -> None:
        if (table, outer, inner) in tally.seen:
            return
        tally.seen.add((table, outer, inner))
        counts: Counter[AnyValue] = getattr(self.summary, table)
        counts[outer if table in {"rules", "held", "invariants"} else (outer, inner)] += 1


def _system_ends(decision: Decision) -> bool:
    return (
        decision.point is DecisionPoint.IN_CALL
        and decision.by is By.SYSTEM
        and decision.effect in {Effect.HANG_UP, Effect.HANG_UP_POLITELY}
    )


def _ended_by_centre(event: Event) -> bool:
    return isinstance(event, Ended) and event.by in {Party.AGENT, Party.SYSTEM}
