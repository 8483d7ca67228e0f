"""What every store promises of the audit trail and the revisions that were live."""

from __future__ import annotations

import pytest

from callpolicy.audit import Chain, Draft, Keys, verify, whole_body
from callpolicy.stores.base import Activation, Erased, Kept, Store
from tests.stores.making import HALF, MINUTE, NOW, ODD, trail


class TrailContract:
    """Tests of records, parts and revisions."""

    def test_a_writer_that_has_written_nothing_is_at_its_beginning(self, store: Store) -> None:
        assert store.head("w1") == Chain.begin("w1").head
        assert (store.heads(), list(store.records()), store.find("w1-c0")) == ((), [], ())

    def test_records_come_back_as_they_were_kept_writer_by_writer(self, store: Store) -> None:
        one, other = trail(store.keys, "w1"), trail(store.keys, "b0")
        store.append([one[0], other[0], *one[1:], *other[1:]])

        assert list(store.records()) == [*other, *one]
        assert list(store.records("w1")) == one
        assert list(store.records("w1", first=1)) == one[1:]
        assert list(store.records(first=2)) == [other[2], one[2]]
        assert (list(store.records("w9")), list(store.records("w1", first=3))) == ([], [])
        assert verify(each.record for each in store.records()) == ()

    def test_heads_are_the_ends_of_the_chains(self, store: Store) -> None:
        one, other = trail(store.keys, "w1"), trail(store.keys, "b0", 1)
        store.append([*one, *other])

        assert store.head("w1") == store.heads()[1]
        assert [(each.writer, each.number, each.digest) for each in store.heads()] == [
            ("b0", 0, other[-1].record.digest),
            ("w1", 2, one[-1].record.digest),
        ]

    def test_more_records_than_are_read_at_once_come_in_their_order(self, store: Store) -> None:
        kept = trail(store.keys, "w1", 2_500)
        store.turn(lambda turn: turn.append(kept))

        assert list(store.records("w1")) == kept
        assert len(list(store.records("w1", first=400))) == 2_100

    def test_a_record_that_is_there_stays_as_it_is(self, store: Store) -> None:
        first = trail(store.keys, "w1", 2)
        forged = trail(Keys.of(b"another secret of a centre"), "w1", 2, at=NOW + 1)
        store.append(first)
        store.append(first)
        store.append(forged)

        assert list(store.records()) == first

    def test_records_that_arrive_out_of_order_stand_in_their_order(self, store: Store) -> None:
        kept = trail(store.keys, "w1", 4)
        for place in (1, 3, 0, 2):
            store.append([kept[place]])

        assert list(store.records()) == kept
        assert store.head("w1").number == 3

    def test_a_record_is_found_by_its_ref_and_by_what_it_is_about(self, store: Store) -> None:
        first, second, third = trail(store.keys)
        store.append([first, second._replace(ref="block:1"), third._replace(ref="block:1")])

        assert [each.record.number for each in store.find("block:1")] == [1, 2]
        assert [each.record.number for each in store.find("w1-d0")] == [0]
        assert [each.record.number for each in store.find("w1-c2")] == [2]
        assert store.find("w1") == ()

    def test_the_id_of_a_decision_names_also_the_one_that_was_given_when_the_store_failed_in_the_middle(
        self, store: Store
    ) -> None:
        chain = Chain.begin("w1")
        kept = []
        # Two of one event: the first nobody was given. One of another event, and an act of a case of an odd name.
        for kind, subject, ref in (
            ("decision", "q-1", "q-1#0"),
            ("decision", "q-1", "q-1#0~"),
            ("decision", "q-2", "q-2#0~"),
            ("act", "k#1~", "k#1~"),
        ):
            draft = Draft(at=NOW, kind=kind, subject=subject, body={kind: {}})
            chain, record, _ = chain.append(draft, keys=store.keys, salt=b"")
            kept.append(Kept(record, None, ref))
        store.append(kept)

        assert store.find("q-1#0") == (kept[0], kept[1])
        assert store.find("q-1#0~") == (kept[1],)
        assert store.find("q-2#0") == (kept[2],)
        assert (store.find("q-1"), store.find("k#1")) == ((kept[0], kept[1]), ())

    def test_what_is_found_comes_in_the_order_of_its_instants(self, store: Store) -> None:
        late, early = trail(store.keys, "a", 1, at=NOW + 1), trail(store.keys, "b", 1, at=NOW)
        store.append([each._replace(ref="block:1") for each in (*late, *early)])

        assert [each.record.writer for each in store.find("block:1")] == ["b", "a"]

    @pytest.mark.parametrize("odd", [each for each in ODD if each != HALF])
    def test_odd_refs_are_found_and_come_back(self, store: Store, odd: str) -> None:
        kept = [each._replace(ref=odd) for each in trail(store.keys, "w1", 1)]
        store.append(kept)

        assert store.find(odd) == tuple(kept)

    # ---- personal parts

    def test_a_personal_part_opens_with_the_key_of_the_store(self, store: Store) -> None:
        store.append(trail(store.keys, "w1", 1))

        (kept,) = store.records()
        assert kept.part is not None
        body = whole_body(kept.record, kept.part, store.keys)
        assert body is not None
        assert body["act"]["value"] == "+12125550142"

    def test_parts_about_an_earlier_instant_are_erased_and_the_chain_holds(self, store: Store) -> None:
        # Parts at NOW, two and four minutes later.
        kept = trail(store.keys, "w1", 5)
        store.append(kept)

        assert store.erase(parts=NOW + 2 * MINUTE) == Erased(parts=1)
        assert [each.part is not None for each in store.records()] == [False, False, True, False, True]
        assert [each.record for each in store.records()] == [each.record for each in kept]
        assert verify(each.record for each in store.records()) == ()
        assert store.erase(parts=NOW + 2 * MINUTE) == Erased()
        assert store.erase(parts=NOW + 2 * MINUTE + 1) == Erased(parts=1)

    def test_a_part_that_was_erased_does_not_come_back_with_its_record(self, store: Store) -> None:
        kept = trail(store.keys, "w1", 1)
        store.append(kept)
        store.erase(parts=NOW + 1)
        store.append(kept)

        assert list(store.records()) == [Kept(kept[0].record, None, "w1-d0")]

    def test_nothing_is_erased_that_nobody_asked_for(self, store: Store) -> None:
        store.append(trail(store.keys))

        assert store.erase() == Erased()
        assert store.erase(cases=NOW * 2, entries=NOW * 2) == Erased()
        assert sum(each.part is not None for each in store.records()) == 2

    # ---- revisions

    def test_the_files_of_a_revision_are_kept_once_as_they_were(self, store: Store) -> None:
        files = {"policy.yaml": b"a: 1\n", "scripts.yaml": "您好 😀".encode(), "odd": bytes(range(256))}
        store.keep_revision("r1", files, Activation(NOW, "r1", "w1"))
        store.keep_revision("r1", {"policy.yaml": b"other"}, Activation(NOW + 2, "r1", "w2"))

        assert store.revision("r1") == files
        assert store.revision("r2") is None

    def test_activations_come_in_the_order_of_time_each_once(self, store: Store) -> None:
        made = [Activation(NOW + 2, "r2", "w2"), Activation(NOW, "r1", "w1"), Activation(NOW + 2, "r1", "w1")]
        for each in (*made, made[0]):
            store.keep_revision(each.revision, {}, each)

        assert store.activations() == (made[1], made[2], made[0])

    @pytest.mark.parametrize("odd", ODD)
    def test_odd_names_of_revisions_and_writers_come_back(self, store: Store, odd: str) -> None:
        store.keep_revision(odd, {"a": b"b"}, Activation(NOW, odd, odd))

        assert store.revision(odd) == {"a": b"b"}
        assert store.activations() == (Activation(NOW, odd, odd),)
