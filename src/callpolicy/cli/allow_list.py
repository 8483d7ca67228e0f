"""`callpolicy allow list` and `show`: the allowlist as tables or as JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from callpolicy.cli.block_story import labelled
from callpolicy.cli.block_texts import free_text, one_line, said
from callpolicy.cli.block_words import clock
from callpolicy.cli.governed import Sitting
from callpolicy.cli.terminal import heading, show, show_json, show_table
from callpolicy.cli.whom import shown, subject_tree
from callpolicy.errors import AuditError, UsageError
from callpolicy.instants import instant_text, parse_instant
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.reports import Column, Table
from callpolicy.stores.base import Kept


def show_entries(sit: Sitting, subject: Subject | None, every: bool, limit: int) -> None:
    """Print the allowlist.

    Args:
        sit: the store, the norm, the instant.
        subject: of whom only; `None` for everybody.
        every: whether entries that are over are shown too.
        limit: how many at most.
    """
    listed = sit.store.entries(ListName.ALLOWLIST) if subject is None else sit.store.overlapping(subject)
    entries = [each.entry for each in listed if each.entry is not None and each.entry.on is ListName.ALLOWLIST]
    chosen = [each for each in entries if every or each.until is None or each.until > sit.at]
    chosen.sort(key=lambda each: (-each.since, each.entry_id))
    taken = chosen[:limit]
    if sit.as_json:
        show_json({"total": len(chosen), "entries": [entry_tree(each, sit) for each in taken]})
        return
    language = sit.language
    count = len(chosen) or said("none", language)
    show(heading(said("counted", language, title=said("title.allow", language), count=count)))
    if not chosen:
        return
    zone = said("zone", language, zone=sit.bundle.settings.time_zone)
    more = "" if len(taken) == len(chosen) else said("shown_of", language, shown=len(taken), total=len(chosen))
    show(f"{zone}  {more}".rstrip())
    names = ("id", "whom", "state", "since", "until", "owner", "reason")
    columns = tuple(Column(said(name, language), whole=name in {"id", "whom"}) for name in names)
    show_table(Table("", columns, tuple(_row(each, sit) for each in taken)))


def _row(entry: Entry, sit: Sitting) -> tuple[str, ...]:
    return (
        one_line(entry.entry_id),
        shown(entry.subject, sit.language, sit.clear),
        _state(entry, sit),
        clock(entry.since, sit),
        _until(entry, sit),
        one_line(entry.owner),
        free_text(entry.reason),
    )


def _state(entry: Entry, sit: Sitting) -> str:
    if entry.holds(sit.at):
        return said("holds", sit.language)
    return said("later" if entry.since > sit.at else "over", sit.language)


def _until(entry: Entry, sit: Sitting) -> str:
    return said("no_end", sit.language) if entry.until is None else clock(entry.until, sit)


def entry_rows(entry: Entry, sit: Sitting) -> list[tuple[str, str]]:
    """An entry as labels and texts."""
    rows = [
        ("whom", shown(entry.subject, sit.language, sit.clear)),
        ("since", clock(entry.since, sit)),
        ("until", _until(entry, sit)),
        ("owner", one_line(entry.owner)),
        ("reason", free_text(entry.reason)),
    ]
    return [(said(label, sit.language), told) for label, told in rows]


def entry_tree(entry: Entry, sit: Sitting) -> dict[str, Any]:
    """An entry as JSON takes it."""
    return {
        "id": entry.entry_id,
        "holds": entry.holds(sit.at),
        "subject": subject_tree(entry.subject, sit.clear),
        "since": instant_text(entry.since),
        "until": None if entry.until is None else instant_text(entry.until),
        "owner": one_line(entry.owner),
        "reason": free_text(entry.reason),
    }


def show_whole(sit: Sitting, entry_id: str) -> None:
    """Print an entry with what was done with it.

    Raises:
        UsageError: there is no such entry.
    """
    entry = sit.store.entry(entry_id)
    if entry is None or entry.on is not ListName.ALLOWLIST:
        raise UsageError("there is no allowlist entry of that id; see `callpolicy allow list`")
    acts = acts_on(sit, entry_id, {"allow", "disallow"})
    if sit.as_json:
        show_json({**entry_tree(entry, sit), "acts": acts})
        return
    show(heading(f"{one_line(entry.entry_id)}  {_state(entry, sit)}"), *labelled(entry_rows(entry, sit)))
    show_acts(sit, acts)


def show_acts(sit: Sitting, acts: Sequence[dict[str, Any]]) -> None:
    """Print what was done with an entry, if anything was."""
    if not acts:
        return
    language = sit.language
    show("", said("zone", language, zone=sit.bundle.settings.time_zone))
    columns = tuple(Column(said(name, language)) for name in ("when", "who", "did", "reason"))
    rows = tuple(
        (clock(parse_instant(each["at"]), sit), each["by"], said(f"act.{each['act']}", language), each["reason"])
        for each in acts
    )
    show_table(Table("", columns, rows))


def acts_on(sit: Sitting, entry_id: str, kinds: Collection[str]) -> list[dict[str, Any]]:
    """What the audit trail says was done with an entry, by the names of the acts."""
    found = ((kept, kept.record.body.get("act", {})) for kept in sit.store.find(entry_id) if kept.record.kind == "act")
    return [
        {
            "act": told["act"],
            "at": instant_text(kept.record.at),
            "by": one_line(str(told.get("by", ""))),
            "reason": _reason(sit, kept),
        }
        for kept, told in found
        if told.get("act") in kinds
    ]


def _reason(sit: Sitting, kept: Kept) -> str:
    """The reason in a record; empty if it was erased."""
    from callpolicy.audit import whole_body

    if kept.part is None:
        return ""
    try:
        body = whole_body(kept.record, kept.part, sit.store.keys)
    except AuditError:
        return ""
    return "" if body is None else free_text(str(body.get("act", {}).get("reason", "")))
