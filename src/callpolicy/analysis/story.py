"""A call, event by event, that comes to what a snapshot shows; and a sequence of events as a scenario file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from callpolicy.analysis.witness import Witness
from callpolicy.decision import Decision
from callpolicy.engine import compile_plan, decide
from callpolicy.errors import CallEventError
from callpolicy.events import EVENT_TYPES, CallEvent, Event, Feed
from callpolicy.facts import Value, host_may_give
from callpolicy.instants import duration_text, moment
from callpolicy.lexicon import SignalFinder
from callpolicy.matchers.reference import compile_reference
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle
from callpolicy.session import CallSession
from callpolicy.windows import Measure

START: Final = 1_772_416_800_000_000
"""When the calls begin that are made up: 2026-03-02T10:00:00+08:00."""

CUSTOMER: Final = "C-1"
"""A made-up customer."""

NUMBER: Final = "+12125550142"
"""A made-up number: of a range that is kept for fiction."""

_SECOND: Final = 1_000_000
_ATTRIBUTES: Final = ("channel", "queue", "team", "dialled", "language", "topic")
_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})
_OWN: Final = frozenset(field.name for field in fields(CallEvent))


@dataclass(frozen=True, slots=True)
class Staged:
    """A call that was made up and that the engine confirms.

    Args:
        events: what happens on it.
        decision: what is decided at its end.
    """

    events: tuple[Event, ...]
    decision: Decision


def around(bundle: Bundle) -> dict[str, Value]:
    """What an empty store knows of a caller who is identified: on no list, and never called before."""
    counts = {window.fact: 0 for window in bundle.windows if window.measure is not Measure.SECONDS_SINCE}
    return {"caller.allowlisted": False, "block.covered": False, "block.count": 0, **counts}


def staged(bundle: Bundle, witness: Witness, shows: Callable[[Decision], bool]) -> Staged | None:
    """Make up a call that comes to a snapshot, as far as events can make its facts.

    Args:
        bundle: the norm.
        witness: the snapshot.
        shows: whether a decision shows what the snapshot was found for.

    Returns:
        the call, if the engine decides at its end what `shows` asks for; `None` if no such call was found, so that
        there is the snapshot only.
    """
    if witness.point is None:
        return None
    stage = Stageplay(bundle)
    for customer in (True, False):
        events = stage.events(witness.point, witness.values, customer=customer)
        decision = stage.decision(events, witness.point)
        if decision is not None and shows(decision):
            return Staged(events, decision)
    return None


class Stageplay:
    """Calls that are made up, and what a norm decides on them.

    Args:
        bundle: the norm.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._finder = SignalFinder(bundle.lexicons)
        self._plan = compile_plan(bundle, compile_reference)

    def events(self, point: DecisionPoint, values: Mapping[str, Value], *, customer: bool = True) -> tuple[Event, ...]:
        """Events that make these facts, as far as events can.

        Args:
            point: the decision point that they come to.
            values: the known facts.
            customer: the caller is a customer whom the host knows, unless the facts say who it is; else a number.
        """
        return tuple(_events(self._bundle, Witness(point, values), self._finder, customer))

    def decision(
        self, events: Sequence[Event], point: DecisionPoint, stored: Mapping[str, Value] = _NOTHING
    ) -> Decision | None:
        """What is decided at the end of a call; `None` if it cannot go so, or does not come to that decision point.

        Args:
            events: events of one call, the offer first.
            point: the decision point.
            stored: what the store knows of the caller, over what an empty one knows.
        """
        session = CallSession(self._bundle.settings, self._bundle.catalogue, self._finder)
        try:
            for event in events:
                session.receive(event)
        except CallEventError:
            return None
        if session.point is not point:
            return None
        snapshot = session.snapshot(events[-1].at, {**around(self._bundle), **stored})
        return decide(self._plan, snapshot, point=point, call_id="call", decision_id="call", with_recheck=False)


def _events(bundle: Bundle, witness: Witness, finder: SignalFinder, customer: bool) -> Iterator[Event]:
    values = witness.values
    at = START
    steps = [("offered", _offer(bundle, values, customer))]
    if witness.point is not DecisionPoint.OFFERED:
        steps += [("answered", {"agent": values.get("talk.agent", "a1")}), *_talk(bundle, values, finder)]
    if witness.point is DecisionPoint.ENDED:
        steps.append(("ended", {}))
    last = max((_number(values, name) for name in ("talk.quiet_for", "talk.handling_time")), default=0)
    for seq, (name, own) in enumerate(steps):
        yield _made(name, seq, at, own)
        at += _SECOND
    if last and witness.point is DecisionPoint.IN_CALL:
        yield _made("tick", len(steps), at - _SECOND + last, {})


def _made(name: str, seq: int, at: int, own: Mapping[str, Any]) -> Event:
    made: Any = EVENT_TYPES[name](call_id="call", seq=seq, at=at, **own)
    event: Event = made
    return event


