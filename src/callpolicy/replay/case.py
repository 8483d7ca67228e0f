"""A recorded call as a scenario: masked, with the earlier calls that it rests on, and what the replay decided.

So a call that surprised somebody becomes a test that can be shown, kept and discussed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from callpolicy.decision import Decision
from callpolicy.errors import UsageError
from callpolicy.events import CallEvent, CaseLinked, Event, Judged, Offered
from callpolicy.identity import Identity, IdentityKind
from callpolicy.instants import duration_text, moment
from callpolicy.lists import Entry
from callpolicy.points import Stage
from callpolicy.policy import Bundle, By, Term
from callpolicy.replay.masking import Mask
from callpolicy.session.caller import read_caller
from callpolicy.windows import Window, retention

MOST_CALLS: Final = 20
"""How many other calls a case takes along at most; the latest ones."""

RECORDED: Final = "recorded"
"""What the call itself is called in its scenario; the others are `call_1`, `call_2`, …"""

_FIELDS: Final = {"class": "class_"}
_DAY: Final = 86_400_000_000
_MILLISECOND: Final = 1_000
_OWN: Final = frozenset(each.name for each in fields(CallEvent))
_HEAD: Final = """\
# yaml-language-server: $schema=../schemas/scenario.schema.json
# A recorded call, masked: numbers, customers, agents and cases are made up, and of what was said only the words that a
# lexicon knows are left. What is expected is what the norm decided when the call was replayed.
"""
_WIDTH: Final = 200

Taken: TypeAlias = tuple[Event, Decision]
"""An event that was taken in, and the decision that was made then."""


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A case, ready to be written.

    Args:
        text: the scenario file.
        calls: how many calls it has.
        steps: how many steps.
    """

    text: str
    calls: int
    steps: int


def identities_of(events: Iterable[Event], call_id: str, bundle: Bundle) -> tuple[Identity, ...]:
    """Who calls, as far as the record tells; empty if it does not."""
    for event in events:
        if event.call_id == call_id and isinstance(event, Offered):
            return read_caller(event, bundle.settings, bundle.catalogue).identities
    return ()


def calls_of_case(events: Sequence[Event], call_id: str, bundle: Bundle) -> tuple[str, ...]:
    """The calls that the decisions on a call rest on: those of the same caller that a window reaches, and those of the
    same complaint case.

    Args:
        events: the whole record, in event-time order.
        call_id: the call.
        bundle: the norm; its windows say how far back it looks.

    Returns:
        their ids, by when they were offered; the call itself comes last.

    Raises:
        UsageError: there is no such call.
    """
    offers = {event.call_id: event for event in events if isinstance(event, Offered)}
    if call_id not in offers:
        raise UsageError("there is no such call in the record; name one by its `call_id`")
    own = frozenset(identities_of([offers[call_id]], call_id, bundle))
    cases = {event.case_id for event in events if isinstance(event, CaseLinked) and event.call_id == call_id}
    of_case = {event.call_id for event in events if isinstance(event, CaseLinked) and event.case_id in cases}
    # WHY: a window without length looks back as far as the engine keeps, which is a day at least.
    endless = any(window.length is None and window.calendar is None for window in bundle.windows)
    first = offers[call_id].at - retention(bundle.windows, at_least=_DAY if endless else 0)
    last = max(event.at for event in events if event.call_id == call_id)
    related = [
        other
        for other, offer in offers.items()
        if other != call_id
        and offer.at <= last
        and (other in of_case or (offer.at >= first and _is_of(offer, own, bundle)))
    ]
    return (*related, call_id)


