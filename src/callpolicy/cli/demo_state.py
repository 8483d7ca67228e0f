"""The last part of the demo: what is on record of the day, whether it holds, and a decision made again from it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callpolicy.cli.options import Language
from callpolicy.cli.texts import text

if TYPE_CHECKING:
    from callpolicy.policy import Bundle
    from callpolicy.reports.tables import Table
    from callpolicy.simulator import WireEvent
    from callpolicy.stores.base import Store

_EVENTS: Final = 3_000
_REMADE: Final = 200


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is on record of the day.

    Args:
        records: audit records.
        breaks: places at which the trail is not what was written.
        digest: over the heads of all writers.
        remade: what making some decisions again came to, by word.
        blocks: blocks of the system that were made.
        proposed: blocks that wait for a person.
        cases: complaint cases.
    """

    records: int
    breaks: int
    digest: str
    remade: dict[str, int]
    blocks: int
    proposed: int
    cases: int

    @property
    def sound(self) -> bool:
        """Whether the trail holds and every decision came out the same again."""
        return not self.breaks and set(self.remade) <= {"same"}

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "records": self.records,
            "breaks": self.breaks,
            "digest": self.digest,
            "remade": self.remade,
            "blocks": self.blocks,
            "proposed": self.proposed,
            "cases": self.cases,
        }


def on_record(bundle: Bundle, day: Sequence[WireEvent]) -> OnRecord:
    """Put the beginning of a day through an engine with a store in a file, and look at what that keeps of it.

    Args:
        bundle: the norm.
        day: the events of the day.
    """
    from callpolicy.runtime import Engine
    from callpolicy.stores import open_store
    from callpolicy.wire import event_from_dict

    events = [event_from_dict(event, bundle.catalogue) for event in day[:_EVENTS]]
    with tempfile.TemporaryDirectory(prefix="callpolicy-demo-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'demo.db'}")
        try:
            with Engine(bundle, store=store, durability="batched") as engine:
                for event in events:
                    engine.observe(event)
            return _kept(store, events[-1].at if events else 0)
        finally:
            store.close()


def _kept(store: Store, at: int) -> OnRecord:
    from callpolicy.audit import Anchor
    from callpolicy.audit.drafts import DECISION
    from callpolicy.audit.streaming import verify_long
    from callpolicy.lists import ListName
    from callpolicy.runtime.revisiting import Revisiting

    revisiting = Revisiting(store)
    anchor = Anchor.of(at, store.heads())
    kept = list(store.records())
    decided = [each for each in kept if each.record.kind == DECISION]
    remade = Counter(str(revisiting.remade(each).result) for each in decided[:: max(1, len(decided) // _REMADE)])
    blocks = [each for each in store.entries(ListName.BLOCKLIST) if each.block is not None]
    return OnRecord(
        records=len(kept),
        breaks=len(verify_long(lambda: (each.record for each in kept), anchor)),
        digest=anchor.digest,
        remade=dict(remade),
        blocks=sum(each.entry is not None for each in blocks),
        proposed=sum(each.entry is None for each in blocks),
        cases=sum(1 for _ in store.cases()),
    )


def record_table(found: OnRecord, language: Language) -> Table:
    """The table."""
    from callpolicy.reports.tables import Column, Table

    holds = "✓" if not found.breaks else "✗"
    rows = (
        (text("on_record", language), f"{found.records:,}"),
        (text("trail_holds", language), f"{holds} {found.digest[:23]}…"),
        (text("made_again", language), ", ".join(f"{count} {word}" for word, count in sorted(found.remade.items()))),
        (text("blocks_made", language), str(found.blocks)),
        (text("blocks_proposed", language), str(found.proposed)),
        (text("cases_kept", language), str(found.cases)),
    )
    columns = (Column(text("kept_of_day", language)), Column("", whole=True))
    return Table("", columns, rows)
