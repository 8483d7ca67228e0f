"""Who is calling: numbers, customers, identities, protection."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.events import Offered, Transferred
from callpolicy.identity import Identity, IdentityKind
from callpolicy.session.caller import read_customer
from tests.session.making import Story, norm, talking

NUMBER_FACTS = {"caller.number", "caller.region", "caller.line_type"}


def offered(**fields: Any) -> Story:
    story = Story()
    story.tell(Offered, 0, **fields)
    return story


def test_a_number_is_one_identity_however_it_is_written() -> None:
    for raw in ("13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "１３８００１３８０００"):
        story = offered(number=raw)
        facts = story.facts(1)
        assert (facts["caller.number"], facts["caller.number_status"]) == ("+8613800138000", "valid")
        assert (facts["caller.region"], facts["caller.line_type"]) == ("CN", "mobile")
        assert story.session.identities == (Identity(IdentityKind.NUMBER, "+8613800138000"),)


def test_the_customer_stands_before_the_number() -> None:
    identities = offered(number="13800138000", customer="c-17").session.identities

    assert [str(identity.kind) for identity in identities] == ["customer", "number"]
    assert identities[0].value == "c-17"


def test_a_national_number_is_at_home_where_the_norm_says() -> None:
    story = Story(norm(region="US"))
    story.tell(Offered, 0, number="(212) 555-0142")

    assert story.facts(1)["caller.number"] == "+12125550142"
    assert story.facts(1)["caller.region"] == "US"


@pytest.mark.parametrize(
    ("number", "status", "withheld", "faults"),
    [
        (None, "missing", False, {}),
        ("", "missing", False, {}),
        ("anonymous", "withheld", True, {}),
        ("<sip:anonymous@anonymous.invalid>", "withheld", True, {}),
        ("six feet", "unparsable", False, {"caller.number": "unparsable"}),
        ("6.02701E+11", "unparsable", False, {"caller.number": "unparsable"}),
        (13800138000, "unparsable", False, {"caller.number": "wrong-type"}),
    ],
)
def test_what_is_no_certain_number_is_nobody(number: Any, status: str, withheld: bool, faults: dict[str, str]) -> None:
    story = offered(number=number)

    facts = story.facts(1)

    assert (facts["caller.number_status"], facts["caller.withheld"]) == (status, withheld)
    assert facts["caller.identified"] is False
    assert not NUMBER_FACTS & facts.keys()
    assert story.session.identities == ()
    assert story.fault_codes(1) == faults


@pytest.mark.parametrize("customer", [None, "", "0", "  ", "000", "\t"])
def test_a_customer_who_is_not_identified_is_nobody_and_no_fault(customer: str | None) -> None:
    story = offered(customer=customer)

    assert story.session.identities == ()
    assert story.facts(1)["caller.identified"] is False
    assert "caller.customer" not in story.facts(1)
    assert story.fault_codes(1) == {}


@pytest.mark.parametrize(
    "customer",
    ["6.02701E+11", "3.12E+11", "7e+20", "1,5E+11", "#####", "#REF!", "#N/A", "nan", "NULL", "None", "undefined", "\\N",
     "-", "--", "??", "unknown", "12\ufffd4", "1\x002", "-inf"],
)  # fmt: skip
def test_a_ruined_customer_id_is_nobody_and_named(customer: str) -> None:
    story = offered(customer=customer)

    assert story.session.identities == ()
    assert story.fault_codes(1) == {"caller.customer": "unparsable"}


@pytest.mark.parametrize("customer", ["23317001", "12E5", "A-00", "客户7", "1e9f", "nano", "0x1F", "c#7", "00012"])
def test_an_unusual_customer_id_is_somebody(customer: str) -> None:
    assert read_customer(f" {customer} ") == (customer, "")


def test_a_customer_id_of_another_type_is_named() -> None:
    assert offered(customer=17).fault_codes(1) == {"caller.customer": "wrong-type"}


def test_a_protected_number_is_protected_and_says_why() -> None:
    regulator, police = offered(number="12378").facts(1), offered(number="110").facts(1)

    assert (regulator["caller.protected"], regulator["caller.protected_class"]) == (True, "regulator")
    assert (police["caller.protected"], police["caller.protected_class"]) == (True, "emergency")
    assert police["caller.number_status"] == "service"


@pytest.mark.parametrize(
    ("number", "protected_class"),
    [
        # Beijing 10, Shanghai 21, Nanjing 25, Shenzhen 755; at home, from abroad and as people write them.
        ("01012378", "regulator"), ("02112378", "regulator"), ("+862112378", "regulator"), ("0755-12378", "regulator"),
        ("0086 10 12378", "regulator"), ("025110", "emergency"), ("+86 25 110", "emergency"), ("010119", "emergency"),
    ],
)  # fmt: skip
def test_a_protected_line_is_protected_behind_an_area_code(number: str, protected_class: str) -> None:
    facts = offered(number=number).facts(1)

    assert (facts["caller.protected"], facts["caller.protected_class"]) == (True, protected_class)


@pytest.mark.parametrize("number", ["01012379", "025120", "02188880000", "010110110", "+12125550110"])
def test_a_line_that_only_looks_like_a_protected_one_is_not_protected(number: str) -> None:
    assert offered(number=number).facts(1)["caller.protected"] is False


def test_a_line_of_one_city_that_is_named_protects_no_other_city() -> None:
    shanghai_only = norm(protected_numbers={"regulator": ("CN:02112345",)})

    protected = []
    for number in ("02112345", "01012345", "12345"):
        story = Story(shanghai_only)
        story.tell(Offered, 0, number=number)
        protected.append(story.facts(1)["caller.protected"])

    assert protected == [True, False, False]


@pytest.mark.parametrize("number", [None, "anonymous", "rubbish", "13800138000"])
def test_it_is_known_that_other_callers_are_not_protected(number: str | None) -> None:
    facts = offered(number=number).facts(1)

    assert facts["caller.protected"] is False
    assert "caller.protected_class" not in facts


def test_attestation_is_taken_and_another_letter_is_named() -> None:
    assert offered(attestation="B").facts(1)["caller.attestation"] == "B"
    assert "caller.attestation" not in offered().facts(1)
    assert offered(attestation="D").fault_codes(1) == {"caller.attestation": "not-allowed"}


def test_what_the_switch_says_of_the_call_is_known() -> None:
    facts = offered(channel="chat", queue="loans", team="north", dialled="95500", language="en", topic="rates").facts(1)

    names = ("channel", "queue", "team", "dialled", "language", "topic")
    assert [facts[f"call.{name}"] for name in names] == ["chat", "loans", "north", "95500", "en", "rates"]


def test_a_field_of_the_wrong_type_is_unknown_and_named() -> None:
    story = talking(queue=7, channel="sms")

    assert not {"call.queue", "call.channel"} & story.facts(11).keys()
    assert story.fault_codes(11) == {"call.queue": "wrong-type", "call.channel": "not-allowed"}

    story.tell(Transferred, 20, queue="loans")
    assert story.facts(20)["call.queue"] == "loans"
    assert story.fault_codes(20) == {"call.channel": "not-allowed"}


def test_what_no_file_can_hold_is_nobody() -> None:
    assert offered(customer="17\ud800").fault_codes(1) == {"caller.customer": "unparsable"}
    assert offered(number="138\ud8000013").fault_codes(1) == {"caller.number": "unparsable"}
