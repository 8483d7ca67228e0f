"""The rule engines that are compared, each behind the same four functions, and each loaded in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, Protocol

from benchmarks.workload import Snapshot
from callpolicy.condition import Condition


class Contestant(Protocol):
    """Policies in the form of one engine, loaded.

    `prepare` and `true` are never timed; `ask` is, and does what a host of that engine does for one decision.
    """

    def prepare(self, values: Snapshot) -> Any:
        """The known facts as the engine takes them: a dictionary under names that it allows."""
        ...

    def ask(self, facts: Any) -> Any:
        """Which rules are true, in the engine's own form."""
        ...

    def true(self, answer: Any) -> set[int]:
        """The positions of the true rules."""
        ...

    def may(self, answer: Any) -> set[int] | None:
        """The positions of the rules that may be true; `None` from an engine with two truth values."""
        ...


Load = Callable[[], Contestant]
"""From the engine's own text of the policies to a contestant that can be asked: this is the load time."""

Translate = Callable[[Sequence[Condition]], Load]
"""From conditions to the engine's own text, which is not timed."""

_HOME: Final = {
    "indexed": "own",
    "indexed-ids": "own",
    "reference": "own",
    "rete": "own",
    "zen-engine": "zen_engine",
    "cedarpy": "cedar",
    "durable_rules": "durable",
}

NAMES: Final = tuple(_HOME)
"""Every contestant."""

LIBRARY: Final = {"zen-engine": "zen", "cedarpy": "cedarpy", "durable_rules": "durable", "rete": "durable_rules_engine"}
"""What a contestant imports; it is absent where that is."""


def translator(name: str) -> Translate:
    """How conditions become the text of a contestant.

    Raises:
        ImportError: its library is not installed.
    """
    module = import_module(f"benchmarks.contestants.{_HOME[name]}")
    translate: Translate = module.TRANSLATORS[name]
    return translate


def plain(fact: str) -> str:
    """A fact's name without dots, which other engines take for a path."""
    return fact.replace(".", "_")
