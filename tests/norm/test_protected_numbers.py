"""A burst of nuisance calls from a public service number is never barred, however the number is written (NORM 3.4)."""

from collections.abc import Iterator
from functools import cache

import pytest

from callpolicy.decision import Decision
from callpolicy.numbering import parse_number
from callpolicy.points import RESTRICTIVE
from callpolicy.policy import Bundle
from callpolicy.rulefile import load_bundle, load_bundle_files, starter_folder
from callpolicy.rulefile.protected import countries, load_country
from callpolicy.rulefile.shapes.protected import Group
from callpolicy.runtime import Engine

SECOND = 1_000_000
# 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
START = 1_772_413_200 * SECOND
# Where a short code may be shown behind the country code, as `+86 110`.
COUNTRY_CODES = {"CN": "+86", "US": "+1", "CA": "+1", "DE": "+49", "GB": "+44"}
# Beijing, Shanghai, Guangzhou, Shenzhen, Lhasa.
AREAS = ("010", "021", "020", "0755", "0891")

POLICY = """
name: every burst is blocked
region: {region}
time_zone: UTC
languages: [en]
stages:
  classify: {{default: normal, effects: [normal, repeat_complaint, nuisance]}}
  blocklist: {{default: none, effects: [none, propose_block, block]}}
  screen: {{default: accept, effects: [accept, divert, reject]}}
  hangup:
    default: continue
    effects: [continue, soothe, explain, warn, escalate, offer_close, hang_up_politely, hang_up]
feeds: [agent_marks]
protected:
  emergency:
    title: {{en: emergency services}}
    countries: [{region}]
"""
GOVERNANCE = """
roles: {judge: {en: judge}}
terms: {day: {judge: [judge], operate: [judge], maintain: [judge], review_every: 1d}}
longest_automatic_term: day
"""
WINDOWS = """
- {fact: history.calls_10m, title: {en: calls within 10 minutes}, count: calls, within: 10m}
"""
RULE = """
id: {id}
stage: {stage}
title: {{en: no mercy}}
status: enforced
owner: test
review_by: 2027-05-01
priority: 50
when: {{{when}}}
then: {{{then}}}
because: {{en: it called too often.}}
"""
RULES = (
    ("burst", "blocklist", "history.calls_10m: {at_least: 2}", "effect: block, term: day, by: system"),
    ("barred", "screen", "history.calls_10m: {at_least: 3}", "effect: reject, by: system"),
    ("hung_up", "hangup", "talk.offences: {at_least: 1}", "effect: hang_up, by: system"),
)


@cache
def norm_of(region: str) -> Bundle:
    """A norm without mercy: the third call within ten minutes is blocked for a day, an offence is hung up on."""
    rules = {
        f"{stage}/{name}.yaml": RULE.format(id=name, stage=stage, when=when, then=then).encode()
        for name, stage, when, then in RULES
    }
    policy = POLICY.format(region=region).encode()
    declared = {"policy.yaml": policy, "windows.yaml": WINDOWS.encode(), "governance.yaml": GOVERNANCE.encode()}
    return load_bundle_files({**declared, **rules})


def burst(bundle: Bundle, number: str, calls: int) -> list[Decision]:
    """What is decided when a number calls every half minute, offends, and is judged a nuisance each time."""
    engine = Engine(bundle)
    decisions = []
    for place in range(calls):
        at = START + place * 30 * SECOND
        call = engine.call(f"c{place}")
        offer = call.offer(at=at, number=number)
        decisions.append(offer)
        if offer.effect in RESTRICTIVE:
            return decisions
        call.observe("answered", at=at + SECOND, agent="li")
        decisions.append(call.observe("offence", at=at + 2 * SECOND, kind="abuse"))
        decisions.append(call.end(at=at + 3 * SECOND, by="caller", cause="hang_up"))
        judged = {"class": "nuisance", "kind": "harassment", "by": "agent"}
        decisions.append(call.observe("judged", at=at + 4 * SECOND, **judged))
    return decisions


def ways_to_write(code: str, number: str) -> Iterator[str]:
    """The ways in which a switch may show a number."""
    canonical = parse_number(number, region=code).canonical
    assert canonical is not None
    yield from (number, canonical)
    if canonical.startswith("+"):
        return
    yield f"<sip:{number}@sip.example>"
    yield f"tel:{number}"
    if code in COUNTRY_CODES:
        yield COUNTRY_CODES[code] + number
        yield f"00{COUNTRY_CODES[code][1:]} {number}" if code not in {"US", "CA"} else f"011 1 {number}"
    if code == "CN":
        for area in AREAS:
            yield from (f"{area}{number}", f"{area}-{number}", f"+86 {area[1:]} {number}")
        yield "".join(chr(ord(digit) + 0xFEE0) for digit in number)


def restrictions(decisions: list[Decision]) -> list[tuple[str, str]]:
    effects = ((each.call_id, stage.outcome.effect) for each in decisions for stage in each.stages)
    return [(call, str(effect)) for call, effect in effects if effect in RESTRICTIVE]


EVERY_WAY = [
    pytest.param(code, written, id=f"{code} {written}")
    for code in countries()
    for each in load_country(code).of(Group.EMERGENCY)
    for written in ways_to_write(code, each.number)
]


@pytest.mark.parametrize(("code", "written"), EVERY_WAY)
def test_a_nuisance_burst_from_an_emergency_number_is_never_barred_or_hung_up_on(code: str, written: str) -> None:
    decisions = burst(norm_of(code), written, calls=5)

    assert restrictions(decisions) == []
    assert len(decisions) == 5 * 4
    # The rules did match: it is protection that took the effects away.
    hidden = {str(stage.hidden.effect) for each in decisions for stage in each.stages if stage.hidden is not None}
    assert hidden == {"block", "reject", "hang_up"}
    assert not any(each.failed for each in decisions)


def test_the_same_burst_from_anybody_else_is_rejected() -> None:
    decisions = burst(norm_of("CN"), "+86 138 0013 8000", calls=5)

    assert str(decisions[1].effect) == "hang_up"
    assert str(decisions[-1].effect) == "reject"


@pytest.mark.parametrize("number", ["+86110110", "010110110", "12109", "021 1101", "(0)110119"])
def test_a_number_that_only_looks_like_an_emergency_number_has_no_protection(number: str) -> None:
    decisions = burst(norm_of("CN"), number, calls=5)

    assert restrictions(decisions) != []


def test_the_starter_norm_protects_every_emergency_and_regulator_number_of_china() -> None:
    numbers = load_bundle(starter_folder()).settings.protected_numbers

    assert numbers["emergency"] == tuple(each.canonical for each in load_country("CN").of(Group.EMERGENCY))
    assert numbers["regulator"] == tuple(each.canonical for each in load_country("CN").of(Group.REGULATOR))
    # What stood in the norm before it named the country.
    before = {"110", "119", "120", "122", "112", "12378", "12363", "12345", "12315", "12381", "12300"}
    assert {f"CN:{each}" for each in before} <= {*numbers["emergency"], *numbers["regulator"]}
