"""Whom a block may not cover, and how many it may cover at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import Propose, Shield, shield_of
from callpolicy.lifecycle.subjects import look_at_width
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.policy import Settings
from tests.lifecycle.making import AGENT, ANN, GOVERNANCE, LI, Life

SETTINGS = Settings(
    "test",
    "CN",
    "Asia/Shanghai",
    ("en",),
    protected_numbers={"emergency": ("CN:110", "CN:119"), "own": ("+12125550150",)},
)


def subject(value: str, last: str | None = None, *, prefix: bool = False) -> Subject:
    return Subject(Identity(IdentityKind.NUMBER, value), prefix, last)


def allow(covers: Subject, since: int = 0, until: int | None = None, on: ListName = ListName.ALLOWLIST) -> Entry:
    return Entry(
        entry_id="a1",
        on=on,
        identity=covers.identity,
        prefix=covers.prefix,
        last=covers.last,
        since=since,
        until=until,
        reason="ours",
        owner="qa",
    )


@pytest.mark.parametrize(
    "wide",
    [
        # China declares 8 digits after +86, the United States (and all of +1) 7.
        subject("+861380013", prefix=True),
        subject("+1212555", prefix=True),
        subject("+1416555", prefix=True),
        subject("+86", prefix=True),
        subject("+", prefix=True),
        subject("8613800138", prefix=True),
        subject("CN:95", prefix=True),
        # Eleven digits after +86 with 8 given leave a thousand numbers; ten after +1 with 7 given as well.
        subject("+8613800138000", "+8613800139000"),
        subject("+12125550100", "+12125551100"),
        subject("CN:95510", "CN:95511"),
        # From one country into the next.
        subject("+4999999999", "+5000000000"),
    ],
    ids=str,
)
def test_a_prefix_or_range_of_absurd_width_is_refused(wide: Subject) -> None:
    with pytest.raises(GovernanceError) as caught:
        Life().tell(Propose, AGENT, 0, subject=wide)

    assert caught.value.code == "too-wide"
    assert caught.value.rule.partition(".")[0] == "shortest_prefix"


@pytest.mark.parametrize(
    "narrow",
    [
        subject("+8613800138", "+8613800138"),
        subject("+861380013800", prefix=True),
        subject("+8613800138", prefix=True),
        subject("+12125550", prefix=True),
        subject("+8613800138000", "+8613800138999"),
        subject("+12125550100", "+12125551099"),
        subject("CN:95513800", prefix=True),
        subject("CN:95510", "CN:95510"),
        Subject(LI),
    ],
    ids=str,
)
def test_a_prefix_or_range_that_is_narrow_enough_is_taken(narrow: Subject) -> None:
    Life().tell(Propose, AGENT, 0, subject=narrow)


def test_a_region_for_which_nothing_is_declared_has_no_prefixes_and_no_ranges() -> None:
    german = subject("+4930231250", prefix=True)

    for each in (german, subject("+4930231250", "+4930231251")):
        with pytest.raises(GovernanceError) as caught:
            Life().tell(Propose, AGENT, 0, subject=each)
        assert (caught.value.code, caught.value.rule) == ("width-not-declared", "shortest_prefix")
    Life(replace(GOVERNANCE, shortest_prefix={"other": 8})).tell(Propose, AGENT, 0, subject=german)


def test_the_rule_that_refuses_a_width_is_that_of_the_region() -> None:
    governance = replace(GOVERNANCE, shortest_prefix={"CN": 8, "other": 9})

    rules = []
    for wide in (subject("+8613800", prefix=True), subject("+493023125", prefix=True)):
        with pytest.raises(GovernanceError) as caught:
            Life(governance).tell(Propose, AGENT, 0, subject=wide)
        rules.append(caught.value.rule)
    assert rules == ["shortest_prefix.CN", "shortest_prefix.other"]


@pytest.mark.parametrize("value", ["13800138000", "+86 138 0013 8000", "", "CN", "anonymous"])
def test_a_number_that_is_not_canonical_would_keep_nobody_out_and_is_refused(value: str) -> None:
    with pytest.raises(GovernanceError, match="not-canonical"):
        Life().tell(Propose, AGENT, 0, subject=subject(value))


@pytest.mark.parametrize(
    ("covers", "shield"),
    [
        (subject("CN:110"), Shield.PROTECTED),
        (subject("CN:021110"), Shield.PROTECTED),  # the service of one city is the service
        (subject("CN:11", prefix=True), Shield.PROTECTED),
        (subject("CN:100", "CN:199"), Shield.PROTECTED),
        (subject("+12125550", prefix=True), Shield.PROTECTED),
        (subject("+12125550149", "+12125550151"), Shield.PROTECTED),
        (subject("CN:111"), None),
        (subject("+12125550151", "+12125550199"), None),
        (subject("+12125551", prefix=True), None),
        (Subject(Identity(IdentityKind.CUSTOMER, "CN:110")), None),
    ],
    ids=str,
)
def test_a_block_that_would_cover_a_protected_number_is_shielded(covers: Subject, shield: Shield | None) -> None:
    assert shield_of(covers, SETTINGS, [], 0) is shield


@pytest.mark.parametrize(
    ("entry", "covers", "shield"),
    [
        (allow(Subject(ANN)), Subject(ANN), Shield.ALLOWLISTED),
        (allow(Subject(ANN)), subject("+12125550142", "+12125550143"), Shield.ALLOWLISTED),
        (allow(subject("+1212", prefix=True)), Subject(ANN), Shield.ALLOWLISTED),
        (allow(Subject(LI)), Subject(LI), Shield.ALLOWLISTED),
        (allow(Subject(ANN)), Subject(LI), None),
        (allow(Subject(ANN), until=100), Subject(ANN), None),
        (allow(Subject(ANN), since=101), Subject(ANN), None),
        (allow(Subject(ANN), on=ListName.BLOCKLIST), Subject(ANN), None),
        # Protected weighs more: it is told first.
        (allow(subject("CN:110")), subject("CN:110"), Shield.PROTECTED),
    ],
)
def test_a_block_that_would_cover_somebody_on_the_allowlist_is_shielded(
    entry: Entry, covers: Subject, shield: Shield | None
) -> None:
    assert shield_of(covers, SETTINGS, [entry], 100) is shield


def test_a_prefix_longer_than_any_number_covers_nobody_and_is_refused() -> None:
    # Source: ITU-T E.164: a number has at most 15 digits.
    longest, longer = subject("+861380013800013", prefix=True), subject("+8613800138000138", prefix=True)

    look_at_width(longest, GOVERNANCE)
    with pytest.raises(GovernanceError) as told:
        look_at_width(longer, GOVERNANCE)

    assert (told.value.code, told.value.rule) == ("too-narrow", "always.canonical")
