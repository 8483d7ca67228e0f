"""The three matchers of callpolicy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.contestants import Contestant, Load, Translate
from benchmarks.workload import CATALOGUE, Snapshot
from callpolicy.condition import Condition
from callpolicy.matchers.base import Compile, Matcher, Matches, bits
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference
from callpolicy.matchers.rete import compile_rete


class _Own:
    def __init__(self, matcher: Matcher) -> None:
        # WHY no method of our own between: it would be timed.
        self.ask = matcher.match

    def prepare(self, values: Snapshot) -> Snapshot:
        return values

    def true(self, answer: Matches) -> set[int]:
        return set(bits(answer.true))

    def may(self, answer: Matches) -> set[int] | None:
        return set(bits(answer.may))


class _OwnIds:
    """The indexed matcher with its answer spelt out as other engines do: a list with an entry for each true rule."""

    def __init__(self, matcher: Matcher) -> None:
        self._match = matcher.match

    def prepare(self, values: Snapshot) -> Snapshot:
        return values

    def ask(self, facts: Snapshot) -> list[int]:
        return list(bits(self._match(facts).true))

    def true(self, answer: list[int]) -> set[int]:
        return set(answer)

    def may(self, answer: list[int]) -> set[int] | None:
        del answer
        return None


def _with(compile_conditions: Compile, kind: type[_Own] | type[_OwnIds] = _Own) -> Translate:
    def translate(conditions: Sequence[Condition]) -> Load:
        def load() -> Contestant:
            return kind(compile_conditions(conditions, CATALOGUE))

        return load

    return translate


TRANSLATORS: Final = {
    "indexed": _with(compile_indexed),
    "indexed-ids": _with(compile_indexed, _OwnIds),
    "reference": _with(compile_reference),
    "rete": _with(compile_rete),
}
