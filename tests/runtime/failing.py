"""Stores that fail when a test says so, and what tests ask of what was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from typing import Any, TypeVar

from callpolicy.audit import AuditRecord, verify
from callpolicy.decision import Decision
from callpolicy.errors import StoreError
from callpolicy.events import Event
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block
from callpolicy.lists import Entries, Subject
from callpolicy.points import RESTRICTIVE
from callpolicy.runtime import Engine
from callpolicy.session.case import CaseRecord
from callpolicy.stores.base import Background, Kept, Listed, Query, Store, Turn
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from callpolicy.windows import History, Item

_T = TypeVar("_T")

_OWN = {"_lock", "_keys", "_zone", "asked", "down", "error"}
COMMIT = "commit"
AMBIGUOUS = "ambiguous"


class Down(MemoryStore):
    """A store in memory with transactions, of which some methods fail while `down` names them.

    `commit` fails when everything was done and nothing is kept; `ambiguous` when everything is kept already.
    """

    def __init__(self, *down: str, error: type[BaseException] = StoreError, secret: bytes | None = None) -> None:
        super().__init__(secret=secret)
        self.down = set(down)
        self.error = error
        self.asked: list[str] = []

    def _check(self, name: str) -> None:
        self.asked.append(name)
        if name in self.down:
            raise self.error(f"{name} is down")

    def turn(self, work: Callable[[Turn], _T], about: Sequence[Identity] = (), writer: str | None = None) -> _T:
        self._check("turn")
        with self._lock, self._transaction():
            result = work(self)
            self._check(COMMIT)
        self._check(AMBIGUOUS)
        return result

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = {name: _copied(value) for name, value in vars(self).items() if name not in _OWN}
        try:
            yield
        except BaseException:
            vars(self).update(before)
            raise

    def add(self, identities: Sequence[Identity], item: Item) -> bool:
        self._check("add")
        return super().add(identities, item)

    def receive_case(self, case_id: str, event: Event, agent: str | None) -> None:
        self._check("receive_case")
        super().receive_case(case_id, event, agent)

    def put_block(self, block: Block) -> None:
        self._check("put_block")
        super().put_block(block)

    def append(self, kept: Sequence[Kept]) -> None:
        self._check("append")
        super().append(kept)
        self._check("after append")

    def overlapping(self, subject: Subject) -> tuple[Listed, ...]:
        self._check("overlapping")
        return super().overlapping(subject)

    def background(self, query: Query) -> Background:
        self._check("background")
        return super().background(query)

    def prune(self, before: int) -> int:
        self._check("prune")
        return super().prune(before)


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: list(each) if isinstance(each, list) else _copied(each) for key, each in value.items()}
    return deepcopy(value) if isinstance(value, History | CaseRecord | Entries) else copy(value)


class DownFile(SqlStore):
    """A store in a file of SQLite of which transactions, or readings, fail while `down` says so."""

    def __init__(self, url: str, *, patience: float = 1.0, **more: Any) -> None:
        self.down: set[str] = set()
        self.turns = 0
        super().__init__(url, patience=patience, **more)

    def turn(self, work: Callable[[Turn], _T], about: Sequence[Identity] = (), writer: str | None = None) -> _T:
        self.turns += 1
        if "turn" in self.down:
            raise StoreError("it is down")
        result = super().turn(work, about, writer)
        if AMBIGUOUS in self.down:
            raise StoreError("nobody knows")
        return result

    def background(self, query: Query) -> Background:
        if "background" in self.down:
            raise StoreError("it is down")
        return super().background(query)


def fed(engine: Engine, *events: Event) -> list[Decision]:
    """The decisions on events, one after the other."""
    return [engine.observe(event) for event in events]


def restricts(decision: Decision) -> bool:
    """Whether a decision restricts its caller in any stage."""
    return any(result.outcome.effect in RESTRICTIVE for result in decision.stages)


def trail(store: Store) -> list[AuditRecord]:
    """Every record of a store; its chains hold."""
    records = [kept.record for kept in store.records()]
    assert verify(records) == ()
    return records


def decisions_in(records: Iterable[AuditRecord]) -> list[tuple[str, tuple[str, ...]]]:
    """The ids of the recorded decisions, sorted, each with what failed."""
    found = [record.body["decision"] for record in records if record.kind == "decision"]
    return sorted((str(each["decision_id"]), tuple(map(str, each.get("failed") or ()))) for each in found)  # type: ignore[arg-type]  # a JSON tree


def failures_in(records: Iterable[AuditRecord]) -> list[dict[str, object]]:
    """What the records of failures say."""
    return [dict(record.body["failure"]) for record in records if record.kind == "failure"]
