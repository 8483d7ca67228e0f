"""A file beside the process for what the store does not take: whoever starts next delivers what a dead process left.

Each line is sealed under the store's secret, for it may hold a telephone number. A line that was cut off by a crash, or
was changed, is passed over and counted.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callpolicy.audit import Keys
from callpolicy.errors import AuditError
from callpolicy.runtime.keeping import Keep, keep_from_text, keep_to_text

LARGEST: Final = 256 * 1024 * 1024
"""How large a file may grow. Units: bytes."""

_SALT: Final = 16
_SALT_TEXT: Final = 2 * _SALT
_NAME: Final = b"spool"
_ENDING: Final = ".waiting"
UNREADABLE: Final = ".unreadable"
"""Ending of a file of which some lines were cut off, changed, or sealed under another secret."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What a dead process left.

    Args:
        keeps: what was to be kept, in order.
        unreadable: lines that are none.
    """

    keeps: tuple[Keep, ...]
    unreadable: int


class Spool:
    """The file of one engine. It is there only while something waits.

    INVARIANT: whoever holds the lock of a file is the only one that writes, reads or removes it.

    Args:
        folder: where it lies; made when it is needed, for its owner only.
        keys: of the centre.
    """

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._keys = keys
        self._unreadable = 0
        self._handle: int | None = None
        self._path: Path | None = None
        self.fault = ""
        """Why the last lines could not be written."""

    def write(self, keeps: Sequence[Keep]) -> bool:
        """Add lines; they are on disk when this returns.

        Returns:
            whether that could be done for all: a disk may be full for the file too.
        """
        lines = [line for keep in keeps if (line := self._line(keep)) is not None]
        try:
            handle = self._open()
            end = os.fstat(handle).st_size
            whole = b"".join(lines)
            # WHY a limit: a file that fills the disk would take the store down with it.
            if end + len(whole) > LARGEST:
                self.fault = "it is as large as it may grow"
                return False
            _append(handle, whole, end)
            os.fsync(handle)
        except OSError as error:
            # WHY not the whole error: it names the file, which whoever reads the log need not know.
            self.fault = (error.strerror or type(error).__name__).lower()
            return False
        self.fault = "some of it is no JSON"
        return len(lines) == len(keeps)

    def clear(self) -> None:
        """Everything that could be read was delivered: the file goes, or, for what nobody could read, is set aside."""
        if self._path is not None:
            with suppress(OSError):
                if self._unreadable:
                    # WHY: a line of another secret is somebody's, and can be read once the right one is back.
                    self._path.rename(self._path.with_suffix(UNREADABLE))
                else:
                    self._path.unlink()
        self.release()

    def release(self) -> None:
        """Let go of the file as it is."""
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
        self._handle = self._path = None

    def adopt(self) -> Iterator[tuple[LeftOver, Spool]]:
        """The files of processes that are no more, each with the spool that holds its lock: clear it when delivered."""
        with suppress(OSError):
            for path in sorted(self._folder.glob(f"*{_ENDING}")):
                if path == self._path:
                    continue
                other = Spool(self._folder, self._keys)
                found = other._take(path)
                if found is not None:
                    yield found, other

    def _take(self, path: Path) -> LeftOver | None:
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # WHY again: between opening and locking another process may have delivered and removed it.
            if path.stat().st_ino != os.fstat(handle).st_ino:
                raise FileNotFoundError
            lines = path.read_bytes().split(b"\n")
        except OSError:
            os.close(handle)
            return None
        self._handle, self._path = handle, path
        read = [self._read(line) for line in lines if line]
        self._unreadable = sum(each is None for each in read)
        return LeftOver(tuple(each for each in read if each is not None), self._unreadable)

    def _open(self) -> int:
        if self._handle is not None:
            return self._handle
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        made = self._folder / f"{name}.new"
        handle = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # WHY renamed: whoever looks for files of the dead must not find it before it is locked.
            self._path = made.rename(self._folder / f"{name}{_ENDING}")
            _sync_folder(self._folder)
        except OSError:
            os.close(handle)
            raise
        self._handle = handle
        return handle

    def _line(self, keep: Keep) -> bytes | None:
        salt = os.urandom(_SALT)
        try:
            return (salt.hex() + self._keys.seal(keep_to_text(keep), salt, _NAME)).encode() + b"\n"
        except Exception:  # WHY: a host may give what is no JSON; it waits in memory, and costs no caller anything
            return None

    def _read(self, line: bytes) -> Keep | None:
        try:
            text = line.decode("ascii")
            opened = self._keys.unseal(text[_SALT_TEXT:], bytes.fromhex(text[:_SALT_TEXT]), _NAME)
            return keep_from_text(opened) if isinstance(opened, str) else None
        except (AuditError, ValueError):
            return None


def _append(handle: int, data: bytes, end: int) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
    except OSError:
        # WHY: a line that is cut off would take the next one with it.
        with suppress(OSError):
            os.ftruncate(handle, end)
        raise


def _sync_folder(folder: Path) -> None:
    # WHY: a file whose name is not on disk is not found after a power cut.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
