"""`callpolicy store`: make a store, bring it to this version, and see what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.audit_texts import said, state_word, table_word
from callpolicy.cli.grouping import register
from callpolicy.cli.options import (
    JsonOption,
    Language,
    LanguageOption,
    StoreOption,
    WhenOption,
    language_of_environment,
)
from callpolicy.cli.prune_clock import in_years
from callpolicy.cli.state import DEFAULT_STORE, hinted, instant_of
from callpolicy.cli.store_prune import prune
from callpolicy.cli.trail import PATIENCE, local, opened_whole, sized, span_dicts, spans, table, zone_of

if TYPE_CHECKING:
    from callpolicy.stores.base import Store
    from callpolicy.stores.sql.measuring import Measures

stores = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The store: make, migrate, prune it, and see what it holds.",
)


@stores.callback(epilog="\b\nExamples:\n  callpolicy store init sqlite:///calls.db\n  callpolicy store stats --json")
def about_stores(ctx: typer.Context) -> None:
    """The store: make it, bring it to this version, erase what its retention no longer covers, see what it holds."""
    if ctx.invoked_subcommand is None:
        from callpolicy.cli.terminal import write

        write(ctx.get_help() + "\n")


def init(
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="Where; as `--store`.", show_default=False)
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Make a store, and say where its secret lies. One that is there stays as it is."""
    from callpolicy.cli.terminal import heading, show, show_json
    from callpolicy.stores.sql.schema import REVISIONS

    # WHY the argument first: `--store` may come from the environment.
    place, schema = url or store or DEFAULT_STORE, REVISIONS[-1]
    there_already = _is_there(place)
    with opened_whole(place, create=True) as there:
        name, secret = there.database.name, there.database.secret_file.absolute()
    if as_json:
        show_json({"store": name, "created": not there_already, "schema": schema, "secret": str(secret)})
        return
    shown = language or language_of_environment()
    key = "there_already" if there_already else "created"
    show(heading(said(key, shown, name=name, schema=schema)))
    show(said("secret_at", shown, place=secret), said("secret_why", shown))


def _is_there(place: str) -> bool:
    """Whether there is a store of this version; what else may be there, opening it for good will say."""
    from callpolicy.errors import StoreError

    try:
        with opened_whole(place):
            return True
    except StoreError:
        return False


def migrate(store: StoreOption = None, as_json: JsonOption = False, language: LanguageOption = None) -> None:
    """Bring a store of an older version to this one; back it up before, with its secret."""
    from callpolicy.cli.terminal import show, show_json
    from callpolicy.stores.sql.measuring import schema_of
    from callpolicy.stores.sql.schema import REVISIONS

    place = store or DEFAULT_STORE
    new = REVISIONS[-1]
    with hinted(place):
        old = new if _is_there(place) else schema_of(place, PATIENCE)
    with opened_whole(place, migrate=True) as there:
        name = there.database.name
    if as_json:
        show_json({"store": name, "from": old, "to": new})
        return
    shown = language or language_of_environment()
    show(said("not_migrated" if old == new else "migrated", shown, name=name, old=old, new=new))


def stats(
    store: StoreOption = None, at: WhenOption = None, as_json: JsonOption = False, language: LanguageOption = None
) -> None:
    """Say what a store holds: rows, size, records, list entries by state, what waits to be written, live revisions."""
    from callpolicy.cli.terminal import show_json
    from callpolicy.stores.sql.clock_check import kept_from
    from callpolicy.stores.sql.measuring import measure

    when, now = instant_of(at), instant_of(None)
    with opened_whole(store) as there:
        measures = replace(measure(there), entries=_by_state(there, when))
        zone = zone_of(there)
        since = kept_from(there)
    if as_json:
        show_json({**_dict(measures), **_history_dict(since, now)})
    else:
        _show(measures, zone, _history(since, now, zone, shown := language or language_of_environment()), shown)


def _by_state(store: Store, at: int) -> dict[tuple[str, str], int]:
    """How many entries of each list are in which state at an instant.

    WHY not the state that the store keeps: it is that of the last act, and time ends a block without one.
    """
    from collections import Counter

    from callpolicy.lifecycle import state_at
    from callpolicy.lists import ListName

    found = Counter(
        (str(on), "plain" if each.block is None else str(state_at(each.block, at) or each.block.steps[0].footing.state))
        for on in ListName
        for each in store.entries(on)
    )
    return dict(sorted(found.items()))


