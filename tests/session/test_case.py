"""The complaint case over its calls: status, contacts, explanations, who took it first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callpolicy.events import (
    Answered,
    CallEvent,
    CaseLinked,
    Ended,
    Event,
    Explained,
    ExplanationRejected,
    FinalResult,
    NewFact,
    Said,
    Transferred,
)
from callpolicy.facts.builtin import RELATIONS
from callpolicy.matchers.reference import truth
from callpolicy.session import CaseRecord
from callpolicy.windows import Elapsed


class Case:
    """A case `k1` that is told its events in short: call, seq and at go up by themselves."""

    def __init__(self) -> None:
        self.record = CaseRecord("k1")
        self.now = 0

    def tell(self, call_id: str, made: type[Any], handler: str | None = None, /, **fields: Any) -> None:
        self.now += 1
        self.record.receive(made(call_id=call_id, seq=self.now, at=self.now, **fields), handler)

    def link(self, call_id: str, case_id: str = "k1") -> None:
        self.tell(call_id, CaseLinked, case_id=case_id)

    def get(self, name: str, at: int | None = None) -> Any:
        return self.record.facts(self.now if at is None else at)[0].get(f"case.{name}")


def test_a_case_is_open_until_it_has_a_final_result() -> None:
    case = Case()
    case.link("a")

    values, courses = case.record.facts(10)

    assert values == {
        "case.id": "k1", "case.linked": True, "case.status": "open", "case.contacts": 1, "case.contacts_since_final": 0,
        "case.new_facts_since_final": 0, "case.explanations": 0, "case.explanations_rejected": 0,
    }  # fmt: skip
    assert courses == {}


def test_a_final_result_closes_it_and_starts_the_time_since() -> None:
    case = Case()
    case.link("a")
    case.tell("a", FinalResult)

    values, courses = case.record.facts(30)

    assert (values["case.status"], values["case.final_result_at"], values["case.since_final"]) == ("final", 2, 28)
    assert courses == {"case.since_final": Elapsed(2, None)}


def test_a_new_fact_reopens_it_and_another_result_closes_it_again() -> None:
    case = Case()
    case.link("a")
    case.tell("a", NewFact)
    seen = [(case.get("status"), case.get("new_facts_since_final"))]
    for made in (FinalResult, NewFact, NewFact, FinalResult):
        case.tell("a", made)
        seen.append((case.get("status"), case.get("new_facts_since_final")))

    assert seen == [("open", 0), ("final", 0), ("reopened", 1), ("reopened", 2), ("final", 0)]
    assert case.get("final_result_at") == 6


def test_contacts_since_the_final_result_are_those_linked_after_it() -> None:
    case = Case()
    case.link("a")
    case.link("b")
    case.tell("b", FinalResult)
    seen = [(case.get("contacts"), case.get("contacts_since_final"))]
    case.link("c")
    case.link("c")
    case.link("d")
    seen.append((case.get("contacts"), case.get("contacts_since_final")))
    case.tell("d", FinalResult)
    seen.append((case.get("contacts"), case.get("contacts_since_final")))

    assert seen == [(2, 0), (4, 2), (4, 0)]


def test_a_contact_that_only_its_host_knows_of_counts_while_it_lasts() -> None:
    case = Case()
    case.link("a")
    case.tell("a", FinalResult)

    known, unknown = case.record.facts(9, "a")[0], case.record.facts(9, "b")[0]

    assert (known["case.contacts"], known["case.contacts_since_final"]) == (1, 0)
    assert (unknown["case.contacts"], unknown["case.contacts_since_final"]) == (2, 1)


def test_explanations_count_over_all_contacts_also_those_before_the_link() -> None:
    case = Case()
    case.tell("a", Explained)
    case.tell("a", Explained)
    case.tell("a", ExplanationRejected)
    before = (case.get("explanations"), case.get("explanations_rejected"))
    case.link("a")
    after = (case.get("explanations"), case.get("explanations_rejected"))
    case.tell("a", ExplanationRejected)
    case.link("b")
    case.tell("b", Explained)

    assert (before, after) == ((0, 0), (2, 1))
    assert (case.get("explanations"), case.get("explanations_rejected")) == (3, 2)


def test_what_follows_a_link_to_another_case_belongs_to_that_one() -> None:
    case = Case()
    case.link("a")
    case.tell("a", Explained)
    case.link("a", "k2")
    case.tell("a", Explained)
    case.tell("a", ExplanationRejected)
    case.tell("a", FinalResult)
    case.tell("a", NewFact)
    elsewhere = (case.get("explanations"), case.get("explanations_rejected"), case.get("status"))

    case.tell("a", ExplanationRejected)

    assert elsewhere == (1, 0, "open")
    # The one of this case is the one that was left to reject.
    assert case.get("explanations_rejected") == 1


def test_what_was_explained_before_the_first_link_stays_with_that_case() -> None:
    case = Case()
    case.tell("a", Explained)
    case.link("a", "k2")
    case.link("a", "k1")
    case.tell("a", ExplanationRejected)

    assert (case.get("explanations"), case.get("explanations_rejected"), case.get("contacts")) == (0, 0, 1)


def test_the_first_handler_stays_whoever_takes_the_case_later() -> None:
    case = Case()
    case.tell("a", Answered, agent="li")
    case.link("a")
    case.tell("a", Transferred, agent="wang")
    case.tell("b", Answered, agent="zhao")
    case.link("b")

    assert case.get("first_handler") == "li"


def test_a_contact_that_nobody_took_leaves_the_first_handler_to_the_next() -> None:
    case = Case()
    case.link("a")
    none = case.get("first_handler")
    case.tell("b", Answered, agent=None)
    case.link("b")
    case.tell("b", Transferred, agent="wang")

    assert none is None
    assert case.get("first_handler") == "wang"


def test_who_hands_the_events_over_later_is_not_the_first_handler() -> None:
    case = Case()
    case.tell("a", Answered, "wang", agent=None)
    case.tell("a", Transferred, "wang", agent="li")
    case.tell("a", Transferred, "wang", agent="wang")
    case.link("a")

    assert case.get("first_handler") == "li"


def test_the_host_can_say_who_had_the_contact() -> None:
    case = Case()
    case.tell("a", CaseLinked, "li", case_id="k1")

    assert case.get("first_handler") == "li"


def test_events_without_meaning_for_a_case_and_doubles_change_nothing() -> None:
    record = CaseRecord("k1")
    link = CaseLinked(call_id="a", seq=1, at=1, case_id="k1")

    assert record.receive(link) is True
    assert record.receive(link) is False
    assert record.receive(Said(call_id="a", seq=2, at=2)) is False
    assert record.receive(Ended(call_id="a", seq=3, at=3)) is False
    assert record.facts(9)[0]["case.contacts"] == 1


def test_an_instant_sees_what_had_happened_by_then() -> None:
    case = Case()
    case.link("a")
    case.tell("a", FinalResult)
    case.tell("a", NewFact)

    assert [case.get("status", at) for at in (1, 2, 3)] == ["open", "final", "reopened"]
    assert case.get("contacts", 0) == 0


def test_an_event_that_names_a_case_is_about_it_whatever_its_call_is_linked_to() -> None:
    case = Case()
    case.link("a", "k2")
    case.tell("a", Explained, case_id="k1")
    case.tell("a", ExplanationRejected)
    case.tell("a", FinalResult, case_id="k1")
    case.tell("a", NewFact, case_id="k1")
    seen = (case.get("explanations"), case.get("explanations_rejected"), case.get("status"), case.get("contacts"))

    case.link("b")
    case.tell("b", Explained, case_id="k2")
    case.tell("b", FinalResult, case_id="k2")
    case.tell("b", NewFact, case_id="k2")

    assert seen == (1, 1, "reopened", 0)
    assert (case.get("explanations"), case.get("new_facts_since_final"), case.get("contacts")) == (1, 1, 1)
    assert case.get("final_result_at") == 4


def test_a_result_that_the_back_office_records_is_no_contact() -> None:
    case = Case()
    case.tell("desk:7", FinalResult, "zhao", case_id="k1")
    before = (case.get("status"), case.get("contacts"), case.get("contacts_since_final"), case.get("first_handler"))
    case.link("a")
    case.tell("desk:8", NewFact, "zhao", case_id="k1")

    assert before == ("final", 0, 0, None)
    assert (case.get("status"), case.get("contacts"), case.get("contacts_since_final")) == ("reopened", 1, 1)


def test_an_explanation_that_names_another_case_stays_with_that_one_when_its_call_is_linked() -> None:
    case = Case()
    case.tell("a", Explained, case_id="k2")
    case.tell("a", Explained)
    case.tell("a", ExplanationRejected)
    case.tell("a", ExplanationRejected)
    case.link("a")

    assert (case.get("explanations"), case.get("explanations_rejected")) == (1, 1)


CALLS = st.sampled_from(["a", "b", "c"])
NAMED = st.sampled_from([None, None, None, "k1", "k2"])
TEXTS = st.sampled_from([None, "不予退费", "no refund"])


def _made(kind: type[CallEvent], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.builds(kind, call_id=CALLS, seq=st.integers(0, 60), at=st.integers(0, 12), **fields)  # type: ignore[arg-type]  # a subset of the events


case_events = st.lists(
    st.one_of(
        _made(CaseLinked, case_id=st.sampled_from(["k1", "k1", "k2"])),
        _made(Explained, case_id=NAMED, text=TEXTS),
        _made(ExplanationRejected, text=TEXTS),
        _made(FinalResult, case_id=NAMED, text=TEXTS),
        _made(NewFact, case_id=NAMED, text=TEXTS),
        _made(Answered, agent=st.sampled_from([None, "li", "wang"])),
    ),
    max_size=30,
    unique_by=lambda event: (event.call_id, event.seq),
)


def naive_case(events: Sequence[Event], at: int) -> dict[str, Any]:
    """The case from all events at once: for each, which case it is about."""
    told = sorted((event for event in events if event.at <= at), key=lambda event: (event.at, event.call_id, event.seq))
    about = [case_about(told, place) for place in range(len(told))]
    links: dict[str, int] = {}
    for place, event in enumerate(told):
        if isinstance(event, CaseLinked) and event.case_id == "k1":
            links.setdefault(event.call_id, place)
    closed = [place for place, event in enumerate(told) if isinstance(event, FinalResult) and about[place] == "k1"]
    reopened = [place for place, event in enumerate(told) if isinstance(event, NewFact) and about[place] == "k1"]
    last = closed[-1] if closed else None
    new_facts = 0 if last is None else sum(place > last for place in reopened)
    return {
        "case.status": "open" if last is None else ("reopened" if new_facts else "final"),
        "case.contacts": len(links),
        "case.contacts_since_final": 0 if last is None else sum(place > last for place in links.values()),
        "case.new_facts_since_final": new_facts,
        "case.explanations": sum(
            isinstance(event, Explained) and case_id == "k1" for event, case_id in zip(told, about, strict=True)
        ),
        "case.explanations_rejected": sum(about[place] == "k1" for place in rejected_places(told)),
    }


def case_about(told: Sequence[Event], place: int) -> str | None:
    """The case that one event is about: the one it names, the one its call was linked to, or will first be."""
    event = told[place]
    named = getattr(event, "case_id", None)
    if named is not None:
        return str(named)
    own = [
        (at, each.case_id)
        for at, each in enumerate(told)
        if isinstance(each, CaseLinked) and each.call_id == event.call_id
    ]
    until = [case_id for at, case_id in own if at <= place]
    if until:
        return until[-1]
    # What was explained before the first link was about that case; a result or a new fact needs a case.
    return own[0][1] if own and isinstance(event, Explained) else None


def rejected_places(told: Sequence[Event]) -> list[int]:
    """The places of the explanations that were rejected: in each call the latest that was not yet."""
    given: dict[str, list[int]] = {}
    rejected: list[int] = []
    for place, event in enumerate(told):
        own = given.setdefault(event.call_id, [])
        if isinstance(event, Explained):
            own.append(place)
        elif isinstance(event, ExplanationRejected) and own:
            rejected.append(own.pop())
    return rejected


@given(case_events, st.integers(0, 14), st.randoms(use_true_random=False))
def test_the_case_is_what_its_events_say_in_whatever_order_they_come(events: list[Event], at: int, random: Any) -> None:
    record = CaseRecord("k1")
    shuffled = list(events)
    random.shuffle(shuffled)

    for event in shuffled:
        assert record.receive(event) is True

    values, _ = record.facts(at)
    expected = naive_case(events, at)
    assert {name: values[name] for name in expected} == expected


@given(case_events, st.integers(0, 14))
def test_no_relation_between_facts_of_a_case_is_ever_false(events: list[Event], at: int) -> None:
    record = CaseRecord("k1")
    for event in events:
        record.receive(event)

    for call_id in (None, "a", "d"):
        values, _ = record.facts(at, call_id)
        assert [each.name for each in RELATIONS if truth(each.holds, values) is False] == []
