"""The audit trail and the revisions that were live, in the tables."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from callpolicy.audit import AuditRecord, Chain, Head, PersonalPart, from_line, to_line
from callpolicy.lists.covers import key_text
from callpolicy.stores.base import AGAIN, Activation, Kept, is_named
from callpolicy.stores.sql.database import Database, Driver
from callpolicy.stores.sql.rows import text_from
from callpolicy.stores.sql.tables import Tables

_AT_ONCE: Final = 2_000
_ERASED_AT_ONCE: Final = 5_000
"""Personal parts that one transaction erases, so that no call waits long for it."""


def append(tables: Tables, driver: Driver, kept: Sequence[Kept]) -> None:
    """Keep records; one of the same writer and number that is there stays as it is."""
    run, trail = driver.execute, tables.trail
    for record, part, ref in kept:
        own = {"writer": key_text(record.writer), "number": record.number, "at": record.at}
        line = to_line(record).decode()
        new = run(
            trail.append, {**own, "subject": key_text(record.subject), "ref": key_text(ref), "line": line}
        ).rowcount
        # WHY only with its record: a part that was erased stays erased.
        if new and part is not None:
            run(trail.append_part, {**own, "salt": part.salt, "sealed": part.sealed})


def head(tables: Tables, driver: Driver, writer: str) -> Head:
    """Where the chain of a writer ends."""
    row = driver.execute(tables.trail.last, {"writer": key_text(writer), "most": 1}).fetchone()
    return Chain.begin(writer).head if row is None else _head(_record(row[0]))


def heads(tables: Tables, database: Database) -> tuple[Head, ...]:
    """Where the chain of each writer ends."""
    return tuple(sorted(_head(_record(line)) for (line,) in database.read(tables.trail.lasts, {})))


def records(tables: Tables, database: Database, writer: str | None, first: int) -> Iterator[Kept]:
    """The trail, some thousand records at a time."""
    names = [each.writer for each in heads(tables, database)] if writer is None else [writer]
    for name in names:
        number = first
        while True:
            values = {"writer": key_text(name), "first": number, "most": _AT_ONCE}
            rows = database.read(tables.trail.after, values)
            yield from map(_kept, rows)
            if len(rows) < _AT_ONCE:
                break
            number = rows[-1][5] + 1


def find(tables: Tables, database: Database, ref: str) -> tuple[Kept, ...]:
    """The records that a ref names."""
    rows = database.read(tables.trail.find, {"ref": key_text(ref), "again": key_text(f"{ref}{AGAIN}")})
    return tuple(kept for kept in map(_kept, rows) if is_named(kept, ref))


def erase(tables: Tables, driver: Driver, before: int) -> tuple[int, bool]:
    """Drop some personal parts that are about an instant before; how many, and whether there may be more."""
    number: int = driver.execute(tables.trail.drop_parts, {"before": before, "most": _ERASED_AT_ONCE}).rowcount
    return number, number == _ERASED_AT_ONCE


def _record(line: str) -> AuditRecord:
    return from_line(line.encode())


def _head(record: AuditRecord) -> Head:
    return Head(record.writer, record.number, record.digest)


def _kept(row: Sequence[Any]) -> Kept:
    line, ref, salt, sealed, _, _ = row
    record = _record(line)
    part = None
    if salt is not None:
        part = PersonalPart(writer=record.writer, number=record.number, salt=salt, sealed=sealed)
    return Kept(record, part, text_from(ref))


def keep_revision(
    tables: Tables, driver: Driver, revision: str, files: Mapping[str, bytes], activation: Activation
) -> None:
    """Keep the files of a bundle, and that it began to decide."""
    name = {"revision": key_text(revision)}
    if driver.execute(tables.trail.revision, name).fetchone() is None:
        driver.execute(tables.trail.put_revision, {**name, "files": _packed(files)})
    own = {"revision": key_text(activation.revision), "writer": key_text(activation.writer), "at": activation.at}
    driver.execute(tables.trail.activate, own)


def revision(tables: Tables, database: Database, name: str) -> Mapping[str, bytes] | None:
    """The files of a bundle that was kept."""
    rows = database.read(tables.trail.revision, {"revision": key_text(name)})
    return _unpacked(rows[0][0]) if rows else None


def activations(tables: Tables, database: Database) -> tuple[Activation, ...]:
    """Which revision was live when."""
    rows = database.read(tables.trail.activations, {})
    return tuple(Activation(at, text_from(name), text_from(writer)) for at, name, writer in rows)


def _packed(files: Mapping[str, bytes]) -> bytes:
    # WHY latin-1: it gives every byte back as it was, whatever the file is written in.
    return zlib.compress(json.dumps({name: data.decode("latin-1") for name, data in files.items()}).encode())


def _unpacked(data: bytes) -> Mapping[str, bytes]:
    return {name: text.encode("latin-1") for name, text in json.loads(zlib.decompress(data)).items()}
