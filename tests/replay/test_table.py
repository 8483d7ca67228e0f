"""Recorded tables: rows become events in event-time order, and what cannot be taken as it stands is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.events import Ended, Feed, Held, Judged, Offered, Party, Tick
from callpolicy.instants import instant_text, parse_instant
from callpolicy.replay import RowFault, load_mapping, read_table
from tests.replay.tables import HEADER, MAPPING, mapping, read, row

ROW = "7,2026-03-02,09:00:00,09:05:30,70001,1,c"


def at(text: str) -> int:
    return parse_instant(f"{text}+08:00")


def test_a_row_becomes_the_events_of_its_call(tmp_path: Path) -> None:
    recorded = read(tmp_path, ROW)

    assert recorded.events == [
        Offered(
            call_id="7",
            seq=0,
            at=at("2026-03-02T09:00:00"),
            customer="70001",
            topic="cards",
            feeds=frozenset({Feed.AGENT_MARKS}),
        ),
        Ended(call_id="7", seq=1, at=at("2026-03-02T09:05:30"), by=Party.CALLER, cause="hang_up"),
    ]
    assert (recorded.calls, recorded.rows, recorded.faults, recorded.row_of) == (1, 1, [], {"7": 2})


def test_what_is_empty_or_not_in_the_list_of_values_is_not_known(tmp_path: Path) -> None:
    recorded = read(tmp_path, "7,2026-03-02,09:00:00,-,,9,", "8,2026-03-02,09:00:00,,x,,z")

    first, second = recorded.events
    assert recorded.faults == [RowFault(2, "unknown-value", "what")]

    assert isinstance(first, Offered)
    assert (first.customer, first.topic) == (None, None)
    assert isinstance(second, Offered)
    assert second.customer == "x"


def test_events_of_all_rows_come_in_event_time_order(tmp_path: Path) -> None:
    recorded = read(
        tmp_path,
        "b,2026-03-02,10:00:00,10:30:00,,,",
        "a,2026-03-02,10:00:00,10:10:00,,,",
        "c,2026-03-01,23:00:00,23:01:00,,,",
    )

    assert [(event.call_id, event.seq) for event in recorded.events] == [
        ("c", 0), ("c", 1), ("a", 0), ("b", 0), ("a", 1), ("b", 1),
    ]  # fmt: skip


def test_a_time_after_midnight_belongs_to_the_next_day_and_is_told(tmp_path: Path) -> None:
    recorded = read(tmp_path, "7,2026-03-02,23:59:00,00:05:30,,,")

    assert recorded.events[1].at == at("2026-03-03T00:05:30")
    assert recorded.faults == [RowFault(2, "after-midnight", "ended")]


def test_the_day_after_is_the_next_day_of_the_calendar_also_where_clocks_change(tmp_path: Path) -> None:
    # In Berlin the night of 2027-03-28 has one hour less: 03:30 is two and a half hours after midnight.
    berlin = mapping(time_zone="Europe/Berlin")

    recorded = read(tmp_path, "7,2027-03-27,23:59:00,03:30:00,,,", made=berlin)

    assert instant_text(recorded.events[1].at) == "2027-03-28T01:30:00.000000Z"


def test_a_time_that_lies_a_little_back_is_taken_as_the_same_instant_and_told(tmp_path: Path) -> None:
    recorded = read(tmp_path, "7,2026-03-02,09:00:00,08:59:59,,,")

    assert [event.at for event in recorded.events] == [at("2026-03-02T09:00:00")] * 2
    assert recorded.faults == [RowFault(2, "time-order", "ended")]


@pytest.mark.parametrize("ended", ["2026-03-01T09:00:00", "2025-03-02T09:00:00"])
def test_a_whole_instant_that_lies_before_is_no_time_after_midnight(tmp_path: Path, ended: str) -> None:
    # A day of its own says which day it was; adding one would only invent another wrong time.
    events = [
        {**each, "at": [{"columns": [column]}]} for each, column in zip(MAPPING["events"], ("in", "out"), strict=True)
    ]

    recorded = read(tmp_path, f"7,,2026-03-02T09:00:00,{ended},,,", made=mapping(time_format="iso", events=events))

    assert [event.at for event in recorded.events] == [at("2026-03-02T09:00:00")] * 2
    assert recorded.faults == [RowFault(2, "time-order", "ended")]


@pytest.mark.parametrize(
    ("row", "code", "detail"),
    [
        ("7,2026-03-02,09:00:00", "too-few-columns", "3 of 7"),
        ("7,2026-03-02,09:00:00,,,,,c", "too-many-columns", "8 of 7"),
        ("7,2026-02-30,09:00:00,,,,", "bad-instant", "in"),
        ("7,2026-03-02,25:00:00,,,,", "bad-instant", "in"),
        ("7,1969-03-02,09:00:00,,,,", "bad-instant", "in"),
        ("7,2026-03-02,,,,,", "no-instant", "offered"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_told(tmp_path: Path, row: str, code: str, detail: str) -> None:
    recorded = read(tmp_path, row, ROW)

    assert recorded.faults == [RowFault(2, code, detail)]
    assert (recorded.calls, recorded.rows, len(recorded.events)) == (1, 2, 2)


def test_one_time_that_cannot_be_read_leaves_out_its_event_only(tmp_path: Path) -> None:
    recorded = read(tmp_path, "7,2026-03-02,09:00:00,later,,,")

    assert recorded.faults == [RowFault(2, "bad-instant", "out")]
    assert [type(event) for event in recorded.events] == [Offered]


def test_empty_cells_behind_the_last_column_are_no_fault(tmp_path: Path) -> None:
    assert read(tmp_path, f"{ROW},,").faults == []


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    recorded = read(tmp_path, "", ROW, "")

    assert (recorded.rows, recorded.faults, recorded.row_of) == (1, [], {"7": 3})


def test_a_call_that_stands_in_two_rows_is_taken_once_and_told(tmp_path: Path) -> None:
    recorded = read(tmp_path, ROW, "7,2026-03-05,09:00:00,,,,", "8,2026-03-05,09:00:00,,,,")

    assert recorded.faults == [RowFault(3, "repeated-call", "call_id")]
    assert recorded.calls == 2
    assert recorded.events[0].at == at("2026-03-02T09:00:00")


def test_rows_without_an_id_are_calls_of_their_own(tmp_path: Path) -> None:
    two = mapping(call_id=["id", "who"])

    recorded = read(
        tmp_path, ",2026-03-02,09:00:00,,,,", ",2026-03-02,09:00:01,,,,", "7,2026-03-02,09:00:02,,,,", made=two
    )

    assert list(recorded.row_of) == ["row-2", "row-3", "7-"]
    assert recorded.faults == []


def test_a_text_that_values_does_not_name_is_told_once_a_row(tmp_path: Path) -> None:
    topics = {"column": "what", "values": {"1": "cards", "0": None}}
    offered = {**MAPPING["events"][0], "with": {"topic": topics, "language": topics}}

    recorded = read(
        tmp_path,
        "7,2026-03-02,09:00:00,,,9,",
        "8,2026-03-02,09:00:00,,,0,",
        "9,2026-03-02,09:00:00,,,,",
        made=mapping(events=[offered]),
    )

    assert recorded.faults == [RowFault(2, "unknown-value", "what")]
    assert [event.topic for event in recorded.events if isinstance(event, Offered)] == [None, None, None]


def test_a_row_that_the_mapping_says_is_no_call_is_counted_and_no_fault(tmp_path: Path) -> None:
    offered = {**MAPPING["events"][0], "only_if": {"what": ["1"]}}

    recorded = read(
        tmp_path,
        row(7),
        "7,2026-03-02,09:00:00,,,2,",
        "8,,,,,2,",
        "9,2026-03-02,,,,1,",
        made=mapping(events=[offered, MAPPING["events"][1]]),
    )

    assert recorded.not_calls == [3, 4]
    assert recorded.faults == [RowFault(5, "no-instant", "offered")]
    assert (recorded.rows, recorded.calls) == (4, 1)


def test_other_encodings_and_delimiters_are_those_of_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "desk.csv").write_bytes(
        "\n".join([HEADER, ROW]).replace(",", ";").replace("70001", "张三").encode("gb18030")
    )

    recorded = read_table(tmp_path / "desk.csv", mapping(encoding="gb18030", delimiter=";"))

    assert [event.customer for event in recorded.events if isinstance(event, Offered)] == ["张三"]


def after(seconds: str) -> list[dict[str, object]]:
    return [
        MAPPING["events"][0],
        {"event": "ended", "at": [{"after": "offered", "seconds": "out"}]},
    ]


@pytest.mark.parametrize(
    ("seconds", "offset", "faults"),
    [
        ("90", 90_000_000, []),
        ("0.5", 500_000, []),
        ("-25", 0, [RowFault(2, "time-order", "ended")]),
        ("-90000", 0, [RowFault(2, "time-order", "ended")]),
        ("", None, []),
        ("many", None, [RowFault(2, "bad-number", "out")]),
        ("nan", None, [RowFault(2, "bad-number", "out")]),
        ("1e300", None, [RowFault(2, "bad-number", "out")]),
    ],
)
def test_an_instant_may_count_from_an_earlier_event(
    tmp_path: Path, seconds: str, offset: int | None, faults: list[RowFault]
) -> None:
    recorded = read(tmp_path, f"7,2026-03-02,09:00:00,{seconds},,,", made=mapping(events=after(seconds)))

    assert recorded.faults == faults
    assert [event.at - at("2026-03-02T09:00:00") for event in recorded.events[1:]] == (
        [] if offset is None else [offset]
    )


@pytest.mark.parametrize(
    ("form", "text", "wanted"),
    [
        ("iso", "2026-03-02T09:00:00+00:00", "2026-03-02T09:00:00.000000Z"),
        ("iso", "2026-03-02T09:00:00", "2026-03-02T01:00:00.000000Z"),
        ("epoch", "1772413200.25", "2026-03-02T01:00:00.250000Z"),
        ("%a %b %d %H:%M:%S %z %Y", "Wed Sep 15 19:17:44 +0100 2010", "2010-09-15T18:17:44.000000Z"),
    ],
)
def test_instants_are_read_in_the_format_of_the_mapping(tmp_path: Path, form: str, text: str, wanted: str) -> None:
    events = [{"event": "offered", "at": [{"columns": ["in"]}]}]

    recorded = read(tmp_path, f"7,,{text},,,,", made=mapping(time_format=form, events=events))

    assert [instant_text(event.at) for event in recorded.events] == [wanted]


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "-5", "1e300", "253402300800"])
def test_seconds_that_are_no_instant_are_told(tmp_path: Path, text: str) -> None:
    events = [{"event": "offered", "at": [{"columns": ["in"]}]}]

    recorded = read(tmp_path, f"7,,{text},,,,", made=mapping(time_format="epoch", events=events))

    assert recorded.faults == [RowFault(2, "bad-instant", "in")]


def test_events_may_depend_on_columns_carry_typed_fields_and_host_facts(tmp_path: Path) -> None:
    events = [
        {
            "event": "offered",
            "at": [{"columns": ["day", "in"]}],
            "facts": {"host.risk": {"column": "what", "number": "int"}, "host.segment": {"const": "retail"}},
        },
        {
            "event": "held",
            "only_if": {"end": ["h"]},
            "at": [{"columns": ["day", "out"]}],
            "with": {"on": {"column": "who", "values": {"1": True}}},
        },
        {
            "event": "judged",
            "at": [{"columns": ["day", "out"]}],
            "with": {"class": {"const": "nuisance"}, "by": {"const": "desk"}},
        },
        {
            "event": "tick",
            "at": [{"columns": ["day", "out"]}],
            "facts": {"host.risk": {"column": "what", "number": "float"}},
        },
    ]

    first = read(tmp_path, "7,2026-03-02,09:00:00,09:01:00,1,3,h", made=mapping(events=events))
    second = read(tmp_path, "8,2026-03-02,09:00:00,09:01:00,1,x,-", made=mapping(events=events))

    assert [type(event) for event in first.events] == [Offered, Held, Judged, Tick]
    offered, held, judged, tick = first.events
    assert isinstance(offered, Offered)
    assert offered.facts == {"host.risk": 3, "host.segment": "retail"}
    assert isinstance(held, Held)
    assert held.on is True
    assert isinstance(judged, Judged)
    assert (judged.class_, judged.by) == ("nuisance", "desk")
    assert isinstance(tick, Tick)
    assert tick.facts == {"host.risk": 3.0}
    # A fact that cannot be read is not known; the call was there all the same.
    assert second.faults == [RowFault(2, "bad-number", "what"), RowFault(2, "bad-number", "what")]
    assert [event.facts for event in second.events if isinstance(event, Offered)] == [{"host.segment": "retail"}]


def test_an_event_that_lacks_what_it_must_have_is_told(tmp_path: Path) -> None:
    linked = {"event": "case_linked", "at": [{"columns": ["day", "out"]}], "with": {"case_id": {"column": "who"}}}

    recorded = read(tmp_path, "7,2026-03-02,09:00:00,09:01:00,,,", made=mapping(events=[MAPPING["events"][0], linked]))

    assert recorded.faults == [RowFault(2, "impossible-event", "case_linked")]
    assert recorded.calls == 1


def test_a_word_that_no_party_has_is_told(tmp_path: Path) -> None:
    events = [MAPPING["events"][0], {**MAPPING["events"][1], "with": {"by": {"column": "end"}}}]

    recorded = read(tmp_path, "7,2026-03-02,09:00:00,09:01:00,,,nobody", made=mapping(events=events))

    assert recorded.faults == [RowFault(2, "impossible-event", "by")]
    assert [type(event) for event in recorded.events] == [Offered]


CELLS = st.text(st.characters(exclude_characters='",\r\n', codec="utf-8"), max_size=12)
TIMES = st.sampled_from(["00:01:00", "09:00:00", "23:59:00", "x", ""])
ROWS = st.lists(
    st.one_of(
        st.lists(CELLS, max_size=9).map(",".join),
        st.just(ROW),
        st.builds("{},2026-03-02,{},{},,,".format, st.sampled_from("789"), TIMES, TIMES),
    ),
    max_size=8,
)


@given(ROWS)
def test_every_row_gives_a_call_or_a_fault_and_the_events_are_in_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    recorded = read(tmp_path_factory.mktemp("rows"), *rows)

    told = {fault.row for fault in recorded.faults}
    assert recorded.rows == len([row for row in rows if row])
    assert recorded.rows <= recorded.calls + len(told)
    keys = [(event.at, event.call_id, event.seq) for event in recorded.events]
    assert keys == sorted(keys)
    for call_id in recorded.row_of:
        own = [event for event in recorded.events if event.call_id == call_id]
        assert [event.seq for event in own] == list(range(len(own)))
        assert isinstance(own[0], Offered)


def test_the_shipped_general_mapping_reads_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "call_id,offered_at,answered_at,ended_at,number,customer,queue,team,dialled,language,topic,agent,ended_by,cause\n"
        "c1,2026-03-02T09:00:00,2026-03-02T09:00:20,2026-03-02T09:04:00,"
        "+1 212 555 0142,,cards,,,en,,li,agent,hang_up\n",
        encoding="utf-8",
    )

    recorded = read_table(tmp_path / "calls.csv", load_mapping("generic_csv"))

    assert [event.name for event in recorded.events] == ["offered", "answered", "ended"]
    offered = recorded.events[0]
    assert isinstance(offered, Offered)
    assert (offered.number, offered.queue, offered.customer) == ("+1 212 555 0142", "cards", None)
    assert offered.at == at("2026-03-02T09:00:00")
