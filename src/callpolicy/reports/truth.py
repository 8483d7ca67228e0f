"""What a norm found in simulated calls, against what was planted there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callpolicy.decision import Decision
from callpolicy.points import RESTRICTIVE, Effect, Kind
from callpolicy.policy import By
from callpolicy.simulator import Planted, Truth

_RIGHT_CLASS = {
    Planted.BURST: Effect.NUISANCE,
    Planted.PERSISTENT_ABUSE: Effect.NUISANCE,
    Planted.REPEAT_AFTER_FINAL: Effect.REPEAT_COMPLAINT,
    Planted.REPEAT_BEYOND_RULE: Effect.REPEAT_COMPLAINT,
}
_RIGHT_KIND = {
    Planted.REPEAT_AFTER_FINAL: Kind.AFTER_FINAL_RESULT,
    Planted.REPEAT_BEYOND_RULE: Kind.BEYOND_BUSINESS_RULE,
}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the planted were found.

    Args:
        stories: callers or lines: in how many of them at least one call was recognised, and how many there are.
        calls: calls that the record is enough to recognise: how many were, and how many there are.
    """

    stories: tuple[int, int]
    calls: tuple[int, int]


@dataclass(slots=True)
class Comparison:
    """Decisions against the truth; `receive` takes them one by one.

    Args:
        truth: what is true of each call, by call_id.
    """

    truth: Mapping[str, Truth]
    _recognised: set[str] = field(default_factory=set)
    _restricted: dict[str, Effect] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)
    _read_as_final: set[str] = field(default_factory=set)

    def receive(self, seq: int, decision: Decision) -> None:
        """Take one decision.

        Args:
            seq: number of the event that it was made after.
            decision: the decision.
        """
        call = decision.call_id
        truth = self.truth.get(call)
        if truth is None:
            return
        if decision.caller_kind is Kind.AFTER_FINAL_RESULT:
            self._read_as_final.add(call)
        if _closes_after_service(decision):
            self._closed.add(call)
        elif decision.effect in RESTRICTIVE:
            self._restricted.setdefault(call, decision.effect)
        # WHY a reject counts: the call is kept out before anything on it could be recognised.
        if decision.effect is Effect.REJECT and truth.planted is Planted.BURST:
            self._recognised.add(call)
        if truth.recognise_seq is not None and seq >= truth.recognise_seq and _is_right(truth.planted, decision):
            self._recognised.add(call)

    def found(self, planted: Planted) -> Share:
        """How much of what was planted was found."""
        calls = [
            call for call, each in self.truth.items() if each.planted is planted and each.recognise_seq is not None
        ]
        stories = {self.truth[call].story for call in calls}
        recognised = [call for call in calls if call in self._recognised]
        of_stories = {self.truth[call].story for call in recognised}
        return Share((len(of_stories), len(stories)), (len(recognised), len(calls)))

    @property
    def restricted_normal(self) -> dict[str, Effect]:
        """Calls with nothing planted that met a restrictive effect; there must be none."""
        return {call: effect for call, effect in self._restricted.items() if self.truth[call].planted is Planted.NONE}

    @property
    def closed_after_service(self) -> int:
        """Calls that an agent might end because the service was complete and nothing else was needed (NORM 2.1)."""
        return len(self._closed)

    @property
    def wrongly_final(self) -> frozenset[str]:
        """Calls read as a complaint after a final result without being one; there must be none."""
        return frozenset(
            call for call in self._read_as_final if self.truth[call].planted is not Planted.REPEAT_AFTER_FINAL
        )


def _closes_after_service(decision: Decision) -> bool:
    """Whether this is the ordinary end of an ordinary call, which restricts nobody. Source: NORM 2.1."""
    values = decision.snapshot.values if decision.snapshot else {}
    return (
        decision.effect in {Effect.HANG_UP_POLITELY, Effect.HANG_UP}
        and decision.by is By.AGENT
        and decision.caller_class is Effect.NORMAL
        and values.get("talk.service_complete") is True
        and values.get("talk.no_further_needs") is True
    )


def _is_right(planted: Planted, decision: Decision) -> bool:
    if decision.caller_class is not _RIGHT_CLASS.get(planted):
        return False
    return decision.caller_kind is _RIGHT_KIND.get(planted, decision.caller_kind)
