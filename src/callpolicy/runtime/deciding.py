"""One event of a call and the store: what it leaves behind, what is known, the decision, its record: one transaction.

When the store fails the caller goes through to a person; what was to be kept waits, and is kept later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from callpolicy.audit import snapshot_digest
from callpolicy.decision import Decision
from callpolicy.engine import Plan, decide, let_through
from callpolicy.errors import AuditError, GovernanceError
from callpolicy.facts import Snapshot
from callpolicy.identity import Identity
from callpolicy.lifecycle import Block
from callpolicy.lists import Subject
from callpolicy.points import RESTRICTIVE, DecisionPoint
from callpolicy.runtime.batching import Batch
from callpolicy.runtime.blocks import block_wanted, is_enough, system_block
from callpolicy.runtime.health import Health
from callpolicy.runtime.keeping import UNFIT, Keep, KeepItem, KeepRecord, UnfitError, keep_all, keep_each, without
from callpolicy.runtime.recorder import UNRECORDED, Pen, Recorder, block_draft, failure_draft, lost_draft
from callpolicy.runtime.surroundings import background_facts
from callpolicy.runtime.waiting import Waiting
from callpolicy.session import CallSession
from callpolicy.stores.base import AGAIN, Background, Query, Store, Turn


class Step(NamedTuple):
    """What one event of a call asks for.

    Args:
        session: the call, with the event taken in.
        query: what a decision wants to know of the other calls.
        keeps: what the event leaves behind.
        decision_id: given to the decision.
    """

    session: CallSession
    query: Query
    keeps: tuple[Keep, ...]
    decision_id: str

    @property
    def whom(self) -> tuple[Identity | str, ...]:
        """Whose decisions this is one of."""
        case_id = self.query.case_id
        return self.query.identities if case_id is None else (*self.query.identities, case_id)


@dataclass(frozen=True, slots=True)
class _Made:
    decision: Decision
    pen: Pen | None


class Deciding:
    """Makes decisions with a store. Used under the engine's lock.

    Args:
        plan: the compiled norm.
        store: the store.
        waiting: what the store did not take.
        recorder: the audit trail; `None` if none is kept.
        digest_key: secret under which decisions carry a digest of their snapshot.
        with_recheck: whether decisions say when to look again.
        within: how long a decision may wait for its write, in seconds; `None` to write it before it is returned.
    """

    def __init__(
        self,
        plan: Plan,
        store: Store,
        waiting: Waiting,
        recorder: Recorder | None,
        *,
        digest_key: bytes | None,
        with_recheck: bool,
        within: float | None,
    ) -> None:
        self._plan = plan
        self._store = store
        self._waiting = waiting
        self._recorder = recorder
        self._digest_key = digest_key
        self._with_recheck = with_recheck
        self._batch = None if within is None else Batch(self._write, within)
        self._cut: set[str] = set()

    def step(self, step: Step) -> Decision:
        """Decide on one event, and keep what it leaves behind."""
        try:
            return self._decided_on(step)
        except BaseException:
            # WHY: the process is told to stop in the middle; what happened on the call is not lost by it.
            if self._recorder is not None:
                self._recorder.begin_anew()
            self._waiting.put(step.keeps)
            raise

    def _decided_on(self, step: Step) -> Decision:
        waiting = self._waiting
        # WHY attributes: nearly always nothing waits, and this is asked for every event.
        if waiting.busy and (not waiting.deliver() or waiting.is_about(step.whom)):
            return self._apart(step)
        if waiting.given_up:
            self._say_what_was_lost(step.query.at)
        return self._at_once(step) if self._batch is None else self._in_batch(step, self._batch)

    def flush(self) -> None:
        """Write what a busy node has not written yet."""
        if self._batch is not None:
            self._batch.flush()

    def close(self) -> None:
        """Write what is not written yet; from now on everything is written at once."""
        if self._batch is not None:
            self._batch.close()
        watch = self._waiting.watch
        if self._waiting.deliver_all() and watch.delivered:
            watch.over()
        watch.left(len(self._waiting), self._waiting.spooled)
        self._waiting.close()

    def health(self) -> Health:
        """How it stands with the store; waits for nobody."""
        waiting = self._waiting
        unwritten = 0 if self._batch is None else len(self._batch)
        return waiting.watch.health(waiting=len(waiting), spooled=waiting.spooled, unwritten=unwritten)

    def _answered(self) -> None:
        """The store answered as it should."""
        if not self._waiting.busy:
            self._waiting.watch.over()

    # ---- before the decision is returned

    def _at_once(self, step: Step) -> Decision:
        try:
            made = self._store.turn(lambda turn: self._within(turn, step), step.query.identities)
        except UnfitError as unfit:
            # WHY without it: the store is well, and what it will never take holds up nobody.
            self._waiting.give_up(1, UNFIT)
            return self._at_once(step._replace(keeps=without(step.keeps, unfit.keep)))
        except Exception as error:  # WHY: whatever a store does, the caller goes through to a person
            self._waiting.watch.failed(error)
            return self._apart(self._after_failure(step))
        if self._waiting.watch.failing:
            self._answered()
        if self._recorder is not None and made.pen is not None:
            self._recorder.take(made.pen)
        return made.decision

    def _after_failure(self, step: Step) -> Step:
        if self._recorder is None:
            return step
        self._recorder.begin_anew()
        # WHY another id: the store may have kept the decision that nobody was given, and its record names that one.
        return step._replace(decision_id=f"{step.decision_id}{AGAIN}")

    def _within(self, turn: Turn, step: Step) -> _Made:
        keep_each(turn, step.keeps)
        return self._decided_in(turn, step, turn.background(step.query))

    def _decided_in(self, turn: Turn, step: Step, background: Background) -> _Made:
        made = self._penned(self._with_background(step, background))
        block: Block | None = None
        if not made.decision.failed and block_wanted(made.decision) is not None:
            made, block = self._blocked(turn, made, step, background)
        if made.pen is not None:
            turn.append(made.pen.kept)
        if block is not None:
            turn.put_block(block)
        return made

    def _blocked(self, turn: Turn, made: _Made, step: Step, background: Background) -> tuple[_Made, Block | None]:
        decision, listed, bundle = made.decision, step.query.listed or (), self._plan.bundle
        if not listed or is_enough(decision, background.standing, bundle.settings):
            return made, None
        covering = turn.overlapping(Subject(listed[0]))
        try:
            block = system_block(decision, listed[0], covering, bundle)
            if block is not None and made.pen is not None:
                made.pen.write(block_draft(block, str(block.steps[-1].move)), block.block_id)
        except GovernanceError:
            # WHY: nobody is turned away by a block that the norm does not let the system make.
            return self._penned(self._passed_if_restrictive(decision, "governance")), None
        except AuditError:
            return self._penned(self._passed_if_restrictive(decision, "audit")), None
        except Exception:  # WHY: an error of ours never costs a caller
            return self._penned(self._passed_if_restrictive(decision, "engine")), None
        return made, block

    # ---- within a bound

    def _in_batch(self, step: Step, batch: Batch) -> Decision:
        if any(not isinstance(keep, KeepItem) for keep in step.keeps) or batch.is_about(step.whom, step.query.call_id):
            batch.put(step.keeps)
            batch.flush()
            step = step._replace(keeps=())
        if self._waiting.busy:
            return self._apart(step)
        try:
            background = self._store.background(step.query)
            decision = self._with_background(step, background)
        except Exception as error:  # WHY: whatever a store does, the caller goes through to a person
            self._waiting.watch.failed(error)
            return self._apart(step)
        if self._waiting.watch.failing:
            self._answered()
        if block_wanted(decision) is not None:
            # WHY at once: a block, and the call that it turns away, must not be forgotten in a crash.
            batch.flush()
            return self._after_all_others(step)
        made = self._penned(decision)
        if self._recorder is not None and made.pen is not None:
            self._recorder.take(made.pen)
        batch.put([*step.keeps, *_records(made)])
        return made.decision

    def _after_all_others(self, step: Step) -> Decision:
        return self._apart(step) if self._waiting.busy else self._at_once(step)

    def _write(self, keeps: Sequence[Keep]) -> None:
        whole = [keep for keep in keeps if not (isinstance(keep, KeepRecord) and keep.kept.record.writer in self._cut)]
        self._waiting.give_up(len(keeps) - len(whole), "the record before them found no room")
        if self._waiting.busy:
            # WHY: what waits is older.
            self._put_aside(whole)
            return
        try:
            self._waiting.give_up(keep_all(self._store, whole), UNFIT)
        except Exception as error:  # WHY: as above; nothing of it is lost
            self._waiting.watch.failed(error)
            self._put_aside(whole)
        except BaseException:
            self._put_aside(whole)
            raise

    def _put_aside(self, keeps: Sequence[Keep]) -> None:
        if not self._waiting.put(keeps):
            # WHY: a chain that lost a record ends there; with a gap it would look as if somebody had cut it.
            self._cut |= {keep.kept.record.writer for keep in keeps if isinstance(keep, KeepRecord)}

    # ---- without the store

    def _apart(self, step: Step) -> Decision:
        decision = self.decided(
            step.session.snapshot(step.query.at, {}, {}),
            step.session.point,
            step.query.call_id,
            step.decision_id,
            ("store",),
        )
        made = self._penned(decision, beside=True)
        if self._batch is not None:
            # WHY: what was decided before waits before.
            self._batch.flush()
        taken = self._waiting.put([*step.keeps, *_records(made)])
        if taken and self._recorder is not None and made.pen is not None:
            self._recorder.take(made.pen)
        return made.decision

    def _say_what_was_lost(self, at: int) -> None:
        lost = self._waiting.given_up
        if self._recorder is None:
            return
        self.flush()
        if self._waiting.busy:
            return
        pen = self._pen(self._recorder)
        pen.write(lost_draft(lost, at), "")
        try:
            self._store.append(pen.kept)
        except Exception as error:  # WHY: it is said with the next event, once more if the store had kept it
            self._waiting.watch.failed(error)
            self._recorder.begin_anew()
            return
        self._recorder.take(pen)
        self._waiting.told(lost)

    # ---- the decision

    def _with_background(self, step: Step, background: Background) -> Decision:
        values, courses = background_facts(background, with_courses=self._with_recheck)
        seen = step.session.snapshot(step.query.at, values, courses)
        return self.decided(seen, step.session.point, step.query.call_id, step.decision_id, ())

    def decided(
        self, snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str, failed: tuple[str, ...]
    ) -> Decision:
        """The decision on a snapshot; nothing restrictive if something failed.

        Args:
            snapshot: what is known.
            point: the decision point.
            call_id: the call.
            decision_id: given to the decision.
            failed: what failed before.
        """
        try:
            decision = decide(
                self._plan,
                snapshot,
                point=point,
                call_id=call_id,
                decision_id=decision_id,
                digest=snapshot_digest(snapshot, self._digest_key) if self._digest_key else None,
                with_recheck=self._with_recheck,
            )
        except Exception:  # WHY: an error of ours never costs a caller
            return self._passed(snapshot, point, call_id, decision_id, (*failed, "engine"))
        if not failed:
            return decision
        if not is_restrictive(decision):
            return replace(decision, failed=failed)
        return self._passed(snapshot, point, call_id, decision_id, failed)

    def _passed(
        self, snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str, failed: tuple[str, ...]
    ) -> Decision:
        return let_through(self._plan, snapshot, point=point, call_id=call_id, decision_id=decision_id, failed=failed)

    def _passed_if_restrictive(self, decision: Decision, code: str) -> Decision:
        failed = (*decision.failed, code)
        # INVARIANT: every decision that is made here carries the snapshot it was made from.
        if decision.snapshot is None or not is_restrictive(decision):
            return replace(decision, failed=failed)
        return self._passed(decision.snapshot, decision.point, decision.call_id, decision.decision_id, failed)

    # ---- the record

    def _pen(self, recorder: Recorder, *, beside: bool = False) -> Pen:
        if recorder.writer in self._cut:
            recorder.begin_anew()
        return recorder.pen(beside=beside)

    def _penned(self, decision: Decision, *, beside: bool = False) -> _Made:
        """A decision with the record of it; one that cannot be recorded restricts nobody."""
        if self._recorder is None:
            return _Made(decision, None)
        pen = self._pen(self._recorder, beside=beside)
        try:
            pen.write(self._recorder.draft_of(decision), decision.decision_id)
        except Exception:  # WHY: whatever cannot be written, it costs no caller anything
            decision = self._passed_if_restrictive(decision, "audit")
            # WHY no ref: the ids of the decision may be what shows the person.
            pen.write(failure_draft(decision, "masking"), UNRECORDED)
        return _Made(decision, pen)


def _records(made: _Made) -> list[Keep]:
    return [] if made.pen is None else [KeepRecord(each) for each in made.pen.kept]


def is_restrictive(decision: Decision) -> bool:
    """Whether any stage of a decision restricts the caller."""
    return any(result.outcome.effect in RESTRICTIVE for result in decision.stages)
