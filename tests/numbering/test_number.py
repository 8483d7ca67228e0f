"""A number as a value: what it shows, what it hides, and what it costs."""

import time
from dataclasses import FrozenInstanceError

import pytest

from callpolicy.errors import UsageError
from callpolicy.numbering import (
    LineType,
    Number,
    NumberStatus,
    is_region,
    mask_number,
    parse_number,
    read_beginning,
    service_code,
)

MEGABYTE = 1_000_000


@pytest.mark.parametrize("region", ["", "cn", "ZZ", "XX", "001", "UK", "CHN", "CN "])
def test_an_unknown_region_is_refused_before_any_text_is_read(region: str) -> None:
    assert not is_region(region)
    with pytest.raises(UsageError, match="unknown region"):
        parse_number("", region=region)


@pytest.mark.parametrize("region", ["CN", "US", "DE", "GB", "HK", "CA"])
def test_the_regions_of_a_call_centre_are_known(region: str) -> None:
    assert is_region(region)


def test_no_text_at_all_is_missing_and_not_withheld() -> None:
    number = parse_number("", region="CN")
    assert number == Number("", NumberStatus.MISSING, None, None, LineType.UNKNOWN, None)
    assert not number.withheld


@pytest.mark.parametrize(
    "piece",
    [
        "1", "0", "+", "１", " ", "\u200b", "(", "-", "<", '"', "\\", '"<', "sip:", "tel:+", "@", ";ext=", "x", "转",
        "%2B", "anonymous", "1 ", "1-", "1/", "A1", "a", "\ud800",
    ],
)  # fmt: skip
def test_a_hostile_text_of_a_megabyte_is_answered_at_once(piece: str) -> None:
    raw = piece * (MEGABYTE // len(piece))
    before = time.perf_counter()
    number = parse_number(raw, region="CN")
    assert time.perf_counter() - before < 0.05
    assert number.status is NumberStatus.UNPARSABLE
    assert number.raw is raw


@pytest.mark.parametrize("head", ["", "1", "13800138000", "sip:", '"', "<", "1-800-"])
@pytest.mark.parametrize(
    "piece", ["1", " ", "-", "(", "/", "x", ",", ";", "#", "转", '\\"', "<", "<>", "@", "%", "a", "1 ", "1/", "1x"]
)
def test_the_longest_text_that_is_looked_at_takes_bounded_time(head: str, piece: str) -> None:
    raw = (head + piece * 512)[:512]
    before = time.perf_counter()
    parse_number(raw, region="CN")
    assert time.perf_counter() - before < 0.25


def test_a_text_of_512_characters_is_read_and_one_more_is_not() -> None:
    header = "<sip:+12125550142@host.example>;tag="
    fits = header + "a" * (512 - len(header))
    assert parse_number(fits, region="CN").canonical == "+12125550142"
    assert parse_number(fits + "a", region="CN").status is NumberStatus.UNPARSABLE


def test_the_extension_does_not_make_another_caller() -> None:
    first = parse_number("+1 212 555 0142 ext. 1", region="US")
    second = parse_number("+1 212 555 0142 ext. 2", region="US")
    assert (first.extension, second.extension) == ("1", "2")
    assert first.canonical == second.canonical == "+12125550142"


def test_one_short_code_is_another_line_in_each_region() -> None:
    found = [parse_number("112", region=region).canonical for region in ("CN", "US", "DE", "GB", "CA", "FR")]
    assert found == ["CN:112", "US:112", "DE:112", "GB:112", "CA:112", "FR:112"]


@pytest.mark.parametrize(
    ("raw", "region", "canonical"),
    [
        ("17", "FR", "FR:17"), ("999", "HK", "HK:999"), ("000", "AU", "AU:000"), ("110", "JP", "JP:110"),
        ("911", "CA", "CA:911"), ("+1 911", "CA", "CA:911"),
    ],
)  # fmt: skip
def test_emergency_numbers_of_other_regions_are_known_too(raw: str, region: str, canonical: str) -> None:
    number = parse_number(raw, region=region)
    assert (number.canonical, number.line_type) == (canonical, LineType.EMERGENCY)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("+8613800138000", "+86138******00"),
        ("+12125550142", "+1212*****42"),
        ("+493023125123", "+49302*****23"),
        ("+442079460123", "+44207*****23"),
        ("+35225000", "+3522****"),
        ("+2901234", "+290****"),
        ("95588", "CN:95588"),
        ("400-000-0001", "+864000000001"),
        ("anonymous", "withheld"),
        ("Zhang San 138****8000", "unparsable"),
        ("", "missing"),
    ],
)
def test_a_number_is_shown_without_being_given_away(raw: str, shown: str) -> None:
    assert mask_number(parse_number(raw, region="CN")) == shown


