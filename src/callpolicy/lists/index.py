"""An index of very many entries in little memory: which of them may cover a caller, by hashes of their keys."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists.covers import Beginnings, KeyHash, Shapes, beginnings_alone, cover_hash, key_text, who_of

if TYPE_CHECKING:
    # WHY: array takes no type arguments at run time before Python 3.12.
    _Page: TypeAlias = tuple[array[int], array[int]]

_Plan: TypeAlias = tuple[Beginnings, tuple[tuple[int, ...], ...]]
# WHY: before Python 3.12 the member of an enumeration is slow to reach.
_NUMBER: Final = IdentityKind.NUMBER
_LONGEST_KEPT: Final = 64
_HASH_BITS: Final = 64
_HASHES: Final = "Q"
_NARROW: Final = "I"
_WIDE: Final = "q"
_NARROW_MAX: Final = (1 << 32) - 1
_NUMBER_MAX: Final = (1 << 63) - 1
_PER_PAGE: Final = 256
_MARK_BITS: Final = 12
"""A page has two to the power of so many marks: as it is filled, one in sixteen is set."""


class ListIndex:
    """Which entries may cover a caller.

    Each key of an entry (see `covers_of`) is one pair: the key's hash, and the number that the store gave the entry.
    The pairs are a set. They lie in pages, each with the hashes of one beginning, in order. Before the pages there is a
    byte for each longer beginning of a hash, a mark, set if there may be such a hash: most keys that are looked up are
    none, and one look at the memory tells that. A page is never changed but replaced, and so are all of them when they
    are doubled. One thread at a time may change the index; others may look things up meanwhile, without a lock, and
    find an entry that is being put or dropped, or do not.

    Putting or dropping a key copies one page, some KiB. The pages are doubled when they hold more than `per_page` pairs
    on average, at a cost that is linear in the pairs; so that is paid once for every pair put, as in a dictionary.

    Args:
        key_hash: 64 bits of a keyed hash of a text, as an unsigned integer; evenly spread, or look-ups are slow.
        per_page: how many pairs a page holds at most on average.
        beginnings: for some lengths, ascending, what hashes the beginnings of a text of these lengths, each as
            `key_hash` does; `None` where nothing does that quicker.

    Raises:
        ValueError: a page would hold nothing.
    """

    __slots__ = ("_beginnings", "_key_hash", "_pages", "_pairs", "_per_page", "_tags")

    def __init__(
        self,
        key_hash: KeyHash,
        *,
        per_page: int = _PER_PAGE,
        beginnings: Callable[[tuple[int, ...]], Beginnings] | None = None,
    ) -> None:
        if per_page < 1:
            raise ValueError(f"a page holds at least one pair, not `{per_page}`")
        self._key_hash = key_hash
        self._per_page = per_page
        self._beginnings = beginnings
        self._tags = Tags(Shapes(), key_hash, beginnings)
        self._pairs = 0
        # INVARIANT: a pair lies in the page of its hash's first bits; the shift drops the others.
        # A hash without a mark lies in no page; the mark of one that was dropped stays.
        self._pages: tuple[int, list[_Page], bytearray] = (_HASH_BITS, [_page([])], _marks(_HASH_BITS, ()))

    def __len__(self) -> int:
        """How many pairs there are; an entry has one for each of its keys, most entries one alone."""
        return self._pairs

    @property
    def shapes(self) -> Shapes:
        """The shapes of all keys that were put or loaded. They do not get fewer when entries are dropped."""
        return self._tags.shapes

    @property
    def held_bytes(self) -> int:
        """How much memory the pairs take.

        Units:
            bytes.
        """
        _, pages, marks = self._pages
        return sys.getsizeof(marks) + sys.getsizeof(pages) + sum(map(_bytes_of, pages))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All pairs of a hash and a number, in order."""
        for hashes, numbers in self._pages[1]:
            yield from zip(hashes, numbers, strict=True)

    def load(self, pairs: Iterable[tuple[int, int]], shapes: Shapes) -> None:
        """Hold these pairs and no others.

        Args:
            pairs: the hash of each key, see `cover_hash`, and the number of its entry, in any order.
            shapes: the shapes of these keys.

        Raises:
            ValueError: a hash is no unsigned integer of 64 bits, or a number none of 63; then nothing changes.
        """
        hashes, numbers = _columns(pairs)
        bits = 0
        while len(hashes) > self._per_page << bits:
            bits += 1
        shift = _HASH_BITS - bits
        pages = _in_pages(hashes, numbers, shift)
        self._tags = Tags(shapes, self._key_hash, self._beginnings)
        self._pages = shift, pages, _marks(shift, hashes)
        self._pairs = sum(len(page[0]) for page in pages)

    def put(self, number: int, keys: Iterable[str]) -> None:
        """Add an entry. To change whom it covers, drop it first.

        Args:
            number: of the entry.
            keys: whom it covers, as `covers_of` gives them.

        Raises:
            ValueError: the number is no unsigned integer of 63 bits.
        """
        if not 0 <= number <= _NUMBER_MAX:
            raise ValueError("the number of an entry is an unsigned integer of 63 bits")
        covers = tuple(keys)
        # WHY first: who already finds a key has to know its shape.
        shapes = self._tags.shapes | Shapes.of(covers)
        if shapes is not self._tags.shapes:
            self._tags = Tags(shapes, self._key_hash, self._beginnings)
        for key in covers:
            self._change(cover_hash(key, self._key_hash), number, there=True)
        while self._pairs > self._per_page * len(self._pages[1]):
            self._double()

    def drop(self, number: int, keys: Iterable[str]) -> None:
        """Remove an entry; one that is not there is not missed.

        Args:
            number: of the entry.
            keys: whom it covers, as they were put.
        """
        for key in keys:
            self._change(cover_hash(key, self._key_hash), number, there=False)

    def find(self, identities: Iterable[Identity]) -> tuple[int, ...]:
        """The entries that may cover a caller: all that do, and by chance one whose key has the same hash.

        Args:
            identities: all identities of the caller.

        Returns:
            their numbers in order, each once.
        """
        shift, pages, marks = self._pages
        mark_shift = shift - _MARK_BITS
        found: list[int] = []
        hashes_of = self._tags.hashes
        for identity in identities:
            for key_bits in hashes_of(identity):
                if marks[key_bits >> mark_shift]:
                    found += _numbers_of(pages[key_bits >> shift], key_bits)
        return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)

    def _change(self, key_bits: int, number: int, *, there: bool) -> None:
        shift, pages, marks = self._pages
        hashes, numbers = pages[key_bits >> shift]
        start = bisect_left(hashes, key_bits)
        end = bisect_right(hashes, key_bits, start)
        place = bisect_left(numbers, number, start, end)
        if (place < end and numbers[place] == number) is there:
            return
        if there:
            # WHY first: who looks this up meanwhile looks at the mark first.
            marks[key_bits >> shift - _MARK_BITS] = 1
            pages[key_bits >> shift] = _with(hashes, place, key_bits), _with(numbers, place, number)
        else:
            pages[key_bits >> shift] = _without(hashes, place), _without(numbers, place)
        self._pairs += 1 if there else -1

    def _double(self) -> None:
        shift, pages, marks = self._pages
        half = shift - 1
        doubled: list[_Page] = []
        for position, (hashes, numbers) in enumerate(pages):
            middle = bisect_left(hashes, 2 * position + 1 << half)
            doubled += (hashes[:middle], numbers[:middle]), (hashes[middle:], numbers[middle:])
        self._pages = half, doubled, _twice(marks)


