"""An identity is a kind and a canonical value, and nothing else."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from callpolicy.identity import Identity, IdentityKind

ANN = Identity(IdentityKind.NUMBER, "+12125550142")


def test_the_same_text_as_number_and_as_customer_is_two_identities() -> None:
    assert Identity(IdentityKind.CUSTOMER, ANN.value) != ANN
    assert len({ANN, Identity(IdentityKind.CUSTOMER, ANN.value), Identity(IdentityKind.NUMBER, ANN.value)}) == 2


def test_identities_sort_so_that_records_are_the_same_in_every_process() -> None:
    customer, other = Identity(IdentityKind.CUSTOMER, "70001"), Identity(IdentityKind.NUMBER, "+12125550100")

    assert sorted([ANN, customer, other]) == [customer, other, ANN]


def test_an_identity_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        ANN.value = "+12125550199"  # type: ignore[misc]  # that is the point


def test_the_kinds_are_those_that_norms_name() -> None:
    assert [str(kind) for kind in IdentityKind] == ["number", "customer"]
