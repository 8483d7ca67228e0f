"""A file of any encoding → its lines; what is no text is refused with what it looks like."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from callpolicy.errors import UsageError
from callpolicy.rulefile.sources import quoted

LONGEST_LINE: Final = 1 << 16
"""How many characters a line, or a row of several lines, may have."""

_HEAD: Final = 1 << 16
_CHUNK: Final = 1 << 20
_EVERY: Final = 2_000
_SAVE_AS: Final = "save the sheet as `CSV UTF-8` and give that file"
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "a zip archive, as an Excel workbook (.xlsx) is", _SAVE_AS),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", _SAVE_AS),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"%PDF", "a PDF", "give the table it was made from"),
    (b"SQLite format 3", "a database", "export the table as CSV"),
    (b"\x89PNG", "a picture", "give the table it was made from"),
    (b"\xff\xd8\xff", "a picture", "give the table it was made from"),
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL: Final = frozenset(range(32)) - set(b"\t\n\r\f\x1a\x1b\0")
# Of a hundred bytes; a text has none, a picture or a program a quarter.
_MOST_CONTROL, _MOST_NUL = 5, 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end.

    Args:
        number: counted from 1.
        text: the line; empty if it is too long.
        ended: whether it has an end, as all but the last of a file must.
        too_long: whether it has more than `LONGEST_LINE` characters.
    """

    number: int
    text: str
    ended: bool = True
    too_long: bool = False


def find_encoding(path: Path) -> str:
    """Find how the bytes of a file are to be read.

    Returns:
        `utf-8`, `utf-8-sig`, `utf-16…` or `gb18030`. If none fits all of it: `utf-8`, and what fits not is ruined.

    Raises:
        UsageError: it is no file, empty, or no text.
    """
    name = quoted(path.name or path)
    try:
        if path.is_dir():
            raise UsageError(f"{name} is a folder; name a file in it")
        if path.exists() and not path.is_file():
            raise UsageError(f"{name} is no ordinary file, and is read twice; write it to a file first")
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            _look_at(head, name)
            return _encoding_of(head, stream)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {(error.strerror or 'it fails').lower()}") from error
    except ValueError:
        raise UsageError(f"{name} cannot be read: that is no name of a file") from None


def _look_at(head: bytes, name: str) -> None:
    if not head.strip():
        raise UsageError(f"{name} is empty: there is not even a header; a plain list has one number a line")
    for magic, what, hint in _NOT_TEXT:
        if head.startswith(magic):
            raise UsageError(f"{name} is no text but {what}; {hint}")


def _encoding_of(head: bytes, stream: io.BufferedReader) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sixteen = _sixteen(head)
    if sixteen and _fits(stream, sixteen):
        return sixteen
    control = sum(byte in _CONTROL for byte in head)
    if (control + head.count(0)) * 100 > _MOST_CONTROL * len(head):
        raise UsageError(f"{quoted(Path(stream.name).name)} is no text file; give a plain list or a CSV table")
    for encoding in ("utf-8", "gb18030"):
        if _fits(stream, encoding):
            return encoding
    return "utf-8"


def _sixteen(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of what is written in ASCII is nothing."""
    for encoding, zeros, letters in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) * 100 > _MOST_NUL * max(1, len(zeros)) and letters.count(0) * 100 <= len(letters):
            return encoding
    return ""


def _fits(stream: io.BufferedReader, encoding: str) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def open_lines(path: Path, encoding: str, progress: Callable[[int], None] | None = None) -> Iterator[Iterator[Line]]:
    """Open a file as lines.

    Args:
        path: the file.
        encoding: of its bytes; what does not fit becomes U+FFFD.
        progress: called with the bytes read so far, now and then and at the end.

    Raises:
        UsageError: it cannot be read, or there is no such encoding.
    """
    try:
        with path.open("r", encoding=encoding, errors="replace") as stream:
            yield _lines(stream, progress)
    except LookupError:
        raise UsageError(f"there is no encoding {quoted(encoding)}; write one as `utf-8` or `gb18030`") from None
    except OSError as error:
        reason = (error.strerror or "it fails").lower()
        raise UsageError(f"{quoted(path.name)} cannot be read: {reason}") from error


def _lines(stream: TextIO, progress: Callable[[int], None] | None) -> Iterator[Line]:
    number = 0
    while text := stream.readline(LONGEST_LINE + 1):
        number += 1
        if text.endswith("\n"):
            yield Line(number, text[:-1])
        elif len(text) <= LONGEST_LINE:
            yield Line(number, text, ended=False)
        else:
            yield Line(number, "", _skip(stream), too_long=True)
        if progress is not None and number % _EVERY == 0:
            progress(stream.buffer.tell())
    if progress is not None:
        progress(stream.buffer.tell())


def _skip(stream: TextIO) -> bool:
    """Leave the rest of a line out; tell whether it has an end."""
    while text := stream.readline(LONGEST_LINE):
        if text.endswith("\n"):
            return True
    return False
