"""Blocklist and allowlist entries: who is covered, by what, until when. Expiry is judged when an entry is read."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime, timedelta
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
        prefix: whether it covers every number that begins with the identity's value; for numbers only.
        since: first instant at which it holds.
        until: first instant at which it no longer holds; `None` for no end.
        reason: why, for people.
        owner: who answers for it: a person, or `system`.
        evidence: ids of the decisions it rests on.

    Raises:
        ValueError: it is a prefix of customers, or one that every number begins with.
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

    def __post_init__(self) -> None:
        """Refuse a prefix that would cover whom nobody meant."""
        if self.prefix and (self.identity.kind is not IdentityKind.NUMBER or not self.identity.value):
            raise ValueError("a prefix entry needs the beginning of a number; one that is empty would cover everybody")

    def holds(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands on the lists at an instant.

    Args:
        block: the blocklist entry that covers the caller and ends last, or `None`.
        allow: the allowlist entry that covers the caller and ends last, or `None`.
        blocks: how many blocklist entries ever covered the caller, this one included.
        changes: the instants to come at which any of these changes, each with how the caller stands from then on.
    """

    block: Entry | None
    allow: Entry | None
    blocks: int
    changes: tuple[tuple[int, Standing], ...] = ()


class Entries:
    """Entries by whom they cover: a dictionary for identities, one for each length of prefix."""

    __slots__ = ("_exact", "_ids", "_lengths", "_prefixes")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._exact: dict[Identity, list[Entry]] = {}
        self._prefixes: dict[str, list[Entry]] = {}
        self._lengths: set[int] = set()
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
        self._lengths.add(len(entry.identity.value))
        return self._prefixes.setdefault(entry.identity.value, [])

    def standing(self, identities: Iterable[Identity], at: int) -> Standing:
        """How a caller with these identities stands at an instant.

        Args:
            identities: all identities of the caller.
            at: the instant.
        """
        covering = list({entry.entry_id: entry for each in identities for entry in self._covering(each)}.values())
        now = _standing(covering, at)
        return replace(now, changes=tuple(_changes(covering, at, now))) if covering else now

    def _covering(self, identity: Identity) -> Iterable[Entry]:
        yield from self._exact.get(identity, ())
        if identity.kind is IdentityKind.NUMBER:
            for length in self._lengths:
                yield from self._prefixes.get(identity.value[:length], ()) if length <= len(identity.value) else ()


def _standing(covering: Iterable[Entry], at: int) -> Standing:
    blocks = [entry for entry in covering if entry.on is ListName.BLOCKLIST and entry.since <= at]
    allowing = [entry for entry in covering if entry.on is ListName.ALLOWLIST and entry.holds(at)]
    block = max((entry for entry in blocks if entry.holds(at)), key=_ends_last, default=None)
    return Standing(block, max(allowing, key=_ends_last, default=None), len(blocks))


def _ends_last(entry: Entry) -> tuple[int, int, str]:
    return (1, 0, entry.entry_id) if entry.until is None else (0, entry.until, entry.entry_id)


def _changes(covering: Iterable[Entry], at: int, standing: Standing) -> Iterator[tuple[int, Standing]]:
    edges = {edge for entry in covering for edge in (entry.since, entry.until) if edge is not None and edge > at}
    for edge in sorted(edges):
        after = _standing(covering, edge)
        if after != standing:
            yield edge, after
        standing = after


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
    try:
        return _end(since, term, zone)
    except OverflowError:
        # The calendar ends, and the block with it.
        return LATEST


def _end(since: int, term: str, zone: ZoneInfo) -> int | None:
    local = moment(since).astimezone(zone)
    match term:
        case "permanent":
            return None
        case "day":
            return _instant(local + timedelta(days=1))
        case "week":
            return _instant(local + timedelta(days=7))
        case "month":
            year, month = divmod(local.year * _MONTHS + local.month, _MONTHS)
            if year > MAXYEAR:
                raise OverflowError
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            return _instant(local.replace(year=year, month=month + 1, day=day))
        case _:
            raise ValueError(f"`{term}` is no term; terms are day, week, month and permanent")


def _instant(local: datetime) -> int:
    # WHY fold 0: arithmetic keeps the wall clock; of a time that comes twice this is the first, and one that is left
    # out is read with the offset before the jump, which moves it on by the gap. Source: PEP 495.
    return instant(local.replace(fold=0))