def _offer(bundle: Bundle, values: Mapping[str, Value], customer: bool) -> dict[str, Any]:
    feeds = {Feed.AGENT_MARKS}
    if "talk.signals" in values:
        feeds.add(Feed.TRANSCRIPT)
    if "talk.quiet_for" in values:
        feeds.add(Feed.VOICE)
    own: dict[str, Any] = {name: values.get(f"call.{name}") for name in _ATTRIBUTES if f"call.{name}" in values}
    host = {
        fact.name: values[fact.name]
        for fact in bundle.catalogue
        if fact.name in values and host_may_give(fact) and fact.name.partition(".")[0] not in {"call"}
    }
    who: dict[str, Value] = {"customer": CUSTOMER} if customer else {"number": NUMBER}
    who |= {name: values[f"caller.{name}"] for name in ("customer", "number") if f"caller.{name}" in values}
    return own | who | {"feeds": frozenset(feeds), "facts": host}


def _talk(bundle: Bundle, values: Mapping[str, Value], finder: SignalFinder) -> Iterator[tuple[str, dict[str, Any]]]:
    def times(name: str, event: str, least: int = 0, **own: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((event, own) for _ in range(min(max(_number(values, name), least), 20)))

    kinds = sorted(_set(values, "talk.offence_kinds")) or ["abuse"]
    since = _number(values, "talk.offences_since_warning")
    before = max(_number(values, "talk.offences") - since, len(_set(values, "talk.offence_kinds")) - since, 0)
    # WHY at least one: there is nothing after a refusal, or a warning, without one; who asks for it need not say so.
    refused = _number(values, "talk.rejections_since_refusal") > 0
    yield from times("talk.refusals_by_rule", "refused_by_rule", refused)
    rejected = max(_number(values, "talk.explanations_rejected"), _number(values, "talk.rejections_since_refusal"))
    for number in range(min(max(_number(values, "talk.explanations"), rejected), 20)):
        yield "explained", {"topic": "fees"}
        if number < rejected:
            yield "explanation_rejected", {}
    yield from times("talk.soothings", "soothed")
    yield from (("offence", {"kind": kinds[number % len(kinds)]}) for number in range(before))
    yield from times("talk.warnings", "warned", since > 0)
    yield from (("offence", {"kind": kinds[number % len(kinds)]}) for number in range(since))
    if "talk.judged_class" in values:
        yield "judged", {"class_": values["talk.judged_class"], "kind": values.get("talk.judged_kind")}
    for signal in sorted(_set(values, "talk.signals")):
        text = _said(bundle, finder, signal)
        if text:
            yield "said", {"text": text}
    yield from times("talk.transfers", "transferred", agent="a2")
    yield from times("talk.escalations", "escalated", to="team_leader")
    if values.get("talk.service_complete") is True:
        yield "service_completed", {}
    if values.get("talk.no_further_needs") is True:
        yield "no_further_needs", {}
    if _number(values, "talk.quiet_for"):
        yield "silence", {}


def _said(bundle: Bundle, finder: SignalFinder, signal: str) -> str | None:
    for lexicon in bundle.lexicons:
        for term in lexicon.terms if lexicon.signal == signal else ():
            if finder.signals(term.rstrip("*")) == {signal}:
                return term.rstrip("*")
    return None


def _number(values: Mapping[str, Value], name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _set(values: Mapping[str, Value], name: str) -> frozenset[str]:
    value = values.get(name)
    return value if isinstance(value, frozenset) else frozenset()


def scenario_text(
    name: str, title: Mapping[str, str], bundle: Bundle, events: Sequence[Event], expect: Mapping[str, str]
) -> str:
    """A sequence of events as a scenario file that expects something at its end.

    Args:
        name: id of the scenario, the stem of its file.
        title: what it shows, per language.
        bundle: the norm, for its languages and its zone.
        events: events of one call, the offer first.
        expect: what is expected of the last decision, by key.
    """
    first = events[0]
    zone = ZoneInfo(bundle.settings.time_zone)
    lines = [f"id: {name}", "title:"]
    lines += [f"  {language}: {_quoted(title.get(language, title['en']))}" for language in bundle.settings.languages]
    lines += [f"start: {moment(first.at).astimezone(zone).isoformat()}", "calls:", f"  call: {_flow(_fields(first))}"]
    lines.append("steps:")
    for event in events:
        step: dict[str, Any] = {"at": duration_text(event.at - first.at), "call": "call", "do": event.name}
        own = _fields(event) if event is not first else {}
        if own:
            step["with"] = own
        if event is events[-1]:
            step["expect"] = dict(expect)
        lines.append(f"  - {_flow(step)}")
    return "\n".join(lines) + "\n"


def _fields(event: Event) -> dict[str, Any]:
    own = {field.name: getattr(event, field.name) for field in fields(event) if field.name not in _OWN}
    return {name.removesuffix("_"): value for name, value in own.items() if value not in (None, {})}


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
        case list() | tuple() | frozenset():
            items = sorted(value) if isinstance(value, frozenset) else value
            return "[" + ", ".join(_flow(each) for each in items) + "]"
        case bool():
            return str(value).lower()
        case StrEnum():
            return str(value)
        case str():
            return value if value.replace("_", "").replace(".", "").isalpha() and value.isascii() else _quoted(value)
        case _:
            return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
