"""Subjects: two of them overlap if and only if some number is covered by both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Subject

# Numbers of one to three digits over a small alphabet, all of which can be tried.
DIGITS = "013"
VALUES = ["+" + one for one in DIGITS]
VALUES += [value + two for value in VALUES for two in DIGITS]
VALUES += [value + three for value in VALUES if len(value) == 3 for three in DIGITS]
VALUES += [f"CN:{one}{two}" for one in DIGITS for two in DIGITS]
EVERYBODY = [Identity(kind, value) for kind in IdentityKind for value in VALUES]


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    identity = draw(st.sampled_from(EVERYBODY))
    match draw(st.sampled_from(["exact", "prefix", "range"])) if identity.kind is IdentityKind.NUMBER else "exact":
        case "prefix":
            return Subject(identity, prefix=True)
        case "range":
            alike = [each for each in VALUES if len(each) == len(identity.value) and each[0] == identity.value[0]]
            return Subject(identity, last=draw(st.sampled_from([each for each in alike if each >= identity.value])))
        case _:
            return Subject(identity)


@given(subjects(), subjects())
def test_two_subjects_overlap_if_somebody_is_covered_by_both(one: Subject, other: Subject) -> None:
    both = [each for each in EVERYBODY if one.covers(each) and other.covers(each)]

    if both:
        assert one.overlaps(other)
    if one.overlaps(other) and one.last is None and other.last is None:
        assert both
    assert one.overlaps(other) == other.overlaps(one)


@given(subjects())
def test_a_subject_overlaps_itself_and_covers_whom_it_names(subject: Subject) -> None:
    assert subject.overlaps(subject)
    assert subject.covers(subject.identity)


@given(subjects(), st.sampled_from(EVERYBODY))
def test_to_cover_somebody_is_to_overlap_with_exactly_them(subject: Subject, somebody: Identity) -> None:
    assert subject.covers(somebody) == subject.overlaps(Subject(somebody))


@pytest.mark.parametrize(("value", "covered"), [("+405", True), ("+40:", False), ("+4:0", False), ("+40\u0665", False)])
def test_a_range_covers_no_text_that_only_sorts_between_its_numbers(value: str, covered: bool) -> None:
    subject = Subject(Identity(IdentityKind.NUMBER, "+400"), last="+512")

    assert subject.covers(Identity(IdentityKind.NUMBER, value)) is covered
