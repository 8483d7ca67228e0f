"""YAML text becomes plain values, with the place of every one of them.

Only what a rule needs is YAML here: one document of mappings with text keys, lists and scalars, by the core schema of
YAML 1.2. Anchors, aliases, tags and deep nesting are refused, so nothing in a file can grow beyond what is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, assert_never

from callpolicy.errors import Finding, SourceSpan
from callpolicy.rulefile.scanning import DirectiveError, Event, Kind, ScanningError, events
from callpolicy.rulefile.sources import Source, forbidden_character, quoted, read_source, whole_file

Plain: TypeAlias = "bool | int | float | str | list[Any] | dict[str, Any] | None"
"""A value as YAML has it."""

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in its document: keys and positions from the top."""

MAX_DEPTH: Final = 40
"""How deeply mappings and lists may be nested."""

LARGEST: Final = (1 << 53) - 1
"""The largest whole number, in either direction. Source: RFC 8785 (I-JSON)."""

_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Source: YAML 1.2.2, section 10.3.2 (core schema, tag resolution).
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(slots=True)
class Mark:
    """Where a value stands, and the values in it."""

    line: int
    col: int
    keys: dict[str, tuple[int, int]] | None = None
    items: dict[str | int, Mark] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """One file as it was read.

    Args:
        source: its text.
        value: its plain value; not to be used if `broken`.
        mark: where everything in it stands.
        broken: whether it could not be read to the end, so that nothing in it can be relied on.
    """

    source: Source
    value: Plain
    mark: Mark
    broken: bool

    @property
    def file(self) -> str:
        """Path relative to the bundle's folder."""
        return self.source.file

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a value, or of its key; of the nearest that is there if it is not."""
        mark = self.mark
        for depth, step in enumerate(path):
            below = mark.items.get(step)
            if key and depth == len(path) - 1 and mark.keys and step in mark.keys:
                return mark.keys[str(step)]
            if below is None:
                break
            mark = below
        return mark.line, mark.col

    def span(self, path: Path) -> SourceSpan:
        """The place of a value, as data keep it."""
        return SourceSpan(self.file, *self.place(path))

    def at(self, path: Path) -> Any:
        """The plain value at a path, or `None` if there is none."""
        value: Any = self.value
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step] if step < len(value) else None
            else:
                return None
        return value


def read_document(file: str, data: bytes) -> tuple[Document, list[Finding]]:
    """Read one YAML file.

    Args:
        file: path relative to the bundle's folder, with `/`.
        data: its bytes.

    Returns:
        the document, and every fault of its YAML.
    """
    source, faults = read_source(file, data)
    if faults:
        return Document(source, None, Mark(1, 1), broken=True), faults
    composer = _Composer(source)
    composer.run()
    document = Document(source, composer.value, composer.mark, composer.broken)
    if not composer.documents and not composer.findings:
        document.broken = True
        composer.findings.append(
            whole_file(file, "empty-file", "the file is empty", "delete it, or write what it should say")
        )
    return document, composer.findings


class _Refused(Exception):  # noqa: N818 - leaves the loop, is no error of anybody
    """Nothing after this can be read in a sensible way."""


class _Composer:
    """Makes values and places from the events of one document, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.value: Any = None
        self.mark = Mark(1, 1)
        self.documents = 0
        self.broken = False
        self.findings: list[Finding] = []
        # One frame per open collection: the collection, its mark, and for a mapping the key that waits for its value.
        self._open: list[tuple[dict[str, Any] | list[Any], Mark]] = []
        self._keys: list[str | None] = []

    def run(self) -> None:
        place = (1, 1)
        try:
            for event in events(self.source.text):
                place = event.line, event.column
                self._take(event, place)
        except _Refused:
            self.broken = True
        except DirectiveError as error:
            self.broken = True
            hint = "delete the line with `%`"
            self._report("yaml-directive", error.place, "rule files are YAML 1.2 without directives", hint)
        except ScanningError as error:
            self.broken = True
            self.findings.append(_syntax(self.source, error))
        except Exception:  # WHY: a parser that trips over a file must not take the other findings with it
            self.broken = True
            self._report("yaml-syntax", place, "not readable as YAML from here on")

    def _report(self, code: str, place: tuple[int, int], message: str, hint: str = "") -> None:
        self.findings.append(self.source.finding(code, place, message, hint))

    def _take(self, event: Event, place: tuple[int, int]) -> None:
        match event.kind:
            case Kind.SCALAR:
                self._look_at(event, place)
                self._scalar(event, place)
            case Kind.MAPPING | Kind.LIST:
                self._look_at(event, place)
                self._start({} if event.kind is Kind.MAPPING else [], place)
            case Kind.MAPPING_END | Kind.LIST_END:
                self._open.pop()
                self._keys.pop()
            case Kind.ALIAS:
                self._report("anchor-or-alias", place, "aliases are not used in rule files", "write the value out")
                self.broken = True
                self._add(None, Mark(*place))
            case Kind.DOCUMENT:
                self._document(place)
            case _:
                assert_never(event.kind)

    def _document(self, place: tuple[int, int]) -> None:
        self.documents += 1
        if self.documents > 1:
            self._report("several-documents", place, "a file holds one document", "put the rest into a file of its own")
            raise _Refused

    def _look_at(self, event: Event, place: tuple[int, int]) -> None:
        if event.anchor is not None:
            self._report(
                "anchor-or-alias", place, f"anchor {quoted(event.anchor)} has no use here", "write the value out"
            )
            self.broken = True
        if event.tag is not None:
            self._report(
                "yaml-tag",
                place,
                f"tag {quoted(event.tag)} is not allowed",
                "write the plain value, in quotes if it is text",
            )
            self.broken = True

    def _start(self, collection: dict[str, Any] | list[Any], place: tuple[int, int]) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._report(
                "too-deep", place, f"nested more than {MAX_DEPTH} levels deep", "split the condition into several rules"
            )
            raise _Refused
        if self._open and isinstance(self._open[-1][0], dict) and self._keys[-1] is None:
            self._report(
                "key-not-text",
                place,
                "a key must be a text",
                "a placeholder like `{fact}` needs quotes around the whole text",
            )
            raise _Refused
        mark = Mark(*place, keys={} if isinstance(collection, dict) else None)
        self._add(collection, mark)
        self._open.append((collection, mark))
        self._keys.append(None)

    def _scalar(self, event: Event, place: tuple[int, int]) -> None:
        text = event.value
        if event.style == '"' and (fault := forbidden_character(text)) is not None:
            self._report(
                "control-character", place, f"the character {fault[1]} must not stand in a text", "delete its escape"
            )
            self.broken = True
        value: Any = text if event.style else self._plain(text, place)
        if not self._open or isinstance(self._open[-1][0], list) or self._keys[-1] is not None:
            self._add(value, Mark(*place))
            return
        if not isinstance(value, str):
            self._report("key-not-text", place, f"the key {quoted(text)} is not a text", "put it in quotes")
            self.broken = True
        collection, mark = self._open[-1]
        if text in collection:
            first = mark.keys[text] if mark.keys else place
            self._report(
                "duplicate-key", place, f"key {quoted(text)} stands twice", f"the first one is in line {first[0]}"
            )
            # INVARIANT: the first value stays; the second one is read under a name that no file can have.
            text = f"{text}\0"
        if mark.keys is not None:
            mark.keys[text] = place
        self._keys[-1] = text

    def _plain(self, text: str, place: tuple[int, int]) -> bool | int | float | str | None:
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "+-.0123456789":
            return text
        if _INT.fullmatch(text):
            base = {"0o": 8, "0x": 16}.get(text[:2], 10)
            # WHY the length first: turning thousands of digits into a number is slow, and Python refuses to.
            if len(text) < len("0x1234567890abcdef") + 1 and abs(number := int(text, base)) <= LARGEST:
                return number
            self._report(
                "number-too-large", place, "the number has more than 15 digits", "if it is no amount, put it in quotes"
            )
            return 0
        if _NOT_FINITE.fullmatch(text):
            self._report("number-too-large", place, f"{quoted(text)} is not a finite number")
            return 0.0
        if _FLOAT.fullmatch(text):
            amount = float(text)
            if abs(amount) <= LARGEST:
                return amount
            self._report(
                "number-too-large", place, "the number is larger than 2^53", "if it is no amount, put it in quotes"
            )
            return 0.0
        return text

    def _add(self, value: Any, mark: Mark) -> None:
        if not self._open:
            self.value, self.mark = value, mark
            return
        collection, around = self._open[-1]
        if isinstance(collection, list):
            around.items[len(collection)] = mark
            collection.append(value)
            return
        key = self._keys[-1]
        if key is None:
            self._report("key-not-text", (mark.line, mark.col), "a key must be a text")
            raise _Refused
        self._keys[-1] = None
        if not key.endswith("\0"):
            around.items[key] = mark
            collection[key] = value


