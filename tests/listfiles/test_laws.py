"""What holds for every file: no row is lost, none counts twice, the order of rows decides nothing."""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from callpolicy.errors import UsageError
from callpolicy.listfiles import CAUSES, REMARKS, ColumnMapping, ListFile, report_tables, report_to_dict
from tests.listfiles.writing import is_balanced, read, subject_text

CELLS = st.one_of(
    st.sampled_from(
        [
            "07700 900001", "'07700900001", "+447700900002", "+44 7700 9001*", "+44 7700 900000-+44 7700 900099",
            "customer:7", "1.2E+11", "N/A", "", "999", "week", "永久", "2026-12-24", "2020-01-01", "03/04/2027",
            '"', '""', "=", "#", "a\nb", "a,b", "\0", "\ufffd", "12345678901234567890", "212555xxxx",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip
HEADERS = st.sampled_from(["number,reason,term\n", "number,until,kind\n", "number\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"])


def read_bytes(content: bytes, format: str, encoding: str | None = None) -> ListFile | None:
    """A file, or `None` if it is refused as a whole."""
    with tempfile.TemporaryDirectory() as folder, suppress(UsageError):
        return read(Path(folder), content, format=format, mapping=ColumnMapping(encoding=encoding))
    return None


def rows_by_hand(content: bytes) -> int:
    """Rows of a plain list: lines on which something stands that is no comment."""
    text = content.decode("utf-8")
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in re.split(r"\r\n|\r|\n", text))


@given(HEADERS, st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8), ENCODINGS)
def test_every_row_of_a_table_is_in_a_candidate_names_one_again_or_is_refused_with_its_line(
    header: str, rows: list[list[str]], encoding: str
) -> None:
    content = header + "\n".join(",".join(row) for row in rows)

    file = read_bytes(content.encode(encoding, "replace"), "csv")

    assert file is None or is_balanced(file)


@given(st.lists(CELLS, min_size=1, max_size=12))
@example(["07700 900001", "\x0b#", "\x1c"])
@example(["07700 900001", ","])
def test_every_line_of_a_plain_list_that_is_no_comment_is_a_row(cells: list[str]) -> None:
    content = "\n".join(cells).encode("utf-8", "replace")

    file = read_bytes(content, "plain", "utf-8")

    assert file is None or (is_balanced(file) and file.report.rows == rows_by_hand(content))


@given(st.binary(max_size=300), st.sampled_from(["plain", "csv"]))
def test_bytes_of_any_kind_are_read_or_refused_and_never_fail(content: bytes, format: str) -> None:
    file = read_bytes(content, format)

    assert file is None or is_balanced(file)


@given(
    st.lists(st.sampled_from(["07700 900001", "+447700900001", "customer:7"]), min_size=1, max_size=6).flatmap(
        lambda names: st.permutations(
            [(name, ("", "day", "week", "永久", "12h")[place % 5]) for place, name in enumerate(names)]
        )
    )
)
def test_the_order_of_rows_decides_nothing(rows: list[tuple[str, str]]) -> None:
    def ends(written: list[tuple[str, str]]) -> set[tuple[str, object, int]]:
        body = "".join(f"{name},{term}\n" for name, term in written)
        file = read_bytes(f"number,term\n{body}".encode(), "csv")
        assert file is not None
        return {(subject_text(each), each.term, each.count) for each in file.candidates}

    assert ends(rows) == ends(sorted(rows))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=8))
def test_the_report_is_json_has_words_for_everything_and_gives_no_number_away(rows: list[list[str]]) -> None:
    file = read_bytes(
        ("number,reason,term\n" + "\n".join(",".join(row) for row in rows)).encode("utf-8", "replace"), "csv"
    )
    if file is None:
        return

    written = json.dumps(report_to_dict(file.report), ensure_ascii=False)
    english, chinese = (report_tables(file.report, language) for language in ("en", "zh-CN"))

    assert {each.cause for each in file.report.refused} <= set(CAUSES)
    assert {each.code for each in file.report.remarks} <= set(REMARKS)
    assert [len(each.rows) for each in english] == [len(each.rows) for each in chinese]
    for text in (written, str(english), str(chinese)):
        assert not re.search(r"7700\s?900001|7700900002", text)