class Tags:
    """What the keys of some shapes have before the beginning of a number, hashed once for all numbers."""

    __slots__ = ("_beginnings", "_by_length", "_key_hash", "shapes")

    def __init__(
        self,
        shapes: Shapes,
        key_hash: KeyHash,
        beginnings: Callable[[tuple[int, ...]], Beginnings] | None = None,
    ) -> None:
        self.shapes = shapes
        self._key_hash = key_hash
        self._beginnings = beginnings or beginnings_alone(key_hash)
        self._by_length: dict[int, _Plan] = {}

    @property
    def lengths(self) -> set[int]:
        """For which lengths of a number something is kept."""
        return set(self._by_length)

    def hashes(self, identity: Identity) -> list[int]:
        """The hash of every key of these shapes, or of none, that covers an identity, as `cover_hash` makes it."""
        if identity.kind is not _NUMBER:
            return [self._key_hash(who_of(identity))]
        value = key_text(identity.value)
        hash_beginnings, by_beginning = self._by_length.get(len(value)) or self._plan(len(value))
        return [whole ^ tag for whole, tags in zip(hash_beginnings(value), by_beginning, strict=True) for tag in tags]

    def _plan(self, length: int) -> _Plan:
        tags: dict[int, list[int]] = {}
        for beginning, cut in self.shapes.cuts(length):
            tags.setdefault(length if cut is None else cut, []).append(self._key_hash(beginning))
        cuts = tuple(sorted(tags))
        plan = self._beginnings(cuts), tuple(tuple(tags[cut]) for cut in cuts)
        # INVARIANT: only lengths that a number can have are kept, so hostile ones do not fill the dictionary.
        return self._by_length.setdefault(length, plan) if length <= _LONGEST_KEPT else plan


