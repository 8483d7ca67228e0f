"""What a database says when it fails, in words for the operator: never a value, which may be a telephone number."""

from __future__ import annotations

import sqlite3
from typing import Final

# Source: https://www.sqlite.org/rescode.html, primary result codes.
_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another process",
    "SQLITE_LOCKED": "is locked by another process",
    "SQLITE_FULL": "has no room left: the disk is full",
    "SQLITE_IOERR": "cannot be read or written: the disk fails or is full",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_NOTADB": "is damaged, or no database of SQLite",
    "SQLITE_READONLY": "may not be written by this user",
    "SQLITE_CANTOPEN": "cannot be opened: it is not there, not for this user, or on a disk that may only be read",
    "SQLITE_PERM": "may not be used by this user",
    "SQLITE_AUTH": "may not be used by this user",
}
# Source: PostgreSQL 15 documentation, appendix A, "PostgreSQL Error Codes". The longest beginning that fits is taken.
_POSTGRES: Final = {
    "08": "is gone",
    "25006": "may not be written: it is a standby, or read-only",
    "28": "does not let this user in",
    "3D": "has no such database",
    "40": "had to give way to another process too often",
    "42501": "may not be used, or not be written, by this user",
    "42P01": "lacks a table; restore it from a backup",
    "53": "has no room left: disk, memory or connections are used up",
    "53100": "has no room left: the disk is full",
    "53300": "lets no more connections in",
    "55P03": "is locked by another process",
    "57": "is being stopped",
    "57014": "was too slow to answer",
    "58": "cannot read or write its files",
    "XX001": "is damaged; restore it from a backup",
    "XX002": "is damaged; restore it from a backup",
}
_CODE: Final = 5
_GIVE_WAY: Final = frozenset({"40001", "40P01"})
_BUSY: Final = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})


def _code(error: BaseException) -> str:
    if isinstance(error, sqlite3.Error):
        # Such as SQLITE_IOERR_WRITE: the first two words are the primary code.
        return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])
    return str(getattr(error, "sqlstate", None) or "")


def may_be_tried_again(error: BaseException) -> bool:
    """Whether another process was in the way, so that the same may work in a moment."""
    return _code(error) in _BUSY | _GIVE_WAY


def told(error: BaseException) -> str:
    """What happened, as the end of a sentence that begins with the store.

    Args:
        error: an error of the driver.
    """
    code = _code(error)
    if code in _SQLITE:
        return _SQLITE[code]
    for length in (_CODE, 2):
        if code[:length] in _POSTGRES:
            return _POSTGRES[code[:length]]
    if not code and not isinstance(error, sqlite3.Error):
        # WHY gone: a client that has no answer from the server has no code of the server either.
        return "is gone: no connection, or no answer"
    return f"failed with `{code or type(error).__name__}`"
