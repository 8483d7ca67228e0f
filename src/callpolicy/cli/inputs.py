"""What commands read: a norm, facts, events, an instant. What cannot be read is told in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.facts import Catalogue, Fact
    from callpolicy.policy import Bundle, Scenario

_LARGEST_FACTS: Final = 1 << 20


def read_norm(rules: Path | None) -> Bundle:
    """The norm in a folder, or the starter norm.

    Raises:
        RuleFileError: it cannot be used as written.
        UsageError: there is no such folder.
    """
    from callpolicy.rulefile import load_bundle, starter_norm

    return starter_norm() if rules is None else load_bundle(norm_folder(rules))


def norm_folder(rules: Path | None) -> Path:
    """The folder that was named, or that of the starter norm.

    Raises:
        UsageError: there is no such folder.
    """
    from callpolicy.rulefile import starter_folder
    from callpolicy.rulefile.sources import quoted

    if rules is None:
        return starter_folder()
    if not rules.is_dir():
        what = "is a file, not the folder of a norm" if rules.is_file() else "is not there"
        raise UsageError(f"{quoted(rules)} {what}; name the folder that holds `policy.yaml`")
    return rules


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: what may have been meant, or what there is."""
    from callpolicy.rulefile.faults import did_you_mean

    hint = did_you_mean(word, known)
    return f"; {hint}" if hint else ""


def read_facts(catalogue: Catalogue, pairs: Iterable[str], file: str | None) -> dict[str, object]:
    """Facts as they were given on the command line; `--fact` goes over `--facts`.

    Args:
        catalogue: the declared facts.
        pairs: `NAME=VALUE`, as text.
        file: a file with one JSON object, `-` for standard input, or `None`.

    Raises:
        UsageError: a pair or the file cannot be read, a fact is not known, or a text is no value of its fact.
    """
    facts = {} if file is None else _facts_of_file(catalogue, file)
    for pair in pairs:
        name, equals, written = pair.partition("=")
        if not equals or not name.strip():
            from callpolicy.rulefile.sources import quoted

            raise UsageError(f"{quoted(pair)} is not a fact; write `NAME=VALUE`, for example `talk.warnings=1`")
        fact = _known(catalogue, name.strip())
        facts[fact.name] = _value(fact, written.strip())
    return facts


def _facts_of_file(catalogue: Catalogue, file: str) -> dict[str, object]:
    from callpolicy.rulefile.sources import quoted

    where = "standard input" if file == "-" else quoted(file)
    try:
        data = _standard_input() if file == "-" else read_bytes(Path(file), _LARGEST_FACTS)
        tree = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        place = f", at line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"{where} is not JSON{place}") from None
    if not isinstance(tree, dict):
        raise UsageError(f"{where} must hold one JSON object: fact name to value")
    for name in tree:
        _known(catalogue, name)
    return tree


def _standard_input() -> bytes:
    try:
        return sys.stdin.buffer.read(_LARGEST_FACTS + 1)
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {(error.strerror or 'unknown cause').lower()}") from None


def read_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file.

    Raises:
        UsageError: it cannot be read, or is larger than it may be.
    """
    from callpolicy.rulefile.sources import quoted

    look_at_file(path)
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UsageError(f"{quoted(path.name)} is larger than {most // 1024} KiB")
    return data


def look_at_file(path: Path) -> None:
    """See that a file can be read and is text, as far as its first bytes tell.

    Raises:
        UsageError: it is not there, is a folder, is empty, is binary, or must not be read.
    """
    from callpolicy.rulefile.sources import quoted

    name = quoted(path)
    if path.is_dir():
        raise UsageError(f"{name} is a folder; name a file")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise UsageError(f"{name} is not there") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {(error.strerror or 'unknown cause').lower()}") from None
    if not head:
        raise UsageError(f"{name} is empty")
    if b"\0" in head:
        raise UsageError(f"{name} is binary, not a table or lines of JSON")


def _known(catalogue: Catalogue, name: str) -> Fact:
    from callpolicy.rulefile.sources import quoted

    fact = catalogue.get(name)
    if fact is None:
        raise UsageError(f"there is no fact {quoted(name)}{nearest(name, (each.name for each in catalogue))}")
    return fact


def _value(fact: Fact, written: str) -> object:
    """The value of a fact from its text."""
    from callpolicy.facts import FactType
    from callpolicy.instants import parse_duration, parse_instant
    from callpolicy.rulefile.sources import quoted

    wanted = {
        FactType.BOOL: "`true` or `false`",
        FactType.INT: "a whole number",
        FactType.FLOAT: "a number",
        FactType.DURATION: "a duration such as `2s` or `1h30m`",
        FactType.TIMESTAMP: "an instant such as `2026-03-02T09:00:00+08:00`",
        FactType.ENUM: f"one of {', '.join(f'`{each}`' for each in fact.values)}",
    }
    read: Mapping[FactType, Any] = {
        FactType.BOOL: {"true": True, "false": False}.__getitem__,
        FactType.INT: int,
        FactType.FLOAT: float,
        FactType.DURATION: parse_duration,
        FactType.TIMESTAMP: parse_instant,
        FactType.ENUM: {each: each for each in fact.values}.__getitem__,
        FactType.STR_SET: lambda text: [each.strip() for each in text.split(",") if each.strip()],
    }
    try:
        return read.get(fact.type, str)(written)
    except (ValueError, KeyError, OverflowError):
        raise UsageError(f"`{fact.name}` takes {wanted[fact.type]}, not {quoted(written)}") from None


def read_at(written: str | None) -> int:
    """The instant of a decision; now if none is given.

    Raises:
        UsageError: the text is no instant.
    """
    from datetime import UTC, datetime

    from callpolicy.instants import instant, parse_instant
    from callpolicy.rulefile.sources import quoted

    if written is None:
        return instant(datetime.now(UTC))
    try:
        return parse_instant(written)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{quoted(written)} is not an instant; write it as `2026-03-02T09:00:00+08:00`, with a zone"
        ) from None


def find_scenario(bundle: Bundle, name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        UsageError: there is none.
    """
    from callpolicy.rulefile.sources import quoted

    for scenario in bundle.scenarios:
        if scenario.id == name:
            return scenario
    raise UsageError(f"there is no scenario {quoted(name)}{nearest(name, (each.id for each in bundle.scenarios))}")
