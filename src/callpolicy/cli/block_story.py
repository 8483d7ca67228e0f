"""`callpolicy block show`: the life of a block as a story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from callpolicy.cli.block_texts import free_text, one_line, said, term_word
from callpolicy.cli.block_words import block_tree, brief_rows, clock, state_words, term_text
from callpolicy.cli.governed import Sitting, decided_at, role_words
from callpolicy.cli.list_import import IMPORTED
from callpolicy.cli.options import Language
from callpolicy.cli.terminal import heading, is_roomy, screen, show, show_json, show_table, wrapped
from callpolicy.errors import UsageError
from callpolicy.instants import instant_text
from callpolicy.lifecycle import OVER, Block, Footing, Move, Propose, Step, ended_at, footing_at, state_at
from callpolicy.lists import ListName
from callpolicy.reports import Column, Table
from callpolicy.runtime.lifeless import lifeless

_NARROWEST = 20


def labelled(rows: list[tuple[str, str]]) -> Iterator[str]:
    """Labels and texts, the texts one below the other; a long one goes on under itself."""
    most = max((cell_len(label) for label, _ in rows), default=0)
    room = max(_NARROWEST, screen().width - most - 4)
    for label, told in rows:
        # WHY not wrapped: a command is copied as it stands.
        lines = [told] if told.startswith("callpolicy ") else wrapped(told, room).splitlines() or [""]
        for place, line in enumerate(lines):
            name = label if place == 0 else ""
            yield f"  {name}{' ' * (most - cell_len(name))}  {line}"


def show_story(sit: Sitting, block_id: str) -> None:
    """Print the whole life of a block, or an entry that was put without one.

    Raises:
        UsageError: there is no such block.
    """
    listed = sit.store.listed(block_id)
    block = None if listed is None else listed.block
    entry = lifeless(listed)
    if entry is not None:
        from callpolicy.cli.block_lifeless import show_lifeless

        show_lifeless(sit, entry)
        return
    if block is None:
        allowed = listed is not None and listed.entry is not None and listed.entry.on is ListName.ALLOWLIST
        where = "`callpolicy allow show`" if allowed else "`callpolicy block list`"
        raise UsageError(f"there is no block of that id; see {where}")
    if sit.as_json:
        show_json(_story_tree(block, sit))
        return
    language = sit.language
    show(heading(f"{one_line(block.block_id)}  {state_words(block, sit)}"), *labelled(brief_rows(block, sit)))
    zone = said("zone", language, zone=sit.bundle.settings.time_zone)
    show("", zone)
    names = ("when", "who", "did", "because", "led_to")
    columns = tuple(Column(said(name, language), whole=name == "did" and is_roomy()) for name in names)
    rows = [_step_row(step, sit) for step in block.steps if step.act.at <= sit.at]
    end = ended_at(block, sit.at)
    if end is not None and str(end.why) != "lifted":
        state = said(str(end.state), language)
        rows.append((clock(end.at, sit), said("nobody", language), said(f"end.{end.why}", language), "", state))
    show_table(Table("", columns, tuple(rows)))
    to_come = [(clock(each.at, sit), each.text) for each in _to_come(block, sit)]
    if to_come:
        show("", heading(said("to_come", language)), *labelled(to_come))


def _step_row(step: Step, sit: Sitting) -> tuple[str, ...]:
    act, language = step.act, sit.language
    who = said("system", language) if act.by.person is None else one_line(act.by.person)
    roles = sorted(act.by.roles)
    if roles:
        who += "\n" + "\n".join(role_words([role], sit.governance, language) for role in roles)
    did = said(f"act.{step.move}", language)
    term = getattr(act, "term", None)
    if term is not None:
        did += "\n" + term_word(term_text(term), language)
    return (clock(act.at, sit), who, did, "\n".join(_why(step, sit)), said(str(step.footing.state), language))


def _why(step: Step, sit: Sitting) -> Iterator[str]:
    yield free_text(step.act.reason)
    for each in step.act.evidence:
        recorded = decided_at(sit.store, each.decision_id) is not None
        imported = isinstance(step.act, Propose) and step.act.block_id.startswith(IMPORTED)
        key = "on_record" if recorded else "row_of_file" if imported else "not_on_record"
        yield said(key, sit.language, id=one_line(each.decision_id), at=clock(each.at, sit))


@dataclass(frozen=True, slots=True)
class _Deadline:
    """Something that comes if nothing is done before.

    Args:
        at: when.
        what: `review_due`, `review_overdue`, `unconfirmed`, `appeal_overdue` or `until`.
        lifts: whether the block is lifted then.
        text: the same in words.
    """

    at: int
    what: str
    lifts: bool
    text: str


def _to_come(block: Block, sit: Sitting) -> list[_Deadline]:
    """The deadlines that can still come, the first one first."""
    footing, state = footing_at(block, sit.at), state_at(block, sit.at)
    if footing is None or state is None or state in OVER or footing.since is None:
        return []
    found = [each for each in _deadlines(footing, sit.language) if each.at > sit.at]
    if footing.until is not None:
        # WHY: the block is over by then, and nobody need review what is over.
        found = [each for each in found if each.at < footing.until or each.what == "until"]
    return sorted(found, key=lambda each: each.at)


def _deadlines(footing: Footing, language: Language) -> Iterator[_Deadline]:
    def one(at: int | None, what: str, *, lifts: bool = False, key: str = "") -> Iterator[_Deadline]:
        if at is not None:
            told = said(f"come.{key or what}{'_lifts' if lifts else ''}", language)
            yield _Deadline(at, what, lifts, told)

    yield from one(footing.confirm_by, "unconfirmed", lifts=True)
    if footing.review is not None:
        yield from one(footing.review.due, "review_due")
        yield from one(footing.review.by, "review_overdue", lifts=footing.review.lifts)
    if footing.appeal is not None:
        yield from one(footing.appeal.by, "appeal_overdue", lifts=footing.appeal.lifts)
    yield from one(footing.until, "until", key="until" if footing.extension is None else "until_anyway")


def _story_tree(block: Block, sit: Sitting) -> dict[str, Any]:
    acts = [_step_tree(step, sit) for step in block.steps if step.act.at <= sit.at]
    to_come = [
        {"at": instant_text(each.at), "what": each.what, "lifts": each.lifts, "text": each.text}
        for each in _to_come(block, sit)
    ]
    return {**block_tree(block, sit), "acts": acts, "to_come": to_come}


def _step_tree(step: Step, sit: Sitting) -> dict[str, Any]:
    act = step.act
    term = getattr(act, "term", None)
    return {
        "act": act.name,
        "move": str(step.move),
        "at": instant_text(act.at),
        "by": act.by.person,
        "roles": sorted(act.by.roles),
        "reason": free_text(act.reason),
        "term": None if term is None else term_text(term),
        "evidence": [
            {
                "id": one_line(each.decision_id),
                "at": instant_text(each.at),
                "on_record": decided_at(sit.store, each.decision_id) is not None,
            }
            for each in act.evidence
        ],
        "led_to": str(step.footing.state),
        "second_person_needed": step.move is Move.CONFIRM_FIRST,
    }
