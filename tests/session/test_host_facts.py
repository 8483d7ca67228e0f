"""Facts from the host: what it may give, what a bad value does, and who wins."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.events import CaseLinked, Feed, Offered, Tick
from callpolicy.facts import Value
from callpolicy.windows import Elapsed
from tests.session.making import CATALOGUE, SECOND, START, Story, talking


def given(**facts: Any) -> Story:
    """A call whose host gives facts; `__` stands for the dot of their names."""
    return talking(facts={name.replace("__", "."): value for name, value in facts.items()})


def test_a_host_gives_its_own_facts_and_what_it_can_learn_of_the_call() -> None:
    facts = given(
        host__balance=10, host__products=["card"], host__limit=5, call__topic="rates", call__language="en",
        caller__attestation="B", caller__allowlisted=True, case__status="final",
    ).facts(20)  # fmt: skip

    assert (facts["host.balance"], facts["host.products"], facts["host.limit"]) == (10.0, frozenset({"card"}), 5)
    assert (facts["call.topic"], facts["call.language"], facts["caller.attestation"]) == ("rates", "en", "B")
    assert (facts["caller.allowlisted"], facts["case.status"]) == (True, "final")


@pytest.mark.parametrize("space", ["talk", "history", "block"])
def test_what_happened_here_and_before_is_not_the_hosts_to_say(space: str) -> None:
    names = [fact.name for fact in CATALOGUE if fact.name.startswith(f"{space}.")]
    story = talking(facts=dict.fromkeys(names, 1))

    assert {name: code for name, code in story.fault_codes(20).items() if code != "not-allowed"} == {}
    assert set(names) == set(story.fault_codes(20))
    assert story.facts(20) == talking().facts(20)


@pytest.mark.parametrize(
    "name",
    ["call.hour", "call.holiday", "call.channel", "caller.number", "caller.customer", "caller.identified",
     "caller.withheld", "caller.class", "caller.kind"],
)  # fmt: skip
def test_what_the_fold_and_the_engine_make_cannot_be_given(name: str) -> None:
    story = talking(facts={name: "x"})

    assert story.fault_codes(20) == {name: "not-allowed"}
    assert story.facts(20) == talking().facts(20)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("host.balance", "12", "wrong-type"),
        ("host.balance", float("nan"), "not-a-number"),
        ("host.balance", -1, "out-of-range"),
        ("host.balance", 10**400, "out-of-range"),
        ("host.limit", 1 << 63, "out-of-range"),
        ("host.member_since", -1, "out-of-range"),
        ("host.member_since", 1 << 62, "out-of-range"),
        ("host.products", ["card", "house"], "not-allowed"),
        ("case.status", "closed", "not-allowed"),
        ("call.topic", 7, "wrong-type"),
        ("caller.allowlisted", "yes", "wrong-type"),
    ],
)
def test_a_bad_value_is_unknown_and_named(name: str, value: object, code: str) -> None:
    story = talking(topic="rates", facts={name: value})

    assert name not in story.facts(20)
    assert story.fault_codes(20) == {name: code}


def test_a_fact_that_nobody_declared_is_named_but_no_number_is_shown() -> None:
    story = talking(facts={"host.colour": 1, "+8613800138000": 1})

    assert story.fault_codes(20) == {"host.colour": "unknown-fact", "unnamed": "unknown-fact"}


def test_what_a_tick_brings_replaces_what_was_known() -> None:
    story = talking(topic="rates", facts={"host.limit": 5})

    story.tell(Tick, 20, facts={"call.topic": "cards", "host.limit": 6})

    assert (story.facts(15)["call.topic"], story.facts(20)["call.topic"]) == ("rates", "cards")
    assert (story.facts(15)["host.limit"], story.facts(20)["host.limit"]) == (5, 6)


def test_a_bad_value_is_good_again_after_a_good_one() -> None:
    story = given(call__topic=7)
    story.tell(Tick, 20, facts={"call.topic": "cards"})

    assert story.facts(20)["call.topic"] == "cards"
    assert story.fault_codes(20) == {}


def test_a_bad_value_takes_the_good_one_before_it_away() -> None:
    story = given(call__topic="rates")
    story.tell(Tick, 20, facts={"call.topic": 7})

    assert "call.topic" not in story.facts(20)


def test_a_host_can_say_that_it_does_not_know_any_more() -> None:
    story = given(host__limit=5)
    story.tell(Tick, 20, facts={"host.limit": None})

    assert "host.limit" not in story.facts(20)
    assert story.fault_codes(20) == {}


def test_a_duration_that_time_moves_goes_on_from_when_it_was_given() -> None:
    story = given(host__waited=60 * SECOND, host__limit=60 * SECOND)

    snapshot = story.session.snapshot(START + 20 * SECOND)

    assert snapshot.get("host.waited") == 80 * SECOND
    assert snapshot.get("host.limit") == 60 * SECOND
    assert snapshot.courses["host.waited"] == Elapsed(START - 60 * SECOND, None)


def test_what_the_host_says_of_the_case_goes_over_what_the_store_says() -> None:
    story = given(case__status="final", case__since_final=5 * SECOND)
    store: dict[str, Value] = {"case.status": "open", "case.contacts": 4}

    snapshot = story.session.snapshot(START + 20 * SECOND, store, {"case.since_final": Elapsed(START, None)})

    assert snapshot.get("case.status") == "final"
    assert snapshot.get("case.since_final") == 25 * SECOND
    assert snapshot.get("case.contacts") == 4
    assert snapshot.courses["case.since_final"] == Elapsed(START - 5 * SECOND, None)


def test_a_bad_value_hides_what_the_store_says() -> None:
    story = given(case__status="closed", case__since_final="x")

    snapshot = story.session.snapshot(
        START + 20 * SECOND,
        {"case.status": "final", "case.since_final": 20 * SECOND},
        {"case.since_final": Elapsed(START, None)},
    )

    assert not {"case.status", "case.since_final"} & snapshot.values.keys()
    assert "case.since_final" not in snapshot.courses


def test_not_knowing_hides_nothing() -> None:
    story = given(case__status=None)

    assert story.facts(20, {"case.status": "final"})["case.status"] == "final"


def test_a_case_named_by_the_host_is_a_linked_case() -> None:
    facts = given(case__id="k7").facts(20)

    assert (facts["case.linked"], facts["case.id"]) == (True, "k7")
    assert given(case__id="k7").session.case_id == "k7"


def test_what_the_host_said_of_another_case_is_forgotten_when_an_event_links_one() -> None:
    other, same = given(case__id="k7", case__status="final"), given(case__id="k7", case__status="final")

    other.tell(CaseLinked, 20, case_id="k8")
    same.tell(CaseLinked, 20, case_id="k7")

    assert other.facts(20)["case.id"] == "k8"
    assert "case.status" not in other.facts(20)
    assert same.facts(20)["case.status"] == "final"


@pytest.mark.parametrize(
    "facts",
    [
        {"case.contacts": 1, "case.contacts_since_final": 2},
        {"case.explanations": 1, "case.explanations_rejected": 2},
        {"case.status": "open", "case.since_final": 1},
        {"case.status": "final", "case.new_facts_since_final": 1},
    ],
)
def test_case_facts_that_cannot_be_together_are_all_given_back(facts: dict[str, Any]) -> None:
    story = talking(facts={"case.id": "k1", **facts})

    seen = story.facts(20, {"case.explanations": 3, "case.explanations_rejected": 1})

    assert {name: code for name, code in story.fault_codes(20).items() if name != "case.id"} == dict.fromkeys(
        facts, "contradiction"
    )
    assert {name for name in facts if name in seen} <= {"case.explanations", "case.explanations_rejected"}
    assert (seen["case.explanations"], seen["case.explanations_rejected"], seen["case.id"]) == (3, 1, "k1")


def test_what_a_host_says_can_also_contradict_the_store() -> None:
    story = given(case__contacts=1)

    seen = story.facts(20, {"case.contacts": 5, "case.contacts_since_final": 2})

    assert (seen["case.contacts"], seen["case.contacts_since_final"]) == (5, 2)
    assert story.fault_codes(20, {"case.contacts_since_final": 2}) == {"case.contacts": "contradiction"}


@pytest.mark.parametrize("name", ["caller.protected", "caller.allowlisted"])
def test_no_source_takes_away_the_protection_that_another_gives(name: str) -> None:
    by_host = talking(facts={name: True})
    by_host.tell(Tick, 20, facts={name: False})
    by_store = talking(facts={name: False})

    assert by_host.facts(20, {name: False})[name] is True
    assert by_store.facts(20, {name: True})[name] is True
    assert talking(number="110").facts(20, {"caller.protected": False})["caller.protected"] is True


def test_what_comes_from_elsewhere_is_merged_in_with_its_courses() -> None:
    course = Elapsed(START, None)

    snapshot = talking().session.snapshot(
        START + 20 * SECOND, {"block.covered": True, "history.calls_1h": 3}, {"history.since": course}
    )

    assert (snapshot.get("block.covered"), snapshot.get("history.calls_1h")) == (True, 3)
    assert snapshot.courses["history.since"] == course


def test_facts_of_a_late_tick_stand_where_they_were_given() -> None:
    story = given(call__topic="rates")
    story.tell(Tick, 30, seq=8, facts={"call.topic": "cards"})
    story.tell(Tick, 20, seq=5, facts={"call.topic": "loans"})

    assert [story.facts(second)["call.topic"] for second in (15, 25, 35)] == ["rates", "loans", "cards"]


def test_a_call_without_marks_leaves_the_case_unknown_but_for_what_the_host_says() -> None:
    story = Story()
    story.tell(Offered, 0, feeds=frozenset({Feed.VOICE}), facts={"case.linked": False})

    assert story.facts(1)["case.linked"] is False
