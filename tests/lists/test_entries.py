"""Lists: who is covered, until when, and how that goes on; expiry is judged when an entry is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entries, Entry, ListName, Standing, Subject

ANN = Identity(IdentityKind.NUMBER, "+12125550142")
BOB = Identity(IdentityKind.NUMBER, "+12125550199")
LI = Identity(IdentityKind.CUSTOMER, "70001")
SERVICE = Identity(IdentityKind.NUMBER, "CN:95588")


def block(
    entry_id: str = "b1",
    identity: Identity = ANN,
    since: int = 100,
    until: int | None = 200,
    *,
    on: ListName = ListName.BLOCKLIST,
    prefix: bool = False,
    last: str | None = None,
) -> Entry:
    return Entry(
        entry_id=entry_id,
        on=on,
        identity=identity,
        prefix=prefix,
        last=last,
        since=since,
        until=until,
        reason="test",
        owner="qa",
    )


def allow(entry_id: str = "a1", identity: Identity = ANN, since: int = 0, until: int | None = None) -> Entry:
    return block(entry_id, identity, since, until, on=ListName.ALLOWLIST)


@pytest.mark.parametrize(("at", "holds"), [(99, False), (100, True), (199, True), (200, False), (201, False)])
def test_an_entry_holds_from_its_first_instant_up_to_its_end(at: int, holds: bool) -> None:
    assert block().holds(at) is holds
    assert (Entries([block()]).standing([ANN], at).block is not None) is holds


def test_an_entry_without_end_holds_for_ever() -> None:
    assert block(until=None).holds(1 << 60)


def test_nobody_else_is_covered() -> None:
    entries = Entries([block()])

    assert entries.standing([BOB], 150) == Standing(None, None, 0, ())
    assert entries.standing([Identity(IdentityKind.CUSTOMER, ANN.value)], 150).block is None
    assert entries.standing([], 150) == Standing(None, None, 0, ())


def test_the_block_that_ends_last_is_the_one_that_counts() -> None:
    entries = Entries([block("b1", until=200), block("b2", until=300), block("b3", LI, until=None)])

    assert entries.standing([ANN], 150).block == block("b2", until=300)
    assert entries.standing([LI, ANN], 150).block == block("b3", LI, until=None)


def test_blocks_of_the_past_are_counted_and_those_to_come_are_not() -> None:
    entries = Entries([block("b1", since=0, until=10), block("b2"), block("b3", since=500, until=None), allow()])

    assert [entries.standing([ANN], at).blocks for at in (0, 99, 100, 300, 500)] == [1, 1, 2, 2, 3]


def test_one_entry_is_counted_once_though_the_caller_is_named_twice() -> None:
    assert Entries([block()]).standing([ANN, ANN], 150).blocks == 1


def test_an_allowlist_entry_covers_beside_a_block() -> None:
    standing = Entries([block(), allow(until=180)]).standing([ANN], 150)

    assert (standing.block, standing.allow) == (block(), allow(until=180))
    assert Entries([allow(until=180)]).standing([ANN], 180).allow is None


def test_a_prefix_covers_every_number_that_begins_with_it_and_no_customer() -> None:
    area = Identity(IdentityKind.NUMBER, "+1212555")
    entries = Entries(
        [block(identity=area, prefix=True), block("b2", Identity(IdentityKind.NUMBER, "CN:9"), prefix=True)]
    )

    assert entries.standing([ANN], 150).block is not None
    assert entries.standing([area], 150).block is not None
    assert entries.standing([SERVICE], 150).block is not None
    assert entries.standing([Identity(IdentityKind.NUMBER, "+121255")], 150).block is None
    assert entries.standing([Identity(IdentityKind.CUSTOMER, "+12125550142")], 150).block is None


def test_an_entry_that_is_no_prefix_covers_the_whole_number_only() -> None:
    assert Entries([block(identity=Identity(IdentityKind.NUMBER, "+1212555"))]).standing([ANN], 150).block is None


@pytest.mark.parametrize("identity", [LI, Identity(IdentityKind.NUMBER, "")])
def test_a_prefix_of_customers_or_of_everybody_is_refused(identity: Identity) -> None:
    with pytest.raises(ValueError, match="prefix"):
        block(identity=identity, prefix=True)


def number(value: str) -> Identity:
    return Identity(IdentityKind.NUMBER, value)


@pytest.mark.parametrize(
    ("value", "covered"),
    [
        ("+12125550099", False),
        ("+12125550100", True),
        ("+12125550142", True),
        ("+12125550199", True),
        ("+12125550200", False),
        ("+1212555014", False),
        ("+121255501420", False),
        ("CN:212555014", False),
    ],
)
def test_a_range_covers_its_first_and_last_number_and_those_between(value: str, covered: bool) -> None:
    entries = Entries([block(identity=number("+12125550100"), last="+12125550199")])

    assert (entries.standing([number(value)], 150).block is not None) is covered


def test_ranges_lie_over_each_other_and_leave_one_by_one() -> None:
    wide = block("b1", number("+12125550100"), last="+12125550199", until=300)
    narrow = block("b2", number("+12125550140"), last="+12125550145")
    entries = Entries([wide, narrow, block("b3", number("+12125550143"), last="+12125550143")])

    assert entries.standing([ANN], 150).blocks == 2
    assert entries.standing([ANN], 150).block == wide
    entries.drop("b1")
    assert entries.standing([ANN], 150).block == narrow
    entries.put(block("b2", BOB, last="+12125550199"))
    assert entries.standing([ANN], 150).block is None
    assert entries.standing([BOB], 150).blocks == 1


@pytest.mark.parametrize(
    ("identity", "last", "prefix"),
    [
        (LI, "70009", False),
        (number("+12125550199"), "+12125550100", False),
        (number("+1212555010"), "+12125550199", False),
        (number("CN:95510"), "GB:95519", False),
        (number("+12125550100"), "+1212555019x", False),
        (number("12125550100"), "12125550199", False),
        (number("+"), "+", False),
        (number("+12125550100"), "+12125550199", True),
    ],
)
def test_what_is_no_range_of_like_numbers_is_refused(identity: Identity, last: str, prefix: bool) -> None:
    with pytest.raises(ValueError, match="range"):
        block(identity=identity, last=last, prefix=prefix)


def test_a_subject_does_not_show_whom_it_covers() -> None:
    shown = repr(Subject(number("+12125550100"), last="+12125550199"))

    assert "5550" not in shown


@pytest.mark.parametrize(
    ("subject", "width"),
    [
        (Subject(ANN), 1),
        (Subject(LI), 1),
        (Subject(number("+12125550100"), last="+12125550199"), 100),
        (Subject(number("CN:95510"), last="CN:95519"), 10),
        (Subject(number("+1212555"), prefix=True), None),
    ],
)
def test_a_subject_says_how_many_it_covers_at_most(subject: Subject, width: int | None) -> None:
    assert subject.width == width


def test_putting_an_entry_again_replaces_it_wherever_it_stood() -> None:
    entries = Entries([block()])

    entries.put(block(identity=BOB))

    assert len(entries) == 1
    assert entries.standing([ANN], 150).block is None
    assert entries.standing([BOB], 150).block is not None
    assert entries.get("b1") == block(identity=BOB)


def test_dropping_an_entry_takes_it_off_and_one_that_is_not_there_is_not_missed() -> None:
    area = Identity(IdentityKind.NUMBER, "+1212555")
    entries = Entries([block(), block("b2", area, prefix=True)])

    for entry_id in ("b1", "b2", "b3"):
        entries.drop(entry_id)

    assert len(entries) == 0
    assert entries.get("b1") is None
    assert entries.standing([ANN], 150) == Standing(None, None, 0, ())


def seen(standing: Standing) -> tuple[bool, int | None, int, bool]:
    block, allow = standing.block, standing.allow
    return (block is not None, block.until if block else None, standing.blocks, allow is not None)


def test_the_changes_to_come_are_told_with_all_that_changes_then() -> None:
    entries = Entries(
        [block("b1"), block("b2", since=150, until=250), block("b3", since=400, until=None), allow(until=120)]
    )

    standing = entries.standing([ANN], 110)

    assert seen(standing) == (True, 200, 1, True)
    assert [(at, *seen(after)) for at, after in standing.changes] == [
        (120, True, 200, 1, False),
        (150, True, 250, 2, False),
        (250, False, None, 2, False),
        (400, True, None, 3, False),
    ]


IDENTITIES = [ANN, BOB, LI, SERVICE]
INSTANTS = st.integers(0, 12)
RANGES = [
    ("+12125550100", "+12125550199"),
    ("+12125550142", "+12125550142"),
    ("+12125550143", "+12125550199"),
    ("+00000000000", "+12125550141"),
    ("CN:95588", "CN:95590"),
]


@st.composite
def entry_sets(draw: st.DrawFn) -> list[Entry]:
    entries = []
    for position in range(draw(st.integers(0, 6))):
        prefix = draw(st.booleans())
        first, last = draw(st.sampled_from(RANGES)) if not prefix and draw(st.booleans()) else ("", None)
        identity = Identity(IdentityKind.NUMBER, draw(st.sampled_from(["+1", "+12125550142", "CN:9"])))
        since = draw(INSTANTS)
        entries.append(
            Entry(
                entry_id=f"e{position}",
                on=draw(st.sampled_from(ListName)),
                identity=number(first) if last else identity if prefix else draw(st.sampled_from(IDENTITIES)),
                prefix=prefix,
                last=last,
                since=since,
                until=draw(st.one_of(st.none(), st.integers(since, 14))),
                reason="",
                owner="qa",
            )
        )
    return entries


def digits(value: str) -> int:
    return int("".join(each for each in value if each.isdigit()))


def covers(entry: Entry, identity: Identity) -> bool:
    if entry.prefix:
        return identity.kind is IdentityKind.NUMBER and identity.value.startswith(entry.identity.value)
    if entry.last:
        first, value, last = entry.identity.value, identity.value, entry.last
        alike = identity.kind is IdentityKind.NUMBER and (len(value), value[0]) == (len(last), last[0])
        return alike and digits(first) <= digits(value) <= digits(last)
    return entry.identity == identity


def recount(entries: Iterable[Entry], identities: list[Identity], at: int) -> tuple[bool, int | None, int, bool]:
    own = [entry for entry in entries if any(covers(entry, each) for each in identities)]
    blocks = [each for each in own if each.on is ListName.BLOCKLIST and each.since <= at]
    holding = [each for each in blocks if each.until is None or at < each.until]
    ends = [each.until for each in holding]
    known = [end for end in ends if end is not None]
    until = None if len(known) < len(ends) or not known else max(known)
    allowed = [each for each in own if each.on is ListName.ALLOWLIST and each.holds(at)]
    return (bool(holding), until, len(blocks), bool(allowed))


@given(entry_sets(), st.lists(st.sampled_from(IDENTITIES), max_size=3), INSTANTS)
def test_a_standing_equals_a_plain_recount_now_and_at_every_instant_to_come(
    entries: list[Entry], identities: list[Identity], at: int
) -> None:
    standing = Entries(entries).standing(identities, at)

    assert seen(standing) == recount(entries, identities, at)
    foretold = dict(standing.changes)
    now = replace(standing, changes=())
    for later in range(at + 1, 16):
        now = foretold.get(later, now)
        assert seen(now) == recount(entries, identities, later)
    assert all(
        before != after for before, after in zip([standing, *foretold.values()], foretold.values(), strict=False)
    )


@given(entry_sets(), st.permutations(range(6)))
def test_the_order_in_which_entries_come_does_not_matter(entries: list[Entry], order: list[int]) -> None:
    shuffled = [entries[place] for place in order if place < len(entries)]

    for at in range(15):
        assert Entries(shuffled).standing([ANN], at) == Entries(entries).standing([ANN], at)
