"""The conformance table: each row a text, a region, and the line it means by the numbering plan."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from callpolicy.numbering import NumberStatus, parse_number

TABLE = Path(__file__).parent / "conformance.tsv"
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\([trn])")
CONTROL = {"t": "\t", "r": "\r", "n": "\n"}


class Row(NamedTuple):
    raw: str
    region: str
    canonical: str | None
    home: str | None
    status: str
    kind: str
    extension: str | None
    note: str


def unescape(text: str) -> str:
    return ESCAPE.sub(lambda m: CONTROL[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), text)


def or_none(text: str) -> str | None:
    return None if text == "-" else text


def read_table() -> list[Row]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line != "#" and not line.startswith("# ")]
    assert cells[0] == ["raw", "region", "canonical", "home", "status", "kind", "extension", "note"]
    return [
        Row(unescape(raw), region, or_none(canonical), or_none(home), status, kind, or_none(extension), note)
        for raw, region, canonical, home, status, kind, extension, note in cells[1:]
    ]


ROWS = read_table()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.region}-{row.raw!a}")
def test_a_text_means_the_line_of_the_numbering_plan(row: Row) -> None:
    number = parse_number(row.raw, region=row.region)
    found = (number.canonical, number.region, number.status.value, number.line_type.value, number.extension)
    assert found == (row.canonical, row.home, row.status, row.kind, row.extension)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.region}-{row.raw!a}")
def test_the_raw_text_is_kept_as_it_was_given(row: Row) -> None:
    assert parse_number(row.raw, region=row.region).raw == row.raw


def test_the_table_has_at_least_200_rows_and_none_twice() -> None:
    assert len(ROWS) >= 200
    assert [pair for pair, times in Counter((row.raw, row.region) for row in ROWS).items() if times > 1] == []


@pytest.mark.parametrize(("home", "prefix"), [("CN", "+86"), ("US", "+1"), ("DE", "+49"), ("GB", "+44")])
def test_the_table_covers_each_of_the_four_plans_and_their_short_codes(home: str, prefix: str) -> None:
    there = [row for row in ROWS if (row.canonical or "").startswith((prefix, f"{home}:"))]
    assert len(there) >= 30
    assert {"short", "emergency", "toll_free"} <= {row.kind for row in there}


def test_the_table_covers_every_status() -> None:
    assert {row.status for row in ROWS} == {status.value for status in NumberStatus}


def test_the_table_holds_no_line_outside_reserved_public_or_plainly_synthetic_ranges() -> None:
    reserved = re.compile(
        r"""[A-Z]{2}:\d+                                        # public short codes
          | \+1\d{3}55501\d\d                                   # 555-01xx of each area code
          | \+44(?:7700900|2079460|1134960|1632960|8081570|8081571|9098790|306999)\d+
          | \+49(?:3023125|6990009|4066969|2214710|8999998|17139200|176040690)\d+
          | \+86(?:13800138000|1088880000)
          | \+\d+?0{5}\d?                                       # plainly synthetic: zeros
        """,
        re.VERBOSE,
    )
    assert [row.canonical for row in ROWS if row.canonical and not reserved.fullmatch(row.canonical)] == []
