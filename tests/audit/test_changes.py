"""Whatever is changed in a trail is found against an exported head, at the right record; an untouched one is green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit import Anchor, AuditRecord, BreakKind, Chain, Unreadable, read_trail, to_line, verify
from tests.audit.trails import START, WRITERS, draft, first_broken, resealed, trail

pytestmark = pytest.mark.untraced

TRUE, ANCHOR, _ = trail(1)
FOREIGN = trail(2)[0]
UNKNOWN = trail(3, writers=("ivr-9/1",))[0]
LAST = {record.writer: position for position, record in enumerate(TRUE)}
LINES = [to_line(record) + b"\n" for record in TRUE]
ROUNDS = 1_000
Change = Callable[[Random], tuple[list[AuditRecord], BreakKind]]


def edited(random: Random) -> tuple[list[AuditRecord], BreakKind]:
    position, forged = random.randrange(len(TRUE)), random.random() < 0.5
    record = TRUE[position]
    field = random.choice(["at", "kind", "subject", "body", "number", "writer", "previous", "digest"])
    other = "sha256:" + f"{random.getrandbits(256):064x}"
    changed = {
        "at": {"at": record.at + random.choice([-1, 1])},
        "kind": {"kind": "decision"},
        "subject": {"subject": record.subject + "0"},
        "body": {"body": {**record.body, "act": {**record.body["act"], "by": "u18"}}},
        "number": {"number": random.choice([each for each in range(30) if each != record.number])},
        "writer": {"writer": random.choice([each for each in (*WRITERS, "x") if each != record.writer])},
        "previous": {"previous": other},
        "digest": {"digest": other},
    }[field]
    new = replace(record, **changed)  # type: ignore[arg-type]  # WHY: a table of keywords of several types
    forged = forged and field != "digest"
    kind = BreakKind.WRONG_WRITER if forged and field == "writer" else BreakKind.EDITED
    return [*TRUE[:position], resealed(new) if forged else new, *TRUE[position + 1 :]], kind


def deleted(random: Random) -> tuple[list[AuditRecord], BreakKind]:
    position = random.randrange(len(TRUE))
    last = LAST[TRUE[position].writer] == position
    return [*TRUE[:position], *TRUE[position + 1 :]], BreakKind.TRUNCATED if last else BreakKind.DELETED


def inserted(random: Random) -> tuple[list[AuditRecord], BreakKind]:
    position = random.randrange(len(TRUE) + 1)
    match random.choice(["copy", "foreign", "unknown writer", "forged", "forged with another number"]):
        case "copy":
            new, kind = random.choice(TRUE), BreakKind.DUPLICATE
        case "foreign":
            new, kind = random.choice(FOREIGN), BreakKind.INSERTED
        case "unknown writer":
            new, kind = random.choice(UNKNOWN), BreakKind.WRONG_WRITER
        case "forged with another number":
            beside = min(position, len(TRUE) - 1)
            number = random.choice([each for each in range(30) if each != TRUE[beside].number])
            new = resealed(replace(TRUE[beside], number=number))
            kind, position = BreakKind.INSERTED, beside
        case _:
            # Hung up on the chain as well as can be: only what comes after it, or the head, gives it away.
            beside = min(position, len(TRUE) - 1)
            new = resealed(replace(TRUE[beside], subject="block-forged"))
            kind = BreakKind.INSERTED
    return [*TRUE[:position], new, *TRUE[position:]], kind


def swapped(random: Random) -> tuple[list[AuditRecord], BreakKind]:
    while True:
        one, other = random.sample(range(len(TRUE)), 2)
        changed = list(TRUE)
        changed[one], changed[other] = changed[other], changed[one]
        # The order of two writers among each other is in no chain.
        if first_broken(TRUE, changed) is not None:
            return changed, BreakKind.SWAPPED


def truncated(random: Random) -> tuple[list[AuditRecord], BreakKind]:
    return TRUE[: random.randrange(len(TRUE))], BreakKind.TRUNCATED


@pytest.mark.parametrize("change", [edited, deleted, inserted, swapped, truncated])
def test_every_change_of_a_record_is_found_at_the_right_place_and_called_by_its_name(
    change: Change,
) -> None:
    wrong = []
    for seed in range(ROUNDS):
        changed, kind = change(Random(seed))
        breaks = verify(changed, ANCHOR, closed=True)
        if not breaks or (breaks[0].position, breaks[0].kind) != (first_broken(TRUE, changed), kind):
            wrong.append((seed, kind, first_broken(TRUE, changed), breaks))

    assert wrong == []


@pytest.mark.parametrize("change", [edited, deleted, swapped, truncated])
def test_every_change_before_the_anchor_is_found_in_a_trail_that_goes_on(
    change: Change,
) -> None:
    more = [
        Chain(head).append(draft(Random(number), 100), salt=bytes(16)).record
        for number, head in enumerate(ANCHOR.heads)
    ]
    assert verify([*TRUE, *more], ANCHOR) == ()
    for seed in range(200):
        changed, _ = change(Random(seed))
        breaks = verify([*changed, *more], ANCHOR)

        assert breaks, seed
        assert breaks[0].position == first_broken([*TRUE, *more], [*changed, *more]), (seed, breaks)


def changed_bytes(random: Random) -> bytes:
    data = b"".join(LINES)
    at = random.randrange(len(data))
    one, other = random.sample(range(len(LINES)), 2)
    lines = list(LINES)
    match random.choice(["replace", "bit", "insert", "delete", "cut", "delete line", "copy line", "swap lines"]):
        case "replace":
            return (
                data[:at] + bytes([random.choice([each for each in range(256) if each != data[at]])]) + data[at + 1 :]
            )
        case "bit":
            return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
        case "insert":
            return data[:at] + bytes([random.randrange(256)]) + data[at:]
        case "delete":
            return data[:at] + data[at + 1 :]
        case "cut":
            return data[:at]
        case "delete line":
            del lines[one]
        case "copy line":
            lines.insert(one, lines[other])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def as_written(data: bytes) -> list[AuditRecord | Unreadable]:
    """The lines of a file, each the record that was written so, or nothing that was."""
    known = dict(zip(LINES, TRUE, strict=True))
    return [known.get(line, Unreadable("")) for line in split(data)]


def split(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def test_every_change_of_bytes_is_found_at_the_right_line() -> None:
    wrong = []
    for seed in range(2 * ROUNDS):
        data = changed_bytes(Random(seed))
        broken = first_broken(TRUE, as_written(data))
        breaks = verify(read_trail(data), ANCHOR)
        if (breaks[0].position if breaks else None) != broken:
            wrong.append((seed, broken, breaks))

    assert wrong == []


@given(st.integers(0, 1 << 32), st.integers(3, 40), st.integers(0, 40))
def test_an_untouched_trail_is_green_against_every_anchor_that_was_ever_taken(seed: int, count: int, at: int) -> None:
    records, anchor, _ = trail(seed, count)
    earlier: dict[str, AuditRecord] = {record.writer: record for record in records[: min(at, count)]}
    heads = [head for head in anchor.heads if head.writer in earlier]
    before = Anchor.of(
        START,
        (replace(head, number=earlier[head.writer].number, digest=earlier[head.writer].digest) for head in heads),
    )

    by_writer = sorted(records, key=lambda record: (record.writer, record.number))

    assert verify(records) == ()
    assert verify(records, anchor, closed=True) == ()
    assert verify(records, before) == ()
    assert all(verify(records, head) == () for head in (*anchor.heads, *before.heads))
    assert verify(by_writer, anchor, closed=True) == ()


@given(st.integers(0, 1 << 32), st.data())
def test_several_changes_together_are_found_too(seed: int, data: st.DataObject) -> None:
    records, anchor, _ = trail(seed, 16)
    changed = list(records)
    for _ in range(data.draw(st.integers(1, 4))):
        if not changed:
            break
        position = data.draw(st.integers(0, len(changed) - 1))
        match data.draw(st.sampled_from(["delete", "edit", "forge", "move", "copy"])):
            case "delete":
                del changed[position]
            case "edit":
                changed[position] = replace(changed[position], at=changed[position].at + 1)
            case "forge":
                changed[position] = resealed(replace(changed[position], subject="x"))
            case "move":
                changed.insert(data.draw(st.integers(0, len(changed) - 1)), changed.pop(position))
            case _:
                changed.insert(data.draw(st.integers(0, len(changed))), changed[position])

    breaks = verify(changed, anchor, closed=True)

    assert bool(breaks) is (first_broken(records, changed) is not None)


def test_a_chain_made_anew_from_some_record_on_is_found_at_its_head() -> None:
    writer = WRITERS[0]
    own = [record for record in TRUE if record.writer == writer]
    made = [own[0], resealed(replace(own[1], subject="block-forged"))]
    for record in own[2:]:
        made.append(resealed(replace(record, previous=made[-1].digest)))
    head = next(head for head in ANCHOR.heads if head.writer == writer)

    found = verify(made, head)

    assert verify(made) == ()
    assert [(each.kind, each.number) for each in found] == [(BreakKind.EDITED, head.number)]
    assert "made anew" in found[0].message


def test_without_a_head_a_cut_end_cannot_be_seen_and_with_it_the_writer_is_named() -> None:
    own = [record for record in TRUE if record.writer == WRITERS[1]]
    head = next(head for head in ANCHOR.heads if head.writer == WRITERS[1])

    assert verify(own[:-2]) == ()
    (found,) = verify(own[:-2], head)
    assert (found.kind, found.position, found.writer, found.number) == (
        BreakKind.TRUNCATED, len(own) - 2, WRITERS[1], head.number - 1,
    )  # fmt: skip
    assert str(found) == (
        f"record {len(own) - 1} of the trail: truncated: the end of the chain is gone: it had {len(own)} records"
    )


def test_an_empty_trail_is_not_green_against_a_head() -> None:
    assert {each.writer for each in verify([], ANCHOR)} == set(WRITERS)


def test_what_is_written_after_the_anchor_is_more_only_if_the_trail_is_said_to_be_closed() -> None:
    head = ANCHOR.heads[0]
    more = Chain(head).append(draft(Random(0), 9), salt=bytes(16)).record

    assert verify([*TRUE, more], ANCHOR) == ()
    (found,) = verify([*TRUE, more], ANCHOR, closed=True)
    assert (found.kind, found.position) == (BreakKind.INSERTED, len(TRUE))


def test_a_writer_that_began_after_the_anchor_is_no_break_and_one_that_begins_in_the_middle_is() -> None:
    assert verify([*TRUE, *UNKNOWN], ANCHOR) == ()
    assert verify([*TRUE, UNKNOWN[3]], ANCHOR)[0].kind is BreakKind.WRONG_WRITER
    assert verify([*TRUE, *UNKNOWN], ANCHOR, closed=True)[0].kind is BreakKind.WRONG_WRITER


def test_without_any_anchor_what_was_done_to_the_end_of_a_chain_is_found_as_far_as_the_chain_shows_it() -> None:
    own = [record for record in TRUE if record.writer == WRITERS[0]]
    other = [record for record in TRUE if record.writer == WRITERS[1]]
    forged = resealed(replace(own[-1], subject="block-forged"))
    count = min(len(own), len(other)) - 1
    renamed = resealed(replace(other[count], writer=WRITERS[0]))
    cases: list[tuple[list[AuditRecord], BreakKind, int]] = [
        ([*own, forged], BreakKind.INSERTED, len(own)),
        ([*own[:-2], own[-1], own[-2]], BreakKind.SWAPPED, len(own) - 2),
        ([*own[:-2], own[-1]], BreakKind.DELETED, len(own) - 2),
        ([*other[:count], *own[:count], renamed], BreakKind.WRONG_WRITER, 2 * count),
    ]

    for changed, kind, position in cases:
        found = verify(changed)[0]
        assert (found.kind, found.position) == (kind, position)


def test_of_two_records_that_do_not_go_together_the_one_that_the_anchor_vouches_for_was_not_changed() -> None:
    head = ANCHOR.heads[0]
    more = Chain(head).append(draft(Random(0), 9), salt=bytes(16)).record
    changed = resealed(replace(more, previous="sha256:" + "0" * 64))

    (found,) = verify([*TRUE, changed], ANCHOR)

    assert (found.kind, found.position) == (BreakKind.EDITED, len(TRUE))
