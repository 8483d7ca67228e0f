"""The secret of a store: what makes the persons in it unreadable to whoever has the tables only.

It is given, or named by `CALLPOLICY_SECRET_FILE`, or lies in a file of its own: beside a file of SQLite, and for a
server in the folder in which programs keep their state. A new store makes one where there is none. A store remembers
which secret it was written with, and another one is refused: with it nobody would be found.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from callpolicy.audit import Keys
from callpolicy.errors import StoreError

NAMED_BY: Final = "CALLPOLICY_SECRET_FILE"
"""The variable of the environment that names the file of the secret."""

SHORTEST: Final = 16
"""The shortest secret. Units: bytes."""

_MADE: Final = 32
_LONGEST: Final = 4_096
_CHECKED: Final = 62


def state_folder() -> Path:
    """Where programs of this user keep their state.

    Source: XDG Base Directory Specification 0.8, `$XDG_STATE_HOME`.
    """
    named = os.environ.get("XDG_STATE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "state") / "callpolicy"


def secret_file(place: Path) -> Path:
    """The file in which the secret of a store lies.

    Args:
        place: where it lies unless the environment names another one.
    """
    named = os.environ.get(NAMED_BY, "")
    return Path(named) if named else place


def find_secret(place: Path, *, make: bool) -> bytes | None:
    """The secret that lies in a file.

    Args:
        place: the file, see `secret_file`.
        make: whether to make one where there is none; of several processes that do so at once all get the same.

    Returns:
        the secret, or `None` if there is none and none was to be made.

    Raises:
        StoreError: it cannot be read or written, or is too short to keep anything secret.
    """
    try:
        if make and not place.exists():
            _make(place)
        with place.open("rb") as file:
            secret = file.read(_LONGEST).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        hint = f"name another file by `{NAMED_BY}`"
        raise StoreError(
            f"the secret of the store, `{place.name}`, cannot be read or written: {reason}; {hint}"
        ) from None
    if len(secret) < SHORTEST:
        raise StoreError(f"the secret of the store, `{place.name}`, is shorter than {SHORTEST} bytes")
    return secret


def _make(place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}.", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(_MADE).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # WHY a link: it fails where there is one already, so that nobody's secret is ever replaced.
            os.link(name, place)
        except FileExistsError:
            return
        _onto_disk(place.parent)
    finally:
        Path(name).unlink()


def _onto_disk(folder: Path) -> None:
    # WHY: without its name on disk the secret is gone after a power cut, and the store that was made with it stays.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_of(keys: Keys) -> int:
    """What a store keeps to tell one secret from another; it tells nothing of the secret."""
    return keys.key_hash("the secret of this store") % (1 << _CHECKED)
