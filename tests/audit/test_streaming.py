"""A trail longer than memory is verified to the same end: an untouched one is green, another has the same breaks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit import Anchor, AuditRecord, BreakKind, Chain, Unreadable, read_trail, to_line, verify
from callpolicy.audit.streaming import BESIDE, read_lines, verify_long
from tests.audit.test_changes import ANCHOR, TRUE, Change, changed_bytes, deleted, edited, inserted, swapped, truncated
from tests.audit.trails import START, draft, resealed, salt, trail

pytestmark = pytest.mark.untraced

LONG = 1_000
HELD = 650


def long_chain(count: int = LONG) -> tuple[list[AuditRecord], Anchor]:
    chain, random, records = Chain.begin("w"), Random(1), []
    for number in range(count):
        appended = chain.append(draft(random, number), salt=salt(number))
        chain = appended.chain
        records.append(appended.record)
    return records, Anchor.of(START + count, [chain.head])


CHAIN, END = long_chain()


class Counted:
    """A trail that counts how often it was read, and how many of its records are alive at once at most."""

    def __init__(self, records: Iterable[AuditRecord | Unreadable]) -> None:
        self.records = list(records)
        self.readings = 0

    def __call__(self) -> Iterator[AuditRecord | Unreadable]:
        self.readings += 1
        return iter(self.records)


@pytest.mark.parametrize("change", [edited, deleted, inserted, swapped, truncated])
def test_a_trail_that_fits_is_found_broken_exactly_as_verify_finds_it(change: Change) -> None:
    for seed in range(60):
        changed, _ = change(Random(seed))
        for anchor, closed in ((ANCHOR, True), (ANCHOR, False), (None, False), (ANCHOR.heads[0], True)):
            wanted = verify(changed, anchor, closed=closed)

            assert verify_long(Counted(changed), anchor, closed=closed) == wanted, (seed, anchor, closed)


def test_lines_are_read_as_a_whole_file_is() -> None:
    for seed in range(200):
        data = changed_bytes(Random(seed))

        assert list(read_lines(io.BytesIO(data))) == list(read_trail(data))


@given(st.integers(0, 1 << 32), st.integers(3, 40))
def test_an_untouched_trail_is_read_once_and_nothing_is_found(seed: int, count: int) -> None:
    records, anchor, _ = trail(seed, count)
    counted = Counted(records)

    assert verify_long(counted, anchor, closed=True, held=2) == ()
    assert counted.readings == 1


@pytest.mark.parametrize("place", [0, 1, BESIDE, 500, LONG - 2, LONG - 1])
@pytest.mark.parametrize("what", ["edit", "forge", "delete", "swap", "copy", "cut"])
def test_the_first_break_of_a_trail_longer_than_what_is_held_has_the_same_place_and_kind(what: str, place: int) -> None:
    changed = list(CHAIN)
    beside = place + 1 if place + 1 < LONG else place - 1
    match what:
        case "edit":
            changed[place] = AuditRecord(
                writer="w", number=place, at=changed[place].at, kind="act", subject="x", body={},
                previous=changed[place].previous, digest=changed[place].digest,
            )  # fmt: skip
        case "forge":
            changed[place] = resealed(
                AuditRecord(
                    writer="w",
                    number=place,
                    at=0,
                    kind="act",
                    subject="x",
                    body={},
                    digest="",
                    previous=changed[place].previous,
                )
            )
        case "delete":
            del changed[place]
        case "swap":
            changed[place], changed[beside] = changed[beside], changed[place]
        case "copy":
            changed.insert(place, changed[place])
        case _:
            del changed[place:]

    found = verify_long(Counted(changed), END, closed=True, held=HELD)
    wanted = verify(changed, END, closed=True)

    assert [(each.position, each.kind, each.number) for each in found] == [
        (each.position, each.kind, each.number) for each in wanted
    ]
    assert found


def test_several_breaks_far_apart_are_all_found() -> None:
    changed = [each for each in CHAIN if each.number not in {300, 600, 900}]

    found = verify_long(Counted(changed), END, held=HELD)

    assert [(each.kind, each.number, each.position) for each in found] == [
        (BreakKind.DELETED, 300, 300),
        (BreakKind.DELETED, 600, 599),
        (BreakKind.DELETED, 900, 898),
    ]


def test_a_trail_in_which_everything_is_forged_takes_no_more_than_what_is_held() -> None:
    forged = [resealed(AuditRecord(writer="w", number=each.number, at=0, kind="act", subject="x", body={},
                                   previous="sha256:" + "0" * 64, digest="")) for each in CHAIN]  # fmt: skip

    found = verify_long(Counted(forged), END, held=HELD)

    assert (found[0].position, found[0].kind) == (0, BreakKind.EDITED)
    assert len(found) <= HELD


def test_a_line_that_is_none_in_a_long_trail_is_found_too() -> None:
    lines = [to_line(each) + b"\n" for each in CHAIN]
    lines[40] = b"{}\n"

    found = verify_long(lambda: read_lines(lines), END, held=HELD)

    assert (found[0].position, found[0].kind) == (40, BreakKind.BAD_FORM)
    assert (found[1].position, found[1].kind, found[1].number) == (41, BreakKind.DELETED, 40)


def test_an_empty_trail_is_not_green_against_a_head() -> None:
    assert {each.writer for each in verify_long(Counted([]), ANCHOR)} == {head.writer for head in ANCHOR.heads}
    assert verify_long(Counted(TRUE), ANCHOR, closed=True) == ()
