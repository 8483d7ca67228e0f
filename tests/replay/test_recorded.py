"""The bank's month through the shipped mapping: the known answers, recounted here by hand from the raw file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callpolicy.condition import Leaf, Op
from callpolicy.events import Answered, Ended, Event, Offered, Party
from callpolicy.facts import Fact, FactType
from callpolicy.points import Effect
from callpolicy.policy import Bundle
from callpolicy.replay import Recorded, Replay, load_mapping, read_table
from callpolicy.rulefile import load_bundle
from callpolicy.runtime import Engine
from callpolicy.windows import CALLS, Measure, Window
from tests.engine.bundles import rule

pytestmark = pytest.mark.recorded

THIRD_CALL = Path(__file__).parents[2] / "docs" / "examples" / "third_call"
RULE = "third_call_in_30_minutes"


@pytest.fixture(scope="module")
def month(recorded_data: Path) -> Path:
    return recorded_data / "anonymous_bank" / "1999-02.tsv"


@pytest.fixture(scope="module")
def recorded(month: Path) -> Recorded:
    return read_table(month, load_mapping("anonymous_bank"))


def rows(month: Path) -> list[dict[str, str]]:
    """The raw file, read without csv or any mapping."""
    header, *lines = month.read_text("utf-8").splitlines()
    names = header.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def own_calls(month: Path, outcomes: set[str]) -> Iterator[list[datetime]]:
    """The calls of each identified customer. 0 is nobody, and an id that a spreadsheet rounded is not one customer."""
    own: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in rows(month):
        if row["outcome"] in outcomes and re.fullmatch(r"[1-9]\d*", row["customer_id"]):
            own[row["customer_id"]].append(datetime.strptime(f"{row['date']} {row['vru_entry']}", "%y%m%d %H:%M:%S"))
    yield from own.values()


def third_calls(month: Path, outcomes: set[str]) -> int:
    """Calls that are at least the third within 30 minutes, both ends included: a plain recount of all pairs."""
    reach = timedelta(minutes=30)
    count = 0
    for calls in own_calls(month, outcomes):
        # Of two in the same second, one comes first and is before the other.
        for place, now in enumerate(ordered := sorted(calls)):
            count += sum(now - then <= reach for then in ordered[:place]) >= 2
    return count


def days_of_five(month: Path, outcomes: set[str]) -> int:
    """Customer-days with five calls or more."""
    days = (Counter(each.date() for each in calls) for calls in own_calls(month, outcomes))
    return sum(number >= 5 for counted in days for number in counted.values())


ALL = {"AGENT", "HANG", "PHANTOM"}
WITHOUT_PHANTOM = {"AGENT", "HANG"}
FIFTH = Window("history.calls_today", Measure.COUNT, CALLS, calendar="day", identity="customer")


@pytest.fixture(scope="module")
def both() -> Bundle:
    """The bundle of the docs, with a second rule that counts customer-days with five calls."""
    own = load_bundle(THIRD_CALL)
    # The fifth call of a day comes once, however many follow. Of equal rules both determine, so both are counted.
    fifth = rule("fifth_today", Effect.DIVERT, Leaf(FIFTH.fact, Op.IS, 4), to="senior_desk")
    return replace(
        own,
        windows=(*own.windows, FIFTH),
        rules=(fifth, *own.rules),
        catalogue=own.catalogue.extended([Fact(FIFTH.fact, FactType.INT, {}, minimum=0)]),
        revision="sha256:both",
    )


def offered_only(month: Path, outcomes: set[str]) -> list[Event]:
    """How the calls with these outcomes came in, by the shipped mapping."""
    own = load_mapping("anonymous_bank")
    offered = own.events[0].model_copy(update={"only_if": {"outcome": tuple(sorted(outcomes))}})
    return list(read_table(month, own.model_copy(update={"events": (offered,)})).events)


def calls_by_rule(bundle: Bundle, events: list[Event]) -> Counter[str]:
    replay = Replay(Engine(bundle, with_recheck=False))
    for _ in replay.run(events):
        pass
    return replay.summary.rules


def test_the_whole_month_has_the_known_answers_and_so_has_a_plain_recount(
    month: Path, recorded: Recorded, both: Bundle
) -> None:
    assert (third_calls(month, ALL), days_of_five(month, ALL)) == (353, 260)
    assert calls_by_rule(both, recorded.events) == {RULE: 353, "fifth_today": 260}


def test_without_phantom_calls_too(month: Path, both: Bundle) -> None:
    identified = [
        event
        for event in offered_only(month, WITHOUT_PHANTOM)
        if isinstance(event, Offered) and event.customer not in (None, "0")
    ]

    assert (third_calls(month, WITHOUT_PHANTOM), days_of_five(month, WITHOUT_PHANTOM)) == (339, 253)
    assert calls_by_rule(both, list(identified)) == {RULE: 339, "fifth_today": 253}


def test_every_row_of_the_month_is_a_call_and_its_dirt_is_told(month: Path, recorded: Recorded) -> None:
    raw = rows(month)
    offered = [event for event in recorded.events if isinstance(event, Offered)]
    answered = [event for event in recorded.events if isinstance(event, Answered)]
    ended = [event for event in recorded.events if isinstance(event, Ended)]

    assert (recorded.rows, recorded.calls, len(offered), len(ended)) == (33_344, 33_344, 33_344, 33_344)
    assert len(answered) == sum(row["outcome"] == "AGENT" and row["ser_start"] != "0:00:00" for row in raw)
    assert {fault.code for fault in recorded.faults} == {"after-midnight"}
    assert sum(event.agent is None for event in answered) == sum(
        row["server"] == "NO_SERVER" for row in raw if row["outcome"] == "AGENT" and row["ser_start"] != "0:00:00"
    )
    assert sum(event.by is Party.CALLER for event in ended) == sum(row["outcome"] == "HANG" for row in raw)
    # Rows are not in date order, the events are.
    assert [row["date"] for row in raw] != sorted(row["date"] for row in raw)
    assert [event.at for event in recorded.events] == sorted(event.at for event in recorded.events)


def test_ruined_ids_and_zero_are_nobody(month: Path) -> None:
    raw = rows(month)
    ruined = [row for row in raw if "E+" in row["customer_id"]]
    assert len(ruined) == 21
    events = offered_only(month, ALL)
    engine = Engine(load_bundle(THIRD_CALL), with_recheck=False)
    faults: Counter[str] = Counter()
    nobody = 0
    for decision in Replay(engine).run(events[:8_000]):
        assert decision.snapshot is not None
        faults.update(fault.code for fault in decision.input_faults)
        nobody += decision.snapshot.get("caller.customer") is None

    fed = {event.call_id for event in events[:8_000]}
    own = [row for row in raw if f"{row['date']}-{row['vru+line']}-{row['call_id']}" in fed]
    assert faults == {"unparsable": sum("E+" in row["customer_id"] for row in own)}
    assert nobody == sum("E+" in row["customer_id"] or row["customer_id"] == "0" for row in own)
