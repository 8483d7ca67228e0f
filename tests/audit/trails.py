"""Trails of several writers, and where a changed one is broken, found by laying it beside the true one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from callpolicy.audit import Anchor, AuditRecord, Chain, Draft, Keys, PersonalPart, Unreadable, act_draft
from callpolicy.audit.canonical import digest_of
from callpolicy.audit.record import canonical_bytes

SECRET = b"a secret of the centre, for tests only"
KEYS = Keys.of(SECRET)
WRITERS = ("ivr-1/4711", "ivr-2/99", "质检台")
START = 1_795_000_000_000_000
Item = AuditRecord | Unreadable


def salt(number: int, writer: str = "") -> bytes:
    return hashlib.sha256(f"{writer} {number}".encode()).digest()[:16]


def draft(random: Random, number: int) -> Draft:
    details: dict[str, Any] = {"note": random.choice(["a", "b\n", "规则", '"']), "n": number, "share": random.random()}
    personal: dict[str, Any] = {"number": f"+1212555{random.randrange(100, 200):04}"} if random.random() < 0.5 else {}
    return act_draft("confirm", "u17", f"block-{number}", START + number, details=details, personal=personal)


def trail(
    seed: int, count: int = 24, writers: Sequence[str] = WRITERS
) -> tuple[list[AuditRecord], Anchor, list[PersonalPart]]:
    """A trail of several writers, interleaved at random; the heads of all; the personal parts."""
    random = Random(seed)
    chains = {writer: Chain.begin(writer) for writer in writers}
    records, parts = [], []
    for number in range(count):
        writer = writers[number] if number < len(writers) else random.choice(writers)
        appended = chains[writer].append(draft(random, number), keys=KEYS, salt=salt(number, writer))
        chains[writer] = appended.chain
        records.append(appended.record)
        if appended.part is not None:
            parts.append(appended.part)
    return records, Anchor.of(START + count, (chain.head for chain in chains.values())), parts


def resealed(record: AuditRecord) -> AuditRecord:
    """A record as somebody would forge it who knows how digests are made."""
    return replace(record, digest=digest_of(canonical_bytes(record)))


def first_broken(true: Sequence[AuditRecord], changed: Sequence[Item]) -> int | None:
    """The first position at which the changed trail does not have what its writer wrote next; its length if only the
    end of a chain is gone; `None` if every chain is as it was written.
    """
    left: dict[str, list[AuditRecord]] = {}
    for record in true:
        left.setdefault(record.writer, []).append(record)
    for position, each in enumerate(changed):
        own = left.get(each.writer, []) if isinstance(each, AuditRecord) else []
        if not own or own[0] != each:
            return position
        own.pop(0)
    return len(changed) if any(left.values()) else None
