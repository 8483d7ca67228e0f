import pytest

from callpolicy.lexicon import SignalFinder
from tests.lexicon.sentences import CHINESE, ENGLISH
from tools.tune_lexicon import load_lexicons, read_ordinary

FINDER = SignalFinder(load_lexicons())


@pytest.mark.parametrize(("text", "signals"), CHINESE + ENGLISH)
def test_a_sentence_raises_the_signals_that_a_person_hears(text: str, signals: set[str]) -> None:
    assert FINDER.signals(text) == signals, FINDER.hits(text)


def test_no_sentence_of_an_ordinary_call_raises_a_signal() -> None:
    heard = {text.text: FINDER.hits(text.text) for text in read_ordinary()}

    assert len(heard) >= 100
    assert {text: hits for text, hits in heard.items() if hits} == {}
