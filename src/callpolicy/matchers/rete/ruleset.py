"""One ruleset of durable_rules and the one cycle that is known to be right.

The low-level module only: `durable.lang` and its host start timer threads. What must never reach it: strings, nulls,
floats, arrays, nested objects, `$or`, regular expressions, negation over facts, one sid per call.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import orjson

from callpolicy.errors import MatcherError

# WHY it may be absent: built from source only, so it needs a C compiler, and on Python 3.13+ it fails to import.
try:
    import durable_rules_engine
except ImportError as error:
    _engine: Any = None
    IMPORT_FAULT: str = str(error)
else:
    _engine = durable_rules_engine
    IMPORT_FAULT = ""

Test: TypeAlias = tuple[int, bool, int]
"""(field, equal, value): the field of that number equals the value, or differs from it."""

Rule: TypeAlias = tuple[Test, ...]
"""A conjunction; at least one test."""

# WHY constant: every new sid or id makes state in the engine that is never given back.
_SID: Final = "s"
_ID: Final = "f"
_WARM: Final = "w"
_HANDLED: Final = frozenset({0, 1})
"""What the engine answers to a fact that it took: some rule, or none, saw it."""


def field_name(number: int) -> str:
    """The name of a field inside the engine, which knows it by a 32-bit hash only."""
    return f"f{number}"


def definition(rules: Sequence[Rule]) -> str:
    """The ruleset as durable_rules reads it: rule i is `r<i>`, and a rule of its own for the warm-up."""
    conjunctions = {f"r{number}": [_test(test) for test in rule] for number, rule in enumerate(rules)}
    whole = {_WARM: [{_WARM: 1}], **conjunctions}
    return orjson.dumps({name: {"all": [{"m": {"$and": tests}}]} for name, tests in whole.items()}).decode()


def _test(test: Test) -> dict[str, object]:
    field, equal, value = test
    return {field_name(field): value} if equal else {"$neq": {field_name(field): value}}


class Ruleset:
    """The handle of one ruleset. Not for two threads at once.

    Args:
        rules: at most 60 (see `plan`).
    """

    __slots__ = ("__weakref__", "_handle", "_names", "_release")

    def __init__(self, rules: Sequence[Rule]) -> None:
        fields = 1 + max(field for rule in rules for field, _, _ in rule)
        self._names = [field_name(number) for number in range(fields)]
        self._handle: int = _engine.create_ruleset("rete", definition(rules))
        # INVARIANT: warmed up before it is released. With a state the engine frees two pointers that it sets only when
        # a first rule has fired.
        if self._cycle({_WARM: 1}) != [_WARM]:
            raise MatcherError("the warm-up rule did not fire")
        self._release = weakref.finalize(self, _release, self._handle)
        self._release.atexit = False

    def fire(self, states: Sequence[int]) -> list[int]:
        """Which rules hold, by number.

        Args:
            states: one small integer for each field.
        """
        return [int(name[1:]) for name in self._cycle(dict(zip(self._names, states, strict=True)))]

    def close(self) -> None:
        """Give the engine's memory back; the ruleset cannot be used any more."""
        self._release()

    def abandon(self) -> None:
        """Forget the handle without touching it: after a failure even to free it may be unsafe."""
        self._release.detach()

    def _cycle(self, fields: dict[str, int]) -> list[str]:
        fact = orjson.dumps({"id": _ID, "sid": _SID, **fields}).decode()
        handled, state = _engine.assert_fact(self._handle, fact)
        if handled not in _HANDLED:
            raise MatcherError(f"durable_rules did not take a fact: code {handled}")
        names: list[str] = []
        started = _engine.start_action_for_state(self._handle, state)
        message = started[1] if started else None
        while message:
            names.append(message[2 : message.index('"', 2)])
            message = _engine.complete_and_start_action(self._handle, state)
        _engine.retract_fact(self._handle, fact)
        return names


def _release(handle: int) -> None:
    # INVARIANT: the state goes first; the engine would leak it, and needs the ruleset to take it apart.
    _engine.delete_state(handle, _SID)
    _engine.delete_ruleset(handle)
