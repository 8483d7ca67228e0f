"""`callpolicy block list`: blocks as a table or as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from callpolicy.cli.block_texts import one_line, said, term_word
from callpolicy.cli.block_words import (
    block_tree,
    by_words,
    clock,
    missed_tree,
    state_words,
    term_text,
    until_words,
    wait_word,
    waits_now,
)
from callpolicy.cli.governed import Sitting
from callpolicy.cli.terminal import heading, is_roomy, show, show_json, show_table
from callpolicy.cli.whom import shown, subject_tree
from callpolicy.instants import instant_text
from callpolicy.lifecycle import HOLDING, OVER, Block, Missed, footing_at, missed, state_at
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.reports import Column, Table

if TYPE_CHECKING:
    from callpolicy.stores.base import Listed

_DUE: Final = "due"
_OVERDUE: Final = "overdue"


def show_blocks(sit: Sitting, state: str | None, subject: Subject | None, limit: int) -> None:
    """Print blocks.

    Args:
        sit: the store, the norm, the instant.
        state: a state, `due` or `overdue`; `None` for what is open or holds, and for one caller for everything.
        subject: of whom only; `None` for everybody.
        limit: how many at most.
    """
    listed = sit.store.entries(ListName.BLOCKLIST) if subject is None else _about(sit, subject)
    if state == _OVERDUE:
        _show_missed(sit, listed, limit)
        return
    chosen = [each for each in listed if _is_asked(each, sit, state, subject)]
    chosen.sort(key=lambda each: _order(each, sit, state))
    taken = chosen[:limit]
    if sit.as_json:
        show_json({"total": len(chosen), "blocks": [_tree(each, sit) for each in taken]})
        return
    _show_head(sit, _title(sit, state, subject), len(taken), len(chosen))
    wide = is_roomy()
    show_table(Table("", _columns(sit, wide), tuple(_row(each, sit, wide) for each in taken)))


def _about(sit: Sitting, subject: Subject) -> Iterable[Listed]:
    for each in sit.store.overlapping(subject):
        if each.block is not None or (each.entry is not None and each.entry.on is ListName.BLOCKLIST):
            yield each


def _is_asked(listed: Listed, sit: Sitting, state: str | None, subject: Subject | None) -> bool:
    block = listed.block
    if block is None:
        holds = listed.entry is not None and listed.entry.holds(sit.at)
        return (state is None and (holds or subject is not None)) or (state == "active" and holds)
    now = state_at(block, sit.at)
    if state is None:
        return subject is not None or (now is not None and now not in OVER)
    if state == _DUE:
        return now in HOLDING and any(each.due is not None for each in waits_now(block, sit))
    return now == state


def _order(listed: Listed, sit: Sitting, state: str | None) -> int:
    """The newest first; of what is due, what is overdue first. What is equal stays in the order of the store."""
    block = listed.block
    if block is None:
        return -listed.entry.since if listed.entry else 0
    if state == _DUE:
        ends = [each.by for each in waits_now(block, sit) if each.by is not None]
        return min(ends, default=1 << 62)
    return -block.acts[-1].at


def _title(sit: Sitting, state: str | None, subject: Subject | None) -> str:
    if state == _DUE:
        return said("title.due", sit.language)
    if state is not None:
        return said("title.state", sit.language, state=said(state, sit.language))
    return said("title.open" if subject is None else "title.all", sit.language)


def _show_head(sit: Sitting, title: str, taken: int, total: int) -> None:
    zone = said("zone", sit.language, zone=sit.bundle.settings.time_zone)
    show(heading(said("counted", sit.language, title=title, count=total or said("none", sit.language))))
    if total:
        show(zone if taken == total else f"{zone}  {said('shown_of', sit.language, shown=taken, total=total)}")


def _columns(sit: Sitting, wide: bool) -> tuple[Column, ...]:
    name = {
        key: said(key, sit.language) for key in ("id", "whom", "state", "term", "since", "until", "by_whom", "waits")
    }
    if wide:
        return (
            Column(name["id"], whole=True), Column(name["whom"], whole=True), Column(name["state"]),
            Column(name["term"], whole=True), Column(name["since"], whole=True), Column(name["until"], whole=True),
            Column(name["by_whom"]), Column(name["waits"]),
        )  # fmt: skip
    return (
        Column(f"{name['id']}\n{name['whom']}", whole=True),
        Column(f"{name['state']}\n{name['term']}"),
        Column(f"{name['since']}\n{name['until']}", whole=True),
        Column(f"{name['by_whom']}\n{name['waits']}"),
    )


def _row(listed: Listed, sit: Sitting, wide: bool) -> tuple[str, ...]:
    cells = _entry_cells(listed.entry, sit) if listed.block is None else _block_cells(listed.block, sit)
    if wide:
        return cells
    name, whom, state, term, since, until, by, waits = cells
    return (f"{name}\n{whom}", f"{state}\n{term}", f"{since}\n{until}".strip(), f"{by}\n{waits}".strip())


def _block_cells(block: Block, sit: Sitting) -> tuple[str, ...]:
    footing = footing_at(block, sit.at) or block.steps[0].footing
    return (
        one_line(block.block_id),
        shown(block.subject, sit.language, sit.clear),
        state_words(block, sit),
        term_word(term_text(footing.term), sit.language),
        "" if footing.since is None else clock(footing.since, sit),
        until_words(block, sit),
        by_words(block, sit),
        "\n".join(wait_word(each, sit) for each in waits_now(block, sit)),
    )


def _entry_cells(entry: Entry | None, sit: Sitting) -> tuple[str, ...]:
    # INVARIANT: what has no life has an entry.
    assert entry is not None
    return (
        one_line(entry.entry_id),
        shown(entry.subject, sit.language, sit.clear),
        said("holds" if entry.holds(sit.at) else "over", sit.language),
        said("no_life", sit.language),
        clock(entry.since, sit),
        said("no_end", sit.language) if entry.until is None else clock(entry.until, sit),
        one_line(entry.owner),
        "",
    )


def _tree(listed: Listed, sit: Sitting) -> dict[str, Any]:
    if listed.block is not None:
        return block_tree(listed.block, sit)
    entry = listed.entry
    # INVARIANT: what has no life has an entry.
    assert entry is not None
    return {
        "id": entry.entry_id,
        "state": None,
        "holds": entry.holds(sit.at),
        "subject": subject_tree(entry.subject, sit.clear),
        "since": instant_text(entry.since),
        "until": None if entry.until is None else instant_text(entry.until),
        "proposed_by": entry.owner,
    }


def _show_missed(sit: Sitting, listed: Iterable[Listed], limit: int) -> None:
    """Print what nobody has seen to in time, also where that has lifted the block."""
    blocks = [each.block for each in listed if each.block is not None]
    found = [(block, each) for block in blocks for each in missed(block, sit.at)]
    found.sort(key=lambda each: (each[1].since, each[0].block_id))
    taken = found[:limit]
    if sit.as_json:
        trees = [{"block": block_tree(block, sit), **missed_tree(each)} for block, each in taken]
        show_json({"total": len(found), "overdue": trees})
        return
    _show_head(sit, said("title.overdue", sit.language), len(taken), len(found))
    names = ("id", "whom", "overdue_what", "overdue_since", "led", "by_whom")
    columns = tuple(Column(said(name, sit.language), whole=name in {"id", "whom"}) for name in names)
    show_table(Table("", columns, tuple(_missed_row(block, each, sit) for block, each in taken)))


def _missed_row(block: Block, each: Missed, sit: Sitting) -> tuple[str, ...]:
    return (
        one_line(block.block_id),
        shown(block.subject, sit.language, sit.clear),
        said(f"what.{each.what}", sit.language),
        clock(each.since, sit),
        said("led.lifted" if each.lifted else "led.stands", sit.language),
        by_words(block, sit),
    )
