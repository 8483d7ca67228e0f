from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

import pytest

from callpolicy.errors import UsageError
from callpolicy.lexicon import MAX_TERM, MAX_TEXT, Hit, Lexicon, SignalFinder, term_fault


def finder(*terms: str, unless: Iterable[str] = (), match: Literal["word", "substring"] = "word") -> SignalFinder:
    return SignalFinder([Lexicon("list", "signal", "en", match, terms, tuple(unless))])


def hit_terms(found: SignalFinder, text: str) -> list[str]:
    return [hit.term for hit in found.hits(text)]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("ass", "you ASS!", True),
        ("ass", "class", False),
        ("ass", "assess", False),
        ("ass", "ass", True),
        ("ass", "(ass)", True),
        ("ass", "ass's", False),
        ("hell", "he'll", False),
        ("hell", "what the 'hell' is this", True),
        ("don't", "DON’T", True),
        ("shut up", "shut\tup", True),
        ("shut up", "shut-up", True),
        ("shut up", "shut. up", False),
        ("shut up", "shutup", False),
        ("idiot", "你这个idiot客服", True),
        ("24", "call 24 times", True),
        ("24", "call 241 times", False),
        ("lawyer*", "Lawyers!", True),
        ("lawyer*", "my lawyer's office", True),
        ("lawyer*", "lawyer", True),
        ("lawyer*", "sublawyer", False),
        ("🖕", "you🖕", True),
    ],
)
def test_a_word_is_found_only_between_word_boundaries(term: str, text: str, found: bool) -> None:
    assert bool(finder(term).signals(text)) is found


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("投诉", "我要投诉你", True),
        ("投诉", "我要投 诉你", True),
        ("投诉", "我要投訴你", True),
        ("投诉", "相投，诉说", False),
        ("去死", "我不去。死机了", False),
        ("傻b", "大傻Ｂ一个", True),
        ("sb", "usb", True),
    ],
)
def test_a_substring_is_found_anywhere_within_a_phrase(term: str, text: str, found: bool) -> None:
    assert bool(finder(term, match="substring").signals(text)) is found


def test_an_exception_covers_the_hits_inside_it_and_no_other() -> None:
    found = finder("他妈", unless=["他妈妈"], match="substring")

    assert found.hits("他妈妈来了") == ()
    assert found.hits("他妈妈来了，他妈的") == (Hit("signal", "list", "他妈", 6, 8),)


def test_an_exception_in_a_word_list_matches_words_too() -> None:
    found = finder("kill", unless=["kill the process*"])

    assert not found.signals("kill the processes")
    assert found.signals("kill the proc")
    assert found.signals("overkill the process, then kill")


def test_an_exception_that_only_overlaps_a_hit_does_not_cover_it() -> None:
    assert hit_terms(finder("bc", unless=["ab"], match="substring"), "abc") == ["bc"]


def test_an_exception_of_one_list_does_not_excuse_another_list() -> None:
    found = SignalFinder(
        [
            Lexicon("one", "mild", "zh-CN", "substring", ("他妈",), ("他妈妈",)),
            Lexicon("two", "family", "zh-CN", "substring", ("妈妈", "他妈")),
        ]
    )

    assert found.signals("他妈妈") == {"family"}


def test_a_short_exception_inside_a_long_one_does_not_hide_it() -> None:
    found = finder("a", "d", unless=["b", "c", "abcd"], match="substring")

    assert found.hits("abcd") == ()


def test_overlapping_terms_are_all_reported_by_place() -> None:
    found = finder("傻逼", "大傻逼", "逼", match="substring")

    assert hit_terms(found, "大傻逼") == ["大傻逼", "傻逼", "逼"]


def test_a_hit_tells_where_the_term_stood_in_the_original_text() -> None:
    text = "好，投\u200b 訴 Ｆ\u0301uck!"
    found = SignalFinder(
        [
            Lexicon("en", "abuse", "en", "word", ("fuck*",)),
            Lexicon("zh", "sensitive", "zh-CN", "substring", ("投诉",)),
        ]
    )

    assert found.hits(text) == (
        Hit("sensitive", "zh", "投诉", 2, 6),
        Hit("abuse", "en", "fuck*", 7, 12),
    )
    assert text[7:12] == "Ｆ\u0301uck"


