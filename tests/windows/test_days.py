"""When a local day begins: instants worked out by hand from the zones' rules."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.windows import day_start, next_day_start
from tests.windows.naive import local_date, utc

# zone, an instant, the first instant of its local day, the first instant of the next
DAYS = [
    pytest.param("UTC", "2024-02-29T12:00Z", "2024-02-29T00:00Z", "2024-03-01T00:00Z", id="leap day"),
    pytest.param("Asia/Shanghai", "2024-02-28T16:00Z", "2024-02-28T16:00Z", "2024-02-29T16:00Z", id="at midnight"),
    pytest.param("Europe/Berlin", "2024-03-31T12:00Z", "2024-03-30T23:00Z", "2024-03-31T22:00Z", id="23 hours"),
    pytest.param("Europe/Berlin", "2024-10-27T12:00Z", "2024-10-26T22:00Z", "2024-10-27T23:00Z", id="25 hours"),
    pytest.param("America/New_York", "2024-03-10T12:00Z", "2024-03-10T05:00Z", "2024-03-11T04:00Z", id="NY 23 hours"),
    pytest.param("America/New_York", "2024-11-03T12:00Z", "2024-11-03T04:00Z", "2024-11-04T05:00Z", id="NY 25 hours"),
    # Clocks jump from 00:00 to 01:00, so that this midnight does not exist.
    pytest.param("Africa/Cairo", "2023-04-28T09:00Z", "2023-04-27T22:00Z", "2023-04-28T21:00Z", id="Cairo, no 00:00"),
    pytest.param("Asia/Beirut", "2022-03-27T09:00Z", "2022-03-26T22:00Z", "2022-03-27T21:00Z", id="Beirut, no 00:00"),
    pytest.param("America/Sao_Paulo", "2018-11-04T09:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z", id="no 00:00"),
    # Clocks go back from 01:00 to 00:00: midnight strikes twice, the day begins with the first.
    pytest.param("America/Havana", "2023-11-05T09:00Z", "2023-11-05T04:00Z", "2023-11-06T05:00Z", id="00:00 twice"),
    # Clocks go back from 00:00 to 23:00: the day that ends has 25 hours.
    pytest.param("Asia/Beirut", "2022-10-29T20:30Z", "2022-10-28T21:00Z", "2022-10-29T22:00Z", id="23:00 twice, first"),
    pytest.param(
        "Asia/Beirut", "2022-10-29T21:30Z", "2022-10-28T21:00Z", "2022-10-29T22:00Z", id="23:00 twice, second"
    ),
    # Clocks went from 23:30 on 30 March to 00:30 on 31 March: the day began with the jump, at 04:30 UTC.
    pytest.param(
        "America/Toronto", "1919-03-31T12:00Z", "1919-03-31T04:30Z", "1919-04-01T04:00Z", id="jump over 00:00"
    ),
    # 30 December 2011 was left out: 29 December is followed by 31 December.
    pytest.param("Pacific/Apia", "2011-12-30T09:00Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z", id="day left out"),
    # Clocks went back from 00:01 on 7 November to 23:01 on 6 November: 00:00 struck at 02:30 and at 03:30 UTC.
    pytest.param(
        "America/St_Johns", "2010-11-07T03:00Z", "2010-11-07T02:30Z", "2010-11-08T03:30Z", id="between strokes"
    ),
    pytest.param(
        "America/St_Johns", "2010-11-07T02:29Z", "2010-11-06T02:30Z", "2010-11-07T02:30Z", id="before strokes"
    ),
]


@pytest.mark.parametrize(("zone", "at", "begins", "ends"), DAYS)
def test_a_local_day_begins_and_ends_where_its_zone_says(zone: str, at: str, begins: str, ends: str) -> None:
    assert day_start(utc(at), ZoneInfo(zone)) == utc(begins)
    assert next_day_start(utc(at), ZoneInfo(zone)) == utc(ends)


@pytest.mark.parametrize(("zone", "at", "begins", "ends"), DAYS)
def test_the_first_instant_is_of_the_day_and_the_one_before_is_not(zone: str, at: str, begins: str, ends: str) -> None:
    first, last = utc(begins), utc(ends) - 1

    assert day_start(first, ZoneInfo(zone)) == first
    assert day_start(last, ZoneInfo(zone)) == first
    assert day_start(first - 1, ZoneInfo(zone)) < first
    assert next_day_start(first - 1, ZoneInfo(zone)) == first


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu"]),
    at=st.integers(min_value=utc("1990-01-01T00:00Z"), max_value=utc("2030-01-01T00:00Z")),
)
def test_from_the_start_of_a_day_to_its_end_the_local_date_is_the_same(zone: str, at: int) -> None:
    place = ZoneInfo(zone)

    begins, ends = day_start(at, place), next_day_start(at, place)

    assert begins <= at < ends
    assert local_date(begins, place) == local_date(at, place) == local_date(ends - 1, place)
    assert local_date(begins - 1, place) < local_date(at, place) < local_date(ends, place)


@pytest.mark.parametrize("at", [-(10**18), 10**18])
def test_an_instant_that_no_calendar_holds_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        day_start(at, ZoneInfo("UTC"))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("at", ["0001-01-03T00:00Z", "9999-12-29T00:00Z"])
def test_the_first_and_the_last_instant_have_a_day(zone: str, at: str) -> None:
    place = ZoneInfo(zone)

    assert day_start(utc(at), place) <= utc(at) < next_day_start(utc(at), place)
