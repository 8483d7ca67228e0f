"""Who is in the staff, which roles a person has, and how two persons are told apart."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from callpolicy.lifecycle import Actor
from callpolicy.policy import Allowlisting, Governance, person_key

STAFF = Governance(staff={"Li": ("team_leader",), "wang": ("quality_desk", "ivr_operator")})


def test_a_person_of_the_staff_has_exactly_the_declared_roles() -> None:
    assert STAFF.roles_of("wang") == frozenset({"quality_desk", "ivr_operator"})


def test_capitals_and_width_of_letters_make_no_other_person() -> None:
    assert STAFF.roles_of("li") == STAFF.roles_of("LI") == STAFF.roles_of("ｌｉ") == frozenset({"team_leader"})


def test_a_stranger_to_a_declared_staff_has_no_roles() -> None:
    assert STAFF.roles_of("zhao") == frozenset()
    assert STAFF.roles_of("") == frozenset()


def test_where_no_staff_is_declared_the_roles_of_nobody_are_known() -> None:
    assert Governance().roles_of("li") is None


def test_nobody_keeps_the_allowlist_unless_governance_says_who() -> None:
    assert Governance().allowlist is None
    assert Allowlisting(("quality_desk",)).longest is None


PERSONS = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text == text.strip())


@given(PERSONS)
@example("Straße")
@example("İ")
@example("㎏")
def test_staff_and_acts_tell_persons_apart_in_the_same_way(person: str) -> None:
    assert person_key(person) == Actor(person).key
    assert Governance(staff={person: ("agent",)}).roles_of(person) == frozenset({"agent"})
