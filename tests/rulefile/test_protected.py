"""Public service numbers that come along: every one can be read and says where it comes from; a norm takes them."""

import re
from pathlib import Path

import pytest

from callpolicy.errors import RuleFileError
from callpolicy.numbering import LineType, parse_number
from callpolicy.rulefile import load_bundle_files, read_bundle_files
from callpolicy.rulefile.loading import revision_of
from callpolicy.rulefile.protected import FOLDER, Country, countries, load_country, read_country
from callpolicy.rulefile.shapes.protected import Group
from callpolicy.rulefile.tree import read_document
from tests.rulefile.test_malformed import SMALL

REPO = Path(__file__).parents[2]
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
REGULATOR = "  regulator:\n    title: {zh-CN: 监管机构, en: regulators}\n".encode()
GOOD = """country: SG
title: {zh-CN: 新加坡, en: Singapore}
numbers:
  - number: "999"
    group: emergency
    title: {zh-CN: 警察, en: police}
    source: plan
    checked: "2026-11"
""".encode()


def norm_with(lines: str) -> dict[str, bytes]:
    """The small norm, with more lines below its class `regulator`."""
    assert REGULATOR in SMALL["policy.yaml"]
    return SMALL | {"policy.yaml": SMALL["policy.yaml"].replace(REGULATOR, REGULATOR + lines.encode())}


@pytest.fixture(params=countries())
def country(request: pytest.FixtureRequest) -> Country:
    return load_country(request.param)


def test_every_file_beside_the_reader_is_shipped() -> None:
    folder = REPO / "src" / "callpolicy" / "rulefile" / FOLDER

    assert [f"{code}.yaml" for code in countries()] == sorted(path.name for path in folder.iterdir())
    assert {"CN", "US", "GB", "DE"} <= set(countries())


def test_a_file_is_called_as_its_country(country: Country) -> None:
    assert load_country(country.code) is country


def test_every_number_is_read_in_its_country_and_stands_there_once(country: Country) -> None:
    canonical = [each.canonical for each in country.numbers]

    assert None not in canonical
    assert len(set(canonical)) == len(canonical)
    assert {parse_number(each.number, region=country.code).region for each in country.numbers} == {country.code}


def test_every_number_says_who_answers_in_both_languages_and_where_that_is_said(country: Country) -> None:
    for each in country.numbers:
        assert set(each.title) == {"zh-CN", "en"}
        assert IDEOGRAPH.search(each.title["zh-CN"])
        assert not IDEOGRAPH.search(each.title["en"])
        assert len(each.source) >= len("47 CFR 9.4")
    assert set(country.title) == {"zh-CN", "en"}


def test_every_country_has_an_emergency_number(country: Country) -> None:
    assert country.of(Group.EMERGENCY)


def test_what_the_numbering_plan_calls_an_emergency_is_of_that_group(country: Country) -> None:
    urgent = [
        each
        for each in country.numbers
        if parse_number(each.number, region=country.code).line_type is LineType.EMERGENCY
    ]

    assert {each.group for each in urgent} == {Group.EMERGENCY}


def test_china_has_its_emergency_services_and_regulators() -> None:
    china = load_country("CN")

    assert [each.number for each in china.of(Group.EMERGENCY)] == ["110", "119", "120", "122", "112", "12110", "12395"]
    regulators = {each.number for each in china.of(Group.REGULATOR)}
    assert {"12345", "12315", "12378", "12363", "12381", "12300", "12321", "12386", "12388", "12389"} <= regulators
    assert "12356" in {each.number for each in china.of(Group.HELPLINE)}


def test_a_class_called_as_a_group_takes_that_group() -> None:
    numbers = load_bundle_files(norm_with("    countries: [US, HK]\n")).settings.protected_numbers

    assert numbers["regulator"] == ("US:311", "+18882255322", "+18554112372", "HK:18222", "HK:1823", "+85222311222")
    assert numbers["emergency"] == ("CN:110", "CN:119", "+8613800138000")


def test_a_class_takes_the_groups_that_it_names_after_its_own_numbers() -> None:
    lines = '    numbers: ["12377"]\n    countries: [SG]\n    groups: [helpline, emergency]\n'

    assert load_bundle_files(norm_with(lines)).settings.protected_numbers["regulator"] == (
        "CN:12377", "SG:1777", "SG:999", "SG:995",
    )  # fmt: skip


