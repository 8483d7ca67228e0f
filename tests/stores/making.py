"""What the tests of the stores are about: callers, windows, items, questions and list entries."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.stores.base import Query
from callpolicy.windows import CALLS, JUDGED, Item, Measure, Window

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# 2026-03-02T01:00:00Z, 09:00 in Shanghai.
NOW = 1_772_413_200 * SECOND
SHANGHAI = ZoneInfo("Asia/Shanghai")

ANN = Identity(IdentityKind.NUMBER, "+12125550142")
BOB = Identity(IdentityKind.NUMBER, "+12125550199")
LI = Identity(IdentityKind.CUSTOMER, "70001")

COUNT = Window("history.calls_10m", Measure.COUNT, CALLS, length=10 * MINUTE)
TODAY = Window("history.calls_today", Measure.COUNT, CALLS, calendar="day")
TOPICS = Window("history.topics_24h", Measure.DISTINCT, CALLS, length=DAY, distinct_of="topic")
SAME = Window("history.same_topic_24h", Measure.COUNT, CALLS, length=DAY, same_as_current=("topic",))
SINCE = Window("history.since_call", Measure.SECONDS_SINCE, CALLS, length=DAY)
JUDGED_BAD = Window(
    "history.judged_nuisance", Measure.COUNT, JUDGED, length=30 * DAY, where=(("class", ("nuisance",)),)
)
CUSTOMER = Window("history.customer_calls", Measure.COUNT, CALLS, length=DAY, identity="customer")
WINDOWS = (COUNT, TODAY, TOPICS, SAME, SINCE, JUDGED_BAD, CUSTOMER)
REACH = 31 * DAY


def item(call_id: str, at: int, seq: int = 0, kind: str = CALLS, **attributes: str) -> Item:
    return Item(at, call_id, seq, kind, tuple(sorted(attributes.items())))


def query(
    at: int = NOW,
    identities: Sequence[Identity] = (ANN,),
    call_id: str = "now",
    case_id: str | None = None,
    listed: tuple[Identity, ...] | None = None,
    **attributes: str,
) -> Query:
    return Query(call_id, tuple(identities), attributes, case_id, at, listed)


def entry(entry_id: str, since: int, until: int | None, identity: Identity = ANN, **more: object) -> Entry:
    fields: dict[str, object] = {
        "entry_id": entry_id, "on": ListName.BLOCKLIST, "identity": identity, "since": since, "until": until,
        "reason": "why", "owner": "qa", "evidence": ("c1#0",), **more,
    }  # fmt: skip
    return Entry(**fields)  # type: ignore[arg-type]  # the fields of an entry by name
