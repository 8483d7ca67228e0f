"""An id is quoted whole wherever a message may quote anything."""

from __future__ import annotations

from callpolicy.rulefile.sources import masked
from callpolicy.runtime.ids import new_id


def test_no_id_looks_like_a_telephone_number() -> None:
    made = [new_id("block-") for _ in range(2_000)]

    assert [masked(f"`{each}` is not there") for each in made] == [f"`{each}` is not there" for each in made]
    assert len(set(made)) == len(made)
    assert {len(each) for each in made} == {len("block-") + 12}
