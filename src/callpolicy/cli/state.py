"""What the commands on blocks, cases and the audit trail begin with: the store, the norm, who acts, and when."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.lifecycle import Actor
    from callpolicy.policy import Bundle
    from callpolicy.runtime.desk import Desk
    from callpolicy.stores.base import Store

DEFAULT_STORE: Final = "sqlite:///callpolicy.db"
CLOCKS_DIFFER: Final = 300_000_000
"""How much later than now an act may be dated. Units: microseconds."""


@contextmanager
def opened(url: str | None, *, create: bool = False) -> Iterator[Store]:
    """The store that a command works on, closed at its end.

    Args:
        url: as given; the default file if it was not.
        create: whether to make one where there is none.
    """
    from callpolicy.stores import open_store

    place = url or DEFAULT_STORE
    with hinted(place):
        store = open_store(place, create=create)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def hinted(place: str) -> Iterator[None]:
    """Say of a store that cannot be opened what to do about it.

    Args:
        place: its URL, as it was given.
    """
    from callpolicy.errors import StoreError

    try:
        yield
    except StoreError as error:
        told = str(error)
        if place.startswith("sqlite:"):
            # WHY only there: the URL of a server may hold a password.
            told = told.replace("`callpolicy store init`", f"`callpolicy store init {shlex.quote(place)}`")
        elif "is gone: no connection" in told:
            told += "; look whether the server runs, and at host, port, database, user and password of `--store`"
        if told == str(error):
            raise
        raise StoreError(told) from error


def norm(rules: Path | None) -> Bundle:
    """The norm that governs: that of a folder, or the starter norm."""
    from callpolicy.cli.inputs import read_norm

    return read_norm(rules)


def at_desk(store: Store, bundle: Bundle, person: str, roles: Iterable[str] | None) -> tuple[Desk, Actor]:
    """The desk, and who sits at it.

    Raises:
        GovernanceError: the norm does not know this person, or not in this role.
    """
    from callpolicy.runtime.desk import Desk

    desk = Desk(store, bundle)
    return desk, desk.actor(person, roles or ())


def look_at_clock(at: int) -> None:
    """Refuse what is said to be done later than now.

    WHY some minutes: the clocks of two machines differ.

    Raises:
        UsageError: it lies in the future.
    """
    if at > time.time_ns() // 1_000 + CLOCKS_DIFFER:
        raise UsageError("`--at` lies in the future; what is not done yet cannot be recorded")


def instant_of(text: str | None, option: str = "--at") -> int:
    """When something is done: an instant as written, or now. Units: microseconds.

    Args:
        text: the instant; `None` for now.
        option: where it was written.

    Raises:
        UsageError: it is no instant.
    """
    from callpolicy.instants import parse_instant
    from callpolicy.rulefile.sources import quoted

    if text is None:
        return time.time_ns() // 1_000
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        hint = "write one such as `2027-01-31T10:00:00+08:00`"
        raise UsageError(f"`{option}`: {quoted(text)} is no instant with a zone; {hint}") from None
