"""The meaning of a call, told a second time: every fact from the whole list of events at once, nothing kept in between.

It shares no code with the session. What it says of `case.*`, `caller.*` and `call.*` is tested elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Escalated,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    Held,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Tick,
    Transferred,
    Warned,
)

ANY_TIME: Final = (CaseLinked, FinalResult, NewFact, Judged, Escalated, Tick)
BEFORE_ANSWER: Final = (*ANY_TIME, Transferred, Ended)

WORDS: Final = {
    "rascal": "curse",
    "LAWYER": "threat",
    "坏 蛋": "insult",
    "谢谢": "satisfied",
    "that is all": "no_further_needs",
}
KINDS: Final = {"curse": "abuse", "insult": "abuse", "threat": "harassment"}


def in_order(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.at, event.seq))


def possible(events: Sequence[Event]) -> bool:
    """Whether a sequence of events, in order, can happen on a call."""
    if not events or not isinstance(events[0], Offered):
        return False
    return all(_possible_after(events[:place], event) for place, event in enumerate(events[1:], 1))


def _possible_after(before: Sequence[Event], event: Event) -> bool:
    answered = any(isinstance(each, Answered) for each in before)
    if isinstance(event, Offered):
        return False
    if any(isinstance(each, Ended) for each in before):
        return isinstance(event, ANY_TIME) and _case_known(before, event)
    if isinstance(event, Answered):
        return not answered or (agent_after(before) is None and event.agent is not None)
    if not answered and not isinstance(event, BEFORE_ANSWER):
        return False
    if isinstance(event, Held):
        return event.on is not on_hold(before)
    if isinstance(event, ExplanationRejected):
        given = sum(isinstance(each, Explained) for each in before)
        return given > sum(isinstance(each, ExplanationRejected) for each in before)
    return _case_known(before, event)


def _case_known(before: Sequence[Event], event: Event) -> bool:
    needed = isinstance(event, FinalResult | NewFact) and event.case_id is None
    return not needed or any(isinstance(each, CaseLinked) for each in before)


def agent_after(events: Sequence[Event]) -> str | None:
    return next((each.agent for each in reversed(events) if isinstance(each, Answered | Transferred)), None)


def stays_closed(event: Event) -> bool:
    """Whether a caller who was served and needs nothing else may still be one after this event."""
    if isinstance(event, Held):
        return not event.on
    return not isinstance(event, Explained | ExplanationRejected | RefusedByRule | CaseLinked | NewFact | Transferred)


def on_hold(events: Sequence[Event]) -> bool:
    return next((each.on for each in reversed(events) if isinstance(each, Held)), False)


def talk_facts(events: Sequence[Event], at: int, feeds: frozenset[str]) -> dict[str, Any]:
    """The facts `talk.*` at an instant, from the events in order."""
    events = [event for event in events if event.at <= at]
    if not events:
        return {}
    ended = next((event.at for event in events if isinstance(event, Ended)), None)
    now = at if ended is None else ended
    facts: dict[str, Any] = {
        "talk.answered": any(isinstance(event, Answered) for event in events),
        "talk.transfers": _count(events, Transferred),
        "talk.holds": sum(isinstance(event, Held) and event.on for event in events),
        "talk.on_hold": ended is None and on_hold(events),
        "talk.agent": agent_after(events),
        "talk.handling_time": _since(now, [event.at for event in events if isinstance(event, Answered)][:1]),
        "talk.quiet_for": _quiet_for(events, now, feeds),
    }
    breaches = _breaches(events, feeds)
    if "agent_marks" in feeds:
        facts |= _marked(events, breaches, now, heard="transcript" in feeds)
    if "transcript" in feeds:
        facts["talk.signals"] = frozenset(signal for event in events for signal in _signals(event))
    if feeds & {"agent_marks", "transcript"}:
        facts["talk.offences"] = len(breaches)
        facts["talk.offence_kinds"] = frozenset(kind for _, kind in breaches)
        facts["talk.since_offence"] = _since(now, [events[place].at for place, _ in breaches])
    return {name: value for name, value in facts.items() if value is not None}


def _marked(events: Sequence[Event], breaches: Sequence[tuple[int, str]], now: int, *, heard: bool) -> dict[str, Any]:
    warned = [place for place, event in enumerate(events) if isinstance(event, Warned)]
    judged = [event for event in events if isinstance(event, Judged)][-1:]
    valid = [event for event in judged if event.class_ in ("normal", "repeat_complaint", "nuisance")]
    return {
        "talk.warnings": len(warned),
        "talk.soothings": _count(events, Soothed),
        "talk.explanations": sum(isinstance(events[place], Explained) for place in own_explanations(events)),
        "talk.explanations_rejected": sum(
            isinstance(events[place], ExplanationRejected) for place in own_explanations(events)
        ),
        "talk.refusals_by_rule": _count(events, RefusedByRule),
        "talk.rejections_since_refusal": _rejections_since_refusal(events),
        "talk.escalations": _count(events, Escalated),
        "talk.offences_since_warning": sum(place > warned[-1] for place, _ in breaches) if warned else 0,
        "talk.since_warning": _since(now, [events[place].at for place in warned]),
        "talk.service_complete": _holds(events, ServiceCompleted, heard=False),
        "talk.no_further_needs": _holds(events, NoFurtherNeeds, heard=heard),
        "talk.judged_class": valid[0].class_ if valid else None,
        "talk.judged_kind": valid[0].kind if valid else None,
    }


def _holds(events: Sequence[Event], mark: type[ServiceCompleted | NoFurtherNeeds], *, heard: bool) -> bool:
    """Whether a mark was set in the conversation and nothing after it takes it back."""
    ends = [place for place, event in enumerate(events) if isinstance(event, Ended)]
    talk = events[: ends[0]] if ends else events
    set_at = [place for place, event in enumerate(talk) if isinstance(event, mark)]
    if not set_at or not getattr(talk[set_at[-1]], "on", None):
        return False
    after = talk[set_at[-1] + 1 :]
    wants_more = any(_signals(event) - {"satisfied", "no_further_needs"} for event in after) if heard else False
    return all(stays_closed(event) for event in after) and not wants_more


def own_case(before: Sequence[Event]) -> str | None:
    """The case that a call is about: what an event or the host said last."""
    own: str | None = None
    for event in before:
        if isinstance(event, CaseLinked):
            own = event.case_id
        elif isinstance(event, Offered | Tick) and "case.id" in event.facts:
            told = event.facts["case.id"]
            own = told if isinstance(told, str) else None
    return own


def own_explanations(events: Sequence[Event]) -> set[int]:
    """The places of the explanations that name no other case than the call's own, and of their rejections."""
    own: set[int] = set()
    given: list[int] = []
    for place, event in enumerate(events):
        if isinstance(event, Explained):
            given.append(place)
            if event.case_id in (None, own_case(events[:place])):
                own.add(place)
        elif isinstance(event, ExplanationRejected) and given.pop() in own:
            own.add(place)
    return own