def _columns(pairs: Iterable[tuple[int, int]]) -> _Page:
    hashes, numbers = array(_HASHES), array(_WIDE)
    try:
        for key_bits, number in pairs:
            hashes.append(key_bits)
            numbers.append(number)
    except OverflowError as error:
        raise ValueError("a hash has 64 bits, and the number of an entry 63") from error
    if numbers and min(numbers) < 0:
        raise ValueError("the number of an entry is an unsigned integer of 63 bits")
    return hashes, numbers


def _in_pages(hashes: array[int], numbers: array[int], shift: int) -> list[_Page]:
    # WHY places and no pairs: what is needed for a moment only is a third as large.
    places = [array(_NARROW) for _ in range(1 << _HASH_BITS - shift)]
    for place, key_bits in enumerate(hashes):
        places[key_bits >> shift].append(place)
    return [_page(sorted({(hashes[place], numbers[place]) for place in of_page})) for of_page in places]


def _marks(shift: int, hashes: Iterable[int]) -> bytearray:
    marks = bytearray(1 << _HASH_BITS - shift + _MARK_BITS)
    for key_bits in hashes:
        marks[key_bits >> shift - _MARK_BITS] = 1
    return marks


def _twice(marks: bytearray) -> bytearray:
    """Marks for beginnings of one bit more: where one was set, both are."""
    # WHY not from the hashes: that takes a hundred times as long, and in that time nobody is answered.
    twice = bytearray(2 * len(marks))
    twice[::2] = marks
    twice[1::2] = marks
    return twice


def _numbers_of(page: _Page, key_bits: int) -> list[int]:
    hashes, numbers = page
    found = []
    # WHY no search for the end: it is nearly always next, and each look at another place of the memory takes long.
    place = bisect_left(hashes, key_bits)
    while place < len(hashes) and hashes[place] == key_bits:
        found.append(numbers[place])
        place += 1
    return found


def _page(pairs: list[tuple[int, int]]) -> _Page:
    hashes = array(_HASHES, [key_bits for key_bits, _ in pairs])
    numbers = [number for _, number in pairs]
    return hashes, array(_NARROW if max(numbers, default=0) <= _NARROW_MAX else _WIDE, numbers)


def _with(values: array[int], place: int, value: int) -> array[int]:
    if values.typecode == _NARROW and value > _NARROW_MAX:
        values = array(_WIDE, values)
    copy = values[:place]
    copy.append(value)
    copy += values[place:]
    return copy


def _without(values: array[int], place: int) -> array[int]:
    return values[:place] + values[place + 1 :]


def _bytes_of(page: _Page) -> int:
    return sys.getsizeof(page) + sum(map(sys.getsizeof, page))
