"""A bundle on disk: read from its folder, and a new one started from the starter norm."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from callpolicy.errors import Finding, RuleFileError, UsageError
from callpolicy.policy import Bundle
from callpolicy.rulefile.loading import MAX_FILES, read_bundle_files
from callpolicy.rulefile.schemas import schemas
from callpolicy.rulefile.sources import MAX_BYTES, whole_file

_SCHEMA_LINE: Final = "# yaml-language-server: $schema="
_MOST_ENTRIES: Final = 10 * MAX_FILES


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle from its folder.

    Args:
        folder: the folder that holds `policy.yaml`.

    Raises:
        RuleFileError: with every fault of every file.
        UsageError: the folder is not there, or cannot be read.
    """
    bundle, findings = read_bundle(folder)
    if bundle is None:
        raise RuleFileError(findings)
    return bundle


def read_bundle(folder: Path) -> tuple[Bundle | None, tuple[Finding, ...]]:
    """As `load_bundle`, with the faults as a result.

    Returns:
        the bundle, or `None` if there are faults; and the findings, by file and place.
    """
    files, faults = read_files(folder)
    bundle, findings = read_bundle_files(files)
    if not faults:
        return bundle, findings
    whole = (*faults, *findings)
    return None, tuple(sorted(whole, key=lambda finding: str(finding.span and finding.span.file)))


def read_files(folder: Path) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """The YAML files of a folder, and what keeps one of them from being read.

    Links are refused: a bundle is what its folder holds, wherever it is copied to.

    Raises:
        UsageError: the folder is not there, or cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"`{folder.name}` is no folder; a bundle is the folder that holds `policy.yaml`")
    files: dict[str, bytes] = {}
    faults: list[Finding] = []
    entries = 0
    open_folders = [folder]
    while open_folders:
        for path in sorted(_entries(open_folders.pop())):
            name = path.relative_to(folder).as_posix()
            entries += 1
            if entries > _MOST_ENTRIES or len(files) > MAX_FILES:
                return files, (*faults, whole_file(".", "too-many-files", f"a bundle has at most {MAX_FILES} files"))
            if path.name.startswith("."):
                continue
            if path.is_symlink():
                hint = "put the file itself there"
                faults.append(whole_file(name, "path-escapes", "links are not followed in a bundle", hint))
            elif path.is_dir() and _is_named_as_file(path):
                hint = "it may be meant for the file of that name; rename it"
                faults.append(whole_file(name, "not-a-file", "a folder is named as a rule file", hint))
            elif path.is_dir():
                open_folders.append(path)
            elif _is_named_as_file(path):
                data = _read(path)
                if data is None:
                    faults.append(
                        whole_file(name, "unreadable-file", "the file cannot be read", "look at its permissions")
                    )
                else:
                    files[name] = data
    return files, tuple(faults)


def _is_named_as_file(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise UsageError(f"folder `{folder.name}` cannot be read: {error.strerror}") from error


def _read(path: Path) -> bytes | None:
    try:
        # WHY not `read_bytes`: a pipe would wait for ever, a device never ends.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None


def starter_folder() -> Path:
    """The folder of the starter norm: in the installed package, else at the top of the checkout.

    Raises:
        UsageError: it is in neither place.
    """
    for folder in (Path(str(importlib.resources.files("callpolicy"))) / "rules", Path(__file__).parents[3] / "rules"):
        if folder.is_dir():
            return folder
    raise UsageError("the starter norm is missing from this installation")


@cache
def starter_norm() -> Bundle:
    """The starter norm, read once in a process: it comes with the package and does not change.

    Raises:
        RuleFileError: it cannot be used as written.
        UsageError: it is missing from this installation.
    """
    return load_bundle(starter_folder())


def init_bundle(target: Path, source: Path | None = None) -> None:
    """Start a bundle: a copy of the starter norm, with the JSON Schemas its files name; whole, or not at all.

    Args:
        target: the new folder; it may be there if it is empty.
        source: the bundle to copy; the starter norm if left out.

    Raises:
        UsageError: the target is a file or not empty, or cannot be written, or the source cannot be copied as it is.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"`{target.name}` is there already and not empty; take a new folder")
    files, faults = read_files(source or starter_folder())
    if faults:
        raise RuleFileError(faults)
    try:
        with _whole_folder(target) as folder:
            for name, data in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_with_own_schemas(data))
            write_schemas(folder / "schemas")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"`{target.name}` cannot be written: {reason}; nothing was left half written") from error


@contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, whose content gets its place when all of it is there."""
    there = target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    # WHY inside a folder that is there: it may be the one in which the user stands, or a mount, which stay as they are.
    beside = target if there else target.parent
    with tempfile.TemporaryDirectory(prefix=".callpolicy-", suffix=".part", dir=beside) as part:
        whole = Path(part) / "norm"
        whole.mkdir()
        yield whole
        if not there:
            whole.replace(target)
            return
        placed: list[Path] = []
        try:
            for path in sorted(whole.iterdir()):
                placed.append(path.replace(target / path.name))
        except OSError:
            for path in placed:
                _remove(path)
            raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_schemas(folder: Path) -> None:
    """Write the JSON Schema of every kind of file, as `NAME.schema.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.schema.json").write_text(text, encoding="utf-8")


def _with_own_schemas(data: bytes) -> bytes:
    """Let the first line name the schemas beside the files: `../../schemas/…` becomes `../schemas/…`."""
    first, newline, rest = data.partition(b"\n")
    line = first.decode("utf-8", "replace")
    if not line.startswith(f"{_SCHEMA_LINE}../"):
        return data
    return (_SCHEMA_LINE + line.removeprefix(f"{_SCHEMA_LINE}../")).encode() + newline + rest
