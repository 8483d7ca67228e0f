"""What the simulator promises about the events, whoever calls."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpolicy.events import EVENT_TYPES
from callpolicy.simulator import Day, Plan, simulate
from tests.simulator.days import MONDAY, NOBODY, Calls, calls_of
from tests.simulator.grammar import BASE, FIELDS, LETTERS, faults

SRC = Path(__file__).parents[2] / "src"
# All written by hand: what may stand in `number`.
SYNTHETIC = re.compile(
    r"(?:\+86|0086)?(?:138|150|186|199)0000[0-9]{4}"  # mainland China, four zeros for the place
    r"|(?:\+|00)1(?:202|206|212|303|305|312|415|512|617|702)55501[0-9]{2}"  # 555-0100 to 555-0199
    r"|(?:\+|00)44(?:2079460|1614960|1134960)[0-9]{3}"  # for drama: London, Manchester, Leeds
    r"|(?:\+|00)493023125[0-9]{3}"  # for media productions: Berlin
    r"|110|119|122|12315|12345|12378|600[1-9]|anonymous"
)
DIGEST = """
import hashlib, json
from datetime import date
from itertools import pairwise
from callpolicy.simulator import Plan, simulate
day = simulate(Plan(5, date(2026, 3, 2), normal_callers=60, bursts=2, days=2))
text = json.dumps([day.events, [[k, repr(v)] for k, v in day.truth.items()]], ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_the_same_plan_gives_the_same_bytes_in_every_process(hash_seed: str) -> None:
    day = simulate(Plan(5, date(2026, 3, 2), normal_callers=60, bursts=2, days=2))
    here = json.dumps([day.events, [[k, repr(v)] for k, v in day.truth.items()]], ensure_ascii=False)
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(SRC)}

    there = subprocess.run([sys.executable, "-c", DIGEST], env=env, capture_output=True, text=True, check=True)

    assert there.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_another_seed_gives_another_day() -> None:
    one, other = (simulate(Plan(seed, MONDAY, normal_callers=5)) for seed in (1, 2))

    assert one.truth.keys().isdisjoint(other.truth.keys())


def test_events_come_in_the_order_of_instant_call_and_place(day: Day) -> None:
    order = [(event["at"], event["call_id"], event["seq"]) for event in day.events]

    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_every_contact_is_one_that_can_happen(calls: Calls) -> None:
    assert {call_id: found for call_id, events in calls.items() if (found := faults(events))} == {}


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32),
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
    few=st.integers(0, 3),
    share=st.floats(0, 0.2),
)
def test_any_plan_gives_contacts_that_can_happen(seed: int, day: date, zone: str, few: int, share: float) -> None:
    shares = {spec.name: share for spec in fields(Plan) if spec.name.endswith("_share")}
    asked: dict[str, Any] = {**dict.fromkeys(NOBODY, few), **shares}

    made = simulate(Plan(seed, day, zone=zone, **asked))

    assert [found for events in calls_of(made).values() for found in faults(events)] == []
    assert set(made.truth) == set(calls_of(made))
    assert [event["at"] for event in made.events] == sorted(event["at"] for event in made.events)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda events: events[1:], "shape asmmhumek"),
        (lambda events: [events[0], *events[2:]], "shape osmmhume"),
        (lambda events: [*events, events[2]], "time goes back"),
        (lambda events: [*events[:3], *events[4:]], "explanation_rejected without explained"),
        (lambda events: [{**events[0], "feeds": ["agent_marks"]}, *events[1:]], "no feed reports said"),
        (lambda events: [{**events[0], "persona": "x"}, *events[1:]], "fields"),
        (lambda events: [*events[:-1], {**events[-1], "by": "system"}], "hang_up by system"),
        (lambda events: [*events[:6], *events[7:]], "shape oasmmhme"),
    ],
)
def test_the_grammar_sees_what_cannot_happen(change: Any, fault: str) -> None:
    names = ["offered", "answered", "said", "explained", "explanation_rejected", "held", "held", "warned", "ended"]
    known: dict[str, Any] = {"feeds": ["agent_marks", "transcript"], "by": "caller", "text": "x", "cause": "hang_up"}
    fine: list[dict[str, Any]] = [
        {"event": name, "call_id": "c", "seq": seq, "at": seq, **{field: known.get(field) for field in FIELDS[name]}}
        for seq, name in enumerate(names)
    ]
    fine[5]["on"], fine[6]["on"] = True, False
    assert faults(fine) == []

    assert any(found.startswith(fault.removesuffix("k")) for found in faults(change(fine)))


