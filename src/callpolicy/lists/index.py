"""An index of very many entries in little memory: which of them may cover a caller, by hashes of their keys."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice, repeat
from operator import and_, itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists.covers import Beginnings, KeyHash, Shapes, beginnings_alone, cover_hash, key_text, who_of

if TYPE_CHECKING:
    # WHY: array takes no type arguments at run time before Python 3.12.
    _Part: TypeAlias = array[int]

_Tagged: TypeAlias = tuple[tuple[int, int], ...]
_Plan: TypeAlias = tuple[Beginnings, _Tagged]
# WHY: before Python 3.12 the member of an enumeration is slow to reach.
_NUMBER: Final = IdentityKind.NUMBER
_ALONE: Final = ((0, 0),)
_LONGEST_KEPT: Final = 64
_HASH_BITS: Final = 64
_HASHES: Final = "Q"
_NARROW: Final = "I"
_WIDE: Final = "q"
_NUMBER_MAX: Final = (1 << 63) - 1
_PARTS_BITS: Final = 10
_FEWEST_BITS: Final = 3
_WORDS: Final = 3
_WORD_BITS: Final = 32
_WORD_MAX: Final = (1 << _WORD_BITS) - 1
_LEFT: Final = 1
_TAKEN: Final = 1 << _WORD_BITS - 1
_SIEVE_FILLED: Final = 16
_SIEVE_OF: Final = 5
_PIECE: Final = 1 << 16
_AT_ONCE: Final = 1 << 14
_THREE_OF_EIGHT: Final = tuple(sum(1 << bit for bit in bits) for bits in combinations(range(8), 3))
_MARKS_MAX: Final = 255
_MARKS: Final = bytes(_THREE_OF_EIGHT[value % len(_THREE_OF_EIGHT)] for value in range(_MARKS_MAX + 1))
"""What a hash marks in the sieve, by the last eight bits of its first half."""


class ListIndex:
    """Which entries may cover a caller.

    Each key of an entry (see `covers_of`) is one pair: the key's hash, and the number that the store gave the entry.
    The pairs are a set. They lie in parts, one for each end of a hash, and each part is a hash table with open
    addressing and linear probing (Knuth, The Art of Computer Programming 3, section 6.4): a pair lies at the first free
    place from where its hash points to. Hash and number lie beside each other in one array, in words that are wider
    where a part has a number of more than 32 bits.

    Nearly all keys of a caller are of no entry. A sieve says so at one look (Bloom's superimposed coding, section 6.5,
    with all bits of a key in one byte): each pair marks three bits of the byte that the end of its hash points to. It
    is so small that looks at it are quick, and three bits are marked for a key of no entry once in a hundred times.
    What was dropped stays marked until its part is made anew.

    One thread at a time may change the index; others may look things up meanwhile, without a lock, and find an entry
    that is being put or dropped, or do not. A part into which as much was put as fills it to two thirds is made anew,
    at a cost that is linear in the pairs of that part alone. A sieve with hardly more than three bytes for a pair is
    made twice as long, a piece with each put.

    Args:
        key_hash: 64 bits of a keyed hash of a text, as an unsigned integer; evenly spread, or look-ups are slow.
        parts_bits: how many last bits of a hash choose the part.
        beginnings: for some lengths, ascending, what hashes the beginnings of a text of these lengths, each as
            `key_hash` does; `None` where nothing does that quicker.

    Raises:
        ValueError: the number of bits is below 0, or above 16.
    """

    __slots__ = ("_beginnings", "_key_hash", "_now", "_pairs", "_parts_bits", "_wider", "_worn")

    def __init__(
        self,
        key_hash: KeyHash,
        *,
        parts_bits: int = _PARTS_BITS,
        beginnings: Callable[[tuple[int, ...]], Beginnings] | None = None,
    ) -> None:
        if not 0 <= parts_bits <= _HASH_BITS // 4:
            raise ValueError(f"a part is chosen by 0 to {_HASH_BITS // 4} bits, not `{parts_bits}`")
        self._key_hash = key_hash
        self._beginnings = beginnings
        self._parts_bits = parts_bits
        self._pairs = 0
        # INVARIANT: a third of the places of each part is free, so that a look from place to place comes to an end.
        self._worn = [0] * (1 << parts_bits)
        # INVARIANT: what a reader needs is one value; the marks of each pair that stands are in the sieve.
        self._now = self._tags(Shapes()), [_part(0) for _ in self._worn], self._sieve(0)
        self._wider = bytearray()

    def __len__(self) -> int:
        """How many pairs there are; an entry has one for each of its keys, most entries one alone."""
        return self._pairs

    @property
    def shapes(self) -> Shapes:
        """The shapes of all keys that were put or loaded. They do not get fewer when entries are dropped."""
        return self._now[0].shapes

    @property
    def held_bytes(self) -> int:
        """How much memory the pairs take.

        Units:
            bytes.
        """
        _, parts, sieve = self._now
        return sum(map(sys.getsizeof, (parts, *parts, self._worn, sieve, self._wider)))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All pairs of a hash, with its first bit set, and a number, in order."""
        # WHY arrays: a list of all pairs takes five times the memory of the index.
        alike = [(array(_HASHES), array(_WIDE)) for _ in range(1 << 8)]
        for part in self._now[1]:
            for first, second, number in _held(part):
                hashes, numbers = alike[first >> _WORD_BITS - 9 & 255]
                hashes.append(first << _WORD_BITS | second)
                numbers.append(number)
        for hashes, numbers in alike:
            yield from sorted(zip(hashes, numbers, strict=True))

    def load(self, pairs: Iterable[tuple[int, int]], shapes: Shapes) -> None:
        """Hold these pairs and no others.

        Args:
            pairs: the hash of each key, see `cover_hash`, and the number of its entry, in any order.
            shapes: the shapes of these keys.

        Raises:
            ValueError: a hash is no unsigned integer of 64 bits, or a number none of 63; then nothing changes.
        """
        hashes, numbers, them = array(_HASHES), array(_WIDE), iter(pairs)
        try:
            while some := list(islice(them, _AT_ONCE)):
                hashes.extend(map(itemgetter(0), some))
                numbers.extend(map(itemgetter(1), some))
        except OverflowError as error:
            raise ValueError("a hash has 64 bits, and the number of an entry 63") from error
        self.load_columns(hashes, numbers, shapes)

    def load_columns(self, hashes: array[int], numbers: array[int], shapes: Shapes) -> None:
        """Hold these pairs and no others; as `load`, from what holds a million of them in little memory.

        Args:
            hashes: the hash of each key, unsigned integers of 64 bits.
            numbers: the number of the entry of each of these keys, integers of 64 bits.
            shapes: the shapes of these keys.

        Raises:
            ValueError: a number is negative; then nothing changes.
        """
        if numbers and min(numbers) < 0:
            raise ValueError("the number of an entry is an unsigned integer of 63 bits")
        parts_bits, end = self._parts_bits, len(self._worn) - 1
        counts = Counter(map(and_, hashes, repeat(end)))
        worn = [counts[chosen] for chosen in range(end + 1)]
        typecode = _WIDE if max(numbers, default=0) > _WORD_MAX else _NARROW
        parts, sieve = [_part(count, typecode) for count in worn], self._sieve(len(hashes))
        sized = [(part, len(part), len(part) // _WORDS - 1) for part in parts]
        sieve_end, twice = len(sieve) - 1, 0
        for key_bits, number in zip(hashes, numbers, strict=True):
            part, size, last = sized[key_bits & end]
            first, second = key_bits >> _WORD_BITS | _TAKEN, key_bits & _WORD_MAX
            at = (second >> parts_bits & last) * _WORDS - size
            while held := part[at]:
                if held == first and part[at + 1] == second and part[at + 2] == number:
                    twice += 1
                    break
                at += _WORDS
            else:
                part[at], part[at + 1], part[at + 2] = first, second, number
            sieve[second & sieve_end] |= _MARKS[first & _MARKS_MAX]
        self._now, self._wider = (self._tags(shapes), parts, sieve), bytearray()
        self._worn, self._pairs = worn, len(hashes) - twice

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
        tags, parts, sieve = self._now
        shapes = tags.shapes | Shapes.of(covers)
        if shapes is not tags.shapes:
            self._now = self._tags(shapes), parts, sieve
        for key in covers:
            self._put(cover_hash(key, self._key_hash), number)

    def drop(self, number: int, keys: Iterable[str]) -> None:
        """Remove an entry; one that is not there is not missed.

        Args:
            number: of the entry.
            keys: whom it covers, as they were put.
        """
        parts = self._now[1]
        for key in keys:
            key_bits = cover_hash(key, self._key_hash)
            part = parts[key_bits & len(parts) - 1]
            at, _ = _place(part, key_bits, self._parts_bits, number)
            if part[at]:
                part[at] = _LEFT
                self._pairs -= 1

    def find(self, identities: Iterable[Identity]) -> tuple[int, ...]:
        """The entries that may cover a caller: all that do, and by chance one whose key has the same hash.

        Args:
            identities: all identities of the caller.

        Returns:
            their numbers in order, each once.
        """
        tags, parts, sieve = self._now
        halves, end = tags.halves, len(sieve) - 1
        found: list[int] = []
        for identity in identities:
            beginnings, tagged = halves(identity)
            for which, tag in tagged:
                key_bits = beginnings[which] ^ tag
                marked = sieve[key_bits & end]
                if marked:
                    marks = _MARKS[key_bits >> _WORD_BITS & _MARKS_MAX]
                    if marked & marks == marks:
                        part = parts[key_bits & len(parts) - 1]
                        _gather(found, part, key_bits, self._parts_bits)
        return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)

    def _tags(self, shapes: Shapes) -> Tags:
        return Tags(shapes, self._key_hash, self._beginnings)

    def _sieve(self, count: int) -> bytearray:
        """A sieve for so many pairs that has nothing marked."""
        return bytearray(1 << max(_bits(4 * count), self._parts_bits + _FEWEST_BITS))

    def _put(self, key_bits: int, number: int) -> None:
        _, parts, sieve = self._now
        chosen = key_bits & len(parts) - 1
        part = parts[chosen]
        if number > _WORD_MAX and part.typecode == _NARROW:
            part = parts[chosen] = array(_WIDE, part)
        if not _enter(part, key_bits, self._parts_bits, number):
            return
        marks = _MARKS[key_bits >> _WORD_BITS & _MARKS_MAX]
        sieve[key_bits & len(sieve) - 1] |= marks
        place = key_bits & 2 * len(sieve) - 1
        if place < len(self._wider):
            self._wider[place] |= marks
        self._pairs += 1
        self._worn[chosen] += 1
        # WHY a little before the parts are full: what is made anew then has no marks from the half that is not its own.
        if self._wider or _SIEVE_FILLED * self._pairs > _SIEVE_OF * len(sieve):
            self._widen()
        # WHY what was put, not what is taken: each pair that was dropped left its marks.
        if self._worn[chosen] * _WORDS * 3 > len(part) * 2:
            self._make_anew(chosen)

    def _widen(self) -> None:
        """Copy a piece of the sieve into one of twice the length, which is used as soon as it is whole."""
        tags, parts, sieve = self._now
        # INVARIANT: a place ends as the two do that it becomes, so each half begins with the marks that it needs.
        start = len(self._wider) & len(sieve) - 1
        self._wider += sieve[start : start + _PIECE]
        if len(self._wider) == 2 * len(sieve):
            self._now, self._wider = (tags, parts, self._wider), bytearray()

    def _make_anew(self, chosen: int) -> None:
        """Make a part for what it holds, with as much room again, without the places and marks that were left."""
        _, parts, sieve = self._now
        old = parts[chosen]
        held = list(_held(old))
        new, marks = _part(len(held), old.typecode), bytearray(len(sieve) // len(parts))
        size, last, end, parts_bits = len(new), len(new) // _WORDS - 1, len(marks) - 1, self._parts_bits
        for first, second, number in held:
            home = second >> parts_bits
            at = (home & last) * _WORDS - size
            while new[at]:
                at += _WORDS
            new[at], new[at + 1], new[at + 2] = first, second, number
            marks[home & end] |= _MARKS[first & _MARKS_MAX]
        parts[chosen] = new
        self._worn[chosen] = len(held)
        # WHY at once: a reader may look at any moment.
        sieve[chosen :: len(parts)] = marks


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

    def halves(self, identity: Identity) -> tuple[Sequence[int], _Tagged]:
        """What gives the hash of every key of these shapes, or of none, that covers an identity, as `cover_hash` does.

        Returns:
            the hashes of some beginnings, and for each key which of them it has, and what that is to be joined with.
        """
        if identity.kind is not _NUMBER:
            return (self._key_hash(who_of(identity)),), _ALONE
        value = key_text(identity.value)
        hash_beginnings, tagged = self._by_length.get(len(value)) or self._plan(len(value))
        return hash_beginnings(value), tagged

    def _plan(self, length: int) -> _Plan:
        keys = [(length if cut is None else cut, tag) for tag, cut in self.shapes.cuts(length)]
        cuts = tuple(sorted({cut for cut, _ in keys}))
        plan = self._beginnings(cuts), tuple((cuts.index(cut), self._key_hash(tag)) for cut, tag in keys)
        # INVARIANT: only lengths that a number can have are kept, so hostile ones do not fill the dictionary.
        return self._by_length.setdefault(length, plan) if length <= _LONGEST_KEPT else plan


def _bits(count: int) -> int:
    """How many bits number so many places."""
    return (count - 1).bit_length() if count else 0


def _part(count: int, typecode: str = _NARROW) -> _Part:
    """An empty part with room for twice as many pairs."""
    places = 1 << max(_bits(2 * count), _FEWEST_BITS)
    return array(typecode, bytes(array(typecode).itemsize * _WORDS * places))


def _gather(found: list[int], part: _Part, key_bits: int, parts_bits: int) -> None:
    """Add the numbers that stand beside a hash."""
    size = len(part)
    first, second = key_bits >> _WORD_BITS | _TAKEN, key_bits & _WORD_MAX
    # WHY counted from the end: so the place after the last one is the first one.
    at = (second >> parts_bits & size // _WORDS - 1) * _WORDS - size
    while held := part[at]:
        if held == first and part[at + 1] == second:
            found.append(part[at + 2])
        at += _WORDS


def _place(part: _Part, key_bits: int, parts_bits: int, number: int) -> tuple[int, int]:
    """Where a pair is, or else the free place where the look for it ends; and the first place that was left."""
    size = len(part)
    first, second = key_bits >> _WORD_BITS | _TAKEN, key_bits & _WORD_MAX
    at = (second >> parts_bits & size // _WORDS - 1) * _WORDS - size
    left = size
    while held := part[at]:
        if held == first:
            if part[at + 1] == second and part[at + 2] == number:
                break
        elif held == _LEFT and left == size:
            left = at
        at += _WORDS
    return at, left


def _enter(part: _Part, key_bits: int, parts_bits: int, number: int) -> bool:
    """Put a pair into a part with a free place; whether it was not there."""
    at, left = _place(part, key_bits, parts_bits, number)
    if part[at]:
        return False
    if left < len(part):
        at = left
    # WHY in this order: who finds the first word reads the others.
    part[at + 2] = number
    part[at + 1] = key_bits & _WORD_MAX
    part[at] = key_bits >> _WORD_BITS | _TAKEN
    return True


def _held(part: _Part) -> Iterator[tuple[int, int, int]]:
    """Both halves of the hash, and the number, of each pair of a part."""
    words = zip(part[0::_WORDS], part[1::_WORDS], part[2::_WORDS], strict=True)
    return (each for each in words if each[0] > _LEFT)
