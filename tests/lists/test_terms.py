"""Terms of blocks: the same local time on the next day, week or month, whatever calendar and clocks do."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.instants import LATEST, instant_text, moment, parse_instant
from callpolicy.lists import end_of_term
from callpolicy.policy import Term

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("zone", "since", "term", "until"),
    [
        (SHANGHAI, "2027-03-01T10:00:00+08:00", "day", "2027-03-02T10:00:00+08:00"),
        (SHANGHAI, "2027-03-01T10:00:00+08:00", "week", "2027-03-08T10:00:00+08:00"),
        (SHANGHAI, "2027-03-01T10:00:00.000001+08:00", "month", "2027-04-01T10:00:00.000001+08:00"),
        # The day is the centre's, not that of UTC: 2027-03-01T01:00 in Shanghai is still February in UTC.
        (SHANGHAI, "2027-02-28T17:00:00Z", "month", "2027-03-31T17:00:00Z"),
        # Month ends and leap years.
        (SHANGHAI, "2027-01-31T10:00:00+08:00", "month", "2027-02-28T10:00:00+08:00"),
        (SHANGHAI, "2028-01-31T10:00:00+08:00", "month", "2028-02-29T10:00:00+08:00"),
        (SHANGHAI, "2028-01-29T10:00:00+08:00", "month", "2028-02-29T10:00:00+08:00"),
        (SHANGHAI, "2028-02-29T10:00:00+08:00", "month", "2028-03-29T10:00:00+08:00"),
        (SHANGHAI, "2027-03-31T10:00:00+08:00", "month", "2027-04-30T10:00:00+08:00"),
        (SHANGHAI, "2027-12-31T10:00:00+08:00", "month", "2028-01-31T10:00:00+08:00"),
        (SHANGHAI, "2100-01-31T10:00:00+08:00", "month", "2100-02-28T10:00:00+08:00"),
        (SHANGHAI, "2028-02-26T10:00:00+08:00", "week", "2028-03-04T10:00:00+08:00"),
        (SHANGHAI, "2027-12-31T23:59:59+08:00", "day", "2028-01-01T23:59:59+08:00"),
        # Berlin, 2027-03-28 02:00 CET becomes 03:00 CEST: 02:30 does not exist and moves on to 03:30.
        (BERLIN, "2027-03-27T02:30:00+01:00", "day", "2027-03-28T03:30:00+02:00"),
        (BERLIN, "2027-03-21T02:30:00+01:00", "week", "2027-03-28T03:30:00+02:00"),
        (BERLIN, "2027-02-28T02:30:00+01:00", "month", "2027-03-28T03:30:00+02:00"),
        (BERLIN, "2027-03-27T12:00:00+01:00", "day", "2027-03-28T12:00:00+02:00"),
        # Berlin, 2027-10-31 03:00 CEST becomes 02:00 CET: 02:30 comes twice, the first counts.
        (BERLIN, "2027-10-30T02:30:00+02:00", "day", "2027-10-31T02:30:00+02:00"),
        (BERLIN, "2027-10-31T02:30:00+02:00", "day", "2027-11-01T02:30:00+01:00"),
        (BERLIN, "2027-10-31T02:30:00+01:00", "day", "2027-11-01T02:30:00+01:00"),
        # New York, 2027-03-14 02:00 EST becomes 03:00 EDT, 2027-11-07 02:00 EDT becomes 01:00 EST.
        (NEW_YORK, "2027-03-13T02:30:00-05:00", "day", "2027-03-14T03:30:00-04:00"),
        (NEW_YORK, "2027-02-14T02:30:00-05:00", "month", "2027-03-14T03:30:00-04:00"),
        (NEW_YORK, "2027-11-06T01:30:00-04:00", "day", "2027-11-07T01:30:00-04:00"),
        (NEW_YORK, "2027-11-07T01:30:00-05:00", "week", "2027-11-14T01:30:00-05:00"),
    ],
)
def test_a_block_ends_at_the_same_local_time(zone: str, since: str, term: str, until: str) -> None:
    end = end_of_term(parse_instant(since), term, ZoneInfo(zone))

    assert end is not None
    assert instant_text(end) == instant_text(parse_instant(until))


def test_a_permanent_block_has_no_end() -> None:
    assert end_of_term(0, "permanent", ZoneInfo("UTC")) is None


@pytest.mark.parametrize("term", ["year", "Day", ""])
def test_what_is_no_term_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="is no term; terms are day, week, month and permanent"):
        end_of_term(0, term, ZoneInfo("UTC"))


@pytest.mark.parametrize("term", ["day", "week", "month"])
def test_a_term_that_the_calendar_cannot_hold_ends_with_it(term: str) -> None:
    for zone in ("UTC", SHANGHAI, NEW_YORK):
        assert end_of_term(LATEST, term, ZoneInfo(zone)) == LATEST


@given(
    st.integers(0, 4_000_000_000_000_000),
    st.sampled_from([Term.DAY, Term.WEEK, Term.MONTH]),
    st.sampled_from([BERLIN, NEW_YORK, SHANGHAI, "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_every_term_ends_after_its_days_give_or_take_a_change_of_clocks(since: int, term: Term, zone: str) -> None:
    end = end_of_term(since, str(term), ZoneInfo(zone))

    assert end is not None
    lasted = moment(end) - moment(since)
    fewest, most = {Term.DAY: (1, 1), Term.WEEK: (7, 7), Term.MONTH: (28, 31)}[term]
    # Shanghai had clock changes of an hour until 1991, and the others never one of more than two in these years.
    assert timedelta(days=fewest, hours=-2) <= lasted <= timedelta(days=most, hours=2)
