"""A recorded decision is made again from its record, byte for byte; what cannot be is said in a word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.audit import (
    Anchor,
    AuditRecord,
    Chain,
    PersonalPart,
    Remade,
    Remaking,
    act_draft,
    decision_draft,
    from_line,
    part_from_line,
    part_to_line,
    remake,
    snapshot_digest,
    to_line,
    verify,
)
from callpolicy.decision import Decision
from callpolicy.engine import Plan, compile_plan, decide, let_through
from callpolicy.errors import AuditError
from callpolicy.events import Event
from callpolicy.facts import Snapshot
from callpolicy.lists import ListName
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import Outcome, Pilot, Status
from callpolicy.runtime import Engine
from tests.audit.trails import KEYS, SECRET, START, resealed, salt
from tests.engine.bundles import rule
from tests.runtime.norms import CATALOGUE, INVARIANTS, MINUTE, RULES, entry, norm, offered, stories
from tests.runtime.norms import START as CALLS_START

# A pilot turns on who calls, so that the decision can be made again with the personal part only.
NORM = replace(
    norm(*RULES, rule("half", Effect.DIVERT, status=Status.PILOT, pilot=Pilot(percent=50), priority=5, to="half")),
    invariants=INVARIANTS,
)
PLAN = compile_plan(NORM, compile_reference)


class Making:
    """A kept revision, as `remake` takes it."""

    def __init__(self, plan: Plan, key: bytes | None = None) -> None:
        self.plan, self.key = plan, key

    def __call__(self, snapshot: Snapshot, point: DecisionPoint, call_id: str, decision_id: str) -> Decision:
        digest = snapshot_digest(snapshot, self.key) if self.key else None
        return decide(self.plan, snapshot, point=point, call_id=call_id, decision_id=decision_id, digest=digest)


def recorded(decisions: list[Decision]) -> tuple[list[AuditRecord], dict[int, PersonalPart], Anchor]:
    chain = Chain.begin("ivr-1")
    records: list[AuditRecord] = []
    parts: dict[int, PersonalPart] = {}
    for decision in decisions:
        draft = decision_draft(decision, CATALOGUE)
        chain, record, part = chain.append(draft, keys=KEYS, salt=salt(len(records)))
        records.append(from_line(to_line(record)))
        if part is not None:
            parts[record.number] = part_from_line(part_to_line(part))
    return records, parts, Anchor.of(START, [chain.head])


@pytest.mark.untraced
@settings(max_examples=40)
@given(stories(calls=3), st.booleans())
def test_every_decision_of_a_day_is_made_again_byte_for_byte_until_its_personal_part_is_erased(
    events: list[Event], listed: bool
) -> None:
    engine = Engine(NORM, digest_key=SECRET)
    if listed:
        engine.store.put_entry(entry("e1", CALLS_START, CALLS_START + 10 * MINUTE, ListName.BLOCKLIST))
    decisions = [engine.observe(event) for event in events]
    records, parts, anchor = recorded(decisions)

    assert verify(records, anchor, closed=True) == ()
    for record, decision in zip(records, decisions, strict=True):
        part = parts.get(record.number)
        assert remake(record, part, KEYS, Making(PLAN, SECRET)) == Remaking(Remade.SAME)
        assert remake(record, part, KEYS, Making(PLAN)) == Remaking(Remade.SAME)
        assert b"+1212555" not in to_line(record)
        erased = remake(record, None, KEYS, Making(PLAN, SECRET)).result
        assert decision.snapshot is not None
        known = decision.snapshot.values.keys() & {"caller.number", "caller.customer", "case.id"}
        assert erased is (Remade.ERASED if known else Remade.SAME)


def one(**more: Any) -> tuple[AuditRecord, PersonalPart | None, Decision]:
    decision = Engine(NORM).observe(offered("c1", CALLS_START, **more))
    records, parts, _ = recorded([decision])
    return records[0], parts.get(0), decision


def test_another_norm_under_the_same_name_is_seen_at_the_first_difference() -> None:
    engine = Engine(NORM)
    decisions = [engine.observe(offered(f"c{number}", CALLS_START + number)) for number in range(4)]
    records, parts, _ = recorded(decisions)
    rules = tuple(each for each in NORM.rules if each.id != "burst")
    without_burst = compile_plan(replace(NORM, rules=rules), compile_indexed)

    results = [remake(record, parts[record.number], KEYS, Making(without_burst)) for record in records]

    assert [each.result for each in results] == [Remade.SAME, Remade.SAME, Remade.DIFFERS, Remade.DIFFERS]
    # The third call crosses the threshold and is rejected by the system; without the rule the agent takes it.
    assert decisions[2].stages[1].outcome.effect is Effect.BLOCK
    assert results[2].difference == "by"


def test_a_revision_that_is_not_kept_is_unknown_and_so_is_a_decision_of_another_one() -> None:
    record, part, _ = one()
    other = compile_plan(replace(NORM, revision="sha256:other"), compile_indexed)

    assert remake(record, part, KEYS, None) == Remaking(Remade.UNKNOWN_REVISION)
    assert remake(record, part, KEYS, Making(other)) == Remaking(Remade.UNKNOWN_REVISION)


def test_a_caller_without_identity_leaves_nothing_to_erase() -> None:
    record, part, _ = one(number=None)

    assert part is None
    assert remake(record, None, None, Making(PLAN)) == Remaking(Remade.SAME)


def test_a_digest_that_the_kept_values_do_not_make_is_a_difference() -> None:
    _, _, decision = one()
    records, parts, _ = recorded([replace(decision, digest="hmac-sha256:" + "0" * 64)])

    assert remake(records[0], parts[0], KEYS, Making(PLAN, SECRET)) == Remaking(Remade.DIFFERS, "digest")


def test_a_caller_who_was_let_through_because_something_failed_is_made_again_as_such() -> None:
    _, _, decision = one()
    assert decision.snapshot is not None
    passed = let_through(
        PLAN, decision.snapshot, point=decision.point, call_id="c1", decision_id="c1#0", failed=("store", "engine")
    )
    lenient = replace(decision, failed=("store",))
    screen = replace(decision.stages[2], outcome=Outcome(Effect.REJECT), default=False)
    forged = replace(decision, failed=("store",), stages=(*decision.stages[:2], screen))
    records, parts, _ = recorded([passed, lenient, forged])

    def failing(*_: object) -> Decision:
        raise RuntimeError

    assert remake(records[0], parts[0], KEYS, failing).result is Remade.SAME
    assert remake(records[1], parts[1], KEYS, Making(PLAN)).result is Remade.SAME
    assert remake(records[2], parts[2], KEYS, Making(PLAN)).result is Remade.DIFFERS


def test_nothing_is_made_from_an_act_a_changed_record_or_one_without_a_decision() -> None:
    record, part, _ = one()
    act = Chain.begin("w").append(act_draft("lift", "u1", "block-7", 0)).record
    hollow = resealed(replace(record, body={"decision": {}}))
    torn = resealed(replace(record, body={**record.body, "facts": {"talk.warnings": {"int": "x"}}}))
    bent = resealed(replace(record, body={**record.body, "courses": {"talk.warnings": {"steps": [[1]]}}}))

    for wrong in (act, replace(record, at=record.at + 1)):
        with pytest.raises(AuditError, match="not that of a decision, or was changed"):
            remake(wrong, part, KEYS, Making(PLAN))
    for wrong in (hollow, torn, bent):
        with pytest.raises(AuditError, match="record"):
            remake(wrong, part, KEYS, Making(PLAN))


def test_after_divergence_is_a_mark_of_replay_and_not_of_the_norm() -> None:
    _, _, decision = one()
    records, parts, _ = recorded([replace(decision, after_divergence=True)])

    assert remake(records[0], parts[0], KEYS, Making(PLAN)).result is Remade.SAME
