"""Complaint cases as tables and JSON: the list of them, and the story of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from callpolicy.cli.case_ids import shown_id
from callpolicy.cli.case_texts import said
from callpolicy.cli.options import Language

if TYPE_CHECKING:
    from callpolicy.policy import Settings
    from callpolicy.reports import Table
    from callpolicy.session import CaseStory

NOBODY: Final = "–"
"""What stands where nothing is known."""

LONGEST_TEXT: Final = 2_000
"""How much of one text a table shows; JSON has it whole. Units: cells of a terminal."""

_LONGEST_NAME: Final = 24


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing of a case, at its place in time.

    Args:
        at: when, in microseconds.
        what: `contact`, `explanation`, `rejection`, `final_result` or `new_fact`.
        by: who, if that is known; `None` of a rejection, which is the caller's.
        call_id: the contact in which it was; `None` outside any.
        topic: of an explanation.
        text: what was said.
        after_result: whether a contact or a new fact came after the final result that stands.
    """

    at: int
    what: str
    by: str | None
    call_id: str | None
    topic: str | None = None
    text: str | None = None
    after_result: bool = False


def happenings(story: CaseStory) -> tuple[Happening, ...]:
    """Everything that a story tells, in order of time."""
    # WHY stable: what happened at one instant stays in the order of cause: linked, explained, rejected, settled.
    return tuple(sorted(_happenings(story), key=lambda each: each.at))


def _happenings(story: CaseStory) -> Iterator[Happening]:
    calls = {contact.call_id for contact in story.contacts}

    def call(call_id: str) -> str | None:
        return call_id if call_id in calls else None

    for contact in story.contacts:
        yield Happening(contact.at, "contact", contact.handler, contact.call_id, after_result=contact.after_final)
    for given in story.explanations:
        inside = call(given.call_id)
        yield Happening(given.at, "explanation", given.handler, inside, given.topic, given.text)
        if given.rejected_at is not None:
            yield Happening(given.rejected_at, "rejection", None, inside, given.topic, given.objection)
    settled = [fact for fact in story.new_facts if not fact.since_final]
    since = [fact for fact in story.new_facts if fact.since_final]
    for fact in settled:
        yield Happening(fact.at, "new_fact", fact.by, call(fact.call_id), text=fact.text)
    if story.final_result is not None:
        result = story.final_result
        yield Happening(result.at, "final_result", result.by, call(result.call_id), text=result.text)
    for fact in since:
        yield Happening(fact.at, "new_fact", fact.by, call(fact.call_id), text=fact.text, after_result=True)


def last_heard(story: CaseStory) -> int | None:
    """When something was last heard of a case; `None` if nothing was."""
    return max((each.at for each in _happenings(story)), default=None)


def last_contact(story: CaseStory) -> int | None:
    """When the last contact about a case was; `None` if there was none."""
    return max((each.at for each in story.contacts), default=None)


# ---- the list


def list_table(stories: Sequence[CaseStory], settings: Settings, language: Language) -> Table:
    """One line for each case, or a few where the terminal is narrow."""
    from callpolicy.cli.block_fit import fitted, stacked
    from callpolicy.cli.terminal import is_roomy
    from callpolicy.reports import Column, Table

    columns = (
        Column(said("case", language), whole=True),
        Column(said("status", language)),
        Column(said("contacts", language), number=True),
        Column(said("explained", language), number=True),
        Column(said("rejected", language), number=True),
        Column(said("first_handler", language)),
        Column(said("last_contact", language), whole=True),
    )
    rows = tuple(_list_row(each, settings, language) for each in stories)
    if is_roomy():
        return fitted(Table("", columns, rows))
    return stacked(columns, rows, ((0, 1), (2,), (3, 4), (5, 6)))


def _list_row(story: CaseStory, settings: Settings, language: Language) -> tuple[str, ...]:
    return (
        shown_id(story.case_id, settings.region),
        said(str(story.status), language),
        str(len(story.contacts)),
        str(len(story.explanations)),
        str(story.explanations_rejected),
        _name(story.first_handler),
        _minute(last_contact(story), settings),
    )


