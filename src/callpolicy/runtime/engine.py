"""The engine as a host uses it: events in, decisions out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.audit import snapshot_digest
from callpolicy.decision import Decision
from callpolicy.engine import (
    Explanation,
    RuleExplanation,
    compile_plan,
    decide,
    explain,
    let_through,
    why_not,
)
from callpolicy.errors import CallEventError, UsageError
from callpolicy.events import CallEvent, CaseLinked, Event, Judged, Offered
from callpolicy.facts import InputFault, Snapshot, snapshot_of
from callpolicy.lexicon import SignalFinder
from callpolicy.lists import Entry, ListName, end_of_term
from callpolicy.matchers.base import Compile
from callpolicy.points import RESTRICTIVE, DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle, By, Outcome, Settings, Term
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime.call import Call
from callpolicy.runtime.surroundings import Courses, background_facts
from callpolicy.session import CallSession, State
from callpolicy.stores.base import Background, Query, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.windows import CALLS, JUDGED, Item, retention
from callpolicy.wire import facts_from_json

ENDED_KEPT: Final = 4_096
"""How many ended calls are kept for what is still said about them: a judgement, a final result."""

LIVE_KEPT: Final = 100_000
"""How many calls that never ended are kept; the oldest go first. A call that went is an unknown call."""

MATCHERS: Final = ("indexed", "reference", "rete")
"""The matchers that an engine can run on."""

_PRUNE_EVERY: Final = 8_192
_DAY: Final = 86_400_000_000


@dataclass(slots=True)
class _Live:
    session: CallSession
    decisions: int = 0
    last: Decision | None = None


def compiler(matcher: str) -> Compile:
    """How conditions are compiled for a matcher, by its name.

    Raises:
        UsageError: there is no such matcher.
    """
    match matcher:
        case "indexed":
            from callpolicy.matchers.indexed import compile_indexed  # noqa: PLC0415  # WHY: only the matcher in use

            return compile_indexed
        case "reference":
            from callpolicy.matchers.reference import compile_reference  # noqa: PLC0415  # WHY: as above

            return compile_reference
        case "rete":
            from callpolicy.matchers.rete import compile_rete  # noqa: PLC0415  # WHY: needs a compiled extension

            return compile_rete
        case _:
            raise UsageError(f"there is no matcher `{matcher}`; there are {', '.join(MATCHERS)}")


class Engine:
    """One norm for all calls of a centre. Thread-safe: one decision is made at a time.

    Args:
        bundle: a bundle, or the folder of one; `None` for the starter norm that comes with the package.
        store: where history, cases and list entries are kept; `None` for memory.
        matcher: `indexed` (default), `reference` or `rete`.
        digest_key: secret under which decisions carry a digest of their snapshot; without it they carry none.
        with_recheck: whether decisions say when to look again (`recheck_at`); bulk replay has no use for it.

    Raises:
        RuleFileError: the bundle cannot be used as written.
        UnsupportedConditionError: the matcher cannot hold its rules.
        UsageError: there is no such matcher.
    """

    def __init__(
        self,
        bundle: Bundle | Path | str | None = None,
        *,
        store: Store | None = None,
        matcher: str = "indexed",
        digest_key: bytes | None = None,
        with_recheck: bool = True,
    ) -> None:
        if not isinstance(bundle, Bundle):
            bundle = load_bundle(starter_folder() if bundle is None else Path(bundle))
        self._lock = threading.RLock()
        self._plan = compile_plan(bundle, compiler(matcher))
        self._store: Store = MemoryStore() if store is None else store
        self._zone = ZoneInfo(bundle.settings.time_zone)
        self._finder = SignalFinder(bundle.lexicons)
        self._digest_key = digest_key
        self._with_recheck = with_recheck
        self._kinds = frozenset(window.over for window in bundle.windows)
        self._reach = retention(bundle.windows, at_least=_DAY) + _DAY
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._ended: OrderedDict[str, _Live] = OrderedDict()
        self._received = 0
        self._latest = 0
        self._store.declare(bundle.windows, self._zone, self._reach)

    @property
    def bundle(self) -> Bundle:
        """The norm that decides."""
        return self._plan.bundle

    @property
    def store(self) -> Store:
        """Where history, cases and list entries are kept."""
        return self._store

    def call(self, call_id: str) -> Call:
        """A handle on one call, which numbers its events by itself."""
        return Call(self, call_id)

    def observe(self, event: Event) -> Decision:
        """Take in what happened on a call, and decide.

        An event that was taken in before changes nothing and gives the call's last decision again.

        Args:
            event: what happened; the first event of a call is `Offered`.

        Returns:
            the decision of the decision point that the call is at now.

        Raises:
            CallEventError: the call is not known, or the event cannot follow what happened before; nothing is lost
                and the call goes on as it was.
        """
        with self._lock:
            live = self._find(event)
            if not live.session.receive(event) and live.last is not None:
                return live.last
            if event.call_id not in self._ended:
                self._live[event.call_id] = live
            attributes = live.session.attributes
            kept = self._keep(event, live.session, attributes)
            decision = self._decide(live, attributes, max(event.at, live.session.at), () if kept else ("store",))
            live.last = decision
            live.decisions += 1
            self._sweep(event)
            return decision

    def next_seq(self, call_id: str) -> int:
        """The number that the next event of a call should have."""
        with self._lock:
            live = self._live.get(call_id) or self._ended.get(call_id)
            return 0 if live is None else live.session.next_seq

    def decide(
        self,
        facts: Mapping[str, object],
        *,
        point: DecisionPoint | str,
        at: int,
        call_id: str = "",
        decision_id: str = "",
    ) -> Decision:
        """Decide on given facts alone: no call, no history, nothing is kept.

        Args:
            facts: fact name to value; durations in microseconds or as text (`2s`), instants in microseconds or as
                RFC 3339 text. What is not given is unknown; a value that cannot be is unknown and listed.
            point: the decision point.
            at: the instant, in microseconds.
            call_id: given to the decision.
            decision_id: given to the decision.
        """
        catalogue = self.bundle.catalogue
        snapshot = snapshot_of(catalogue, facts_from_json(catalogue, facts), at=at)
        made = tuple(InputFault(name, "not-allowed") for name in _MADE if name in facts)
        if made:
            snapshot = replace(snapshot, input_faults=(*snapshot.input_faults, *made))
        return self._decided(snapshot, DecisionPoint(point), call_id, decision_id, ())

    def explain(self, decision: Decision) -> Explanation:
        """Why a decision is what it is; see `Explanation`.

        Raises:
            UsageError: the decision carries no snapshot, or was made by another revision.
        """
        return explain(self._plan, decision)

    def why_not(self, decision: Decision, rule_id: str) -> RuleExplanation:
        """Why a rule did not match, or did not win, in a decision.

        Raises:
            UsageError: there is no such rule at that decision point; or see `explain`.
        """
        return why_not(self._plan, decision, rule_id)

    def _find(self, event: CallEvent) -> _Live:
        live = self._live.get(event.call_id) or self._ended.get(event.call_id)
        if live is not None:
            return live
        if not isinstance(event, Offered):
            raise CallEventError(
                "unknown-call", f"`{event.name}` is about a call that was not offered, or ended long ago"
            )
        if len(self._live) >= LIVE_KEPT:
            self._live.popitem(last=False)
        return _Live(CallSession(self.bundle.settings, self.bundle.catalogue, self._finder))

    def _keep(self, event: Event, session: CallSession, attributes: Mapping[str, str]) -> bool:
        """Leave behind what the windows over other calls will ask for; whether the store took it."""
        kind = _kind(event)
        try:
            if kind in self._kinds and session.identities:
                self._store.add(session.identities, _item(event, kind, attributes))
            if session.case_id is not None:
                self._keep_cases(event, session)
        except Exception:  # WHY: whatever a store does, the call goes on, and its decision says so
            return False
        return True

    def _keep_cases(self, event: Event, session: CallSession) -> None:
        """A case hears of a call from the call's beginning on, also when the call turns to another case."""
        linked = {each.case_id for each in session.events if isinstance(each, CaseLinked)}
        for case_id in sorted(linked):
            for each in session.events if isinstance(event, CaseLinked) else (event,):
                self._store.receive_case(case_id, each, session.agent)

    def _decide(self, live: _Live, attributes: Mapping[str, str], at: int, failed: tuple[str, ...]) -> Decision:
        session = live.session
        call_id = session.call_id
        decision_id = f"{call_id}#{live.decisions}"
        background: Background | None = None
        try:
            background = self._store.background(Query(call_id, session.identities, attributes, session.case_id, at))
        except Exception:  # WHY: whatever a store does, the caller goes through to a person
            failed = ("store",)
        values, courses = ({}, {}) if background is None else background_facts(background)
        seen = session.snapshot(at, values, courses)
        if background is not None and background.readings:
            seen = Snapshot(at, seen.values, Courses(seen.courses, background.readings), seen.input_faults)
        decision = self._decided(seen, session.point, call_id, decision_id, failed)
        if background is None or self._act(decision, session, background):
            return decision
        return self._passed(seen, decision.point, call_id, decision_id, ("store",))

    def _decided(
        self, snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str, failed: tuple[str, ...]
    ) -> Decision:
        plan = self._plan
        try:
            decision = decide(
                plan,
                snapshot,
                point=point,
                call_id=call_id,
                decision_id=decision_id,
                digest=snapshot_digest(snapshot, self._digest_key) if self._digest_key else None,
                with_recheck=self._with_recheck,
            )
        except Exception:  # WHY: an error of ours never costs a caller
            failed = (*failed, "engine")
            decision = None
        if decision is not None and not failed:
            return decision
        if decision is not None and not any(result.outcome.effect in RESTRICTIVE for result in decision.stages):
            return replace(decision, failed=failed)
        return self._passed(snapshot, point, call_id, decision_id, failed)

    def _passed(
        self, snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str, failed: tuple[str, ...]
    ) -> Decision:
        return let_through(self._plan, snapshot, point=point, call_id=call_id, decision_id=decision_id, failed=failed)

    def _act(self, decision: Decision, session: CallSession, background: Background) -> bool:
        """Write the block that the system is to make, unless one lasts as long already; whether the store took it."""
        result = decision.stage(Stage.BLOCKLIST)
        if result is None or result.outcome.effect is not Effect.BLOCK or result.outcome.by is not By.SYSTEM:
            return True
        entry = block_entry(decision, result.outcome, result.determining, session, self.bundle.settings)
        if entry is None or _covered(background, entry):
            return True
        try:
            self._store.put_entry(entry)
        except Exception:  # WHY: nobody is turned away by a block that is nowhere on record
            return False
        return True

    def _sweep(self, event: CallEvent) -> None:
        if event.call_id in self._live and self._live[event.call_id].session.state is State.ENDED:
            self._ended[event.call_id] = self._live.pop(event.call_id)
            if len(self._ended) > ENDED_KEPT:
                self._ended.popitem(last=False)
        self._latest = max(self._latest, event.at)
        self._received += 1
        if self._received % _PRUNE_EVERY == 0:
            # WHY suppressed: what is not pruned now is pruned next time, and no call must wait for it.
            with suppress(Exception):
                self._store.prune(self._latest - self._reach)


