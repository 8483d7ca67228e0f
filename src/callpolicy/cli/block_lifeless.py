"""Blocklist entries that were put without a life: how `block list` and `show` tell them, and how they are lifted."""

from __future__ import annotations

from typing import Any

from callpolicy.cli.allow_list import acts_on, show_acts
from callpolicy.cli.block_story import labelled
from callpolicy.cli.block_texts import free_text, one_line, said
from callpolicy.cli.block_words import clock
from callpolicy.cli.governed import Sitting
from callpolicy.cli.terminal import heading, show, show_json
from callpolicy.cli.whom import shown, subject_tree
from callpolicy.instants import instant_text
from callpolicy.lifecycle import Lift
from callpolicy.lists import Entry
from callpolicy.runtime.lifeless import is_over, who_may_lift


def state_of_entry(entry: Entry, sit: Sitting) -> str | None:
    """`active`, `lifted` or `expired`; `None` for what begins later."""
    if entry.holds(sit.at):
        return "active"
    if not is_over(entry, sit.at):
        return None
    return "lifted" if entry.taken_back else "expired"


def state_words_of(entry: Entry, sit: Sitting) -> str:
    """The state of an entry in words."""
    return said(state_of_entry(entry, sit) or "later", sit.language)


def until_words_of(entry: Entry, sit: Sitting) -> str:
    """Until when an entry holds, or when it ended."""
    return said("no_end", sit.language) if entry.until is None else clock(entry.until, sit)


def lifeless_tree(entry: Entry, sit: Sitting) -> dict[str, Any]:
    """An entry as JSON takes it, by the names that a block has."""
    return {
        "id": one_line(entry.entry_id),
        "state": state_of_entry(entry, sit),
        "holds": entry.holds(sit.at),
        "lifeless": True,
        "subject": subject_tree(entry.subject, sit.clear),
        "since": instant_text(entry.since),
        "until": None if entry.until is None else instant_text(entry.until),
        "proposed_by": one_line(entry.owner),
        "owner": one_line(entry.owner),
        "reason": free_text(entry.reason),
        "evidence": [one_line(each) for each in entry.evidence],
        "waits_for": [],
    }


def show_lifeless(sit: Sitting, entry: Entry) -> None:
    """Print an entry with what was done with it here."""
    acts = acts_on(sit, entry.entry_id, {Lift.name})
    if sit.as_json:
        show_json({**lifeless_tree(entry, sit), "acts": acts})
        return
    _show_brief(sit, entry)
    show_acts(sit, acts)


def show_lifted(sit: Sitting, entry: Entry) -> None:
    """Print how an entry stands after it was lifted."""
    if sit.as_json:
        show_json({"block": lifeless_tree(entry, sit)})
        return
    _show_brief(sit, entry)


def _show_brief(sit: Sitting, entry: Entry) -> None:
    head = heading(f"{one_line(entry.entry_id)}  {state_words_of(entry, sit)}")
    over = is_over(entry, sit.at)
    rows = [
        ("whom", shown(entry.subject, sit.language, sit.clear)),
        ("since", clock(entry.since, sit)),
        ("ended" if over else "until", until_words_of(entry, sit)),
        ("reason", free_text(entry.reason)),
        ("owner", one_line(entry.owner)),
    ]
    if entry.evidence:
        rows.append(("evidence", ", ".join(one_line(each) for each in entry.evidence)))
    rows.append(("mark", said("no_life.why", sit.language)))
    if not over:
        rows.append(("next", _command(entry, sit)))
    show(head, *labelled([(said(label, sit.language), told) for label, told in rows]))


def _command(entry: Entry, sit: Sitting) -> str:
    _, roles = who_may_lift(entry, sit.governance)
    role = f" --role {roles[0]}" if roles and not sit.governance.staff else ""
    return f"callpolicy block lift {one_line(entry.entry_id)} --reason … --as …{role}"
