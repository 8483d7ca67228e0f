"""Any text to a `Number`: the one way in."""

from __future__ import annotations

import re
from typing import Final

from callpolicy.errors import UsageError
from callpolicy.numbering.addresses import Address, Header, read_header
from callpolicy.numbering.cleaning import clean, is_missing, is_withheld
from callpolicy.numbering.dialling import find_dialled, spell_digits, split_extension
from callpolicy.numbering.number import LineType, Number, NumberStatus
from callpolicy.numbering.plans import REGIONS, Line, identify, is_north_american, known_service
from callpolicy.numbering.services import canonical_service, is_canonical_form

# WHY: a From header with tags has some 200 characters; what is longer is hostile or no number, and is not looked at.
LONGEST_TEXT: Final = 512

# Source: ITU-T E.164, at most 15 digits, none of them a zero at the beginning. Nothing but such a number can be meant.
_PLAIN: Final = re.compile(r"\+[1-9][0-9]{6,14}")

# `010-88880000-801`, the usual way to write an extension in China.
_HYPHEN_EXTENSION: Final = re.compile(r"(.*\d)\s*-\s*(\d{1,6})", re.ASCII)


def is_region(code: str) -> bool:
    """Tell whether `parse_number` takes this as a region: two capital letters of ISO 3166."""
    return code in REGIONS


# WHY: `212 555 xxxx` is a number whose end somebody hid; as letters of a keypad it would be +1 212 555 9999, and all
# callers that were hidden so would be one.
_HIDDEN_DIGITS: Final = re.compile(r"[xX](?:[ .-]?[xX])+")


def parse_number(raw: str, *, region: str) -> Number:
    """Read a telephone number from any text; never fails on the text.

    Args:
        raw: what the switch, a header or a file shows; at most 512 characters are looked at.
        region: where a national number is at home, ISO 3166 in capitals (`CN`).

    Returns:
        The number with its one canonical value, or with a status that says why there is none. If a header holds
        several addresses, the first that is a number counts; the displayed name never does.

    Raises:
        UsageError: the region has no known numbering plan.

    Source: ITU-T E.164, RFC 3966 (tel), RFC 3261 (SIP), RFC 3323 and 3325 (anonymous), libphonenumber's plans.

    >>> number = parse_number("0086 138-0013-8000", region="US")
    >>> number.canonical, number.region, number.line_type.value
    ('+8613800138000', 'CN', 'mobile')
    >>> parse_number("010-95588", region="CN").canonical
    'CN:95588'
    >>> parse_number("6.02701E+11", region="CN").status.value
    'unparsable'
    """
    if region not in REGIONS:
        raise UsageError(f"unknown region `{region[:20]}`; write ISO 3166 in capitals, such as `CN`")
    if _PLAIN.fullmatch(raw):
        # WHY first: most switches write numbers so, and looking for anything else in the text takes as long again.
        return _number(raw, identify(raw, region), None)
    if len(raw) > LONGEST_TEXT:
        return Number(raw, NumberStatus.UNPARSABLE)
    text = clean(raw)
    if is_missing(text):
        return Number(raw, NumberStatus.MISSING)
    if is_withheld(text):
        return Number(raw, NumberStatus.WITHHELD)
    header = read_header(text)
    return _read_header(raw, header, region) if header else _read_plain(raw, text, region, strict=False)


def _read_header(raw: str, header: Header, region: str) -> Number:
    numbers = [_read_one(raw, address, region) for address in header.addresses]
    for number in numbers:
        if number.canonical is not None:
            return number
    # WHY after the numbers: a network that hides a caller takes the number out; a name is only what the caller chose.
    if is_withheld(clean(header.display)) or any(number.withheld for number in numbers):
        return Number(raw, NumberStatus.WITHHELD)
    return numbers[0]


def _read_one(raw: str, address: Address, region: str) -> Number:
    if address.anonymous:
        return Number(raw, NumberStatus.WITHHELD)
    if is_missing(address.subscriber):
        return Number(raw, NumberStatus.UNPARSABLE)
    return _read_plain(raw, address.subscriber, region, strict=True, extension=address.extension)


def _read_plain(raw: str, text: str, region: str, *, strict: bool, extension: str | None = None) -> Number:
    if is_canonical_form(text, REGIONS):
        service = canonical_service(text)
        return _number(raw, known_service(service) if service else None, extension)
    if extension is None:
        text, extension = split_extension(text)
    if _HIDDEN_DIGITS.search(text):
        return Number(raw, NumberStatus.UNPARSABLE)
    spelled = spell_digits(text, north_american=is_north_american(region))
    dialled = find_dialled(spelled, strict=strict)
    if dialled is None:
        return Number(raw, NumberStatus.UNPARSABLE)
    line = identify(dialled, region)
    if (line is None or line.line_type is LineType.UNKNOWN) and extension is None:
        line, extension = _split_hyphen(dialled, region, line)
    return _number(raw, line, extension)


def _split_hyphen(dialled: str, region: str, whole: Line | None) -> tuple[Line | None, str | None]:
    """Take a last group off if the plan holds what stands before it, but not the whole."""
    parts = _HYPHEN_EXTENSION.fullmatch(dialled)
    line = identify(parts[1], region) if parts else None
    if parts is None or line is None or line.line_type is LineType.UNKNOWN:
        return whole, None
    return line, parts[2]


def _number(raw: str, line: Line | None, extension: str | None) -> Number:
    if line is None:
        return Number(raw, NumberStatus.UNPARSABLE)
    return Number(raw, line.status, line.canonical, line.region, line.line_type, extension)
