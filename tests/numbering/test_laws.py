"""What holds for every text and every line."""

from itertools import pairwise

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, ValidationResult

from callpolicy.numbering import NumberStatus, mask_number, parse_number

FOUR = ("CN", "US", "DE", "GB")
REGIONS = st.sampled_from(FOUR)
EVERYWHERE = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
PIECES = st.sampled_from(
    [
        *"0123456789+-().,;:/ #x*@<>\"'=%",
        "＋", "８", "６", "０", "\u200b", "\u00a0", "\u0661", "²", "\ud800", "\x00",
        "86", "0086", "011", "+1", "+49", "(0)", "138", "010", "400", "95588", "17951", "110",
        "13800138000", "2125550142", "tel:", "sip:", "mailto:", "@host", "anonymous", ".invalid",
        ";ext=", ";phone-context=", "ext", "转", "分机", "匿名", "%2B", "E+11", "CN:", "US:", "1-800-", "FLOWERS", ".0",
    ]
)  # fmt: skip
NEAR_NUMBERS = st.lists(PIECES, max_size=14).map("".join)
TEXTS = st.one_of(st.text(max_size=80), NEAR_NUMBERS)


@given(raw=TEXTS, region=EVERYWHERE)
def test_any_text_gives_a_number_and_only_an_identity_has_region_kind_or_extension(raw: str, region: str) -> None:
    number = parse_number(raw, region=region)
    assert number.raw == raw
    has_identity = number.status in {NumberStatus.VALID, NumberStatus.SERVICE}
    assert (number.canonical is not None) is has_identity
    assert number.withheld is (number.status is NumberStatus.WITHHELD)
    if not has_identity:
        assert (number.region, number.line_type.value, number.extension) == (None, "unknown", None)


@given(raw=st.one_of(TEXTS, st.from_regex(r"\A\+?[0-9]{2,16}\Z")), region=REGIONS, elsewhere=EVERYWHERE)
def test_reading_a_canonical_value_again_gives_the_same_line_in_every_region(
    raw: str, region: str, elsewhere: str
) -> None:
    first = parse_number(raw, region=region)
    if first.canonical is not None:
        again = parse_number(first.canonical, region=elsewhere)
        assert (again.canonical, again.status, again.region, again.line_type, again.extension) == (
            first.canonical, first.status, first.region, first.line_type, None,
        )  # fmt: skip


@pytest.mark.parametrize("raw", ["+375 88 8000000", "+375 888 000000", "+375 88 88000000"])
def test_a_number_that_would_lose_another_digit_at_each_reading_has_no_identity(raw: str) -> None:
    # Trunk prefix 8 of Belarus, in numbers that its plan does not hold.
    assert parse_number(raw, region="CN").canonical is None


@pytest.mark.parametrize("raw", ["0", "00", "01", "000", "12", "99"])
def test_a_few_digits_in_a_region_without_a_table_of_its_own_are_no_line(raw: str) -> None:
    assert parse_number(raw, region="FR").status is NumberStatus.UNPARSABLE


@st.composite
def lines(draw: st.DrawFn, regions: st.SearchStrategy[str]) -> tuple[phonenumbers.PhoneNumber, str]:
    """Draw a line that the plan of a region holds: one of its examples with other last digits."""
    region = draw(regions)
    kinds = [kind for kind in range(11) if phonenumbers.example_number_for_type(region, kind)]
    example = phonenumbers.example_number_for_type(region, draw(st.sampled_from(kinds)))
    assert example is not None
    national = phonenumbers.national_significant_number(example)
    changed = draw(st.integers(0, 4))
    digits = draw(st.text("0123456789", min_size=changed, max_size=changed))
    dialled = f"+{example.country_code}{national[: len(national) - changed]}{digits}"
    number = phonenumbers.parse(dialled, None)
    # WHY: Canada's 310-xxxx are dialled as seven digits and from nowhere else: there is no E.164 line to name.
    assume(phonenumbers.is_possible_number_with_reason(example) == ValidationResult.IS_POSSIBLE)
    usable = phonenumbers.is_valid_number_for_region(number, region) and phonenumbers.is_possible_number(number)
    return (number if usable else example), region


FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)
WIDE = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")


@given(line=lines(EVERYWHERE))
def test_a_line_has_one_canonical_value_however_it_is_written(line: tuple[phonenumbers.PhoneNumber, str]) -> None:
    number, region = line
    written = [phonenumbers.format_number(number, form) for form in FORMATS]
    found = {parse_number(text, region=region).canonical for text in written}
    assert len(found) == 1
    assert found != {None}


@given(line=lines(REGIONS), extension=st.integers(0, 9999))
def test_width_address_and_extension_change_nothing(line: tuple[phonenumbers.PhoneNumber, str], extension: int) -> None:
    number, region = line
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    spaced = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    expected = parse_number(plain, region=region).canonical
    assert expected is not None
    variants = [
        spaced.translate(WIDE),
        spaced.replace(" ", "\u00a0"),
        "\u202a" + "\u200b".join(plain) + "\u202c",
        "00" + plain[1:],
        f"tel:{plain};ext={extension}",
        f"sip:{plain}@host.example;user=phone",
        f'"Name" <sip:%2B{plain[1:]}@192.0.2.1:5060>;tag=1',
        f"{spaced} ext. {extension}",
        f"{spaced} 转 {extension}",
    ]
    assert [parse_number(text, region=region).canonical for text in variants] == [expected] * len(variants)


@given(line=lines(st.sampled_from(["CN", "DE", "GB"])))
def test_a_trunk_zero_left_in_after_the_country_code_changes_nothing(
    line: tuple[phonenumbers.PhoneNumber, str],
) -> None:
    number, region = line
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    prefix = f"+{number.country_code}"
    written = f"{prefix} (0) {plain.removeprefix(prefix)}"
    expected = parse_number(plain, region=region)
    if expected.status is NumberStatus.VALID:
        assert parse_number(written, region="US").canonical == expected.canonical


@given(line=lines(EVERYWHERE))
def test_every_prefix_is_shorter_than_the_one_before_and_the_whole_comes_first(
    line: tuple[phonenumbers.PhoneNumber, str],
) -> None:
    number, region = line
    parsed = parse_number(phonenumbers.format_number(number, PhoneNumberFormat.E164), region=region)
    assert parsed.canonical is not None
    prefixes = parsed.prefixes()
    assert prefixes[0] == parsed.canonical
    assert all(len(a) == len(b) + 1 and a.startswith(b) for a, b in pairwise(prefixes))
    assert prefixes[-1] in {f"+{number.country_code}", f"{parsed.region}:"}


@given(raw=TEXTS, region=REGIONS)
def test_a_masked_number_shows_at_most_country_code_three_and_two_digits(raw: str, region: str) -> None:
    number = parse_number(raw, region=region)
    shown = mask_number(number)
    if number.status is NumberStatus.VALID:
        assert number.canonical is not None
        country_code = len(number.prefixes()[-1]) - 1
        assert len(shown) == len(number.canonical)
        assert shown.count("*") >= 4 or len(shown) - 1 - country_code < 4
        assert sum(map(str.isdigit, shown)) <= country_code + 3 + 2
    elif number.status is NumberStatus.SERVICE:
        assert shown == number.canonical
    else:
        assert shown == number.status.value


@given(raw=st.from_regex(r"\A\+[1-9][0-9]{5,15}\Z"), region=EVERYWHERE)
def test_a_blank_before_a_number_changes_nothing(raw: str, region: str) -> None:
    # Without blanks a whole number is read at once, with them like any text.
    plain, among_text = parse_number(raw, region=region), parse_number(f" {raw}", region=region)

    assert (plain.canonical, plain.status, plain.region, plain.line_type, plain.extension) == (
        among_text.canonical, among_text.status, among_text.region, among_text.line_type, among_text.extension,
    )  # fmt: skip
