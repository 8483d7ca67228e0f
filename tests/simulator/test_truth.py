"""The truth stands beside the events, never in them, and the events bear it out: each story is recounted here."""

import re
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from callpolicy.simulator import Day, Persona, Planted, Truth
from callpolicy.simulator import en as english
from callpolicy.simulator import zh as chinese
from tests.simulator.days import Calls

MINUTE = 60_000_000
Story = list[tuple[list[dict[str, Any]], Truth]]
ABUSE = {*english.LINES["abuse"], *chinese.LINES["abuse"]}


@pytest.fixture(scope="module")
def stories(day: Day, calls: Calls) -> dict[Persona, list[Story]]:
    told: dict[tuple[Persona, str], Story] = defaultdict(list)
    for call_id, events in calls.items():
        told[day.truth[call_id].persona, day.truth[call_id].story].append((events, day.truth[call_id]))
    by_persona: dict[Persona, list[Story]] = defaultdict(list)
    for (persona, _), story in told.items():
        by_persona[persona].append(sorted(story, key=lambda call: call[0][0]["at"]))
    return by_persona


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


def strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for part in pair for text in strings(part)]
        case list() | tuple():
            return [text for part in value for text in strings(part)]
        case _:
            return []


def test_every_call_has_its_truth_and_every_truth_its_call(day: Day, calls: Calls) -> None:
    assert set(day.truth) == set(calls)


def test_no_event_says_what_is_true(day: Day) -> None:
    secrets = {str(persona) for persona in Persona} | {str(planted) for planted in Planted} - {"none"}
    secrets |= {name.replace("_", " ") for name in secrets} | {"caller-0"}
    told = {text.lower() for event in day.events for text in strings(event)}

    leaks = {text for text in told if any(secret in text for secret in secrets)}

    # Every story is named after its persona, every person after a place in the list of callers.
    assert all(truth.story.startswith(tuple(Persona)) for truth in day.truth.values())
    assert all(truth.caller_key.startswith("caller-0") for truth in day.truth.values())
    assert leaks == set()


def test_a_class_stands_in_an_event_only_where_a_person_judged(day: Day) -> None:
    told = {e["event"] for e in day.events if {"nuisance", "repeat_complaint"} & set(strings(e))}

    assert told == {"judged"}


def test_ids_say_nothing_and_have_no_order(day: Day, calls: Calls) -> None:
    by_id = sorted(day.truth)
    half = len(by_id) // 2
    shares = [
        sum(day.truth[call_id].planted != Planted.NONE for call_id in part) / len(part)
        for part in (by_id[:half], by_id[half:])
    ]
    earlier_first = sum(calls[a][0]["at"] < calls[b][0]["at"] for a, b in pairwise(by_id))

    assert all(re.fullmatch("[0-9a-f]{16}", call_id) for call_id in by_id)
    # Four standard deviations of 3,000 fair draws.
    assert abs(shares[0] - shares[1]) < 0.07
    assert abs(earlier_first / len(by_id) - 0.5) < 0.04
    assert list(day.truth) == by_id


def test_planted_callers_call_from_the_ranges_of_everybody(day: Day, calls: Calls) -> None:
    ranges: dict[bool, set[str]] = {True: set(), False: set()}
    for call_id, events in calls.items():
        number = (events[0]["number"] or "").replace(" ", "")
        planted = day.truth[call_id].planted != Planted.NONE
        ranges[planted].add(number[:9] if number.startswith("+") else "other")

    assert len(ranges[True]) > 4
    assert ranges[True] <= ranges[False]


def test_no_number_is_of_two_callers_unless_they_share_a_line(day: Day, calls: Calls) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for call_id, events in calls.items():
        truth = day.truth[call_id]
        number = events[0]["number"]
        if number not in {None, "anonymous"} and truth.persona not in {Persona.SWITCHBOARD, Persona.PROTECTED}:
            owners[number].add(truth.caller_key)

    assert [number for number, keys in owners.items() if len(keys) > 1] == []


