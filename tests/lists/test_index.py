"""The index: it finds whom entries cover as a plain scan does, in whatever order they came and went."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit.keys import Keys
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import ListIndex, Shapes, Subject, covers_of
from callpolicy.lists.covers import cover_hash
from tests.lists.making import EVERYBODY, subjects

NUMBER_MAX = (1 << 63) - 1
ANN = Identity(IdentityKind.NUMBER, "+12125550142")
AREA = Subject(Identity(IdentityKind.NUMBER, "+1212555"), prefix=True)
FLOOR = Subject(Identity(IdentityKind.NUMBER, "+12125550100"), last="+12125550199")


def spread(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), key=b"for tests", digest_size=8).digest())


def crowded(key: str) -> int:
    """Three hashes only, at both ends and in the middle."""
    return (0, 1 << 63, (1 << 64) - 1)[spread(key) % 3]


Steps = list[tuple[int, Subject | None]]
NUMBERS = st.sampled_from([0, 1, 2, (1 << 32) - 1, 1 << 32, NUMBER_MAX])
"""What is done: an entry of that number is put for a subject, or dropped."""
STEPS = st.lists(st.tuples(NUMBERS | st.integers(0, 40), subjects() | st.none()), max_size=60)
PARTS = st.sampled_from([0, 1, 8])
"""How many bits choose a part: in one alone all that can happen to a part happens."""
CALLERS = st.lists(st.sampled_from(EVERYBODY), max_size=3)


def done(index: ListIndex, steps: Steps) -> dict[int, Subject]:
    """Do the steps, and say which entries stand then."""
    standing: dict[int, Subject] = {}
    for number, subject in steps:
        before = standing.pop(number, None)
        if before is not None:
            index.drop(number, covers_of(before))
        if subject is not None:
            standing[number] = subject
            index.put(number, covers_of(subject))
    return standing


def scan(standing: dict[int, Subject], callers: list[Identity]) -> tuple[int, ...]:
    return tuple(sorted(number for number, each in standing.items() if any(map(each.covers, callers))))


def loaded(standing: dict[int, Subject], parts_bits: int) -> ListIndex:
    index = ListIndex(spread, parts_bits=parts_bits)
    keys = [(key, number) for number, subject in standing.items() for key in covers_of(subject)]
    index.load(((cover_hash(key, spread), number) for key, number in keys), Shapes.of(key for key, _ in keys))
    return index


@given(STEPS, CALLERS, PARTS)
def test_the_index_finds_what_a_plain_scan_finds(steps: Steps, callers: list[Identity], parts_bits: int) -> None:
    index = ListIndex(spread, parts_bits=parts_bits)

    standing = done(index, steps)

    assert index.find(callers) == scan(standing, callers)
    assert len(index) == sum(len(list(covers_of(subject))) for subject in standing.values())


@given(STEPS, CALLERS, PARTS)
def test_keys_with_the_same_hash_hide_no_entry(steps: Steps, callers: list[Identity], parts_bits: int) -> None:
    index = ListIndex(crowded, parts_bits=parts_bits)
    standing: dict[int, Subject] = {}
    for number, subject in steps:
        if subject is not None and number not in standing:
            standing[number] = subject
            index.put(number, covers_of(subject))

    found = index.find(callers)

    assert set(found) >= set(scan(standing, callers))
    assert list(found) == sorted(set(found))


@given(STEPS, CALLERS, PARTS, PARTS)
def test_an_index_that_was_loaded_equals_one_that_was_filled(
    steps: Steps, callers: list[Identity], parts_bits: int, other_bits: int
) -> None:
    filled = ListIndex(spread, parts_bits=parts_bits)
    standing = done(filled, steps)

    index = loaded(standing, other_bits)

    assert list(index.pairs()) == list(filled.pairs()) == sorted(filled.pairs())
    assert len(index) == len(filled)
    assert index.find(callers) == filled.find(callers)
    assert index.shapes | filled.shapes == filled.shapes


@given(STEPS, STEPS, CALLERS, PARTS)
def test_entries_come_and_go_after_loading_too(
    before: Steps, after: Steps, callers: list[Identity], parts_bits: int
) -> None:
    standing = done(ListIndex(spread), before)
    index = loaded(standing, parts_bits)
    for number, subject in standing.items():
        if number % 2:
            index.drop(number, covers_of(subject))
    kept = {number: subject for number, subject in standing.items() if not number % 2}
    fresh = [(number, subject) for number, subject in after if number not in standing]

    kept |= done(index, fresh)

    assert index.find(callers) == scan(kept, callers)


@given(STEPS, CALLERS)
def test_an_index_that_hashes_beginnings_at_once_finds_what_a_plain_scan_finds(
    steps: Steps, callers: list[Identity]
) -> None:
    keys = Keys.of(b"only for the tests")
    index = ListIndex(keys.key_hash, beginnings=keys.beginnings)

    standing = done(index, steps)

    assert index.find(callers) == scan(standing, callers)


def test_an_empty_index_finds_nobody() -> None:
    index = ListIndex(spread)

    assert index.find([ANN]) == ()
    assert (len(index), list(index.pairs()), index.shapes) == (0, [], Shapes())


def test_an_entry_is_found_once_though_it_is_put_twice_or_covers_a_caller_twice() -> None:
    index = ListIndex(spread)

    index.put(7, [*covers_of(Subject(ANN)), *covers_of(AREA)])
    index.put(7, covers_of(AREA))
    index.put(3, covers_of(FLOOR))

    assert index.find([ANN, ANN]) == (3, 7)
    assert len(index) == 3


def test_what_is_not_there_is_not_missed() -> None:
    index = ListIndex(spread)
    index.put(1, covers_of(AREA))

    index.drop(2, covers_of(AREA))
    index.drop(1, covers_of(FLOOR))

    assert index.find([ANN]) == (1,)


def test_a_number_that_needs_more_room_moves_those_beside_it_unharmed() -> None:
    index = ListIndex(spread)

    for number in (1, (1 << 32) - 1, NUMBER_MAX, 2):
        index.put(number, covers_of(AREA))

    assert index.find([ANN]) == (1, 2, (1 << 32) - 1, NUMBER_MAX)


@pytest.mark.parametrize("number", [-1, NUMBER_MAX + 1])
def test_a_number_that_no_store_gives_is_refused_and_nothing_changes(number: int) -> None:
    index = ListIndex(spread)
    index.put(1, covers_of(AREA))

    with pytest.raises(ValueError, match="63 bits"):
        index.put(number, covers_of(FLOOR))
    with pytest.raises(ValueError, match="63"):
        index.load([(5, 2), (6, number)], Shapes())

    assert index.find([ANN]) == (1,)
    assert index.shapes == Shapes.of(covers_of(AREA))


@pytest.mark.parametrize("key_bits", [-1, 1 << 64])
def test_a_hash_of_another_size_is_refused_and_nothing_changes(key_bits: int) -> None:
    index = ListIndex(spread)
    index.put(1, covers_of(AREA))

    with pytest.raises(ValueError, match="64 bits"):
        index.load([(5, 2), (key_bits, 3)], Shapes())

    assert index.find([ANN]) == (1,)


def test_loading_replaces_what_was_there_and_takes_a_pair_once() -> None:
    index = ListIndex(spread)
    index.put(1, covers_of(AREA))

    index.load([(9, 4), (1 << 63, 2), (9, 3), (9, 4)], Shapes())

    # The first bit of a hash is not kept.
    assert list(index.pairs()) == [(1 << 63, 2), ((1 << 63) + 9, 3), ((1 << 63) + 9, 4)]
    assert len(index) == 3
    assert index.find([ANN]) == ()


@pytest.mark.parametrize("bits", [-1, 17])
def test_an_index_of_no_parts_or_of_too_many_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=f"`{bits}`"):
        ListIndex(spread, parts_bits=bits)


@pytest.mark.parametrize("parts_bits", [0, 8])
def test_entries_that_came_and_went_take_no_room(parts_bits: int) -> None:
    index = ListIndex(spread, parts_bits=parts_bits)
    index.put(0, covers_of(AREA))
    small = index.held_bytes

    for number, keys in enumerate(others(5_000), 1):
        index.put(number, keys)
        index.drop(number, keys)

    assert index.find([ANN]) == (0,)
    assert len(index) == 1
    assert index.held_bytes <= 2 * small


@pytest.mark.parametrize("other", [1, 2, 1 << 32, 2 << 32])
def test_hashes_that_look_like_a_free_place_are_found(other: int) -> None:
    hashes = {"customer:ann": 0, "customer:bob": other}
    index = ListIndex(hashes.__getitem__)
    who = [Identity(IdentityKind.CUSTOMER, name) for name in ("ann", "bob")]

    index.put(5, covers_of(Subject(who[0])))
    index.put(6, covers_of(Subject(who[1])))

    assert index.find([who[0]]) == (5,)
    assert index.find([who[1]]) == (6,)
    index.drop(5, covers_of(Subject(who[0])))
    assert index.find([who[0]]) == ()
    assert index.find([who[1]]) == (6,)


ALIKE = (0, 1, 1 << 32, (1 << 32) + 1, 1 << 40, 1 << 31, (1 << 31) + 1, 512, 1 << 62, (1 << 62) + 512, (1 << 63) - 1)
"""Hashes that agree in one half, in the place that they point to, in what they mark, or in all but one bit."""
WHO = [Identity(IdentityKind.CUSTOMER, str(number)) for number in range(len(ALIKE))]
DONE = st.lists(st.tuples(st.booleans(), st.sampled_from(WHO), NUMBERS), max_size=80)


def alike(key: str) -> int:
    return ALIKE[int(key.partition(":")[2])]


@given(DONE, PARTS)
def test_hashes_that_are_alike_in_part_are_told_apart(steps: list[tuple[bool, Identity, int]], parts_bits: int) -> None:
    index = ListIndex(alike, parts_bits=parts_bits)
    standing: set[tuple[int, int]] = set()
    for put, who, number in steps:
        pair = alike(f"customer:{who.value}") | 1 << 63, number
        if put:
            index.put(number, covers_of(Subject(who)))
            standing.add(pair)
        else:
            index.drop(number, covers_of(Subject(who)))
            standing.discard(pair)

    again = ListIndex(alike, parts_bits=parts_bits)
    again.load(index.pairs(), index.shapes)

    for each in (index, again):
        assert list(each.pairs()) == sorted(standing)
        assert len(each) == len(standing)
        for who, key_bits in zip(WHO, ALIKE, strict=True):
            assert each.find([who]) == tuple(sorted(number for bits, number in standing if bits == key_bits | 1 << 63))


@pytest.mark.parametrize("parts_bits", [0, 8, 16])
def test_an_index_that_grew_from_nothing_finds_each_entry_and_no_other(parts_bits: int) -> None:
    index = ListIndex(spread, parts_bits=parts_bits)
    keys = list(others(4_000))

    for number, each in enumerate(keys):
        index.put(number, each)
    for number in range(0, 4_000, 2):
        index.drop(number, keys[number])
    for number in range(0, 4_000, 4):
        index.put(number + 4_000, keys[number])

    found = [index.find([Identity(IdentityKind.CUSTOMER, str(number))]) for number in range(5_000)]
    assert found[:4] == [(4_000,), (1,), (), (3,)]
    assert found[1:4_000:2] == [(number,) for number in range(1, 4_000, 2)]
    assert found[0:4_000:4] == [(number + 4_000,) for number in range(0, 4_000, 4)]
    assert found[2:4_000:4] == [()] * 1_000
    assert found[4_000:] == [()] * 1_000
    assert len(index) == 3_000


def test_of_many_entries_for_one_caller_each_is_found_until_it_is_dropped() -> None:
    index = ListIndex(spread)
    for number in range(1_000):
        index.put(number, covers_of(AREA))

    for number in range(0, 1_000, 2):
        index.drop(number, covers_of(AREA))

    assert index.find([ANN]) == tuple(range(1, 1_000, 2))
    assert len(index) == 500


def test_numbers_that_need_more_room_are_loaded_beside_others() -> None:
    index = ListIndex(lambda key: 7 if key == "customer:ann" else 8)

    index.load([(7, NUMBER_MAX), (8, 1 << 32), (7, 1), (8, (1 << 32) - 1)], Shapes())

    assert index.find([Identity(IdentityKind.CUSTOMER, "ann")]) == (1, NUMBER_MAX)
    assert index.find([Identity(IdentityKind.CUSTOMER, "bob")]) == ((1 << 32) - 1, 1 << 32)


def test_what_came_and_went_does_not_pile_up_in_the_sieve() -> None:
    index = ListIndex(spread, parts_bits=0)

    for number, keys in enumerate(others(2_400)):
        index.put(number, keys)
        if number >= 400:
            index.drop(number, keys)

    marked = sum(1 for byte in index._now[2] if byte)
    # 400 pairs have a part of 1,024 places; it is made anew when two thirds of that were put.
    assert 300 < marked <= 683
    assert len(index) == 400


def test_a_hundred_thousand_pairs_take_no_more_than_forty_bytes_each() -> None:
    index = ListIndex(spread)

    index.load(((spread(str(number)), number) for number in range(100_000)), Shapes())

    assert 12 * 100_000 <= index.held_bytes <= 40 * 100_000


def test_whoever_looks_up_while_the_index_grows_misses_no_entry_that_stands() -> None:
    index = ListIndex(spread, parts_bits=0)
    index.put(0, covers_of(AREA))
    ended = threading.Event()
    missed: list[tuple[int, ...]] = []
    looked = 0

    def look() -> None:
        nonlocal looked
        while not ended.is_set():
            found = index.find([ANN])
            looked += 1
            if found != (0,):
                missed.append(found)

    reader = threading.Thread(target=look)
    reader.start()
    for number, keys in enumerate(others(3_000), 1):
        index.put(number, keys)
        if number % 3:
            index.drop(number, keys)
    ended.set()
    reader.join()

    assert looked > 0
    assert missed == []


def test_whoever_looks_up_while_the_index_is_loaded_anew_misses_no_entry_that_stands() -> None:
    index = ListIndex(spread)
    index.put(0, covers_of(AREA))
    pairs = [(cover_hash(key, spread), 0) for key in covers_of(AREA)]
    ended = threading.Event()
    missed: list[tuple[int, ...]] = []

    def look() -> None:
        while not ended.is_set():
            found = index.find([ANN])
            if found != (0,):
                missed.append(found)

    reader = threading.Thread(target=look)
    reader.start()
    for count in range(0, 3_000, 100):
        index.load([*pairs, *((spread(str(number)), number) for number in range(1, count))], Shapes.of(covers_of(AREA)))
    ended.set()
    reader.join()

    assert missed == []


def others(count: int) -> Iterator[list[str]]:
    for number in range(count):
        yield list(covers_of(Subject(Identity(IdentityKind.CUSTOMER, str(number)))))
