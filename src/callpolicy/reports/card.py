"""The second-handler card: what whoever takes the next call about a case must know (NORM 2.3, 2.4, 5.3).

`card_of` puts a case and a norm together, `card_to_dict` writes it as JSON (`schemas/card.schema.json`), and
`callpolicy.reports.card_text.card_text` as text for a terminal.

A host that has an `Engine` makes the card from the engine's own store and norm; `callpolicy card` does the same:

>>> from callpolicy import Engine
>>> engine = Engine()
>>> call, at = engine.call("c1"), 1_772_413_200_000_000
>>> decisions = [call.offer(at=at), call.observe("case_linked", at=at, case_id="K-7")]
>>> record = engine.store.case("K-7")
>>> card = card_of(record.story(at), engine.bundle, caller=None, at=at, call_id="c1")
>>> str(card.story.status), len(card.story.contacts), card.normal_caller
('open', 1, True)

`engine.store.case` gives `None` for a case that no call was ever linked to. Whom the card calls the caller is masked by
the host, see `callpolicy.numbering.mask_number`.

A card holds what handlers wrote down, which may be personal: it is for the person who takes the call, and nothing keeps
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from callpolicy.errors import UsageError
from callpolicy.instants import instant_text
from callpolicy.points import DecisionPoint
from callpolicy.policy import Bundle, Texts
from callpolicy.reports.next_steps import Step, next_steps
from callpolicy.session import CaseContact, CaseExplanation, CaseNewFact, CaseStatus, CaseStory

FORMAT: Final = 1
"""Number of the JSON form."""

STATUS_TEXTS: Final[Mapping[CaseStatus, Texts]] = {
    CaseStatus.OPEN: {"zh-CN": "处理中，没有最终结论", "en": "open, no final result"},
    CaseStatus.FINAL: {"zh-CN": "已有最终结论，没有新事实", "en": "final result given, nothing new since"},
    CaseStatus.REOPENED: {"zh-CN": "有新事实，已重新受理", "en": "re-opened by a new fact"},
}
"""How a case stands, in words."""

REOPENING_TEXTS: Final[Mapping[CaseStatus, Texts]] = {
    CaseStatus.OPEN: {
        "zh-CN": "个案没有最终结论，无需重新受理。客户有新情况的，登记“新事实”（new_fact）并写明内容。",
        "en": "There is no final result, so there is nothing to re-open. If the caller brings something new, "
        "record it as `new_fact` and write down what it is.",
    },
    CaseStatus.FINAL: {
        "zh-CN": "客户有新的情况或材料的，登记“新事实”（new_fact）并写明内容，个案随即重新受理，客户恢复为常规客户。",
        "en": "if the caller brings something new, record it as `new_fact` and write down what it is: the case is open "
        "again at once, and the caller is a normal caller.",
    },
    CaseStatus.REOPENED: {
        "zh-CN": "个案已经重新受理。还有新情况的，同样登记“新事实”（new_fact）并写明内容。",
        "en": "The case is open again already. If there is more, record it as another `new_fact`.",
    },
}
"""What would re-open a case, and how it is recorded."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the next handler of a case sees.

    Args:
        story: the case: contacts, explanations, final result, new facts.
        at: the instant for which it was made.
        call_id: the call that it is for, if that is known.
        caller: who calls, masked already, or `None`.
        steps: what the norm says as the contact comes in and then on the call.
        revision: the norm that says so.
        time_zone: IANA name of the centre's zone.
        roles: titles of the roles that steps may name, per language.

    Units: instants are microseconds since 1970-01-01T00:00:00Z.
    """

    story: CaseStory
    at: int
    call_id: str | None
    caller: str | None
    steps: tuple[Step, ...]
    revision: str
    time_zone: str
    roles: Mapping[str, Texts] = field(hash=False)

    @property
    def normal_caller(self) -> bool:
        """Whether the caller is a normal one as far as this case goes: no restriction may rest on it (NORM 2.4)."""
        return self.story.status is not CaseStatus.FINAL

    @property
    def contacts_explained(self) -> int:
        """In how many contacts something was explained."""
        return sum(contact.explanations > 0 for contact in self.story.contacts)

    @property
    def current(self) -> Step | None:
        """Where the call that the card is for has come to; `None` if it is no contact of the case yet."""
        if all(contact.call_id != self.call_id for contact in self.story.contacts):
            return None
        reached = [
            step
            for step in self.steps
            if step.point is DecisionPoint.IN_CALL and step.rejections <= self.rejected_in_call
        ]
        return reached[-1] if reached else None

    @property
    def rejected_in_call(self) -> int:
        """How many explanations of the case were not accepted in the call that the card is for."""
        return sum(contact.rejections for contact in self.story.contacts if contact.call_id == self.call_id)


def card_of(story: CaseStory, bundle: Bundle, *, caller: str | None, at: int, call_id: str | None = None) -> Card:
    """The card of a case for whoever takes the next call. Pure: the same arguments give the same card.

    Args:
        story: the case, as `CaseRecord.story(at)` tells it.
        bundle: a checked norm; the scripts and the steps are those that it gives, see `next_steps`.
        caller: who calls, as it may be shown: masked by whoever knows how; `None` to show nobody.
        at: the instant for which the card is made, in microseconds; not before `story.at`.
        call_id: the call that it is for; if the story has it as a contact already, it is not counted a second time.

    Raises:
        UsageError: `at` is before the instant of the story, so that the card would know the future.
    """
    if at < story.at:
        raise UsageError("a card cannot be made for an instant before that of its story")
    steps = next_steps(story, bundle, at=at, call_id=call_id)
    named = {step.to for step in steps}
    declared = bundle.governance.roles if bundle.governance is not None else {}
    roles = {name: titles for name, titles in declared.items() if name in named}
    return Card(story, at, call_id, caller, steps, bundle.revision, bundle.settings.time_zone, roles)


def card_to_dict(card: Card) -> dict[str, Any]:
    """The JSON form of a card as plain values; see `schemas/card.schema.json`.

    Texts are whole, instants are RFC 3339 in UTC.
    """
    story = card.story
    result = story.final_result
    return {
        "format": FORMAT,
        "case_id": story.case_id,
        "at": instant_text(card.at),
        "call_id": card.call_id,
        "caller": card.caller,
        "status": str(story.status),
        "status_text": dict(STATUS_TEXTS[story.status]),
        "normal_caller": card.normal_caller,
        "opened_at": _instant(story.opened_at),
        "first_handler": story.first_handler,
        "totals": {
            "contacts": len(story.contacts),
            "contacts_since_final": story.contacts_since_final,
            "contacts_explained": card.contacts_explained,
            "explanations": len(story.explanations),
            "explanations_rejected": story.explanations_rejected,
            "rejected_in_call": card.rejected_in_call,
            "new_facts_since_final": story.new_facts_since_final,
        },
        "contacts": [_contact(each) for each in story.contacts],
        "explanations": [_explanation(each) for each in story.explanations],
        "final_result": None
        if result is None
        else {"call_id": result.call_id, "at": instant_text(result.at), "by": result.by, "text": result.text},
        "reopening": {
            "event": "new_fact",
            "how": dict(REOPENING_TEXTS[story.status]),
            "new_facts": [_new_fact(each) for each in story.new_facts],
        },
        "next": [_step(each) for each in card.steps],
        "revision": card.revision,
        "time_zone": card.time_zone,
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else instant_text(at)


def _contact(contact: CaseContact) -> dict[str, Any]:
    return {
        "call_id": contact.call_id,
        "at": instant_text(contact.at),
        "handler": contact.handler,
        "explanations": contact.explanations,
        "rejections": contact.rejections,
        "after_final": contact.after_final,
    }


def _explanation(each: CaseExplanation) -> dict[str, Any]:
    return {
        "call_id": each.call_id,
        "at": instant_text(each.at),
        "handler": each.handler,
        "topic": each.topic,
        "text": each.text,
        "rejected": each.rejected,
        "rejected_at": _instant(each.rejected_at),
        "objection": each.objection,
    }


def _new_fact(each: CaseNewFact) -> dict[str, Any]:
    return {
        "call_id": each.call_id,
        "at": instant_text(each.at),
        "by": each.by,
        "text": each.text,
        "since_final": each.since_final,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "point": str(step.point),
        "rejections": step.rejections,
        "effect": str(step.effect),
        "by": str(step.by),
        "to": step.to,
        "script": step.script,
        "say": dict(step.say),
        "tell": dict(step.tell),
        "rules": list(step.rules),
        "from_later": step.from_later,
    }
