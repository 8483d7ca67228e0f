"""`callpolicy audit`: the heads of the trail, whether it is what was written, and the trail as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from callpolicy.cli.audit_remake import remake
from callpolicy.cli.audit_show import show_record
from callpolicy.cli.audit_texts import said
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.grouping import register
from callpolicy.cli.options import JsonOption, Language, LanguageOption, StoreOption, language_of_environment
from callpolicy.cli.state import instant_of
from callpolicy.cli.trail import local, opened_whole, progress, read_anchor, spaced, zone_of
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.audit import Anchor, AuditRecord, Unreadable
    from callpolicy.stores.sql import SqlStore
    from callpolicy.stores.sql.inspecting import Inspection

_LONGEST_LINE: Final = 16 << 20
_AT_ONCE: Final = 2_000

audit = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The audit trail: verify, look decisions up, make them again.",
)


@audit.callback(
    epilog="\b\nExamples:\n  callpolicy audit verify --head head.json\n  callpolicy audit show c17#3 --json"
)
def about_audit(ctx: typer.Context) -> None:
    """The audit trail: export its heads, verify it, look a decision up, make it again."""
    if ctx.invoked_subcommand is None:
        from callpolicy.cli.terminal import write

        write(ctx.get_help() + "\n")


def head(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the heads as JSON.", show_default=False)
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Export where the chain of every writer ends, with one digest over all of them.

    Whoever keeps it where the trail cannot be written can later tell whether anything before it was changed. Do it
    often: what was written since the last time can be cut off without being seen.
    """
    from callpolicy.audit import Anchor
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, write

    shown = language or language_of_environment()
    with opened_whole(store) as there:
        anchor = Anchor.of(instant_of(None), there.heads())
        zone = "UTC" if as_json else zone_of(there)
    if out is not None:
        with whole_file(out) as file:
            file.write(anchor.to_json() + b"\n")
        note(said("written", shown, file=out))
    if as_json:
        write(anchor.to_json().decode() + "\n")
    else:
        _show_head(anchor, zone, shown)


def _show_head(anchor: Anchor, zone: str, language: Language) -> None:
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.cli.trail import table

    if not anchor.heads:
        show(said("no_records", language))
        return
    columns = ((said("writer", language), "w"), (said("records", language), "n"), (said("last_digest", language), ""))
    rows = [(each.writer, str(each.count), each.digest) for each in anchor.heads]
    show_table(table(said("heads", language, at=local(anchor.at, zone)), columns, rows))
    show("", said("read_out", language), heading("\n".join(f"  {line}" for line in spaced(anchor.digest))))


def verify(
    against: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="Heads that were exported earlier.", show_default=False),
    ] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="Nothing was written since; whatever is more was inserted.")
    ] = False,
    trail: Annotated[
        Path | None,
        typer.Option(
            "--trail", metavar="FILE.jsonl", show_default=False,
            help="Verify an exported trail instead of that of the store.",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every break, not only the first.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Verify that the trail is what was written: no record changed, deleted, inserted, moved or cut off.

    Personal parts are opened too, and must be what their records commit to; those that were erased are counted. Exit
    code 1 if anything was changed.
    """
    from callpolicy.cli.audit_breaks import inspection_dict, show_inspection
    from callpolicy.cli.terminal import show_json

    shown = language or language_of_environment()
    anchor = None if against is None else read_anchor(against)
    if closed and anchor is None:
        raise UsageError("`--closed` says that nothing came after a head; name it with `--head`")
    zone = "UTC"
    if trail is not None:
        seen = _of_file(trail, anchor, closed)
    else:
        with opened_whole(store) as there:
            seen = _of_store(there, anchor, closed, None if as_json else shown)
            # WHY only then: the norm takes longer to read than a short trail to verify.
            zone = zone if anchor is None or as_json else zone_of(there)
    if not seen.records and seen.sound:
        raise UsageError("there is no audit record; nothing was verified")
    if as_json:
        show_json(inspection_dict(seen, anchor, parts=trail is None))
    else:
        show_inspection(seen, anchor, shown, zone=zone, everything=everything, parts=trail is None)
    if not seen.sound:
        raise typer.Exit(FINDINGS)


def _of_store(store: SqlStore, anchor: Anchor | None, closed: bool, language: Language | None) -> Inspection:
    from callpolicy.stores.sql.inspecting import inspect
    from callpolicy.stores.sql.measuring import count_records

    label = "" if language is None else said("verifying", language)
    with progress(count_records(store), label, wanted=language is not None) as on_progress:
        return inspect(store, anchor, closed=closed, on_progress=on_progress)


def _of_file(path: Path, anchor: Anchor | None, closed: bool) -> Inspection:
    from callpolicy.audit.streaming import read_lines, verify_long
    from callpolicy.cli.inputs import look_at_file
    from callpolicy.stores.sql.inspecting import Inspection

    look_at_file(path)
    seen = Inspection()

    def trail() -> Iterator[AuditRecord | Unreadable]:
        writers = set()
        seen.records = 0
        with path.open("rb") as file:
            for each in read_lines(_lines(file)):
                seen.records += 1
                writers.add(getattr(each, "writer", None))
                yield each
        seen.writers = len(writers - {None})

    seen.breaks = verify_long(trail, anchor, closed=closed)
    return seen


def _lines(file: BinaryIO) -> Iterator[bytes]:
    # WHY bounded: a file without an end of line must not be taken into memory whole.
    return iter(lambda: file.readline(_LONGEST_LINE), b"")


def export(
    out: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Where to; a record a line.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Write the trail into a file, as it is, writer by writer; personal parts are not in it."""
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import show, show_json
    from callpolicy.stores.sql.inspecting import rows
    from callpolicy.stores.sql.measuring import count_records

    shown = language or language_of_environment()
    count = 0
    with (
        opened_whole(store) as there,
        whole_file(out) as file,
        progress(count_records(there), said("exporting", shown), wanted=not as_json) as on_progress,
    ):
        for row in rows(there):
            file.write(row.line + b"\n")
            count += 1
            if on_progress is not None and count % _AT_ONCE == 0:
                on_progress(count)
    if as_json:
        show_json({"file": str(out), "records": count, "parts": 0})
    else:
        show(said("exported", shown, file=out, count=count))


_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    "head": (
        head,
        "Export where the trail ends, with one digest.",
        ("callpolicy audit head", "callpolicy audit head --out head.json", "callpolicy audit head --json"),
    ),
    "verify": (
        verify,
        "Verify that the trail is what was written.",
        (
            "callpolicy audit verify --head head.json",
            "callpolicy audit verify --trail trail.jsonl --head head.json --closed --json",
        ),
    ),
    "export": (
        export,
        "Write the trail into a file.",
        ("callpolicy audit export trail.jsonl", "callpolicy audit export trail.jsonl --json"),
    ),
    "show": (
        show_record,
        "Show a decision or act as it was, with its reasons.",
        (
            "callpolicy audit show c17#3",
            "callpolicy audit show c17 --language zh-CN",
            "callpolicy audit show desk#4 --json",
        ),
    ),
    "remake": (
        remake,
        "Make recorded decisions again and compare.",
        ("callpolicy audit remake c17#3", "callpolicy audit remake --all --since 2026-03-01T00:00:00+08:00 --json"),
    ),
}

register(audit, _COMMANDS)
