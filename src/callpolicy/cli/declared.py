"""Commands about what there is: facts, schemas, mappings, a new norm, the version."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy import __version__
from callpolicy.cli.options import JsonOption, Language, LanguageOption, RulesOption, language_of_environment
from callpolicy.cli.texts import text, title, word
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.facts import Fact


def facts(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of the documentation.")] = False,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List every fact that conditions may name: built in, and declared by the norm."""
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.terminal import show_json, show_table, write
    from callpolicy.reports import Column, Table
    from callpolicy.reports.catalogue import catalogue_page

    catalogue = read_norm(rules).catalogue
    if markdown:
        write(catalogue_page(catalogue))
        return
    if as_json:
        show_json([_fact_dict(fact) for fact in catalogue])
        return
    shown = language or language_of_environment()
    columns = (
        Column(text("fact", shown), whole=True),
        Column(text("type", shown), whole=True),
        Column(text("value", shown)),
        Column(text("title", shown)),
        Column(text("known_from", shown), whole=True),
    )
    rows = tuple(_fact_row(fact, shown) for fact in catalogue)
    show_table(Table("", columns, rows))


def _fact_row(fact: Fact, language: Language) -> tuple[str, ...]:
    from callpolicy.reports.catalogue import allowed

    known_from = word(str(fact.known_from), language)
    return (fact.name, str(fact.type), allowed(fact), title(fact.title, language), known_from)


def _fact_dict(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "type": str(fact.type),
        "title": dict(fact.title),
        "unit": fact.unit,
        "known_from": str(fact.known_from),
        "anchor": fact.anchor,
        "privacy": str(fact.privacy),
        "origin": str(fact.origin),
        "values": list(fact.values),
        "minimum": fact.minimum,
        "maximum": fact.maximum,
    }


def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which; a list if left out.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write all of them into a folder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a JSON Schema of the files of a norm, or of events."""
    from callpolicy.cli.inputs import nearest
    from callpolicy.cli.terminal import show, show_json, write
    from callpolicy.rulefile.sources import quoted

    there = _schemas()
    if name is not None and name not in there:
        raise UsageError(f"there is no schema {quoted(name)}{nearest(name, there)}")
    if out is not None:
        _write_schemas({name: there[name]} if name else there, out, as_json)
    elif name is not None:
        write(_schema_text(there[name]))
    elif as_json:
        show_json(there)
    else:
        show(*there)


def _schemas() -> dict[str, dict[str, Any]]:
    from callpolicy import decision
    from callpolicy.reports.card_schema import card_schema
    from callpolicy.rulefile import schemas
    from callpolicy.wire import event_schema

    return {**schemas(), "card": card_schema(), "decision": decision.schema(), "event": event_schema()}


def _schema_text(tree: dict[str, Any]) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _write_schemas(chosen: dict[str, dict[str, Any]], folder: Path, as_json: bool) -> None:
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, show_json
    from callpolicy.rulefile.sources import quoted

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{quoted(folder)} is a file; name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, tree in chosen.items():
        path = folder / f"{name}.schema.json"
        with whole_file(path) as file:
            file.write(_schema_text(tree).encode())
        if not as_json:
            note(str(path))
    if as_json:
        show_json({"folder": str(folder), "files": [f"{name}.schema.json" for name in chosen]})


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Start a norm of your own: a copy of the starter norm with its schemas."""
    from callpolicy.cli.inputs import norm_folder
    from callpolicy.cli.terminal import show, show_json
    from callpolicy.rulefile import init_bundle

    init_bundle(folder, norm_folder(rules))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if as_json:
        show_json({"folder": str(folder), "files": files})
        return
    shown = language or language_of_environment()
    show(text("started", shown, folder=folder, files=len(files)), text("next_check", shown, folder=folder))


mappings = typer.Typer(
    invoke_without_command=True, rich_markup_mode=None, help="List the mappings that come along, or print one to copy."
)


@mappings.callback()
def list_mappings(ctx: typer.Context, as_json: JsonOption = False, language: LanguageOption = None) -> None:
    """List the mappings that come along; `mappings show NAME` prints one to copy."""
    if ctx.invoked_subcommand is not None:
        return
    from callpolicy.cli.terminal import show_json, show_table
    from callpolicy.replay import load_mapping, shipped
    from callpolicy.reports import Column, Table

    there = [load_mapping(name) for name in shipped()]
    if as_json:
        show_json([{"id": each.id, "title": each.title} for each in there])
        return
    shown = language or language_of_environment()
    columns = (Column(text("name", shown), whole=True), Column(text("title", shown)))
    show_table(Table("", columns, tuple((each.id, title(each.title, shown)) for each in there)))


@mappings.command("show")
def show_mapping(name: Annotated[str, typer.Argument(help="Which.")], as_json: JsonOption = False) -> None:
    """Print a mapping as its file has it, for example to copy and change: `mappings show generic_csv > mine.yaml`."""
    from importlib.resources import files

    from callpolicy.cli.inputs import nearest
    from callpolicy.cli.terminal import show_json, write
    from callpolicy.replay import load_mapping, shipped
    from callpolicy.rulefile.sources import quoted

    if name not in shipped():
        raise UsageError(f"there is no mapping {quoted(name)}{nearest(name, shipped())}")
    if as_json:
        show_json(load_mapping(name).model_dump(mode="json", by_alias=True))
    else:
        write((files("callpolicy.replay") / "mappings" / f"{name}.yaml").read_text("utf-8"))


def version(as_json: JsonOption = False) -> None:
    """Print the version."""
    from callpolicy.cli.terminal import show_json

    if as_json:
        show_json({"version": __version__})
    else:
        sys.stdout.write(f"callpolicy {__version__}\n")
