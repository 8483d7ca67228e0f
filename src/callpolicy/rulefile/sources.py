"""The bytes of a file become text that may be read: size, encoding and characters are looked at first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import cached_property
from typing import Final

from callpolicy.errors import Finding, SourceSpan

MAX_BYTES: Final = 1 << 20
"""The largest file. Units: bytes."""

LONGEST_EXCERPT: Final = 160
"""Characters of a line that are shown with a finding."""

_LONGEST_QUOTE: Final = 80
# WHY the second half: line separators, which tools count differently, and marks that turn the direction of text, so
# that a reviewer would read something else than the machine does. Source: Unicode Technical Report 36, section 2.5.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"
)
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_DATE: Final = re.compile(r"(19|20)\d\d-\d\d-\d\d")
_NUMBER_LIKE: Final = re.compile(r"[+＋]?\d(?:[ \u00a0()./－–-]{0,2}\d){6,}")


class Source:
    """The text of one file, with what is needed to show a place in it.

    Args:
        file: path relative to the bundle's folder, with `/`.
        text: its characters, without a byte order mark.
    """

    __slots__ = ("__dict__", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return _LINE_BREAK.split(self.text)

    def finding(self, code: str, place: tuple[int, int], message: str, hint: str = "") -> Finding:
        """A finding at a place.

        Args:
            code: its code.
            place: line and column, counted from 1.
            message: one lower-case line.
            hint: what to do about it, or empty.
        """
        line, col = place
        return Finding(code, message, SourceSpan(self.file, line, col), hint, self.excerpt(line, col))

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a character, counted from 1."""
        before = _LINE_BREAK.split(self.text[:index])
        return len(before), len(before[-1]) + 1

    def excerpt(self, line: int, col: int, counts: Container[str] = ()) -> str:
        """The line of a place as it may be shown; empty if there is nothing to show.

        Args:
            line: counted from 1.
            col: counted from 1.
            counts: see `masked`.
        """
        if not 1 <= line <= len(self.lines) or col > LONGEST_EXCERPT:
            return ""
        text = self.lines[line - 1]
        cut = text[:LONGEST_EXCERPT] + "…" if len(text) > LONGEST_EXCERPT else text
        # INVARIANT: one character stays one character, so that the column still points at its place.
        return masked("".join(" " if char == "\t" else _visible(char) for char in cut), counts).rstrip()


def read_source(file: str, data: bytes) -> tuple[Source, list[Finding]]:
    """Decode one file; a file with findings is not to be read further.

    Args:
        file: path relative to the bundle's folder.
        data: its bytes.
    """
    if len(data) > MAX_BYTES:
        return Source(file, ""), [
            whole_file(file, "file-too-large", f"the file is larger than {MAX_BYTES // 1024} KiB")
        ]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        source = Source(file, data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        hint = "save the file as UTF-8"
        return source, [source.finding("not-utf8", source.place(len(source.text)), "the file is not UTF-8 here", hint)]
    source = Source(file, text.removeprefix("\ufeff"))
    return source, [] if (fault := forbidden_character(source.text)) is None else [_character(source, *fault)]


def whole_file(file: str, code: str, message: str, hint: str = "") -> Finding:
    """A finding about a file as a whole."""
    return Finding(code, message, SourceSpan(file, 1, 1), hint)


def forbidden_character(text: str) -> tuple[int, str] | None:
    """The first character that no text of a bundle may have: its index, and what it is called."""
    if text.isascii() and text.isprintable():
        return None
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    char = found[0]
    return found.start(), f"U+{ord(char):04X} {unicodedata.name(char, '').lower()}".rstrip()


def _character(source: Source, index: int, name: str) -> Finding:
    message = f"the character {name} must not stand in a rule file"
    return source.finding("control-character", source.place(index), message, "delete it; it cannot be seen")


def masked(text: str, counts: Container[str] = ()) -> str:
    """A text in which what looks like a telephone number has no digits any more; its length stays.

    Args:
        text: the text.
        counts: numbers that are known to count something, as they are written: they tell nothing of anybody, and stay.

    >>> masked("call +1 212 555 0142 by 2027-05-01")
    'call +* *** *** **** by 2027-05-01'
    >>> masked("call +1 212 555 0142 at_least 10000000", {"10000000"})
    'call +* *** *** **** at_least 10000000'
    """
    if sum(char.isdigit() for char in text) < len("1234567"):
        return text
    dates = [found.span() for found in _DATE.finditer(text)]

    def hide(found: re.Match[str]) -> str:
        if any(start <= found.start() < end for start, end in dates):
            return found[0]
        if found[0] in counts:
            return found[0]
        return re.sub(r"\d", "*", found[0])

    return _NUMBER_LIKE.sub(hide, text)


def quoted(value: object) -> str:
    """A text of a user as it may stand in a message: one line, in backticks, cut, and without telephone numbers."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    line = "".join(_visible(char) for char in text[: _LONGEST_QUOTE + 1]).replace("`", "'")
    return f"`{masked(line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE] + '…')}`"


def _visible(char: str) -> str:
    return "\ufffd" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
