"""What `callpolicy store prune` puts on record: what is to go, before any of it goes; and how much went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from callpolicy.cli.prune_clock import Doubt, SetBack, in_years

if TYPE_CHECKING:
    from callpolicy.audit import Tree
    from callpolicy.runtime.recorder import Pen
    from callpolicy.stores.sql import SqlStore

_T = TypeVar("_T")
_Put = Callable[[str, Mapping[str, "Tree"]], str]
"""Puts an act with its details on record; gives the name of the record."""

ACT: Final = "prune"
BEGIN: Final = "prune_begin"
FORCE: Final = "prune_force"
SET_BACK: Final = "history_set_back"
ACTS: Final = frozenset({ACT, BEGIN, FORCE, SET_BACK})
"""What is done to the store as a whole."""

STORE: Final = "store"
"""What stands in a record for it."""


@dataclass(slots=True)
class Term:
    """How long something is kept, and what comes of it.

    Args:
        name: what is kept.
        kept_for: how long, in microseconds.
        before: what is older than this goes.
        count: how much it is.
        done: whether all of it went.
    """

    name: str
    kept_for: int
    before: int
    count: int = 0
    done: bool = False

    def gone(self, count: int) -> None:
        """Note how much went."""
        self.count, self.done = count, True


class Begun(NamedTuple):
    """The names of the records that stood in the trail before anything went; `None` for one that was not needed."""

    record: str
    forced: str | None
    set_back: str | None


def record_beginning(
    store: SqlStore,
    revision: str,
    terms: Sequence[Term],
    person: str,
    at: int,
    *,
    doubt: Doubt | None,
    set_back: SetBack | None,
) -> Begun:
    """Record what is to be erased; on disk when this returns.

    WHY before: whoever erases may be killed in the middle, and what is gone then must be on record.

    Args:
        store: the store.
        revision: of the norm whose retention holds.
        terms: what goes.
        person: who erases.
        at: when.
        doubt: why the clock was not believed, and is by the word of the person.
        set_back: since when history is kept, which lies in the future, and from when again.
    """
    from callpolicy.instants import instant_text

    def write(put: _Put) -> Begun:
        forced = back = None
        details: dict[str, Tree] = {"revision": revision}
        if doubt is not None:
            forced = put(FORCE, {"pruned_by": instant_text(doubt.at), "newest": instant_text(doubt.newest)})
            details["forced"] = forced
        if set_back is not None:
            found, again = (instant_text(in_years(each)) for each in set_back)
            back = put(SET_BACK, {"kept_from_before": found, "kept_from": again})
            details["set_back"] = back
        return Begun(put(BEGIN, {**details, **_instants(terms)}), forced, back)

    return _written(store, person, at, write)


def record_end(store: SqlStore, revision: str, terms: Sequence[Term], person: str, at: int, begun: Begun) -> str:
    """Record how much went of each kind, or that not all of it went; returns the name of the record.

    Args:
        store: the store.
        revision: of the norm whose retention holds.
        terms: what went.
        person: who erased.
        at: when.
        begun: what was recorded before.
    """
    details: dict[str, Tree] = {"revision": revision, "begun": begun.record}
    details.update({term.name: term.count for term in terms if term.done})
    unfinished: list[Tree] = [term.name for term in terms if not term.done]
    if unfinished:
        details["unfinished"] = unfinished
    return _written(store, person, at, lambda put: put(ACT, {**details, **_instants(terms)}))


def _instants(terms: Sequence[Term]) -> dict[str, Tree]:
    from callpolicy.instants import instant_text

    return {f"{term.name}_before": instant_text(in_years(term.before)) for term in terms}


def _written(store: SqlStore, person: str, at: int, write: Callable[[_Put], _T]) -> _T:
    """Write records as the desk, all of them or none."""
    from callpolicy.audit import Chain, act_draft
    from callpolicy.runtime.desk import WRITER
    from callpolicy.runtime.recorder import Pen
    from callpolicy.stores.base import Turn

    def put(pen: Pen, act: str, details: Mapping[str, Tree]) -> str:
        pen.write(act_draft(act, person, STORE, at, details=details), STORE)
        return f"{WRITER}#{pen.kept[-1].record.number}"

    def work(turn: Turn) -> _T:
        pen = Pen(Chain(turn.head(WRITER)), store.keys)
        made = write(lambda act, details: put(pen, act, details))
        turn.append(pen.kept)
        return made

    return store.turn(work, (), WRITER)
