"""What the tests of the session share: a norm, events of one call, and strategies for both."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Channel,
    Ended,
    Escalated,
    Event,
    Explained,
    ExplanationRejected,
    Feed,
    FinalResult,
    Held,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Tick,
    Transferred,
    Warned,
)
from callpolicy.facts import Catalogue, Fact, FactType
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon, SignalFinder
from callpolicy.policy import OpenHours, Settings
from callpolicy.session import CallSession

SECOND: Final = 1_000_000
# 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
START: Final = 1_772_413_200 * SECOND

LEXICONS: Final = (
    Lexicon("curses_en", "curse", "en", "word", ("rascal",)),
    Lexicon("threats_en", "threat", "en", "word", ("lawyer",)),
    Lexicon("insults_zh", "insult", "zh-CN", "substring", ("坏蛋",)),
    Lexicon("satisfied_zh", "satisfied", "zh-CN", "substring", ("谢谢",)),
    Lexicon("no_further_needs_en", "no_further_needs", "en", "word", ("that is all",)),
)
FINDER: Final = SignalFinder(LEXICONS)
HOST_FACTS: Final = (
    Fact("host.balance", FactType.FLOAT, {}, minimum=0),
    Fact("host.waited", FactType.DURATION, {}, anchor="the beginning of the wait"),
    Fact("host.limit", FactType.DURATION, {}),
    Fact("host.member_since", FactType.TIMESTAMP, {}),
    Fact("host.products", FactType.STR_SET, {}, values=("loan", "card")),
)
CATALOGUE: Final[Catalogue] = BUILTIN.extended(HOST_FACTS)

ALL_FEEDS: Final = frozenset(Feed)


def norm(**changes: Any) -> Settings:
    """Settings of a centre in Shanghai, open 9 to 18 from Monday to Friday."""
    given: dict[str, Any] = {
        "name": "norm",
        "region": "CN",
        "time_zone": "Asia/Shanghai",
        "languages": ("zh-CN", "en"),
        "hours": tuple(OpenHours(day, 9 * 60, 18 * 60) for day in range(1, 6)),
        "holidays": frozenset({date(2026, 5, 1)}),
        "feeds": frozenset(str(feed) for feed in Feed),
        "offence_signals": {"curse": "abuse", "insult": "abuse", "threat": "harassment"},
        "protected_numbers": {"emergency": ("CN:110", "CN:119"), "regulator": ("CN:12378",)},
    }
    return Settings(**(given | changes))


class Story:
    """Sends events of one call to a session, numbered as they come, at seconds after the start."""

    def __init__(self, settings: Settings | None = None, call_id: str = "c1") -> None:
        self.session = CallSession(settings or norm(), CATALOGUE, FINDER)
        self.call_id = call_id
        self.events: list[Event] = []

    def tell(self, made: type[Any], second: float, /, seq: int | None = None, **fields: Any) -> bool:
        number = len(self.events) if seq is None else seq
        event: Event = made(call_id=self.call_id, seq=number, at=START + int(second * SECOND), **fields)
        taken = self.session.receive(event)
        self.events.append(event)
        return taken

    def facts(self, second: float, *arguments: Any) -> dict[str, Any]:
        return dict(self.session.snapshot(START + int(second * SECOND), *arguments).values)

    def fault_codes(self, second: float, *arguments: Any) -> dict[str, str]:
        faults = self.session.snapshot(START + int(second * SECOND), *arguments).input_faults
        return {fault.fact: fault.code for fault in faults}


def talking(settings: Settings | None = None, **offered: Any) -> Story:
    """A call that is offered at second 0 and answered at second 10."""
    story = Story(settings)
    story.tell(Offered, 0, **offered)
    story.tell(Answered, 10, agent="li")
    return story


def seconds(duration: object) -> float:
    assert isinstance(duration, int)
    return duration / SECOND


# WHY few instants and few numbers: events must meet at one instant, come twice and come late.
_instants = st.integers(0, 30).map(lambda second: START + second * SECOND)
_seqs = st.integers(0, 25)
_cases = st.sampled_from([None, None, "k1", "k2"])
_agents = st.sampled_from([None, "li", "wang"])
_texts = st.sampled_from(
    [None, "good day", "you rascal", "rascal! my LAWYER will call", "坏 蛋, you rascal", "谢谢", "that is all"]
)
_facts = st.dictionaries(
    st.sampled_from(
        [
            "case.status", "case.contacts", "case.contacts_since_final", "case.since_final", "case.explanations",
            "case.explanations_rejected", "case.new_facts_since_final", "case.id", "call.topic", "caller.protected",
            "talk.warnings", "host.waited", "host.balance", "no.such",
        ]
    ),
    st.sampled_from([None, 0, 1, 3, 2.5, True, "open", "final", "k1", float("nan")]),
    max_size=3,
)  # fmt: skip

_PLAIN: Final[tuple[type[CallEvent], ...]] = (
    Warned, Soothed, ExplanationRejected, RefusedByRule, Escalated, Ended,
)  # fmt: skip


def _of(made: type[Any], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.builds(made, call_id=st.just("c1"), seq=_seqs, at=_instants, **fields)


def offers(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Offered]:
    chosen: dict[str, st.SearchStrategy[Any]] = {
        "feeds": st.one_of(st.none(), st.frozensets(st.sampled_from(Feed))),
        "channel": st.sampled_from([Channel.PHONE, Channel.PHONE, Channel.CHAT]),
        "number": st.sampled_from([None, "13800138000", "anonymous", "110", "rubbish"]),
        "customer": st.sampled_from([None, "0", "c-17", "6.02701E+11"]),
        "facts": _facts,
    }
    return st.builds(Offered, call_id=st.just("c1"), **({"seq": _seqs, "at": _instants} | chosen | fields))


talk_events: Final[st.SearchStrategy[Event]] = st.one_of(
    _of(Said, by=st.sampled_from(Party), text=_texts),
    _of(Silence, began_at=st.one_of(st.none(), _instants)),
    _of(Held),
    _of(Offence, kind=st.sampled_from(["abuse", "harassment"])),
    _of(Warned),
    _of(ServiceCompleted, on=st.booleans()),
    _of(NoFurtherNeeds, on=st.booleans()),
)
later_events: Final[st.SearchStrategy[Event]] = st.one_of(
    _of(Answered, agent=_agents),
    _of(Said, by=st.sampled_from(Party), text=_texts),
    _of(Silence, began_at=st.one_of(st.none(), _instants)),
    _of(Offence, kind=st.sampled_from(["abuse", "harassment"])),
    _of(Held, on=st.booleans()),
    _of(ServiceCompleted, on=st.booleans()),
    _of(NoFurtherNeeds, on=st.booleans()),
    _of(Transferred, agent=_agents, queue=st.sampled_from([None, "q2"])),
    _of(CaseLinked, case_id=st.sampled_from(["k1", "k2"])),
    _of(Explained, case_id=_cases),
    _of(FinalResult, case_id=_cases),
    _of(NewFact, case_id=_cases),
    _of(Judged, class_=st.sampled_from(["normal", "nuisance", "nonsense"]), kind=st.sampled_from([None, "abuse"])),
    _of(Tick, facts=_facts),
    st.one_of([_of(kind) for kind in _PLAIN]),
)
