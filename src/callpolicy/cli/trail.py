"""What the commands on the audit trail and the store share: the store as a whole, a bar, words for a record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from callpolicy.cli.audit_texts import said
from callpolicy.cli.options import Language
from callpolicy.cli.state import DEFAULT_STORE, hinted
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.audit import Anchor
    from callpolicy.policy import Bundle
    from callpolicy.reports import Table
    from callpolicy.stores.base import Activation, Kept, Store
    from callpolicy.stores.sql import SqlStore

PATIENCE: Final = 60.0
"""How long one statement may take: counting and erasing millions of rows does. Units: seconds."""

_GROUP: Final = 4
_IN_A_LINE: Final = 8
_LARGEST_ANCHOR: Final = 16 << 20
_KIB: Final = 1024

IdArgument = Annotated[
    str,
    typer.Argument(metavar="ID", help="Id of a decision, a call, a block, or `writer#number` of one record."),
]  # fmt: skip


@contextmanager
def opened_whole(url: str | None, *, create: bool = False, migrate: bool = False) -> Iterator[SqlStore]:
    """The store that a command works on as a whole, closed at its end.

    Args:
        url: as given; the default file if it was not.
        create: whether to make one where there is none.
        migrate: whether to bring the tables of an older version to this one.
    """
    from callpolicy.stores import open_store

    place = url or DEFAULT_STORE
    with hinted(place):
        store = open_store(place, patience=PATIENCE, create=create, migrate=migrate)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def progress(total: int, label: str, *, wanted: bool) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, if it is wanted and somebody looks at it."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from callpolicy.cli.terminal import screen

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(stderr=True), transient=True) as shown:
        task = shown.add_task(label, total=total)
        yield lambda done: shown.update(task, completed=done)


def read_anchor(path: Path) -> Anchor:
    """An anchor that was exported.

    Raises:
        UsageError: the file cannot be read.
        AuditError: it is no anchor, or was changed.
    """
    from callpolicy.audit import Anchor
    from callpolicy.cli.inputs import read_bytes
    from callpolicy.errors import AuditError
    from callpolicy.rulefile.sources import quoted

    try:
        return Anchor.from_json(read_bytes(path, _LARGEST_ANCHOR))
    except AuditError as error:
        why = str(error).removeprefix("anchor: ")
        if "do not agree" not in why:
            why = "this holds no heads of an audit trail; `callpolicy audit head --out FILE` writes them"
        raise AuditError(f"`--head` {quoted(path.name)}: {why}") from None


def spaced(digest: str) -> list[str]:
    """A digest in groups of four, as people read it out.

    >>> spaced("sha256:" + "0123456789abcdef" * 4)[0]
    'sha256  0123 4567 89ab cdef 0123 4567 89ab cdef'
    """
    name, _, digits = digest.partition(":")
    groups = [digits[place : place + _GROUP] for place in range(0, len(digits), _GROUP)]
    lines = [" ".join(groups[place : place + _IN_A_LINE]) for place in range(0, len(groups), _IN_A_LINE)]
    return [f"{name}  {lines[0]}", *(f"{' ' * len(name)}  {line}" for line in lines[1:])]


def sized(length: int) -> str:
    """A number of bytes.

    >>> sized(1023), sized(1536), sized(3 * 1024 * 1024)
    ('1023 B', '1.5 KiB', '3.0 MiB')
    """
    if length < _KIB:
        return f"{length} B"
    value = float(length)
    for unit in ("KiB", "MiB", "GiB"):
        value /= _KIB
        if value < _KIB:
            return f"{value:.1f} {unit}"
    return f"{value / _KIB:.1f} TiB"


def table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[tuple[str, ...]]) -> Table:
    """A table; a column is its heading and `n` for numbers, `w` for what must not be broken over lines, or nothing."""
    from callpolicy.reports import Column, Table

    made = tuple(Column(name, number=how == "n", whole=how == "w") for name, how in columns)
    return Table(title, made, tuple(rows))


def name_of(kept: Kept) -> str:
    """What a record is called: `writer#number`."""
    return f"{kept.record.writer}#{kept.record.number}"


def found(store: Store, ref: str) -> tuple[Kept, ...]:
    """The records that an id names, in order.

    Raises:
        UsageError: there are none.
        AuditError: one of them was changed so that it is no record any more.
    """
    from callpolicy.errors import AuditError
    from callpolicy.rulefile.sources import quoted

    try:
        named = store.find(ref) or _numbered(store, ref)
    except AuditError:
        raise AuditError(
            f"what is recorded of {quoted(ref)} is no record any more; see `callpolicy audit verify`"
        ) from None
    if not named:
        raise UsageError(f"there is no audit record of {quoted(ref)}")
    return named


def _numbered(store: Store, ref: str) -> tuple[Kept, ...]:
    writer, mark, number = ref.rpartition("#")
    if not mark or not writer or not number.isascii() or not number.isdigit():
        return ()
    first = next(iter(store.records(writer, int(number))), None)
    return () if first is None or first.record.number != int(number) else (first,)


class Span(NamedTuple):
    """From when until when a revision was the one that had begun last; `until` is `None` for still."""

    revision: str
    since: int
    until: int | None


def spans(activations: Iterable[Activation]) -> list[Span]:
    """Which revision was live when: from its first beginning until another one begins.

    Several engines run at once, and one may go on with an older revision for a while: this says which one was newest.
    """
    made: list[Span] = []
    for each in sorted(activations):
        if made and made[-1].revision == each.revision:
            continue
        if made:
            made[-1] = made[-1]._replace(until=each.at)
        made.append(Span(each.revision, each.at, None))
    return made


def live_norm(store: Store) -> Bundle | None:
    """The norm that began to decide last, as the store kept it; `None` if there is none."""
    from callpolicy.runtime.revisiting import kept_bundle

    began = store.activations()
    return kept_bundle(store, began[-1].revision) if began else None


def zone_of(store: Store) -> str:
    """The zone in which times are told: that of the norm that began to decide last."""
    bundle = live_norm(store)
    return "UTC" if bundle is None else bundle.settings.time_zone


def local(at: int, zone: str) -> str:
    """An instant in a zone, to the second, with its offset."""
    from zoneinfo import ZoneInfo

    from callpolicy.instants import moment

    try:
        return moment(at).astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")
    except (OverflowError, KeyError, ValueError):
        return moment(at).isoformat(" ", "seconds")


def clear_text(value: object) -> str:
    """What somebody wrote into a record, as one line without what looks like a telephone number."""
    from callpolicy.cli.block_texts import free_text

    if isinstance(value, list | tuple):
        return ", ".join(clear_text(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{clear_text(name)} {clear_text(each)}" for name, each in value.items())
    return "–" if value is None else free_text(str(value))


def personal_state(kept: Kept) -> str:
    """What became of the personal part of a record: `kept`, `erased`, `never` (kept) or `none`."""
    if not kept.record.names:
        return "none"
    if kept.record.commitment is None:
        return "never"
    return "erased" if kept.part is None else "kept"


def span_words(lived: Iterable[Span], zone: str, language: Language) -> str:
    """When a revision was live, in words."""
    told = [
        said("live_on", language, begin=local(each.since, zone))
        if each.until is None
        else said("live_span", language, begin=local(each.since, zone), end=local(each.until, zone))
        for each in lived
    ]
    return said("live", language, spans="; ".join(told)) if told else said("live_unknown", language)


def span_dicts(lived: Iterable[Span]) -> list[dict[str, Any]]:
    """The same as plain values for JSON."""
    from callpolicy.instants import instant_text

    return [
        {
            "revision": each.revision,
            "since": instant_text(each.since),
            "until": None if each.until is None else instant_text(each.until),
        }
        for each in lived
    ]


def plain_text(value: object) -> str:
    """What stands in a record that names no person, as one line."""
    from callpolicy.cli.block_texts import one_line

    if isinstance(value, list | tuple):
        return ", ".join(one_line(str(each)) for each in value)
    return "–" if value is None else one_line(str(value))
