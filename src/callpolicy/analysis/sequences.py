"""No sequence of events leads to a hang-up for nuisance without a warning before it: a search over the fold.

Only the marks on which the norm's promise rests are followed event by event; of all other facts the solver takes any
values at every step. So whatever else happens on a call is covered, and the states stay few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from callpolicy.analysis.encoded import Encoded
from callpolicy.analysis.formulas import Answering, Formula, UnsettledError, all_of, any_of, can_hold, negated
from callpolicy.analysis.norms import WARNED
from callpolicy.analysis.witness import Witness
from callpolicy.condition import FactRef, Leaf, Op, leaves
from callpolicy.decision import Decision
from callpolicy.events import Answered, Event, Feed, Judged, Offence, Offered, Said, Warned
from callpolicy.facts import FactType, Value
from callpolicy.lexicon import SignalFinder
from callpolicy.matchers.reference import truth
from callpolicy.points import KINDS_OF_CLASS, DecisionPoint, Effect, Stage
from callpolicy.policy import Bundle
from callpolicy.session import CallSession

MOST_EVENTS: Final = 8
"""How long the sequences are that are looked at; the offer and the answer count."""

HANG_UPS: Final = (Effect.HANG_UP, Effect.HANG_UP_POLITELY)
START: Final = 1_772_416_800_000_000
"""When the calls begin that are made up: 2026-03-02T10:00:00+08:00."""

CALLER: Final = "C-1"
"""A made-up customer. WHY no number: it would be parsed again for every sequence."""

_FOLLOWED: Final = (
    "talk.warnings", "talk.offences", "talk.offences_since_warning", "talk.offence_kinds", "talk.judged_class",
    "talk.judged_kind",
)  # fmt: skip
_SECOND: Final = 1_000_000
_AROUND: Final[dict[str, Value]] = {"caller.allowlisted": False, "block.covered": False, "block.count": 0}
_FEEDS: Final = (
    frozenset({Feed.AGENT_MARKS}),
    frozenset({Feed.AGENT_MARKS, Feed.TRANSCRIPT}),
    frozenset({Feed.TRANSCRIPT}),
    frozenset[Feed](),
)


class Progress(StrEnum):
    """How far the norm's promise is kept on a call: a warning, then an offence, then perhaps a hang-up."""

    NONE = "none"
    WARNED = "warned"
    OFFENDED_SINCE = "offended_since"


@dataclass(frozen=True, slots=True)
class Searched:
    """What the search came to.

    Args:
        states: how many different states were reached.
        events: how long the sequences were at most.
        sequence: a sequence that ends in a hang-up that must not be, as the engine decides it; empty if none was found.
        decision: what the engine decides at its end.
        possible: a snapshot in which nobody was warned and somebody is hung up on, if the engine does not come to it by
            what was followed alone; `None` if there is none.
        unsettled: a question was too much work, so that nothing is proved; only where the base looks.
    """

    states: int
    events: int
    sequence: tuple[Event, ...] = ()
    decision: Decision | None = None
    possible: Witness | None = None
    unsettled: bool = False

    @property
    def proved(self) -> bool:
        """No sequence of that length leads to a hang-up that must not be."""
        return not self.sequence and self.possible is None and not self.unsettled


_Key: TypeAlias = tuple[object, ...]


def search(bundle: Bundle, *, most: int = MOST_EVENTS, by: Answering | None = None) -> Searched:
    """Look for a hang-up on nuisance without a warning and an offence after it, over every short sequence of events.

    Args:
        bundle: a bundle without errors.
        most: how many events a sequence has at most.
        by: what answers the questions; left out, the solver.

    Raises:
        MissingExtraError: the solver is not installed.
    """
    return _Search(bundle, most, by).run()


