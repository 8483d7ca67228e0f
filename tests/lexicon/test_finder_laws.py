"""Laws: the finder equals a naive scan written apart from it, takes any text, and ignores case and width."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.lexicon import Lexicon, SignalFinder
from callpolicy.lexicon.folding import fold

HAN = "他妈的操作"
LETTERS = "aB"
KEPT = f"{HAN}ab"

# Small alphabets make words meet, nest and overlap.
TEXTS = st.text(alphabet=f"{HAN}{LETTERS}ＡＢ  '’.,，-*。\u200b", max_size=40)
MATCHES: st.SearchStrategy[Literal["word", "substring"]] = st.sampled_from(("word", "substring"))


@st.composite
def lexicons(draw: st.DrawFn) -> Lexicon:
    match = draw(MATCHES)
    piece = st.text(alphabet=f"{HAN}{LETTERS}", min_size=1, max_size=3)
    term = st.one_of(piece, st.tuples(piece, piece).map(" ".join))
    if match == "word":
        open_ended = st.text(alphabet=LETTERS, min_size=1, max_size=2).map(lambda stem: f"{stem}*")
        term = st.one_of(term, open_ended)
    terms = draw(st.lists(term, min_size=1, max_size=4))
    return Lexicon("list", "signal", "en", match, tuple(terms), tuple(draw(st.lists(term, max_size=3))))


def naive_fold(text: str) -> str:
    """Say the rules of folding again, with regular expressions, for the small alphabet only."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u200b", "").replace("’", "'")
    text = re.sub(f"(?<=[{HAN}])[.'](?=[{HAN}])", "", text)
    text = re.sub("(?<=[ab])'(?=[ab])", "Q", text)
    text = re.sub(f"^[^{KEPT}]+|[^{KEPT}]+$", "", text)

    def gap(match: re.Match[str]) -> str:
        before, after = text[match.start() - 1], text[match.end()]
        if before in HAN or after in HAN:
            return "" if set(match[0]) <= set(" -*") else "\n"
        return " " if set(match[0]) <= set(" -*,'") else "\n"

    return re.sub(f"[^{KEPT}Q]+", gap, text).replace("Q", "'")


def occurrences(text: str, term: str) -> Iterator[int]:
    place = text.find(term)
    while place >= 0:
        yield place
        place = text.find(term, place + 1)


def naive_spans(text: str, term: str, match: str) -> Iterator[tuple[int, int]]:
    word = set("ab'")
    stem = naive_fold(term.removesuffix("*"))
    for start in occurrences(text, stem):
        end = start + len(stem)
        if match == "word":
            if start > 0 and text[start - 1] in word and text[start] in word:
                continue
            cut = end < len(text) and text[end - 1] in word and text[end] in word
            if cut and not term.endswith("*"):
                continue
            while term.endswith("*") and end < len(text) and text[end] in word:
                end += 1
        yield start, end


def naive_hits(text: str, lexicon: Lexicon) -> Counter[str]:
    folded = naive_fold(text)
    covers = [span for phrase in lexicon.unless for span in naive_spans(folded, phrase, lexicon.match)]
    found: Counter[str] = Counter()
    spelled: set[str] = set()
    for term in lexicon.terms:
        spelling = naive_fold(term.removesuffix("*")) + "*" * term.endswith("*")
        if spelling in spelled:
            continue
        spelled.add(spelling)
        for start, end in naive_spans(folded, term, lexicon.match):
            found[term] += not any(low <= start and end <= high for low, high in covers)
    return +found


@given(TEXTS)
def test_folding_equals_its_naive_description(text: str) -> None:
    assert fold(text).text == naive_fold(text)


@given(lexicons(), TEXTS)
def test_the_finder_equals_a_naive_scan(lexicon: Lexicon, text: str) -> None:
    hits = SignalFinder([lexicon]).hits(text)

    assert Counter(hit.term for hit in hits) == naive_hits(text, lexicon)


@given(lexicons(), TEXTS)
def test_the_place_of_a_hit_holds_its_term(lexicon: Lexicon, text: str) -> None:
    for hit in SignalFinder([lexicon]).hits(text):
        held = fold(text[hit.start : hit.end]).text
        stem = fold(hit.term.removesuffix("*")).text
        assert held.startswith(stem) if hit.term.endswith("*") else held == stem


@given(st.lists(lexicons(), max_size=3), TEXTS)
def test_lists_do_not_disturb_each_other(several: list[Lexicon], text: str) -> None:
    named = [
        Lexicon(f"list_{number}", one.signal, one.language, one.match, one.terms, one.unless)
        for number, one in enumerate(several)
    ]

    together = SignalFinder(named).hits(text)

    assert set(together) == {hit for one in named for hit in SignalFinder([one]).hits(text)}


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_makes_the_finder_raise(text: str) -> None:
    found = SignalFinder([Lexicon("list", "signal", "en", "word", ("a*", "他", "0"))])

    hits = found.hits(text)

    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    assert found.signals(text) == {hit.signal for hit in hits}


@given(lexicons(), st.text(alphabet=f"{HAN}{LETTERS} '.,!-", max_size=30))
def test_case_and_width_make_no_difference(lexicon: Lexicon, text: str) -> None:
    wide = "".join(
        chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else "\u3000" if char == " " else char for char in text
    )
    found = SignalFinder([lexicon])

    assert found.hits(text.swapcase()) == found.hits(wide) == found.hits(text)
