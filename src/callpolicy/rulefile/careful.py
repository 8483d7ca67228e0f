"""ruamel.yaml, as the reader of what is subtle or wrong: YAML 1.2, and messages with a place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scanner import Scanner

from callpolicy.rulefile.scanning import DirectiveError, ScanningError


class _Scanner(Scanner):
    def fetch_directive(self) -> None:
        raise DirectiveError((self.reader.line + 1, self.reader.column + 1))


def read_carefully(text: str) -> Iterator[Any]:
    """The events of a text, as ruamel.yaml has them.

    Args:
        text: without a byte order mark or control characters.

    Raises:
        ScanningError: it is not YAML.
        DirectiveError: it has a directive.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Scanner = _Scanner
    try:
        yield from reader.parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        problem = str(error.problem or error.context or "not readable")
        raise ScanningError(problem, error.context or "", place) from None
