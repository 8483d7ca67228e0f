"""A card as data: what it says of a case, its JSON, and that it hands nothing on that it must not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from callpolicy.errors import UsageError
from callpolicy.events import Event, Explained, ExplanationRejected, FinalResult, NewFact
from callpolicy.points import RESTRICTIVE, Effect
from callpolicy.reports.card import card_of, card_to_dict
from callpolicy.reports.card_schema import card_schema
from callpolicy.reports.card_text import card_text
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.session import CaseRecord, CaseStatus
from tests.reports.cases import DAY, MASKED, MINUTE, START, Told, norm
from tests.reports.test_card_text import explained_twice, linked
from tests.session.test_case import case_events

PUBLISHED = Path(__file__).parents[2] / "schemas" / "card.schema.json"
VALIDATOR = Draft202012Validator(card_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
NORM = norm()
STARTER = load_bundle(starter_folder())


def test_the_json_of_a_card() -> None:
    tree = card_to_dict(explained_twice().card(call_id="c"))

    assert {key: tree[key] for key in ("case_id", "at", "call_id", "caller", "status", "normal_caller")} == {
        "case_id": "k1", "at": "2026-03-05T01:00:00.000000Z", "call_id": "c", "caller": MASKED, "status": "final",
        "normal_caller": False,
    }  # fmt: skip
    assert tree["totals"] == {
        "contacts": 3, "contacts_since_final": 1, "contacts_explained": 2, "explanations": 2,
        "explanations_rejected": 2, "rejected_in_call": 0, "new_facts_since_final": 0,
    }  # fmt: skip
    assert tree["contacts"][2] == {
        "call_id": "c", "at": "2026-03-05T01:00:00.000000Z", "handler": "chen", "explanations": 0, "rejections": 0,
        "after_final": True,
    }  # fmt: skip
    assert tree["explanations"][0] == {
        "call_id": "a", "at": "2026-03-02T01:05:00.000000Z", "handler": "li", "topic": "费用",
        "text": "协议第 7 条写明，开通后不退费。", "rejected": True, "rejected_at": "2026-03-02T01:06:00.000000Z",
        "objection": "没人告诉过我",
    }  # fmt: skip
    assert tree["final_result"] == {
        "call_id": "desk:7", "at": "2026-03-04T01:00:00.000000Z", "by": "zhao", "text": "维持原收费，不予退费。",
    }  # fmt: skip
    assert (tree["opened_at"], tree["first_handler"]) == ("2026-03-02T01:00:00.000000Z", "li")
    assert tree["reopening"]["event"] == "new_fact"
    assert tree["reopening"]["new_facts"] == []
    assert [(step["rejections"], step["effect"], step["script"]) for step in tree["next"]] == [
        (0, "accept", None),
        (0, "continue", "explain.result"),
        (1, "explain", "explain.result"),
        (3, "hang_up_politely", "closing.result"),
    ]
    assert tree["next"][2]["tell"] == {"zh-CN": "未被接受 1 次", "en": "rejected: 1"}


def test_the_json_of_a_case_of_which_nothing_is_known() -> None:
    tree = card_to_dict(Told().card(caller=None))

    VALIDATOR.validate(tree)
    assert {key: tree[key] for key in ("caller", "opened_at", "first_handler", "final_result", "normal_caller")} == {
        "caller": None, "opened_at": None, "first_handler": None, "final_result": None, "normal_caller": True,
    }  # fmt: skip
    assert set(tree["totals"].values()) == {0}


def test_a_new_fact_of_the_desk_is_listed() -> None:
    case = explained_twice()
    case.tell(4 * DAY, "desk:8", NewFact, "zhao", case_id="k1", text="new paper")

    tree = card_to_dict(case.card())

    assert (tree["status"], tree["normal_caller"]) == ("reopened", True)
    assert tree["reopening"]["new_facts"] == [
        {
            "call_id": "desk:8",
            "at": "2026-03-06T01:00:00.000000Z",
            "by": "zhao",
            "text": "new paper",
            "since_final": True,
        }
    ]


def test_the_published_schema_is_the_one_that_the_code_gives() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == card_schema(), "run `callpolicy schema`"


def test_the_schema_is_a_schema_and_every_key_says_what_it_is_for() -> None:
    Draft202012Validator.check_schema(card_schema())

    assert list(undescribed(card_schema(), "card")) == []


def undescribed(node: Any, path: str) -> Sequence[str]:
    found: list[str] = []
    if isinstance(node, dict):
        properties = node.get("properties", {})
        found += [f"{path}.{key}" for key, value in properties.items() if not value.get("description")]
        for key, value in node.items():
            found += undescribed(value, f"{path}/{key}")
    elif isinstance(node, list):
        for value in node:
            found += undescribed(value, path)
    return found


@pytest.mark.parametrize("broken", [{"status": "closed"}, {"at": 5}, {"surprise": 1}, {"next": [{}]}, {"totals": {}}])
def test_the_schema_refuses_what_is_no_card(broken: dict[str, object]) -> None:
    tree = {**card_to_dict(explained_twice().card()), **broken}

    with pytest.raises(ValidationError):
        VALIDATOR.validate(tree)


@given(case_events, st.integers(0, 14), st.sampled_from([None, "a", "d"]))
def test_every_case_has_a_card_that_counts_as_its_story_does(events: list[Event], at: int, call_id: str | None) -> None:
    record = CaseRecord("k1")
    for event in events:
        record.receive(event)
    story = record.story(at)

    card = card_of(story, NORM, caller=None, at=at, call_id=call_id)

    tree = json.loads(json.dumps(card_to_dict(card)))
    VALIDATOR.validate(tree)
    totals = tree["totals"]
    assert totals["explanations"] == len(tree["explanations"]) == len(story.explanations)
    assert totals["explanations_rejected"] == sum(each["rejected"] for each in tree["explanations"])
    assert totals["contacts"] == len(tree["contacts"])
    assert totals["contacts_since_final"] == sum(each["after_final"] for each in tree["contacts"])
    assert totals["new_facts_since_final"] == sum(each["since_final"] for each in tree["reopening"]["new_facts"])
    assert card_text(card, "zh-CN").startswith("个案 k1 · ")


@pytest.mark.parametrize("bundle", [NORM, STARTER], ids=["small", "starter"])
@given(events=case_events, at=st.integers(0, 14))
def test_no_restriction_rests_on_a_case_without_a_final_result_that_stands(
    bundle: Any, events: list[Event], at: int
) -> None:
    record = CaseRecord("k1")
    for event in events:
        record.receive(event)
    story = record.story(at)

    card = card_of(story, bundle, caller=None, at=at)

    assert card.normal_caller is (story.status is not CaseStatus.FINAL)
    if card.normal_caller:
        assert not [step for step in card.steps if step.effect in RESTRICTIVE or step.effect is Effect.EXPLAIN]


def test_a_card_is_not_made_for_an_instant_before_its_story() -> None:
    story = CaseRecord("k1").story(START + MINUTE)

    with pytest.raises(UsageError, match="before that of its story"):
        card_of(story, NORM, caller=None, at=START)


def test_the_starter_norm_explains_twice_and_then_closes() -> None:
    case = explained_twice()
    fourth = card_to_dict(case.card(of=STARTER))

    assert [(step["point"], step["rejections"], step["effect"], step["script"]) for step in fourth["next"]] == [
        ("offered", 0, "divert", "greeting.repeat_complaint"),
        ("in_call", 0, "explain", "explain.final_result"),
        ("in_call", 2, "hang_up_politely", "closing.final_result"),
    ]
    assert fourth["next"][2]["say"] == dict(STARTER.scripts["closing.final_result"].caller)


def test_the_starter_norm_lets_the_first_contact_after_the_result_ask() -> None:
    card = explained_twice().card(of=STARTER, call_id="c")

    assert [(step.rejections, str(step.effect), step.script, step.from_later) for step in card.steps] == [
        (0, "accept", None, False),
        (0, "continue", "explain.final_result", True),
        (1, "explain", "explain.final_result", False),
        (2, "hang_up_politely", "closing.final_result", False),
    ]


def test_what_handlers_wrote_stands_on_the_card_and_in_no_fact() -> None:
    case = Told()
    linked(case, 0, "a", "li")
    for minute, made in enumerate((Explained, ExplanationRejected, FinalResult, NewFact), 1):
        case.tell(minute, "a", made, text="SECRET")

    values, courses = case.record.facts(START + 9 * MINUTE)

    assert "SECRET" not in repr((values, courses))
    assert json.dumps(card_to_dict(case.card())).count("SECRET") == 4
