"""`callpolicy block list`: blocks as a table or as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from callpolicy.cli.block_fit import fitted, stacked
from callpolicy.cli.block_lifeless import lifeless_tree, state_of_entry, state_words_of, until_words_of
from callpolicy.cli.block_texts import free_text, one_line, said, term_word
from callpolicy.cli.block_waits import NEEDS_EVIDENCE, Wait, waits_now
from callpolicy.cli.block_words import (
    age_words,
    block_tree,
    by_words,
    clock,
    evidence_at,
    missed_tree,
    overtaken_word,
    state_words,
    term_text,
    until_words,
    wait_word,
)
from callpolicy.cli.governed import Sitting
from callpolicy.cli.terminal import heading, is_roomy, show, show_json, show_table
from callpolicy.cli.whom import shown
from callpolicy.lifecycle import OVER, Block, Missed, footing_at, missed, state_at
from callpolicy.lists import Entry, ListName, Subject
from callpolicy.reports import Column, Table

if TYPE_CHECKING:
    from callpolicy.stores.base import Listed

_DUE: Final = "due"
_OVERDUE: Final = "overdue"
_PROPOSED: Final = "proposed"


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
    if state == _DUE:
        _show_due(sit, [each.block for each in taken if each.block is not None])
    elif state == _PROPOSED:
        _show_proposed(sit, [each.block for each in taken if each.block is not None])
    else:
        _show_rows(_columns(sit), [_row(each, sit) for each in taken], ((0, 1), (2, 3), (4, 5), (6, 7)))


def _show_rows(columns: tuple[Column, ...], rows: list[tuple[str, ...]], pairs: tuple[tuple[int, ...], ...]) -> None:
    """Print a table, side by side where there is room, else with the columns of a pair one below the other."""
    show_table(fitted(Table("", columns, tuple(rows)) if is_roomy() else stacked(columns, rows, pairs)))


def _about(sit: Sitting, subject: Subject) -> Iterable[Listed]:
    for each in sit.store.overlapping(subject):
        if each.block is not None or (each.entry is not None and each.entry.on is ListName.BLOCKLIST):
            yield each


def _is_asked(listed: Listed, sit: Sitting, state: str | None, subject: Subject | None) -> bool:
    block = listed.block
    if block is None:
        now = None if listed.entry is None else state_of_entry(listed.entry, sit)
        return now == state if state is not None else subject is not None or now == "active"
    standing = state_at(block, sit.at)
    if state is None:
        return subject is not None or (standing is not None and standing not in OVER)
    if state == _DUE:
        return bool(waits_now(block, sit))
    return standing == state


def _order(listed: Listed, sit: Sitting, state: str | None) -> int:
    """The newest first; of what is due, what has waited longest. What is equal stays in the order of the store."""
    block = listed.block
    if block is None:
        return -listed.entry.since if listed.entry else 0
    if state == _DUE:
        return min(each.due for each in waits_now(block, sit))
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


def _columns(sit: Sitting) -> tuple[Column, ...]:
    keys = ("id", "whom", "state", "term", "since", "until", "by_whom", "waits")
    return _named(keys, {"id", "whom", "term", "since", "until"}, sit)


def _named(keys: tuple[str, ...], whole: set[str], sit: Sitting) -> tuple[Column, ...]:
    return tuple(Column(said(key, sit.language), whole=key in whole and (key != "term" or is_roomy())) for key in keys)


def _row(listed: Listed, sit: Sitting) -> tuple[str, ...]:
    return _entry_cells(listed.entry, sit) if listed.block is None else _block_cells(listed.block, sit)


def _show_due(sit: Sitting, blocks: list[Block]) -> None:
    """Print what waits for a person: a row for each thing that is waited for."""
    keys = ("id", "whom", "waits", "waits_since", "age", "by_whom", "why")
    rows = [_due_row(block, wait, sit) for block in blocks for wait in waits_now(block, sit)]
    _show_rows(_named(keys, {"id", "whom", "waits_since", "age"}, sit), rows, ((0, 1), (2,), (3, 4), (5, 6)))


def _due_row(block: Block, wait: Wait, sit: Sitting) -> tuple[str, ...]:
    words = [wait_word(wait, sit)]
    if wait.what in NEEDS_EVIDENCE:
        words.append(overtaken_word(block, sit))
    return (
        one_line(block.block_id),
        shown(block.subject, sit.language, sit.clear),
        "\n".join(each for each in words if each),
        clock(wait.due, sit),
        age_words(wait.due, sit),
        by_words(block, sit),
        free_text(block.proposal.reason),
    )


def _show_proposed(sit: Sitting, blocks: list[Block]) -> None:
    """Print proposals with what their judge must know first: why, and on how many decisions they rest."""
    keys = ("id", "whom", "term", "rests_on", "proposed_at", "by_whom", "why", "waits")
    rows = [_proposed_row(block, sit) for block in blocks]
    _show_rows(_named(keys, {"id", "whom", "term", "proposed_at"}, sit), rows, ((0, 1), (2, 3), (4, 5), (6, 7)))


def _proposed_row(block: Block, sit: Sitting) -> tuple[str, ...]:
    footing = footing_at(block, sit.at) or block.steps[0].footing
    count = len(evidence_at(block, sit.at))
    return (
        one_line(block.block_id),
        shown(block.subject, sit.language, sit.clear),
        term_word(term_text(footing.term), sit.language),
        said("rests_on.one" if count == 1 else "rests_on.many", sit.language, count=count),
        clock(block.proposal.at, sit),
        by_words(block, sit),
        free_text(block.proposal.reason),
        _waits_cell(block, sit),
    )


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
        _waits_cell(block, sit),
    )


def _waits_cell(block: Block, sit: Sitting) -> str:
    words = (*(wait_word(each, sit) for each in waits_now(block, sit)), overtaken_word(block, sit))
    return "\n".join(each for each in words if each)


def _entry_cells(entry: Entry | None, sit: Sitting) -> tuple[str, ...]:
    # INVARIANT: what has no life has an entry.
    assert entry is not None
    return (
        one_line(entry.entry_id),
        shown(entry.subject, sit.language, sit.clear),
        state_words_of(entry, sit),
        said("no_life", sit.language),
        clock(entry.since, sit),
        until_words_of(entry, sit),
        one_line(entry.owner),
        "",
    )


def _tree(listed: Listed, sit: Sitting) -> dict[str, Any]:
    if listed.block is not None:
        return block_tree(listed.block, sit)
    entry = listed.entry
    # INVARIANT: what has no life has an entry.
    assert entry is not None
    return lifeless_tree(entry, sit)


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
    keys = ("id", "whom", "overdue_what", "overdue_since", "led", "by_whom")
    rows = [_missed_row(block, each, sit) for block, each in taken]
    _show_rows(_named(keys, {"id", "whom", "overdue_since"}, sit), rows, ((0, 1), (2,), (3,), (4, 5)))


def _missed_row(block: Block, each: Missed, sit: Sitting) -> tuple[str, ...]:
    return (
        one_line(block.block_id),
        shown(block.subject, sit.language, sit.clear),
        said(f"what.{each.what}", sit.language),
        clock(each.since, sit),
        said("led.lifted" if each.lifted else "led.stands", sit.language),
        by_words(block, sit),
    )
