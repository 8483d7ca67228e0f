"""What the tests of the runtime share: a small norm that uses history, blocks, time and talk, and events for it."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from callpolicy.condition import All, Leaf, Not, Op
from callpolicy.condition import Any as AnyOf
from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Event,
    Explained,
    ExplanationRejected,
    Feed,
    FinalResult,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    Said,
    ServiceCompleted,
    Silence,
    Tick,
    Warned,
)
from callpolicy.facts import Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName
from callpolicy.points import Effect, Kind
from callpolicy.policy import Bundle, By, Obligation, OpenHours, Rule, Status, Term
from callpolicy.windows import CALLS, JUDGED, Measure, Window
from tests.engine.bundles import block_rule, bundle, never, rule

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
START: Final = 1_772_413_200 * SECOND
NUMBER: Final = "+1 212 555 0142"
ANN: Final = Identity(IdentityKind.NUMBER, "+12125550142")
BOB: Final = Identity(IdentityKind.NUMBER, "+12125550199")

WINDOWS: Final = (
    Window("history.calls_10m", Measure.COUNT, CALLS, length=10 * MINUTE),
    Window("history.judged_nuisance_30d", Measure.COUNT, JUDGED, length=30 * DAY, where=(("class", ("nuisance",)),)),
    Window("history.topics_24h", Measure.DISTINCT, CALLS, length=DAY, distinct_of="topic"),
    Window("history.since_last_call", Measure.SECONDS_SINCE, CALLS, length=DAY),
)
CATALOGUE: Final = BUILTIN.extended(
    Fact(window.fact, FactType.DURATION if window.measure is Measure.SECONDS_SINCE else FactType.INT, {}, minimum=0)
    for window in WINDOWS
)
BURST: Final = Leaf("history.calls_10m", Op.AT_LEAST, 2)
NUISANCE: Final = Leaf("caller.class", Op.IS, "nuisance")

RULES: Final = (
    rule("abuse", Effect.NUISANCE, Leaf("talk.offences", Op.AT_LEAST, 1), priority=90, kind=Kind.ABUSE),
    rule(
        "after_final",
        Effect.REPEAT_COMPLAINT,
        All((Leaf("case.status", Op.IS, "final"), Leaf("case.contacts_since_final", Op.AT_LEAST, 1))),
        kind=Kind.AFTER_FINAL_RESULT,
    ),
    rule("warn_first", Effect.WARN, All((NUISANCE, Not((Leaf("talk.warnings", Op.AT_LEAST, 1),))))),
    rule(
        "hang_up_after_warning",
        Effect.HANG_UP,
        All((NUISANCE, Leaf("talk.offences_since_warning", Op.AT_LEAST, 1))),
        priority=90,
        by=By.SYSTEM,
        script="closing.nuisance",
        do=[Obligation.RECORD_CALL],
    ),
    rule(
        "offer_close",
        Effect.OFFER_CLOSE,
        All((Leaf("talk.no_further_needs", Op.IS, True), Leaf("talk.quiet_for", Op.AT_LEAST, 2 * SECOND))),
        wait=2 * SECOND,
    ),
    rule(
        "escalate_late", Effect.ESCALATE, Leaf("talk.handling_time", Op.AT_LEAST, 20 * MINUTE), to="lead", priority=20
    ),
    rule("divert_at_night", Effect.DIVERT, Leaf("call.business_hours", Op.IS, False), to="night_desk", priority=10),
    rule("divert_soon_again", Effect.DIVERT, Leaf("history.since_last_call", Op.LESS_THAN, 30 * SECOND), to="senior"),
    rule(
        "propose_for_judged", Effect.PROPOSE_BLOCK, Leaf("history.judged_nuisance_30d", Op.AT_LEAST, 2), term=Term.WEEK
    ),
    rule(
        "shadow_reject",
        Effect.REJECT,
        AnyOf((Leaf("history.topics_24h", Op.AT_LEAST, 2), Leaf("block.count", Op.AT_LEAST, 2))),
        status=Status.SHADOW,
    ),
    block_rule("burst", BURST, Term.DAY),
)
INVARIANTS: Final = (
    never("hang_up_needs_warning", [Effect.HANG_UP], Not((Leaf("talk.warnings", Op.AT_LEAST, 1),)), Effect.WARN),
)


def norm(*rules: Rule, **more: Any) -> Bundle:
    """The small norm, or another one over the same facts and windows."""
    settings = {
        "hours": tuple(OpenHours(day, 9 * 60, 18 * 60) for day in range(1, 6)),
        "feeds": frozenset(str(feed) for feed in Feed),
        **more,
    }
    return bundle(
        *(rules or RULES), invariants=() if rules else INVARIANTS, windows=WINDOWS, catalogue=CATALOGUE, more=settings
    )


def offered(call_id: str, at: int, number: str | None = NUMBER, **more: Any) -> Offered:
    return Offered(call_id=call_id, seq=0, at=at, number=number, **more)


def entry(entry_id: str, since: int, until: int | None, on: ListName = ListName.BLOCKLIST, **more: Any) -> Entry:
    return Entry(
        **{
            "entry_id": entry_id, "on": on, "identity": ANN, "since": since, "until": until, "reason": "test",
            "owner": "qa", **more,
        }
    )  # fmt: skip


NUMBERS = st.sampled_from([NUMBER, "+1 212 555 0199", None])


@st.composite
def stories(draw: st.DrawFn, calls: int = 4) -> list[Event]:
    """Events of several calls, each call possible as it stands, in the order (at, call_id, seq)."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, calls))):
        events += draw(_calls(f"c{number}"))
    return sorted(events, key=lambda event: (event.at, event.call_id, event.seq))


@st.composite
def _calls(draw: st.DrawFn, call_id: str) -> list[Event]:
    at = START + draw(st.sampled_from([0, 5 * SECOND, 9 * HOUR - 3 * SECOND])) + draw(st.integers(0, 40)) * 20 * SECOND
    topic = draw(st.sampled_from(["cards", "loans", None]))
    events: list[Event] = [offered(call_id, at, draw(NUMBERS), topic=topic)]

    def then(kind: type[Any], **fields: Any) -> None:
        nonlocal at
        at += draw(st.sampled_from([0, 1, SECOND, 2 * SECOND, 30 * SECOND, 10 * MINUTE]))
        events.append(kind(call_id=call_id, seq=len(events), at=at, **fields))

    if draw(st.booleans()):
        then(Answered, agent="li")
        explained = 0
        linked = False
        for name in draw(st.lists(st.sampled_from(_TALK), max_size=8)):
            if name == "linked":
                then(CaseLinked, case_id=draw(st.sampled_from(["k1", "k2"])))
                linked = True
            elif name in {"final", "new_fact"}:
                if linked:
                    then(FinalResult if name == "final" else NewFact)
            elif name == "rejected":
                if explained:
                    explained -= 1
                    then(ExplanationRejected)
            elif name == "judged":
                then(Judged, class_=draw(st.sampled_from(["nuisance", "normal"])))
            else:
                explained += name == "explained"
                then(_PLAIN[name])
    if draw(st.booleans()):
        then(Ended, cause="hang_up")
    return events


_PLAIN: Final[dict[str, type[Any]]] = {
    "offence": Offence, "warned": Warned, "said": Said, "silence": Silence, "completed": ServiceCompleted,
    "no_needs": NoFurtherNeeds, "explained": Explained, "tick": Tick,
}  # fmt: skip
_TALK: Final = [*_PLAIN, "linked", "final", "new_fact", "rejected", "judged"]
