"""The file as it lies there: bytes, encodings, formats that are told from the content, sizes."""

from __future__ import annotations

import codecs
import gc
import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from callpolicy.errors import UsageError
from callpolicy.listfiles import Format, read_list
from tests.listfiles.writing import NOW, is_balanced, read, refused, remarks, subjects, write

TABLE = "号码,原因\r\n07700 900001,骚扰电话\r\n"


def zipped() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("list.csv", TABLE)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode("utf-8"), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (TABLE.encode("gb18030"), "gb18030"),
        (TABLE.replace("\r\n", "\n").encode(), "utf-8"),
        (TABLE.replace("\r\n", "\r").encode(), "utf-8"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, content: bytes, encoding: str) -> None:
    file = read(tmp_path, content)

    assert [(each.subject.identity.value, each.reason) for each in file.candidates] == [("+447700900001", "骚扰电话")]
    assert file.report.encoding == encoding


def test_a_letter_far_down_still_tells_the_encoding(tmp_path: Path) -> None:
    rows = "".join(f"+44 7700 900{number % 1000:03d},x\n" for number in range(10_000))

    file = read(tmp_path, ("number,reason\n" + rows + "+44 20 7946 0001,骚扰\n").encode("gb18030"))

    assert file.candidates[-1].reason == "骚扰"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"# only this\n", "nothing but comments and blank lines"),
        (zipped(), r"no text but a zip archive, as an Excel workbook \(.xlsx\) is; save the sheet as `CSV UTF-8`"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel workbook"),
        (gzip.compress(TABLE.encode(), mtime=0), "a gzip archive; unpack it first"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
        (bytes(range(256)) * 20, "is no text file"),
        (bytes(5_000), "is no text file"),
        (b"x" * 10_000_000, "`list.csv`:1: the line has more than 65536 characters; is this a list?"),
        (
            b"Dear all,\nplease find below\nnothing of use.\n",
            "cannot be told what kind of list.*0 of its first 3 lines",
        ),
        (b"07700900001,rude,day\n07700900002,loud,week\n", "a table whose columns have no names; write `number,reason"),
    ],
    # WHY: an archive has the time in it, and test processes that begin apart would name the test differently.
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_what_is_no_list_is_one_clear_error_with_a_hint(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        read(tmp_path, content)

    assert "\n" not in str(error.value)
    assert "07700900001" not in str(error.value)


def test_a_folder_an_absent_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path, "is a folder; name a file in it"),
        (tmp_path / "none.csv", "cannot be read: no such file"),
        (Path("/dev/null"), "is no ordinary file"),
        (tmp_path / "a\0b", "cannot be read"),
    ]:
        with pytest.raises(UsageError, match=message):
            read_list(path, region="GB", at=NOW)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("07700 900001\n", Format.PLAIN),
        ("# mine\n\n+44 7700 9001*\ncustomer:7\n", Format.PLAIN),
        ("1.2E+11\n07700 900001\n", Format.PLAIN),
        ("07700 900001,rude, loud, silent\n07700 900002\n", Format.PLAIN),
        ("Phone\n07700 900001\n", Format.CSV),
        ("\n手机号码\t备注\n07700 900001\t骚扰\n", Format.CSV),
    ],
)
def test_the_format_is_told_from_the_content(tmp_path: Path, content: str, format: Format) -> None:
    report = read(tmp_path, content).report

    assert (report.format, report.told) == (format, False)


def test_a_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    half = read(tmp_path, "number,reason\n07700 900001,rude\n07700 90")
    perhaps = read(tmp_path, "07700 900001\n07700 900002")

    assert refused(half) == {"half-line": [3]}
    assert remarks(perhaps)["no-line-end"] == 1
    assert subjects(perhaps) == ["+447700900001", "+447700900002"]


def test_ten_megabytes_in_one_line_cost_that_line_alone(tmp_path: Path) -> None:
    file = read(tmp_path, "number,reason\n07700 900001," + "x" * 10_000_000 + "\n07700 900002,rude\n")

    assert refused(file) == {"long-line": [2]}
    assert subjects(file) == ["+447700900002"]


def test_a_long_text_where_a_number_should_be_takes_no_time(tmp_path: Path) -> None:
    long = ["1 " * 30_000, "+" + "1-" * 30_000, "1" + " " * 60_000 + "x", "*" * 60_000]

    file = read(tmp_path, "number\n" + "\n".join(long) + "\n07700 900002\n")

    assert refused(file) == {"several-things": [2, 3, 4, 5]}


def test_quotes_that_are_never_closed_cost_a_line_each_and_no_time(tmp_path: Path) -> None:
    hostile = '"' + '""' * 30_000 + "x\n"

    file = read(tmp_path, "number,reason\n" + hostile * 3 + '"open\n' * 500 + "07700 900002,rude\n", format="csv")

    assert subjects(file) == ["+447700900002"]
    assert is_balanced(file)


def test_progress_is_told_in_bytes_up_to_the_last(tmp_path: Path) -> None:
    content = "".join(f"customer:{number}\n" for number in range(1, 10_001))
    seen: list[int] = []

    read(tmp_path, content, progress=seen.append)

    assert seen == sorted(seen)
    assert len(seen) == 6
    assert seen[-1] == len(content)


@pytest.mark.untraced
def test_rows_stream_so_that_memory_goes_with_the_candidates_and_not_with_the_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "number,reason\n" + "unknown,silent call in the night\n" * 200_000)
    read_list(path, region="GB", at=NOW)
    gc.collect()
    tracemalloc.start()

    file = read_list(path, region="GB", at=NOW)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refused(file) == {"withheld": list(range(2, 200_002))}
    # 200,000 line numbers of 8 bytes, and room to grow; the texts alone would be 6 MB, as objects 20.
    assert most < 5_000_000
