"""Whom an entry covers, as text keys: equality alone finds the entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists.entries import Entry, Subject

_ESCAPED: Final = {0: "\\0", ord("\\"): "\\\\", **{code: f"\\{code:x}" for code in range(0xD800, 0xE000)}}
_PREFIX: Final = "prefix"
_RANGE: Final = "range"
_DIGITS: Final = "0123456789"
_ANY_LENGTH: Final = 0
# WHY: before Python 3.12 the member of an enumeration is slow to reach.
_NUMBER: Final = IdentityKind.NUMBER
Cuts: TypeAlias = tuple[tuple[str, int | None], ...]

KeyHash: TypeAlias = Callable[[str], int]
"""64 bits of a keyed hash of a text, as an unsigned integer."""

Beginnings: TypeAlias = Callable[[str], Sequence[int]]
"""The hash of each of some beginnings of a text, in order of their lengths."""

Shape: TypeAlias = tuple[int, int]
"""The length of a covered number, 0 for any, and how much of its beginning stands in the key."""


def key_text(text: str) -> str:
    r"""A text as a key column can hold it: no NUL and no half of a surrogate pair; different texts stay different.

    >>> key_text("c1"), key_text("a\0b\\")
    ('c1', 'a\\0b\\\\')
    """
    # WHY isascii first: that is what nearly every key is, and only NUL and the backslash are odd in it.
    if text.isascii() and "\0" not in text and "\\" not in text:
        return text
    return text.translate(_ESCAPED)


def who_of(identity: Identity) -> str:
    """An identity as one column: `number:+12125550142`."""
    return f"{identity.kind}:{key_text(identity.value)}"


def covers_of(covered: Entry | Subject) -> Iterator[str]:
    """Whom an entry or a subject covers, as keys.

    Args:
        covered: the entry or the subject.

    Returns:
        an identity, a prefix, or the parts of a range.

    >>> from callpolicy.identity import Identity, IdentityKind
    >>> first = Identity(IdentityKind.NUMBER, "+442079460000")
    >>> [*covers_of(Subject(first)), *covers_of(Subject(first, last="+442079460999"))]
    ['number:+442079460000', 'range:13:+442079460']
    """
    first = key_text(covered.identity.value)
    if covered.last is not None:
        yield from (f"{_RANGE}:{len(first)}:{part}" for part in range_parts(first, key_text(covered.last)))
    else:
        yield f"{_PREFIX}:{first}" if covered.prefix else f"{covered.identity.kind}:{first}"


def range_parts(first: str, last: str) -> Iterator[str]:
    """The shortest beginnings that all numbers of a range have, and no other number of that length.

    Args:
        first: the first number.
        last: the last number, of the same form and length.

    >>> list(range_parts("+442094600", "+442094621"))
    ['+44209460', '+44209461', '+442094620', '+442094621']
    """
    head = first.rstrip(_DIGITS)
    width = len(first) - len(head)
    low, high = int(first[len(head) :]), int(last[len(head) :])
    while low <= high:
        size = 0
        while size < width and low % 10 ** (size + 1) == 0 and low + 10 ** (size + 1) - 1 <= high:
            size += 1
        yield head + str(low).zfill(width)[: width - size]
        low += 10**size


def shape_of(key: str) -> Shape | None:
    """How a key is cut from the numbers that it covers; `None` for a key of one number or customer.

    >>> shape_of("prefix:+44"), shape_of("range:13:+4420946"), shape_of("number:+442079460000")
    ((0, 3), (13, 8), None)
    """
    kind, _, rest = key.partition(":")
    if kind == _PREFIX:
        return _ANY_LENGTH, len(rest)
    if kind == _RANGE:
        length, _, part = rest.partition(":")
        return int(length), len(part)
    return None


def beginnings_alone(key_hash: KeyHash) -> Callable[[tuple[int, ...]], Beginnings]:
    """What hashes the beginnings of a text of given lengths, each on its own.

    >>> beginnings_alone(len)((2, 4))("+4420")
    [2, 4]
    """
    return lambda lengths: lambda text: [key_hash(text[:length]) for length in lengths]


def cover_hash(key: str, key_hash: KeyHash) -> int:
    """The hash of a key, made so that the keys of one beginning of a number share the greater part of the work.

    Args:
        key: as `covers_of` gives it.
        key_hash: what hashes a text.

    Returns:
        64 bits, as an unsigned integer.
    """
    kind, _, rest = key.partition(":")
    if kind == _RANGE:
        length, _, rest = rest.partition(":")
        return key_hash(f"{kind}:{length}:") ^ key_hash(rest)
    # WHY whole otherwise: somebody who is no number has one key alone.
    return key_hash(f"{kind}:") ^ key_hash(rest) if kind in {_PREFIX, str(_NUMBER)} else key_hash(key)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of all keys that there are: no key of another shape needs to be looked up.

    Args:
        every: the shapes.
    """

    every: frozenset[Shape] = frozenset()
    _cuts: dict[int, Cuts] = field(default_factory=dict, init=False, repr=False, compare=False)
    _longest: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        longest = max((max(shape) for shape in self.every), default=0)
        object.__setattr__(self, "_longest", longest)

    @classmethod
    def of(cls, keys: Iterable[str]) -> Shapes:
        """The shapes of some keys."""
        return cls(frozenset(shape for shape in map(shape_of, keys) if shape is not None))

    def __or__(self, other: Shapes) -> Shapes:
        return self if other.every <= self.every else Shapes(self.every | other.every)

    def keys(self, identity: Identity) -> list[str]:
        """Every key of these shapes, or of none, that covers an identity."""
        value = key_text(identity.value)
        if identity.kind is not _NUMBER:
            return [f"{identity.kind}:{value}"]
        return [beginning + value[:cut] for beginning, cut in self.cuts(len(value))]

    def cuts(self, length: int) -> Cuts:
        """For each key of a number of some length its beginning, and how much of the number follows; `None` for all."""
        return self._cuts.get(length) or self._cuts_of(length)

    def _cuts_of(self, length: int) -> Cuts:
        if length > self._longest:
            # INVARIANT: what is longer than any shape is cut alike, so hostile lengths do not fill the dictionary.
            length = self._longest + 1
        fitting = (shape for shape in sorted(self.every) if shape[0] in {_ANY_LENGTH, length} and shape[1] <= length)
        cuts = ((f"{_NUMBER}:", None), *((_beginning(of_length), cut) for of_length, cut in fitting))
        return self._cuts.setdefault(length, cuts)


def _beginning(of_length: int) -> str:
    return f"{_PREFIX}:" if of_length == _ANY_LENGTH else f"{_RANGE}:{of_length}:"


def covering(identities: Iterable[Identity], shapes: Shapes | None = None) -> Iterator[str]:
    """Every key of an entry that covers one of these identities.

    Args:
        identities: all identities of a caller.
        shapes: the shapes of all keys that there are; `None` if that is not known.

    >>> from callpolicy.identity import Identity, IdentityKind
    >>> list(covering([Identity(IdentityKind.NUMBER, "+442079460000")], Shapes.of(["prefix:+44", "range:9:+44"])))
    ['number:+442079460000', 'prefix:+44']
    """
    for identity in identities:
        if shapes is not None:
            yield from shapes.keys(identity)
            continue
        value = key_text(identity.value)
        yield f"{identity.kind}:{value}"
        if identity.kind is IdentityKind.NUMBER:
            for length in range(1, len(value) + 1):
                yield f"{_PREFIX}:{value[:length]}"
                yield f"{_RANGE}:{len(value)}:{value[:length]}"
