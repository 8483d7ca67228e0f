"""`callpolicy store prune`: what the norm no longer lets be kept is erased, and the audit trail says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.audit_texts import said
from callpolicy.cli.options import (
    JsonOption,
    Language,
    LanguageOption,
    StoreOption,
    WhenOption,
    language_of_environment,
)
from callpolicy.cli.trail import live_norm, local, opened_whole, table
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.policy import Bundle
    from callpolicy.stores.sql import SqlStore

_SYSTEM: Final = "system"
_SUBJECT: Final = "store"
ACT: Final = "prune"


@dataclass(slots=True)
class Term:
    """How long something is kept, and what comes of it.

    Args:
        name: what is kept.
        kept_for: how long, in microseconds.
        before: what is older than this goes.
        count: how much it is.
    """

    name: str
    kept_for: int
    before: int
    count: int = 0


def prune(
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="DIR", show_default=False,
                     help="Folder of the norm whose `retention` holds; the norm that went live last if left out."),
    ] = None,
    at: WhenOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    person: Annotated[
        str, typer.Option("--as", metavar="PERSON", help="Who erases; it stands in the audit trail.")
    ] = _SYSTEM,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Erase what the retention of the norm no longer covers: histories, cases, ended blocks, personal parts of records.

    What is left of an audit record stays, and the trail still verifies. One record of the trail says how much went.
    """
    from callpolicy.cli.state import instant_of
    from callpolicy.cli.terminal import show_json

    now = instant_of(None)
    asked = now if at is None else instant_of(at)
    if asked > now and not dry_run:
        raise UsageError("`--at` lies in the future, and more would be erased than the norm lets; see `--dry-run`")
    with opened_whole(store) as there:
        bundle = _norm(there, rules)
        _look_at_person(there, bundle, person)
        terms = terms_of(bundle, asked)
        _count(there, terms)
        record = None if dry_run else _erase(there, bundle, terms, person, now)
    if as_json:
        show_json(_dict(bundle, terms, asked, record, dry_run=dry_run))
    else:
        _show(bundle, terms, asked, record, person, language or language_of_environment())


def _norm(store: SqlStore, rules: Path | None) -> Bundle:
    from callpolicy.cli.inputs import read_norm

    if rules is not None:
        return read_norm(rules)
    bundle = live_norm(store)
    if bundle is None:
        # WHY not the starter norm: nothing is erased by terms that nobody of this centre declared.
        raise UsageError("no norm is on record in this store; name the one whose retention holds with `--rules DIR`")
    return bundle


def _look_at_person(store: SqlStore, bundle: Bundle, person: str) -> None:
    """Refuse a person whom the norm, if it names its staff, does not name, and a telephone number."""
    from callpolicy.cli.governed import look_at_person
    from callpolicy.runtime.desk import Desk

    look_at_person(person, "--as")
    if person != _SYSTEM:
        Desk(store, bundle).actor(person)


def terms_of(bundle: Bundle, at: int) -> tuple[Term, ...]:
    """What a norm lets be kept, and since when."""
    from callpolicy.policy import DAY
    from callpolicy.windows import retention

    kept = bundle.settings.retention
    # INVARIANT: an engine keeps no less, for its windows look back that far.
    history = max(retention(bundle.windows, at_least=DAY) + DAY, kept.history or 0)
    lengths = {"history": history, "cases": kept.cases, "blocks": kept.blocks, "parts": kept.personal}
    return tuple(Term(name, length, at - length) for name, length in lengths.items())


def _count(store: SqlStore, terms: tuple[Term, ...]) -> None:
    from callpolicy.stores.sql.measuring import would_erase

    history, cases, blocks, parts = terms
    would = would_erase(store, history=history.before, cases=cases.before, entries=blocks.before, parts=parts.before)
    history.count, cases.count, blocks.count, parts.count = would.items, would.cases, would.entries, would.parts


def _erase(store: SqlStore, bundle: Bundle, terms: tuple[Term, ...], person: str, at: int) -> str:
    """Erase, one kind after the other, and record it also if one of them fails; returns the name of the record."""
    history, cases, blocks, parts = terms
    planned = {term.name: term.count for term in terms}
    for term in terms:
        term.count = 0
    try:
        history.count = store.prune(history.before)
        store.erase(cases=cases.before)
        cases.count = planned["cases"]
        blocks.count = store.erase(entries=blocks.before).entries
        parts.count = store.erase(parts=parts.before).parts
    finally:
        record = _record(store, bundle, terms, person, at)
    return record


def _record(store: SqlStore, bundle: Bundle, terms: tuple[Term, ...], person: str, at: int) -> str:
    from callpolicy.audit import Chain, Tree, act_draft
    from callpolicy.instants import instant_text
    from callpolicy.runtime.desk import WRITER
    from callpolicy.runtime.recorder import Pen
    from callpolicy.stores.base import Turn

    details: dict[str, Tree] = {"revision": bundle.revision}
    for term in terms:
        details[term.name] = term.count
        details[f"{term.name}_before"] = instant_text(max(0, term.before))
    draft = act_draft(ACT, person, _SUBJECT, at, details=details)

    def work(turn: Turn) -> str:
        pen = Pen(Chain(turn.head(WRITER)), store.keys)
        pen.write(draft, _SUBJECT)
        turn.append(pen.kept)
        return f"{WRITER}#{pen.kept[0].record.number}"

    return store.turn(work, (), WRITER)


def _dict(bundle: Bundle, terms: tuple[Term, ...], at: int, record: str | None, *, dry_run: bool) -> dict[str, Any]:
    from callpolicy.instants import duration_text, instant_text

    return {
        "at": instant_text(at),
        "revision": bundle.revision,
        "dry_run": dry_run,
        "record": record,
        "erased": {
            term.name: {
                "count": term.count,
                "kept_for": duration_text(term.kept_for),
                "before": instant_text(max(0, term.before)),
            }
            for term in terms
        },
    }


def _show(
    bundle: Bundle, terms: tuple[Term, ...], at: int, record: str | None, person: str, language: Language
) -> None:
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.instants import duration_text

    zone = bundle.settings.time_zone
    count = said("would_erase" if record is None else "erased", language)
    columns = (
        (said("what", language), ""),
        (said("kept_for", language), "n"),
        (said("older_than", language), "w"),
        (count, "n"),
    )
    rows = [
        (said(term.name, language), duration_text(term.kept_for), local(max(0, term.before), zone), str(term.count))
        for term in terms
    ]
    show_table(table(said("pruned", language, at=local(at, zone)), columns, rows))
    show("", said("by_revision", language, revision=bundle.revision))
    last = said("dry", language) if record is None else said("recorded_as", language, record=record, person=person)
    show(last)
