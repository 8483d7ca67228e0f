"""A small norm about final results, and cases that are told in short, for tests of cards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from callpolicy.condition import All, Leaf, Op
from callpolicy.points import Effect, Kind
from callpolicy.policy import Bundle, By, Governance, Rule, Script
from callpolicy.reports.card import Card, card_of
from callpolicy.session import CaseRecord
from tests.engine.bundles import bundle, rule

MINUTE: Final = 60_000_000
DAY: Final = 1440
# 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
START: Final = 1_772_413_200_000_000
MASKED: Final = "+86 138****8000"

SCRIPTS: Final = {
    "greeting.open": Script("greeting.open", {"zh-CN": "马上为您转接。", "en": "I am putting you through."}, {}),
    "explain.result": Script(
        "explain.result",
        {"zh-CN": "我把结论再说明一遍。", "en": "Let me go through the result."},
        {"zh-CN": "未被接受 {talk.explanations_rejected} 次", "en": "rejected: {talk.explanations_rejected}"},
    ),
    "closing.result": Script("closing.result", {"zh-CN": "感谢来电，再见。", "en": "Thank you, goodbye."}, {}),
}
IS_FINAL: Final = Leaf("case.status", Op.IS, "final")
COMES_BACK: Final = Leaf("caller.kind", Op.IS, "after_final_result")
CLOSE: Final = rule(
    "close_after_three",
    Effect.HANG_UP_POLITELY,
    All((COMES_BACK, Leaf("talk.explanations_rejected", Op.AT_LEAST, 3))),
    priority=70,
    script="closing.result",
)
RULES: Final = (
    rule(
        "comes_back",
        Effect.REPEAT_COMPLAINT,
        All((IS_FINAL, Leaf("talk.explanations_rejected", Op.AT_LEAST, 1))),
        kind=Kind.AFTER_FINAL_RESULT,
    ),
    rule("explain_first", Effect.EXPLAIN, COMES_BACK, script="explain.result"),
    CLOSE,
    rule(
        "to_first_handler",
        Effect.DIVERT,
        Leaf("case.status", Op.IN, ("open", "reopened")),
        to="first_handler",
        by=By.SYSTEM,
        script="greeting.open",
    ),
)
ROLES: Final = {"complaint_desk": {"zh-CN": "投诉处理岗", "en": "complaint desk"}}


def norm(*rules: Rule) -> Bundle:
    """A norm that closes politely after three rejected explanations; more rules may be added."""
    return replace(bundle(*RULES, *rules), scripts=SCRIPTS, governance=Governance(roles=ROLES))


class Told:
    """A case `k1` that is told its events in short, at minutes after the start."""

    def __init__(self) -> None:
        self.record = CaseRecord("k1")
        self.seq = 0
        self.minute = 0

    def tell(self, minute: int, call_id: str, made: type[Any], agent: str | None = None, /, **fields: Any) -> None:
        self.seq += 1
        self.minute = minute
        self.record.receive(made(call_id=call_id, seq=self.seq, at=START + minute * MINUTE, **fields), agent)

    def card(self, caller: str | None = MASKED, call_id: str | None = None, of: Bundle | None = None) -> Card:
        at = START + self.minute * MINUTE
        return card_of(self.record.story(at), norm() if of is None else of, caller=caller, at=at, call_id=call_id)
