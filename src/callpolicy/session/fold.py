"""The fold: what each event makes of the facts of one call.

A feed that is declared starts the counts that it fills at 0; what reports through a feed that is not declared changes
no fact, and is named as a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Channel,
    Ended,
    Event,
    Feed,
    Held,
    Judged,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    Said,
    ServiceCompleted,
    Silence,
    Tick,
    Transferred,
    Warned,
)
from callpolicy.facts import Catalogue, FactType, InputFault, Value, accept
from callpolicy.identity import Identity
from callpolicy.lexicon import SignalFinder
from callpolicy.policy import Settings
from callpolicy.session.caller import read_caller
from callpolicy.session.host import read_host_facts
from callpolicy.session.marks import (
    FAREWELL,
    GOES_ON,
    MARKED_COUNTS,
    MARKED_FLAGS,
    SINCE_REFUSAL,
    OwnExplanations,
    Refusal,
)
from callpolicy.session.transitions import Sequence, State
from callpolicy.windows import Elapsed

UNDECLARED: Final = "undeclared-feed"
"""Code of an event that reports through a feed that the call does not declare."""

_FEEDS: Final = tuple(Feed)  # WHY: to go through an enumeration takes a twentieth of a replay
_SAFE_WAYS: Final = frozenset({"caller.protected", "caller.allowlisted"})


class Fold:
    """The facts of one call after some of its events, in order.

    Args:
        settings: what holds for the whole bundle.
        catalogue: the declared facts.
        finder: finds signals in what is said.
    """

    __slots__ = (
        "anchors", "answered_at", "case_given", "catalogue", "courses", "ended_at", "fault_codes", "faults",
        "feeds", "finder", "first_agent", "identities", "marked", "over", "own", "quiet_floor", "refusal", "refused",
        "sequence", "settings", "silent", "spoken", "transcribed", "values", "withdrawn",
    )  # fmt: skip

    def __init__(self, settings: Settings, catalogue: Catalogue, finder: SignalFinder) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.finder = finder
        self.sequence = Sequence()
        self.identities: tuple[Identity, ...] = ()
        self.feeds: frozenset[Feed] = frozenset()
        self.marked = self.transcribed = self.spoken = False
        self.first_agent: str | None = None
        self.answered_at: int | None = None
        self.ended_at: int | None = None
        # Known until the next event; what time moves is in `anchors` (the instant it counts from) and `courses`.
        self.values: dict[str, Value] = {}
        self.anchors: dict[str, int] = {}
        self.courses: dict[str, Elapsed] = {}
        # What goes over other sources of the same fact, and what is unknown whatever they say.
        self.over: dict[str, Value] = {}
        self.withdrawn: set[str] = set()
        self.case_given: set[str] = set()
        self.fault_codes: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.faults: tuple[InputFault, ...] = ()
        # Silence cannot have begun before this; `silent` says that a silence was reported since.
        self.quiet_floor = 0
        self.refusal = Refusal()
        self.own = OwnExplanations()
        self.silent = False

    def take(self, event: Event) -> None:
        """Fold one event in.

        Raises:
            CallEventError: the event cannot happen now; nothing has changed.
        """
        self.sequence.take(event)
        kind = type(event)
        if kind in GOES_ON:
            self._go_on(event)
        count = MARKED_COUNTS.get(kind)
        if count is not None:
            if self._is_marked(event) and self.own.has(event, self.over.get("case.id")):
                self._add(count, 1)
                self.values[SINCE_REFUSAL] = self.refusal.follow(kind)
            return
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, event)

    def _go_on(self, event: Event) -> None:
        # WHY not after the end: what is written down then is no second need of the caller.
        if self.marked and self.ended_at is None and not (isinstance(event, Held) and not event.on):
            self.values.update(dict.fromkeys(MARKED_FLAGS.values(), False))

    def _offered(self, event: Offered) -> None:
        caller = read_caller(event, self.settings, self.catalogue)
        self.identities = caller.identities
        self.values.update(caller.values)
        if caller.values["caller.protected"]:
            self.over["caller.protected"] = True
            self.over["caller.protected_class"] = caller.values["caller.protected_class"]
        for fault in caller.faults:
            self._fault(fault.fact, fault.code)
        fields = {
            "call.channel": str(event.channel),
            "call.queue": event.queue,
            "call.team": event.team,
            "call.dialled": event.dialled,
            "call.language": event.language,
            "call.topic": event.topic,
        }
        for name, raw in fields.items():
            self._put(name, raw)
        self._declare(event)
        self._take_host_facts(event.facts, event.at)

    def _declare(self, event: Offered) -> None:
        declared = self.settings.feeds if event.feeds is None else event.feeds
        self.feeds = frozenset(feed for feed in _FEEDS if feed in declared)
        self.marked = Feed.AGENT_MARKS in self.feeds
        self.transcribed = Feed.TRANSCRIPT in self.feeds
        # WHY: what is written is itself the record that it was said.
        self.spoken = bool(self.feeds - {Feed.AGENT_MARKS}) or event.channel in (Channel.CHAT, Channel.MAIL)
        values = self.values
        values.update({"talk.answered": False, "talk.transfers": 0, "talk.holds": 0, "talk.on_hold": False})
        if self.marked:
            values.update(dict.fromkeys(MARKED_COUNTS.values(), 0))
            values.update(dict.fromkeys(MARKED_FLAGS.values(), False))
            values.update(
                {"talk.warnings": 0, "talk.offences_since_warning": 0, "case.linked": False, SINCE_REFUSAL: 0}
            )
        if self.transcribed:
            values["talk.signals"] = frozenset[str]()
        if self.marked or (self.transcribed and self.settings.offence_signals):
            values.update({"talk.offences": 0, "talk.offence_kinds": frozenset[str]()})

    def _answered(self, event: Answered) -> None:
        if self.answered_at is None:
            self.answered_at = self.quiet_floor = event.at
            self.values["talk.answered"] = True
            self._anchor("talk.handling_time", event.at)
        self._take_over(event.agent)

    def _transferred(self, event: Transferred) -> None:
        self._add("talk.transfers", 1)
        # WHY: a queue or team that is not named is the one that it was; the agent who passed it on has it no more.
        if event.queue is not None:
            self._put("call.queue", event.queue)
        if event.team is not None:
            self._put("call.team", event.team)
        self._take_over(event.agent)

    def _take_over(self, agent: str | None) -> None:
        self._put("talk.agent", agent)
        if self.first_agent is None:
            self.first_agent = agent

    def _held(self, event: Held) -> None:
        self.values["talk.on_hold"] = event.on
        if event.on:
            self._add("talk.holds", 1)
            self._lift("talk.quiet_for")
        else:
            self.quiet_floor = event.at
        self.silent = False

    def _said(self, event: Said) -> None:
        if not self.spoken or (event.text is not None and not self.transcribed):
            self._fault(event.name, UNDECLARED)
        if signals := self._signals(event):
            self.values["talk.signals"] = self._set("talk.signals") | signals
            if self.marked and signals - FAREWELL:
                self.values[MARKED_FLAGS[NoFurtherNeeds]] = False
            kinds = self._offensive(signals)
            if kinds:
                self._offend(kinds, len(kinds), event.at)
        if self.spoken and self.sequence.state is not State.HELD:
            self.quiet_floor = event.at
            self.silent = False
            self._anchor("talk.quiet_for", event.at)

    def offences_in(self, event: Said) -> frozenset[str]:
        """The kinds of the offences in what was said, by the signals that the norm counts as offences."""
        return self._offensive(self._signals(event))

    def _signals(self, event: Said) -> frozenset[str]:
        if self.transcribed and event.text is not None and event.by == Party.CALLER:
            return self.finder.signals(event.text)
        return frozenset()

    def _offensive(self, signals: frozenset[str]) -> frozenset[str]:
        offensive = self.settings.offence_signals
        return frozenset(offensive[signal] for signal in signals if signal in offensive)

    def _silence(self, event: Silence) -> None:
        if not self.feeds - {Feed.AGENT_MARKS}:
            self._fault(event.name, UNDECLARED)
            return
        if self.sequence.state is State.HELD:
            return
        began = event.at if event.began_at is None else min(event.began_at, event.at)
        began = max(began, self.quiet_floor)
        if self.silent:
            began = min(began, self.anchors["talk.quiet_for"])
        self.silent = True
        self._anchor("talk.quiet_for", began)

    def _offence(self, event: Offence) -> None:
        if self._is_marked(event):
            kinds, code = accept(self.catalogue["talk.offence_kinds"], (event.kind,))
            if code:
                self._fault("talk.offence_kinds", code)
            self._offend(kinds if isinstance(kinds, frozenset) else frozenset(), 1, event.at)

    def _offend(self, kinds: frozenset[str], number: int, at: int) -> None:
        self._add("talk.offences", number)
        self.values["talk.offence_kinds"] = self._set("talk.offence_kinds") | kinds
        if self.values.get("talk.warnings"):
            self._add("talk.offences_since_warning", number)
        self._anchor("talk.since_offence", at)

    def _warned(self, event: Warned) -> None:
        if self._is_marked(event):
            self._add("talk.warnings", 1)
            self.values["talk.offences_since_warning"] = 0
            self._anchor("talk.since_warning", event.at)

    def _flagged(self, event: ServiceCompleted | NoFurtherNeeds) -> None:
        if self._is_marked(event):
            self.values[MARKED_FLAGS[type(event)]] = event.on
            if event.on:
                self.values[SINCE_REFUSAL] = self.refusal.follow(type(event))

    def _judged(self, event: Judged) -> None:
        if self._is_marked(event):
            self._put("talk.judged_class", event.class_)
            known = "talk.judged_class" in self.values
            self._put("talk.judged_kind", event.kind if known else None)

    def _case_linked(self, event: CaseLinked) -> None:
        if self.over.get("case.id", event.case_id) != event.case_id:
            # WHY: what the host said, it said of another case.
            for name in self.case_given:
                self._clear(name)
                self._lift(name)
                self.over.pop(name, None)
            self.case_given.clear()
        for name, value in (("case.linked", True), ("case.id", event.case_id)):
            self._clear(name)
            self.over[name] = value

    def _tick(self, event: Tick) -> None:
        if event.facts:
            self._take_host_facts(event.facts, event.at)

    def _ended(self, event: Ended) -> None:
        self.ended_at = event.at
        self.values["talk.on_hold"] = False
        for name in [name for name in self.anchors if name.startswith("talk.")]:
            self.values[name] = event.at - self.anchors[name]
            self._lift(name)

    def _take_host_facts(self, facts: Mapping[str, object], at: int) -> None:
        values, faults = read_host_facts(facts, self.catalogue)
        if values.get("case.id") is not None:
            values.setdefault("case.linked", True)
        for name, value in values.items():
            self._clear(name)
            self._give(name, value, at, wrong=name in faults)
        for name, code in faults.items():
            if name in values:
                self._fault(name, code)
            else:
                # WHY apart: what the host may not give stays named, whatever the fact becomes otherwise.
                self.refused[name] = code
        self._list_faults()

    def _give(self, name: str, value: Value | None, at: int, *, wrong: bool) -> None:
        if name in _SAFE_WAYS:
            # INVARIANT: no source can take away the protection that another one gives.
            if value is True:
                self.over[name] = True
            return
        case = name.startswith("case.")
        target = self.over if case else self.values
        target.pop(name, None)
        self._lift(name)
        if case:
            self.case_given.add(name)
        if value is None:
            if wrong:
                self.withdrawn.add(name)
        elif self._moves(name) and isinstance(value, int):
            self._anchor(name, at - value)
        elif name == "caller.protected_class":
            self.over.setdefault(name, value)
        else:
            target[name] = value

    def _moves(self, name: str) -> bool:
        fact = self.catalogue[name]
        return bool(fact.anchor) and fact.type is FactType.DURATION

    def _put(self, name: str, raw: object) -> None:
        """Set a fact from a field of an event."""
        value, code = accept(self.catalogue[name], raw)
        self._clear(name)
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        if code:
            self._fault(name, code)

    def _add(self, name: str, number: int) -> None:
        value = self.values[name]
        assert isinstance(value, int)
        self.values[name] = value + number

    def _set(self, name: str) -> frozenset[str]:
        value = self.values[name]
        assert isinstance(value, frozenset)
        return value

    def _anchor(self, name: str, at: int) -> None:
        self.anchors[name] = at
        self.courses[name] = Elapsed(at, None)

    def _lift(self, name: str) -> None:
        self.anchors.pop(name, None)
        self.courses.pop(name, None)

    def _is_marked(self, event: Event) -> bool:
        if not self.marked:
            self._fault(event.name, UNDECLARED)
        return self.marked

    def _fault(self, name: str, code: str) -> None:
        if self.fault_codes.get(name) != code:
            self.fault_codes[name] = code
            self._list_faults()

    def _clear(self, name: str) -> None:
        self.withdrawn.discard(name)
        if self.fault_codes.pop(name, None) is not None:
            self._list_faults()

    def _list_faults(self) -> None:
        found = sorted({*self.fault_codes.items(), *self.refused.items()})
        self.faults = tuple(InputFault(name, code) for name, code in found)


# WHY Any: the table pairs each event type with the method for it.
_HANDLERS: Final[Mapping[type[CallEvent], Callable[[Fold, Any], None]]] = {
    Offered: Fold._offered,
    Answered: Fold._answered,
    Said: Fold._said,
    Silence: Fold._silence,
    Offence: Fold._offence,
    Warned: Fold._warned,
    ServiceCompleted: Fold._flagged,
    NoFurtherNeeds: Fold._flagged,
    CaseLinked: Fold._case_linked,
    Judged: Fold._judged,
    Held: Fold._held,
    Transferred: Fold._transferred,
    Tick: Fold._tick,
    Ended: Fold._ended,
}
