"""Decisions of the past, looked at again: what was decided, why, and whether the same comes of it once more.

Everything rests on what the store kept: the record, its personal part while it is there, and the files of the bundle
that decided. The bundle that decides today has no part in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from callpolicy.audit import Remade, Remaking, Tree, canonical, is_sound, may_show, remake, restored
from callpolicy.audit.drafts import DECISION
from callpolicy.audit.snapshots import value_from
from callpolicy.decision import Decision
from callpolicy.engine import Explanation, Plan, compile_plan, decide, explain
from callpolicy.errors import AuditError, RuleFileError, UsageError
from callpolicy.facts import Catalogue, Privacy, Snapshot, Value
from callpolicy.matchers.base import Compile
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle
from callpolicy.rulefile import load_bundle_files
from callpolicy.stores.base import Kept, Store

_FACTS: Final = "facts/"
_RECHECK: Final = "recheck_at"


class Revisiting:
    """Past decisions of one store. What was read and compiled of a bundle is kept for the next decision.

    Args:
        store: the store.
        matcher: what decisions are made again with.
    """

    def __init__(self, store: Store, matcher: Compile = compile_indexed) -> None:
        self._store = store
        self._matcher = matcher
        self._bundles: dict[str, Bundle | None] = {}
        self._plans: dict[str, Plan] = {}

    def bundle(self, revision: str) -> Bundle | None:
        """The bundle that decided, or `None` if it is not kept, was changed, or cannot be read by this version.

        Args:
            revision: of the bundle.

        Raises:
            StoreError: the store failed.
        """
        if revision not in self._bundles:
            self._bundles[revision] = self._read(revision)
        return self._bundles[revision]

    def _read(self, revision: str) -> Bundle | None:
        files = self._store.revision(revision)
        try:
            bundle = None if files is None else load_bundle_files(files)
        except RuleFileError:
            return None
        # WHY compared: files that were changed since are not what decided.
        return bundle if bundle is not None and bundle.revision == revision else None

    def decision(self, kept: Kept) -> Decision | None:
        """The decision with the snapshot that it was made from; `None` if personal values were erased.

        Raises:
            AuditError: the record is of no decision, or was changed.
        """
        return restored(kept.record, kept.part, self._store.keys)

    def remade(self, kept: Kept) -> Remaking:
        """Make a decision again from what was kept, and compare the bytes.

        Raises:
            AuditError: the record is of no decision, or was changed.
            StoreError: the store failed.
        """
        recorded = self.decision(kept)
        if recorded is None:
            return Remaking(Remade.ERASED)
        plan = self._plan(recorded.revision)
        if plan is None:
            return Remaking(Remade.UNKNOWN_REVISION)
        result = self._remade_with(plan, kept, with_recheck=True)
        if result.difference == _RECHECK and recorded.recheck_at is None:
            # WHY once more: an engine may have been told not to say when to look again.
            return self._remade_with(plan, kept, with_recheck=False)
        return result

    def _remade_with(self, plan: Plan, kept: Kept, *, with_recheck: bool) -> Remaking:
        def again(snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str) -> Decision:
            return decide(
                plan, snapshot, point=point, call_id=call_id, decision_id=decision_id, with_recheck=with_recheck
            )

        return remake(kept.record, kept.part, self._store.keys, again)

    def shown(self, kept: Kept, *, clear: bool = False) -> Bundle | None:
        """The bundle that decided, with a catalogue that says what may be shown of this record; `None` as `bundle`.

        Args:
            kept: the record of a decision.
            clear: whether personal facts that the bundle itself declares clear may be shown; others never.
        """
        bundle = self.bundle(remnant(kept).revision)
        if bundle is None:
            return None
        # WHY also what was set apart: a fact that is not personal by itself may have shown somebody's number.
        privacy = dict.fromkeys(hidden_facts(kept), Privacy.PERSONAL)
        if clear:
            privacy |= dict.fromkeys(bundle.settings.clear, Privacy.INTERNAL)
        facts = (replace(each, privacy=privacy.get(each.name, each.privacy)) for each in bundle.catalogue)
        return replace(bundle, catalogue=Catalogue(facts, bundle.catalogue.relations))

    def explained(self, kept: Kept, *, clear: bool = False) -> Explanation:
        """Why a decision was what it was, in the words of the bundle that decided.

        Args:
            kept: the record of a decision.
            clear: see `shown`.

        Raises:
            AuditError: the record is of no decision, or was changed.
            UsageError: personal values were erased, or the bundle is not kept.
            StoreError: the store failed.
        """
        recorded = self.decision(kept)
        if recorded is None:
            raise UsageError("the personal values that the decision rests on were erased; it cannot be explained")
        plan, bundle = self._plan(recorded.revision), self.shown(kept, clear=clear)
        if plan is None or bundle is None:
            raise UsageError("the norm that decided is not kept as it was; the decision cannot be explained")
        found = explain(replace(plan, bundle=bundle), recorded)
        plain = remnant(kept)
        # WHY: what was set apart of the decision itself, such as the name of a fact from outside, is not shown either.
        own = replace(found.decision, input_faults=plain.input_faults, digest=plain.digest)
        return replace(found, decision=own)

    def _plan(self, revision: str) -> Plan | None:
        bundle = self.bundle(revision)
        if bundle is None:
            return None
        if revision not in self._plans:
            self._plans[revision] = compile_plan(bundle, self._matcher)
        return self._plans[revision]


def kept_bundle(store: Store, revision: str) -> Bundle | None:
    """The bundle of a revision as it was kept; see `Revisiting.bundle`."""
    return Revisiting(store).bundle(revision)


def decision_of(store: Store, kept: Kept) -> Decision | None:
    """A recorded decision with its snapshot, or `None` if personal values were erased; see `Revisiting.decision`."""
    return Revisiting(store).decision(kept)


def remade(store: Store, kept: Kept) -> Remaking:
    """A decision made again; see `Revisiting.remade`."""
    return Revisiting(store).remade(kept)


def explained(store: Store, kept: Kept) -> Explanation:
    """Why a decision was what it was; see `Revisiting.explained`."""
    return Revisiting(store).explained(kept)


def remnant(kept: Kept) -> Decision:
    """What the record of a decision says by itself, with the facts that are not personal; needs no personal part.

    Raises:
        AuditError: the record is of no decision, or was changed.
    """
    record = kept.record
    if record.kind != DECISION or not is_sound(record):
        raise AuditError("the record is not that of a decision, or was changed; nothing can be made from it")
    try:
        tree: dict[str, Tree] = {"digest": None, "input_faults": [], **record.body["decision"]}
        decision = Decision.from_json(canonical(cast(Tree, tree)))
        values = {name: value_from(each) for name, each in record.body["facts"].items()}
    except (KeyError, ValueError):
        raise AuditError("the record does not hold a decision") from None
    return replace(decision, snapshot=Snapshot(decision.at, values, {}, decision.input_faults))


def hidden_facts(kept: Kept) -> tuple[str, ...]:
    """Names of the facts whose values stand, or stood, in the personal part of a record."""
    return tuple(name.removeprefix(_FACTS) for name in kept.record.names if name.startswith(_FACTS))


def shown_facts(kept: Kept, bundle: Bundle | None) -> dict[str, Value]:
    """The facts that a decision was made from, as far as they may be shown; what is personal or erased is left out.

    Args:
        kept: the record of a decision.
        bundle: as `Revisiting.shown` gives it; without it nobody knows what is personal, and nothing is shown.

    Raises:
        AuditError: see `remnant`.
    """
    snapshot = remnant(kept).snapshot
    if bundle is None or snapshot is None:
        return {}
    return {name: snapshot.values[name] for name in sorted(snapshot.values) if may_show(name, bundle.catalogue)}
