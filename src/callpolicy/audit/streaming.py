"""A trail that is longer than memory: read once if it is sound, and once more around what is not.

What is found is what `verify` finds. Less is known only of a trail that is broken and longer than what may be held:
a record that was moved further than what is held around a break is told as gone here and inserted there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from callpolicy.audit.chain import Anchor, Head
from callpolicy.audit.record import AuditRecord, beginning, from_line, is_sound
from callpolicy.audit.verifying import Break, BreakKind, Link, Strand, Unreadable, link_of, owners_of, verify
from callpolicy.errors import AuditError

Trail: TypeAlias = Callable[[], Iterable[AuditRecord | Unreadable]]
"""Reads a trail from its beginning, each time it is called."""

MOST_HELD: Final = 100_000
"""How many records are held at once. Units: records, of about 1 kB."""

BESIDE: Final = 100
"""How many records of a chain are held on either side of a break in a trail that is longer than that."""


def read_lines(lines: Iterable[bytes]) -> Iterator[AuditRecord | Unreadable]:
    """The records of a trail in JSON lines, as `read_trail`, of a file of any length.

    Args:
        lines: each with its end, but for one that is cut off.
    """
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            yield Unreadable(f"line {number}: it is cut off", cut=True)
            continue
        try:
            yield from_line(line[:-1], f"line {number}")
        except AuditError as error:
            yield Unreadable(str(error))


@dataclass(slots=True)
class _Course:
    """How far the chain of one writer has come, and where it is not what it should be.

    Args:
        head: its last record so far.
        count: its records so far.
        odd: places in the chain, counted in records of this writer that stand in the trail.
    """

    head: Head
    count: int = 0
    odd: list[int] = field(default_factory=list)

    def take(self, record: AuditRecord, anchored: Head | None, closed: bool) -> None:
        """Take in the next record; go on from it, whatever it is."""
        fits = record.number == self.head.count and record.previous == self.head.digest and is_sound(record)
        if closed and (anchored is None or record.number > anchored.number):
            fits = False
        if anchored is not None and record.number == anchored.number and record.digest != anchored.digest:
            fits = False
        if not fits and len(self.odd) < MOST_HELD:
            self.odd.append(self.count)
        self.head = Head(record.writer, record.number, record.digest)
        self.count += 1


class _Reading:
    """One reading of a trail against an anchor."""

    def __init__(self, anchor: Anchor | Head | None, closed: bool) -> None:
        heads = (anchor,) if isinstance(anchor, Head) else anchor.heads if anchor else ()
        self.ends = {head.writer: head for head in heads}
        self.whole = isinstance(anchor, Anchor)
        self.closed = closed and anchor is not None
        self.courses: dict[str, _Course] = {}
        self.unreadable: list[Break] = []
        self.length = 0

    def read(self, trail: Iterable[AuditRecord | Unreadable]) -> None:
        """Go through the trail, and hold nothing of it but where it is odd."""
        for each in trail:
            if isinstance(each, Unreadable):
                kind = BreakKind.TRUNCATED if each.cut else BreakKind.BAD_FORM
                self.unreadable.append(Break(kind, self.length, None, None, each.message))
            else:
                course = self.courses.setdefault(each.writer, _Course(Head(each.writer, -1, beginning(each.writer))))
                course.take(each, self.ends.get(each.writer), self.closes(each.writer))
            self.length += 1

    def closes(self, writer: str) -> bool:
        """Whether nothing of a writer may come after the anchor."""
        return self.closed and (self.whole or writer in self.ends)

    @property
    def cut(self) -> list[str]:
        """The writers whose chain ends before its head."""
        last = {writer: course.head.number for writer, course in self.courses.items()}
        return [writer for writer, head in self.ends.items() if last.get(writer, -1) < head.number]

    @property
    def sound(self) -> bool:
        """Whether the trail is what was written."""
        return not self.unreadable and not self.cut and not any(course.odd for course in self.courses.values())


def verify_long(
    trail: Trail, anchor: Anchor | Head | None = None, *, closed: bool = False, held: int = MOST_HELD
) -> tuple[Break, ...]:
    """What is wrong with a trail of any length; nothing if it is what was written.

    Args:
        trail: gives the records of all writers, each writer's in order; asked once, and again if something is wrong.
        anchor: see `verify`.
        closed: see `verify`.
        held: how many records are held at once.

    Returns:
        The breaks in the order of the trail, as `verify` does; of a broken trail that is longer than `held`, those
        around the first places where a chain does not go on.
    """
    reading = _Reading(anchor, closed)
    reading.read(trail())
    if reading.sound:
        return ()
    if reading.length <= held:
        return verify(trail(), anchor, closed=closed)
    found = [*reading.unreadable[:held], *_around(trail(), reading, held)]
    return tuple(sorted(found, key=lambda each: (each.position, each.writer or "", each.number or 0)))


@dataclass(slots=True)
class _Stretch:
    """Neighbouring records of one chain that are held.

    Args:
        writer: whose chain.
        first: the first of them, counted in records of the writer.
        last: the last of them.
        after: the record before them; `None` for the beginning.
        links: the records.
    """

    writer: str
    first: int
    last: int
    after: Head | None = None
    links: list[Link] = field(default_factory=list)


def _stretches(reading: _Reading, held: int) -> dict[str, list[_Stretch]]:
    """What is to be held: around every place that is odd, as far as there is room."""
    made: dict[str, list[_Stretch]] = {}
    room = held
    for writer in sorted({*reading.courses, *reading.ends}):
        course = reading.courses.get(writer)
        odd = [] if course is None else list(course.odd)
        count = 0 if course is None else course.count
        own = made.setdefault(writer, [])
        for place in [*odd, *([count] if writer in reading.cut else [])]:
            if room <= 0:
                break
            first, last = max(0, place - BESIDE), place + BESIDE
            if own and first <= own[-1].last + 1:
                first = own[-1].last + 1
                own[-1].last = last = min(last, first + room - 1)
            else:
                last = min(last, first + room - 1)
                own.append(_Stretch(writer, first, last))
            room -= last - first + 1
    return made


def _around(trail: Iterable[AuditRecord | Unreadable], reading: _Reading, held: int) -> Iterator[Break]:
    stretches = _stretches(reading, held)
    _fill(trail, stretches)
    wanted = [each for own in stretches.values() for each in own]
    links: dict[str, list[Link]] = {writer: [] for writer in reading.courses}
    for each in wanted:
        links.setdefault(each.writer, []).extend(each.links)
    owners = owners_of(links)
    for each in wanted:
        head = reading.ends.get(each.writer)
        strand = Strand(each.writer, each.links, head, owners, reading.length, each.after)
        strand.known = head is not None or not reading.whole
        strand.closed = reading.closes(each.writer)
        course = reading.courses.get(each.writer)
        strand.ends = course is None or each.last >= course.count - 1
        yield from strand.breaks()


def _fill(trail: Iterable[AuditRecord | Unreadable], stretches: dict[str, list[_Stretch]]) -> None:
    """Read the trail again, and hold what is to be held."""
    places: dict[str, int] = {}
    turns: dict[str, int] = {}
    before: dict[str, Head] = {}
    for position, each in enumerate(trail):
        own = [] if isinstance(each, Unreadable) else stretches.get(each.writer, [])
        if isinstance(each, Unreadable) or not own:
            continue
        writer = each.writer
        place, turn = places.get(writer, 0), turns.get(writer, 0)
        if turn < len(own) and place > own[turn].last:
            turns[writer] = turn = turn + 1
        if turn < len(own) and place >= own[turn].first:
            if not own[turn].links:
                own[turn].after = before.get(writer)
            own[turn].links.append(link_of(position, each))
        before[writer] = Head(writer, each.number, each.digest)
        places[writer] = place + 1
