"""YAML 1.2 as rules need it: its traps, its limits, and a quick reader that says what the careful one says."""

import time
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from callpolicy.rulefile import starter_folder
from callpolicy.rulefile.scanning import Event, Kind, ScanningError, careful_events, events, quick_events
from callpolicy.rulefile.sources import forbidden_character
from callpolicy.rulefile.tree import read_document
from tests.rulefile.test_malformed import SMALL


def value_of(text: str) -> Any:
    document, faults = read_document("x.yaml", text.encode())
    assert faults == []
    return document.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("true", True), ("False", False),
        ("tRue", "tRue"), ("null", None), ("~", None), ("12", 12), ("-12", -12), ("+7", 7), ("010", 10),
        ("0o10", 8), ("0x1F", 31), ("1_000", "1_000"), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5),
        ("12:30", "12:30"), ("2027-05-01", "2027-05-01"), ("1.2.3", "1.2.3"), ("0b1", "0b1"), ("30m", "30m"),
        ("<<", "<<"), ("=", "="), ("'12'", "12"), ('"true"', "true"), ("'it''s'", "it's"), ('"a\\tb"', "a\tb"),
        ("a # b", "a"), ("a#b", "a#b"), ("你好：再见", "你好：再见"), ("9007199254740991", 9007199254740991),
        ("NO", "NO"),
        ("-", "-"), (".", "."), ("+", "+"),
    ],
)  # fmt: skip
def test_a_scalar_is_what_the_core_schema_of_yaml_1_2_says(text: str, value: object) -> None:
    read = value_of(f"key: {text}\n")["key"] if text != "-" else value_of("key: '-'\n")["key"]

    assert (read, type(read)) == (value, type(value))


def test_block_texts_keep_their_lines() -> None:
    assert value_of("a: |\n  one\n  two\nb: >-\n  one\n  two\nc: one\n  two\n") == {
        "a": "one\ntwo\n",
        "b": "one two",
        "c": "one two",
    }


def test_a_byte_order_mark_is_taken_and_columns_do_not_count_it() -> None:
    document, faults = read_document("x.yaml", b"\xef\xbb\xbfid: x\r\nkey: [a, b]\r\n")

    assert (document.value, faults) == ({"id": "x", "key": ["a", "b"]}, [])
    assert document.place(("id",)) == (1, 5)
    assert document.place(("key", 1)) == (2, 10)


def test_places_count_characters_also_behind_chinese_and_tabs() -> None:
    document, _ = read_document("x.yaml", "标题: {中文: 你好,\t英文: hello}\n".encode())

    assert document.place(("标题", "英文"), key=True) == (1, 14)
    assert document.place(("标题", "英文")) == (1, 18)


def test_a_billion_laughs_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )

    _, faults = read_document("x.yaml", bomb.encode())

    assert {fault.code for fault in faults} == {"anchor-or-alias"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "{a: " * 250_000,
        "- " * 500_000,
        "a: " * 300_000,
        "? " * 500_000,
        "[{" * 300_000,
        "'" + "x" * 1_000_000,
    ],
)
def test_what_is_deep_or_endless_is_refused_before_it_costs_anything(text: str) -> None:
    began = time.process_time()

    document, faults = read_document("x.yaml", text.encode())

    assert document.broken
    assert len(faults) == 1
    assert time.process_time() - began < 5


def test_forty_levels_are_taken() -> None:
    document, faults = read_document("x.yaml", b"[" * 40 + b"]" * 40)

    assert faults == []
    assert not document.broken


def test_a_file_of_a_mebibyte_is_taken_and_one_byte_more_is_not() -> None:
    text = b"a: b\n#" + b"x" * ((1 << 20) - 6)

    assert read_document("x.yaml", text)[1] == []
    assert [fault.code for fault in read_document("x.yaml", text + b"x")[1]] == ["file-too-large"]


def test_a_long_row_of_digits_is_no_number_and_costs_no_time() -> None:
    _, faults = read_document("x.yaml", b"a: " + b"9" * 900_000)

    assert [fault.code for fault in faults] == ["number-too-large"]