class _Search:
    def __init__(self, bundle: Bundle, most: int, by: Answering | None) -> None:
        self.bundle = bundle
        self.most = most
        self.finder = SignalFinder(bundle.lexicons)
        self.words = tuple(_words(bundle, self.finder))
        # WHY so many: in one sentence offences of several kinds can be heard.
        counts = tuple(range(most * len(KINDS_OF_CLASS[Effect.NUISANCE]) + 1))
        named = [bundle.catalogue[name] for name in _FOLLOWED]
        more = [Leaf(fact.name, Op.IN, counts) for fact in named if fact.type is FactType.INT]
        self.encoded = Encoded(bundle, DecisionPoint.IN_CALL, more=[*more, WARNED], by=by)
        self.solver = self.encoded.solver()
        hangup = self.encoded.stage(Stage.HANGUP)
        nuisance = self.encoded.stage(Stage.CLASSIFY).comes_to(Effect.NUISANCE)
        self.bad = all_of((any_of([hangup.comes_to(effect) for effect in HANG_UPS]), nuisance))
        self.unsettled = False
        self.caps = dict(_caps(self.encoded))
        hung_up_unwarned = all_of((self.bad, negated(self.encoded.truth(WARNED, Stage.HANGUP).true)))
        # WHY asked first: if it cannot be, nothing more need be asked while nobody was warned.
        self.unwarned_too = self._may_hold(hung_up_unwarned)
        self.answers: dict[_Key, bool] = {}
        self.possible: Witness | None = None

    def run(self) -> Searched:
        states = 0
        seen: set[_Key] = set()
        layer: list[tuple[Event, ...]] = [(self._offered(feeds),) for feeds in _FEEDS]
        for length in range(1, self.most + 1):
            following: list[tuple[Event, ...]] = []
            for events in layer:
                session = self._session(events)
                key, kept = self._key(session, events)
                if key in seen:
                    continue
                seen.add(key)
                states += 1
                if kept is not Progress.OFFENDED_SINCE and length > 1:
                    found = self._look(session, events, key)
                    if found is not None:
                        return Searched(states, self.most, events, found)
                if kept is not Progress.OFFENDED_SINCE and length < self.most:
                    following += [(*events, each) for each in self._next(events)]
            layer = following
        return Searched(states, self.most, possible=self.possible, unsettled=self.unsettled)

    def _may_hold(self, *formulas: Formula) -> bool:
        """Whether they can hold together; where that is too much work, perhaps they can, and nothing is proved."""
        try:
            return can_hold(self.solver, *formulas)
        except UnsettledError:
            self.unsettled = True
            return True

    def _session(self, events: tuple[Event, ...]) -> CallSession:
        session = CallSession(self.bundle.settings, self.bundle.catalogue, self.finder)
        for event in events:
            session.receive(event)
        return session

    def _key(self, session: CallSession, events: tuple[Event, ...]) -> tuple[_Key, Progress]:
        values = session.snapshot(events[-1].at).values
        kept = _kept(session, events)
        followed = (_capped(values.get(name), self.caps.get(name)) for name in _FOLLOWED)
        return (session.feeds, session.state, kept, *followed), kept

    def _look(self, session: CallSession, events: tuple[Event, ...], key: _Key) -> Decision | None:
        """The decision at the end of a sequence, if it is a hang-up that must not be."""
        snapshot = session.snapshot(events[-1].at, _AROUND)
        warned = truth(WARNED, snapshot.values) is True
        if not (warned or self.unwarned_too) or not self._can(key):
            return None
        decision = self.encoded.decide(
            {name: value for name, value in snapshot.values.items() if name not in {"caller.class", "caller.kind"}}
        )
        hangs_up = decision.main.outcome.effect in HANG_UPS
        return decision if hangs_up and decision.caller_class is Effect.NUISANCE else None

    def _can(self, key: _Key) -> bool:
        """Whether it can be a hang-up on nuisance, whatever the facts are that are not followed."""
        followed = key[3:]
        if followed not in self.answers:
            asked = [*self._fixed(followed)]
            self.answers[followed] = self._may_hold(self.bad, *asked)
            if self.answers[followed] and self.possible is None:
                with suppress(UnsettledError):
                    self.possible = self.encoded.find(all_of((self.bad, *asked)), solver=self.solver)
        return self.answers[followed]

    def _fixed(self, followed: _Key) -> Iterator[Formula]:
        for name, value in zip(_FOLLOWED, followed, strict=True):
            term = self.encoded.space.terms.get(name)
            if term is None:
                continue
            if value is None:
                yield negated(term.known)
            elif isinstance(value, frozenset):
                yield term.known
                yield from (each if name in value else negated(each) for name, each in (term.elements or {}).items())
            else:
                yield all_of((term.known, term.at(term.values.index(value))))

    def _offered(self, feeds: frozenset[Feed]) -> Event:
        return Offered(call_id="call", seq=0, at=START, customer=CALLER, feeds=feeds)

    def _next(self, events: tuple[Event, ...]) -> Iterator[Event]:
        seq, at = len(events), events[-1].at + _SECOND
        if len(events) == 1:
            yield Answered(call_id="call", seq=seq, at=at, agent="a1")
            return
        for kind in KINDS_OF_CLASS[Effect.NUISANCE]:
            yield Offence(call_id="call", seq=seq, at=at, kind=str(kind))
        yield Warned(call_id="call", seq=seq, at=at)
        for class_, kinds in KINDS_OF_CLASS.items():
            for each in (None, *kinds):
                yield Judged(call_id="call", seq=seq, at=at, class_=str(class_), kind=each and str(each))
        for text in self.words:
            yield Said(call_id="call", seq=seq, at=at, text=text)


def _caps(encoded: Encoded) -> Iterator[tuple[str, int]]:
    """For each count, the number from which on no condition tells it from a larger one; none if facts are compared."""
    asked = [leaf for condition in encoded.asked.conditions for leaf in leaves(condition)]
    for name in _FOLLOWED:
        if encoded.bundle.catalogue[name].type is not FactType.INT:
            continue
        paired = any(isinstance(leaf.operand, FactRef) and name in {leaf.fact, leaf.operand.name} for leaf in asked)
        if not paired:
            operands = [leaf.operand for leaf in asked if leaf.fact == name and leaf.op is not Op.KNOWN]
            flat = [one for each in operands for one in (each if isinstance(each, tuple) else (each,))]
            yield name, max([1, *(one for one in flat if isinstance(one, int))]) + 1


def _capped(value: Value | None, cap: int | None) -> Value | None:
    return min(value, cap) if isinstance(value, int) and cap is not None else value


def _kept(session: CallSession, events: Iterable[Event]) -> Progress:
    kept = Progress.NONE
    for event in events:
        marked = Feed.AGENT_MARKS in session.feeds
        heard = isinstance(event, Said) and bool(session.offences_in(event))
        if isinstance(event, Warned) and marked:
            kept = Progress.WARNED
        elif kept is Progress.WARNED and (heard or (isinstance(event, Offence) and marked)):
            kept = Progress.OFFENDED_SINCE
    return kept


def _words(bundle: Bundle, finder: SignalFinder) -> Iterator[str]:
    """A text for each set of offences that the lexicons hear, so that every one of them is said."""
    signals = bundle.settings.offence_signals
    heard: set[frozenset[str]] = set()
    for lexicon in bundle.lexicons:
        for term in lexicon.terms if lexicon.signal in signals else ():
            text = term.rstrip("*")
            kinds = frozenset(signals[each] for each in finder.signals(text) if each in signals)
            if kinds and kinds not in heard:
                heard.add(kinds)
                yield text