def test_the_fields_are_those_of_the_event_types() -> None:
    ours = {name: BASE - {"event"} | more for name, more in FIELDS.items()}
    theirs = {
        name: {"class" if spec.name == "class_" else spec.name for spec in fields(kind)}
        for name, kind in EVENT_TYPES.items()
    }

    assert ours == theirs


def test_every_event_type_occurs(day: Day) -> None:
    assert {event["event"] for event in day.events} == {*LETTERS, "held"}


def test_every_number_is_fictitious(calls: Calls) -> None:
    numbers = [events[0]["number"] for events in calls.values()]

    assert [n for n in numbers if n is not None and not SYNTHETIC.fullmatch(n.replace(" ", ""))] == []


def test_no_text_has_digits_enough_for_a_telephone_number(day: Day) -> None:
    texts = [event["text"] for event in day.events if event["event"] == "said" and event["text"]]

    assert [text for text in texts if re.search(r"\d(?:[\s-]?\d){4}", text)] == []


def test_a_switch_in_china_could_have_written_every_long_number(calls: Calls) -> None:
    numbers = {events[0]["number"] for events in calls.values()}
    long = {number for number in numbers if number and len(number) > 7 and number != "anonymous"}

    unreadable = {n for n in long if not phonenumbers.is_valid_number(phonenumbers.parse(n, "CN"))}

    assert len(long) > 1000
    assert unreadable == set()


def test_only_the_telephone_has_numbers_and_only_it_has_silences(calls: Calls) -> None:
    written = [events for events in calls.values() if events[0]["channel"] != "phone"]

    assert {events[0]["number"] for events in written} == {None}
    assert all(events[0]["customer"] for events in written)
    assert not any(event["event"] in {"silence", "held"} for events in written for event in events)


def test_nobody_has_two_live_contacts_at_a_time(calls: Calls) -> None:
    turns: dict[str, list[tuple[int, int]]] = {}
    for events in calls.values():
        taken = [event for event in events if event["event"] in {"answered", "transferred"}]
        for event, after in zip(taken, [*taken[1:], events[-1]], strict=True) if taken else ():
            if events[0]["channel"] != "mail":
                turns.setdefault(event["agent"], []).append((event["at"], after["at"]))

    for agent, when in turns.items():
        when.sort()
        overlaps = [pair for pair in pairwise(when) if pair[1][0] < pair[0][1]]
        assert overlaps == [], agent


def test_people_call_by_day_more_than_by_night(calls: Calls) -> None:
    hours = Counter((events[0]["at"] // 3_600_000_000 + 8) % 24 for events in calls.values())

    assert sum(hours[h] for h in (9, 10, 11)) > 10 * sum(hours[h] for h in (1, 2, 3))


def test_chinese_and_english_are_spoken_and_varied(calls: Calls) -> None:
    said: dict[str, set[str]] = {"zh-CN": set(), "en": set()}
    for events in calls.values():
        said[events[0]["language"]] |= {event["text"] for event in events if event.get("text")}

    assert all(re.search(r"[\u4e00-\u9fff]", text) or text.rstrip("。").isdigit() for text in said["zh-CN"])
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in said["en"])
    assert not any("{" in text for texts in said.values() for text in texts)
    assert len(said["zh-CN"]) > 1000
    assert len(said["en"]) > 500


def test_agents_end_few_of_the_calls_that_were_served(calls: Calls) -> None:
    served = [events for events in calls.values() if any(e["event"] == "no_further_needs" for e in events)]
    by_agent = [events for events in served if events[-1]["by"] == "agent"]

    # NORM 1.1: 18 in 100.
    assert 0.14 < len(by_agent) / len(served) < 0.22


def test_a_default_day_has_about_three_thousand_calls() -> None:
    made = simulate(Plan(1, MONDAY))

    assert 2_700 < len(made.truth) < 3_600


def test_the_simulator_needs_python_alone() -> None:
    found = set()
    for path in (SRC / "callpolicy" / "simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    found |= {name.name for name in names}
                case ast.ImportFrom(module=str() as module):
                    found.add(module)
                case _:
                    pass

    foreign = {name for name in found if name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign
    assert all(name.startswith("callpolicy.simulator") for name in foreign)
