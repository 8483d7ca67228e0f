"""YAML 1.2 as rules need it: its traps, its limits, and the same events as ruamel.yaml's own reader gives."""

import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from callpolicy.rulefile.scanning import EventReader
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


def events_of(reader: Any) -> list[tuple[object, ...]]:
    seen: list[tuple[object, ...]] = []
    try:
        for event in reader:
            mark = event.start_mark
            seen.append(
                (
                    type(event).__name__,
                    getattr(event, "value", None),
                    getattr(event, "style", None),
                    mark.line,
                    mark.column,
                )
            )
    except MarkedYAMLError as error:
        # WHY alone: how far the scanner looks ahead decides how many events come before it finds the same fault.
        return [("error", error.problem)]
    return seen


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


@given(YAML_PIECES)
@example("a: b c\n  d\n")
@example("a: [b\n  c, d]")
@example("- a b\n\n- c")
@example("a: b #c\n")
@example("{a: b: c}")
@example("a: 'b'':c'\n")
def test_the_short_way_through_scalars_reads_what_ruamel_reads(text: str) -> None:
    plain = YAML(typ="safe", pure=True)

    assert events_of(EventReader(text).events()) == events_of(plain.parse(text))


@pytest.mark.parametrize("name", sorted(SMALL))
def test_the_short_way_reads_the_files_of_a_bundle_as_ruamel_does(name: str) -> None:
    text = SMALL[name].decode()
    plain = YAML(typ="safe", pure=True)

    assert events_of(EventReader(text).events()) == events_of(plain.parse(text))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_no_character_makes_the_reader_fail(text: str) -> None:
    document, faults = read_document("x.yaml", text.encode())

    assert faults or not document.broken
    assert forbidden_character(text.removeprefix("\ufeff")) is None or faults