def test_the_places_that_the_truth_names_are_there(day: Day, calls: Calls) -> None:
    for call_id, truth in day.truth.items():
        places = [place for place in (truth.recognise_seq, truth.end_seq) if place is not None]
        assert all(place < len(calls[call_id]) for place in places)
        assert places == sorted(places)
        assert (truth.class_ == "normal") == (truth.planted == Planted.NONE) == (truth.evidence is None)
        assert (truth.kind is None) == (truth.class_ == "normal")
        assert truth.planted != Planted.NONE or places == []


def test_a_burst_is_many_calls_of_one_number_in_minutes_and_people_judged_some(
    stories: dict[Persona, list[Story]],
) -> None:
    assert len(stories[Persona.BURST]) == 20
    for story in stories[Persona.BURST]:
        offers = [events[0] for events, _ in story]
        digits = {re.sub(r"\D", "", offer["number"])[-9:] for offer in offers}
        judged = [events[-1]["at"] for events, _ in story if events[-1]["event"] == "judged"]
        assert 15 <= len(story) <= 60
        assert len(digits) == 1
        assert offers[-1]["at"] - offers[0]["at"] <= len(story) * 18_000_000
        assert {truth.planted for _, truth in story} == {Planted.BURST}
        # The offer from which it is to be recognised: nine others before it, two judged.
        for place, (events, truth) in enumerate(story):
            enough = place >= 9 and sum(at < events[0]["at"] for at in judged) >= 2
            assert truth.recognise_seq == (0 if enough else None)
        assert story[-1][1].recognise_seq == 0


@pytest.mark.parametrize("persona", [Persona.PERSISTENT_ABUSER, Persona.ANONYMOUS_ABUSER])
def test_an_abuser_offends_again_after_a_warning_on_every_contact(
    stories: dict[Persona, list[Story]], persona: Persona
) -> None:
    assert len(stories[persona]) == 20
    for events, truth in (call for story in stories[persona] for call in story):
        warned = names(events).index("warned")
        if truth.evidence == "transcript":
            offences = [e["seq"] for e in events if e.get("text") in ABUSE and e["by"] == "caller"]
            assert "offence" not in names(events)
        else:
            offences = [e["seq"] for e in events if e["event"] == "offence" and e["kind"] == truth.kind]
        assert truth.recognise_seq == offences[0] < warned
        assert truth.end_seq == next(seq for seq in offences if seq > warned)


def test_an_anonymous_abuser_shows_no_number_no_name_and_no_words(stories: dict[Persona, list[Story]]) -> None:
    for events, truth in (call for story in stories[Persona.ANONYMOUS_ABUSER] for call in story):
        assert (events[0]["number"], events[0]["customer"]) == ("anonymous", None)
        assert events[0]["feeds"] == ["agent_marks"]
        assert "said" not in names(events)
        assert truth.planted == Planted.PERSISTENT_ABUSE


def test_a_final_result_is_on_record_before_every_planted_return(stories: dict[Persona, list[Story]]) -> None:
    assert len(stories[Persona.RETURNS_AFTER_FINAL]) == 20
    for story in stories[Persona.RETURNS_AFTER_FINAL]:
        final_at = [e["at"] for events, _ in story for e in events if e["event"] == "final_result"]
        returns = [(events, truth) for events, truth in story if truth.planted == Planted.REPEAT_AFTER_FINAL]
        assert len(final_at) == 1
        assert len(returns) >= 2
        assert len({e["case_id"] for events, _ in story for e in events if e["event"] == "case_linked"}) == 1
        for events, truth in story:
            assert (truth.planted == Planted.REPEAT_AFTER_FINAL) == (events[0]["at"] > final_at[0])
        for place, (events, truth) in enumerate(returns):
            rejected = [e["seq"] for e in events if e["event"] == "explanation_rejected"]
            linked = names(events).index("case_linked")
            assert truth.recognise_seq == (linked if place else rejected[0])
            assert truth.end_seq == rejected[2]


def test_who_returns_without_a_final_result_is_a_normal_caller(stories: dict[Persona, list[Story]]) -> None:
    assert len(stories[Persona.RETURNS_WITHOUT_FINAL]) == 20
    for story in stories[Persona.RETURNS_WITHOUT_FINAL]:
        told = [name for events, _ in story for name in names(events)]
        assert len(story) >= 3
        assert "final_result" not in told
        assert told.count("explanation_rejected") >= 4
        assert all("case_linked" in names(events) for events, _ in story)
        assert {truth.class_ for _, truth in story} == {"normal"}


