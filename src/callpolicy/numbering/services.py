"""Short codes: which digits are a service of a region, and their identity."""

from __future__ import annotations

import re
from typing import Final

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    is_emergency_number,
    is_valid_short_number_for_region,
    national_significant_number,
)
from phonenumbers import parse as parse_with_plan
from phonenumbers.phonenumberutil import NumberParseException

from callpolicy.numbering.number import LineType

# WHY tables: the short codes of libphonenumber also hold text-message codes (in the US any four to six digits), and
# a bare `34567` is more likely an extension of somebody's switchboard; of China's codes they lack many.
# Source, US: NANPA, N11 codes; 47 CFR 52.200 (988); 3GPP TS 22.101 clause 10.1 (112 on mobiles).
# Source, DE: Bundesnetzagentur, Nummernraum: 110, 112, 115, 116xyz, 118xy.
# Source, GB: Ofcom, National Telephone Numbering Plan, part A (access codes, 116xxx, 118xxx).
_SHORT: Final = {
    "US": re.compile(r"[2-9]11|988|112"),
    "CA": re.compile(r"[2-9]11|988|112"),
    "DE": re.compile(r"11[025]|116\d{3}|118[1-9]\d|1180\d{2}"),
    "GB": re.compile(r"999|112|10[015]|111|119|116\d{3}|118\d{3}|123|15[0-59]|195|18000"),
}
# Source, CN: MIIT, 电信网编号计划 (2017年版), sections 2.3 and 2.5.
# In all of China one line: 100xx, 10xxx operators, 1010xxxx call centres, 95xxx(x) enterprises, and 106… texts.
# WHY the look-ahead: 101 + 10 is area 10 + 110 and so on; those five digits are not allocated.
_CN_NATIONWIDE: Final = re.compile(r"10(?!1(?:10|12|14|17|19|2[0-2])$)\d{3}|1010\d{4}|106\d{9,17}|95\d{3,4}")
# Answered where one calls: emergencies, 12xxx government, 11xxxx operators, 160 and 168 information lines,
# 96xxx(x) of a province.
_CN_LOCAL: Final = re.compile(r"11[024579]|12[0-2]|12\d{3}|11[168]\d{2,3}|16[08]\d{5}|96\d{3,4}")
_CN_AREA: Final = re.compile(r"(10|2[0-57-9]|[3-9]\d{2})(\d{3,6})")
_CN_TRUNK: Final = "0"

_EMERGENCY: Final = {
    "CN": frozenset({"110", "112", "119", "120", "122"}),
    "US": frozenset({"911", "112"}),
    "CA": frozenset({"911", "112"}),
    "DE": frozenset({"110", "112"}),
    "GB": frozenset({"999", "112", "18000"}),
}
_FEWEST_DIGITS, _MOST_DIGITS = 2, 20

_CANONICAL: Final = re.compile(r"([A-Z]{2}):([0-9]{2,20})", re.ASCII)


def short_service(digits: str, region: str) -> str | None:
    """Read digits as dialled inside a region, without trunk prefix.

    Args:
        digits: ASCII digits only.
        region: a supported region.

    Returns:
        The canonical value `REGION:digits`, or None if the region has no such service.
    """
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return None
    if region == "CN":
        known = _CN_NATIONWIDE.fullmatch(digits) or _CN_LOCAL.fullmatch(digits)
    elif region in _SHORT:
        known = _SHORT[region].fullmatch(digits)
    else:
        return f"{region}:{digits}" if _in_metadata(digits, region) else None
    return f"{region}:{digits}" if known else None


def _in_metadata(digits: str, region: str) -> bool:
    try:
        number = parse_with_plan(digits, region)
    except NumberParseException:
        return False
    # WHY the comparison: the parser may have taken a trunk prefix or country code off.
    return national_significant_number(number) == digits and is_valid_short_number_for_region(number, region)


def city_service(national: str) -> str | None:
    """Read a Chinese number without its trunk prefix as area code and short code.

    Args:
        national: ASCII digits after the `0` or `+86`.

    Returns:
        `CN:95588` for a code that is one line in all of China, `CN:01012345` for the line of one city.
    """
    parts = _CN_AREA.fullmatch(national)
    if parts is None:
        return None
    area, code = parts.groups()
    if _CN_NATIONWIDE.fullmatch(code):
        return f"CN:{code}"
    return f"CN:{_CN_TRUNK}{area}{code}" if _CN_LOCAL.fullmatch(code) else None


def service_abroad(digits: str, region: str) -> str | None:
    """Read digits that begin with a country code, such as `8695588` or `861012345`.

    Args:
        digits: ASCII digits after the `+` or the international prefix.
        region: decides between the regions of one country code.
    """
    for country_code, home in ((86, "CN"), (1, "US"), (49, "DE"), (44, "GB")):
        if digits.startswith(str(country_code)):
            rest = digits[len(str(country_code)) :]
            if home == "CN":
                return city_service(rest[1:]) if rest.startswith(_CN_TRUNK) else _chinese_abroad(rest)
            sharing = COUNTRY_CODE_TO_REGION_CODE[country_code]
            return short_service(rest, region if region in sharing and region in _SHORT else home)
    return None


def _chinese_abroad(rest: str) -> str | None:
    return short_service(rest, "CN") or city_service(rest)


def is_canonical_form(text: str, regions: frozenset[str]) -> bool:
    """Tell whether a text is written as `REGION:digits`; whether the region has that service is another question."""
    parts = _CANONICAL.fullmatch(text)
    return parts is not None and parts[1] in regions


def canonical_service(text: str) -> str | None:
    """Read `REGION:digits` again, so that reading a canonical value changes nothing.

    Returns:
        The canonical value, or None if the region has no such service.
    """
    region, _, digits = text.partition(":")
    if region == "CN" and digits.startswith(_CN_TRUNK):
        return city_service(digits[1:])
    return short_service(digits, region)


def service_code(canonical: str) -> str | None:
    """The code of a service without the area code of the city that answers it, or None for any other number.

    Args:
        canonical: a canonical value, of a service or of a line.

    >>> service_code("CN:02112345"), service_code("CN:12345"), service_code("+862188880000")
    ('CN:12345', 'CN:12345', None)
    """
    parts = _CANONICAL.fullmatch(canonical)
    if parts is None:
        return None
    region, digits = parts.groups()
    if region == "CN" and digits.startswith(_CN_TRUNK) and (local := _CN_AREA.fullmatch(digits[1:])):
        digits = local[2]
    return f"{region}:{digits}"


def service_type(canonical: str) -> LineType:
    """Tell emergency services from other short codes, with and without an area code before them."""
    region, _, digits = (service_code(canonical) or canonical).partition(":")
    known = _EMERGENCY.get(region)
    urgent = is_emergency_number(digits, region) if known is None else digits in known
    return LineType.EMERGENCY if urgent else LineType.SHORT