def _dict(measures: Measures) -> dict[str, Any]:
    from callpolicy.instants import instant_text

    oldest, newest = (None if each is None else instant_text(each) for each in (measures.oldest, measures.newest))
    entries: dict[str, dict[str, int]] = {}
    for (on, state), number in measures.entries.items():
        entries.setdefault(on, {})[state] = number
    return {
        "store": measures.name,
        "schema": measures.schema,
        "bytes": measures.bytes_on_disk,
        "rows": dict(measures.rows),
        "writers": measures.writers,
        "records": measures.records,
        "oldest": oldest,
        "newest": newest,
        "entries": entries,
        "index": {"keys": measures.index_entries, "bytes": measures.index_bytes},
        "spool": {"files": measures.spool_files, "things": measures.spool_things},
        "secret": str(measures.secret),
        "revisions": span_dicts(spans(measures.activations)),
    }


def _history_dict(since: int | None, now: int) -> dict[str, Any]:
    from callpolicy.instants import instant_text

    return {
        "history_kept_from": None if since is None else instant_text(in_years(since)),
        "history_kept_from_future": since is not None and since > now,
    }


def _history(since: int | None, now: int, zone: str, language: Language) -> list[str]:
    """Since when history is kept, if the store was ever pruned, and plainly if it is kept from the future only."""
    if since is None:
        return []
    told = [said("stat", language, name=said("kept_from", language), value=local(in_years(since), zone))]
    return [*told, said("no_history", language)] if since > now else told


def _show(measures: Measures, zone: str, history: list[str], language: Language) -> None:
    from callpolicy.cli.terminal import heading, show, show_table

    def when(at: int | None) -> str:
        return "–" if at is None else local(at, zone)

    size = measures.bytes_on_disk
    index = said("index_is", language, count=measures.index_entries, size=sized(measures.index_bytes))
    spool = said("spool_is", language, things=measures.spool_things, files=measures.spool_files)
    rows = [
        ("schema", measures.schema),
        ("size", "–" if size is None else sized(size)),
        ("secret", str(measures.secret)),
        ("count.writers", str(measures.writers)),
        ("count.records", str(measures.records)),
        ("oldest", when(measures.oldest)),
        ("newest", when(measures.newest)),
        ("index", index),
        ("spool", spool),
    ]
    show(
        heading(measures.name),
        *(said("stat", language, name=said(key, language), value=value) for key, value in rows),
        *history,
    )
    tables = [
        table(said("by_table", language),
              ((said("table", language), "w"), (said("rows", language), "n"), (said("table_holds", language), "")),
              ((name, str(number), table_word(name, language)) for name, number in measures.rows.items())),
        table(said("by_state", language),
              ((said("list", language), "w"), (said("state", language), ""), (said("count", language), "n")),
              ((said(on, language), state_word(state, language), str(number))
               for (on, state), number in measures.entries.items())),
        table(said("by_revision_live", language),
              ((said("revision", language), ""), (said("from", language), "w"), (said("until", language), "w")),
              ((each.revision, local(each.since, zone),
                said("still", language) if each.until is None else local(each.until, zone))
               for each in spans(measures.activations))),
    ]  # fmt: skip
    for each in tables:
        if each.rows:
            show("")
            show_table(each)


_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    "init": (
        init,
        "Make a store, and say where its secret lies.",
        ("callpolicy store init sqlite:///calls.db", "callpolicy store init --json"),
    ),
    "migrate": (
        migrate,
        "Bring a store to this version.",
        ("callpolicy store migrate --store sqlite:///calls.db", "callpolicy store migrate --json"),
    ),
    "prune": (
        prune,
        "Erase what the retention no longer covers.",
        (
            "callpolicy store prune --dry-run",
            "callpolicy store prune --rules my-norm --as wang --json",
            "callpolicy store prune --force --as wang",
        ),
    ),
    "stats": (
        stats,
        "Say what a store holds.",
        ("callpolicy store stats", "callpolicy store stats --store sqlite:///calls.db --json"),
    ),
}

register(stores, _COMMANDS)
