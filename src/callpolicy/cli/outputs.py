"""Files that commands write: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from callpolicy.errors import UsageError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when it is whole.

    It is written beside its place and renamed at the end; whatever goes wrong before, what stood there stays. A
    device or pipe is written as it is.

    Raises:
        UsageError: it cannot be written: no such folder, no permission, no space left.
    """
    from callpolicy.rulefile.sources import quoted

    try:
        if _is_special(path):
            with path.open("wb") as stream:
                yield stream
            return
        with _beside(path) as beside:
            yield beside
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{quoted(path)} cannot be written: {reason}; nothing was left half written") from error


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        from callpolicy.rulefile.sources import quoted

        raise UsageError(f"{quoted(path)} is a folder; name a file")
    return not stat.S_ISREG(mode)


@contextmanager
def _beside(path: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        # WHY: a temporary file is readable by its owner alone; what is written has the rights of any new file.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
