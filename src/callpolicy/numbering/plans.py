"""Dialled digits to a line: the numbering plans, as libphonenumber holds them, and what they leave open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneMetadata, PhoneNumberType, ValidationResult

from callpolicy.numbering.number import LineType, NumberStatus
from callpolicy.numbering.services import city_service, service_abroad, service_type, short_service

# WHY: the plans of all regions have more patterns than `re` keeps, and each that it dropped takes milliseconds to make.
phonenumbers.enable_pattern_cache()

REGIONS: Final[frozenset[str]] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_LINE_TYPES: Final = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.FIXED_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: LineType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: LineType.PREMIUM,
    PhoneNumberType.VOIP: LineType.VOIP,
    PhoneNumberType.SHARED_COST: LineType.SHARED_COST,
    PhoneNumberType.UAN: LineType.UAN,
    PhoneNumberType.PERSONAL_NUMBER: LineType.PERSONAL,
    PhoneNumberType.PAGER: LineType.PAGER,
    PhoneNumberType.VOICEMAIL: LineType.VOICEMAIL,
}
_CHINA, _NORTH_AMERICA = 86, 1
# Source: MIIT, 电信网编号计划 (2017年版), 2.3: codes before the number that choose a carrier for the call.
_CN_CARRIER: Final = re.compile(r"(?:179\d\d|12593|11808|10193)(?=0\d{9,}|1[3-9]\d{9}$)")
# Source: the same, 2.4: area code and subscriber, a mobile, 400 and 800 all have ten digits or more.
_CN_FEWEST_DIGITS: Final = 10
_CN_SERVICE: Final = re.compile(r"[48]00\d{7}|950\d{7,8}")
_KEPT: Final = 8_192
_SHORT_FORM: Final = re.compile(r"[\d -]+", re.ASCII)
_NOT_A_DIGIT: Final = re.compile(r"\D", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the digits certainly mean."""

    canonical: str
    status: NumberStatus
    region: str | None
    line_type: LineType


def is_north_american(region: str) -> bool:
    """Tell whether a region has country code 1."""
    return phonenumbers.country_code_for_region(region) == _NORTH_AMERICA


def known_service(canonical: str) -> Line:
    """Make the line of a short code from its canonical value."""
    return Line(canonical, NumberStatus.SERVICE, canonical.partition(":")[0], service_type(canonical))


# WHY kept: reading a number takes a tenth of a decision, and whoever calls in bursts calls from few numbers.
@lru_cache(maxsize=_KEPT)
def identify(dialled: str, region: str) -> Line | None:
    """Find the line that dialled digits reach from a region.

    Args:
        dialled: digits and separators, `+` at most at the beginning.
        region: where it would be dialled, a supported region.

    Returns:
        None if no line, or no single one, can be meant.
    """
    digits = _NOT_A_DIGIT.sub("", dialled)
    if "+" in dialled:
        return _identify_abroad(digits.removeprefix("00"), region)
    if region == "CN":
        digits = _CN_CARRIER.sub("", digits, count=1)
    if _SHORT_FORM.fullmatch(dialled) and (service := short_service(digits, region)):
        return known_service(service)
    prefix = _international_prefix(region).match(digits)
    line = _identify_abroad(digits[prefix.end() :], region) if prefix else None
    line = line or _identify_at_home(digits, region)
    # WHY last: `00` is what ITU-T E.164 recommends everywhere, and no national number begins with it where another
    # prefix is in use, as `011` in North America.
    return line or (_identify_abroad(digits[2:], region) if digits.startswith("00") else None)


@cache
def _international_prefix(region: str) -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region(region)
    return re.compile(metadata.international_prefix if metadata and metadata.international_prefix else "00")


def _identify_abroad(digits: str, region: str) -> Line | None:
    if digits.startswith("0"):
        return None
    service = service_abroad(digits, region)
    if service:
        return known_service(service)
    try:
        number = phonenumbers.parse("+" + digits, None)
    except NumberParseException:
        return None
    return _accept(number)


def _identify_at_home(digits: str, region: str) -> Line | None:
    if region == "CN" and digits.startswith("0") and (service := city_service(digits[1:])):
        return known_service(service)
    try:
        number = phonenumbers.parse(digits, region, keep_raw_input=True)
    except NumberParseException:
        return None
    line = _accept(number)
    trunk = _trunk_prefix(region)
    complete = (
        number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY
        or (trunk != "" and digits.startswith(trunk))
        or _has_one_length(region)
    )
    # WHY: without trunk prefix or country code, digits that the plan does not hold may be a local number, a number
    # of another country or an account number. A wrong identity would block somebody else; none blocks nobody.
    return line if complete or line is None or line.line_type is not LineType.UNKNOWN else None


@cache
def _trunk_prefix(region: str) -> str:
    metadata = PhoneMetadata.metadata_for_region(region)
    return (metadata and metadata.national_prefix) or ""


@cache
def _has_one_length(region: str) -> bool:
    metadata = PhoneMetadata.metadata_for_region(region)
    plan = metadata.general_desc if metadata else None
    return plan is not None and len(plan.possible_length) == 1


def _accept(number: phonenumbers.PhoneNumber) -> Line | None:
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(number)
    # WHY first: a number that is in no region's plan has no type, and looking through all plans again takes long.
    region = phonenumbers.region_code_for_number(number)
    line_type = (
        LineType.UNKNOWN if region is None else _LINE_TYPES.get(phonenumbers.number_type(number), LineType.UNKNOWN)
    )
    china = number.country_code == _CHINA
    if china and len(national) < _CN_FEWEST_DIGITS:
        return None
    if line_type is LineType.UNKNOWN and (number.italian_leading_zero or not _is_stable(canonical, number)):
        return None
    is_service = china and _CN_SERVICE.fullmatch(national) is not None
    status = NumberStatus.SERVICE if is_service else NumberStatus.VALID
    return Line(canonical, status, _region_of(number, region), line_type)


def _is_stable(canonical: str, number: phonenumbers.PhoneNumber) -> bool:
    """Tell whether reading the canonical value again gives the same number.

    WHY: in numbers outside a plan the parser may find a trunk prefix once more, each time it reads them.
    """
    try:
        again = phonenumbers.parse(canonical, None)
    except NumberParseException:
        return False
    return again.country_code == number.country_code and again.national_number == number.national_number


def _region_of(number: phonenumbers.PhoneNumber, region: str | None) -> str | None:
    sharing = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if region is None and len(sharing) == 1:
        region = sharing[0]
    return region if region in REGIONS else None
