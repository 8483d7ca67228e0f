"""What the desk records of a complaint case outside a call: an explanation, a final result, a new fact.

Whoever does it needs a role that the norm names; a refusal says by which rule and what to do, with exit code 1. What
was recorded stands in the audit trail, and the answer says in words what is different now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from callpolicy.cli.case_ids import CaseArgument
from callpolicy.cli.case_texts import said
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import (
    ActingOption,
    JsonOption,
    Language,
    LanguageOption,
    RoleOption,
    RulesOption,
    StoreOption,
    WhenOption,
    language_of_environment,
)
from callpolicy.cli.state import at_desk, instant_of, look_at_clock, norm, opened
from callpolicy.errors import GovernanceError

if TYPE_CHECKING:
    from callpolicy.session import CaseStory

TextOption = Annotated[str, typer.Option("--text", metavar="TEXT", help="What it is, for people.", show_default=False)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who acts, where, when, and how the answer is to be shown."""

    person: str
    roles: Sequence[str] | None
    store: str | None
    rules: Path | None
    at: str | None
    as_json: bool
    language: Language | None


def result(  # noqa: PLR0913, PLR0917 - the options of a command
    case: CaseArgument,
    text: TextOption,
    person: ActingOption,
    role: RoleOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Record the explicit final result of a case, outside any call."""
    _record("result", case, text, _Asked(person, role, store, rules, at, as_json, language))


def new_fact(  # noqa: PLR0913, PLR0917 - the options of a command
    case: CaseArgument,
    text: TextOption,
    person: ActingOption,
    role: RoleOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Record something new in a case, outside any call; after a final result it opens the case again."""
    _record("new_fact", case, text, _Asked(person, role, store, rules, at, as_json, language))


def explain_case(  # noqa: PLR0913, PLR0917 - the options of a command
    case: CaseArgument,
    text: TextOption,
    person: ActingOption,
    role: RoleOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    at: WhenOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Record an explanation that was given outside any call, for example in a letter."""
    _record("explain", case, text, _Asked(person, role, store, rules, at, as_json, language))


def _record(act: str, case: str, text: str, asked: _Asked) -> None:
    from callpolicy.cli.case_ids import found_case, shown_id, told_text
    from callpolicy.cli.governed import look_at_person, tell
    from callpolicy.cli.terminal import screen, show, show_json, wrapped
    from callpolicy.instants import instant_text
    from callpolicy.reports.card_text import one_line
    from callpolicy.reports.times import local_minute

    told_in = asked.language or language_of_environment()
    person, written = told_text(asked.person, "--as"), told_text(text, "--text")
    look_at_person(person, "--as")
    bundle = norm(asked.rules)
    settings = bundle.settings
    try:
        with opened(asked.store) as there:
            when = instant_of(asked.at)
            look_at_clock(when)
            record = found_case(there, case, settings.region)
            desk, actor = at_desk(there, bundle, person, asked.roles)
            told = desk.tell_case(actor, record.case_id, act, written, at=when)
    except GovernanceError as refused:
        tell(refused, bundle, told_in, asked.as_json)
        raise typer.Exit(FINDINGS) from None
    known = max(when, told.last_at)
    change = _Change(act, record.story(known), told.story(known), settings.time_zone)
    shown = shown_id(told.case_id, settings.region)
    if asked.as_json:
        show_json({
            "case_id": shown, "recorded": act, "by": person, "at": instant_text(when),
            "status_before": str(change.before.status), "status": str(change.after.status),
            "normal_caller": change.after.status != "final",
            "changed": {str(each): change.said(each) for each in Language},
        })  # fmt: skip
        return
    minute = f"{local_minute(when, settings.time_zone)} ({settings.time_zone})"
    by = one_line(person, len(person) + 1)
    recorded = said("recorded", told_in, case=shown, what=said(act, told_in), by=by, at=minute)
    show(*(wrapped(each, screen().width) for each in (recorded, change.said(told_in))))


_CHANGES: Final[Mapping[tuple[str, str, str], str]] = {
    ("new_fact", "open", "open"): "nothing_to_reopen",
    ("new_fact", "final", "final"): "before_result",
    ("new_fact", "final", "reopened"): "now_reopened",
    ("result", "open", "final"): "now_final",
    ("result", "open", "reopened"): "final_but_reopened",
    ("result", "final", "final"): "replaced",
    ("result", "reopened", "final"): "closed_again",
}
"""What an act changed, by how the case stood before it and stands after it."""

_STAYS: Final[Mapping[str, str]] = {"open": "still_open", "final": "still_final", "reopened": "still_reopened"}


@dataclass(frozen=True, slots=True)
class _Change:
    """What an act made of a case.

    Args:
        act: what was recorded.
        before: the case without it.
        after: the case with it.
        zone: IANA name of the centre's zone.
    """

    act: str
    before: CaseStory
    after: CaseStory
    zone: str

    def said(self, language: Language) -> str:
        """What is different now, in words."""
        from callpolicy.reports.times import local_minute

        statuses = str(self.before.status), str(self.after.status)
        key = _CHANGES.get((self.act, *statuses)) or _STAYS[statuses[1]]
        result = self.before.final_result
        if key == "replaced" and self.after.final_result == result:
            key = "not_standing"
        when = "" if result is None else local_minute(result.at, self.zone)
        counts = {"count": len(self.after.explanations), "rejected": self.after.explanations_rejected}
        return said(key, language, when=when, **counts)
