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
from callpolicy.cli.prune_clock import Doubt, SetBack, doubt_of, in_years, refuse, set_back_of
from callpolicy.cli.prune_records import Begun, Term, record_beginning, record_end
from callpolicy.cli.trail import live_norm, local, opened_whole, table
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.policy import Bundle
    from callpolicy.stores.sql import SqlStore

_SYSTEM: Final = "system"
_TOO_SHORT: Final = "retention-too-short"


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the command.

    Args:
        bundle: the norm whose retention holds.
        terms: what goes.
        at: what is older than its term at this instant goes.
        now: what the clock says.
        person: who erases.
        doubt: why the clock is not believed, if it is not.
        set_back: what is found to be kept only from the future, if it is.
        dry: whether nothing is erased.
    """

    bundle: Bundle
    terms: tuple[Term, ...]
    at: int
    now: int
    person: str
    doubt: Doubt | None
    set_back: SetBack | None
    dry: bool

    @property
    def zone(self) -> str:
        """In which times are told."""
        return self.bundle.settings.time_zone


def prune(  # noqa: PLR0913, PLR0917  # WHY: each option of a command is a parameter
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="DIR", show_default=False,
                     help="Folder of the norm whose `retention` holds; the norm that went live last if left out."),
    ] = None,
    at: WhenOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Erase also if nothing was recorded for a week before; needs `--as`."),
    ] = False,
    person: Annotated[
        str, typer.Option("--as", metavar="PERSON", help="Who erases; it stands in the audit trail.")
    ] = _SYSTEM,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Erase what the retention of the norm no longer covers: histories, cases, ended blocks, personal parts of records.

    What is left of an audit record stays, and the trail still verifies. Two records of the trail say what is to go, and
    how much went. By a clock that lies more than 7 days after the newest record nothing is erased without `--force`.
    """
    from callpolicy.cli.state import instant_of
    from callpolicy.cli.terminal import show_json

    now = instant_of(None)
    asked = now if at is None else instant_of(at)
    if asked > now and not dry_run:
        raise UsageError("`--at` lies in the future, and more would be erased than the norm lets; see `--dry-run`")
    if force and person == _SYSTEM and not dry_run:
        raise UsageError("`--force` goes on record with who said so; name yourself with `--as PERSON`")
    with opened_whole(store) as there:
        run = _run(there, _norm(there, rules), asked, now, person, dry=dry_run)
        if run.doubt is not None and not (force or dry_run):
            refuse(run.doubt, run.zone)
        _count(there, run.terms)
        begun = (
            None
            if dry_run
            else record_beginning(
                there, run.bundle.revision, run.terms, person, now, doubt=run.doubt, set_back=run.set_back
            )
        )
        record = None if begun is None else _erase(there, run, begun)
    if as_json:
        show_json(_dict(run, begun, record))
    else:
        _show(run, record, language or language_of_environment())


def _run(store: SqlStore, bundle: Bundle, at: int, now: int, person: str, *, dry: bool) -> _Run:
    _look_at_retention(bundle)
    _look_at_person(store, bundle, person)
    terms = terms_of(bundle, at)
    return _Run(
        bundle=bundle,
        terms=terms,
        at=at,
        now=now,
        person=person,
        doubt=doubt_of(store, at),
        set_back=set_back_of(store, now),
        dry=dry,
    )


def _norm(store: SqlStore, rules: Path | None) -> Bundle:
    from callpolicy.cli.inputs import read_norm

    if rules is not None:
        return read_norm(rules)
    bundle = live_norm(store)
    if bundle is None:
        # WHY not the starter norm: nothing is erased by terms that nobody of this centre declared.
        raise UsageError("no norm is on record in this store; name the one whose retention holds with `--rules DIR`")
    return bundle


def _look_at_retention(bundle: Bundle) -> None:
    """Refuse a norm that keeps something too short for itself: what is erased does not come back.

    Raises:
        RuleFileError: with what `callpolicy check` finds.
    """
    from callpolicy.check.keeping import look_at_keeping
    from callpolicy.errors import RuleFileError

    found = tuple(each for each in look_at_keeping(bundle) if each.code == _TOO_SHORT)
    if found:
        raise RuleFileError(found)


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


def _erase(store: SqlStore, run: _Run, begun: Begun) -> str:
    """Erase, one kind after the other, and record it also if one of them fails; returns the name of the record."""
    from callpolicy.stores.sql.clock_check import keep_from_again

    history, cases, blocks, parts = run.terms
    would = cases.count
    for term in run.terms:
        term.count = 0
    try:
        if run.set_back is not None:
            keep_from_again(store, *run.set_back)
        history.gone(store.prune(history.before))
        store.erase(cases=cases.before)
        cases.gone(would)
        blocks.gone(store.erase(entries=blocks.before).entries)
        parts.gone(store.erase(parts=parts.before).parts)
    finally:
        record = record_end(store, run.bundle.revision, run.terms, run.person, run.now, begun)
    return record


def _dict(run: _Run, begun: Begun | None, record: str | None) -> dict[str, Any]:
    from callpolicy.instants import duration_text, instant_text

    doubt, back = run.doubt, run.set_back
    return {
        "at": instant_text(run.at),
        "revision": run.bundle.revision,
        "dry_run": run.dry,
        "record": record,
        "begun": None if begun is None else begun.record,
        "forced": None if begun is None else begun.forced,
        "clock_doubt": None if doubt is None else {"at": instant_text(doubt.at), "newest": instant_text(doubt.newest)},
        "set_back": None if back is None else {
            "from": instant_text(in_years(back.found)),
            "to": instant_text(in_years(back.again)),
            "record": None if begun is None else begun.set_back,
        },
        "erased": {
            term.name: {
                "count": term.count,
                "kept_for": duration_text(term.kept_for),
                "before": instant_text(in_years(term.before)),
            }
            for term in run.terms
        },
    }  # fmt: skip


def _show(run: _Run, record: str | None, language: Language) -> None:
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.instants import duration_text

    count = said("would_erase" if record is None else "erased", language)
    columns = (
        (said("what", language), ""),
        (said("kept_for", language), "n"),
        (said("older_than", language), "w"),
        (count, "n"),
    )
    rows = [
        (
            said(term.name, language),
            duration_text(term.kept_for),
            local(in_years(term.before), run.zone),
            str(term.count),
        )
        for term in run.terms
    ]
    show_table(table(said("pruned", language, at=local(run.at, run.zone)), columns, rows))
    show("", said("by_revision", language, revision=run.bundle.revision))
    for line in _notes(run, language):
        show(line)
    last = said("dry", language) if record is None else said("recorded_as", language, record=record, person=run.person)
    show(last)


def _notes(run: _Run, language: Language) -> list[str]:
    """What is out of the ordinary: a clock that is not believed, and history that was kept from the future only."""
    told = []
    if run.doubt is not None:
        at, newest = local(run.doubt.at, run.zone), local(run.doubt.newest, run.zone)
        told.append(said("clock_doubted" if run.dry else "clock_forced", language, at=at, newest=newest))
    if run.set_back is not None:
        found, again = (local(in_years(each), run.zone) for each in run.set_back)
        told.append(said("would_set_back" if run.dry else "was_set_back", language, found=found, again=again))
    return told
