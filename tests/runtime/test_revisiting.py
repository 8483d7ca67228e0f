"""A decision of the past is shown and made again from what was kept of it, whatever the norm says today."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from callpolicy.audit import Remade
from callpolicy.errors import AuditError, UsageError
from callpolicy.points import Effect
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime import Engine
from callpolicy.runtime.revisiting import (
    Revisiting,
    decision_of,
    explained,
    hidden_facts,
    kept_bundle,
    remade,
    remnant,
    shown_facts,
)
from callpolicy.stores import open_store
from callpolicy.stores.base import Kept, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.stores.sql import SqlStore
from tests.runtime.lived import BLOCKED, DAY, LIVE, copied, lift, live, lived_in
from tests.runtime.norms import norm, offered


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_in(tmp_path_factory.mktemp("day"))


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{copied(template, tmp_path)}", create=False)
    yield opened
    opened.close()


def decisions(store: Store) -> list[Kept]:
    return [kept for kept in store.records() if kept.record.kind == "decision"]


def restricted(store: Store) -> Kept:
    return next(
        kept
        for kept in decisions(store)
        if remnant(kept).effect is Effect.HANG_UP and "caller.number" in hidden_facts(kept)
    )


@pytest.mark.untraced
def test_every_decision_of_a_day_is_made_again_byte_for_byte(store: SqlStore) -> None:
    revisiting = Revisiting(store)

    results = {revisiting.remade(kept).result for kept in decisions(store)}

    assert results == {Remade.SAME}
    assert len(decisions(store)) > 500


def test_a_decision_comes_back_with_what_it_was_made_from(store: SqlStore) -> None:
    kept = restricted(store)

    decision = decision_of(store, kept)

    assert decision is not None
    assert decision.snapshot is not None
    assert decision.decision_id == kept.ref
    assert str(decision.snapshot.values["caller.number"]).startswith("+")


def test_an_explanation_gives_the_rule_and_its_reason_and_masks_the_caller(store: SqlStore) -> None:
    explanation = explained(store, restricted(store))

    hangup = next(stage for stage in explanation.stages if stage.result.outcome.effect is Effect.HANG_UP)
    determining = next(rule for rule in hangup.rules if rule.role == "determining")
    assert determining.id == "nuisance_persists_after_warning"
    assert "1" in determining.because["en"]
    assert {"zh-CN", "en"} <= set(determining.because)


def test_erased_is_said_and_what_is_left_is_told(store: SqlStore) -> None:
    ref = restricted(store).ref
    store.erase(parts=LIVE + 10 * DAY)
    (kept,) = store.find(ref)

    assert remade(store, kept).result is Remade.ERASED
    assert decision_of(store, kept) is None
    with pytest.raises(UsageError, match="were erased"):
        explained(store, kept)
    bundle = Revisiting(store).shown(kept)
    facts = shown_facts(kept, bundle)
    assert remnant(kept).effect is Effect.HANG_UP
    assert facts["talk.warnings"] == 1
    assert "caller.number" not in facts
    assert "caller.number" in hidden_facts(kept)


def test_a_revision_that_is_gone_is_unknown(store: SqlStore, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "day.db") as database:
        database.execute("DELETE FROM callpolicy_revisions")
    kept = restricted(store)

    assert kept_bundle(store, remnant(kept).revision) is None
    assert remade(store, kept).result is Remade.UNKNOWN_REVISION
    with pytest.raises(UsageError, match="is not kept"):
        explained(store, kept)
    assert shown_facts(kept, None) == {}


def test_files_of_a_revision_that_were_changed_are_not_taken_for_what_decided(store: SqlStore, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(starter_folder(), changed)
    policy = changed / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("region: CN", "region: US"), encoding="utf-8")
    other = load_bundle(changed)
    kept = restricted(store)
    kept_as = {name: other.files[name] for name in other.files}

    class Changed:
        keys = store.keys

        def revision(self, revision: str) -> dict[str, bytes]:
            return kept_as

    assert kept_bundle(Changed(), remnant(kept).revision) is None  # type: ignore[arg-type]  # all that is asked of it
    assert kept_bundle(Changed(), other.revision) is not None  # type: ignore[arg-type]  # as above


@pytest.mark.untraced
def test_a_norm_that_was_edited_meanwhile_has_no_part_in_old_decisions(store: SqlStore, tmp_path: Path) -> None:
    edited = tmp_path / "my-norm"
    shutil.copytree(starter_folder(), edited)
    rule = edited / "hangup" / "nuisance_persists_after_warning.yaml"
    rule.write_text(rule.read_text("utf-8").replace("priority: 90", "priority: 89"), encoding="utf-8")
    old = {kept.ref: explained(store, kept).to_dict() for kept in [restricted(store)]}
    live(store, edited, writer="ivr-2", at=LIVE + DAY, events=120)

    revisiting = Revisiting(store)
    revisions = {remnant(kept).revision for kept in decisions(store)}

    assert len(revisions) == 2
    assert {revisiting.remade(kept).result for kept in decisions(store)} == {Remade.SAME}
    again = {ref: explained(store, store.find(ref)[0]).to_dict() for ref in old}
    assert again == old


def test_a_record_that_was_changed_gives_nothing(store: SqlStore) -> None:
    kept = restricted(store)
    (other,) = store.records("desk")
    changed = kept._replace(record=other.record)

    for ask in (decision_of, remade, explained):
        with pytest.raises(AuditError):
            ask(store, changed)
    with pytest.raises(AuditError):
        remnant(changed)


def test_a_fact_that_showed_the_number_is_not_shown_though_it_is_not_personal() -> None:
    store = MemoryStore()
    engine = Engine(norm(), store=store, audit=True)
    engine.observe(offered("c1", LIVE, "+1 212 555 0142", topic="back to 12125550142"))
    (kept,) = decisions(store)

    snapshot = remnant(kept).snapshot
    assert "call.topic" in hidden_facts(kept)
    assert snapshot is not None
    assert "call.topic" not in snapshot.values


def test_an_act_keeps_its_words_apart(store: SqlStore) -> None:
    (kept,) = store.find("block-1")

    assert BLOCKED not in str(kept.record)
    lift(store)
    assert len(store.find("block-1")) == 2
