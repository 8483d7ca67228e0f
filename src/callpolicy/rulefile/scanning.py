"""The events of YAML 1.2: quickly where a text is simple, and by ruamel.yaml where it is not.

WHY two readers: a bundle of some hundred rules is read whenever it is changed, tested or started. libyaml, by PyYAML,
reads it in a tenth of the time, but it is a reader of YAML 1.1, and its messages are of little help. So it reads texts
alone that have nothing in them in which the two differ, and has the first word, never the last: what it refuses is read
again by ruamel.yaml, which finds the fault and says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scanner import Scanner

# A text with one of these is read by ruamel.yaml alone. Found by reading random texts with both, see the tests.
_SUBTLE: Final = re.compile(
    r"""
    [\t\r]                                         # what separates, and what ends a line
    | ^(?:%|\.\.\.)                                # directives, ends of documents
    | (?:^|[\s\[\]{},:-])[?!&*]                    # keys of their own, tags, anchors, aliases
    | [|>][-+0-9]*\ *(?:\#|\Z|\n(?!\ +[^\ \n\#]))  # block texts that begin with anything but a line of text
    """,
    re.MULTILINE | re.VERBOSE,
)
# WHY a bound: what is nested deeper is refused, and a text of brackets alone would be read to its end for that.
_DEEPEST: Final = 100


class Kind(Enum):
    """What happens in a text."""

    DOCUMENT = "DocumentStartEvent"
    MAPPING = "MappingStartEvent"
    LIST = "SequenceStartEvent"
    SCALAR = "ScalarEvent"
    ALIAS = "AliasEvent"
    MAPPING_END = "MappingEndEvent"
    LIST_END = "SequenceEndEvent"


class Event(NamedTuple):
    """One step through a text.

    Args:
        kind: what happens.
        line: where it begins, counted from 1.
        column: where it begins, counted from 1.
        value: the text of a scalar.
        style: of a scalar: how it is quoted; `None` for a plain one.
        anchor: its name, if it has one.
        tag: its tag, if it has one.
    """

    kind: Kind
    line: int
    column: int
    value: str = ""
    style: str | None = None
    anchor: str | None = None
    tag: str | None = None


class ScanningError(Exception):
    """A text is not YAML from here on.

    Args:
        problem: what is wrong, in the words of ruamel.yaml.
        within: what was being read; may be empty.
        place: line and column, counted from 1.
    """

    def __init__(self, problem: str, within: str, place: tuple[int, int]) -> None:
        self.problem = problem
        self.within = within
        self.place = place
        super().__init__(problem)


class DirectiveError(Exception):
    """A line begins with `%`: another version of YAML, or tags.

    Args:
        place: line and column, counted from 1.
    """

    def __init__(self, place: tuple[int, int]) -> None:
        self.place = place
        super().__init__("directive")


_KINDS: Final = {kind.value: kind for kind in Kind}
_BEGINNINGS: Final = (Kind.MAPPING, Kind.LIST)
_ENDS: Final = (Kind.MAPPING_END, Kind.LIST_END)


def events(text: str) -> Iterator[Event]:
    """The events of all documents of a text, in order.

    Args:
        text: without a byte order mark or control characters.

    Raises:
        ScanningError: it is not YAML.
        DirectiveError: it has a directive.
    """
    quick = quick_events(text)
    return careful_events(text) if quick is None else iter(quick)


def quick_events(text: str) -> list[Event] | None:
    """The events as libyaml reads them, or `None` if that is not for it to say."""
    loader = getattr(yaml, "CLoader", None)
    # Source: YAML 1.2.2, section 5.4: whatever ends a line, it is one line feed in a text.
    text = text.replace("\r\n", "\n")
    if loader is None or _SUBTLE.search(text):
        return None
    found: list[Event] = []
    depth = 0
    try:
        for each in yaml.parse(text, Loader=loader):
            event = _event(each)
            if event is None:
                continue
            depth += (event.kind in _BEGINNINGS) - (event.kind in _ENDS)
            # WHY not without a text: the two say another place of what is not there.
            if depth > _DEEPEST or (event.kind is Kind.SCALAR and not event.value and event.style is None):
                return None
            found.append(event)
    except yaml.YAMLError:
        return None
    return found


def careful_events(text: str) -> Iterator[Event]:
    """The events as ruamel.yaml reads them; see `events`."""
    reader = YAML(typ="safe", pure=True)
    reader.Scanner = _Scanner
    try:
        yield from filter(None, map(_event, reader.parse(text)))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        problem = str(error.problem or error.context or "not readable")
        raise ScanningError(problem, error.context or "", place) from None


class _Scanner(Scanner):
    def fetch_directive(self) -> None:
        raise DirectiveError((self.reader.line + 1, self.reader.column + 1))


def _event(event: Any) -> Event | None:
    """An event of either reader; `None` for what says nothing."""
    kind = _KINDS.get(type(event).__name__)
    if kind is None:
        return None
    mark = event.start_mark
    # WHY: what is nobody's is an empty text for one of the two, and `None` for the other.
    style = getattr(event, "style", None) or None
    tag = getattr(event, "tag", None)
    return Event(
        kind, mark.line + 1, mark.column + 1, getattr(event, "value", ""), style, getattr(event, "anchor", None), tag
    )