_MADE: Final = ("caller.class", "caller.kind")


def _kind(event: Event) -> str:
    """The kind of history item that an event leaves behind."""
    if isinstance(event, Offered):
        return CALLS
    return JUDGED if isinstance(event, Judged) else event.name


def _item(event: Event, kind: str, known: Mapping[str, str]) -> Item:
    attributes = {**known, "call_id": event.call_id}
    if isinstance(event, Judged):
        attributes["class"] = event.class_
    for name in ("kind", "topic", "by", "cause"):
        value = getattr(event, name, None)
        if value is not None:
            attributes[name] = str(value)
    return Item(event.at, event.call_id, event.seq, kind, tuple(sorted(attributes.items())))


def block_entry(
    decision: Decision, outcome: Outcome, evidence: tuple[str, ...], session: CallSession, settings: Settings
) -> Entry | None:
    """The blocklist entry that a decision of the system makes, or `None` if there is nobody to put on a list."""
    own = {identity.kind: identity for identity in session.identities}
    identity = next((own[kind] for kind in settings.list_identities if kind in own), None)
    if identity is None or outcome.term is None:
        return None
    if isinstance(outcome.term, Term):
        until = end_of_term(decision.at, str(outcome.term), ZoneInfo(settings.time_zone))
    else:
        until = decision.at + outcome.term
    return Entry(
        entry_id=f"block:{decision.decision_id}",
        on=ListName.BLOCKLIST,
        identity=identity,
        since=decision.at,
        until=until,
        reason=", ".join(evidence),
        owner="system",
        evidence=(decision.decision_id,),
    )


def _covered(background: Background, entry: Entry) -> bool:
    block = background.standing.block if background.standing else None
    if block is None:
        return False
    return block.until is None or (entry.until is not None and block.until >= entry.until)
