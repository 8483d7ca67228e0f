"""Events as JSON lines: places of faults, what is passed over, and going on after a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.errors import CallEventError
from callpolicy.events import Event, Tick, Warned
from callpolicy.facts.builtin import BUILTIN
from callpolicy.wire import LONGEST_LINE, event_to_dict, read_events

GOOD = b'{"event":"warned","call_id":"c1","seq":3,"at":0}\n'


def fault_of(line: bytes | str) -> str:
    with pytest.raises(CallEventError) as error:
        next(read_events([line]))
    return str(error.value)


def test_bytes_and_text_are_read_and_blank_lines_passed_over() -> None:
    assert list(read_events([GOOD, "", b"  \n", "\t", GOOD.decode()])) == [Warned(call_id="c1", seq=3, at=0)] * 2


def test_nothing_is_no_event() -> None:
    assert list(read_events([])) == []
    assert list(read_events([b"", "\n"])) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"warned", "line 1: not JSON in UTF-8, at column 1 [not-json]"),
        (b'{"event":"warned"', "line 1: not JSON in UTF-8, at column 18 [not-json]"),
        (b'{"event":"\xff"}', "line 1: not JSON in UTF-8, at column 1 [not-json]"),
        (b'{"at": NaN}', "line 1: not JSON in UTF-8, at column 8 [not-json]"),
        (b"[1]", "line 1: an event must be a JSON object [not-an-object]"),
        (b'{"event":"warnd"}', "line 1: there is no event `warnd`; did you mean `warned`? [unknown-event]"),
        (GOOD.replace(b'"seq":3', b'"seq":-3'), "line 1: `warned`: `seq` must not be negative [bad-value]"),
    ],
)
def test_a_fault_names_its_line(line: bytes, message: str) -> None:
    assert fault_of(line) == message


def test_lines_are_counted_as_they_stand_in_the_file() -> None:
    events = read_events([GOOD, b"\n", b"{", GOOD])
    next(events)

    with pytest.raises(CallEventError, match=r"^line 3: "):
        next(events)


def test_after_a_fault_the_next_line_is_read() -> None:
    events = read_events([b"{", GOOD, b"{}", GOOD])

    assert told(events) == ["not-json", "warned", "missing-key", "warned"]


def told(events: Iterator[Event]) -> list[str]:
    found = []
    while True:
        try:
            found.append(next(events).name)
        except CallEventError as error:
            found.append(error.code)
        except StopIteration:
            return found


def test_a_line_without_end_is_refused_before_it_is_read() -> None:
    assert fault_of(b" " + b"[" * LONGEST_LINE) == f"line 1: a line has at most {LONGEST_LINE} bytes [line-too-long]"


def test_deep_nesting_is_refused() -> None:
    assert fault_of(b"[" * 100_000).endswith("[not-json]")


def test_a_number_too_long_for_an_instant_is_refused() -> None:
    assert "`at` must be" in fault_of(GOOD.replace(b'"at":0', b'"at":99999999999999999999999'))


def test_no_message_shows_what_was_said() -> None:
    assert "rascal" not in fault_of(b'{"text": "you rascal", }')


def test_facts_written_as_text_are_read_with_a_catalogue() -> None:
    line = '{"event":"tick","call_id":"c1","seq":3,"at":0,"facts":{"case.since_final":"2s"}}'

    assert list(read_events([line], BUILTIN)) == [
        Tick(call_id="c1", seq=3, at=0, facts={"case.since_final": 2_000_000})
    ]


@given(st.lists(st.integers(0, 1_000), max_size=5))
def test_what_is_written_line_by_line_is_read_back(seqs: list[int]) -> None:
    events = [Warned(call_id="c1", seq=seq, at=seq) for seq in seqs]

    lines = [json.dumps(event_to_dict(event)) + "\n" for event in events]

    assert list(read_events(lines)) == events


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail_otherwise(line: bytes) -> None:
    for code in told(read_events([line])):
        assert code in {"not-json", "not-an-object", "missing-key", "unknown-event", "unknown-key", "bad-value"}
