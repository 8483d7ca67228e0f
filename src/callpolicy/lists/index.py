"""An index of very many entries in little memory: which of them may cover a caller, by hashes of their keys."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists.covers import Beginnings, KeyHash, Shapes, beginnings_alone, cover_hash, key_text, who_of

if TYPE_CHECKING:
    # WHY: array takes no type arguments at run time before Python 3.12.
    _Columns: TypeAlias = tuple[array[int], array[int]]
    _Part: TypeAlias = tuple[array[int], array[int], int, int]

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
_PARTS_BITS: Final = 8
_FEWEST_BITS: Final = 3
_FREE: Final = 0
_LEFT: Final = 2


class ListIndex:
    """Which entries may cover a caller.

    Each key of an entry (see `covers_of`) is one pair: the key's hash, and the number that the store gave the entry.
    The pairs are a set. They lie in parts, one for each beginning of a hash, and each part is a hash table with open
    addressing and linear probing (Knuth, The Art of Computer Programming 3, section 6.4): the hashes in one array, the
    numbers in another, a key at the first free place from where its hash points to. Nearly every look at a key is then
    one look at the memory, which is what takes time.

    One thread at a time may change the index; others may look things up meanwhile, without a lock, and find an entry
    that is being put or dropped, or do not. A part that is filled to two thirds is made anew, at a cost that is linear
    in the pairs of that part alone.

    Args:
        key_hash: 64 bits of a keyed hash of a text, as an unsigned integer; evenly spread, or look-ups are slow.
        parts_bits: how many first bits of a hash choose the part.
        beginnings: for some lengths, ascending, what hashes the beginnings of a text of these lengths, each as
            `key_hash` does; `None` where nothing does that quicker.

    Raises:
        ValueError: the number of bits is below 0, or above 16.
    """

    __slots__ = ("_beginnings", "_key_hash", "_pairs", "_parts", "_parts_shift", "_tags", "_taken")

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
        self._tags = Tags(Shapes(), key_hash, beginnings)
        self._parts_shift = _HASH_BITS - parts_bits
        self._pairs = 0
        # INVARIANT: a place that is taken holds a hash with its last bit set, so that it is neither free nor left; a
        # look-up goes on from place to place until a free one, and no part is without.
        self._parts: list[_Part] = [self._part(0) for _ in range(1 << parts_bits)]
        self._taken = [0] * (1 << parts_bits)

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
        parts = self._parts
        return sys.getsizeof(parts) + sum(sys.getsizeof(each) for part in parts for each in (part, part[0], part[1]))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All pairs of a hash, with its last bit set, and a number, in order."""
        for part in self._parts:
            yield from sorted(_held(part))

    def load(self, pairs: Iterable[tuple[int, int]], shapes: Shapes) -> None:
        """Hold these pairs and no others.

        Args:
            pairs: the hash of each key, see `cover_hash`, and the number of its entry, in any order.
            shapes: the shapes of these keys.

        Raises:
            ValueError: a hash is no unsigned integer of 64 bits, or a number none of 63; then nothing changes.
        """
        hashes, numbers = _columns(pairs)
        counts = [0] * len(self._parts)
        for key_bits in hashes:
            counts[key_bits >> self._parts_shift] += 1
        made = ListIndex(self._key_hash, parts_bits=_HASH_BITS - self._parts_shift)
        made._parts = [self._part(count) for count in counts]
        for key_bits, number in zip(hashes, numbers, strict=True):
            made._put(key_bits, number)
        self._tags = Tags(shapes, self._key_hash, self._beginnings)
        self._parts, self._taken, self._pairs = made._parts, made._taken, made._pairs

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
            self._put(cover_hash(key, self._key_hash), number)

    def drop(self, number: int, keys: Iterable[str]) -> None:
        """Remove an entry; one that is not there is not missed.

        Args:
            number: of the entry.
            keys: whom it covers, as they were put.
        """
        for key in keys:
            key_bits = cover_hash(key, self._key_hash)
            hashes, numbers, shift, mask = self._parts[key_bits >> self._parts_shift]
            wanted = key_bits | 1
            place = key_bits >> shift & mask
            while held := hashes[place]:
                if held == wanted and numbers[place] == number:
                    hashes[place] = _LEFT
                    self._pairs -= 1
                    break
                place = place + 1 & mask

    def find(self, identities: Iterable[Identity]) -> tuple[int, ...]:
        """The entries that may cover a caller: all that do, and by chance one whose key has the same hash.

        Args:
            identities: all identities of the caller.

        Returns:
            their numbers in order, each once.
        """
        parts, parts_shift = self._parts, self._parts_shift
        found: list[int] = []
        hashes_of = self._tags.hashes
        for identity in identities:
            for key_bits in hashes_of(identity):
                hashes, numbers, shift, mask = parts[key_bits >> parts_shift]
                place = key_bits >> shift & mask
                held = hashes[place]
                if held:
                    wanted = key_bits | 1
                    while held:
                        if held == wanted:
                            found.append(numbers[place])
                        place = place + 1 & mask
                        held = hashes[place]
        return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)

    def _put(self, key_bits: int, number: int) -> None:
        chosen = key_bits >> self._parts_shift
        hashes, numbers, shift, mask = self._parts[chosen]
        wanted = key_bits | 1
        place = key_bits >> shift & mask
        reused = -1
        while held := hashes[place]:
            if held == wanted and numbers[place] == number:
                return
            if held == _LEFT and reused < 0:
                reused = place
            place = place + 1 & mask
        if number > _NARROW_MAX and numbers.typecode == _NARROW:
            numbers = array(_WIDE, numbers)
            self._parts[chosen] = hashes, numbers, shift, mask
        if reused < 0:
            self._taken[chosen] += 1
        # WHY the number first: who finds the hash reads the number.
        place = place if reused < 0 else reused
        numbers[place] = number
        hashes[place] = wanted
        self._pairs += 1
        if 3 * self._taken[chosen] > 2 * mask:
            self._make_anew(chosen)

    def _make_anew(self, chosen: int) -> None:
        """Make a part for what it holds, with as much room again, and without the places that were left."""
        old = self._parts[chosen]
        held = list(_held(old))
        new = self._part(len(held), old[1].typecode)
        hashes, numbers, shift, mask = new
        for key_bits, number in held:
            place = key_bits >> shift & mask
            while hashes[place]:
                place = place + 1 & mask
            hashes[place], numbers[place] = key_bits, number
        self._parts[chosen] = new
        self._taken[chosen] = len(held)

    def _part(self, count: int, typecode: str = _NARROW) -> _Part:
        """An empty part with room for twice as many pairs."""
        bits = max((2 * count - 1).bit_length() if count else 0, _FEWEST_BITS)
        places = 1 << bits
        empty = array(_HASHES, bytes(8 * places)), array(typecode, bytes(array(typecode).itemsize * places))
        return *empty, self._parts_shift - bits, places - 1


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


def _columns(pairs: Iterable[tuple[int, int]]) -> _Columns:
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


def _held(part: _Part) -> Iterator[tuple[int, int]]:
    return ((key_bits, number) for key_bits, number in zip(part[0], part[1], strict=True) if key_bits & 1)
