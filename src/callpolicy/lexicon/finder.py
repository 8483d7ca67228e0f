"""Finding the terms of word lists in a text.

Source: Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18 (6), 1975.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, Literal, NamedTuple

import ahocorasick

from callpolicy.errors import UsageError
from callpolicy.lexicon.folding import PHRASE_END, Folded, fold, in_word

MAX_TEXT: Final = 20_000
"""Hits are looked for in this many characters of a text; what follows is not searched. Units: characters."""

MAX_TERM: Final = 100
"""The longest term or exception, folded. Units: characters."""

# WHY: a word or an exception that begins before the cap is read to its end, so that a cut never makes a hit.
_LOOKAHEAD: Final = 4 * MAX_TERM


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One word list.

    Args:
        id: unique name, the stem of its file.
        signal: name of the signal that a hit raises; several lexicons may raise the same.
        language: the language of the terms. Every lexicon is looked for in every text: callers mix languages.
        match: `word`: a term stands alone between word boundaries, and a term that ends in `*` also matches every
            word that begins so (`lawyer*`: lawyers, lawyer's). `substring`: anywhere in the text, no `*`.
        terms: what to look for, words or phrases without punctuation.
        unless: longer phrases that contain a term but mean no harm (`他妈妈` for `他妈`), same syntax. A hit
            inside such a phrase does not count.
    """

    id: str
    signal: str
    language: str
    match: Literal["word", "substring"]
    terms: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a text.

    Args:
        signal: the signal of the list.
        lexicon_id: which word list.
        term: the term as the list spells it.
        start: where it begins in the original text, counted from 0. Units: characters.
        end: one after its last character. Units: characters.
    """

    signal: str
    lexicon_id: str
    term: str
    start: int
    end: int


def term_fault(term: str, match: Literal["word", "substring"]) -> str | None:
    """Say what is wrong with a term or exception as written.

    Args:
        term: the term, or an entry of `unless`.
        match: how its lexicon matches.

    Returns:
        One lower-case line, or None if the term can be used.

    Examples:
        >>> term_fault("lawyer*", "word") is None
        True
        >>> term_fault("no. thanks", "word")
        'a term is words without punctuation'
    """
    stem = term.removesuffix("*")
    if "*" in stem:
        return "`*` may stand only once, at the end of a term"
    if stem != term and match == "substring":
        return "`*` has no meaning in a list that matches substrings"
    folded = _folded(stem) if len(stem) <= 4 * MAX_TERM else fold(stem).text
    if not folded:
        return "a term needs at least one letter, digit or symbol"
    if PHRASE_END in folded:
        return "a term is words without punctuation"
    if len(folded) > MAX_TERM:
        return f"a term has at most {MAX_TERM} characters"
    if stem != term and not in_word(folded[-1]):
        return "`*` needs a letter or digit of an alphabet before it"
    return None


class SignalFinder:
    """Finds the terms of many lexicons in one pass over a text. Immutable; threads may share one.

    The time is linear in the length of the text, with the longest nesting of terms as factor. No text makes it raise.

    Args:
        lexicons: the word lists, in any order.

    Raises:
        UsageError: two lexicons have the same id, or a term cannot be used (see `term_fault`).

    Examples:
        >>> finder = SignalFinder([
        ...     Lexicon("agitation_zh", "agitation", "zh-CN", "substring", ("他妈",), ("他妈妈",)),
        ...     Lexicon("sensitive_en", "sensitive", "en", "word", ("lawyer*",)),
        ... ])
        >>> sorted(finder.signals("他妈 的，I will call my LAWYERS"))
        ['agitation', 'sensitive']
        >>> finder.hits("他妈妈的卡")
        ()
    """

    __slots__ = ("_automaton", "_lexicons")

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._lexicons: Final = tuple(sorted(lexicons, key=lambda lexicon: lexicon.id))
        self._automaton: Final = _automaton(self._lexicons)

    def signals(self, text: str) -> frozenset[str]:
        """Tell which signals a text raises.

        Args:
            text: what was said, in any script and of any length; see `MAX_TEXT`.

        Returns:
            The signals of all hits.
        """
        return frozenset(hit.signal for hit in self.hits(text))

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Find every term of every lexicon that no exception covers, overlapping ones too.

        Args:
            text: what was said, in any script and of any length. Of a text longer than `MAX_TEXT`
                only the hits that end within the first `MAX_TEXT` characters are found.

        Returns:
            The hits by place, then lexicon and term. Units: places are characters of the original text.
        """
        # WHY: an automaton without words refuses to search.
        if not len(self._automaton):
            return ()
        folded = fold(text[: MAX_TEXT + _LOOKAHEAD])
        found: list[_Match] = []
        excuses: dict[int, list[tuple[int, int]]] = {}
        for match in self._matches(folded.text):
            if match.pattern.excuses:
                excuses.setdefault(match.pattern.lexicon, []).append((match.start, match.end))
            else:
                found.append(match)
        covers = {number: _Cover(spans) for number, spans in excuses.items()}
        hits = (
            self._hit(match, folded)
            for match in found
            if match.pattern.lexicon not in covers or not covers[match.pattern.lexicon].has(match.start, match.end)
        )
        return tuple(sorted((hit for hit in hits if hit.end <= MAX_TEXT), key=_place))

    def _matches(self, folded: str) -> Iterator[_Match]:
        patterns: tuple[_Pattern, ...]
        for last, patterns in self._automaton.iter(folded):
            end = last + 1
            for pattern in patterns:
                start = end - len(pattern.folded)
                if pattern.words and not _boundary(folded, start):
                    continue
                if pattern.open_end:
                    yield _Match(start, _word_end(folded, end), pattern)
                elif not pattern.words or _boundary(folded, end):
                    yield _Match(start, end, pattern)

    def _hit(self, match: _Match, folded: Folded) -> Hit:
        lexicon = self._lexicons[match.pattern.lexicon]
        start, end = folded.starts[match.start], folded.ends[match.end - 1]
        return Hit(lexicon.signal, lexicon.id, match.pattern.term, start, end)


