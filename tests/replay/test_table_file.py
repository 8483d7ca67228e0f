"""The file of a table as it lies there: headers, bytes, quotes, lengths."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from callpolicy.errors import UsageError
from callpolicy.events import Offered
from callpolicy.instants import parse_instant
from callpolicy.replay import Recorded, RowFault, read_table
from tests.replay.tables import HEADER, mapping, read, row

ROW = "7,2026-03-02,09:00:00,09:05:30,70001,1,c"


def at(text: str) -> int:
    return parse_instant(f"{text}+08:00")


def test_without_a_header_the_mapping_names_the_columns(tmp_path: Path) -> None:
    recorded = read(tmp_path, ROW, header=None, made=mapping(columns=HEADER.split(",")))

    assert (recorded.calls, recorded.row_of) == (1, {"7": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: there is not even a header"),
        (b"id,day,in,out,who\n", "lacks the columns `end`, `what`"),
        (b"\n", "lacks the columns `day`, `end`, `id`, `in`, `out`, `what`, `who`"),
        (b"id,day,in,out,who,what,end,day\n", "has more than one column `day`"),
        (b'id,day,in,out,who,"what,end\n', "lacks the column `what`"),
        (b"x" * 1_100_000 + b"\n", "lacks the columns `day`"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "desk.csv").write_bytes(content)

    with pytest.raises(UsageError, match=message):
        read_table(tmp_path / "desk.csv", mapping())


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_table(path, mapping())


def test_bytes_that_are_no_text_are_told_and_never_make_one_caller_of_two(tmp_path: Path) -> None:
    (tmp_path / "desk.csv").write_bytes(
        f"{HEADER}\n".encode() + b"7,2026-03-02,09:00:00,,\xff\xfe1,,\n" + b"8,2026-03-02,09:00:00,,2\x003,,\n"
    )

    recorded = read_table(tmp_path / "desk.csv", mapping())

    assert recorded.faults == [RowFault(2, "ruined-text", "who"), RowFault(3, "ruined-text", "who")]
    assert [event.customer for event in recorded.events if isinstance(event, Offered)] == ["\ufffd\ufffd1", "2\ufffd3"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "desk.csv").write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\n{ROW}\n".encode())

    assert read_table(tmp_path / "desk.csv", mapping()).row_of == {"7": 2}


def test_quoted_cells_may_hold_the_delimiter_and_line_breaks(tmp_path: Path) -> None:
    recorded = read(tmp_path, '7,2026-03-02,09:00:00,,"a,\nb",,', ROW.replace("7,", "8,", 1))

    assert [event.customer for event in recorded.events if isinstance(event, Offered)] == ["a,\nb", "70001"]
    assert recorded.row_of == {"7": 3, "8": 4}


def customers(recorded: Recorded) -> list[str | None]:
    return [event.customer for event in recorded.events if isinstance(event, Offered)]


def test_a_quote_that_is_never_closed_costs_no_row(tmp_path: Path) -> None:
    recorded = read(tmp_path, row(7), row(8, '"7000'), *(row(number) for number in range(9, 90)))

    assert recorded.faults == [RowFault(3, "open-quote", "")]
    assert (recorded.rows, recorded.calls) == (83, 83)
    assert '"7000' in customers(recorded)
    assert recorded.row_of["89"] == 84


def test_a_quote_that_is_open_at_the_end_of_the_file_costs_no_row(tmp_path: Path) -> None:
    recorded = read(tmp_path, row(7), row(8, '"7000'), row(9), row(10))
    last = read(tmp_path, row(7), row(8, '"7000'))

    assert recorded.faults == last.faults == [RowFault(3, "open-quote", "")]
    assert (recorded.calls, last.calls) == (4, 2)


def test_a_quote_that_the_next_stray_quote_would_close_costs_no_row(tmp_path: Path) -> None:
    recorded = read(tmp_path, row(7, '"7000'), row(8), row(9, '"7000'), row(10))

    assert recorded.faults == [RowFault(2, "open-quote", ""), RowFault(4, "open-quote", "")]
    assert recorded.calls == 4


def test_a_quoted_cell_may_go_over_fifty_line_breaks_and_no_more(tmp_path: Path) -> None:
    # 51 lines with 50 breaks between them, then one more.
    fifty = read(tmp_path, row(7, '"' + "\n" * 50 + 'x"'), row(8))
    more = read(tmp_path, row(7, '"' + "\n" * 51 + 'x"'), row(8))

    assert (fifty.faults, fifty.calls) == ([], 2)
    assert fifty.row_of == {"7": 52, "8": 53}
    assert more.faults[:2] == [RowFault(2, "open-quote", ""), RowFault(2, "too-few-columns", "5 of 7")]
    assert list(more.row_of) == ["8"]


def test_quotes_within_one_line_are_read_as_everybody_reads_them(tmp_path: Path) -> None:
    recorded = read(tmp_path, row(7, '"a"b'), row(8, 'a"b'), row(9, '"a""b"'), row(6, '""'))

    assert recorded.faults == []
    assert customers(recorded) == [None, "ab", 'a"b', 'a"b']


def test_a_table_that_knows_no_quotes_is_read_without_them(tmp_path: Path) -> None:
    recorded = read(tmp_path, row(7, '"a"'), row(8, '"b'), row(9), made=mapping(quoting="none"))

    assert recorded.faults == []
    assert customers(recorded) == ['"a"', '"b', "70001"]


def test_a_cell_may_be_long_and_one_that_is_too_long_costs_its_row_only(tmp_path: Path) -> None:
    limit = csv.field_size_limit()

    recorded = read(tmp_path, row(7, "x" * (1 << 20)), row(8, "x" * ((1 << 20) + 1)), row(9))

    assert recorded.faults == [RowFault(3, "long-field", "more than 1048576 characters")]
    assert list(recorded.row_of) == ["7", "9"]
    assert csv.field_size_limit() == limit