def _rejections_since_refusal(events: Sequence[Event]) -> int:
    """Explanations that were given after the last refusal and rejected, unless a service settled it meanwhile."""
    turns = [
        place
        for place, event in enumerate(events)
        if isinstance(event, RefusedByRule) or (isinstance(event, ServiceCompleted) and event.on)
    ]
    if not turns or isinstance(events[turns[-1]], ServiceCompleted):
        return 0
    # A rejection is of the latest explanation that was not rejected yet.
    given: list[int] = []
    rejected: list[int] = []
    for place, event in enumerate(events):
        if isinstance(event, Explained):
            given.append(place)
        elif isinstance(event, ExplanationRejected):
            rejected.append(given.pop())
    return sum(place > turns[-1] for place in rejected if place in own_explanations(events))


def _count(events: Sequence[Event], kind: type[object]) -> int:
    return sum(isinstance(event, kind) for event in events)


def _since(now: int, instants: Sequence[int]) -> int | None:
    return now - instants[-1] if instants else None


def _signals(event: Event) -> set[str]:
    if not isinstance(event, Said) or event.by != "caller" or event.text is None:
        return set()
    return {signal for word, signal in WORDS.items() if word in event.text}


def _breaches(events: Sequence[Event], feeds: frozenset[str]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for place, event in enumerate(events):
        if isinstance(event, Offence) and "agent_marks" in feeds:
            found.append((place, event.kind))
        if "transcript" in feeds:
            found += [(place, kind) for kind in sorted({KINDS[each] for each in _signals(event) & KINDS.keys()})]
    return found


def _quiet_for(events: Sequence[Event], now: int, feeds: frozenset[str]) -> int | None:
    offered = events[0]
    assert isinstance(offered, Offered)
    reported = bool(feeds & {"voice", "transcript"})
    heard = reported or offered.channel in ("chat", "mail")
    counted = [
        event
        for place, event in enumerate(events)
        if not (isinstance(event, Said | Silence) and on_hold(events[:place]))
    ]
    # The last thing that was no silence says where silence can have begun.
    answers = [event for event in counted if isinstance(event, Answered)][:1]
    walls = [event for event in counted if isinstance(event, Held) or (isinstance(event, Said) and heard)]
    wall = (answers + walls)[-1] if answers else None
    if wall is None or (isinstance(wall, Held) and wall.on):
        return None
    after = counted[counted.index(wall) :]
    begins = [
        max(wall.at, min(event.at, event.at if event.began_at is None else event.began_at))
        for event in after
        if isinstance(event, Silence) and reported
    ]
    if isinstance(wall, Said) and not begins:
        return now - wall.at
    return now - min(begins) if begins else None