def test_neither_repr_nor_str_gives_a_number_away() -> None:
    number = parse_number("+86 138 0013 8000 转 801", region="CN")
    assert f"{number!r} {number!s} {number}" == " ".join(["Number(+86138******00, valid, mobile)"] * 3)


def test_prefixes_go_from_the_whole_number_down_to_the_country_code() -> None:
    assert parse_number("+352 250 00", region="CN").prefixes() == (
        "+35225000", "+3522500", "+352250", "+35225", "+3522", "+352",
    )  # fmt: skip
    assert parse_number("110", region="CN").prefixes() == ("CN:110", "CN:11", "CN:1", "CN:")


@pytest.mark.parametrize("raw", ["anonymous", "", "no number"])
def test_without_identity_there_is_no_prefix_to_look_up(raw: str) -> None:
    assert parse_number(raw, region="CN").prefixes() == ()


def test_a_number_cannot_be_changed_and_can_be_a_key() -> None:
    number = parse_number("95588", region="CN")
    with pytest.raises(FrozenInstanceError):
        number.raw = "95533"  # type: ignore[misc]  # that it is refused is the test
    assert {number: 1}[parse_number("95588", region="CN")] == 1


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("+86", ("CN", 0)),
        ("+8613800", ("CN", 5)),
        ("+1212555", ("US", 6)),
        # Toronto: a country code that several regions share has the region that leads it.
        ("+1416555", ("US", 6)),
        ("+44770090", ("GB", 6)),
        # +852 is no number of China, +87 no country at all.
        ("+85221", ("HK", 2)),
        ("+870773", (None, 3)),
        ("CN:955", ("CN", 3)),
        ("CN:", ("CN", 0)),
    ],
)
def test_a_beginning_tells_its_region_and_the_digits_behind_the_country_code(
    text: str, beginning: tuple[str | None, int]
) -> None:
    assert read_beginning(text) == beginning


@pytest.mark.parametrize(
    "text", ["", "+", "+8", "+0", "+87", "86138", "cn:955", "CHN:1", "+86 138", "+86x", "+٨٦", "CN:1\n"]
)
def test_what_no_number_begins_with_is_no_beginning(text: str) -> None:
    assert read_beginning(text) is None


@pytest.mark.parametrize(
    ("canonical", "code"),
    [
        ("CN:12345", "CN:12345"),
        ("CN:02112345", "CN:12345"),
        ("CN:01012378", "CN:12378"),
        ("CN:025110", "CN:110"),
        ("CN:075512345", "CN:12345"),
        ("CN:0551116114", "CN:116114"),
        ("CN:95588", "CN:95588"),
        ("CN:1068123456789", "CN:1068123456789"),
        ("GB:101", "GB:101"),
        ("US:911", "US:911"),
        ("+862188880000", None),
        ("+12125550142", None),
        ("", None),
        ("CN:", None),
        ("rubbish", None),
    ],
)
def test_the_code_of_a_service_is_the_same_from_every_city(canonical: str, code: str | None) -> None:
    assert service_code(canonical) == code
