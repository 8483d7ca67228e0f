"""What the tests of the stores are about: callers, windows, items, questions and list entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from callpolicy.audit import Chain, Draft, Keys, Tree
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import SYSTEM, Activate, Actor, Block, Evidence, Propose, apply
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Term
from callpolicy.stores.base import Kept, Query
from callpolicy.windows import CALLS, JUDGED, Item, Measure, Window
from tests.lifecycle.making import AGENT, LASTING

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


HALF = "\ud800"
ODD = ("a\0b", HALF, "\\0\\", "客户 😀", "x" * 10_000)
"""Texts that a host may give: NUL, half of a surrogate pair, what looks escaped, more than one byte, 10 kB."""


def proposed(block_id: str, subject: Subject | Identity = ANN, at: int = NOW, term: Term | int = Term.DAY) -> Block:
    """A block that a person proposed and nobody has entered: it keeps nobody out."""
    return _proposed(block_id, subject, at, term, AGENT)


def block(block_id: str, subject: Subject | Identity = ANN, at: int = NOW, term: Term | int = Term.DAY) -> Block:
    """A block that the system made."""
    made = _proposed(block_id, subject, at, term, SYSTEM)
    ann = replace(made, subject=Subject(ANN))
    step = apply(ann, Activate(by=SYSTEM, at=at, reason="burst"), LASTING, shield=None, others=()).steps[-1]
    return replace(made, steps=(*made.steps, step))


def _proposed(block_id: str, subject: Subject | Identity, at: int, term: Term | int, by: Actor) -> Block:
    subject = subject if isinstance(subject, Subject) else Subject(subject)
    evidence = (Evidence(f"{block_id}#0", at),)
    ask = Propose(
        by=by, at=at, reason="burst", subject=Subject(ANN), term=term, block_id=block_id, evidence=evidence
    )  # fmt: skip
    made = apply(None, ask, LASTING, shield=None, others=())
    # WHY afterwards: a store keeps what it is given, also whom no norm would let be blocked.
    first = replace(made.steps[0], act=replace(ask, subject=subject))
    return replace(made, subject=subject, steps=(first,))


def trail(keys: Keys, writer: str = "w1", number: int = 3, *, at: int = NOW, chain: Chain | None = None) -> list[Kept]:
    """Records of a writer, each a minute after the one before, with a personal part in every second one."""
    chain = Chain.begin(writer) if chain is None else chain
    kept = []
    for place in range(number):
        name = chain.head.number + 1
        personal: dict[str, dict[str, Tree]] = {"act": {"value": ANN.value}} if place % 2 == 0 else {}
        body: dict[str, dict[str, Tree]] = {"act": {"by": "li"}}
        subject = f"{writer}-c{name}"
        draft = Draft(at=at + place * MINUTE, kind="act", subject=subject, body=body, personal=personal)
        chain, record, part = chain.append(draft, keys=keys, salt=bytes([name % 256] * 16) if personal else b"")
        kept.append(Kept(record, part, f"{writer}-d{name}"))
    return kept