def _place(hit: Hit) -> tuple[int, int, str, str]:
    return hit.start, hit.end, hit.lexicon_id, hit.term


class _Pattern(NamedTuple):
    folded: str
    lexicon: int
    term: str
    words: bool
    open_end: bool
    excuses: bool


class _Match(NamedTuple):
    start: int
    end: int
    pattern: _Pattern


class _Cover:
    """The spans of exceptions; tells whether one of them contains a given span."""

    __slots__ = ("_reach", "_starts")

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        spans.sort()
        self._starts = [start for start, _ in spans]
        self._reach = list(accumulate((end for _, end in spans), max))

    def has(self, start: int, end: int) -> bool:
        last = bisect_right(self._starts, start) - 1
        return last >= 0 and self._reach[last] >= end


def _patterns(number: int, lexicon: Lexicon) -> Iterator[_Pattern]:
    seen: set[tuple[str, bool, bool]] = set()
    for term, excuses in [(term, False) for term in lexicon.terms] + [(term, True) for term in lexicon.unless]:
        fault = term_fault(term, lexicon.match)
        if fault is not None:
            raise UsageError(f"lexicon `{lexicon.id}`, `{term}`: {fault}")
        open_end = term.endswith("*")
        key = (_folded(term.removesuffix("*")), open_end, excuses)
        # WHY: 投訴 beside 投诉 is no fault of an author, and must not count twice.
        if key not in seen:
            seen.add(key)
            yield _Pattern(key[0], number, term, lexicon.match == "word", open_end, excuses)


# WHY kept: every scenario of a norm gets an engine of its own, and all of them look for the same words.
@lru_cache(maxsize=4)
def _automaton(lexicons: tuple[Lexicon, ...]) -> ahocorasick.Automaton:
    """The automaton of word lists in the order of their ids; it is only read after that."""
    patterns: dict[str, list[_Pattern]] = {}
    for number, lexicon in enumerate(lexicons):
        if number and lexicons[number - 1].id == lexicon.id:
            raise UsageError(f"two lexicons have the id `{lexicon.id}`")
        for pattern in _patterns(number, lexicon):
            patterns.setdefault(pattern.folded, []).append(pattern)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY, ahocorasick.KEY_STRING)
    for folded, values in patterns.items():
        automaton.add_word(folded, tuple(values))
    automaton.make_automaton()
    return automaton


# WHY kept: a term is looked at when its file is read, and folded again when its list is put to use.
@lru_cache(maxsize=1 << 14)
def _folded(stem: str) -> str:
    return fold(stem).text


def _boundary(folded: str, place: int) -> bool:
    return place in (0, len(folded)) or not (in_word(folded[place - 1]) and in_word(folded[place]))


def _word_end(folded: str, place: int) -> int:
    while place < len(folded) and in_word(folded[place]):
        place += 1
    return place
