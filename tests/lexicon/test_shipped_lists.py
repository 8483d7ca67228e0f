from pathlib import Path

import pytest
from ruamel.yaml import YAML

from callpolicy.lexicon import Lexicon, SignalFinder, term_fault
from tools.tune_lexicon import LEXICONS, load_lexicons

SHIPPED = load_lexicons()
BY_ID = {lexicon.id: lexicon for lexicon in SHIPPED}
SCHEMA_LINE = "# yaml-language-server: $schema=../../schemas/lexicon.schema.json"
KEYS = {"id", "signal", "language", "match", "title", "terms", "source"}
SIGNALS = {
    "abuse",
    "agitation",
    "asks_for_person",
    "no_further_needs",
    "robocall",
    "satisfied",
    "self_harm",
    "sensitive",
    "sexual_harassment",
    "threat",
}
every_list = pytest.mark.parametrize("lexicon", SHIPPED, ids=lambda lexicon: lexicon.id)


@pytest.mark.parametrize("file", sorted(LEXICONS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_list_file_has_the_agreed_shape(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    raw = YAML(typ="safe", pure=True).load(text)

    assert text.splitlines()[0] == SCHEMA_LINE
    assert set(raw) - {"unless"} == KEYS
    assert raw["id"] == file.stem
    assert raw["language"] in {"zh-CN", "en"}
    assert raw["match"] in {"word", "substring"}
    assert set(raw["title"]) == {"zh-CN", "en"}
    assert all(isinstance(entry, str) for entry in [*raw["terms"], *raw.get("unless", []), raw["source"]])


def test_every_signal_has_a_list_in_both_languages() -> None:
    for language in ("zh-CN", "en"):
        assert {lexicon.signal for lexicon in SHIPPED if lexicon.language == language} == SIGNALS


@every_list
def test_every_entry_can_be_used(lexicon: Lexicon) -> None:
    faults = {entry: term_fault(entry, lexicon.match) for entry in lexicon.terms + lexicon.unless}

    assert {entry: fault for entry, fault in faults.items() if fault} == {}


@every_list
def test_every_term_raises_its_signal_when_said_alone(lexicon: Lexicon) -> None:
    found = SignalFinder([lexicon])

    assert [term for term in lexicon.terms if not found.signals(term.removesuffix("*"))] == []


@every_list
def test_every_exception_contains_a_term_and_excuses_it(lexicon: Lexicon) -> None:
    strict = SignalFinder([Lexicon(lexicon.id, lexicon.signal, lexicon.language, lexicon.match, lexicon.terms)])
    found = SignalFinder([lexicon])
    phrases = [phrase.removesuffix("*") for phrase in lexicon.unless]

    assert [phrase for phrase in phrases if not strict.signals(phrase)] == [], "excuse nothing"
    assert [phrase for phrase in phrases if found.signals(phrase)] == [], "do not excuse"


@every_list
def test_no_entry_stands_twice(lexicon: Lexicon) -> None:
    assert len(set(lexicon.terms)) == len(lexicon.terms)
    assert len(set(lexicon.unless)) == len(lexicon.unless)


@pytest.mark.parametrize("text", ["傻逼", "傻B", "傻Ｂ", "煞笔", "傻 逼", "你妈的", "操你妈", "滚", "去死", "草泥马"])
def test_strong_words_and_their_homophones_are_abuse(text: str) -> None:
    assert "abuse" in SignalFinder(SHIPPED).signals(f"喂，{text}！")


@pytest.mark.parametrize("text", ["操作", "草地", "滚动", "死机", "妈妈", "体操", "复杂种类", "去死亡登记", "利滚利"])
def test_harmless_words_that_look_alike_raise_nothing(text: str) -> None:
    assert SignalFinder(SHIPPED).signals(f"请问{text}怎么办") == frozenset()


def test_a_danger_to_oneself_is_neither_abuse_nor_threat() -> None:
    found = SignalFinder(SHIPPED)

    assert found.signals("I will kill myself") == {"self_harm"}
    assert found.signals("我想自杀") == {"self_harm"}


def test_swearing_at_the_matter_is_not_abuse() -> None:
    found = SignalFinder(SHIPPED)

    assert found.signals("this fucking website") == {"agitation"}
    assert found.signals("他妈的网站") == {"agitation"}


def test_a_goodbye_or_a_bare_thank_you_says_nothing_about_needs() -> None:
    found = SignalFinder(SHIPPED)

    assert found.signals("再见") == found.signals("Goodbye") == found.signals("谢谢") == frozenset()
