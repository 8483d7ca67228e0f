"""A norm from a folder or from a revision of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callpolicy.errors import Finding, RuleFileError, UsageError

if TYPE_CHECKING:
    from callpolicy.policy import Bundle

_LARGEST: Final = 64 * 2**20
_SECONDS: Final = 60


def norm_of(named: str, folder: Path) -> Bundle:
    """A norm by its folder, or by a revision of git, as `main` or `HEAD~1:rules`.

    Args:
        named: a folder; or a revision, with or without a folder in it.
        folder: the folder that is looked at in a revision which names none; relative to where the command runs.

    Raises:
        RuleFileError: it cannot be used as written; the places say which norm they are in.
        UsageError: there is neither such a folder nor such a revision.
    """
    from callpolicy.rulefile import load_bundle, load_bundle_files

    try:
        if Path(named).is_dir():
            return load_bundle(Path(named))
        revision, colon, inside = named.partition(":")
        return load_bundle_files(_files_of(revision, inside if colon else folder.as_posix(), named))
    except RuleFileError as error:
        raise RuleFileError(tuple(_placed(each, named) for each in error.findings)) from None


def _placed(finding: Finding, named: str) -> Finding:
    """A finding with the norm before the file: two norms have files of the same names."""
    if finding.span is None:
        return finding
    return replace(finding, span=replace(finding.span, file=f"{named.rstrip('/')}/{finding.span.file}"))


def _files_of(revision: str, folder: str, named: str) -> dict[str, bytes]:
    from callpolicy.rulefile.sources import quoted

    # WHY `--end-of-options`: a revision that looks like an option is no option.
    # WHY `./`: git takes a path after the colon from the top of the repository, a person from where they are.
    tree = f"{revision}:./{folder.removeprefix('./')}"
    try:
        found = subprocess.run(
            ["git", "archive", "--format=tar", "--end-of-options", tree],  # the git that is installed
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(f"{quoted(named)} is no folder, and git cannot be asked for a revision of that name") from None
    if found.returncode:
        raise UsageError(
            f"{quoted(named)} is no folder, and no revision of git that holds the folder {quoted(folder)}; "
            "write a folder, a revision, or `REVISION:FOLDER`"
        )
    return _unpacked(found.stdout, named)


def _unpacked(data: bytes, named: str) -> dict[str, bytes]:
    from callpolicy.rulefile.sources import quoted

    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith((".yaml", ".yml")):
                continue
            if member.size > _LARGEST:
                raise UsageError(f"a file in {quoted(named)} is too large")
            stream = archive.extractfile(member)
            if stream is not None:
                files[member.name] = stream.read()
    return files
