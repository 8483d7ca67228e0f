"""Keys: equality with one of an entry's keys finds exactly those whom the entry covers."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit.keys import Keys
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Shapes, Subject, covering, covers_of, shape_of
from callpolicy.lists.covers import beginnings_alone, cover_hash, key_text
from callpolicy.lists.index import Tags
from tests.lists.making import EVERYBODY, block, subjects


def number(value: str) -> Identity:
    return Identity(IdentityKind.NUMBER, value)


def spread(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), key=b"for tests", digest_size=8).digest())


def hashes_of(tags: Tags, caller: Identity) -> list[int]:
    beginnings, tagged = tags.halves(caller)
    return sorted(beginnings[which] ^ tag for which, tag in tagged)


@pytest.mark.parametrize(
    ("subject", "keys"),
    [
        (Subject(number("+442079460000")), ["number:+442079460000"]),
        (Subject(Identity(IdentityKind.CUSTOMER, "70001")), ["customer:70001"]),
        (Subject(number("+4420"), prefix=True), ["prefix:+4420"]),
        (Subject(number("CN:95510"), last="CN:95519"), ["range:8:CN:9551"]),
        (Subject(number("+442079460099"), last="+442079460200"),
         ["range:13:+442079460099", "range:13:+4420794601", "range:13:+442079460200"]),
        (Subject(number("+000"), last="+999"), ["range:4:+"]),
    ],
)  # fmt: skip
def test_an_entry_is_found_under_the_fewest_keys(subject: Subject, keys: list[str]) -> None:
    assert list(covers_of(subject)) == keys


def test_an_entry_and_its_subject_have_the_same_keys() -> None:
    subject = Subject(number("+442079460098"), last="+442079460101")

    assert list(covers_of(block(subject))) == list(covers_of(subject))


def test_without_shapes_every_beginning_may_be_a_key() -> None:
    assert list(covering([number("+44"), Identity(IdentityKind.CUSTOMER, "+44")])) == [
        "number:+44",
        "prefix:+", "range:3:+",
        "prefix:+4", "range:3:+4",
        "prefix:+44", "range:3:+44",
        "customer:+44",
    ]  # fmt: skip


def test_with_shapes_only_keys_of_a_shape_that_there_is_are_made() -> None:
    shapes = Shapes.of(["number:+1", "prefix:+44", "prefix:+4420794", "range:6:+4420", "range:7:+44"])

    assert list(covering([number("+44207")], shapes)) == ["number:+44207", "prefix:+44", "range:6:+4420"]
    assert list(covering([number("+4")], shapes)) == ["number:+4"]
    assert list(covering([Identity(IdentityKind.CUSTOMER, "+44207")], shapes)) == ["customer:+44207"]
    assert list(covering([], shapes)) == []


def test_numbers_longer_than_any_shape_are_cut_as_the_others() -> None:
    shapes = Shapes.of(["prefix:+44", "range:6:+4420"])

    for length in (7, 8, 10_000):
        value = "+44".ljust(length, "0")
        assert shapes.keys(number(value)) == [f"number:{value}", "prefix:+44"]


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ("number:+44", None),
        ("customer:prefix:+44", None),
        ("prefix:CN:9", (0, 4)),
        ("range:8:CN:9551", (8, 7)),
    ],
)
def test_a_key_says_its_shape(key: str, shape: tuple[int, int] | None) -> None:
    assert shape_of(key) == shape


def test_shapes_join_and_are_equal_by_what_there_is() -> None:
    one, other = Shapes.of(["prefix:+44"]), Shapes.of(["range:6:+4420"])

    assert one | other == Shapes(frozenset({(0, 3), (6, 5)}))
    assert (one | Shapes()) is one


@given(subjects(), st.sampled_from(EVERYBODY), st.lists(subjects(), max_size=4))
def test_equality_of_keys_is_to_be_covered_whatever_else_is_listed(
    subject: Subject, somebody: Identity, others: list[Subject]
) -> None:
    keys = set(covers_of(subject))
    shapes = Shapes.of([*keys, *(key for other in others for key in covers_of(other))])

    assert (not keys.isdisjoint(covering([somebody]))) is subject.covers(somebody)
    assert (not keys.isdisjoint(covering([somebody], shapes))) is subject.covers(somebody)


@given(st.text("a\0\\0d8\ud800\udfff:"), st.text("a\0\\0d8\ud800\udfff:"))
def test_a_text_of_a_key_can_be_stored_and_begins_as_another_only_if_the_texts_do(one: str, other: str) -> None:
    stored = key_text(one)

    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert (stored == key_text(other)) is (one == other)
    assert key_text(other).startswith(stored) is other.startswith(one)


@given(st.lists(subjects(), max_size=8), st.sampled_from(EVERYBODY))
def test_the_hashes_of_a_caller_are_those_of_every_key_that_may_cover_him(
    covered: list[Subject], caller: Identity
) -> None:
    shapes = Shapes.of(key for subject in covered for key in covers_of(subject))

    assert hashes_of(Tags(shapes, spread), caller) == sorted(
        cover_hash(key, spread) for key in covering([caller], shapes)
    )


@given(st.text(max_size=20), st.sets(st.integers(1, 20), min_size=1))
def test_beginnings_are_hashed_at_once_as_each_alone(text: str, lengths: set[int]) -> None:
    keys = Keys.of(b"only for the tests")
    cuts = tuple(sorted(lengths))

    hashes = keys.beginnings(cuts)(text)

    assert list(hashes) == list(beginnings_alone(keys.key_hash)(cuts)(text))


def test_nothing_is_kept_of_callers_of_hostile_length() -> None:
    tags = Tags(Shapes.of(["prefix:+1212555"]), spread)

    for length in range(1, 400):
        hashes = hashes_of(tags, Identity(IdentityKind.NUMBER, "+1212555".ljust(length, "5")))
        assert (cover_hash("prefix:+1212555", spread) in hashes) is True

    assert tags.lengths <= set(range(65))
