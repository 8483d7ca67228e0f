"""The JSON Schema of a card."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import By
from callpolicy.reports.card import FORMAT
from callpolicy.session import CaseStatus

_Tree: TypeAlias = dict[str, Any]

_TEXTS: Final[_Tree] = {"type": "object", "additionalProperties": {"type": "string"}}


def card_schema() -> _Tree:
    """The JSON Schema of what `card_to_dict` gives.

    Source: JSON Schema, draft 2020-12.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "card.schema.json",
        "title": "the second-handler card of a complaint case",
        **_closed(
            {
                "format": {"const": FORMAT, "description": "Number of this form."},
                "case_id": _text("The complaint case."),
                "at": _instant("For which instant the card was made."),
                "call_id": _or_null(_text("The call that it is for, if that is known.")),
                "caller": _or_null(_text("Who calls, masked.")),
                "status": _one_of(CaseStatus, "How the case stands."),
                "status_text": {**_TEXTS, "description": "The same in words, per language."},
                "normal_caller": _flag("The caller is normal as far as this case goes: no restriction may rest on it."),
                "opened_at": _or_null(_instant("The first instant on record.")),
                "first_handler": _or_null(_text("Who took the first contact and stays responsible.")),
                "totals": _totals(),
                "contacts": _list(_contact(), "The contacts, in order."),
                "explanations": _list(_explanation(), "What was explained, in order."),
                "final_result": {
                    **_or_null(_result()),
                    "description": "The final result that stands, if there is one.",
                },
                "reopening": _reopening(),
                "next": _list(_step(), "What the norm says as the contact comes in, and then on the call."),
                "revision": _text("The norm that says so."),
                "time_zone": _text("IANA name of the centre's zone."),
            }
        ),
    }


def _totals() -> _Tree:
    return _closed(
        {
            "contacts": _count("Contacts about the case."),
            "contacts_since_final": _count("Contacts since the final result."),
            "contacts_explained": _count("Contacts in which something was explained."),
            "explanations": _count("Explanations, over all contacts."),
            "explanations_rejected": _count("Explanations that were not accepted."),
            "rejected_in_call": _count("Explanations that were not accepted in the call of the card."),
            "new_facts_since_final": _count("New facts since the final result."),
        },
        "How often.",
    )


def _contact() -> _Tree:
    return _closed(
        {
            "call_id": _text("The call."),
            "at": _instant("When it was linked to the case."),
            "handler": _or_null(_text("Who took it first.")),
            "explanations": _count("Explanations that were given in it."),
            "rejections": _count("Those that were not accepted."),
            "after_final": _flag("It came after the final result that stands."),
        }
    )


def _explanation() -> _Tree:
    return _closed(
        {
            "call_id": _text("The call, or a name for where it was given outside any call."),
            "at": _instant("When it was given."),
            "handler": _or_null(_text("Who gave it.")),
            "topic": _or_null(_text("What it was about.")),
            "text": _or_null(_text("What was explained, in the handler's words.")),
            "rejected": _flag("The caller did not accept it."),
            "rejected_at": _or_null(_instant("When the caller said so.")),
            "objection": _or_null(_text("What the caller objected, in the handler's words.")),
        }
    )


def _result() -> _Tree:
    return _closed(
        {
            "call_id": _text("The call, or a name for where it was recorded outside any call."),
            "at": _instant("When it was recorded."),
            "by": _or_null(_text("Who recorded it.")),
            "text": _or_null(_text("What it is.")),
        }
    )


def _reopening() -> _Tree:
    new_fact = {
        "call_id": _text("The call, or a name for where it was recorded outside any call."),
        "at": _instant("When it was recorded."),
        "by": _or_null(_text("Who recorded it.")),
        "text": _or_null(_text("What is new.")),
        "since_final": _flag("It came after the final result that stands, so that it re-opens the case."),
    }
    return _closed(
        {
            "event": {"const": "new_fact", "description": "The event that re-opens the case."},
            "how": {**_TEXTS, "description": "How it is recorded, per language."},
            "new_facts": _list(_closed(new_fact), "The new facts that there are, in order."),
        },
        "What re-opens the case.",
    )


def _step() -> _Tree:
    return _closed(
        {
            "point": _one_of(DecisionPoint, "`offered` as the contact comes in, `in_call` afterwards."),
            "rejections": _count("From how many rejected explanations in this call on."),
            "effect": _one_of(Effect, "What is to be done."),
            "by": _one_of(By, "Who does it."),
            "to": _or_null(_text("Whom to, for `divert` and `escalate`.")),
            "script": _or_null(_text("The script to say.")),
            "say": {**_TEXTS, "description": "What the caller is told, per language."},
            "tell": {**_TEXTS, "description": "What the agent is told, per language."},
            "rules": _list({"type": "string"}, "The rules that say so; none if nothing matched."),
            "from_later": _flag("The script is that of a later step; the norm asks for none yet."),
        }
    )


def _closed(properties: _Tree, description: str = "") -> _Tree:
    told = {"description": description} if description else {}
    return {
        "type": "object",
        **told,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _text(description: str) -> _Tree:
    return {"type": "string", "description": description}


def _flag(description: str) -> _Tree:
    return {"type": "boolean", "description": description}


def _count(description: str) -> _Tree:
    return {"type": "integer", "minimum": 0, "description": description}


def _instant(description: str) -> _Tree:
    return {"type": "string", "format": "date-time", "description": description}


def _list(items: _Tree, description: str) -> _Tree:
    return {"type": "array", "items": items, "description": description}


def _one_of(words: type[CaseStatus | DecisionPoint | Effect | By], description: str) -> _Tree:
    return {"enum": [str(word) for word in words], "description": description}


def _or_null(tree: _Tree) -> _Tree:
    described = {"description": tree["description"]} if "description" in tree else {}
    rest = {key: value for key, value in tree.items() if key != "description"}
    return {"anyOf": [rest, {"type": "null"}], **described}
