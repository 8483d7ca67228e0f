import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.lexicon import folding
from callpolicy.lexicon.folding import PHRASE_END, fold

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Straße", "strasse"),
        ("ＳＨＵＴ　ＵＰ", "shut up"),
        ("füçk", "fuck"),
        ("İ", "i"),
        ("ﬁne", "fine"),
        ("f\u200bu\u00adc\ufeffk", "fuck"),
        ("shut   up\n now", "shut up now"),
        ("shut-up_now", "shut up now"),
        ("no, thank you", "no thank you"),
        ("no. thank you", f"no{PHRASE_END}thank you"),
        ("  he’ll  ", "he'll"),
        ("'quoted' word", "quoted word"),
        ("投訴", "投诉"),
        ("投 诉", "投诉"),
        ("投\u3000*诉", "投诉"),
        ("投·诉", "投诉"),
        ("投.诉", "投诉"),
        ("投'诉", "投诉"),
        ("投. 诉", f"投{PHRASE_END}诉"),
        ("投...诉", f"投{PHRASE_END}诉"),
        ("投…诉", f"投{PHRASE_END}诉"),
        ("去，死机", f"去{PHRASE_END}死机"),
        ("去、死机", f"去{PHRASE_END}死机"),
        ("去。死机", f"去{PHRASE_END}死机"),
        ("请按 1", "请按1"),
        ("傻 Ｂ", "傻b"),
        ("3·15", "3 15"),
        ("🖕!", "🖕"),
        ("🖕'x", "🖕 x"),
        ("...", ""),
    ],
)
def test_what_a_reader_takes_for_the_same_folds_to_the_same(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_each_folded_character_knows_where_it_stood() -> None:
    # "ﬁ" is one character that becomes two; the combining acute accent belongs to the e before it.
    folded = fold("  ﬁe\u0301,  x ")

    assert folded.text == "fie x"
    assert folded.starts == [2, 2, 3, 5, 8]
    assert folded.ends == [3, 3, 5, 8, 9]


def test_a_mark_that_stands_alone_belongs_to_the_space_before_it() -> None:
    folded = fold("x \u0301y")

    assert folded == ("x y", [0, 1, 3], [1, 3, 4])


@given(ANY_TEXT)
def test_places_are_in_order_and_inside_the_text(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.starts == sorted(folded.starts)
    assert folded.ends == sorted(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(ANY_TEXT)
def test_canonically_equal_texts_fold_alike(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)

    assert fold(composed).text == fold(decomposed).text == fold(text).text


@given(ANY_TEXT.map(lambda text: text.replace("´", "").replace("\u1ffd", "")))
def test_compatibly_equal_texts_fold_alike(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKD", text)

    assert fold(composed).text == fold(decomposed).text == fold(text).text


@given(ANY_TEXT)
def test_folding_is_done_once_and_for_all(text: str) -> None:
    folded = fold(text).text.replace(PHRASE_END, "!")

    assert fold(folded).text.replace(PHRASE_END, "!") == folded


def test_no_traditional_character_is_a_simplified_one_too() -> None:
    traditional, simplified = set(folding._TRADITIONAL), set(folding._SIMPLIFIED)

    assert len(traditional) == len(folding._TRADITIONAL)
    assert not traditional & simplified
