"""The rete matcher: durable_rules by a narrow recipe that is exactly right; the independent second opinion.

Outside that recipe durable_rules gives wrong answers, hangs, or crashes. So only conjunctions of `==` and `!=` over one
flat fact of small integers reach it: this package evaluates the leaves itself (`leaves`), brings the conditions to rows
(`plan`), tries every new set of rulesets in a child process first (`trial`), and drives the engine by one cycle
(`ruleset`). What it cannot hold, it refuses when it compiles.

INVARIANT: it shares no evaluation with the reference or the indexed matcher, or it would be no second opinion.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping, Sequence

from callpolicy.condition import Condition
from callpolicy.errors import MatcherError, UnsupportedConditionError
from callpolicy.facts import Catalogue, Value
from callpolicy.matchers.base import Matches
from callpolicy.matchers.rete.leaves import UNKNOWN, Evaluate
from callpolicy.matchers.rete.plan import Plan, plan_of
from callpolicy.matchers.rete.ruleset import IMPORT_FAULT, Ruleset
from callpolicy.matchers.rete.trial import self_test

__all__ = ["ReteMatcher", "available", "compile_rete"]


def available() -> bool:
    """Whether durable_rules can be imported here; where it cannot, `compile_rete` refuses everything."""
    return not IMPORT_FAULT


class ReteMatcher:
    """Conditions held by durable_rules. Threads may share one: a lock lets them in one at a time.

    Args:
        plan: the rulesets, tried before.
    """

    __slots__ = ("__weakref__", "_evaluates", "_lock", "_plan", "_rulesets")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._evaluates: tuple[Evaluate, ...] = plan.evaluates
        self._lock = threading.Lock()
        self._rulesets: tuple[Ruleset, ...] | None = None
        _LIVE.add(self)

    def match(self, values: Mapping[str, Value]) -> Matches:
        """Evaluate every condition on the known facts.

        Raises:
            MatcherError: the engine failed twice, the second time with new handles.
        """
        states, erring = self._read(values)
        with self._lock:
            try:
                true, may = self._fire(states)
            except Exception:  # WHY: whatever the engine raises, new handles owe nothing to what went before
                true, may = self._fire_anew(states)
        true = (true | self._plan.always) & ~erring
        return Matches(true, (may | erring) & ~true, erring)

    def _read(self, values: Mapping[str, Value]) -> tuple[list[int], int]:
        try:
            return [evaluate(values) for evaluate in self._evaluates], 0
        except Exception:  # WHY: one broken leaf must not cost the caller the others (law of errors)
            return self._read_one_by_one(values)

    def _read_one_by_one(self, values: Mapping[str, Value]) -> tuple[list[int], int]:
        states: list[int] = []
        erring = 0
        for evaluate, conditions in zip(self._evaluates, self._plan.leaf_masks, strict=True):
            try:
                states.append(evaluate(values))
            except Exception:  # WHY: as above
                states.append(UNKNOWN)
                erring |= conditions
        return states, erring

    def _fire(self, states: list[int]) -> tuple[int, int]:
        """One cycle of every ruleset. When anything goes wrong, an interrupt too, the handles are thrown away."""
        true = may = 0
        try:
            if self._rulesets is None:
                self._rulesets = tuple(Ruleset(plan.rules) for plan in self._plan.rulesets)
            for plan, ruleset in zip(self._plan.rulesets, self._rulesets, strict=True):
                for number in ruleset.fire([states[leaf] for leaf in plan.leaves]):
                    true |= plan.true_masks[number]
                    may |= plan.may_masks[number]
        except BaseException:
            self._throw_away()
            raise
        return true, may

    def _fire_anew(self, states: list[int]) -> tuple[int, int]:
        try:
            return self._fire(states)
        except Exception as error:
            raise MatcherError(f"durable_rules failed twice: {error}") from error

    def _throw_away(self) -> None:
        rulesets, self._rulesets = self._rulesets, None
        for ruleset in rulesets or ():
            ruleset.abandon()

    def _begin_anew_after_fork(self) -> None:
        # WHY: another thread may have held the lock, and been in the middle of a cycle, when the process was forked.
        self._lock = threading.Lock()
        self._throw_away()


_LIVE: weakref.WeakSet[ReteMatcher] = weakref.WeakSet()


def _after_fork() -> None:
    for matcher in list(_LIVE):
        matcher._begin_anew_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def compile_rete(conditions: Sequence[Condition], catalogue: Catalogue) -> ReteMatcher:
    """Compile for durable_rules; every new set is tried in a child process, within a time-out, before it is used.

    Args:
        conditions: condition i becomes bit i of a match.
        catalogue: not read; operand types have been checked against it.

    Raises:
        UnsupportedConditionError: durable_rules is not there, a limit would be exceeded, or the trial failed; the
            message says which.
    """
    del catalogue
    if IMPORT_FAULT:
        raise UnsupportedConditionError(
            f"the rete matcher needs durable_rules, which does not import here: {IMPORT_FAULT}"
        )
    plan = plan_of(conditions)
    if fault := self_test([ruleset.rules for ruleset in plan.rulesets]):
        raise UnsupportedConditionError(f"durable_rules does not hold these conditions: {fault}")
    return ReteMatcher(plan)