def list_dict(story: CaseStory, settings: Settings) -> dict[str, Any]:
    """One case of a list as plain values."""
    from callpolicy.reports.card import STATUS_TEXTS

    return {
        "case_id": shown_id(story.case_id, settings.region),
        "status": str(story.status),
        "status_text": dict(STATUS_TEXTS[story.status]),
        "opened_at": _instant(story.opened_at),
        "first_handler": story.first_handler,
        "contacts": len(story.contacts),
        "contacts_since_final": story.contacts_since_final,
        "explanations": len(story.explanations),
        "explanations_rejected": story.explanations_rejected,
        "new_facts_since_final": story.new_facts_since_final,
        "last_contact_at": _instant(last_contact(story)),
        "last_heard_at": _instant(last_heard(story)),
    }


# ---- the story


def story_head(story: CaseStory, settings: Settings, language: Language) -> tuple[str, ...]:
    """How a case stands, in a few lines."""
    from callpolicy.reports.card import STATUS_TEXTS
    from callpolicy.reports.card_words import words
    from callpolicy.session import CaseStatus

    def word(key: str, **values: object) -> str:
        return words(key, str(language), **values)

    zone = word("times", zone=settings.time_zone)
    case = word("case", case=shown_id(story.case_id, settings.region))
    first = f"{case} · {STATUS_TEXTS[story.status][language]} · {zone}"
    if story.opened_at is None:
        return (first, word("nothing"))
    handler = story.first_handler
    who = word("no_first_handler") if handler is None else word("first_handler", who=_name(handler))
    contacts = word("contacts", count=len(story.contacts), since=_minute(story.opened_at, settings))
    if story.final_result is not None:
        contacts += word("contacts_since", count=story.contacts_since_final)
    totals = said("totals", language, count=len(story.explanations), rejected=story.explanations_rejected)
    normal = () if story.status is CaseStatus.FINAL else (said("normal", language),)
    return (first, f"{who} · {contacts}", totals, *normal)


def story_table(story: CaseStory, settings: Settings, language: Language) -> Table:
    """What happened in a case, in order of time."""
    from callpolicy.reports import Column, Table

    places = {contact.call_id: str(place) for place, contact in enumerate(story.contacts, 1)}
    columns = (
        Column(said("time", language), whole=True),
        Column(said("in_contact", language), number=True),
        Column(said("what", language), whole=True),
        Column(said("by", language)),
        Column(said("text", language)),
    )
    rows = tuple(
        (
            _minute(each.at, settings),
            NOBODY if each.call_id is None else places[each.call_id],
            said(each.what, language),
            said("caller", language) if each.what == "rejection" else _name(each.by),
            _text(each, settings, language),
        )
        for each in happenings(story)
    )
    return Table("", columns, rows)


def _text(each: Happening, settings: Settings, language: Language) -> str:
    from callpolicy.reports.card_text import one_line

    if each.what == "contact":
        call = said("call", language, call=shown_id(each.call_id or "", settings.region))
        return call + (said("after_result", language) if each.after_result else "")
    text = one_line(each.text or "", LONGEST_TEXT) or NOBODY
    if each.topic is None or each.what != "explanation":
        return text
    return said("topic", language, topic=_name(each.topic), text=text)


def story_dict(story: CaseStory, settings: Settings) -> dict[str, Any]:
    """A case with its story as plain values. Texts are whole, instants are RFC 3339 in UTC."""
    from callpolicy.instants import instant_text

    return {
        **list_dict(story, settings),
        "at": instant_text(story.at),
        "normal_caller": str(story.status) != "final",
        "story": [
            {
                "at": instant_text(each.at),
                "what": each.what,
                "by": each.by,
                "call_id": None if each.call_id is None else shown_id(each.call_id, settings.region),
                "topic": each.topic,
                "text": each.text,
                "after_result": each.after_result,
            }
            for each in happenings(story)
        ],
        "time_zone": settings.time_zone,
    }


def _name(who: str | None) -> str:
    from callpolicy.reports.card_text import one_line

    return one_line(who or "", _LONGEST_NAME) or NOBODY


def _minute(at: int | None, settings: Settings) -> str:
    from callpolicy.reports.times import local_minute

    return NOBODY if at is None else local_minute(at, settings.time_zone)


def _instant(at: int | None) -> str | None:
    from callpolicy.instants import instant_text

    return None if at is None else instant_text(at)
