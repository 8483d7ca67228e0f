"""The engine as a host uses it: events in, decisions out."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.audit import Chain
from callpolicy.decision import Decision
from callpolicy.engine import Explanation, Plan, RuleExplanation, compile_plan, explain, why_not
from callpolicy.errors import CallEventError, RuleFileError, UsageError
from callpolicy.events import CallEvent, Event, Offered
from callpolicy.facts import InputFault, snapshot_of
from callpolicy.identity import Identity
from callpolicy.instants import LATEST_EVENT
from callpolicy.lexicon import SignalFinder
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle
from callpolicy.rulefile import load_bundle, starter_norm
from callpolicy.runtime.blocks import listed_identities
from callpolicy.runtime.call import Call
from callpolicy.runtime.compiling import compiler
from callpolicy.runtime.crossing import refuse_disagreement
from callpolicy.runtime.deciding import Deciding, Step
from callpolicy.runtime.desk import WRITER as DESK_WRITER
from callpolicy.runtime.health import Health, Watch
from callpolicy.runtime.left_behind import left_behind
from callpolicy.runtime.recorder import Recorder, activation_draft, new_writer
from callpolicy.runtime.spool import Spool
from callpolicy.runtime.waiting import Waiting
from callpolicy.session import CallSession, State
from callpolicy.stores import open_store
from callpolicy.stores.base import Activation, Query, Store
from callpolicy.stores.memory import MemoryStore
from callpolicy.windows import retention
from callpolicy.wire import event_from_dict, facts_from_json

ENDED_KEPT: Final = 4_096
"""How many ended calls are kept for what is still said about them: a judgement, a final result."""

LIVE_KEPT: Final = 100_000
"""How many calls that never ended are kept; the oldest go first. A call that went is an unknown call."""

SYNC: Final = "sync"
BATCHED: Final = "batched"
DURABILITIES: Final = (SYNC, BATCHED)
"""When a decision is on disk: before it is returned, or within a bound."""

_LONGEST_WITHIN: Final = 60.0
_PRUNE_EVERY: Final = 8_192
_PRUNE_SOME_EVERY: Final = 256
"""Events after which history is pruned, of a store in memory and of another: there in small parts, for a call waits."""

_DAY: Final = 86_400_000_000


@dataclass(slots=True)
class _Live:
    session: CallSession
    decisions: int = 0
    last: Decision | None = None
    listed: tuple[Identity, ...] | None = None


def _now() -> int:
    return time.time_ns() // 1_000


def _compiled(bundle: Bundle | Path | str | None, matcher: str) -> Plan:
    if not isinstance(bundle, Bundle):
        bundle = starter_norm() if bundle is None else load_bundle(Path(bundle))
    return compile_plan(bundle, compiler(matcher))


def _look_at_arguments(digest_key: bytes | None, durability: str, within: float, writer: str | None) -> None:
    if digest_key is not None and not digest_key:
        raise UsageError("the digest key is empty; without a secret a digest tells what it was made from")
    if durability not in DURABILITIES:
        raise UsageError(f"there is no durability `{durability}`; there are {', '.join(DURABILITIES)}")
    # WHY type(): True is a number too.
    if type(within) not in (int, float) or not 0 < within <= _LONGEST_WITHIN:
        raise UsageError(f"`within` is a number of seconds above 0 and at most {_LONGEST_WITHIN:g}")
    if writer == DESK_WRITER:
        raise UsageError(f"the writer `{DESK_WRITER}` is that of the desk; two would write one chain")


def _opened(store: Store | str | None) -> Store:
    if store is None:
        return MemoryStore()
    return open_store(store) if isinstance(store, str) else store


class Engine:
    """One norm for all calls of a centre. Thread-safe: one decision is made at a time.

    Args:
        bundle: a bundle, or the folder of one; `None` for the starter norm that comes with the package. A plan, which
            engines may share, is a bundle that is compiled already, for a matcher of its own.
        store: where history, cases and list entries are kept: a store, or the URL of one (`sqlite:///callpolicy.db`,
            `postgresql+psycopg://…`, see `callpolicy.stores.open_store`); `None` for memory.
        matcher: `indexed` (default), `reference` or `rete`.
        digest_key: secret under which decisions carry a digest of their snapshot; without it they carry none.
        with_recheck: whether decisions say when to look again (`recheck_at`); bulk replay has no use for it.
        audit: whether every decision is recorded in the store; `None` for yes, unless the store is in memory.
        writer: under which name it is recorded; a name that no other process uses. `None` for a new one. A process that
            takes up the name of one that has ended goes on with its chain.
        durability: `sync`: a decision and what it rests on are on disk before it is returned. `batched`, for very busy
            nodes: they are within a bound of time; a crash loses what was decided since, but for blocks.
        within: the bound, in seconds, for `batched`.
        spool: folder for what a store does not take; `None` for one beside the file of SQLite, and for a server the
            folder in which programs keep their state.
        clock: tells the time at which a norm begins to decide, or a store to fail, in microseconds since
            1970-01-01T00:00:00Z.

    Raises:
        RuleFileError: the bundle cannot be used as written, or the matchers do not agree on it: where decisions are
            recorded, they are held against each other on every boundary before a revision goes live for the first time.
        UnsupportedConditionError: the matcher cannot hold its rules.
        UsageError: there is no such matcher or durability, the digest key is empty, the bound is none, the writer is
            that of the desk, or the URL is none of a store.
        StoreError: the store cannot be opened.
        MissingExtraError: what the store needs is not installed.
    """

    def __init__(  # noqa: PLR0913 - each of them has its default
        self,
        bundle: Bundle | Plan | Path | str | None = None,
        *,
        store: Store | str | None = None,
        matcher: str = "indexed",
        digest_key: bytes | None = None,
        with_recheck: bool = True,
        audit: bool | None = None,
        writer: str | None = None,
        durability: str = SYNC,
        within: float = 0.05,
        spool: Path | str | None = None,
        clock: Callable[[], int] = _now,
    ) -> None:
        _look_at_arguments(digest_key, durability, within, writer)
        self._lock = threading.RLock()
        self._plan = plan = bundle if isinstance(bundle, Plan) else _compiled(bundle, matcher)
        bundle = plan.bundle
        self._opened = store is None or isinstance(store, str)
        self._store: Store = _opened(store)
        self._clock = clock
        self._zone = ZoneInfo(bundle.settings.time_zone)
        self._finder = SignalFinder(bundle.lexicons)
        self._kinds = frozenset(window.over for window in bundle.windows)
        self._reach = max(retention(bundle.windows, at_least=_DAY) + _DAY, bundle.settings.retention.history or 0)
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._ended: OrderedDict[str, _Live] = OrderedDict()
        self._instants: list[int] = []
        self._store.declare(bundle.windows, self._zone, self._reach)
        self._in_memory = in_memory = isinstance(self._store, MemoryStore)
        audited = not in_memory if audit is None else audit
        self._waiting = Waiting(self._store, self._spool(spool), Watch(clock))
        self._waiting.adopt()
        if self._waiting.deliver_all():
            self._waiting.watch.over()
        self._deciding = Deciding(
            self._plan,
            self._store,
            self._waiting,
            self._recorder(writer) if audited else None,
            digest_key=digest_key,
            with_recheck=with_recheck,
            within=within if durability == BATCHED and not in_memory else None,
        )

    def _spool(self, folder: Path | str | None) -> Spool | None:
        place = self._store.spool_folder if folder is None else folder
        return None if place is None else Spool(Path(place), self._store.keys)

    def _recorder(self, writer: str | None) -> Recorder:
        """Who writes the audit trail from now on, and by which revision."""
        name = writer or new_writer()
        bundle = self.bundle
        if self._store.revision(bundle.revision) is None:
            # WHY only then: a revision that the store knows went live before, and was looked at then.
            self._refuse_disagreement()
        recorder = Recorder(Chain(self._store.head(name)), self._store.keys, self._plan)
        if name in self._waiting.writers():
            # WHY: what a dead process left of this chain is still to come, and must find its places free.
            recorder.begin_anew()
        now = self._clock()
        self._store.keep_revision(bundle.revision, bundle.files, Activation(now, bundle.revision, recorder.writer))
        pen = recorder.pen()
        pen.write(activation_draft(bundle.revision, now), bundle.revision)
        self._store.append(pen.kept)
        recorder.take(pen)
        return recorder

    def _refuse_disagreement(self) -> None:
        try:
            refuse_disagreement(self.bundle)
        except RuleFileError:
            if self._opened:
                self._store.close()
            raise

    @property
    def bundle(self) -> Bundle:
        """The norm that decides."""
        return self._plan.bundle

    @property
    def store(self) -> Store:
        """Where history, cases and list entries are kept."""
        return self._store

    def health(self) -> Health:
        """How it stands with the store, as of what was last asked of it; answers at once, also while it is waited for.

        What changes is told to the logger `callpolicy.stores` too.
        """
        return self._deciding.health()

    def flush(self) -> None:
        """Write what is decided and not written yet; there is something only if the durability is `batched`."""
        with self._lock:
            self._deciding.flush()

    def close(self) -> None:
        """Write what is decided and not written yet, and close the store if the engine opened it."""
        with self._lock:
            self._deciding.close()
            if self._opened:
                self._store.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

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
            self._enter(event.call_id, live)
            decision = self._deciding.step(self._step(event, live))
            live.last = decision
            live.decisions += 1
            self._sweep(event)
            return decision

    def _observe_next(self, call_id: str, tree: Mapping[str, object]) -> Decision:
        """Take in the next event of a call, numbered here, so that threads that report on one call lose nothing.

        Args:
            call_id: the call.
            tree: the event as JSON, see `callpolicy.wire`, without `call_id` and `seq`.

        Raises:
            CallEventError: see `observe`.
        """
        with self._lock:
            numbered = {**tree, "call_id": call_id, "seq": self.next_seq(call_id)}
            return self.observe(event_from_dict(numbered, self.bundle.catalogue))

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

        Raises:
            UsageError: there is no such decision point, or `at` is no instant.
        """
        if point not in tuple(DecisionPoint):
            raise UsageError(f"there is no such decision point; there are {', '.join(DecisionPoint)}")
        # WHY type(): True is an int too.
        if type(at) is not int or not 0 <= at <= LATEST_EVENT:
            raise UsageError("`at` must be whole microseconds from 1970 to 9999-12-29")
        catalogue = self.bundle.catalogue
        made = snapshot_of(catalogue, facts_from_json(catalogue, facts), at=at)
        taken = tuple(InputFault(name, "not-allowed") for name in _MADE if name in facts)
        if taken:
            faults = sorted((*made.input_faults, *taken), key=lambda fault: (fault.fact, fault.code))
            made = replace(made, input_faults=tuple(faults))
        return self._deciding.decided(made, DecisionPoint(point), call_id, decision_id, ())

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

    def _find(self, event: object) -> _Live:
        if not isinstance(event, CallEvent):
            raise CallEventError("wrong-type", "this is no event of `callpolicy.events`")
        live = self._live.get(event.call_id) or self._ended.get(event.call_id)
        if live is not None:
            return live
        if not isinstance(event, Offered):
            raise CallEventError(
                "unknown-call", f"`{event.name}` is about a call that was not offered, or ended long ago"
            )
        return _Live(CallSession(self.bundle.settings, self.bundle.catalogue, self._finder))

    def _step(self, event: Event, live: _Live) -> Step:
        session = live.session
        attributes = session.attributes
        if live.listed is None:
            live.listed = listed_identities(session.identities, self.bundle.settings)
        at = max(event.at, session.at)
        return Step(
            session,
            Query(session.call_id, session.identities, attributes, session.case_id, at, live.listed),
            left_behind(event, session, attributes, self._kinds),
            f"{session.call_id}#{live.decisions}",
        )

    def _enter(self, call_id: str, live: _Live) -> None:
        if call_id in self._live or call_id in self._ended:
            return
        if len(self._live) >= LIVE_KEPT:
            self._live.popitem(last=False)
        self._live[call_id] = live

    def _sweep(self, event: CallEvent) -> None:
        if event.call_id in self._live and self._live[event.call_id].session.state is State.ENDED:
            self._ended[event.call_id] = self._live.pop(event.call_id)
            if len(self._ended) > ENDED_KEPT:
                self._ended.popitem(last=False)
        self._instants.append(event.at)
        if len(self._instants) >= (_PRUNE_EVERY if self._in_memory else _PRUNE_SOME_EVERY):
            # WHY the middle: one event with a wrong date must not make everybody's history disappear.
            now = sorted(self._instants)[len(self._instants) // 2]
            self._instants.clear()
            # WHY caught: what is not pruned now is pruned next time, and no call must wait for it.
            try:
                self._store.prune_some(now - self._reach)
            except Exception as error:
                self._waiting.watch.unpruned(error)


_MADE: Final = ("caller.class", "caller.kind")
