"""Instants and durations: integers inside, text outside; what is no instant or duration is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.instants import (
    LATEST,
    SECOND,
    duration_text,
    instant,
    instant_text,
    moment,
    parse_duration,
    parse_instant,
)

SHANGHAI = timezone(timedelta(hours=8))
MILLISECOND = 1_000
EARLIEST = -62_135_596_800 * SECOND
"""0001-01-01T00:00:00Z, the first that a calendar holds."""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        # 2000-01-01 is 10,957 days after the epoch.
        ("2000-01-01T00:00:00+00:00", 10_957 * 86_400 * SECOND),
        ("2000-01-01T08:00:00+08:00", 10_957 * 86_400 * SECOND),
        ("1999-12-31T19:00:00.5-05:00", 10_957 * 86_400 * SECOND + SECOND // 2),
        ("9999-12-31T23:59:59.999999Z", LATEST),
    ],
)
def test_an_instant_is_microseconds_since_the_epoch(text: str, at: int) -> None:
    assert parse_instant(text) == at


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2027-03-01", "2027-03-01T10:00:00", "2027-02-29T10:00:00Z", "2027-03-01T25:00:00Z", "12"],
)
def test_what_is_no_instant_or_names_no_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the words are those of the standard library
        parse_instant(text)


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2027, 3, 1, 10, 0))


def test_the_same_moment_in_two_zones_is_one_instant() -> None:
    assert instant(datetime(2027, 3, 1, 10, tzinfo=SHANGHAI)) == instant(datetime(2027, 3, 1, 2, tzinfo=UTC))


@given(st.integers(EARLIEST, LATEST))
def test_instants_come_back_from_text_and_datetime(at: int) -> None:
    assert parse_instant(instant_text(at)) == at
    assert instant(moment(at)) == at


@given(st.integers(EARLIEST, LATEST), st.integers(EARLIEST, LATEST))
def test_texts_of_instants_sort_as_instants_do(first: int, second: int) -> None:
    assert (instant_text(first) < instant_text(second)) is (first < second)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("2s", 2 * SECOND),
        ("0s", 0),
        ("250ms", 250 * MILLISECOND),
        ("30m", 30 * 60 * SECOND),
        ("24h", 86_400 * SECOND),
        ("30d", 30 * 86_400 * SECOND),
        ("1w", 7 * 86_400 * SECOND),
        ("1h30m", 5_400 * SECOND),
        ("1w2d3h4m5s6ms", (((7 + 2) * 24 + 3) * 3_600 + 4 * 60 + 5) * SECOND + 6 * MILLISECOND),
        ("90m", 5_400 * SECOND),
        ("007s", 7 * SECOND),
    ],
)
def test_durations_are_read_as_rules_write_them(text: str, duration: int) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "5", "h", "s2", "1.5h", "-1h", "+1h", " 1h", "1h ", "1h 30m", "30m1h", "1h1h", "1h30", "1H", "1sec",
        "1hh", "1h-30m", "１h", "٣s", "1e3s", "1h\n", "1ms1s", "1_000s", "1" * 40 + "s",
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as `2s`"):
        parse_duration(text)


@given(st.text(alphabet="0123456789smhdw .-", max_size=12))
def test_a_duration_that_is_read_says_the_sum_of_its_parts(text: str) -> None:
    units = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    rest, total = text, 0
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        unit = rest[len(number) :][: 2 if rest[len(number) :].startswith("ms") else 1]
        total += int(number) * units[unit]
        rest = rest[len(number) + len(unit) :]
    assert duration == total * MILLISECOND


@given(st.integers(0, 1 << 50))
def test_a_duration_comes_back_from_its_text_to_the_millisecond(milliseconds: int) -> None:
    assert parse_duration(duration_text(milliseconds * MILLISECOND)) == milliseconds * MILLISECOND


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0s"), (999, "0s"), (-999, "0s"), (1_000, "1ms"), (61 * SECOND, "1m1s"), (-90 * SECOND, "-1m30s"),
        (7 * 86_400 * SECOND, "7d"), (1_999_999, "1s999ms"),
    ],
)  # fmt: skip
def test_durations_are_written_largest_unit_first_and_cut_below_a_millisecond(duration: int, text: str) -> None:
    assert duration_text(duration) == text
