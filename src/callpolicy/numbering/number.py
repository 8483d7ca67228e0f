"""What is known of one telephone number, and how it is shown."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, region_code_for_country_code


class NumberStatus(StrEnum):
    """What a text turned out to be. Only `valid` and `service` have a canonical value."""

    VALID = "valid"
    """A line of possible length in its numbering plan; a spoofed, unassigned one too, so that it can be counted."""
    SERVICE = "service"
    """A service of a region: emergency or short code, and in China 400, 800, 95xxx, 950 numbers."""
    WITHHELD = "withheld"
    """The caller or a network did not let the number through: anonymous, restricted, unavailable, unknown."""
    UNPARSABLE = "unparsable"
    """A text, but not certainly one number: words, ruined digits, two numbers, a local part without its area."""
    MISSING = "missing"
    """No text at all, or what an export writes for none (`null`, `nan`, `-`)."""


class LineType(StrEnum):
    """The kind of line, as far as the numbering plan tells; `unknown` when the plan does not hold the number."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    VOIP = "voip"
    SHARED_COST = "shared_cost"
    UAN = "uan"
    PERSONAL = "personal"
    PAGER = "pager"
    VOICEMAIL = "voicemail"
    EMERGENCY = "emergency"
    SHORT = "short"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """One telephone number as it was given and as it is counted.

    Args:
        raw: the text as it was given, unchanged.
        status: what the text turned out to be.
        canonical: the identity of the line: E.164 (`+8613800138000`), or `REGION:digits` for a short code,
            which means something only in its region (`CN:95588`, `CN:01012345` for one city's line).
            None if there is no certain identity.
        region: ISO 3166 region of the line, None if the number belongs to no single known region.
        line_type: the kind of line.
        extension: digits dialled after the line answers. Not in the identity, see below.
    """

    # WHY the extension is apart: the network hands over the line; an extension is whatever the caller's own
    # switchboard or an export wrote behind it. Were it in the identity, any digit there would evade a block.

    raw: str
    status: NumberStatus
    canonical: str | None = None
    region: str | None = None
    line_type: LineType = LineType.UNKNOWN
    extension: str | None = None

    @property
    def withheld(self) -> bool:
        """Whether somebody withheld the number; a missing or ruined one was not withheld."""
        return self.status is NumberStatus.WITHHELD

    def prefixes(self) -> tuple[str, ...]:
        """Give the canonical value and all its prefixes, longest first, to look up in a list.

        Returns:
            Down to the country code (`+86`), or to the region of a short code (`CN:`); empty without identity.

        >>> Number("", NumberStatus.SERVICE, "CN:955").prefixes()
        ('CN:955', 'CN:95', 'CN:9', 'CN:')
        """
        if self.canonical is None:
            return ()
        head = _head_length(self.canonical)
        return tuple(self.canonical[:length] for length in range(len(self.canonical), head - 1, -1))

    def __repr__(self) -> str:
        # WHY: a repr ends up in logs and tracebacks, where no full number may stand.
        return f"Number({mask_number(self)}, {self.status}, {self.line_type})"


_LONGEST_COUNTRY_CODE = 3


def _head_length(canonical: str) -> int:
    """Give the length of `+` and country code, or of the region and its colon."""
    if not canonical.startswith("+"):
        return canonical.index(":") + 1
    # INVARIANT: no country code is the beginning of another one. Source: ITU-T E.164.
    shorter = takewhile(
        lambda length: int(canonical[1 : 1 + length]) not in COUNTRY_CODE_TO_REGION_CODE,
        range(1, _LONGEST_COUNTRY_CODE),
    )
    return 2 + sum(1 for _ in shorter)


_HEAD: Final = re.compile(r"(?:\+|([A-Z]{2}):)([0-9]*)", re.ASCII)
_NO_REGION: Final = frozenset({"001", "ZZ"})


def read_beginning(text: str) -> tuple[str | None, int] | None:
    """Take the beginning of a canonical value apart, to see how many numbers it may cover.

    Args:
        text: the beginning, as `+8613800` or `CN:955`.

    Returns:
        the region, and how many digits stand behind the country code or the region; `None` if no canonical value begins
        like this. A country code that several regions share has the region that leads it (`US` for `+1`); one that
        belongs to no region, as those of satellites, has `None` for region.

    >>> read_beginning("+8613800"), read_beginning("+1212555"), read_beginning("CN:955"), read_beginning("+8")
    (('CN', 5), ('US', 6), ('CN', 3), None)
    """
    parts = _HEAD.fullmatch(text)
    if parts is None:
        return None
    if parts[1]:
        return parts[1], len(parts[2])
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        code = parts[2][:length]
        if len(code) == length and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            region = region_code_for_country_code(int(code))
            return (None if region in _NO_REGION else region), len(parts[2]) - length
    return None


_SHOWN_FIRST, _SHOWN_LAST, _LEAST_HIDDEN = 3, 2, 4


def mask_number(number: Number) -> str:
    """Show a number to people without giving it away.

    Args:
        number: any parsed number.

    Returns:
        Of a line: country code, at most the next three digits and the last two, a star for each other digit, at
        least four stars. A service number is public and shown whole. Without identity: the status in words,
        never the raw text, which may hold a name or digits. The extension is never shown.

    >>> mask_number(Number("138…", NumberStatus.VALID, "+8613800138000", "CN", LineType.MOBILE))
    '+86138******00'
    """
    if number.canonical is None or number.status is NumberStatus.SERVICE:
        return number.canonical or number.status.value
    head = _head_length(number.canonical)
    digits = number.canonical[head:]
    last = _SHOWN_LAST if len(digits) >= _LEAST_HIDDEN + _SHOWN_LAST else 0
    first = min(_SHOWN_FIRST, max(0, len(digits) - last - _LEAST_HIDDEN))
    hidden = len(digits) - first - last
    return number.canonical[:head] + digits[:first] + "*" * hidden + digits[first + hidden :]


def digits_of(text: str) -> str:
    """The digits of a text, whatever stands between them and however they are written.

    >>> digits_of("+86 138-0013 ８０００")
    '8613800138000'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _OTHER_THAN_DIGITS.sub("", text)


_OTHER_THAN_DIGITS: Final = re.compile(r"[^0-9]+")