YAML_PIECES = st.lists(
    st.sampled_from(
        [
            "a", "你好", "key: ", "- ", "\n", "\n  ", "\n    ", " ", "{", "}", "[", "]", ", ", ",", ": ", ":", "#",
            " # x", '"', "'", '"q, q"', "'s s'", "? ", "?", "1", "-", "--- ", "...", "!", "|", ">", "\t", "a b",
            "a  b", "http://x", "\\", "~", "x:y", "\r\n", "*",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


def said(read: Iterable[Event]) -> list[Event]:
    """Events, without the places of ends, which nobody looks at."""
    ends = (Kind.MAPPING_END, Kind.LIST_END)
    return [each._replace(line=0, column=0) if each.kind in ends else each for each in read]


BLOCK_PIECES = st.lists(
    st.sampled_from(
        [
            "a: ", "b: ", "- ", "\n", "\r\n", "\n  ", "\n    ", "\n\n", "\n   \n", " ", ">-\n", "|\n", "|-\n", ">\n",
            ">+\n", "|+\n", "  one\n", "    two\n", "   three words\n", "# c\n", "  # in\n", "x", "'q'\n", '"d\\n"\n',
            "{a: b}\n", "[a, b]\n", "你好\n", "  a: b\n", "a: b\n", "- c\n", "  - d\n", "---\n", " #e\n", "a:\n", "😀",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(st.one_of(YAML_PIECES, BLOCK_PIECES))
@example("a: b c\n  d\n")
@example("a: [b\n  c, d]")
@example("- a b\n\n- c")
@example("a: b #c\n")
@example("{a: b: c}")
@example("a: 'b'':c'\n")
@example("a: |\n  b\n\n  c\n# d\ne: f\n")
# What the two read in another way.
@example("a\t: b\n")
@example("a\rb: c\n")
@example("|\n# a\n")
@example("a: >#\n  b\n")
@example("- - \n\n  |\n  \n    -")
@example("? a\n")
@example("a:\nb: c\n")
@example("a: !@ b\n")
@example("*a: b\n")
@example("a\n...\n...\n")
def test_the_quick_reader_reads_what_the_careful_one_reads_or_leaves_it_to_it(text: str) -> None:
    quick = quick_events(text)

    assert quick is None or said(quick) == said(careful_events(text))


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_file_is_read_alike_by_both(name: str) -> None:
    text = SMALL[name].decode()

    assert said(events(text)) == said(careful_events(text))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_file_of_the_starter_norm_is_read_quickly(end: str) -> None:
    files = sorted(starter_folder().rglob("*.yaml"))
    texts = {file.name: file.read_text(encoding="utf-8").replace("\n", end) for file in files}

    assert files
    assert [name for name, text in texts.items() if quick_events(text) is None] == []


def test_the_ends_of_lines_of_another_system_change_nothing() -> None:
    text = "a: >-\n  one\n  two\n\n  three\nb: |\n  four\nc: 'five\n  six'\nd: \"seven\\\n  eight\"\n"

    assert quick_events(text.replace("\n", "\r\n")) == quick_events(text)
    assert said(careful_events(text.replace("\n", "\r\n"))) == said(events(text))


def test_without_libyaml_the_careful_reader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [b, 'c']\n"
    quick = list(events(text))

    monkeypatch.delattr(yaml, "CLoader")

    assert quick_events(text) is None
    assert said(events(text)) == said(quick)


def test_what_libyaml_refuses_is_told_by_the_careful_reader() -> None:
    with pytest.raises(ScanningError, match="mapping values are not allowed here") as caught:
        list(events("a: b: c\n"))

    assert caught.value.place == (1, 5)


def test_an_event_says_where_it_begins() -> None:
    assert list(events("你好: 'x'\n"))[2:4] == [Event(Kind.SCALAR, 1, 1, "你好"), Event(Kind.SCALAR, 1, 5, "x", "'")]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_no_character_makes_the_reader_fail(text: str) -> None:
    document, faults = read_document("x.yaml", text.encode())

    assert faults or not document.broken
    assert forbidden_character(text.removeprefix("\ufeff")) is None or faults
