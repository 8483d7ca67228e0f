"""The published JSON Schema of a decision says what a decision is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from callpolicy.decision import schema
from callpolicy.facts import Value
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle
from tests.engine.bundles import bundle
from tests.engine.test_decide import VALUES, bundles, made

PUBLISHED = Path(__file__).resolve().parents[2] / "schemas" / "decision.schema.json"


def test_the_published_schema_is_the_one_that_the_code_gives() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == schema()


@given(bundles(), VALUES, st.sampled_from(list(DecisionPoint)))
def test_every_decision_is_of_the_schema(norm: Bundle, values: dict[str, Value], point: DecisionPoint) -> None:
    Draft202012Validator(schema()).validate(json.loads(made(norm, values, point).to_json()))


@pytest.mark.parametrize("broken", [{"effect": "shout"}, {"stages": [{}]}, {"at": 5}, {"surprise": 1}])
def test_the_schema_refuses_what_is_no_decision(broken: dict[str, object]) -> None:
    tree = {**json.loads(made(bundle(), {}).to_json()), **broken}

    with pytest.raises(ValidationError):
        Draft202012Validator(schema()).validate(tree)
