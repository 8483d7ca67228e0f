"""Blocklist and allowlist entries: who is covered, by what, until when. Expiry is judged when an entry is read."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from callpolicy.identity import Identity, IdentityKind


class ListName(StrEnum):
    """Which list an entry stands on."""

    BLOCKLIST = "blocklist"
    ALLOWLIST = "allowlist"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an entry covers: one number or customer, all numbers that begin alike, or a range of numbers.

    Args:
        identity: the number or customer; the beginning of a prefix, or the first number of a range.
        prefix: whether every number is covered that begins with the identity's value.
        last: the last number of a range; `None` if it is none.

    Raises:
        ValueError: it is a prefix of customers, one that every number begins with, or no range of like numbers.
    """

    # WHY no repr: it ends up in logs and tracebacks, where no full number may stand.
    identity: Identity = field(repr=False)
    prefix: bool = False
    last: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what would cover whom nobody meant."""
        first = self.identity.value
        numbers = self.identity.kind is IdentityKind.NUMBER
        if self.prefix and (not numbers or not first):
            raise ValueError("a prefix entry needs the beginning of a number; one that is empty would cover everybody")
        if self.last is None:
            return
        alike = len(first) == len(self.last) and _head(first) == _head(self.last) and first <= self.last
        if self.prefix or not numbers or not alike or not _digits(first) or not _digits(self.last):
            raise ValueError("a range entry needs two canonical numbers of one form and length, the smaller one first")

    def covers(self, identity: Identity) -> bool:
        """Whether somebody is covered."""
        if identity.kind is not self.identity.kind:
            return False
        if self.prefix:
            return identity.value.startswith(self.identity.value)
        if self.last is not None:
            value = identity.value
            # WHY digits: between two numbers in the order of texts there is also what is no number.
            return len(value) == len(self.last) and self.identity.value <= value <= self.last and bool(_digits(value))
        return identity.value == self.identity.value

    def overlaps(self, other: Subject) -> bool:
        """Whether there may be somebody whom both cover."""
        if self.identity.kind is not other.identity.kind:
            return False
        mine, theirs = self.identity.value, other.identity.value
        if self.prefix and other.prefix:
            return mine.startswith(theirs) or theirs.startswith(mine)
        if other.prefix:
            return other.overlaps(self)
        if self.prefix:
            beginnings = theirs[: len(mine)], (other.last or theirs)[: len(mine)]
            return len(theirs) >= len(mine) and beginnings[0] <= mine <= beginnings[1]
        return len(mine) == len(theirs) and mine <= (other.last or theirs) and theirs <= (self.last or mine)

    @property
    def width(self) -> int | None:
        """How many numbers or customers are covered at most; `None` for a prefix, which may cover any number."""
        if self.prefix:
            return None
        return 1 if self.last is None else int(_digits(self.last)) - int(_digits(self.identity.value)) + 1


def _head(value: str) -> str:
    return value[: len(value) - len(_digits(value))]


def _digits(value: str) -> str:
    digits = value.removeprefix("+") if value.startswith("+") else value.partition(":")[2]
    return digits if digits.isascii() and digits.isdigit() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list.

    Args:
        entry_id: unique.
        on: the list.
        identity: whom it covers; the first of a range.
        prefix: whether it covers every number that begins with the identity's value; for numbers only.
        last: the last number of a range that it covers; `None` if it covers none.
        since: first instant at which it holds.
        until: first instant at which it no longer holds; `None` for no end.
        reason: why, for people.
        owner: who answers for it: a person, or `system`.
        evidence: ids of the decisions it rests on.
        term_until: when the term is over that it was made for, if it may end before that, the latest instant for a term
            without end; `None` if `until` says it.
        taken_back: whether its end takes it back: it is lifted then, and afterwards it counts as never made.

    Raises:
        ValueError: see `Subject`.
    """

    entry_id: str
    on: ListName
    identity: Identity
    prefix: bool = False
    last: str | None = None
    since: int
    until: int | None
    reason: str
    owner: str
    evidence: tuple[str, ...] = ()
    term_until: int | None = None
    taken_back: bool = False

    def __post_init__(self) -> None:
        """Refuse an entry that would cover whom nobody meant."""
        if self.prefix or self.last is not None:
            Subject(self.identity, self.prefix, self.last)

    @property
    def subject(self) -> Subject:
        """Whom it covers."""
        return Subject(self.identity, self.prefix, self.last)

    def holds(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands on the lists at an instant.

    Args:
        block: the blocklist entry that covers the caller and ends last, or `None`.
        allow: the allowlist entry that covers the caller and ends last, or `None`.
        blocks: how many blocklist entries ever covered the caller, this one included; those that were taken back are
            held against nobody.
        changes: the instants to come at which any of these changes, each with how the caller stands from then on.
    """

    block: Entry | None
    allow: Entry | None
    blocks: int
    changes: tuple[tuple[int, Standing], ...] = ()


_ON_NO_LIST: Final = Standing(None, None, 0)


class Entries:
    """Entries by whom they cover: a dictionary for identities, one for each length of prefix, ranges in order."""

    __slots__ = ("_exact", "_ids", "_lengths", "_prefixes", "_ranges")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._exact: dict[Identity, list[Entry]] = {}
        self._prefixes: dict[str, list[Entry]] = {}
        self._lengths: set[int] = set()
        self._ranges: dict[int, _Ranges] = {}
        self._ids: dict[str, Entry] = {}
        for entry in entries:
            self.put(entry)

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._ids.values())

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id, or `None`."""
        return self._ids.get(entry_id)

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one of the same id."""
        self.drop(entry.entry_id)
        self._ids[entry.entry_id] = entry
        if entry.last is not None:
            self._ranges.setdefault(len(entry.last), _Ranges()).put(entry)
        else:
            self._bucket(entry).append(entry)

    def drop(self, entry_id: str) -> None:
        """Remove an entry; one that is not there is not missed."""
        entry = self._ids.pop(entry_id, None)
        if entry is None:
            return
        if entry.last is not None:
            self._ranges[len(entry.last)].drop(entry)
        else:
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
        found: dict[str, Entry] = {}
        for each in identities:
            for entry in self._covering(each):
                found[entry.entry_id] = entry
        # WHY first: nearly everybody is on no list, and this is asked for every event.
        if not found:
            return _ON_NO_LIST
        covering = list(found.values())
        now = _standing(covering, at)
        return replace(now, changes=tuple(_changes(covering, at, now)))

    def _covering(self, identity: Identity) -> Sequence[Entry]:
        exact = self._exact.get(identity, ())
        if identity.kind is not IdentityKind.NUMBER or not (self._lengths or self._ranges):
            return exact
        value = identity.value
        heads = [value[:length] for length in self._lengths if length <= len(value)]
        ranges = self._ranges.get(len(value))
        in_ranges = ranges.covering(value) if ranges is not None else ()
        return [*exact, *(entry for head in heads for entry in self._prefixes.get(head, ())), *in_ranges]


class _Ranges:
    """Ranges of numbers of one length, by their first number."""

    __slots__ = ("_by_id", "_firsts", "_widest")

    def __init__(self) -> None:
        self._by_id: dict[str, Entry] = {}
        self._firsts: list[tuple[str, str]] = []
        self._widest = 0

    def put(self, entry: Entry) -> None:
        self._by_id[entry.entry_id] = entry
        insort(self._firsts, (entry.identity.value, entry.entry_id))
        # INVARIANT: no range is wider than this; it does not shrink, for a look-up that goes back too far is only slow.
        self._widest = max(self._widest, entry.subject.width or 0)

    def drop(self, entry: Entry) -> None:
        del self._by_id[entry.entry_id]
        self._firsts.remove((entry.identity.value, entry.entry_id))

    def covering(self, value: str) -> Iterator[Entry]:
        head, digits = _head(value), _digits(value)
        if not digits:
            return
        for place in range(bisect_right(self._firsts, value, key=lambda each: each[0]) - 1, -1, -1):
            first, entry_id = self._firsts[place]
            if _head(first) != head or int(digits) - int(_digits(first)) >= self._widest:
                return
            entry = self._by_id[entry_id]
            if entry.last is not None and value <= entry.last:
                yield entry


def _standing(covering: Iterable[Entry], at: int) -> Standing:
    blocks = [entry for entry in covering if entry.on is ListName.BLOCKLIST and entry.since <= at]
    allowing = [entry for entry in covering if entry.on is ListName.ALLOWLIST and entry.holds(at)]
    block = max((entry for entry in blocks if entry.holds(at)), key=_ends_last, default=None)
    counted = sum(1 for entry in blocks if not entry.taken_back or entry.holds(at))
    return Standing(block, max(allowing, key=_ends_last, default=None), counted)


def _ends_last(entry: Entry) -> tuple[int, int, str]:
    return (1, 0, entry.entry_id) if entry.until is None else (0, entry.until, entry.entry_id)


def _changes(covering: Iterable[Entry], at: int, standing: Standing) -> Iterator[tuple[int, Standing]]:
    edges = {edge for entry in covering for edge in (entry.since, entry.until) if edge is not None and edge > at}
    for edge in sorted(edges):
        after = _standing(covering, edge)
        if after != standing:
            yield edge, after
        standing = after