# What ruamel.yaml calls a thing, and what we call it.
_TOKENS: Final = {
    "<block end>": "the end of the block",
    "<block mapping start>": "a key",
    "<block sequence start>": "a list",
    "<scalar>": "a text",
    "<document start>": "the start of a document",
    "<document end>": "the end of a document",
    "<stream end>": "the end of the file",
}
_HINTS: Final = {
    "mapping values are not allowed here": "a text with `: ` in it needs quotes; or the indentation is off",
    "could not find expected ':'": "a key is followed by `:` and a space",
    "expected <block end>, but found": "look at the indentation, and at quotes that end too early",
    "found unexpected end of stream": "a quote is not closed",
    "found unknown escape character": "write the text in single quotes, or `\\\\` for one backslash",
    "found unexpected ':'": "put a space after the colon, or quotes around the text",
    "while parsing a flow": "a bracket is not closed, a comma is missing, or a text with `{fact}` needs quotes",
}


def _syntax(source: Source, error: ScanningError) -> Finding:
    problem = error.problem
    line, col = min(error.place[0], len(source.lines)), error.place[1]
    if "'\\t'" in problem:
        return source.finding("yaml-tab", (line, col), "a tab cannot indent in YAML", "indent with spaces")
    hint = next((hint for start, hint in _HINTS.items() if start in f"{error.within} {problem}"), "")
    for token, words in _TOKENS.items():
        problem = problem.replace(f"'{token}'", words).replace(token, words)
    wording = quoted(problem[:1].lower() + problem[1:])[1:-1].replace("'", "`")
    return source.finding("yaml-syntax", (line, col), f"not YAML: {wording}", hint)
