"""The benchmark of the stores: every decision is made, every figure is there."""

import json
from pathlib import Path

import pytest

from benchmarks import stores
from benchmarks.stores import EACH, grids, measure, number_of, ratios
from callpolicy.identity import Identity, IdentityKind
from callpolicy.stores import open_store
from callpolicy.stores.base import Query


def test_a_small_run_gives_every_figure(tmp_path: Path) -> None:
    found = measure(2_000, 20, tmp_path, None)

    names = ("bare commit of SQLite", "memory", "sqlite", "sqlite-batched")
    assert all(0 < found[f"{name} p50"] <= found[f"{name} p99"] for name in names)
    assert found["pruned rows"] == pytest.approx(2_000 / EACH / 40, abs=8)
    assert [target for _, _, target, _ in ratios(found)] == ["≤ 3", "≤ 1"]
    assert len([grid.markdown() for grid in grids(found)]) == 3
    json.dumps(found)


def test_a_run_without_what_writes_beside_has_one_ratio(tmp_path: Path) -> None:
    found = measure(200, 20, tmp_path, None, lap=1, batched=False)

    assert not [name for name in found if "batched" in name]
    assert [target for _, _, target, _ in ratios(found)] == ["≤ 3"]
    assert len([grid.markdown() for grid in grids(found)]) == 3


def test_what_is_filled_in_is_found_by_a_decision(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/filled.db"
    stores.fill(url, 1_000)
    store = open_store(url)
    caller = Identity(IdentityKind.NUMBER, number_of(7))

    kept = store.database.read("SELECT count(*), count(DISTINCT who) FROM callpolicy_history", {})
    own = store.database.read(
        "SELECT count(*) FROM callpolicy_history WHERE who = :who", {"who": store.tables.names.who(caller)}
    )

    assert (kept[0], own[0][0]) == ((1_000, 100), EACH)
    assert store.background(Query("now", (caller,), {}, None, stores.START)).standing is not None
    store.close()