def test_a_wildcard_hit_reaches_to_the_end_of_the_word() -> None:
    assert finder("lawyer*").hits("the lawyer’s, yes") == (Hit("signal", "list", "lawyer*", 4, 12),)


def test_a_term_spelled_twice_counts_once() -> None:
    assert hit_terms(finder("投诉", "投訴", match="substring"), "投诉") == ["投诉"]


def test_a_finder_without_terms_finds_nothing() -> None:
    assert SignalFinder([]).hits("anything") == ()
    assert finder().signals("anything") == frozenset()


def test_only_the_first_part_of_an_endless_text_is_searched() -> None:
    found = finder("idiot")
    before = "x" * (MAX_TEXT - 6)

    assert found.signals(f"{before} idiot")
    assert not found.signals(f"{before}x idiot")
    assert not found.signals("x " * MAX_TEXT + "idiot")


def test_the_cap_never_cuts_a_longer_word_into_a_hit() -> None:
    before = "x" * (MAX_TEXT - 4)

    assert not finder("ass").signals(f"{before} assess")
    assert finder("ass").signals(f"{before} ass")


def test_the_cap_never_cuts_an_exception() -> None:
    found = finder("他妈", unless=["他妈妈"], match="substring")
    before = "好" * (MAX_TEXT - 2)

    assert not found.signals(before + "他妈妈")
    assert found.signals(before + "他妈的")


def test_threads_may_share_a_finder() -> None:
    found = finder("idiot", "投诉", unless=["idiot proof"], match="substring")
    texts = [f"{'x' * number} idiot 投诉 idiot proof {number}" for number in range(200)]
    alone = [found.hits(text) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(found.hits, texts * 5)) == alone * 5


@pytest.mark.parametrize(
    ("term", "match", "fault"),
    [
        ("lawyer", "word", None),
        ("lawyer*", "word", None),
        ("see you in court", "word", None),
        ("投诉", "substring", None),
        ("🖕", "word", None),
        ("", "word", "a term needs at least one letter, digit or symbol"),
        ("*", "word", "a term needs at least one letter, digit or symbol"),
        (" - ", "substring", "a term needs at least one letter, digit or symbol"),
        ("law*er", "word", "`*` may stand only once, at the end of a term"),
        ("lawyer**", "word", "`*` may stand only once, at the end of a term"),
        ("投诉*", "substring", "`*` has no meaning in a list that matches substrings"),
        ("投诉*", "word", "`*` needs a letter or digit of an alphabet before it"),
        ("no. thanks", "word", "a term is words without punctuation"),
        ("好，谢谢", "substring", "a term is words without punctuation"),
        ("x" * MAX_TERM, "word", None),
        ("x" * (MAX_TERM + 1), "word", "a term has at most 100 characters"),
    ],
)
def test_a_term_that_cannot_be_used_is_named_with_its_fault(
    term: str, match: Literal["word", "substring"], fault: str | None
) -> None:
    assert term_fault(term, match) == fault


@pytest.mark.parametrize("place", ["terms", "unless"])
def test_a_finder_refuses_a_list_with_a_faulty_term(place: str) -> None:
    terms, unless = (("a*b",), ()) if place == "terms" else (("a",), ("a*b",))

    with pytest.raises(UsageError, match=r"^lexicon `list`, `a\*b`: `\*` may stand only once, at the end of a term$"):
        finder(*terms, unless=unless)


def test_a_finder_refuses_two_lists_with_one_id() -> None:
    lexicon = Lexicon("twin", "signal", "en", "word", ("a",))

    with pytest.raises(UsageError, match=r"^two lexicons have the id `twin`$"):
        SignalFinder([lexicon, lexicon])


def test_finders_of_lists_that_differ_in_anything_find_what_their_own_lists_say() -> None:
    one = Lexicon("list", "signal", "en", "word", ("idiot",))
    others = [
        replace(one, terms=("fool",)),
        replace(one, signal="other"),
        replace(one, match="substring"),
        replace(one, unless=("no idiot",)),
    ]

    found = [
        [(hit.signal, hit.term) for hit in SignalFinder([each]).hits("no idiot, idiots, fool")]
        for each in (one, *others, one)
    ]

    assert found == [
        [("signal", "idiot")],
        [("signal", "fool")],
        [("other", "idiot")],
        [("signal", "idiot"), ("signal", "idiot")],
        [],
        [("signal", "idiot")],
    ]
