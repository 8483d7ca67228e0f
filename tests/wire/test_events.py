"""One event as JSON: what is read, what is refused and how it is said, and back."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.errors import CallEventError
from callpolicy.events import (
    EVENT_TYPES,
    Answered,
    CallEvent,
    Channel,
    Event,
    Feed,
    FinalResult,
    Judged,
    Offered,
    Party,
    Said,
    Silence,
)
from callpolicy.facts.builtin import BUILTIN
from callpolicy.instants import LATEST
from callpolicy.wire import event_from_dict, event_schema, event_to_dict, facts_from_json

WARNED = {"event": "warned", "call_id": "c1", "seq": 3, "at": 0}


def refused(data: Any) -> CallEventError:
    with pytest.raises(CallEventError) as error:
        event_from_dict(data)
    return error.value


@pytest.mark.parametrize(
    ("at", "microseconds"),
    [
        ("2026-03-01T10:00:00+08:00", 1_772_330_400_000_000),
        ("2026-03-01T02:00:00Z", 1_772_330_400_000_000),
        ("2026-03-01T02:00:00.000001Z", 1_772_330_400_000_001),
        (1_772_330_400_000_000, 1_772_330_400_000_000),
        (0, 0),
        (LATEST, LATEST),
    ],
)
def test_an_instant_is_text_with_a_zone_or_microseconds(at: object, microseconds: int) -> None:
    assert event_from_dict(WARNED | {"at": at}).at == microseconds


@pytest.mark.parametrize(
    "at", ["2026-03-01T10:00:00", "2026-03-01", "1772330400", "", "yesterday", 1.0, True, None, -1, LATEST + 1, [1],
           "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "10000-01-01T00:00:00Z"]
)  # fmt: skip
def test_what_is_no_instant_is_refused(at: object) -> None:
    error = refused(WARNED | {"at": at})

    assert error.code == "bad-instant"
    assert str(error) == (
        "`warned`: `at` must be RFC 3339 text with a zone, or whole microseconds from 1970 to the end of 9999"
        " [bad-instant]"
    )


def test_every_field_of_a_contact_is_read() -> None:
    data = {
        "event": "offered", "call_id": "c1", "seq": 0, "at": 5, "number": "110", "customer": "7", "channel": "chat",
        "queue": "q", "team": "t", "dialled": "95500", "language": "en", "topic": "x", "attestation": "A",
        "feeds": ["voice", "transcript"], "facts": {"host.limit": 5},
    }  # fmt: skip

    assert event_from_dict(data) == Offered(
        call_id="c1", seq=0, at=5, number="110", customer="7", channel=Channel.CHAT, queue="q", team="t",
        dialled="95500", language="en", topic="x", attestation="A",
        feeds=frozenset({Feed.VOICE, Feed.TRANSCRIPT}), facts={"host.limit": 5},
    )  # fmt: skip


def test_what_is_left_out_has_its_default() -> None:
    event = event_from_dict({"event": "offered", "call_id": "c1", "seq": 0, "at": 5})

    assert event == Offered(call_id="c1", seq=0, at=5)
    assert event_from_dict({"event": "said", "call_id": "c1", "seq": 0, "at": 5}) == Said(call_id="c1", seq=0, at=5)


def test_a_result_is_recorded_outside_any_call_with_its_words() -> None:
    data = {"event": "final_result", "call_id": "desk:7", "seq": 0, "at": 5, "case_id": "k1", "text": "不予退费"}

    event = event_from_dict(data)

    assert event == FinalResult(call_id="desk:7", seq=0, at=5, case_id="k1", text="不予退费")
    assert event_to_dict(event) == data | {"at": "1970-01-01T00:00:00.000005Z"}


@pytest.mark.parametrize("name", ["explained", "final_result", "new_fact"])
def test_no_case_and_no_words_may_be_written_as_null(name: str) -> None:
    event = event_from_dict({"event": name, "call_id": "c1", "seq": 0, "at": 5, "case_id": None, "text": None})

    assert event == EVENT_TYPES[name](call_id="c1", seq=0, at=5)
    assert VALIDATOR.is_valid({"event": name, "call_id": "c1", "seq": 0, "at": 5, "case_id": None, "text": None})


def test_words_of_an_enumeration_become_its_members() -> None:
    event = event_from_dict({"event": "said", "call_id": "c1", "seq": 0, "at": 5, "by": "agent"})

    assert isinstance(event, Said)
    assert event.by is Party.AGENT


def test_class_is_written_as_such() -> None:
    data = {"event": "judged", "call_id": "c1", "seq": 0, "at": 5, "class": "nuisance"}

    assert event_from_dict(data) == Judged(call_id="c1", seq=0, at=5, class_="nuisance")
    assert event_to_dict(Judged(call_id="c1", seq=0, at=5, class_="nuisance"))["class"] == "nuisance"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": "warnd"}, "there is no event `warnd`; did you mean `warned`? [unknown-event]"),
        ({"event": "hung_up"}, "there is no event `hung_up` [unknown-event]"),
        ({"event": "Warned!"}, "`event` must be the name of an event, such as `warned` [unknown-event]"),
        ({"event": ["warned"]}, "`event` must be the name of an event, such as `warned` [unknown-event]"),
        ({"call_id": ""}, "`warned`: `call_id` must not be empty [bad-value]"),
        ({"call_id": 7}, "`warned`: `call_id` must be a text [bad-value]"),
        ({"seq": -1}, "`warned`: `seq` must not be negative [bad-value]"),
        ({"seq": "3"}, "`warned`: `seq` must be a whole number [bad-value]"),
        ({"seq": True}, "`warned`: `seq` must be a whole number [bad-value]"),
        ({"cal_id": "c1"}, "`warned`: `cal_id` is no key of it; did you mean `call_id`? [unknown-key]"),
        ({"zzz": "c1"}, "`warned`: `zzz` is no key of it [unknown-key]"),
        ({"text": "x"}, "`warned`: `text` is no key of it [unknown-key]"),
    ],
)
def test_a_fault_is_named_by_its_place(change: dict[str, Any], message: str) -> None:
    assert str(refused(WARNED | change)) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"event": "held", "on": "yes"}, "`held`: `on` must be true or false [bad-value]"),
        ({"event": "held", "on": 1}, "`held`: `on` must be true or false [bad-value]"),
        ({"event": "service_completed", "on": "no"}, "`service_completed`: `on` must be true or false [bad-value]"),
        ({"event": "offered", "feeds": "voice"}, "`offered`: `feeds` must be a list [bad-value]"),
        (
            {"event": "offered", "feeds": ["ears"]},
            "`offered`: `feeds` must be one of 'agent_marks', 'transcript' or 'voice' [bad-value]",
        ),
        (
            {"event": "offered", "channel": "sms"},
            "`offered`: `channel` must be one of 'phone', 'chat' or 'mail' [bad-value]",
        ),
        ({"event": "offered", "facts": [1]}, "`offered`: `facts` must be an object [bad-value]"),
        ({"event": "offered", "number": 110}, "`offered`: `number` must be a text [bad-value]"),
        ({"event": "case_linked"}, "`case_linked`: `case_id` is missing [missing-key]"),
        ({"event": "final_result", "case_id": ""}, "`final_result`: `case_id` must not be empty [bad-value]"),
        ({"event": "new_fact", "text": 5}, "`new_fact`: `text` must be a text [bad-value]"),
        ({"event": "explanation_rejected", "case_id": "k1"},
         "`explanation_rejected`: `case_id` is no key of it; did you mean `call_id`? [unknown-key]"),
        ({"event": "judged", "class_": "normal"},
         "`judged`: `class` is missing; `class_` is no key of it; did you mean `class`? [missing-key]"),
    ],
)  # fmt: skip
def test_faults_of_single_events_are_named(data: dict[str, Any], message: str) -> None:
    assert str(refused({"call_id": "c1", "seq": 3, "at": 0} | data)) == message


def test_all_faults_of_an_event_are_named_at_once() -> None:
    assert str(refused({"event": "warned", "text": 1})) == (
        "`warned`: `call_id` is missing; `seq` is missing; `at` is missing; `text` is no key of it [missing-key]"
    )


@pytest.mark.parametrize("data", [None, "warned", 7, ["warned"], True])
def test_an_event_is_an_object(data: object) -> None:
    assert refused(data).code == "not-an-object"


def test_an_object_without_a_name_is_no_event() -> None:
    assert refused({"call_id": "c1"}).code == "missing-key"


SECRETS = ["+86 138 0013 8000", "13800138000", "you rascal"]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_message_shows_a_number_or_what_was_said(secret: str) -> None:
    base = {"call_id": "c1", "seq": 0, "at": 5}
    tries: list[Any] = [secret, [secret], {"event": secret}, {secret: 1, "event": "warned", **base}]
    for name, kind in EVENT_TYPES.items():
        for key in ["call_id", *get_type_hints(kind), "other"]:
            for value in (secret, [secret], {secret: secret}, 13800138000.5):
                tries.append(base | {"event": name, key.rstrip("_"): value})

    messages = []
    for data in tries:
        try:
            event_from_dict(data)
        except CallEventError as error:
            messages.append(str(error))

    assert len(messages) > 100
    assert not [message for message in messages if secret in message or "138" in message]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
instants = st.integers(0, LATEST)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "call_id": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9),
    "case_id": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9),
    "seq": st.integers(0, 2**53),
    "at": instants,
    "began_at": st.none() | instants,
    "facts": st.dictionaries(texts, json_values, max_size=4),
    "feeds": st.none() | st.frozensets(st.sampled_from(Feed)),
    "channel": st.sampled_from(Channel),
    "on": st.booleans(),
}


def _events_of(kind: type[CallEvent]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    chosen: dict[str, st.SearchStrategy[Any]] = {}
    for each in fields(kind):
        optional = type(None) in getattr(hints[each.name], "__args__", ())
        strategy = texts if hints[each.name] in (str, str | None) else st.sampled_from(Party)
        strategy = BY_TYPE.get(each.name, strategy)
        chosen[each.name] = st.none() | strategy if optional else strategy
    return st.builds(kind, **chosen)


all_events: st.SearchStrategy[Event] = st.one_of([_events_of(kind) for kind in EVENT_TYPES.values()])


@given(all_events)
def test_what_is_written_is_read_back(event: Event) -> None:
    text = json.dumps(event_to_dict(event))

    assert event_from_dict(json.loads(text)) == event


@given(all_events)
def test_what_is_written_keeps_to_the_schema(event: Event) -> None:
    VALIDATOR.validate(event_to_dict(event))


VALIDATOR = jsonschema.Draft202012Validator(event_schema())


def test_the_published_schema_is_the_one_that_the_code_gives() -> None:
    published = Path(__file__).parents[2] / "schemas" / "event.schema.json"

    assert json.loads(published.read_text("utf-8")) == event_schema(), "run `callpolicy schema`"


def test_the_schema_refuses_what_reading_refuses() -> None:
    for data in (WARNED | {"extra": 1}, WARNED | {"event": "hung_up"}, {"event": "warned"}, WARNED | {"seq": -1}):
        assert not VALIDATOR.is_valid(data)
        refused(data)


def test_a_default_is_not_written() -> None:
    assert event_to_dict(Answered(call_id="c1", seq=1, at=0)) == {
        "event": "answered", "call_id": "c1", "seq": 1, "at": "1970-01-01T00:00:00.000000Z",
    }  # fmt: skip
    assert event_to_dict(Silence(call_id="c1", seq=1, at=1, began_at=0))["began_at"] == "1970-01-01T00:00:00.000000Z"
    assert event_to_dict(Offered(call_id="c1", seq=1, at=1, feeds=frozenset()))["feeds"] == []


def test_sets_are_written_in_one_order() -> None:
    event = Offered(call_id="c1", seq=0, at=0, feeds=frozenset(Feed), facts={"host.products": frozenset({"b", "a"})})

    data = event_to_dict(event)

    assert data["feeds"] == ["agent_marks", "transcript", "voice"]
    assert data["facts"] == {"host.products": ["a", "b"]}


def test_every_event_of_the_catalogue_has_its_shape() -> None:
    schema = event_schema()

    shapes = {
        shape["properties"]["event"]["const"]: shape for shape in schema["$defs"].values() if "properties" in shape
    }
    assert set(shapes) == set(EVENT_TYPES)
    for name, kind in EVENT_TYPES.items():
        assert set(shapes[name]["properties"]) == {"event"} | {each.name.rstrip("_") for each in fields(kind)}
        needed = {each.name.rstrip("_") for each in fields(kind) if each.default is each.default_factory is MISSING}
        assert set(shapes[name]["required"]) == {"event"} | needed


@pytest.mark.parametrize(
    ("given_facts", "read"),
    [
        ({"talk.quiet_for": "30s"}, {"talk.quiet_for": 30_000_000}),
        ({"talk.quiet_for": "1h30m"}, {"talk.quiet_for": 5_400_000_000}),
        ({"case.final_result_at": "1970-01-01T08:00:01+08:00"}, {"case.final_result_at": 1_000_000}),
        ({"talk.quiet_for": "soon"}, {"talk.quiet_for": "soon"}),
        ({"case.final_result_at": "2026-03-01"}, {"case.final_result_at": "2026-03-01"}),
        ({"talk.quiet_for": 30_000_000, "talk.warnings": 1}, {"talk.quiet_for": 30_000_000, "talk.warnings": 1}),
        ({"call.topic": "30s", "no.such": "30s"}, {"call.topic": "30s", "no.such": "30s"}),
        ({"talk.signals": ["a"], "talk.quiet_for": None}, {"talk.signals": ["a"], "talk.quiet_for": None}),
    ],
)
def test_durations_and_instants_of_facts_are_read_and_the_rest_left(
    given_facts: dict[str, object], read: dict[str, object]
) -> None:
    assert facts_from_json(BUILTIN, given_facts) == read


def test_with_a_catalogue_the_facts_of_an_event_are_read_too() -> None:
    data = {"event": "tick", "call_id": "c1", "seq": 0, "at": 0, "facts": {"case.since_final": "2d"}}

    with_it, without = event_from_dict(data, BUILTIN), event_from_dict(data)

    assert event_to_dict(with_it)["facts"] == {"case.since_final": 172_800_000_000}
    assert event_to_dict(without)["facts"] == {"case.since_final": "2d"}
