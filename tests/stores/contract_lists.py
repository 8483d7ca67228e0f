"""What every store promises of list entries and blocks."""

from __future__ import annotations

import pytest

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Appeal, Block, Confirm, Lift, Propose, State
from callpolicy.lists import Entry, ListName, Standing, Subject
from callpolicy.policy import Term
from callpolicy.stores.base import Erased, Listed, Store, Turn
from tests.lifecycle.making import AGENT, DESK, LASTING, OPERATOR, START, Life, active, automatic
from tests.lifecycle.making import HOUR as AN_HOUR
from tests.stores.making import (
    ANN,
    BOB,
    COUNT,
    DAY,
    HOUR,
    LI,
    NOW,
    ODD,
    SECOND,
    block,
    entry,
    proposed,
    query,
)

PREFIX = Identity(IdentityKind.NUMBER, "+1212555014")
EVERY = Identity(IdentityKind.NUMBER, "+1")


class ListContract:
    """Tests of entries and blocks."""

    def standing(self, store: Store, at: int, who: Identity = ANN) -> Standing:
        found = store.background(query(at, identities=[who])).standing
        assert found is not None
        return found

    def kept_out(self, store: Store, at: int, who: Identity = ANN) -> tuple[bool, int]:
        """Whether a caller is blocked, and how many blocks are held against them."""
        standing = self.standing(store, at, who)
        return standing.block is not None, standing.blocks

    # ---- entries

    def test_an_entry_comes_back_as_it_was_put(self, store: Store) -> None:
        made = entry("b1", NOW, NOW + DAY, reason="为什么\0\ud800", evidence=("c1#0", "c2#0"))
        area = entry("p1", NOW, None, Identity(IdentityKind.NUMBER, "+44"), prefix=True, on=ListName.ALLOWLIST)
        taken_back = entry("b2", NOW, NOW + DAY, LI, term_until=NOW + 2 * DAY, taken_back=True)
        for each in (made, area, taken_back):
            store.put_entry(each)

        assert [store.entry(name) for name in ("b1", "p1", "b2", "b3")] == [made, area, taken_back, None]
        assert store.listed("p1") == Listed(area, None)
        assert store.listed("b3") is None

    def test_an_entry_put_again_replaces_the_first(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, None))
        store.put_entry(entry("b1", NOW, NOW + DAY, BOB))

        assert self.kept_out(store, NOW) == (False, 0)
        assert self.standing(store, NOW, BOB).block == entry("b1", NOW, NOW + DAY, BOB)

    def test_entries_expire_when_they_are_read_without_a_sweeper(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, NOW + DAY))

        blocked = [self.kept_out(store, at) for at in (NOW - 1, NOW, NOW + DAY - 1, NOW + DAY)]

        assert blocked == [(False, 0), (True, 1), (True, 1), (False, 1)]

    def test_a_prefix_covers_the_numbers_that_begin_with_it_and_no_customer(self, store: Store) -> None:
        store.put_entry(entry("p1", NOW, None, PREFIX, prefix=True))
        who = (ANN, BOB, Identity(IdentityKind.CUSTOMER, "+12125550142"), PREFIX)

        assert [self.standing(store, NOW, each).blocks for each in who] == [1, 0, 0, 1]

    def test_a_range_covers_its_numbers_both_ends_in(self, store: Store) -> None:
        first = Identity(IdentityKind.NUMBER, "+12125550142")
        store.put_entry(entry("r1", NOW, None, first, last="+12125550151"))
        ends = ("+12125550141", "+12125550142", "+12125550151", "+12125550152", "+1212555014")

        blocks = [self.standing(store, NOW, Identity(IdentityKind.NUMBER, each)).blocks for each in ends]

        assert blocks == [0, 1, 1, 0, 0]

    def test_lists_look_at_the_listed_identities_only(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, None, LI))

        all_of_them = store.background(query(identities=[LI, ANN])).standing
        numbers = store.background(query(identities=[LI, ANN], listed=(ANN,))).standing
        none = store.background(query(identities=[LI, ANN], listed=()))

        assert all_of_them is not None
        assert all_of_them.block is not None
        assert numbers is not None
        assert numbers.block is None
        assert none.standing is None
        assert none.readings[COUNT.fact].value == 0

    def test_the_entries_of_a_list_come_in_the_order_in_which_they_were_first_put(self, store: Store) -> None:
        store.put_entry(entry("z", NOW, None))
        store.put_block(block("m"))
        store.put_entry(entry("a", NOW, None, on=ListName.ALLOWLIST))
        store.put_block(proposed("b", BOB))
        store.put_entry(entry("z", NOW, NOW + 1))
        store.put_entry(entry("c", NOW, None, LI))

        blocked, allowed = (list(store.entries(on)) for on in (ListName.BLOCKLIST, ListName.ALLOWLIST))

        assert [each.entry and each.entry.entry_id for each in blocked] == ["z", "m", None, "c"]
        assert [each.block and each.block.block_id for each in blocked] == [None, "m", "b", None]
        assert allowed == [Listed(entry("a", NOW, None, on=ListName.ALLOWLIST), None)]
        assert blocked[0].entry == entry("z", NOW, NOW + 1)

    @pytest.mark.parametrize("odd", ODD)
    def test_odd_ids_and_customers_are_kept_apart(self, store: Store, odd: str) -> None:
        customer = Identity(IdentityKind.CUSTOMER, odd)
        made = entry(odd, NOW, None, customer, owner=odd)
        store.put_entry(made)
        store.put_entry(entry(odd + "2", NOW, None, Identity(IdentityKind.CUSTOMER, odd + "\\")))

        assert store.entry(odd) == made
        assert self.standing(store, NOW, customer).block == made
        assert self.standing(store, NOW, customer).blocks == 1
        assert store.overlapping(Subject(customer)) == (Listed(made, None),)

    @pytest.mark.parametrize("odd", ODD)
    def test_a_customer_whose_id_is_odd_can_be_blocked(self, store: Store, odd: str) -> None:
        made = block("b1", Identity(IdentityKind.CUSTOMER, odd))
        store.put_block(made)

        found = store.listed("b1")
        assert found is not None
        assert found.block == made
        assert self.kept_out(store, NOW, Identity(IdentityKind.CUSTOMER, odd)) == (True, 1)

    # ---- blocks

    def told(self, store: Store, life: Life) -> None:
        store.put_block(life.made)

    def test_a_block_comes_back_with_its_whole_life(self, store: Store) -> None:
        made = block("b1")
        store.put_block(made)

        found = store.listed("b1")

        assert found is not None
        assert found.block == made
        assert found.entry == store.entry("b1")
        assert found.entry is not None
        assert (found.entry.since, found.entry.owner, found.entry.evidence) == (NOW, "system", ("b1#0",))

    def test_a_block_that_is_only_proposed_keeps_nobody_out_and_is_found(self, store: Store) -> None:
        life = Life()
        life.tell(Propose, AGENT, 0)
        self.told(store, life)

        assert [self.kept_out(store, START + at) for at in (0, DAY)] == [(False, 0), (False, 0)]
        assert (store.entry("b1"), store.listed("b1")) == (None, Listed(None, life.made))
        assert store.overlapping(Subject(ANN)) == (Listed(None, life.made),)

    def test_a_block_keeps_callers_out_from_when_it_is_entered_until_its_term_is_over(self, store: Store) -> None:
        self.told(store, active(LASTING))

        at = [START - 1, START, START + DAY - 1, START + DAY]
        assert [self.kept_out(store, each) for each in at] == [(False, 0), (True, 1), (True, 1), (False, 1)]

    def test_a_block_that_a_person_lifted_is_held_against_nobody(self, store: Store) -> None:
        life = active(LASTING, Term.WEEK)
        self.told(store, life)
        life.tell(Lift, DESK, HOUR)
        self.told(store, life)

        assert [self.kept_out(store, START + at) for at in (HOUR - 1, HOUR)] == [(True, 1), (False, 0)]
        kept = store.entry("b1")
        assert kept is not None
        assert (kept.until, kept.taken_back) == (START + HOUR, True)

    def test_a_block_that_nobody_confirmed_lapses_by_itself_and_is_held_against_nobody(self, store: Store) -> None:
        self.told(store, automatic(LASTING))

        at = [START, START + 12 * AN_HOUR - 1, START + 12 * AN_HOUR]
        assert [self.kept_out(store, each) for each in at] == [(True, 1), (True, 1), (False, 0)]

    def test_a_block_that_was_confirmed_lasts_as_long_as_its_term(self, store: Store) -> None:
        life = automatic(LASTING)
        self.told(store, life)
        life.tell(Confirm, DESK, AN_HOUR)
        self.told(store, life)

        assert [self.kept_out(store, START + at) for at in (13 * AN_HOUR, DAY)] == [(True, 1), (False, 1)]
        assert life.state(DAY) is State.EXPIRED

    def test_an_appeal_is_kept_with_the_block(self, store: Store) -> None:
        life = active(LASTING, Term.WEEK)
        life.tell(Appeal, OPERATOR, AN_HOUR, reason="她说是误判 😀")
        self.told(store, life)

        found = store.listed("b1")
        assert found is not None
        assert found.block is not None
        assert [act.name for act in found.block.acts] == ["propose", "confirm", "activate", "appeal"]
        assert found.block.acts[-1].reason == "她说是误判 😀"

    def test_a_block_in_the_place_of_an_entry_replaces_it_and_an_entry_one_of_a_block(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, None))
        store.put_block(proposed("b1"))
        replaced = store.listed("b1"), self.kept_out(store, NOW)
        store.put_block(block("b2"))
        store.put_entry(entry("b2", NOW, NOW + 1))

        assert replaced == (Listed(None, proposed("b1")), (False, 0))
        assert store.listed("b2") == Listed(entry("b2", NOW, NOW + 1), None)

    # ---- retention

    def test_entries_and_blocks_that_were_over_before_an_instant_are_erased_for_good(self, store: Store) -> None:
        kept: list[Entry | Block] = [
            entry("lasts", NOW, None),
            entry("ends later", NOW, NOW + 2),
            entry("ends then", NOW, NOW + 1),
            proposed("waits"),
        ]
        over: list[Entry | Block] = [
            entry("ended", NOW - 1, NOW),
            entry("allowed", NOW - 1, NOW, on=ListName.ALLOWLIST),
            block("lapsed", at=NOW - DAY),
        ]
        for each in (*kept, *over):
            if isinstance(each, Block):
                store.put_block(each)
            else:
                store.put_entry(each)

        # The block of the system was not confirmed, and lapsed after twelve hours.
        assert store.erase(entries=NOW + 1) == Erased(entries=3)
        assert [store.listed(name) for name in ("ended", "allowed", "lapsed")] == [None] * 3
        assert [store.listed(name) is not None for name in ("lasts", "ends later", "ends then", "waits")] == [True] * 4
        assert self.standing(store, NOW - 1).blocks == 0
        assert self.standing(store, NOW).blocks == 3
        assert len(store.overlapping(Subject(ANN))) == 4
        assert store.erase(entries=NOW + 1) == Erased()

    def test_more_entries_than_go_at_once_are_all_erased(self, store: Store) -> None:
        def put(turn: Turn) -> None:
            for each in range(1_001):
                turn.put_entry(entry(f"e{each}", NOW, NOW + SECOND))

        store.turn(put)

        assert store.erase(entries=NOW + SECOND) == Erased()
        assert store.erase(entries=NOW + SECOND + 1) == Erased(entries=1_001)
        assert list(store.entries(ListName.BLOCKLIST)) == []

    def test_what_is_erased_can_come_again(self, store: Store) -> None:
        store.put_entry(entry("b1", NOW, NOW + 1))
        store.erase(entries=NOW + 2)
        store.put_entry(entry("b1", NOW, None, BOB))

        assert [self.standing(store, NOW, each).blocks for each in (ANN, BOB)] == [0, 1]

    # ---- who is covered by what

    def test_a_prefix_overlaps_with_what_is_wider_and_with_what_is_narrower(self, store: Store) -> None:
        wide = entry("wide", NOW, None, EVERY, prefix=True, on=ListName.ALLOWLIST)
        narrow = entry("narrow", NOW, None)
        beside = entry("beside", NOW, None, Identity(IdentityKind.NUMBER, "+12125550199"), last="+12125550201")
        customer = entry("customer", NOW, None, Identity(IdentityKind.CUSTOMER, "+12125550142"))
        far = entry("far", NOW, None, Identity(IdentityKind.NUMBER, "+447700900001"))
        short = entry("short", NOW, None, Identity(IdentityKind.NUMBER, "CN:110"))
        for each in (wide, narrow, beside, customer, far, short):
            store.put_entry(each)

        def found(subject: Subject) -> set[str]:
            return {each.entry.entry_id for each in store.overlapping(subject) if each.entry is not None}

        assert found(Subject(ANN)) == {"wide", "narrow"}
        assert found(Subject(PREFIX, prefix=True)) == {"wide", "narrow"}
        assert found(Subject(Identity(IdentityKind.NUMBER, "+121255"), prefix=True)) == {"wide", "narrow", "beside"}
        assert found(Subject(Identity(IdentityKind.NUMBER, "+12"), prefix=True)) == {"wide", "narrow", "beside"}
        assert found(Subject(Identity(IdentityKind.NUMBER, "+12125550200"), last="+12125550300")) == {"wide", "beside"}
        assert found(Subject(Identity(IdentityKind.NUMBER, "+12"), last="+13")) == {"wide"}
        assert found(Subject(Identity(IdentityKind.CUSTOMER, "+12125550142"))) == {"customer"}
        assert found(Subject(Identity(IdentityKind.NUMBER, "CN:"), prefix=True)) == {"short"}
