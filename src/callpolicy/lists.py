"""Blocklist and allowlist entries: who is covered, by what, until when. Expiry is judged when an entry is read."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import LATEST, instant, moment

_MONTHS: Final = 12


class ListName(StrEnum):
    """Which list an entry stands on."""

    BLOCKLIST = "blocklist"
    ALLOWLIST = "allowlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list.

    Args:
        entry_id: unique.
        on: the list.
        identity: whom it covers.
        prefix: whether it covers every number that begins with the identity's value.
        since: first instant at which it holds.
        until: first instant at which it no longer holds; `None` for no end.
        reason: why, for people.
        owner: who answers for it: a person, or `system`.
        evidence: ids of the decisions it rests on.
    """

    entry_id: str
    on: ListName
    identity: Identity
    prefix: bool = False
    since: int
    until: int | None
    reason: str
    owner: str
    evidence: tuple[str, ...] = ()

    def holds(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands on the lists at an instant.

    Args:
        block: the blocklist entry that covers the caller and ends last, or `None`.
        allow: the allowlist entry that covers the caller, or `None`.
        blocks: how many blocklist entries ever covered the caller, this one included.
        changes: the next instants at which `block` changes, each with whether the caller is covered from then on.
    """

    block: Entry | None
    allow: Entry | None
    blocks: int
    changes: tuple[tuple[int, bool], ...]


class Entries:
    """Entries by whom they cover: a dictionary for identities, one for each length of prefix."""

    __slots__ = ("_exact", "_ids", "_lengths", "_prefixes")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._exact: dict[Identity, list[Entry]] = {}
        self._prefixes: dict[str, list[Entry]] = {}
        self._lengths: dict[int, int] = {}
        self._ids: dict[str, Entry] = {}
        for entry in entries:
            self.put(entry)

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id, or `None`."""
        return self._ids.get(entry_id)

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one of the same id."""
        self.drop(entry.entry_id)
        self._ids[entry.entry_id] = entry
        self._bucket(entry).append(entry)

    def drop(self, entry_id: str) -> None:
        """Remove an entry; one that is not there is not missed."""
        entry = self._ids.pop(entry_id, None)
        if entry is not None:
            self._bucket(entry).remove(entry)

    def _bucket(self, entry: Entry) -> list[Entry]:
        if not entry.prefix:
            return self._exact.setdefault(entry.identity, [])
        self._lengths.setdefault(len(entry.identity.value), 0)
        return self._prefixes.setdefault(entry.identity.value, [])

    def standing(self, identities: Iterable[Identity], at: int) -> Standing:
        """How a caller with these identities stands at an instant.

        Args:
            identities: all identities of the caller.
            at: the instant.
        """
        covering = [entry for identity in identities for entry in self._covering(identity)]
        blocks = [entry for entry in covering if entry.on is ListName.BLOCKLIST and entry.since <= at]
        holding = [entry for entry in covering if entry.on is ListName.BLOCKLIST and entry.holds(at)]
        allow = next((entry for entry in covering if entry.on is ListName.ALLOWLIST and entry.holds(at)), None)
        block = max(holding, key=_ends_last, default=None)
        return Standing(block, allow, len(blocks), _changes(covering, at, block is not None))

    def _covering(self, identity: Identity) -> Iterable[Entry]:
        yield from self._exact.get(identity, ())
        if identity.kind is IdentityKind.NUMBER:
            for length in self._lengths:
                yield from self._prefixes.get(identity.value[:length], ()) if length <= len(identity.value) else ()


def _ends_last(entry: Entry) -> tuple[int, str]:
    return (LATEST + 1 if entry.until is None else entry.until, entry.entry_id)


def _changes(covering: Iterable[Entry], at: int, covered: bool) -> tuple[tuple[int, bool], ...]:
    blocks = [entry for entry in covering if entry.on is ListName.BLOCKLIST]
    edges = {entry.since for entry in blocks} | {entry.until for entry in blocks if entry.until is not None}
    changes: list[tuple[int, bool]] = []
    for edge in sorted(edge for edge in edges if edge > at):
        now = any(entry.holds(edge) for entry in blocks)
        if now != covered:
            changes.append((edge, now))
            covered = now
    return tuple(changes)


def end_of_term(since: int, term: str, zone: ZoneInfo) -> int | None:
    """When a block of a named term ends: at the same local time on the next day, week or month.

    A month is clipped to the month's end. A local time that does not exist on that day moves on by the gap; one that
    occurs twice is the first.

    Args:
        since: when it begins.
        term: `day`, `week`, `month` or `permanent`.
        zone: the centre's zone.

    Returns:
        the first instant at which it no longer holds, or `None` if it has no end.

    >>> from callpolicy.instants import instant_text, parse_instant
    >>> begin = parse_instant("2027-01-31T10:00:00+08:00")
    >>> instant_text(end_of_term(begin, "month", ZoneInfo("Asia/Shanghai")) or 0)
    '2027-02-28T02:00:00.000000Z'
    """
    local = moment(since).astimezone(zone)
    match term:
        case "permanent":
            return None
        case "day":
            return instant(_same_time(local + timedelta(days=1)))
        case "week":
            return instant(_same_time(local + timedelta(days=7)))
        case "month":
            year, month = divmod(local.year * _MONTHS + local.month, _MONTHS)
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            return instant(_same_time(local.replace(year=year, month=month + 1, day=day)))
        case _:
            raise ValueError(f"`{term}` is no term; terms are day, week, month and permanent")


def _same_time(local: datetime) -> datetime:
    # WHY by way of UTC: arithmetic on an aware datetime keeps the wall clock, which may not exist on that day.
    return local.replace(fold=0)
