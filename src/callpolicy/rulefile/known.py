"""What the files of a bundle may refer to: facts, signals, scripts and languages that other files declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callpolicy.facts import Catalogue, Fact
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import STAGES_AT, DecisionPoint, Stage
from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.tree import Path

SIGNALS_FACT: Final = "talk.signals"
"""The fact whose elements are the signals of the lexicons."""

_POINTS: Final = tuple(DecisionPoint)
_LAST_POINT: Final = {
    stage: max((point for point in _POINTS if stage in STAGES_AT[point]), key=_POINTS.index) for stage in Stage
}
_MADE_BY_CLASSIFY: Final = frozenset({"caller.class", "caller.kind"})


@dataclass(frozen=True, slots=True)
class Known:
    """What has been declared.

    WHY the `None`s: where a file could not be read, nothing that might stand in it is called unknown; one typing error
    must not be told a hundred times.

    Args:
        catalogue: the built-in facts and the bundle's own.
        faulty: names of facts that are declared with a fault.
        facts_whole: whether `facts.yaml` could be read.
        windows_whole: whether `windows.yaml` could be read.
        languages: languages that every text must have; `None` if not known.
        scripts: ids of scripts; `None` if not known.
        signals: signals of the lexicons; `None` if not known.
    """

    catalogue: Catalogue = BUILTIN
    faulty: frozenset[str] = frozenset()
    facts_whole: bool = True
    windows_whole: bool = True
    languages: tuple[str, ...] | None = None
    scripts: frozenset[str] | None = None
    signals: frozenset[str] | None = None

    def fact(self, desk: Desk, path: Path, name: object, *, key: bool = True) -> Fact | None:
        """The fact of that name, or `None` with the fault handed in."""
        fact = self.catalogue.get(name) if isinstance(name, str) else None
        if fact is None and not self._excused(str(name)):
            desk.unknown(path, "unknown-fact", "fact", name, self.names(), key=key)
        return fact

    def names(self) -> Iterable[str]:
        """The names of all facts."""
        return (fact.name for fact in self.catalogue)

    def words(self, fact: Fact) -> frozenset[str]:
        """The words a text or an element may be where other files limit them; empty for any."""
        return (self.signals or frozenset()) if fact.name == SIGNALS_FACT else frozenset()

    def _excused(self, name: str) -> bool:
        if name in self.faulty:
            return True
        if name.startswith("history."):
            return not self.windows_whole
        return not self.facts_whole and not name.startswith(("talk.", "block."))


def look_at_stage(desk: Desk, path: Path, fact: Fact, stage: Stage) -> None:
    """Hand in a fault if the fact cannot be known when the stage decides."""
    if stage is Stage.CLASSIFY and fact.name in _MADE_BY_CLASSIFY:
        hint = "look at what happened instead, or at `talk.judged_class`"
        desk.fault(
            path,
            "class-read-in-classify",
            f"`{fact.name}` is made by `classify` and cannot be read in it",
            hint,
            key=True,
        )
    elif _POINTS.index(fact.known_from) > _POINTS.index(_LAST_POINT[stage]):
        message = f"`{fact.name}` is not known yet when `{stage}` decides"
        hint = f"it is known from `{fact.known_from}` on, and `{stage}` decides up to `{_LAST_POINT[stage]}`"
        desk.fault(path, "fact-not-yet-known", message, hint, key=True)