def test_numbers_are_read_in_their_country_and_not_in_the_region_of_the_norm() -> None:
    numbers = load_bundle_files(norm_with("    countries: [DE]\n    groups: [emergency]\n")).settings.protected_numbers

    assert numbers["regulator"] == ("DE:110", "DE:112")


def test_a_number_that_the_norm_writes_itself_stays_where_it_is_written() -> None:
    # 110 and 119 stand in the class `emergency` of the small norm, and are no fault if they come along too.
    numbers = load_bundle_files(norm_with("    countries: [CN]\n    groups: [emergency]\n")).settings.protected_numbers

    assert numbers["emergency"] == ("CN:110", "CN:119", "+8613800138000")
    assert numbers["regulator"] == ("CN:120", "CN:122", "CN:112", "CN:12110", "CN:12395")


def test_a_norm_that_names_no_country_takes_nothing() -> None:
    assert load_bundle_files(SMALL).settings.protected_numbers["regulator"] == ()


def test_what_is_taken_is_part_of_the_revision() -> None:
    revisions = {
        load_bundle_files(files).revision
        for files in (
            SMALL,
            norm_with("    countries: [CN]\n"),
            norm_with("    countries: [HK]\n"),
            norm_with("    countries: [CN]\n    groups: [helpline]\n"),
        )
    }

    assert len(revisions) == 4


def test_another_number_that_comes_along_makes_another_revision() -> None:
    documents = {"policy.yaml": read_document("policy.yaml", b"name: x")[0]}
    older, newer = {"protected/CN": {"emergency": ["110"]}}, {"protected/CN": {"emergency": ["110", "119"]}}

    assert len({revision_of(documents, shipped) for shipped in ({}, older, newer)}) == 3


def test_the_revision_of_a_norm_is_that_of_its_files_and_of_the_numbers_it_took() -> None:
    files = norm_with("    countries: [SG]\n    groups: [emergency, helpline]\n")
    documents = {name: read_document(name, data)[0] for name, data in files.items()}
    taken = {"protected/SG": {"emergency": ["999", "995"], "helpline": ["1777"]}}

    assert load_bundle_files(files).revision == revision_of(documents, taken)


def test_a_fault_tells_no_number() -> None:
    bundle, findings = read_bundle_files(norm_with("    countries: [XX, NZ]\n    groups: [regulator]\n"))

    assert bundle is None
    assert [finding.code for finding in findings] == ["unknown-country", "no-such-numbers"]
    assert not any(re.search(r"\d{3}", finding.message + finding.hint) for finding in findings)


def test_a_file_of_numbers_is_read() -> None:
    country = read_country("SG.yaml", GOOD)

    assert [(each.number, each.canonical, each.checked) for each in country.numbers] == [("999", "SG:999", "2026-11")]


def test_a_number_whose_source_was_not_compared_carries_no_month() -> None:
    country = read_country("SG.yaml", GOOD.replace(b'    checked: "2026-11"\n', b""))

    assert [(each.number, each.checked) for each in country.numbers] == [("999", None)]


def test_of_the_numbers_that_come_along_these_were_not_compared_with_their_source() -> None:
    # WHY named one by one: a month is a claim that somebody read the source, so that none is gained or lost unseen.
    bare = {each.canonical for code in countries() for each in load_country(code).numbers if each.checked is None}

    assert bare == {"DE:116123", "ES:062", "ES:080", "ES:085", "ES:088"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'checked: "2026-11"', b"checked: 2026", "bad-date"),
        (b'checked: "2026-11"', b"checked: ''", "bad-date"),
        (b'checked: "2026-11"', b"checked: false", "bad-date"),
        (b'checked: "2026-11"', b'checked: "2026-13"', "bad-date"),
        (b"group: emergency", b"group: police", "unknown-value"),
        (b"source: plan", b"source: ''", "bad-line"),
        (b'number: "999"', b"number: 999", "wrong-type"),
        (b"country: SG", b"country: sg", "unknown-region"),
        (b"source: plan", b"sauce: plan", "unknown-key"),
        (b"numbers:", b"numbers: &a", "anchor-or-alias"),
    ],
)
def test_a_file_of_numbers_with_a_fault_is_refused_at_its_place(old: bytes, new: bytes, code: str) -> None:
    assert old in GOOD

    with pytest.raises(RuleFileError) as caught:
        read_country("SG.yaml", GOOD.replace(old, new))

    assert code in [finding.code for finding in caught.value.findings]
    assert all(finding.span is not None and finding.span.file == "SG.yaml" for finding in caught.value.findings)
