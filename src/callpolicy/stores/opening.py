"""A store by its URL."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from callpolicy.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from callpolicy.stores.sql import SqlStore

PATIENCE: Final = 2.0
"""How long a store is waited for before it counts as failed. Units: seconds."""

_SQLITE: Final = "sqlite"
_POSTGRES: Final = "postgresql+psycopg"
_HINT: Final = "write `sqlite:///file.db` or `postgresql+psycopg://…`"


def open_store(
    url: str, *, patience: float = PATIENCE, create: bool = True, migrate: bool = False, secret: bytes | None = None
) -> SqlStore:
    """Open the store that a URL names.

    Args:
        url: `sqlite:///callpolicy.db` (a file beside the process; four slashes for an absolute path) or
            `postgresql+psycopg://user@host/database`.
        patience: how long to wait for a store that is locked, slow or gone before it counts as failed, in seconds.
        create: whether to make the tables where there are none yet.
        migrate: whether to bring the tables of an older version to this one; else they are refused.
        secret: of the centre, at least 16 bytes; `None` for the one in its file, see `callpolicy.stores.secret`.

    Raises:
        UsageError: the URL is none of a store.
        MissingExtraError: what the store needs is not installed.
        StoreError: it cannot be opened, was written by another version, or with another secret.

    >>> open_store("mysql://localhost/calls")
    Traceback (most recent call last):
      ...
    callpolicy.errors.UsageError: this is no URL of a store; write `sqlite:///file.db` or `postgresql+psycopg://…`
    """
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in {_SQLITE, _POSTGRES}:
        raise UsageError(f"this is no URL of a store; {_HINT}")
    if scheme == _SQLITE and rest.partition("?")[0].strip("/") in {"", ":memory:"}:
        raise UsageError("`sqlite://` names no file; write `sqlite:///file.db`, or leave the store out for memory")
    if patience <= 0:
        raise UsageError("`patience` must be more than 0 seconds")
    _require("sqlalchemy", "store", f"the store `{scheme}`")
    _require("alembic", "store", f"the store `{scheme}`")
    if scheme == _POSTGRES:
        _require("psycopg", "postgres", f"the store `{scheme}`")
    from callpolicy.stores.sql import SqlStore  # noqa: PLC0415  # WHY: only whoever has the extra can load it

    return SqlStore(url, patience=patience, create=create, migrate=migrate, secret=secret)


def _require(module: str, extra: str, what: str) -> None:
    if find_spec(module) is None:
        raise MissingExtraError(extra, what)