def test_a_new_fact_comes_after_the_final_result_and_before_anything_is_rejected(
    stories: dict[Persona, list[Story]],
) -> None:
    assert len(stories[Persona.REOPENED]) == 20
    for story in stories[Persona.REOPENED]:
        told = [name for events, _ in story for name in names(events)]
        after = told[told.index("final_result") + 1 :]
        assert "new_fact" in after
        assert "explanation_rejected" not in after[: after.index("new_fact")]
        assert {truth.planted for _, truth in story} == {Planted.NONE}


def test_who_wants_what_a_rule_forbids_rejects_three_explanations_on_every_contact(
    stories: dict[Persona, list[Story]],
) -> None:
    assert len(stories[Persona.WANTS_BEYOND_RULE]) == 20
    for events, truth in (call for story in stories[Persona.WANTS_BEYOND_RULE] for call in story):
        rejected = [e["seq"] for e in events if e["event"] == "explanation_rejected"]
        assert names(events).index("refused_by_rule") < rejected[0]
        assert (truth.recognise_seq, truth.end_seq) == (rejected[0], rejected[2])


def test_nobody_else_offends_after_a_warning_or_speaks_as_abusers_do(day: Day, calls: Calls) -> None:
    for call_id, truth in day.truth.items():
        events = calls[call_id]
        if truth.planted != Planted.NONE:
            continue
        after = names(events)[names(events).index("warned") :] if "warned" in names(events) else []
        assert "offence" not in after
        assert "judged" not in names(events)
        assert not any(event.get("text") in ABUSE for event in events)


def test_nobody_else_rejects_three_explanations_of_a_rule_or_of_a_final_result(day: Day, calls: Calls) -> None:
    for call_id, truth in day.truth.items():
        events = calls[call_id]
        if truth.planted == Planted.NONE and {"refused_by_rule", "final_result"} & set(names(events)):
            assert names(events).count("explanation_rejected") <= 1


def test_nobody_else_calls_ten_times_in_ten_minutes(day: Day, calls: Calls) -> None:
    offers: dict[str, list[int]] = defaultdict(list)
    for call_id, events in calls.items():
        number = events[0]["number"]
        if number not in {None, "anonymous"} and day.truth[call_id].planted == Planted.NONE:
            offers[re.sub(r"\D", "", number)[-9:]].append(events[0]["at"])

    most = 0
    for instants in offers.values():
        instants.sort()
        most = max(most, *(sum(at - 10 * MINUTE <= other <= at for other in instants) for at in instants))

    assert 3 <= most < 10


def test_a_switchboard_is_many_people_on_one_number(stories: dict[Persona, list[Story]]) -> None:
    for story in stories[Persona.SWITCHBOARD]:
        assert 10 <= len(story) <= 40
        assert len({re.sub(r"\D", "", events[0]["number"])[-9:] for events, _ in story}) == 1
        assert len({truth.caller_key for _, truth in story}) == len(story)


def test_who_redials_after_dropped_calls_is_served_in_the_end(stories: dict[Persona, list[Story]]) -> None:
    for story in stories[Persona.DROPPED_REDIAL]:
        causes = [events[-1]["cause"] for events, _ in story]
        assert 3 <= len(story) <= 6
        assert set(causes[:-1]) == {"failed"}
        assert causes[-1] == "hang_up"
        assert story[-1][0][0]["at"] - story[0][0][0]["at"] < 15 * MINUTE


def test_who_asks_again_asks_about_the_same_within_a_day(stories: dict[Persona, list[Story]]) -> None:
    for story in stories[Persona.ASKS_AGAIN]:
        assert len(story) >= 2
        assert story[-1][0][0]["at"] - story[0][0][0]["at"] <= 24 * 60 * MINUTE
        assert len({events[0]["topic"] for events, _ in story} - {None}) <= 1


def test_long_calls_are_long_and_escalated(stories: dict[Persona, list[Story]]) -> None:
    for events, _ in (call for story in stories[Persona.LONG_CALL] for call in story):
        assert events[-1]["at"] - events[1]["at"] >= 30 * MINUTE
        assert "escalated" in names(events)
