"""The events of YAML 1.2, from ruamel.yaml's own scanner and parser, with the way through common scalars shortened.

WHY: a bundle of some hundred rules is read whenever it is changed, tested or started, and ruamel's scanner looks at
every character several times through layers of properties. Here the properties are plain attributes, and a scalar that
a regular expression can see to its end takes one step. Whatever is less simple goes ruamel's own way, so the language
stays its.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import ScalarToken

# Runs of characters that mean nothing in a plain scalar wherever they stand, with single or more spaces between.
_WORD: Final = r"[^\s\x00:#?,\[\]{}]+"
_FLOW: Final = re.compile(rf"{_WORD}(?: +{_WORD})*(?= *[,\]}}]|: )")
_KEY: Final = re.compile(r"[^\s\x00:#?]+(?=:[ \n])")
_BLOCK: Final = re.compile(r"[^\s\x00:#?]+(?: +[^\s\x00:#?]+)*(?= *\n)")
# After a plain scalar of a block: the line end, empty lines, and the indentation of what comes next.
_NEXT: Final = re.compile(r" *\n(?: *\n)*( *)(.|\Z)", re.DOTALL)
_QUOTED: Final = {'"': re.compile(r'"([^"\\\n\r]*)"'), "'": re.compile(r"'([^'\n\r]*)'(?!')")}
_LONGEST_KEY: Final = 1024


class _Loader:
    """What the three parts of ruamel's loader find each other by."""

    comment_handling = None
    _reader: Any = None
    _scanner: Any = None
    _parser: Any = None
    _resolver: Any = None


class DirectiveError(Exception):
    """A line begins with `%`: another version of YAML, or tags.

    Args:
        place: line and column, counted from 1.
    """

    def __init__(self, place: tuple[int, int]) -> None:
        self.place = place
        super().__init__("directive")


class _Version:
    processing_version = (1, 2)


class _Mark(NamedTuple):
    line: int
    column: int


class _Reader(Reader):
    def get_mark(self) -> Any:
        return _Mark(self.line, self.column)


class _Scanner(Scanner):
    reader: Any = None
    scanner_processing_version = (1, 2)

    flow_level: Any = 0

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        # The number of tokens that had been taken when the first of those that wait was certain.
        self._certain = -1
        super().__init__(None)

    def check_token(self, *choices: Any) -> bool:
        if self._certain != self.tokens_taken:
            self._make_certain()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Any:
        if self._certain != self.tokens_taken:
            self._make_certain()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        if self._certain != self.tokens_taken:
            self._make_certain()
        if not self.tokens:
            return None
        self.tokens_taken += 1
        return self.tokens.pop(0)

    def _make_certain(self) -> None:
        while self.need_more_tokens():
            self.fetch_more_tokens()
        self._certain = self.tokens_taken

    def need_more_tokens(self) -> bool:
        if self.done:
            return False
        if not self.tokens:
            return True
        keys = self.possible_simple_keys
        if not keys:
            return False
        self.stale_possible_simple_keys()
        return any(key.token_number == self.tokens_taken for key in keys.values())

    def fetch_flow_collection_start(self, token_class: Any, to_push: str) -> None:
        super().fetch_flow_collection_start(token_class, to_push)
        self.flow_level = len(self.flow_context)

    def fetch_flow_collection_end(self, token_class: Any) -> None:
        super().fetch_flow_collection_end(token_class)
        self.flow_level = len(self.flow_context)

    def stale_possible_simple_keys(self) -> None:
        reader = self.reader
        for key in self.possible_simple_keys.values():
            if key.line != reader.line or reader.index - key.index > _LONGEST_KEY:
                super().stale_possible_simple_keys()
                return

    def fetch_directive(self) -> None:
        raise DirectiveError((self.reader.line + 1, self.reader.column + 1))

    def scan_plain(self) -> Any:
        reader = self.reader
        text: str = reader.buffer
        if self.flow_context:
            found = _FLOW.match(text, reader.pointer)
        else:
            found = _KEY.match(text, reader.pointer) or _BLOCK.match(text, reader.pointer)
            if found and text[found.end()] != ":" and not self._ends(text, found.end()):
                found = None
        if found is None:
            return super().scan_plain()
        self.allow_simple_key = False
        return self._token(found[0], found.end(), None)

    def scan_flow_scalar(self, style: Any) -> Any:
        found = _QUOTED[style].match(self.reader.buffer, self.reader.pointer)
        if found is None:
            return super().scan_flow_scalar(style)
        return self._token(found[1], found.end(), style)

    def _ends(self, text: str, end: int) -> bool:
        """Whether a plain scalar of a block ends with its line: what follows is indented less, or is the end."""
        follows = _NEXT.match(text, end)
        return follows is not None and (len(follows[1]) <= self.indent or follows[2] in "\0#")

    def _token(self, value: str, end: int, style: Any) -> Any:
        reader = self.reader
        start_mark = reader.get_mark()
        length = end - reader.pointer
        reader.pointer = end
        reader.index += length
        reader.column += length
        return ScalarToken(value, style is None, start_mark, reader.get_mark(), style)


class _Parser(Parser):
    scanner: Any = None
    resolver = _Version()

    def __init__(self, scanner: _Scanner, loader: _Loader) -> None:
        self.scanner = scanner
        super().__init__(loader)


class EventReader:
    """Reads one text.

    Args:
        text: without a byte order mark or control characters.
    """

    def __init__(self, text: str) -> None:
        loader = _Loader()
        self._reader = _Reader(text, loader)
        self._parser = _Parser(_Scanner(self._reader), loader)

    def events(self) -> Iterator[Any]:
        """The events of all documents, in order."""
        while self._parser.check_event():
            yield self._parser.get_event()

    def place(self) -> tuple[int, int]:
        """Line and column up to which the text has been looked at, counted from 1."""
        return self._reader.line + 1, self._reader.column + 1
