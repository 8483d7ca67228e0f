"""Whether a trail is what was written: which record is the first that is not, and what was done to it.

The order in which the records of several writers stand among each other is no part of any chain, and is not looked at.
What a writer wrote after the last anchor can only be held against itself: its end may be cut off, and all of it made
anew, without being seen. Hence anchors are taken often, and kept elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from callpolicy.audit.chain import Anchor, Head
from callpolicy.audit.record import AuditRecord, beginning, from_line, is_sound
from callpolicy.errors import AuditError


class BreakKind(StrEnum):
    """What was done to a record."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    TRUNCATED = "truncated"
    DUPLICATE = "duplicate"
    WRONG_WRITER = "wrong-writer"
    BAD_FORM = "bad-form"


@dataclass(frozen=True, slots=True)
class Break:
    """One place at which a trail is not what was written.

    Args:
        kind: what was done.
        position: where in the trail, from 0: of the record itself; of what follows if something is gone; the length of
            the trail if its end is gone.
        writer: whose chain it is; `None` if that cannot be read.
        number: of the record in its chain; of the first that is gone if something is gone.
        message: one line for people; it holds no value of a record.
    """

    kind: BreakKind
    position: int
    writer: str | None
    number: int | None
    message: str

    def __str__(self) -> str:
        return f"record {self.position + 1} of the trail: {self.kind}: {self.message}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands where a record should.

    Args:
        message: why it is none.
        cut: whether it is a line without its end.
    """

    message: str
    cut: bool = False


def read_trail(data: bytes) -> Iterator[AuditRecord | Unreadable]:
    """The records of a trail in JSON lines, and what is none of them in its place.

    Args:
        data: every line ends in a line feed, the last one too.
    """
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield from_line(line, f"line {number}")
        except AuditError as error:
            yield Unreadable(str(error))
    if lines[-1]:
        yield Unreadable(f"line {len(lines)}: it is cut off", cut=True)


def verify(
    trail: Iterable[AuditRecord | Unreadable], anchor: Anchor | Head | None = None, *, closed: bool = False
) -> tuple[Break, ...]:
    """What is wrong with a trail; nothing if it is what was written.

    Args:
        trail: the records of all writers, each writer's in the order in which they were written.
        anchor: exported earlier. It finds what a chain by itself cannot show: a cut end, a chain made anew.
        closed: whether nothing was written after the anchor was taken, so that whatever is more was inserted.

    Returns:
        The breaks in the order of the trail. The first one is certain; a later one may come of it.
    """
    links: dict[str, list[Link]] = {}
    found: list[Break] = []
    length = 0
    for position, each in enumerate(trail):
        length = position + 1
        if isinstance(each, Unreadable):
            kind = BreakKind.TRUNCATED if each.cut else BreakKind.BAD_FORM
            found.append(Break(kind, position, None, None, each.message))
        else:
            links.setdefault(each.writer, []).append(link_of(position, each))
    heads = (anchor,) if isinstance(anchor, Head) else anchor.heads if anchor else ()
    ends = {head.writer: head for head in heads}
    owners = owners_of(links)
    for writer in sorted({*links, *ends}):
        strand = Strand(writer, links.get(writer, []), ends.get(writer), owners, length)
        # WHY not for a single head: it says nothing about the other writers.
        strand.known = writer in ends or not isinstance(anchor, Anchor)
        strand.closed = closed and anchor is not None and (writer in ends or isinstance(anchor, Anchor))
        found += strand.breaks()
    return tuple(sorted(found, key=lambda each: (each.position, each.writer or "", each.number or 0)))


class Link(NamedTuple):
    """A record where it stands, without what it says.

    Args:
        position: in the trail, from 0.
        record: its place in a chain; all else of it is left out.
        sound: whether it was what its digest says.
    """

    position: int
    record: AuditRecord
    sound: bool


def link_of(position: int, record: AuditRecord) -> Link:
    """A record where it stands; WHY without what it says: a trail is long, and only its chain is looked at twice."""
    bare = AuditRecord(
        writer=record.writer, number=record.number, at=0, kind="", subject="", body={}, previous=record.previous,
        digest=record.digest,
    )  # fmt: skip
    return Link(position, bare, is_sound(record))


def owners_of(links: dict[str, list[Link]]) -> dict[str, str]:
    """Whose chain goes on from a digest."""
    owners = {beginning(writer): writer for writer in links}
    for writer, own in links.items():
        owners.update({link.record.digest: writer for link in own if link.sound})
    return owners


_SAID: Final = {
    BreakKind.EDITED: "it, or its digest, was changed",
    BreakKind.DELETED: "records before it are gone",
    BreakKind.INSERTED: "it was never written",
    BreakKind.SWAPPED: "it stands in the place of another one",
    BreakKind.TRUNCATED: "the end of the chain is gone",
    BreakKind.DUPLICATE: "it stands in the trail twice",
    BreakKind.WRONG_WRITER: "it is no part of the chain of the writer that it names",
    BreakKind.BAD_FORM: "it is no record",
}


class Strand:
    """The records of one writer, or a stretch of them, held against each other and against an exported head.

    Args:
        writer: the writer.
        links: the records.
        head: the exported one, if there is one.
        owners: whose chain goes on from a digest.
        length: how many records the trail has.
        after: the record before the first; `None` if they are there from the beginning.
    """

    def __init__(
        self,
        writer: str,
        links: list[Link],
        head: Head | None,
        owners: dict[str, str],
        length: int,
        after: Head | None = None,
    ) -> None:
        self.writer, self.links, self.head, self.length = writer, links, head, length
        self.known, self.closed, self.ends = True, False, True
        self._owners = owners
        sound = [link.record for link in links if link.sound]
        self._present = Counter((record.number, record.digest) for record in sound)
        # What a successor or the head says was written.
        self._vouched = {(record.number - 1, record.previous) for record in sound}
        if after is not None:
            self._present[after.number, after.digest] += 1
        if head is not None:
            self._vouched.add((head.number, head.digest))
        self._last_at = {link.record.number: index for index, link in enumerate(links) if link.sound}
        self._rivals: dict[int, set[str]] = {}
        for record in sound:
            self._rivals.setdefault(record.number, set()).add(record.digest)
        self._found: dict[int, Break] = {}
        self._next, self._before = (0, beginning(writer)) if after is None else (after.count, after.digest)
        self._last: Link | None = None
        # Whether the digest before is one that the next record can be held against.
        self._holds = True
        self._seen: dict[int, Link] = {}

    def breaks(self) -> list[Break]:
        """Every break of the chain."""
        for index, link in enumerate(self.links):
            if not link.sound:
                self._report(BreakKind.EDITED, link)
                if not self._comes(self._next, index):
                    self._place(link, holds=False)
                continue
            if link.record.number != self._next:
                self._skip_seen()
            stranger = self._stranger(index, link)
            if stranger is not None:
                self._report(stranger, link)
            elif link.record.number == self._next:
                self._hold(link)
            else:
                self._misplaced(index, link)
        self._skip_seen()
        self._look_at_head()
        return list(self._found.values())

    def _report(self, kind: BreakKind, link: Link, number: int | None = None) -> None:
        number = link.record.number if number is None else number
        self._found.setdefault(link.position, Break(kind, link.position, self.writer, number, _SAID[kind]))

    def _comes(self, number: int, index: int) -> bool:
        return self._last_at.get(number, -1) > index

    def _place(self, link: Link, *, holds: bool = True) -> None:
        self._seen[link.record.number] = link
        self._next, self._before, self._last, self._holds = self._next + 1, link.record.digest, link, holds

    def _skip_seen(self) -> None:
        while self._next in self._seen and self._seen[self._next].sound:
            self._next += 1

    def _is_vouched(self, record: AuditRecord) -> bool:
        return (record.number, record.digest) in self._vouched

    def _is_linked(self, record: AuditRecord) -> bool:
        if record.number == 0:
            return record.previous == beginning(self.writer)
        return (record.number - 1, record.previous) in self._present

    def _is_covered(self, number: int) -> bool:
        """Whether an anchor would vouch for the record of that number."""
        return not self.known or (self.head is not None and number <= self.head.number)

    def _stranger(self, index: int, link: Link) -> BreakKind | None:
        """What a record is that has no place in the chain; `None` if it may have one."""
        record = link.record
        here = record.number == self._next
        follows = self._holds and record.previous == self._before
        odd = BreakKind.INSERTED
        if self._owners.get(record.previous, self.writer) != self.writer or (self.closed and self.head is None):
            odd = BreakKind.WRONG_WRITER
        if self.closed and (self.head is None or record.number > self.head.number) and not (follows and not here):
            return odd
        if not here and self._present[record.number, record.digest] > 1:
            return BreakKind.DUPLICATE
        if not here and follows:
            return odd if self._comes(self._next, index) else None
        if self._is_vouched(record):
            return None
        others = self._rivals[record.number] - {record.digest}
        if others and (record.number in self._seen or any((record.number, each) in self._vouched for each in others)):
            return odd
        if here:
            return odd if not follows and odd is BreakKind.WRONG_WRITER else None
        gone = record.number > self._next and not self._comes(self._next, index) and not self._is_covered(record.number)
        if self._is_linked(record) or (gone and odd is BreakKind.INSERTED):
            return None
        return odd if self.known else BreakKind.WRONG_WRITER

    def _hold(self, link: Link) -> None:
        """Hold a record against the one before it, and take it in."""
        if self._holds and link.record.previous != self._before:
            self._report(BreakKind.EDITED, self._culprit(link))
        self._place(link)

    def _culprit(self, link: Link) -> Link:
        """Which of two records that do not go together was changed: the one that nobody else vouches for."""
        before = self._last
        if before is None or self._is_vouched(before.record):
            return link
        vouched = self._is_vouched(link.record) or not self._is_covered(link.record.number)
        return before if vouched else link

    def _misplaced(self, index: int, link: Link) -> None:
        number = link.record.number
        if self._holds and link.record.previous == self._before:
            self._report(BreakKind.EDITED, link)
            self._place(link, holds=False)
        elif number < self._next:
            self._report(BreakKind.SWAPPED, link)
            self._seen[number] = link
            self._last, self._holds = link, False
        elif self._comes(self._next, index):
            self._report(BreakKind.SWAPPED, link)
            self._place(link, holds=False)
        else:
            self._report(BreakKind.DELETED, link, self._next)
            self._next = number
            self._place(link)

    def _look_at_head(self) -> None:
        head = self.head
        if head is None:
            return
        if head.number >= self._next:
            if not self.ends:
                return
            text = f"{_SAID[BreakKind.TRUNCATED]}: it had {head.count} records"
            self._found.setdefault(self.length, Break(BreakKind.TRUNCATED, self.length, self.writer, self._next, text))
            return
        last = self._seen.get(head.number)
        if last is not None and last.sound and last.record.digest != head.digest and not self._found:
            text = f"{_SAID[BreakKind.EDITED]}; or one before it was, and the chain was made anew from there"
            self._found[last.position] = Break(BreakKind.EDITED, last.position, self.writer, head.number, text)