def chosen(taken: Sequence[Taken], call_id: str, bundle: Bundle) -> list[Taken]:
    """What a case holds: of the other calls at most `MOST_CALLS`, up to the last event of the call itself.

    Where there are more, up to half of them are the latest of those on which something happened that a window asks for,
    a judgement for example; the others are simply the latest.

    Args:
        taken: what was taken in of the calls of the case, in order, with what was decided.
        call_id: the call that it is about.
        bundle: the norm that decided.

    Raises:
        UsageError: nothing of the call was taken in.
    """
    places = [place for place, (event, _) in enumerate(taken) if event.call_id == call_id]
    if not places:
        raise UsageError("no event of the call could be taken in, so that there is nothing to save")
    until = taken[: places[-1] + 1]
    others = list(dict.fromkeys(event.call_id for event, _ in until if event.call_id != call_id))
    asked = {event.call_id for event, _ in until if any(_asks_for(window, event) for window in bundle.windows)}
    telling = [other for other in others[:-MOST_CALLS] if other in asked][-MOST_CALLS // 2 :]
    latest = [other for other in others if other not in telling][-(MOST_CALLS - len(telling)) :]
    kept = {call_id, *telling, *latest}
    return [each for each in until if each[0].call_id in kept]


def _asks_for(window: Window, event: Event) -> bool:
    """Whether a window counts this event, and not merely that a call came in."""
    if event.name != window.over:
        return False
    return all(str(getattr(event, _FIELDS.get(name, name), None)) in allowed for name, allowed in window.where)


def _is_of(offer: Offered, identities: frozenset[Identity], bundle: Bundle) -> bool:
    return not identities.isdisjoint(read_caller(offer, bundle.settings, bundle.catalogue).identities)


def make_case(
    taken: Sequence[Taken], call_id: str, bundle: Bundle, name: str, entries: Sequence[Entry] = ()
) -> SavedCase:
    """Write a case as a scenario.

    Args:
        taken: what `chosen` gives.
        call_id: the call that it is about.
        bundle: the norm that decided.
        name: id of the scenario, the stem of its file.
        entries: list entries that stood before.
    """
    return _Writer(taken, call_id, bundle).case(name, entries)


class _Writer:
    """Writes one case."""

    def __init__(self, taken: Sequence[Taken], call_id: str, bundle: Bundle) -> None:
        self._taken = taken
        self._bundle = bundle
        self._start = taken[0][0].at
        self._mask = Mask(bundle, _originals(event for event, _ in taken))
        others = dict.fromkeys(event.call_id for event, _ in taken if event.call_id != call_id)
        self._names = {call_id: RECORDED} | {other: f"call_{number}" for number, other in enumerate(others, 1)}

    def case(self, name: str, entries: Sequence[Entry]) -> SavedCase:
        tree = CommentedMap(id=name, title=self._title(len(self._names) - 1), start=self._instant(self._start))
        tree["calls"] = CommentedMap(
            (self._names[event.call_id], _flow(self._fields(event)))
            for event, _ in self._taken
            if isinstance(event, Offered)
        )
        lists = [_flow(self._entry(entry)) for entry in entries]
        if lists:
            tree["lists"] = CommentedSeq(lists)
        tree["steps"] = CommentedSeq(_flow(self._step(event, decision)) for event, decision in self._taken)
        return SavedCase(_HEAD + _dumped(tree), len(self._names), len(self._taken))

    def _title(self, others: int) -> CommentedMap:
        texts = {
            "zh-CN": f"回放记录中的一通来电（已脱敏），连同此前相关的 {others} 通",
            "en": f"A recorded call, masked, with {others} related calls before it",
        }
        return _flow({language: texts.get(language, texts["en"]) for language in self._bundle.settings.languages})

    def _instant(self, at: int) -> str:
        return moment(at).astimezone(ZoneInfo(self._bundle.settings.time_zone)).isoformat()

    def _offset(self, at: int) -> str:
        return duration_text((at - self._start) // _MILLISECOND * _MILLISECOND)

    def _step(self, event: Event, decision: Decision) -> dict[str, Any]:
        step: dict[str, Any] = {"at": self._offset(event.at), "call": self._names[event.call_id], "do": event.name}
        own = {} if isinstance(event, Offered) else self._fields(event)
        if own:
            step["with"] = own
        if self._names[event.call_id] == RECORDED:
            step["expect"] = _expected(decision)
        return step

    def _fields(self, event: Event) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for each in fields(event):
            value = getattr(event, each.name)
            if each.name in _OWN or (each.default is not MISSING and value == each.default):
                continue
            masked = self._value(event, each.name, value)
            if masked not in (None, {}):
                written[each.name.removesuffix("_")] = masked
        return written

    def _value(self, event: Event, field: str, value: Any) -> Any:
        mask = self._mask
        match field, value:
            case "number", str():
                number = mask.number(value)
                return number and DoubleQuotedScalarString(number)
            case "customer", str():
                return mask.customer(value)
            case "agent" | "case_id", str():
                return mask.name(field.removesuffix("_id"), value)
            case "text", str():
                return mask.said(value)
            case "facts", dict():
                return mask.facts(value)
            case "began_at", int():
                return self._offset(value) if value >= self._start else self._instant(value)
            case "feeds", frozenset():
                return sorted(str(feed) for feed in value)
            case _, StrEnum():
                return str(value)
            case "by", str() if isinstance(event, Judged):
                return value if value in set(By) else mask.word("person", value)
            case _, str():
                return mask.word(field.removesuffix("_"), value)
            case _:
                return value

    def _entry(self, entry: Entry) -> dict[str, Any]:
        written: dict[str, Any] = {"list": str(entry.on)}
        if entry.identity.kind is IdentityKind.NUMBER:
            written["number"] = DoubleQuotedScalarString(self._mask.number(entry.identity.value) or "")
        else:
            written["customer"] = self._mask.customer(entry.identity.value)
        written["from"] = self._instant(entry.since)
        if entry.until is not None:
            written["until"] = self._instant(entry.until)
        return written


def _originals(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield event.call_id
        for each in fields(event):
            value = getattr(event, each.name)
            if isinstance(value, str) and not isinstance(value, StrEnum):
                yield value
        facts = getattr(event, "facts", {})
        yield from (value for value in facts.values() if isinstance(value, str))


def _expected(decision: Decision) -> dict[str, Any]:
    """What a decision was, as a scenario expects it; what says nothing is left out."""
    main = decision.main
    expected: dict[str, Any] = {"effect": str(decision.effect), "class": str(decision.caller_class)}
    if decision.caller_kind:
        expected["kind"] = str(decision.caller_kind)
    if not main.default:
        expected["by"] = str(decision.by)
    for key, ids in (("determining", main.determining), ("held_by", main.held_by), ("invariants", main.invariants)):
        if ids:
            expected[key] = sorted(ids)
    if main.hidden:
        expected["hidden"] = str(main.hidden.effect)
    block = decision.stage(Stage.BLOCKLIST)
    if block is not None and not block.default:
        expected["blocklist"] = str(block.outcome.effect)
        term = block.outcome.term
        if term is not None:
            expected["term"] = str(term) if isinstance(term, Term) else duration_text(term)
    return expected


def _flow(tree: dict[str, Any]) -> CommentedMap:
    """A mapping that stands on one line, as people write steps."""
    made = CommentedMap((key, _flow(value) if isinstance(value, dict) else value) for key, value in tree.items())
    made.fa.set_flow_style()
    return made


def _dumped(tree: CommentedMap) -> str:
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(tree, text)
    return text.getvalue()
