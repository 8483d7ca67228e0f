"""The id of a complaint case: how it is shown at the desk, and how a case is found by it.

The id of a case is a personal fact (`case.id`), and no decision or audit record shows it. The desk cannot work without
it, so the commands of the desk show it, but for what could lead to a person outside the centre: a telephone number in
it is masked, in tables, on cards and in JSON alike. What looks like a running number and no line of a telephone stays.

A case is found by its whole id, and by the id as it is shown if that is shown for one case only; so whatever a list
shows can be copied into the next command.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.session import CaseRecord
    from callpolicy.stores.base import Store

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="The case: its whole id, or the id as the list shows it.")
]

LONGEST_ID: Final = 40
"""How much of an id is shown. Units: cells of a terminal."""

_RUN: Final = re.compile(r"[+＋]?\d(?:[ \u00a0()./－–-]{0,2}\d){6,}")
_PART: Final = re.compile(r"[+＋]?\d+")
_SIGNS_OF_A_NUMBER: Final = ("+", "＋", "0", "０")


def shown_id(written: str, region: str) -> str:
    """An id on one line, cut at its longest, with telephone numbers masked.

    Args:
        written: the id of a case or of a call.
        region: whose national numbers are known.

    >>> shown_id("T-13800138000", "CN"), shown_id("K-2026030001", "CN"), shown_id("K-20260302-001", "CN")
    ('T-+86138******00', 'K-2026030001', 'K-20260302-001')
    """
    from callpolicy.reports.card_text import one_line

    masked = _RUN.sub(lambda run: _masked(run[0], region), written)
    return one_line(masked, LONGEST_ID) or "?"


def _masked(run: str, region: str) -> str:
    whole = _number(run, region)
    if whole is not None:
        return whole
    return _PART.sub(lambda part: _number(part[0], region) or part[0], run)


def _number(text: str, region: str) -> str | None:
    """The masked telephone number that a text certainly is, or `None`.

    WHY a sign of one, or a mobile line: ten digits of a running number would pass for a line without its leading zero.
    """
    from callpolicy.numbering import LineType, NumberStatus, mask_number, parse_number

    number = parse_number(text, region=region)
    if number.status is not NumberStatus.VALID:
        return None
    mobile = number.line_type in {LineType.MOBILE, LineType.FIXED_OR_MOBILE}
    return mask_number(number) if mobile or text.startswith(_SIGNS_OF_A_NUMBER) else None


def found_case(store: Store, written: str, region: str) -> CaseRecord:
    """The case that is meant.

    Args:
        store: where cases are kept.
        written: its id, whole or as it is shown.
        region: whose national numbers are masked where it is shown.

    Raises:
        UsageError: there is no such case, or several are shown like this.
    """
    record = store.case(written) if _is_text(written) else None
    if record is not None:
        return record
    alike = [each for each in store.cases() if shown_id(each.case_id, region) == written]
    if len(alike) > 1:
        raise UsageError(f"{len(alike)} cases are shown like this; give the whole id of the one that you mean")
    if not alike:
        raise UsageError("there is no such case; see `callpolicy case list`")
    return alike[0]


def _is_text(written: str) -> bool:
    """Whether it can be written as UTF-8 at all; bytes of another encoding reach a program as halves of characters."""
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True


def told_text(written: str, option: str) -> str:
    """A text for people as it was given; empty if nothing of it can be seen.

    Args:
        written: the text.
        option: by which option it was given.

    Raises:
        UsageError: it is not UTF-8, so that no store could keep it.
    """
    from callpolicy.reports.card_text import one_line

    if not _is_text(written):
        raise UsageError(f"`{option}` is not UTF-8")
    return written if one_line(written, LONGEST_ID) else ""
